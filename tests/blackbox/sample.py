"""A small digest that has one of everything, for the tests that need to know what they ask for."""

import json
import random

SITE = """\
title: A Sample Digest
subtitle: one of everything
description: |
  What the tests read. It has two categories with entries, and one without.
language: en
favicon: "🐚"
editor: {name: Jane Roe, email: jane@example.org}
licence: CC0-1.0
page_size: 5
latest: 4
categories:
  - {name: Networks, slug: networks, description: "Wires and words."}
  - {name: Tools, slug: tools}
  - {name: Nothing Yet, slug: nothing-yet}
"""

# Titles and summaries that would be markup, if a format let them.
HOSTILE = [
    "=> gemini://evil.example/ A link",
    "# A heading",
    "``` a fence",
    "* An item",
    "> A quotation",
    ".",
    "\"Quotes\" & <b>tags</b> and \\t no tab",
    "漢字かな交じり文の長い題名がここにあって幅を二倍に数えなければならないから切る所も考える必要がある題名",
    "Emoji 👩‍👩‍👧‍👦 🦀 and combining e\u0301a\u0308o\u0302 " + "a\u0301" * 40 + " " + "o\u0308" * 50,
    "A long title " + "that goes on " * 30 + "to its end",
]


def entry(title, date, **more):
    """One entry as YAML; strings are written as JSON has them, which is YAML too."""
    fields = {"title": title, "date": date, "author": "Jane Roe", "categories": ["networks"]} | more
    lines = []
    for key, value in fields.items():
        bare = key in ("date", "updated", "slug") and isinstance(value, str)
        lines.append(f"{key}: {value if bare else json.dumps(value, ensure_ascii=False)}")
    return "- " + "\n  ".join(lines) + "\n"


REGULAR = "".join(
    entry(f"Entry number {n}", f"2020-{n:02}-15", slug=f"entry-{n}", url=f"https://example.org/{n}",
          categories=["networks", "tools"] if n % 3 == 0 else ["networks"], tags=["even"] if n % 2 == 0 else ["odd"],
          author=["Jane Roe", {"name": "John Doe", "url": "https://john.example/"}] if n % 4 == 0 else "Jane Roe",
          summary=f"What number {n} says.\n\n* and why\n")
    for n in range(1, 13))

SPECIAL = "".join([
    entry("A Gemini capsule", "2019-05-01", slug="capsule", url="gemini://capsule.example/log/",
          links=[{"url": "gopher://phlog.example/1/phlog", "label": "The phlog"},
                 {"url": "gopher://phlog.example:7070/0/notes.txt", "label": "Notes"},
                 {"url": "https://web.example/?a=1&b=2#c", "label": "On the web"}],
          tags=["small-web"], updated="2019-06-01", language="de", aliases=["old-capsule", "older-capsule"],
          summary="Eine Kapsel.\n\n```sh\ncurl gemini://capsule.example/\n```\n\n> Quoted\n\n=> /about About\n"),
    entry("Withdrawn", "2019-04-01", slug="withdrawn", url="https://example.org/withdrawn", gone=True,
          aliases=["was-withdrawn"]),
    entry("Draft", "2019-03-01", slug="draft", url="https://example.org/draft", draft=True),
    entry("Not yet", "2999-01-01", slug="not-yet", url="https://example.org/not-yet", tags=["future"],
          author="Fae Future"),
])

ODD = "".join(
    entry(title, f"2018-01-{n + 1:02}", slug=f"odd-{n}", url=f"https://example.org/odd-{n}",
          tags=["odd-titles"], summary=f"Of {title}\n\n.\n\n..\n")
    for n, title in enumerate(HOSTILE))

ABOUT = """\
# About the sample

Some prose that is long enough to be wrapped on Gopher, where a line has at most sixty-seven columns.

* one
* two

=> /categories/ The categories
=> entries/entry-1 A relative link
=> https://example.org/ The web
=> gopher://gopher.example/0/file A Gopher text
"""

BINARY = random.Random(1).randbytes(70_000) + b"\r\n.\r\n" + bytes(range(256))
BIG = random.Random(2).randbytes(5_000_003)

# Lines that begin with a dot, a line that is one, a CR of its own, and no newline at the end.
DOTS = b"first\n.\n..\n.hidden\nplain.\n\n.\r\nlast without an end"

FILES = {
    "digest.yaml": SITE,
    "entries/2020/all.yaml": REGULAR,
    "entries/2019/special.yaml": SPECIAL,
    "entries/2018/odd.yaml": ODD,
    "pages/about.gmi": ABOUT,
    "files/binary.bin": BINARY,
    "files/big.bin": BIG,
    "files/dots.txt": DOTS,
    "files/page.gmi": "# A file\n\nnot a page\n",
    "files/picture.png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "files/archive.tar.gz": b"\x1f\x8b" + bytes(100),
    "files/noending": b"\x00\x01\x02\n.\n",
    "files/feed.atom": "<?xml version='1.0'?>\n<feed/>\n.\n",
    "files/deep/er/note.txt": "deep\n",
    "files/with space & ümlaut.txt": "named oddly\n",
}

# One path of every kind of page.
PAGES = [
    "/", "/latest/", "/latest/2", "/categories/", "/categories/networks/", "/categories/networks/2",
    "/categories/nothing-yet/", "/tags/", "/tags/even/", "/tags/small-web/", "/authors/",
    "/authors/jane-roe/", "/authors/jane-roe/2", "/archive/", "/archive/2020/", "/archive/2020/03/",
    "/issues/", "/issues/2020-W11", "/issues/2018-W01", "/feeds/",
    "/entries/entry-3", "/entries/capsule", "/about", "/files/", "/files/deep/", "/sitemap/",
] + [f"/entries/odd-{n}" for n in range(len(HOSTILE))]
