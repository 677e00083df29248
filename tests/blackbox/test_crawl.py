"""The whole shipped digest, as a crawler sees it that obeys robots.txt: every page of both protocols,
one connection each.

Rows G-20, G-21, C-03, C-04, C-09, C-11, F-14, R-10, R-11 and the parity of the two protocols, and again
the form of every menu (G-03 to G-11) and of every page of gemtext (T-01 to T-07).
"""

import collections
import concurrent.futures
import dataclasses
import re
import urllib.parse

import pytest

from smallweb import SHIPPED, gemini, gemtext, gopher, menu

FEEDS = ("/atom.xml", "/rss.xml", "/feed.json", ".opml")

# Two processors are shared with the server.
CLIENTS = 4

# What a page may have, but for sitemaps and feeds; small enough for clients on old machines.
PAGE_MAX = 64 * 1024

SLUGS = [slug for file in sorted(SHIPPED.glob("entries/**/*.yaml"))
         for slug in re.findall(r"^(?:- |  )slug: *[\"']?([^\s\"']+)", file.read_text(), re.M)]
ENTRIES = sum(len(re.findall(r"^- ", file.read_text(), re.M)) for file in SHIPPED.glob("entries/**/*.yaml"))


@dataclasses.dataclass
class Crawl:
    pages: dict = dataclasses.field(default_factory=dict)  # path -> its lines or items
    hops: dict = dataclasses.field(default_factory=dict)   # path -> links from the front page
    sizes: dict = dataclasses.field(default_factory=dict)
    faults: list = dataclasses.field(default_factory=list)
    others: dict = dataclasses.field(default_factory=dict)  # path -> links to the other protocol here
    outside: set = dataclasses.field(default_factory=set)
    kept_out: tuple = ()                                   # beginnings of paths that are not fetched
    own: dict = dataclasses.field(default_factory=dict)    # path -> its links to paths here

    def without_sitemap(self):
        """path -> links from the front page to it, not by way of the sitemap."""
        hops, level = {"/": 0}, ["/"]
        while level:
            found = {link: hops[path] + 1 for path in level for link in self.own.get(path, ())
                     if link not in hops and not link.startswith(("/sitemap/", *self.kept_out))}
            hops.update(found)
            level = list(found)
        return hops


def crawl(fetch, robots):
    """Breadth first from the front page. fetch(path) gives (size, page, own paths, others, outside).

    Every rule for any kind of crawler is obeyed, as a plain prefix (C-03)."""
    rules = re.findall(r"(?m)^Disallow: (/\S*)\r?$", robots)
    assert rules
    seen = Crawl(hops={"/": 0}, kept_out=tuple(rules))
    level = ["/"]

    def visit(path):
        try:
            return path, fetch(path), None
        except Exception as e:  # any fault of any page is collected: a test reports them all
            return path, None, f"{path}: {type(e).__name__}: {e}"

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        while level:
            found = []
            for path, page, fault in pool.map(visit, level):
                if fault:
                    seen.faults.append(fault)
                    continue
                seen.sizes[path], seen.pages[path], own, seen.others[path], outside = page
                seen.outside.update(outside)
                seen.own[path] = own
                for link in own:
                    if link not in seen.hops and not link.startswith(seen.kept_out):
                        seen.hops[link] = seen.hops[path] + 1
                        found.append(link)
            level = found
    return seen


@pytest.fixture(scope="module")
def on_gemini(shipped):
    here = f"gopher://{shipped.host}:{shipped.gopher_port}/"

    def fetch(path):
        reply = gemini(shipped, urllib.parse.quote(path, safe="/~:@!$&'()*+,;="))
        assert reply.status == 20, f"{reply.status} {reply.meta}"
        lines = gemtext(reply.body) if reply.meta.startswith("text/gemini") else []
        links = [line for line in lines if line.kind == "link"]
        assert not lines or (lines[0].kind, lines[0].level) == ("heading", 1)
        own = [urllib.parse.unquote(link.url) for link in links if link.url.startswith("/")]
        others = [link.url for link in links if link.url.startswith(here)]
        outside = {link.url for link in links if not link.url.startswith(("/", here))}
        page = [(urllib.parse.unquote(link.url), link.text) for link in links]
        return len(reply.raw), page, own, others, outside

    return crawl(fetch, gemini(shipped, "/robots.txt").text)


@pytest.fixture(scope="module")
def on_gopher(shipped):
    here = (shipped.host, shipped.gopher_port)
    there = f"URL:gemini://{shipped.host}:{shipped.gemini_port}/"
    types = {"/": "1"}

    def fetch(path):
        data = gopher(shipped, path)
        if types[path] != "1":
            assert data and not data.startswith(b"3")
            return len(data), [], [], [], []
        items = [i for i in menu(data) if i.type != "i"]
        assert items and not any(i.type == "3" for i in items), "an error item"
        mine = [i for i in items if (i.host, i.port) == here and not i.selector.startswith("URL:")]
        for item in mine:
            assert item.selector.startswith("/"), item
            assert types.setdefault(item.selector, item.type) == item.type
        for item in items:
            assert not item.selector.startswith(("5", "9"))
            assert item.type != "h" or (item.selector.startswith("URL:") and (item.host, item.port) == here)
            assert not re.match(r"\[|\d+\.\d+\.\d+\.\d+$", item.host) or item.host == shipped.host
        outside = {i.selector for i in items if i.type == "h" and not i.selector.startswith(there)}
        others = [i.selector[4:] for i in items if i.selector.startswith(there)]
        page = [(i.selector, i.display) for i in items]
        return len(data), page, [i.selector for i in mine], others, outside

    return crawl(fetch, gopher(shipped, "/robots.txt").decode())


@pytest.fixture(params=["gopher", "gemini"])
def crawled(request):
    return request.getfixturevalue("on_" + request.param)


def report(faults):
    return f"{len(faults)} faults, of which\n" + "\n".join(sorted(faults)[:20])


def test_slugs_can_be_counted():
    assert len(SLUGS) == len(set(SLUGS)) == ENTRIES > 2000


def test_g03_g08_g10_g11_g20_r10_t02_t04_no_dead_link_and_no_malformed_page(crawled):
    assert not crawled.faults, report(crawled.faults)
    assert len(crawled.pages) > ENTRIES


def test_c09_every_entry_within_four_hops(crawled):
    missing = [slug for slug in SLUGS if f"/entries/{slug}" not in crawled.pages]
    assert not missing, report(missing)
    hops = crawled.without_sitemap()
    far = [f"{slug}: {hops.get('/entries/' + slug)}" for slug in SLUGS if hops.get("/entries/" + slug, 99) > 4]
    assert not far, report(far)
    assert max(hops.values()) < 25, "C-09"


def test_the_same_paths_on_both(on_gopher, on_gemini):
    assert set(on_gopher.pages) == set(on_gemini.pages)


def test_the_same_entries_in_the_same_order_on_both(on_gopher, on_gemini):
    differing = []
    for path in on_gemini.pages:
        one, two = ([link for link, _ in crawl.pages[path] if link.startswith("/")] for crawl in (on_gemini, on_gopher))
        if one != two:
            differing.append(path)
    assert not differing, report(differing)


def test_the_same_links_out_on_both(on_gopher, on_gemini):
    web = {urllib.parse.unquote(url) for url in on_gemini.outside if not url.startswith("gopher:")}
    assert web == {urllib.parse.unquote(selector[4:]) for selector in on_gopher.outside}
    assert len(web) > 2000


def test_g21_every_page_names_itself_on_the_other_protocol(shipped, on_gopher, on_gemini):
    authority = f"gopher://{shipped.host}:{shipped.gopher_port}/"
    for path, urls in on_gemini.others.items():
        if on_gemini.pages[path]:
            quoted = urllib.parse.quote(path, safe="/~:@!$&'()*+,;=")
            assert urls == [authority if path == "/" else authority + "1" + quoted], path
    for path, urls in on_gopher.others.items():
        if on_gopher.pages[path]:
            assert urls == [f"gemini://{shipped.host}:{shipped.gemini_port}"
                            + urllib.parse.quote(path, safe="/~:@!$&'()*+,;=")], path


def test_r11_every_parent_of_a_page_is_there(shipped, on_gemini):
    parents = set()
    for path in on_gemini.pages:
        parts = path.rstrip("/").split("/")
        parents |= {"/".join(parts[:n]) for n in range(2, len(parts) + 1)}
    parents -= set(on_gemini.pages)
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        replies = dict(zip(parents, pool.map(lambda p: gemini(shipped, urllib.parse.quote(p)), parents)))
    for path, reply in replies.items():
        assert reply.status in (20, 31), f"{path}: {reply.status}"
        assert reply.status == 20 or reply.meta in (urllib.parse.quote(path) + "/", "/latest/"), f"{path} -> {reply.meta}"


def test_c09_sizes_and_number_of_pages(crawled):
    large = [f"{path}: {crawled.sizes[path]}" for path, links in crawled.pages.items()
             if links and not path.startswith("/sitemap/") and crawled.sizes[path] > PAGE_MAX]
    assert not large, report(large)
    assert max(crawled.sizes.values()) < 2 * 1024 * 1024
    assert len(crawled.pages) < 15_000


def test_f14_the_sitemap_has_what_a_crawl_finds(crawled):
    """Nothing else, and each page once."""
    maps = [path for path in crawled.pages if path.startswith("/sitemap/")]
    listed = collections.Counter(link for path in maps for link in set(crawled.own[path]) - {"/"}
                                 if not link.startswith("/sitemap/"))
    found = {path for path in crawled.without_sitemap() if not path.endswith(FEEDS)} - {"/"}
    assert not found - set(listed), report(found - set(listed))
    assert not set(listed) - found, report(set(listed) - found)
    assert set(listed.values()) == {1}
    assert "/" in crawled.own["/sitemap/"]


def test_c04_no_page_leads_into_an_endless_space(crawled):
    """No link asks a question, and what differs each time is kept out of."""
    asking = [f"{path}: {link}" for path, links in crawled.own.items() for link in links if "?" in link]
    assert not asking, report(asking)
    assert "/random" in crawled.own["/"] and "/random" not in crawled.pages


def test_c11_no_link_is_only_in_text_of_another_kind(on_gemini):
    """What Gemini crawlers follow: every page is reached through text/gemini alone."""
    assert all(on_gemini.pages[path] or path.startswith("/files/") or path.endswith((".txt", *FEEDS))
               for path in on_gemini.pages)


def test_f14_every_list_leads_to_its_feed(crawled):
    """Feeds are no pages, and lead to nothing that pages do not; but each has been fetched."""
    lists = [path for path in crawled.pages
             if re.fullmatch(r"/latest/|/(categories|tags|authors)/[^/]+/|/archive/\d+/", path)]
    assert len(lists) > 1000
    missing = [path for path in lists if path + "atom.xml" not in crawled.pages]
    assert not missing, report(missing)


def test_lists_have_all_entries_by_each_way(on_gemini):
    """Through the whole list, the categories, the authors and the archive alike."""
    for kind in ("latest", "categories", "authors", "archive"):
        listed = collections.Counter()
        for path, links in on_gemini.pages.items():
            if path.startswith(f"/{kind}/"):
                listed.update(link for link, text in links if re.match(r"\d{4}-\d\d-\d\d ", text))
        assert set(listed) == {f"/entries/{slug}" for slug in SLUGS}, kind
        if kind in ("latest", "archive"):
            assert set(listed.values()) == {1}, kind


def test_f02_lists_are_newest_first(on_gemini):
    pages = [path for path in on_gemini.pages if re.fullmatch(r"/latest/\d*", path)]
    days = []
    for path in sorted(pages, key=lambda p: int(p[8:] or 1)):
        days += [text[:10] for link, text in on_gemini.pages[path] if re.match(r"\d{4}-\d\d-\d\d ", text)]
    assert days == sorted(days, reverse=True) and len(days) == ENTRIES
