"""Gemini requests and replies: rows M-06 to M-23, the C and X rows that concern it.

The shape of every reply (M-16 to M-18) is checked by smallweb.Reply at each request of every test,
and close_notify (M-23) by smallweb.read_all. Elsewhere: TLS in test_tls.py, the 27 checks M-31 to
M-57 in test_diagnostics.py, names (the rest of M-08) in test_names.py, time limits (M-11, M-24,
M-25) and rude clients (M-26) in test_process.py, odd bytes of every kind in
test_conformance_gemini.py, the search (M-27) in test_search.py.
"""

import re
import socket

import pytest

import sample
from smallweb import (HOST, Reply, gemini, gemtext, has_ipv6, read_all, request_bytes, tls,
                      write_content)


def status(server, request):
    return gemini(server, request).status


def url(server, rest, scheme="gemini", host=HOST, port=None):
    """A URL whose authority a test wants to spoil."""
    return f"{scheme}://{host}:{port or server.gemini_port}{rest}"


# ------------------------------------------------------------------------------- the request


def test_m06_request_in_many_records(server):
    with tls(server) as sock:
        for byte in request_bytes(server, "/about"):
            sock.sendall(bytes([byte]))
        assert Reply(read_all(sock)).body == gemini(server, "/about").body


def test_m06_longest_url(server):
    base = server.url("/")
    longest = base + "x" * (1024 - len(base))
    assert status(server, longest) == 51
    assert status(server, server.url("/about?") + "q" * (1024 - len(server.url("/about?")))) == 20
    assert status(server, longest + "x") == 59


def test_m07_too_long_is_refused_before_its_end_comes(server):
    with tls(server) as sock:
        sock.sendall(server.url("/").encode() + b"x" * 1030)
        assert Reply(read_all(sock)).status == 59


@pytest.mark.parametrize("line", [
    b"", b" ", b"hello", b"/", b"//digest.test/", b"gemini:", b"gemini:/about", b"gemini://", b"gemini:///about",
    b"gemini://:1965/", b"://digest.test/", b"?", b"gemini",
])
def test_m07_no_absolute_url(server, line):
    assert status(server, line + b"\r\n") == 59


@pytest.mark.parametrize("bad", [
    b"/a\0b", b"/a b", b"/a\tb", b"/a\x1bb", b"/a\x7fb", b"/a\rb", b"/a\nb", b"/\xff", b"/\xc0\xaf", b"/\xed\xa0\x80",
    b"/\xc2\x9b", b"/ ", b"/%", b"/%z", b"/%zz", b"/%4", b"/?%zz", b"#", b"/#", b"/about#top", b"/?q#f",
])
def test_m07_bad_bytes_and_parts(server, bad):
    assert status(server, server.url("").encode() + bad + b"\r\n") == 59


@pytest.mark.parametrize("line", [
    "{s}://{h}:0/", "{s}://{h}:65536/", "{s}://{h}:x/", "{s}://{h}:-1/", "{s}://{h}:19 65/", "{s}://{h}:+1965/",
    "{s}://user@{h}:{p}/", "{s}://user:pass@{h}:{p}/", "{s}://@{h}:{p}/", "{s}://%zz:{p}/", "{s}://{h}%:{p}/",
    "{s}://[::1/", "{s}://[::1]x:{p}/", "\ufeff{s}://{h}:{p}/", " {s}://{h}:{p}/", "{s}://{h}:{p}/ ",
])
def test_m07_bad_authority(server, line):
    line = line.format(s="gemini", h=HOST, p=server.gemini_port)
    assert status(server, line) == 59


@pytest.mark.parametrize("line", [
    "https://{h}/", "http://{h}:{p}/", "gopher://{h}/", "spartan://{h}/", "titan://{h}:{p}/x;size=5;mime=text/plain",
    "GOPHER://{h}/", "gemini+x://{h}:{p}/", "gemini://other.example/", "gemini://other.example:{p}/",
    "gemini://{h}.evil.example:{p}/",
    "gemini://x{h}:{p}/", "gemini://{h}..:{p}/", "gemini://{h}/", "gemini://{h}:1965/", "gemini://{h}:443/",
    "gemini://192.0.2.77:{p}/", "gemini://[2001:db8::77]:{p}/", "gemini://127.0.0.2:{p}/",
])
def test_m07_m08_x01_not_ours(server, line):
    assert status(server, line.format(h=HOST, p=server.gemini_port)) == 53


@pytest.mark.parametrize("line, code", [
    # Each request has two faults; the earlier verdict of M-07 wins.
    ("https://user@{h}/", 59), ("https://{h}/#x", 59), ("https://{h}/a b", 59), ("https:///", 59),
    ("gopher://{h}/%zz", 59),
    ("gemini://user@other.example/", 59), ("gemini://other.example/#f", 59), ("gemini://other.example:0/", 59),
    ("https://other.example/", 53), ("gemini://other.example/../..", 53), ("gemini://other.example/%2F", 53),
])
def test_m07_order_of_verdicts(server, line, code):
    assert status(server, line.format(h=HOST)) == code


@pytest.mark.parametrize("host", ["DIGEST.TEST", "Digest.Test", "digest.test.", "%64igest.test", "digest%2Etest",
                                  "%44IGEST.test."])
def test_m08_ways_to_write_the_host(server, host):
    assert gemini(server, url(server, "/about", host=host)).raw == gemini(server, "/about").raw


def test_m08_local_address_as_host(server):
    assert status(server, url(server, "/", host="127.0.0.1")) == 20


def test_m08_addresses_on_wildcard_listeners(start, content):
    if not has_ipv6():
        pytest.skip("no IPv6 on the loopback")
    server = start(content, gemini=("*:0",))
    for address, host in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::1", "[0:0:0:0:0:0:0:1]")):
        dial = (address, server.gemini_port)
        assert gemini(server, url(server, "/about", host=host), address=dial).status == 20
        assert gemini(server, "/about", address=dial).status == 20
    assert gemini(server, url(server, "/", host="[::1]"), address=("127.0.0.1", server.gemini_port)).status == 53
    assert gemini(server, url(server, "/", host="127.0.0.1"), address=("::1", server.gemini_port)).status == 53


def test_m08_several_host_names(start, content):
    server = start(content, hosts=("digest.test", "other.test", "127.0.0.9"))
    for host in ("digest.test", "other.test", "127.0.0.9"):
        assert status(server, url(server, "/about", host=host)) == 20
    assert status(server, url(server, "/about", host="third.test")) == 53


def test_m09_public_port_is_judged(start, content):
    server = start(content, gemini_port=1965)
    assert status(server, f"gemini://{HOST}/") == 20
    assert status(server, f"gemini://{HOST}:1965/") == 20
    assert status(server, f"gemini://{HOST}:/") == 20
    assert status(server, f"gemini://{HOST}:{server.gemini[1]}/") == 53
    assert f"gopher://{HOST}:{server.gopher_port}/" in gemini(server, f"gemini://{HOST}/").text


@pytest.mark.parametrize("path", ["", "/", "?", "?q", "/?", "/?q"])
def test_m10_empty_path_is_the_front_page(server, path):
    assert gemini(server, server.url(path)).raw == gemini(server, "/").raw


@pytest.mark.parametrize("path, code", [
    ("/latest/../about", 20), ("/./about", 20), ("/latest/.", 20), ("/a/b/../../about", 20), ("/latest/./../", 20),
    ("/%61bout", 20), ("/about%3Fq", 51), ("/files/with%20space%20&%20%C3%BCmlaut.txt", 20),
    ("/files/with%20space%20%26%20%c3%bcmlaut.txt", 20), ("/files/with%20space%20&%20ümlaut.txt", 20),
    ("/..", 51), ("/../", 51), ("/../about", 51), ("/about/../../about", 51), ("/%2e%2e/about", 51), ("/%2E%2E", 51),
    ("/%2Fabout", 51), ("/files%2Fdots.txt", 51), ("/files%5Cdots.txt", 51), ("/files/..%2Fdigest.yaml", 51),
    ("/files/..%5Cdigest.yaml", 51), ("/about%00", 51), ("/%00", 51), ("/%ff", 51), ("/%c3", 51), ("/about%0A", 51),
    ("/%1b", 51), ("/ABOUT", 31), ("/Abouts", 51), ("/about%252e", 51),
])
def test_m12_paths(server, path, code):
    reply = gemini(server, path)
    assert reply.status == code
    if code == 20 and path.endswith("about"):
        assert reply.raw == gemini(server, "/about").raw


def test_m12_doubled_slashes_are_one_choice(server):
    assert {gemini(server, path).raw for path in ("//about", "/files//dots.txt")} == {
        b"31 /about\r\n", b"31 /files/dots.txt\r\n"}


@pytest.mark.parametrize("path", ["/", "/latest/", "/entries/entry-1", "/about", "/robots.txt", "/files/dots.txt",
                                  "/favicon.txt"])
def test_m13_queries_are_ignored(server, path):
    want = gemini(server, path).raw
    for query in ("?", "?kennedy-crawler", "?a=b&c=%20", "?/../..", "?ü"):
        assert gemini(server, path + query).raw == want


# -------------------------------------------------------------------------------- the replies


@pytest.mark.parametrize("path, target", [
    ("/latest", "/latest/"), ("/categories", "/categories/"), ("/categories/networks", "/categories/networks/"),
    ("/tags", "/tags/"), ("/tags/even", "/tags/even/"), ("/authors", "/authors/"), ("/archive", "/archive/"),
    ("/authors/jane-roe", "/authors/jane-roe/"), ("/archive/2020", "/archive/2020/"),
    ("/archive/2020/03", "/archive/2020/03/"), ("/files", "/files/"), ("/files/deep", "/files/deep/"),
    ("/about/", "/about"), ("/entries/entry-1/", "/entries/entry-1"), ("/latest/2/", "/latest/2"),
    ("/latest/1", "/latest/"), ("/categories/networks/1", "/categories/networks/"), ("/entries", "/latest/"),
    ("/entries/", "/latest/"), ("/entries/old-capsule", "/entries/capsule"),
    ("/entries/older-capsule", "/entries/capsule"), ("/entries/old-capsule/", "/entries/capsule"),
])
def test_m14_m15_r11_redirects(server, path, target):
    """31 in one hop, relative to the root or absolute, without query and fragment."""
    for query in ("", "?q"):
        reply = gemini(server, path + query)
        assert reply.status == 31
        assert reply.meta in (target, server.url(target))
    assert status(server, target) == 20


def test_m19_c10_gone(server):
    assert status(server, "/entries/withdrawn") == 52
    assert status(server, "/entries/was-withdrawn") == 52, "not by way of a redirect"


@pytest.mark.parametrize("path", [
    "/nothing", "/entries/nothing", "/entries/draft", "/entries/not-yet", "/tags/future/", "/authors/fae-future/",
    "/archive/2999/", "/archive/2999/01/", "/latest/0", "/latest/01", "/latest/-1", "/latest/+2",
    "/latest/2/2", "/latest/99999999999999999999", "/archive/2020/13/", "/archive/2020/3/", "/archive/20/",
    "/digest.yaml", "/pages/about.gmi", "/about.gmi", "/files/nothing", "/entries/2020/all.yaml", "/caps.txt",
    "/.well-known/security.txt", "/certs/digest.test.key",
])
def test_m41_c06_not_found(server, path):
    assert status(server, path) == 51


@pytest.mark.parametrize("line", [b"/nothing", b"/entries/withdrawn", b"/latest", b"/about", b"/%zz"])
def test_m16_m17_m18_r04_headers_are_whole(server, line):
    """Checked by Reply; and the words for a person are words."""
    reply = gemini(server, server.url(line.decode()))
    assert reply.status == 31 or re.search("[a-z]{3}", reply.meta)


@pytest.mark.parametrize("path", sample.PAGES)
def test_m21_r13_meta_of_every_kind_of_page(server, path):
    reply = gemini(server, path)
    assert reply.status == 20
    assert re.fullmatch(r"text/gemini; charset=utf-8; lang=[a-z]{2}", reply.meta), reply.meta
    assert gemtext(reply.body)


@pytest.mark.parametrize("path, meta", [
    ("/robots.txt", "text/plain; charset=utf-8"), ("/favicon.txt", "text/plain; charset=utf-8"),
    ("/files/dots.txt", "text/plain; charset=utf-8"), ("/files/page.gmi", "text/gemini; charset=utf-8"),
    ("/files/picture.png", "image/png"), ("/files/archive.tar.gz", "application/gzip"),
    ("/files/binary.bin", "application/octet-stream"), ("/files/noending", "application/octet-stream"),
    ("/files/feed.atom", "application/atom+xml"), ("/files/deep/er/note.txt", "text/plain; charset=utf-8"),
])
def test_m22_media_types(server, path, meta):
    reply = gemini(server, path)
    assert (reply.status, reply.meta) == (20, meta)
    if path.startswith("/files/"):
        want = sample.FILES[path[1:]]
        assert reply.body == (want if isinstance(want, bytes) else want.encode())


def test_m18_large_file_byte_for_byte(server):
    assert gemini(server, "/files/big.bin").body == sample.BIG


@pytest.mark.parametrize("path, code", [
    ("/about", 20), ("/files/big.bin", 20), ("/latest", 31), ("/nothing", 51), ("/entries/withdrawn", 52),
    ("gemini://other.example/", 53), ("/#", 59),
])
def test_m23_r01_close_notify_then_fin_for_every_status(server, path, code):
    """read_all raises when the close_notify is missing; then the socket itself has to end in a FIN,
    although this side neither closes nor says its own close_notify."""
    with tls(server) as sock:
        sock.sendall(request_bytes(server, path))
        assert Reply(read_all(sock)).status == code
        raw = socket.socket(fileno=sock.detach())
        with raw:
            assert raw.recv(1) == b""
            assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@pytest.mark.parametrize("path", ["/about", "/files/binary.bin", "/nothing"])
def test_m23_x01_r01_no_reset_although_the_client_says_more(server, path):
    with tls(server) as sock:
        sock.sendall(request_bytes(server, path) + b"x" * 100_000)
        assert Reply(read_all(sock)).raw == gemini(server, path).raw


def test_x01_titan_is_refused_before_its_body(server):
    line = f"titan://{HOST}:{server.gemini_port}/about;size=300000;mime=text/gemini;token=x\r\n".encode()
    assert status(server, line) == 53
    assert status(server, line + b"#" * 300_000) == 53


@pytest.mark.parametrize("path", ["/about;edit", "/about;size=5", "/;x", "/entries/entry-1;mime=text/plain;size=0"])
def test_x04_parameters_are_path(server, path):
    assert status(server, path) == 51


# -------------------------------------------------------------------------- well-known files


def test_c06_favicon_is_one_emoji(server):
    assert gemini(server, "/favicon.txt").text.strip() == "🐚"


def test_c06_no_favicon(tmp_path, start):
    site = sample.SITE.replace('favicon: "🐚"\n', "")
    server = start(write_content(tmp_path / "c", sample.FILES | {"digest.yaml": site}))
    assert status(server, "/favicon.txt") == 51


@pytest.mark.parametrize("path", ["/", "/latest/", "/entries/capsule", "/about", "/robots.txt"])
def test_c08_same_bytes_every_time(server, path):
    assert len({gemini(server, path).raw for _ in range(3)}) == 1
