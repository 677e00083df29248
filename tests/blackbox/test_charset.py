"""Gopher for terminals without Unicode: row G-09 and what of G-03, G-08, G-11 and G-16 depends on it.

Pages of the shipped digest and of the sample, in each charset: every byte belongs to it, what is
shown fits the width, and all but what is shown is what it is in UTF-8.
"""

import re

import pytest

import sample
from smallweb import SHIPPED, Server, gemini, gopher, is_error_item, menu, share, widest, width

CODECS = {"latin1": "iso-8859-1", "us-ascii": "ascii"}

SLUGS = [slug for file in sorted(SHIPPED.glob("entries/**/*.yaml"))
         for slug in re.findall(r"^(?:- |  )slug: *[\"']?([^\s\"']+)", file.read_text(), re.M)]

# 100 pages of every kind, of which those of the authors have most of the accents.
SHIPPED_PAGES = ["/", "/about", "/latest/", "/latest/2", "/categories/", "/tags/", "/archive/", "/authors/",
                 "/authors/page_2", "/authors/page_3", "/authors/page_4", "/authors/page_5"]
SHIPPED_PAGES += [f"/entries/{slug}" for slug in SLUGS[::max(1, len(SLUGS) // 87)]][:100 - len(SHIPPED_PAGES)]


def servers(factory, content):
    """A server of that digest for each charset, while the fixture lasts."""
    mine = {charset: Server(factory.mktemp(charset), content, gopher_charset=charset)
            for charset in ("utf-8", *CODECS)}
    for one in mine.values():
        one.shared = True
    yield mine
    for one in mine.values():
        one.stop()
        Server.started.remove(one)


@pytest.fixture(scope="module")
def shipped_in(tmp_path_factory):
    yield from servers(tmp_path_factory, SHIPPED)


@pytest.fixture(scope="module")
def sample_in(tmp_path_factory, content):
    yield from servers(tmp_path_factory, content)


def in_utf8(data, codec):
    """A menu with what it shows turned from the codec, to which every byte of it has to belong."""
    lines = []
    for line in data.split(b"\r\n"):
        shown, tab, fields = line.partition(b"\t")
        assert not re.search(rb"[\x80-\x9f]", shown), "C1 controls are no text"
        lines.append(shown.decode(codec).encode() + tab + fields)
    return b"\r\n".join(lines)


def compare(mine, path, charset):
    """The menu of path in that charset says the same as in UTF-8, and leads to the same places."""
    there = gopher(mine["utf-8"], path)
    here = in_utf8(gopher(mine[charset], path), CODECS[charset])
    plain, items = menu(there), menu(here)
    port = {mine["utf-8"].gopher_port: mine[charset].gopher_port}

    def targets(items, port):
        return [(i.type, re.sub(r":\d+", "", i.selector), i.host, port.get(i.port, i.port))
                for i in items if i.type != "i"]

    assert targets(plain, port) == targets(items, {})
    for item in items:
        assert width(item.display) <= widest(item.type) or "://" in item.display
    return plain, items


@pytest.mark.parametrize("charset", CODECS)
def test_g03_g08_g09_g11_the_shipped_digest_in_every_charset(shipped_in, charset):
    assert len(SHIPPED_PAGES) == 100
    accents = 0
    for path in SHIPPED_PAGES:
        plain, items = compare(shipped_in, path, charset)
        accents += sum(not i.display.isascii() for i in plain)
        shown = "".join(i.display for i in items)
        assert "\ufffd" not in shown
    assert accents > 50, "there is something to fold"


@pytest.mark.parametrize("charset", CODECS)
@pytest.mark.parametrize("path", sample.PAGES)
def test_g09_the_sample_in_every_charset(sample_in, charset, path):
    compare(sample_in, path, charset)


def test_g09_names_read_well(shipped_in):
    authors = {}
    for charset, codec in {"utf-8": "utf-8", **CODECS}.items():
        pages = [gopher(shipped_in[charset], path).decode(codec)
                 for path in ("/authors/", *(f"/authors/page_{n}" for n in range(2, 8)))]
        authors[charset] = "".join(pages)
    for name, latin1, ascii in (("Félix Saparelli", "Félix Saparelli", "Felix Saparelli"),
                                ("Erik Dörnenburg", "Erik Dörnenburg", "Erik Dornenburg"),
                                ("Cyryl Płotnicki", "Cyryl Plotnicki", "Cyryl Plotnicki")):
        assert f"1{name} (" in authors["utf-8"]
        assert f"1{latin1} (" in authors["latin1"]
        assert f"1{ascii} (" in authors["us-ascii"]


def test_g16_caps_name_the_charset(sample_in):
    for charset, name in (("utf-8", "UTF-8"), ("latin1", "ISO-8859-1"), ("us-ascii", "US-ASCII")):
        assert f"\r\nServerDefaultEncoding={name}\r\n".encode() in gopher(sample_in[charset], "/caps.txt")


@pytest.mark.parametrize("charset", CODECS)
def test_g09_only_what_gopher_shows_is_folded(sample_in, charset):
    for path in ("/files/page.gmi", "/files/binary.bin", "/files/with space & ümlaut.txt"):
        assert gopher(sample_in[charset], path) == gopher(sample_in["utf-8"], path)
    assert b'charset="utf-8"' in gopher(sample_in[charset], "URL:https://example.org/é")
    assert is_error_item(gopher(sample_in[charset], "/entries/é"))
    title = sample.HOSTILE[7]
    assert title in gemini(sample_in[charset], "/entries/odd-7").text, "Gemini is in UTF-8, always"
