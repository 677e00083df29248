"""digestd.yaml: read as strictly as the content, the command line over it, and `digestd check` of all.

What each kind of value takes is tested in detail by the unit tests test_settings and
test_settings_file; here it is the commands.
"""

import re
import subprocess

import pytest

import sample
from smallweb import HOST, gemini, gopher, menu, run, write_content

GOOD = """\
# A good configuration.
content: content
certs: certs
hostname: digest.test
gopher: 127.0.0.1:0
gemini: 127.0.0.1:0
log_addresses: whole
"""


@pytest.fixture
def site(tmp_path):
    """A directory with a content, and room for a digestd.yaml that has relative paths."""
    write_content(tmp_path / "content", sample.FILES | {"files/big.bin": b"small"})
    return tmp_path


def write_config(site, text):
    path = site / "digestd.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def check(*arguments, **options):
    """(status, lines of what check says); nothing goes to standard error."""
    done = run("check", *arguments, **options)
    assert not done.stderr
    return done.returncode, done.stdout.decode().splitlines()


def errors(said):
    return [line for line in said if ": error: " in line]


def make_certificate(certs, name=HOST, days=90):
    """A certificate and its key, where the server will look for them."""
    certs.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                    "-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                    "-keyout", certs / f"{name}.key", "-out", certs / f"{name}.crt"],
                   check=True, capture_output=True, timeout=30)
    (certs / f"{name}.key").chmod(0o600)


CA = """\
[ca]
default_ca = own
[own]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def make_ended_certificate(certs):
    """One of which only `openssl ca` will make the like: its days are over."""
    make_certificate(certs)
    work = write_content(certs / "work", {"ca": CA.format(certs / "work"), "index": "", "serial": "01\n"})
    crt, key = certs / f"{HOST}.crt", certs / f"{HOST}.key"
    for command in (["x509", "-x509toreq", "-in", crt, "-signkey", key, "-copy_extensions", "copyall",
                     "-out", work / "request"],
                    ["ca", "-batch", "-selfsign", "-notext", "-config", work / "ca", "-in", work / "request",
                     "-keyfile", key, "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-out", crt]):
        subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=30)


# ------------------------------------------------------------------------------- what it does


def test_a_server_is_made_by_its_file_alone(site, start):
    """Paths are relative to the file, not to where the server is started."""
    server = start(None, config=write_config(site, GOOD + "alias: [www.digest.test]\ngopher_charset: us-ascii\n"))
    assert gemini(server, "/entries/entry-3").status == 20
    assert gemini(server, f"gemini://www.digest.test:{server.gemini_port}/about", sni="www.digest.test").status == 31
    assert all(item.display.isascii() for item in menu(gopher(server, "/entries/odd-7")))
    assert (site / "certs" / f"{HOST}.crt").exists()


def test_the_command_line_wins(site, start):
    config = write_config(site, GOOD.replace("hostname: digest.test", "hostname: [one.test, two.test]")
                          + "gopher_charset: us-ascii\nalias: three.test\n")
    server = start(None, config=config, gopher_charset="utf-8", hostname=HOST, alias="[]")
    assert f"certificate for {HOST}: " in server.log()
    for name in ("one", "two", "three"):
        assert not (site / "certs" / f"{name}.test.crt").exists(), "a list of the command line replaces the file's"
        assert gemini(server, f"gemini://{name}.test:{server.gemini_port}/").status == 53
    assert not all(item.display.isascii() for item in menu(gopher(server, "/entries/odd-7")))


def test_what_is_typed_is_relative_to_where_it_is_typed(site):
    (site / "etc").mkdir()
    write_config(site / "etc", GOOD.replace("content: content", "content: nowhere"))
    for typed in (("-C", "content"), ("-o", "content=content")):
        status, said = check("-c", "etc/digestd.yaml", *typed, "-K", "mine", cwd=site)
        assert status == 0 and said[0].startswith("content: no errors; ")
        assert said[1].startswith(f"mine/{HOST}.crt: note: ")
    status, said = check("-c", "etc/digestd.yaml", "-C", "content", cwd=site)
    assert status == 0 and said[1].startswith(f"etc/certs/{HOST}.crt: note: ")


@pytest.mark.parametrize("text", [
    "", "# nothing\n", "---\n", "{}\n", "hostname:\nworkers: ~\n", "\ufeffhostname: a.test\n",
    "hostname: a.test\r\nworkers: 2\r\n", '{hostname: a.test, "workers": "2"}\n'],
                         ids=["empty", "comment", "document", "braces", "keys without values", "bom", "crlf", "flow"])
def test_what_is_allowed(site, text):
    config = write_config(site, text)
    status, said = check("-c", config)
    assert status == 0 and said[0].startswith(f"{site}/content: no errors; ")
    host = "a.test" if "a.test" in text else "localhost"
    assert said[1:] == [f"{site}/certs/{host}.crt: note: serve makes this certificate, self-signed",
                        f"{config}: no errors"]


# --------------------------------------------------------------------------------- the sample


def sample_file():
    return run("serve", "--print-settings", "sample").stdout.decode()


def uncommented(text):
    """The sample with the # before every setting taken away."""
    return re.sub(r"^#(?=\w+:)", "", text, flags=re.M)


def test_the_sample_is_nothing_but_comments():
    assert all(not line or line.startswith("#") for line in sample_file().splitlines())


def test_the_sample_is_accepted_with_every_mark_taken_away(site):
    text = uncommented(sample_file())
    assert len(re.findall(r"^\w+:", text, re.M)) > 30
    status, said = check("-c", write_config(site, text))
    assert status == 0, said


def test_the_sample_has_every_setting_of_the_help(site):
    names = re.findall(r"^#(\w+):", sample_file(), re.M)
    listed = run("serve", "--help").stdout.decode().partition("Settings, with their defaults:")[2]
    assert re.findall(r"^  (\w+) +\w", listed, re.M) == names
    assert len(set(names)) == len(names)


def test_the_manual_has_every_setting_with_its_default():
    manual = run("serve", "--print-settings", "manual").stdout.decode()
    for name in re.findall(r"^#(\w+):", sample_file(), re.M):
        assert re.search(rf"\b{name}\b", manual), name


# --------------------------------------------------------------------------------- the errors

BROKEN = {
    # name: (line 8 of the file, or all of it after GOOD, its column, words of the message)
    "unknown key, with the nearest": ("hostnam: x", 1, "did you mean 'hostname'"),
    "unknown key, nothing near": ("frobnication_level: 3", 1, r"digestd\.yaml\(5\)"),
    "key in capitals": ("Workers: 2", 1, "'workers'"),
    "key twice": ("hostname: other.test", 1, r"already at .*:4"),
    "number too small": ("workers: 0", 10, "from 1 to 64"),
    "number too large": ("connections: 1000001", 14, "1000000"),
    "number that is none": ("request_timeout: 10s", 18, "milliseconds"),
    "number below zero": ("address_rate: -1", 15, "0"),
    "number with a point": ("workers: 1.5", 10, "1 to 64"),
    "flag that is none": ("watch: maybe", 8, "yes or no"),
    "word that is none": ("gopher_charset: klingon", 17, "utf-8, latin1 or us-ascii"),
    "list where one value belongs": ("workers: [1, 2]", 10, "one value, not a list"),
    "mapping where one value belongs": ("cache_size: {a: b}", 13, "not a mapping"),
    "mapping in a list": ("exempt: [127.0.0.1, {a: b}]", 21, "not a mapping"),
    "network that is none": ("exempt: [127.0.0.1, nonsense]", 21, "nonsense|network"),
    "prefix that is none": ("proxy_from: [10.0.0.0/33]", 14, "0 to 32"),
    "alias that is no name": ("alias: [www.digest.test, 'no name']", 26, "no name|name"),
    "public address for metrics": ("metrics: 192.0.2.1:9170", 10, "loopback|private|127"),
    "syntax": ("alias: [a.test", 8, r"\]"),
    "tab": ("\tworkers: 1", 1, "TAB"),
    "bytes that are no text": (b"log: \xff", 6, "UTF-8"),
    "control": (b"log: a\x07", 7, "control"),
    "a log that is a list": ("access_log: [stderr, off]", 13, "one value"),
}


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize("name", BROKEN)
def test_one_error(site, name, command):
    """Its place and what to write instead, the same from both commands; nothing is begun."""
    line, column, words = BROKEN[name]
    config = write_config(site, GOOD.encode() + (line if isinstance(line, bytes) else line.encode()) + b"\n")
    done = run(command, "-c", config)
    assert done.returncode == 1
    said = (done.stdout if command == "check" else done.stderr).decode()
    found = re.findall(r"^(.+?):(\d+):(\d+): error: (.+)$", said, re.M)
    assert len(found) == 1, said
    file, number, got, message = found[0]
    assert (file, number, got) == (str(config), "8", str(column)), said
    assert re.search(words, message, re.I) and len(message) > 15 and "(null)" not in message
    assert not (site / "certs").exists()


def test_all_errors_in_one_run_in_order(site):
    config = write_config(site, GOOD + "workers: 0\nhostnam: x\nwatch: maybe\ngopher_port: 70000\n")
    status, said = check("-c", config)
    assert status == 1 and said[-1] == "4 errors", "the last line says how it went"
    assert [re.match(r".+?:(\d+):(\d+): error: ", line).groups() for line in errors(said)] == [
        ("8", "10"), ("9", "1"), ("10", "8"), ("11", "14")]


@pytest.mark.parametrize("text", ["- a list\n", "just words\n", "[]\n"])
def test_a_file_that_is_no_mapping(site, text):
    status, said = check("-c", write_config(site, text))
    assert status == 1 and len(errors(said)) == 1
    assert re.match(rf"{site}/digestd.yaml:1:1: error: .*mapping", errors(said)[0])


def test_a_file_that_is_not_there(site):
    for command in ("check", "serve"):
        done = run(command, "-c", site / "nowhere.yaml")
        assert done.returncode == 1
        assert f"{site}/nowhere.yaml: error: cannot be read: No such file" in (done.stdout + done.stderr).decode()


def test_what_is_wrong_only_together(site):
    """A PROXY listener without anybody whose header is believed; a place in the file is named."""
    config = write_config(site, GOOD.replace("gopher: 127.0.0.1:0", "gopher: 127.0.0.1:0 proxy"))
    status, said = check("-c", config)
    assert status == 1 and re.match(rf"{config}:5:\d+: error: gopher: .*proxy_from", errors(said)[0])
    done = run("serve", "-C", site / "content", "--gopher", "127.0.0.1:0 proxy")
    assert done.returncode == 1 and b"command line: error: gopher: " in done.stderr


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize("arguments, word", [
    (("-o", "workers=0"), b"1 to 64"), (("-o", "workers"), b"NAME=VALUE"), (("-o", "wrkers=1"), b"workers"),
    (("--gopher", "nonsense"), b"nonsense"), (("--hostname", "no name"), b"no name"), (("-o",), b"-o|argument"),
    (("--frobnicate",), b"frobnicate"), (("stray",), b"stray")])
def test_an_error_of_the_command_line(site, command, arguments, word):
    """Status 2, whatever the file says; nothing is read or begun."""
    done = run(command, "-c", write_config(site, GOOD), *arguments)
    assert done.returncode == 2 and not done.stdout
    assert re.search(word, done.stderr)


# ----------------------------------------------------------------- configuration, content, keys


def test_check_loads_everything(site):
    config = write_config(site, GOOD)
    make_certificate(site / "certs")
    status, said = check("-c", config)
    assert status == 0
    assert said[0].startswith(f"{site}/content: no errors; ") and said[-1] == f"{config}: no errors"


def test_check_makes_nothing(site):
    assert check("-c", write_config(site, GOOD))[0] == 0
    assert not (site / "certs").exists()


def test_a_certificate_that_is_missing_is_a_note(site):
    """Serve makes it; for a second host too."""
    config = write_config(site, GOOD.replace("hostname: digest.test", "hostname: [digest.test, other.test]"))
    make_certificate(site / "certs")
    status, said = check("-c", config)
    assert status == 0
    assert f"{site}/certs/other.test.crt: note: serve makes this certificate, self-signed" in said


def test_a_certificate_that_ends_soon_is_a_warning(site):
    config = write_config(site, GOOD)
    make_certificate(site / "certs", days=29)
    status, said = check("-c", config)
    assert status == 0, "it is right for now"
    warned = [line for line in said if "warning" in line]
    assert len(warned) == 1
    assert re.match(rf"{site}/certs/{HOST}.crt: warning: the certificate for {HOST} ends on "
                    r"\d{4}-\d\d-\d\d, in 2[89] days: renew it with digestd cert renew -K ", warned[0]), warned
    make_certificate(site / "certs", days=32)
    assert not [line for line in check("-c", config)[1] if "warning" in line]


def test_a_certificate_that_has_ended_is_an_error(site):
    config = write_config(site, GOOD)
    make_ended_certificate(site / "certs")
    status, said = check("-c", config)
    assert status == 1
    assert re.match(f"{site}/certs/{HOST}.crt: error: the certificate has expired: renew it with ", errors(said)[0]), said


@pytest.mark.parametrize("spoil, word", [
    (lambda certs: (certs / f"{HOST}.key").write_bytes((certs / "other.test.key").read_bytes()), "key|match|belong"),
    (lambda certs: (certs / f"{HOST}.key").unlink(), "key"),
    (lambda certs: (certs / f"{HOST}.crt").write_text("no certificate\n"), "crt"),
    (lambda certs: (certs / f"{HOST}.key").write_text(""), "key"),
    (lambda certs: (certs / f"{HOST}.crt").write_bytes((certs / f"{HOST}.crt").read_bytes()[:200]), "crt"),
], ids=["key of another", "no key", "no certificate", "empty key", "half a certificate"])
def test_certificates_that_are_wrong(site, spoil, word):
    config = write_config(site, GOOD)
    make_certificate(site / "certs")
    make_certificate(site / "certs", "other.test")
    spoil(site / "certs")
    status, said = check("-c", config)
    assert status == 1
    assert len(errors(said)) == 1 and errors(said)[0].startswith(f"{site}/certs/{HOST}."), said
    assert re.search(word, errors(said)[0]) and f"{config}: no errors" not in said


def test_ticket_keys_are_loaded_too(site):
    (site / "tickets").write_bytes(bytes(79))
    (site / "tickets").chmod(0o600)
    status, said = check("-c", write_config(site, GOOD + "ticket_keys: tickets\n"))
    assert status == 1 and re.match(rf"{site}/tickets: error: .*80", errors(said)[0]), said


def test_errors_of_content_and_certificates_in_one_run(site):
    (site / "content/entries/bad.yaml").write_text(sample.entry("Bad", "yesterday", url="https://example.org/bad"))
    make_certificate(site / "certs")
    (site / "certs" / f"{HOST}.key").unlink()
    status, said = check("-c", write_config(site, GOOD))
    assert status == 1
    assert any(line.startswith(f"{site}/content/entries/bad.yaml:2:9: error: ") for line in said), said
    assert any(line.startswith(f"{site}/certs/{HOST}.") for line in said), said


def test_errors_of_the_configuration_hide_no_others(site):
    """What is right in it is enough to find the rest."""
    (site / "content/entries/bad.yaml").write_text(sample.entry("Bad", "yesterday", url="https://example.org/bad"))
    status, said = check("-c", write_config(site, GOOD + "workers: 0\n"))
    assert status == 1
    assert any(line.startswith(f"{site}/digestd.yaml:8:10: error: ") for line in said), said
    assert any(line.startswith(f"{site}/content/entries/bad.yaml:2:9: error: ") for line in said), said


def test_certificates_of_a_server_of_gopher_alone_are_not_asked_for(site):
    config = write_config(site, GOOD.replace("gemini: 127.0.0.1:0\n", ""))
    assert not [line for line in check("-c", config)[1] if ".crt" in line]
