"""Issues of the digest: what came in a week, or a month, as one page to read offline or to mail."""

import collections
import concurrent.futures
import datetime
import re
import shutil
import urllib.parse

import pytest

import sample
from smallweb import (HOST, PATIENCE, SHIPPED, gemini, gemtext, gopher, is_error_item, menu, run, wait_until,
                      write_content)

LIMIT = 64 * 1024

# The day written and the address of every shipped entry.
ENTRIES = [(datetime.date.fromisoformat(date), url) for file in sorted(SHIPPED.glob("entries/**/*.yaml"))
           for url, date in re.findall(r"^  url: *[\"']?(\S+?)[\"']?\n(?:  .*\n)*?  date: (\S{10})", file.read_text(),
                                       re.M)]


def week(day):
    year, number, _ = day.isocalendar()
    return f"{year:04}-W{number:02}"


def links(reply):
    return [line for line in gemtext(reply.body) if line.kind == "link"]


def all_issues(server):
    """(path, label) of every issue in the list, through all its pages."""
    found, path = [], "/issues/"
    while path:
        here = links(gemini(server, path))
        found += [(link.url, link.text) for link in here if re.match(r"\d{4}-\d\d-\d\d ", link.text)]
        path = next((link.url for link in here if link.text.startswith("Next page")), None)
    return found


def read_issue(server, path):
    """The addresses that an issue leads to outside, on either protocol, and the size of its largest page."""
    outside, size = ([], []), 0
    while path:
        reply, data = gemini(server, path), gopher(server, path)
        here = links(reply)
        outside[0].extend(link.url for link in here if not re.match(r"/|gopher://%s" % re.escape(server.host), link.url))
        outside[1].extend(item.selector[4:] for item in menu(data)
                          if item.type == "h" and item.display != "This page on Gemini")
        size = max(size, len(reply.raw), len(data))
        path = next((link.url for link in here if link.text.startswith("Next page")), None)
    return outside, size


def read_all(server):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        paths = [path for path, _ in all_issues(server)]
        return dict(zip(paths, pool.map(lambda path: read_issue(server, path), paths)))


def assert_each_entry_once(issues, slug_of):
    for protocol in (0, 1):
        listed = collections.Counter()
        for path, (outside, _) in issues.items():
            listed.update((path, urllib.parse.unquote(url)) for url in outside[protocol])
        want = collections.Counter((f"/issues/{slug_of(day)}", urllib.parse.unquote(url)) for day, url in ENTRIES)
        assert listed == want


@pytest.fixture(scope="module")
def issues(shipped):
    return read_all(shipped)


def test_every_entry_is_in_the_issue_of_its_week(issues):
    assert len(ENTRIES) > 2000
    assert_each_entry_once(issues, week)


def test_no_page_of_an_issue_is_over_64_kb(issues):
    assert max(size for _, size in issues.values()) < LIMIT


def test_f01_f02_f03_the_list_can_be_subscribed_to(shipped):
    found = all_issues(shipped)
    days = [datetime.date.fromisoformat(label[:10]) for _, label in found]
    assert days == sorted(days, reverse=True) and {day.weekday() for day in days} == {6}
    assert len(set(found)) == len({path for path, _ in found}) == len(days)
    assert all(path == f"/issues/{week(day)}" for (path, _), day in zip(found, days))
    lines = gemtext(gemini(shipped, "/issues/").body)
    dated = [n for n, line in enumerate(lines) if line.kind == "link" and re.match(r"\d{4}-", line.text)]
    assert dated == list(range(dated[0], dated[0] + 50)), "nothing stands between"
    items = [item.display for item in menu(gopher(shipped, "/issues/")) if item.type == "1"]
    assert items[:50] == [label for _, label in found[:50]], "a line has room for each"


def test_an_issue_says_what_it_has(shipped):
    count = sum(week(day) == "2019-W46" for day, _ in ENTRIES)
    lines = gemtext(gemini(shipped, "/issues/2019-W46").body)
    assert lines[0].text.endswith(": Week 46, 11 to 17 November 2019")
    assert lines[2].text == f"{count} entries."
    names = re.findall(r"- \{name: ([^,]+), slug", (SHIPPED / "digest.yaml").read_text())
    headings = [line.text for line in lines if line.kind == "heading" and line.level == 2]
    assert headings[:-1] == [name for name in names if name in headings], "in the digest's order"
    assert f"2019-11-17 Week 46, 11 to 17 November 2019 ({count})" in dict(map(reversed, all_issues(shipped)))


def test_an_issue_is_fit_to_be_mailed():
    done = run("render", "-C", SHIPPED, "--hostname", HOST, "text", "/issues/2019-W46")
    assert done.returncode == 0 and done.stderr == b""
    text = done.stdout.decode()
    lines = text.splitlines()
    assert text.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert not any(line.endswith(" ") for line in lines) and "\n\n\n" not in text
    addresses = [line for line in lines if re.fullmatch(r" +[a-z]+://\S+", line)]
    assert all(len(line) <= 72 for line in lines if line not in addresses)
    for day, url in ENTRIES:
        assert (f"  {url}" in addresses) == (week(day) == "2019-W46"), url
    assert f"  gemini://{HOST}/issues/" in addresses


def test_a_monthly_digest(tmp_path, start):
    content = tmp_path / "content"
    shutil.copytree(SHIPPED, content)
    with open(content / "digest.yaml", "a") as settings:
        settings.write("\nissues: monthly\n")
    server = start(content)
    monthly = read_all(server)
    assert_each_entry_once(monthly, lambda day: f"{day:%Y-%m}")
    assert max(size for _, size in monthly.values()) < LIMIT
    days = [datetime.date.fromisoformat(label[:10]) for _, label in all_issues(server)]
    assert all((day + datetime.timedelta(days=1)).day == 1 for day in days), "dated by their last day"
    assert gemini(server, "/issues/2019-W46").status == 51
    assert gemtext(gemini(server, "/issues/2019-11").body)[0].text.endswith(": Issue of November 2019")


def test_a_long_issue_has_several_pages(tmp_path, start):
    """And cuts nothing: each entry is on one of them, with all it says."""
    words = "".join(f"* item {n} of what it says\n" for n in range(60))
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"Entry {n}", f"2020-02-{n % 7 + 3:02}", slug=f"e-{n}", url=f"https://example.org/{n}/",
                     summary=f"{words}\nLast words of {n}.\n", categories=["networks" if n % 3 else "tools"])
        for n in range(100))})
    server = start(content)
    outside, size = read_issue(server, "/issues/2020-W06")
    assert [sorted(urls) for urls in outside] == [sorted(f"https://example.org/{n}/" for n in range(100))] * 2
    assert LIMIT / 2 < size < LIMIT
    first, second = (gemini(server, f"/issues/2020-W06{rest}").text for rest in ("", "/2"))
    pages = int(re.search(r"100 entries\. This is page 1 of (\d)\.", first)[1])
    assert pages > 1 and f"This is page 2 of {pages}." in second and ", page 2\n" in second
    assert "=> /issues/2020-W06/2 Next page" in first and "=> /issues/2020-W06 Previous page" in second
    assert gemini(server, "/issues/2020-W06/1").raw == b"31 /issues/2020-W06\r\n"
    assert gemini(server, f"/issues/2020-W06/{pages}").status == 20
    assert gemini(server, f"/issues/2020-W06/{pages + 1}").raw == f"30 /issues/2020-W06/{pages}\r\n".encode()
    whole = "".join(gemini(server, f"/issues/2020-W06{rest}").text
                    for rest in [""] + [f"/{n}" for n in range(2, pages + 1)])
    assert all(whole.count(f"\nLast words of {n}.\n") == 1 for n in range(100))


def test_an_issue_of_lists_of_links_stays_below_64_kb(tmp_path, start):
    """Each link brings the name of the server and the fields of an item."""
    body = "".join(f"=> /entries/e-{n}\n" for n in range(40))
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"Entry {n}", "2020-02-03", slug=f"e-{n}", url=f"https://example.org/{n}/", summary=body)
        for n in range(60))})
    server = start(content, hosts=["a-very-long-name-of-a-server." * 8 + "example"])
    outside, size = read_issue(server, "/issues/2020-W06")
    assert len(outside[0]) == 60 and size < LIMIT


def test_a_growing_issue_says_which_page_it_is(tmp_path, start):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    words = "".join(f"* item {n} of what it says\n" for n in range(60))
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml": "".join(
        sample.entry(f"Entry {n}", f"{today}", slug=f"e-{n}", url=f"https://example.org/{n}/", summary=words)
        for n in range(50))})
    server = start(content)
    text = gemini(server, f"/issues/{week(today)}/2").text
    assert re.search(r"(?m)^50 entries so far\. It is complete when \d+ \w+ \d+ is over\. This is page 2 of \d\.$", text)


def test_an_issue_has_the_other_links_of_its_entries(server):
    """Below the summary of each, so that a reader offline knows where else it is talked of."""
    lines = gemtext(gemini(server, "/issues/2019-W18").body)
    after = lines[[line.text for line in lines].index("Quoted"):]
    found = [line.url for line in after if line.kind == "link"]
    assert found[1:4] == ["gopher://phlog.example/1/phlog", "gopher://phlog.example:7070/0/notes.txt",
                          "https://web.example/?a=1&b=2#c"]


def test_an_issue_appears_with_its_first_entry(tmp_path, start):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    due = now + datetime.timedelta(seconds=4)
    later = now + datetime.timedelta(days=21)
    content = write_content(tmp_path / "c", {"digest.yaml": sample.SITE, "entries/all.yaml":
        sample.entry("Soon", due.isoformat(), slug="soon", url="https://example.org/soon")
        + sample.entry("Later", f"{later:%Y-%m-%d}", slug="later", url="https://example.org/later")})
    server = start(content)
    path = f"/issues/{week(due.date())}"
    reply, item, issues = gemini(server, path), gopher(server, path), gemini(server, "/issues/")
    if datetime.datetime.now(datetime.timezone.utc) < due:
        assert reply.status == 51 and is_error_item(item)
        assert path not in issues.text
    wait_until(lambda: gemini(server, path).status == 20, "the entry is due", 10 + PATIENCE)
    assert datetime.datetime.now(datetime.timezone.utc) >= due
    assert gemini(server, f"/issues/{week(later.date())}").status == 51
    assert "1 entry so far. It is complete when" in gemini(server, path).text
    listed = [link.text for link in links(gemini(server, "/issues/")) if link.url == path]
    assert len(listed) == 1 and listed[0].startswith("Not complete yet: "), "no date that would change"
