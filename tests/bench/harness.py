"""What the benchmark scripts share: servers as child processes, what the kernel says of them,
and one plain request on either protocol. Standard library only.

Copyright (c) 2026 the digestd authors; the terms are in bare.h.
"""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
CONTENT = Path(os.environ.get("DIGESTD_CONTENT") or SOURCE / "content")
HOST = "localhost"
PATIENCE = 30  # seconds for anything that should take far less
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something is broken, not slow: the script says what and exits with status 1."""


def run_script(main):
    """Runs main() so that a kill or ^C still ends the servers it started, and a BenchError is
    one line, not a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except BenchError as e:
        sys.exit(f"{Path(sys.argv[0]).name}: {e}")
    except KeyboardInterrupt:
        sys.exit(130)


def find_digestd():
    """The program to measure: $DIGESTD, else the one in build/, else the one on PATH."""
    built = SOURCE / "build" / "src" / "digestd"
    program = os.environ.get("DIGESTD") or (built if built.exists() else shutil.which("digestd"))
    if not program or not os.access(program, os.X_OK):
        raise BenchError("no digestd to measure: build it, or set DIGESTD to its path")
    return str(Path(program).resolve())


def compile_programs(build):
    """The clients and the bare servers, into the build directory. make's own settings stay out:
    this may run below another make."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "-s", "-f", str(HERE / "bench.mk"), f"BUILD={build}"]
    if env.get("CC"):
        command.append(f"CC={env['CC']}")
    if subprocess.run(command, env=env).returncode:
        raise BenchError("the benchmark's programs do not compile")


def digestd_command(program, content, certs):
    return [program, "serve", "-C", str(content), "-K", str(certs), "--hostname", HOST,
            "--gopher", "127.0.0.1:0", "--gemini", "127.0.0.1:0"]


def make_certificate(certs):
    """A certificate for HOST where digestd looks for it: it and the bare server use the same."""
    certs.mkdir(parents=True, exist_ok=True)
    cert, key = certs / f"{HOST}.crt", certs / f"{HOST}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
         "-addext", f"subjectAltName=DNS:{HOST}", "-out", str(cert), "-keyout", str(key)],
        check=True, stderr=subprocess.DEVNULL)
    key.chmod(0o600)
    return cert, key


class Server:
    """A server of ours from start to stop. Use as a context manager."""

    def __init__(self, command, log, cpu=None):
        self.log = Path(log)
        self.ports = {}
        pin = None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})
        with open(self.log, "wb") as sink:
            self.started = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=pin,
                                            stdout=subprocess.DEVNULL, stderr=sink)
        try:
            self.ready_ms = self._wait_until_ready() * 1000
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_until_ready(self):
        """Seconds until the line `ready`. Standard error is a file, as the access log goes there
        too, so it is looked at often; that the server has a processor of its own while we look
        is why this disturbs little."""
        while time.monotonic() - self.started < PATIENCE:
            said = self.log.read_text(errors="replace")
            now = time.monotonic()
            if re.search(r"^(?:.*\s)?ready$", said, re.M):
                for scheme, port in re.findall(r"listening on (\w+)://\S*:(\d+)", said):
                    self.ports[scheme] = int(port)
                return now - self.started
            if self.process.poll() is not None:
                raise BenchError(f"the server ended with status {self.process.returncode}:\n"
                                 f"{said[-2000:]}")
            time.sleep(0.0002)
        raise BenchError(f"the server did not say `ready` within {PATIENCE} s")

    def port(self, scheme):
        if scheme not in self.ports:
            raise BenchError(f"the server did not say where it listens for {scheme}")
        return self.ports[scheme]

    def cpu_seconds(self):
        """User and system time so far, of all threads."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()  # from field 3 on: a name may hold spaces
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self, which):
        """VmRSS (now) or VmHWM (the most so far), in MB of a million bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{which}:\s+(\d+) kB", status, re.M)
        if not found:
            raise BenchError(f"the server is gone, see {self.log}")
        return int(found[1]) * 1024 / 1e6

    def stop(self):
        """By its process id; politely, then not."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def fetch(scheme, port, path):
    """The whole answer as it came over the wire, from a client that is not our own."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        if scheme == "gopher":
            return _ask(plain, f"{path}\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        # A missing close_notify is an error here, not an end.
        with context.wrap_socket(plain, server_hostname=HOST,
                                 suppress_ragged_eofs=False) as tls:
            return _ask(tls, f"gemini://{HOST}:{port}{path}\r\n")


def _ask(sock, request):
    sock.sendall(request.encode())
    chunks = []
    while chunk := sock.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def fetch_page(scheme, port, path):
    """As fetch(), but anything that is not a page is an error."""
    try:
        answer = fetch(scheme, port, path)
    except OSError as e:
        raise BenchError(f"{scheme} {path}: {e}") from e
    good = answer.startswith(b"20 ") if scheme == "gemini" else answer and answer[:1] != b"3"
    if not good:
        raise BenchError(f"{scheme} {path}: not a page: {answer[:100]!r}")
    return answer


def links(gemtext):
    """The paths on this server that a Gemini page links to, in order."""
    return re.findall(r"^=>\s*(/\S*)", gemtext.decode("utf-8", "replace"), re.M)
