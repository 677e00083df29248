/*
 * search: what is found for what is typed, in which order, how it is marked, and what is
 * offered when nothing is.
 */
#include "config.h"

#include "check.h"
#include "made.h"

#include "base/utf8.h"
#include "content/search.h"

#define NOW 1577836800 /* 2020-01-01T00:00:00Z */
#define DAY 86400

static const char site_text[] = "title: T\n"
				"categories:\n"
				"- {name: Web and Network Services, slug: web}\n"
				"- {name: Language, slug: language}\n";

/* An entry; the slug says which it is. */
#define ENTRY(slug, date, title, summary, more)                                                    \
	"- {title: \"" title "\", url: 'https://e/" slug "', slug: " slug ", date: '" date         \
	"', summary: \"" summary "\"" more "}\n"
#define LANGUAGE ", categories: [language]"
#define WEB ", categories: [web]"

static const char entries_text[] =
    /* "lantern" in each field, oldest where it tells most. */
    ENTRY("in-title", "2018-01-01", "A Lantern for the dark", "Light.", LANGUAGE)
	ENTRY("only-title", "2018-01-01", "Lantern", "Light.", LANGUAGE)
	    ENTRY("in-tag", "2018-02-01", "One thing", "Light.", LANGUAGE ", tags: [lantern]")
		ENTRY("in-summary", "2018-03-01", "Two things", "With a lantern in it.", LANGUAGE)
		    ENTRY("in-author", "2018-04-01", "Three things", "Dark.",
			LANGUAGE ", author: Jo Lantern")
    /* Words. */
    ENTRY("compiler", "2018-05-01", "Writing a compiler", "The compilation of languages.",
	WEB ", author: Jane Roe, tags: [web-frameworks, C++]") ENTRY("compiling", "2018-05-02",
	"Compiling faster", "A tale told by \xc3\x89mile Zola.", WEB ", author: Roe Jane")
	ENTRY("community", "2018-06-01", "Communities", "Of university libraries.", WEB) ENTRY(
	    "next", "2018-06-02", "The game engine", "An engine of a game; don't.", WEB)
	    ENTRY("links", "2018-06-03", "Links", "=> https://hidden.example/ Visible label", WEB)
    /* Scripts without spaces. */
    ENTRY("japanese", "2018-07-01",
	"Rust\xe3\x81\xae\xe8\xa8\x80\xe8\xaa\x9e\xe4\xbb\x95"
	"\xe6\xa7\x98",
	"\xe3\x82\xac\xe3\x82\xa4\xe3\x83\x89", WEB) ENTRY("chinese", "2018-07-02",
	"\xe8\xaa\x9e\xe8\xa8\x80", "\xe4\xbb\x95\xe4\xba\x8b", WEB)
	ENTRY("korean", "2018-07-03", "\xeb\x9f\xac\xec\x8a\xa4\xed\x8a\xb8\xeb\x8a\x94", "x", WEB)
    /* Not there, and not yet. */
    ENTRY("withdrawn", "2018-08-01", "A withdrawn lantern", "x", WEB ", gone: true")
	ENTRY("tomorrow", "2020-01-02", "A lantern to come", "x", WEB)
	    ENTRY("next-year", "2021-01-01", "A lantern much later", "x", WEB);

struct fixture {
	struct search *search;
	struct arena *arena;
};

/* The digest has one reference, the search's, when this returns. */
static struct search *make(const char *entries)
{
	struct digest *d = made_digest(site_text, entries, NOW);
	struct buf why = {0};
	struct search *s;

	assert_non_null(d);
	s = search_new(d, NULL, &why);
	check_buf(&why, "");
	assert_non_null(s);
	assert_ptr_equal(search_digest(s), d);
	digest_unref(d);
	return s;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->search = make(entries_text);
	f->arena = arena_new(0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	/* Whatever was typed, SQLite understood it. */
	assert_int_equal(search_faults(f->search), 0);
	search_free(f->search);
	arena_free(f->arena);
	free(f);
	return 0;
}

/* The slugs of what is found, best first. */
static void find(struct fixture *f, struct str typed, int64_t now, struct buf *out)
{
	struct search_result r = search_find(f->search, typed, now, 0, 50, f->arena);

	assert_int_equal(r.n, r.total);
	assert_false(r.more);
	for (uint32_t i = 0; i < r.n; i++) {
		buf_addz(out, i > 0 ? " " : "");
		buf_add(out, r.entries[i]->slug);
	}
}

static void check_found(
    struct fixture *f, const char *typed, int64_t now, const char *want, const char *file, int line)
{
	struct buf out = {0};

	find(f, str_of(typed), now, &out);
	if (!str_eq(buf_str(&out), str_of(want)))
		check_show("typed", str_of(typed));
	check_buffer(&out, want, file, line);
}
#define check_find(typed, want) check_found(*state, typed, NOW, want, __FILE__, __LINE__)

/* ----------------------------------------------------------------------------------- tests */

static void title_is_above_tags_above_summary_above_author(void **state)
{
	check_find("lantern", "only-title in-title in-tag in-summary in-author");
	/* The word that few have tells more. */
	check_find("light lantern", "only-title in-title in-tag");
}

static void of_equals_the_newest_is_first(void **state)
{
	check_find("things", "in-author in-summary in-tag");
	check_find("category:language", "in-author in-summary in-tag in-title only-title");
}

static void stems_case_and_accents_do_not_matter(void **state)
{
	check_find("COMPILE", "compiler compiling");
	check_find("compiled", "compiler compiling");
	check_find("emile", "compiling");
	check_find("\xc3\x89MILE", "compiling");
	check_find("E\xcc\x81mile", "compiling");
	check_find("dont", "next");
	check_find("don\xe2\x80\x99t", "next");
}

static void all_words_are_asked_for(void **state)
{
	check_find("compiling zola", "compiling");
	check_find("compiling absent", "");
	check_find("roe compiler", "compiler compiling");
}

static void phrases_are_words_side_by_side(void **state)
{
	check_find("\"game engine\"", "next");
	check_find("\"engine game\"", "");
	check_find("engine game", "next");
	check_find("game-engine", "next");
	check_find("\"Jane Roe\"", "compiler");
	check_find("\xe2\x80\x9cRoe Jane\xe2\x80\x9d", "compiling");
}

static void beginnings_are_of_whole_words_not_of_stems(void **state)
{
	check_find("comp*", "compiler compiling");
	check_find("communit*", "community");
	check_find("universit*", "community");
	check_find("librar*", "community");
	check_find("\"university libr\"*", "community");
	check_find("title:lan*", "only-title in-title");
	check_find("category:netw* comp*", "compiler compiling");
	check_find("zzz*", "");
}

static void exclusions_leave_entries_out(void **state)
{
	check_find("lantern -light", "in-summary in-author");
	check_find("lantern -title:lantern", "in-tag in-summary in-author");
	check_find("lantern -author:lantern -tag:lan*", "only-title in-title in-summary");
	check_find("-category:web", "in-author in-summary in-tag in-title only-title");
	check_find("-category:web -light -absent", "in-author in-summary");
}

static void each_field_is_asked_by_itself(void **state)
{
	check_find("title:lantern", "only-title in-title");
	check_find("tag:lantern", "in-tag");
	check_find("author:lantern", "in-author");
	check_find("author:\"jane roe\"", "compiler");
	check_find("author:jane-roe", "compiler");
	check_find("author:jane", "compiling compiler");
	check_find("tag:web", "compiler");
	check_find("category:services compiler", "compiler compiling");
	/* By name and by slug. */
	check_find("tag:C++", "compiler");
	check_find("tag:cplusplus", "compiler");
	check_find("category:web zola", "compiling");
	check_find("category:\"network services\" zola", "compiling");
	/* A category is no word of its entries. */
	check_find("services", "");
	check_find("c", "");
	check_find("absent:lantern title:", "");
}

static void dates_limit(void **state)
{
	check_find("lantern after:2018-02", "in-tag in-summary in-author");
	check_find("lantern before:2018-02", "only-title in-title");
	check_find("after:2018-03-01 before:2018-04-02", "in-author in-summary");
	check_find("-after:2018-02-01", "in-title only-title");
	check_find("after:2018-07-03", "korean");
	check_find("after:2018-07-04", "");
	check_find("after:2019 before:2018", "");
	check_find("before:0001", "");
	check_find("after:9999-12-31", "");
}

static void scripts_without_spaces_are_found_anywhere(void **state)
{
	check_find("\xe8\xa8\x80\xe8\xaa\x9e", "japanese");
	check_find("\xe8\xaa\x9e\xe4\xbb\x95", "japanese");
	check_find("\xe4\xbb\x95", "japanese chinese");
	check_find("rust", "japanese");
	check_find("\xe3\x82\xac\xe3\x82\xa4", "japanese");
	check_find("\xe3\x82\xab\xe3\x82\xa4", "");         /* unvoiced, another word */
	check_find("\xef\xbd\xb6\xef\xbe\x9e", "japanese"); /* half width */
	check_find("\xec\x8a\xa4\xed\x8a\xb8", "korean");
}

static void the_target_of_a_link_is_not_searched(void **state)
{
	check_find("visible", "links");
	check_find("hidden", "");
	check_find("https", "");
}

static void an_entry_appears_at_its_second(void **state)
{
	static const char all[] = "only-title tomorrow in-title in-tag in-summary in-author";

	check_find("title:lantern after:2020", "");
	check_found(*state, "after:2020", NOW + DAY - 1, "", __FILE__, __LINE__);
	check_found(*state, "after:2020", NOW + DAY, "tomorrow", __FILE__, __LINE__);
	check_found(*state, "lantern", NOW + DAY, all, __FILE__, __LINE__);
	check_found(*state, "lantern come", NOW + 2 * DAY, "tomorrow", __FILE__, __LINE__);
	check_found(
	    *state, "after:2020", NOW + 400 * DAY, "next-year tomorrow", __FILE__, __LINE__);
}

static void what_is_gone_is_not_found(void **state)
{
	check_find("withdrawn", "");
}

static void anything_typed_is_searched_for_somehow(void **state)
{
	static const char *const rows[] = {"", " ", "\"", "\"\"", "'", "*", "-", "--", "-*", "()",
	    "(", ")", "NEAR(", "NEAR(a b, 2)", "AND", "OR", "NOT", "a AND", "NOT b", "a OR", "^a",
	    "{title} : a", "{", "title : a", "+", "a + b", ":", "a:b:c", "\\", "%", "_", ";",
	    "\x1f", "\x1flantern", "\xff\xfe\xc3", "\xf0\x9f\xa6\x80",
	    "!?.,;:", "'; DROP TABLE words; --", "author:\"", "-author:", "before:", "after:x",
	    "\"a\"*\"b\"*", "a\"b", "rank", "words", "\"\x1f\""};
	struct fixture *f = *state;
	struct buf out = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		find(f, str_of(rows[i]), NOW, &out);
		buf_free(&out);
	}
	find(f, STR("lantern\0-light"), NOW, &out);
	check_buf(&out, "in-summary in-author");
	find(f, (struct str){0}, NOW, &out);
	check_buf(&out, "");
	/* Still there, and as it was. */
	check_find("\") OR (\"lantern", "");
	check_find("(lantern)", "only-title in-title in-tag in-summary in-author");
}

static void any_bytes_find_something_or_nothing(void **state)
{
	static const char likely[] = "aelnrt *\"-:()+'\x1f";
	struct fixture *f = *state;
	uint64_t seed = 7;

	for (int round = 0; round < 3000; round++) {
		char text[40];
		struct str typed = {text, check_random(&seed) % (sizeof text + 1)};
		struct search_hint hints[4];

		for (size_t i = 0; i < typed.n; i++) {
			uint32_t c = check_random(&seed);

			text[i] =
			    c % 8 ? likely[c / 8 % (sizeof likely - 1)] : (char)(c >> 8 & 0xff);
		}
		search_find(f->search, typed, NOW, 0, 10, f->arena);
		assert_in_range(
		    search_near(f->search, typed, NOW, hints, COUNT(hints), f->arena), 0, 4);
		arena_reset(f->arena);
	}
}

static void g02_words_are_clean_and_bounded(void **state)
{
	struct fixture *f = *state;
	struct buf text = {0};
	struct search_result r = search_find(f->search, STR(" a\tb\x1b\xff "), NOW, 0, 1, f->arena);

	check_str(r.words, "a b \xef\xbf\xbd");
	buf_fill(&text, 'x', 10240);
	r = search_find(f->search, buf_str(&text), NOW, 0, 1, f->arena);
	assert_int_equal(r.words.n, SEARCH_WORDS_MAX);
	assert_int_equal(r.total, 0);
	buf_free(&text);
}

static void results_are_paged(void **state)
{
	static const char *const want[] = {
	    "only-title", "in-title", "in-tag", "in-summary", "in-author"};
	struct fixture *f = *state;

	for (uint32_t i = 0; i < COUNT(want); i++) {
		struct search_result r =
		    search_find(f->search, STR("lantern"), NOW, i, 1, f->arena);

		assert_int_equal(r.total, COUNT(want));
		assert_int_equal(r.n, 1);
		check_str(r.entries[0]->slug, want[i]);
	}
	assert_int_equal(search_find(f->search, STR("lantern"), NOW, 4, 9, f->arena).n, 1);
	assert_int_equal(search_find(f->search, STR("lantern"), NOW, 5, 9, f->arena).n, 0);
	assert_int_equal(
	    search_find(f->search, STR("lantern"), NOW, UINT32_MAX, UINT32_MAX, f->arena).n, 0);
	assert_int_equal(search_find(f->search, STR("lantern"), NOW, 0, 0, f->arena).total, 5);
}

/* More than are ranked, the best of them the oldest; every page together has each once. */
static void more_than_are_ranked_are_counted_and_paged(void **state)
{
	uint32_t many = 2 * SEARCH_RANKED + 500, seen = 0;
	struct arena *a = arena_new(0);
	struct buf text = {0};
	struct search *s;
	bool *found;

	(void)state;
	for (uint32_t i = 0; i < many; i++)
		buf_printf(&text,
		    "- {title: %s %u, url: 'https://e/%u', slug: s%u, date: 2019-%02u-%02u, "
		    "categories: [web], summary: common}\n",
		    i % 1000 == 0 ? "common" : "Other", i, i, i, i % 12 + 1, i % 28 + 1);
	buf_addz(&text,
	    "- {title: Common, url: 'https://e/x', slug: oldest, date: 2001-01-01, "
	    "categories: [web]}\n");
	for (uint32_t i = 0; i < 3; i++)
		buf_printf(&text,
		    "- {title: common, url: 'https://e/f%u', slug: f%u, date: 2020-01-02, "
		    "categories: [web], summary: common}\n",
		    i, i);
	s = make(buf_z(&text));
	found = calloc(many + 1, sizeof *found);
	for (uint32_t first = 0; first < many + 1; first += 300) {
		struct search_result r = search_find(s, STR("common"), NOW, first, 300, a);

		assert_int_equal(r.total, many + 1);
		assert_false(r.more);
		for (uint32_t i = 0; i < r.n; i++) {
			assert_false(found[r.entries[i]->index - 3]);
			found[r.entries[i]->index - 3] = true;
			/* Those that have it in the title, however old they are. */
			if (first == 0 && i < 6)
				assert_true(str_starts_nocase(r.entries[i]->title, STR("common")));
		}
		seen += r.n;
		arena_reset(a);
	}
	assert_int_equal(seen, many + 1);
	free(found);
	assert_int_equal(search_find(s, STR("common -other"), NOW, 0, 1, a).total, 6);
	check_str(search_find(s, STR("title:common"), NOW, 5, 1, a).entries[0]->slug, "s0");
	search_free(s);
	buf_free(&text);
	arena_free(a);
}

/* More words begin so than a search could ask for one by one; none is missed, none left in. */
static void beginnings_are_complete(void **state)
{
	struct arena *a = arena_new(0);
	struct buf text = {0};
	struct search *s;

	(void)state;
	for (int i = 0; i < 78; i++)
		buf_printf(&text,
		    "- {title: rust universit%c%c, url: 'https://e/%d', date: 2019-01-01, "
		    "categories: [web]}\n",
		    'b' + i / 20, 'b' + i % 20, i);
	/* Whose stem is univers, and happi. */
	buf_addz(&text,
	    "- {title: rust university, url: 'https://e/x', date: 2019-01-01, categories: [web]}\n"
	    "- {title: rust happily, url: 'https://e/y', date: 2019-01-01, categories: [web]}\n");
	s = make(buf_z(&text));
	buf_free(&text);
	for (size_t n = 1; n <= sizeof "universit" - 1; n++) {
		struct str wanted = arena_printf(a, "%.*s*", (int)n, "universit");
		struct str others = arena_printf(a, "rust -%.*s*", (int)n, "universit");

		assert_int_equal(search_find(s, wanted, NOW, 0, 9, a).total, 79);
		assert_int_equal(search_find(s, others, NOW, 0, 9, a).total, 1);
		assert_false(search_find(s, others, NOW, 0, 9, a).more);
	}
	assert_int_equal(search_find(s, STR("\"rust uni\"*"), NOW, 0, 9, a).total, 79);
	assert_int_equal(search_find(s, STR("\"uni rust\"*"), NOW, 0, 9, a).total, 0);
	assert_int_equal(search_find(s, STR("category:web*"), NOW, 0, 9, a).total, 80);
	search_free(s);
	arena_free(a);
}

static void an_empty_digest_has_nothing(void **state)
{
	struct arena *a = arena_new(0);
	struct search *s = make("[]\n");

	(void)state;
	assert_int_equal(search_find(s, STR("x* -y after:2019"), NOW, 0, 9, a).total, 0);
	assert_int_equal(search_find(s, STR("-y"), NOW, 0, 9, a).total, 0);
	search_free(s);
	arena_free(a);
	search_free(NULL);
}

/* ----------------------------------------------------------------------------------- hints */

static void check_near(struct fixture *f, const char *typed, const char *want)
{
	struct search_hint hints[SEARCH_HINTS_MAX];
	size_t n = search_near(f->search, str_of(typed), NOW, hints, COUNT(hints), f->arena);
	struct buf out = {0};

	for (size_t i = 0; i < n; i++) {
		buf_printf(
		    &out, "%s%.*s=%u", i > 0 ? "; " : "", STR_ARGS(hints[i].words), hints[i].total);
		assert_false(hints[i].more);
		assert_int_equal(search_find(f->search, hints[i].words, NOW, 0, 1, f->arena).total,
		    hints[i].total);
	}
	check_buf(&out, want);
}

static void nothing_found_offers_what_is_near(void **state)
{
	/* A shorter beginning. */
	check_near(*state, "lanternfish", "lantern*=5");
	check_near(*state, "compilxyz", "compil*=2");
	/* The words one by one. */
	check_near(*state, "zola communities", "zola=1; communities=1");
	/* Without quotation marks, fields and exclusions. */
	check_near(*state, "\"engine game\"", "engine game=1; engine=1; game=1");
	check_near(*state, "title:zola", "zola=1");
	check_near(*state, "zola -emile after:2019", "zola=1");
	/* What can be mended is. */
	check_near(*state, "game enginx", "game engin*=1; game=1; engin*=1");
	/* A row of ideographs without its last. */
	check_near(*state, "\xe8\xa8\x80\xe8\xaa\x9e\xe8\xaa\x9e", "\xe8\xa8\x80\xe8\xaa\x9e=1");
	check_near(*state, "qqq", "");
	check_near(*state, "", "");
	check_near(*state, "?!", "");
}

static void no_more_hints_than_there_is_room_for(void **state)
{
	struct fixture *f = *state;
	struct search_hint hint;

	assert_int_equal(
	    search_near(f->search, STR("zola communities"), NOW, &hint, 1, f->arena), 1);
	assert_int_equal(
	    search_near(f->search, STR("zola communities"), NOW, &hint, 0, f->arena), 0);
}

/* -------------------------------------------------------------------------------- excerpts */

#define DOTS "\xe2\x80\xa6"

static void check_excerpt(
    struct fixture *f, const char *typed, const char *text, size_t columns, const char *want)
{
	struct search_result r = search_find(f->search, str_of(typed), NOW, 0, 1, f->arena);
	struct buf out = {0};

	search_excerpt(f->search, r.query, str_of(text), columns, &out);
	check_buf(&out, want);
}

static void matching_words_are_marked(void **state)
{
	struct fixture *f = *state;

	check_excerpt(f, "lantern", "With a lantern.", 40, "With a *lantern*.");
	check_excerpt(
	    f, "compile \xc3\xa9mile", "EMILE is compiling.", 40, "*EMILE* is *compiling*.");
	check_excerpt(
	    f, "\"game engine\" game", "A game, a game engine", 40, "A *game*, a *game engine*");
	check_excerpt(f, "comp*", "No compost in computers", 40, "No *compost* in *computers*");
	check_excerpt(f, "-light title:dark tag:x", "light dark x", 40, "light dark x");
	check_excerpt(f, "\xe8\xa8\x80\xe8\xaa\x9e", "Rust\xe8\xa8\x80\xe8\xaa\x9e.", 40,
	    "Rust*\xe8\xa8\x80\xe8\xaa\x9e*.");
	check_excerpt(f, "dont", "But don't!", 40, "But *don't*!");
	check_excerpt(f, "", "No words", 40, "No words");
	check_excerpt(f, "x", "", 40, "");
}

static void an_excerpt_is_around_the_first_match(void **state)
{
	static const char text[] =
	    "One two three four five six seven lantern eight nine ten eleven twelve thirteen";
	struct fixture *f = *state;

	check_excerpt(f, "lantern", text, 40, DOTS "six seven *lantern* eight nine ten" DOTS);
	check_excerpt(f, "thirteen", text, 40, DOTS "eight nine ten eleven twelve *thirteen*");
	check_excerpt(f, "two lantern", text, 42, "One *two* three four five six seven" DOTS);
	check_excerpt(f, "absent", text, 20, "One two three four" DOTS);
	check_excerpt(f, "absent", "internationalization", 19, "internationalization");
	check_excerpt(f, "absent", "internationalizations", 20, "internationalizatio" DOTS);
	/* An accent is no place to cut at. */
	check_excerpt(f, "absent", "To the caf\xc3\xa9 caf\xc3\xa9 caf\xc3\xa9s today", 20,
	    "To the caf\xc3\xa9 caf\xc3\xa9" DOTS);
	/* Where there are no spaces it is cut anywhere. */
	check_excerpt(f, "\xe8\xaa\x9e",
	    "Rust\xe3\x81\xae\xe8\xa8\x80\xe8\xaa\x9e\xe4\xbb\x95\xe6\xa7\x98\xe4\xbb\x95"
	    "\xe6\xa7\x98\xe4\xbb\x95\xe6\xa7\x98\xe4\xbb\x95\xe6\xa7\x98",
	    20,
	    DOTS "\xe3\x81\xae\xe8\xa8\x80*\xe8\xaa\x9e*\xe4\xbb\x95\xe6\xa7\x98\xe4\xbb\x95"
		 "\xe6\xa7\x98\xe4\xbb\x95" DOTS);
	/* A match longer than the line. */
	check_excerpt(f, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx b", 20,
	    "a *xxxxxxxxxxxxxxx*" DOTS);
}

static void an_excerpt_never_exceeds_its_columns(void **state)
{
	static const char *const words[] = {"lantern", "a", "\xe8\xa8\x80\xe8\xaa\x9e",
	    "compilers,", "internationalization", "\xf0\x9f\xa6\x80", "don't"};
	struct fixture *f = *state;
	uint64_t seed = 11;

	for (int round = 0; round < 3000; round++) {
		struct search_result r = search_find(f->search,
		    str_of(words[check_random(&seed) % COUNT(words)]), NOW, 0, 1, f->arena);
		size_t columns = check_random(&seed) % 60 + 20;
		struct buf text = {0}, out = {0};

		for (uint32_t n = check_random(&seed) % 30; n > 0; n--) {
			buf_addz(&text, words[check_random(&seed) % COUNT(words)]);
			buf_addz(&text, check_random(&seed) % 4 ? " " : "");
		}
		search_excerpt(f->search, r.query, buf_str(&text), columns, &out);
		assert_in_range(utf8_width(buf_str(&out)), 0, columns);
		assert_true(utf8_valid(buf_str(&out), NULL));
		buf_free(&text);
		buf_free(&out);
		arena_reset(f->arena);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(title_is_above_tags_above_summary_above_author),
	    TEST(of_equals_the_newest_is_first),
	    TEST(stems_case_and_accents_do_not_matter),
	    TEST(all_words_are_asked_for),
	    TEST(phrases_are_words_side_by_side),
	    TEST(beginnings_are_of_whole_words_not_of_stems),
	    TEST(exclusions_leave_entries_out),
	    TEST(each_field_is_asked_by_itself),
	    TEST(dates_limit),
	    TEST(scripts_without_spaces_are_found_anywhere),
	    TEST(the_target_of_a_link_is_not_searched),
	    TEST(an_entry_appears_at_its_second),
	    TEST(what_is_gone_is_not_found),
	    TEST(anything_typed_is_searched_for_somehow),
	    TEST(any_bytes_find_something_or_nothing),
	    TEST(g02_words_are_clean_and_bounded),
	    TEST(results_are_paged),
	    cmocka_unit_test(more_than_are_ranked_are_counted_and_paged),
	    cmocka_unit_test(beginnings_are_complete),
	    cmocka_unit_test(an_empty_digest_has_nothing),
	    TEST(nothing_found_offers_what_is_near),
	    TEST(no_more_hints_than_there_is_room_for),
	    TEST(matching_words_are_marked),
	    TEST(an_excerpt_is_around_the_first_match),
	    TEST(an_excerpt_never_exceeds_its_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
