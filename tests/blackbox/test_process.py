"""The process: listeners, limits, rude and slow clients, shortage, and a good end.

Rows M-01, M-11, M-24 to M-26, G-02 and G-19 as far as time is in them, and three of the traps that
test_traps.py lists (trap_2, trap_3, trap_5).
"""

import concurrent.futures
import contextlib
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import time

import pytest

import sample
from smallweb import (CONTEXT, DIGESTD, HOST, PATIENCE, SANITIZED, Reply, connect, gemini, gopher, has_ipv6,
                      is_error_item, menu, opened, read_all, request_bytes, reset, run, tls, wait_until,
                      write_content)

ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def line_for(server, protocol, path="/about"):
    return path.encode() + b"\r\n" if protocol == "gopher" else request_bytes(server, path)


def is_refused(address):
    try:
        connect(address).close()
    except ConnectionError:
        return True
    return False


def enter(server, protocol):
    """A connection that has said nothing yet, past the handshake."""
    return connect(server.gopher) if protocol == "gopher" else tls(server)


@pytest.fixture(params=["gopher", "gemini"])
def protocol(request):
    return request.param


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The sample with a file that no socket buffer holds."""
    return write_content(tmp_path_factory.mktemp("large"),
                         sample.FILES | {"files/large.bin": bytes(range(256)) * 125_000})


# ------------------------------------------------------------------------------- the listeners


@ipv6
def test_m01_several_listeners_of_each_kind(start, content):
    server = start(content, gopher=("127.0.0.1:0", "[::1]:0", "127.0.0.1:0"),
                   gemini=("[::1]:0", "127.0.0.1:0", "127.0.0.2:0"))
    assert [(p, a) for p, a, _ in server.listeners] == [
        ("gopher", "127.0.0.1"), ("gopher", "[::1]"), ("gopher", "127.0.0.1"),
        ("gemini", "[::1]"), ("gemini", "127.0.0.1"), ("gemini", "127.0.0.2")]
    assert len({(a, port) for _, a, port in server.listeners}) == 6
    for kind, address, port in server.listeners:
        at = (address.strip("[]"), int(port))
        if kind == "gemini":
            assert gemini(server, "/about", address=at).status == 20
            assert gemini(server, f"gemini://{server.host}:{port}/about", address=at).status == 20
        else:
            with connect(at) as sock:
                sock.sendall(b"/about\r\n")
                assert menu(read_all(sock))


def test_m09_ports_of_a_mapping_are_the_only_ones(start, content):
    """Where the operator says which port readers see, the one listened on is not ours."""
    server = start(content, gemini_port=1234)
    port = server.gemini[1]
    assert gemini(server, f"gemini://{server.host}:1234/about").status == 20
    assert gemini(server, f"gemini://{server.host}:{port}/about").status == 53


@ipv6
def test_m01_two_stars_are_two_pairs(start, content):
    server = start(content, gopher=("*:0", "*:0"))
    ports = [port for kind, _, port in server.listeners if kind == "gopher"]
    assert ports[0] == ports[1] != ports[2] == ports[3]


@ipv6
def test_m01_a_star_is_both_kinds_of_address_on_one_port(start, content):
    server = start(content, gopher=("*:0",), gemini=("*:0",))
    for kind in ("gopher", "gemini"):
        mine = [(a, port) for k, a, port in server.listeners if k == kind]
        assert [a for a, _ in mine] == ["[::]", "0.0.0.0"] and len({port for _, port in mine}) == 1
    assert gemini(server, address=("::1", server.gemini_port)).status == 20
    assert gemini(server, address=("127.0.0.1", server.gemini_port)).status == 20
    wait_until(lambda: {line.split()[2] for line in server.requests()} == {"::1", "127.0.0.1"}, "the log has both")


def test_one_protocol_alone(start, content):
    only_gopher = start(content, gemini=())
    assert "gemini://" + HOST not in gopher(only_gopher, "/about").decode()
    only_gemini = start(content, gopher=())
    assert "gopher://" + HOST not in gemini(only_gemini, "/about").text


@pytest.mark.parametrize("workers", [1, 3])
def test_port_in_use(tmp_path, content, workers):
    """Status 71, the port named, and nothing started: the other ports are free again at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port, other = taken.getsockname()[1], free_port()
        done = run("serve", "-C", content, "-K", tmp_path / "certs", "-o", f"workers={workers}",
                   "--gopher", f"127.0.0.1:{other}", "--gemini", f"127.0.0.1:{port}")
    message = done.stderr.decode()
    assert done.returncode == 71, message
    assert re.search(rf"gemini://127\.0\.0\.1:{port}\b.*in use", message), message
    assert "ready" not in message.split()
    with socket.create_server(("127.0.0.1", other)):
        pass


@pytest.mark.parametrize("workers", [1, 3])
def test_a_second_server_on_the_same_port_is_refused(tmp_path, start, content, workers):
    """Although the first may share its port among its workers."""
    server = start(content, workers=workers)
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "-o", f"workers={workers}",
               "--gopher", f"127.0.0.1:{server.gopher_port}")
    assert done.returncode == 71 and str(server.gopher_port).encode() in done.stderr
    assert menu(gopher(server))


def test_restart_on_the_same_ports_at_once(start, content):
    """The old connections linger in TIME_WAIT on our side, for we close first."""
    first = start(content)
    ports = [f"127.0.0.1:{port}" for port in (first.gopher_port, first.gemini_port)]
    for _ in range(5):
        gopher(first), gemini(first)
    first.stop()
    second = start(content, gopher=ports[:1], gemini=ports[1:], certs=first.certs)
    assert menu(gopher(second)) and gemini(second).status == 20


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="no /proc")
def test_a_server_of_low_priority(tmp_path, content):
    """The threads that do not serve come after it, as far as that goes; there is nothing to say about it."""
    process = subprocess.Popen(["nice", "-n", "15", DIGESTD, "serve", "-C", content, "--gopher", "127.0.0.1:0"],
                               stderr=subprocess.PIPE)
    try:
        said = b""
        while b"search: " not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert b"priority" not in said
        threads = [os.getpriority(os.PRIO_PROCESS, int(thread)) for thread in os.listdir(f"/proc/{process.pid}/task")]
        assert len(threads) > 1 and all(nice >= 15 for nice in threads) and max(threads) == 19
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("arguments", [
    [], ["frobnicate"], ["serve", "--frobnicate"], ["serve", "stray"], ["serve", "--gopher"],
    ["serve", "--gopher", "nonsense"],
    ["serve", "--gopher", "127.0.0.1"], ["serve", "--gopher", "127.0.0.1:65536"], ["serve", "--gopher", "localhost:70"],
    ["serve", "--gopher", "::1:70"], ["serve", "--gemini", "[::1:70"], ["serve", "--gemini", "127.0.0.1:x"],
    ["serve", "--hostname", "no host"], ["serve", "--hostname", "-x.example"], ["serve", "--hostname", ""],
    ["serve", "-o", "workers"], ["serve", "-o", "workers=0"],
    ["serve", "-o", "workers=x"], ["serve", "-o", "wrokers=1"], ["serve", "-o", "request_timeout=-1"],
    ["check", "--frobnicate"], ["check", "stray"], ["render"], ["render", "gemini"], ["render", "gemini", "/", "stray"],
    ["render", "nonsense", "/"], ["render", "gemini", "about"], ["render", "gemini", ""], ["render", "gemini", "/../"],
    ["render", "-o", "gopher_port=x", "gemini", "/"],
])
def test_wrong_command_line(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.strip() and not done.stdout


def test_wrong_setting_names_the_nearest(content):
    assert b"workers" in run("serve", "-C", content, "-o", "wrokers=1").stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["serve", "--help"], ["check", "--help"],
                                       ["render", "--help"]])
def test_help(arguments):
    done = run(*arguments)
    assert done.returncode == 0 and done.stdout and not done.stderr
    assert max(map(len, done.stdout.decode().splitlines())) <= 100


def test_content_with_errors_is_not_served(tmp_path):
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/a.yaml": "- title: [\n"})
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0", "--gemini", "127.0.0.1:0")
    assert done.returncode == 1
    assert b"entries/a.yaml:" in done.stderr and b"ready" not in done.stderr.split()
    assert not (tmp_path / "certs").exists(), "nothing is done with bad content"


def test_content_that_is_not_there(tmp_path):
    done = run("serve", "-C", tmp_path / "nowhere", "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0")
    assert done.returncode == 1 and b"nowhere" in done.stderr


# ----------------------------------------------------------------------------------- the limits


def test_g02_m11_m24_m25_silent_client(start, content):
    """Closed without a byte; over TLS by the handshake's own deadline (M-24)."""
    server = start(content, request_timeout=1500, handshake_timeout=1500)
    with connect(server.gopher) as plain, connect(server.gemini) as secure, tls(server) as shaken:
        assert read_all(plain) == b""
        assert read_all(secure) == b""
        assert read_all(shaken) == b"", "with close_notify (M-11)"


@pytest.mark.parametrize("first", [b"\x16", b"\x16\x03\x01\x02\x00\x01", b"gem"])
def test_m24_handshake_that_is_begun_and_no_more(start, content, first):
    server = start(content, handshake_timeout=1000)
    with connect(server.gemini) as sock:
        sock.sendall(first)
        assert read_all(sock) == b""
    wait_until(server.requests, "the log has it")


def drip(sock, data):
    """Sends a byte every 50 ms until the server has had enough of it; returns what that says."""
    sock.settimeout(0.05)
    said = b""
    for byte in data:
        with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
            part = sock.recv(1000)
            if not part:
                return said
            said += part
        sock.sendall(bytes([byte]))
    raise AssertionError("the server listens for ever")


def test_m25_slow_drip(start, content, protocol):
    """The deadline of a request is absolute: a byte now and then buys nothing (trap_5)."""
    server = start(content, request_timeout=1000, handshake_timeout=1000)
    with enter(server, protocol) as sock:
        assert drip(sock, (b"/" if protocol == "gopher" else b"gemini://digest.test/") + b"x" * 600) == b""


def test_m25_slow_drip_of_a_handshake(start, content):
    """Whole and valid, but too slow (trap_5)."""
    server = start(content, handshake_timeout=1000)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = CONTEXT.wrap_bio(incoming, outgoing, server_hostname=HOST)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    with connect(server.gemini) as sock:
        assert drip(sock, outgoing.read()) == b""


def test_m25_reader_that_never_reads(start, large, protocol):
    """The response has its time, and a reply that is cut does not look whole (trap_5)."""
    server = start(large, response_timeout=400, least_speed=1 << 30)
    sock = enter(server, protocol)
    with sock:
        sock.sendall(line_for(server, protocol, "/files/large.bin"))
        wait_until(server.requests, "the server gives up")
        with pytest.raises(OSError):
            read_all(sock)
    assert gopher(server, "/about")


def test_m25_large_file_to_a_slow_but_steady_reader(start, large, protocol):
    server = start(large)
    with enter(server, protocol) as sock:
        sock.sendall(line_for(server, protocol, "/files/large.bin"))
        time.sleep(0.3)
        assert gopher(server, "/about"), "others are served meanwhile"
        data = read_all(sock)
    body = data if protocol == "gopher" else Reply(data).body
    assert body == (large / "files/large.bin").read_bytes()


def test_m25_at_the_bound_newcomers_wait(start, content, protocol):
    server = start(content, connections=5)
    with opened([]) as held:
        for _ in range(5):
            held.append(connect(server.gopher))
        time.sleep(0.2)
        address = server.gopher if protocol == "gopher" else server.gemini
        with connect(address) as newcomer:
            if protocol == "gopher":
                newcomer.sendall(b"/about\r\n")
                newcomer.settimeout(0.4)
                with pytest.raises(TimeoutError):
                    newcomer.recv(1)
                held.pop().close()
                newcomer.settimeout(PATIENCE)
                assert menu(read_all(newcomer))
            else:
                newcomer.settimeout(0.4)
                with pytest.raises(TimeoutError):
                    CONTEXT.wrap_socket(newcomer, server_hostname=HOST)
    assert gemini(server, "/about").status == 20
    assert menu(gopher(server, "/about"))


def test_those_who_linger_make_room(start, content):
    """A client that has its reply and does not close keeps no place."""
    server = start(content, connections=3, linger_timeout=60_000)
    with opened([]) as held:
        for _ in range(10):
            sock = connect(server.gopher)
            held.append(sock)
            sock.sendall(b"/about\r\n")
            assert menu(read_all(sock))


def test_few_descriptors_are_survived_and_reported(start, content):
    """A failing accept pauses the accepting, and ends nothing (trap_2)."""
    server = start(content, descriptors=64)
    with opened([]) as held:
        for _ in range(100):
            held.append(connect(server.gopher))
        wait_until(lambda: "cannot accept every connection" in server.log(), "the shortage is reported")
        assert server.process.poll() is None
    assert menu(gopher(server, "/about")) and gemini(server, "/about").status == 20
    assert gemini(server, "/files/binary.bin").body == sample.BINARY
    wait_until(lambda: "accepting again" in server.log(), "the recovery is reported")
    assert len(re.findall("cannot accept every connection", server.log())) <= 4, "not over and over"


def test_not_one_descriptor_left(start, content):
    """EMFILE itself, where the reserve does not help: newcomers wait, files say that they cannot be
    read just now, and all is well when there are descriptors again."""
    server = start(content)
    with connect(server.gopher) as one, tls(server) as two:
        time.sleep(0.1)
        usual = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (server.descriptors(), usual[1]))
        with connect(server.gopher) as newcomer:
            newcomer.sendall(b"/about\r\n")
            wait_until(lambda: "cannot accept every connection" in server.log(), "the shortage is reported")
            one.sendall(b"/files/picture.png\r\n")
            assert is_error_item(read_all(one))
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, usual)
            assert menu(read_all(newcomer))
        two.sendall(request_bytes(server, "/files/picture.png"))
        assert Reply(read_all(two)).status == 20


@pytest.mark.parametrize("workers", [1, 3])
def test_500_clients_at_once(start, content, protocol, workers):
    """All connected, and half way through their requests, before the first goes on."""
    server = start(content, workers=workers, request_timeout=PATIENCE * 1000, handshake_timeout=PATIENCE * 1000)
    want = gopher(server, "/about") if protocol == "gopher" else gemini(server, "/about").raw
    line = line_for(server, protocol)
    with opened([]) as clients:
        for _ in range(500):
            clients.append(enter(server, protocol))
            clients[-1].sendall(line[:3])
        wait_until(lambda: server.descriptors() >= 500, "all are connected")
        for sock in clients:
            sock.sendall(line[3:])
        assert all(read_all(sock) == want for sock in clients)
    wait_until(lambda: len(server.requests()) >= 501, "all are in the log")
    if workers == 3:
        assert len(os.listdir(f"/proc/{server.pid}/task")) >= 3


def test_many_clients_of_both_protocols(start, content):
    server = start(content, workers=3)
    paths = [path for path in sample.PAGES if path != "/about"] * 4
    want = {path: (gopher(server, path), gemini(server, path).raw) for path in set(paths)}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = pool.map(lambda path: (path, gopher(server, path), gemini(server, path).raw), paths)
        for path, one, two in got:
            assert (one, two) == want[path]


# ----------------------------------------------------------------------------- the rude clients


def gopher_stages(server):
    yield lambda: connect(server.gopher)
    for data in (b"/about", b"/about\r\n", b"/files/big.bin\r\n", b"\x16\x03\x01", b"GET / HTTP/1.0\r\n"):
        def stage(data=data):
            sock = connect(server.gopher)
            sock.sendall(data)
            return sock
        yield stage

    def middle():
        sock = connect(server.gopher)
        sock.sendall(b"/files/big.bin\r\n")
        sock.recv(1000)
        return sock
    yield middle


def gemini_stages(server):
    yield lambda: connect(server.gemini)
    for data in (b"\x16", b"\x16\x03\x01\x00\xc8" + b"\x01\x00" + bytes(40), b"hello\r\n"):
        def stage(data=data):
            sock = connect(server.gemini)
            sock.sendall(data)
            return sock
        yield stage
    yield lambda: tls(server)
    for request in (b"gemini://", "/about", "/files/big.bin", "/nothing"):
        def ask_(request=request):
            sock = tls(server)
            sock.sendall(request_bytes(server, request))
            return sock
        yield ask_

    def middle():
        sock = tls(server)
        sock.sendall(request_bytes(server, "/files/big.bin"))
        sock.recv(1000)
        return sock
    yield middle


@pytest.mark.parametrize("rude", [reset, lambda sock: sock.close()], ids=["reset", "close"])
def test_m26_clients_that_leave_at_any_stage(start, content, rude):
    """Harmless, whatever the stage; nothing is left open (trap_5)."""
    server = start(content, linger_timeout=200)
    gopher(server), gemini(server)
    time.sleep(0.3)
    before = server.descriptors()
    for _ in range(3):
        for stage in (*gopher_stages(server), *gemini_stages(server)):
            rude(stage())
    wait_until(lambda: server.descriptors() <= before, "every descriptor is closed")
    assert menu(gopher(server, "/about")) and gemini(server, "/about").status == 20


def test_m25_a_reader_that_stops_stalls_nobody(start, large):
    """Nor does a connection that cannot take more now block the loop (trap_3)."""
    server = start(large)
    with connect(server.gopher) as one, tls(server) as two:
        one.sendall(b"/files/large.bin\r\n")
        two.sendall(request_bytes(server, "/files/large.bin"))
        for _ in range(20):
            assert menu(gopher(server, "/about")) and gemini(server, "/about").status == 20


@pytest.mark.skipif(SANITIZED, reason="the sanitizer keeps what is freed; it looks for leaks itself")
def test_memory_does_not_grow_with_requests(start, content):
    server = start(content, cache_size=64)

    def resident():
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{server.pid}/status").read())[1])

    def work():
        for path in sample.PAGES * 3:
            gopher(server, path)
            gemini(server, path)
            gemini(server, "/nothing" + path)

    work()
    before = resident()
    for _ in range(3):
        work()
    assert resident() < before * 1.5 + 4096


def test_a_file_that_changes_is_served_as_it_is(tmp_path, start):
    content = write_content(tmp_path / "c", sample.FILES)
    server = start(content)
    assert gopher(server, "/files/deep/er/note.txt") == b"deep\r\n"
    (content / "files/deep/er/note.txt").write_text("changed, and longer\n")
    assert gopher(server, "/files/deep/er/note.txt") == b"changed, and longer\r\n"
    (content / "files/deep/er/note.txt").unlink()
    assert gemini(server, "/files/deep/er/note.txt").status in (40, 51)
    assert is_error_item(gopher(server, "/files/deep/er/note.txt"))


# ---------------------------------------------------------------------------------- a good end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_in_flight_is_finished(start, large, protocol, number, workers):
    """A slow reader gets the large file whole, a begun request its reply; newcomers are refused."""
    server = start(large, workers=workers)
    want = (large / "files/large.bin").read_bytes()
    with enter(server, protocol) as reader, enter(server, protocol) as begun, enter(server, protocol) as idle:
        reader.sendall(line_for(server, protocol, "/files/large.bin"))
        line = line_for(server, protocol)
        begun.sendall(line[:5])
        data = reader.recv(10_000)
        time.sleep(0.1)
        os.kill(server.pid, number)
        wait_until(lambda: "finishing" in server.log(), "the signal is heard")
        assert read_all(idle) == b"", "who has said nothing is let go, over TLS with close_notify"
        wait_until(lambda: is_refused(server.gopher), "newcomers are refused")
        begun.sendall(line[5:])
        reply = read_all(begun)
        assert menu(reply) if protocol == "gopher" else Reply(reply).status == 20
        data += read_all(reader)
    assert (data if protocol == "gopher" else Reply(data).body) == want
    server.ended()


def test_the_end_does_not_wait_for_ever(start, large):
    server = start(large, drain_timeout=300)
    with connect(server.gopher) as sock, tls(server) as other:
        sock.sendall(b"/files/large.bin\r\n")
        other.sendall(b"gemini://")
        sock.recv(100)
        server.stop()


@pytest.mark.parametrize("workers", [1, 8])
def test_a_second_signal_ends_at_once(start, large, workers):
    """Whichever worker has something to finish."""
    server = start(large, drain_timeout=3_600_000, workers=workers)
    with connect(server.gopher) as sock:
        sock.sendall(b"/files/large.bin\r\n")
        sock.recv(100)
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: "finishing" in server.log(), "the signal is heard")
        assert server.process.poll() is None
        os.kill(server.pid, signal.SIGTERM)
        server.ended()


def test_an_idle_server_ends_at_once(start, content):
    server = start(content, drain_timeout=3_600_000)
    server.stop(signal.SIGINT)


def test_sigpipe_of_the_log(tmp_path, content):
    """Nobody reads standard error any more: the server serves on."""
    process = subprocess.Popen([DIGESTD, "serve", "-C", content, "-K", tmp_path / "certs", "--hostname", HOST,
                                "--gopher", "127.0.0.1:0"], stderr=subprocess.PIPE)
    try:
        said = b""
        while b"ready\n" not in said:
            said += process.stderr.readline()
        port = int(re.search(rb"gopher://127.0.0.1:(\d+)", said)[1])
        process.stderr.close()
        for _ in range(3):
            with connect(("127.0.0.1", port)) as sock:
                sock.sendall(b"/about\r\n")
                assert menu(read_all(sock))
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def test_hangup_is_survived(start, content):
    server = start(content)
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "\nreloaded\n" in server.log(), "the signal is heard")
    assert gemini(server, "/about").status == 20
