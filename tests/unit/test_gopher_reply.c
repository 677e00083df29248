/*
 * gopher_reply: error items (G-05), text items (G-06), the page behind a
 * "URL:" selector (G-12) and the answer to HTTP (G-18), to the byte.
 */
#include "config.h"

#include "check.h"

#include "base/utf8.h"
#include "protocol/gopher_reply.h"

static void g05_an_error_is_an_item_of_type_3(void **state)
{
	static const struct {
		const char *message, *want;
	} rows[] = {
	    {"Not found", "3Not found\t\terror.host\t1\r\n.\r\n"},
	    {"", "3\t\terror.host\t1\r\n.\r\n"},
	    {"a\tb\r\n.\r\nc\x1b[2J", "3a b . c [2J\t\terror.host\t1\r\n.\r\n"},
	    {"\xff\xc3\xa9", "3\xef\xbf\xbd\xc3\xa9\t\terror.host\t1\r\n.\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		gopher_reply_error(&out, str_of(rows[i].message), CHARSET_UTF_8);
		check_buf(&out, rows[i].want);
	}
}

static void g05_g09_an_error_is_in_the_charset(void **state)
{
	static const char message[] = "Withdrawn: “Émile → Łódź”";
	struct buf out = {0};

	(void)state;
	gopher_reply_error(&out, str_of(message), CHARSET_US_ASCII);
	check_buf(&out, "3Withdrawn: \"Emile -> Lodz\"\t\terror.host\t1\r\n.\r\n");
	gopher_reply_error(&out, str_of(message), CHARSET_LATIN1);
	check_buf(&out,
	    "3Withdrawn: \"\xc9mile -> L\xf3"
	    "dz\"\t\terror.host\t1\r\n.\r\n");
}

static void g08_a_long_error_is_cut_at_66_columns(void **state)
{
	struct buf message = {0}, out = {0};

	(void)state;
	buf_addc(&message, 'x');
	for (int i = 0; i < 500; i++)
		buf_addz(&message, "\xe6\xbc\xa2");
	gopher_reply_error(&out, buf_str(&message), CHARSET_UTF_8);
	assert_int_equal(utf8_width(str_sub(buf_str(&out), 1, str_index(buf_str(&out), '\t'))), 66);
	buf_free(&message);
	buf_free(&out);
}

static const struct text {
	struct str text;
	const char *plain;
	const char *stuffed; /* without the final dot */
} texts[] = {
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
    {BYTES(""), "", ""},
    {BYTES("a\nb\n"), "a\r\nb\r\n", "a\r\nb\r\n"},
    {BYTES("a\r\nb\r\n"), "a\r\nb\r\n", "a\r\nb\r\n"},
    {BYTES("a"), "a\r\n", "a\r\n"},
    {BYTES("\n\n"), "\r\n\r\n", "\r\n\r\n"},
    {BYTES("a\n\nb"), "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
    {BYTES("."), "..\r\n", "..\r\n"},
    {BYTES(".\n"), "..\r\n", "..\r\n"},
    {BYTES(".\r\n"), "..\r\n", "..\r\n"},
    {BYTES("a\n.\nb\n"), "a\r\n..\r\nb\r\n", "a\r\n..\r\nb\r\n"},
    {BYTES(".a\n"), ".a\r\n", "..a\r\n"},
    {BYTES("..\n"), "..\r\n", "...\r\n"},
    {BYTES("...\n"), "...\r\n", "....\r\n"},
    {BYTES("a.\n"), "a.\r\n", "a.\r\n"},
    {BYTES(" .\n"), " .\r\n", " .\r\n"},
    {BYTES(".\n.\n.x"), "..\r\n..\r\n.x\r\n", "..\r\n..\r\n..x\r\n"},
    /* a lone CR is no line end */
    {BYTES("a\rb\n"), "a\rb\r\n", "a\rb\r\n"},
    {BYTES("a\r\r\n"), "a\r\r\n", "a\r\r\n"},
    {BYTES("\r.\n"), "\r.\r\n", "\r.\r\n"},
    {BYTES(".\rx"), ".\rx\r\n", "..\rx\r\n"},
    {BYTES("a\r"), "a\r\n", "a\r\n"},
    {BYTES("\r"), "\r\n", "\r\n"},
    {BYTES(".\r"), "..\r\n", "..\r\n"},
    {BYTES("\t caf\xc3\xa9 \n"), "\t caf\xc3\xa9 \r\n", "\t caf\xc3\xa9 \r\n"},
};

static void convert(struct str text, size_t split, bool stuffed, struct buf *out)
{
	struct gopher_reply_text t = {.stuffed = stuffed};

	gopher_reply_text(&t, out, str_sub(text, 0, split));
	gopher_reply_text(&t, out, str_skip(text, split));
	gopher_reply_text_end(&t, out);
}

static void g06_text_has_crlf_and_no_final_dot(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t split = 0; split <= texts[i].text.n; split++) {
			struct buf out = {0};

			convert(texts[i].text, split, false, &out);
			check_buf(&out, texts[i].plain);
		}
	}
}

static void g06_the_form_of_the_rfc_is_stuffed_and_dotted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t split = 0; split <= texts[i].text.n; split++) {
			struct buf out = {0}, want = {0};

			convert(texts[i].text, split, true, &out);
			buf_printf(&want, "%s.\r\n", texts[i].stuffed);
			check_same(buf_str(&out), buf_str(&want));
			buf_free(&out);
			buf_free(&want);
		}
	}
}

static void g06_other_bytes_go_as_they_are(void **state)
{
	struct buf out = {0};

	(void)state;
	convert(STR("\0\xff\x1b\n"), 2, false, &out);
	check_same(buf_str(&out), STR("\0\xff\x1b\r\n"));
	buf_free(&out);
}

/* Random bytes of what matters, in random pieces, are the same as at once; no line is a dot. */
static void g06_pieces_do_not_matter(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct gopher_reply_text t = {.stuffed = round % 2};
		struct buf whole = {0}, pieces = {0};
		char text[16];
		struct str rest = {text, check_random(&seed) % (sizeof text + 1)};

		for (size_t i = 0; i < rest.n; i++)
			text[i] = "..\r\n\nx"[check_random(&seed) % 6];
		convert(rest, 0, t.stuffed, &whole);
		while (rest.n > 0) {
			size_t n = check_random(&seed) % 4;

			gopher_reply_text(&t, &pieces, str_sub(rest, 0, n));
			rest = str_skip(rest, n);
		}
		gopher_reply_text_end(&t, &pieces);
		check_same(buf_str(&pieces), buf_str(&whole));
		if (!t.stuffed) {
			assert_false(str_starts(buf_str(&whole), STR(".\r\n")));
			assert_null(strstr(buf_z(&whole), "\n.\r\n"));
		}
		buf_free(&whole);
		buf_free(&pieces);
	}
}

static void g12_the_page_leads_on(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_true(gopher_reply_url(&out, STR("https://x.org/a?b=c")));
	assert_non_null(strstr(
	    buf_z(&out), "<meta http-equiv=\"refresh\" content=\"1;url=https://x.org/a?b=c\">"));
	assert_non_null(
	    strstr(buf_z(&out), "<a href=\"https://x.org/a?b=c\">https://x.org/a?b=c</a>"));
	assert_true(str_starts(buf_str(&out), STR("<!DOCTYPE html>\n")));
	assert_true(str_ends(buf_str(&out), STR("</html>\n")));
	buf_free(&out);
}

static void g12_the_url_is_escaped(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_true(gopher_reply_url(&out, STR("https://x.org/?a&b<c>\"d\"'e'</a><script>")));
	assert_non_null(strstr(buf_z(&out),
	    "<a "
	    "href=\"https://x.org/?a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;&lt;/"
	    "a&gt;&lt;script&gt;\">"));
	assert_null(strstr(buf_z(&out), "<script"));
	assert_null(strstr(buf_z(&out), "'"));
	buf_free(&out);
}

static void g12_some_schemes_and_all_nonsense_are_refused(void **state)
{
	static const char *const fine[] = {"http://x/", "https://x/", "HTTPS://x/", "gemini://x/",
	    "ftp://x/", "irc://x/", "mailto:a@b.c", "https://caf\xc3\xa9.x/"};
	static const char *const refused[] = {"javascript:alert(1)", "JavaScript:alert(1)",
	    "data:text/html,x", "file:///etc/passwd", "vbscript:x", "about:blank", "blob:x", "x",
	    "", "/etc/passwd", "//x.org/", "https://x/a b", "https://x/\t", "https://x/%zz",
	    "https://x/\r\nb", "https://x/\xff", " https://x/", "https://x:99999/"};

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++) {
		struct buf out = {0};

		check_row(gopher_reply_url(&out, str_of(fine[i])), fine[i]);
		buf_free(&out);
	}
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct buf out = {0};

		check_row(!gopher_reply_url(&out, str_of(refused[i])), refused[i]);
		check_row(out.len == 0, refused[i]);
	}
}

#define HTTP_HEAD                                                                                  \
	"HTTP/1.0 400 Bad Request\r\n"                                                             \
	"Content-Type: text/html; charset=utf-8\r\n"                                               \
	"Connection: close\r\n"                                                                    \
	"\r\n"

static void g18_http_is_answered_in_http(void **state)
{
	struct buf out = {0};

	(void)state;
	gopher_reply_http(&out, true, STR("T"), STR("gopher://h/"), STR("gemini://h/"));
	check_buf(&out, HTTP_HEAD);
	gopher_reply_http(
	    &out, false, STR("Salt & <Pepper>"), STR("gopher://h/"), STR("gemini://h/"));
	assert_true(str_starts(buf_str(&out), STR(HTTP_HEAD "<!DOCTYPE html>")));
	assert_non_null(strstr(buf_z(&out), "<title>Salt &amp; &lt;Pepper&gt;</title>"));
	assert_non_null(strstr(buf_z(&out), "<a href=\"gopher://h/\">gopher://h/</a>"));
	assert_non_null(strstr(buf_z(&out), "<a href=\"gemini://h/\">gemini://h/</a>"));
	buf_free(&out);
	gopher_reply_http(&out, false, STR("T"), STR("gopher://h/"), STR(""));
	assert_null(strstr(buf_z(&out), "gemini:"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(g05_an_error_is_an_item_of_type_3),
	    cmocka_unit_test(g05_g09_an_error_is_in_the_charset),
	    cmocka_unit_test(g08_a_long_error_is_cut_at_66_columns),
	    cmocka_unit_test(g06_text_has_crlf_and_no_final_dot),
	    cmocka_unit_test(g06_the_form_of_the_rfc_is_stuffed_and_dotted),
	    cmocka_unit_test(g06_other_bytes_go_as_they_are),
	    cmocka_unit_test(g06_pieces_do_not_matter),
	    cmocka_unit_test(g12_the_page_leads_on),
	    cmocka_unit_test(g12_the_url_is_escaped),
	    cmocka_unit_test(g12_some_schemes_and_all_nonsense_are_refused),
	    cmocka_unit_test(g18_http_is_answered_in_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
