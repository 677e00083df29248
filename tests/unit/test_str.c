/*
 * str: slicing, comparing, taking apart and counting, with empty slices and at
 * the ends.
 */
#include "config.h"

#include "check.h"

#include "base/str.h"

static void slices_are_clamped(void **state)
{
	struct str s = STR("abc"), none = {0};

	(void)state;
	check_str(str_sub(s, 0, 3), "abc");
	check_str(str_sub(s, 1, 2), "b");
	check_str(str_sub(s, 2, 99), "c");
	check_str(str_sub(s, 99, 100), "");
	check_str(str_sub(s, 2, 1), "");
	check_str(str_skip(s, 3), "");
	check_str(str_skip(s, SIZE_MAX), "");
	check_str(str_skip(none, 5), "");
	assert_null(str_sub(none, 0, 0).p);
	assert_int_equal(str_of(NULL).n, 0);
}

static void equality_is_of_bytes(void **state)
{
	struct str none = {0};

	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("a"), STR("A")));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_eq(none, STR("")));
}

static void only_ascii_case_is_folded(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("Gemini-09[z]"), STR("gEMINI-09[Z]")));
	assert_false(str_eq_nocase(STR("[@`{"), STR("{`@[")));
	assert_false(str_eq_nocase(STR("\xc3\x89"), STR("\xc3\xa9")));
	assert_false(str_eq_nocase(STR("ab"), STR("abc")));
	assert_true(str_starts_nocase(STR("URL:x"), STR("url:")));
	assert_false(str_starts_nocase(STR("UR"), STR("url:")));
}

static void order_is_that_of_bytes(void **state)
{
	struct str none = {0};

	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR("Z"), STR("a")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_cmp(none, STR("")), 0);
	assert_true(str_cmp(none, STR("a")) < 0);
}

static void starts_and_ends(void **state)
{
	struct str none = {0};

	(void)state;
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), none));
	assert_false(str_starts(none, STR("a")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_true(str_ends(STR("abc"), none));
	assert_false(str_ends(STR("bc"), STR("abc")));
}

static void index_of_a_byte(void **state)
{
	struct str none = {0};

	(void)state;
	assert_int_equal(str_index(STR("abca"), 'a'), 0);
	assert_int_equal(str_index(STR("abca"), 'c'), 2);
	assert_int_equal(str_index(STR("abca"), 'x'), 4);
	assert_int_equal(str_index(STR("a\0b"), '\0'), 1);
	assert_int_equal(str_index(none, 'a'), 0);
}

static void trim_takes_blanks_only(void **state)
{
	(void)state;
	check_str(str_trim(STR(" \t\r\n a b \n\r\t ")), "a b");
	check_str(str_trim(STR(" \t\r\n ")), "");
	check_str(str_trim(STR("\v\xc2\xa0 a")), "\v\xc2\xa0 a");
	check_str(str_trim((struct str){0}), "");
}

static void lines_end_in_lf_or_crlf(void **state)
{
	struct str rest = STR("a\nb\r\n\n\r\nc\rd\ne"), line;
	const char *want[] = {"a", "b", "", "", "c\rd", "e"};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(str_next_line(&rest, &line));
		check_str(line, want[i]);
	}
	assert_false(str_next_line(&rest, &line));
	rest = STR("a\n");
	assert_true(str_next_line(&rest, &line));
	assert_false(str_next_line(&rest, &line));
}

static void empty_fields_count_but_a_last_separator_ends(void **state)
{
	struct str rest = STR("\ta\t\tb\t"), field;
	const char *want[] = {"", "a", "", "b"};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(str_next_field(&rest, '\t', &field));
		check_str(field, want[i]);
	}
	assert_false(str_next_field(&rest, '\t', &field));
}

static void numbers_are_strict(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, value;
		bool ok;
	} rows[] = {
	    {"0", 0, 0, true},
	    {"00070", 100, 70, true},
	    {"100", 100, 100, true},
	    {"101", 100, 0, false},
	    {"", 100, 0, false},
	    {"-1", 100, 0, false},
	    {"+1", 100, 0, false},
	    {" 1", 100, 0, false},
	    {"1 ", 100, 0, false},
	    {"0x1", 100, 0, false},
	    {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
	    {"18446744073709551616", UINT64_MAX, 0, false},
	    {"99999999999999999999999", UINT64_MAX, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 0;

		check_row(str_to_uint(str_of(rows[i].text), rows[i].max, &value) == rows[i].ok,
		    rows[i].text);
		check_row(!rows[i].ok || value == rows[i].value, rows[i].text);
	}
}

static void hash_is_fnv_1a(void **state)
{
	(void)state;
	assert_true(str_hash((struct str){0}) == 0xcbf29ce484222325u);
	assert_true(str_hash(STR("a")) == 0xaf63dc4c8601ec8cu);
	assert_true(str_hash(STR("foobar")) == 0x85944171f73967e8u);
}

static void distance_counts_edits(void **state)
{
	static const struct {
		const char *a, *b;
		size_t d;
	} rows[] = {
	    {"", "", 0},
	    {"", "abc", 3},
	    {"title", "title", 0},
	    {"titel", "title", 2},
	    {"tag", "tags", 1},
	    {"kitten", "sitting", 3},
	};
	char word[66];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str a = str_of(rows[i].a), b = str_of(rows[i].b);

		check_row(str_distance(a, b) == rows[i].d, rows[i].a);
		check_row(str_distance(b, a) == rows[i].d, rows[i].a);
	}
	memset(word, 'x', sizeof word);
	assert_int_equal(str_distance((struct str){word, 64}, STR("")), 64);
	assert_true(str_distance((struct str){word, 65}, STR("")) == SIZE_MAX);
	assert_true(str_distance(STR(""), (struct str){word, 65}) == SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slices_are_clamped),
	    cmocka_unit_test(equality_is_of_bytes),
	    cmocka_unit_test(only_ascii_case_is_folded),
	    cmocka_unit_test(order_is_that_of_bytes),
	    cmocka_unit_test(starts_and_ends),
	    cmocka_unit_test(index_of_a_byte),
	    cmocka_unit_test(trim_takes_blanks_only),
	    cmocka_unit_test(lines_end_in_lf_or_crlf),
	    cmocka_unit_test(empty_fields_count_but_a_last_separator_ends),
	    cmocka_unit_test(numbers_are_strict),
	    cmocka_unit_test(hash_is_fnv_1a),
	    cmocka_unit_test(distance_counts_edits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
