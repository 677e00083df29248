/*
 * digest and index: what only all entries together can tell: names used twice,
 * the order, the groups and their names, what waits for its date, and the
 * queries that pages are made of.
 */
#include "config.h"

#include "check.h"

#include "content/index.h"

#define DAY 86400
#define NOW 1577836800 /* 2020-01-01T00:00:00Z */

/* A digest from texts, without files. */
struct made {
	struct arena *work;
	struct diag_list *diags;
	struct entry_list list;
	struct digest *d; /* NULL: there were faults */
};

static const char site_text[] = "title: T\n"
				"categories:\n"
				"- {name: Web, slug: web}\n"
				"- {name: Language, slug: language, description: Of it.}\n"
				"- {name: Empty}\n";

static struct made make(const char *site, const char *entries, const char *more)
{
	struct made m = {.work = arena_new(0), .diags = diag_new()};
	struct arena *keep = arena_new(0), *tree = arena_new(0);
	struct fields f = {keep, m.work, m.diags, NULL};
	struct site_source *s = arena_alloc(m.work, sizeof *s);
	struct index *ix;

	*s = site_read(&f, yaml_read(tree, STR("d.yaml"), str_of(site), m.diags), STR("d.yaml"));
	entry_read(&f, yaml_read(tree, STR("e.yaml"), str_of(entries), m.diags), &m.list);
	entry_read(&f, yaml_read(tree, STR("f.yaml"), str_of(more), m.diags), &m.list);
	arena_free(tree);
	ix = index_check(s, &m.list, m.work, m.diags);
	if (m.diags->total == 0) {
		m.d = index_build(ix, NOW, keep);
		m.d->refs = 1;
	} else {
		arena_free(keep);
	}
	return m;
}

static void free_made(struct made *m)
{
	digest_unref(m->d);
	free(m->list.items);
	diag_free(m->diags);
	arena_free(m->work);
}

static struct digest *made(struct made *m, const char *entries)
{
	struct buf out = {0};

	*m = make(site_text, entries, "");
	diag_print(m->diags, &out);
	check_buf(&out, "");
	/* The digest must not need what it was made from. */
	arena_free(m->work);
	m->work = arena_new(0);
	return m->d;
}

/* An entry on one line; more is further keys, each with a comma before it. */
#define ENTRY(slug, date, more)                                                                    \
	"- {title: " slug ", url: 'https://e/" slug "', date: '" date "', categories: [web]" more  \
	"}\n"

static void check_faults(
    const char *site, const char *entries, const char *more, const char *errors, int line)
{
	struct made m = make(site, entries, more);
	struct buf out = {0};

	diag_print(m.diags, &out);
	check_slices(buf_str(&out), str_of(errors), __FILE__, line);
	assert_null(m.d);
	buf_free(&out);
	free_made(&m);
}

#define faults(entries, errors) check_faults(site_text, entries, "", errors, __LINE__)
#define ERROR(place, text) place ": error: " text "\n"

/* The slugs of the entries due in g at that time, newest first. */
static void check_list(const struct group *g, int64_t now, const char *want, int line)
{
	struct buf out = {0};
	const struct entry *e;

	for (uint32_t i = 0; (e = digest_at(g, now, i)); i++)
		buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARGS(e->slug));
	check_slices(buf_str(&out), str_of(want), __FILE__, line);
	out.len = 0;
	for (uint32_t i = 0; i < digest_count(g, now); i++)
		assert_non_null(digest_at(g, now, i));
	assert_null(digest_at(g, now, digest_count(g, now)));
	assert_null(digest_at(g, now, UINT32_MAX));
	buf_free(&out);
}
#define lists(group, want) check_list(group, NOW, want, __LINE__)

/* The groups of a list as slug=name(entries). */
static void check_groups(const struct group_list *l, const char *want, int line)
{
	struct buf out = {0};

	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];

		buf_printf(&out, "%s%.*s=%.*s(%u)", i ? " " : "", STR_ARGS(g->slug),
		    STR_ARGS(g->name), g->n);
		assert_ptr_equal(digest_group(l, g->slug), g);
	}
	check_slices(buf_str(&out), str_of(want), __FILE__, line);
	buf_free(&out);
	assert_null(digest_group(l, STR("no-such-group")));
}
#define groups(list, want) check_groups(list, want, __LINE__)

/* ------------------------------------------------------------------------------------ faults */

static void slugs_are_used_once(void **state)
{
	(void)state;
	check_faults(site_text, ENTRY("a", "2019-01-01", "") ENTRY("b", "2019-01-01", ", slug: a"),
	    ENTRY("A", "2019-01-01", ""),
	    ERROR("e.yaml:2:79", "slug 'a' is already used at e.yaml:1; choose another")
		ERROR("f.yaml:1:11",
		    "the slug 'a', made from this title, is already used at e.yaml:1; write "
		    "another slug"),
	    __LINE__);
}

static void urls_are_used_once(void **state)
{
	(void)state;
	faults(ENTRY("a", "2019-01-01",
		   "") "- {title: b, url: https://e/a, date: 2019-01-01, categories: [web]}\n"
		       "- {title: c, url: HTTPS://E/a, date: 2019-01-01, categories: [web]}\n"
		       "- {title: d, url: https://e/A, date: 2019-01-01, categories: [web]}\n",
	    ERROR("e.yaml:2:19",
		"url 'https://e/a' is already used at e.yaml:1; delete one of the two entries")
		ERROR("e.yaml:3:19",
		    "url 'HTTPS://E/a' is already used at e.yaml:1; delete one of the two "
		    "entries"));
}

static void aliases_give_way(void **state)
{
	(void)state;
	faults(ENTRY("a", "2019-01-01", ", aliases: [b, c, a]")
		   ENTRY("b", "2019-01-01", ", aliases: [c, d, d]"),
	    ERROR("e.yaml:1:83", "alias 'b' is the slug of the entry at e.yaml:2; delete the alias")
		ERROR("e.yaml:1:89",
		    "alias 'a' is the slug of the entry at e.yaml:1; delete the alias")
		    ERROR("e.yaml:2:83", "alias 'c' is already used at e.yaml:1; delete one")
			ERROR("e.yaml:2:89", "alias 'd' is already used at e.yaml:2; delete one"));
}

static void categories_exist(void **state)
{
	(void)state;
	faults("- {title: a, url: 'https://e/a', date: 2019-01-01, categories: [langauge, web, "
	       "zzz, web]}\n",
	    ERROR("e.yaml:1:65", "unknown category 'langauge': did you mean 'language'?")
		ERROR("e.yaml:1:80",
		    "unknown category 'zzz': write a slug of those in digest.yaml, for example "
		    "web, or add it there")
		    ERROR("e.yaml:1:85", "category 'web' is written twice: delete one"));
	check_faults("title: T\ncategories: [{name: Web}, {name: W, slug: web}]\n", "", "",
	    ERROR("d.yaml:2:43", "category 'web' is already at d.yaml:2; choose another slug"),
	    __LINE__);
}

#define SITE "title: T\ncategories:\n"

static void aliases_of_categories_give_way_too(void **state)
{
	(void)state;
	check_faults(SITE "- {name: Web, aliases: [language, old, web]}\n"
			  "- {name: Language, aliases: [old, older, older]}\n",
	    "", "",
	    ERROR("d.yaml:3:25",
		"alias 'language' is the slug of the category at d.yaml:4; delete the alias")
		ERROR("d.yaml:3:40",
		    "alias 'web' is the slug of the category at d.yaml:3; delete the alias")
		    ERROR("d.yaml:4:30",
			"alias 'old' is already one of the category at d.yaml:3; delete one")
			ERROR("d.yaml:4:42",
			    "alias 'older' is already one of the category at d.yaml:4; delete one"),
	    __LINE__);
}

static void entries_name_categories_by_their_slugs_of_now(void **state)
{
	(void)state;
	check_faults(SITE "- {name: Closed, gone: true, aliases: [shut]}\n"
			  "- {name: Web, aliases: [wires]}\n",
	    "- {title: a, url: 'https://e/a', date: 2019-01-01, categories: [wires, closed, "
	    "closd, shut]}\n",
	    "",
	    ERROR("e.yaml:1:65", "category 'wires' has another slug now: write web")
		ERROR("e.yaml:1:72",
		    "category 'closed' is gone, as d.yaml:3 says: write another, or delete gone "
		    "there") ERROR("e.yaml:1:80",
		    "unknown category 'closd': write a slug of those in digest.yaml, for example "
		    "web, or add it there") ERROR("e.yaml:1:87",
		    "unknown category 'shut': write a slug of those in digest.yaml, for "
		    "example web, or add it there"),
	    __LINE__);
}

static void categories_that_were_are_found(void **state)
{
	struct made m = make(SITE "- {name: Web, aliases: [wires, net]}\n"
				  "- {name: Closed, gone: true, aliases: [shut]}\n",
	    ENTRY("a", "2019-01-01", ""), "");

	(void)state;
	assert_int_equal(m.d->categories.n, 1);
	assert_null(digest_group(&m.d->categories, STR("closed")));
	assert_null(digest_former(m.d, STR("web")));
	check_str(digest_former(m.d, STR("net"))->slug, "web");
	check_str(digest_former(m.d, STR("net"))->first_slug, "wires");
	assert_false(digest_former(m.d, STR("wires"))->gone);
	assert_true(digest_former(m.d, STR("closed"))->gone);
	assert_true(digest_former(m.d, STR("shut"))->gone);
	free_made(&m);
}

static void a_site_without_categories_blames_no_entry(void **state)
{
	(void)state;
	check_faults("title: T\ncategories: x\n", ENTRY("a", "2019-01-01", ""), "",
	    ERROR("d.yaml:2:13",
		"categories takes a list, not text: for example categories: [{name: Language, "
		"slug: language}]"),
	    __LINE__);
}

static void nothing_is_named_twice_in_an_entry(void **state)
{
	(void)state;
	faults(ENTRY("a", "2019-01-01", ", tags: [Async, x, async], author: [A, {name: a}]"),
	    ERROR(
		"e.yaml:1:90", "tag 'async' is written twice (both are async in paths): delete one")
		ERROR("e.yaml:1:117",
		    "author 'a' is written twice (both are a in paths): delete one"));
	faults(ENTRY("a", "2019-01-01", ", tags: ['+++'], author: '!!!'"),
	    ERROR("e.yaml:1:80",
		"tag '+++' has no letter or digit to make its path of: write it in words")
		ERROR("e.yaml:1:96",
		    "author '!!!' has no letter or digit to make its path of: write it in "
		    "words"));
}

static void drafts_are_checked_too(void **state)
{
	(void)state;
	faults(ENTRY("a", "2019-01-01", ", draft: true") ENTRY("b", "2019-01-01", ", aliases: [a]")
		   ENTRY("c", "2019-01-01", ", slug: a, draft: true, gone: maybe"),
	    ERROR("e.yaml:2:83", "alias 'a' is the slug of the entry at e.yaml:1; delete the alias")
		ERROR("e.yaml:3:79", "slug 'a' is already used at e.yaml:1; choose another")
		    ERROR("e.yaml:3:101",
			"gone takes true or false without quotation marks, not 'maybe'"));
}

static void entries_with_faults_of_their_own_are_checked(void **state)
{
	(void)state;
	faults("- {title: [x], url: x, slug: '!', tags: z, author: [[]]}\n- {}\n- x\n" ENTRY(
		   "a", "2019-01-01", "") ENTRY("a", "2019-13-01", ""),
	    ERROR("e.yaml:1:3", "an entry needs the key date: for example date: 2019-11-15") ERROR(
		"e.yaml:1:3",
		"an entry needs the key categories: for example categories: "
		"[web-and-network-services]") ERROR("e.yaml:1:11",
		"title takes one line of text, not a list: for example title: Porting a Gopher "
		"server") ERROR("e.yaml:1:21",
		"url 'x': it has no scheme; for example url: https://example.org/post") ERROR("e."
											      "yaml"
											      ":1:"
											      "30",
		"slug '!' is no slug, which is at most 120 letters a to z, digits and "
		"single hyphens: for example slug: porting-a-gopher-server") ERROR("e.yaml:1:41",
		"tags takes a list, not text: write [z]") ERROR("e.yaml:1:53",
		"author takes a name or a mapping of name and url, not a list: for example "
		"author: Jane Roe") ERROR("e.yaml:2:3",
		"an entry needs the key title: for example title: Porting a Gopher server")
		ERROR("e.yaml:2:3",
		    "an entry needs the key url: for example url: https://example.org/post")
		    ERROR("e.yaml:2:3", "an entry needs the key date: for example date: 2019-11-15")
			ERROR("e.yaml:2:3",
			    "an entry needs the key categories: for example categories: "
			    "[web-and-network-services]") ERROR("e.yaml:3:3",
			    "an entry is a mapping, not text: for example title: Porting a Gopher "
			    "server") ERROR("e.yaml:5:11",
			    "the slug 'a', made from this title, is already used at e.yaml:4; "
			    "write "
			    "another slug") ERROR("e.yaml:5:19",
			    "url 'https://e/a' is already used at e.yaml:4; delete one of the two "
			    "entries")
			    ERROR("e.yaml:5:40", "date '2019-13-01': months are 01 to 12"));
}

/* ------------------------------------------------------------------------------------- order */

static void newest_come_first_and_ties_keep_their_order(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("old", "2018-05-01", "") ENTRY("tie-1", "2019-01-01", "")
		ENTRY("new", "2019-11-30", "") ENTRY("tie-2", "2019-01-01", "")
	    /* The day as written decides, then the instant: 23:00-12:00 is the later one. */
	    ENTRY("evening", "2019-01-02T23:00:00-12:00", "")
		ENTRY("next-day", "2019-01-03T00:30:00+14:00", ""));

	(void)state;
	lists(&d->all, "new next-day evening tie-1 tie-2 old");
	lists(digest_group(&d->categories, STR("web")), "new next-day evening tie-1 tie-2 old");
	for (uint32_t i = 0; i < d->all.n; i++)
		assert_int_equal(d->all.entries[i]->index, i);
	free_made(&m);
}

static void months_and_years_follow_the_day_written(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-01-31T23:30:00-02:00", "") ENTRY("b", "2019-02-01", "")
		ENTRY("c", "2018-12-31", "") ENTRY("d", "2019-01-01", ""));

	(void)state;
	groups(&d->months,
	    "2019-02=February 2019(1) 2019-01=January 2019(2) 2018-12=December 2018(1)");
	groups(&d->years, "2019=2019(3) 2018=2018(1)");
	lists(digest_group(&d->months, STR("2019-01")), "a d");
	lists(digest_group(&d->years, STR("2019")), "b a d");
	free_made(&m);
}

static void issues_are_weeks_of_iso_8601(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("sunday", "2019-12-29", "") ENTRY("monday", "2019-12-30", "")
		ENTRY("new-year", "2020-01-01", "") ENTRY("sunday-53", "2010-01-03", "")
		    ENTRY("thursday-53", "2009-12-31T23:59:59-11:00", "")
			ENTRY("gone", "2011-01-01", ", gone: true"));

	(void)state;
	groups(&d->issues,
	    "2020-W01=Week 1 of 2020(2) 2019-W52=Week 52 of 2019(1) 2009-W53=Week 53 of 2009(2)");
	lists(digest_group(&d->issues, STR("2020-W01")), "new-year monday");
	for (uint32_t i = 0; i < d->all.n; i++) {
		const struct group *g = digest_issue(d, d->all.entries[i]);
		bool there = false;

		for (uint32_t k = 0; k < g->n; k++)
			there = there || g->entries[k] == d->all.entries[i];
		assert_true(there);
	}
	free_made(&m);
}

static void issues_are_months_when_the_site_says_so(void **state)
{
	struct made m = make("title: T\nissues: monthly\ncategories: [{name: Web}]\n",
	    ENTRY("a", "2019-12-30", "") ENTRY("b", "2020-01-01", ""), "");

	(void)state;
	assert_non_null(m.d);
	groups(&m.d->issues, "2020-01=January 2020(1) 2019-12=December 2019(1)");
	assert_int_equal(digest_issue_end(m.d, m.d->issues.items[0]), NOW + 31 * DAY);
	free_made(&m);
}

static void an_issue_is_complete_after_its_last_day(void **state)
{
	struct made m;
	/* NOW is Wednesday; in the far west, Sunday ends at noon on Monday. */
	struct digest *d = made(&m,
	    ENTRY("west", "2020-01-05T23:00:00-12:00", "") ENTRY("today", "2020-01-01", "")
		ENTRY("before", "2019-12-29", "") ENTRY("next", "2020-01-07", ""));
	int64_t end = NOW + 5 * DAY + 11 * 3600, next_end = NOW + 12 * DAY;

	(void)state;
	assert_int_equal(digest_issue_end(d, d->issues.items[1]), end);
	assert_int_equal(digest_issue_end(d, d->issues.items[2]), NOW - 2 * DAY);
	assert_int_equal(digest_complete(d, NOW), 2);
	assert_int_equal(digest_complete(d, end - 1), 2);
	assert_int_equal(digest_complete(d, end), 1);
	assert_int_equal(digest_complete(d, next_end), 0);
	assert_int_equal(digest_complete(d, NOW - 2 * DAY - 1), 3);
	assert_int_equal(digest_next_due(d, NOW), end);
	assert_int_equal(digest_next_due(d, end), NOW + 6 * DAY);
	assert_int_equal(digest_next_due(d, NOW + 6 * DAY), next_end);
	assert_true(digest_next_due(d, next_end) == INT64_MAX);
	check_list(d->issues.items[0], NOW, "", __LINE__);
	check_list(d->issues.items[1], NOW, "today", __LINE__);
	free_made(&m);
}

/* ------------------------------------------------------------------------------------ groups */

static void categories_keep_the_order_of_the_site(void **state)
{
	struct made m;
	struct digest *d = made(&m, ENTRY("a", "2019-01-01", ""));

	(void)state;
	groups(&d->categories, "web=Web(1) language=Language(0) empty=Empty(0)");
	check_str(d->categories.items[1]->description, "Of it.");
	check_str(d->categories.items[1]->first_slug, "language");
	lists(d->categories.items[2], "");
	check_str(d->site.title, "T");
	free_made(&m);
}

static void a_topic_is_called_as_most_entries_call_it(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-01-01", ", tags: [WASM, zig, Tie]") ENTRY(
		"b", "2019-01-03", ", tags: [wasm, tie]") ENTRY("c", "2019-01-02", ", tags: [WASM]")
		ENTRY("d", "2019-01-04", ", tags: [only-drafts], draft: true")
		    ENTRY("e", "2019-01-05", ", tags: [wasm, zig], draft: true")
			ENTRY("f", "2019-01-06", ", tags: [wasm], gone: true"));

	(void)state;
	/* Sorted by slug; drafts and gone entries count for nothing; of a tie the newest wins. */
	groups(&d->tags, "tie=tie(2) wasm=WASM(3) zig=zig(1)");
	lists(digest_group(&d->tags, STR("wasm")), "b c a");
	free_made(&m);
}

static void an_author_has_the_newest_url(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-01-01", ", author: {name: Jane, url: 'https://old/'}")
		ENTRY("b", "2019-01-02", ", author: {name: Jane, url: 'https://new/'}")
		    ENTRY("c", "2019-01-03", ", author: [jane, Ann]"));
	const struct entry *c = digest_entry(d, STR("c"), NOW);

	(void)state;
	groups(&d->authors, "ann=Ann(1) jane=Jane(3)");
	check_str(d->authors.items[1]->url, "https://new/");
	check_str(d->authors.items[0]->url, "");
	assert_int_equal(c->nauthors, 2);
	assert_ptr_equal(c->authors[0], d->authors.items[1]); /* as written: jane, then Ann */
	assert_ptr_equal(c->authors[1], d->authors.items[0]);
	assert_int_equal(c->ncategories, 1);
	assert_ptr_equal(c->categories[0], d->categories.items[0]);
	free_made(&m);
}

/* ------------------------------------------------------------------------------ single entries */

static void entries_are_found_by_slug_and_alias(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-01-01", ", aliases: [a-1, a-2]")
		ENTRY("gone", "2019-01-01", ", gone: true, aliases: [long-gone]")
		    ENTRY("draft", "2019-01-01", ", draft: true, aliases: [draft-1]"));
	const struct entry *a = digest_entry(d, STR("a"), NOW),
			   *gone = digest_entry(d, STR("gone"), NOW);

	(void)state;
	assert_ptr_equal(digest_alias(d, STR("a-2"), NOW), a);
	assert_int_equal(a->naliases, 2);
	check_str(a->aliases[0], "a-1");
	check_str(a->pos.file, "e.yaml");
	assert_int_equal(a->pos.line, 1);
	assert_true(gone->gone);
	assert_ptr_equal(digest_alias(d, STR("long-gone"), NOW), gone);
	assert_null(digest_neighbour(d, gone, 1, NOW));
	assert_null(digest_entry(d, STR("draft"), NOW));
	assert_null(digest_alias(d, STR("draft-1"), NOW));
	assert_null(digest_entry(d, STR("a-1"), NOW));
	assert_null(digest_alias(d, STR("a"), NOW));
	lists(&d->all, "a");
	free_made(&m);
}

static void what_is_dated_in_the_future_waits(void **state)
{
	struct made m;
	/* west is the first by its day, but due before east. */
	struct digest *d = made(&m,
	    ENTRY("due", "2020-01-01", ", tags: [t]") ENTRY("past", "2019-01-01", "")
		ENTRY("east", "2020-01-02T23:00:00-12:00", ", tags: [t]")
		    ENTRY("west", "2020-01-03T01:00:00+14:00", ""));
	const struct group *t = digest_group(&d->tags, STR("t"));
	int64_t west = NOW + DAY + 11 * 3600, east = NOW + 2 * DAY + 11 * 3600;

	(void)state;
	assert_int_equal(d->all.n, 4);
	assert_int_equal(d->all.waiting, 2);
	assert_int_equal(t->waiting, 1);
	assert_int_equal(digest_count(&d->all, NOW), 2);
	check_list(&d->all, NOW, "due past", __LINE__);
	check_list(&d->all, west - 1, "due past", __LINE__);
	check_list(&d->all, west, "west due past", __LINE__);
	check_list(&d->all, east, "west east due past", __LINE__);
	check_list(t, NOW, "due", __LINE__);
	check_list(t, east, "east due", __LINE__);
	check_list(digest_group(&d->months, STR("2020-01")), NOW, "due", __LINE__);
	assert_null(digest_entry(d, STR("west"), NOW));
	assert_non_null(digest_entry(d, STR("west"), west));
	assert_int_equal(digest_next_due(d, NOW), west);
	assert_int_equal(digest_next_due(d, west), east);
	/* The week of them is complete after Sunday, the fifth. */
	assert_int_equal(digest_next_due(d, east), NOW + 5 * DAY);
	assert_true(digest_next_due(d, NOW + 5 * DAY) == INT64_MAX);
	free_made(&m);
}

static void what_is_updated_in_the_future_is_not_yet(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-12-29", ", updated: '2020-01-03'")
		ENTRY("b", "2019-12-29", ", updated: '2020-01-02T12:00:00Z'")
		    ENTRY("c", "2019-12-29", ", updated: '2020-01-01'")
			ENTRY("d", "2019-12-29", ", updated: '2020-01-09', gone: true"));
	const struct entry *a = digest_entry(d, STR("a"), NOW), *c = digest_entry(d, STR("c"), NOW);
	struct date updated = digest_updated(a, NOW + 2 * DAY - 1);

	(void)state;
	assert_int_equal(updated.year, 0);
	updated = digest_updated(a, NOW + 2 * DAY);
	assert_int_equal(updated.day, 3);
	updated = digest_updated(c, NOW);
	assert_int_equal(updated.day, 1);
	assert_int_equal(d->nupdates, 2);
	assert_int_equal(digest_next_due(d, NOW), NOW + DAY + DAY / 2);
	assert_int_equal(digest_next_due(d, NOW + DAY + DAY / 2), NOW + 2 * DAY);
	assert_true(digest_next_due(d, NOW + 2 * DAY) == INT64_MAX);
	free_made(&m);
}

static void neighbours_are_due(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2019-01-01", "") ENTRY("b", "2019-01-02", "") ENTRY("c", "2020-06-01", "")
		ENTRY("d", "2019-01-03", ""));
	const struct entry *b = digest_entry(d, STR("b"), NOW);

	(void)state;
	check_str(digest_neighbour(d, b, -1, NOW)->slug, "d");
	check_str(digest_neighbour(d, b, 1, NOW)->slug, "a");
	assert_null(digest_neighbour(d, digest_entry(d, STR("d"), NOW), -1, NOW));
	assert_null(digest_neighbour(d, digest_entry(d, STR("a"), NOW), 1, NOW));
	check_str(digest_neighbour(d, digest_entry(d, STR("d"), NOW), -1, INT64_MAX)->slug, "c");
	free_made(&m);
}

static void groups_beside_one_have_due_entries(void **state)
{
	struct made m;
	struct digest *d = made(&m,
	    ENTRY("a", "2018-05-01", "") ENTRY("b", "2019-05-01", "") ENTRY("c", "2020-05-01", "")
		ENTRY("d", "2021-05-01", ""));
	const struct group *newest = digest_group(&d->years, STR("2021")),
			   *shown = digest_group(&d->years, STR("2019"));

	(void)state;
	assert_null(digest_beside(&d->years, shown, -1, NOW));
	check_str(digest_beside(&d->years, shown, 1, NOW)->slug, "2018");
	check_str(
	    digest_beside(&d->years, shown, -1, newest->entries[0]->date.instant)->slug, "2020");
	check_str(digest_beside(&d->years, newest, 1, NOW)->slug, "2019");
	assert_null(digest_beside(&d->years, digest_group(&d->years, STR("2018")), 1, NOW));
	free_made(&m);
}

static void a_digest_may_be_empty(void **state)
{
	struct made m;
	struct digest *d = made(&m, "");

	(void)state;
	lists(&d->all, "");
	groups(&d->tags, "");
	groups(&d->months, "");
	assert_true(digest_next_due(d, 0) == INT64_MAX);
	assert_null(digest_page(d, STR("/about")));
	assert_null(digest_file(d, STR("/files/x")));
	free_made(&m);
}

static void the_last_reference_frees_it(void **state)
{
	struct made m;
	struct digest *d = made(&m, ENTRY("a", "2019-01-01", ""));

	(void)state;
	assert_ptr_equal(digest_ref(d), d);
	digest_unref(d);
	check_str(d->all.entries[0]->slug, "a"); /* free_made lets go of the last one */
	assert_null(digest_ref(NULL));
	digest_unref(NULL);
	free_made(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slugs_are_used_once),
	    cmocka_unit_test(urls_are_used_once),
	    cmocka_unit_test(aliases_give_way),
	    cmocka_unit_test(categories_exist),
	    cmocka_unit_test(aliases_of_categories_give_way_too),
	    cmocka_unit_test(entries_name_categories_by_their_slugs_of_now),
	    cmocka_unit_test(categories_that_were_are_found),
	    cmocka_unit_test(a_site_without_categories_blames_no_entry),
	    cmocka_unit_test(nothing_is_named_twice_in_an_entry),
	    cmocka_unit_test(drafts_are_checked_too),
	    cmocka_unit_test(entries_with_faults_of_their_own_are_checked),
	    cmocka_unit_test(newest_come_first_and_ties_keep_their_order),
	    cmocka_unit_test(months_and_years_follow_the_day_written),
	    cmocka_unit_test(issues_are_weeks_of_iso_8601),
	    cmocka_unit_test(issues_are_months_when_the_site_says_so),
	    cmocka_unit_test(an_issue_is_complete_after_its_last_day),
	    cmocka_unit_test(categories_keep_the_order_of_the_site),
	    cmocka_unit_test(a_topic_is_called_as_most_entries_call_it),
	    cmocka_unit_test(an_author_has_the_newest_url),
	    cmocka_unit_test(entries_are_found_by_slug_and_alias),
	    cmocka_unit_test(what_is_dated_in_the_future_waits),
	    cmocka_unit_test(what_is_updated_in_the_future_is_not_yet),
	    cmocka_unit_test(neighbours_are_due),
	    cmocka_unit_test(groups_beside_one_have_due_entries),
	    cmocka_unit_test(a_digest_may_be_empty),
	    cmocka_unit_test(the_last_reference_frees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
