"""Feeds: rows F-04 to F-14. (Pages that can be subscribed to, F-01 to F-03, are test_pages.py's.)

What is served is judged by a strict reader of each format that stands here, and by programs that
know nothing of digestd: xmllint, feedparser, sfeed and newsboat, each skipped where it is missing.
"""

import concurrent.futures
import datetime
import email.utils
import html
import itertools
import json
import os
import re
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

import sample
from smallweb import (HOST, PATIENCE, SHIPPED, Server, gemini, gemtext, gopher, menu, run, share, wait_until,
                      write_content)

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The lists of the sample that have feeds, with the number of entries in each.
LISTS = {"/latest/": 12 + 1 + len(sample.HOSTILE), "/categories/networks/": 12 + 1 + len(sample.HOSTILE),
         "/categories/tools/": 4, "/categories/nothing-yet/": 0, "/tags/even/": 6, "/tags/small-web/": 1,
         "/tags/odd-titles/": len(sample.HOSTILE), "/authors/jane-roe/": 12 + 1 + len(sample.HOSTILE),
         "/authors/john-doe/": 3}
# Those of its years, in Atom alone.
YEARS = {"/archive/2020/": 12, "/archive/2019/": 1, "/archive/2018/": len(sample.HOSTILE)}
MEDIA = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml",
         "feed.json": "application/feed+json"}

ATOM_FEEDS = [path + "atom.xml" for path in [*LISTS, *YEARS]]
RSS_FEEDS = [path + "rss.xml" for path in LISTS]
JSON_FEEDS = [path + "feed.json" for path in LISTS]

# What the sample's entry that has everything says, and the links beside its own.
CAPSULE = "Eine Kapsel.\n\ncurl gemini://capsule.example/\n\n> Quoted\n\nAbout"
CAPSULE_URL = "gemini://capsule.example/log/"
CAPSULE_LINKS = ("The phlog: gopher://phlog.example/1/phlog\nNotes: gopher://phlog.example:7070/0/notes.txt\n"
                 "On the web: https://web.example/?a=1&b=2#c")

# What a feed could trip over. (What XML has no characters for, no content has either: test_xml.)
NASTY = ["]]> & <![CDATA[ <x> \"q\" 'a' &amp; &#0;", "\U0001f980 \U0010fffd astral \U0001f469\u200d\U0001f4bb",
         "\\u0041 \\ \\\" {\"a\": 1}", "%s %n %00"]


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    """A digest without an editor that has such titles, names and texts, and ids of its own."""
    entries = [sample.entry(f"{text} {n}", f"2021-01-{n + 1:02}", slug=f"nasty-{n}",
                            url=f"https://example.org/ü?n={n}&x=\"", tags=[f"{text} tag"], author=f"{text} author",
                            summary=f"{text}\n.\n..\n</summary>\n\n{text}")
               for n, text in enumerate(NASTY)]
    entries.append("- title: By nobody\n  date: 2021-02-01T10:00:00-05:00\n  url: https://example.org/nobody\n"
                   "  categories: [one]\n  slug: nobody\n")
    files = {"digest.yaml": "title: \"<Nasty> & 'co'\"\n"
                            "id: tag:example.org,2021:nasty\n"
                            "categories:\n"
                            "  - {name: \"<One>\", slug: one, description: \"]]>&\"}\n"
                            "  - {name: N, slug: networks}\n",
             "entries/all.yaml": "".join(entries)}
    content = write_content(tmp_path_factory.mktemp("nasty"), files)
    yield from share(Server(tmp_path_factory.mktemp("server"), content))


def fetch(server, protocol, path):
    """The feed at path, as bytes. F-12: there at once; F-13: of its type."""
    if protocol == "gopher":
        return gopher(server, path)
    reply = gemini(server, path)
    name = path.rpartition("/")[2]
    assert (reply.status, reply.meta) == (20, MEDIA.get(name, "text/x-opml; charset=utf-8")), path
    return reply.body


def base(server, protocol):
    port = server.gopher_port if protocol == "gopher" else server.gemini_port
    return f"{protocol}://{server.host}:{port}/"


def url(server, protocol, path):
    """The URL of a list or a feed on that protocol (G-21)."""
    kind = "1" if path.endswith("/") else "0"
    return base(server, protocol) + (kind + path if protocol == "gopher" else path[1:])


def path_of(server, protocol, address):
    """The path that a URL of a feed of ours leads to; empty for none."""
    return re.sub(f"^{re.escape(base(server, protocol))}{'0/' if protocol == 'gopher' else ''}", "/", address)


# ------------------------------------------------------------------------------ strict readers


def instant(text):
    """RFC 3339, with T and zone (F-04)."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", text), text
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def tree(data):
    """XML as F-10 has it: from the first byte on, and nothing that XML 1.0 forbids."""
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<') and data.endswith(b">\n")
    assert not re.search("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", data.decode())
    return ElementTree.fromstring(data)


def one(element, name, required=True):
    """The text of the only child of that name, which says something."""
    found = element.findall(name)
    assert len(found) == 1 or not (found or required), f"{len(found)} of {name}"
    assert not found or (found[0].text and not found[0].text.isspace()), f"{name} is empty"
    return found[0].text if found else None


def is_uri(text):
    assert re.fullmatch(r"[a-z][a-z0-9+.-]*:[!#$&-;=?-\[\]_a-z~%]+", text), f"no URI: {text!r}"
    assert not re.search(r"%(?![0-9A-F]{2})", text, re.I), text
    return text


def links(element):
    """The links of an Atom element, as (rel, href); of alternate there is one (RFC 4287 s4.1.1)."""
    found = [(link.get("rel", "alternate"), is_uri(link.get("href"))) for link in element.findall(ATOM + "link")]
    assert [rel for rel, _ in found].count("alternate") == 1 and [rel for rel, _ in found].count("self") <= 1
    return found


def people(element):
    for author in element.findall(ATOM + "author"):
        one(author, ATOM + "name")
        for uri in author.findall(ATOM + "uri"):
            is_uri(uri.text)
    return [author.find(ATOM + "name").text for author in element.findall(ATOM + "author")]


def read_atom(data):
    """RFC 4287 s4.1.1, s4.1.2: returns the feed's element and its entries as dictionaries."""
    feed = tree(data)
    assert feed.tag == ATOM + "feed" and data.split(b"\n")[1].startswith(b'<feed xmlns="')
    is_uri(one(feed, ATOM + "id"))
    one(feed, ATOM + "title")
    updated = instant(one(feed, ATOM + "updated"))
    assert "self" in dict(links(feed))
    entries = []
    for entry in feed.findall(ATOM + "entry"):
        assert people(entry) or people(feed), "F-04: nobody wrote it"
        found = {"id": is_uri(one(entry, ATOM + "id")), "title": one(entry, ATOM + "title"), "links": links(entry),
                 "updated": instant(one(entry, ATOM + "updated")), "published": instant(one(entry, ATOM + "published")),
                 "authors": people(entry), "text": one(entry, ATOM + "summary", False), "language": entry.get(LANG),
                 "terms": [(c.get("term"), c.get("label")) for c in entry.findall(ATOM + "category")]}
        assert found["links"][0][0] == "alternate", "F-05: the permalink first"
        entries.append(found)
    assert entries or people(feed)
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert updated == max((entry["updated"] for entry in entries), default=instant("1970-01-01T00:00:00Z")), "F-11"
    return feed, entries


def plain(description):
    """The text of a description that is HTML of ours: paragraphs of lines, and no other tag."""
    assert description.startswith("<p>") and description.endswith("</p>"), description
    text = re.sub(r"<br ?/?>\n", "\n", description[3:-4].replace("</p>\n<p>", "\n\n"))
    assert "<" not in text, f"markup in {description}"
    return html.unescape(text)


def read_rss(data):
    rss = tree(data)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    (channel,) = rss
    one(channel, "title"), is_uri(one(channel, "link")), one(channel, "description")
    built = one(channel, "lastBuildDate", False)
    assert bool(built) == bool(channel.findall("item")) and (not built or email.utils.parsedate_to_datetime(built))
    assert [link.get("rel") for link in channel.findall(ATOM + "link")] == ["self"]
    items = []
    for item in channel.findall("item"):
        guid = item.find("guid")
        assert guid.get("isPermaLink") == "false"
        date = one(item, "pubDate")
        assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})", date), date
        description = one(item, "description", False)
        items.append({"id": is_uri(one(item, "guid")), "title": one(item, "title"), "link": is_uri(one(item, "link")),
                      "published": email.utils.parsedate_to_datetime(date), "text": description and plain(description),
                      "authors": [author.text for author in item.findall(DC + "creator")]})
    return channel, items


def read_json(data):
    """JSON Feed 1.1: the types of what is there, and what must be."""
    def object_pairs(pairs):
        assert len(dict(pairs)) == len(pairs), "a name twice"
        assert all(value or name == "items" for name, value in pairs), f"something empty in {pairs}"
        return dict(pairs)

    feed = json.loads(data, object_pairs_hook=object_pairs)
    assert data.endswith(b"}\n") and feed["version"] == "https://jsonfeed.org/version/1.1"
    strings = {"version", "title", "home_page_url", "feed_url", "description", "language"}
    assert set(feed) <= strings | {"authors", "items"}
    assert all(isinstance(feed[name], str) for name in strings & set(feed))
    assert {"title", "items", "feed_url", "home_page_url"} <= set(feed)
    for item in feed["items"]:
        assert {"id", "url", "title", "content_text", "date_published"} <= set(item)
        is_uri(item["id"]), is_uri(item["url"]), is_uri(item.get("external_url", "x:y"))
        instant(item["date_published"]), instant(item.get("date_modified", "1970-01-01T00:00:00Z"))
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
    for author in itertools.chain(feed.get("authors", []), *(item.get("authors", []) for item in feed["items"])):
        assert author["name"] and is_uri(author.get("url", "x:y"))
    return feed, feed["items"]


def text_of(item):
    return item.get("text") or item["content_text"]


READERS = {"atom.xml": read_atom, "rss.xml": read_rss, "feed.json": read_json}


def read(data, path):
    return READERS[path.rpartition("/")[2]](data)


# ------------------------------------------------------------------------------------- feeds


@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
@pytest.mark.parametrize("path", ATOM_FEEDS + RSS_FEEDS + JSON_FEEDS)
def test_f04_f06_f07_f12_every_feed_is_right(server, protocol, path):
    head, items = read(fetch(server, protocol, path), path)
    place, _, name = path.rpartition("/")
    assert len(items) == (LISTS | YEARS)[place + "/"]
    assert all(item["id"].startswith(f"gemini://{HOST}/entries/") for item in items)
    assert not any("not-yet" in item["id"] or "draft" in item["id"] or "withdrawn" in item["id"] for item in items)
    own, page = url(server, protocol, path), url(server, protocol, place + "/")
    if name == "atom.xml":
        assert dict(links(head))["self"] == own and dict(links(head))["alternate"] == page
    elif name == "rss.xml":
        assert head.find(ATOM + "link").get("href") == own and one(head, "link") == page
    else:
        assert (head["feed_url"], head["home_page_url"]) == (own, page)


@pytest.mark.parametrize("path", ATOM_FEEDS + RSS_FEEDS + JSON_FEEDS)
def test_f11_the_same_feed_on_both(server, path):
    """All is the same but the URLs of our own, and those are of the protocol that was asked."""
    gemini_feed, gopher_feed = (fetch(server, protocol, path).decode() for protocol in ("gemini", "gopher"))
    assert base(server, "gopher") not in gemini_feed and base(server, "gemini") not in gopher_feed
    as_gemini = re.sub(re.escape(base(server, "gopher")) + "[01]/", base(server, "gemini"), gopher_feed)
    assert as_gemini == gemini_feed and as_gemini != gopher_feed
    assert fetch(server, "gemini", path).decode() == gemini_feed, "C-08"


def test_f01_f11_pages_and_feeds_say_the_same(server):
    """The entries of the pages of a list, and their dates, are those of its feed."""
    lines = [line for n in range(1, 6) for line in gemtext(gemini(server, f"/latest/{n if n > 1 else ''}").body)]
    found = [(line.url, line.text[:10]) for line in lines if re.match(r"\d{4}-\d\d-\d\d ", line.text)]
    _, entries = read_atom(fetch(server, "gemini", "/latest/atom.xml"))
    assert found == [(urllib.parse.urlsplit(e["links"][0][1]).path, f"{e['published']:%Y-%m-%d}") for e in entries]


def test_f05_an_entry_of_atom(server):
    _, entries = read_atom(fetch(server, "gemini", "/tags/small-web/atom.xml"))
    assert entries == [{
        "id": f"gemini://{HOST}/entries/old-capsule", "title": "A Gemini capsule", "language": "de",
        "links": [("alternate", server.url("/entries/capsule")), ("related", "gemini://capsule.example/log/"),
                  ("related", "gopher://phlog.example/1/phlog"), ("related", "gopher://phlog.example:7070/0/notes.txt"),
                  ("related", "https://web.example/?a=1&b=2#c")],
        "published": instant("2019-05-01T12:00:00Z"), "updated": instant("2019-06-01T12:00:00Z"),
        "authors": ["Jane Roe"], "terms": [("networks", "Networks"), ("small-web", "small-web")],
        "text": f"{CAPSULE}\n\n{CAPSULE_URL}"}]


def test_links_beside_the_entrys_own_are_named(server):
    """By Atom as links with a title, by the others in the text."""
    feed, _ = read_atom(fetch(server, "gemini", "/tags/small-web/atom.xml"))
    (entry,) = feed.findall(ATOM + "entry")
    named = [f"{link.get('title')}: {link.get('href')}" for link in entry.findall(ATOM + "link") if link.get("title")]
    assert "\n".join(named) == CAPSULE_LINKS
    for name in ("rss.xml", "feed.json"):
        _, (item,) = read(fetch(server, "gemini", "/tags/small-web/" + name), name)
        assert text_of(item) == f"{CAPSULE}\n\n{CAPSULE_URL}\n\n{CAPSULE_LINKS}"
    _, issues = read_json(fetch(server, "gemini", "/issues/feed.json"))
    assert sum(text_of(item).endswith(f"{CAPSULE}\n\n{CAPSULE_LINKS}") for item in issues) == 1


def test_f05_the_head_of_atom(server):
    feed, _ = read_atom(fetch(server, "gemini", "/tags/even/atom.xml"))
    assert one(feed, ATOM + "title") == "A Sample Digest: tagged even"
    assert one(feed, ATOM + "id") == f"gemini://{HOST}/tags/even/"
    assert feed.get(LANG) == "en" and one(feed, ATOM + "rights") == "CC0-1.0" and people(feed) == ["Jane Roe"]
    assert feed.find(f"{ATOM}author/{ATOM}email").text == "jane@example.org"
    assert one(feed, ATOM + "updated") == "2020-12-15T12:00:00Z", "F-11: the newest entry's"


def test_f06_an_item_of_rss(server):
    channel, items = read_rss(fetch(server, "gopher", "/categories/tools/rss.xml"))
    assert items[0] == {"id": f"gemini://{HOST}/entries/entry-12", "title": "Entry number 12",
                        "link": base(server, "gopher") + "1/entries/entry-12", "authors": ["Jane Roe", "John Doe"],
                        "published": instant("2020-12-15T12:00:00Z"), "text": "What number 12 says.\n\n* and why\n\nhttps://example.org/12"}
    related = channel.find("item").findall(ATOM + "link")
    assert [(link.get("rel"), link.get("href")) for link in related] == [("related", "https://example.org/12")]


def test_f07_an_item_of_json(server):
    _, items = read_json(fetch(server, "gemini", "/tags/small-web/feed.json"))
    assert items == [{
        "id": f"gemini://{HOST}/entries/old-capsule", "url": server.url("/entries/capsule"), "language": "de",
        "external_url": "gemini://capsule.example/log/", "title": "A Gemini capsule",
        "content_text": f"{CAPSULE}\n\n{CAPSULE_URL}\n\n{CAPSULE_LINKS}",
        "date_published": "2019-05-01T12:00:00Z", "date_modified": "2019-06-01T12:00:00Z",
        "authors": [{"name": "Jane Roe"}], "tags": ["Networks", "small-web"]}]


@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
def test_f08_opml(server, protocol):
    opml = tree(fetch(server, protocol, "/feeds/categories.opml"))
    assert (opml.tag, opml.get("version"), [part.tag for part in opml]) == ("opml", "2.0", ["head", "body"])
    outlines = list(opml.find("body"))
    assert [outline.get("text") for outline in outlines] == ["Networks", "Tools", "Nothing Yet"]
    for outline in outlines:
        assert outline.get("type") == "rss" and outline.get("htmlUrl").startswith(base(server, protocol))
        feed, _ = read_atom(fetch(server, protocol, path_of(server, protocol, outline.get("xmlUrl"))))
        assert dict(links(feed))["self"] == outline.get("xmlUrl")


@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
@pytest.mark.parametrize("name", MEDIA)
def test_f10_titles_and_texts_hold_anything(nasty, protocol, name):
    head, items = read(fetch(nasty, protocol, "/latest/" + name), name)
    assert [item["id"] for item in items] == ["tag:example.org,2021:nasty/entries/nobody"] + [
        f"tag:example.org,2021:nasty/entries/nasty-{n}" for n in reversed(range(len(NASTY)))]
    for n, item in zip(reversed(range(len(NASTY))), items[1:]):
        text = NASTY[n]
        assert item["title"] == f"{text} {n}"
        body = item["content_text"] if name == "feed.json" else item["text"]
        assert body.startswith(f"{text}\n\n.\n\n..\n\n</summary>\n\n{text}\n\nhttps://example.org/"), "F-13: not even a line that is a dot is changed"


def test_f04_an_entry_without_author(nasty):
    feed, entries = read_atom(fetch(nasty, "gemini", "/latest/atom.xml"))
    assert entries[0]["authors"] == [] and people(feed) == ["<Nasty> & 'co'"]
    feed, entries = read_atom(fetch(nasty, "gemini", "/categories/networks/atom.xml"))
    assert len(entries) == len(NASTY) and people(feed) == [], "each has its own, and nobody is the editor"


def test_f11_ids_do_not_depend_on_the_name(nasty, start):
    other = start(nasty.content, hosts=("another.test",))
    ids = [[e["id"] for e in read_atom(fetch(s, "gemini", "/latest/atom.xml"))[1]] for s in (nasty, other)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", MEDIA)
def test_f11_ids_do_not_depend_on_the_slug(tmp_path, start, name):
    """An entry and a category that got new slugs are the same to readers, who find them where they are."""
    def feed(step, slug, category, aliases, old):
        site = sample.SITE.replace("slug: networks,", f"slug: {category}, aliases: {json.dumps(old)},")
        content = write_content(tmp_path / step, {"digest.yaml": site, "entries/all.yaml": sample.entry(
            "One", "2020-01-01", slug=slug, url="https://example.org/1", categories=[category], aliases=aliases)})
        head, (item,) = read(fetch(start(content), "gemini", f"/categories/{category}/{name}"), name)
        ids = [item["id"]] if name != "atom.xml" else [item["id"], one(head, ATOM + "id")]
        where = item.get("url") or item.get("link") or dict(item["links"])["alternate"]
        assert where.endswith(f"/entries/{slug}")
        return ids

    first = feed("first", "one", "networks", [], [])
    assert first == [f"gemini://{HOST}/entries/one", f"gemini://{HOST}/categories/networks/"][:len(first)]
    assert feed("second", "uno", "wires", ["one"], ["networks"]) == first
    assert feed("third", "un", "words", ["one", "uno"], ["networks", "wires"]) == first


def test_f12_a_feed_of_a_renamed_category_goes_on(tmp_path, start):
    """Gemini readers are led to it; on Gopher, where a menu that does so is no feed, it is there itself."""
    site = sample.SITE.replace("slug: networks,", "slug: wires, aliases: [networks],")
    content = write_content(tmp_path / "c", {"digest.yaml": site, "entries/all.yaml": sample.entry(
        "One", "2020-01-01", slug="one", url="https://example.org/1", categories=["wires"])})
    server = start(content)
    for name in MEDIA:
        old, new = (f"/categories/{category}/{name}" for category in ("networks", "wires"))
        assert gopher(server, old) == gopher(server, new) and len(read(gopher(server, old), name)[1]) == 1
        assert gemini(server, old).raw == f"31 {new}\r\n".encode()
    assert menu(gopher(server, "/categories/networks/"))[0].display.endswith(": Moved")
    assert gopher(server, "/categories/networks/none.xml").startswith(b"3")


@pytest.mark.parametrize("path", [*("/latest/" + name for name in MEDIA), "/feeds/categories.opml"])
def test_f13_as_it_is_on_gopher_even_with_dots(nasty, start, path):
    """A type 0 item, but not text with a dot at its end."""
    dotted = start(nasty.content, gopher_text_dots=1)
    data = gopher(dotted, path)
    assert data.replace(b":%d/" % dotted.gopher_port, b":%d/" % nasty.gopher_port) == gopher(nasty, path)
    assert not data.endswith(b".\r\n")
    items = {i.selector: i.type for i in menu(gopher(nasty, "/feeds/"))}
    assert items[path] == "0"


@pytest.mark.parametrize("path", [*LISTS])
def test_f14_every_list_leads_to_its_feed(server, path):
    """On its first page."""
    found = [link.url for link in gemtext(gemini(server, path).body) if link.kind == "link"]
    assert found.count(path + "atom.xml") == 1
    assert path + "atom.xml" in [i.selector for i in menu(gopher(server, path))]


def test_f14_the_page_of_feeds(server):
    assert "/feeds/" in [link.url for link in gemtext(gemini(server, "/").body)]
    found = [link.url for link in gemtext(gemini(server, "/feeds/").body) if link.kind == "link"]
    assert {"/latest/" + name for name in MEDIA} <= set(found) and {path + "atom.xml" for path in YEARS} <= set(found)
    assert {path + "atom.xml" for path in LISTS if path.startswith("/categories/")} <= set(found)
    for path in (p for p in found if p.rpartition("/")[2] in MEDIA):
        read(fetch(server, "gemini", path), path)


@pytest.mark.parametrize("path", ["/latest/atom", "/latest/atom.rss", "/atom.xml", "/latest/2/atom.xml",
                                  "/tags/atom.xml", "/tags/none/atom.xml", "/tags/future/atom.xml",
                                  "/archive/2020/rss.xml", "/archive/2020/03/atom.xml", "/archive/2999/atom.xml",
                                  "/entries/entry-1/atom.xml"])
def test_no_such_feed(server, path):
    assert gemini(server, path).status == 51 and gopher(server, path).startswith(b"3")


def test_f11_an_update_to_come_is_not_told_before(tmp_path, start):
    """Neither in the feeds nor on the entry's page, which are kept no longer than until then."""
    due = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=4)
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": sample.entry(
        "One", "2020-01-01", slug="one", url="https://example.org/1", updated=due.isoformat())})
    server = start(content)

    def told():
        _, (atom,) = read_atom(fetch(server, "gemini", "/latest/atom.xml"))
        _, (item,) = read_json(fetch(server, "gopher", "/latest/feed.json"))
        page = gemini(server, "/entries/one").text
        return atom["updated"] == due, "date_modified" in item, "Updated " in page

    early = told()
    if datetime.datetime.now(datetime.timezone.utc) < due:
        assert early == (False, False, False)
    wait_until(lambda: told() == (True, True, True), "the update is due", 10 + PATIENCE)
    assert datetime.datetime.now(datetime.timezone.utc) >= due


# --------------------------------------------------------------------------- feeds of issues


ISSUES = ["/issues/" + name for name in MEDIA]


def week(day):
    """The path of the issue that has that day, and the noon of its last day."""
    last = datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc) + datetime.timedelta(
        days=6 - day.weekday())
    return "/issues/{:04}-W{:02}".format(*day.isocalendar()[:2]), last


@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
@pytest.mark.parametrize("path", ISSUES)
def test_f04_f06_f07_f11_every_feed_of_issues_is_right(server, protocol, path):
    """An item is a week, newest first, dated by its last day; its id is the same on both."""
    head, items = read(fetch(server, protocol, path), path)
    days = [datetime.date(2020, n, 15) for n in range(12, 0, -1)] + [datetime.date(2019, 5, 1)] + [
        datetime.date(2018, 1, n + 1) for n in reversed(range(len(sample.HOSTILE)))]
    weeks = list(dict.fromkeys(week(day) for day in days))
    assert len(weeks) == 15
    assert [item["id"] for item in items] == [f"gemini://{HOST}{place}" for place, _ in weeks]
    if path.endswith("json"):
        assert [instant(item["date_published"]) for item in items] == [last for _, last in weeks]
        assert all(item["url"].startswith(base(server, protocol)) for item in items)
    else:
        assert [item["published"] for item in items] == [last for _, last in weeks]
        assert "A Sample Digest: Issues" in (head.findtext(ATOM + "title"), head.findtext("title"))
    if path.endswith("atom.xml"):
        assert one(head, ATOM + "id") == f"gemini://{HOST}/issues/" and dict(links(head))["self"] == url(
            server, protocol, path)


@pytest.mark.parametrize("path", ISSUES)
def test_an_issue_in_a_feed_has_its_entries_apart(server, path):
    _, items = read(fetch(server, "gemini", path), path)
    assert text_of(items[0]) == ("Networks\n\nEntry number 12, by Jane Roe and John Doe\nhttps://example.org/12\n\n"
                                 "What number 12 says.\n\n* and why")
    several = text_of(items[-1]).split("\n\n")
    entries = [part for part in several if re.search(r", by Jane Roe\nhttps://example.org/odd-\d$", part)]
    assert len(entries) == 7 and "" not in several


@pytest.mark.parametrize("path", ISSUES)
def test_f11_the_same_issues_on_both(server, path):
    test_f11_the_same_feed_on_both(server, path)


@pytest.mark.parametrize("path", ISSUES)
def test_the_newest_20_issues_are_fed(shipped, path):
    listed = [link.url for link in gemtext(gemini(shipped, "/issues/").body)
              if link.kind == "link" and re.match(r"\d{4}-", link.text)]
    _, items = read(fetch(shipped, "gemini", path), path)
    assert [urllib.parse.urlsplit(item["id"]).path for item in items] == listed[:20]


def test_an_issue_is_fed_when_it_is_complete(tmp_path, start):
    """Not the week that grows, whose item would change under the readers."""
    now = datetime.datetime.now(datetime.timezone.utc)
    days = [now.date(), now.date() - datetime.timedelta(days=7), now.date() + datetime.timedelta(days=7)]
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"Of {day}", day.isoformat(), slug=f"of-{day}", url=f"https://example.org/{day}")
        for day in days)})
    server = start(content)
    assert week(days[0])[0] in gemini(server, "/issues/").text
    for path in ISSUES:
        _, items = read(fetch(server, "gemini", path), path)
        assert [urllib.parse.urlsplit(item["id"]).path for item in items] == [week(days[1])[0]]


def test_f11_an_issue_is_as_new_as_what_was_updated_in_it(tmp_path, start):
    """What was updated before its last day was over was so when the issue came out."""
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"Of {day}", f"2020-03-{day}", slug=f"of-{day}", url=f"https://example.org/{day}", **more)
        for day, more in (("02", {"updated": "2020-04-01"}), ("03", {"updated": "2020-04-02T08:00:00+02:00"}),
                          ("04", {"updated": "2999-01-01"}), ("09", {"updated": "2020-03-14"}), ("10", {})))})
    server = start(content)
    feed, items = read_atom(fetch(server, "gemini", "/issues/atom.xml"))
    assert [(item["published"], item["updated"]) for item in items] == [
        (instant("2020-03-15T12:00:00Z"), instant("2020-03-15T12:00:00Z")),
        (instant("2020-03-08T12:00:00Z"), instant("2020-04-02T06:00:00Z"))]
    _, items = read_json(fetch(server, "gemini", "/issues/feed.json"))
    assert [item.get("date_modified") for item in items] == [None, "2020-04-02T08:00:00+02:00"]


def test_c09_long_issues_make_no_feed_over_2_mib(tmp_path, start):
    """Past a bound an entry has no summary, and past another none is named."""
    words = "".join(f"* item {n} <of> \"what\" it says\n" for n in range(100))
    monday = datetime.date(2020, 1, 6)
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, **{f"entries/{w}.yaml": "".join(
        sample.entry(f"Entry {w} {n}", f"{monday + datetime.timedelta(days=7 * w)}", slug=f"e-{w}-{n}",
                     url=f"https://example.org/{w}/{n}/", summary=f"{words if n < 30 else ''}\nLast words of {n}.\n")
        for n in range(1000)) for w in range(21)}})
    server = start(content)
    for path in ISSUES:
        data = fetch(server, "gemini", path)
        _, items = read(data, path)
        assert len(items) == 20 and 2 ** 19 < len(data) < 2 ** 20 * 1.5
    for item in items:
        text = item["content_text"]
        assert 32_000 < len(text) < 33_000
        named = re.findall(r"^Entry \d+ \d+, by Jane Roe\nhttps://example\.org/\d+/\d+/$", text, re.M)
        assert text.endswith(f"\n\nAnd {1000 - len(named)} more") and 100 < len(named) < 1000
        assert 0 < text.count("Last words of") < 30, "whole, or not at all"


# --------------------------------------------------------------------------- the shipped digest


def chain(server, protocol):
    """(path, feed, entries) of each document of the archive, from the feed to subscribe to."""
    path = "/latest/atom.xml"
    while path:
        feed, entries = read_atom(fetch(server, protocol, path))
        yield path, feed, entries
        older = dict(links(feed)).get("prev-archive", "")
        path = path_of(server, protocol, older)


@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
def test_the_archive_has_every_entry_once(shipped, protocol):
    """RFC 5005 s4: links both ways, and a reader who follows them has everything."""
    (path, feed, newest), *archive = chain(shipped, protocol)
    assert len(newest) == 50 and feed.find(HISTORY + "archive") is None
    ids = [entry["id"] for _, _, entries in archive for entry in entries]
    slugs = [slug for file in SHIPPED.glob("entries/**/*.yaml")
             for slug in re.findall(r"^(?:- |  )slug: *[\"']?([^\s\"']+)", file.read_text(), re.M)]
    assert sorted(entry.rpartition("/")[2] for entry in ids) == sorted(slugs)
    assert ids[:50] == [entry["id"] for entry in newest]
    for (_, document, _), newer in zip(archive, [None, *archive]):
        assert document.find(HISTORY + "archive") is not None and one(document, ATOM + "id") == one(feed, ATOM + "id")
        own = dict(links(document))
        assert own["current"] == dict(links(feed))["self"]
        assert own.get("next-archive") == (dict(links(newer[1]))["self"] if newer else None)


def test_c09_a_year_of_very_many_entries_has_several_documents(tmp_path, start):
    """In a chain with those of the other years, each within what clients take."""
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"E{n}", f"{2019 + n % 2}-{1 + n // 2 % 12:02}-{1 + n // 24 % 28:02}", slug=f"e{n}",
                     url=f"https://example.org/{n}", summary="word " * 60) for n in range(4100))})
    server = start(content)
    (_, feed, newest), *archive = chain(server, "gemini")
    assert [path for path, _, _ in archive] == [
        f"/archive/{year}/{part}atom.xml" for year in (2020, 2019) for part in ("", "part_2/")]
    ids = [entry["id"] for _, _, entries in archive for entry in entries]
    assert len(ids) == len(set(ids)) == 4100 and ids[:50] == [entry["id"] for entry in newest]
    for (path, document, entries), newer in zip(archive, [None, *archive]):
        assert len(entries) <= 2000 and len(fetch(server, "gemini", path)) < 2 * 1024 * 1024
        assert dict(links(document)).get("next-archive") == (dict(links(newer[1]))["self"] if newer else None)
    assert gemini(server, "/archive/2019/part_1/atom.xml").raw == b"31 /archive/2019/atom.xml\r\n"
    for path in ("/archive/2019/part_3/atom.xml", "/archive/2019/part_0/atom.xml"):
        assert gemini(server, path).status == 51


def test_what_is_not_due_is_not_in_the_archive(server):
    documents = [path for path, _, _ in chain(server, "gemini")]
    assert documents == ["/latest/atom.xml", *(year + "atom.xml" for year in YEARS)]


def test_every_feed_of_the_shipped_digest(shipped):
    """All categories; of tags and authors, which are more than a thousand, every seventh."""
    def linked(path, kind):
        return [link.url for link in gemtext(gemini(shipped, path).body) if re.fullmatch(f"/{kind}/[^/_]+/", link.url)]

    lists = ["/latest/", *linked("/categories/", "categories"), *linked("/tags/", "tags")[::7],
             *linked("/authors/", "authors")[::7], *linked("/authors/page_2", "authors")[::7]]
    assert len(lists) > 100

    def check(job):
        path, name = job
        _, items = read(fetch(shipped, "gemini", path + name), name)
        assert 0 < len(items) <= 50
        return items

    jobs = [(path, name) for path in lists for name in MEDIA]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        feeds = dict(zip(jobs, pool.map(check, jobs)))
    for path in lists:
        atom, rss, js = ([item["id"] for item in feeds[path, name]] for name in MEDIA)
        assert atom == rss == js, path


# -------------------------------------------------------------------------- independent judges


def need(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


def filtered(command, data=b"", **options):
    done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, **options)
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("where", ["server", "nasty"])
def test_f10_xmllint(request, where):
    need("xmllint")
    server = request.getfixturevalue(where)
    paths = ["/latest/atom.xml", "/latest/rss.xml", "/feeds/categories.opml"]
    for path in paths + (ATOM_FEEDS + RSS_FEEDS + ISSUES[:2] if where == "server" else []):
        for protocol in ("gemini", "gopher"):
            filtered(["xmllint", "--noout", "--nonet", "-"], fetch(server, protocol, path))


@pytest.mark.parametrize("where", ["server", "nasty"])
@pytest.mark.parametrize("protocol", ["gemini", "gopher"])
def test_f04_f06_feedparser(request, where, protocol):
    feedparser = pytest.importorskip("feedparser")
    server = request.getfixturevalue(where)
    for path in ATOM_FEEDS + RSS_FEEDS + ISSUES[:2] if where == "server" else ["/latest/atom.xml", "/latest/rss.xml"]:
        data = fetch(server, protocol, path)
        got, (_, items) = feedparser.parse(data), read(data, path)
        assert not got.bozo, f"{path}: {got.get('bozo_exception')}"
        assert got.version == ("atom10" if path.endswith("atom.xml") else "rss20")
        assert [entry.id for entry in got.entries] == [item["id"] for item in items]
        for entry in got.entries:
            assert entry.title and entry.published_parsed and entry.link.startswith(base(server, protocol))
            assert path in ISSUES or any(link.rel == "related" for link in entry.links)


@pytest.mark.parametrize("where", ["server", "nasty"])
def test_atom_and_rss_say_the_same_text(request, where):
    """A reader takes that of Atom as it is, that of RSS for HTML: neither loses a word or a paragraph."""
    feedparser = pytest.importorskip("feedparser")
    server = request.getfixturevalue(where)
    atom, rss = (feedparser.parse(fetch(server, "gemini", f"/latest/{name}.xml")) for name in ("atom", "rss"))
    assert html.unescape(rss.feed.subtitle) == atom.feed.get("subtitle", atom.feed.title)
    texts = []
    for entry in atom.entries:
        named = [f"{link.title}: {link.href}" for link in entry.links if "title" in link]
        texts.append("\n\n".join(filter(None, [entry.get("summary"), "\n".join(named)])) or None)
    assert [entry.get("summary") and plain(entry.summary) for entry in rss.entries] == texts
    assert len(list(filter(None, texts))) >= len(NASTY)
    assert all(entry.summary_detail.type == "text/html" for entry in rss.entries if "summary" in entry)


@pytest.mark.parametrize("path", ["/latest/atom.xml", "/latest/rss.xml"])
def test_f04_f06_sfeed(server, path):
    need("sfeed")
    data = fetch(server, "gopher", path)
    lines = [line.split("\t") for line in filtered(["sfeed"], data).decode().splitlines()]
    _, items = read(data, path)
    assert [line[5] for line in lines] == [item["id"] for item in items]
    assert [int(line[0]) for line in lines] == [int(item["published"].timestamp()) for item in items]
    assert all(line[2].startswith(base(server, "gopher") + "1/entries/") for line in lines)
    plain = filtered(["sfeed_plain"], filtered(["sfeed"], data)).decode()
    assert re.search(r"2020-12-15 \d\d:00 +Entry number 12 +" + re.escape(lines[0][2]), plain)


@pytest.mark.parametrize("path", ["/latest/atom.xml", "/latest/rss.xml"])
def test_f04_f06_newsboat(server, tmp_path, path):
    need("newsboat")
    (tmp_path / "feed").write_bytes(fetch(server, "gemini", path))
    (tmp_path / "urls").write_text(f'"exec:cat {tmp_path}/feed"\n')
    (tmp_path / "config").write_text("")
    command = ["newsboat", "-u", tmp_path / "urls", "-C", tmp_path / "config", "-c", tmp_path / "cache.db"]
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    filtered([*command, "-q", "-x", "reload"], env=env)
    assert filtered([*command, "-q", "-x", "print-unread"], env=env).decode().startswith(f"{LISTS['/latest/']} ")


# ---------------------------------------------------------------------------- digestd render


@pytest.mark.parametrize("name", MEDIA)
def test_render(server, name):
    """A list's path or that of any of its feeds will do."""
    form = {"atom.xml": "atom", "rss.xml": "rss", "feed.json": "json"}[name]
    for path in ("/tags/even/", "/tags/even", "/tags/even/rss.xml"):
        done = run("render", "-C", server.content, "--hostname", HOST, "-o", f"gemini_port={server.gemini_port}",
                   form, path)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout == fetch(server, "gemini", "/tags/even/" + name)


@pytest.mark.parametrize("path", ["/", "/about", "/tags/none/", "/latest/2", "/archive/2020/03/"])
def test_render_of_no_list(content, path):
    done = run("render", "-C", content, "atom", path)
    assert done.returncode == 1 and done.stdout == b"" and b"/feeds/" in done.stderr


@pytest.mark.parametrize("path", ["/archive/2020/", "/archive/2020", "/archive/2020/rss.xml"])
def test_render_of_a_year_which_has_one_feed(content, path):
    assert run("render", "-C", content, "atom", path).returncode == 0
    for form in ("rss", "json"):
        done = run("render", "-C", content, form, path)
        assert done.returncode == 1 and done.stdout == b""
        assert done.stderr.decode() == f"digestd render: {path}: its feed is there as atom\n"


def test_render_of_a_feed_as_text(content):
    done = run("render", "-C", content, "text", "/latest/atom.xml")
    assert done.returncode == 1 and done.stdout == b"" and b"atom, rss or json" in done.stderr
