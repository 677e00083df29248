/*
 * gopher: every form of a request (rows G-01, G-02, G-12 to G-15, G-17, G-18 of
 * the protocol dossier), each also split at every byte, and the path that a
 * selector names.
 */
#include "config.h"

#include "check.h"

#include "protocol/gopher.h"

struct row {
	struct str bytes;
	enum gopher_kind kind;
	const char *selector;
	const char *search;
};

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* Nothing shorter is whole, and bytes behind the line change nothing. */
static void check_split(const struct row *row, const struct gopher_request *want)
{
	size_t end = str_index(row->bytes, '\n');
	struct gopher_request q;

	for (size_t n = 0; n <= end && row->kind != GOPHER_TLS; n++)
		check_row(gopher_parse(row->bytes.p, n, &q) == GOPHER_PARTIAL, row->bytes.p);
	for (size_t n = end + 1; n <= row->bytes.n; n++) {
		check_row(gopher_parse(row->bytes.p, n, &q) == GOPHER_DONE, row->bytes.p);
		check_same(q.line, want->line);
		check_same(q.selector, want->selector);
		check_row(q.kind == want->kind, row->bytes.p);
	}
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct gopher_request q;

		check_row(gopher_parse(rows[i].bytes.p, rows[i].bytes.n, &q) == GOPHER_DONE,
		    rows[i].bytes.p);
		check_row(q.kind == rows[i].kind, rows[i].bytes.p);
		check_str(q.selector, rows[i].selector);
		check_str(q.search, rows[i].search);
		check_split(&rows[i], &q);
	}
}

static void g01_a_line_ends_in_crlf_or_lf(void **state)
{
	static const struct row rows[] = {
	    {BYTES("\r\n"), GOPHER_SELECTOR, "", ""},
	    {BYTES("\n"), GOPHER_SELECTOR, "", ""},
	    {BYTES("/\r\n"), GOPHER_SELECTOR, "/", ""},
	    {BYTES("/news\r\n"), GOPHER_SELECTOR, "/news", ""},
	    {BYTES("/news\n"), GOPHER_SELECTOR, "/news", ""},
	    {BYTES("/news\r\nmore\r\n"), GOPHER_SELECTOR, "/news", ""},
	    {BYTES("/news\n\0\xff"), GOPHER_SELECTOR, "/news", ""},
	    {BYTES("/ne\rws\r\n"), GOPHER_SELECTOR, "/ne", ""}, /* a CR ends it too */
	    {BYTES("/news\r\r\n"), GOPHER_SELECTOR, "/news", ""},
	    {BYTES("/a b%20\xc3\xa9\xff\r\n"), GOPHER_SELECTOR, "/a b%20\xc3\xa9\xff", ""},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void g01_the_line_is_kept_whole_for_the_log(void **state)
{
	struct gopher_request q;

	(void)state;
	assert_int_equal(gopher_parse("a\tb\tc\rd\r\n", 9, &q), GOPHER_DONE);
	check_str(q.line, "a\tb\tc\rd");
	assert_int_equal(gopher_parse("URL:x\r\n", 7, &q), GOPHER_DONE);
	check_str(q.line, "URL:x");
	assert_int_equal(gopher_parse("/part", 5, &q), GOPHER_PARTIAL);
	check_str(q.line, "/part");
	assert_int_equal(gopher_parse(NULL, 0, &q), GOPHER_PARTIAL);
}

static enum gopher_result parse_filled(size_t n, const char *end, struct gopher_request *q)
{
	static struct buf b;

	b.len = 0;
	buf_fill(&b, 'x', n);
	buf_addz(&b, end);
	return gopher_parse(b.p, b.len, q);
}

static void g02_a_line_has_1024_bytes_at_most(void **state)
{
	struct gopher_request q;

	(void)state;
	assert_int_equal(parse_filled(GOPHER_LINE_MAX, "", &q), GOPHER_PARTIAL);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX, "\r", &q), GOPHER_PARTIAL);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX, "\r\n", &q), GOPHER_DONE);
	assert_int_equal(q.selector.n, GOPHER_LINE_MAX);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX, "\n", &q), GOPHER_DONE);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX + 1, "", &q), GOPHER_BAD);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX + 1, "\r\n", &q), GOPHER_BAD);
	assert_int_equal(parse_filled(GOPHER_LINE_MAX + 1, "\n", &q), GOPHER_BAD);
	assert_int_equal(parse_filled(5000, "", &q), GOPHER_BAD);
	assert_int_equal(parse_filled(10, "\r\n", &q), GOPHER_DONE);
}

static void g02_a_nul_is_refused(void **state)
{
	static const struct str rows[] = {
	    BYTES("\0\r\n"), BYTES("/a\0b\r\n"), BYTES("/a\t\0\r\n"), BYTES("/a\0\n")};
	struct gopher_request q;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(gopher_parse(rows[i].p, rows[i].n, &q), GOPHER_BAD);
}

static void g14_a_second_field_is_a_search(void **state)
{
	static const struct row rows[] = {
	    {BYTES("/search\twords\r\n"), GOPHER_SELECTOR, "/search", "words"},
	    {BYTES("/search\tmore than one\n"), GOPHER_SELECTOR, "/search", "more than one"},
	    {BYTES("/search\t\r\n"), GOPHER_SELECTOR, "/search", ""},
	    {BYTES("/search\t\t\r\n"), GOPHER_SELECTOR, "/search", ""},
	    {BYTES("\twords\r\n"), GOPHER_SELECTOR, "", "words"},
	    {BYTES("/search\ta\tb\r\n"), GOPHER_SELECTOR, "/search", "a"},
	    {BYTES("/search\tC++\r\n"), GOPHER_SELECTOR, "/search", "C++"},
	    {BYTES("/search\t\x1b[0m\xff\r\n"), GOPHER_SELECTOR, "/search", "\x1b[0m\xff"},
	    {BYTES("/search?words\r\n"), GOPHER_SELECTOR, "/search?words", ""},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void g15_gopher_plus_probes_are_no_words(void **state)
{
	static const struct row rows[] = {
	    {BYTES("/a\t+\r\n"), GOPHER_SELECTOR, "/a", ""},
	    {BYTES("/a\t+text/plain\r\n"), GOPHER_SELECTOR, "/a", ""},
	    {BYTES("/a\t!\r\n"), GOPHER_SELECTOR, "/a", ""},
	    {BYTES("/a\t$\r\n"), GOPHER_SELECTOR, "/a", ""},
	    {BYTES("/a\t$+VIEWS\r\n"), GOPHER_SELECTOR, "/a", ""},
	    {BYTES("\t$\r\n"), GOPHER_SELECTOR, "", ""},
	    {BYTES("\t+\n"), GOPHER_SELECTOR, "", ""},
	    {BYTES("/search\tquery\t+\r\n"), GOPHER_SELECTOR, "/search", "query"},
	    {BYTES("/search\tquery\t+text/plain\r\n"), GOPHER_SELECTOR, "/search", "query"},
	    {BYTES("/search\t\t+\r\n"), GOPHER_SELECTOR, "/search", ""},
	    {BYTES("/search\tquery\t$\r\n"), GOPHER_SELECTOR, "/search", "query"},
	    {BYTES("/search\tq\t+\t1\r\n"), GOPHER_SELECTOR, "/search",
		"q"}, /* not the last field */
	    {BYTES("+\r\n"), GOPHER_SELECTOR, "+", ""},
	    {BYTES("/a\t+rust\r\n"), GOPHER_SELECTOR, "/a", "+rust"},
	    {BYTES("/a\t$5\r\n"), GOPHER_SELECTOR, "/a", "$5"},
	    {BYTES("/a\tx+\r\n"), GOPHER_SELECTOR, "/a", "x+"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void g12_url_selectors_are_seen(void **state)
{
	static const struct row rows[] = {
	    {BYTES("URL:https://x.org/a\r\n"), GOPHER_URL, "https://x.org/a", ""},
	    {BYTES("/URL:https://x.org/a\r\n"), GOPHER_URL, "https://x.org/a", ""},
	    {BYTES("url:https://x.org/a\n"), GOPHER_URL, "https://x.org/a", ""},
	    {BYTES("URL:https://x.org/a\t+\r\n"), GOPHER_URL, "https://x.org/a", ""},
	    {BYTES("URL:\r\n"), GOPHER_URL, "", ""},
	    {BYTES("URL\r\n"), GOPHER_SELECTOR, "URL", ""},
	    {BYTES("//URL:x\r\n"), GOPHER_SELECTOR, "//URL:x", ""},
	    {BYTES("/a/URL:x\r\n"), GOPHER_SELECTOR, "/a/URL:x", ""},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void g17_a_tls_client_is_known_by_its_first_byte(void **state)
{
	static const struct row rows[] = {
	    {BYTES("\x16"), GOPHER_TLS, "", ""},
	    {BYTES("\x16\x03\x01\x02\x00\x01\n"), GOPHER_TLS, "", ""},
	};
	static const struct row later[] = {
	    {BYTES("/\x16\r\n"), GOPHER_SELECTOR, "/\x16", ""},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
	check_rows(later, COUNT(later));
}

static void g18_http_requests_are_seen(void **state)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE"};
	static const char *const others[] = {"get / HTTP/1.1", "GET /", "GET", "GET HTTP/1.1",
	    "/GET / HTTP/1.1", "GETS / HTTP/1.1", "GET / HTTP", "GET / http/1.1", "x / HTTP/1.1"};
	struct gopher_request q;
	struct buf b = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(methods); i++) {
		b.len = 0;
		buf_printf(&b, "%s /x?y HTTP/1.1\r\nHost: h\r\n\r\n", methods[i]);
		assert_int_equal(gopher_parse(b.p, b.len, &q), GOPHER_DONE);
		check_row(q.kind == GOPHER_HTTP, methods[i]);
		check_str(q.selector, methods[i]);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		b.len = 0;
		buf_printf(&b, "%s\r\n", others[i]);
		assert_int_equal(gopher_parse(b.p, b.len, &q), GOPHER_DONE);
		check_row(q.kind == GOPHER_SELECTOR, others[i]);
		check_str(q.selector, others[i]);
	}
	buf_free(&b);
}

/* NULL: no path of ours. */
static void g13_leading_slash_is_optional(void **state)
{
	static const struct {
		const char *selector, *path;
	} rows[] = {
	    {"", "/"},
	    {"/", "/"},
	    {"//", "/"},
	    {"x", "/x"},
	    {"/x", "/x"},
	    {"//x", "/x"},
	    {"x/", "/x/"},
	    {"/x//y///z/", "/x/y/z/"},
	    {"robots.txt", "/robots.txt"},
	    /* nothing is decoded: clients have done it */
	    {"/a%2Fb", "/a%2Fb"},
	    {"/%2e%2e/x", "/%2e%2e/x"},
	    {"/a+b c?d", "/a+b c?d"},
	    {"/caf\xc3\xa9", "/caf\xc3\xa9"},
	    {"/...", "/..."},
	    {"/.x/x.", "/.x/x."},
	};
	static const char *const refused[] = {".", "..", "/.", "/..", "/../etc/passwd", "../x",
	    "/a/../b", "/a/./b", "/a/..", "/a\x1b", "/a\tb", "/a\x7f", "/a\xc2\x85", "/\xff",
	    "/\xc0\xaf", "/a\xe2\x80\xa9"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		check_row(gopher_path(&out, str_of(rows[i].selector)), rows[i].selector);
		check_buf(&out, rows[i].path);
	}
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct buf out = {0};

		check_row(!gopher_path(&out, str_of(refused[i])), refused[i]);
		buf_free(&out);
	}
	assert_false(gopher_path(&(struct buf){0}, STR("/\0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(g01_a_line_ends_in_crlf_or_lf),
	    cmocka_unit_test(g01_the_line_is_kept_whole_for_the_log),
	    cmocka_unit_test(g02_a_line_has_1024_bytes_at_most),
	    cmocka_unit_test(g02_a_nul_is_refused),
	    cmocka_unit_test(g12_url_selectors_are_seen),
	    cmocka_unit_test(g13_leading_slash_is_optional),
	    cmocka_unit_test(g14_a_second_field_is_a_search),
	    cmocka_unit_test(g15_gopher_plus_probes_are_no_words),
	    cmocka_unit_test(g17_a_tls_client_is_known_by_its_first_byte),
	    cmocka_unit_test(g18_http_requests_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
