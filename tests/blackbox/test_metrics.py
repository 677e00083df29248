"""The private listener: what /metrics counts after traffic that is known, /healthz, and who may ask.

Each form of the text is read by the strict reader in prometheus.py; the counter of each limit is in test_limits.py.
"""

import calendar
import contextlib
import os
import signal
import socket
import stat
import subprocess
import time

import pytest

import sample
from smallweb import (HOST, PATIENCE, connect, gemini, gopher, http, menu, opened, read_all,
                      request_bytes, run, tls, wait_until, write_content)


@pytest.fixture
def counting(start, content):
    def counting(of=content, **settings):
        return start(of, **({"metrics": "127.0.0.1:0"} | settings))
    return counting


def named(counters, name):
    """{(label values in the order of their names): value} of one metric, without zeros."""
    return {tuple(value for _, value in sorted(labels)): number
            for (sample_name, labels), number in counters.items() if sample_name == "digestd_" + name and number}


def gophers(server, selector):
    with tls(server, address=server.gopher) as sock:
        sock.sendall(selector.encode() + b"\r\n")
        return read_all(sock)


def wait_for_ends(server, number):
    """Counts once so many connections have ended, that is, once all of them are counted."""
    def all_ended():
        counters = server.counters()
        return counters if sum(named(counters, "connections_ended_total").values()) >= number else None
    return wait_until(all_ended, f"{number} connections have ended")


# ------------------------------------------------------------------------------------- the numbers


def test_all_zero_at_the_start(counting):
    counters = counting().counters()
    for name in ("requests_total", "sent_bytes_total", "connections", "connections_ended_total", "tls_handshakes_total",
                 "limit_hits_total", "reloads_total", "upgrades_failed_total", "log_lines_lost_total"):
        assert not named(counters, name), name


@pytest.mark.parametrize("workers", [1, 3])
def test_requests_bytes_and_histograms(counting, workers):
    server = counting(workers=workers)
    replies = {
        "gopher": [gopher(server, path) for path in ("/about", "/about", "/nothing", "/files/binary.bin")],
        "gophers": [gophers(server, "/about")],
        "gemini": [gemini(server, path).raw for path in ("/about", "/latest", "/nothing", "/#", "/files/binary.bin")],
    }
    counters = wait_for_ends(server, 10)
    assert named(counters, "requests_total") == {
        ("gopher", "20"): 3, ("gopher", "51"): 1, ("gophers", "20"): 1,
        ("gemini", "20"): 2, ("gemini", "31"): 1, ("gemini", "51"): 1, ("gemini", "59"): 1}
    assert named(counters, "connections_ended_total") == {("done",): 10}
    for protocol, all_of_it in replies.items():
        sizes = [len(reply) for reply in all_of_it]
        assert named(counters, "sent_bytes_total")[(protocol,)] == sum(sizes)
        assert named(counters, "response_size_bytes_sum")[(protocol,)] == sum(sizes)
        assert named(counters, "response_size_bytes_count")[(protocol,)] == len(sizes)
        buckets = named(counters, "response_size_bytes_bucket")
        for bound in ("256", "1024", "65536", "262144"):
            below = sum(size <= int(bound) for size in sizes)
            assert buckets.get((bound, protocol), 0) == below, (bound, protocol)
        assert named(counters, "request_duration_seconds_count")[(protocol,)] == len(sizes)
        assert 0 < named(counters, "request_duration_seconds_sum")[(protocol,)] < PATIENCE


def test_durations_are_those_of_the_requests(counting):
    """A request that was half a second in coming is in the buckets from there on."""
    server = counting()
    with connect(server.gopher) as sock:
        sock.sendall(b"/abo")
        time.sleep(0.55)
        sock.sendall(b"ut\r\n")
        read_all(sock)
    counters = wait_for_ends(server, 1)
    buckets = named(counters, "request_duration_seconds_bucket")
    assert ("0.5", "gopher") not in buckets and buckets["30", "gopher"] == 1
    assert 0.5 < named(counters, "request_duration_seconds_sum")[("gopher",)] < PATIENCE


def test_handshakes(counting):
    """Full ones, resumed ones, and those that failed, on either port."""
    server = counting()
    with tls(server) as first:
        first.sendall(request_bytes(server, "/about"))
        read_all(first)
        session = first.session
    for _ in range(2):
        with tls(server, session=session) as again:
            assert again.session_reused
            again.sendall(request_bytes(server, "/about"))
            read_all(again)
    gophers(server, "/about")
    for address in (server.gemini, server.gopher):
        with connect(address, first=b"\x16\x03\x01\x00\x05hello") as sock, contextlib.suppress(ConnectionError):
            sock.shutdown(socket.SHUT_WR)
            read_all(sock)
    counters = wait_for_ends(server, 6)
    assert named(counters, "tls_handshakes_total") == {("full",): 2, ("resumed",): 2, ("failed",): 2}
    assert named(counters, "connections_ended_total") == {("done",): 4, ("handshake-failed",): 2}


def test_connections_by_how_they_ended(counting):
    """Those who say nothing are counted too, though no line of the log is theirs."""
    server = counting(request_timeout=1000)
    connect(server.gopher).close()
    connect(server.gemini).close()
    with connect(server.gopher) as sock:
        sock.sendall(b"/abo")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""
    with connect(server.gopher) as silent, tls(server) as secure:
        assert read_all(silent) == b"" == read_all(secure)
    with connect(server.gopher) as sock:
        sock.sendall(b"/files/big.bin\r\n")
        sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    counters = wait_for_ends(server, 6)
    assert named(counters, "connections_ended_total") == {
        ("no-request",): 3, ("request-timeout",): 2, ("client-gone",): 1}


def test_connections_by_state(counting):
    server = counting()
    with opened([connect(server.gopher), connect(server.gopher), connect(server.gemini), tls(server)]):
        wait_until(lambda: named(server.counters(), "connections") ==
                   {("first",): 2, ("handshake",): 1, ("request",): 1}, "each is counted in its state")
    wait_until(lambda: not named(server.counters(), "connections"), "all have left")


def test_a_reader_of_the_counters_is_not_among_them(counting):
    server = counting()
    for _ in range(3):
        counters = server.counters()
    assert not named(counters, "connections") and not named(counters, "connections_ended_total")


def not_after(server, host):
    said = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", server.certs / f"{host}.crt"],
                          capture_output=True, check=True).stdout.decode()
    return calendar.timegm(time.strptime(said.split("=")[1].strip(), "%b %d %H:%M:%S %Y GMT"))


def test_expiry_of_each_certificate(counting):
    """Of hosts and aliases, to the second."""
    server = counting(hosts=(HOST, "second.test"), aliases=("old.test",))
    assert named(server.counters(), "certificate_expiry_timestamp_seconds") == {
        (host,): not_after(server, host) for host in (HOST, "second.test", "old.test")}


def test_no_certificate_without_gemini(counting):
    assert not named(counting(gemini=()).counters(), "certificate_expiry_timestamp_seconds")


def test_entries_reloads_and_times(tmp_path, counting):
    content = write_content(tmp_path / "c", sample.FILES)
    before = time.time()
    server = counting(content, watch="no")
    counters = server.counters()
    entries = named(counters, "entries")[()]
    assert f"content: {entries + 1:.0f} entries, 1 of which" in server.log(), "one waits for its date"
    assert before - 1 <= named(counters, "started_timestamp_seconds")[()] <= time.time()
    loaded = named(counters, "loaded_timestamp_seconds")[()]

    (content / "entries/2018/odd.yaml").unlink()
    time.sleep(1.1)  # the times are whole seconds
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: named(server.counters(), "reloads_total") == {("ok",): 1}, "it is counted")
    counters = server.counters()
    assert named(counters, "entries")[()] == entries - len(sample.HOSTILE)
    assert loaded < named(counters, "loaded_timestamp_seconds")[()] <= time.time()
    loaded = named(counters, "loaded_timestamp_seconds")[()]

    (content / "entries/2020/all.yaml").write_text("- title: [\n")
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: named(server.counters(), "reloads_total") == {("ok",): 1, ("failed",): 1}, "it is counted")
    counters = server.counters()
    assert named(counters, "entries")[()] == entries - len(sample.HOSTILE), "what is served on"
    assert named(counters, "loaded_timestamp_seconds")[()] == loaded


def test_version(counting):
    version = run("--version").stdout.decode().split()[1]
    assert named(counting().counters(), "build_info") == {(version,): 1}


def test_nothing_that_a_reader_asked_for(counting):
    """Neither address nor path nor words can be told from what is counted."""
    server = counting()
    gopher(server, "/search\tsecretword"), gemini(server, "/entries/entry-3"), gemini(server, "/secretpath?secretword")
    body = http(server.metrics)[2].decode()
    assert not any(word in body for word in ("secret", "entry-3", "127.0.0", "search?"))


# -------------------------------------------------------------------------------------- /healthz


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The sample with a file that no socket buffer holds."""
    return write_content(tmp_path_factory.mktemp("large"),
                         sample.FILES | {"files/large.bin": bytes(range(256)) * 125_000})


def test_health(counting):
    status, headers, body = http(counting().metrics, "/healthz")
    assert (status, body) == (200, b"ok\n") and headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("workers", [1, 3])
def test_health_while_what_is_in_flight_is_finished(counting, large, workers):
    """503, so that a proxy sends new readers elsewhere; and the counters can be read to the end."""
    server = counting(large, workers=workers, drain_timeout=PATIENCE * 1000)
    with opened([connect(server.gopher) for _ in range(8)]) as readers:
        for sock in readers:
            sock.sendall(b"/files/large.bin\r\n")
            sock.recv(1000)
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: "finishing" in server.log(), "the signal is heard")
        status, _, body = http(server.metrics, "/healthz")
        assert status == 503 and b"finishing" in body
        assert server.counters()
        for sock in readers:
            read_all(sock)
    server.ended()


def test_health_while_another_worker_finishes(counting, large):
    """Whichever of them it is: one reader holds one worker, and the others have nothing to do any more."""
    server = counting(large, workers=4, drain_timeout=PATIENCE * 1000)
    for _ in range(4):
        with connect(server.gopher) as sock:
            sock.sendall(b"/about\r\n")
            read_all(sock)
    with connect(server.gopher) as reader:
        reader.sendall(b"/files/large.bin\r\n")
        reader.recv(1000)
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: "finishing" in server.log(), "the signal is heard")
        time.sleep(0.1)
        assert http(server.metrics, "/healthz")[0] == 503
        read_all(reader)
    server.ended()


# ----------------------------------------------------------------------------------- who may ask


@pytest.mark.parametrize("address", ["0.0.0.0:0", "*:0", "[::]:0", "192.0.2.1:9170", "127.0.0.1:0 proxy", "9170",
                                     "localhost:9170", "unix:relative"])
def test_never_on_a_public_address(tmp_path, content, address):
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0", "-o", f"metrics={address}")
    assert done.returncode in (1, 2), done.stderr
    assert f"'{address}'" in done.stderr.decode() and b"ready" not in done.stderr.split()


def test_over_a_unix_socket(counting, short):
    """For its owner and group alone."""
    server = counting(metrics=f"unix:{short}/metrics")
    path = short / "metrics"
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660
    assert f"listening on metrics://unix:{path}\n" in server.log()
    assert http(path, "/healthz")[0] == 200
    assert b"digestd_entries" in http(path)[2]


@pytest.mark.parametrize("request_line", [b"GET /metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/1.0\r\n\r\n", b"/metrics\r\n",
                                          b"/healthz\r\n", b"GET /healthz HTTP/1.1\r\n\r\n"])
def test_not_on_the_public_ports(counting, request_line):
    server = counting()
    for said in (gopher(server, request_line, end=b""), gophers(server, request_line.decode().rstrip("\r\n"))):
        assert said and b"digestd_" not in said and b"ok\n" not in said and b"200" not in said.split(b"\r\n")[0]
    with connect(server.gemini, first=request_line) as sock:
        assert read_all(sock) == b""
    for path in ("/metrics", "/healthz"):
        assert gemini(server, path).status == 51


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/", 404), ("GET", "/metrics/", 404), ("GET", "/about", 404), ("GET", "/metrics?x=1", 200),
    ("HEAD", "/metrics", 200), ("HEAD", "/healthz", 200), ("POST", "/metrics", 405), ("DELETE", "/healthz", 405)])
def test_only_two_pages_and_only_to_read(counting, method, path, status):
    got, headers, body = http(counting().metrics, path, method)
    assert got == status and headers["cache-control"] == "no-store"
    assert bool(body) == (method != "HEAD")


@pytest.mark.parametrize("junk", [b"/about\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 100_000,
                                  b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 10_000],
                         ids=["gopher", "hello", "zeros", "headers"])
def test_junk_on_the_private_port_harms_nobody(counting, junk):
    server = counting()
    with connect(server.metrics) as sock, contextlib.suppress(OSError):
        sock.settimeout(1)
        sock.sendall(junk)
        said = sock.recv(1000)
        assert b"digestd_" not in said and b"error.host" not in said
    assert menu(gopher(server, "/about")) and server.counters()


def test_many_idle_watchers_harm_nobody(counting):
    """They wait for one another; readers do not notice."""
    server = counting()
    with opened([connect(server.metrics) for _ in range(100)]):
        assert menu(gopher(server, "/about")) and gemini(server, "/about").status == 20
        assert server.descriptors() < 80
    assert wait_until(server.counters, "it answers again")
