/*
 * link: what a path or a URL becomes in a Gopher menu (G-10, G-11, G-20, G-21)
 * and as an absolute URL.
 */
#include "config.h"

#include "check.h"

#include "render/link.h"

static const struct link_site site = {
    {"digest.example.org", 18}, 7070, 1965, {"digest.example.org", 18}};
static const struct link_site usual = {
    {"digest.example.org", 18}, 70, 1965, {"digest.example.org", 18}};

static void g10_paths_of_ours_have_their_type(void **state)
{
	static const struct {
		const char *path;
		char type;
	} rows[] = {
	    {"/", '1'},
	    {"/latest/", '1'},
	    {"/about", '1'},
	    {"/latest/atom.xml", '0'},
	    {"/.well-known/security.txt", '0'},
	    {"/search", '7'},
	    {"/search/x", '1'},
	    {"/robots.txt", '0'},
	    {"/caps.txt", '0'},
	    {"/favicon.txt", '0'},
	    {"/files/", '1'},
	    {"/files/a/", '1'},
	    {"/files/v1.2/", '1'},
	    {"/files/a.txt", '0'},
	    {"/files/a.png", 'I'},
	    {"/files/a.gif", 'g'},
	    {"/files/a.html", 'h'},
	    {"/files/a.zip", '9'},
	    {"/files/a", '9'},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf scratch = {0};
		struct link_item item = link_item(&site, str_of(rows[i].path), STR(""), &scratch);

		check_row(link_item_type(str_of(rows[i].path)) == rows[i].type, rows[i].path);
		check_row(item.type == rows[i].type && item.port == 7070, rows[i].path);
		check_str(item.selector, rows[i].path);
		check_str(item.host, "digest.example.org");
		buf_free(&scratch);
	}
}

static void g11_other_urls_are_of_type_h_and_point_back(void **state)
{
	static const struct {
		const char *url, *selector;
	} rows[] = {
	    {"https://x.org/a?b=c#d", "URL:https://x.org/a?b=c#d"},
	    {"gemini://x.org/", "URL:gemini://x.org/"},
	    {"mailto:a@b.c", "URL:mailto:a@b.c"},
	    {"https://x.org/a%20b%09", "URL:https://x.org/a%20b%09"},
	    {"https://x.org/caf\xc3\xa9", "URL:https://x.org/caf%C3%A9"},
	    {"https://x.org/a\tb\r\nc", "URL:https://x.org/a%09b%0D%0Ac"},
	    {"gophers://x.org/1/", "URL:gophers://x.org/1/"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf scratch = {0};
		struct link_item item = link_item(&site, str_of(rows[i].url), STR(""), &scratch);

		check_row(item.type == 'h', rows[i].url);
		check_str(item.selector, rows[i].selector);
		check_str(item.host, "digest.example.org");
		check_row(item.port == 7070, rows[i].url);
		buf_free(&scratch);
	}
}

static void g11_g21_a_gopher_url_is_a_native_item(void **state)
{
	static const struct {
		const char *url;
		char type;
		const char *selector, *host;
		uint16_t port;
	} rows[] = {
	    {"gopher://x.org", '1', "", "x.org", 70},
	    {"gopher://x.org/", '1', "", "x.org", 70},
	    {"GOPHER://x.org/", '1', "", "x.org", 70},
	    {"gopher://x.org/1", '1', "", "x.org", 70},
	    {"gopher://x.org/1/news/2026", '1', "/news/2026", "x.org", 70},
	    {"gopher://x.org/0news", '0', "news", "x.org", 70},
	    {"gopher://x.org:7070/0/a.txt", '0', "/a.txt", "x.org", 7070},
	    {"gopher://x.org:/9/a", '9', "/a", "x.org", 70},
	    {"gopher://x.org/7/search", '7', "/search", "x.org", 70},
	    {"gopher://x.org/I/a.png", 'I', "/a.png", "x.org", 70},
	    {"gopher://x.org/0/a%20b%25", '0', "/a b%", "x.org", 70},
	    {"gopher://x.org/0/caf%C3%A9", '0', "/caf\xc3\xa9", "x.org", 70},
	    {"gopher://x.org/1/x?y=z%20w", '1', "/x?y=z w", "x.org", 70},
	    {"gopher://x.org/1/x?", '1', "/x?", "x.org", 70},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf scratch = {0};
		struct link_item item = link_item(&site, str_of(rows[i].url), STR(""), &scratch);

		check_row(item.type == rows[i].type, rows[i].url);
		check_str(item.selector, rows[i].selector);
		check_str(item.host, rows[i].host);
		check_row(item.port == rows[i].port, rows[i].url);
		buf_free(&scratch);
	}
}

static void g11_odd_gopher_urls_fall_back_to_h(void **state)
{
	static const char *const rows[] = {
	    "gopher:///1/x", /* no host */
	    "gopher:x",
	    "gopher://[::1]/1/x", /* clients write host:port (G-20) */
	    "gopher://me@x.org/1/x",
	    "gopher://x.org/7/search%09words", /* a TAB in the selector */
	    "gopher://x.org/1/a%0D%0Ab",
	    "gopher://x.org/1/x?a%09b",
	    "gopher://x.org/1/%00",
	    "gopher://x.org/1/%ff", /* not UTF-8 */
	    "gopher://x.org/%31/x", /* an escape is no type */
	    "gopher://x.org/i/x",   /* nobody follows these types */
	    "gopher://x.org/3/x",
	    "gopher://x.org/+/x",
	    "gopher://x.org/d/x.pdf", /* Kristall drops these (G-10) */
	    "gopher://x.org/p/x.png",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf scratch = {0};
		struct link_item item = link_item(&site, str_of(rows[i]), STR(""), &scratch);

		check_row(item.type == 'h', rows[i]);
		assert_true(str_starts(item.selector, STR("URL:gopher:")));
		check_str(str_skip(item.selector, 4), rows[i]);
		check_str(item.host, "digest.example.org");
		buf_free(&scratch);
	}
}

static void g03_no_control_gets_into_a_selector(void **state)
{
	struct buf scratch = {0};

	(void)state;
	check_str(link_item(&site, STR("/a\tb\r\n1c\x1b\xff"), STR(""), &scratch).selector,
	    "/a b 1c \xef\xbf\xbd");
	buf_free(&scratch);
}

static void scratch_is_emptied_first(void **state)
{
	struct buf scratch = {0};

	(void)state;
	buf_addz(&scratch, "left over");
	check_str(
	    link_item(&site, STR("https://x/"), STR(""), &scratch).selector, "URL:https://x/");
	check_str(link_item(&site, STR("gopher://x/1/y"), STR(""), &scratch).selector, "/y");
	check_str(link_item(&site, STR("/z"), STR(""), &scratch).selector, "/z");
	buf_free(&scratch);
}

static void t02_g21_urls_of_our_paths(void **state)
{
	static const struct {
		const char *path, *gemini, *gopher;
	} rows[] = {
	    {"/", "/", "/"},
	    {"/latest/2", "/latest/2", "/1/latest/2"},
	    {"/files/a b%.txt", "/files/a%20b%25.txt", "/0/files/a%20b%25.txt"},
	    {"/caf\xc3\xa9", "/caf%C3%A9", "/1/caf%C3%A9"},
	    {"/search", "/search", "/7/search"},
	    {"/a?b#c\"", "/a%3Fb%23c%22", "/1/a%3Fb%23c%22"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		link_gemini_url(&out, &site, str_of(rows[i].path), STR(""));
		assert_true(str_starts(buf_str(&out), STR("gemini://digest.example.org/")));
		check_str(str_skip(buf_str(&out), 27), rows[i].gemini);
		out.len = 0;
		link_gopher_url(&out, &site, str_of(rows[i].path), STR(""));
		assert_true(str_starts(buf_str(&out), STR("gopher://digest.example.org:7070/")));
		check_str(str_skip(buf_str(&out), 32), rows[i].gopher);
		out.len = 0;
		link_gopher_url(&out, &usual, str_of(rows[i].path), STR(""));
		check_str(str_skip(buf_str(&out), 27), rows[i].gopher);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(g10_paths_of_ours_have_their_type),
	    cmocka_unit_test(g11_other_urls_are_of_type_h_and_point_back),
	    cmocka_unit_test(g11_g21_a_gopher_url_is_a_native_item),
	    cmocka_unit_test(g11_odd_gopher_urls_fall_back_to_h),
	    cmocka_unit_test(g03_no_control_gets_into_a_selector),
	    cmocka_unit_test(scratch_is_emptied_first),
	    cmocka_unit_test(t02_g21_urls_of_our_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
