"""Gemini requests cut, glued, spoilt and disguised in every way: rows M-06 to M-15, X-01, X-04.

What is meant for readers is in test_gemini.py; here is what scanners, broken clients and those who
mean harm send. No answer may be a page that was not asked for, and each has to be a whole reply.
"""

import contextlib
import re
import socket
import ssl
import struct

import pytest

import sample
from smallweb import (CONTEXT, HOST, Reply, connect, gemini, has_ipv6, read_all, request_bytes, tls,
                      wait_until)


def status(server, request):
    return gemini(server, request).status


def url(server, rest="/", host=HOST, scheme="gemini"):
    return f"{scheme}://{host}:{server.gemini_port}{rest}"


# ---------------------------------------------------------------------------------- cut and glued


def test_m06_request_cut_at_each_byte(server):
    """Two records, wherever the cut is: also between CR and LF."""
    line = request_bytes(server, "/about")
    want = gemini(server, "/about").raw
    for cut in range(1, len(line)):
        with tls(server) as sock:
            sock.sendall(line[:cut])
            sock.sendall(line[cut:])
            assert read_all(sock) == want, cut


def test_m06_records_cut_at_each_byte_of_tcp(server):
    """The records themselves arrive in single bytes."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = CONTEXT.wrap_bio(incoming, outgoing, server_hostname=HOST)
    with connect(server.gemini) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def pump(step):
            while True:
                with contextlib.suppress(ssl.SSLWantReadError):
                    return step()
                for byte in outgoing.read():
                    sock.sendall(bytes([byte]))
                incoming.write(sock.recv(65536))

        pump(client.do_handshake)
        client.write(request_bytes(server, "/about"))
        for byte in outgoing.read():
            sock.sendall(bytes([byte]))
        said = b""
        while part := pump(lambda: client.read(65536)):
            said += part
    assert said == gemini(server, "/about").raw


@pytest.mark.parametrize("after", [b"x", b"\r\n", b"gemini://digest.test/\r\n", b"\0" * 5000, bytes(range(256)) * 40])
def test_m06_m23_what_follows_in_the_same_record_is_ignored(server, after):
    assert gemini(server, request_bytes(server, "/about") + after).raw == gemini(server, "/about").raw


def sized(server, size, rest="/"):
    base = url(server, rest)
    return (base + "x" * (size - len(base))).encode()


@pytest.mark.parametrize("rest, code", [("/", 51), ("/about?", 20), ("/about/../", 51)])
def test_m06_m07_m47_m48_the_bound_is_exact(server, rest, code):
    assert status(server, sized(server, 1023, rest) + b"\r\n") == code
    assert status(server, sized(server, 1024, rest) + b"\r\n") == code
    for size in (1025, 1026, 1027, 2048, 16384, 100_000):
        assert status(server, sized(server, size, rest) + b"\r\n") == 59


def test_m06_m07_the_bound_is_one_of_bytes(server):
    """1,024 bytes, not characters: letters of two bytes, and escapes of three."""
    base = url(server, "/about?").encode()
    fits = (1024 - len(base)) // 2
    assert status(server, base + "é".encode() * fits + b"\r\n") == 20
    assert status(server, base + "é".encode() * (fits + 1) + b"\r\n") == 59
    assert status(server, base + b"%41" * ((1024 - len(base)) // 3) + b"\r\n") == 20
    assert status(server, base + b"%41" * ((1024 - len(base)) // 3 + 1) + b"\r\n") == 59


@pytest.mark.parametrize("size, end, answered", [
    (1024, b"", False), (1024, b"\r", False), (1024, b"\r\n", True), (1024, b"\rx", True), (1024, b"\n", None),
    (1025, b"", None), (1025, b"\r", True), (1026, b"", True), (3000, b"", True),
])
def test_m07_m11_a_long_url_is_refused_as_soon_as_it_cannot_end(start, content, size, end, answered):
    """Until it may yet become a request nothing is said, and after that 59 at once. None: either."""
    server = start(content, request_timeout=1000)
    with tls(server) as sock:
        sock.sendall(sized(server, size) + end)
        said = read_all(sock)
    if answered is not None:
        assert bool(said) == answered
    assert not said or Reply(said).status == (51 if end == b"\r\n" else 59)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\n\n", b"\r\r", b"\n\r", b"\r \n", b"\0\n"])
def test_m11_m42_what_is_not_crlf_is_no_end(start, content, end):
    """No header but for what can never become a URL any more, and then it is 59; no page in any case."""
    server = start(content, request_timeout=1000)
    with tls(server) as sock:
        sock.sendall(url(server).encode() + end)
        said = read_all(sock)
    assert said == b"" or Reply(said).status == 59


# -------------------------------------------------------------------------------- bytes of all kinds


@pytest.mark.parametrize("where", ["/zz{}zz", "/{}", "/about{}", "/?{}", "/about?a{}b"])
def test_m07_every_byte_in_the_path_and_query(server, where):
    """Controls, space and what is no UTF-8 are 59; all others are a part of the URL."""
    before, after = where.split("{}")
    for byte in range(256):
        line = url(server, before).encode() + bytes([byte]) + after.encode() + b"\r\n"
        if byte in (0x0a, 0x0d) and not after:
            continue  # an end of its own: test_m11_m42 above
        code = status(server, line)
        if byte <= 0x20 or byte >= 0x7f or byte in b"#%":
            assert code == 59, (byte, code)
        elif "?" in where:
            assert code == 20, (byte, code)
        else:
            assert code in (31, 51) or byte in b"?/.", (byte, code)


@pytest.mark.parametrize("where, harmless", [
    ("{}gemini://digest.test:{p}/", b""), ("gem{}ini://digest.test:{p}/", b""), ("gemini{}://digest.test:{p}/", b""),
    ("gemini:{}//digest.test:{p}/", b""), ("gemini://{}digest.test:{p}/", b""), ("gemini://digest{}.test:{p}/", b""),
    ("gemini://digest.test{}:{p}/", b"."), ("gemini://digest.test:{p}{}/", b"/?"),
])
def test_m07_every_byte_in_scheme_and_authority(server, where, harmless):
    """Nothing is served under a name that is not ours."""
    before, after = where.format("{}", p=server.gemini_port).encode().split(b"{}")
    for byte in range(256):
        code = status(server, before + bytes([byte]) + after + b"\r\n")
        if byte <= 0x20 or byte >= 0x7f:
            assert code == 59, (byte, code)
        else:
            assert code in (53, 59) or byte in harmless, (byte, code)


@pytest.mark.parametrize("bad", [
    b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf",
    b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\xa6",
    b"\x80", b"\xc2\x80", b"\xc2\x85", b"\xc2\x9f",
])
def test_m07_m46_bytes_that_are_no_text(server, bad):
    """At the start, within, and at the end: 59, never a page."""
    for line in (bad + url(server).encode(), url(server, "/a").encode() + bad + b"b", url(server, "/").encode() + bad,
                 url(server, "/?").encode() + bad):
        code = status(server, line + b"\r\n")
        if bad == b"\xef\xbb\xbf" and not line.startswith(bad):
            assert code in (20, 51, 59)  # a character like another, there
        else:
            assert code == 59, (line, code)


def test_m12_text_beyond_ascii_is_read_raw_and_escaped(server):
    name = "/files/with%20space%20&%20{}mlaut.txt"
    assert gemini(server, name.format("%C3%BC")).body == gemini(server, name.format("ü")).body == b"named oddly\n"
    assert status(server, name.format("u%CC%88")) == 51, "another sequence of bytes is another name"
    assert status(server, name.format("%FC")) == 51, "Latin-1"


# ---------------------------------------------------------------------------- authorities and hosts


def escaped(text):
    return "".join(f"%{ord(c):02X}" for c in text)


def test_m08_m12_everything_escaped(server):
    """Host and path mean the same, however much of them is escaped; a scheme or a port never is."""
    want = gemini(server, "/entries/entry-3").raw
    p = server.gemini_port
    path = "/" + escaped("entries") + "/" + escaped("entry-3")
    assert gemini(server, f"gemini://{escaped(HOST)}:{p}{path}").raw == want
    assert gemini(server, f"gemini://{escaped(HOST).lower()}:{p}{path.lower()}").raw == want
    assert gemini(server, f"GEMINI://{HOST.upper()}:{p}{path}").raw == want
    assert status(server, f"gemini://{HOST}:{p}/{escaped('entries/entry-3')}") == 51, "an escaped slash is no slash"
    for line in (f"{escaped('gemini')}://{HOST}:{p}/", f"gemini:{escaped('//')}{HOST}:{p}/",
                 f"gemini://{HOST}{escaped(':')}{p}/", f"gemini://{HOST}:{escaped(str(p))}/",
                 f"gemini://{HOST}:{p}{escaped('/')}"):
        assert status(server, line) in (53, 59), line


@pytest.mark.parametrize("user", ["user", "user:pass", "", ":", "%75ser", "user%40x", "user@other", "digest.test",
                                  "digest.test:1965"])
def test_m07_userinfo_of_every_form(server, user):
    for host in (HOST, "other.example", "127.0.0.1"):
        for port in (f":{server.gemini_port}", ":", "", ":1"):
            assert status(server, f"gemini://{user}@{host}{port}/") == 59


@pytest.mark.parametrize("rest", ["#", "/#", "/about#", "/?#", "/?q#", "/#a", "#a", "/##", "/#?q", "/about#%41"])
def test_m07_fragment_of_every_form(server, rest):
    assert status(server, url(server, rest)) == 59


@pytest.mark.parametrize("host, codes", [
    ("digest.test.", {20}), ("digest%2Etest%2e", {20}), ("DIGEST.test", {20}), ("digest.test..", {53, 59}),
    (".digest.test", {53, 59}), (".", {53, 59}), ("..", {53, 59}), ("digest..test", {53, 59}), ("digest.tes", {53}),
    ("digest.testt", {53}), ("xdigest.test", {53}), ("test", {53}), ("sub.digest.test", {53}),
    ("digest.test.example", {53}), ("digest.test%00", {53, 59}), ("digest.test%00.example", {53, 59}),
    ("digest.test%2F", {53, 59}), ("digest.test%20", {53, 59}), ("%20digest.test", {53, 59}),
    ("digest.test%0D%0A", {53, 59}), ("digest.test%ff", {53, 59}), ("digest.test%", {59}), ("digest.test%2", {59}),
    ("digest.test%zz", {59}), ("user%40digest.test", {53, 59}), ("digest.test%3A1965", {53, 59}),
    ("digest.test,other", {53, 59}), ("*.test", {53, 59}), ("*", {53, 59}), ("xn--", {53, 59}), ("xn--a", {53, 59}),
    ("ｄｉｇｅｓｔ.test", {20, 53, 59}), ("digest。test", {20, 53, 59}), ("dıgest.test", {53}),
    ("a" * 64 + ".test", {53, 59}), ("a." * 130 + "test", {53, 59}),
])
def test_m07_m08_hosts_of_every_form(server, host, codes):
    assert status(server, url(server, "/about", host=host)) in codes


@pytest.mark.parametrize("host, codes", [
    ("127.0.0.1", {20}), ("127.0.0.2", {53}), ("127.0.0.1.", {20, 53, 59}), ("127.1", {53, 59}),
    ("2130706433", {53, 59}), ("0x7f.0.0.1", {53, 59}), ("0x7f000001", {53, 59}), ("0177.0.0.1", {53, 59}),
    ("127.0.0.01", {53, 59}), ("127.0.0.256", {53, 59}), ("127.0.0.1.1", {53, 59}), ("0.0.0.0", {53}),
    ("255.255.255.255", {53}), ("%3127.0.0.1", {20, 53, 59}), ("[127.0.0.1]", {53, 59}), ("[::1]", {53}),
    ("[::]", {53}), ("[2001:db8::1]", {53}), ("[::ffff:127.0.0.1]", {20, 53}), ("[::ffff:7f00:1]", {20, 53}),
    ("[0:0:0:0:0:0:0:1]", {53}), ("[::1%25lo]", {53, 59}), ("[fe80::1%25eth0]", {53, 59}), ("[::1%lo]", {59}),
    ("[]", {59}), ("[", {59}), ("]", {53, 59}), ("[::1", {59}), ("::1]", {59}), ("[::1]]", {59}), ("[[::1]]", {59}),
    ("[::1]a", {59}), ("a[::1]", {59}), ("[:::1]", {53, 59}), ("[1::2::3]", {53, 59}), ("[1:2:3:4:5:6:7]", {53, 59}),
    ("[1:2:3:4:5:6:7:8:9]", {53, 59}), ("[::g]", {53, 59}), ("[::12345]", {53, 59}), ("[v1.x]", {53, 59}),
    ("[%3A%3A1]", {53, 59}), ("[digest.test]", {53, 59}), ("::1", {59}),
])
def test_m07_m08_m45_addresses_of_every_form(server, host, codes):
    """An address is ours when it is the one that was connected to, in its plain form."""
    assert status(server, url(server, "/about", host=host)) in codes


@pytest.mark.parametrize("port, codes", [
    ("", {53}), ("0", {59}), ("00", {59}), ("65535", {53}), ("65536", {59}), ("99999", {59}), ("4294967296", {59}),
    ("18446744073709551616", {59}), ("9" * 500, {59}), ("-1", {59}), ("+70", {59}), ("1965x", {59}), ("x", {59}),
    ("0x7ad", {59}), ("19.65", {59}), ("1 965", {59}), ("1965:", {59}), (":1965", {59}), ("%31965", {59}),
    ("１９６５", {59}), ("1965", {53}), ("443", {53}), ("70", {53}),
])
def test_m07_m09_m49_ports_of_every_form(server, port, codes):
    assert status(server, f"gemini://{HOST}:{port}/") in codes


def test_m09_a_port_wraps_round_nowhere(server):
    """The port plus a power of two is another port, or none."""
    for bits in (8, 16, 31, 32, 63, 64):
        assert status(server, f"gemini://{HOST}:{server.gemini_port + (1 << bits)}/") in (53, 59)
    assert status(server, f"gemini://{HOST}:0{server.gemini_port}/") in (20, 59)


@pytest.mark.parametrize("scheme", [
    "http", "https", "gopher", "gophers", "titan", "spartan", "nex", "finger", "ftp", "file", "mailto", "data",
    "javascript", "ws", "g", "gemin", "geminis", "gemini+tls", "gemini.", "gemini-", "x-gemini", "a" * 200,
])
def test_m07_m19_m51_m52_m53_x01_other_schemes(server, scheme):
    assert status(server, url(server, scheme=scheme)) == 53


@pytest.mark.parametrize("line, codes", [
    ("gemini:digest.test", {59}), ("gemini:/digest.test/", {59}), ("gemini:///", {59}), ("gemini:////", {59}),
    ("gemini://?q", {59}), ("gemini://#", {59}), ("gemini://:/", {59}), ("1gemini://digest.test/", {59}),
    ("+gemini://digest.test/", {59}), ("ge mini://digest.test/", {59}), ("gemini ://digest.test/", {59}),
    ("gémini://digest.test/", {59}), ("digest.test/", {59}), ("digest.test:1965/", {53, 59}), ("//digest.test/", {59}),
    (":", {59}), ("://", {59}), ("::", {59}), ("?", {59}), ("#", {59}), ("..", {59}), ("*", {59}),
    ("\\\\digest.test\\", {59}), ("<gemini://digest.test/>", {59}), ("\"gemini://digest.test/\"", {59}),
    ("=> gemini://digest.test/", {59}), ("mailto:jane@digest.test", {53, 59}), ("data:,x", {53, 59}),
    ("http:", {53, 59}), ("https:///x", {59}),
])
def test_m07_m44_m55_m56_what_is_no_url_of_ours(server, line, codes):
    assert status(server, line.encode() + b"\r\n") in codes


@pytest.mark.parametrize("line", [
    b"GET / HTTP/1.1\r\nHost: digest.test\r\n\r\n", b"GET gemini://digest.test/ HTTP/1.0\r\n\r\n",
    b"HEAD / HTTP/1.0\r\n\r\n", b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"OPTIONS * RTSP/1.0\r\n\r\n", b"digest.test / 0\r\n", b"SSH-2.0-x\r\n", b"EHLO x\r\n", b"\x05\x01\x00\r\n",
    b"\x16\x03\x01\x00\x05hello\r\n", b"/about\t+\r\n", b"$(id)\r\n", b"' OR 1=1\r\n", b"%s%n%s%n\r\n",
    b"${jndi:ldap://x}\r\n", b"\x80" * 40 + b"\r\n",
])
def test_m07_other_protocols_within_tls(server, line):
    assert status(server, line) in (53, 59)


# -------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize("path, code", [
    ("/.", 20), ("/./", 20), ("/././.", 20), ("/x/..", 20), ("/x/../", 20), ("/x/y/../..", 20), ("/%2e", 20),
    ("/%2E/", 20), ("/x/%2e%2e/", 20), ("/x/.%2e", 20), ("/x/%2e./", 20), ("/..", 51), ("/../", 51), ("/../../", 51),
    ("/./..", 51), ("/x/../..", 51), ("/x/../../x", 51), ("/.%2e/", 51), ("/%2e./about", 51), ("/../about", 51),
    ("/about/../../about", 51), ("/about/../../../../../../etc/passwd", 51), ("/...", 51), ("/.../about", 51),
    ("/..about", 51), ("/about..", 51), ("/.about", 51), ("/about.", 51), ("/about%20", 51), ("/%2F", 51),
    ("/%2f%2e%2e", 51), ("/%5C", 51), ("/%5c..%5c", 51), ("/about%2f", 51), ("/%252e%252e/", 51), ("/%00", 51),
    ("/about%00", 51), ("/about%00.gmi", 51), ("/%0d%0a", 51), ("/%7f", 51), ("/%c2%85", 51), ("/%ff", 51),
    ("/%c0%ae%c0%ae/", 51), ("/%ed%a0%80", 51), ("/%ef%bb%bf", 51), ("/%e2%80%ae", 51), ("/%", 59), ("/%2", 59),
    ("/%g0", 59), ("/%0g", 59), ("/%%30", 59), ("/a%", 59), ("/%u002e", 59), ("/about%2", 59), ("/?%", 59),
    ("/?%2", 59), ("/?%zz", 59),
])
def test_m12_m57_paths_of_every_form(server, path, code):
    reply = gemini(server, path)
    assert reply.status == code
    if code == 20:
        assert reply.raw == gemini(server, "/").raw


def test_m12_deep_and_long_paths(server):
    """Bounded work for any depth, the same verdict as for a short one."""
    assert status(server, "/x" * 400) == 51
    assert status(server, "/x" * 150 + "/.." * 150 + "/about") == 20
    assert status(server, "/x" * 150 + "/.." * 151 + "/about") == 51
    assert status(server, "/" * 500) in (20, 31, 51)
    assert status(server, "/." * 400) == 20


@pytest.mark.parametrize("path", [
    "/digest.yaml", "/entries/2020/all.yaml", "/pages/about.gmi", "/files/../digest.yaml", "/files/%2e%2e/digest.yaml",
    "/files//../digest.yaml", "/files/..%2fdigest.yaml", "/files/./../../digest.yaml", "/files/.git/config",
    "/files/%2e", "/files/..;/digest.yaml",
])
def test_m12_no_path_leads_out_of_what_is_served(server, path):
    reply = gemini(server, path)
    assert reply.status in (31, 51) or (reply.status == 20 and b"page_size" not in reply.body)
    assert "page_size" not in reply.meta


@pytest.mark.parametrize("path", [
    "", "/", "/about", "/latest/", "/entries/entry-1", "/files/", "/files/dots.txt", "/robots.txt",
])
def test_m10_m13_a_query_of_any_kind_changes_nothing(server, path):
    want = gemini(server, server.url(path)).raw
    for query in ("?", "??", "?a=b", "?/../../x", "?%00", "?%FF", "?%2F", "?" + "q" * 700, "?gemini://other.example/",
                  "?;edit"):
        assert gemini(server, server.url(path) + query).raw == want, query


@pytest.mark.parametrize("query", ["", "?", "?q", "?%0D%0A20%20text/gemini", "?//evil.example/"])
@pytest.mark.parametrize("path", [
    "/latest", "/archive/2020", "/entries/old-capsule", "/about/", "/latest/1", "//latest", "/./latest", "/%6Catest",
])
def test_m14_m15_a_redirect_leads_to_a_page_of_ours_in_one_hop(server, path, query):
    """Nothing of the request is echoed into the header, and a // at the start makes no other host."""
    reply = gemini(server, path + query)
    if reply.status == 51:
        assert path == "//latest"
        return
    assert reply.status == 31
    assert re.fullmatch(r"/[^/?#][^?#]*", reply.meta.removeprefix(server.url("").rstrip("/"))), reply.meta
    assert status(server, reply.meta) == 20


@pytest.mark.parametrize("path", ["//other.example/latest", "///latest", "/\\other.example", "/%2F/other.example",
                                  "//other.example//", "/entries//old-capsule", "//entries/old-capsule/"])
def test_m15_no_redirect_to_elsewhere(server, path):
    reply = gemini(server, path)
    if reply.status == 31:
        assert re.match(r"/[^/\\]|/$", reply.meta), reply.meta
    assert reply.status in (20, 31, 51)


def test_m14_redirects_never_go_round(server):
    """From each page's path, with its slash and without: at most one hop to a 20."""
    for path in sample.PAGES:
        for asked in (path.rstrip("/") or "/", path.rstrip("/") + "/"):
            reply = gemini(server, asked)
            if reply.status == 31:
                reply = gemini(server, reply.meta)
            assert reply.status == 20, asked


def test_m19_only_statuses_of_the_specification(server):
    """And never one of certificates (M-28), nor of input where nothing is asked."""
    refused = ["/latest", "/nothing", "/entries/withdrawn", "/..", "/%zz", "/#", "gemini://other.example/",
               "titan://digest.test/;size=0", "hello", ""]
    seen = {status(server, request) for request in sample.PAGES + refused}
    assert seen == {20, 31, 51, 52, 53, 59}


# ------------------------------------------------------------------------------------------- Titan


@pytest.mark.parametrize("rest", [
    "/;size=5", "/about;size=5;mime=text/plain", "/about;mime=text/plain;size=5;token=x",
    "/about;token=a%3Bb;size=0;mime=a/b", "/about;size=0", "/about;edit", "/about", "/about;size=99999999999999999999",
    "/about;size=-1", "/about;size=5?q", "/", "",
])
@pytest.mark.parametrize("body", [b"", b"hello", b"gemini://digest.test/\r\n", b"x" * 70_000])
def test_x01_uploads_of_every_form_are_refused(server, rest, body):
    reply = gemini(server, url(server, rest, scheme="titan").encode() + b"\r\n" + body)
    assert reply.status == 53 and reply.meta


@pytest.mark.parametrize("rest, code", [("#x", 59), ("/%zz", 59), ("/a b", 59)])
def test_m07_x01_faults_of_an_upload_come_first(server, rest, code):
    assert status(server, url(server, rest, scheme="titan")) == code


def test_x01_a_body_without_end_is_cut_off(start, content):
    """The answer comes while the client still writes, and the draining has its bound."""
    server = start(content, linger_timeout=300)
    with tls(server) as sock:
        sock.sendall(url(server, "/a;size=1000000000", scheme="titan").encode() + b"\r\n")
        assert Reply(read_all(sock)).status == 53
        raw = socket.socket(fileno=sock.detach())
    with raw:
        def cut_off():
            try:
                raw.send(b"x" * 1000)
            except OSError:
                return True
            return False
        wait_until(cut_off, "the server has had enough")


@pytest.mark.parametrize("path", [
    "/;", "/about;", "/about;edit", "/about;size=0", "/about;size=5;mime=text/plain;token=x", "/entries;x/entry-1",
    "/entries/entry-1;edit", "/latest/;", "/latest;/", "/files/dots.txt;size=1", "/about%3Bedit", "/about;?q",
])
def test_x04_a_semicolon_is_a_part_of_the_path(server, path):
    assert status(server, path) == 51


# ---------------------------------------------------------------------------------- before the TLS


@pytest.mark.parametrize("first", [
    b"\r\n", b"\n", b"gemini://digest.test/\r\n", b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n", b"/\r\n", b"\0",
    b"\0" * 1000, b"\x15\x03\x01\x00\x02\x02\x28", b"\x17\x03\x03\x00\x10" + b"x" * 16, b"\x14\x03\x03\x00\x01\x01",
    b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", b"\x16\xff\xff\x00\x05\x01\x00\x00\x01\x03",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12),
    b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", bytes(range(256)) * 20,
])
def test_m24_m37_nothing_in_plain_gets_a_readable_byte(server, first):
    """Plain text gets no byte at all; what looks like TLS may get an alert, which is seven bytes."""
    with connect(server.gemini) as sock:
        sock.sendall(first)
        sock.shutdown(socket.SHUT_WR)
        try:
            said = read_all(sock)
        except ConnectionResetError:
            said = b""
    looks_like_tls = first[0] in (0x14, 0x15, 0x16, 0x17)
    assert said == b"" or (looks_like_tls and re.fullmatch(rb"\x15\x03.\x00\x02..", said, re.S)), said


def test_m23_m26_r01_alert_or_reset_of_the_client_harms_nobody(server):
    for last in (b"\x15\x03\x03\x00\x02\x02\x28", b"\x17\x03\x03\xff\xff", b"garbage"):
        with tls(server) as sock:
            raw = socket.socket(fileno=sock.detach())
        with raw:
            raw.sendall(last)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert status(server, "/about") == 20


def test_m01_m45_an_ipv6_literal_at_its_own_address(start, content):
    if not has_ipv6():
        pytest.skip("no IPv6 on the loopback")
    server = start(content, gemini=("[::1]:0",))
    for host, code in (("[::1]", 20), ("[0::0:1]", 20), ("[::2]", 53), ("[::ffff:0:1]", 53), ("127.0.0.1", 53)):
        assert status(server, url(server, "/about", host=host)) == code
