/*
 * page: blocks are kept in order, as they were given.
 */
#include "config.h"

#include "check.h"

#include "render/page.h"

static void a_new_page_begins_with_its_title(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = page_new(a, STR("Title"), STR("en"));

	(void)state;
	check_str(p->title, "Title");
	check_str(p->language, "en");
	assert_ptr_equal(p->arena, a);
	assert_int_equal(p->first->kind, BLOCK_HEADING);
	assert_int_equal(p->first->level, 1);
	check_str(p->first->text, "Title");
	assert_null(p->first->next);
	p = page_bare(a, STR("Title"), STR("de"));
	assert_null(p->first);
	check_str(p->title, "Title");
	arena_free(a);
}

static void blocks_keep_their_order(void **state)
{
	static const struct {
		enum block_kind kind;
		const char *text, *target;
	} want[] = {
	    {BLOCK_TEXT, "text", ""},
	    {BLOCK_GAP, "", ""},
	    {BLOCK_LINK, "label", "/target"},
	    {BLOCK_NOTE, "note", ""},
	    {BLOCK_BYLINE, "byline", ""},
	    {BLOCK_QUOTE, "quote", ""},
	};
	struct arena *a = arena_new(0);
	struct page *p = page_bare(a, STR("T"), STR("en"));
	const struct block *b;

	(void)state;
	page_text(p, STR("text"));
	page_gap(p);
	page_link(p, STR("/target"), page_printf(p, "%s", "label"));
	page_note(p, STR("note"));
	page_byline(p, STR("byline"));
	page_add(p, BLOCK_QUOTE, STR("quote"));
	b = p->first;
	for (size_t i = 0; i < COUNT(want); i++, b = b->next) {
		assert_non_null(b);
		assert_int_equal(b->kind, want[i].kind);
		check_str(b->text, want[i].text);
		check_str(b->target, want[i].target);
	}
	assert_null(b);
	arena_free(a);
}

static void heading_levels_are_1_to_3(void **state)
{
	static const unsigned rows[][2] = {{0, 1}, {1, 1}, {2, 2}, {3, 3}, {4, 3}, {99, 3}};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct page *p = page_bare(a, STR("T"), STR("en"));

		page_heading(p, rows[i][0], STR("x"));
		assert_int_equal(p->first->level, rows[i][1]);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_page_begins_with_its_title),
	    cmocka_unit_test(blocks_keep_their_order),
	    cmocka_unit_test(heading_levels_are_1_to_3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
