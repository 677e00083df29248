"""What the tests stand on: servers of their own, one careful client for each protocol, and strict
readers of what comes back.

Nothing here repairs what a server sends: a reader raises AssertionError at the first byte that the
protocol would not have. Rows such as G-03 are those of the protocol reference.
"""

import contextlib
import dataclasses
import fcntl
import functools
import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import time
import unicodedata

import prometheus

DIGESTD = os.path.abspath(os.environ["DIGESTD"])  # some tests start it elsewhere
SHIPPED = pathlib.Path(os.environ["DIGESTD_CONTENT"])
SANITIZED = os.environ.get("DIGESTD_SANITIZED") == "yes"

# What a test waits for at most before it fails. Nothing that works takes nearly so long.
PATIENCE = 60 if SANITIZED else 20

HOST = "digest.test"


def wait_until(condition, what, patience=PATIENCE):
    """Waits until condition() is true, and returns its value."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {patience} s in vain until {what}"
        time.sleep(0.005)
    return value


def run(*arguments, **options):
    """Runs digestd to its end."""
    options = {"capture_output": True, "timeout": PATIENCE} | options
    done = subprocess.run([DIGESTD, *map(str, arguments)], **options)
    assert done.returncode >= 0, f"it died of signal {-done.returncode}"
    assert_sane((done.stderr or b"").decode("utf-8", "replace"))
    return done


def assert_sane(said):
    """No sanitizer complains in what a process has said."""
    assert "Sanitizer" not in said and "runtime error:" not in said, said[-8000:]


def write_content(directory, files):
    """Writes a content directory: {"digest.yaml": text, "files/a.bin": bytes, ...}."""
    for name, text in files.items():
        path = pathlib.Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return pathlib.Path(directory)


@functools.cache
def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


# --------------------------------------------------------------------------------- the server


class Server:
    """A digestd of the test's own, on free ports of the loopback, in a directory of its own.

    Settings are those of -o: Server(..., request_timeout=500, exempt=[]); a list is one for each item. until: the
    last line of its log to wait for; the index of the search is built beside the loops, and without its line the
    order of the log is not certain.
    config: a digestd.yaml that says the rest, instead of content, certs, hosts, aliases, gopher and gemini.
    sockets: [(name, socket)] that it is given, as a service manager would. environment: more of it.
    """

    # What the tests need to be so: addresses to compare, and a leak checker that may look around.
    usual = {"log_addresses": "whole"} | ({"confine": "no"} if SANITIZED or os.geteuid() else {})

    started = []    # those of the running test; conftest.py shows their logs when it fails
    shared = False  # by several tests

    def __init__(self, directory, content, *, hosts=(HOST,), aliases=(), gopher=("127.0.0.1:0",),
                 gemini=("127.0.0.1:0",), certs=None, descriptors=None, until="search", config=None,
                 program=DIGESTD, sockets=(), environment=(), **settings):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.host = hosts[0]
        self.content = content
        self.certs = certs or directory / "certs"
        self.log_file = directory / "log"
        command = [program, "serve"]
        if config:
            command += ["-c", config]
        else:
            command += ["-C", content, "-K", self.certs]
            for option, values in (("hostname", hosts), ("alias", aliases), ("gopher", gopher), ("gemini", gemini)):
                for value in values:
                    command += [f"--{option}", value]
        for name, value in (self.usual | settings).items():
            for item in (value or ["[]"]) if isinstance(value, (list, tuple)) else [value]:
                command += ["-o", f"{name}={item}"]

        def prepare():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
            os.environ.update(environment)
            if sockets:
                hand_over(sockets)

        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=prepare, close_fds=not sockets)
        Server.started.append(self)
        self.pid = self.process.pid
        self.status = 0  # with which it is to end
        try:
            wait_until(lambda: {"ready", until} <= set(re.findall(r"^\w+", self.log(), re.M))
                       or self.process.poll() is not None, "the server is ready")
        finally:
            if "\nready\n" not in "\n" + self.log():
                self.process.kill()
                self.process.wait()
        assert self.process.poll() is None, f"the server did not start:\n{self.log()}"
        self.listeners = re.findall(r"^listening on (gopher|gemini|metrics)://(\S+):(\d+)(?: \(PROXY header\))?$",
                                    self.log(), re.M)
        self.gopher = self._first("gopher")
        self.gemini = self._first("gemini")
        self.metrics = self._first("metrics")
        self.gopher_port = settings.get("gopher_port") or (self.gopher and self.gopher[1])
        self.gemini_port = settings.get("gemini_port") or (self.gemini and self.gemini[1])

    def _first(self, protocol):
        for name, address, port in self.listeners:
            if name == protocol:
                return (dial(address), int(port))
        return None

    def log(self):
        """All that the server has said so far."""
        return self.log_file.read_text("utf-8", "backslashreplace")

    def counters(self):
        """What /metrics says, read strictly."""
        status, headers, body = http(self.metrics)
        assert status == 200 and headers["content-type"] == prometheus.CONTENT_TYPE
        return prometheus.read(body.decode())

    def counter(self, name, **labels):
        """One number of /metrics: counter("limit_hits_total", limit="searches")."""
        return prometheus.value(self.counters(), "digestd_" + name, **labels)

    def requests(self):
        """The lines of the access log."""
        return re.findall(r"^\d{4}-\d\d-\d\dT\S+ .*$", self.log(), re.M)

    def url(self, path="/"):
        return f"gemini://{self.host}:{self.gemini_port}{path}"

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self, number=signal.SIGTERM):
        """Ends the server, which takes it well: its status is right, and no word from a sanitizer."""
        if self.process.poll() is None:
            os.kill(self.pid, number)
        self.ended()

    def ended(self):
        """Waits for the end of a server that has been told to stop."""
        if self.process.returncode is None:
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the server did not end when told to") from None
        log = self.log()
        assert_sane(log)
        assert self.process.returncode == self.status, f"status {self.process.returncode}\n{log[-4000:]}"


def process_stat(pid):
    """The fields of /proc/PID/stat from the third on: state, parent, ..."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def hand_over(sockets):
    """In a new process: gives it [(name, socket)] by the protocol of sd_listen_fds(3)."""
    high = [fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, 500) for _, sock in sockets]
    for number, descriptor in enumerate(high):
        os.dup2(descriptor, 3 + number)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)),
                      LISTEN_FDNAMES=":".join(name for name, _ in sockets))


def share(server):
    """The body of a fixture that lends one server to several tests."""
    server.shared = True
    yield server
    server.stop()
    Server.started.remove(server)


class Attached:
    """A server that runs already: DIGESTD_ATTACH="HOST GOPHER-PORT GEMINI-PORT"."""

    def __init__(self, words):
        self.host, gopher, gemini = words.split()
        self.gopher_port, self.gemini_port = int(gopher), int(gemini)
        self.gopher = (self.host, self.gopher_port)
        self.gemini = (self.host, self.gemini_port)

    url = Server.url


def dial(address):
    """The address to connect to for one that is listened on."""
    return {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(address, address.strip("[]"))


# -------------------------------------------------------------------------------- the clients


def connect(address, *, source=None, first=b""):
    """address: (host, port), or the path of a unix socket. source: our own address, of the loopback.
    first: what goes out before anything else, as the header of a proxy."""
    if isinstance(address, (str, os.PathLike)):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(PATIENCE)
        sock.connect(str(address))
    else:
        sock = socket.create_connection(address, PATIENCE, (source, 0) if source else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if first:
        sock.sendall(first)
    return sock


def read_all(sock):
    """Reads to the end, which has to come cleanly: a reset raises, and over TLS a missing
    close_notify does (M-23)."""
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts)


def reset(sock):
    """Closes with an RST instead of a FIN."""
    if isinstance(sock, ssl.SSLSocket):
        sock = socket.socket(fileno=sock.detach())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def gopher(server, selector=b"", end=b"\r\n", *, address=None, **options):
    """Sends a selector and returns all that comes back, as bytes."""
    selector = selector.encode() if isinstance(selector, str) else selector
    with connect(address or server.gopher, **options) as sock:
        sock.sendall(selector + end)
        return read_all(sock)


def client_context(version=None):
    """A TLS client that trusts anybody, and takes only close_notify for an end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0x80)
    if version:
        if version < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return context


CONTEXT = client_context()
NO_NAME = object()


def tls(server, *, sni=None, context=CONTEXT, session=None, address=None, **options):
    """A TLS connection. sni: the server's name, unless another or NO_NAME is given."""
    name = None if sni is NO_NAME else sni or server.host
    raw = connect(address or server.gemini, **options)
    try:
        return context.wrap_socket(raw, server_hostname=name, suppress_ragged_eofs=False,
                                   session=session)
    except BaseException:
        raw.close()
        raise


@dataclasses.dataclass
class Reply:
    """A Gemini reply, held to M-16, M-17 and M-18 as it is read."""

    raw: bytes

    def __post_init__(self):
        header, crlf, self.body = self.raw.partition(b"\r\n")
        assert crlf, f"no CRLF ends the header of {self.raw[:200]!r}"
        match = re.fullmatch(rb"([1-6][0-9]) (\S.*)", header, re.S)
        assert match, f"bad header {header[:200]!r}"
        self.status = int(match[1])
        self.meta = match[2].decode("utf-8")
        assert len(match[2]) <= 1024
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\ufeff]", self.meta), self.meta
        assert self.status == 20 or not self.body, f"a body after {header!r}"

    @property
    def text(self):
        return self.body.decode("utf-8")


def request_bytes(server, request):
    """A path, a URL, or raw bytes, as what goes over the wire."""
    if isinstance(request, bytes):
        return request
    if request.startswith("/"):
        request = server.url(request)
    return request.encode() + b"\r\n"


def gemini(server, request="/", **options):
    """Asks for a path of the server, a URL, or raw bytes; returns a Reply."""
    with tls(server, **options) as sock:
        sock.sendall(request_bytes(server, request))
        return Reply(read_all(sock))


def http(address, path="/metrics", method="GET"):
    """Asks a private listener; returns status, headers by name in lower case, and body."""
    with connect(address) as sock:
        sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        head, end, body = read_all(sock).partition(b"\r\n\r\n")
    assert end, head[:200]
    first, *lines = head.decode("ascii").split("\r\n")
    version, status, _ = first.split(" ", 2)
    assert version == "HTTP/1.1"
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(status), headers, body


@contextlib.contextmanager
def opened(sockets):
    """Closes all of the list in the end, even what was added later."""
    try:
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


# -------------------------------------------------------------------------------- the readers

ITEM_TYPES = "01379Ighi"  # G-10, and g, which every client of the list there knows
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def widest(item_type):
    """The columns that what is shown of an item may have (G-08)."""
    return 67 if item_type == "i" else 66


def width(text):
    """Columns on a terminal."""
    columns = 0
    for c in text:
        if unicodedata.category(c) in ("Mn", "Me", "Cf"):
            continue
        columns += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return columns


@dataclasses.dataclass(frozen=True)
class Item:
    type: str
    display: str
    selector: str
    host: str
    port: int


def menu(data):
    """Reads a menu as the strictest client would (G-03, G-04, G-08, G-10, R-04, R-05)."""
    assert data.endswith(b".\r\n"), f"no final dot: {data[-100:]!r}"
    lines = data.split(b"\r\n")
    assert lines[-2:] == [b".", b""], f"no final dot: {data[-100:]!r}"
    items = []
    for line in lines[:-2]:
        assert b"\n" not in line and b"\r" not in line, f"a line end of its own in {line!r}"
        assert len(line) + 2 < 1024, f"{len(line) + 2} bytes: {line!r}"
        text = line.decode("utf-8")
        assert text and text[0] in ITEM_TYPES, f"type of {text!r}"
        fields = text[1:].split("\t")
        assert len(fields) == 4, f"{len(fields)} fields: {text!r}"
        assert not any(CONTROLS.search(f) for f in fields), f"controls in {text!r}"
        assert "\ufeff" not in text
        display, selector, host, port = fields
        assert re.fullmatch(r"[1-9]\d{0,4}", port), f"port of {text!r}"
        assert re.fullmatch(r"[A-Za-z0-9._-]+", host), f"host of {text!r}"
        # A URL in prose is never broken, so it alone may be wider.
        assert width(display) <= widest(text[0]) or re.fullmatch(r"\W*\w+:\S+", display), \
            f"{width(display)} columns: {text!r}"
        items.append(Item(text[0], display, selector, host, int(port)))
    return items


def own_links(server, items):
    """The items that lead to this server, in order, as paths. URL: links are not among them."""
    return [i.selector for i in items
            if i.type in "01379Ig" and i.host == server.host and i.port == server.gopher_port]


def is_error_item(data):
    """Is it exactly one error item (G-05)?"""
    return bool(re.fullmatch(rb"3[^\x00-\x1f\x7f]{1,300}\t\terror\.host\t1\r\n\.\r\n", data))


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of gemtext. kind: text, link, heading, item, quote, pre, fence."""

    kind: str
    text: str
    url: str = ""
    level: int = 0


def gemtext(body):
    """Reads gemtext (T-01, T-02), held to T-04 as it is read."""
    text = body.decode("utf-8")
    assert text.endswith("\n") and "\r" not in text and not text.startswith("\ufeff")
    assert len(text.splitlines()) == text.count("\n"), "a line separator that is no LF"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), "controls"
    lines, fenced = [], False
    for line in text[:-1].split("\n"):
        if line.startswith("```"):
            fenced = not fenced
            lines.append(Line("fence", line[3:]))
            assert fenced or line == "```", f"something after a closing fence: {line!r}"
        elif fenced:
            lines.append(Line("pre", line))
        elif line.startswith("=>"):
            match = re.fullmatch(r"=> (\S+)(?: (\S.*))?", line)
            assert match, f"link line {line!r}"
            assert re.fullmatch(r"[!-~]+", match[1]), f"target of {line!r}"
            assert not re.search(r"%(?![0-9A-Fa-f]{2})|[<>\"\\^`{|}]", match[1]), line
            lines.append(Line("link", match[2] or "", match[1]))
        elif line.startswith("#"):
            marks, words = re.fullmatch(r"(#{1,3})\s*(.*)", line).groups()
            lines.append(Line("heading", words, level=len(marks)))
        elif line.startswith("* "):
            lines.append(Line("item", line[2:]))
        elif line.startswith(">"):
            lines.append(Line("quote", line[1:].strip()))
        else:
            lines.append(Line("text", line))
    assert not fenced, "a fence that is never closed"
    return lines
