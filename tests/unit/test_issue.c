/*
 * issue: the order of an issue's entries, and the parts that a long one has.
 */
#include "config.h"

#include "check.h"
#include "made.h"

#include "content/issue.h"

/* 2020-01-31T00:00:00Z */
#define NOW 1580428800

static const char site[] = "title: T\n"
			   "issues: monthly\n"
			   "categories:\n"
			   "- {name: Web, slug: web}\n"
			   "- {name: Language, slug: language}\n";

/* So many entries of January, every other in the second category, each with a summary of so many bytes. */
static struct digest *january(unsigned n, size_t bytes, const char *more)
{
	struct buf text = {0}, summary = {0};
	struct digest *d;

	buf_fill(&summary, 'x', bytes);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&text,
		    "- {title: E%u, url: 'https://e/%u', date: 2020-01-%02u, categories: [%s], "
		    "summary: '%s'}\n",
		    i, i, 28 - i % 28, i % 2 ? "web" : "language", buf_z(&summary));
	buf_addz(&text, more);
	d = made_digest(site, buf_z(&text), NOW);
	assert_non_null(d);
	buf_free(&text);
	buf_free(&summary);
	return d;
}

static void entries_stand_under_their_first_category(void **state)
{
	struct digest *d = january(4, 0, "");
	struct arena *a = arena_new(0);
	struct issue s = issue_read(d, d->issues.items[0], NOW, 1, a);

	(void)state;
	assert_int_equal(s.n, 4);
	check_str(s.entries[0]->title, "E1");
	check_str(s.entries[1]->title, "E3");
	check_str(s.entries[2]->title, "E0");
	check_str(s.entries[3]->title, "E2");
	assert_int_equal(s.parts, 1);
	assert_int_equal(s.first, 0);
	assert_int_equal(s.end, 4);
	arena_free(a);
	digest_unref(d);
}

static void parts_have_each_entry_once_and_are_not_too_large(void **state)
{
	struct digest *d = january(60, 4000, "");
	struct arena *a = arena_new(0);
	const struct group *g = d->issues.items[0];
	uint32_t next = 0, parts = issue_parts(d, g, NOW);

	(void)state;
	assert_in_range(parts, 4, 12);
	for (uint32_t i = 1; i <= parts; i++) {
		struct issue s = issue_read(d, g, NOW, i, a);

		assert_int_equal(s.parts, parts);
		assert_int_equal(s.first, next);
		assert_in_range((s.end - s.first) * 4000, 4000, ISSUE_PART);
		next = s.end;
	}
	assert_int_equal(next, 60);
	assert_int_equal(issue_read(d, g, NOW, parts + 1, a).end, 0);
	arena_free(a);
	digest_unref(d);
}

/* One that is larger than a part has one to itself. */
static void nothing_is_left_out(void **state)
{
	struct digest *d = january(3, 16000, "");

	(void)state;
	assert_in_range(issue_parts(d, d->issues.items[0], NOW), 1, 3);
	digest_unref(d);
}

static void parts_are_counted_anew_while_entries_wait(void **state)
{
	struct digest *d = january(1, 10,
	    "- {title: L, url: 'https://e/l', date: 2020-01-31T12:00:00Z, categories: [web]}\n");
	struct group *g = d->issues.items[0];
	struct arena *a = arena_new(0);

	(void)state;
	assert_int_equal(g->waiting, 1);
	g->parts = 99;
	assert_int_equal(issue_parts(d, g, NOW), 1);
	assert_int_equal(issue_read(d, g, NOW, 1, a).n, 1);
	assert_int_equal(issue_read(d, g, NOW + 43200, 1, a).n, 2);
	arena_free(a);
	digest_unref(d);
}

/* Otherwise the count that the snapshot was made with holds: to weigh all takes too long. */
static void parts_are_counted_once(void **state)
{
	struct digest *d = january(1, 10, "");

	(void)state;
	d->issues.items[0]->parts = 99;
	assert_int_equal(issue_parts(d, d->issues.items[0], NOW), 99);
	digest_unref(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(entries_stand_under_their_first_category),
	    cmocka_unit_test(parts_have_each_entry_once_and_are_not_too_large),
	    cmocka_unit_test(nothing_is_left_out),
	    cmocka_unit_test(parts_are_counted_anew_while_entries_wait),
	    cmocka_unit_test(parts_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
