/*
 * utf8: every kind of byte that is no UTF-8, display width, cutting between
 * what a reader sees as characters, and cleaning.
 */
#include "config.h"

#include "check.h"

#include "base/utf8.h"

#define FFFD "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"
#define ACUTE "\xcc\x81"                                 /* U+0301, combining */
#define ZWSP "\xe2\x80\x8b"                              /* U+200B */
#define ZWJ "\xe2\x80\x8d"                               /* U+200D */
#define HAN "\xe6\xbc\xa2"                               /* U+6F22, wide */
#define FAMILY "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x91\xa7" /* woman, joiner, girl */

static void every_valid_length_is_decoded(void **state)
{
	static const struct {
		struct str s;
		uint32_t c;
	} rows[] = {
	    {{"\0", 1}, 0},
	    {{"a", 1}, 'a'},
	    {{"\x7f", 1}, 0x7f},
	    {{"\xc2\x80", 2}, 0x80},
	    {{"\xdf\xbf", 2}, 0x7ff},
	    {{"\xe0\xa0\x80", 3}, 0x800},
	    {{"\xed\x9f\xbf", 3}, 0xd7ff},
	    {{"\xee\x80\x80", 3}, 0xe000},
	    {{"\xef\xbf\xbd", 3}, 0xfffd},
	    {{"\xf0\x90\x80\x80", 4}, 0x10000},
	    {{"\xf4\x8f\xbf\xbf", 4}, 0x10ffff},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};
		uint32_t c;
		bool bad = true;

		assert_int_equal(utf8_decode(rows[i].s, &c, &bad), rows[i].s.n);
		assert_int_equal(c, rows[i].c);
		assert_false(bad);
		assert_true(utf8_valid(rows[i].s, NULL));
		utf8_encode(&out, c);
		check_same(buf_str(&out), rows[i].s);
		buf_free(&out);
	}
}

static const struct bad {
	const char *what;
	struct str s;
	size_t characters; /* of U+FFFD that stand for it */
} bad_bytes[] = {
    {"lone continuation", {"\x80", 1}, 1},
    {"last continuation", {"\xbf", 1}, 1},
    {"lead of two at the end", {"\xc3", 1}, 1},
    {"lead of three at the end", {"\xe6\xbc", 2}, 2},
    {"lead of four at the end", {"\xf0\x9f\x91", 3}, 3},
    {"overlong slash in two", {"\xc0\xaf", 2}, 2},
    {"overlong in two, highest", {"\xc1\xbf", 2}, 2},
    {"overlong in three", {"\xe0\x80\xaf", 3}, 3},
    {"overlong in four", {"\xf0\x80\x80\xaf", 4}, 4},
    {"overlong NUL", {"\xc0\x80", 2}, 2},
    {"first surrogate", {"\xed\xa0\x80", 3}, 3},
    {"last surrogate", {"\xed\xbf\xbf", 3}, 3},
    {"beyond U+10FFFF", {"\xf4\x90\x80\x80", 4}, 4},
    {"lead F5", {"\xf5\x80\x80\x80", 4}, 4},
    {"lead of five", {"\xf8\x88\x80\x80\x80", 5}, 5},
    {"FE and FF", {"\xfe\xff", 2}, 2},
};

static void bad_bytes_are_found_where_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_bytes); i++) {
		struct buf text = {0};
		size_t at = 99;

		buf_addz(&text, "a" HAN);
		buf_add(&text, bad_bytes[i].s);
		check_row(!utf8_valid(buf_str(&text), &at), bad_bytes[i].what);
		check_row(at == 4, bad_bytes[i].what);
		buf_addz(&text, "z");
		check_row(!utf8_valid(buf_str(&text), NULL), bad_bytes[i].what);
		buf_free(&text);
	}
	assert_true(utf8_valid((struct str){0}, NULL));
}

static void clean_replaces_every_kind_of_bad_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_bytes); i++) {
		struct buf text = {0}, want = {0}, have = {0};

		buf_addz(&text, "a");
		buf_add(&text, bad_bytes[i].s);
		buf_addz(&text, "z");
		buf_addz(&want, "a");
		for (size_t k = 0; k < bad_bytes[i].characters; k++)
			buf_addz(&want, FFFD);
		buf_addz(&want, "z");
		utf8_clean(&have, buf_str(&text));
		check_same(buf_str(&have), buf_str(&want));
		buf_free(&text);
		buf_free(&want);
		buf_free(&have);
	}
}

/* G-03, M-39: none of these may reach a menu field or a line of gemtext. */
static void g03_m39_controls_and_separators_become_one_space(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"a\tb", "a b"},
	    {"a\r\nb", "a b"},
	    {"a\t\r\n\v\f\x1c\x1d\x1e\x1f"
	     "b",
		"a b"},
	    {"\x1b[31mred", " [31mred"},
	    {"a\x7f"
	     "b",
		"a b"},
	    {"a\xc2\x80"
	     "b\xc2\x9f"
	     "c",
		"a b c"},
	    {"a\xc2\x85"
	     "b",
		"a b"}, /* NEL */
	    {"a\xe2\x80\xa8"
	     "b\xe2\x80\xa9"
	     "c",
		"a b c"}, /* U+2028, U+2029 */
	    {"a \t b", "a   b"},
	    {"\n", " "},
	    {"", ""},
	    {"caf\xc3\xa9 " HAN, "caf\xc3\xa9 " HAN},
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		utf8_clean(&out, str_of(rows[i].text));
		check_buf(&out, rows[i].want);
	}
	utf8_clean(&out, STR("a\0b"));
	check_buf(&out, "a b");
}

/* G-09, T-04: no byte order mark. */
static void g09_a_byte_order_mark_vanishes(void **state)
{
	struct buf out = {0};

	(void)state;
	utf8_clean(&out,
	    STR("\xef\xbb\xbf"
		"a\xef\xbb\xbf"
		"b"));
	check_buf(&out, "ab");
}

static void controls_are_found(void **state)
{
	(void)state;
	assert_int_equal(utf8_find_control(STR("abc")), 3);
	assert_int_equal(utf8_find_control(STR("a" HAN "\n")), 4);
	assert_int_equal(utf8_find_control(STR("\xc2\xa0\xe2\x80\xa7\xc2\x9f")), 5);
	assert_int_equal(utf8_find_control(STR("a\0")), 1);
	assert_int_equal(utf8_find_control((struct str){0}), 0);
}

/* G-08: characters are counted, not bytes; wide ones as two, combining ones as none. */
static void g08_width_is_in_columns(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} rows[] = {
	    {"", 0}, {"abc", 3}, {"caf\xc3\xa9", 4}, {"cafe" ACUTE, 4}, {HAN HAN, 4}, {ZWSP ZWJ, 0},
	    {"\t\n\x7f\xc2\x80", 0}, {"\xef\xbc\xa1", 2}, /* fullwidth A */
	    {"\xef\xbd\xb1", 1},                          /* halfwidth katakana */
	    {"\xed\x95\x9c", 2},                          /* hangul */
	    {"\xf0\x9f\x98\x80", 2},                      /* emoji */
	    {"\xff\xfe", 2},                              /* shown as two U+FFFD */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(utf8_width(str_of(rows[i].text)) == rows[i].width, rows[i].text);
}

static void fit_never_cuts_what_is_seen_as_one(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *fits;
	} rows[] = {
	    {"abc", 3, "abc"}, {"abc", 2, "ab"}, {"abc", 0, ""}, {"", 0, ""}, {HAN HAN, 3, HAN},
	    {HAN, 1, ""}, {"e" ACUTE "x", 1, "e" ACUTE}, {"ae" ACUTE, 1, "a"},
	    {"a" ZWSP "b", 1, "a" ZWSP}, {FAMILY "x", 4, FAMILY}, {"a" FAMILY, 3, "a"},
	    {"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
	     "x",
		1, ""}, /* a flag of two letters */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str s = str_of(rows[i].text);

		check_str(str_sub(s, 0, utf8_fit(s, rows[i].columns)), rows[i].fits);
	}
}

static void a_long_label_is_cut_with_an_ellipsis_at_the_column(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *want;
	} rows[] = {
	    {"abcdef", 6, "abcdef"},
	    {"abcdef", 5, "abcd" ELLIPSIS},
	    {"abc def", 5, "abc" ELLIPSIS},                       /* no space before it */
	    {"one two three four", 16, "one two three" ELLIPSIS}, /* before a word */
	    {"one twothreefour", 10, "one twoth" ELLIPSIS},       /* unless little would be left */
	    {HAN HAN HAN, 6, HAN HAN HAN},
	    {HAN HAN HAN, 5, HAN HAN ELLIPSIS},
	    {HAN HAN HAN, 4, HAN ELLIPSIS}, /* column 3 is inside a wide one */
	    {"abe" ACUTE "f", 4, "abe" ACUTE "f"},
	    {"abe" ACUTE "fg", 4, "abe" ACUTE ELLIPSIS},
	    {"abe" ACUTE "fg", 3, "ab" ELLIPSIS}, /* never between e and its accent */
	    {"a" FAMILY "bc", 5, "a" ELLIPSIS},
	    {"a\tb\nc", 3, "a" ELLIPSIS},
	    {"a\tb\nc", 5, "a b c"},
	    {"abc", 1, ELLIPSIS},
	    {"abc", 0, ELLIPSIS},
	    {"", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		buf_addz(&out, "0 ");
		utf8_clean_cut(&out, str_of(rows[i].text), rows[i].columns, UTF8_ELLIPSIS);
		check_str(str_sub(buf_str(&out), 0, 2), "0 ");
		check_str(str_skip(buf_str(&out), 2), rows[i].want);
		buf_free(&out);
	}
}

static void bytes_are_cut_between_characters(void **state)
{
	struct str s = STR("a\xc3\xa9" HAN "\xf0\x9f\x98\x80");
	static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

	(void)state;
	for (size_t n = 0; n < COUNT(want); n++)
		assert_int_equal(utf8_cut(s, n).n, want[n]);
	assert_int_equal(utf8_cut(STR("\x80\x80\x80\x80\x80\x80"), 5).n, 2);
	assert_int_equal(utf8_cut((struct str){0}, 5).n, 0);
}

/* Whatever comes in: one line of UTF-8 without controls, and cleaning again changes nothing. */
static void any_bytes_come_out_clean(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		struct str s = {text, check_random(&seed) % (sizeof text + 1)};
		size_t columns = check_random(&seed) % 12 + 1;
		struct buf out = {0}, again = {0}, cut = {0};

		for (size_t i = 0; i < s.n; i++)
			text[i] = (char)check_random(&seed);
		utf8_clean(&out, s);
		assert_true(utf8_valid(buf_str(&out), NULL));
		assert_int_equal(utf8_find_control(buf_str(&out)), out.len);
		utf8_clean(&again, buf_str(&out));
		check_same(buf_str(&again), buf_str(&out));
		utf8_clean_cut(&cut, s, columns, UTF8_ELLIPSIS);
		assert_true(utf8_valid(buf_str(&cut), NULL));
		assert_true(utf8_width(buf_str(&cut)) <= columns);
		buf_free(&out);
		buf_free(&again);
		buf_free(&cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_valid_length_is_decoded),
	    cmocka_unit_test(bad_bytes_are_found_where_they_are),
	    cmocka_unit_test(clean_replaces_every_kind_of_bad_byte),
	    cmocka_unit_test(g03_m39_controls_and_separators_become_one_space),
	    cmocka_unit_test(g09_a_byte_order_mark_vanishes),
	    cmocka_unit_test(controls_are_found),
	    cmocka_unit_test(g08_width_is_in_columns),
	    cmocka_unit_test(fit_never_cuts_what_is_seen_as_one),
	    cmocka_unit_test(a_long_label_is_cut_with_an_ellipsis_at_the_column),
	    cmocka_unit_test(bytes_are_cut_between_characters),
	    cmocka_unit_test(any_bytes_come_out_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
