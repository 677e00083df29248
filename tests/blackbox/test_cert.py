"""`digestd cert`, and what serve says of certificates as time passes: rows M-04, R-02 and R-03.

openssl judges what was made. The unit tests test_certificate, test_certificate_facts and test_identity
have the details.
"""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import pytest

from smallweb import DIGESTD, HOST, PATIENCE, assert_sane, gemini, run
from test_tls import der, make_certificate, openssl


@pytest.fixture
def certs(tmp_path):
    """A directory with a pair that lasts 20 days."""
    directory = tmp_path / "certs"
    make_certificate(directory, HOST, HOST)
    redate(directory, 20)
    return directory


def redate(certs, days):
    crt, key = certs / f"{HOST}.crt", certs / f"{HOST}.key"
    text = openssl("x509", "-in", crt, "-days", days, "-signkey", key).stdout
    assert text
    crt.write_bytes(text)


def issue(directory, name):
    """As redate and make_certificate, by an authority."""
    make_certificate(directory / "ca", "ca", "Authority")
    make_certificate(directory, name, name)
    request = openssl("req", "-new", "-key", directory / f"{name}.key", "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName=DNS:{name}").stdout
    done = openssl("x509", "-req", "-days", 20, "-CA", directory / "ca" / "ca.crt", "-CAkey",
                   directory / "ca" / "ca.key", "-CAcreateserial", "-copy_extensions", "copy", input=request)
    assert done.returncode == 0, done.stderr
    (directory / f"{name}.crt").write_bytes(done.stdout)
    shutil.rmtree(directory / "ca")


def cert(*arguments, status=0, **options):
    done = run("cert", *arguments, **options)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def fingerprint(certs, name=HOST):
    said = openssl("x509", "-in", certs / f"{name}.crt", "-noout", "-fingerprint", "-sha256").stdout.decode()
    return said.split("=")[1].strip()


def public_key(certs, name=HOST):
    return openssl("x509", "-in", certs / f"{name}.crt", "-noout", "-pubkey").stdout


def lasts(certs, days):
    return openssl("x509", "-in", certs / f"{HOST}.crt", "-noout", "-checkend", days * 86400).returncode == 0


# ------------------------------------------------------------------------------------------- show


def test_show_tells_what_openssl_tells(certs):
    out, err = cert("show", "-K", certs, HOST)
    assert fingerprint(certs) in out and not err
    end = openssl("x509", "-in", certs / f"{HOST}.crt", "-noout", "-enddate", "-dateopt", "iso_8601").stdout.decode()
    assert re.search(rf"^  valid from .* to {end.split('=')[1][:10]}, (19|20) days left$", out, re.M)
    assert re.search(rf"^  names +{HOST}$", out, re.M)
    assert re.search(r"^  key +ECDSA P-256$", out, re.M)
    assert "self-signed" in out


def test_show_without_names_tells_all(tmp_path):
    certs = tmp_path / "certs"
    cert("make", "-K", certs, "b.test", "*.a.test", "[::1]")
    (certs / "README").write_text("no certificate\n")
    out, _ = cert("show", "-K", certs)
    assert re.findall(r"^\S+$", out, re.M) == [f"{certs}/{name}.crt" for name in ("_.a.test", "::1", "b.test")]


def test_show_tells_what_serve_would_refuse(certs):
    redate(certs, -1)
    out, _ = cert("show", "-K", certs, status=1)
    assert "which is over" in out
    assert re.search(rf"^  refused .*has expired: renew it with digestd cert renew {HOST}, and the -c or -K of the server$", out, re.M)


def test_show_nothing(tmp_path):
    out, err = cert("show", "-K", tmp_path)
    assert out == f"no certificates in {tmp_path}\n" and not err
    _, err = cert("show", "-K", tmp_path / "none", status=1)
    assert "none: No such file or directory" in err
    _, err = cert("show", "-K", tmp_path, HOST, status=1)
    assert f"{HOST}.crt: cannot read the certificate" in err


# ----------------------------------------------------------------------------------- make and renew


def test_made_is_what_serve_takes(tmp_path, start, content):
    certs = tmp_path / "certs"
    out, _ = cert("make", "-K", certs, HOST)
    assert stat.S_IMODE((certs / f"{HOST}.key").stat().st_mode) == 0o600
    assert fingerprint(certs) in out
    server = start(content, certs=certs)
    assert "made a self-signed" not in server.log()
    assert fingerprint(certs) in server.log()
    assert gemini(server).status == 20


def test_make_overwrites_nothing(certs):
    before = fingerprint(certs)
    _, err = cert("make", "-K", certs, HOST, "other.test", status=1)
    assert f"{HOST}.crt: exists" in err
    assert fingerprint(certs) == before
    assert (certs / "other.test.crt").exists(), "one that fails does not keep the next from its turn"


def test_m04_r03_renew_keeps_the_key(certs, start, content):
    old, key = fingerprint(certs), public_key(certs)
    out, _ = cert("renew", "-K", certs, HOST)
    assert lasts(certs, 19 * 365) and public_key(certs) == key
    assert re.search(rf"old: ends on \d\d\d\d-\d\d-\d\d, SHA-256 {old}\n", out)
    assert re.search(rf"new: ends on \d\d\d\d-\d\d-\d\d, SHA-256 {fingerprint(certs)}\n", out)
    assert "The key is the same" in out
    assert sorted(p.name for p in certs.iterdir()) == [f"{HOST}.crt", f"{HOST}.key"]
    server = start(content, certs=certs)
    assert gemini(server).status == 20


def test_m04_renew_for_a_new_key(certs, start, content):
    key = public_key(certs)
    out, _ = cert("renew", "--new-key", "-K", certs, HOST)
    assert public_key(certs) != key and "The key is new" in out
    assert stat.S_IMODE((certs / f"{HOST}.key").stat().st_mode) == 0o600
    server = start(content, certs=certs)
    assert gemini(server).status == 20


def test_renewal_of_what_is_issued_is_elsewhere(tmp_path):
    certs = tmp_path / "certs"
    certs.mkdir()
    issue(certs, HOST)
    before = fingerprint(certs)
    out, _ = cert("show", "-K", certs)
    assert re.search(r"^  issued by +CN=Authority$", out, re.M)
    _, err = cert("renew", "-K", certs, HOST, status=1)
    assert "is not self-signed: renew it where it was issued" in err
    assert fingerprint(certs) == before
    out, _ = cert("renew", "--force", "-K", certs, HOST)
    assert "The key is the same" in out and lasts(certs, 3650)


# ----------------------------------------------------------------------------------- what serve says


@pytest.mark.parametrize("days, warned", [(31, False), (29, True)])
def test_serve_warns_thirty_days_before_the_end(certs, start, content, days, warned):
    redate(certs, days)
    server = start(content, certs=certs)
    warning = re.search(rf"^warning: the certificate for {HOST} ends on \d{{4}}-\d\d-\d\d, in ({days - 1}|{days}) days: "
                        rf"renew it with digestd cert renew -K {certs} {HOST}$", server.log(), re.M)
    assert bool(warning) == warned
    assert ("warning" in server.log()) == warned


def test_m04_files_of_an_acme_client(tmp_path, start, content):
    """Symbolic links, a chain, a key for a group, and a renewal that is not ours to make."""
    live, certs = tmp_path / "live", tmp_path / "certs"
    live.mkdir()
    certs.mkdir()
    issue(live, HOST)
    make_certificate(tmp_path, "chain", "Authority")
    with open(live / f"{HOST}.crt", "ab") as file:
        file.write((tmp_path / "chain.crt").read_bytes())
    (live / f"{HOST}.crt").rename(live / "fullchain.pem")
    (live / f"{HOST}.key").rename(live / "privkey.pem")
    (live / "privkey.pem").chmod(0o640)
    (certs / f"{HOST}.crt").symlink_to("../live/fullchain.pem")
    (certs / f"{HOST}.key").symlink_to(live / "privkey.pem")
    server = start(content, certs=certs)
    assert gemini(server).status == 20 and der(server)
    assert re.search(r"^warning: .*: renew it where it was issued$", server.log(), re.M)
    _, err = cert("renew", "-K", certs, HOST, status=1)
    assert "is a symbolic link: renew what it leads to" in err


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be somebody else")
def test_a_key_that_only_root_may_read():
    """The server's user is told what to do about it, and it helps."""
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        directory.chmod(0o755)
        certs, key = directory / "certs", directory / "certs" / f"{HOST}.key"
        make_certificate(certs, HOST, HOST)
        program = shutil.copy(DIGESTD, directory / "digestd")

        def show():
            done = subprocess.run([program, "cert", "show", "-K", certs], user=65534, group=65534, extra_groups=[],
                                  capture_output=True, timeout=PATIENCE)
            assert_sane(done.stderr.decode())
            return done.returncode, done.stdout.decode()

        status, said = show()
        assert status == 1
        assert f"{key}: cannot read the private key: Permission denied; give it to the group of the server's user, " \
               "with chgrp and chmod 640" in said
        os.chown(key, -1, 65534)
        key.chmod(0o640)
        assert show()[0] == 0
        cert("renew", "--new-key", "-K", certs, HOST)
        assert key.stat().st_gid == 65534 and stat.S_IMODE(key.stat().st_mode) == 0o640, "a renewal keeps it so"
        assert show()[0] == 0


# -------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize("arguments, says", [
    ((), "show, make or renew?"),
    (("frob",), "no 'cert frob'"),
    (("make",), "make needs the name of a host"),
    (("renew",), "renew needs the name of a host"),
    (("show", "--force"), "--new-key and --force are for renew"),
    (("make", "--new-key", "x"), "--new-key and --force are for renew"),
    (("show", "a b"), "'a b' is no host"),
    (("show", "--frob"), "frob"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_wrong_command_lines(arguments, says):
    out, err = cert(*arguments, status=2)
    assert says in err and "digestd cert --help" in err and not out


@pytest.mark.parametrize("arguments", [("--help",), ("renew", "--help"), ("-h",)])
def test_help(arguments):
    out, err = cert(*arguments)
    assert out.startswith("usage: digestd cert show") and not err
    assert max(map(len, out.splitlines())) <= 80


def test_a_full_disk_is_no_success(certs):
    with open("/dev/full", "w") as full:
        done = subprocess.run([DIGESTD, "cert", "show", "-K", certs], stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 71
