/*
 * uri: references taken apart, paths brought into routing form (M-12), escapes
 * both ways, and relative references resolved.
 */
#include "config.h"

#include "check.h"

#include "base/uri.h"

static void references_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *scheme, *userinfo, *host, *path, *query, *fragment;
		unsigned port;
		const char *has; /* a: authority, u: userinfo, q: query, f: fragment, l: literal */
	} rows[] = {
	    {"gemini://example.org/a/b?c=d#e", "gemini", "", "example.org", "/a/b", "c=d", "e", 0,
		"aqf"},
	    {"gemini://example.org", "gemini", "", "example.org", "", "", "", 0, "a"},
	    {"gemini://example.org?q", "gemini", "", "example.org", "", "q", "", 0, "aq"},
	    {"gemini://example.org#", "gemini", "", "example.org", "", "", "", 0, "af"},
	    {"gemini://h/?", "gemini", "", "h", "/", "", "", 0, "aq"},
	    {"gemini://h:1965/", "gemini", "", "h", "/", "", "", 1965, "a"},
	    {"gemini://h:/", "gemini", "", "h", "/", "", "", 0, "a"},
	    {"gemini://h:65535", "gemini", "", "h", "", "", "", 65535, "a"},
	    {"gemini://[::1]/", "gemini", "", "::1", "/", "", "", 0, "al"},
	    {"gemini://[2001:db8::1]:1965", "gemini", "", "2001:db8::1", "", "", "", 1965, "al"},
	    {"ftp://me:pw@h:21/x", "ftp", "me:pw", "h", "/x", "", "", 21, "au"},
	    {"ftp://@h/", "ftp", "", "h", "/", "", "", 0, "au"},
	    {"//h/x", "", "", "h", "/x", "", "", 0, "a"},
	    {"///x", "", "", "", "/x", "", "", 0, "a"},
	    {"mailto:a@b.c", "mailto", "", "", "a@b.c", "", "", 0, ""},
	    {"x-y.z+1:p", "x-y.z+1", "", "", "p", "", "", 0, ""},
	    {"1x:p", "", "", "", "1x:p", "", "", 0, ""},
	    {":p", "", "", "", ":p", "", "", 0, ""},
	    {"a/b:c", "", "", "", "a/b:c", "", "", 0, ""},
	    {"../x?y#z", "", "", "", "../x", "y", "z", 0, "qf"},
	    {"?a?b", "", "", "", "", "a?b", "", 0, "q"},
	    {"#a?b#c", "", "", "", "", "", "a?b#c", 0, "f"},
	    {"", "", "", "", "", "", "", 0, ""},
	    {"gemini://h/a%2Fb%00", "gemini", "", "h", "/a%2Fb%00", "", "", 0, "a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct uri u;
		const char *why = NULL;
		bool ok = uri_parse(str_of(rows[i].text), false, &u, &why);

		check_row(ok, rows[i].text);
		assert_null(why);
		check_str(u.scheme, rows[i].scheme);
		check_str(u.userinfo, rows[i].userinfo);
		check_str(u.host, rows[i].host);
		check_str(u.path, rows[i].path);
		check_str(u.query, rows[i].query);
		check_str(u.fragment, rows[i].fragment);
		check_row(u.port == rows[i].port, rows[i].text);
		check_row(u.has_authority == !!strchr(rows[i].has, 'a'), rows[i].text);
		check_row(u.has_userinfo == !!strchr(rows[i].has, 'u'), rows[i].text);
		check_row(u.has_query == !!strchr(rows[i].has, 'q'), rows[i].text);
		check_row(u.has_fragment == !!strchr(rows[i].has, 'f'), rows[i].text);
		check_row(u.ip_literal == !!strchr(rows[i].has, 'l'), rows[i].text);
	}
}

static void every_fault_is_named(void **state)
{
	static const char escape[] = "a % begins no escape of two hexadecimal digits: write %25";
	static const char control[] = "it holds a control character";
	static const char port[] = "its port is not a number from 1 to 65535";
	static const struct {
		struct str text;
		bool utf8;
		const char *why;
	} rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
	    {ROW("gemini://h/a b"), true, "it holds a space: write %20"},
	    {ROW(" gemini://h/"), true, "it holds a space: write %20"},
	    {ROW("gemini://h/\t"), true, control},
	    {ROW("gemini://h/\0"), true, control},
	    {ROW("gemini://h/\x1b"), true, control},
	    {ROW("gemini://h/\x7f"), true, control},
	    {ROW("gemini://h/\xc2\x85"), true, control},
	    {ROW("gemini://h/\xe2\x80\xa8"), true, control},
	    {ROW("gemini://h/\xc3\xa9"), false,
		"it holds a character outside ASCII: percent-encode it"},
	    {ROW("gemini://h/\xdc"), true, "it is not UTF-8"},
	    {ROW("gemini://h/%"), true, escape},
	    {ROW("gemini://h/%2"), true, escape},
	    {ROW("gemini://h/%zz"), true, escape},
	    {ROW("gemini://h%g0/"), true, escape},
	    {ROW("gemini://h/?%f"), true, escape},
	    {ROW("gemini://h:0/"), true, port},
	    {ROW("gemini://h:65536/"), true, port},
	    {ROW("gemini://h:99999999999999999999/"), true, port},
	    {ROW("gemini://h:+1/"), true, port},
	    {ROW("gemini://h:19x/"), true, port},
	    {ROW("gemini://[::1/"), true, "its address has no closing bracket"},
	    {ROW("gemini://[::1]x/"), true, "after the bracket comes a port or nothing"},
	    {ROW("gemini://[::1]:x/"), true, port},
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct uri u;
		const char *why = NULL;

		check_row(!uri_parse(rows[i].text, rows[i].utf8, &u, &why), rows[i].text.p);
		assert_non_null(why);
		check_str(str_of(why), rows[i].why);
		assert_false(uri_parse(rows[i].text, rows[i].utf8, &u, NULL));
	}
}

static void iris_are_accepted_where_allowed(void **state)
{
	struct uri u;

	(void)state;
	assert_true(uri_parse(STR("gemini://caf\xc3\xa9.x/\xe6\xbc\xa2"), true, &u, NULL));
	check_str(u.host, "caf\xc3\xa9.x");
	check_str(u.path, "/\xe6\xbc\xa2");
}

/* M-12: NULL where the row says 51. */
static void m12_paths_come_into_routing_form(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
	    {"", "/"},
	    {"/", "/"},
	    {"/a/b", "/a/b"},
	    {"/a/b/", "/a/b/"},
	    {"/A", "/A"}, /* the path keeps its case */
	    {"/%61%7E", "/a~"},
	    {"/caf%C3%A9", "/caf\xc3\xa9"},
	    {"/caf\xc3\xa9", "/caf\xc3\xa9"},
	    {"/a%20b", "/a b"},
	    {"/a%3Fb%23", "/a?b#"},
	    {"/a%25b", "/a%b"},
	    {"/a%252Fb", "/a%2Fb"}, /* decoded once */
	    {"/+", "/+"},
	    {"/a;size=3", "/a;size=3"},
	    /* dot segments */
	    {"/.", "/"},
	    {"/./", "/"},
	    {"/a/.", "/a/"},
	    {"/a/./b", "/a/b"},
	    {"/a/..", "/"},
	    {"/a/../b", "/b"},
	    {"/a/b/../c/", "/a/c/"},
	    {"/a/b/..", "/a/"},
	    {"/a/%2e%2E/b", "/b"},
	    {"/a/b/../../", "/"},
	    {"/...", "/..."},
	    {"/.a/..b/c..", "/.a/..b/c.."},
	    /* doubled slashes collapse */
	    {"//", "/"},
	    {"//a", "/a"},
	    {"/a//b///c//", "/a/b/c/"},
	    {"/a//../b", "/b"},
	    /* above the root */
	    {"/..", NULL},
	    {"/../", NULL},
	    {"/../../", NULL},
	    {"/a/../../a", NULL},
	    {"/a/../..", NULL},
	    {"/%2e%2e/etc/passwd", NULL},
	    {"/..//a", NULL},
	    /* escapes of what no path has */
	    {"/a%2Fb", NULL},
	    {"/a%2fb", NULL},
	    {"/a%5Cb", NULL},
	    {"/a%5c..%5cb", NULL},
	    {"/a\\b", NULL},
	    {"/a%00", NULL},
	    {"/a%0A", NULL},
	    {"/a%0d%0a", NULL},
	    {"/a%1b", NULL},
	    {"/a%7F", NULL},
	    {"/a%C2%85", NULL},
	    {"/a%E2%80%A8", NULL},
	    {"/%DC", NULL},
	    {"/%C3", NULL},
	    {"/%C0%AF", NULL},
	    {"/%ED%A0%80", NULL},
	    {"/%zz", NULL},
	    {"/%", NULL},
	    {"/%2", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		check_row(
		    uri_route_path(&out, str_of(rows[i].path)) == !!rows[i].want, rows[i].path);
		if (rows[i].want)
			check_str(buf_str(&out), rows[i].want);
		buf_free(&out);
	}
}

/* What comes out is a path below the root, and bringing it there again changes nothing. */
static void m12_any_path_is_routed_once_for_all(void **state)
{
	static const char *const pieces[] = {
	    "/", "/", ".", "..", "a", "%2e", "%41", "%2F", "b", "%", "\xc3\xa9", "%C3%A9", "\\"};
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf path = {0}, out = {0}, escaped = {0}, again = {0};

		buf_addc(&path, '/');
		for (uint32_t n = check_random(&seed) % 12; n > 0; n--)
			buf_addz(&path, pieces[check_random(&seed) % COUNT(pieces)]);
		if (uri_route_path(&out, buf_str(&path))) {
			assert_int_equal(out.p[0], '/');
			assert_null(strstr(buf_z(&out), "//"));
			assert_null(strstr(buf_z(&out), "/../"));
			assert_null(strstr(buf_z(&out), "/./"));
			uri_escape_path(&escaped, buf_str(&out));
			assert_true(uri_route_path(&again, buf_str(&escaped)));
			check_same(buf_str(&again), buf_str(&out));
		}
		buf_free(&path);
		buf_free(&out);
		buf_free(&escaped);
		buf_free(&again);
	}
}

/* M-27: %20 and %0D%0A are decoded, + stays. */
static void m27_escapes_are_decoded(void **state)
{
	struct buf out = {0};

	(void)state;
	assert_true(uri_unescape(&out, STR("a%20b%0D%0a+%2B%ff")));
	check_buf(&out, "a b\r\n++\xff");
	assert_true(uri_unescape(&out, STR("%00")));
	assert_int_equal(out.len, 1);
	buf_free(&out);
	assert_true(uri_unescape(&out, (struct str){0}));
	assert_false(uri_unescape(&out, STR("a%")));
	assert_false(uri_unescape(&out, STR("a%4")));
	assert_false(uri_unescape(&out, STR("a%4x")));
	buf_free(&out);
}

static void each_place_has_its_escaping(void **state)
{
	static const char all[] = "aZ09-._~/!$&'()*+,;=:@?#[]%\"<>\\^`{|} \t\r\n\x7f\xc3\xa9";
	struct buf out = {0};

	(void)state;
	uri_escape_path(&out, str_of(all));
	check_buf(&out,
	    "aZ09-._~/!$&'()*+,;=:@%3F%23%5B%5D%25%22%3C%3E%5C%5E%60%7B%7C%7D%20%09%0D"
	    "%0A%7F%C3%A9");
	uri_escape_link(&out, str_of(all));
	check_buf(
	    &out, "aZ09-._~/!$&'()*+,;=:@?#[]%%22%3C%3E%5C%5E%60%7B%7C%7D%20%09%0D%0A%7F%C3%A9");
	uri_escape(&out, str_of(all));
	check_buf(&out,
	    "aZ09-._~%2F%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40%3F%23%5B%5D%25%22%3C"
	    "%3E%5C%5E%60%7B%7C%7D%20%09%0D%0A%7F%C3%A9");
	uri_escape_path(&out, STR("\0"));
	check_buf(&out, "%00");
}

static void t02_relative_references_are_resolved(void **state)
{
	static const struct {
		const char *base, *reference, *want;
	} rows[] = {
	    {"/a/b", "c", "/a/c"},
	    {"/a/b/", "c", "/a/b/c"},
	    {"/a/b", "./c/", "/a/c/"},
	    {"/a/b", "../c", "/c"},
	    {"/a/b", "..", "/"},
	    {"/a/b", ".", "/a/"},
	    {"/a/b", "/c", "/c"},
	    {"/a/b", "/c/../d", "/d"},
	    {"/a/b", "../../../c", "/c"}, /* as a browser does */
	    {"/a/b", "", "/a/b"},         /* the same document */
	    {"/a/", "", "/a/"},
	    {"/about", "contact", "/contact"},
	    {"/", "x//y", "/x/y"},
	    {"/about", "a b?", "/a b?"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		buf_addz(&out, "x");
		uri_resolve(&out, str_of(rows[i].base), str_of(rows[i].reference));
		check_str(str_skip(buf_str(&out), 1), rows[i].want);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(references_are_taken_apart),
	    cmocka_unit_test(every_fault_is_named),
	    cmocka_unit_test(iris_are_accepted_where_allowed),
	    cmocka_unit_test(m12_paths_come_into_routing_form),
	    cmocka_unit_test(m12_any_path_is_routed_once_for_all),
	    cmocka_unit_test(m27_escapes_are_decoded),
	    cmocka_unit_test(each_place_has_its_escaping),
	    cmocka_unit_test(t02_relative_references_are_resolved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
