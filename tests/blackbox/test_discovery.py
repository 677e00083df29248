"""How the digest is found, and what became of what was there: robots.txt and security.txt (rows C-01
to C-04, C-06, C-07, C-12), the sitemap (F-14), /random, redirects and removals (G-13, M-12, M-14,
M-15, M-19, C-10, R-11), on both protocols.

test_crawl.py compares the sitemap with what a crawl finds; the route table is test_pages's.
"""

import datetime
import re
from urllib.parse import quote, unquote

import pytest

import sample
from smallweb import (PATIENCE, Server, gemini, gemtext, gopher, is_error_item, menu, own_links, run, share, wait_until,
                      write_content)

COMMON = ["/search", "/search/", "/random"]
FEED = re.compile(r"/(atom|rss)\.xml$|/feed\.json$|\.opml$")  # what is no page
RULES = {"indexer": ["/archive/", "/about"], "webproxy": ["/"]}

SITE = sample.SITE.replace("slug: tools}", "slug: tools, aliases: [old-tools]}") + """\
  - {name: Closed, slug: closed, gone: true, aliases: [shut]}
robots: {indexer: [/archive/, /about], webproxy: [/]}
security:
  contact: [mailto:security@example.org, "https://example.org/security"]
  expires: 2999-01-01
  policy: gemini://example.org/policy
  languages: [en, de]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server of the sample digest with all that digest.yaml can say to crawlers and of what was."""
    content = write_content(tmp_path_factory.mktemp("content"), sample.FILES | {"digest.yaml": SITE})
    yield from share(Server(tmp_path_factory.mktemp("server"), content))


def text(reply):
    """A text item of Gopher as it was before its line ends were changed."""
    assert not re.search(rb"(?<!\r)\n", reply) and not reply.endswith(b"\r\n.\r\n")
    return reply.decode().replace("\r\n", "\n")


# -------------------------------------------------------------------------------- robots.txt


def rules(robots):
    """Agent -> its rules, as the strictest reader reads them (C-01, C-02)."""
    assert robots.endswith("\n") and "\r" not in robots and not robots.startswith("\ufeff")
    groups = {}
    for line in robots.splitlines():
        match = re.fullmatch(r"(User-agent|Disallow): (\S+)|", line)
        assert match, f"for the strictest reader: {line!r}"
        if match[1] == "User-agent":
            assert match[2] == match[2].lower() and match[2] not in groups
            groups[match[2]] = group = []
        elif match[1] == "Disallow":
            assert not re.search(r"[:*$#]", match[2])
            group.append(match[2])
    return groups


def test_c01_c02_c03_c04_robots(site, server):
    for one, want in ((server, {}), (site, RULES)):
        reply = gemini(one, "/robots.txt")
        assert reply.meta == "text/plain; charset=utf-8"
        assert rules(reply.text) == {"*": COMMON} | {agent: COMMON + paths for agent, paths in want.items()}
    assert gemini(site, "/robots.txt?a").body == gemini(site, "/robots.txt").body


@pytest.mark.parametrize("selector", ["robots.txt", "/robots.txt"])
def test_c12_robots_on_gopher(site, selector):
    """The same, and each rule without its leading slash; but an empty one would allow everything."""
    have = rules(text(gopher(site, selector)))
    want = rules(gemini(site, "/robots.txt").text)
    assert list(have) == list(want)
    for agent, paths in want.items():
        assert have[agent] == [rule for path in paths for rule in (path, path[1:]) if rule]


# ------------------------------------------------------------------------------ security.txt


def test_c07_security(site):
    want = ("Contact: mailto:security@example.org\nContact: https://example.org/security\n"
            "Expires: 2999-01-01T00:00:00Z\nPolicy: gemini://example.org/policy\nPreferred-Languages: en, de\n")
    reply = gemini(site, "/.well-known/security.txt")
    assert (reply.meta, reply.text) == ("text/plain; charset=utf-8", want)
    assert text(gopher(site, "/.well-known/security.txt")) == want


def test_c07_security_is_not_served_once_it_has_expired(tmp_path, start):
    """Nor out of a cache; and the content is as right as it was."""
    end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2.5)).replace(microsecond=0)
    content = write_content(tmp_path / "c", sample.FILES | {
        "digest.yaml": SITE.replace("2999-01-01", end.isoformat())})
    server = start(content)
    path = "/.well-known/security.txt"
    reply, plain = gemini(server, path), gopher(server, path)
    if datetime.datetime.now(datetime.timezone.utc) < end:
        assert reply.status == 20 and text(plain).startswith("Contact: ")
    wait_until(lambda: gemini(server, path).status == 51, "it has expired", 10 + PATIENCE)
    assert datetime.datetime.now(datetime.timezone.utc) >= end
    assert is_error_item(gopher(server, path))
    assert run("check", "-C", content).returncode == 0


def test_r11_the_folder_of_security_txt(site, server):
    for path in ("/.well-known", "/.well-known/"):
        assert gemini(site, path).raw == b"31 /sitemap/\r\n"
        assert "/sitemap/" in own_links(site, menu(gopher(site, path)))
        assert gemini(server, path).status == 51, "nothing is in it"


# ----------------------------------------------------------------------------------- sitemap


def test_f14_sitemap_groups_the_kinds_of_pages(site):
    lines = gemtext(gemini(site, "/sitemap/").body)
    headings = [line.text for line in lines if line.kind == "heading" and line.level == 2]
    assert headings == ["Pages", "Lists of all entries", "Categories", "Tags", "Authors", "Years", "Months", "Issues",
                        "Entries", "Files"]
    urls = [line.url for line in lines if line.kind == "link"]
    assert set(sample.PAGES) - {"/sitemap/"} <= set(urls)
    assert not {"/categories/closed/", "/entries/withdrawn", "/entries/not-yet", "/tags/future/"} & set(urls)


def paths_on_gemini(server, path):
    reply = gemini(server, quote(path))
    assert reply.status == 20, path
    lines = gemtext(reply.body) if reply.meta.startswith("text/gemini") else []
    return [unquote(line.url) for line in lines if line.kind == "link" and line.url.startswith("/")]


def paths_on_gopher(server, path):
    reply = gopher(server, path)
    assert not is_error_item(reply), path
    return own_links(server, menu(reply)) if not re.match(r"/files/.*[^/]$", path) else []


@pytest.mark.parametrize("paths_on", [paths_on_gemini, paths_on_gopher])
def test_f14_the_sitemap_has_what_a_crawl_finds(site, paths_on):
    """With files and folders, empty lists and whatever is not public, which the shipped digest lacks."""
    found, level = {"/"}, ["/"]
    while level:
        level = {link for path in level if not FEED.search(path) for link in paths_on(site, path)
                 if not link.startswith(("/sitemap/", *COMMON))} - found
        found |= level
    listed = paths_on(site, "/sitemap/")
    assert set(listed) - {"/sitemap/"} == {path for path in found if not FEED.search(path)}
    assert len(listed) - 1 == len(set(listed)), "each once; the front page is in the foot, too"


def test_f14_a_large_sitemap_has_pages(tmp_path, start):
    """Each of 2,500 entries and its month is on one of them."""
    days = [datetime.date(2000, 1, 1) + datetime.timedelta(days=n) for n in range(2500)]
    server = start(write_content(tmp_path / "c", sample.FILES | {"entries/many.yaml": "".join(
        sample.entry(f"E{n}", day.isoformat(), slug=f"e{n}", url=f"https://e.org/e{n}") for n, day in enumerate(days))}))
    seen, path = [], "/sitemap/"
    while path:
        reply = gemini(server, path)
        links = [line for line in gemtext(reply.body) if line.kind == "link"]
        assert len(links) <= 1000 + 6
        seen += [line.url for line in links if line.url.startswith(("/entries/e", "/archive/"))]
        path = next((line.url for line in links if line.text.startswith("Next page")), None)
    assert len(seen) == len(set(seen))
    assert {f"/entries/e{n}" for n in range(2500)} | {f"/archive/{d:%Y/%m}/" for d in days} <= set(seen)
    last = re.search(rb"^30 (/sitemap/\d)\r\n$", gemini(server, "/sitemap/999").raw)
    assert last and gemini(server, last[1].decode()).status == 20


# ------------------------------------------------------------------------------------ random


def test_random_leads_to_entries(site):
    public = {f"/entries/entry-{n}" for n in range(1, 13)} | {"/entries/capsule"} | {
        f"/entries/odd-{n}" for n in range(len(sample.HOSTILE))}
    replies = [gemini(site, "/random") for _ in range(40)]
    assert {reply.status for reply in replies} == {30}
    targets = {reply.meta for reply in replies}
    assert len(targets) > 5 and targets <= public
    for _ in range(5):
        assert {link for link in own_links(site, menu(gopher(site, "/random"))) if link != "/"} <= public
    assert "/random" in [line.url for line in gemtext(gemini(site, "/").body) if line.kind == "link"]
    assert "/random" in own_links(site, menu(gopher(site, "/")))


def test_random_without_entries(tmp_path, start):
    server = start(write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/none.yaml": ""}))
    assert gemini(server, "/random").status == 51 and is_error_item(gopher(server, "/random"))
    assert b"/random" not in gemini(server, "/").raw + gopher(server, "/")


# ------------------------------------------------------------------- redirects and removals


@pytest.mark.parametrize("path, status, target", [
    # final and doubled slashes
    ("/latest", 31, "/latest/"), ("//latest//2", 31, "/latest/2"), ("/about/", 31, "/about"),
    ("/entries/old-capsule/", 31, "/entries/capsule"), ("/entries//old-capsule", 31, "/entries/capsule"),
    # capitals
    ("/About", 31, "/about"), ("/Entries/Entry-1", 31, "/entries/entry-1"), ("/TAGS", 31, "/tags/"),
    ("/Entries/Old-Capsule", 31, "/entries/capsule"), ("/Robots.txt", 31, "/robots.txt"),
    # page numbers past the end
    ("/latest/999", 30, "/latest/5"), ("/latest/999/", 30, "/latest/5"), ("/latest/4294967295", 30, "/latest/5"),
    ("/categories/tools/2", 30, "/categories/tools/"), ("/categories/nothing-yet/7", 30, "/categories/nothing-yet/"),
    ("/tags/page_2", 30, "/tags/"), ("/authors/page_9", 30, "/authors/"), ("/archive/2018/01/9", 30, "/archive/2018/01/2"),
    ("/authors/jane-roe/99", 30, "/authors/jane-roe/5"), ("/sitemap/2", 30, "/sitemap/"),
    # a category that has another slug now
    ("/categories/old-tools/", 31, "/categories/tools/"), ("/categories/old-tools", 31, "/categories/tools/"),
    ("/Categories/Old-Tools", 31, "/categories/tools/"),
])
def test_m14_m15_m19_g13_redirects(site, path, status, target):
    """In one hop; on Gopher the page itself, or a menu that has it."""
    assert gemini(site, path).raw == f"{status} {target}\r\n".encode()
    assert gemini(site, target).status == 20
    reply = gopher(site, path)
    links = own_links(site, menu(reply)) if target != "/robots.txt" else []
    assert reply == gopher(site, target) or target in links


@pytest.mark.parametrize("path", [
    "/entries/withdrawn", "/entries/withdrawn/", "/entries/was-withdrawn", "/Entries/Withdrawn", "//entries/withdrawn",
    "/categories/closed/", "/categories/closed", "/categories/closed/2", "/categories/shut/", "/Categories/Shut/",
])
def test_m19_c10_gone(site, path):
    assert gemini(site, path).status == 52
    assert is_error_item(gopher(site, path))


@pytest.mark.parametrize("path", [
    "/latest/0", "/latest/00", "/latest/01", "/latest/+1", "/latest/-1", "/latest/1.0", "/latest/4294967296",
    "/latest/99999999999999999999", "/tags/page_0", "/tags/page_01", "/tags/page_", "/sitemap/0", "/Latest/0",
    "/categories/old-tools/0", "/categories/none/", "/Entries/None", "/ENTRIES/Not-Yet", "/Search.txt", "/random/2",
    "/files/Dots.txt", "/Files/Nothing", "/.well-known/nothing", "/tags/none/2",
])
def test_m12_m19_what_never_was_is_not_found(site, path):
    assert gemini(site, path).status == 51
    assert is_error_item(gopher(site, path))


def test_a_withdrawn_category_is_in_no_list(site):
    for path in ("/", "/categories/", "/sitemap/"):
        body = gemini(site, path).text + gopher(site, path).decode()
        assert "Closed" not in body and "closed" not in body


def test_an_entry_of_a_withdrawn_category_is_an_error(tmp_path):
    done = run("check", "-C", write_content(tmp_path, sample.FILES | {
        "digest.yaml": SITE, "entries/2021/a.yaml": sample.entry(
            "A", "2021-01-01", slug="a", url="https://e.org/a", categories=["closed"])}))
    assert done.returncode == 1 and re.search(r"category 'closed' is gone, as \S+digest.yaml:\d+ says", done.stderr.decode()
                                              + done.stdout.decode())
