/*
 * site: digest.yaml, its defaults, and every fault in it.
 */
#include "config.h"

#include "check.h"

#include "content/site.h"

struct read {
	struct arena *keep, *work;
	struct diag_list *diags;
	struct site_source s;
};

static struct read read_text(const char *text)
{
	struct read r = {.keep = arena_new(0), .work = arena_new(0), .diags = diag_new()};
	struct fields f = {r.keep, r.work, r.diags, NULL};
	struct arena *tree = arena_new(0);

	r.s = site_read(
	    &f, yaml_read(tree, STR("digest.yaml"), str_of(text), r.diags), STR("digest.yaml"));
	arena_free(tree);
	return r;
}

static void free_read(struct read *r)
{
	diag_free(r->diags);
	arena_free(r->work);
	arena_free(r->keep);
}

static void check_errors(const char *text, const char *errors, int line)
{
	struct read r = read_text(text);
	struct buf out = {0};

	diag_print(r.diags, &out);
	check_slices(buf_str(&out), str_of(errors), __FILE__, line);
	buf_free(&out);
	free_read(&r);
}

#define ERROR(place, text) "digest.yaml:" place ": error: " text "\n"
#define HEAD "title: T\ncategories: [{name: A}]\n"
#define line_fails(text, column, error)                                                            \
	check_errors(HEAD text "\n", ERROR("3:" column, error), __LINE__)
#define line_reads(text) check_errors(HEAD text "\n", "", __LINE__)

static void every_key_is_read(void **state)
{
	struct read r = read_text("title: The Digest\n"
				  "subtitle: on the small web\n"
				  "description: >\n  What it\n  is.\n"
				  "language: de\n"
				  "id: tag:e,2020:d\n"
				  "editor: {name: Jane, email: jane@e, url: 'https://e/'}\n"
				  "licence: CC0-1.0\n"
				  "favicon: \"\xf0\x9f\xa6\x80\"\n"
				  "page_size: 100\n"
				  "latest: 1\n"
				  "categories:\n"
				  "- {name: Web Services, slug: web, description: Wires., "
				  "aliases: [wires, net]}\n"
				  "- {name: \xc3\x89tudes, gone: true}\n"
				  "robots: {indexer: [/a/], webproxy: [/, /b.txt]}\n"
				  "security:\n"
				  "  contact: mailto:a@e\n"
				  "  expires: 2027-12-31\n"
				  "  policy: https://e/p\n"
				  "  languages: [en, de]\n");
	const struct site *s = &r.s.site;

	(void)state;
	assert_int_equal(r.diags->total, 0);
	check_str(s->title, "The Digest");
	check_str(s->subtitle, "on the small web");
	check_str(s->description, "What it is.");
	check_str(s->language, "de");
	check_str(s->id, "tag:e,2020:d");
	check_str(s->editor.name, "Jane");
	check_str(s->editor.email, "jane@e");
	check_str(s->editor.url, "https://e/");
	check_str(s->licence, "CC0-1.0");
	check_str(s->favicon, "\xf0\x9f\xa6\x80");
	assert_int_equal(s->page_size, 100);
	assert_int_equal(s->latest, 1);
	assert_int_equal(r.s.ncategories, 2);
	check_str(r.s.categories[0].name, "Web Services");
	check_str(r.s.categories[0].slug, "web");
	check_str(r.s.categories[0].description, "Wires.");
	check_str(r.s.categories[1].slug, "etudes");
	assert_int_equal(r.s.categories[0].pos.line, 14);
	assert_int_equal(r.s.categories[0].aliases.n, 2);
	check_str(r.s.categories[0].aliases.items[1].text, "net");
	assert_false(r.s.categories[0].gone);
	assert_true(r.s.categories[1].gone);
	assert_int_equal(s->robots[SITE_INDEXER].n, 1);
	check_str(s->robots[SITE_INDEXER].items[0], "/a/");
	assert_int_equal(s->robots[SITE_ARCHIVER].n, 0);
	assert_int_equal(s->robots[SITE_WEBPROXY].n, 2);
	check_str(s->robots[SITE_WEBPROXY].items[1], "/b.txt");
	assert_int_equal(s->security.contacts.n, 1);
	check_str(s->security.contacts.items[0], "mailto:a@e");
	assert_int_equal(s->security.expires.year, 2027);
	check_str(s->security.policy, "https://e/p");
	assert_int_equal(s->security.languages.n, 2);
	check_str(s->security.languages.items[1], "de");
	free_read(&r);
}

static void what_is_not_written_has_a_default(void **state)
{
	struct read r = read_text(HEAD "latest:\n");

	(void)state;
	assert_int_equal(r.diags->total, 0);
	check_str(r.s.site.language, "en");
	check_str(r.s.site.id, "");
	assert_int_equal(r.s.site.page_size, 50);
	assert_int_equal(r.s.site.latest, 15);
	assert_int_equal(r.s.site.issues, DATE_WEEK);
	check_str(r.s.site.favicon, "");
	check_str(r.s.site.editor.name, "");
	free_read(&r);
}

static void an_empty_file_says_what_it_needs(void **state)
{
	(void)state;
	check_errors("",
	    "digest.yaml: error: the file is empty: write at least title: and categories:\n",
	    __LINE__);
	check_errors("# later\n",
	    "digest.yaml: error: the file is empty: write at least title: and categories:\n",
	    __LINE__);
	check_errors("{}\n",
	    ERROR("1:1", "digest.yaml needs the key title: for example title: The Gopher Weekly")
		ERROR("1:1",
		    "digest.yaml needs the key categories: for example categories: [{name: "
		    "Language, slug: "
		    "language}]"),
	    __LINE__);
	check_errors("- a\n",
	    ERROR("1:1",
		"digest.yaml is a mapping, not a list: for example title: The Gopher Weekly"),
	    __LINE__);
}

/* F-11: what begins every id is a URI that a path can follow. */
static void f11_ids_begin_with_a_uri(void **state)
{
#define id_fails(text, fault)                                                                      \
	line_fails("id: " text, "5",                                                               \
	    "id '" text "': " fault "; for example id: tag:example.org,2026:digest")
	(void)state;
	line_reads("id: tag:example.org,2026:rust");
	line_reads("id: https://example.org/rust");
	line_reads("id: urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6");
	id_fails("rust", "it has no scheme");
	line_fails("id: 'tag:'", "5",
	    "id 'tag:': nothing follows its scheme; for example id: tag:example.org,2026:digest");
	id_fails("https://example.org/", "a slash follows it, so it ends in none");
	id_fails("https://example.org/?a", "a path follows it, so it has neither ? nor #");
	id_fails("https://example.org/#a", "a path follows it, so it has neither ? nor #");
}

static void numbers_are_whole_and_bounded(void **state)
{
	(void)state;
#define number_fails(text, shown)                                                                  \
	line_fails("page_size: " text, "12",                                                       \
	    "page_size takes a whole number from 1 to 100 without quotation marks, not '" shown    \
	    "'")
	number_fails("0", "0");
	number_fails("501", "501");
	number_fails("-1", "-1");
	number_fails("1.5", "1.5");
	number_fails("'50'", "50");
	number_fails("99999999999999999999999", "99999999999999999999999");
	line_fails("latest: 101", "9",
	    "latest takes a whole number from 1 to 100 without quotation marks, not '101'");
	line_fails("latest: [1]", "9", "latest takes a number, not a list: for example latest: 15");
}

static void a_favicon_is_one_emoji(void **state)
{
	(void)state;
	line_reads("favicon: \"\xf0\x9f\xa6\x80\"");
	line_reads("favicon: \xe2\x98\x95");                                 /* U+2615 */
	line_reads("favicon: \xe2\x9d\xa4\xef\xb8\x8f");                     /* with U+FE0F */
	line_reads("favicon: \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"); /* joined */
	line_reads("favicon: \xf0\x9f\x87\xa9\xf0\x9f\x87\xaa");             /* a flag */
#define favicon_fails(text)                                                                        \
	line_fails("favicon: \"" text "\"", "10",                                                  \
	    "favicon takes one emoji, not '" text "': for example favicon: \"\xf0\x9f\xa6\x80\"")
	favicon_fails("a");
	favicon_fails(":-)");
	favicon_fails("\xe6\x97\xa5");
	favicon_fails("\xf0\x9f\xa6\x80\xf0\x9f\xa6\x80");
	favicon_fails("\xf0\x9f\xa6\x80x");
}

static void an_issue_is_a_week_or_a_month(void **state)
{
	struct read weekly = read_text(HEAD "issues: weekly\n"),
		    monthly = read_text(HEAD "issues: monthly\n");

	(void)state;
	assert_int_equal(weekly.diags->total + monthly.diags->total, 0);
	assert_int_equal(weekly.s.site.issues, DATE_WEEK);
	assert_int_equal(monthly.s.site.issues, DATE_MONTH);
	free_read(&weekly);
	free_read(&monthly);
	line_fails("issues: daily", "9", "issues takes weekly or monthly, not 'daily'");
	line_fails("issues: Weekly", "9", "issues takes weekly or monthly, not 'Weekly'");
	line_fails("issues: weekly, monthly", "9",
	    "issues takes weekly or monthly, not 'weekly, monthly'");
	line_fails("issues: [weekly]", "9",
	    "issues takes one line of text, not a list: for example issues: weekly");
}

static void categories_have_names(void **state)
{
	(void)state;
	check_errors(
	    "title: T\ncategories:\n- {slug: a}\n- {name: '?'}\n- b\n- {name: C, colour: red}\n",
	    ERROR("3:3", "a category needs the key name: for example name: Language") ERROR("4:10",
		"no slug can be made from this name: write a slug, for example slug: language")
		ERROR("5:3", "a category is a mapping, not text: write {name: \"b\"}") ERROR("6:13",
		    "unknown key 'colour': the keys of a category are name, slug, description, "
		    "aliases, gone"),
	    __LINE__);
	check_errors("title: T\ncategories: []\n",
	    ERROR("2:13",
		"categories is an empty list: for example categories: [{name: Language, slug: "
		"language}]"),
	    __LINE__);
}

static void an_editor_is_a_mapping(void **state)
{
	(void)state;
	line_fails("editor: Jane", "9", "editor is a mapping, not text: write {name: \"Jane\"}");
	line_fails("editor: {mail: a@b}", "10", "unknown key 'mail': did you mean 'email'?");
}

static void c02_rules_for_crawlers_are_read_by_all_of_them(void **state)
{
	(void)state;
	line_reads("robots: {archiver: [/], researcher: [/files/~x/, /%20]}");
	line_fails("robots: {indexr: [/]}", "10", "unknown key 'indexr': did you mean 'indexer'?");
	line_fails("robots: {gus: [/]}", "10",
	    "unknown key 'gus': the keys of robots are indexer, archiver, researcher, webproxy");
	line_fails("robots: {archiver: /a/}", "20", "archiver takes a list, not text: write [/a/]");
	line_fails(
	    "robots: {archiver: []}", "20", "archiver is an empty list: for example archiver: [/]");
	line_fails("robots: {archiver: [files/]}", "21",
	    "archiver 'files/': it does not begin with a slash: write the path as in /files/");
#define path_fails(path)                                                                           \
	line_fails("robots: {archiver: ['" path "']}", "21",                                       \
	    "archiver '" path                                                                      \
	    "': crawlers read no spaces, no :, *, $ or #, and ASCII only: write a shorter path "   \
	    "that covers it")
	path_fails("/a b");
	path_fails("/a:b");
	path_fails("/a*");
	path_fails("/a$");
	path_fails("/#a");
	path_fails("/\xc3\xa9");
}

static void c07_security_needs_a_contact_and_an_end(void **state)
{
	(void)state;
	line_reads("security: {contact: [mailto:a@b, 'https://e/'], expires: 2027-01-01}");
	line_fails("security: {}", "11",
	    "security needs the key contact: for example contact: mailto:security@example.org\n"
	    "digest.yaml:3:11: error: security needs the key expires: for example expires: "
	    "2027-12-31");
	line_fails("security: {contact: a@b, expires: 2027-01-01}", "21",
	    "contact 'a@b': it has no scheme; for example contact: mailto:security@example.org");
	line_fails("security: {contact: [mailto:a@b, x], expires: 2027-01-01}", "34",
	    "contact 'x': it has no scheme; for example contact: mailto:security@example.org");
	line_fails("security: {contact: mailto:a@b, expires: 2027-01-01, languages: x y}", "65",
	    "languages 'x y' is no language tag (BCP 47): for example en or pt-BR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_is_read),
	    cmocka_unit_test(what_is_not_written_has_a_default),
	    cmocka_unit_test(an_empty_file_says_what_it_needs),
	    cmocka_unit_test(f11_ids_begin_with_a_uri),
	    cmocka_unit_test(numbers_are_whole_and_bounded),
	    cmocka_unit_test(a_favicon_is_one_emoji),
	    cmocka_unit_test(an_issue_is_a_week_or_a_month),
	    cmocka_unit_test(categories_have_names),
	    cmocka_unit_test(an_editor_is_a_mapping),
	    cmocka_unit_test(c02_rules_for_crawlers_are_read_by_all_of_them),
	    cmocka_unit_test(c07_security_needs_a_contact_and_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
