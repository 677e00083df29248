"""More than one machine: real HAProxy in front of three digestd. Its configuration, and theirs, is the
example that ships (src/packaging/haproxy.cfg), with other addresses and ports."""

import dataclasses
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import sample
from smallweb import (CONTEXT, HOST, PATIENCE, Server, connect, gemini, gopher, is_error_item, process_stat, read_all, tls,
                      wait_until, write_content)

HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
EXAMPLE = pathlib.Path(os.environ["DIGESTD_SOURCE"], "src/packaging/haproxy.cfg")
NAMES = ("one", "two", "three")

pytestmark = pytest.mark.skipif(not HAPROXY, reason="haproxy is missing")


def replace(text, words):
    """Puts other words for some of the example, which has to have them."""
    for old, new in words:
        assert old in text, f"the example says nothing of {old}"
        text = text.replace(old, str(new))
    return text


# ------------------------------------------------------------------------------ the machines


class Machine:
    """One of the three: a directory of its own with content, and a digestd that reads it."""

    def __init__(self, directory, name, number, origin):
        self.name, self.directory, self.origin = name, directory / name, origin
        self.ports = {"gopher": 0, "gemini": 0}
        self.address = f"192.0.2.1{number + 1}"     # in the example
        self.starts = itertools.count()
        self.server = self.successor = None
        self.copy()

    def copy(self):
        """Brings the content here, as a machine of its own would get it."""
        content = self.directory / "content"
        content.mkdir(parents=True, exist_ok=True)
        if shutil.which("rsync"):
            subprocess.run(["rsync", "-a", "--delete", f"{self.origin}/", f"{content}/"], check=True)
        else:
            shutil.copytree(self.origin, content, dirs_exist_ok=True)

    def start(self, front, shared):
        """Starts digestd as the head of the example says."""
        said = replace(EXAMPLE.read_text(), [
            ("digest.example.org", HOST), ("192.0.2.10]", "127.0.0.1]"),
            ("192.0.2.11:7070 proxy", f"127.0.0.1:{self.ports['gopher']} proxy"),
            ("192.0.2.11:1965 proxy", f"127.0.0.1:{self.ports['gemini']} proxy"),
            ("gopher_port: 70", f"gopher_port: {front.gopher_port}"),
            ("gemini_port: 1965", f"gemini_port: {front.gemini_port}"),
            ("ticket_keys: ", f"ticket_keys: {shared}/")])
        settings = {key: value.strip('"[]') for key, value in re.findall(r"^#     (\w+): (.*)$", said, re.M)}
        self.server = Server(self.directory / f"run{next(self.starts)}", self.directory / "content",
                             hosts=(settings.pop("hostname"),), certs=shared / "certs",
                             gopher=(settings.pop("gopher"),), gemini=(settings.pop("gemini"),), **settings)
        self.successor = None
        for protocol in self.ports:
            self.ports[protocol] = int(re.search(rf"^listening on {protocol}://127\.0\.0\.1:(\d+)",
                                                 self.server.log(), re.M)[1])

    def ask(self, selector):
        """Asks this machine, as HAProxy would."""
        with connect(("127.0.0.1", self.ports["gopher"])) as sock:
            sock.sendall(b"PROXY TCP4 127.0.0.1 127.0.0.1 4242 70\r\n" + selector.encode() + b"\r\n")
            return read_all(sock)

    def upgrade(self):
        """Has a new process take over, and returns when it serves."""
        os.kill(self.server.pid, signal.SIGUSR2)
        self.successor = int(wait_until(
            lambda: re.search(r"upgrade: process (\d+) serves now", self.server.log()), "the new process serves")[1])

    def runs(self):
        return alive(self.successor or self.server.pid)

    def stop(self):
        if self.successor and alive(self.successor):
            os.kill(self.successor, signal.SIGTERM)
            wait_until(lambda: not alive(self.successor), "the new process has ended")
        if self.server.process.returncode != -signal.SIGKILL:
            self.server.stop()
        Server.started[:] = [s for s in Server.started if s is not self.server]


def alive(pid):
    """Does a process run, be it a child of ours or of another?"""
    try:
        return process_stat(pid)[0] != "Z"
    except OSError:
        return False


# ----------------------------------------------------------------------------------- HAProxy


@dataclasses.dataclass
class Front:
    """What readers see."""

    host: str
    gopher: tuple
    gemini: tuple

    @property
    def gopher_port(self):
        return self.gopher[1]

    @property
    def gemini_port(self):
        return self.gemini[1]

    url = Server.url


@dataclasses.dataclass
class Session:
    """A line of HAProxy's log."""

    client: int      # port
    front: str
    accepted: float
    server: str
    connected: bool  # to the server
    end: str


class Haproxy:
    """HAProxy on two sockets of the test's, in front of the machines."""

    def __init__(self, directory, sockets, machines):
        self.admin = directory / "admin"
        self.log_file = directory / "log"
        text = replace(EXAMPLE.read_text(), [
            ("bind :::70 v4v6", f"bind fd@{sockets[0].fileno()}"), ("bind :::1965 v4v6", f"bind fd@{sockets[1].fileno()}"),
            ("log /dev/log", "log stdout format raw"), ("/run/haproxy/admin.sock", self.admin),
            ("inter 2s", "inter 100ms"),
            # What a reader does not take stays with the machine, and not in a buffer of the kernel's.
            ("maxconn 10000", "maxconn 1000\n\ttune.rcvbuf.server 65536")] + [
            (f"{name} {m.address}:{old}", f"{name} 127.0.0.1:{m.ports[protocol]}")
            for name, m in machines.items() for protocol, old in (("gopher", 7070), ("gemini", 1965))])
        (directory / "haproxy.cfg").write_text(text)
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([HAPROXY, "-db", "-f", directory / "haproxy.cfg"], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, pass_fds=[s.fileno() for s in sockets])
        wait_until(lambda: self._ready() or self.process.poll() is not None, "HAProxy is ready")
        assert self.process.poll() is None, self.log_file.read_text()

    def _ready(self):
        try:
            return self.say("show info")
        except OSError:
            return False

    def say(self, command):
        """A command to HAProxy's admin socket."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.admin))
            sock.sendall(command.encode() + b"\n")
            return read_all(sock).decode()

    def _column(self, column, backend):
        rows = [line.split(",") for line in self.say("show stat").splitlines()]
        at = rows[0].index(column)
        return {row[1]: row[at] for row in rows if row[0] == backend and row[1] in NAMES}

    def states(self, backend="gemini"):
        """UP, DOWN, MAINT for each server."""
        return {name: status.split()[0] for name, status in self._column("status", backend).items()}

    def sessions_open(self):
        """How many each server has at this moment, of both protocols."""
        gopher, gemini = (self._column("scur", backend) for backend in ("gopher", "gemini"))
        return {name: int(gopher[name]) + int(gemini[name]) for name in NAMES}

    def wait_for(self, **states):
        """Until the servers are as said, and all others up."""
        wanted = dict.fromkeys(NAMES, "UP") | states
        wait_until(lambda: all(self.states(backend) == wanted for backend in ("gopher", "gemini")),
                   f"HAProxy sees {wanted}")

    def sessions(self):
        found = re.findall(r"^\S+?:(\d+) \[([^]]+)\.(\d+)\] (\w+) \w+/(\S+) -?\d+/(-?\d+)/\S+ \S+ (\S\S) ",
                           self.log_file.read_text("utf-8", "replace"), re.M)
        return [Session(int(port), front, time.mktime(time.strptime(at, "%d/%b/%Y:%H:%M:%S")) + int(ms) / 1000,
                        server, int(tc) >= 0, end) for port, at, ms, front, server, tc, end in found]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Cluster:
    def __init__(self, directory):
        self.shared = directory / "shared"
        self.shared.mkdir()
        (self.shared / "ticket.keys").write_bytes(os.urandom(80))
        (self.shared / "ticket.keys").chmod(0o600)
        self.origin = write_content(directory / "origin", sample.FILES)
        self.sockets = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(2)]
        self.front = Front(HOST, *(s.getsockname() for s in self.sockets))
        self.machines = {}
        self.haproxy = None
        try:
            self._start(directory)
        except BaseException:
            self.stop()
            raise

    def _start(self, directory):
        for number, name in enumerate(NAMES):
            machine = Machine(directory, name, number, self.origin)
            self.start(machine)
            self.machines[name] = machine
        self.haproxy = Haproxy(directory / "shared", self.sockets, self.machines)
        self.haproxy.wait_for()

    def start(self, machine):
        machine.start(self.front, self.shared)

    def mend(self):
        """Starts again what a test has ended."""
        for machine in self.machines.values():
            if not machine.runs():
                self.start(machine)
        self.haproxy.wait_for()

    def stop(self):
        if self.haproxy:
            self.haproxy.stop()
        for sock in self.sockets:
            sock.close()
        for machine in self.machines.values():
            machine.stop()


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory):
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    yield one
    one.stop()


@pytest.fixture
def cluster(shared_cluster):
    """The cluster with all its machines up."""
    shared_cluster.mend()
    return shared_cluster


# -------------------------------------------------------------------------------- the readers

PROTOCOLS = ("gopher", "gemini")
LIST, LARGE = "/latest/", "/files/big.bin"


@dataclasses.dataclass
class Failure:
    """A request that got no answer, or another one than it should."""

    front: str
    client: int     # port
    began: float
    why: str


class Readers:
    """Two readers for each protocol who ask on and on, and some who hold a large file half read. All
    compare what they get."""

    def __init__(self, cluster):
        self.front, self.haproxy = cluster.front, cluster.haproxy
        self.failures, self.answers = [], dict.fromkeys(PROTOCOLS, 0)
        self.over, self.read_on = threading.Event(), threading.Event()
        self.held = [threading.Event() for _ in range(2 * len(NAMES))]
        self.expected = {(p, path): self._expect(p, path) for p in PROTOCOLS for path in (LIST, LARGE)}
        self.shares = None  # of the large files, how many each machine has to send
        self.takers = [threading.Thread(target=self._hold, args=(p, held))
                       for held, p in zip(self.held, PROTOCOLS * len(NAMES))]
        self.threads = self.takers + [threading.Thread(target=self._ask, args=(p,)) for p in PROTOCOLS * 2]

    def __enter__(self):
        for thread in self.takers:
            thread.start()
        for held in self.held:
            assert held.wait(PATIENCE)
        self.shares = wait_until(self._shares, "no others are open")
        for thread in self.threads[len(self.takers):]:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.read_on.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not any(t.is_alive() for t in self.threads)

    def _shares(self):
        shares = self.haproxy.sessions_open()
        return shares if sum(shares.values()) == len(self.held) else None

    def _expect(self, protocol, path):
        with self._connect(protocol) as raw, self._request(protocol, path, raw) as sock:
            return read_all(sock)

    def _connect(self, protocol):
        raw = socket.socket()
        raw.settimeout(PATIENCE)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)  # what is not read stays with the server
        raw.connect(getattr(self.front, protocol))
        return raw

    def _request(self, protocol, path, sock):
        if protocol == "gemini":
            sock = CONTEXT.wrap_socket(sock, server_hostname=HOST, suppress_ragged_eofs=False)
            path = self.front.url(path)
        sock.sendall(path.encode() + b"\r\n")
        return sock

    def _fetch(self, protocol, path, half=lambda: None):
        """One request; half is called when the answer has begun."""
        raw = self._connect(protocol)
        client, began = raw.getsockname()[1], time.time()
        try:
            with raw, self._request(protocol, path, raw) as sock:
                got = sock.recv(1000)
                half()
                got += read_all(sock)
            if got == self.expected[protocol, path]:
                return True
            why = f"{len(got)} bytes: {got[:100]!r}"
        except OSError as error:
            why = repr(error)
        self.failures.append(Failure(protocol, client, began, why))
        half()
        return False

    def _ask(self, protocol):
        while not self.over.is_set():
            self.answers[protocol] += self._fetch(protocol, LIST)

    def _hold(self, protocol, held):
        def half():
            held.set()
            self.read_on.wait()
        self._fetch(protocol, LARGE, half)

    def go_on(self, count=100):
        """Returns when both protocols have had so many more answers."""
        wanted = {p: n + count for p, n in self.answers.items()}
        wait_until(lambda: all(self.answers[p] >= n for p, n in wanted.items()), "readers have been answered")


def lost(cluster, readers):
    """The failures, each as HAProxy's log has it. Ports come round again within seconds."""
    def find(f):
        near = [s for s in cluster.haproxy.sessions()
                if (s.front, s.client) == (f.front, f.client) and abs(s.accepted - f.began) < 2]
        return sorted(near, key=lambda s: abs(s.accepted - f.began))
    return [wait_until(lambda f=f: find(f), f"HAProxy's log tells of {f}")[0] for f in readers.failures]


# ---------------------------------------------------------------------------------- the tests


def test_three_machines_are_one_digest(cluster):
    pages = {m.ask(LIST) for m in cluster.machines.values()}
    assert len(pages) == 1
    assert pages == {gopher(cluster.front, LIST)}
    answers = {gemini(cluster.front, LIST).raw for _ in range(6)}
    assert len(answers) == 1
    for m in cluster.machines.values():
        wait_until(lambda m=m: f"gemini://{HOST}:{cluster.front.gemini_port}{LIST}" in m.server.log(),
                   f"{m.name} has answered too")


def test_logs_know_the_reader_and_links_the_port_that_she_used(cluster):
    with socket.create_connection(cluster.front.gopher, PATIENCE, source_address=("127.0.0.77", 0)) as sock:
        sock.sendall(b"/tags/\r\n")
        page = read_all(sock)
    assert f"\t{HOST}\t{cluster.front.gopher_port}\r\n".encode() in page
    wait_until(lambda: [m for m in cluster.machines.values() if " gopher 127.0.0.77 " in m.server.log()],
               "a log has the reader's address")


def test_a_session_made_with_one_machine_goes_on_at_another(cluster):
    def only(name):
        for other in NAMES:
            cluster.haproxy.say(f"set server gopher/{other} state {'ready' if other == name else 'maint'}")
        cluster.haproxy.wait_for(**{n: "MAINT" for n in NAMES if n != name})

    session = None
    try:
        for name in NAMES + NAMES[:1]:
            only(name)
            with tls(cluster.front, session=session) as sock:
                assert sock.session_reused == (session is not None), name
                sock.sendall(cluster.front.url(f"/?{name}").encode() + b"\r\n")
                read_all(sock)
                session = sock.session
            wait_until(lambda name=name: f"/?{name}" in cluster.machines[name].server.log(), f"{name} has answered")
    finally:
        for name in NAMES:
            cluster.haproxy.say(f"set server gopher/{name} state ready")
    cluster.haproxy.wait_for()


def test_one_is_killed_and_one_upgraded_under_load(cluster):
    with Readers(cluster) as readers:
        busiest, next_busy, _ = sorted(NAMES, key=readers.shares.get, reverse=True)
        killed, upgraded = cluster.machines[busiest], cluster.machines[next_busy]
        killed.server.process.kill()
        killed.server.process.wait()
        dead = time.time()
        readers.go_on()
        cluster.haproxy.wait_for(**{busiest: "DOWN"})
        upgraded.upgrade()
        readers.go_on()
        readers.read_on.set()
        upgraded.server.ended()
        readers.go_on()
        assert cluster.haproxy.states()[next_busy] == "UP"

    gone = lost(cluster, readers)
    assert all(s.server == busiest and s.connected for s in gone), (readers.failures, gone)
    # Its share of the large files, and who asked while it died; nobody who came after that.
    assert 0 < readers.shares[busiest] <= len(gone), (readers.shares, gone)
    assert all(s.accepted <= dead for s in gone), (dead, gone)


def test_one_that_stops_is_out_before_a_reader_notices(cluster):
    stopped = cluster.machines["three"]
    with Readers(cluster) as readers:
        os.kill(stopped.server.pid, signal.SIGTERM)
        cluster.haproxy.wait_for(three="DOWN")
        readers.go_on()
        readers.read_on.set()
        stopped.server.ended()
        readers.go_on()
    assert not readers.failures, (readers.failures, lost(cluster, readers))


def test_copied_content_is_picked_up_by_each(cluster):
    assert is_error_item(gopher(cluster.front, "/entries/brand-new"))
    write_content(cluster.origin, {"entries/2021/new.yaml": sample.entry(
        "Brand new", "2021-01-01", slug="brand-new", url="https://example.org/brand-new")})
    for m in cluster.machines.values():
        m.copy()
        wait_until(lambda m=m: not is_error_item(m.ask("/entries/brand-new")), f"{m.name} has the new entry")
    assert len({m.ask(LIST) for m in cluster.machines.values()}) == 1
