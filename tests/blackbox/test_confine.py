"""A start by root: who the server is afterwards, what it may still do, and what it says when it cannot be so.

That files and connections are denied from within is shown by the unit test test_os_confine; here is the real server
as it stands, seen from /proc, and that it serves and loads content, certificates and logs all the same.
"""

import grp
import os
import pathlib
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import pytest

import sample
from smallweb import DIGESTD, HOST, PATIENCE, SANITIZED, gemini, gopher, menu, run, wait_until, write_content

USER = "nobody"


def has_user():
    try:
        return pwd.getpwnam(USER).pw_uid != 0
    except KeyError:
        return False


as_root = pytest.mark.skipif(os.geteuid() != 0 or not has_user() or SANITIZED,
                             reason="only root can become somebody else, and the sanitizers want their rights")


@pytest.fixture
def open_dir():
    """A directory that everybody may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="digestd-") as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


@pytest.fixture
def dropped(start, open_dir):
    """dropped(...) starts a server as root, that becomes nobody."""
    def dropped(**settings):
        content = write_content(open_dir / "content", sample.FILES)
        return start(content, **({"user": USER, "certs": open_dir / "certs", "metrics": "127.0.0.1:0"} | settings))
    return dropped


def status(server):
    """/proc/PID/status, as {name: words}."""
    with open(f"/proc/{server.pid}/status") as file:
        return {name: value.split() for name, value in (line.split(":", 1) for line in file)}


def hang_up(server, says):
    """SIGHUP, and waits for what the log says then."""
    before = server.log()
    os.kill(server.pid, signal.SIGHUP)
    wait_until(lambda: re.search(rf"^{says}", server.log()[len(before):], re.M), f"the log says {says}")


# --------------------------------------------------------------------------------- who it is then


@as_root
def test_nothing_of_root_is_left(dropped):
    """Real, effective, saved and file system ids; groups; every set of capabilities, of each thread."""
    server = dropped(workers=2)
    who = pwd.getpwnam(USER)
    groups = sorted(os.getgrouplist(USER, who.pw_gid))
    for thread in os.listdir(f"/proc/{server.pid}/task"):
        with open(f"/proc/{server.pid}/task/{thread}/status") as file:
            now = {name: value.split() for name, value in (line.split(":", 1) for line in file)}
        assert now["Uid"] == [str(who.pw_uid)] * 4 and now["Gid"] == [str(who.pw_gid)] * 4
        assert sorted(map(int, now["Groups"])) == groups
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(now[kind][0], 16) == 0, kind
        assert now["NoNewPrivs"] == ["1"]
    assert f"running as user {USER}\n" in server.log()
    assert "running as root" not in server.log()


@as_root
def test_no_core_of_it_has_its_keys(dropped):
    server = dropped()
    with open(f"/proc/{server.pid}/limits") as file:
        assert re.search(r"^Max core file size +0 +0 ", file.read(), re.M)
    # What may not be dumped belongs to root in /proc, whoever the process is.
    assert os.stat(f"/proc/{server.pid}/mem").st_uid == 0 != int(status(server)["Uid"][0])


@as_root
def test_what_the_kernel_lacks_is_said_and_nothing_else(dropped):
    """One line at most; on a kernel with the newest Landlock none."""
    server = dropped()
    said = [line for line in server.log().splitlines() if line.startswith("confinement")]
    assert len(said) <= 1
    assert all(re.search(r"kernel|Landlock", line) for line in said)


@as_root
def test_user_and_group(dropped):
    group = next(g for g in grp.getgrall() if g.gr_gid not in (0, pwd.getpwnam(USER).pw_gid))
    server = dropped(user=f"{USER}:{group.gr_name}")
    assert status(server)["Gid"] == [str(group.gr_gid)] * 4
    assert menu(gopher(server, "/about"))


@as_root
@pytest.mark.parametrize("user, says", [("root", "is root"), ("no-such-user", "there is no user"),
                                        (f"{USER}:no-such-group", "there is no group"), (f"{USER}:root", "root's group")])
def test_who_it_cannot_or_must_not_be(tmp_path, content, user, says):
    """Said before anything is done, a certificate made, say."""
    done = run("serve", "-C", content, "-K", tmp_path / "certs", "--gopher", "127.0.0.1:0", "-o", f"user={user}")
    assert done.returncode in (1, 2, 71) and says in done.stderr.decode()
    assert not (tmp_path / "certs").exists()


@as_root
def test_root_that_stays_root_is_said(start, content):
    """And gives up what it can all the same."""
    server = start(content)
    assert "running as root, which serving does not need: name a user" in server.log()
    now = status(server)
    assert int(now["CapEff"][0], 16) == 0 and now["NoNewPrivs"] == ["1"]


@as_root
def test_confinement_can_be_left_out(dropped):
    """The user is changed all the same."""
    server = dropped(confine="no")
    now = status(server)
    assert now["NoNewPrivs"] == ["0"] and int(now["Uid"][0]) == pwd.getpwnam(USER).pw_uid
    assert menu(gopher(server, "/about"))


# ------------------------------------------------------------------------------ what it does still


@as_root
def test_it_serves_and_loads_content_anew(dropped):
    server = dropped()
    assert menu(gopher(server, "/about")) and gemini(server, "/files/binary.bin").body == sample.BINARY
    write_content(server.content, {"files/new.txt": "new\n", "entries/2021/new.yaml": sample.entry(
        "A new one", "2021-01-01", slug="new", url="https://example.org/new")})
    hang_up(server, "reloaded")
    assert gemini(server, "/entries/new").status == 20 and gopher(server, "/files/new.txt") == b"new\r\n"
    assert menu(gopher(server, "/search\tnew"))


@as_root
def test_it_notices_changes_by_itself(dropped):
    server = dropped()
    (server.content / "entries/2018/odd.yaml").unlink()
    wait_until(lambda: "\nreloaded\n" in server.log(), "it is loaded")
    assert gemini(server, "/entries/odd-1").status == 51


@as_root
def test_low_ports_are_bound_before(dropped):
    """Ports of root, on an address of the loopback that nobody else has."""
    server = dropped(gopher=("127.0.70.1:70",), gemini=("127.0.70.1:1965",))
    assert menu(gopher(server, "/about")) and gemini(server, f"gemini://{HOST}/about").status == 20


@as_root
def test_a_certificate_made_at_the_start_can_be_renewed(dropped):
    """Its key is readable for whom the server has become, and for no other."""
    server = dropped()
    key = (server.certs / f"{HOST}.key").stat()
    assert not key.st_mode & stat.S_IRWXO
    assert run("cert", "renew", "-K", server.certs, HOST).returncode == 0
    wait_until(lambda: re.search(r"^(not )?reloaded", server.log(), re.M), "it is noticed")
    assert "\nreloaded\n" in server.log(), server.log()
    assert gemini(server, "/about").status == 20


@as_root
def test_certificates_that_root_alone_may_read_serve_until_they_change(dropped):
    """Content is loaded again all the same; and what is wrong with a new certificate is told with what to do."""
    server = dropped()
    for file in server.certs.iterdir():
        os.chown(file, 0, 0)
    (server.certs / f"{HOST}.key").chmod(0o600)
    server.stop()
    second = dropped()
    hang_up(second, "reloaded")
    assert run("cert", "renew", "-K", second.certs, HOST).returncode == 0
    hang_up(second, "not reloaded")
    assert re.search(rf"{HOST}\.key: .*Permission denied; .*chgrp .*chmod 640", second.log())
    assert gemini(second, "/about").status == 20


@as_root
def test_what_the_user_may_not_see_is_no_change(dropped):
    """It was root who has read it at the start."""
    server = dropped()
    os.chown(server.certs, 0, 0)
    server.certs.chmod(0o700)
    server.stop()
    second = dropped(until="search")
    time.sleep(0.5)
    assert "reloaded" not in second.log()
    hang_up(second, "reloaded")
    assert gemini(second, "/about").status == 20


@as_root
def test_logs_are_opened_as_the_user(dropped, open_dir):
    """In a directory of its own, also after they were moved away; one of root's is refused at the start."""
    logs = open_dir / "logs"
    logs.mkdir()
    shutil.chown(logs, USER)
    server = dropped(access_log=logs / "access")
    gopher(server, "/about")
    wait_until(lambda: '"/about"' in (logs / "access").read_text(), "the line is there")
    assert (logs / "access").stat().st_uid == pwd.getpwnam(USER).pw_uid
    (logs / "access").rename(logs / "access.1")
    os.kill(server.pid, signal.SIGUSR1)
    wait_until((logs / "access").exists, "it is opened anew")
    gopher(server, "/nothing")
    wait_until(lambda: '"/nothing"' in (logs / "access").read_text(), "the line is there")
    logs.chmod(0o700)
    os.chown(logs, 0, 0)
    done = run("serve", "-C", server.content, "-K", server.certs, "--hostname", HOST, "--gopher", "127.0.0.1:0",
               "-o", f"user={USER}", "-o", f"access_log={logs}/other")
    assert done.returncode in (1, 71) and f"{logs}/other" in done.stderr.decode()


@as_root
def test_unix_sockets_are_bound_before(dropped, short):
    """Where only root may write."""
    server = dropped(gopher=(f"unix:{short}/gopher",), gemini=(), metrics=f"unix:{short}/metrics")
    short.chmod(0o755)
    assert menu(gopher(server, "/about", address=short / "gopher"))
    assert stat.S_IMODE((short / "metrics").stat().st_mode) == 0o660


# ----------------------------------------------------------------------------------------- chroot


@pytest.fixture
def jail(open_dir):
    """What a new root needs: content and certificates."""
    write_content(open_dir / "jail/content", sample.FILES)
    (open_dir / "jail/certs").mkdir()
    return open_dir / "jail"


@as_root
def test_chroot(start, jail):
    """Paths are as seen from outside; everything is loaded again from within."""
    server = start(jail / "content", certs=jail / "certs", user=USER, chroot=jail)
    assert os.readlink(f"/proc/{server.pid}/root") == str(jail)
    assert os.readlink(f"/proc/{server.pid}/cwd") == str(jail)
    assert menu(gopher(server, "/about")) and gemini(server, "/files/binary.bin").body == sample.BINARY
    assert (jail / f"certs/{HOST}.crt").exists()
    (jail / "content/entries/2018/odd.yaml").unlink()
    hang_up(server, "reloaded")
    assert gemini(server, "/entries/odd-1").status == 51
    assert menu(gopher(server, "/search\tentry"))


@as_root
def test_chroot_with_logs_below_it(start, jail):
    """Their paths too are as seen from outside."""
    (jail / "logs").mkdir()
    shutil.chown(jail / "logs", USER)
    server = start(jail / "content", certs=jail / "certs", user=USER, chroot=jail, access_log=jail / "logs/access")
    gopher(server, "/about")
    wait_until(lambda: '"/about"' in (jail / "logs/access").read_text(), "the line is there")


@as_root
def test_no_upgrade_from_within_a_chroot(start, jail):
    """The program is not there; the log says so, and it serves on."""
    server = start(jail / "content", certs=jail / "certs", user=USER, chroot=jail)
    os.kill(server.pid, signal.SIGUSR2)
    wait_until(lambda: "chroot" in server.log(), "the log says why")
    assert menu(gopher(server, "/about"))


@pytest.mark.parametrize("outside", ["content", "certs", "file", "relative"])
def test_what_lies_outside_of_a_chroot_is_an_error(jail, tmp_path, outside):
    """Of the configuration, which check finds as well as serve."""
    config = (tmp_path if outside == "file" else jail) / "digestd.yaml"
    settings = {"content": jail / "content", "certs": jail / "certs", "chroot": jail, "hostname": HOST,
                "gopher": '"127.0.0.1:0"'}
    if outside in settings:
        settings[outside] = write_content(tmp_path / outside, sample.FILES)
    config.write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
    more = ["-C", "content"] if outside == "relative" else []
    for command in ("check", "serve"):
        done = run(command, "-c", config, *more, cwd=jail)
        assert done.returncode == 1 and "below" in done.stderr.decode() + done.stdout.decode(), done


def test_check_of_a_chroot_that_is_right(jail):
    (jail / "digestd.yaml").write_text(f"content: {jail}/content\ncerts: {jail}/certs\nchroot: {jail}\nhostname: {HOST}\n")
    assert run("check", "-c", jail / "digestd.yaml").returncode == 0


# -------------------------------------------------------------------------------- an ordinary user


def as_nobody(*arguments, **options):
    """Runs digestd as nobody, to its end."""
    who = pwd.getpwnam(USER)
    return subprocess.run([DIGESTD, *map(str, arguments)], user=who.pw_uid, group=who.pw_gid, extra_groups=[],
                          capture_output=True, timeout=PATIENCE, **options)


def ports_are_roots():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        return int(file.read()) > 70


@as_root
@pytest.mark.skipif(not os.path.exists("/proc/sys/net/ipv4/ip_unprivileged_port_start") or not ports_are_roots(),
                    reason="here port 70 is everybody's")
def test_a_low_port_without_the_right_to_it(open_dir):
    """The three ways to it are named, and the one without it."""
    content = write_content(open_dir / "content", sample.FILES)
    done = as_nobody("serve", "-C", content, "-K", open_dir / "certs", "--gopher", "127.0.70.2:70", cwd="/")
    said = done.stderr.decode()
    assert done.returncode == 71
    assert "gopher://127.0.70.2:70: Permission denied" in said
    for way in ("CAP_NET_BIND_SERVICE", "setcap", r"digestd\S*\.socket", "REDIRECT", "nftables", "gopher_port=70"):
        assert re.search(way, said), way


@as_root
def test_who_is_not_root_cannot_become_somebody(open_dir):
    """It serves as whom it is: whoever started it so will have meant it."""
    content = write_content(open_dir / "content", sample.FILES)
    who = pwd.getpwnam(USER)
    server = subprocess.Popen([DIGESTD, "serve", "-C", content, "--gopher", "127.0.0.1:0", "-o", "user=daemon"],
                              stderr=subprocess.PIPE, user=who.pw_uid, group=who.pw_gid, extra_groups=[], cwd="/")
    try:
        said = b""
        while b"ready\n" not in said:
            line = server.stderr.readline()
            assert line, said
            said += line
        assert b"running as" not in said
        with open(f"/proc/{server.pid}/status") as file:
            assert re.search(rf"^Uid:\s+{who.pw_uid}\s", file.read(), re.M)
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


@as_root
def test_a_chroot_is_for_root(open_dir, jail):
    done = as_nobody("serve", "-C", jail / "content", "-K", jail / "certs", "--gopher", "127.0.0.1:0",
                     "-o", f"chroot={jail}", cwd="/")
    assert done.returncode in (1, 71) and b"only root can" in done.stderr
