"""Faults that other servers of this kind have had: what each was, and the test that it is not here.

trap_1   a reload frees what a connection still uses        test_trap_1 below
trap_2   a failing accept() ends the server                 test_process.py, few descriptors
trap_3   one slow reader stalls all                         test_process.py, a reader that stops
trap_4   a name is looked up, or a server asked, in the loop  test_trap_4 below
trap_5   no deadline for a silent or slow client            test_process.py, slow drips
trap_6   a private key that all may read                    test_tls.py and test_trap_6 below
trap_7   the URL unescaped in the redirect page             test_gopher.py, URL selectors
trap_8   privileges dropped without the groups              test_trap_8 below: none are dropped
trap_9   a line of one dot ends a text early                test_gopher.py, G-06
trap_10  control bytes forge lines of the log               test_log.py and test_trap_10 below
trap_11  a renewed certificate has another key              test_tls.py, renewal
trap_12  a throttle that sleeps                             test_trap_4 below
"""

import os
import pathlib
import re
import signal
import stat
import subprocess

import pytest

import sample
from smallweb import (CONTROLS, DIGESTD, HOST, SANITIZED, connect, gemini, gopher, read_all, request_bytes, tls,
                      wait_until, write_content)


def functions_used():
    """The functions that the program takes from libraries."""
    said = subprocess.run([os.environ.get("NM") or "nm", "-D", "--undefined-only", DIGESTD], capture_output=True,
                          check=True).stdout.decode()
    used = {name.split("@")[0] for name in re.findall(r" U (\S+)", said)}
    assert {"listen", "bind"} <= used, "this is how to look"
    return used


def test_trap_1_a_hangup_harms_nobody_who_is_connected(tmp_path, start):
    """A reply that is under way and a request that is half said are finished, whatever SIGHUP does
    and whatever has become of the content."""
    large = bytes(range(256)) * 50_000
    content = write_content(tmp_path / "c", sample.FILES | {"files/large.bin": large})
    server = start(content)
    with connect(server.gopher) as reader, tls(server) as begun:
        reader.sendall(b"/files/large.bin\r\n")
        data = reader.recv(1000)
        line = request_bytes(server, "/about")
        begun.sendall(line[:20])
        want = gemini(server, "/about").raw
        (content / "entries/2018/odd.yaml").unlink()
        for _ in range(3):
            os.kill(server.pid, signal.SIGHUP)
        wait_until(lambda: "\nreloaded\n" in server.log(), "the signal is heard")
        begun.sendall(line[20:])
        assert read_all(begun) == want
        assert data + read_all(reader) == large
    assert gemini(server, "/entries/entry-3").status == 20


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's runtime uses what it likes")
def test_trap_4_nothing_can_block_the_loop():
    """Neither a look-up of a name, nor a sleep (trap_12), nor what runs other programs by name."""
    assert not functions_used() & {"getaddrinfo", "gethostbyname", "sleep", "usleep", "nanosleep", "system", "popen",
                                   "execvp", "posix_spawnp"}


@pytest.mark.parametrize("function, users", [
    # Unix sockets only: is one stale, the service manager, the syslog daemon.
    ("connect", {"net/socket.c", "serve/notify.c", "base/log_sink.c"}),
    # The next version of this program, on SIGUSR2.
    ("fork", {"serve/successor.c"}),
    ("execve", {"serve/successor.c"}),
])
def test_trap_4_few_places_reach_beyond_the_process(function, users):
    source = pathlib.Path(os.environ["DIGESTD_SOURCE"], "src")
    found = {str(path.relative_to(source)) for path in source.rglob("*.c")
             if re.search(rf"\b{function}\(", path.read_text())}
    assert found == users


def test_trap_6_the_key_is_its_owners_under_any_umask(tmp_path, content):
    certs = tmp_path / "certs"
    command = f"umask 0; exec '{DIGESTD}' serve -C '{content}' -K '{certs}' --hostname {HOST} --gemini 127.0.0.1:0"
    server = subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE)
    try:
        while b"ready" not in server.stderr.readline():
            assert server.poll() is None
        assert stat.S_IMODE((certs / f"{HOST}.key").stat().st_mode) == 0o600
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.skipif(SANITIZED, reason="the sanitizer's runtime uses what it likes")
def test_trap_8_no_privilege_is_dropped_by_half():
    """Who changes the user changes the supplementary groups, too."""
    used = functions_used()
    assert not [name for name in used if re.fullmatch(r"set(res|re|e)?[ug]id", name)] or "setgroups" in used


def test_trap_10_no_byte_of_a_request_forges_a_line(start, content):
    """Every byte, in both protocols: as many lines as requests, and no control in any."""
    server = start(content)
    asked = 0
    for byte in range(256):
        raw = b"/a" + bytes([byte]) + b"2020-01-01T00:00:00Z gopher 192.0.2.1 \"/\" 20 1 0.001"
        gopher(server, raw)
        asked += 1
        if byte % 8 == 0 or byte < 0x20:
            assert gemini(server, server.url("").encode() + raw + b"\r\n").status in (51, 59)
            asked += 1
    wait_until(lambda: len(server.requests()) >= asked, "the log has them")
    lines = server.log().splitlines()
    requests = [line for line in lines if re.match(r"\d{4}-", line)]
    assert len(requests) == asked
    assert not any(CONTROLS.search(line) for line in lines)
    assert all(line.split()[2] == "127.0.0.1" for line in requests)
