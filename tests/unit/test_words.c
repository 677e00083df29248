/*
 * words: what is a word, what it folds to, and where it stood.
 */
#include "config.h"

#include "check.h"

#include "base/words.h"

/* The words of text, with a bar between them. */
static void join(struct str text, struct buf *out)
{
	struct words w;

	words_begin(&w, text);
	for (bool first = true; words_next(&w); first = false) {
		if (!first)
			buf_addc(out, '|');
		buf_add(out, w.word);
		assert_true(w.word.n > 0 && w.word.n <= WORDS_BYTES_MAX);
		assert_true(w.from < w.to && w.to <= text.n);
	}
}

static void check_words(const char *text, const char *want)
{
	struct buf out = {0};

	join(str_of(text), &out);
	check_buf(&out, want);
}

static void case_and_accents_do_not_matter(void **state)
{
	(void)state;
	check_words("Rust's Borrow-Checker, v1.40!", "rusts|borrow|checker|v1|40");
	check_words("\xc3\x89mile E\xcc\x81mile EMILE", "emile|emile|emile");
	check_words("\xc5\x81\xc3\xb3"
		    "d\xc5\xba Stra\xc3\x9f"
		    "e \xc3\x98re \xc4\xb0stanbul",
	    "lodz|strasse|ore|istanbul");
	check_words("don't don\xe2\x80\x99t 'quoted'", "dont|dont|quoted");
	check_words("\xef\xbc\xa1\xef\xbc\x91 x\xc2\xb2 \xef\xac\x81n", "a1|x2|fin");
	check_words("\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
	    "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0");
	check_words("a\xc2\xad"
		    "b",
	    "ab"); /* a soft hyphen */
}

static void languages_keep_their_signs(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"C, C++ and C#.", "c|c++|and|c#"},
	    {"C++17", "c++|17"},
	    {"F#/C++", "f#|c++"},
	    {"a+b a#b", "a|b|a|b"},
	    {"C+++", "c++"},
	    {"1+ 2#", "1|2"},
	    {"# + #rust2018", "rust2018"},
	    {"C++\xe8\xa8\x80", "c++|\xe8\xa8\x80"},
	    {"C#\xe8\xa8\x80", "c|\xe8\xa8\x80"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_words(rows[i].text, rows[i].want);
}

static void characters_of_scripts_without_spaces_are_words(void **state)
{
	(void)state;
	check_words("Rust\xe8\xa8\x80\xe8\xaa\x9e", "rust|\xe8\xa8\x80|\xe8\xaa\x9e");
	/* Kana, full and half width; the voiced mark makes another kana of it, however it is written. */
	check_words("\xe3\x82\xab\xe3\x82\xac", "\xe3\x82\xab|\xe3\x82\xab\xe3\x82\x99");
	check_words("\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xab\xe3\x82\x99");
	/* Hangul is the same composed and decomposed. */
	check_words("\xea\xb0\x80", "\xe1\x84\x80|\xe1\x85\xa1");
	check_words("\xe1\x84\x80\xe1\x85\xa1", "\xe1\x84\x80|\xe1\x85\xa1");
	/* An emoji, and a word with marks that it cannot be read without. */
	check_words("\xf0\x9f\xa6\x80!", "\xf0\x9f\xa6\x80");
	check_words("\xe0\xa4\xb9\xe0\xa4\xbf", "\xe0\xa4\xb9\xe0\xa4\xbf");
}

static void what_is_no_word_is_passed_over(void **state)
{
	(void)state;
	check_words("", "");
	check_words("!?. -- \xe2\x80\x94 \xcc\x81 '", "");
	check_words("a\xff\xfe"
		    "b\xc3",
	    "a|b");
	check_words("a\tb\x1f"
		    "c",
	    "a|b|c");
}

static void a_long_word_counts_by_its_beginning(void **state)
{
	struct buf text = {0}, out = {0};

	(void)state;
	buf_fill(&text, 'x', 5000);
	buf_addz(&text, " y");
	join(buf_str(&text), &out);
	assert_int_equal(out.len, WORDS_BYTES_MAX + 2);
	buf_free(&out);
	buf_free(&text);
}

static void it_says_where_they_stood(void **state)
{
	struct str text = STR("  \xc3\x89mile's C++, \xe8\xa8\x80\xe8\xaa\x9e");
	static const char *const want[] = {"\xc3\x89mile's", "C++", "\xe8\xa8\x80", "\xe8\xaa\x9e"};
	struct words w;

	(void)state;
	words_begin(&w, text);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(words_next(&w));
		check_str(str_sub(text, w.from, w.to), want[i]);
	}
	assert_false(words_next(&w));
}

/* Search relies on it: what is typed is folded, then folded again with the index's own text. */
static void folding_again_changes_nothing(void **state)
{
	static const char likely[] = "aB+#'\xcc\x81\xe3\x82\xab\xc3\x9f 1";
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		struct str s = {text, check_random(&seed) % (sizeof text + 1)};
		struct words w;

		for (size_t i = 0; i < s.n; i++) {
			uint32_t c = check_random(&seed);

			text[i] =
			    c % 3 ? likely[c / 3 % (sizeof likely - 1)] : (char)(c >> 8 & 0xff);
		}
		words_begin(&w, s);
		while (words_next(&w)) {
			struct buf again = {0};

			join(w.word, &again);
			check_same(buf_str(&again), w.word);
			buf_free(&again);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case_and_accents_do_not_matter),
	    cmocka_unit_test(languages_keep_their_signs),
	    cmocka_unit_test(characters_of_scripts_without_spaces_are_words),
	    cmocka_unit_test(what_is_no_word_is_passed_over),
	    cmocka_unit_test(a_long_word_counts_by_its_beginning),
	    cmocka_unit_test(it_says_where_they_stood),
	    cmocka_unit_test(folding_again_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
