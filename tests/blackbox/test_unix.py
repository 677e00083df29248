"""Listeners on unix sockets, for a proxy or an onion service on the same machine."""

import os
import signal
import stat

import pytest

from smallweb import (HOST, Reply, connect, gemini, gopher, menu, opened, own_links, read_all, request_bytes, run, tls,
                      wait_until)


@pytest.fixture
def local(start, content, short):
    """local(...) starts a server that listens on two unix sockets and nowhere else."""
    def local(**settings):
        server = start(content, gopher=(f"unix:{short}/gopher",), gemini=(f"unix:{short}/gemini",), **settings)
        server.gopher, server.gemini = short / "gopher", short / "gemini"
        server.gopher_port, server.gemini_port = 70, 1965
        return server
    return local


@pytest.mark.parametrize("workers", [1, 3])
def test_both_protocols_are_served(local, workers):
    """Links say the usual ports, for a socket has none."""
    server = local(workers=workers)
    assert own_links(server, menu(gopher(server)))
    assert gemini(server, f"gemini://{HOST}/about").status == 20
    assert gemini(server, f"gemini://{HOST}:1965/about").status == 20
    assert gemini(server, f"gemini://{HOST}:1966/about").status == 53
    with tls(server, address=server.gopher) as sock:
        sock.sendall(b"/about\r\n")
        assert menu(read_all(sock))
    assert f"listening on gopher://unix:{server.gopher}\n" in server.log()
    assert f"listening on gemini://unix:{server.gemini}\n" in server.log()


def test_beside_ports(start, content, short):
    server = start(content, gopher=("127.0.0.1:0", f"unix:{short}/gopher"))
    assert gopher(server, "/about") == gopher(server, "/about", address=short / "gopher")
    assert own_links(server, menu(gopher(server, "/", address=short / "gopher"))), "the port is the one that there is"


@pytest.mark.parametrize("shown, name", [("whole", "unix"), ("truncated", "unix"), ("hashed", "unix"), ("none", "-")])
def test_a_client_is_called_unix_in_the_log(local, shown, name):
    server = local(log_addresses=shown)
    gopher(server, "/about"), gemini(server, f"gemini://{HOST}/about")
    wait_until(lambda: len(server.requests()) == 2, "the log has them")
    assert [line.split()[1:3] for line in server.requests()] == [["gopher", name], ["gemini", name]]


def test_everybody_may_connect(local):
    """As to a port, whatever the umask of whoever starts it; a directory is what keeps others out."""
    before = os.umask(0o077)
    try:
        server = local()
    finally:
        os.umask(before)
    for path in (server.gopher, server.gemini):
        assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o666


def test_there_are_no_limits_of_one_address(local):
    """They have none."""
    server = local(exempt=[], address_connections=1, address_burst=1, address_rate=1)
    with opened([connect(server.gopher) for _ in range(3)]):
        assert all(menu(gopher(server, "/about")) for _ in range(3))


def test_what_a_dead_server_left_is_replaced(local):
    first = local()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert first.gopher.exists()
    first.process.returncode = 0  # as a test that ends it so may say
    second = local()
    assert menu(gopher(second)) and gemini(second, f"gemini://{HOST}/about").status == 20


def test_a_socket_in_use_is_left_to_its_server(local, content, tmp_path):
    first = local()
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", f"unix:{first.gopher}")
    assert done.returncode == 71 and str(first.gopher) in done.stderr.decode() and b"in use" in done.stderr
    assert menu(gopher(first))


def test_a_file_in_the_way_is_kept(content, tmp_path, short):
    (short / "gopher").write_text("precious")
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", f"unix:{short}/gopher")
    assert done.returncode == 71 and str(short / "gopher") in done.stderr.decode()
    assert (short / "gopher").read_text() == "precious"


def test_a_directory_that_is_not_there(content, tmp_path, short):
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", f"unix:{short}/none/gopher")
    assert done.returncode == 71 and f"{short}/none/gopher" in done.stderr.decode()


@pytest.mark.parametrize("path", ["relative", "", "/" + "x" * 200])
def test_a_path_that_no_socket_can_have(content, tmp_path, path):
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", f"unix:{path}")
    assert done.returncode == 2 and b"unix" in done.stderr


def test_what_is_begun_is_finished_at_the_end(local):
    server = local()
    with tls(server) as sock:
        line = request_bytes(server, f"gemini://{HOST}/about")
        sock.sendall(line[:10])
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: "finishing" in server.log(), "the signal is heard")
        sock.sendall(line[10:])
        assert Reply(read_all(sock)).status == 20
    server.ended()
