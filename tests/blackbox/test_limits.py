"""The limits of a server in public: each one met and lifted, with its log line and its counter.

That newcomers wait at the bound of all connections, and the deadlines of silent and dripping clients, are in
test_process.py too, the queue of searches in test_search.py (M-20, M-25). Every address of 127.0.0.0/8 is a client
of its own here; addresses of IPv6 come in the header of a proxy, which can name any.
"""

import os
import re
import signal
import socket
import time

import pytest

import sample
from smallweb import (CONTEXT, HOST, PATIENCE, SANITIZED, connect, gemini, gopher, is_error_item, menu, opened,
                      read_all, request_bytes, tls, wait_until, write_content)

ONE, OTHER = "127.0.0.2", "127.0.0.3"

ROWDY = "made more requests than address_rate and address_burst allow"
CROWD = "more connections than address_connections allows"


@pytest.fixture
def limited(start, content):
    """limited(...) starts a server with those settings, that counts, and spares nobody."""
    def limited(of=content, **settings):
        return start(of, **({"exempt": [], "metrics": "127.0.0.1:0"} | settings))
    return limited


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The sample with a file that no socket buffer holds."""
    return write_content(tmp_path_factory.mktemp("large"),
                         sample.FILES | {"files/large.bin": bytes(range(256)) * 125_000})


def lines(server, what):
    """The lines of the log that say so."""
    return [line for line in server.log().splitlines() if what in line]


def hits(server, limit):
    return server.counter("limit_hits_total", limit=limit)


def ended(server, reason):
    return server.counter("connections_ended_total", reason=reason)


def open_now(server):
    """Connections that are open, in whatever state."""
    return sum(value for (name, _), value in server.counters().items() if name == "digestd_connections")


def taken_in(server, number, *, of="gopher", **options):
    """That many connections which the server has accepted."""
    before = open_now(server)
    held = [connect(getattr(server, of), **options) for _ in range(number)]
    wait_until(lambda: open_now(server) == before + number, "they are accepted")
    return held


def is_closed(sock):
    """Closed by the server, without a byte; a reset is one as well."""
    try:
        return sock.recv(100) == b""
    except ConnectionError:
        return True


# ---------------------------------------------------------------------------- connections in all


FULL = "cannot accept every connection for now: there are as many as the setting connections allows"


def test_m25_all_places_are_taken(limited):
    """Newcomers wait, which the log says, and each is served as a place is left."""
    server = limited(connections=4)
    with opened(taken_in(server, 4)) as held:
        newcomers = [connect(server.gopher) for _ in range(3)]
        held += newcomers
        for sock in newcomers:
            sock.sendall(b"/about\r\n")
        wait_until(lambda: hits(server, "connections") > 0 and lines(server, FULL), "it is counted and logged")
        newcomers[0].settimeout(0.2)
        with pytest.raises(TimeoutError):
            newcomers[0].recv(1)
        newcomers[0].settimeout(PATIENCE)
        held.pop(0).close()
        for sock in newcomers:
            assert menu(read_all(sock))
    wait_until(lambda: lines(server, "accepting again"), "the log says that it is over")
    assert menu(gopher(server, "/about"))


def test_m25_a_server_that_is_often_full_says_so_now_and_then(limited):
    """Each time is counted; the log has one line, and one for the end."""
    server = limited(connections=4)
    for times in range(1, 6):
        with opened(taken_in(server, 4)) as held, connect(server.gopher) as newcomer:
            wait_until(lambda: hits(server, "connections") >= times, "it is counted")
            held.pop().close()
            newcomer.sendall(b"/about\r\n")
            assert menu(read_all(newcomer))
        wait_until(lambda: open_now(server) == 0, "all have left")
    assert len(lines(server, FULL)) == 1


# ------------------------------------------------------------------------ connections of one address


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_m25_connections_of_one_address(limited, protocol):
    """One too many is closed without a byte, others come in, and who leaves makes room."""
    server = limited(address_connections=3)
    at = getattr(server, protocol)
    with opened(taken_in(server, 3, of=protocol, source=ONE)) as held:
        for _ in range(5):
            with connect(at, source=ONE) as sock:
                assert is_closed(sock)
        assert hits(server, "address-connections") == 5 == ended(server, "address-limit")
        assert [line.split()[1] for line in lines(server, CROWD)] == [ONE], "one line for all of them"
        assert menu(gopher(server, "/about", source=OTHER)) and gemini(server, "/about", source=OTHER).status == 20
        held.pop().close()
        wait_until(lambda: open_now(server) == 2, "one has left")
        assert menu(gopher(server, "/about", source=ONE))
    assert hits(server, "address-connections") == 5
    assert not [line for line in server.requests() if " - 0 " in line], "the refused are not in the access log"


def test_m25_the_crowd_of_an_address_is_told_of_again(limited):
    """One line when it hits its limit, the next when it has had half at most in between."""
    server = limited(address_connections=4)
    for times in (1, 2):
        with opened(taken_in(server, 4, source=ONE)) as held:
            for _ in range(3):
                with connect(server.gopher, source=ONE) as sock:
                    assert is_closed(sock)
                held.pop().close()
                wait_until(lambda: open_now(server) == 3, "one has left")
                held += taken_in(server, 1, source=ONE)
            assert len(lines(server, CROWD)) == times
        wait_until(lambda: open_now(server) == 0, "all have left")


def test_m25_connections_of_an_address_count_on_all_workers(limited):
    """The system deals them out, and still an address has its share but once."""
    server = limited(address_connections=6, workers=3)
    with opened(taken_in(server, 6, source=ONE)):
        for _ in range(12):
            with connect(server.gopher, source=ONE) as sock:
                assert is_closed(sock)
    assert hits(server, "address-connections") == 12


def from_v6(address, to="2001:db8:ffff::1"):
    return f"PROXY TCP6 {address} {to} 50000 70\r\n".encode()


def test_m25_p05_a_64_of_ipv6_is_one_address(limited):
    """So much is given to one reader, who may be anybody in it."""
    server = limited(gopher=("127.0.0.1:0 proxy",), proxy_from="127.0.0.1", address_connections=2)
    mine = [from_v6(f"2001:db8:1:2::{n:x}") for n in range(1, 9)]
    with opened([connect(server.gopher, first=mine[0]), connect(server.gopher, first=mine[1])]):
        wait_until(lambda: open_now(server) == 2, "they are accepted")
        for header in mine[2:]:
            with connect(server.gopher, first=header) as sock:
                assert is_closed(sock)
        assert menu(gopher(server, "/about", first=from_v6("2001:db8:1:3::1")))
    assert hits(server, "address-connections") == 6
    assert len(lines(server, "limit: 2001:db8:1:2::")) == 1 == len(lines(server, CROWD))


# ---------------------------------------------------------------------------- requests of one address


def is_refusal(reply):
    return is_error_item(reply) and b"again in" in reply


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_m20_too_many_requests_and_when_to_come_again(limited, protocol):
    """44 with the seconds, or an error item that says them; after that time it is good again."""
    server = limited(address_burst=3, address_rate=20)

    def ask():
        """The seconds to wait; 0: served."""
        if protocol == "gemini":
            reply = gemini(server, "/about", source=ONE)
            assert reply.status == 20 or re.fullmatch(rb"44 [1-9][0-9]*\r\n", reply.raw), reply.raw
            return 0 if reply.status == 20 else int(reply.meta)
        reply = gopher(server, "/about", source=ONE)
        if is_error_item(reply):
            return int(re.search(rb"again in ([1-9][0-9]*) seconds?\t", reply)[1])
        return 0 if menu(reply) else None

    assert [ask() for _ in range(3)] == [0, 0, 0], "the burst"
    seconds = wait_until(ask, "it is refused")
    assert 1 <= seconds <= 3
    assert gemini(server, "/about", source=OTHER).status == 20, "others are not concerned"
    time.sleep(seconds)
    assert ask() == 0, "after that time"
    assert hits(server, "address-requests") >= 1
    assert [line.split()[1] for line in lines(server, ROWDY)] == [ONE]


def test_m20_both_protocols_fill_one_measure(limited):
    """Whatever is asked, and whatever the answer would be."""
    server = limited(address_burst=4, address_rate=1)
    assert menu(gopher(server, "/about", source=ONE))
    assert gemini(server, "/nothing", source=ONE).status == 51
    assert gemini(server, b"nonsense\r\n", source=ONE).status == 59
    with tls(server, address=server.gopher, source=ONE) as sock:
        sock.sendall(b"/about\r\n")
        assert menu(read_all(sock))
    reply = gemini(server, "/about", source=ONE)
    assert reply.status == 44 and 50 <= int(reply.meta) <= 60
    assert is_refusal(gopher(server, "/files/dots.txt", source=ONE))
    assert is_refusal(gopher(server, b"x" * 2000, source=ONE))
    assert gemini(server, b"nonsense\r\n", source=ONE).status == 44
    assert hits(server, "address-requests") == 4
    assert len(lines(server, ROWDY)) == 1
    wait_until(lambda: len(server.requests()) == 8, "the log has them")
    assert [line.split('" ')[1].split()[0] for line in server.requests()] == \
        ["20", "51", "59", "20", "44", "44", "44", "44"]


def test_m20_requests_of_an_address_count_on_all_workers(limited):
    server = limited(address_burst=10, address_rate=1, workers=3)
    replies = [gopher(server, "/about", source=ONE) for _ in range(30)]
    assert sum(map(is_refusal, replies)) == 20 == hits(server, "address-requests")


# --------------------------------------------------------------------------------- other limits, later


@pytest.fixture
def configured(tmp_path, start, content):
    """A server and change(...), which gives it a configuration with these settings and no others beside the usual."""
    file = tmp_path / "digestd.yaml"
    fixed = (f'content: {content}\ncerts: {tmp_path}/certs\nhostname: {HOST}\ngopher: "127.0.0.1:0"\n'
             'exempt: []\nwatch: no\n')
    file.write_text(fixed)
    server = start(content, config=file)

    def change(**settings):
        before = server.log()
        file.write_text(fixed + "".join(f"{name}: {value}\n" for name, value in settings.items()))
        os.kill(server.pid, signal.SIGHUP)
        wait_until(lambda: "\nreloaded\n" in server.log()[len(before):], "it is loaded")

    return server, change


def test_limits_are_changed_by_a_reload(configured):
    """Met under one configuration, lifted by the next. The worker follows a moment after the log says so."""
    server, change = configured

    def refused():
        return is_refusal(gopher(server, "/about", source=ONE))

    def one_too_many():
        """Is a second connection closed?"""
        with connect(server.gopher, source=ONE), connect(server.gopher, source=ONE) as second:
            second.settimeout(0.1)
            try:
                return is_closed(second)
            except TimeoutError:
                return False

    def waits(sock):
        """Is there no answer to what it has asked?"""
        sock.settimeout(0.2)
        try:
            return not menu(read_all(sock))
        except TimeoutError:
            return True

    def full():
        with connect(server.gopher), connect(server.gopher, first=b"/about\r\n") as second:
            return waits(second)

    assert not refused() and not refused()
    change(address_burst=1, address_rate=1)
    wait_until(refused, "the rate is followed")
    change(address_burst=1000)
    wait_until(lambda: not refused(), "the rate is followed")
    change(address_connections=1)
    wait_until(one_too_many, "the number is followed")
    change(address_connections=0)
    wait_until(lambda: not one_too_many(), "the number is followed")
    change(request_timeout=100)
    with connect(server.gopher) as sock:
        assert is_closed(sock)
    change(connections=1)
    wait_until(full, "the number is followed")
    with connect(server.gopher), connect(server.gopher, first=b"/about\r\n") as second:
        assert waits(second)
        change()
        second.settimeout(PATIENCE)
        assert menu(read_all(second)), "there is room at once"


# ------------------------------------------------------------------------------------ who is exempt


def test_the_loopback_is_exempt_unless_told_otherwise(start, content):
    server = start(content, address_connections=1, address_burst=1, address_rate=1, metrics="127.0.0.1:0")
    with opened(taken_in(server, 3)):
        assert all(gemini(server, "/about").status == 20 for _ in range(5))
    assert hits(server, "address-connections") == 0 == hits(server, "address-requests")
    assert not lines(server, "limit:")


def test_networks_may_be_exempt(limited):
    server = limited(exempt=["127.0.1.0/24", OTHER], address_connections=1, address_burst=1, address_rate=1)
    for spared in ("127.0.1.1", "127.0.1.200", OTHER):
        with opened(taken_in(server, 2, source=spared)):
            assert all(menu(gopher(server, "/about", source=spared)) for _ in range(3))
    for other in (ONE, "127.0.2.1"):
        assert menu(gopher(server, "/about", source=other))
        assert is_refusal(gopher(server, "/about", source=other))


def test_the_exempt_are_among_all_connections(limited):
    server = limited(exempt=["127.0.0.0/8"], connections=3)
    with opened(taken_in(server, 3)), connect(server.gopher) as newcomer:
        newcomer.sendall(b"/about\r\n")
        newcomer.settimeout(0.3)
        with pytest.raises(TimeoutError):
            newcomer.recv(1)


def test_no_limit_where_it_is_zero(limited):
    server = limited(address_connections=0, address_rate=0, address_burst=1)
    with opened(taken_in(server, 100, source=ONE)):
        assert all(menu(gopher(server, "/about", source=ONE)) for _ in range(20))
    assert not lines(server, "limit:")


def test_the_defaults_are_for_a_public_server(limited):
    """As a reader they are never met; a flood is."""
    server = limited(log_addresses="truncated")
    replies = [gopher(server, "/about", source=ONE) for _ in range(260)]
    assert not any(map(is_refusal, replies[:200])) and any(map(is_refusal, replies))
    assert len(lines(server, ROWDY)) == 1
    assert lines(server, ROWDY)[0].startswith("limit: 127.0.0.0 "), "the log is as discreet here"


# ------------------------------------------------------------------------------------- the deadlines


def test_m25_each_deadline_is_counted_by_its_name(limited, large):
    """The log and the counters have the same words."""
    server = limited(large, handshake_timeout=1000, request_timeout=1000, response_timeout=1000, least_speed=1 << 30)
    with connect(server.gemini) as shaking, connect(server.gopher) as asking, connect(server.gopher) as reading:
        shaking.sendall(b"\x16\x03\x01")
        asking.sendall(b"/abo")
        reading.sendall(b"/files/large.bin\r\n")
        for reason in ("handshake-timeout", "request-timeout", "response-timeout"):
            wait_until(lambda: ended(server, reason) == 1, f"{reason} is counted")
            wait_until(lambda: lines(server, reason), f"{reason} is logged")
    assert server.counter("tls_handshakes_total", result="failed") == 1


def slow_reader(server, protocol):
    """One whose own side holds little, as over a slow line; it has asked for the large file."""
    raw = socket.socket()
    raw.settimeout(PATIENCE)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(getattr(server, protocol))
    if protocol == "gopher":
        raw.sendall(b"/files/large.bin\r\n")
        return raw
    sock = CONTEXT.wrap_socket(raw, server_hostname=server.host, suppress_ragged_eofs=False)
    sock.sendall(request_bytes(server, "/files/large.bin"))
    return sock


def read_at(sock, speed, seconds):
    """Reads so many bytes a second for so long, or to the end; returns how many came."""
    begun, got = time.monotonic(), 0
    while (now := time.monotonic() - begun) < seconds:
        if got > now * speed:
            time.sleep(0.01)
            continue
        part = sock.recv(65536)
        if not part:
            break
        got += len(part)
    return got


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_m25_a_reader_slower_than_the_least_speed_is_cut_off(limited, large, protocol):
    """32 MB at 16 MB/s at least are two seconds, and the deadline of a response one tenth."""
    server = limited(large, response_timeout=100, least_speed=16_000_000, send_buffer=64)
    begun = time.monotonic()
    with slow_reader(server, protocol) as sock:
        with pytest.raises(OSError):
            read_at(sock, 1 << 20, PATIENCE)
    assert time.monotonic() - begun > 1.9, "not before its time"
    wait_until(lambda: ended(server, "response-timeout") == 1, "it is counted")
    assert lines(server, "response-timeout")


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_m25_a_reader_of_the_least_speed_takes_as_long_as_that_takes(limited, large, protocol):
    """Much longer than a response may take otherwise."""
    server = limited(large, response_timeout=100, least_speed=1 << 18, send_buffer=64)
    with slow_reader(server, protocol) as sock:
        got = read_at(sock, 4 << 20, 1)
        data = read_all(sock)
    assert got + len(data) >= 32_000_000 and ended(server, "response-timeout") == 0


# ---------------------------------------------------------------------------------------- memory


def unsent(port):
    """Bytes that the kernel holds for the readers of a port, the most for one of them."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return max((int(row[4].split(":")[0], 16) for row in rows
                if row[1].endswith(f":{port:04X}") and row[3] != "0A"), default=0)


def resident(server):
    """Bytes of memory that the process has."""
    with open(f"/proc/{server.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) * 1024


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="no /proc/net/tcp")
def test_m25_what_is_held_for_a_reader_who_does_not_read(limited, large):
    """Neither the kernel nor the server holds more than a part of a large file."""
    server = limited(large, send_buffer=64)
    gopher(server, "/about")
    before = resident(server)
    with opened([slow_reader(server, "gopher") for _ in range(20)]):
        wait_until(lambda: unsent(server.gopher_port) > 16_000, "the buffer fills")
        time.sleep(0.3)
        assert unsent(server.gopher_port) <= 2 * 64 * 1024, "twice, as the kernel counts its own"
        assert SANITIZED or resident(server) - before < 20 * 256 * 1024


# ------------------------------------------------------------------------------------- descriptors


def test_m25_few_descriptors_are_counted(limited):
    """Accepting pauses and goes on: a line for each, and the counter."""
    server = limited(descriptors=64)
    with opened([]) as held:
        for _ in range(100):
            held.append(connect(server.gopher))
        wait_until(lambda: lines(server, "cannot accept every connection"), "the shortage is reported")
        wait_until(lambda: hits(server, "descriptors") >= 1, "it is counted, and there is one left to say so")
    assert menu(gopher(server, "/about"))
    wait_until(lambda: lines(server, "accepting again"), "the recovery is reported")
    assert gemini(server, "/about").status == 20
