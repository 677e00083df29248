"""`digestd check`: every error of the content, at its exact place, all in one run.

The table below has one broken input a row. The reader of YAML and the rules of fields are tested
in detail by the unit tests test_yaml, test_entry, test_site and test_load; here it is the command.
"""

import os
import re
import time

import pytest

import sample
from smallweb import PATIENCE, SANITIZED, SHIPPED, run, write_content

A = "entries/a.yaml"
SITE = "digest.yaml"

# Line 1 to 5 of every broken entry below, unless it replaces one of them.
GOOD = """\
- title: A good entry
  url: https://example.org/good
  author: Jane Roe
  date: 2020-01-01
  categories: [networks]
"""
OTHER = GOOD.replace("A good entry", "Another").replace("/good", "/another")


def line(number, text, entry=GOOD):
    """The entry with one line replaced."""
    lines = entry.splitlines()
    lines[number - 1] = text
    return "\n".join(lines) + "\n"


def without(number, entry=GOOD):
    lines = entry.splitlines()
    del lines[number - 1]
    text = "\n".join(lines) + "\n"
    return text if number > 1 else "-" + text[1:]


BROKEN = {
    # name: (entries/a.yaml, line, column, word of the message)
    "no title": (without(1), 1, 3, "title"),
    "no url": (without(2), 1, 3, "url"),
    "no date": (without(4), 1, 3, "date"),
    "no categories": (without(5), 1, 3, "categories"),
    "unknown key, with the nearest": (GOOD + "  sumary: x\n", 6, 3, "summary"),
    "another unknown key": (line(3, "  autor: Jane"), 3, 3, "author"),
    "duplicate key": (GOOD + "  title: Again\n", 6, 3, "title"),
    "title empty": (line(1, '- title: ""'), 1, 10, "title"),
    "title is a list": (line(1, "- title: [a, b]"), 1, 10, "title"),
    "title with a line end": (line(1, '- title: "two\\nlines"'), 1, 10, "line"),
    "title with a control": (line(1, '- title: "bell \\a"'), 1, 10, "control"),
    "url relative": (line(2, "  url: /post"), 2, 8, "scheme"),
    "url without host": (line(2, "  url: https:///x"), 2, 8, "host"),
    "url with a space": (line(2, "  url: https://example.org/a b"), 2, 8, "space"),
    "url empty": (line(2, "  url:"), 2, None, "url"),
    "url of a bad scheme": (line(2, "  url: javascript:alert(1)"), 2, 8, "javascript|scheme"),
    "author empty": (line(3, "  author: []"), 3, 11, "author"),
    "author without name": (line(3, "  author: {url: https://example.org/}"), 3, 11, "name"),
    "author with unknown key": (line(3, "  author: {name: Jane, ulr: https://example.org/}"), 3, 24, "url"),
    "date that is none": (line(4, "  date: yesterday"), 4, 9, "date"),
    "date that does not exist": (line(4, "  date: 2019-02-29"), 4, 9, "29|day|28"),
    "date without offset": (line(4, "  date: 2019-02-28T10:00:00"), 4, 9, r"T10:00:00\+01:00"),
    "date without seconds": (line(4, "  date: 2019-02-28 9:30"), 4, 9, r"T09:30:00\+01:00"),
    "date with slashes": (line(4, "  date: 2019/2/8"), 4, 9, "2019-02-08"),
    "date of a bad month": (line(4, "  date: 2019-13-01"), 4, 9, "month"),
    "date short": (line(4, "  date: 2019-1-1"), 4, 9, "date|2019-01-01"),
    "category unknown": (line(5, "  categories: [netwrks]"), 5, 16, "networks"),
    "category unknown among others": (line(5, "  categories: [networks, tols]"), 5, 26, "tools"),
    "category twice": (line(5, "  categories: [networks, networks]"), 5, 26, "twice|already"),
    "categories empty": (line(5, "  categories: []"), 5, 15, "categor"),
    "tags are a mapping": (GOOD + "  tags: {a: b}\n", 6, 9, "tags|list"),
    "slug with capitals": (GOOD + "  slug: Not-A-Slug\n", 6, 9, "slug|lower|letters"),
    "slug with a slash": (GOOD + "  slug: a/b\n", 6, 9, "slug|letters"),
    "slug twice": (GOOD + "  slug: same\n\n" + OTHER + "  slug: same\n", 13, 9, "same"),
    "url twice": (GOOD + "\n" + GOOD.replace("A good entry", "Another"), 8, 8, "already|twice|used"),
    "alias that is a slug": (GOOD + "  slug: one\n\n" + OTHER + "  aliases: [one]\n", 13, 13, "one"),
    "alias twice": (GOOD + "  aliases: [old]\n\n" + OTHER + "  aliases: [old]\n", 13, 13, "old"),
    "link without url": (GOOD + "  links: [{label: x}]\n", 6, 11, "url"),
    "link of a bad url": (GOOD + "  links: [{url: nowhere, label: x}]\n", 6, 17, "scheme"),
    "draft that is no truth": (GOOD + "  draft: maybe\n", 6, 10, "true"),
    "gone that is no truth": (GOOD + "  gone: 1\n", 6, 9, "true"),
    "language that is none": (GOOD + "  language: not a language\n", 6, 13, "language"),
    "updated that is no date": (GOOD + "  updated: soon\n", 6, 12, "date"),
    "entry that is a word": (GOOD + "- word\n", 6, 3, "entry|mapping|title"),
    "tab as indent": (GOOD + "\tslug: x\n", 6, 1, "TAB"),
    "syntax": (GOOD + "  tags: [x\n", 6, 9, r"\]"),
    "quotation not closed": (GOOD + '  slug: "x\n', None, None, "quot|YAML"),
    "unknown alias": (GOOD + "  slug: *x\n", 6, 9, "anchor"),
    "key too far to the left": (line(2, " url: https://example.org/good"), 2, 2, "column 3"),
    "key too far to the right": (line(2, "    url: https://example.org/good"), 2, 8, "column 3"),
    "key in capitals": (line(2, "  URL: https://example.org/good"), 2, 3, "'url'"),
    "required key misspelt": (line(1, "- titel: A good entry"), 1, 3, "'title'"),
    "no space after the hyphen": (line(1, "-title: A good entry"), 1, 1, "'- title:'"),
    "no space after the colon": (line(1, "- title:A good entry"), 1, 3, "': '"),
    "hyphen of an entry forgotten": (GOOD + "  " + OTHER[2:], 6, 3, "'- title: ...'"),
    "apostrophe in quotation marks": (line(1, "- title: 'It's good'"), 1, 14, "apostrophe"),
    "mark in quotation marks": (line(1, '- title: "The "best" one"'), 1, 16, "closing"),
    "text behind a quotation": (line(1, '- title: "Foo" and bar'), 1, 16, "closing"),
    "title in brackets": (line(1, "- title: [Rust] is nice"), 1, 10, r"\[ in quotation"),
    "bracket not closed": (line(5, "  categories: [networks") + "  tags: [a]\n", 5, 15, r"\]"),
    "colon in a title": (line(1, "- title: Tide: the present"), 1, 14, "quotation"),
    "colon in a summary": (GOOD + "  summary: So: yes.\n", 6, 14, r"summary: \|"),
    "block not indented": (GOOD + "  summary: |\n  * text\n", 7, 3, "indent"),
    "categories are text": (line(5, "  categories: networks"), 5, 15, r"write \[networks\]"),
    "url in angle brackets": (line(2, "  url: <https://example.org/>"), 2, 8, "delete the < and >"),
    "url in curly marks": (line(2, "  url: “https://example.org/”"), 2, 8, "straight"),
    "link that is a url": (GOOD + "  links: [https://e/]\n", 6, 11, '{url: "https://e/", label: Discussion}'),
    "url twice but for case": (GOOD + "\n" + OTHER.replace("https://example.org/another", "HTTPS://Example.org/good"),
                               8, 8, "already"),
    "updated before date": (GOOD + "  updated: 2019-12-31\n", 6, 12, "2020-01-01"),
    "language by its name": (GOOD + "  language: english\n", 6, 13, "en or pt-BR"),
    "fence not closed": (GOOD + "  summary: |\n    a\n    ```\n    b\n", 8, 0, "never closed"),
    "lines end in CR": (GOOD.replace("\n", "\r"), 1, 1, "CR"),
    "UTF-16": (GOOD.encode("utf-16-le"), 1, 1, "UTF-8"),
    "two documents": (GOOD + "---\n" + OTHER, 6, 1, "document"),
    "summary with a control": (GOOD + '  summary: "a \\e[31m red"\n', 6, 12, "control"),
}


def check(directory, files):
    """(status, [(file, line, column, message)]) of what check says of this content."""
    write_content(directory, {SITE: sample.SITE, "entries/none.yaml": "# nothing\n"} | files)
    done = run("check", "-C", directory)
    text = done.stdout.decode("utf-8")
    assert not done.stderr
    found = []
    for one in text.splitlines():
        match = re.fullmatch(r"(.+?):(?:(\d+):(?:(\d+):)?)? error: (.+)", one)
        if match:
            assert match[1].startswith(f"{directory}/"), "the file can be opened by its name"
            found.append((match[1].removeprefix(f"{directory}/"), int(match[2] or 0), int(match[3] or 0), match[4]))
        else:
            assert re.fullmatch(r"\d+ errors|.* no errors; .*|.*left out.*|.*more.*", one), one
    return done.returncode, found


@pytest.mark.parametrize("name", BROKEN)
def test_one_error(tmp_path, name):
    text, number, column, word = BROKEN[name]
    status, found = check(tmp_path, {A: text})
    assert status == 1
    assert len(found) == 1, found
    file, got_line, got_column, message = found[0]
    assert file == A and re.search(word, message, re.I), message
    assert number is None or got_line == number, found
    assert column is None or got_column == column, found
    assert len(message) > 15 and "(null)" not in message


def test_no_error(tmp_path):
    status, found = check(tmp_path, sample.FILES)
    assert (status, found) == (0, [])


def test_shipped_content():
    done = run("check", "-C", SHIPPED)
    assert done.returncode == 0 and b"no errors" in done.stdout


@pytest.mark.parametrize("text", [
    b"# only a comment\n", b"", GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode(),
    ("---\n" + GOOD).encode(), "\n".join(l[2:] for l in GOOD.splitlines()).encode(),
    ("- title: &t A\n  url: https://example.org/1\n  author: *t\n  date: 2020-01-01\n  categories: &c [networks]\n"
     "- title: B\n  url: https://example.org/2\n  author: *t\n  date: 2020-01-01\n  categories: *c\n").encode(),
], ids=["comment", "empty", "good", "bom", "crlf", "document", "one entry", "aliases"])
def test_what_is_allowed(tmp_path, text):
    assert check(tmp_path, {A: text}) == (0, [])


def test_all_errors_in_one_run_in_order(tmp_path):
    """Of every file, sorted; an error hides no other, not even one of syntax."""
    status, found = check(tmp_path, {
        SITE: sample.SITE.replace("licence:", "license:"),
        "entries/b.yaml": line(4, "  date: never") + line(2, "  url: nowhere", OTHER) + "  frobnicate: 1\n",
        A: line(1, '- title: ""') + "  slug: [\n" + OTHER + "  tgas: []\n",
        "pages/bad.gmi": b"# Title\n\nbad byte \xff here\n"})
    assert status == 1
    places = [(file, number) for file, number, _, _ in found]
    assert places == sorted(places)
    for want in ((SITE, 8), ("entries/b.yaml", 4), ("entries/b.yaml", 7), ("entries/b.yaml", 11), (A, 1), (A, 12),
                 ("pages/bad.gmi", 3)):
        assert want in places, (want, found)


def test_two_hundred_errors(tmp_path):
    text = "".join(line(4, "  date: never").replace("good", f"good{n}").replace("A good0", "A x") for n in range(200))
    status, found = check(tmp_path, {A: text})
    assert status == 1
    assert [number for _, number, _, message in found if "never" in message] == [4 + 5 * n for n in range(200)]


@pytest.mark.parametrize("old, new, number, word", [
    ("title: A Sample Digest\n", "", 1, "title"),
    ("page_size: 5", "page_size: 0", 9, "page_size"),
    ("page_size: 5", "page_size: many", 9, "page_size|number"),
    ("latest: 4", "lastest: 4", 10, "latest"),
    ("slug: tools", "slug: networks", 13, "networks"),
    ("slug: tools", "slug: Tools!", 13, "slug|lower|letters"),
    ("{name: Tools, slug: tools}", "{slug: tools}", 13, "name"),
    ('favicon: "🐚"', "favicon: shell", 6, "emoji"),
    ("language: en", "language: english please", 5, "language"),
    ("email: jane@example.org", "emial: x", 7, "email"),
])
def test_errors_of_digest_yaml(tmp_path, old, new, number, word):
    assert old in sample.SITE
    status, found = check(tmp_path, {SITE: sample.SITE.replace(old, new)})
    assert status == 1 and len(found) == 1
    assert found[0][:2] == (SITE, number) and re.search(word, found[0][3]), found


@pytest.mark.parametrize("name, text, number, word", [
    ("pages/a.gmi", "", 1, "# "), ("pages/a.gmi", "text\n", 1, "# "), ("pages/a.gmi", "# A\n```\ncode\n", 2, "closed"),
    ("page/a.gmi", "# A\n", 0, "pages/"), ("digest.yml", "", 0, "digest.yaml"), ("entries/README.md", "", 0, "move"),
    ("entries/a.yml", "", 0, "a.yaml"),
])
def test_errors_of_other_files(tmp_path, name, text, number, word):
    status, found = check(tmp_path, {name: text})
    assert status == 1 and len(found) == 1
    assert name.startswith(found[0][0]) and found[0][1] == number and word in found[0][3], found


def test_other_files_beside_are_fine(tmp_path):
    names = ("README.md", "LICENSE", "Makefile", ".gitignore", "digest.yaml~")
    assert check(tmp_path, dict.fromkeys(names, "x")) == (0, [])


def test_an_example_names_a_category_there_is(tmp_path):
    for text in (without(5), line(5, "  categories: [xyzxyz]")):
        _, found = check(tmp_path, {A: text})
        assert len(found) == 1 and re.search(r"for example .*networks", found[0][3]), found


def test_no_digest_yaml(tmp_path):
    done = run("check", "-C", tmp_path)
    assert done.returncode == 1 and b"digest.yaml" in done.stdout


def test_no_entries_folder(tmp_path):
    write_content(tmp_path, {SITE: sample.SITE})
    done = run("check", "-C", tmp_path)
    assert done.returncode == 1 and f"{tmp_path}/entries: error: " in done.stdout.decode()


def test_no_directory(tmp_path):
    done = run("check", "-C", tmp_path / "nowhere")
    assert done.returncode == 1 and b"nowhere" in done.stdout + done.stderr


@pytest.mark.parametrize("spoil, column", [
    (b"- title: A \xff byte", 12), (b"- title: A \xc0\xaf overlong", 12), (b"- title: A \xed\xa0\x80 surrogate", 12),
    ("- title: Größe ".encode() + b"\xfe", 16), (b"- title: A \x1b escape", 12), (b"- title: A \x00 nul", 12),
    (b"- title: A \xc2\x85 next line", 12), (b"- title: A \x7f delete", 12),
])
def test_bytes_that_are_no_text(tmp_path, spoil, column):
    """Columns count characters."""
    status, found = check(tmp_path, {A: spoil + b"\n" + GOOD.encode().split(b"\n", 1)[1]})
    assert status == 1
    assert found[0][:3] == (A, 1, column), found
    assert len(found) <= 3 and {f[1] for f in found} == {1}, "each byte at most once"


def test_billion_laughs(tmp_path):
    bomb = "- title: &a0 lol\n" + "".join(
        f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    begin = time.monotonic()
    status, found = check(tmp_path, {A: bomb})
    assert status == 1 and found
    assert time.monotonic() - begin < (PATIENCE if SANITIZED else 5)


def test_alias_bomb_of_text(tmp_path):
    bomb = f"- &e\n  title: &t {'x' * 60_000}\n" + "".join(f"- *e\n" for _ in range(20_000))
    status, found = check(tmp_path, {A: bomb})
    assert status == 1 and found


@pytest.mark.parametrize("text, word", [
    ("- title: " + "[" * 100_000 + "\n", "deep"),
    ("- title: " + "{a: " * 50_000 + "\n", "deep"),
    ("".join(" " * n + "- \n" for n in range(2000)), "deep|nested"),
    ("- title: x\n  tags: [" + "a, " * 1_500_000 + "]\n", "nodes|tags|many|large"),
    ("- title: " + "x" * 200_000 + "\n", "bytes|long"),
    ("- {" + ", ".join(f"k{n}: v" for n in range(5000)) + "}\n", "keys"),
    ("#" * 9_000_000 + "\n", "large|bytes|MiB|MB"),
], ids=["sequences", "mappings", "block", "nodes", "scalar", "keys", "file"])
def test_input_beyond_the_bounds(tmp_path, text, word):
    status, found = check(tmp_path, {A: text})
    assert status == 1
    assert any(re.search(word, message) for *_, message in found), found[:5]
    assert len(found) <= 1001


def test_folders_beyond_the_bound(tmp_path):
    status, found = check(tmp_path, {"entries/" + "d/" * 40 + "a.yaml": GOOD})
    assert status == 1 and re.search("deep|nested|folder", found[0][3])


def test_a_loop_of_links_ends(tmp_path):
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "loop").symlink_to(tmp_path)
    status, _ = check(tmp_path, {A: GOOD})
    assert status in (0, 1)


def test_special_files_do_not_block(tmp_path):

    (tmp_path / "entries").mkdir()
    os.mkfifo(tmp_path / "entries" / "pipe.yaml")
    status, _ = check(tmp_path, {A: GOOD})
    assert status in (0, 1)


@pytest.mark.parametrize("title", sample.HOSTILE)
def test_any_title_is_fine(tmp_path, title):
    assert check(tmp_path, {A: sample.entry(title, "2020-01-01", slug="x", url="https://example.org/")}) == (0, [])


def test_what_is_said_is_safe_to_print(tmp_path):
    """An error repeats what is wrong, and no terminal obeys it."""
    status, found = check(tmp_path, {A: GOOD + '  "\\e[31m\\n\\tfake.yaml:1:1: error": x\n'})
    assert status == 1 and len(found) == 1
    done = run("check", "-C", tmp_path)
    assert b"\x1b" not in done.stdout and b"\t" not in done.stdout
