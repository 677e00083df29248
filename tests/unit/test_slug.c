/*
 * slug: what titles and names become in a path, and what passes for a slug.
 */
#include "config.h"

#include "check.h"

#include "base/slug.h"

static void titles_become_slugs(void **state)
{
	static const struct {
		const char *text, *slug;
	} rows[] = {
	    {"Porting a Gopher server", "porting-a-gopher-server"},
	    {"  --Hello,   World!--  ", "hello-world"}, {"\xc3\x89mile Zola", "emile-zola"},
	    {"E\xcc\x81mile", "emile"},
	    {"Stra\xc3\x9f"
	     "e",
		"strasse"},
	    {"\xc3\x86sir \xc3\xb8l \xc5\x81\xc3\xb3"
	     "d\xc5\xba",
		"aesir-ol-lodz"},
	    {"\xc4\xb0stanbul", "istanbul"}, {"don't, don\xe2\x80\x99t", "dont-dont"},
	    {"C++ & Rust 1.40", "cplusplus-rust-1-40"},
	    {"x\xc2\xb2 \xe2\x85\xab \xef\xac\x81n", "x2-xii-fin"}, /* compatibility forms */
	    {"\xef\xbc\xa1\xef\xbc\x91", "a1"},                     /* fullwidth */
	    {"\xe6\xbc\xa2", "u6f22"},
	    {"a\xe6\xbc\xa2"
	     "b",
		"au6f22b"},
	    {"a_b/c\\d", "a-b-c-d"},
	    {"a\xc2\xad"
	     "b",
		"ab"}, /* a soft hyphen is to be ignored */
	    {"C", "c"}, {"C++", "cplusplus"}, {"C#", "csharp"}, {"Part #3 + more", "part-3-more"},
	    {"!!!", ""}, {"", ""}, {"\xff", ""}, /* no UTF-8: no slug */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		slug_make(&out, str_of(rows[i].text));
		check_str(buf_str(&out), rows[i].slug);
		check_row(out.len == 0 || slug_valid(buf_str(&out)), rows[i].text);
		buf_free(&out);
	}
}

static void it_appends(void **state)
{
	struct buf out = {0};

	(void)state;
	buf_addz(&out, "/tags/");
	slug_make(&out, STR("A b"));
	check_buf(&out, "/tags/a-b");
	slug_make(&out, (struct str){0});
	check_buf(&out, "");
}

static void a_long_one_is_cut_at_a_word(void **state)
{
	struct buf text = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 50; i++)
		buf_addz(&text, "seven77 ");
	slug_make(&out, buf_str(&text));
	assert_int_equal(out.len, 15 * 8 - 1);
	assert_true(slug_valid(buf_str(&out)));
	buf_free(&out);
	text.len = 0;
	buf_fill(&text, 'x', 500);
	slug_make(&out, buf_str(&text));
	assert_int_equal(out.len, SLUG_MAX);
	buf_free(&out);
	/* A hyphen just behind the limit: nothing need go. */
	text.len = SLUG_MAX;
	buf_addz(&text, " y");
	slug_make(&out, buf_str(&text));
	assert_int_equal(out.len, SLUG_MAX);
	buf_free(&out);
	buf_free(&text);
}

static void only_slugs_are_valid(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
	    {"a", true},
	    {"0", true},
	    {"a-b-9", true},
	    {"", false},
	    {"-a", false},
	    {"a-", false},
	    {"a--b", false},
	    {"A", false},
	    {"a_b", false},
	    {"a b", false},
	    {"a/b", false},
	    {"a.b", false},
	    {"\xc3\xa9", false},
	};
	char word[SLUG_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(slug_valid(str_of(rows[i].text)) == rows[i].valid, rows[i].text);
	memset(word, 'x', sizeof word);
	assert_true(slug_valid((struct str){word, SLUG_MAX}));
	assert_false(slug_valid((struct str){word, SLUG_MAX + 1}));
	assert_false(slug_valid(STR("a\0")));
}

static void any_text_gives_a_slug_or_nothing(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct buf text = {0}, out = {0};

		for (uint32_t n = check_random(&seed) % 60; n > 0; n--) {
			uint32_t c = check_random(&seed) % 4 ? check_random(&seed) % 0x500 + 1
							     : check_random(&seed) % 0xd000 + 1;

			buf_reserve(&text, 4);
			if (c < 0x80)
				buf_addc(&text, (char)c);
			else if (c < 0x800)
				buf_printf(&text, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
			else
				buf_printf(&text, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f),
				    0x80 | (c & 0x3f));
		}
		slug_make(&out, buf_str(&text));
		assert_true(out.len == 0 || slug_valid(buf_str(&out)));
		buf_free(&text);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(titles_become_slugs),
	    cmocka_unit_test(it_appends),
	    cmocka_unit_test(a_long_one_is_cut_at_a_word),
	    cmocka_unit_test(only_slugs_are_valid),
	    cmocka_unit_test(any_text_gives_a_slug_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
