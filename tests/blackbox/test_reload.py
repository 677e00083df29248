"""Reload: content, configuration and certificates are loaded again when they change, or when SIGHUP says so.

All of it or nothing: what is wrong is named in the log with its place, and what was served before is
served on. Nothing in flight is disturbed.
"""

import os
import random
import re
import shutil
import signal
import ssl
import time

import pytest

import sample
from readers import Ear, Readers, half_read
from smallweb import (HOST, SANITIZED, Reply, client_context, connect, gemini, gopher, is_error_item, menu,
                      request_bytes, run, tls, wait_until, write_content)

FILES = {
    "digest.yaml": sample.SITE,
    "entries/2020/all.yaml": sample.REGULAR,
    "pages/about.gmi": sample.ABOUT,
    "files/note.txt": "a note\n",
}
NEW = sample.entry("Quokkas at last", "2021-05-05", slug="quokkas", url="https://example.org/quokkas",
                   summary="Nobody has written of marsupials before.\n")
NEWS = "/entries/quokkas"
BAD = NEW.replace("2021-05-05", "tomorrow")

CONFIG = """\
content: content
certs: certs
hostname: digest.test
gopher: 127.0.0.1:0
gemini: 127.0.0.1:0
"""


@pytest.fixture(params=["gopher", "gemini"])
def protocol(request):
    return request.param


@pytest.fixture
def tree(tmp_path):
    """A content of the test's own, to change."""
    return write_content(tmp_path / "content", FILES)


@pytest.fixture
def configured(tmp_path, tree, start):
    """A server that is made by its file alone; .config is that."""
    (tmp_path / "digestd.yaml").write_text(CONFIG)
    server = start(None, config=tmp_path / "digestd.yaml", certs=tmp_path / "certs")
    server.config = tmp_path / "digestd.yaml"
    server.content = tree
    return server


def hang_up(server):
    os.kill(server.pid, signal.SIGHUP)


def after(server, change, says="reloaded"):
    """Does it, waits for what comes of it, and returns what the server has said meanwhile."""
    with Ear(server) as ear:
        change()
        ear.hears(says)
        return ear.text


def refused(server, change):
    """As after, of what cannot be loaded."""
    text = after(server, change, says="not reloaded: what was served before is served on")
    assert not re.search("^reloaded$", text, re.M)
    return text


def has_news(server):
    """Does it serve the new entry? Both protocols are of one mind."""
    plain, reply = gopher(server, NEWS), gemini(server, NEWS)
    assert is_error_item(plain) == (reply.status == 51)
    return reply.status == 20


def write_by_rename(path, data):
    """As editors, rsync and most tools that care do it."""
    new = path.with_name(f".{path.name}.Xy1zQ8")
    new.write_bytes(data if isinstance(data, bytes) else data.encode())
    new.chmod(path.stat().st_mode)
    os.rename(new, path)


# --------------------------------------------------------------------------- the ways of change


def edit_in_place(tree):
    with open(tree / "entries/2020/all.yaml", "a") as file:
        file.write(NEW)


def rename_over(tree):
    write_by_rename(tree / "entries/2020/all.yaml", sample.REGULAR + NEW)


def add_in_new_folders(tree):
    write_content(tree, {"entries/2021/05/new.yaml": NEW})


def check_out(tree):
    """As git does when it changes branches: what differs is unlinked and written anew, with its folders."""
    shutil.rmtree(tree / "entries/2020")
    (tree / "pages/about.gmi").unlink()
    write_content(tree, {"entries/2021/all.yaml": sample.REGULAR + NEW, "pages/about.gmi": sample.ABOUT})


def replace_the_folder_within(tree):
    os.rename(tree / "entries", tree / ".entries")
    write_content(tree, {"entries/all.yaml": sample.REGULAR + NEW})


WAYS = [edit_in_place, rename_over, add_in_new_folders, check_out, replace_the_folder_within]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_change_is_served_without_being_asked(tree, start, way):
    server = start(tree)
    assert not has_news(server)
    text = after(server, lambda: way(tree))
    assert has_news(server)
    assert "content: 13 entries from " in text


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_changes_after_the_first_are_seen_too(tree, start, way):
    """The watch of the second load sees what the first one's did, in folders that are new as well."""
    server = start(tree)
    after(server, lambda: way(tree))
    for path in (tree / "entries").rglob("*.yaml"):
        new = path
    after(server, lambda: new.write_text(new.read_text().replace("Quokkas at last", "Quokkas again")))
    assert b"Quokkas again" in gopher(server, NEWS)


def test_hangup_loads_when_nothing_tells_of_changes(tree, start):
    server = start(tree, watch="no")
    edit_in_place(tree)
    assert not has_news(server)
    assert "SIGHUP: loading everything again" in after(server, lambda: hang_up(server))
    assert has_news(server)


def test_with_watch_off_nothing_is_loaded_by_itself(tree, start):
    server = start(tree, watch="no")
    edit_in_place(tree)
    time.sleep(0.6)
    assert not has_news(server) and "reloaded" not in server.log()


def test_a_link_that_is_turned_elsewhere(tmp_path, start):
    """Releases side by side, and a link that says which is served; swapped by rename, as ln -sfT does."""
    write_content(tmp_path / "releases/1", FILES)
    write_content(tmp_path / "releases/2", FILES | {"entries/new.yaml": NEW})
    link = tmp_path / "current"
    link.symlink_to("releases/1")
    server = start(link)

    def turn(to):
        (tmp_path / "next").symlink_to(to)
        os.rename(tmp_path / "next", link)

    after(server, lambda: turn("releases/2"))
    assert has_news(server)
    after(server, lambda: turn("releases/1"))
    assert not has_news(server)
    after(server, lambda: write_content(tmp_path / "releases/1", {"entries/new.yaml": NEW}))
    assert has_news(server), "what the link leads to now is watched"


@pytest.mark.parametrize("confine", ["no", "yes"])
def test_a_content_folder_that_is_replaced_by_rename(tmp_path, start, confine):
    """Confinement knows the old one, not its name: what to do instead is said."""
    tree = write_content(tmp_path / "site/content", FILES)
    write_content(tmp_path / "site/new", FILES | {"entries/new.yaml": NEW})
    server = start(tree, confine=confine)

    with Ear(server) as ear:
        os.rename(tree, tmp_path / "site/old")
        os.rename(tmp_path / "site/new", tree)
        ear.hears("reloaded|not reloaded: .*")
        said = f"{tree} is another directory than at the start, .*: restart; .* symbolic link"
        wait_until(lambda: has_news(server) or re.search(said, ear.listen()), "it serves, or says why not")


def test_a_burst_of_writes_is_one_reload(tree, start):
    """Two hundred files, as rsync brings them; a machine that is too busy to be quick has another try."""
    server = start(tree)
    for attempt in range(5):
        with Ear(server) as ear:
            first = begun = time.monotonic()
            slowest = 0
            for n in range(200):
                write_content(tree, {f"files/{attempt}/{n % 7}/.{n}.txt.Ab12": f"{n}\n"})
                folder = tree / f"files/{attempt}/{n % 7}"
                os.rename(folder / f".{n}.txt.Ab12", folder / f"{n}.txt")
                slowest = max(slowest, time.monotonic() - begun)
                begun = time.monotonic()
            took = begun - first
            ear.hears("reloaded")
            time.sleep(1.5)
            reloads = len(re.findall("^reloaded$", ear.listen(), re.M))
        assert gopher(server, f"/files/{attempt}/6/195.txt") == b"195\r\n"
        if slowest < 0.2 and took < 2:
            assert reloads == 1
            return
    pytest.skip("this machine is too busy to write fast enough")


def test_what_is_no_change_is_no_reload(tree, start):
    """Reading, and files that are passed over: an editor's, git's."""
    server = start(tree)
    with Ear(server) as ear:
        (tree / "entries/2020/all.yaml").read_bytes()
        gopher(server, "/files/note.txt")
        write_content(tree, {".git/index": "x", "entries/2020/.all.yaml.swp": "x", "entries/2020/all.yaml~": "x"})
        time.sleep(0.6)
        assert "reloaded" not in ear.listen()


def test_many_hangups_are_few_reloads(tree, start):
    """What is asked for while a load goes on is one more, however often it is asked for."""
    server = start(tree, watch="no")
    with Ear(server) as ear:
        for _ in range(500):
            hang_up(server)
        edit_in_place(tree)
        hang_up(server)
        wait_until(lambda: gemini(server, NEWS).status == 20, "the last one counts")
    server.stop()
    assert ear.text.count("not reloaded") == 0


def test_a_stop_while_it_loads(tree, start):
    """It does not wait for the load, and what is half made is nobody's."""
    write_content(tree, {"entries/many.yaml": "".join(
        sample.entry(f"Number {n}", "2020-01-01", url=f"https://example.org/many/{n}", summary="words " * 200)
        for n in range(5000))})
    server = start(tree, watch="no")
    with Ear(server) as ear:
        hang_up(server)
        ear.hears("SIGHUP: .*")
        server.stop()
        assert "\nreloaded\n" not in ear.listen()


# --------------------------------------------------------------------------- what cannot be loaded


def test_a_half_written_file(tree, start):
    """The old state serves; the log has the place; the mended file is served by itself."""
    server = start(tree)
    path = tree / "entries/2020/new.yaml"
    text = refused(server, lambda: path.write_text(NEW[:NEW.index("url:") + 10]))
    assert re.search(rf"^{path}:\d+:\d+: error: .{{15,}}", text, re.M), text
    assert not has_news(server) and gemini(server, "/entries/entry-3").status == 20
    after(server, lambda: path.write_text(NEW))
    assert has_news(server)


def test_a_wrong_content_that_goes_away_again(tree, start):
    server = start(tree)
    path = tree / "entries/bad.yaml"
    text = refused(server, lambda: path.write_text(BAD))
    assert f"{path}:2:9: error: " in text
    after(server, path.unlink)
    assert gemini(server, "/entries/entry-3").status == 20


def test_many_faults_are_not_all_logged(tree, start):
    server = start(tree)
    text = refused(server, lambda: write_content(tree, {"entries/bad.yaml": "".join(
        sample.entry(f"Bad {n}", "never", url=f"https://example.org/bad{n}") for n in range(50))}))
    assert len(re.findall(r"error: ", text)) == 20
    assert "30 errors more: digestd check lists them all" in text


def test_content_that_goes_away_and_comes_back(tree, start):
    server = start(tree)
    text = refused(server, lambda: os.rename(tree, tree.with_name("away")))
    assert f"{tree}" in text and gemini(server, "/entries/entry-3").status == 20
    after(server, lambda: os.rename(tree.with_name("away"), tree))
    assert gemini(server, "/entries/entry-3").status == 20


def test_a_wrong_configuration(configured):
    text = refused(configured, lambda: configured.config.write_text(CONFIG + "workers: 0\n"))
    assert f"{configured.config}:6:10: error: " in text
    assert gemini(configured, "/about").status == 20
    after(configured, lambda: configured.config.write_text(CONFIG))


def test_a_broken_certificate(configured):
    crt = configured.certs / f"{HOST}.crt"
    good, shown = crt.read_bytes(), certificate(configured)
    text = refused(configured, lambda: crt.write_bytes(good[:300]))
    assert f"certificate for {HOST}: {crt}: " in text
    assert certificate(configured) == shown and has_news(configured) is False
    after(configured, lambda: crt.write_bytes(good))


BETTER = CONFIG.replace(HOST, f"[{HOST}, other.test]") + "gopher_charset: us-ascii\n"


def break_config(server):
    server.config.write_text(BETTER + "workers: 0\n")


def break_content(server):
    write_content(server.content, {"entries/bad.yaml": BAD.replace("quokkas", "bad")})


def break_certificates(server):
    write_by_rename(server.certs / f"{HOST}.key", "no key\n")


@pytest.mark.parametrize("broken", [break_config, break_content, break_certificates], ids=lambda b: b.__name__)
def test_all_or_nothing(tmp_path, configured, broken):
    """One of the three is wrong: nothing of the two others takes effect, and all of it once it is mended."""
    key = (configured.certs / f"{HOST}.key").read_bytes()
    made = shutil.copytree(configured.certs, tmp_path / "made")
    assert run("cert", "make", "-K", made, "other.test").returncode == 0
    assert run("cert", "renew", "-K", made, HOST).returncode == 0
    shown, before = certificate(configured), (gopher(configured, "/"), gemini(configured, "/").raw)
    other = f"gemini://other.test:{configured.gemini_port}/"

    def change():
        """What is wrong comes first, so that no load finds only what is right."""
        broken(configured)
        if broken is not break_config:
            configured.config.write_text(BETTER)
        edit_in_place(configured.content)
        for name in ("other.test.key", "other.test.crt"):
            shutil.copy2(made / name, configured.certs)
        write_by_rename(configured.certs / f"{HOST}.crt", (made / f"{HOST}.crt").read_bytes())

    def mend():
        configured.config.write_text(BETTER)
        (configured.content / "entries/bad.yaml").unlink(missing_ok=True)
        write_by_rename(configured.certs / f"{HOST}.key", key)

    refused(configured, change)
    refused(configured, lambda: hang_up(configured))
    assert certificate(configured) == shown and not has_news(configured)
    assert (gopher(configured, "/"), gemini(configured, "/").raw) == before
    assert gemini(configured, other).status == 53
    after(configured, mend)
    wait_until(lambda: certificate(configured) != shown, "the certificate is served")
    wait_until(lambda: gemini(configured, other).status == 20, "the host is served")
    assert has_news(configured)


# --------------------------------------------------------------------------- the configuration


def test_a_charset(configured, tree):
    after(configured, lambda: write_content(tree, {"entries/odd.yaml": sample.ODD}))
    assert not gopher(configured, "/entries/odd-7").isascii()
    after(configured, lambda: configured.config.write_text(CONFIG + "gopher_charset: us-ascii\n"))
    assert gopher(configured, "/entries/odd-7").isascii()
    after(configured, lambda: write_by_rename(configured.config, CONFIG))
    assert not gopher(configured, "/entries/odd-7").isascii(), "and back"


def test_a_hostname_with_its_certificate(configured):
    run("cert", "make", "-K", configured.certs, "other.test")
    after(configured, lambda: configured.config.write_text(CONFIG.replace(HOST, f"[{HOST}, other.test]")))
    url = f"gemini://other.test:{configured.gemini_port}/about"
    assert gemini(configured, url, sni="other.test").status == 20
    assert certificate(configured, "other.test") != certificate(configured)


def test_a_hostname_without_its_certificate(configured):
    """A server that may not write there says what to do; when it is done, it is served by itself."""
    with Ear(configured) as ear:
        configured.config.write_text(CONFIG.replace(HOST, f"[{HOST}, other.test]"))
        ear.hears("reloaded|not reloaded: .*")
        if "not reloaded" in ear.text:
            assert f"digestd cert make -K {configured.certs} other.test" in ear.text
            run("cert", "make", "-K", configured.certs, "other.test")
            ear.hears("reloaded")
    assert gemini(configured, f"gemini://other.test:{configured.gemini_port}/about", sni="other.test").status == 20


def test_another_content(configured, tmp_path):
    """And what changes there from then on."""
    other = write_content(tmp_path / "elsewhere", FILES | {"entries/new.yaml": NEW})
    after(configured, lambda: configured.config.write_text(CONFIG.replace("content: content", "content: elsewhere")))
    assert has_news(configured)
    (other / "entries/new.yaml").unlink()
    wait_until(lambda: gemini(configured, NEWS).status == 51, "the change is served")


def test_limits_for_those_who_come_from_now_on(configured):
    with connect(configured.gopher) as before:
        after(configured, lambda: configured.config.write_text(CONFIG + "request_timeout: 300\n"))
        with connect(configured.gopher) as late:
            begun = time.monotonic()
            assert late.recv(1) == b"" and time.monotonic() - begun < 8
        before.sendall(b"/about\r\n")
        assert menu(before.recv(100_000))


def test_the_access_log_takes_another_form(configured):
    gopher(configured, "/about")
    wait_until(configured.requests, "it is in the log")
    after(configured, lambda: configured.config.write_text(CONFIG + "access_log_format: json\n"))
    with Ear(configured) as ear:
        gopher(configured, "/about")
        ear.hears(r"\{.*\}")


def test_what_needs_a_start_is_named(configured):
    """And the rest is done."""
    text = after(configured, lambda: configured.config.write_text(
        CONFIG.replace("gopher: 127.0.0.1:0", "gopher: 127.0.0.1:1") + "workers: 2\nuser: nobody\ncache_size: 100\n"))
    names = re.search("^changed, but only a start makes it so: (.*)$", text, re.M)
    assert set(names[1].split(", ")) == {"gopher", "workers", "user"}
    assert gopher(configured, "/about") and gemini(configured, "/about").status == 20


# --------------------------------------------------------------------------- the certificates


def certificate(server, name=HOST):
    with tls(server, sni=name) as sock:
        return sock.getpeercert(True)


def renew(server, host=HOST):
    assert run("cert", "renew", "-K", server.certs, host).returncode == 0


def test_a_renewed_certificate(tree, start):
    """New connections get it; one that shook hands before goes on."""
    server = start(tree)
    shown = certificate(server)
    with tls(server) as before:
        after(server, lambda: renew(server))
        assert certificate(server) != shown
        before.sendall(request_bytes(server, "/about"))
        assert Reply(before.recv(100_000)).status == 20
    assert gemini(server, "/about").status == 20


def test_certificates_that_somebody_else_renews(tmp_path, tree, start):
    """As ACME clients keep them: links to links, which are turned to the next pair beside the last."""
    archive, certs = tmp_path / "acme/archive", tmp_path / "certs"
    for number in (1, 2):
        assert run("cert", "make", "-K", tmp_path / f"made{number}", HOST).returncode == 0
        write_content(archive, {f"cert{number}.pem": (tmp_path / f"made{number}/{HOST}.crt").read_bytes(),
                                f"key{number}.pem": (tmp_path / f"made{number}/{HOST}.key").read_bytes()})
        (archive / f"key{number}.pem").chmod(0o600)

    def turn(number):
        (tmp_path / "acme/live").mkdir(exist_ok=True)
        for kind in ("cert", "key"):
            new = tmp_path / f"acme/live/{kind}.new"
            new.symlink_to(f"../archive/{kind}{number}.pem")
            os.rename(new, tmp_path / f"acme/live/{kind}.pem")

    turn(1)
    certs.mkdir()
    (certs / f"{HOST}.crt").symlink_to("../acme/live/cert.pem")
    (certs / f"{HOST}.key").symlink_to(tmp_path / "acme/live/key.pem")
    server = start(tree, certs=certs)
    shown = certificate(server)
    after(server, lambda: turn(2))
    assert certificate(server) != shown
    after(server, lambda: turn(1))
    assert certificate(server) == shown


def test_keys_of_tickets_that_are_turned_over(tmp_path, tree, start):
    """A new one seals, and sessions of the old one are resumed as long as it is kept behind."""
    def write(*keys):
        write_by_rename(tickets, b"".join(keys))

    tickets, old, new = tmp_path / "tickets", os.urandom(80), os.urandom(80)
    tickets.touch(0o600)
    write(old)
    server = start(tree, ticket_keys=tickets)
    context = client_context()

    def session_of(session=None):
        with tls(server, context=context, session=session) as sock:
            sock.sendall(request_bytes(server, "/about"))
            sock.recv(100_000)
            return sock.session_reused, sock.session

    _, first = session_of()
    after(server, lambda: write(new, old))
    resumed, second = session_of(first)
    assert resumed
    after(server, lambda: write(new))
    assert not session_of(first)[0], "its key is gone"
    assert session_of(second)[0]


def test_what_has_not_changed_is_not_loaded_again(tree, start):
    server = start(tree)
    assert "fingerprint" not in after(server, lambda: edit_in_place(tree))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("change", ["content", "another certificate", "its own certificate"])
def test_sessions_after_a_reload(tree, start, version, change):
    """They are resumed, but not under another certificate, which the reader has to see."""
    server = start(tree, hosts=(HOST, "other.test"))
    context = client_context(version)
    with tls(server, context=context) as first:
        first.sendall(request_bytes(server, "/about"))
        first.recv(100_000)
        session = first.session
    after(server, {"content": lambda: edit_in_place(tree),
                   "another certificate": lambda: renew(server, "other.test"),
                   "its own certificate": lambda: renew(server)}[change])
    with tls(server, context=context, session=session) as second:
        assert second.session_reused == (change != "its own certificate")
        second.sendall(request_bytes(server, "/about"))
        assert Reply(second.recv(100_000)).status == 20


# --------------------------------------------------------------------------- what follows


def test_search_and_feeds_follow(tree, start, protocol):
    server = start(tree)

    def ask(path):
        if protocol == "gemini":
            return gemini(server, path.replace("\t", "?")).raw
        return gopher(server, path)

    paths = [("/search\tmarsupials", b"/entries/quokkas"), ("/latest/atom.xml", b"Quokkas at last"),
             ("/latest/", b"Quokkas at last"), ("/archive/2021/05/", b"Quokkas at last")]
    assert all(word not in ask(path) for path, word in paths)
    after(server, lambda: edit_in_place(tree))
    for path, word in paths:
        assert word in ask(path), path
    after(server, lambda: write_by_rename(tree / "entries/2020/all.yaml", sample.REGULAR))
    assert all(word not in ask(path) for path, word in paths)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_large_download_is_not_disturbed(tree, start, protocol, workers):
    """Not by a change of its own file either, where that is by rename; its entry is whole, too."""
    big = random.Random(3).randbytes(20_000_000)
    write_content(tree, {"files/large.bin": big})
    server = start(tree, workers=workers)
    sock = connect(server.gopher) if protocol == "gopher" else tls(server)
    line = b"/files/large.bin\r\n" if protocol == "gopher" else request_bytes(server, "/files/large.bin")
    with half_read(sock, line) as rest:
        after(server, lambda: edit_in_place(tree))
        after(server, lambda: write_by_rename(tree / "files/large.bin", b"another\n"))
        after(server, lambda: renew(server))
        got = rest()
    assert (got if protocol == "gopher" else Reply(got).body) == big
    assert gemini(server, "/files/large.bin").body == b"another\n" and has_news(server)


@pytest.mark.parametrize("workers, reloads", [(1, 100 if SANITIZED else 1000), (2, 100)])
def test_reloads_under_load_without_one_failed_request(tree, start, workers, reloads):
    """The content changes from one to the other and back; every reply is whole, and of one of the two."""
    server = start(tree, workers=workers, watch="no", access_log="off")
    page = "/latest/"
    texts = [sample.REGULAR, sample.REGULAR + NEW]
    plain, secure = set(), set()
    for text in reversed(texts):
        (tree / "entries/2020/all.yaml").write_text(text)
        after(server, lambda: hang_up(server))
        plain.add(gopher(server, page))
        secure.add(gemini(server, page).raw)
    assert len(plain) == len(secure) == 2
    with Readers(server, page, plain, secure) as readers, Ear(server) as ear:
        for n in range(reloads):
            write_by_rename(tree / "entries/2020/all.yaml", texts[n % 2])
            hang_up(server)
            ear.hears("reloaded")
        readers.more()
    assert "not reloaded" not in ear.text
