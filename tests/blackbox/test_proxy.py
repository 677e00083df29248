"""The PROXY protocol before Gopher and before TLS: rows P-01 to P-05.

Every form of a header, whole and cut at each byte, is read in the unit test test_proxy; here is what a server does with
it: whom it believes, whose connection it takes it for, and that it says nothing to those whom it does not believe.
"""

import ipaddress
import socket
import ssl
import struct
import time

import pytest

from smallweb import (CONTEXT, HOST, Server, connect, gemini, gopher, menu, opened, own_links, read_all,
                      request_bytes, run, share, tls, wait_until)

V2 = b"\r\n\r\n\0\r\nQUIT\n"

def v2(command, family, addresses, extensions=b""):
    """A header of version 2; family and transport as one byte."""
    return V2 + struct.pack("!BBH", 0x20 | command, family, len(addresses) + len(extensions)) + addresses + extensions


def v2_ip(source, destination, ports, extensions=b""):
    source, destination = ipaddress.ip_address(source), ipaddress.ip_address(destination)
    family = 0x11 if source.version == 4 else 0x21
    return v2(1, family, source.packed + destination.packed + struct.pack("!HH", *ports), extensions)


EXTENSIONS = b"\x04\0\3abc" + b"\x02\0\x0bdigest.test" + b"\x03\0\4\x12\x34\x56\x78"

# Each with the client that it names; None: the proxy itself.
HEADERS = {
    "v1-tcp4": (b"PROXY TCP4 192.0.2.7 203.0.113.1 56324 1965\r\n", "192.0.2.7"),
    "v1-tcp6": (b"PROXY TCP6 2001:db8::7 2001:db8:1::1 56324 1965\r\n", "2001:db8::7"),
    "v1-unknown": (b"PROXY UNKNOWN\r\n", None),
    "v1-unknown-more": (b"PROXY UNKNOWN ffff:f:f::f ffff::1 65535 65535\r\n", None),
    "v2-tcp4": (v2_ip("192.0.2.8", "203.0.113.1", (1, 1965)), "192.0.2.8"),
    "v2-tcp6": (v2_ip("2001:db8::8", "2001:db8:1::1", (1, 1965)), "2001:db8::8"),
    "v2-mapped": (v2_ip("::ffff:192.0.2.9", "::ffff:203.0.113.1", (1, 1965)), "192.0.2.9"),
    "v2-extensions": (v2_ip("192.0.2.8", "203.0.113.1", (1, 1965), EXTENSIONS), "192.0.2.8"),
    "v2-local": (v2(0, 0x00, b""), None),
    "v2-local-checked": (v2(0, 0x11, bytes(12)), None),
    "v2-unspecified": (v2(1, 0x00, b"whatever"), None),
    "v2-unix": (v2(1, 0x31, b"/run/client".ljust(108, b"\0") + b"/run/server".ljust(108, b"\0")), None),
    "v2-datagram": (v2(1, 0x12, bytes(12)), None),
}

BAD = {
    "nothing-but-a-request": b"/about\r\n",
    "hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "lower-case": b"proxy TCP4 192.0.2.7 203.0.113.1 1 2\r\n",
    "no-protocol": b"PROXY 192.0.2.7 203.0.113.1 1 2\r\n",
    "no-cr": b"PROXY TCP4 192.0.2.7 203.0.113.1 1 2\n",
    "two-spaces": b"PROXY TCP4 192.0.2.7  203.0.113.1 1 2\r\n",
    "zero-in-front": b"PROXY TCP4 192.0.2.7 203.0.113.1 01 2\r\n",
    "port-too-large": b"PROXY TCP4 192.0.2.7 203.0.113.1 1 65536\r\n",
    "family": b"PROXY TCP6 192.0.2.7 203.0.113.1 1 2\r\n",
    "too-few": b"PROXY TCP4 192.0.2.7 203.0.113.1 1\r\n",
    "too-many": b"PROXY TCP4 192.0.2.7 203.0.113.1 1 2 3\r\n",
    "too-long": b"PROXY UNKNOWN " + b"x" * 93 + b"\r\n",
    "v2-version": V2 + b"\x11\x11\x00\x0c" + bytes(12),
    "v2-command": V2 + b"\x22\x11\x00\x0c" + bytes(12),
    "v2-family": V2 + b"\x21\x41\x00\x0c" + bytes(12),
    "v2-too-short": V2 + b"\x21\x11\x00\x0b" + bytes(11),
    "v2-too-short-6": V2 + b"\x21\x21\x00\x23" + bytes(35),
    "v2-too-large": V2 + b"\x21\x11\xff\xff" + bytes(2000),
    "v2-signature": V2[:-1] + b"X" + b"\x21\x11\x00\x0c" + bytes(12),
}


@pytest.fixture
def proxied(start, content):
    """proxied(...) starts a server behind a proxy at 127.0.0.1."""
    def proxied(**settings):
        usual = {"gopher": ("127.0.0.1:0 proxy",), "gemini": ("127.0.0.1:0 proxy",), "proxy_from": "127.0.0.1",
                 "metrics": "127.0.0.1:0"}
        return start(content, **(usual | settings))
    return proxied


@pytest.fixture(scope="module")
def behind(tmp_path_factory, content):
    """One for the tests that only ask."""
    yield from share(Server(tmp_path_factory.mktemp("behind"), content, gopher=("127.0.0.1:0 proxy",),
                            gemini=("127.0.0.1:0 proxy",), proxy_from="127.0.0.1", metrics="127.0.0.1:0"))


def ask(server, protocol, path="/about", **options):
    """The reply to a page, read strictly; the header goes before everything."""
    if protocol == "gemini":
        reply = gemini(server, path, **options)
        assert reply.status == 20
        return reply
    if protocol == "gophers":
        with tls(server, address=server.gopher, **options) as sock:
            sock.sendall(path.encode() + b"\r\n")
            return menu(read_all(sock))
    return menu(gopher(server, path, **options))


def assert_shut(sock):
    """Closed without a byte; what it still had to say may have made it a reset."""
    try:
        assert sock.recv(1000) == b""
    except ConnectionError:
        pass


def new_request(server, before):
    """The one line that the access log has got since."""
    wait_until(lambda: len(server.requests()) > len(before), "the log has it")
    new = server.requests()[len(before):]
    assert len(new) == 1, new
    return new[0]


# ------------------------------------------------------------------------------------ what is believed


@pytest.mark.parametrize("protocol", ["gopher", "gophers", "gemini"])
@pytest.mark.parametrize("form", HEADERS)
def test_p01_p02_p03_p04_p05_the_client_is_whom_the_header_names(behind, protocol, form):
    """In the log; and where it names nobody, that is the proxy."""
    header, client = HEADERS[form]
    before = behind.requests()
    assert ask(behind, protocol, first=header)
    line = new_request(behind, before)
    assert line.split()[1:3] == [protocol, client or "127.0.0.1"]
    assert '/about" 20 ' in line


@pytest.mark.parametrize("form", ["v1-tcp6", "v2-extensions"])
def test_p05_byte_by_byte_before_gopher(behind, form):
    """Header and request in as many packets as they have bytes."""
    before = behind.requests()
    with connect(behind.gopher) as sock:
        for byte in HEADERS[form][0] + b"/about\r\n":
            sock.sendall(bytes([byte]))
            time.sleep(0.001)
        assert menu(read_all(sock))
    assert new_request(behind, before).split()[2] == HEADERS[form][1]


@pytest.mark.parametrize("form", ["v1-tcp4", "v2-extensions"])
def test_p05_split_anywhere_before_tls(behind, form):
    """Header and hello glued together, cut once at every place."""
    header, client = HEADERS[form]
    for cut in range(1, len(header) + 8):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = CONTEXT.wrap_bio(incoming, outgoing, server_hostname=HOST)
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        glued = header + outgoing.read()
        with connect(behind.gemini, first=glued[:cut]) as sock:
            time.sleep(0.001)
            sock.sendall(glued[cut:])
            reply = b""
            while not reply:
                incoming.write(sock.recv(65536))
                try:
                    session.do_handshake()
                    reply = b"done"
                except ssl.SSLWantReadError:
                    pass
            session.write(request_bytes(behind, "/about"))
            sock.sendall(outgoing.read())
            data = b""
            while b"20 text/gemini" not in data:
                incoming.write(sock.recv(65536))
                try:
                    data += session.read(65536)
                except ssl.SSLWantReadError:
                    pass


def test_p05_a_proxy_on_a_unix_socket_is_named_as_such(short, proxied):
    """It has no address; what it names has."""
    server = proxied(gopher=(f"unix:{short}/gopher proxy",), proxy_from="unix")
    assert menu(gopher(server, "/about", address=short / "gopher", first=HEADERS["v1-tcp4"][0]))
    assert menu(gopher(server, "/about", address=short / "gopher", first=HEADERS["v2-local"][0]))
    wait_until(lambda: len(server.requests()) == 2, "the log has them")
    assert [line.split()[2] for line in server.requests()] == ["192.0.2.7", "unix"]


# ------------------------------------------------------------------------------ what is not believed


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
@pytest.mark.parametrize("form", BAD)
def test_p01_p02_p03_p04_a_bad_header_is_closed_on_without_a_byte(behind, protocol, form):
    before = behind.counter("connections_ended_total", reason="bad-proxy")
    with connect(getattr(behind, protocol), first=BAD[form] + b"/about\r\n") as sock:
        assert_shut(sock)
    wait_until(lambda: behind.counter("connections_ended_total", reason="bad-proxy") == before + 1,
               "it is counted")


def test_p01_a_header_that_does_not_come_is_waited_for_as_a_request_is(proxied):
    server = proxied(request_timeout=300)
    with connect(server.gopher) as nothing, connect(server.gemini, first=b"PROXY TCP4 192") as half:
        assert_shut(nothing)
        assert_shut(half)
    assert not server.requests()


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_p01_from_who_is_not_listed_nothing_is_believed(proxied, protocol):
    """It is closed on at once, header or not, and the log says where to look, once."""
    server = proxied(proxy_from=["127.0.0.2", "127.1.0.0/16"])
    at = getattr(server, protocol)
    for listed in ("127.0.0.2", "127.1.2.3"):
        assert ask(server, protocol, source=listed, first=HEADERS["v1-tcp4"][0])
    for other in ("127.0.0.3", "127.2.0.1"):
        for first in (b"", HEADERS["v1-tcp4"][0], HEADERS["v2-local"][0] + b"/about\r\n"):
            with connect(at, source=other, first=first) as sock:
                assert_shut(sock)
    assert server.counter("connections_ended_total", reason="bad-proxy") == 6
    said = [line for line in server.log().splitlines() if "PROXY header that may be believed" in line]
    assert len(said) == 1 and said[0].startswith("limit: 127.0.0.3 ") and "proxy_from" in said[0]
    assert len(server.requests()) == 2


def test_p01_a_listener_without_proxy_takes_none(start, content):
    """The header is a bad request there, or no hello; beside it one with proxy does its own."""
    server = start(content, gopher=("127.0.0.1:0", "127.0.0.1:0 proxy"), proxy_from="127.0.0.1")
    header = HEADERS["v1-tcp4"][0]
    plain, proxied = [(address, int(port)) for kind, address, port in server.listeners if kind == "gopher"]
    assert b"error.host" in gopher(server, "/about", address=plain, first=header)
    with connect(server.gemini, first=header) as sock:
        assert_shut(sock)
    assert menu(gopher(server, "/about", address=proxied, first=header))
    assert menu(gopher(server, "/about", address=plain))
    wait_until(lambda: len(server.requests()) == 4, "the log has them")
    assert sorted(line.split()[2] for line in server.requests()) == ["127.0.0.1"] * 3 + ["192.0.2.7"]
    assert f"listening on gopher://127.0.0.1:{proxied[1]} (PROXY header)\n" in server.log()


# ------------------------------------------------------------------------------------- what it changes


def test_p05_a_health_check_leaves_no_trace_in_the_access_log(behind):
    """A header and the end, or the end at once; over TLS as well."""
    before = behind.requests()
    for at in (behind.gopher, behind.gemini):
        for first in (b"", HEADERS["v2-local"][0], HEADERS["v1-tcp4"][0]):
            connect(at, first=first).close()
            with connect(at, first=first) as sock:
                sock.shutdown(socket.SHUT_WR)
                assert_shut(sock)
    ask(behind, "gopher", first=HEADERS["v1-tcp4"][0])
    assert '"/about" 20' in new_request(behind, before)


def test_p05_requests_are_limited_for_the_client(proxied):
    """Not for the proxy, which is exempt or would be the first to meet the limit."""
    server = proxied(exempt=[], address_burst=2, address_rate=1)
    one, other = HEADERS["v1-tcp4"][0], HEADERS["v2-tcp6"][0]
    assert [gemini(server, "/about", first=one).status for _ in range(3)] == [20, 20, 44]
    assert [gemini(server, "/about", first=other).status for _ in range(3)] == [20, 20, 44]
    assert "limit: 192.0.2.7 has made more requests" in server.log()


def test_p05_connections_are_limited_for_the_client(proxied):
    server = proxied(exempt=[], address_connections=2)
    one = HEADERS["v1-tcp4"][0]
    with opened([connect(server.gopher, first=one) for _ in range(2)]):
        wait_until(lambda: server.counter("connections", state="first") == 2, "their headers are read")
        with connect(server.gopher, first=one) as sock:
            assert_shut(sock)
        with connect(server.gopher, first=HEADERS["v2-tcp4"][0]) as sock:
            sock.sendall(b"/about\r\n")
            assert menu(read_all(sock))
    assert "limit: 192.0.2.7 has more connections" in server.log()


def test_p05_an_exempt_client_is_exempt_behind_a_proxy(proxied):
    server = proxied(exempt=["192.0.2.0/24"], address_burst=1, address_rate=1)
    assert all(gemini(server, "/about", first=HEADERS["v1-tcp4"][0]).status == 20 for _ in range(4))


def test_p05_m08_m09_where_the_client_came_to_is_not_asked(proxied):
    """The header's destination is the word of somebody else about our name and port."""
    server = proxied()
    for to in (1965, server.gemini_port):
        header = f"PROXY TCP4 192.0.2.7 203.0.113.1 56324 {to}\r\n".encode()
        assert gemini(server, "/about", first=header).status == 20
        assert gemini(server, f"gemini://127.0.0.1:{server.gemini_port}/about", first=header).status == 20
        assert gemini(server, f"gemini://203.0.113.1:{server.gemini_port}/about", first=header).status == 53
        assert gemini(server, f"gemini://{HOST}:1965/about", first=header).status == 53


def test_p05_m09_behind_a_proxy_links_say_what_readers_see(proxied):
    """gopher_port and gemini_port are what a proxy listens on."""
    server = proxied(gopher_port=70, gemini_port=1965)
    header = HEADERS["v1-tcp4"][0]
    assert own_links(server, menu(gopher(server, "/", first=header)))
    assert f"gemini://{HOST}/" in gopher(server, "/about", first=header).decode()
    assert gemini(server, "/about", first=header).status == 20
    assert gemini(server, f"gemini://{HOST}:{server.gemini[1]}/about", first=header).status == 53


def test_p05_m08_names_are_as_without_a_proxy(behind):
    header = v2_ip("192.0.2.8", "203.0.113.1", (1, 1965), EXTENSIONS)
    assert gemini(behind, "gemini://other.example/", first=header).status == 53


def test_p01_a_proxy_that_nobody_is_believed_from_is_refused_at_the_start(tmp_path, content):
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0 proxy")
    assert done.returncode in (1, 2) and b"proxy_from" in done.stderr
