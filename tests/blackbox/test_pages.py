"""What pages say, in both protocols: gemtext rows T-01 to T-08, subscriptions F-01 to F-03, and the
rules of the content that show only when it is served.

smallweb.gemtext and smallweb.menu hold every page that any test fetches to the rows about form;
test_crawl.py fetches all of the shipped ones. Reading gemtext, rule by rule, is the unit test
test_gemtext's; Atom and its like are test_feeds.py's.
"""

import datetime
import re
from urllib.parse import unquote

import pytest

import sample
from smallweb import (HOST, PATIENCE, gemini, gemtext, gopher, is_error_item, menu, own_links, run, wait_until,
                      write_content)

LISTS = ["/latest/", "/latest/2", "/latest/3", "/categories/networks/", "/categories/networks/2", "/tags/odd/",
         "/tags/odd-titles/", "/authors/jane-roe/", "/authors/john-doe/", "/archive/2020/03/", "/archive/2018/01/"]


def page(server, path):
    return gemtext(gemini(server, path).body)


def links(lines):
    return [line for line in lines if line.kind == "link"]


def dated(lines):
    return [line for line in links(lines) if re.match(r"\d{4}-\d\d-\d\d", line.text)]


# ------------------------------------------------------------------------------------- gemtext


@pytest.mark.parametrize("path", sample.PAGES)
def test_t01_t04_t06_every_kind_of_page(server, path):
    lines = page(server, path)
    assert (lines[0].kind, lines[0].level) == ("heading", 1), "a page begins with its title"
    assert [line.level for line in lines if line.kind == "heading"].count(1) == 1
    assert not any(line.kind == "heading" and line.level == 2 and n > 1 and not lines[n - 1].text == ""
                   for n, line in enumerate(lines)), "only a subtitle follows directly"


def test_t06_titles_are_distinctive(server):
    titles = [page(server, path)[0].text for path in sample.PAGES]
    assert sorted(titles) == sorted(set(titles))


def test_t06_titles_are_distinctive_in_a_monthly_digest(tmp_path, start):
    """Where an issue has the entries of a month of the archive."""
    server = start(write_content(tmp_path / "c", sample.FILES | {"digest.yaml": sample.SITE + "issues: monthly\n"}))
    paths = [path for path in sample.PAGES if not path.startswith("/issues/2")] + ["/issues/2020-03", "/issues/2018-01"]
    titles = [page(server, path)[0].text for path in paths]
    assert sorted(titles) == sorted(set(titles))
    assert titles[-2:] == ["A Sample Digest: Issue of March 2020", "A Sample Digest: Issue of January 2018"]


def test_t06_subtitle(server):
    lines = page(server, "/")
    assert (lines[1].kind, lines[1].level, lines[1].text) == ("heading", 2, "one of everything")


@pytest.mark.parametrize("n", range(len(sample.HOSTILE)))
def test_t02_t03_t08_a_title_is_only_a_title(server, n):
    """Whatever it looks like: on its own page, in lists, and beside its neighbours."""
    title = sample.HOSTILE[n]
    lines = page(server, f"/entries/odd-{n}")
    assert lines[0].kind == "heading" and lines[0].text.strip() == title.strip()
    assert not any("evil" in line.url for line in lines)
    assert [line for line in lines if line.kind in ("fence", "pre", "quote", "item")] == []
    listed = dated(page(server, "/archive/2018/01/") + page(server, "/archive/2018/01/2"))
    mine = [line for line in listed if line.url == f"/entries/odd-{n}"]
    label = f"2018-01-{n + 1:02} {title}"
    assert mine and (mine[0].text == label or (len(label.encode()) > 250 and mine[0].text.endswith("…")
                                               and label.startswith(mine[0].text[:-1])))
    assert "." in [line.text for line in lines if line.kind == "text"], "a paragraph that is one dot"


def test_t03_text_that_looks_like_markup_is_defused(tmp_path):
    """Where words of the digest become text of a page: descriptions, notes, names."""
    site = sample.SITE.replace('"Wires and words."', '"=> /fake A link"').replace("Jane Roe, email", '"# Jane", email')
    write_content(tmp_path, sample.FILES | {
        "digest.yaml": site.replace("subtitle: one of everything", 'subtitle: "# sub"'),
        "entries/2020/all.yaml": "".join(
            sample.entry(f"By {name}", f"2021-01-0{n}", slug=f"by-{n}", url=f"https://example.org/by-{n}", author=name)
            for n, name in enumerate(["=> /fake name", "# Heading", "``` fence", "* item", "> quote"], 1))})
    for path in ("/", "/latest/", "/categories/", "/categories/networks/", "/authors/", "/entries/by-1",
                 "/entries/by-3"):
        done = run("render", "-C", tmp_path, "gemini", path)
        assert done.returncode == 0, done.stderr
        lines = gemtext(done.stdout.split(b"\r\n", 1)[1])
        assert "/fake" not in [line.url for line in lines]
        assert not [line for line in lines if line.kind in ("fence", "pre", "quote", "item")], path
        assert [line.level for line in lines if line.kind == "heading"].count(1) == 1


def test_t04_t05_summary_is_gemtext(server):
    lines = page(server, "/entries/capsule")
    at = [line.kind for line in lines].index("fence")
    assert [(line.kind, line.text) for line in lines[at:at + 3]] == [
        ("fence", "sh"), ("pre", "curl gemini://capsule.example/"), ("fence", "")]
    assert ("quote", "Quoted") in [(line.kind, line.text) for line in lines]
    assert "/about" in [line.url for line in lines]
    assert [line.text for line in page(server, "/entries/entry-3") if line.kind == "item"] == ["and why"]


def test_t07_internal_links_are_root_relative(server):
    for path in sample.PAGES:
        for link in links(page(server, path)):
            assert link.url.startswith("/") or re.match(r"[a-z]+:", link.url), link
            assert not link.url.startswith(("//", f"gemini://{HOST}"))


def test_static_page_resolves_relative_links(server):
    assert "/entries/entry-1" in [line.url for line in page(server, "/about")]
    assert "/entries/entry-1" in own_links(server, menu(gopher(server, "/about")))
    assert [line.text for line in page(server, "/about") if line.kind == "item"] == ["one", "two"]


# --------------------------------------------------------------------------------- subscriptions


@pytest.mark.parametrize("path", LISTS)
def test_f01_f02_f03_lists_can_be_subscribed_to(server, path):
    """Dated links as Lagrange reads them, newest first, each once, and nothing between them that
    would make TLGS count anew."""
    entries = dated(page(server, path))
    assert entries
    for link in entries:
        raw = f"=> {link.url} {link.text}"
        assert re.match(r"^=>\s*(\S+)\s+(\d{4}-[01]\d-[0-3]\d)([^0-9].*)", raw), raw
        datetime.date.fromisoformat(link.text[:10])
        assert link.url.startswith("/entries/")
    days = [link.text[:10] for link in entries]
    assert days == sorted(days, reverse=True)
    assert len({link.url for link in entries}) == len(entries)
    every = links(page(server, path))
    first = every.index(entries[0])
    assert every[first:first + len(entries)] == entries, "no other link between them"


def test_f03_front_page_too(server):
    assert len(dated(page(server, "/"))) == 4


# -------------------------------------------------------------------------------- what is shown


def test_pages_of_a_list(server):
    """Each entry is on exactly one page, in one order, and the pages lead to one another."""
    seen = []
    for n, path in enumerate(("/latest/", "/latest/2", "/latest/3", "/latest/4", "/latest/5"), 1):
        lines = page(server, path)
        seen += [link.url for link in dated(lines)]
        assert any(re.search(rf"\b{n} of 5\b", line.text) for line in lines if line.kind == "text"), "page n of 5"
        turns = {line.text.split(":")[0]: line.url for line in links(lines) if re.search(r"\d of 5", line.text)}
        want = {"Next page": n + 1, "Previous page": n - 1, "First page": 1 if n > 2 else 0,
                "Last page": 5 if n < 4 else 0}
        assert turns == {label: "/latest/" if to == 1 else f"/latest/{to}" for label, to in want.items() if 1 <= to <= 5}
    total = 12 + 1 + len(sample.HOSTILE)
    assert len(seen) == len(set(seen)) == total
    assert "/latest/6" not in seen and gemini(server, "/latest/6").raw == b"30 /latest/5\r\n"
    assert seen[:12] == [f"/entries/entry-{n}" for n in range(12, 0, -1)]


def test_entry_page_leads_on(server):
    urls = [line.url for line in links(page(server, "/entries/entry-4"))]
    for want in ("https://example.org/4", "/categories/networks/", "/tags/even/", "/authors/jane-roe/",
                 "/authors/john-doe/", "/entries/entry-5", "/entries/entry-3", "/",
                 f"gopher://{HOST}:{server.gopher_port}/1/entries/entry-4"):
        assert want in urls
    words = "\n".join(line.text for line in page(server, "/entries/entry-4"))
    assert "Jane Roe" in words and "15 April 2020" in words and "What number 4 says." in words


def test_entry_without_neighbours_at_the_ends(server):
    newest, oldest = (links(page(server, path)) for path in ("/entries/entry-12", "/entries/odd-0"))
    assert not any(line.text.startswith("Newer") for line in newest)
    assert any(line.text.startswith("Older") for line in newest)
    assert any(line.text.startswith("Newer") for line in oldest)
    assert not any(line.text.startswith("Older") for line in oldest)


@pytest.mark.parametrize("slug", ["draft", "withdrawn", "not-yet"])
def test_what_is_not_public_is_in_no_list(server, slug):
    for path in ["/", *LISTS, "/latest/4", "/latest/5", "/tags/", "/authors/", "/archive/", "/entries/odd-0",
                 "/entries/capsule", "/entries/entry-12"]:
        body = gemini(server, path).text + gopher(server, path).decode()
        assert f"/entries/{slug}" not in body
        assert "2999" not in body and "Fae Future" not in body and "future" not in body


def test_counts_leave_out_what_is_not_public(server):
    total = 12 + 1 + len(sample.HOSTILE)
    assert any(f"{total} entries" in line.text for line in page(server, "/"))
    labels = [line.text for line in links(page(server, "/categories/"))]
    assert f"Networks ({total})" in labels and "Tools (4)" in labels and "Nothing Yet (0)" in labels


def test_an_entry_appears_when_its_time_comes(tmp_path, start):
    """And what was cached before is not shown any more."""
    due = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2.5)).replace(microsecond=0)
    content = write_content(tmp_path / "c", sample.FILES | {"entries/2025/soon.yaml": sample.entry(
        "Soon", due.isoformat(), slug="soon", url="https://example.org/soon")})
    server = start(content)
    reply, item = gemini(server, "/entries/soon"), gopher(server, "/entries/soon")
    lists = gemini(server, "/").text + gopher(server, "/").decode() + gemini(server, "/sitemap/").text
    if datetime.datetime.now(datetime.timezone.utc) < due:
        assert reply.status == 51 and is_error_item(item)
        assert "/entries/soon" not in lists
    wait_until(lambda: gemini(server, "/entries/soon").status == 20, "the entry is due", 10 + PATIENCE)
    assert datetime.datetime.now(datetime.timezone.utc) >= due
    assert menu(gopher(server, "/entries/soon")) and not is_error_item(gopher(server, "/entries/soon"))
    for path in ("/", "/latest/", "/sitemap/"):
        assert "/entries/soon" in gemini(server, path).text and b"/entries/soon" in gopher(server, path)


def test_order_of_equal_dates_is_that_of_the_files(tmp_path):
    write_content(tmp_path, {
        "digest.yaml": sample.SITE,
        "entries/b.yaml": sample.entry("B1", "2020-01-01", slug="b1", url="https://e.org/b1")
        + sample.entry("B2", "2020-01-01", slug="b2", url="https://e.org/b2"),
        "entries/a.yaml": sample.entry("A1", "2020-01-01", slug="a1", url="https://e.org/a1")
        + sample.entry("A2", "2020-01-02", slug="a2", url="https://e.org/a2")})
    out = run("render", "-C", tmp_path, "gemini", "/latest/").stdout.decode()
    assert re.findall(r"^=> /entries/(\S+)", out, re.M) == ["a2", "a1", "b1", "b2"]


def test_slug_is_made_from_the_title(tmp_path):
    titles = {"Porting a Gopher server": "porting-a-gopher-server", "  Was ist Ärger?  ": "was-ist-arger",
              "C++ & Rust: 100%": "cplusplus-rust-100"}
    write_content(tmp_path, {"digest.yaml": sample.SITE, "entries/a.yaml": "".join(
        sample.entry(title.strip(), "2020-01-01", url=f"https://e.org/{n}") for n, title in enumerate(titles))})
    out = run("render", "-C", tmp_path, "gemini", "/latest/").stdout.decode()
    assert set(re.findall(r"^=> /entries/(\S+)", out, re.M)) == set(titles.values())


def test_empty_digest(tmp_path, start):
    server = start(write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/none.yaml": ""}))
    said = {"/": "There are no entries yet.", "/latest/": "There are no entries here yet.",
            "/categories/networks/": "There are no entries here yet.", "/archive/": "There are no entries yet.",
            "/issues/": "No issue is complete yet.", "/tags/": "There are no tags yet.",
            "/authors/": "There are no authors yet."}
    for path, sentence in said.items():
        assert sentence in [line.text for line in page(server, path)], path
        assert menu(gopher(server, path))


def test_entry_without_an_author(tmp_path):
    """What is not known is not mentioned."""
    write_content(tmp_path, {"digest.yaml": sample.SITE, "entries/a.yaml": sample.entry(
        "Anonymous", "2020-01-01", slug="a", url="https://e.org/").replace('  author: "Jane Roe"\n', "")})
    text = run("render", "-C", tmp_path, "text", "/entries/a").stdout.decode()
    assert "1 January 2020" in text and not re.search(r"\b[Bb]y\b", text)
    assert re.search(r"(?m)^  In Networks", run("render", "-C", tmp_path, "text", "/latest/").stdout.decode())


def test_one_and_none_read_as_a_person_writes(tmp_path):
    write_content(tmp_path, {"digest.yaml": sample.SITE, "entries/a.yaml": sample.entry(
        "One", "2020-01-01", slug="a", url="https://e.org/")})
    pages = {path: run("render", "-C", tmp_path, "text", path).stdout.decode()
             for path in ("/", "/latest/", "/authors/", "/tags/", "/archive/2020/", "/archive/")}
    assert "1 entry" in pages["/"] and "1 entry" in pages["/latest/"] and "1 author" in pages["/authors/"]
    for path, text in pages.items():
        assert not re.search(r"\b1 (entries|authors|tags|categories)\b", text), path
        assert not re.search(r"(?m)^no ", text), f"{path}: a sentence begins with a capital"
    assert "from 1 January 2020 to 1 January 2020" not in pages["/"]


@pytest.mark.parametrize("editor, said", [
    ("{name: Jane Roe, email: jane@example.org}", "Edited by Jane Roe <jane@example.org>."),
    ("{email: jane@example.org}", "Edited by jane@example.org."), ("{name: Jane Roe}", "Edited by Jane Roe.")])
def test_g22_the_editor_is_named_as_far_as_known(tmp_path, editor, said):
    write_content(tmp_path, sample.FILES | {
        "digest.yaml": sample.SITE.replace("{name: Jane Roe, email: jane@example.org}", editor)})
    assert said in run("render", "-C", tmp_path, "text", "/about").stdout.decode().splitlines()


def test_one_list_of_each_kind_reads_as_a_person_writes(tmp_path):
    site = sample.SITE[:sample.SITE.index("  - {name: Tools")]
    write_content(tmp_path, {"digest.yaml": site, "entries/a.yaml": sample.entry(
        "One", "2020-01-01", slug="a", url="https://e.org/", tags=["one"])})
    for path, said in (("/categories/", "1 category, with its number of entries."), ("/issues/", "1 issue."),
                       ("/tags/", "1 tag, with its number of entries."), ("/", "1 entry, from 2020"),
                       ("/authors/", "1 author, with its number of entries.")):
        assert said in run("render", "-C", tmp_path, "text", path).stdout.decode().splitlines(), path


# --------------------------------------------------------------------------------------- sizes


def sizes(server, paths):
    """The bytes of each page on either protocol, through all the pages that its list has."""
    found = {}
    while paths:
        path = paths.pop()
        reply = gemini(server, path)
        assert reply.status == 20, path
        found[path] = max(len(reply.raw), len(gopher(server, path)))
        paths += [line.url for line in links(gemtext(reply.body)) if line.text.startswith("Next page")]
    return found


def test_no_list_of_the_worst_entries_is_over_64_kb(tmp_path, start):
    """With the longest names and titles that there may be, and as many on a page."""
    names = [f"An author with a very long name indeed, of whom there are very many, number {n}" for n in range(12)]
    content = write_content(tmp_path / "c", {
        "digest.yaml": sample.SITE.replace("page_size: 5", "page_size: 100").replace("latest: 4", "latest: 100"),
        "entries/a.yaml": "".join(sample.entry(
            f"{n} " + "title " * 80, f"2020-01-{n % 28 + 1:02}", slug=f"{n}-" + "s" * 100, author=names,
            url=f"https://example.org/{n}", categories=["networks", "tools", "nothing-yet"]) for n in range(250)),
        "entries/b.yaml": "".join(sample.entry(
            f"Of author {n}", "2019-01-01", slug=f"of-{n}", author=f"{n} " + "name " * 90, tags=[f"{n} " + "tag " * 100],
            url=f"https://example.org/of/{n}") for n in range(450))})
    server = start(content)
    found = sizes(server, ["/", "/latest/", "/categories/networks/", "/archive/2020/01/", "/authors/", "/tags/",
                           "/authors/an-author-with-a-very-long-name-indeed-of-whom-there-are-very-many-number-3/"])
    assert len(found) > 20
    assert max(found.values()) < 64 * 1024, found
    text = gemini(server, "/latest/").text
    assert re.search(r"(?m)^An author .* number 0, An author .*…$", text), "cut, in the middle of a name if need be"


def test_a_page_of_very_many_tags_stays_below_64_kb(tmp_path, start):
    """With links to some of the others only."""
    server = start(write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/a.yaml": "".join(sample.entry(
        f"Entry {n}", "2020-01-01", slug=f"e-{n}", url=f"https://example.org/{n}",
        tags=[f"a tag of an entry {n:03} {m:02}" for m in range(32)]) for n in range(400))}))
    found = sizes(server, ["/tags/"])
    assert len(found) == 64 and max(found.values()) < 64 * 1024
    ways = [line.text for line in links(page(server, "/tags/page_2")) if line.text.startswith("From page")]
    assert len(ways) == 32 and ways[1] == "From page 3: a tag of an entry 012 16 to a tag of an entry 024 31"
    listed = [line.url for path in found for line in links(page(server, path)) if "/tags/a-tag" in line.url]
    assert len(listed) == len(set(listed)) == 12_800


def test_many_authors_are_counted_in_lists_and_named_on_the_page(tmp_path):
    names = [f"Author {n}" for n in range(12)]
    write_content(tmp_path, {"digest.yaml": sample.SITE, "entries/a.yaml": sample.entry(
        "By many", "2020-01-01", slug="a", url="https://e.org/", author=names)})
    text = {path: run("render", "-C", tmp_path, "gemini", path).stdout.decode() for path in ("/latest/", "/entries/a")}
    assert "\nAuthor 0, Author 1 and 10 others, in Networks\n" in text["/latest/"]
    assert "\nBy " + ", ".join(names[:-1]) + " and Author 11, 1 January 2020\n" in text["/entries/a"]


def test_r11_a_folder_of_many_files_has_pages(tmp_path, start):
    """Each file is on one of them, none is over 64 KB, and the sitemap knows them all."""
    files = {f"files/many/{n} {'long name ' * 15}.txt": "" for n in range(1000)}
    server = start(write_content(tmp_path / "c", sample.FILES | files))
    found = sizes(server, ["/files/", "/files/many/"])
    assert max(found.values()) < 64 * 1024 and len(found) > 10
    listed = [unquote(line.url) for path in found for line in links(page(server, path)) if ".txt" in line.url]
    assert {f"/{name}" for name in files} <= set(listed) and len(listed) == len(set(listed))
    sitemap = "".join(gemini(server, path).text for path in sizes(server, ["/sitemap/"]))
    assert all(f"=> {path} " in sitemap for path in found)
    assert gemini(server, "/files/many/.page_99").status == 30 and gemini(server, "/files/.page_1").meta == "/files/"


def test_parity_of_the_sample(server):
    """Same links, same labels, same order; a Gopher label may be cut. What names the other protocol
    is left out (test_crawl.py has the shipped digest)."""
    for path in sample.PAGES:
        one = [(line.url, line.text) for line in links(page(server, path))
               if not line.url.startswith(f"gopher://{HOST}")]
        two = [i for i in menu(gopher(server, path)) if i.type != "i" and f"URL:gemini://{HOST}" not in i.selector]
        assert len(one) == len(two), path
        for (url, text), item in zip(one, two):
            if item.host == HOST and item.selector.startswith("/"):
                assert unquote(url) == item.selector
            cut = item.display.removesuffix("…")
            assert text == item.display or (cut != item.display and text.startswith(cut.rstrip()))
