"""The 27 checks of gemini-diagnostics, rows M-31 to M-57, each as that script makes it: against
`localhost`, with the port in the URL, and with its reading of the replies.

M-32 is skipped where the loopback has no IPv6.
"""

import datetime
import re
import ssl
import subprocess

import pytest

from smallweb import Server, connect, gemini, has_ipv6, read_all, share, tls


@pytest.fixture(scope="module")
def server(tmp_path_factory, content):
    """One that listens everywhere, for localhost, and is not patient."""
    yield from share(Server(tmp_path_factory.mktemp("server"), content, hosts=("localhost",), gemini=("*:0",),
                            request_timeout=1500))


def ask(server, url, end=b"\r\n"):
    """The raw reply to a URL, {p} standing for the port."""
    line = url if isinstance(url, bytes) else url.format(p=server.gemini_port).encode()
    with tls(server) as sock:
        sock.sendall(line + end)
        return read_all(sock)


def refused(server, url, code):
    assert re.fullmatch(rb"%d [^\r\n]+\r\n" % code, ask(server, url))


def certificate(server):
    """(PEM, as `openssl x509 -text` puts it)."""
    with tls(server) as sock:
        pem = ssl.DER_cert_to_PEM_cert(sock.getpeercert(True))
    text = subprocess.run(["openssl", "x509", "-noout", "-text", "-checkhost", "localhost"], input=pem.encode(),
                          capture_output=True, check=True).stdout.decode()
    return pem, text


def test_m31_ipv4_address(server):
    connect(("127.0.0.1", server.gemini_port)).close()


def test_m32_ipv6_address(server):
    if not has_ipv6():
        pytest.skip("no IPv6 on the loopback")
    assert gemini(server, address=("::1", server.gemini_port)).status == 20


def test_m33_tls_version(server):
    with tls(server) as sock:
        assert sock.version() == "TLSv1.3"


def test_m34_tls_claims(server):
    _, text = certificate(server)
    assert "does match certificate" in text
    begin, end = (datetime.datetime.strptime(re.search(rf"Not {w} ?: (.*) GMT", text)[1], "%b %d %H:%M:%S %Y")
                  for w in ("Before", "After"))
    assert begin <= datetime.datetime.utcnow() <= end


def test_m35_tls_verified(server):
    """The only fault of the certificate is that it is self-signed, verify code 18."""
    with connect(server.gemini) as raw, pytest.raises(ssl.SSLCertVerificationError) as failure:
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
    assert failure.value.verify_code == 18
    trusting = ssl.create_default_context(cadata=certificate(server)[0])
    with connect(server.gemini) as raw, trusting.wrap_socket(raw, server_hostname="localhost") as sock:
        assert sock.version() == "TLSv1.3"


def test_m36_tls_close_notify(server):
    assert ask(server, "gemini://localhost:{p}/").startswith(b"20 ")


def test_m37_tls_required(server):
    with connect(server.gemini) as sock:
        sock.sendall(b"gemini://localhost\r\n")
        assert read_all(sock) == b""


def test_m38_concurrent_connections(server):
    line = f"gemini://localhost:{server.gemini_port}/\r\n".encode()
    with tls(server) as first:
        first.sendall(line[:1])
        second = tls(server)
        second.sendall(line)
        second.close()
        first.sendall(line[1:])
        assert read_all(first).startswith(b"20 ")


def test_m39_response_format(server):
    header, body = ask(server, "gemini://localhost:{p}/").split(b"\r\n", 1)
    header = header.decode() + "\r\n"
    assert header[:2] == "20" and header[2] == " " and header[3] != " "
    assert header[3:].split(";")[0].strip() == "text/gemini"
    lines = body.decode("utf-8").splitlines(keepends=True)
    assert lines
    assert all(line.endswith("\n") and not line.endswith("\r\n") for line in lines)


def test_m40_homepage_no_redirect(server):
    assert ask(server, "gemini://localhost:{p}/").startswith(b"20 ")
    assert ask(server, "gemini://localhost:{p}").startswith(b"20 ")


def test_m41_page_not_found(server):
    refused(server, "gemini://localhost:{p}/09pdsakjo73hjn12id78", 51)


def test_m11_m42_request_missing_cr(server):
    """No header, and the end of the connection within the request's time, with close_notify."""
    assert ask(server, "gemini://localhost:{p}/", end=b"\n") == b""


def test_m11_bare_cr_is_no_end(server):
    assert ask(server, "gemini://localhost:{p}/", end=b"\r") == b""


def test_m43_r02_url_include_port(server):
    assert ask(server, "gemini://localhost:{p}/").startswith(b"20 ")


def test_m44_url_scheme_missing(server):
    refused(server, "//localhost:{p}/", 59)


def test_m45_url_by_ip_address(server):
    assert re.match(rb"[1-6][0-9] [^\r\n]+\r\n", ask(server, "gemini://127.0.0.1:{p}/"))
    assert re.match(rb"[1-6][0-9] [^\r\n]+\r\n", ask(server, "gemini://[::1]:{p}/"))


def test_m46_url_invalid_utf8_byte(server):
    refused(server, b"gemini://localhost:%d/\xdc" % server.gemini_port, 59)


def sized(server, size):
    base = f"gemini://localhost:{server.gemini_port}/"
    return base + "0" * (size - len(base))


def test_m47_url_max_size(server):
    refused(server, sized(server, 1024), 51)


def test_m48_url_above_max_size(server):
    refused(server, sized(server, 1025), 59)


def test_m49_url_wrong_port(server):
    refused(server, "gemini://localhost:443/", 53)


def test_m50_url_wrong_host(server):
    refused(server, "gemini://wikipedia.org/", 53)


def test_m51_url_scheme_http(server):
    refused(server, "http://localhost/", 53)


def test_m52_url_scheme_https(server):
    refused(server, "https://localhost/", 53)


def test_m53_url_scheme_gopher(server):
    refused(server, "gopher://localhost/", 53)


def test_m54_url_empty(server):
    refused(server, "", 59)


def test_m55_url_relative(server):
    refused(server, "/", 59)


def test_m56_url_invalid(server):
    refused(server, "Hello Gemini!", 59)


def test_m57_url_dot_escape(server):
    refused(server, "gemini://localhost:{p}/../../", 51)
