/*
 * The route table: which path is answered with what, on each protocol, and
 * what pages say of counts, places and time.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "content/load.h"
#include "pages/issues.h"
#include "pages/pages.h"
#include "pages/wording.h"
#include "render/render.h"

/* 2020-06-01T00:00:00Z: the time at which the test reads */
#define NOW 1590969600

static const struct link_site site = {
    {"digest.example.org", 18}, 70, 1965, {"digest.example.org", 18}};

struct fixture {
	char directory[FOLDER_PATH];
	struct digest *digest;
	struct arena *arena;
};

static const char *const files[][2] = {
    {"digest.yaml",
	"title: Small\n"
	"page_size: 2\n"
	"latest: 2\n"
	"categories:\n"
	"  - {name: One, slug: one, description: The first., aliases: [uno]}\n"
	"  - {name: Two, slug: two, description: The second.}\n"
	"  - {name: Empty, slug: empty, description: Nothing yet.}\n"
	"  - {name: Closed, slug: closed, gone: true, aliases: [shut]}\n"
	"robots: {archiver: [/], webproxy: [/files/, /about]}\n"
	"security: {contact: ['mailto:sec@e.example', 'https://e.example/sec'], "
	"expires: 2020-06-01T02:00:01+02:00, policy: 'gemini://e.example/p', "
	"languages: [en, de]}\n"},
    {"entries/a.yaml",
	"- {title: Alpha, url: 'https://a.example/', author: Ann, date: 2019-12-31, categories: "
	"[one], "
	"tags: [x, '2']}\n"
	"- {title: Beta, url: 'https://b.example/', author: Ben, date: 2020-01-01, categories: "
	"[one], "
	"aliases: [bee]}\n"
	"- {title: Gamma, url: 'gemini://c.example/', author: [Ann, Ben], date: 2020-01-02, "
	"categories: [one, two]}\n"
	"- {title: Gone, url: 'https://d.example/', author: Ann, date: 2020-01-03, categories: "
	"[one], "
	"gone: true, aliases: [was-gone]}\n"
	"- {title: Later, url: 'https://e.example/', author: Cem, date: 2020-06-01T00:00:01Z, "
	"categories: [two], tags: [future]}\n"
	"- {title: Draft, url: 'https://f.example/', author: Ann, date: 2020-01-05, categories: "
	"[two], "
	"draft: true}\n"},
    {"pages/about.gmi", "# About it\n\nWords.\n"},
    {"files/notes/a.txt", "A\n"},
};

/* In one folder, so that its list has three pages. */
#define MANY_FILES 161

static int set_up(void **state)
{
	static struct fixture f;
	struct diag_list *diags = diag_new();
	struct buf text = {0};

	folder_make(f.directory, "test_pages");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		folder_write(f.directory, files[i][0], files[i][1]);
	for (int i = 0; i < MANY_FILES; i++) {
		char name[32];

		snprintf(name, sizeof name, "files/many/%03d.txt", i);
		folder_write(f.directory, name, "");
	}
	f.digest = load_digest(f.directory, NOW, diags);
	diag_print(diags, &text);
	if (!f.digest)
		fail_msg("%s", buf_z(&text));
	buf_free(&text);
	diag_free(diags);
	f.arena = arena_new(0);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	digest_unref(f->digest);
	return folder_remove(f->directory);
}

static struct pages_answer find_at(
    struct fixture *f, const char *path, enum pages_protocol protocol, int64_t now)
{
	struct pages_request q = {.digest = f->digest,
	    .now = now,
	    .path = str_of(path),
	    .protocol = protocol,
	    .patient = true,
	    .arena = f->arena};

	return pages_find(&q);
}

static void paths_are_answered(void **state)
{
	static const struct {
		const char *path;
		enum pages_kind gemini, gopher;
		const char *target; /* where Gemini is sent */
	} table[] = {
	    {"/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/latest/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/latest", PAGES_MOVED, PAGES_PAGE, "/latest/"},
	    {"/latest/1", PAGES_MOVED, PAGES_PAGE, "/latest/"},
	    {"/latest/2", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/latest/2/", PAGES_MOVED, PAGES_PAGE, "/latest/2"},
	    {"/latest/3", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/latest/2"},
	    {"/latest/3/", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/latest/2"},
	    {"/latest/4294967295", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/latest/2"},
	    {"/latest/0", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/latest/02", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/latest/4294967297", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/latest/2/3", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/categories/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/categories/one/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/categories/one/2", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/categories/empty/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/categories/empty/2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/categories/empty/"},
	    {"/categories/none", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/categories/uno/", PAGES_MOVED, PAGES_MOVED, "/categories/one/"},
	    {"/categories/uno", PAGES_MOVED, PAGES_MOVED, "/categories/one/"},
	    {"/categories/uno/2", PAGES_MOVED, PAGES_MOVED, "/categories/one/2"},
	    {"/categories/uno/3", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/categories/one/2"},
	    {"/categories/uno/none", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/Categories/Uno", PAGES_MOVED, PAGES_MOVED, "/categories/one/"},
	    {"/categories/closed/", PAGES_GONE, PAGES_GONE, NULL},
	    {"/categories/closed", PAGES_GONE, PAGES_GONE, NULL},
	    {"/categories/closed/2", PAGES_GONE, PAGES_GONE, NULL},
	    {"/categories/shut/", PAGES_GONE, PAGES_GONE, NULL},
	    {"/tags/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/tags/page_1", PAGES_MOVED, PAGES_PAGE, "/tags/"},
	    {"/tags/page_2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/tags/"},
	    {"/tags/page_0", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/tags/2/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/tags/x", PAGES_MOVED, PAGES_PAGE, "/tags/x/"},
	    {"/tags/future/", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/authors/ann/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/authors/cem/", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/archive/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/archive/2020/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/archive/2020/01/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/archive/2020/06/", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/archive/2021/", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/issues/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/issues", PAGES_MOVED, PAGES_PAGE, "/issues/"},
	    {"/issues/1", PAGES_MOVED, PAGES_PAGE, "/issues/"},
	    {"/issues/2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/issues/"},
	    {"/issues/atom.xml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/issues/feed.json/", PAGES_MOVED, PAGES_FEED, "/issues/feed.json"},
	    {"/issues/2020-W01", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/issues/2020-W01/", PAGES_MOVED, PAGES_PAGE, "/issues/2020-W01"},
	    {"/issues/2020-W01/1", PAGES_MOVED, PAGES_PAGE, "/issues/2020-W01"},
	    {"/issues/2020-W01/2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/issues/2020-W01"},
	    {"/Issues/2020-W01", PAGES_MOVED, PAGES_PAGE, "/issues/2020-W01"},
	    {"/issues/2020-w01", PAGES_MOVED, PAGES_PAGE, "/issues/2020-W01"},
	    {"/ISSUES/2020-W01/1", PAGES_MOVED, PAGES_PAGE, "/issues/2020-W01"},
	    {"/issues/2020-w02", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/issues/2020-W1", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/issues/2020-W02", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/issues/2020-W23", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/issues/2020-01", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/entries/alpha", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/entries/alpha/", PAGES_MOVED, PAGES_PAGE, "/entries/alpha"},
	    {"/entries/bee", PAGES_MOVED, PAGES_MOVED, "/entries/beta"},
	    {"/entries/gone", PAGES_GONE, PAGES_GONE, NULL},
	    {"/entries/gone/", PAGES_GONE, PAGES_GONE, NULL},
	    {"/entries/was-gone", PAGES_GONE, PAGES_GONE, NULL},
	    {"/Entries/Alpha", PAGES_MOVED, PAGES_PAGE, "/entries/alpha"},
	    {"/entries/ALPHA/", PAGES_MOVED, PAGES_PAGE, "/entries/alpha"},
	    {"/entries/BEE", PAGES_MOVED, PAGES_MOVED, "/entries/beta"},
	    {"/Entries/None", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/entries/draft", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/entries/later", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/entries/", PAGES_MOVED, PAGES_MOVED, "/latest/"},
	    {"/about", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/about/", PAGES_MOVED, PAGES_PAGE, "/about"},
	    {"/About", PAGES_MOVED, PAGES_PAGE, "/about"},
	    {"/ROBOTS.TXT", PAGES_MOVED, PAGES_TEXT, "/robots.txt"},
	    {"/random/", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/entries/gamma"},
	    {"/sitemap/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/sitemap/2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/sitemap/"},
	    {"/.well-known/", PAGES_MOVED, PAGES_MOVED, "/sitemap/"},
	    {"/.well-known", PAGES_MOVED, PAGES_MOVED, "/sitemap/"},
	    {"/.well-known/security.txt", PAGES_TEXT, PAGES_TEXT, NULL},
	    {"/.well-known/other", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/nothing", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/latest/atom.xml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/latest/atom.xml/", PAGES_MOVED, PAGES_FEED, "/latest/atom.xml"},
	    {"/latest/feed", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/latest/2/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/categories/one/rss.xml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/categories/empty/feed.json", PAGES_FEED, PAGES_FEED, NULL},
	    {"/categories/none/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/categories/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/tags/2/atom.xml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/tags/future/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/authors/ann/feed.json", PAGES_FEED, PAGES_FEED, NULL},
	    {"/authors/cem/feed.json", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/archive/2020/atom.xml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/archive/2020/rss.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/archive/2020/01/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/archive/2021/atom.xml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/feeds/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/feeds/categories.opml", PAGES_FEED, PAGES_FEED, NULL},
	    {"/feeds/tags.opml", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/robots.txt", PAGES_TEXT, PAGES_TEXT, NULL},
	    {"/caps.txt", PAGES_NOT_FOUND, PAGES_TEXT, NULL},
	    {"/favicon.txt", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/files/", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/files", PAGES_MOVED, PAGES_PAGE, "/files/"},
	    {"/files/notes", PAGES_MOVED, PAGES_PAGE, "/files/notes/"},
	    {"/files/notes/.page_1", PAGES_MOVED, PAGES_PAGE, "/files/notes/"},
	    {"/files/notes/.page_2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/files/notes/"},
	    {"/files/notes/.page_02", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/files/many/.page_2", PAGES_PAGE, PAGES_PAGE, NULL},
	    {"/files/many/.page_2/", PAGES_MOVED, PAGES_PAGE, "/files/many/.page_2"},
	    {"/files/many/.page_4", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/files/many/.page_3"},
	    {"/files/.page_2", PAGES_ELSEWHERE, PAGES_ELSEWHERE, "/files/"},
	    {"/files/none/.page_2", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/files/notes/a.txt", PAGES_FILE, PAGES_FILE, NULL},
	    {"/files/notes/b.txt", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	    {"/files/notes/A.txt", PAGES_NOT_FOUND, PAGES_NOT_FOUND, NULL},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct pages_answer gemini = find_at(*state, table[i].path, PAGES_GEMINI, NOW);
		struct pages_answer gopher = find_at(*state, table[i].path, PAGES_GOPHER, NOW);

		if (gemini.kind != table[i].gemini || gopher.kind != table[i].gopher)
			fail_msg("%s: gemini %d, gopher %d", table[i].path, (int)gemini.kind,
			    (int)gopher.kind);
		if (table[i].target && !str_eq(gemini.target, str_of(table[i].target)))
			fail_msg("%s leads to %.*s", table[i].path, STR_ARGS(gemini.target));
	}
}

/* The page at path, as plain text. */
static const char *text_at(struct fixture *f, const char *path, int64_t now)
{
	struct pages_answer p = find_at(f, path, PAGES_GEMINI, now);
	struct buf out = {0};
	struct str s;

	assert_int_equal(p.kind, PAGES_PAGE);
	render_page(&format_text, p.page, &site, &out);
	s = arena_str(f->arena, buf_str(&out));
	buf_free(&out);
	return s.p;
}

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("'%s' is not said in:\n%s", words, text);
}

static void a_future_entry_appears_at_its_second(void **state)
{
	assert_int_equal(
	    find_at(*state, "/entries/later", PAGES_GEMINI, NOW).kind, PAGES_NOT_FOUND);
	assert_int_equal(find_at(*state, "/entries/later", PAGES_GEMINI, NOW + 1).kind, PAGES_PAGE);
	assert_int_equal(find_at(*state, "/tags/future/", PAGES_GEMINI, NOW + 1).kind, PAGES_PAGE);
	assert_says(text_at(*state, "/", NOW), "3 entries");
	assert_says(text_at(*state, "/", NOW + 1), "4 entries");
	assert_null(strstr(text_at(*state, "/latest/", NOW), "Later"));
	assert_says(text_at(*state, "/latest/", NOW + 1), "2020-06-01 Later");
}

static const struct feed *feed_at(struct fixture *f, const char *path, int64_t now)
{
	struct pages_answer p = find_at(f, path, PAGES_GEMINI, now);

	assert_int_equal(p.kind, PAGES_FEED);
	return p.feed;
}

/* F-11, and what is not due is in no feed. */
static void f11_feeds_have_the_entries_of_their_lists(void **state)
{
	const struct feed *f = feed_at(*state, "/latest/atom.xml", NOW);

	check_str(f->title, "Small");
	check_str(f->id, "/latest/");
	check_str(f->first->path, "/entries/gamma");
	check_str(f->first->next->path, "/entries/beta");
	check_str(f->first->next->next->path, "/entries/alpha");
	assert_null(f->first->next->next->next);
	f = feed_at(*state, "/latest/atom.xml", NOW + 1);
	check_str(f->first->path, "/entries/later");
	f = feed_at(*state, "/authors/ann/atom.xml", NOW);
	check_str(f->title, "Small: by Ann");
	check_str(f->first->authors[1].name, "Ben");
	assert_int_equal(f->first->nterms, 2);
	f = feed_at(*state, "/categories/two/rss.xml", NOW);
	check_str(f->subtitle, "The second.");
	assert_null(feed_at(*state, "/categories/empty/atom.xml", NOW)->first);
}

/* F-04: an author for every entry; the digest itself where nobody else is named. */
static void f04_an_empty_feed_has_an_author(void **state)
{
	check_str(feed_at(*state, "/latest/atom.xml", NOW)->author.name, "");
	check_str(feed_at(*state, "/categories/empty/atom.xml", NOW)->author.name, "Small");
}

static void the_archive_is_a_chain_of_years(void **state)
{
	const struct feed *f = feed_at(*state, "/latest/atom.xml", NOW);

	check_str(f->older, "/archive/2020/atom.xml");
	check_str(f->newer, "");
	assert_false(f->archive);
	f = feed_at(*state, "/archive/2020/atom.xml", NOW);
	assert_true(f->archive);
	check_str(f->id, "/latest/");
	check_str(f->older, "/archive/2019/atom.xml");
	check_str(f->newer, "");
	check_str(f->first->path, "/entries/gamma");
	f = feed_at(*state, "/archive/2019/atom.xml", NOW);
	check_str(f->older, "");
	check_str(f->newer, "/archive/2020/atom.xml");
	check_str(f->current, "/latest/atom.xml");
}

static void lists_say_where_the_reader_stands(void **state)
{
	const char *first = text_at(*state, "/latest/", NOW),
		   *second = text_at(*state, "/latest/2", NOW);

	assert_says(first, "Page 1 of 2: entries 1 to 2 of 3");
	assert_says(first, "Next page: 2 of 2");
	assert_null(strstr(first, "Previous page"));
	assert_says(second, "Page 2 of 2: entries 3 to 3 of 3");
	assert_says(second, "Previous page: 1 of 2");
	assert_says(text_at(*state, "/categories/two/", NOW), "1 entry.");
	assert_says(text_at(*state, "/categories/empty/", NOW), "There are no entries here yet.");
}

static void entries_lead_on(void **state)
{
	const char *text = text_at(*state, "/entries/beta", NOW);

	assert_says(text, "By Ben, 1 January 2020");
	assert_says(text, "Read it at b.example (web)\n  https://b.example/");
	assert_says(text, "Newer: Gamma");
	assert_says(text, "Older: Alpha");
	assert_says(text, "Category: One (3)");
	text = text_at(*state, "/entries/gamma", NOW);
	assert_says(text, "By Ann and Ben");
	assert_says(text, "Read it at c.example (Gemini)");
	assert_null(strstr(text, "Newer:"));
}

static void months_lead_to_their_neighbours(void **state)
{
	assert_says(text_at(*state, "/archive/2020/01/", NOW), "Older: December 2019");
	assert_says(text_at(*state, "/archive/2019/12/", NOW), "Newer: January 2020");
	assert_null(strstr(text_at(*state, "/archive/2020/01/", NOW), "Newer:"));
	assert_says(text_at(*state, "/archive/2020/01/", NOW + 1), "Newer: June 2020");
	assert_says(text_at(*state, "/archive/2020/", NOW), "Older: 2019");
}

static void an_issue_has_each_entry_once(void **state)
{
	const char *text = text_at(*state, "/issues/2020-W01", NOW);

	assert_string_equal(text,
	    "Small: Week 1, 30 December 2019 to 5 January 2020\n"
	    "=================================================\n"
	    "\n"
	    "3 entries.\n"
	    "\n"
	    "One\n"
	    "---\n"
	    "\n"
	    "Gamma\n"
	    "  gemini://c.example/\n"
	    "  By Ann and Ben\n"
	    "\n"
	    "Beta\n"
	    "  https://b.example/\n"
	    "  By Ben\n"
	    "\n"
	    "Alpha\n"
	    "  https://a.example/\n"
	    "  By Ann\n"
	    "\n"
	    "More\n"
	    "----\n"
	    "\n"
	    "All issues\n"
	    "  gemini://digest.example.org/issues/\n"
	    "\n"
	    "Small: the front page\n"
	    "  gemini://digest.example.org/\n");
}

/* F-01, F-02: its line in the list comes once, with the date and the count that it keeps. */
static void f01_f02_an_issue_is_dated_once_it_is_complete(void **state)
{
	const char *growing = text_at(*state, "/issues/", NOW + 1);
	int64_t sunday = NOW + 6 * 86400; /* NOW is Monday */

	assert_null(strstr(text_at(*state, "/issues/", NOW), "June"));
	assert_says(growing, "\n1 issue.\n");
	assert_says(growing,
	    "\nNot complete yet: Week 23, 1 to 7 June 2020 (1)\n"
	    "  gemini://digest.example.org/issues/2020-W23\n"
	    "\n"
	    "2020-01-05 Week 1, 30 December 2019 to 5 January 2020 (3)\n");
	assert_says(text_at(*state, "/issues/2020-W23", sunday),
	    "1 entry so far. It is complete when 7 June 2020 is over.\n");
	assert_says(
	    text_at(*state, "/issues/2020-W23", sunday), "Older: Week 1, 30 December 2019 to 5");
	assert_null(strstr(text_at(*state, "/issues/2020-W01", NOW), "Newer:"));
	assert_says(
	    text_at(*state, "/issues/2020-W01", NOW + 1), "Newer: Week 23, 1 to 7 June 2020\n");
	assert_says(text_at(*state, "/issues/", sunday + 86399), "Not complete yet");
	assert_says(text_at(*state, "/issues/", sunday + 86400),
	    "2020-06-07 Week 23, 1 to 7 June 2020 (1)\n");
	assert_says(text_at(*state, "/issues/2020-W23", sunday + 86400), "\n1 entry.\n");
}

static void an_issue_is_one_text_for_feeds(void **state)
{
	struct fixture *f = *state;
	struct pages_request q = {
	    .digest = f->digest, .now = NOW, .protocol = PAGES_GEMINI, .arena = f->arena};
	const struct group *g = digest_group(&f->digest->issues, STR("2020-W01"));
	struct buf out = {0};

	issues_plain(&q, g, &out);
	check_buf(&out,
	    "One\n\nGamma, by Ann and Ben\ngemini://c.example/\n\nBeta, by Ben\n"
	    "https://b.example/\n\nAlpha, by Ann\nhttps://a.example/\n\n");
}

static void c01_c02_c04_c05_robots_repeat_the_common_rules(void **state)
{
	check_str(find_at(*state, "/robots.txt", PAGES_GEMINI, NOW).text,
	    "User-agent: *\nDisallow: /search\nDisallow: /search/\nDisallow: /random\n"
	    "\nUser-agent: archiver\nDisallow: /search\nDisallow: /search/\n"
	    "Disallow: /random\nDisallow: /\n"
	    "\nUser-agent: webproxy\nDisallow: /search\nDisallow: /search/\n"
	    "Disallow: /random\nDisallow: /files/\nDisallow: /about\n");
}

static void c12_gopher_robots_have_selectors_without_a_slash(void **state)
{
	struct str text = find_at(*state, "/robots.txt", PAGES_GOPHER, NOW).text, line;
	const char *both = "\nDisallow: /files/\nDisallow: files/\n";

	assert_non_null(strstr(text.p, both));
	assert_non_null(strstr(text.p, "\nDisallow: /search\nDisallow: search\n"));
	assert_non_null(strstr(text.p, "\nDisallow: /\n"));
	/* C-03: this would clear what stands above. */
	while (str_next_line(&text, &line))
		assert_false(str_eq(str_trim(line), STR("Disallow:")));
}

static void c07_security_txt_ends_when_it_says(void **state)
{
	struct fixture *f = *state;
	static const char path[] = "/.well-known/security.txt";

	check_str(find_at(f, path, PAGES_GOPHER, NOW).text,
	    "Contact: mailto:sec@e.example\nContact: https://e.example/sec\n"
	    "Expires: 2020-06-01T00:00:01Z\nPolicy: gemini://e.example/p\n"
	    "Preferred-Languages: en, de\n");
	assert_int_equal(digest_next_due(f->digest, NOW), NOW + 1);
	assert_int_equal(find_at(f, path, PAGES_GEMINI, NOW + 1).kind, PAGES_NOT_FOUND);
	assert_int_equal(find_at(f, "/.well-known/", PAGES_GEMINI, NOW + 1).kind, PAGES_NOT_FOUND);
}

static void random_leads_to_each_entry_that_is_due(void **state)
{
	static const char *const targets[] = {
	    "/entries/gamma", "/entries/beta", "/entries/alpha", "/entries/gamma"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct pages_request q = {.digest = f->digest,
		    .now = NOW,
		    .path = STR("/random"),
		    .random = i,
		    .protocol = PAGES_GEMINI,
		    .arena = f->arena};

		check_str(pages_find(&q).target, targets[i]);
	}
}

static void f14_the_sitemap_has_what_is_due(void **state)
{
	const char *text = text_at(*state, "/sitemap/", NOW);

	assert_says(text, "Every page there is, 193 of them.\n");
	assert_says(text, "/categories/one/2\n");
	assert_says(text, "/archive/2019/12/\n");
	assert_says(text, "/files/notes/\n");
	assert_says(text, "/files/many/\n");
	assert_says(text, "/files/many/.page_3\n");
	assert_null(strstr(text, "/files/many/.page_4"));
	assert_null(strstr(text, "closed"));
	assert_null(strstr(text, "later"));
	assert_null(strstr(text, "/entries/gone"));
	assert_says(text_at(*state, "/sitemap/", NOW + 1), "/entries/later\n");
}

/* The page that leads on, which Gopher readers get. */
static const char *way_on_at(struct fixture *f, const char *path)
{
	struct pages_answer p = find_at(f, path, PAGES_GOPHER, NOW);
	struct buf out = {0};
	struct str s;

	assert_non_null(p.page);
	render_page(&format_text, p.page, &site, &out);
	s = arena_str(f->arena, buf_str(&out));
	buf_free(&out);
	return s.p;
}

static void a_way_on_says_why_and_where_to(void **state)
{
	const char *text = way_on_at(*state, "/random");

	assert_says(text, "Small: A random entry\n");
	assert_says(text, "\nChance has chosen:\n\nGamma\n");
	text = way_on_at(*state, "/latest/7");
	assert_says(text, "Small: No such page\n");
	assert_says(text, "\nThis list ends before that page. Its last one is:\n\nPage 2\n");
	text = way_on_at(*state, "/categories/uno/2");
	assert_says(text, "Small: Moved\n");
	assert_says(text, "\nOne\n  gemini://digest.example.org/categories/one/2\n");
}

static void a_folder_has_several_pages(void **state)
{
	const char *first = text_at(*state, "/files/many/", NOW),
		   *last = text_at(*state, "/files/many/.page_3", NOW);

	assert_says(first, "Small: Files/many\n");
	assert_says(first, "161 files and folders, by name. This is page 1 of 3.");
	assert_says(first, "\n000.txt\n");
	assert_says(first, "\n079.txt\n");
	assert_null(strstr(first, "080.txt"));
	assert_says(first, "Next page: 2 of 3\n  gemini://digest.example.org/files/many/.page_2\n");
	assert_says(first, "Last page: 3 of 3\n");
	assert_says(last, "Small: Files/many, page 3\n");
	assert_says(last, "\n160.txt\n");
	assert_null(strstr(last, "159.txt"));
	assert_says(last, "First page: 1 of 3\n  gemini://digest.example.org/files/many/\n");
	assert_says(text_at(*state, "/files/", NOW), "\nmany/\n");
	assert_null(strstr(text_at(*state, "/files/", NOW), "folders, by name"));
}

static void long_lists_of_names_are_cut(void **state)
{
	struct fixture *f = *state;
	struct group people[] = {
	    {.name = STR("Ann")}, {.name = STR("Ben")}, {.name = STR("Cem")}, {.name = STR("Dee")}};
	struct group *const names[] = {&people[0], &people[1], &people[2], &people[3]};

	check_str(wording_some(f->arena, names, 1, 3), "Ann");
	check_str(wording_some(f->arena, names, 3, 3), "Ann, Ben and Cem");
	check_str(wording_some(f->arena, names, 4, 3), "Ann, Ben and 2 others");
	check_str(wording_names(f->arena, names, 4), "Ann, Ben, Cem and Dee");
	check_str(wording_cut(f->arena, STR("short"), 5), "short");
	check_str(wording_cut(f->arena, STR("longer"), 5), "lo\xe2\x80\xa6");
	check_str(
	    wording_cut(f->arena, STR("\xc3\xa9\xc3\xa9\xc3\xa9"), 5), "\xc3\xa9\xe2\x80\xa6");
}

static void numbers_are_written_as_a_person_does(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(wording_number(f->arena, 0).p, "0");
	assert_string_equal(wording_number(f->arena, 999).p, "999");
	assert_string_equal(wording_number(f->arena, 1000).p, "1,000");
	assert_string_equal(wording_number(f->arena, 1234567).p, "1,234,567");
	assert_string_equal(wording_count(f->arena, 0, "entry", "entries").p, "no entries");
	assert_string_equal(wording_count(f->arena, 1, "entry", "entries").p, "1 entry");
	assert_string_equal(wording_count(f->arena, 2224, "entry", "entries").p, "2,224 entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_answered),
	    cmocka_unit_test(a_future_entry_appears_at_its_second),
	    cmocka_unit_test(f11_feeds_have_the_entries_of_their_lists),
	    cmocka_unit_test(f04_an_empty_feed_has_an_author),
	    cmocka_unit_test(the_archive_is_a_chain_of_years),
	    cmocka_unit_test(lists_say_where_the_reader_stands),
	    cmocka_unit_test(entries_lead_on),
	    cmocka_unit_test(months_lead_to_their_neighbours),
	    cmocka_unit_test(an_issue_has_each_entry_once),
	    cmocka_unit_test(f01_f02_an_issue_is_dated_once_it_is_complete),
	    cmocka_unit_test(an_issue_is_one_text_for_feeds),
	    cmocka_unit_test(c01_c02_c04_c05_robots_repeat_the_common_rules),
	    cmocka_unit_test(c12_gopher_robots_have_selectors_without_a_slash),
	    cmocka_unit_test(c07_security_txt_ends_when_it_says),
	    cmocka_unit_test(random_leads_to_each_entry_that_is_due),
	    cmocka_unit_test(f14_the_sitemap_has_what_is_due),
	    cmocka_unit_test(a_way_on_says_why_and_where_to),
	    cmocka_unit_test(a_folder_has_several_pages),
	    cmocka_unit_test(long_lists_of_names_are_cut),
	    cmocka_unit_test(numbers_are_written_as_a_person_does),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
