"""What every reply is held to, over every kind of page and of error: rows R-04, R-05, R-06, R-09,
R-10 and R-13 as the clients named there read, and again the forms that smallweb's readers know.
"""

import re
import urllib.parse

import pytest

import sample
from smallweb import HOST, Line, gemini, gemtext, gopher, is_error_item, menu, run, widest, write_content

TEXTS = ["/robots.txt", "/files/dots.txt", "/files/page.gmi", "/files/feed.atom", "/files/deep/er/note.txt"]
BINARIES = ["/files/binary.bin", "/files/picture.png", "/files/archive.tar.gz", "/files/noending"]
ERRORS = ["/nothing", "/entries/nothing", "/entries/draft", "/entries/withdrawn", "/latest/0", "/files/nothing",
          "/tags/nothing/", "/.."]

# (request, status) of one reply of every kind but success.
REFUSALS = [("/nothing", 51), ("/entries/withdrawn", 52), ("/latest", 31), ("/entries/old-capsule", 31), ("/..", 51),
            ("/%2F", 51), ("gemini://other.example/", 53), ("https://digest.test/", 53), ("titan://digest.test/x", 53),
            ("/#", 59), ("/%zz", 59), ("hello", 59), ("", 59), ("gemini://", 59)]


def raw_items(data):
    """The lines of a menu as bytes, each without its CRLF, the final dot left out."""
    assert data.endswith(b"\r\n.\r\n")
    return data[:-5].split(b"\r\n")


# -------------------------------------------------------------------------------------- Gopher


@pytest.mark.parametrize("path", sample.PAGES + ERRORS)
def test_g03_g04_g05_r04_r05_r06_every_menu_line_is_whole(server, path):
    """Kristall drops a line that ends in LF alone, Lagrange one that does not end at all and an h
    item without URL:, and lynx prints what it read before for an i without fields."""
    data = gopher(server, path)
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
    for line in raw_items(data):
        assert re.fullmatch(rb"[013789hiIg][^\t]*\t[^\t]*\t[^\t]+\t\d+", line), line
        assert line[:1] != b"h" or line.split(b"\t")[1].startswith(b"URL:")
        assert line[:1] != b"i" or line.endswith(b"\t\tnull.host\t1")
        assert line[:1] != b"3" or line.endswith(b"\t\terror.host\t1")


@pytest.mark.parametrize("path", sample.PAGES)
def test_g04_g08_g09_what_is_read_is_plain(server, path):
    """UTF-8 without a mark or an escape sequence, and at most 67 columns, or 66 of a title, but for a URL."""
    data = gopher(server, path)
    assert b"\xef\xbb\xbf" not in data and b"\x1b" not in data
    for item in menu(data):
        if item.display.isascii() and "://" not in item.display:
            assert len(item.display) <= widest(item.type)


@pytest.mark.parametrize("path", sample.PAGES)
def test_g20_r10_host_and_port_part_at_the_first_colon(server, path):
    """As moku-pona splits them: on Gopher in each item, on Gemini in each link to Gopher."""
    for item in menu(gopher(server, path)):
        host, port = f"{item.host}:{item.port}".split(":", 1)
        assert port.isdigit() and re.search("[a-z]", host)
        assert item.type == "i" or host != "localhost"
    for line in gemtext(gemini(server, path).body):
        if line.url.startswith("gopher:"):
            authority = line.url.split("/")[2]
            assert re.fullmatch(r"[a-z0-9.-]+(:\d+)?", authority), line.url


def elpher(data):
    """A text item as Elpher shows it."""
    text = data.decode().replace("\r", "")
    return text[:-2] if text.endswith("\n.\n") else text


@pytest.mark.parametrize("text", ["last\n.\n", ".\n", "a\n..\n", "a\n.\n\n", "no end", "a\n.", ".x\n"])
def test_g06_r09_a_final_dot_of_the_text_is_not_lost(tmp_path, text):
    """In neither form, although Elpher takes one away."""
    write_content(tmp_path, sample.FILES | {"files/text.txt": text})
    shown = text.removesuffix("\n") + "\n"
    plain = run("render", "-C", tmp_path, "gopher", "/files/text.txt").stdout
    assert elpher(plain) == re.sub(r"(?m)^\.$", "..", shown)
    dotted = run("render", "-C", tmp_path, "-o", "gopher_text_dots=1", "gopher", "/files/text.txt").stdout
    assert re.sub(r"(?m)^\.", "", elpher(dotted)) == shown


@pytest.mark.parametrize("path", TEXTS)
def test_g06_r09_text_has_crlf_alone(server, path):
    data = gopher(server, path)
    assert data.endswith(b"\r\n") and not data.endswith(b"\r\n.\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert b"\r\n.\r\n" not in data and not data.startswith(b".\r\n"), "Kristall would end there"


@pytest.mark.parametrize("path", BINARIES)
def test_g07_binaries_have_nothing_added(server, path):
    assert gopher(server, path) == gemini(server, path).body == sample.FILES[path[1:]]


@pytest.mark.parametrize("path", ERRORS)
def test_g05_r06_an_error_is_one_harmless_item(server, path):
    assert is_error_item(gopher(server, path))


def test_g22_the_about_text_has_a_contact_and_a_date(server):
    about = gopher(server, "/about").decode()
    assert "jane@example.org" in about and re.search(r"\b20\d\d\b", about)


def test_g21_urls_of_gopher_pages_can_be_followed(server):
    """A gopher URL is taken apart as RFC 4266 says, and what it names is the page it was on."""
    for path in sample.PAGES:
        lines = gemtext(gemini(server, path).body)
        url = next(line.url for line in lines if line.url.startswith(f"gopher://{HOST}"))
        authority, _, rest = url.removeprefix("gopher://").partition("/")
        assert authority == f"{HOST}:{server.gopher_port}"
        assert not rest or rest[0] == "1", "the type of a menu; none is one too"
        selector = urllib.parse.unquote(rest[1:])
        assert menu(gopher(server, selector)) == menu(gopher(server, path))


# -------------------------------------------------------------------------------------- Gemini


@pytest.mark.parametrize("request_, code", REFUSALS)
def test_m16_m18_m19_r04_r10_r13_a_refusal_is_one_header(server, request_, code):
    """Its third byte is a space and its meta not empty, for Kristall, Amfora and Kennedy; and no
    body follows, which moku-pona would keep as a feed."""
    reply = gemini(server, request_)
    assert reply.status == code
    assert reply.raw[2:3] == b" " and reply.raw[3:4].strip() and reply.raw.endswith(b"\r\n")
    assert reply.raw.count(b"\n") == 1 and len(reply.raw) <= 1029


@pytest.mark.parametrize("path", sample.PAGES + TEXTS + BINARIES)
def test_m16_m17_m19_m21_r04_r13_a_success_names_its_type(server, path):
    reply = gemini(server, path)
    assert reply.status == 20 and reply.body
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+(; [a-z]+=[A-Za-z0-9-]+)*", reply.meta), reply.meta
    assert len(reply.meta) < 100


@pytest.mark.parametrize("path", sample.PAGES)
def test_m39_t01_t02_t04_t05_every_page_is_gemtext(server, path):
    """Read strictly, and as Python reads lines; each link's target is a URL of ASCII."""
    body = gemini(server, path).body
    assert body.decode().splitlines() == body.decode()[:-1].split("\n")
    for line in gemtext(body):
        if line.kind == "link":
            assert line.url.isascii() and " " not in line.url and urllib.parse.urlsplit(line.url)


def test_t01_t02_t03_t05_t08_a_summary_of_every_kind_of_line(tmp_path):
    """Markup of gemtext stays what it is where a summary has it; what is none of it stays text."""
    summary = "\n".join([
        "*x is text", "* item", "*", ">quote", "> quote", "#no space", "##two", "####four", "=>/about", "=> /about",
        "=> /about About <b>us</b>", "=>\thttps://x.example/a\tLabel", "=>", "``two", " => /x indented", " ```", "",
        "```alt text", "=> /not-a-link", "# not a heading", "```", "After <i>all</i> & *stars* _lines_",
        "```", "unclosed", "```",
    ])
    entry = sample.entry("A", "2020-01-01", slug="a", url="https://e.example/", summary=summary)
    write_content(tmp_path, {"digest.yaml": sample.SITE, "pages/about.gmi": sample.ABOUT, "entries/a.yaml": entry})
    done = run("render", "-C", tmp_path, "gemini", "/entries/a")
    assert done.returncode == 0, done.stderr
    lines = gemtext(done.stdout.split(b"\r\n", 1)[1])
    kinds = {(line.kind, line.text) for line in lines}
    assert {("text", "*x is text"), ("item", "item"), ("quote", "quote"), ("fence", "alt text"),
            ("pre", "=> /not-a-link"), ("pre", "# not a heading"), ("pre", "unclosed"),
            ("text", "After <i>all</i> & *stars* _lines_")} <= kinds
    assert Line("link", "About <b>us</b>", "/about") in lines
    assert Line("link", "Label", "https://x.example/a") in lines
    assert "/not-a-link" not in [line.url for line in lines] and "/x" not in [line.url for line in lines]
    assert [line.level for line in lines if line.kind == "heading"].count(1) == 1, "T-06: the page's title alone"
    # The same on Gopher: nothing of it makes an item that it is not.
    items = menu(run("render", "-C", tmp_path, "gopher", "/entries/a").stdout)
    assert not [item for item in items if item.selector in ("/not-a-link", "/x")]


@pytest.mark.parametrize("path", sample.PAGES)
def test_t06_t07_t08_titles_and_links_of_every_page(server, path):
    lines = gemtext(gemini(server, path).body)
    assert (lines[0].kind, lines[0].level) == ("heading", 1) and lines[0].text.strip()
    assert [line.level for line in lines if line.kind == "heading"].count(1) == 1
    for line in lines:
        if line.kind == "link":
            assert line.url.startswith("/") or re.match(r"[a-z][a-z0-9+.-]*:", line.url)


# ------------------------------------------------------------------------------------- crawlers


def test_c08_same_bytes_after_a_restart_and_from_every_worker(start, content):
    """What a nightly checksum of a page is made from does not change when nothing has."""
    ports = {"gopher_port": 70, "gemini_port": 1965}
    first, second = start(content, **ports), start(content, workers=3, **ports)
    for path in sample.PAGES + TEXTS:
        url = f"gemini://{HOST}{urllib.parse.quote(path)}"
        assert len({gopher(one, path) for one in (first, second, second)}) == 1, path
        assert len({gemini(one, url).raw for one in (first, second, second)}) == 1, path


@pytest.mark.parametrize("line, code", [
    ("/latest", 31), ("/entries/old-capsule", 31), ("/entries/withdrawn", 52), ("/entries/draft", 51),
    ("/entries/not-yet", 51), ("/latest/0", 51), ("/nothing", 51), ("gemini://other.example/", 53),
    ("gemini://digest.test:1/", 53),
])
def test_c10_errors_mean_what_crawlers_take_them_for(server, line, code):
    """31 is remembered, 52 removes the page for good, 53 keeps a crawler away for weeks: none of
    these for what may be here tomorrow, and the same answer when asked again."""
    assert [gemini(server, line).status for _ in range(3)] == [code] * 3


@pytest.mark.parametrize("path", ["/robots.txt", "/robots.txt?kennedy-crawler", "/robots.txt?"])
def test_c01_c02_robots_have_lines_of_lf_and_no_mark(server, path):
    reply = gemini(server, path)
    assert reply.status == 20 and reply.meta == "text/plain; charset=utf-8"
    assert b"\r" not in reply.body and reply.body.endswith(b"\n") and not reply.body.startswith(b"\xef\xbb\xbf")
    for line in reply.text.splitlines():
        assert not re.match(r"\s*(allow|crawl-delay|sitemap)", line, re.I)
        assert line.startswith("#") or "#" not in line, "no comment after a value"


def test_c11_pages_are_found_through_gemtext_alone(server):
    """From the front page to every kind of page, by links of text/gemini and nothing else."""
    found, todo = set(), ["/"]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        reply = gemini(server, path)
        if reply.meta.startswith("text/gemini") and not path.startswith("/files/page"):
            todo += [line.url for line in gemtext(reply.body) if line.url.startswith("/")]
    assert {urllib.parse.quote(path) for path in sample.PAGES} <= found


def test_r11_parents_without_their_slash(server):
    for path in sample.PAGES + TEXTS:
        parts = path.rstrip("/").split("/")
        for n in range(2, len(parts)):
            reply = gemini(server, "/".join(parts[:n]))
            assert reply.status in (20, 31), (path, parts[:n], reply.raw)
