"""Upgrade without a gap: SIGUSR2 starts the program that is installed now, which takes the sockets over.

And what makes it, a service manager: sockets that are handed over, and what it is told.
"""

import contextlib
import ctypes
import functools
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import time

import pytest

import sample
from readers import Ear, Readers, half_read
from smallweb import (DIGESTD, HOST, PATIENCE, Reply, assert_sane, client_context, connect, gemini, gopher, has_ipv6,
                      menu, process_stat, read_all, request_bytes, tls, wait_until, write_content)

FILES = {"digest.yaml": sample.SITE, "entries/2020/all.yaml": sample.REGULAR, "pages/about.gmi": sample.ABOUT}
LARGE = random.Random(4).randbytes(20_000_000)

PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(params=["gopher", "gemini"])
def protocol(request):
    return request.param


@pytest.fixture(autouse=True, scope="module")
def _orphans_are_ours():
    """A successor whose predecessor has ended is waited for here."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def tree(tmp_path):
    return write_content(tmp_path / "content", FILES)


@pytest.fixture
def begin(tmp_path, start):
    """begin(content, ...) starts a server from a program of its own; in the end its successors are stopped too."""
    servers = []

    def begin(content, **options):
        program = tmp_path / "bin" / "digestd"
        program.parent.mkdir(exist_ok=True)
        shutil.copy(DIGESTD, program)
        server = start(content, **{"program": program} | options)
        server.program = program
        server.pids = [server.pid]
        servers.append(server)
        return server

    yield begin
    for server in servers:
        stop_all(server.pids)
        assert_sane(server.log())


def stop_all(pids):
    """Stops the last of several; those before it end by themselves. Statuses are kept, for a second look."""
    if len(pids) > 1 and not has_ended(pids[-1]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pids[-1], signal.SIGTERM)
    for pid in pids if len(pids) > 1 else ():
        assert ends(pid) == 0


STATUSES = {}  # of those that have been waited for


def has_ended(pid):
    """Waits for nothing; what is not our child yet has not ended."""
    if pid not in STATUSES:
        with contextlib.suppress(ChildProcessError):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                STATUSES[pid] = os.waitstatus_to_exitcode(status)
    return pid in STATUSES


def ends(pid):
    """Waits for its end, and returns its status."""
    wait_until(lambda: has_ended(pid), f"process {pid} ends")
    return STATUSES[pid]


def first_ends(server):
    """Waits for the end of the process that was started first."""
    assert server.process.wait(PATIENCE) == 0
    STATUSES[server.process.pid] = 0


def hear_of_next(server, ear):
    """Waits until the next process serves; server.pid is that then."""
    server.pid = int(ear.hears(r"upgrade: process (\d+) serves now")[1])
    server.pids.append(server.pid)


def upgrade(server):
    """Has the next process take over. Returns what was said."""
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        hear_of_next(server, ear)
        ear.heard = 0  # each of the two may have the first word
        ear.hears("ready")
        return ear.text


def fails(server):
    """The same, of an upgrade that comes to nothing. Returns why."""
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        match = ear.hears(r"upgrade: the new program failed: (.*); this one goes on")
        return match[1], ear.text


def install(server, script):
    """Puts another program where the server's was, by rename."""
    new = server.program.with_name("new")
    new.write_text(script)
    new.chmod(0o755)
    os.rename(new, server.program)


def reinstall(server):
    shutil.copy(DIGESTD, server.program.with_name("new"))
    os.rename(server.program.with_name("new"), server.program)


def is_zombie(pid):
    """Has it ended, with all of its threads, so that it can be waited for?"""
    fields = process_stat(pid)
    return fields[0] == "Z" and int(fields[17]) <= 1  # state, num_threads


def serves(server):
    return menu(gopher(server, "/about")) and gemini(server, "/about").status == 20


# ------------------------------------------------------------------------------- it works


@pytest.mark.parametrize("workers", [1, 3])
def test_the_new_process_serves_and_the_old_one_ends(begin, tree, workers):
    server = begin(tree, workers=workers)
    said = upgrade(server)
    assert f"upgrade: starting {server.program}" in said
    first_ends(server)
    assert server.log().count("\nready\n") == 2
    assert serves(server)
    assert not has_ended(server.pid)
    assert "\nstopped\n" in server.log()


@pytest.mark.parametrize("workers", [1, 3])
def test_no_request_fails(begin, tree, workers):
    """Readers of both protocols come throughout three upgrades."""
    server = begin(tree, workers=workers, access_log="off")
    with Readers(server, "/about", {gopher(server, "/about")}, {gemini(server, "/about").raw}) as readers:
        for _ in range(3):
            readers.more()
            upgrade(server)
            readers.more()
            ends(server.pids[-2]) if server.pids[-2] != server.process.pid else first_ends(server)
        readers.more()
    assert len(set(server.pids)) == 4


def test_what_is_in_flight_is_finished_by_the_old_one(begin, tree, protocol):
    """While the new one serves others, and is upgraded itself."""
    write_content(tree, {"files/large.bin": LARGE})
    server = begin(tree, drain_timeout=60_000)
    sock = connect(server.gopher) if protocol == "gopher" else tls(server)
    line = b"/files/large.bin\r\n" if protocol == "gopher" else request_bytes(server, "/files/large.bin")
    with half_read(sock, line) as rest:
        upgrade(server)
        assert serves(server)
        upgrade(server)
        assert serves(server)
        assert server.process.poll() is None
        got = rest()
    assert (got if protocol == "gopher" else Reply(got).body) == LARGE
    first_ends(server)


def test_a_request_that_has_begun_is_answered_by_the_old_one(begin, tree):
    server = begin(tree, watch="no")
    before = gopher(server, "/about"), gemini(server, "/about").raw
    with connect(server.gopher) as plain, tls(server) as secure:
        plain.sendall(b"/ab")
        secure.sendall(request_bytes(server, "/about")[:10])
        write_content(tree, {"pages/about.gmi": "# About\nThe new one says this.\n"})
        upgrade(server)
        plain.sendall(b"out\r\n")
        secure.sendall(request_bytes(server, "/about")[10:])
        assert (read_all(plain), read_all(secure)) == before
    assert "The new one says this." in gemini(server, "/about").text


def test_the_old_one_has_a_deadline(begin, tree):
    write_content(tree, {"files/large.bin": LARGE})
    server = begin(tree, drain_timeout=300)
    with connect(server.gopher) as sock:
        sock.sendall(b"/files/large.bin\r\n")
        sock.recv(100)
        upgrade(server)
        first_ends(server)
    assert serves(server)


def test_what_was_installed_by_rename_is_what_runs(begin, tree):
    server = begin(tree)
    before = server.program.stat().st_ino
    reinstall(server)
    assert server.program.stat().st_ino != before
    upgrade(server)
    assert os.stat(f"/proc/{server.pid}/exe").st_ino == server.program.stat().st_ino
    first_ends(server)


def test_a_link_that_is_turned_to_another_version(tmp_path, begin, tree):
    """As package managers and operators keep versions side by side."""
    for version in ("1", "2"):
        (tmp_path / version).mkdir()
        shutil.copy(DIGESTD, tmp_path / version / "digestd")
    link = tmp_path / "digestd"
    link.symlink_to("1/digestd")
    server = begin(tree, program=link)
    (tmp_path / "next").symlink_to("2/digestd")
    os.rename(tmp_path / "next", link)
    upgrade(server)
    assert os.readlink(f"/proc/{server.pid}/exe") == str(tmp_path / "2/digestd")


def test_a_program_that_was_found_in_path(tmp_path, begin, tree, monkeypatch):
    monkeypatch.setenv("PATH", f"/nowhere:{tmp_path}/bin:{os.environ['PATH']}")
    server = begin(tree, program="digestd")
    assert f"upgrade: starting {tmp_path}/bin/digestd" in upgrade(server)
    first_ends(server)
    assert serves(server)


def test_health_is_that_of_the_new_process(begin, tree, tmp_path):
    """While the old one finishes what is in flight, nobody is told that the server ends."""
    def health():
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(tmp_path / "metrics"))
            sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return read_all(sock).split(b"\r\n", 1)[0]

    write_content(tree, {"files/large.bin": LARGE})
    server = begin(tree, metrics=f"unix:{tmp_path}/metrics", drain_timeout=60_000)
    assert health().endswith(b" 200 OK")
    with connect(server.gopher) as sock:
        sock.sendall(b"/files/large.bin\r\n")
        sock.recv(100)
        upgrade(server)
        assert {health().split()[1] for _ in range(50)} == {b"200"}
        assert server.process.poll() is None
    first_ends(server)
    assert health().endswith(b" 200 OK")


def test_messages_of_both_go_to_one_file(begin, tree, tmp_path):
    """Of the access log no line is lost or torn."""
    server = begin(tree, access_log=tmp_path / "access", workers=2)
    with Readers(server, "/about", {gopher(server, "/about")}, {gemini(server, "/about").raw}) as readers:
        for _ in range(2):
            readers.more()
            upgrade(server)
            readers.more()
    stop_all(server.pids)
    lines = (tmp_path / "access").read_text().splitlines()
    assert len(lines) == sum(readers.read.values()) + 2
    assert all(re.fullmatch(r'\S+ (gopher|gemini) 127\.0\.0\.1 "\S+" 20 \d+ [\d.]+', line) for line in lines)


def test_nothing_is_left_over_from_one_to_the_next(begin, tree):
    """Descriptors, the environment, arguments: the third is as the first."""
    def look():
        return (server.descriptors(), pathlib.Path(f"/proc/{server.pid}/cmdline").read_bytes(),
                [re.sub(rb"=.*", b"", v) for v in pathlib.Path(f"/proc/{server.pid}/environ").read_bytes().split(b"\0")
                 if not v.startswith((b"LISTEN_", b"DIGESTD_READY"))])

    server = begin(tree, workers=2, until="search")
    before = look()
    for _ in range(2):
        with Ear(server) as ear:
            upgrade(server)
            ear.hears("search: .*")
    wait_until(lambda: look() == before, "the same")
    assert serves(server)


def test_signals_go_on_working(begin, tree):
    """The new one reloads, and stops as any."""
    server = begin(tree)
    upgrade(server)
    first_ends(server)
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGHUP)
        ear.hears("reloaded")
        new = sample.entry("New", "2021-01-01", slug="new", url="https://new.example/")
        write_content(tree, {"entries/new.yaml": new})
        ear.hears("reloaded")
    assert gemini(server, "/entries/new").status == 20
    os.kill(server.pid, signal.SIGTERM)
    assert ends(server.pid) == 0
    assert server.log().count("\nstopped\n") == 2


@pytest.fixture
def begin_large(begin, tree):
    """The same as begin, of a content with something to download."""
    return functools.partial(begin, write_content(tree, {"files/large.bin": LARGE}), drain_timeout=3_600_000)


def downloading(server):
    """Somebody reads slowly, so that the process that serves now does not end; yields what reads the rest."""
    return half_read(connect(server.gopher), b"/files/large.bin\r\n")


def test_a_signal_to_the_old_one_reaches_the_new(begin_large, tmp_path):
    """While it finishes what is in flight, its number may be all that a script knows."""
    server = begin_large(access_log=tmp_path / "access", watch="no")
    old = server.pid
    with downloading(server):
        upgrade(server)
        with Ear(server) as ear:
            os.kill(old, signal.SIGHUP)
            ear.hears(f"SIGHUP: passed on to process {server.pid}, which serves")
            ear.heard = 0  # each of the two may have the first word
            ear.hears("reloaded")
            os.rename(tmp_path / "access", tmp_path / "access.1")
            os.kill(old, signal.SIGUSR1)
            wait_until(lambda: ear.listen().count("SIGUSR1: opening log files anew\n") == 2, "both have heard")
        assert menu(gopher(server, "/about"))
        wait_until(lambda: '"/about"' in (tmp_path / "access").read_text(), "the new file is written")
        os.kill(old, signal.SIGTERM)
        wait_until(lambda: "SIGTERM: finishing what is in flight" in server.log(), "it has heard")
        os.kill(old, signal.SIGTERM)
        first_ends(server)
    assert serves(server), "the end of the old one is no affair of the new one's"


WRAPPER = "#!/bin/sh\n%s\nexec {} \"$@\"\n".format(DIGESTD)


def test_a_second_upgrade_by_the_number_of_the_old_one(begin_large):
    """It reaches the new one; once that has ended, it is said that nobody hears."""
    server = begin_large()
    old = server.pid
    with downloading(server) as rest:
        upgrade(server)
        second = server.pid
        with Ear(server) as ear:
            os.kill(old, signal.SIGUSR2)
            ear.hears(f"SIGUSR2: passed on to process {second}, which serves")
            ear.heard = 0
            hear_of_next(server, ear)
            wait_until(lambda: is_zombie(second), "the second has ended")
            for name in ("SIGHUP", "SIGUSR2"):
                os.kill(old, getattr(signal, name))
                ear.hears(f"{name}: too late, this process only finishes what is in flight")
        assert rest() == LARGE and serves(server)
    first_ends(server)


def test_a_hangup_during_an_upgrade_is_for_both(begin, tree, tmp_path):
    """The new one may have read already what the old one is asked to load."""
    server = begin(tree, watch="no", confine="no")
    install(server, WRAPPER % f"until [ -e {tmp_path}/go ]; do sleep 0.05; done")
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        ear.hears("upgrade: starting .*")
        os.kill(server.pid, signal.SIGHUP)
        ear.hears("SIGHUP: loading everything again")
        ear.hears("reloaded")
        (tmp_path / "go").touch()
        mark = ear.heard
        hear_of_next(server, ear)
        ear.heard = mark  # each of the two may have the first word
        ear.hears("SIGHUP: loading everything again")
        ear.hears("reloaded")
    first_ends(server)


def test_a_hangup_is_not_kept_for_another(begin, tree, tmp_path):
    """Of one new program that fails nothing is left for the next."""
    server = begin(tree, watch="no", confine="no")
    install(server, f"#!/bin/sh\nuntil [ -e {tmp_path}/go ]; do sleep 0.05; done\nexit 3\n")
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        ear.hears("upgrade: starting .*")
        os.kill(server.pid, signal.SIGHUP)
        ear.hears("SIGHUP: loading everything again")
        (tmp_path / "go").touch()
        ear.hears("upgrade: the new program failed: .*")
    reinstall(server)
    with Ear(server) as ear:
        upgrade(server)
        ear.hears("search: .*")
        time.sleep(0.2)
        assert "SIGHUP" not in ear.listen()
    first_ends(server)


def test_a_signal_at_its_start_does_not_end_the_new_one(begin, tree):
    server = begin(tree, watch="no", confine="no")
    install(server, WRAPPER % "kill -HUP $$")
    with Ear(server) as ear:
        upgrade(server)
        ear.hears("SIGHUP: loading everything again")
        ear.hears("reloaded")
    first_ends(server)


def test_the_first_stop_after_an_upgrade_is_no_second(begin_large):
    """As the stop of a service reaches all of its processes: what is in flight is finished."""
    server = begin_large()
    old = server.pid
    with downloading(server) as rest:
        upgrade(server)
        with Ear(server) as ear:
            os.kill(old, signal.SIGTERM)
            ear.hears("SIGTERM: finishing what is in flight")
        assert rest() == LARGE
    first_ends(server)


def test_a_new_one_that_dies_ends_the_old_one_too(begin_large):
    """Nobody listens then; a supervisor starts the service again once both are gone."""
    server = begin_large()
    with downloading(server), Ear(server) as ear:
        upgrade(server)
        os.kill(server.pid, signal.SIGKILL)
        ear.hears(rf"upgrade: process {server.pid}, which served, has failed: it was killed by signal 9 \(Killed\); "
                  "this one ends, too, .*")
        assert server.process.wait(PATIENCE) == 71
    server.status = 71
    assert ends(server.pids.pop()) == -signal.SIGKILL


def test_a_new_one_that_is_stopped_leaves_the_old_one_alone(begin_large):
    server = begin_large()
    with downloading(server) as rest:
        upgrade(server)
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: is_zombie(server.pid), "the new one ends")
        time.sleep(0.1)
        assert rest() == LARGE
    first_ends(server)


def test_signals_that_were_blocked_or_ignored(begin, tree, tmp_path):
    """Whoever starts a program may leave it such, and not know."""
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f"#!/bin/sh\ntrap '' CHLD HUP\nexec {tmp_path}/bin/digestd \"$@\"\n")
    wrapper.chmod(0o755)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])
    try:
        server = begin(tree, program=wrapper, confine="no")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM, signal.SIGUSR2])
    server.program = tmp_path / "bin" / "digestd"
    install(server, "#!/bin/sh\nexit 3\n")
    assert "it ended with status 3" in fails(server)[0]
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGHUP)
        ear.hears("reloaded")


def test_a_socket_with_a_path_stays(begin, tree, tmp_path):
    """The old process does not take it along when it ends."""
    path = tmp_path / "gopher.sock"
    server = begin(tree, gopher=[f"unix:{path}"])
    upgrade(server)
    first_ends(server)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        sock.sendall(b"/about\r\n")
        assert menu(read_all(sock))


def test_another_configuration(tmp_path, begin, tree):
    """What needs a start is done by an upgrade as well: workers, and addresses."""
    config = tmp_path / "digestd.yaml"
    text = ("content: content\ncerts: certs\nhostname: digest.test\ngopher: 127.0.0.1:0\n"
            "gemini: ['127.0.0.1:0', '127.0.0.1:0']\n")
    config.write_text(text)
    server = begin(None, config=config)
    config.write_text(text.replace("['127.0.0.1:0', '127.0.0.1:0']", f"127.0.0.1:{server.gemini[1]}") + "workers: 3\n")
    gone = int(server.listeners[2][2])
    said = upgrade(server)
    first_ends(server)
    assert len(re.findall("^listening on", said, re.M)) == 2
    assert serves(server)
    with pytest.raises(ConnectionRefusedError):
        connect(("127.0.0.1", gone))
    assert len(os.listdir(f"/proc/{server.pid}/task")) >= 3


def test_sessions_are_resumed_where_keys_are_shared(tmp_path, begin, tree):
    (tmp_path / "tickets").write_bytes(os.urandom(80))
    (tmp_path / "tickets").chmod(0o600)
    server = begin(tree, ticket_keys=tmp_path / "tickets")
    context = client_context()
    with tls(server, context=context) as first:
        first.sendall(request_bytes(server, "/about"))
        read_all(first)
        session = first.session
    upgrade(server)
    first_ends(server)
    with tls(server, context=context, session=session) as second:
        assert second.session_reused


# ------------------------------------------------------------------------------- it does not


SCRIPTS = {
    "exits": ("#!/bin/sh\nexit 3\n", "it ended with status 3 before it served"),
    "is killed": ("#!/bin/sh\nkill -9 $$\n", r"it was killed by signal 9 \(Killed\) before it served"),
    "is no program": ("no program\n", "it cannot be run: Exec format error"),
    "has no interpreter": ("#!/nowhere/sh\n", "it cannot be run: No such file"),
    "says nothing and goes on": ("#!/bin/sh\nexec 3>&- 4>&- 5>&- 6>&-\nexec sleep 1000\n", "killed by signal 9"),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_new_program_that_fails(begin, tree, name):
    """The old one goes on as if nothing had been, and the next attempt is as the first."""
    script, words = SCRIPTS[name]
    server = begin(tree, confine="no")
    install(server, script)
    with Readers(server, "/about", {gopher(server, "/about")}, {gemini(server, "/about").raw}, each=1) as readers:
        before = server.descriptors()
        why, _ = fails(server)
        assert re.search(words, why)
        readers.more()
    wait_until(lambda: server.descriptors() <= before, "nothing is left open")
    reinstall(server)
    upgrade(server)
    first_ends(server)
    assert serves(server)


def test_a_program_that_is_gone(begin, tree):
    server = begin(tree)
    server.program.unlink()
    why, _ = fails(server)
    assert "cannot be run: No such file" in why and serves(server)


def test_a_program_that_hangs(begin, tree):
    """It is waited for, and meanwhile another signal changes nothing; killed by hand it has failed."""
    server = begin(tree, confine="no")
    install(server, "#!/bin/sh\nexec sleep 1000\n")
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        ear.hears("upgrade: starting .*")
        child = wait_until(lambda: children(server.pid), "it is started")[0]
        os.kill(server.pid, signal.SIGUSR2)
        ear.hears("upgrade: one is under way already")
        assert children(server.pid) == [child] and serves(server)
        os.kill(child, signal.SIGKILL)
        ear.hears("upgrade: the new program failed: it was killed by signal 9 .*; this one goes on")
    assert serves(server)


def test_a_stop_ends_one_that_is_under_way(begin, tree):
    server = begin(tree, confine="no")
    install(server, "#!/bin/sh\nexec sleep 1000\n")
    with Ear(server) as ear:
        os.kill(server.pid, signal.SIGUSR2)
        ear.hears("upgrade: starting .*")
    child = wait_until(lambda: children(server.pid), "it is started")[0]
    server.stop()
    assert not pathlib.Path(f"/proc/{child}").exists()


def children(pid):
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(process_stat(folder.name)[1]) == pid:
                found.append(int(folder.name))
    return found


def spoil_config(config, tree):
    config.write_text(config.read_text() + "workers: 0\n")
    return f"{config}:6:10: error: "


def spoil_content(config, tree):
    write_content(tree, {"entries/bad.yaml": sample.entry("Bad", "tomorrow", url="https://example.org/bad")})
    return f"{tree}/entries/bad.yaml:2:9: error: "


def spoil_certificate(config, tree):
    (config.parent / "certs" / f"{HOST}.key").write_text("no key\n")
    return f"{config.parent}/certs/{HOST}.key"


def spoil_address(config, tree):
    config.write_text(config.read_text().replace("gopher: 127.0.0.1:0", "gopher: 192.0.2.1:7070"))
    return "cannot listen on gopher://192.0.2.1:7070: "


@pytest.mark.parametrize("spoil", [spoil_config, spoil_content, spoil_certificate, spoil_address],
                         ids=lambda s: s.__name__)
def test_what_the_new_one_cannot_load(tmp_path, begin, tree, spoil):
    """Its own messages say why, and the old one serves what it had."""
    config = tmp_path / "digestd.yaml"
    config.write_text("content: content\ncerts: certs\nhostname: digest.test\ngopher: 127.0.0.1:0\n"
                      "gemini: 127.0.0.1:0\n")
    server = begin(None, config=config, watch="no")
    words = spoil(config, tree)
    why, said = fails(server)
    assert re.search("ended with status (1|71) before it served; its own messages say why", why)
    assert words in said
    assert serves(server)


# ----------------------------------------------------------------------------- given sockets


def listening(family=socket.AF_INET, address=("127.0.0.1", 0), **options):
    return socket.create_server(address, family=family, **options)



def test_sockets_of_a_service_manager(begin, tree):
    """They are used, and what is configured for their protocol is not bound."""
    with listening() as one, listening() as two, listening() as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = begin(tree, gopher=[address], gemini=[address],
                       sockets=[("gopher", one), ("gemini", two)])
        assert server.listeners == [("gopher", "127.0.0.1", str(one.getsockname()[1])),
                                    ("gemini", "127.0.0.1", str(two.getsockname()[1]))]
        assert serves(server)
        upgrade(server)
        first_ends(server)
        assert serves(server), "handed on"


def test_one_protocol_given_and_the_other_bound(begin, tree):
    with listening() as one:
        server = begin(tree, gopher=(), sockets=[("gopher", one)])
        assert serves(server)
        assert server.gopher == one.getsockname()
        upgrade(server)
        first_ends(server)
        assert serves(server)


@pytest.mark.parametrize("workers", [1, 3])
def test_several_sockets_of_a_kind(begin, tree, workers):
    with listening() as one, listening() as two:
        server = begin(tree, gopher=(), sockets=[("gopher", one), ("gopher-2", two)], workers=workers)
        for sock in (one, two):
            with connect(sock.getsockname()) as client:
                client.sendall(b"/about\r\n")
                assert menu(read_all(client))


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback")
def test_a_socket_of_both_kinds_of_address(begin, tree):
    """Addresses of IPv4 are logged as such."""
    with listening(socket.AF_INET6, ("::", 0), dualstack_ipv6=True) as one:
        server = begin(tree, gopher=(), sockets=[("gopher", one)])
        for address in ("127.0.0.1", "::1"):
            with connect((address, one.getsockname()[1])) as client:
                client.sendall(b"/about\r\n")
                assert menu(read_all(client))
        wait_until(lambda: len(server.requests()) == 2, "both are in the log")
        assert [line.split()[2] for line in server.requests()] == ["127.0.0.1", "::1"]


def test_a_socket_behind_a_proxy(begin, tree):
    """Its name says that every connection begins with a PROXY header; an upgrade keeps that."""
    with listening() as one:
        server = begin(tree, gemini=(), sockets=[("gemini-proxy", one)], proxy_from=["127.0.0.1"])
        for _ in range(2):
            with Ear(server) as ear:
                raw = connect(one.getsockname())
                raw.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 1965\r\n")
                with client_context().wrap_socket(raw, server_hostname=HOST) as client:
                    client.sendall(b"gemini://%s:%d/about\r\n" % (HOST.encode(), one.getsockname()[1]))
                    assert Reply(read_all(client)).status == 20
                ear.hears(r"\S+ gemini 192\.0\.2\.7 .*")
            if server.process.poll() is None:
                upgrade(server)
                first_ends(server)


def test_a_socket_with_a_path_can_be_given(begin, tree, tmp_path):
    with listening(socket.AF_UNIX, str(tmp_path / "sock")) as one:
        begin(tree, gopher=(), sockets=[("gopher", one)])
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "sock"))
            client.sendall(b"/about\r\n")
            assert menu(read_all(client))


def datagram():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


def deaf():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


class Pipe:
    """As a socket, for what is handed over."""

    def __init__(self):
        self.ends = os.pipe()

    def fileno(self):
        return self.ends[0]

    def close(self):
        for end in self.ends:
            os.close(end)


@pytest.mark.parametrize("make, words", [(datagram, "is not a stream socket"), (deaf, "does not listen"),
                                         (Pipe, "is not a socket")], ids=["datagram", "deaf", "pipe"])
def test_what_is_no_listening_socket(begin, tree, make, words):
    """It does not start, and says what to write in the unit."""
    with contextlib.closing(make()) as one:
        with pytest.raises(AssertionError, match=words) as failure:
            begin(tree, gopher=(), sockets=[("gopher", one)])
    assert re.search(r'socket 3 \("gopher"\) was handed over, but it .*FileDescriptorName=gopher', str(failure.value))


def test_a_socket_that_nobody_wants(begin, tree):
    with listening() as one, listening() as two:
        server = begin(tree, gopher=(), sockets=[("gopher", one), ("finger", two)])
        assert '"finger" was handed over, but is not used: write ListenStream=' in server.log()
        assert serves(server)


@pytest.mark.parametrize("environment", [{"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "1"},
                                         {"LISTEN_PID": "", "LISTEN_FDS": ""}])
def test_sockets_for_another_process_are_not_taken(begin, tree, environment):
    assert serves(begin(tree, environment=environment))


# ------------------------------------------------------------------------ what a manager is told


class Manager:
    """Hears what a process tells its service manager (sd_notify(3))."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.settimeout(PATIENCE)
        self.environment = {"NOTIFY_SOCKET": path.replace("\0", "@")}

    def hears(self, but=("STATUS", "WATCHDOG")):
        """The next message, as a dictionary."""
        while True:
            message = self.sock.recv(4096).decode()
            assert message.endswith("\n")
            told = dict(line.split("=", 1) for line in message.splitlines())
            if not told.keys() <= set(but):
                return told

    def close(self):
        self.sock.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    names = {"path": str(tmp_path / "notify"), "abstract": f"\0digestd-test-{os.getpid()}-{time.monotonic_ns()}"}
    with contextlib.closing(Manager(names[request.param])) as manager:
        yield manager


def test_the_manager_is_told(begin, tree, manager):
    """That it is ready, that it reloads, also what cannot be loaded, and that it stops."""
    server = begin(tree, environment=manager.environment, watch="no")
    assert manager.hears() == {"READY": "1"}

    def reload():
        before = time.monotonic_ns() // 1000
        os.kill(server.pid, signal.SIGHUP)
        told = manager.hears()
        assert told["RELOADING"] == "1" and before <= int(told["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert manager.hears() == {"READY": "1"}

    reload()
    (tree / "digest.yaml").write_text("nothing: good\n")
    reload()
    server.stop()
    assert manager.hears() == {"STOPPING": "1"}


def test_the_manager_is_told_of_the_successor(begin, tree, manager):
    """Its number, that it is ready; and nothing that would make the manager end the service."""
    server = begin(tree, environment=manager.environment)
    assert manager.hears() == {"READY": "1"}
    upgrade(server)
    told = [manager.hears(), manager.hears()]
    assert {"MAINPID": str(server.pid), "READY": "1"} in told and {"READY": "1"} in told
    first_ends(server)
    os.kill(server.pid, signal.SIGHUP)
    assert manager.hears().get("RELOADING") == "1", "the next message is of the new process"
    assert manager.hears() == {"READY": "1"}


def test_the_watchdog_is_told_in_time(begin, tree, manager):
    begin(tree, environment=manager.environment | {"WATCHDOG_USEC": "2000000"})
    times = []
    while len(times) < 3:
        if "WATCHDOG" in manager.hears(but=("STATUS",)):
            times.append(time.monotonic())
    waits = [later - sooner for sooner, later in zip(times, times[1:])]
    assert max(waits) < 2 and any(wait > 0.5 for wait in waits)


def test_the_watchdog_of_another_is_not_told(begin, tree, manager):
    server = begin(tree, environment=manager.environment | {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})
    assert manager.hears(but=("STATUS",)) == {"READY": "1"}
    server.stop()
    assert manager.hears(but=("STATUS",)) == {"STOPPING": "1"}


@pytest.mark.parametrize("name, words", [("nowhere", "must be an absolute path"),
                                         ("/nowhere/notify", "cannot be reached")])
def test_a_manager_that_is_not_there(begin, tree, name, words):
    server = begin(tree, environment={"NOTIFY_SOCKET": name})
    assert re.search(f"^NOTIFY_SOCKET.*{words}", server.log(), re.M) and serves(server)
