/*
 * xml and json: what no text can do to a document, whatever is in it.
 */
#include "config.h"

#include "check.h"

#include "render/json.h"
#include "render/xml.h"

static void check_text(struct str text, const char *want)
{
	struct buf out = {0};

	xml_text(&out, text);
	check_buf(&out, want);
}

static void f10_no_text_is_markup(void **state)
{
	(void)state;
	check_text(STR(""), "");
	check_text(STR("plain"), "plain");
	check_text(STR("<b a=\"x\">R&D</b>"), "&lt;b a=&quot;x&quot;&gt;R&amp;D&lt;/b&gt;");
	check_text(STR("]]> &amp; it's"), "]]&gt; &amp;amp; it's");
	check_text(STR("a\tb\nc\rd"), "a\tb\nc&#13;d");
}

static void f10_what_xml_forbids_is_left_out(void **state)
{
	(void)state;
	check_text(STR("a\x01\x08\x0b\x0c\x0e\x1f\x1b[0m"), "a[0m");
	check_text(STR("n\0n"), "nn");
	check_text(STR("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), "\xef\xbf\xbd");
	check_text(STR("\xf0\x9f\xa6\x80 \xf4\x8f\xbf\xbf"), "\xf0\x9f\xa6\x80 \xf4\x8f\xbf\xbf");
	/* A surrogate is no UTF-8, and neither is what was cut. */
	check_text(STR("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_text(STR("\xc3"), "\xef\xbf\xbd");
}

static void elements_are_lines(void **state)
{
	struct buf out = {0};

	(void)state;
	xml_element(&out, 0, "a", STR("<"));
	xml_element(&out, 1, "b", STR(""));
	xml_element(&out, 2, "c", STR("x"));
	xml_link(&out, 1, "link", "self", "text/x", STR("a?b=1&c=\""));
	xml_link(&out, 1, "link", "none", NULL, STR(""));
	xml_link(&out, 0, "atom:link", "self", NULL, STR("u"));
	check_buf(&out,
	    "<a>&lt;</a>\n"
	    "    <c>x</c>\n"
	    "  <link rel=\"self\" type=\"text/x\" href=\"a?b=1&amp;c=&quot;\"/>\n"
	    "<atom:link rel=\"self\" href=\"u\"/>\n");
}

static void json_places_its_commas(void **state)
{
	struct buf out = {0};
	struct json j = {.out = &out};

	(void)state;
	json_open(&j, NULL, '{');
	json_string(&j, "a", STR("1"));
	json_optional(&j, "b", STR(""));
	json_open(&j, "c", '[');
	json_close(&j, ']');
	json_open(&j, "d", '[');
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_string(&j, NULL, STR("2"));
	json_close(&j, ']');
	json_optional(&j, "e", STR("3"));
	json_close(&j, '}');
	check_buf(&out,
	    "{\n"
	    "  \"a\": \"1\",\n"
	    "  \"c\": [],\n"
	    "  \"d\": [\n"
	    "    {},\n"
	    "    \"2\"\n"
	    "  ],\n"
	    "  \"e\": \"3\"\n"
	    "}\n");
}

static void json_strings_hold_anything(void **state)
{
	struct buf out = {0};
	struct json j = {.out = &out};

	(void)state;
	json_open(&j, NULL, '[');
	json_string(
	    &j, NULL, STR("\"\\/\n\t\x01\x7f\0\xe2\x80\xa8\xef\xbf\xbe\xf0\x9f\xa6\x80\xff"));
	json_close(&j, ']');
	check_buf(&out,
	    "[\n  \"\\\"\\\\/\\n\\u0009\\u0001\\u007f\\u0000\\u2028\xef\xbf\xbe\xf0\x9f\xa6\x80"
	    "\xef\xbf\xbd\"\n]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(f10_no_text_is_markup),
	    cmocka_unit_test(f10_what_xml_forbids_is_left_out),
	    cmocka_unit_test(elements_are_lines),
	    cmocka_unit_test(json_places_its_commas),
	    cmocka_unit_test(json_strings_hold_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
