"""Gopher requests cut, glued, spoilt and disguised in every way: rows G-01, G-02, G-05, G-12, G-13,
G-15, G-18, G-19.

What is meant for readers is in test_gopher.py; here is what scanners, broken clients and those who
mean harm send. No answer may be empty, nor a page that was not asked for.
"""

import re
import socket
import time

import pytest

import sample
from smallweb import HOST, connect, gopher, is_error_item, menu, read_all, wait_until


def raw(server, data):
    """What comes back for these very bytes."""
    return gopher(server, data, end=b"")


# ---------------------------------------------------------------------------------- cut and glued


@pytest.mark.parametrize("line", [b"/about\r\n", b"about\n", b"/entries/entry-3\t+\r\n", b"\r\n",
                                  b"URL:https://example.org/1\r\n", b"GET / HTTP/1.0\r\n\r\n", b"/nothing\r\n"])
def test_g01_request_cut_at_each_byte(server, line):
    want = raw(server, line)
    assert want
    for cut in range(1, line.index(b"\n")):
        with connect(server.gopher) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(line[:cut])
            time.sleep(0.001)
            sock.sendall(line[cut:])
            assert read_all(sock) == want, cut


@pytest.mark.parametrize("after", [
    b"x", b"/latest/\r\n", b"\0", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n", b"\n" * 9000,
])
def test_g01_g19_what_follows_the_line_is_ignored(server, after):
    for line in (b"/about\r\n", b"/about\n", b"/nothing\r\n"):
        assert raw(server, line + after) == raw(server, line)


@pytest.mark.parametrize("end", [
    b"\r\n", b"\n", b"\r\r\n", b"\r\n\r\n", b"\n\r", b"\rx\n", b"\t\r\n", b"\t\n", b"\t\t\r\n",
])
def test_g01_ends_of_every_form(server, end):
    assert raw(server, b"/about" + end) == gopher(server, "/about")


def test_g02_the_bound_is_exact(server):
    """1,024 bytes to the end of the line, whatever that end is and wherever the TAB is."""
    for end in (b"\n", b"\r\n"):
        for size in (1022, 1023, 1024):
            assert raw(server, b"/about\t" + b"x" * (size - 7) + end) == gopher(server, "/about"), (size, end)
        for size in (1025, 1026, 1027, 2048, 65536):
            assert is_error_item(raw(server, b"/about\t" + b"x" * (size - 7) + end)), (size, end)


@pytest.mark.parametrize("size", [1025, 1026, 1027, 5000, 100_000])
def test_g02_a_line_that_has_no_end_is_refused_at_once(server, size):
    with connect(server.gopher) as sock:
        sock.sendall(b"x" * size)
        assert is_error_item(read_all(sock))


@pytest.mark.parametrize("line", [
    b"\0\r\n", b"/\0\r\n", b"/about\0\r\n", b"/about\t\0\r\n", b"/about\t+\0\r\n", b"\0" * 1000 + b"\r\n",
    b"/\0" + b"x" * 2000, b"/about\r\0\n", b"URL:https://example.org/1\0\r\n",
])
def test_g02_a_nul_anywhere_in_the_line(server, line):
    assert is_error_item(raw(server, line))


def test_g02_a_nul_after_the_line_is_not_read(server):
    assert raw(server, b"/about\r\n\0\0\0") == gopher(server, "/about")


# -------------------------------------------------------------------------------- bytes of all kinds


@pytest.mark.parametrize("before, after", [(b"/zz", b"zz"), (b"/", b"zz"), (b"zz", b"")])
def test_g05_every_byte_in_a_selector(server, before, after):
    """An error item without an echo; but a TAB, CR or LF ends the selector before it."""
    for byte in range(256):
        said = raw(server, before + bytes([byte]) + after + b"\r\n")
        if before == b"/" and bytes([byte]) in b"\t\r\n":
            assert menu(said)[0].display == "A Sample Digest", byte
        else:
            assert is_error_item(said), (byte, said[:80])


def test_g01_g05_every_byte_after_a_selector(server):
    for byte in range(256):
        said = raw(server, b"/about" + bytes([byte]) + b"\r\n")
        if bytes([byte]) in b"\t\r\n/":
            assert menu(said)[0].display == "About the sample", byte
        else:
            assert is_error_item(said), (byte, said[:80])


def test_g05_every_byte_at_the_start(server):
    """All are selectors or the ends of one, but 0x16, with which TLS begins (G-17)."""
    for byte in range(256):
        if byte == 0x16:
            continue
        said = raw(server, bytes([byte]) + b"\r\n")
        if bytes([byte]) in b"\t\r\n/":
            assert menu(said)[0].display == "A Sample Digest", byte
        else:
            assert is_error_item(said), (byte, said[:80])


@pytest.mark.parametrize("selector", [
    b"\xef\xbb\xbf", b"\xef\xbb\xbf/about", b"/about\xef\xbb\xbf", b"/\xc0\xae\xc0\xae/", b"/\xed\xa0\x80",
    b"/\xf4\x90\x80\x80", b"/\xe2\x80\xae", b"/\xe2\x80\xa9", b"/\xc2\x85", b"/\x1b[2J", b"/\x9b2J", b"/%s%n",
    b"/$(id)", b"/`id`", b"/;id", b"/|id", b"/<script>alert(1)</script>", b"/a\tb\tc\td\te",
    b"3error\t\terror.host\t1", b"/x\ti\tj", b"." * 1000, b"/" * 1000 + b"x", b"\xff" * 1000, b"SSH-2.0-OpenSSH_9.0",
    b"EHLO example.org", b"PRI * HTTP/2.0", b"QUIT", b"*1", b"\x05\x01", b"\x80\x2e\x01", b"gemini://digest.test/",
    b"gopher://digest.test/1/", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 70", b"PROXY UNKNOWN", b"USER root",
    b"digest.test / 0", b"/cgi-bin/sh", b"/server-status", b"/~root", b"~", b"*", b"?", b"#", b":", b"\\", b"C:\\",
    b"//x//y//",
])
def test_g05_what_is_no_selector_of_ours(server, selector):
    said = gopher(server, selector)
    assert is_error_item(said)
    assert len(selector) < 4 or selector not in said, "nothing of it comes back"


# -------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize("selector", ["", "/", "//", "///", "/" * 200])
def test_g13_ways_to_say_root(server, selector):
    assert menu(gopher(server, selector)) == menu(gopher(server, b"\n", end=b""))


@pytest.mark.parametrize("selector", [
    "/entries/%65ntry-3", "/%61bout", "%2Fabout", "/about%20", "/about%00", "/about%0D%0A", "/%2e%2e/about",
    "/latest%2F", "%", "%%", "/about?", "/about?q", "/about#", "/about;x", " /about", "/about ",
    "1/about", "/1/about", "0/robots.txt", "/0/robots.txt",
])
def test_g13_only_the_selector_itself_is_one(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("selector", [
    "..", ".", "/..", "/.", "/../", "/./", "/../about", "/./about", "/about/..", "/about/.", "/x/../about",
    "/latest/./", "/latest/../about", "../../../../etc/passwd", "/files/../digest.yaml", "/files/./dots.txt",
    "/files/..", "/files/deep/../dots.txt", "/files//../digest.yaml", "files/..", "/....//....//etc/passwd",
    "/files/..\\digest.yaml", "..\\..\\", "/files/.hidden",
])
def test_g13_dot_segments_in_every_place(server, selector):
    said = gopher(server, selector)
    assert is_error_item(said) and b"page_size" not in said


@pytest.mark.parametrize("path", sample.PAGES)
def test_g13_c12_each_page_by_each_of_its_names(server, path):
    """With and without a slash at either end, as lynx, curl and crawlers ask; the links are the same."""
    def links(selector):
        items = menu(gopher(server, selector))
        return [item for item in items if not item.selector.startswith(f"URL:gemini://{HOST}")]
    want = links(path)
    bare = path.strip("/")
    for selector in (bare, bare + "/", "/" + bare, f"/{bare}/".replace("//", "/")):
        assert links(selector) == want, selector


@pytest.mark.parametrize("path", sample.PAGES)
def test_g13_no_selector_begins_with_5_or_9(server, path):
    """lynx takes the first letter of such a text for a type."""
    for item in menu(gopher(server, path)):
        assert item.selector[:1] not in ("5", "9")
        assert item.host != HOST or item.selector.startswith(("/", "URL:"))


# ------------------------------------------------------------------------------------------ Gopher+


PROBES = [
    "+", "!", "$", "+text/plain", "+application/gopher+-menu", "+text/plain En_US", "+\t1", "+\t0", "!+INFO",
    "!+ADMIN+INFO", "$+VIEWS", "$+INFO+VIEWS", "words\t+", "words\t!", "words\t$", "\t+", "\t!", "\t$", "\t\t+", "++",
    "+$", "$+", "+ ", "+%09", "?", "\t?",
]


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("path", [
    "", "/", "/about", "/latest/", "/entries/entry-3", "/files/dots.txt", "/files/binary.bin", "/robots.txt",
])
def test_g15_every_probe_is_answered_plainly(server, path, probe):
    """As if it were not there, or with the one block of attributes that is allowed."""
    said = gopher(server, f"{path}\t{probe}")
    assert said == gopher(server, path) or said.startswith(b"+-1\r\n+INFO: "), said[:80]


@pytest.mark.parametrize("probe", PROBES)
def test_g05_g15_a_probe_for_nothing_is_an_error_item(server, probe):
    assert is_error_item(gopher(server, f"/nothing\t{probe}"))


def test_g15_data_after_a_probe_is_not_read(server):
    """The flag 1 says that a block of data follows."""
    assert raw(server, b"/about\t+\t1\r\n+-1\r\nwords\r\n.\r\n") == gopher(server, "/about")


# ---------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize("selector", [
    "URL:", "/URL:", "URL: https://example.org/", "URL:HTTPS", "URL:https", "url:javascript:alert(1)",
    "URL:java\x01script:alert(1)", "URL:javascript://example.org/%0aalert(1)", "URL:data:text/html,x",
    "URL:https://example.org/\x7f", "URL:https://exa\u2028mple.org/", "URL:URL:https://example.org/",
    "URL:file:///etc/passwd", "URL:gopher+x://example.org/", "URL:https://[::1", "URL:https://example.org:x/",
])
def test_g12_a_redirect_to_nonsense_is_refused(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("selector", ["URL:https://", "URL:https:///x", "URL:https:example.org", "URL:https://user@",
                                      "URL:gemini://", "URL:ftp:", "URL:mailto:"])
def test_g12_a_redirect_to_nowhere_is_refused(server, selector):
    assert is_error_item(gopher(server, selector))


@pytest.mark.parametrize("mark", [
    "&", "<", ">", '"', "'", "`", '"onmouseover=x', "--><script>", "';alert(1)//", "&#x22;", "&quot;",
])
def test_g12_no_mark_escapes_the_page(server, mark):
    """Whatever of it is taken, it stays within the quotes and the text (trap_7)."""
    said = gopher(server, f"URL:https://example.org/a{mark}b")
    if is_error_item(said):
        return
    page = said.decode()
    assert not re.search(r"<script|\"onmouseover", page)
    target = re.search(r'<a href="([^"<>]*)">([^"<>]*)</a>', page)
    assert target and not re.search(r"&(?!(amp|lt|gt|quot|#39|#x27|apos);)", target[1]), page
    assert page.count('"') % 2 == 0 and page.count("<") == page.count(">")


def test_g07_g12_the_page_ends_without_a_dot(server):
    page = gopher(server, "URL:https://example.org/1")
    assert page.lower().rstrip().endswith(b"</html>") and not page.endswith(b".\r\n")


# --------------------------------------------------------------------------------------------- HTTP


@pytest.mark.parametrize("line", [
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\n\n",
    b"GET /about HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://example.org/ HTTP/1.1\r\n\r\n",
    b"GET gopher://example.org/ HTTP/1.0\r\n\r\n", b"POST /x HTTP/1.1\r\n\r\nbody", b"PUT / HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n\r\n", b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", b"GET / HTTP/2\r\n\r\n",
    b"GET /" + b"x" * 900 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
    b"GET /%00\x01 HTTP/1.1\r\n\r\n", b"GET /<script> HTTP/1.1\r\n\r\n",
])
def test_g18_http_of_every_form(server, line):
    head, _, body = raw(server, line).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.0 400 Bad Request" and b"Connection: close" in head
    assert f"gopher://{HOST}:{server.gopher_port}/".encode() in body and server.url("/").encode() in body
    assert b"example.org" not in body and b"<script>" not in body, "nothing is proxied, nothing echoed"


@pytest.mark.parametrize("line", [
    b"GET", b"GET ", b"GET /", b"GET / HTTP", b"GET / HTTP/", b"GET /about", b"GETX / HTTP/1.1", b"get / http/1.1",
    b" GET / HTTP/1.1", b"HTTP/1.1 200 OK", b"Host: digest.test", b"GET/HTTP/1.1",
])
def test_g05_g18_what_is_no_http_is_a_selector(server, line):
    said = gopher(server, line)
    assert is_error_item(said) or said.startswith(b"HTTP/1.0 400 "), said[:80]


def test_g02_g18_http_beyond_the_bound_is_an_overlong_line(server):
    said = raw(server, b"GET /" + b"x" * 2000 + b" HTTP/1.1\r\n\r\n")
    assert is_error_item(said) or said.startswith(b"HTTP/1.0 400 ")


# ---------------------------------------------------------------------------------------- the close


@pytest.mark.parametrize("line", [
    b"/about\r\n", b"/files/big.bin\r\n", b"/nothing\r\n", b"GET / HTTP/1.0\r\n\r\n", b"x" * 3000,
    b"URL:https://example.org/1\r\n",
])
def test_g19_every_reply_ends_in_a_fin(server, line):
    """And no RST, however much the client has said by then."""
    want = raw(server, line)
    with connect(server.gopher) as sock:
        sock.sendall(line + b"z" * 50_000)
        assert read_all(sock) == want
        assert sock.recv(1) == b"" and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def test_g19_the_draining_has_its_bound(start, content):
    """A client that never stops is not listened to for ever."""
    server = start(content, linger_timeout=300)
    with connect(server.gopher) as sock:
        sock.sendall(b"/about\r\n")
        assert menu(read_all(sock))

        def cut_off():
            try:
                sock.send(b"x" * 1000)
            except OSError:
                return True
            return False
        wait_until(cut_off, "the server has had enough")


@pytest.mark.parametrize("said", [b"", b"/", b"/about", b"/about\r", b"\r", b"GET / HTTP/1.1", b"URL:"])
def test_g02_a_line_that_never_ends_gets_no_byte(start, content, said):
    """Neither when its time is over, nor when the client ends its half."""
    server = start(content, request_timeout=1000)
    with connect(server.gopher) as sock, connect(server.gopher) as other:
        sock.sendall(said)
        other.sendall(said)
        other.shutdown(socket.SHUT_WR)
        assert read_all(sock) == read_all(other) == b""
