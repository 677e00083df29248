"""The access log: one line for each request, whatever the request holds (trap_10)."""

import contextlib
import os
import re
import socket
import subprocess
import time

import pytest

from smallweb import DIGESTD, CONTROLS, PATIENCE, connect, gemini, gopher, read_all, reset, tls, wait_until

LINE = re.compile(r'(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?P<protocol>gopher|gophers|gemini) (?P<peer>\S+) '
                  r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d\d|-) (?P<bytes>\d+) (?P<ms>\d+\.\d{3})(?P<rest>.*)')


@pytest.fixture
def logged(start, content):
    """logged(action) does it on a server of its own and returns the one log line that it made."""
    server = start(content, request_timeout=500, handshake_timeout=500)

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
    assert len(lines) <= 8 and "PRIVATE" not in server.log()


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
