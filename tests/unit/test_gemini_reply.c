/*
 * gemini_reply: the header of a reply (M-16, M-17), to the byte.
 */
#include "config.h"

#include "check.h"

#include "base/utf8.h"
#include "protocol/gemini_reply.h"

static struct str head(char out[GEMINI_REPLY_MAX], int status, struct str meta)
{
	return (struct str){out, gemini_reply_head(out, status, meta)};
}

static void m16_a_header_is_status_space_meta_crlf(void **state)
{
	static const struct {
		int status;
		const char *meta, *want;
	} rows[] = {
	    {GEMINI_INPUT, "Words", "10 Words\r\n"},
	    {GEMINI_SUCCESS, "text/gemini; charset=utf-8; lang=en",
		"20 text/gemini; charset=utf-8; lang=en\r\n"},
	    {GEMINI_REDIRECT, "/x", "30 /x\r\n"},
	    {GEMINI_MOVED, "/news/", "31 /news/\r\n"},
	    {GEMINI_FAILURE, "x", "40 x\r\n"},
	    {GEMINI_UNAVAILABLE, "x", "41 x\r\n"},
	    {GEMINI_SLOW_DOWN, "30", "44 30\r\n"},
	    {GEMINI_NOT_FOUND, "Not found", "51 Not found\r\n"},
	    {GEMINI_GONE, "x", "52 x\r\n"},
	    {GEMINI_NOT_OURS, "x", "53 x\r\n"},
	    {GEMINI_BAD_REQUEST, "caf\xc3\xa9", "59 caf\xc3\xa9\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[GEMINI_REPLY_MAX];

		check_str(head(out, rows[i].status, str_of(rows[i].meta)), rows[i].want);
	}
}

static void m16_no_control_gets_into_it(void **state)
{
	static const struct {
		struct str meta;
		const char *want;
	} rows[] = {
	    {{"a\r\nb", 4}, "51 a  b\r\n"},
	    {{"a\tb\x1b[m\x7f", 7}, "51 a b [m \r\n"},
	    {{"a\0b", 3}, "51 a b\r\n"},
	    {{"a\xc2\x85"
	      "b\xe2\x80\xa8",
		 7},
		"51 a b \r\n"},
	    {{"\xff"
	      "a\xc3",
		 3},
		"51  a \r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[GEMINI_REPLY_MAX];

		check_str(head(out, 51, rows[i].meta), rows[i].want);
	}
}

/* M-17: at most 1024 bytes, cut between characters, wherever the cut falls. */
static void m17_a_long_meta_is_cut_between_characters(void **state)
{
	static const char *const ends[] = {"x", "\xc3\xa9", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80"};

	(void)state;
	for (size_t fill = 1015; fill <= 1030; fill++) {
		for (size_t i = 0; i < COUNT(ends); i++) {
			struct buf meta = {0};
			char out[GEMINI_REPLY_MAX];
			size_t whole = (1024 - (fill < 1024 ? fill : 1024)) / strlen(ends[i]);
			struct str have;

			buf_fill(&meta, 'a', fill);
			for (int k = 0; k < 20; k++)
				buf_addz(&meta, ends[i]);
			have = head(out, 59, buf_str(&meta));
			assert_int_equal(
			    have.n, 3 + (fill < 1024 ? fill : 1024) + whole * strlen(ends[i]) + 2);
			assert_true(have.n <= GEMINI_REPLY_MAX);
			assert_true(str_ends(have, STR("\r\n")));
			assert_true(utf8_valid(have, NULL));
			buf_free(&meta);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m16_a_header_is_status_space_meta_crlf),
	    cmocka_unit_test(m16_no_control_gets_into_it),
	    cmocka_unit_test(m17_a_long_meta_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
