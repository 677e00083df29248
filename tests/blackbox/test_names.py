"""One digest at several names: rows M-03, M-04, M-08, M-09, M-15, G-20, R-02, R-03.

Every spelling of a name, the certificate that it is shown with, the links that its readers get, and
the aliases that lead to the one true host. The unit tests test_host, test_names and test_idn have
the odd cases.
"""

import hashlib
import re
import ssl
import subprocess

import pytest

from smallweb import NO_NAME, Server, gemini, gemtext, gopher, has_ipv6, menu, read_all, run, share, tls

FIRST = "digest.test"
IDN = "xn--caf-dma.test"
HOSTS = (FIRST, "second.test", "café.test", "*.wild.test", "127.0.0.9", "[2001:db8::9]")
ALIASES = ("old.test", "www.wild.test", "Älter.test")


@pytest.fixture(scope="module")
def names(tmp_path_factory, content):
    """A server with names of every kind."""
    yield from share(Server(tmp_path_factory.mktemp("names"), content, hosts=HOSTS, aliases=ALIASES))


def at(server, host, path="/about"):
    return f"gemini://{host}:{server.gemini_port}{path}"


def other_protocol(reply):
    """The link of a page to itself on Gopher."""
    return next(line.url for line in gemtext(reply.body) if line.text == "This page on Gopher")


def shown(server, name):
    """The certificate that a client is shown which asks for that name."""
    with tls(server, sni=name) as sock:
        return sock.getpeercert(True)


def checked(certificate, host):
    """Does openssl find that the certificate names the host?"""
    pem = ssl.DER_cert_to_PEM_cert(certificate).encode()
    done = subprocess.run(["openssl", "x509", "-noout", "-checkhost", host], input=pem, capture_output=True)
    return b"does match" in done.stdout


# ------------------------------------------------------------------------------- what is a name


@pytest.mark.parametrize("host, used", [
    (FIRST, FIRST), ("DIGEST.Test", FIRST), ("digest.test.", FIRST), ("d%69gest%2Etest%2e", FIRST),
    ("second.test", "second.test"), ("SECOND.test.", "second.test"),
    ("café.test", IDN), ("CAFÉ.TEST.", IDN), ("caf%C3%A9.test", IDN), ("caf%c3%89.test%2e", IDN),
    ("cafe\u0301.test", IDN), ("cafe%CC%81.test", IDN), (IDN, IDN), ("XN--CAF-DMA.test.", IDN),
    ("any.wild.test", "any.wild.test"), ("Caf%C3%A9.wild.test.", "xn--caf-dma.wild.test"),
    ("127.0.0.1", FIRST), ("127.0.0.9", FIRST), ("[2001:db8:0:0::9]", FIRST),
])
def test_m08_every_spelling_is_served_and_links_carry_that_name(names, host, used):
    reply = gemini(names, at(names, host))
    assert reply.status == 20
    assert other_protocol(reply) == f"gopher://{used}:{names.gopher_port}/1/about"


@pytest.mark.parametrize("host", [
    "cafe.test", "caf%C3.test", "xn--caf-dmb.test", "wild.test", "a.b.wild.test", "*.wild.test", "a%09b.wild.test",
    "a%0D%0Ab.wild.test", "a%2Fb.wild.test", "-.wild.test", "digest.test%00", "127.0.0.8", "[2001:db8::8]", "%20",
    "third.test",
])
def test_m08_foreign_names_are_not_served(names, host):
    assert gemini(names, at(names, host)).status == 53


def test_m08_one_page_for_each_name_is_kept(names):
    """What is cached for one name is not what the next one gets."""
    for _ in range(2):
        for host in (FIRST, "second.test", "b.wild.test", FIRST):
            assert other_protocol(gemini(names, at(names, host, "/"))).startswith(f"gopher://{host}:")


def test_m08_only_the_name_differs(names):
    first, second = (gemini(names, at(names, host, "/latest/")).text for host in (FIRST, "second.test"))
    assert first.replace(f"//{FIRST}:", "//second.test:") == second


def test_m09_the_port_is_judged_at_any_name(names):
    for host in (FIRST, "second.test", "any.wild.test", "127.0.0.1", "old.test"):
        assert gemini(names, f"gemini://{host}:1965/about").status == 53


def test_r02_the_usual_port_may_be_named(start, content):
    server = start(content, hosts=(FIRST, "second.test"), aliases=("old.test",), gemini_port=1965)
    for host in (FIRST, "second.test"):
        assert gemini(server, f"gemini://{host}:1965/about").raw == gemini(server, f"gemini://{host}/about").raw
    assert gemini(server, "gemini://old.test:1965/about").meta == f"gemini://{FIRST}/about"


def test_m08_address_literal_of_ipv6(start, content):
    if not has_ipv6():
        pytest.skip("no IPv6 on the loopback")
    server = start(content, hosts=(FIRST, "[2001:db8::9]"), gemini=("[::1]:0",))
    for host in ("[::1]", "[0::1]", "[2001:DB8::9]"):
        reply = gemini(server, at(server, host))
        assert reply.status == 20 and f"//{FIRST}:" in other_protocol(reply)


# ---------------------------------------------------------------------------------- certificates


def test_m03_m04_r03_a_certificate_for_each_name(names):
    """Also for aliases, whose redirect no client would see otherwise."""
    stems = {FIRST: FIRST, "second.test": "second.test", IDN: IDN, "any.wild.test": "_.wild.test",
             "old.test": "old.test", "www.wild.test": "www.wild.test", "xn--lter-koa.test": "xn--lter-koa.test"}
    found = {name: shown(names, name) for name in stems}
    assert len(set(found.values())) == len(stems)
    for name, stem in stems.items():
        assert checked(found[name], name), name
        assert ssl.DER_cert_to_PEM_cert(found[name]) == (names.certs / f"{stem}.crt").read_text()
    assert shown(names, "other.wild.test") == found["any.wild.test"]
    assert shown(names, "SECOND.test") == found["second.test"]


def test_m03_no_name_or_another_still_gets_the_first_certificate(names):
    first = shown(names, FIRST)
    for name in (NO_NAME, "third.test", "wild.test", "a.b.wild.test"):
        assert shown(names, name) == first
        assert gemini(names, at(names, "second.test"), sni=name).status == 20, "the URL alone is judged"


def test_m04_every_certificate_is_told_at_the_start(names):
    told = dict(re.findall(r"^certificate for (\S+): \S+, SHA-256 fingerprint (\S+)$", names.log(), re.M))
    assert list(told) == [FIRST, "second.test", IDN, "*.wild.test", "127.0.0.9", "2001:db8::9", "old.test",
                          "www.wild.test", "xn--lter-koa.test"]
    digest = hashlib.sha256(shown(names, "old.test")).hexdigest().upper()
    assert told["old.test"].replace(":", "") == digest


def test_m04_files_of_a_wildcard_have_no_star(names):
    assert not list(names.certs.glob("*[*]*")) and (names.certs / "_.wild.test.key").exists()


# ---------------------------------------------------------------------------------------- aliases


@pytest.mark.parametrize("host", ["old.test", "OLD.test.", "www.wild.test", "älter.test", "%C3%84lter.test",
                                  "xn--lter-koa.test"])
@pytest.mark.parametrize("path, leads_to", [
    ("", "/"), ("/", "/"), ("/about", "/about"), ("/latest/?a%20b&c=d", "/latest/?a%20b&c=d"), ("/?", "/?"),
    ("/no/such", "/no/such"), ("/a%2Fb/../é", "/a%2Fb/../%C3%A9"),
])
def test_m15_an_alias_leads_to_the_same_path_and_query(names, host, path, leads_to):
    reply = gemini(names, at(names, host, path))
    assert (reply.status, reply.meta) == (31, f"gemini://{FIRST}:{names.gemini_port}{leads_to}")


def test_m15_the_redirect_of_an_alias_is_the_last(names):
    reply = gemini(names, gemini(names, at(names, "old.test")).meta)
    assert reply.status == 20


# ----------------------------------------------------------------------------------------- Gopher


def test_g20_menus_carry_the_first_name(names):
    hosts = {item.host for item in menu(gopher(names, "/")) if item.host != "null.host"}
    assert hosts == {FIRST}


@pytest.mark.parametrize("names_given", [["[::1]"], ["192.0.2.1"], ["*.wild.test"], ["::1", "digest.test"]])
def test_g20_the_first_name_is_one_that_links_can_carry(tmp_path, content, names_given):
    arguments = [word for name in names_given for word in ("--hostname", name)]
    for command in (["serve", "-K", tmp_path / "certs"], ["render"]):
        done = run(*command, "-C", content, *arguments, *(["gopher", "/"] if command == ["render"] else []))
        said = done.stderr.decode()
        assert done.returncode == 2 and "the first host name is" in said and "--hostname gopher.example.org" in said
    assert not (tmp_path / "certs").exists()


def test_g20_links_of_render_carry_a_labels(content):
    done = run("render", "-C", content, "--hostname", "CAFÉ.test.", "gopher", "/")
    assert {item.host for item in menu(done.stdout)} == {IDN, "null.host"}


def test_g17_g20_over_tls_menus_carry_the_name_that_was_asked_for(start, content):
    server = start(content, hosts=HOSTS, aliases=ALIASES)
    for name, carried in ((FIRST, FIRST), ("second.test", "second.test"), ("any.wild.test", "any.wild.test"),
                          ("old.test", FIRST), ("third.test", FIRST), (NO_NAME, FIRST)):
        with tls(server, sni=name, address=server.gopher) as sock:
            sock.sendall(b"/\r\n")
            items = menu(read_all(sock))
        assert {item.host for item in items} == {carried, "null.host"}
