/*
 * query: what is typed, as it is understood. Written here as: the field's first letter
 * and a colon, a minus for what is not wanted, the words with a plus between them, a star;
 * then the dates.
 */
#include "config.h"

#include "check.h"

#include "content/query.h"

static void print_term(const struct query_term *t, struct buf *out)
{
	static const char *const fields[] = {"", "title:", "tag:", "category:", "author:"};

	if (out->len > 0)
		buf_addc(out, ' ');
	buf_addz(out, t->without ? "-" : "");
	buf_addz(out, fields[t->field]);
	for (size_t i = 0; i < t->nwords; i++) {
		buf_addz(out, i > 0 ? "_" : "");
		buf_add(out, t->words[i]);
	}
	buf_addz(out, t->prefix ? "*" : "");
}

static void print_date(const char *what, const struct date *d, struct buf *out)
{
	if (d->year == 0)
		return;
	buf_printf(out, "%s%s", out->len > 0 ? " " : "", what);
	date_iso(out, d);
}

static void print(struct str typed, struct buf *out)
{
	struct arena *a = arena_new(0);
	const struct query *q = query_parse(typed, a);

	for (size_t i = 0; i < q->nterms; i++)
		print_term(&q->terms[i], out);
	print_date(">=", &q->after, out);
	print_date("<", &q->before, out);
	assert_true(query_is_empty(q) == (out->len == 0));
	arena_free(a);
}

struct row {
	const char *typed, *want;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out = {0};

		print(str_of(rows[i].typed), &out);
		if (!str_eq(buf_str(&out), str_of(rows[i].want)))
			print_error("typed: %s\n", rows[i].typed);
		check_buf(&out, rows[i].want);
	}
}

static void words_phrases_and_beginnings(void **state)
{
	static const struct row rows[] = {
	    {"rust", "rust"},
	    {"  Rust   ASYNC ", "rust async"},
	    {"\"game engine\" rust", "game_engine rust"},
	    {"\"game engine", "game_engine"},
	    {"\xe2\x80\x9cgame engine\xe2\x80\x9d", "game_engine"},
	    {"\xc2\xabgame engine\xc2\xbb", "game_engine"},
	    {"\xe3\x80\x8cgame engine\xe3\x80\x8d", "game_engine"},
	    {"comp*", "comp*"},
	    {"\"game eng\"*", "game_eng*"},
	    {"web-ass*", "web_ass*"},
	    {"a*b c**", "a_b c*"},
	    {"node.js 1.40 std::sync", "node_js 1_40 std_sync"},
	    {"rust\xe3\x80\x80"
	     "async", /* an ideographic space */
		"rust async"},
	    {"\xe8\xa8\x80\xe8\xaa\x9e", "\xe8\xa8\x80_\xe8\xaa\x9e"},
	    {"don't C++", "dont c++"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void exclusions(void **state)
{
	static const struct row rows[] = {
	    {"-rust", "-rust"},
	    {"a -b c", "a -b c"},
	    {"-\"a b\" -c*", "-a_b -c*"},
	    {"-author:jane", "-author:jane"},
	    {"-tag:\"web frameworks\"", "-tag:web_frameworks"},
	    {"--release a - b", "release a b"},
	    {"web-assembly", "web_assembly"},
	    {"-foo:bar", "-foo -bar"},
	    {"-", ""},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void fields(void **state)
{
	static const struct row rows[] = {
	    {"author:jane Title:x TAG:y category:web-and-network",
		"author:jane title:x tag:y category:web_and_network"},
	    {"author:\"Jane Roe\" tags:a*", "author:jane_roe tag:a*"},
	    /* Nothing behind it, nothing that is a word behind it, no such field. */
	    {"author:", "author"},
	    {"author: jane", "author jane"},
	    {"author:\"\" x", "author x"},
	    {"tag:!!!", "tag"},
	    {"foo:bar", "foo bar"},
	    {"https://example.org/x", "https example org x"},
	    {"rust: a language", "rust a language"},
	    {"12:30 :x", "12_30 x"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void dates(void **state)
{
	static const struct row rows[] = {
	    {"after:2019", ">=2019-01-01"},
	    {"after:2019-11", ">=2019-11-01"},
	    {"before:2019-11-15", "<2019-11-15"},
	    {"x after:2018 BEFORE:2019", "x >=2018-01-01 <2019-01-01"},
	    {"after:2018 after:2019 before:2022 before:2021", ">=2019-01-01 <2021-01-01"},
	    {"-before:2019", ">=2019-01-01"},
	    {"-after:2019", "<2019-01-01"},
	    {"after:\"2019\"", ">=2019-01-01"},
	    /* No date: words. */
	    {"after:yesterday", "after yesterday"},
	    {"before:2019-13", "before 2019 13"},
	    {"before:2019-02-30", "before 2019 02 30"},
	    {"after:19", "after 19"},
	    {"after:0000", "after 0000"},
	    {"after:", "after"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void junk_is_words_or_nothing(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"   ", ""},
	    {"\"", ""},
	    {"\"\"\"\"", ""},
	    {"* -* ** -", ""},
	    {"() [] {} ^ ~ :", ""},
	    {"NEAR(a b, 5)", "near_a b 5"},
	    {"a AND b OR NOT c", "a and b or not c"},
	    {"{title tags} : x", "title tags x"},
	    {"a\" b\"c", "a b c"},
	    {"'; DROP TABLE words; --", "drop table words"},
	    {"\xff\xfe", ""},
	    {"a\x1f"
	     "b\tc\nd",
		"a b c d"},
	    {"\xf0\x9f\xa6\x80", "\xf0\x9f\xa6\x80"},
	};
	struct buf out = {0};

	(void)state;
	check_rows(rows, COUNT(rows));
	print(STR("a\0b"), &out);
	check_buf(&out, "a b");
}

static void g02_no_more_is_looked_at_than_a_selector_takes(void **state)
{
	struct arena *a = arena_new(0);
	struct buf text = {0};
	const struct query *q;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addz(&text, "\xc3\xa9 ");
	q = query_parse(buf_str(&text), a);
	assert_in_range(q->typed.n, QUERY_BYTES_MAX - 4, QUERY_BYTES_MAX);
	assert_int_equal(q->nterms, QUERY_TERMS_MAX);
	assert_false(str_ends(q->typed, STR(" ")));
	text.len = 0;
	/* Hangul has the most words for its bytes. */
	for (int i = 0; i < 5000; i++)
		buf_addz(&text, "\xea\xb0\x81");
	q = query_parse(buf_str(&text), a);
	assert_int_equal(q->nterms, 1);
	assert_int_equal(q->terms[0].nwords, QUERY_BYTES_MAX / 3 * 3);
	buf_free(&text);
	arena_free(a);
}

static void terms_say_how_they_were_typed(void **state)
{
	struct arena *a = arena_new(0);
	const struct query *q = query_parse(STR(" -author:\"Jane Roe\"  Comp* x"), a);

	(void)state;
	check_str(q->typed, "-author:\"Jane Roe\"  Comp* x");
	assert_int_equal(q->nterms, 3);
	check_str(q->terms[0].typed, "-author:\"Jane Roe\"");
	check_str(q->terms[0].value, "Jane Roe");
	check_str(q->terms[1].typed, "Comp*");
	check_str(q->terms[2].typed, "x");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_phrases_and_beginnings),
	    cmocka_unit_test(exclusions),
	    cmocka_unit_test(fields),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(junk_is_words_or_nothing),
	    cmocka_unit_test(g02_no_more_is_looked_at_than_a_selector_takes),
	    cmocka_unit_test(terms_say_how_they_were_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
