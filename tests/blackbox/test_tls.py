"""TLS and certificates: rows M-02 to M-05, M-24, M-28, R-03, R-12.

openssl s_client and gnutls-cli, whose TLS is not the one Python uses here or speaks for itself, have
their say in test_clients.py as well. The certificate store and the choice by name are tested in
detail by the unit tests test_certificate and test_tls.
"""

import re
import shutil
import socket
import ssl
import stat
import subprocess
import threading

import pytest

from smallweb import (HOST, NO_NAME, Reply, client_context, connect, gemini, read_all, request_bytes, run, tls)

Version = ssl.TLSVersion


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=30, **options)


def der(server, **options):
    with tls(server, **options) as sock:
        return sock.getpeercert(True)


def make_certificate(directory, name, subject):
    directory.mkdir(exist_ok=True)
    done = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", 30,
                   "-subj", f"/CN={subject}", "-addext", f"subjectAltName=DNS:{subject}",
                   "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.crt")
    assert done.returncode == 0, done.stderr
    (directory / f"{name}.key").chmod(0o600)


# ---------------------------------------------------------------------------- the helper itself


@pytest.mark.parametrize("polite", [True, False])
def test_the_client_here_notices_a_missing_close_notify(tmp_path, polite):
    """Else every other test of M-23 would be worth nothing."""
    make_certificate(tmp_path, "x", "x.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "x.crt", tmp_path / "x.key")
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)

    def serve():
        raw, _ = listener.accept()
        with context.wrap_socket(raw, server_side=True) as sock:
            sock.recv(100)
            sock.sendall(b"20 text/plain\r\nbody")
            if polite:
                sock.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        with client_context().wrap_socket(connect(listener.getsockname()), suppress_ragged_eofs=False) as sock:
            sock.sendall(b"hello\r\n")
            if polite:
                assert read_all(sock) == b"20 text/plain\r\nbody"
                sock.unwrap()
            else:
                with pytest.raises(ssl.SSLError):
                    read_all(sock)
        thread.join()


# --------------------------------------------------------------------------------- the versions


@pytest.mark.parametrize("version, name", [(Version.TLSv1_2, "TLSv1.2"), (Version.TLSv1_3, "TLSv1.3")])
def test_m02_versions_served(server, version, name):
    context = client_context(version)
    with tls(server, context=context) as sock:
        assert sock.version() == name
        sock.sendall(request_bytes(server, "/about"))
        assert Reply(read_all(sock)).raw == gemini(server, "/about").raw


@pytest.mark.parametrize("version", [Version.TLSv1, Version.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_m02_m33_older_versions_refused(server, version):
    with pytest.raises(ssl.SSLError) as failure:
        tls(server, context=client_context(version))
    assert "ALERT_PROTOCOL_VERSION" in failure.value.reason, "it is the server that refuses, for the version"


def test_m02_no_early_data(server, tmp_path):
    done = openssl("s_client", "-connect", f"127.0.0.1:{server.gemini_port}", "-servername", HOST, "-ign_eof",
                   "-sess_out", tmp_path / "session", input=request_bytes(server, "/about"))
    assert re.search(rb"Max Early Data: 0\b", done.stdout)


# ------------------------------------------------------------------------------------------ SNI


@pytest.mark.parametrize("sni", [NO_NAME, "other.example", "x." * 100 + "example", HOST.upper(), HOST],
                         ids=["none", "other", "long", "capitals", "ours"])
@pytest.mark.parametrize("version", [Version.TLSv1_2, Version.TLSv1_3])
def test_m03_name_absent_or_unknown(server, sni, version):
    """The handshake is fine in any case, and the URL alone is judged."""
    context = client_context(version)
    assert gemini(server, "/about", sni=sni, context=context).status == 20
    assert gemini(server, "gemini://other.example/", sni=sni, context=context).status == 53
    assert der(server, sni=sni) == der(server)


def test_m03_m04_a_certificate_for_each_name(start, content):
    hosts = ("one.test", "two.test", "three.test")
    server = start(content, hosts=hosts)
    shown = {host: der(server, sni=host) for host in hosts}
    assert len(set(shown.values())) == 3
    for host in hosts:
        pem = ssl.DER_cert_to_PEM_cert(shown[host]).encode()
        assert b"does match" in openssl("x509", "-noout", "-checkhost", host, input=pem).stdout
        assert pem == (server.certs / f"{host}.crt").read_bytes()
    assert der(server, sni=NO_NAME) == der(server, sni="four.test") == shown["one.test"]


# ----------------------------------------------------------------------------- the certificate


def test_m04_r03_made_at_the_first_start(start, content):
    """Its key is readable by its owner alone (trap_6), and it lasts."""
    server = start(content)
    crt, key = server.certs / f"{HOST}.crt", server.certs / f"{HOST}.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert sorted(p.name for p in server.certs.iterdir()) == [crt.name, key.name]
    text = openssl("x509", "-in", crt, "-noout", "-text").stdout.decode()
    assert re.search(rf"Issuer: CN = {HOST}\s", text) and re.search(rf"Subject: CN = {HOST}\s", text)
    assert "Version: 3" in text and f"DNS:{HOST}" in text
    assert "NIST CURVE: P-256" in text and "ecdsa-with-SHA256" in text
    years = 10 * 365 * 24 * 3600
    assert openssl("x509", "-in", crt, "-noout", "-checkend", years).returncode == 0, "many years"
    fingerprint = openssl("x509", "-in", crt, "-noout", "-fingerprint", "-sha256").stdout.decode()
    fingerprint = fingerprint.split("=")[1].strip()
    said = re.search(r"^.*made a self-signed certificate.*$", server.log(), re.M)[0]
    assert str(crt) in said, "the log says where"
    said = re.search(r"^certificate for.*fingerprint.*$", server.log(), re.M)[0]
    assert fingerprint in said and str(crt) in said, "and its fingerprint, at every start"


def test_m04_r03_same_after_a_restart(start, content):
    first = start(content)
    before = der(first)
    key = (first.certs / f"{HOST}.key").read_bytes()
    first.stop()
    second = start(content, certs=first.certs)
    assert der(second) == before
    assert (first.certs / f"{HOST}.key").read_bytes() == key
    assert "made a self-signed" not in second.log()


def test_m04_renewal_keeps_the_key(start, content):
    """trap_11: readers who have pinned it see the key that they know."""
    first = start(content)
    first.stop()
    (first.certs / f"{HOST}.crt").unlink()
    key = (first.certs / f"{HOST}.key").read_bytes()
    second = start(content, certs=first.certs)
    assert gemini(second).status == 20
    assert (first.certs / f"{HOST}.key").read_bytes() == key


def test_no_gemini_listener_no_certificate(start, content):
    server = start(content, gemini=())
    assert not server.certs.exists()


@pytest.mark.parametrize("fault", ["host", "key", "expired", "not-pem", "no-key", "open-key", "empty-key"])
def test_m04_wrong_certificate_is_refused_at_start(tmp_path, content, fault):
    """Status 1 and a line that names the file and what is wrong; nothing is served."""
    certs = tmp_path / "certs"
    crt, key = certs / f"{HOST}.crt", certs / f"{HOST}.key"
    make_certificate(certs, HOST, "other.test" if fault == "host" else HOST)
    if fault == "key":
        make_certificate(tmp_path / "b", HOST, HOST)
        shutil.copy(tmp_path / "b" / key.name, key)
    elif fault == "expired":
        text = openssl("x509", "-in", crt, "-days", "-1", "-signkey", key).stdout
        crt.write_bytes(text)
    elif fault == "not-pem":
        crt.write_text("hello\n")
    elif fault == "no-key":
        key.unlink()
    elif fault == "open-key":
        key.chmod(0o644)
    elif fault == "empty-key":
        key.write_text("")
    says = {"host": (crt, "does not name"), "key": (key, "not the key"), "expired": (crt, "expired"),
            "not-pem": (crt, "PEM"), "no-key": (key, "No such file"), "open-key": (key, "chmod 600|0600"),
            "empty-key": (key, "PEM|key")}
    done = run("serve", "-C", content, "-K", certs, "--hostname", HOST, "--gopher", "127.0.0.1:0",
               "--gemini", "127.0.0.1:0")
    message = done.stderr.decode()
    assert done.returncode == 1, message
    assert "ready" not in message.split()
    line = next(l for l in message.splitlines() if str(says[fault][0]) in l)
    assert re.search(says[fault][1], line), line


def test_certs_directory_that_cannot_be_made(tmp_path, content):
    (tmp_path / "file").write_text("")
    done = run("serve", "-C", content, "-K", tmp_path / "file" / "certs", "--gemini", "127.0.0.1:0")
    assert done.returncode == 1 and str(tmp_path / "file" / "certs") in done.stderr.decode()


# ------------------------------------------------------------------------------- what else there is


def test_m05_m28_client_certificates_are_not_asked_for(server, tmp_path):
    make_certificate(tmp_path, "client", "client.test")
    done = openssl("s_client", "-connect", f"127.0.0.1:{server.gemini_port}", "-servername", HOST, "-msg",
                   "-ign_eof", "-cert", tmp_path / "client.crt", "-key", tmp_path / "client.key",
                   input=request_bytes(server, "/about"))
    assert b"20 text/gemini" in done.stdout
    assert b"CertificateRequest" not in done.stdout


@pytest.mark.parametrize("version", [Version.TLSv1_2, Version.TLSv1_3])
def test_m05_m28_a_client_that_has_a_certificate_is_served_as_any(server, tmp_path, version):
    make_certificate(tmp_path, "client", "client.test")
    context = client_context(version)
    context.load_cert_chain(tmp_path / "client.crt", tmp_path / "client.key")
    reply = gemini(server, "/about", context=context)
    assert reply.status == 20 and reply.raw == gemini(server, "/about").raw


@pytest.mark.parametrize("version", [Version.TLSv1_2, Version.TLSv1_3])
@pytest.mark.parametrize("path", ["/about", "/nothing", "/latest", "/files/binary.bin"])
def test_r12_resumption_gives_the_same_reply(server, version, path):
    context = client_context(version)
    with tls(server, context=context) as first:
        first.sendall(request_bytes(server, path))
        fresh = read_all(first)
        session = first.session
    assert session and session.has_ticket
    with tls(server, context=context, session=session) as second:
        assert second.session_reused
        second.sendall(request_bytes(server, path))
        assert read_all(second) == fresh


def test_r12_resumption_across_names_is_no_leak(start, content):
    """A ticket made under one name never shows the other name's certificate as known."""
    server = start(content, hosts=("one.test", "two.test"))
    for version in (Version.TLSv1_2, Version.TLSv1_3):
        context = client_context(version)
        with tls(server, context=context, sni="one.test") as first:
            first.sendall(request_bytes(server, "/about"))
            read_all(first)
            session = first.session
        with tls(server, context=context, sni="two.test", session=session) as second:
            assert not second.session_reused
            second.sendall(request_bytes(server, "/about"))
            assert Reply(read_all(second)).status == 20


def test_r12_a_spoilt_ticket_is_just_not_resumed(start, content):
    """Tickets of a server that is gone: a full handshake follows."""
    first = start(content)
    context = client_context()
    with tls(first, context=context) as sock:
        sock.sendall(request_bytes(first, "/about"))
        read_all(sock)
        session = sock.session
    first.stop()
    second = start(content, certs=first.certs)
    with tls(second, context=context, session=session) as sock:
        assert not sock.session_reused
        sock.sendall(request_bytes(second, "/about"))
        assert Reply(read_all(sock)).status == 20


@pytest.mark.parametrize("first", [b"gemini://digest.test/\r\n", b"GET / HTTP/1.0\r\n\r\n", b"/\r\n", b"\0" * 100],
                         ids=["gemini", "http", "gopher", "zeros"])
def test_m24_m37_plain_text_gets_no_bytes(server, first):
    with connect(server.gemini) as sock:
        sock.sendall(first)
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b""


def test_m25_a_slow_peer_delays_no_other(server):
    with tls(server) as slow:
        slow.sendall(b"g")
        with connect(server.gemini), connect(server.gopher):
            assert gemini(server, "/about").status == 20
