/*
 * buf: its invariants (len <= cap, NULL only without room) after every
 * operation, and what each appends.
 */
#include "config.h"

#include "check.h"

#include "base/buf.h"

static void check_invariants(const struct buf *b)
{
	assert_true(b->len <= b->cap);
	assert_true(b->p || b->cap == 0);
}

static void zeros_are_an_empty_buffer(void **state)
{
	struct buf b = {0};

	(void)state;
	assert_int_equal(buf_str(&b).n, 0);
	buf_add(&b, STR(""));
	buf_addz(&b, "");
	buf_addz(&b, NULL);
	buf_fill(&b, 'x', 0);
	buf_drop(&b, 0);
	buf_drop(&b, 10);
	check_invariants(&b);
	assert_int_equal(b.len, 0);
	buf_free(&b);
	buf_free(&b);
	assert_null(b.p);
}

static void everything_appends(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_add(&b, STR("a\0b"));
	buf_addc(&b, 'c');
	buf_addz(&b, "de");
	buf_fill(&b, 'f', 3);
	buf_printf(&b, "%d%s", 42, "!");
	buf_printf(&b, "%s", "");
	check_invariants(&b);
	check_same(buf_str(&b), STR("a\0bcdefff42!"));
	buf_free(&b);
}

static void it_grows_and_keeps_its_bytes(void **state)
{
	struct buf b = {0};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		buf_printf(&b, "%04d", i);
		check_invariants(&b);
	}
	assert_int_equal(b.len, 40000);
	check_str(str_sub(buf_str(&b), 4 * 9999, 40000), "9999");
	check_str(str_sub(buf_str(&b), 4 * 77, 4 * 78), "0077");
	buf_free(&b);
}

static void reserve_leaves_the_length(void **state)
{
	struct buf b = {0};
	char *p;

	(void)state;
	buf_addz(&b, "ab");
	p = buf_reserve(&b, 100);
	assert_ptr_equal(p, b.p + 2);
	assert_int_equal(b.len, 2);
	assert_true(b.cap >= 102);
	check_str(buf_str(&b), "ab");
	buf_free(&b);
}

static void drop_takes_from_the_front(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_addz(&b, "abcdef");
	buf_drop(&b, 2);
	check_str(buf_str(&b), "cdef");
	buf_drop(&b, 4);
	check_str(buf_str(&b), "");
	buf_addz(&b, "x");
	buf_drop(&b, SIZE_MAX);
	check_buf(&b, "");
}

static void the_nul_is_not_counted(void **state)
{
	struct buf b = {0};

	(void)state;
	assert_string_equal(buf_z(&b), "");
	assert_int_equal(b.len, 0);
	buf_fill(&b, 'x', b.cap);
	assert_int_equal(strlen(buf_z(&b)), b.len);
	check_invariants(&b);
	buf_free(&b);
}

static void detach_hands_the_bytes_over(void **state)
{
	struct buf b = {0};
	size_t n = 99;
	char *p;

	(void)state;
	p = buf_detach(&b, &n);
	assert_non_null(p);
	assert_int_equal(n, 0);
	free(p);
	buf_addz(&b, "abc");
	p = buf_detach(&b, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "abc", 3);
	free(p);
	assert_null(b.p);
	assert_int_equal(b.cap, 0);
	buf_addc(&b, 'x');
	free(buf_detach(&b, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zeros_are_an_empty_buffer),
	    cmocka_unit_test(everything_appends),
	    cmocka_unit_test(it_grows_and_keeps_its_bytes),
	    cmocka_unit_test(reserve_leaves_the_length),
	    cmocka_unit_test(drop_takes_from_the_front),
	    cmocka_unit_test(the_nul_is_not_counted),
	    cmocka_unit_test(detach_hands_the_bytes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
