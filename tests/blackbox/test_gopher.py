"""Gopher, byte by byte: the G rows of the protocol reference.

Elsewhere: G-02's time limits and G-19's bounds in test_process.py, G-20 and G-21 over the whole
digest in test_crawl.py, the arithmetic of G-08 (wrapping, widths) in the unit tests test_wrap and
test_utf8, and odd bytes of every kind in test_conformance_gopher.py.
"""

import html
import re
import socket
import ssl
import struct
import time

import pytest

import sample
from smallweb import (CONTEXT, HOST, NO_NAME, Item, client_context, connect, gopher, is_error_item, menu, own_links,
                      read_all, run, tls, width, write_content)

def text_item(text, stuffed=False):
    """The bytes that a text item ought to be, in each form of G-06."""
    lines = re.split(r"\r?\n", text)
    if lines[-1] == "":
        lines.pop()
    if stuffed:
        lines = ["." + line if line.startswith(".") else line for line in lines] + ["."]
    else:
        lines = [".." if line == "." else line for line in lines]
    return "".join(line + "\r\n" for line in lines).encode()


# ------------------------------------------------------------------------------- the request


@pytest.mark.parametrize("request_bytes", [b"\r\n", b"\n", b"/\r\n", b"/\n", b"\t\r\n", b"/\t\n"])
def test_g01_g13_ways_to_say_root(server, request_bytes):
    root = gopher(server, "/")
    assert menu(root)[0].display == "A Sample Digest"
    assert gopher(server, request_bytes, end=b"") == root


def test_g01_selector_ends_at_tab_cr_or_lf(server):
    want = gopher(server, "/about")
    for line in (b"/about\r\n", b"/about\n", b"/about\rjunk\n", b"/about\r\r\n", b"/about\t\r\n"):
        assert gopher(server, line, end=b"") == want, line


def test_g01_later_bytes_are_ignored(server):
    want = gopher(server, "/about")
    assert gopher(server, b"/about\r\n/latest/\r\n", end=b"") == want
    assert gopher(server, b"/about\n" + bytes(range(256)), end=b"") == want


def test_g01_request_in_single_bytes(server):
    with connect(server.gopher) as sock:
        for byte in b"/about\r\n":
            sock.sendall(bytes([byte]))
        assert read_all(sock) == gopher(server, "/about")


def test_g01_client_that_closes_its_half_at_once(server):
    with connect(server.gopher) as sock:
        sock.sendall(b"/about\r\n")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == gopher(server, "/about")


def test_g02_longest_line(server):
    for size in (255, 1000, 1024):
        assert is_error_item(gopher(server, b"/" + b"x" * (size - 1)))
    assert gopher(server, b"/about\t" + b"y" * 1000) == gopher(server, "/about")


def test_g02_overlong_line_is_refused(server):
    assert is_error_item(gopher(server, b"/" + b"x" * 1024))
    # The spaces would not be missed from a selector that is cut.
    assert is_error_item(gopher(server, b"/about\t" + b" " * 1100))


def test_g02_overlong_line_without_an_end_is_refused(server):
    assert is_error_item(gopher(server, b"x" * 5000, end=b""))


@pytest.mark.parametrize("line", [b"\0", b"/about\0", b"/about\0.txt", b"\0/about", b"/about\t\0"])
def test_g02_nul_is_refused(server, line):
    assert is_error_item(gopher(server, line))


def test_g02_nothing_sent_nothing_said(server):
    with connect(server.gopher) as sock:
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""


def test_g02_half_a_line_nothing_said(server):
    with connect(server.gopher) as sock:
        sock.sendall(b"/about")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""


# --------------------------------------------------------------------------------- the menus


@pytest.mark.parametrize("path", sample.PAGES)
def test_g03_g04_g08_g09_g10_g20_r04_r05_menu_of_every_kind_of_page(server, path):
    items = menu(gopher(server, path))
    assert items[0].type == "i" and items[0].display, "a page begins with its title"
    for item in items:
        if item.type == "i":
            assert item == Item("i", item.display, "", "null.host", 1)
        elif item.host == HOST:
            assert item.port == server.gopher_port
            assert item.display.strip()
            assert not item.display.startswith(" "), "no space after the type"
            assert item.selector.startswith("URL:") or len(item.selector.encode()) <= 255
    assert not any(i.type == "3" for i in items)
    assert any(i.type in "1h" for i in items), "a page leads on"


def test_g04_blank_lines_are_whole_items(server):
    assert b"i\t\tnull.host\t1\r\n" in gopher(server, "/")


def test_g08_prose_is_wrapped_and_labels_are_cut(server):
    odd = [menu(gopher(server, f"/entries/odd-{n}")) for n in range(len(sample.HOSTILE))]
    assert any(width(i.display) > 60 for page in odd for i in page), "nothing is long enough to tell"
    listed = [i for i in menu(gopher(server, "/archive/2018/01/")) + menu(gopher(server, "/archive/2018/01/2"))
              if i.type == "1" and "A long title" in i.display]
    assert listed and listed[0].display.endswith("…")


def test_g03_g04_hostile_titles_stay_titles(server):
    """No title or paragraph becomes another item, a heading's underline apart."""
    for n, title in enumerate(sample.HOSTILE):
        items = menu(gopher(server, f"/entries/odd-{n}"))
        assert items[0].type == "i" and items[0].display[:9] == title[:9]
        assert [i for i in items if "evil" in i.host] == []
        assert len([i for i in items if i.display == "."]) >= 1, "a paragraph that is a dot"


@pytest.mark.parametrize("selector", [
    b"/nothing", b"/entries/nothing", b"/latest/0", b"/latest/01",
    b"/latest/-1", b"/latest/x", b"/categories/nothing/", b"/tags/nothing/", b"/authors/nobody/",
    b"/archive/1999/", b"/archive/2020/13/", b"/archive/2020/1/", b"/files/nothing", b"/ABOUTS",
    b"/about.gmi", b"/pages/about.gmi", b"/digest.yaml", b"/entries/2020/all.yaml", b"/favicon.txt",
    b"/entries/draft", b"/entries/not-yet", b"/entries/withdrawn", b"/tags/future/",
    b"/authors/fae-future/", b"/archive/2999/", b"/archive/2999/01/",
])
def test_g05_unknown_is_an_error_item(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("selector", [
    b"/\x1b[31mred", b"/a\x07b", b"/\x7f", b"/\xc2\x9b31m", b"/\xff\xfe", b"/\xe2\x80\xa8", b"/%00", b"\\x",
])
def test_g05_odd_bytes_are_refused_and_not_echoed(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("selector, leads_to", [
    ("/entries/old-capsule", "/entries/capsule"), ("/entries/older-capsule", "/entries/capsule"),
    ("/entries", "/latest/"), ("/entries/", "/latest/"),
])
def test_moved(server, selector, leads_to):
    """An alias is a menu that points to the new place."""
    assert leads_to in own_links(server, menu(gopher(server, selector)))


def test_g22_first_item_of_the_root_is_about(server):
    first = next(i for i in menu(gopher(server)) if i.type != "i")
    assert (first.selector, first.display) == ("/about", "About the sample")


@pytest.mark.parametrize("path", ["/", "/latest/", "/entries/capsule", "/about", "/files/binary.bin"])
def test_c08_same_bytes_every_time(server, path):
    assert len({gopher(server, path) for _ in range(3)}) == 1


# ------------------------------------------------------------------------------------- links


def test_g10_g11_types_of_links(server):
    items = {i.selector: i for i in menu(gopher(server, "/files/"))}
    types = {"binary.bin": "9", "big.bin": "9", "dots.txt": "0", "page.gmi": "0", "picture.png": "I",
             "archive.tar.gz": "9", "noending": "9", "feed.atom": "0", "deep/": "1"}
    for name, kind in types.items():
        assert items["/files/" + name].type == kind, name


def test_g11_links_out(server):
    items = menu(gopher(server, "/entries/capsule"))
    out = {i.selector: i for i in items if i.type != "i"}
    assert (out["URL:gemini://capsule.example/log/"].type, out["URL:gemini://capsule.example/log/"].host,
            out["URL:gemini://capsule.example/log/"].port) == ("h", HOST, server.gopher_port)
    assert out["URL:https://web.example/?a=1&b=2#c"].type == "h"
    phlog = out["/phlog"]
    assert (phlog.type, phlog.host, phlog.port) == ("1", "phlog.example", 70)
    notes = out["/notes.txt"]
    assert (notes.type, notes.host, notes.port) == ("0", "phlog.example", 7070)
    same = [s for s in out if s == f"URL:{server.url('/entries/capsule')}"]
    assert same, "the same page on Gemini"


@pytest.mark.parametrize("url, item", [
    ("gopher://x.example", Item("1", "", "", "x.example", 70)),
    ("gopher://x.example/", Item("1", "", "", "x.example", 70)),
    ("gopher://x.example:71/1", Item("1", "", "", "x.example", 71)),
    ("gopher://x.example/0/a%20b%25c", Item("0", "", "/a b%c", "x.example", 70)),
    ("gopher://x.example/7/find", Item("7", "", "/find", "x.example", 70)),
    ("gopher://x.example/1noslash", Item("1", "", "noslash", "x.example", 70)),
    # What would break the line, hide the link, or have no name in a menu goes as a URL.
    ("gopher://x.example/1/a%09b", None),
    ("gopher://x.example/1/a%0D%0Ab", None),
    ("gopher://x.example/iinfo", None),
    ("gopher://x.example/3error", None),
    ("gopher://x.example/+mirror", None),
    ("gopher://[2001:db8::1]/1/x", None),
])
def test_g03_g10_g11_g20_native_links(tmp_path, url, item):
    write_content(tmp_path, sample.FILES | {"entries/2020/all.yaml": sample.entry(
        "Native", "2021-01-01", slug="native", url=url)})
    done = run("render", "-C", tmp_path, "--hostname", HOST, "gopher", "/entries/native")
    assert done.returncode == 0, done.stderr
    link = next(i for i in menu(done.stdout) if i.type != "i")
    if item:
        assert (link.type, link.selector, link.host, link.port) == \
            (item.type, item.selector, item.host, item.port)
    else:
        assert (link.type, link.selector, link.host) == ("h", "URL:" + url, HOST)


def url_page(server, selector):
    page = gopher(server, selector).decode()
    refresh = re.search(r'<meta http-equiv="refresh" content="1;url=([^"]*)">', page)
    link = re.search(r'<a href="([^"]*)">([^<]*)</a>', page)
    assert refresh and link, page
    assert refresh[1] == link[1] == link[2]
    assert not page.endswith(".\r\n"), "G-07: no final dot"
    assert "<script" not in page.lower()
    return html.unescape(link[1])


@pytest.mark.parametrize("url", [
    "https://example.org/1", "http://example.org/", "gemini://capsule.example/log/",
    "ftp://ftp.example.org/pub", "irc://irc.example.org/rust", "mailto:jane@example.org",
    "https://web.example/?a=1&b=2#c", "https://example.org/'quoted'",
])
def test_g07_g12_url_selector(server, url):
    for prefix in ("URL:", "/URL:"):
        assert url_page(server, prefix + url) == url


@pytest.mark.parametrize("url", [
    'https://example.org/"><script>alert(1)</script>', "https://example.org/<b>", "https://example.org/'&\"",
])
def test_g12_url_selector_is_escaped_or_refused(server, url):
    """No markup gets into the page (trap_7)."""
    page = gopher(server, "URL:" + url)
    if not is_error_item(page):
        assert url_page(server, "URL:" + url) == url
        assert b"<b>" not in page


@pytest.mark.parametrize("url", [
    "", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd", "vbscript:x", "about:blank", "telnet://example.org/", "ssh://example.org/",
    "/relative", "//example.org/", "example.org", "https://exa mple.org/", "https://example.org/\x1b[1m",
    "https://example.org/%zz", " https://example.org/",
])
def test_g12_url_selector_is_refused(server, url):
    assert is_error_item(gopher(server, "URL:" + url))


# ------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize("path", ["/about", "/latest/", "/entries/entry-1", "/robots.txt", "/files/dots.txt"])
def test_g13_leading_slash_is_optional(server, path):
    assert gopher(server, path[1:]) == gopher(server, path)
    assert not is_error_item(gopher(server, path))


@pytest.mark.parametrize("path", ["/latest", "/latest/2", "/categories", "/categories/networks", "/tags",
                                  "/authors/jane-roe/2", "/archive/2020", "/archive/2020/03", "/about",
                                  "/entries/entry-1", "/files", "/files/deep"])
def test_g13_final_slash_is_optional(server, path):
    without, with_slash = (menu(gopher(server, path + end)) for end in ("", "/"))
    # A page may name itself: the address of the same page on Gemini.
    other = re.compile(r"^URL:gemini://" + re.escape(HOST))
    assert [i for i in without if not other.match(i.selector)] == \
        [i for i in with_slash if not other.match(i.selector)]


@pytest.mark.parametrize("selector", ["/entries/%65ntry-1", "/%61bout", "/files/with%20space%20&%20%C3%BCmlaut.txt"])
def test_g13_percent_is_never_decoded(server, selector):
    assert is_error_item(gopher(server, selector))


def test_g13_names_with_spaces_and_letters(server):
    listed = next(i for i in menu(gopher(server, "/files/")) if "space" in i.selector)
    assert listed.selector == "/files/with space & ümlaut.txt"
    assert gopher(server, listed.selector) == b"named oddly\r\n"


@pytest.mark.parametrize("selector", ["..", "/..", "/../", "/about/..", "/files/../digest.yaml", "/files/..",
                                      "../about", "/./about", "/files/../../../../../../../../etc/passwd"])
def test_g13_dot_segments_are_refused(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("probe", [
    b"+", b"+text/plain", b"$", b"!", b"\t+", b"words\t+", b"\t$", b"+application/gopher+-menu", b"+\t1",
])
def test_g15_gopher_plus_probes_are_answered_plainly(server, probe):
    for path in (b"/about", b"", b"/files/dots.txt"):
        reply = gopher(server, path + b"\t" + probe)
        assert reply == gopher(server, path), (path, reply[:80])


# ------------------------------------------------------------------------------ text and files


def test_g06_text_has_crlf_no_stuffing_and_no_final_dot(server):
    """And a line that is a dot ends nothing (trap_9)."""
    assert gopher(server, "/files/dots.txt") == text_item(sample.DOTS.decode())
    assert gopher(server, "/files/page.gmi") == b"# A file\r\n\r\nnot a page\r\n"


def test_g06_rfc_form_by_a_switch(start, content):
    server = start(content, gopher_text_dots=1)
    assert gopher(server, "/files/dots.txt") == text_item(sample.DOTS.decode(), stuffed=True)
    assert gopher(server, "/robots.txt").endswith(b"\r\n.\r\n")
    assert gopher(server, "/files/binary.bin") == sample.BINARY
    assert menu(gopher(server, "/about"))


def test_g06_large_text(tmp_path, start):
    """Text beyond what is held in memory: the pieces must not show (trap_9)."""
    text = "".join(f"{'.' * (n % 4)}line {n}{'.' if n % 5 else ''}\n.\n\n" for n in range(120_000))
    write_content(tmp_path / "c", sample.FILES | {"files/large.txt": text})
    assert gopher(start(tmp_path / "c"), "/files/large.txt") == text_item(text)
    assert gopher(start(tmp_path / "c", gopher_text_dots=1), "/files/large.txt") == text_item(text, stuffed=True)


@pytest.mark.parametrize("selector", ["caps.txt", "/caps.txt"])
def test_g16_caps(server, selector):
    caps = gopher(server, selector).decode()
    assert caps.startswith("CAPS\r\n\r\n")
    keys = dict(line.split("=", 1) for line in caps.split("\r\n") if "=" in line)
    assert keys["CapsVersion"] == "1" and keys["ExpireCapsAfter"] == "3600"
    assert keys["PathDelimeter"] == "/" and keys["PathIdentity"] == "." and keys["PathParent"] == ".."
    assert keys["PathParentDouble"] == keys["PathKeepPreDelimeter"] == "FALSE"
    assert keys["ServerDefaultEncoding"] == "UTF-8" and "digestd" in keys["ServerSoftware"]
    assert keys["ServerAdmin"] == "jane@example.org"


@pytest.mark.parametrize("name", ["binary.bin", "picture.png", "archive.tar.gz", "noending", "big.bin"])
def test_g07_binary_is_sent_as_it_is(server, name):
    assert gopher(server, "/files/" + name) == sample.FILES["files/" + name]


def test_g07_f13_markup_ends_without_a_dot(server):
    feed = gopher(server, "/files/feed.atom")
    assert feed.startswith(b"<?xml") and feed.endswith(b"<feed/>\r\n..\r\n")


# ------------------------------------------------------------------- those who speak otherwise


def test_g17_tls_gets_no_bytes_where_there_is_no_certificate(start, content):
    server = start(content, gemini=())
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    for first in (hello, hello[:1]):
        with connect(server.gopher) as sock:
            sock.sendall(first)
            assert read_all(sock) == b""


def gophers(server, selector, **options):
    """As gopher, over TLS; read_all insists on the close_notify."""
    with tls(server, address=server.gopher, **options) as sock:
        sock.sendall(selector.encode() + b"\r\n")
        return read_all(sock)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("selector", ["", "/", "/latest/", "/about", "/files/dots.txt", "/files/binary.bin",
                                      "/files/big.bin", "/nothing"])
def test_g17_tls_on_the_same_port_gives_the_same_bytes(server, selector, version):
    assert gophers(server, selector, context=client_context(version)) == gopher(server, selector)


def test_g17_tls_has_the_certificates_of_gemini(start, content):
    server = start(content, hosts=("one.test", "two.test"))
    for sni in ("one.test", "two.test", "other.test", NO_NAME):
        with tls(server, address=server.gopher, sni=sni) as here, tls(server, sni=sni) as there:
            assert here.getpeercert(True) == there.getpeercert(True)


def test_g17_tls_handshake_in_single_bytes(server):
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = CONTEXT.wrap_bio(inward, outward, server_hostname=HOST)
    with connect(server.gopher) as sock:
        while outward.pending or not session.version():
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                pass
            for byte in outward.read():
                sock.sendall(bytes([byte]))
            if not session.version():
                inward.write(sock.recv(65536))
        session.write(b"/about\r\n")
        sock.sendall(outward.read())
        inward.write(read_all(sock))
    assert session.read(1 << 20) == gopher(server, "/about")


def test_g17_plain_with_its_first_bytes_apart(server):
    for text in (b"/about\r\n", b"\r\n"):
        with connect(server.gopher) as sock:
            for byte in text:
                sock.sendall(bytes([byte]))
                time.sleep(0.02)
            assert read_all(sock) == gopher(server, text, end=b"")


def test_g17_a_client_that_says_nothing(start, content):
    """It has the time of a request; the first byte of a handshake brings that of a handshake."""
    server = start(content, request_timeout=400, handshake_timeout=5000)
    begin = time.monotonic()
    with connect(server.gopher) as silent, connect(server.gopher) as begun:
        begun.sendall(b"\x16")
        assert read_all(silent) == b""
        assert 0.3 < time.monotonic() - begin < 4.5
        assert read_all(begun) == b""
        assert time.monotonic() - begin > 4.9


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"GET /about HTTP/1.0", b"POST / HTTP/1.1", b"PUT /x HTTP/1.1",
                                  b"OPTIONS * HTTP/1.1", b"CONNECT example.org:443 HTTP/1.1"])
def test_g18_http_is_answered_in_http(server, line):
    reply = gopher(server, line + b"\r\nHost: localhost\r\n\r\n", end=b"")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head == (b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/html; charset=utf-8\r\n"
                    b"Connection: close")
    assert f"gopher://{HOST}:{server.gopher_port}/".encode() in body
    assert server.url("/").encode() in body


def test_g18_http_head_has_no_body(server):
    assert gopher(server, b"HEAD / HTTP/1.0\r\n\r\n", end=b"").endswith(b"Connection: close\r\n\r\n")


def test_g18_what_only_looks_like_http_is_a_selector(server):
    assert is_error_item(gopher(server, b"GET /about"))
    assert is_error_item(gopher(server, b"GET"))


# ---------------------------------------------------------------------------------- the close


@pytest.mark.parametrize("path", ["/about", "/files/binary.bin", "/nothing"])
def test_g19_no_reset_although_the_client_said_more(server, path):
    """What is left unread would make the close an RST, which can take the tail of the reply along."""
    want = gopher(server, path)
    with connect(server.gopher) as sock:
        sock.sendall(path.encode() + b"\r\n" + b"x" * 200_000)
        assert read_all(sock) == want
        sock.sendall(b"y" * 1000)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def test_g19_the_server_closes_first(server):
    with connect(server.gopher) as sock:
        sock.sendall(b"/about\r\n")
        assert read_all(sock)
        state = struct.unpack("B", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))[0]
        assert state in (8, 7), "CLOSE_WAIT: a FIN came, and no RST"
