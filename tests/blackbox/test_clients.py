"""Programs that real readers use: curl, openssl s_client, gnutls-cli, the Gemini browsers Bombadillo and Amfora, and
the Gopher browsers lynx, Bombadillo, sacc, gopher and Elpher. Feed readers are in test_feeds.py.

Rows R-01 to R-03 and R-06 to R-09, as these clients judge them. R-04, R-05 and R-10 (Kristall, Lagrange, moku-pona)
are in test_conformance_pages.py, as rules that every page is held to. A client that is not installed is skipped.
"""

import contextlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time

import pytest

from smallweb import PATIENCE, Server, gemini, gopher, request_bytes, share, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory, content):
    """One for localhost, a name that every client can look up."""
    yield from share(Server(tmp_path_factory.mktemp("server"), content, hosts=("localhost",)))


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


@pytest.fixture
def home(tmp_path):
    """An environment with a home directory of its own."""
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def client(*command, env=None, **options):
    options = {"capture_output": True, "timeout": PATIENCE, "env": env, "check": True} | options
    return subprocess.run(list(map(str, command)), **options).stdout


# -------------------------------------------------------------------------------------- Gopher


def lynx(server, home, path, *options):
    need("lynx")
    return client("lynx", "-dump", "-width=80", "-display_charset=utf-8", *options,
                  f"gopher://localhost:{server.gopher_port}{path}", env=home).decode()


def test_g04_g10_lynx_front_page(server, home):
    text = lynx(server, home, "/")
    assert "A Sample Digest" in text and "one of everything" in text
    assert re.search(r"\[\d+\]About the sample", text)
    assert re.search(r"\[\d+\]2020-12-15 Entry number 12", text)
    assert "null.host" not in text and "UNKN" not in text


def test_lynx_links(server, home):
    text = lynx(server, home, "/1/latest/", "-listonly")
    base = f"gopher://localhost:{server.gopher_port}"
    assert f"{base}/1/entries/entry-12" in text and f"{base}/1/latest/2" in text
    assert client("lynx", "-dump", f"{base}/1/latest/2", env=home).decode().count("2020-") == 5


@pytest.mark.parametrize("path, words", [
    ("/1/entries/entry-4", ["Entry number 4", "What number 4 says.", "Jane Roe"]),
    ("/1/about", ["About the sample", "sixty-seven columns"]), ("/1/categories/", ["Networks", "Nothing Yet (0)"]),
    ("/1/entries/odd-7", ["漢字かな交じり文"]), ("/0/robots.txt", ["User-agent: *"]),
    ("/1/nothing", ["Not found"]), ("/1/archive/2020/", ["March 2020"]),
])
def test_r06_lynx_shows(server, home, path, words):
    text = lynx(server, home, path)
    for word in words:
        assert word in text


def test_g11_lynx_link_out(server, home):
    """lynx asks us for the selector of an h item, or goes by itself."""
    text = lynx(server, home, "/1/entries/entry-4", "-listonly")
    assert "https://example.org/4" in text
    assert "https://example.org/4" in lynx(server, home, "/hURL:https://example.org/4", "-source")


@pytest.mark.parametrize("path", ["/", "/1/latest/", "/1/entries/capsule", "/0/files/dots.txt",
                                  "/9/files/binary.bin", "/9/files/big.bin"])
def test_r08_curl_gets_the_very_bytes(server, home, path):
    need("curl")
    got = client("curl", "-s", f"gopher://localhost:{server.gopher_port}{path}", env=home)
    assert got == gopher(server, path if path == "/" else path[2:])


@pytest.mark.parametrize("path", ["/", "/1/latest/", "/0/files/dots.txt", "/9/files/big.bin"])
def test_g17_curl_over_tls(server, home, path):
    need("curl")
    got = client("curl", "-s", "-k", f"gophers://localhost:{server.gopher_port}{path}", env=home)
    assert got == gopher(server, path if path == "/" else path[2:])


def test_g18_curl_http(server, home):
    need("curl")
    got = client("curl", "-s", "-i", f"http://localhost:{server.gopher_port}/", env=home)
    assert got.startswith(b"HTTP/1.0 400 ") and b"gopher://localhost" in got


# ----------------------------------------------------------------------------------------- TLS


def s_client(server, home, path, *options):
    need("openssl")
    # Without -quiet, which hides what the close_notify does: it says "closed".
    return client("openssl", "s_client", "-connect", f"127.0.0.1:{server.gemini_port}", "-servername",
                  "localhost", "-ign_eof", *options, input=request_bytes(server, path), env=home,
                  check=False)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("path", ["/about", "/nothing", "/files/binary.bin"])
def test_m23_openssl(server, home, version, path):
    out = s_client(server, home, path, version)
    assert gemini(server, path).raw in out
    assert re.search(rb"closed\s*\Z", out), "a close_notify came"


def test_r12_openssl_resumes_with_a_ticket(server, home, tmp_path):
    for version in ("-tls1_2", "-tls1_3"):
        ticket = tmp_path / f"ticket{version}"
        first = s_client(server, home, "/about", version, "-sess_out", ticket)
        second = s_client(server, home, "/about", version, "-sess_in", ticket)
        assert re.search(rb"^New, TLS", first, re.M) and re.search(rb"^Reused, TLS", second, re.M)
        assert gemini(server, "/about").raw in second


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_m02_openssl_with_an_old_version(server, home, version):
    out = client("openssl", "s_client", "-connect", f"127.0.0.1:{server.gemini_port}", "-servername",
                 "localhost", version, "-cipher", "ALL:@SECLEVEL=0", input=b"", env=home, check=False,
                 capture_output=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert b"alert protocol version" in out


@pytest.mark.parametrize("priority", ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"])
@pytest.mark.parametrize("path", ["/about", "/nothing"])
def test_m23_gnutls(server, home, priority, path):
    """GnuTLS complains aloud when a connection ends without a close_notify."""
    need("gnutls-cli")
    process = subprocess.Popen(["gnutls-cli", "--insecure", "--logfile=/dev/null", "--priority", priority,
                                "--sni-hostname=localhost", "-p", str(server.gemini_port), "127.0.0.1"],
                               env=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(request_bytes(server, path))
    process.stdin.flush()
    # It ends by itself when the server does; an end of its input would end it first.
    out = process.stdout.read()
    _, err = process.communicate(timeout=PATIENCE)
    assert gemini(server, path).raw in out
    assert process.returncode == 0 and b"non-properly" not in err + out and b"rror" not in err, err


# ------------------------------------------------------------------------------ Gemini browsers


class Terminal:
    """A program in a terminal of 80 by 24, under a tmux of its own."""

    def __init__(self, home, *command):
        need("tmux", command[0])
        self.home = home
        self.columns = 80
        self.socket = tempfile.mktemp(prefix="tmux-", dir=home["HOME"])
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", shlex.join(command))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], env=self.home, capture_output=True,
                              timeout=PATIENCE).stdout.decode()

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def types(self, text):
        """Types a text into a prompt, and waits until it stands there."""
        self.tmux("send-keys", "-l", text)
        self.shows(text)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def shows(self, *words):
        """Waits until all the words are on the screen, and returns it."""
        asked = time.monotonic()

        def shown():
            # Now and then Amfora has the page and forgets to draw it: a new width reminds it.
            nonlocal asked
            if time.monotonic() > asked + 2:
                asked = time.monotonic()
                self.columns = 161 - self.columns
                self.tmux("resize-window", "-x", str(self.columns), "-y", "24")
            screen = self.screen()
            return all(w in screen for w in words) and screen

        try:
            return wait_until(shown, f"it shows {words}")
        except AssertionError as e:
            raise AssertionError(f"{e}; it shows\n{self.screen()}") from None


@contextlib.contextmanager
def terminal(home, *command):
    one = Terminal(home, *command)
    try:
        yield one
    finally:
        one.tmux("kill-server")


# On the page of the capsule, and neither on one that finds it nor on one that leads to it.
CAPSULE = "By Jane Roe, 1 May 2019"


def has_asked(server, since, request):
    """Waits until the log has the request, answered well, after its first so many lines."""
    wait_until(lambda: any(f'{request}" 20 ' in line for line in server.requests()[since:]), f"{request} is logged")


def link_number(server, path, target):
    urls = re.findall(r"^=> (\S+)", gemini(server, path).text, re.M)
    return urls.index(target) + 1


@pytest.mark.parametrize("browser", ["bombadillo", "amfora"])
def test_r01_r02_r03_browser(server, home, browser):
    """The front page at 80 columns, then a link by its number. Both pin the certificate at first
    sight, and refuse one whose name or dates are wrong."""
    number = link_number(server, "/", "/about")
    with terminal(home, browser, f"gemini://localhost:{server.gemini_port}/") as screen:
        screen.shows("A Sample Digest", "one of everything", "About the sample")
        screen.keys(str(number))
        screen.shows("Some prose that is long enough")
    urls = [line.split('"')[1] for line in server.requests() if f"localhost:{server.gemini_port}/about" in line]
    assert urls


@pytest.mark.parametrize("browser", ["bombadillo", "amfora"])
def test_r12_browser_comes_again(server, home, browser):
    """It knows the certificate now, and has nothing to say about it."""
    for _ in range(2):
        with terminal(home, browser, f"gemini://localhost:{server.gemini_port}/entries/entry-4") as screen:
            screen.shows("Entry number 4", "What number 4 says.")


@pytest.mark.parametrize("browser, path, asks, yes, words", [
    ("bombadillo", "/entries/old-capsule", "Follow redirect", "y", CAPSULE),
    ("bombadillo", "/latest", "Follow redirect", "y", "Page 1 of 5"),
    ("amfora", "/entries/old-capsule", "Follow redirect?", "Enter", CAPSULE),
    ("amfora", "/latest", None, None, "Page 1 of 5"),
])
def test_m15_r02_r03_browser_is_led_on(server, home, browser, path, asks, yes, words):
    """The reader is asked first, but by Amfora not when a slash is all that is new."""
    with terminal(home, browser, f"gemini://localhost:{server.gemini_port}{path}") as screen:
        if asks:
            screen.shows(asks)
            screen.keys(yes)
        screen.shows(words)


@pytest.mark.parametrize("browser", ["bombadillo", "amfora"])
def test_m19_r02_r03_browser_is_told_what_is_gone(server, home, browser):
    with terminal(home, browser, f"gemini://localhost:{server.gemini_port}/entries/withdrawn") as screen:
        screen.shows("Gone: this entry was")


@pytest.mark.parametrize("typed, asked", [("gemini capsule", "gemini%20capsule"), ('"eine kápsel"', None)])
@pytest.mark.parametrize("browser, send", [("bombadillo", ["Enter"]), ("amfora", ["Enter", "Enter"])])
def test_m27_r01_r02_r03_browser_searches(server, home, browser, send, typed, asked):
    """Words are asked for and sent, with whatever the keyboard has; then the first result is followed."""
    before = len(server.requests())
    with terminal(home, browser, f"gemini://localhost:{server.gemini_port}/") as screen:
        screen.shows("A Sample Digest", "About the sample")
        screen.keys(str(link_number(server, "/", "/search")))
        screen.shows("Search A Sample")
        screen.types(typed)
        screen.keys(*send)
        screen.shows(f"Search for {typed}", "1 entry.", "2019-05-01 A Gemini capsule")
        if asked:
            has_asked(server, before, f"/search?{asked}")
        screen.keys("1")
        screen.shows(CAPSULE)


# ------------------------------------------------------------------------------ Gopher browsers

# The keys with which each follows the first link of a menu, and how it asks for the words of a search.
FIRST_LINK = {
    "lynx": (["Enter"], "Enter a database query:"),
    "bombadillo": (["1"], "??"),
    "sacc": (["J", "l"], "Enter search string"),
    "gopher": (["Enter"], "Words to search for"),
    "elpher": (["Tab", "Enter"], "Query:"),
}


def gopher_browser(server, home, browser, path):
    """The browser at a menu of the server's, in a terminal."""
    command = [browser, f"gopher://localhost:{server.gopher_port}/1{path}"]
    if browser == "gopher":
        # It greets those who have no such file.
        pathlib.Path(home["HOME"], ".gopherrc").touch()
    if browser == "elpher":
        need("emacs")
        if client("emacs", "--batch", "--eval", '(princ (locate-library "elpher"))', env=home) == b"nil":
            pytest.skip("elpher is not installed")
        command = ["emacs", "-nw", "-q", "--no-splash", "--eval",
                   f"(progn (require 'elpher) (elpher-go \"{command[1]}\"))"]
    return terminal(home, *command)


@pytest.mark.parametrize("browser", FIRST_LINK)
def test_g14_r07_browser_searches_on_gopher(server, home, browser):
    """The words arrive as they were typed, with nothing encoded (G-13)."""
    before = len(server.requests())
    keys, prompt = FIRST_LINK[browser]
    with gopher_browser(server, home, browser, "/search") as screen:
        screen.shows("Search the digest", "You may also write:")
        screen.keys(*keys)
        screen.shows(prompt)
        screen.types("gemini capsule")
        screen.keys("Enter")
        screen.shows("Search for gemini capsule", "1 entry.", "2019-05-01 A Gemini capsule", "Search again")
        has_asked(server, before, r"/search\x09gemini capsule")
        screen.keys(*keys)
        screen.shows(CAPSULE)


@pytest.mark.parametrize("browser", ["lynx", "bombadillo", "sacc"])
def test_g14_r07_browser_sends_accents(server, home, browser):
    keys, prompt = FIRST_LINK[browser]
    with gopher_browser(server, home, browser, "/search") as screen:
        screen.shows("Search the digest")
        screen.keys(*keys)
        screen.shows(prompt)
        screen.types("kápsel")
        screen.keys("Enter")
        screen.shows("Search for kápsel", "A Gemini capsule")


@pytest.mark.parametrize("browser", FIRST_LINK)
def test_r06_r09_browser_is_led_on_by_gopher(server, home, browser):
    """Where Gemini redirects, Gopher has a menu whose first link leads on."""
    keys, _ = FIRST_LINK[browser]
    with gopher_browser(server, home, browser, "/entries/old-capsule") as screen:
        screen.shows("Moved", "A Gemini capsule")
        screen.keys(*keys)
        screen.shows(CAPSULE)


@pytest.mark.parametrize("browser", FIRST_LINK)
def test_g05_r06_r09_browser_shows_what_is_gone(server, home, browser):
    with gopher_browser(server, home, browser, "/entries/withdrawn") as screen:
        screen.shows("Gone: ")


def test_bombadillo_on_gopher(server, home):
    with terminal(home, "bombadillo", f"gopher://localhost:{server.gopher_port}/1/") as screen:
        screen.shows("A Sample Digest", "About the sample")
        screen.keys("1")
        screen.shows("sixty-seven columns")
