"""The access log: one line for each request, whatever the request holds (trap_10)."""

import contextlib
import ipaddress
import json
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import time

import pytest

from smallweb import (DIGESTD, CONTROLS, PATIENCE, Server, connect, gemini, gopher, is_error_item, menu, read_all,
                      reset, run, tls, wait_until)

LINE = re.compile(r'(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?P<protocol>gopher|gophers|gemini) (?P<peer>\S+) '
                  r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d\d|-) (?P<bytes>\d+) (?P<ms>\d+\.\d{3})(?P<rest>.*)')


@pytest.fixture
def logged(start, content):
    """logged(action) does it on a server of its own and returns the one log line that it made."""
    server = start(content, request_timeout=1500, handshake_timeout=1500)

    def logged(action):
        before = server.log()
        action(server)
        wait_until(lambda: server.log() != before, "the log has it")
        time.sleep(0.05)
        new = server.log()[len(before):]
        assert new.endswith("\n") and new.count("\n") == 1, f"one line: {new!r}"
        assert not CONTROLS.search(new[:-1])
        match = LINE.fullmatch(new[:-1])
        assert match, new
        return match

    return logged


def test_fields_of_a_gopher_line(logged):
    replies = []
    line = logged(lambda server: replies.append(gopher(server, "/about")))
    assert abs(time.mktime(time.strptime(line["time"], "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime())) < 60
    assert (line["protocol"], line["peer"], line["request"], line["status"]) == ("gopher", "127.0.0.1", "/about", "20")
    assert int(line["bytes"]) == len(replies[0]) and 0 <= float(line["ms"]) < 60_000 and line["rest"] == ""


def test_gopher_over_tls_has_a_name_of_its_own(logged):
    def ask(server):
        with tls(server, address=server.gopher) as sock:
            sock.sendall(b"/about\r\n")
            read_all(sock)

    line = logged(ask)
    assert (line["protocol"], line["request"], line["status"], line["rest"]) == ("gophers", "/about", "20", "")


def test_fields_of_a_gemini_line(logged):
    replies = []
    line = logged(lambda server: replies.append((server.url("/about?q"), gemini(server, "/about?q"))))
    url, reply = replies[0]
    assert (line["protocol"], line["request"], line["status"], line["rest"]) == ("gemini", url, "20", "")
    assert int(line["bytes"]) == len(reply.raw)


@pytest.mark.parametrize("path, status", [("/latest", "31"), ("/nothing", "51"), ("/entries/withdrawn", "52"),
                                          ("gemini://other.example/", "53"), ("/#", "59")])
def test_status_of_gemini(logged, path, status):
    assert logged(lambda server: gemini(server, path))["status"] == status


@pytest.mark.parametrize("selector, status", [
    (b"", "20"), (b"/nothing", "51"), (b"/entries/withdrawn", "52"), (b"/entries/old-capsule", "31"),
    (b"x" * 2000, "59"), (b"GET / HTTP/1.0", "53"), (b"URL:https://example.org/1", "20"), (b"URL:javascript:x", "53")])
def test_status_of_gopher_in_the_same_numbers(logged, selector, status):
    assert logged(lambda server: gopher(server, selector))["status"] == status


@pytest.mark.parametrize("raw, shown", [
    (b"/\x1b[2Jcleared", r"/\x1B[2Jcleared"), (b'/"quoted"', r'/\"quoted\"'), (b"/back\\slash", r"/back\\slash"),
    (b"/tab\tend", r"/tab\x09end"), (b"/\xff\xfe", r"/\xFF\xFE"), (b"/\x00nul", r"/\x00nul"),
    (b"/cr\rcr", r"/cr\x0Dcr"),
    (b"/\x7f", r"/\x7F"), (b"/\xc2\x9b31m", r"/\xC2\x9B31m"), ("/größe".encode(), "/größe"),
    (b'" 20 1 0.001', r'\" 20 1 0.001'), (b"/\xe2\x80\xa8separator", r"/\xE2\x80\xA8separator"),
])
def test_request_is_escaped(logged, raw, shown):
    """trap_10: nothing in it reaches a terminal or ends the line."""
    assert logged(lambda server: gopher(server, raw))["request"] == shown


def test_newlines_in_a_gemini_request_forge_no_line(logged):
    """trap_10: the line that it looks like is part of the one that it is."""
    forged = b'\n2020-01-01T00:00:00Z gemini 192.0.2.1 "gemini://x/" 20 1 0.001\r\n'
    line = logged(lambda server: gemini(server, server.url("/").encode() + forged))
    assert line["status"] == "59" and "192.0.2.1" not in line["peer"]


def test_overlong_request_is_cut(logged):
    line = logged(lambda server: gopher(server, b"x" * 2000, end=b""))
    assert 1000 < len(line["request"]) < 1200


def test_client_that_sends_no_whole_request(logged):
    def leave(server):
        with connect(server.gopher) as sock:
            sock.sendall(b"/abo")
    line = logged(leave)
    assert (line["request"], line["status"], line["bytes"]) == ("/abo", "-", "0") and line["rest"].strip()


def test_client_that_is_too_slow(logged):
    def wait(server):
        with tls(server) as sock:
            sock.sendall(b"gemini://digest.test/")
            assert read_all(sock) == b""
    line = logged(wait)
    assert (line["request"], line["status"]) == ("gemini://digest.test/", "-")
    assert "timeout" in line["rest"]


def test_plain_text_on_the_tls_port(logged):
    def talk(server):
        with connect(server.gemini) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert read_all(sock) == b""
    line = logged(talk)
    assert line["status"] == "-" and "handshake" in line["rest"]


@pytest.mark.parametrize("raw, note", [
    (b"GET / HTTP/1.0\r\n\r\n", "plain HTTP on a TLS port"),
    (b"gemini://digest.test/\r\n", "a Gemini request without TLS"),
    (b"SSH-2.0-scan\r\n", "not TLS"),
    (b"\x16GET / HTTP/1.0\r\n", "not TLS, although the first byte is right"),
    (b"\x16\x03\x01\x00\x05hello", "the client does not speak TLS as it should"),
])
def test_what_is_not_tls_is_named(logged, raw, note):
    def talk(server):
        with connect(server.gemini) as sock:
            sock.sendall(raw)
            sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                read_all(sock)
    assert logged(talk)["rest"] == f" handshake-failed ({note})"


DISTRUST = "the client does not trust our certificate (it may have pinned another one)"


@pytest.mark.parametrize("options, note", [
    ("-tls1_1 -cipher ALL:@SECLEVEL=0", "the client offers only TLS older than 1.2"),
    ("-tls1_2 -cipher AES128-SHA", "the client offers no cipher that we have for our kind of key"),
    ("-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", "the client offers no cipher that we have for our kind of key"),
    ("-tls1_3 -groups secp521r1", "the client offers no key exchange that we have (X25519, P-256)"),
    ("-tls1_3 -sigalgs RSA-PSS+SHA256", "the client takes no signature that our kind of key can make"),
    ("-tls1_2 -verify_return_error -no-CAfile -no-CApath", DISTRUST),
    ("-tls1_3 -verify_return_error -no-CAfile -no-CApath", DISTRUST),
    ("-verify_return_error -verify_hostname other.test -CAfile {crt}", DISTRUST),
    ("-verify_return_error -attime 4000000000 -CAfile {crt}",
     "to the client our certificate has expired (has it, or is a clock wrong?)"),
])
def test_a_failed_handshake_is_explained(logged, options, note):
    """In words for the operator; the client is one whose choices can be told."""
    def talk(server):
        address = "{}:{}".format(*server.gemini)
        crt = server.certs / f"{server.host}.crt"
        done = subprocess.run(["openssl", "s_client", "-connect", address, *options.format(crt=crt).split()],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        assert done.returncode != 0, "the handshake fails"
    assert logged(talk)["rest"] == f" handshake-failed ({note})"


def test_client_that_resets(logged):
    def leave(server):
        sock = connect(server.gopher)
        sock.sendall(b"/files/big.bin\r\n")
        sock.recv(1)
        reset(sock)
    line = logged(leave)
    assert line["request"] == "/files/big.bin" and line["rest"].strip()


def test_a_connection_without_a_byte_is_not_logged(start, content):
    server = start(content)
    connect(server.gopher).close()
    connect(server.gemini).close()
    gopher(server, "/about")
    wait_until(lambda: len(server.requests()) >= 1, "the log has it")
    assert len(server.requests()) == 1


def test_nothing_private_at_the_start(start, content):
    """No key, and no more lines than needed."""
    server = start(content)
    lines = server.log().splitlines()
    assert "ready" in lines[-2:] and any(line.startswith("search: ") for line in lines[-2:])
    assert len(lines) <= 9 and "PRIVATE" not in server.log()


def test_a_log_that_nobody_reads_stalls_nobody(tmp_path, content):
    """Standard error is a pipe whose reader sleeps: requests go on, and the log admits what it lost."""
    server = subprocess.Popen([DIGESTD, "serve", "-C", content, "--gopher", "127.0.0.1:0"],
                              stderr=subprocess.PIPE, cwd=tmp_path)
    try:
        said = b""
        while b"ready\n" not in said:
            said += os.read(server.stderr.fileno(), 4096)
        port = int(re.search(rb"gopher://127.0.0.1:(\d+)", said)[1])
        for _ in range(1500):  # more than the pipe and the server's memory of lines hold
            with connect(("127.0.0.1", port)) as sock:
                sock.sendall(b"/" + b"x" * 1000 + b"\r\n")
                assert read_all(sock).startswith(b"3")
        server.terminate()
        said = server.communicate(timeout=PATIENCE)[1]
        assert re.search(rb"^\d+ log lines were lost$", said, re.M)
        assert all(LINE.fullmatch(line) for line in said.decode().splitlines() if line.startswith("2"))
        assert server.returncode == 0
    finally:
        server.kill()
        server.wait()


# ------------------------------------------------------------------------------------- where they go


def lines_of(path):
    """The lines of a file, each of them whole."""
    text = path.read_text()
    assert text == "" or text.endswith("\n")
    return text.splitlines()


def test_access_log_in_a_file(start, content, tmp_path):
    """The lines are there and nowhere else, and messages stay where they were. Others may not read it."""
    path = tmp_path / "access.log"
    server = start(content, access_log=path)
    replies = [gopher(server, "/about"), gemini(server, "/about").raw]
    wait_until(lambda: len(lines_of(path)) == 2, "the lines are there")
    assert [LINE.fullmatch(line)["bytes"] for line in lines_of(path)] == [str(len(reply)) for reply in replies]
    assert not server.requests() and "\nready\n" in server.log()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    server.stop()
    assert len(lines_of(path)) == 2


def test_access_log_is_appended_to(start, content, tmp_path):
    path = tmp_path / "access.log"
    path.write_text("what was before\n")
    server = start(content, access_log=path)
    gopher(server, "/about")
    wait_until(lambda: len(lines_of(path)) == 2, "the line is there")
    assert lines_of(path)[0] == "what was before"


def test_access_log_off(start, content):
    server = start(content, access_log="off")
    gopher(server, "/about"), gemini(server, "/about")
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: "\nreloaded\n" in server.log(), "messages are written")
    assert not server.requests()


def serve_until(path, word, *settings):
    """A server whose messages go elsewhere: runs until the word is there, and is given to the with."""
    @contextlib.contextmanager
    def running():
        process = subprocess.Popen([DIGESTD, "serve", *map(str, settings), "--gopher", "127.0.0.1:0"],
                                   stderr=subprocess.PIPE)
        try:
            wait_until(lambda: process.poll() is not None or (path.exists() and word in path.read_text()), "it runs")
            assert process.poll() is None, process.stderr.read()
            yield process
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.communicate()
    return running()


@pytest.mark.parametrize("both", [False, True])
def test_messages_in_a_file(tmp_path, content, both):
    """With the time, which standard error leaves to others; and in order where both channels share it."""
    path = tmp_path / "messages.log"
    access = ["-o", f"access_log={path}"] if both else ["-o", "access_log=off"]
    confine = ["-o", f"confine={Server.usual['confine']}"] if "confine" in Server.usual else []
    with serve_until(path, "search: ", "-C", content, "-o", f"log={path}", *access, *confine) as process:
        said = os.read(process.stderr.fileno(), 65536).decode()
        port = int(re.search(r"gopher://127.0.0.1:(\d+)", said)[1])
        with connect(("127.0.0.1", port), first=b"/about\r\n") as sock:
            assert menu(read_all(sock))
    lines = lines_of(path)
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S", line) for line in lines)
    told = [line.split(" ", 1)[1] for line in lines]
    assert "ready" in told and told[-1] == "stopped" and "SIGTERM: finishing what is in flight" in told
    assert sum('"/about"' in line for line in lines) == both
    assert told.index("ready") < told.index("SIGTERM: finishing what is in flight")


def test_sigusr1_opens_the_file_anew(start, content, tmp_path):
    """As logrotate does it: moved first, then told; no line is lost, and none is in both."""
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    server = start(content, access_log=path)
    gopher(server, "/first")
    wait_until(lambda: len(lines_of(path)) == 1, "the line is there")
    path.rename(old)
    gopher(server, "/second")
    wait_until(lambda: len(lines_of(old)) == 2, "the file is still the same")
    os.kill(server.pid, signal.SIGUSR1)
    wait_until(path.exists, "it is opened anew")
    gopher(server, "/third")
    wait_until(lambda: len(lines_of(path)) == 1, "the line is there")
    assert [LINE.fullmatch(line)["request"] for line in lines_of(old) + lines_of(path)] == ["/first", "/second", "/third"]


def test_sigusr1_in_vain(start, content, tmp_path):
    """The old file is better than none; the log says what was wrong."""
    directory = tmp_path / "logs"
    directory.mkdir()
    server = start(content, access_log=directory / "access.log")
    directory.rename(tmp_path / "moved")
    os.kill(server.pid, signal.SIGUSR1)
    wait_until(lambda: "it goes on where it was" in server.log(), "the log says so")
    assert str(directory / "access.log") in server.log()
    gopher(server, "/about")
    wait_until(lambda: len(lines_of(tmp_path / "moved/access.log")) == 1, "the line is there")


@pytest.mark.parametrize("setting", ["log", "access_log"])
def test_a_place_that_cannot_be_written(tmp_path, content, setting):
    """Said on standard error, with what to do, at the start."""
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0", "-o",
               f"{setting}={tmp_path}/none/x.log")
    assert done.returncode in (1, 71) and f"{tmp_path}/none/x.log" in done.stderr.decode()
    assert b"ready" not in done.stderr.split()


# ------------------------------------------------------------------------------- a disk that is full


def test_a_full_disk_ends_nothing(start, content):
    """Lines are lost and counted, said once, and readers are served."""
    server = start(content, access_log="/dev/full", metrics="127.0.0.1:0")
    for _ in range(1500):  # more than the memory for lines holds
        assert is_error_item(gopher(server, b"/" + b"x" * 1000))
    wait_until(lambda: "log: /dev/full takes no lines: No space left on device" in server.log(), "it is said")
    assert server.log().count("takes no lines") == 1
    wait_until(lambda: server.counter("log_lines_lost_total") > 0, "it is counted")
    assert menu(gopher(server, "/about"))


def test_a_disk_that_is_full_for_a_while(start, content, tmp_path):
    """What waited in memory is written when there is room again, and no line is cut."""
    path = tmp_path / "access.log"
    server = start(content, access_log=path, metrics="127.0.0.1:0")
    usual = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4000, usual[1]))
    for n in range(100):
        gopher(server, f"/number-{n}")
    wait_until(lambda: f"log: {path} takes no lines: File too large" in server.log(), "it is said")
    assert path.stat().st_size <= 4000
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, usual)
    time.sleep(1.1)  # as often as it tries again
    gopher(server, "/number-100")
    wait_until(lambda: f"log: {path} takes lines again" in server.log(), "it is said")
    wait_until(lambda: path.read_text().count("\n") == 101, "all are there")
    assert [LINE.fullmatch(line)["request"] for line in lines_of(path)] == [f"/number-{n}" for n in range(101)]
    assert server.counter("log_lines_lost_total") == 0


# ------------------------------------------------------------------------------------------- syslog


@contextlib.contextmanager
def daemon(path):
    """A syslog daemon, as far as its socket goes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(PATIENCE)
        yield sock


SYSLOG = re.compile(r"<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d digestd\[(\d+)\]: (.*)")


def next_with(sock, what):
    """The next line that says so: priority, process, text."""
    while True:
        match = SYSLOG.fullmatch(sock.recv(65536).decode())
        assert match
        if what in match[3]:
            return int(match[1]), int(match[2]), match[3]


def test_access_log_to_syslog(start, content, short):
    """A datagram for each line, of the facility daemon and the severity info."""
    with daemon(short / "log") as sock:
        server = start(content, access_log=f"syslog:{short}/log")
        gopher(server, "/about")
        priority, process, text = next_with(sock, "/about")
        assert (priority, process) == (30, server.pid) and LINE.fullmatch(text)
        assert not server.requests()


def test_messages_to_syslog(tmp_path, content, short):
    """Of the severity notice."""
    confine = ["-o", f"confine={Server.usual['confine']}"] if "confine" in Server.usual else []
    with daemon(short / "log") as sock:
        process = subprocess.Popen([DIGESTD, "serve", "-C", content, "--gopher", "127.0.0.1:0", *confine, "-o",
                                    f"log=syslog:{short}/log", "-o", "access_log=off"], stderr=subprocess.PIPE)
        try:
            assert next_with(sock, "ready") == (29, process.pid, "ready")
            process.terminate()
            assert next_with(sock, "stopped") == (29, process.pid, "stopped")
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.communicate()


def test_a_syslog_daemon_that_is_started_anew(start, content, short):
    """What was said meanwhile waits for it."""
    with daemon(short / "log") as sock:
        server = start(content, access_log=f"syslog:{short}/log")
        gopher(server, "/first")
        next_with(sock, "/first")
    (short / "log").unlink()
    gopher(server, "/second")
    wait_until(lambda: f"log: syslog:{short}/log takes no lines" in server.log(), "it is said")
    with daemon(short / "log") as sock:
        time.sleep(1.1)  # as often as it tries again
        gopher(server, "/third")
        assert LINE.fullmatch(next_with(sock, "/")[2])["request"] == "/second"
        assert LINE.fullmatch(next_with(sock, "/")[2])["request"] == "/third"
    wait_until(lambda: f"log: syslog:{short}/log takes lines again" in server.log(), "it is said")


def test_a_syslog_daemon_that_sleeps_stalls_nobody(start, content, short):
    with daemon(short / "log"):
        server = start(content, access_log=f"syslog:{short}/log")
        for _ in range(1000):
            assert is_error_item(gopher(server, b"/" + b"x" * 1000))


def is_told(sock, what):
    """Is the next line there already, and ends so?"""
    sock.setblocking(False)
    try:
        return sock.recv(65536).endswith(what)
    except BlockingIOError:
        return False


def test_syslog_socket_named_in_the_configuration(tmp_path, content, short):
    confine = f"confine: {Server.usual['confine']}\n" if "confine" in Server.usual else ""
    (tmp_path / "digestd.yaml").write_text(f'content: {content}\ngopher: "127.0.0.1:0"\nhostname: digest.test\n'
                                           f"access_log: off\nlog: syslog:{short}/log\n{confine}")
    with daemon(short / "log") as sock:
        process = subprocess.Popen([DIGESTD, "serve", "-c", tmp_path / "digestd.yaml"], stderr=subprocess.PIPE)
        try:
            wait_until(lambda: is_told(sock, b": ready") or process.poll() is not None, "it runs")
            assert process.poll() is None, process.stderr.read().decode()
        finally:
            process.kill()
            process.communicate()


def test_no_syslog_daemon(tmp_path, content, short):
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0", "-o",
               f"access_log=syslog:{short}/none")
    assert done.returncode in (1, 71) and b"is a syslog daemon running?" in done.stderr


# --------------------------------------------------------------------------------------------- forms


def test_json_lines(start, content):
    """The same as the text, as one object on each line, whatever a request holds."""
    server = start(content, access_log_format="json", request_timeout=1000)
    about = gopher(server, "/about")
    gemini(server, "/nothing")
    gopher(server, b'/"\\\x1b\xff\tx')
    with connect(server.gopher, first=b"/abo") as sock:
        assert read_all(sock) == b""
    with connect(server.gemini, first=b"GET / HTTP/1.0\r\n\r\n") as sock:
        assert read_all(sock) == b""

    def lines():
        return [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]

    wait_until(lambda: len(lines()) == 5, "the log has them")
    assert not server.requests()
    whole, missing, odd, slow, other = lines()
    assert list(whole) == ["time", "protocol", "address", "request", "status", "bytes", "ms"]
    assert (whole["protocol"], whole["address"], whole["request"]) == ("gopher", "127.0.0.1", "/about")
    assert (whole["status"], whole["bytes"]) == (20, len(about)) and isinstance(whole["ms"], float)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", whole["time"])
    assert (missing["protocol"], missing["status"]) == ("gemini", 51)
    assert odd["request"] == r'/\"\\\x1B\xFF\x09x'
    assert (slow["status"], slow["reason"]) == (None, "request-timeout") and "note" not in slow
    assert (other["reason"], other["note"]) == ("handshake-failed", "plain HTTP on a TLS port")


# ----------------------------------------------------------------------------------------- addresses


SOURCES = ("192.0.2.77", "192.0.2.78", "198.51.100.1", "2001:db8:1:2:3:4:5:6")


@pytest.fixture
def shown(start, content):
    """shown(...) starts a server with those settings, and returns how its log shows each of SOURCES."""
    def shown(**settings):
        server = start(content, gopher=("127.0.0.1:0 proxy",), gemini=(), proxy_from="127.0.0.1", **settings)
        before = len(server.requests())
        for source in SOURCES:
            version = ipaddress.ip_address(source).version
            to = "192.0.2.1" if version == 4 else "2001:db8::1"
            assert menu(gopher(server, "/about", first=f"PROXY TCP{version} {source} {to} 50000 70\r\n".encode()))
        wait_until(lambda: len(server.requests()) == before + len(SOURCES), "the log has them")
        assert not any(source in server.log() for source in SOURCES) or settings.get("log_addresses") == "whole"
        return [line.split()[2] for line in server.requests()[before:]]
    return shown


def test_addresses_are_truncated_unless_told_otherwise(shown, monkeypatch):
    """To what many share: nobody can be told from others."""
    monkeypatch.setattr(Server, "usual", {name: value for name, value in Server.usual.items()
                                          if name != "log_addresses"})
    assert shown() == ["192.0.2.0", "192.0.2.0", "198.51.100.0", "2001:db8:1::"]


def test_addresses_whole(shown):
    assert shown(log_addresses="whole") == list(SOURCES)


def test_no_addresses(shown):
    assert shown(log_addresses="none") == ["-"] * 4


def test_addresses_hashed(shown):
    """One is told from another and known again, by one server alone."""
    first, second = shown(log_addresses="hashed"), shown(log_addresses="hashed")
    assert all(re.fullmatch("[0-9a-f]{16}", address) for address in first + second)
    assert len(set(first)) == 4 and not set(first) & set(second)


def test_hashed_addresses_are_known_again(start, content):
    server = start(content, log_addresses="hashed", workers=3)
    for n in range(12):
        gopher(server, "/about", source=f"127.0.0.{2 + n % 2}")
    wait_until(lambda: len(server.requests()) == 12, "the log has them")
    assert len({line.split()[2] for line in server.requests()}) == 2
