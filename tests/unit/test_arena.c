/*
 * arena: what it gives is zeroed, aligned, apart, and gone only with it.
 */
#include "config.h"

#include "check.h"

#include "base/arena.h"

#include <stdalign.h>

static bool is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new(256);

	(void)state;
	for (size_t n = 0; n < 600; n++) {
		char *p = arena_alloc(a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		assert_true(is_zero(p, n));
		memset(p, 0xff, n);
		arena_str(a, STR("x")); /* leaves the next place unaligned */
	}
	arena_free(a);
}

static void pieces_do_not_overlap(void **state)
{
	struct arena *a = arena_new(64);
	char *p[200];

	(void)state;
	for (size_t i = 0; i < COUNT(p); i++) {
		p[i] = arena_alloc(a, i);
		memset(p[i], (int)i, i);
	}
	for (size_t i = 0; i < COUNT(p); i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal((unsigned char)p[i][k], i);
	arena_free(a);
}

static void one_piece_may_be_larger_than_a_chunk(void **state)
{
	struct arena *a = arena_new(64);
	char *p = arena_alloc(a, 100000);

	(void)state;
	assert_true(is_zero(p, 100000));
	p[99999] = 'x';
	assert_true(arena_size(a) >= 100000);
	arena_free(a);
}

static void reset_keeps_the_first_chunk(void **state)
{
	struct arena *a = arena_new(1024);
	size_t size = arena_size(a);
	char *first = arena_alloc(a, 100);

	(void)state;
	memset(first, 0xff, 100);
	for (int i = 0; i < 100; i++)
		arena_alloc(a, 500);
	assert_true(arena_size(a) > size);
	arena_reset(a);
	assert_int_equal(arena_size(a), size);
	assert_ptr_equal(arena_alloc(a, 100), first);
	assert_true(is_zero(first, 100));
	arena_reset(a);
	arena_reset(a);
	arena_free(a);
}

static void arrays_are_zeroed(void **state)
{
	struct arena *a = arena_new(0);
	uint64_t *v = arena_array(a, 100, sizeof *v);

	(void)state;
	assert_true(is_zero((const char *)v, 100 * sizeof *v));
	assert_non_null(arena_array(a, 0, 8));
	assert_non_null(arena_array(a, 8, 0));
	arena_free(a);
}

static void texts_end_in_a_nul_that_is_not_counted(void **state)
{
	struct arena *a = arena_new(16);
	char from[] = "abc";
	struct str s = arena_str(a, str_of(from)), t;

	(void)state;
	from[0] = 'x';
	check_str(s, "abc");
	assert_int_equal(s.p[3], '\0');
	s = arena_str(a, (struct str){0});
	assert_int_equal(s.n, 0);
	assert_int_equal(s.p[0], '\0');
	t = arena_printf(a, "%s has %d entries, more than a chunk holds", "All", 2200);
	check_str(t, "All has 2200 entries, more than a chunk holds");
	assert_int_equal(t.p[t.n], '\0');
	check_str(arena_printf(a, "%s", ""), "");
	arena_free(a);
}

static void freeing_nothing_is_allowed(void **state)
{
	(void)state;
	arena_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed_and_aligned),
	    cmocka_unit_test(pieces_do_not_overlap),
	    cmocka_unit_test(one_piece_may_be_larger_than_a_chunk),
	    cmocka_unit_test(reset_keeps_the_first_chunk),
	    cmocka_unit_test(arrays_are_zeroed),
	    cmocka_unit_test(texts_end_in_a_nul_that_is_not_counted),
	    cmocka_unit_test(freeing_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
