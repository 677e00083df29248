"""The search over the wire, on both protocols: rows G-13 to G-15, M-13, M-15, M-27 and R-07, and what a
reader is shown. What is found, and in which order, is tested in tests/unit/test_search.c.
"""

import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import subprocess
import urllib.parse

import pytest

import sample
from smallweb import (PATIENCE, Reply, connect, gemini, gemtext, gopher, is_error_item, menu, opened, own_links, read_all,
                      request_bytes, run, tls, wait_until, write_content)


def search(server, words, number=None):
    """The Gemini reply to a search."""
    return gemini(server, f"/search{f'/{number}' if number else ''}?{urllib.parse.quote(words)}")


def found(reply):
    """The entries that a page of results lists, in order."""
    assert reply.status == 20, reply.raw[:200]
    return [line.url for line in gemtext(reply.body) if line.kind == "link" and line.url.startswith("/entries/")]


def found_on_gopher(server, data):
    return [path for path in own_links(server, menu(data)) if path.startswith("/entries/")]


# ------------------------------------------------------------------------------- asking for words


@pytest.mark.parametrize("path", ["/search", "/search?", "/search?%20"])
def test_m27_without_words_they_are_asked_for(server, path):
    reply = gemini(server, path)
    assert (reply.status, reply.body) == (10, b"")
    assert "A Sample Digest" in reply.meta


@pytest.mark.parametrize("selector", [b"/search", b"search", b"/search\t", b"/search?", b"/search\t   ", b"/search\t+",
                                      b"/search\t\t+", b"/search\t$", b"/search\t!", b"/search\t+text/plain",
                                      b"/search/2", b"/SEARCH"])
def test_g14_g15_without_words_a_menu_with_a_hint(server, selector):
    items = menu(gopher(server, selector))
    assert [i.selector for i in items if i.type == "7"] == ["/search"]
    assert items[0].display == "A Sample Digest: Search" and not any("Nothing" in i.display for i in items)
    assert not any(i.type == "3" for i in items)


@pytest.mark.parametrize("probe", ["\t+", "\t$", "\t!", "\t+text/plain", "\t\t+"])
def test_g15_a_probe_leaves_the_words_alone(server, probe):
    assert gopher(server, "/search?gemini capsule" + probe) == gopher(server, "/search?gemini capsule")


def test_front_page_offers_the_search(server):
    assert [i.display for i in menu(gopher(server)) if (i.type, i.selector) == ("7", "/search")] == ["Search"]
    assert "=> /search Search\n" in gemini(server, "/").text


@pytest.mark.parametrize("path, target", [
    ("/search/?a%20b", "/search?a%20b"), ("//search?a", "/search?a"), ("/search/1?a", "/search?a"),
    ("/search/2/?a%2Bb", "/search/2?a%2Bb"), ("/search/", "/search"), ("/SEARCH?Ab", "/search?Ab"),
    ("/Search/2?a", "/search/2?a"), ("/search/2", "/search"), ("/search/2?", "/search"),
])
def test_m14_m15_a_redirect_keeps_the_words(server, path, target):
    assert gemini(server, path).raw == f"31 {target}\r\n".encode()


def test_m15_a_redirect_is_never_cut(server):
    """Characters that take three bytes in a URL, and as many as a request may have."""
    reply = gemini(server, "/SEARCH?" + "!" * 960)
    assert reply.status == 31 and len(reply.meta) < 700 and reply.meta.endswith("%21")
    assert gemini(server, reply.meta).status == 20


@pytest.mark.parametrize("path", ["/search/0?a", "/search/02?a", "/search/x?a", "/search/1/2?a", "/searching?a"])
def test_no_such_page(server, path):
    assert gemini(server, path).status == 51
    assert is_error_item(gopher(server, path))


# ------------------------------------------------------------------------------ what is found


WORDS = ["entry", "entry number 7", "capsule", "NUMBER", "tag:even", "author:john", "漢字", "naïve quotes", "emoji",
         'title:"number 1"', "-odd entry", "after:2020-06", "title", "long"]


@pytest.mark.parametrize("words", WORDS)
def test_g14_the_same_entries_in_the_same_order_on_both(server, words):
    mine = found(search(server, words))
    for selector in (f"/search\t{words}", f"search\t{words}", f"/search?{words}", f"search?{words}", f"/search\t{words}\t+",
                     f"/search\t{words}\t$"):
        assert found_on_gopher(server, gopher(server, selector)) == mine, selector


def test_all_words_must_be_there(server):
    assert found(search(server, "number capsule")) == []
    assert found(search(server, "gemini capsule")) == ["/entries/capsule"]


@pytest.mark.parametrize("query", ["gemini%20capsule", "gemini%0Acapsule", "gemini%0D%0Acapsule", "%20gemini%09capsule%20",
                                   "GEMINI%20C%C3%A1psule"])
def test_m27_the_query_is_decoded(server, query):
    assert found(gemini(server, f"/search?{query}")) == ["/entries/capsule"]


def test_m27_a_plus_is_a_plus(server):
    assert "gemini+capsule" in search(server, "gemini+capsule").text


def test_what_is_not_due_or_gone_is_not_found(server):
    for words in ("not yet", "tag:future", "withdrawn", "draft", "fae"):
        assert not {"/entries/not-yet", "/entries/withdrawn", "/entries/draft"} & set(found(search(server, words)))


def test_matching_words_are_marked(server):
    assert "What *number* 7 says." in search(server, "numbers tag:odd").text
    assert any("*number*" in i.display for i in menu(gopher(server, "/search\tnumber")))


JUNK = ['"', "'", "(", ")", "*", "-", "--", "a*b", "NEAR(a b)", "a AND", "OR", "NOT a", ":", "title:", ":x", "x:", "{a}: b", "^a",
        "\\", ";--", "a" * 900, "🦀", "\u200b", "%", "\"unclosed", "before:x", "after:2020-13", "-" * 200, "()*:\"^-+"]


@pytest.mark.parametrize("words", JUNK)
def test_g14_whatever_is_typed_is_answered(server, words):
    assert search(server, words).status == 20
    menu(gopher(server, b"/search\t" + words.encode()))


@pytest.mark.parametrize("words", [b"caps\x01ule", b"capsule\x1b[31m", b"\xffcapsule", b"capsule\xc3", b"\xef\xbb\xbfcapsule"])
def test_g14_controls_and_bad_utf8_are_cleaned(server, words):
    data = gopher(server, b"/search\t" + words)
    menu(data)
    assert b"\x1b" not in data and b"\x01" not in data and b"\xff" not in data
    gemtext(gemini(server, "/search?" + urllib.parse.quote_from_bytes(words)).body)


def test_g14_words_of_an_old_terminal_are_latin1(server):
    """What is no UTF-8 is taken for what such a terminal sends."""
    assert found_on_gopher(server, gopher(server, b"/search\tgemini c\xe1psule")) == ["/entries/capsule"]


def test_g14_nothing_found_is_no_error_and_offers_what_is_near(server):
    data = gopher(server, "/search\tcapsule xyzzy")
    items = menu(data)
    assert any("Nothing was found" in i.display for i in items) and not any(i.type == "3" for i in items)
    assert ("1", "/search?capsule") in [(i.type, i.selector) for i in items]
    reply = search(server, "capsule xyzzy")
    assert "Nothing was found" in reply.text and "=> /search?capsule capsule (1)\n" in reply.text


def test_a_page_too_far_leads_to_the_last_one(shipped):
    reply = search(shipped, "tokio", 99)
    assert reply.status == 30
    assert found(gemini(shipped, reply.meta))
    assert gemini(shipped, reply.meta.replace("/search/", "/search/9")).raw == reply.raw


@pytest.mark.parametrize("words, least", [("async tokio", 21), ("wasm -game", 41), ("Ünïcödé rust", 1), ("tokio OR zzz", 0)])
def test_g14_pages_keep_the_words(shipped, words, least):
    """Through all pages of a search, on both protocols: as many entries as the first page says, at least so many."""
    path, selector = f"/search?{urllib.parse.quote(words)}", f"/search?{words}"
    count = re.search(r"([\d,]+) entr(?:y|ies), best first", search(shipped, words).text)
    listed = []
    while path:
        reply = gemini(shipped, path)
        listed += found(reply)
        assert found(reply) == found_on_gopher(shipped, data := gopher(shipped, selector))
        path = next((l.url for l in gemtext(reply.body) if l.text.startswith("Next page")), None)
        selector = next((i.selector for i in menu(data) if i.display.startswith("Next page")), None)
        assert (path is None) == (selector is None)
    assert len(listed) == len(set(listed)) >= least
    assert len(listed) == (int(count[1].replace(",", "")) if least else 0)
    assert bool(count) == bool(listed)


def test_g14_m27_t06_pages_lead_to_one_another(shipped):
    """Each to the next, the one before, the first and the last, with the words, on both."""
    last = int(re.search(r"Page 1 of (\d+):", gemini(shipped, "/search?rust").text)[1])
    assert last > 4
    for n in (1, 2, 3, last - 1, last):
        path = "/search" if n == 1 else f"/search/{n}"
        want = {"Next page": n + 1, "Previous page": n - 1, "First page": 1 if n > 2 else 0,
                "Last page": last if n + 1 < last else 0}
        want = {f"{label}: {to} of {last}": "/search" if to == 1 else f"/search/{to}"
                for label, to in want.items() if 1 <= to <= last}
        found = {l.text: l.url for l in gemtext(gemini(shipped, path + "?rust").body) if f" of {last}" in l.text and l.url}
        assert found == {label: f"{to}?rust" for label, to in want.items()}
        title = gemtext(gemini(shipped, path + "?rust").body)[0].text
        assert title == "Read Rust: Search for rust" + (f", page {n}" if n > 1 else ""), "T-06"
        found = {i.display: i.selector for i in menu(gopher(shipped, path + "\trust"))
                 if i.type == "1" and f" of {last}" in i.display}
        assert found == {label: f"{to}?rust" for label, to in want.items()}


def test_the_other_protocol_is_one_link_away(server):
    other = [l.url for l in gemtext(search(server, "gemini capsule").body) if l.url.startswith("gopher:")]
    assert other == [f"gopher://{server.host}:{server.gopher_port}/7/search%09gemini%20capsule"]
    other = [i.selector for i in menu(gopher(server, "/search\tgemini capsule")) if i.selector.startswith("URL:gemini:")]
    assert other == [f"URL:gemini://{server.host}:{server.gemini_port}/search?gemini%20capsule"]


def test_selectors_stay_short(server):
    """G-02: those that we emit have at most 255 bytes; what leads out of Gopher is as long as its URL."""
    for words in ("entry " * 160, "number " + "'" * 900, "a" * 1000):
        items = menu(gopher(server, b"/search\t" + words[:1000].encode()))
        assert all(len(item.selector.encode()) <= 255 for item in items if item.type != "h")
        assert any(item.selector.startswith("URL:gemini:") for item in items)


@pytest.mark.parametrize("path", ["/", "/latest/", "/about", "/entries/entry-1", "/robots.txt"])
def test_g13_m13_words_mean_nothing_elsewhere(server, path):
    assert gemini(server, path + "?entry").raw == gemini(server, path).raw
    assert gopher(server, path + "\tentry") == gopher(server, path)


def test_words_are_told_apart_behind_a_nul(server):
    """A reply is kept under all that was asked."""
    assert found(gemini(server, "/search?capsule%00zzz")) == []
    assert found(gemini(server, "/search?capsule")) == ["/entries/capsule"]
    assert found(gemini(server, "/search?%00x")) == []


def test_words_are_no_part_of_another_path(server):
    """What was asked with words where they mean nothing is not kept for a path that holds a question mark."""
    for path in ("/", "/about", "/files/dots.txt"):
        assert not is_error_item(gopher(server, path + "\tzz"))
        assert is_error_item(gopher(server, path + "?zz"))


# ------------------------------------------------------------------------------ side by side


def test_searches_and_pages_at_once(shipped):
    """Nobody gets another's answer, and nobody is left without one."""
    words = ["tokio", "async runtime", "wasm", "embedded -linux", "compiler", "author:yoshua", "sécurité", "zzz"]
    want = {w: search(shipped, w).raw for w in words}

    def ask(n):
        word = words[n % len(words)]
        if n % 3 == 0:
            return gemini(shipped, "/latest/").status == 20
        if n % 3 == 1:
            return search(shipped, word).raw == want[word]
        return bool(menu(gopher(shipped, f"/search\t{word}")))

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(400)))


WAITING = 128  # ASIDE_WAITING_MAX


def ask_all_at_once(server, sockets, line):
    """Writes the line on every connection while the server stands still, and returns what each is told.

    The connections are beyond accept and handshake before. So all lines lie ready when it goes on, and it has read
    them all before it comes to the first result, which reports itself behind them."""
    for sock in sockets:
        sock.sendall(line[:3])
    wait_until(lambda: server.descriptors() > len(sockets), "all are connected")
    # Asked after all of them, so their three bytes have been read when this is answered.
    gopher(server, "/about"), gemini(server, "/about")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        for sock in sockets:
            sock.sendall(line[3:])
    finally:
        os.kill(server.pid, signal.SIGCONT)
    return [read_all(sock) for sock in sockets]


@pytest.mark.parametrize("protocol", ["gopher", "gemini"])
def test_m20_too_many_searches_are_told_so(start, content, protocol):
    """Those that find no room are told to come again, in digits alone on Gemini; the others get the whole reply."""
    server = start(content, workers=1, metrics="127.0.0.1:0", request_timeout=PATIENCE * 1000,
                   handshake_timeout=PATIENCE * 1000)
    with opened([]) as sockets:
        for _ in range(WAITING + 100):
            sockets.append(connect(server.gopher) if protocol == "gopher" else tls(server))
        line = b"/search\tentry*\r\n" if protocol == "gopher" else request_bytes(server, "/search?entry*")
        replies = ask_all_at_once(server, sockets, line)
    # Asked alone, and after the others: there is room again.
    whole = gopher(server, "/search\tentry*") if protocol == "gopher" else search(server, "entry*").raw
    refused = [reply for reply in replies if reply != whole]
    assert "/entries/" in whole.decode() and len(replies) - len(refused) >= WAITING
    assert refused
    if protocol == "gopher":
        assert all(is_error_item(reply) for reply in refused)
    else:
        assert set(refused) == {b"44 5\r\n"}
    assert server.counter("limit_hits_total", limit="searches") == len(refused)
    assert f"limit: {WAITING} searches wait already" in server.log()


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """So many entries that their index takes longer than a request."""
    entries = "".join(sample.entry(f"Entry {n}", f"20{n % 20:02}-{n % 12 + 1:02}-15", slug=f"entry-{n}",
                                   url=f"https://example.org/{n}", tags=["all"], summary=f"What the {n}th says.")
                      for n in range(20_000))
    return write_content(tmp_path_factory.mktemp("many"), {"digest.yaml": sample.SITE, "entries/many.yaml": entries})


def ask_before_the_index(server, stack):
    """Connections of both protocols whose searches have been read, and now wait for the index."""
    plain, secure = stack.enter_context(connect(server.gopher)), stack.enter_context(tls(server))
    plain.sendall(b"/search\t19999th\r\n")
    secure.sendall(request_bytes(server, "/search?19999th"))
    assert gemini(server, "/about").status == 51, "others need not wait"
    assert "search:" not in server.log()
    return plain, secure


def assert_found(server, plain, secure):
    assert found(Reply(read_all(secure))) == ["/entries/entry-19999"]
    assert found_on_gopher(server, read_all(plain)) == ["/entries/entry-19999"]


def test_g14_m27_what_is_asked_before_the_index_is_ready_waits_for_it(start, many):
    server = start(many, until="ready", workers=1)
    with contextlib.ExitStack() as stack:
        assert_found(server, *ask_before_the_index(server, stack))
    assert "search: 20000 entries indexed" in server.log()


def test_a_search_in_flight_is_finished_at_the_end(start, many):
    """It is asked before the signal, and its reply is made after it."""
    server = start(many, until="ready", workers=1, drain_timeout=PATIENCE * 1000)
    with contextlib.ExitStack() as stack:
        asked = ask_before_the_index(server, stack)
        os.kill(server.pid, signal.SIGTERM)
        assert_found(server, *asked)
    server.ended()
    assert server.log().index("finishing") < server.log().index("search:")


def test_a_reader_who_leaves_while_it_is_searched(start, content):
    server = start(content)
    for _ in range(50):
        with tls(server) as sock:
            sock.sendall(request_bytes(server, "/search?entry"))
    assert found(search(server, "gemini capsule")) == ["/entries/capsule"]
    server.stop()


def test_render_prints_a_search(content):
    done = run("render", "-C", content, "text", "/search?gemini capsule")
    assert done.returncode == 0 and b"A Gemini capsule" in done.stdout
    assert run("render", "-C", content, "gemini", "/search").stdout.startswith(b"10 ")


def test_r07_lynx_searches(server, tmp_path):
    if not shutil.which("lynx"):
        pytest.skip("lynx is not installed")
    url = f"gopher://127.0.0.1:{server.gopher_port}/7/search?gemini+capsule"
    text = subprocess.run(["lynx", "-dump", "-width=80", "-display_charset=utf-8", url], capture_output=True, timeout=PATIENCE,
                          env={"HOME": str(tmp_path), "LANG": "C.UTF-8", "TERM": "xterm", "PATH": "/usr/bin:/bin"}).stdout.decode()
    assert "A Gemini capsule" in text and "Eine *Kapsel*" not in text
