"""Readers who come all the time, and a listener to what a server says from now on."""

import contextlib
import re
import threading
import time

from smallweb import PATIENCE, connect, read_all, request_bytes, tls


class Ear:
    """Hears what a server says, from now on."""

    def __init__(self, server):
        self.file = open(server.log_file, encoding="utf-8", errors="backslashreplace")
        self.file.seek(0, 2)
        self.text = ""  # all that it has heard
        self.heard = 0  # so much of it has been asked for

    def listen(self):
        self.text += self.file.read()
        return self.text

    def hears(self, pattern, patience=PATIENCE):
        """Waits for the next line that matches from its beginning to its end."""
        deadline = time.monotonic() + patience
        while True:
            match = re.compile(rf"^(?:{pattern})\n", re.M).search(self.listen(), self.heard)
            if match:
                self.heard = match.end()
                return match
            assert time.monotonic() < deadline, f"waited {patience} s in vain for {pattern!r}:\n{self.text[-4000:]}"
            time.sleep(0.002)

    def close(self):
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Readers:
    """Threads that ask for a path again and again; the replies have to be among those allowed.

    with Readers(server, "/about", {b"...", ...}, {b"20 ...", ...}) as readers: ...
    At the end no request may have failed, and each protocol must have been read.
    """

    def __init__(self, server, path, gopher, gemini, each=2):
        self.server, self.path = server, path
        self.allowed = {"gopher": gopher, "gemini": gemini}
        self.read = {"gopher": 0, "gemini": 0}
        self.faults = []
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._ask_on, args=(protocol,), daemon=True)
                        for protocol in ("gopher", "gemini") for _ in range(each)]

    def _ask(self, protocol):
        if protocol == "gopher":
            with connect(self.server.gopher) as sock:
                sock.sendall(self.path.encode() + b"\r\n")
                return read_all(sock)
        with tls(self.server) as sock:
            sock.sendall(request_bytes(self.server, self.path))
            return read_all(sock)

    def _ask_on(self, protocol):
        while not self.ending.is_set():
            try:
                reply = self._ask(protocol)
                fault = None if reply in self.allowed[protocol] else f"a reply like no other: {reply[:300]!r}"
            except OSError as error:
                fault = repr(error)
            with self.lock:
                self.read[protocol] += 1
                if fault:
                    self.faults.append(f"{protocol}, request {self.read[protocol]}: {fault}")

    def more(self, count=5):
        """Waits until each protocol has been read so many times more."""
        before = dict(self.read)
        deadline = time.monotonic() + PATIENCE
        while any(self.read[p] < before[p] + count for p in self.read):
            assert time.monotonic() < deadline and not self.faults, self.faults[:5]
            time.sleep(0.005)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        if kind is None:
            assert not self.faults, f"{len(self.faults)} of {self.read} failed: {self.faults[:5]}"
            assert all(self.read.values()), f"nobody read: {self.read}"


@contextlib.contextmanager
def half_read(sock, request, first=10_000):
    """Begins a large download: yields a function that reads the rest and returns all of it."""
    with sock:
        sock.sendall(request)
        begun = b""
        while len(begun) < first:
            part = sock.recv(first - len(begun))
            assert part, "it ends too soon"
            begun += part
        yield lambda: begun + read_all(sock)
