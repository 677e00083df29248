"""Fixtures: each test or module has servers of its own, whose logs are shown when a test fails."""

import os
import pathlib
import resource
import tempfile

import pytest

import sample
from smallweb import DIGESTD, SHIPPED, Attached, Server, share, write_content

# 500 clients at once, on our side too.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, _hard) if _hard >= 0 else 8192, _hard))


def pytest_sessionstart():
    if not os.access(DIGESTD, os.X_OK):
        pytest.exit(f"there is no program {DIGESTD}: build it first", 1)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for server in Server.started:
            if server.shared and server not in getattr(item, "funcargs", {}).values():
                continue
            report.sections.append((f"log of digestd, process {server.pid}", server.log()[-2000:]))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The sample digest, for a module to read."""
    return write_content(tmp_path_factory.mktemp("content"), sample.FILES)


@pytest.fixture(scope="module")
def server(tmp_path_factory, content):
    """A server of the sample digest, which the tests of a module share."""
    yield from share(Server(tmp_path_factory.mktemp("server"), content))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """A server of the shipped digest, or the one that DIGESTD_ATTACH names."""
    if "DIGESTD_ATTACH" in os.environ:
        yield Attached(os.environ["DIGESTD_ATTACH"])
        return
    yield from share(Server(tmp_path_factory.mktemp("shipped"), SHIPPED))


@pytest.fixture
def start(tmp_path):
    """start(content, ...) starts a server, which is stopped and examined after the test."""
    mine = []

    def start(content, **options):
        mine.append(Server(tmp_path / f"server{len(mine)}", content, **options))
        return mine[-1]

    yield start
    try:
        for one in mine:
            one.stop()
    finally:
        for one in mine:
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()


@pytest.fixture
def short():
    """A directory whose path leaves room for the name of a unix socket, which may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="digestd-") as path:
        yield pathlib.Path(path)


@pytest.fixture(autouse=True)
def _forget_servers():
    """Forgets the servers that the test started, once its report is made."""
    before = list(Server.started)
    yield
    Server.started[:] = [s for s in Server.started if s in before or s.process.poll() is None]
