/*
 * wrap: lines by display width (G-08), never inside a word or a URL, and where
 * Chinese and Japanese break.
 */
#include "config.h"

#include "check.h"

#include "base/utf8.h"
#include "base/wrap.h"

#define HAN "\xe6\xbc\xa2"      /* U+6F22 */
#define JI "\xe5\xad\x97"       /* U+5B57 */
#define STOP "\xe3\x80\x82"     /* U+3002, ideographic full stop */
#define OPEN "\xe3\x80\x8c"     /* U+300C, opening corner bracket */
#define CLOSE "\xe3\x80\x8d"    /* U+300D, closing corner bracket */
#define SMALL_TU "\xe3\x81\xa3" /* U+3063 */
#define LONG "\xe3\x83\xbc"     /* U+30FC, prolonged sound mark */
#define HANGUL "\xed\x95\x9c"   /* U+D55C */
#define ACUTE "\xcc\x81"
#define NBSP "\xc2\xa0"

/* The lines of text, joined by "|". */
static void check_lines(const char *text, size_t width, const char *want)
{
	struct str rest = str_of(text), line;
	struct buf out = {0};
	bool first = true;

	while (wrap_next(&rest, width, &line)) {
		if (!first)
			buf_addc(&out, '|');
		first = false;
		buf_add(&out, line);
	}
	check_buf(&out, want);
}

static void lines_break_at_spaces(void **state)
{
	(void)state;
	check_lines("", 10, "");
	check_lines("   ", 10, "");
	check_lines("one", 10, "one");
	check_lines("  one  ", 10, "one");
	check_lines("one two three", 7, "one two|three");
	check_lines("one two three", 6, "one|two|three");
	check_lines("one two three", 13, "one two three");
	check_lines("one two three", 12, "one two|three");
	check_lines("one  two   three", 9, "one  two|three");
	check_lines("a b c d", 1, "a|b|c|d");
}

/* G-08: do not break URLs, nor any word. */
static void g08_a_word_is_never_cut(void **state)
{
	(void)state;
	check_lines("see https://example.org/a/long/path?with=query now", 10,
	    "see|https://example.org/a/long/path?with=query|now");
	check_lines("incomprehensibilities", 5, "incomprehensibilities");
	check_lines("a well-known, so-called word", 12, "a|well-known,|so-called|word");
	check_lines("one" NBSP "two three", 5, "one" NBSP "two|three");
	check_lines(HANGUL HANGUL HANGUL " " HANGUL, 4, HANGUL HANGUL HANGUL "|" HANGUL);
}

static void g08_width_is_that_of_the_display(void **state)
{
	(void)state;
	check_lines("e" ACUTE "e" ACUTE "e" ACUTE " x", 5, "e" ACUTE "e" ACUTE "e" ACUTE " x");
	check_lines("\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9");
	check_lines("ab \xef\xbc\xa1", 4, "ab|\xef\xbc\xa1");
	check_lines("a\xe2\x80\x8b\xe2\x80\x8b b", 3, "a\xe2\x80\x8b\xe2\x80\x8b b");
}

static void ideographs_break_anywhere(void **state)
{
	(void)state;
	check_lines(HAN JI HAN JI HAN, 4, HAN JI "|" HAN JI "|" HAN);
	check_lines(HAN JI HAN JI HAN, 5, HAN JI "|" HAN JI "|" HAN);
	check_lines("abc" HAN JI, 5, "abc" HAN "|" JI);
	check_lines(HAN JI "abc def", 7, HAN JI "abc|def");
	check_lines(HAN JI "abcd", 4, HAN JI "|abcd");
}

static void closing_marks_begin_no_line(void **state)
{
	(void)state;
	check_lines(HAN JI STOP HAN, 4, HAN "|" JI STOP "|" HAN);
	check_lines(HAN JI CLOSE HAN, 4, HAN "|" JI CLOSE "|" HAN);
	check_lines(HAN JI SMALL_TU HAN, 4, HAN "|" JI SMALL_TU "|" HAN);
	check_lines(HAN JI LONG HAN, 4, HAN "|" JI LONG "|" HAN);
	check_lines(HAN JI ")" HAN, 4, HAN "|" JI ")|" HAN);
	check_lines(HAN JI ", " HAN, 4, HAN "|" JI ",|" HAN);
	check_lines(HAN JI ".", 4, HAN "|" JI ".");
	check_lines(HAN JI "\xef\xbd\xa4", 4, HAN "|" JI "\xef\xbd\xa4"); /* halfwidth comma */
}

static void opening_marks_end_no_line(void **state)
{
	(void)state;
	check_lines(HAN OPEN JI HAN, 4, HAN "|" OPEN JI "|" HAN);
	check_lines(HAN "(" JI ")" HAN, 3, HAN "|(" JI ")|" HAN);
}

static void nothing_comes_between_a_character_and_its_marks(void **state)
{
	/* U+304B with the combining voiced sound mark U+3099. */
	static const char ga[] = "\xe3\x81\x8b\xe3\x82\x99";
	struct buf text = {0}, want = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		buf_addz(&text, ga);
		buf_addz(&want, i ? "|" : "");
		buf_addz(&want, ga);
	}
	check_lines(buf_z(&text), 2, buf_z(&want));
	buf_free(&text);
	buf_free(&want);
}

/* G-08: a menu line has a bound, whatever the text. */
static void g08_a_line_has_a_bound_in_bytes(void **state)
{
	struct buf text = {0};
	struct str rest, line;

	(void)state;
	buf_fill(&text, 'x', 3 * WRAP_WORD_MAX);
	rest = buf_str(&text);
	for (int i = 0; i < 3; i++) {
		assert_true(wrap_next(&rest, 70, &line));
		assert_int_equal(line.n, WRAP_WORD_MAX);
	}
	assert_false(wrap_next(&rest, 70, &line));
	text.len = 0;
	for (int i = 0; i < 5000; i++)
		buf_addz(&text, i % 50 ? ACUTE : " e" ACUTE);
	rest = buf_str(&text);
	while (wrap_next(&rest, 70, &line))
		assert_true(line.n <= WRAP_WORD_MAX + 4);
	buf_free(&text);
}

/* All words come out, in order, in lines that fit unless they are one unbreakable piece. */
static void any_text_keeps_its_words(void **state)
{
	static const char *const pieces[] = {"a", "bc", ("d" ACUTE), " ", " ", HAN, JI, STOP, OPEN,
	    "https://e.org/", "\xef\xbf\xbd", HANGUL};
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct buf text = {0}, before = {0}, after = {0};
		size_t width = check_random(&seed) % 20 + 2;
		struct str rest, line;

		for (uint32_t n = check_random(&seed) % 40; n > 0; n--)
			buf_addz(&text, pieces[check_random(&seed) % COUNT(pieces)]);
		for (size_t i = 0; i < text.len; i++)
			if (text.p[i] != ' ')
				buf_addc(&before, text.p[i]);
		rest = buf_str(&text);
		while (wrap_next(&rest, width, &line)) {
			assert_true(line.n > 0 && line.p[0] != ' ' && line.p[line.n - 1] != ' ');
			if (str_index(line, ' ') < line.n)
				assert_true(utf8_width(line) <= width);
			for (size_t i = 0; i < line.n; i++)
				if (line.p[i] != ' ')
					buf_addc(&after, line.p[i]);
		}
		check_same(buf_str(&after), buf_str(&before));
		buf_free(&text);
		buf_free(&before);
		buf_free(&after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_break_at_spaces),
	    cmocka_unit_test(g08_a_word_is_never_cut),
	    cmocka_unit_test(g08_width_is_that_of_the_display),
	    cmocka_unit_test(ideographs_break_anywhere),
	    cmocka_unit_test(closing_marks_begin_no_line),
	    cmocka_unit_test(opening_marks_end_no_line),
	    cmocka_unit_test(nothing_comes_between_a_character_and_its_marks),
	    cmocka_unit_test(g08_a_line_has_a_bound_in_bytes),
	    cmocka_unit_test(any_text_keeps_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
