/*
 * search: what ends a search or a building early, and how the caller learns of it.
 */
#include "config.h"

#include "check.h"
#include "made.h"

#include "content/search.h"

#include <sqlite3.h>

#define NOW 1577836800 /* 2020-01-01T00:00:00Z */

static const char site[] = "title: T\ncategories: [{name: Web, slug: web}]\n";

static struct search *make(const char *entries)
{
	struct digest *d = made_digest(site, entries, NOW);
	struct buf why = {0};
	struct search *s;

	assert_non_null(d);
	s = search_new(d, NULL, &why);
	check_buf(&why, "");
	assert_non_null(s);
	digest_unref(d);
	return s;
}

/* As many terms as can be typed: begin, end and so on around words of so many letters. */
static struct str repeat(struct arena *a, const char *first, const char *form, uint64_t seed)
{
	struct buf text = {0};
	struct str typed;

	buf_addz(&text, first);
	for (int i = 0; text.len < SEARCH_WORDS_MAX; i++)
		for (const char *c = form; *c; c++) {
			if (*c == '?')
				buf_addc(&text, (char)('a' + check_random(&seed) % 26));
			else if (*c == '!')
				buf_addc(&text, (char)('a' + i % 26));
			else
				buf_addc(&text, *c);
		}
	typed = arena_str(a, buf_str(&text));
	buf_free(&text);
	return typed;
}

/* Of many entries, each with many of the words of two letters and some ideographs. */
static struct search *make_crowded(void)
{
	struct buf text = {0};
	uint64_t seed = 3;
	struct search *s;

	for (int i = 0; i < 4000; i++) {
		buf_printf(&text,
		    "- {title: every %d, url: 'https://e/%d', date: 2019-01-01, "
		    "categories: [web], summary: \"",
		    i, i);
		for (int k = 0; k < 300; k++) {
			unsigned second = (unsigned)(check_random(&seed) % 26);

			buf_printf(&text, "%c%c ", 'a' + (int)(check_random(&seed) % 26),
			    'a' + (int)second);
		}
		buf_addz(&text, "\u306e\u7684\u306e\u4e00\"}\n");
	}
	s = make(buf_z(&text));
	buf_free(&text);
	return s;
}

static void work_is_bounded_whatever_is_typed(void **state)
{
	static const struct {
		const char *first, *form;
	} rows[] = {{"", "-!* "}, {"every ", "-!* "}, {"", "!* "}, {"", "?* "}, {"", "?? "},
	    {"every ", "-?? "}, {"", "-?? "}, {"", "??* "}, {"every ", "-??* "}, {"", "\"?? ??\" "},
	    {"every ", "-\"?? ??\" "}, {"", "\"?? ?\"* "}, {"", "-\"?? ?\"* "},
	    {"", "\u306e\u7684"}, {"", "\u306e\u7684 "}, {"", "-\u306e\u4e00 "}, {"", "\u306e* "},
	    {"", "\u4e00\u7684 \u306e\u306e "}, {"", "category:w* "}, {"", "title:!* "},
	    {"every ", "-title:!* "}};
	struct search *s = make_crowded();
	struct arena *a = arena_new(0);
	uint64_t most = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str typed = repeat(a, rows[i].first, rows[i].form, i + 1);
		struct search_result r = search_find(s, typed, NOW, 0, 9, a), again;
		uint64_t pages = search_pages(s);

		/* What is noticed late comes to less than a tenth. */
		assert_in_range(pages, 0, SEARCH_PAGES + SEARCH_PAGES / 10);
		if (pages > SEARCH_PAGES)
			assert_true(r.more);
		most = pages > most ? pages : most;
		again = search_find(s, typed, NOW, 0, 9, a);
		assert_int_equal(search_pages(s), pages);
		assert_int_equal(again.total, r.total);
	}
	assert_in_range(most, SEARCH_PAGES, UINT32_MAX);
	assert_int_equal(search_find(s, STR("every"), NOW, 0, 9, a).total, 4000);
	assert_int_equal(search_faults(s), 0);
	search_free(s);
	arena_free(a);
}

static void a_building_can_be_stopped(void **state)
{
	atomic_bool stop = false;
	struct buf text = {0}, why = {0};
	struct digest *d;
	struct search *s;

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_printf(&text,
		    "- {title: x%d, url: 'https://e/%d', date: 2019-01-01, categories: [web]}\n", i,
		    i);
	d = made_digest(site, buf_z(&text), NOW);
	buf_free(&text);
	s = search_new(d, &stop, &why);
	check_buf(&why, "");
	assert_non_null(s);
	search_free(s);
	stop = true;
	assert_null(search_new(d, &stop, &why));
	check_buf(&why, "stopped");
	digest_unref(d);
}

/* What SQLite has no memory for is told apart from what nobody wrote about. */
static void a_search_without_memory_has_failed(void **state)
{
	struct search *s =
	    make("- {title: Lantern, url: 'https://e/', date: 2019-01-01, categories: [web]}\n");
	struct arena *a = arena_new(0);
	struct search_result r;

	(void)state;
	assert_int_equal(search_find(s, STR("lantern"), NOW, 0, 9, a).failed, false);
	sqlite3_hard_heap_limit64(sqlite3_memory_used());
	r = search_find(s, STR("lantern"), NOW, 0, 9, a);
	sqlite3_hard_heap_limit64(0);
	assert_true(r.failed);
	assert_true(search_faults(s) > 0);
	r = search_find(s, STR("lantern"), NOW, 0, 9, a);
	assert_false(r.failed);
	assert_int_equal(r.total, 1);
	search_free(s);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(work_is_bounded_whatever_is_typed),
	    cmocka_unit_test(a_building_can_be_stopped),
	    cmocka_unit_test(a_search_without_memory_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
