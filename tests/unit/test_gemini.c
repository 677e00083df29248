/*
 * gemini: the verdict on every request of rows M-06 to M-12 and of the
 * diagnostics (M-41 to M-57) that the parser gives, in the order of M-07.
 */
#include "config.h"

#include "check.h"

#include "protocol/gemini.h"

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

struct row {
	struct str bytes;
	int status; /* 0: done */
	const char *why;
};

static const char no_space[] = "it holds a space: write %20";
static const char no_control[] = "it holds a control character";
static const char no_utf8[] = "it is not UTF-8";
static const char no_mark[] = "the request begins with a byte order mark";
static const char empty[] = "the request is empty: send an absolute URL";
static const char no_scheme[] = "the URL has no scheme: it begins gemini://";
static const char no_host[] = "the URL names no host";
static const char no_port[] = "its port is not a number from 1 to 65535";
static const char no_escape[] = "a % begins no escape of two hexadecimal digits: write %25";
static const char no_user[] = "the URL holds user information";
static const char no_fragment[] = "the URL holds a fragment";
static const char no_proxy[] = "only gemini URLs are answered, and this is no proxy";
static const char too_long[] = "the URL is longer than 1024 bytes";

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct gemini_request q;
		enum gemini_result r = gemini_parse(rows[i].bytes.p, rows[i].bytes.n, &q);

		check_row(r == (rows[i].status ? GEMINI_BAD : GEMINI_DONE), rows[i].bytes.p);
		if (r == GEMINI_BAD) {
			check_row(q.status == rows[i].status, rows[i].bytes.p);
			check_str(str_of(q.why), rows[i].why);
		}
		/* No part of it is whole, and the line is there for the log in any case. */
		check_same(q.line, str_sub(rows[i].bytes, 0, rows[i].bytes.n - 2));
		for (size_t part = 0; part < rows[i].bytes.n; part++)
			check_row(gemini_parse(rows[i].bytes.p, part, &q) == GEMINI_PARTIAL,
			    rows[i].bytes.p);
	}
}

static void m06_a_request_is_a_url_and_crlf(void **state)
{
	struct gemini_request q;

	(void)state;
	assert_int_equal(
	    gemini_parse("gemini://Example.org:1965/News/?a+b%20c\r\n", 41, &q), GEMINI_DONE);
	check_str(q.line, "gemini://Example.org:1965/News/?a+b%20c");
	check_str(q.uri.host, "Example.org");
	assert_int_equal(q.uri.port, 1965);
	check_str(q.uri.path, "/News/");
	check_str(q.uri.query, "a+b%20c");
	/* What follows (Titan sends a body) is not looked at. */
	assert_int_equal(gemini_parse("gemini://h/\r\n\0\xff\r\n", 17, &q), GEMINI_DONE);
	check_str(q.line, "gemini://h/");
	assert_int_equal(gemini_parse(NULL, 0, &q), GEMINI_PARTIAL);
}

static void m10_m43_what_is_fine(void **state)
{
	static const struct row rows[] = {
	    {BYTES("gemini://h/\r\n"), 0, NULL}, {BYTES("gemini://h\r\n"), 0, NULL},
	    {BYTES("gemini://h?q\r\n"), 0, NULL}, {BYTES("GEMINI://h/\r\n"), 0, NULL},
	    {BYTES("gemini://h:1965/\r\n"), 0, NULL}, {BYTES("gemini://h:/\r\n"), 0, NULL},
	    {BYTES("gemini://[::1]:1965/\r\n"), 0, NULL},
	    {BYTES("gemini://127.0.0.1/\r\n"), 0, NULL},
	    {BYTES("gemini://h/caf\xc3\xa9\r\n"), 0, NULL},
	    {BYTES("gemini://h/%2F%00\r\n"), 0, NULL},   /* 51 later, not 59 */
	    {BYTES("gemini://h/../../\r\n"), 0, NULL},   /* M-57: 51 later */
	    {BYTES("gemini://h/a;size=1\r\n"), 0, NULL}, /* */
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void m07_controls_and_bad_utf8_are_59(void **state)
{
	static const struct row rows[] = {
	    {BYTES("gemini://h/\0\r\n"), 59, no_control},
	    {BYTES("gemini://h/\t\r\n"), 59, no_control},
	    {BYTES("gemini://h/\n\r\n"), 59, no_control},
	    {BYTES("gemini://h/\x1b\r\n"), 59, no_control},
	    {BYTES("gemini://h/\x7f\r\n"), 59, no_control},
	    {BYTES("gemini://h/\xc2\x85\r\n"), 59, no_control},
	    {BYTES("gemini://h/a\rb\r\n"), 59, no_control},
	    {BYTES("gemini://h/\r\r\n"), 59, no_control},
	    {BYTES("gemini://h/a b\r\n"), 59, no_space},
	    {BYTES(" gemini://h/\r\n"), 59, no_space},
	    {BYTES("gemini://h/ \r\n"), 59, no_space},
	    {BYTES("\xef\xbb\xbfgemini://h/\r\n"), 59, no_mark},
	    {BYTES("gemini://h/\xdc\r\n"), 59, no_utf8}, /* M-46 */
	    {BYTES("gemini://h/\xc0\xaf\r\n"), 59, no_utf8},
	    {BYTES("gemini://h/\xed\xa0\x80\r\n"), 59, no_utf8},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void m07_m44_m54_m55_m56_what_is_no_absolute_url_is_59(void **state)
{
	static const struct row rows[] = {
	    {BYTES("\r\n"), 59, empty},         /* M-54 */
	    {BYTES("/\r\n"), 59, no_scheme},    /* M-55 */
	    {BYTES("//h/\r\n"), 59, no_scheme}, /* M-44 */
	    {BYTES("h\r\n"), 59, no_scheme},
	    {BYTES("Hello Gemini!\r\n"), 59, no_space}, /* M-56 */
	    {BYTES("gemini:\r\n"), 59, no_host},
	    {BYTES("gemini:/x\r\n"), 59, no_host},
	    {BYTES("gemini:///x\r\n"), 59, no_host},
	    {BYTES("gemini://:1965/\r\n"), 59, no_host},
	    {BYTES("mailto:a@b.c\r\n"), 59, no_host},
	    {BYTES("gemini://h:0/\r\n"), 59, no_port},
	    {BYTES("gemini://h:65536/\r\n"), 59, no_port},
	    {BYTES("gemini://h:x/\r\n"), 59, no_port},
	    {BYTES("gemini://h%zz/\r\n"), 59, no_escape},
	    {BYTES("gemini://h/%zz\r\n"), 59, no_escape}, /* M-12 */
	    {BYTES("gemini://h/?%\r\n"), 59, no_escape},
	    {BYTES("gemini://[::1/\r\n"), 59, "its address has no closing bracket"},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void m07_userinfo_and_fragment_are_59(void **state)
{
	static const struct row rows[] = {
	    {BYTES("gemini://me@h/\r\n"), 59, no_user},
	    {BYTES("gemini://@h/\r\n"), 59, no_user},
	    {BYTES("gemini://h/#x\r\n"), 59, no_fragment},
	    {BYTES("gemini://h/#\r\n"), 59, no_fragment},
	    {BYTES("gemini://h/?q#\r\n"), 59, no_fragment},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void m51_m52_m53_x01_other_schemes_are_53(void **state)
{
	static const struct row rows[] = {
	    {BYTES("http://h/\r\n"), 53, no_proxy},
	    {BYTES("https://h/\r\n"), 53, no_proxy},
	    {BYTES("gopher://h/\r\n"), 53, no_proxy},
	    {BYTES("titan://h/p;size=3;mime=text/plain\r\n"), 53, no_proxy},
	    {BYTES("geminis://h/\r\n"), 53, no_proxy},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

/* Where several things are wrong, the earlier one in M-07 is said. */
static void m07_the_order_of_verdicts(void **state)
{
	static const struct row rows[] = {
	    {BYTES("http://\x01me@/#\r\n"), 59, no_control},
	    {BYTES("http://me@/#\r\n"), 59, no_host},
	    {BYTES("http://h:0/#\r\n"), 59, no_port},
	    {BYTES("http://me@h/#\r\n"), 59, no_user},
	    {BYTES("http://h/#\r\n"), 59, no_fragment},
	    {BYTES("http://h/\r\n"), 53, no_proxy},
	    {BYTES("//me@h:0/%zz\r\n"), 59, no_escape},
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static enum gemini_result parse_filled(size_t n, const char *end, struct gemini_request *q)
{
	static struct buf b;

	b.len = 0;
	buf_addz(&b, "gemini://h/");
	buf_fill(&b, '0', n - b.len);
	buf_addz(&b, end);
	return gemini_parse(b.p, b.len, q);
}

/* M-47, M-48: 1024 bytes are fine, 1025 are not; said as soon as it is certain. */
static void m47_m48_a_url_has_1024_bytes_at_most(void **state)
{
	struct gemini_request q;

	(void)state;
	assert_int_equal(parse_filled(1024, "\r\n", &q), GEMINI_DONE);
	assert_int_equal(q.line.n, 1024);
	assert_int_equal(parse_filled(1024, "", &q), GEMINI_PARTIAL);
	assert_int_equal(parse_filled(1024, "\r", &q), GEMINI_PARTIAL);
	assert_int_equal(parse_filled(1023, "\rx", &q), GEMINI_BAD);
	assert_int_equal(parse_filled(1024, "\rx", &q), GEMINI_BAD);
	assert_int_equal(parse_filled(1024, "\n", &q), GEMINI_BAD);
	for (size_t n = 1025; n < 2100; n += 50) {
		assert_int_equal(parse_filled(n, "", &q), GEMINI_BAD);
		assert_int_equal(q.status, 59);
		check_str(str_of(q.why), too_long);
		assert_int_equal(parse_filled(n, "\r\n", &q), GEMINI_BAD);
		check_str(str_of(q.why), too_long);
	}
}

/* M-11, M-42: neither LF nor CR alone ends a request. */
static void m11_m42_only_crlf_ends_it(void **state)
{
	static const struct str rows[] = {BYTES("gemini://h/\n"), BYTES("gemini://h/\r"),
	    BYTES("gemini://h/\n\n\n"), BYTES("gemini://h/\rx"), BYTES("gemini://h/\n\r"),
	    BYTES("\n"), BYTES("\r"), BYTES("\r\r")};
	struct gemini_request q;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(gemini_parse(rows[i].p, rows[i].n, &q) == GEMINI_PARTIAL, rows[i].p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m06_a_request_is_a_url_and_crlf),
	    cmocka_unit_test(m10_m43_what_is_fine),
	    cmocka_unit_test(m07_controls_and_bad_utf8_are_59),
	    cmocka_unit_test(m07_m44_m54_m55_m56_what_is_no_absolute_url_is_59),
	    cmocka_unit_test(m07_userinfo_and_fragment_are_59),
	    cmocka_unit_test(m51_m52_m53_x01_other_schemes_are_53),
	    cmocka_unit_test(m07_the_order_of_verdicts),
	    cmocka_unit_test(m47_m48_a_url_has_1024_bytes_at_most),
	    cmocka_unit_test(m11_m42_only_crlf_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
