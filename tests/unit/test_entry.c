/*
 * entry, and fields below it: every key read rightly, and every fault of an
 * entry by itself reported at its place with what to write instead.
 */
#include "config.h"

#include "check.h"

#include "content/entry.h"

/* The entries of a text, and what was reported. */
struct read {
	struct arena *keep, *work, *tree;
	struct diag_list *diags;
	struct entry_list list;
};

static struct read read_text(const char *text)
{
	struct read r = {arena_new(0), arena_new(0), arena_new(0), diag_new(), {NULL, 0, 0}};
	struct fields f = {r.keep, r.work, r.diags, NULL};

	entry_read(&f, yaml_read(r.tree, STR("f.yaml"), str_of(text), r.diags), &r.list);
	/* What stays must not refer to the tree. */
	arena_free(r.tree);
	return r;
}

static void free_read(struct read *r)
{
	free(r->list.items);
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

#define ERROR(place, text) "f.yaml:" place ": error: " text "\n"

/* A whole entry, up to its last line. */
#define HEAD "- title: T\n  url: https://e/\n  date: 2019-11-15\n  categories: [a]\n"

/* One more line in an entry that is fine without it: the fifth. */
#define line_fails(text, column, error)                                                            \
	check_errors(HEAD "  " text "\n", ERROR("5:" column, error), __LINE__)
#define line_reads(text) check_errors(HEAD "  " text "\n", "", __LINE__)

static void every_key_is_read(void **state)
{
	struct read r =
	    read_text("- title: '  A title '\n"
		      "  url: https://example.org/\xc3\xa9?q#f\n"
		      "  author: [Jane Roe, {name: Ann, url: 'gemini://ann.example/'}]\n"
		      "  date: 2019-11-15T23:30:00-02:00\n"
		      "  categories: [web, crates]\n"
		      "  tags: [async, 'C++']\n"
		      "  slug: a-slug\n"
		      "  summary: |2\n\n      code\tx\n    text\n\n"
		      "  language: zh-Hant-TW\n"
		      "  updated: 2020-01-03\n"
		      "  aliases: [old, older]\n"
		      "  links: [{url: 'mailto:a@b', label: Mail}]\n"
		      "  draft: yes\n"
		      "  gone: true\n");
	const struct entry_source *s = r.list.items;
	const struct entry *e = s->entry;

	(void)state;
	assert_int_equal(r.diags->total, 0);
	assert_int_equal(r.list.n, 1);
	check_str(e->title, "A title");
	check_str(e->url, "https://example.org/\xc3\xa9?q#f");
	check_str(e->slug, "a-slug");
	check_str(e->summary, "  code\tx\ntext");
	check_str(e->language, "zh-Hant-TW");
	assert_int_equal(e->date.day, 15);
	assert_int_equal(e->date.instant, 1573867800);
	assert_int_equal(e->updated.year, 2020);
	assert_true(e->gone && s->draft && !s->slug_made);
	assert_int_equal(s->authors.n, 2);
	check_str(s->authors.items[0].name.text, "Jane Roe");
	check_str(s->authors.items[0].url, "");
	check_str(s->authors.items[1].name.text, "Ann");
	check_str(s->authors.items[1].url, "gemini://ann.example/");
	assert_int_equal(s->categories.n, 2);
	check_str(s->categories.items[1].text, "crates");
	check_str(s->tags.items[1].text, "C++");
	check_str(s->aliases.items[1].text, "older");
	assert_int_equal(e->nlinks, 1);
	check_str(e->links[0].url, "mailto:a@b");
	check_str(e->links[0].label, "Mail");
	assert_int_equal(e->pos.line, 1);
	assert_int_equal(e->pos.column, 3);
	assert_int_equal(s->slug_pos.line, 7);
	assert_int_equal(s->url_pos.column, 8);
	free_read(&r);
}

static void what_is_not_written_has_a_default(void **state)
{
	struct read r = read_text("title: \xc3\x89mile's post\nurl: https://e/\ndate: 2019-11-15\n"
				  "categories: [a]\ntags:\nauthor: ~\nslug: null\nsummary: ''\n");
	const struct entry_source *s = r.list.items;

	(void)state;
	assert_int_equal(r.diags->total, 0);
	assert_int_equal(r.list.n, 1); /* a single entry needs no list */
	check_str(s->entry->slug, "emiles-post");
	assert_true(s->slug_made);
	assert_int_equal(s->slug_pos.line, 1);
	check_str(s->entry->summary, "");
	check_str(s->entry->language, "");
	assert_int_equal(s->entry->updated.year, 0);
	assert_int_equal(s->tags.n + s->authors.n + s->aliases.n + s->entry->nlinks, 0);
	assert_false(s->draft || s->entry->gone);
	free_read(&r);
}

static void an_author_can_be_written_in_three_ways(void **state)
{
	static const char *const authors[] = {
	    "Jane", "{name: Jane}", "[Jane]", "[{name: Jane}]", "'Jane'", "\"\\x4aane\""};

	(void)state;
	for (size_t i = 0; i < COUNT(authors); i++) {
		struct buf text = {0};
		struct read r;

		buf_printf(&text, HEAD "  author: %s\n", authors[i]);
		r = read_text(buf_z(&text));
		check_row(r.diags->total == 0 && r.list.items[0].authors.n == 1, authors[i]);
		check_str(r.list.items[0].authors.items[0].name.text, "Jane");
		free_read(&r);
		buf_free(&text);
	}
}

static void all_faults_are_reported_in_one_run(void **state)
{
	(void)state;
	check_errors("- title: [x]\n"
		     "  catgories: [a]\n"
		     "  date: 2019-11-31\n"
		     "  url: /relative\n"
		     "- url: https://e/\n"
		     "  title:\n"
		     "- text\n",
	    ERROR("1:10",
		"title takes one line of text, not a list: for example title: Porting a Gopher "
		"server") ERROR("2:3",
		"unknown key 'catgories': did you mean 'categories'?") ERROR("3:9",
		"date '2019-11-31': November 2019 has 30 days") ERROR("4:8",
		"url '/relative': it has no scheme; for example url: https://example.org/post")
		ERROR("5:3", "an entry needs the key date: for example date: 2019-11-15") ERROR(
		    "5:3",
		    "an entry needs the key categories: for example categories: "
		    "[web-and-network-services]") ERROR("6:9",
		    "title is empty: for example title: Porting a Gopher server") ERROR("7:3",
		    "an entry is a mapping, not text: for example title: Porting a Gopher server"),
	    __LINE__);
}

static void a_file_holds_entries(void **state)
{
	(void)state;
	check_errors("just text\n",
	    ERROR("1:1",
		"a file of entries holds a list, not text: begin each entry with '- title: '"),
	    __LINE__);
	check_errors("- [a]\n",
	    ERROR("1:3",
		"an entry is a mapping, not a list: for example title: Porting a Gopher server"),
	    __LINE__);
	check_errors("", "", __LINE__);
	check_errors("~\n", "", __LINE__);
	check_errors("[]\n", "", __LINE__);
}

static void an_entry_cut_by_a_fault_misses_nothing(void **state)
{
	(void)state;
	check_errors("- title: a: b\n",
	    ERROR("1:11",
		"': ' inside text: put the text in quotation marks, or begin it with 'title: |' "
		"and "
		"go on in the next line, indented"),
	    __LINE__);
	check_errors("- title: A\n url: https://e/\n",
	    ERROR("2:2", "this line is indented less than the key above it: begin it in column 3"),
	    __LINE__);
	/* What a fault has spoilt is not looked at. */
	check_errors("- title: A\n  categories: [b\n  tags: [c]\n",
	    ERROR("2:15", "this list lacks a ',' between items or its closing ']'"), __LINE__);
	check_errors("- title: [Rust] is nice\n",
	    ERROR("1:10", "put text that begins with [ in quotation marks"), __LINE__);
}

static void unknown_keys_name_the_nearest(void **state)
{
	(void)state;
	line_fails("tag: [x]", "3", "unknown key 'tag': did you mean 'tags'?");
	line_fails("lang: en", "3",
	    "unknown key 'lang': the keys of an entry are title, url, author, date, categories, "
	    "tags, "
	    "slug, summary, language, updated, aliases, links, draft, gone");
	line_fails("Draft: true", "3", "unknown key 'Draft': did you mean 'draft'?");
	line_fails("author: {name: x, home: y}", "21",
	    "unknown key 'home': the keys of an author are name, url");
	line_fails("SUMMARY: x", "3", "unknown key 'SUMMARY': did you mean 'summary'?");
	line_fails("author: {nam: x, name: y}", "12", "unknown key 'nam': did you mean 'name'?");
	line_fails("? \"a\\x1b\"\n  : b", "5",
	    "unknown key 'a ': the keys of an entry are title, url, author, date, categories, "
	    "tags, slug, "
	    "summary, language, updated, aliases, links, draft, gone");
}

static void a_misspelt_key_is_not_missing_too(void **state)
{
	(void)state;
	check_errors("- titel: T\n  URL: https://e/\n  Date: 2019-11-15\n",
	    ERROR("1:3", "unknown key 'titel': did you mean 'title'?") ERROR("1:3",
		"an entry needs the key categories: for example categories: "
		"[web-and-network-services]") ERROR("2:3", "unknown key 'URL': did you mean 'url'?")
		ERROR("3:3", "unknown key 'Date': did you mean 'date'?"),
	    __LINE__);
}

static void a_key_is_written_once(void **state)
{
	(void)state;
	line_fails(
	    "url: https://f/", "3", "key 'url' is already at f.yaml:2: delete one of the two");
}

static void lines_are_lines(void **state)
{
	(void)state;
	line_fails("tags: ['a\\b', \"a\\tb\"]", "17",
	    "tags holds the control character U+0009: delete it");
	line_fails(
	    "author: \"a\\e[1m\"", "11", "author holds the control character U+001B: delete it");
	line_fails(
	    "author: \"a\\Lb\"", "11", "author holds the control character U+2028: delete it");
	line_fails("author: \"a\\nb\"", "11",
	    "author takes one line, not several: for example author: Jane Roe");
	line_fails("tags: [a, '']", "13", "tags is empty: for example tags: [async, tokio]");
	line_fails("tags: [a, ~]", "13",
	    "tags takes one line of text, not nothing: for example tags: [async, tokio]");
	line_fails("tags: [a, [b]]", "13",
	    "tags takes one line of text, not a list: for example tags: [async, tokio]");
}

static void texts_have_bounds(void **state)
{
	char text[20000], error[200];

	(void)state;
	snprintf(text, sizeof text,
	    "- title: %0500d\n  url: https://e/\n  date: 2019-11-15\n"
	    "  categories: [a]\n",
	    7);
	check_errors(text, "", __LINE__);
	snprintf(text, sizeof text,
	    "- title: %0501d\n  url: https://e/\n  date: 2019-11-15\n"
	    "  categories: [a]\n",
	    7);
	check_errors(
	    text, ERROR("1:10", "title takes at most 500 bytes, not 501: shorten it"), __LINE__);
	snprintf(text, sizeof text, HEAD "  summary: %016384d\n", 7);
	check_errors(text, "", __LINE__);
	snprintf(text, sizeof text, HEAD "  summary: %016385d\n", 7);
	check_errors(text,
	    ERROR("5:12", "summary takes at most 16384 bytes, not 16385: shorten it"), __LINE__);
	snprintf(text, sizeof text, HEAD "  links: [{label: x, url: 'https://%0693d'}]\n", 7);
	snprintf(
	    error, sizeof error, ERROR("5:27", "url takes at most 700 bytes, not 701: shorten it"));
	check_errors(text, error, __LINE__);
}

static void urls_are_absolute(void **state)
{
	(void)state;
	line_reads("links: [{label: x, url: 'gopher://[::1]:70/0a'}, {label: y, url: "
		   "'mailto:x@example.org'}]");
#define link_fails(url, why)                                                                       \
	line_fails("links: [{label: x, url: \"" url "\"}]", "27", "url '" url "': " why)
#define EXAMPLE "; for example url: https://example.org/"
	link_fails("example.org/x", "it has no scheme" EXAMPLE);
	link_fails("//example.org/x", "it has no scheme" EXAMPLE);
	link_fails("javascript:alert(1)", "readers cannot follow this scheme" EXAMPLE);
	link_fails("https:///x", "it names no host" EXAMPLE);
	link_fails("GEMINI:x", "it names no host" EXAMPLE);
	link_fails("mailto:", "nothing follows its scheme" EXAMPLE);
	link_fails("https://e/a b", "it holds a space: write %20");
	link_fails("<https://e/>", "it stands in angle brackets: delete the < and >");
	line_fails("links: [{label: x, url: \u201chttps://e/\u201d}]", "27",
	    "url begins with \u201c: use straight quotation marks, or none");
	link_fails("https://e/100%", "a % begins no escape of two hexadecimal digits: write %25");
	link_fails("https://e:0/", "its port is not a number from 1 to 65535" EXAMPLE);
	line_fails("links: [{label: x, url: [a]}]", "27",
	    "url takes one line of text, not a list: for example url: https://example.org/");
}

static void slugs_are_slugs(void **state)
{
	(void)state;
#define slug_fails(slug, write)                                                                    \
	line_fails("slug: \"" slug "\"", "9",                                                      \
	    "slug '" slug "' is no slug, which is at most 120 letters a to z, digits and single "  \
	    "hyphens: " write)
	slug_fails("My Post!", "write my-post");
	slug_fails("a--b", "write a-b");
	slug_fails("a/b", "write a-b");
	slug_fails("\xc3\x89t\xc3\xa9", "write ete");
	slug_fails("!", "for example slug: porting-a-gopher-server");
	line_fails("aliases: [ok, Not]", "17",
	    "aliases 'Not' is no slug, which is at most 120 letters a to z, digits and single "
	    "hyphens: "
	    "write not");
	check_errors("- title: '!!!'\n  url: https://e/\n  date: 2019-11-15\n  categories: [a]\n",
	    ERROR("1:10",
		"no slug can be made from this title: write a slug, for example slug: "
		"porting-a-gopher-server"),
	    __LINE__);
}

static void languages_follow_bcp_47(void **state)
{
	static const char *const good[] = {
	    "en", "nds", "pt-BR", "zh-Hant", "sr-Latn-RS", "de-CH-1996"};
	static const char *const bad[] = {"en_US", "e", "english", "-en", "en-", "en--US", "e1",
	    "englishlanguage", "en-abcdefghi", "en US"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct buf text = {0};

		buf_printf(&text, HEAD "  language: '%s'\n", good[i]);
		check_errors(buf_z(&text), "", __LINE__);
		buf_free(&text);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct buf text = {0}, error = {0};

		buf_printf(&text, HEAD "  language: '%s'\n", bad[i]);
		buf_printf(&error,
		    ERROR("5:13",
			"language '%s' is no language tag (BCP 47): for example en or pt-BR"),
		    bad[i]);
		check_errors(buf_z(&text), buf_z(&error), __LINE__);
		buf_free(&text);
		buf_free(&error);
	}
}

static void dates_exist(void **state)
{
	(void)state;
	line_reads("updated: 2020-02-29");
	line_reads("updated: 2020-02-29T10:00:00+01:00");
#define date_fails(date, why) line_fails("updated: '" date "'", "12", "updated '" date "': " why)
	date_fails("2019-11-31", "November 2019 has 30 days");
	date_fails("2019-02-29", "February 2019 has 28 days");
	date_fails("2020-02-30T10:00:00Z", "February 2020 has 29 days");
	date_fails("2019-12-32", "that month has no such day");
	date_fails("2019-13-01", "months are 01 to 12");
	date_fails(
	    "15.11.2019", "write a day as 2019-11-15, or an instant as 2019-11-15T09:30:00+01:00");
	date_fails(
	    "yesterday", "write a day as 2019-11-15, or an instant as 2019-11-15T09:30:00+01:00");
	date_fails("2019-1-5", "write 2019-01-05");
	date_fails("2019/11/15", "write 2019-11-15");
	date_fails("2019-11-15T10:00:00", "write 2019-11-15, or 2019-11-15T10:00:00+01:00");
	date_fails("2019-11-5 9:07", "write 2019-11-05, or 2019-11-05T09:07:00+01:00");
	date_fails("2019-11-15T10:00Z", "write the time as 09:30:00");
	line_fails("updated: \u201c2019-11-15\u201d", "12",
	    "updated begins with \u201c: use straight quotation marks, or none");
	date_fails("2019-11-15T25:00:00Z", "there is no such time of day");
	line_fails("updated: [2019-11-15]", "12",
	    "updated takes one line of text, not a list: for example updated: 2020-01-03");
}

static void updated_is_not_before_date(void **state)
{
	(void)state;
	line_reads("updated: 2019-11-15");
	line_reads("updated: 2019-11-15T00:00:00+10:00");
	line_fails("updated: 2019-11-14", "12",
	    "updated is before date, which is 2019-11-15: write the later date here, or delete it");
	check_errors("- {title: T, url: 'https://e/', categories: [a], date: "
		     "2019-11-15T10:00:00Z,\n   updated: 2019-11-15T09:00:00Z}\n",
	    ERROR("2:13",
		"updated is before date, which is 2019-11-15: write the later date here, or delete "
		"it"),
	    __LINE__);
}

static void a_summary_is_no_book(void **state)
{
	struct buf yaml = {0};

	(void)state;
	buf_addz(&yaml, HEAD "  summary: |\n");
	for (unsigned i = 0; i < ENTRY_SUMMARY_LINES_MAX; i++)
		buf_addz(&yaml, "    a\n");
	check_errors(buf_z(&yaml), "", __LINE__);
	buf_addz(&yaml, "    b\n");
	check_errors(buf_z(&yaml),
	    ERROR("5:12",
		"the summary has 301 lines, and 300 at most: shorten it, or make a page or a "
		"file of it"),
	    __LINE__);
	buf_free(&yaml);
}

static void fences_are_closed(void **state)
{
	(void)state;
	line_reads("summary: |\n    ```\n    code\n    ```");
	check_errors(HEAD "  summary: |\n\n    text\n    ``` c\n    code\n",
	    "f.yaml:8: error: summary: this ``` is never closed: write ``` in a line behind the "
	    "block\n",
	    __LINE__);
	line_fails("summary: '```'", "12",
	    "summary: this ``` is never closed: write ``` in a line behind the block");
}

static void booleans_are_plain_words(void **state)
{
	(void)state;
	line_reads("draft: No");
	line_fails(
	    "draft: 'yes'", "10", "draft takes true or false without quotation marks, not 'yes'");
	line_fails(
	    "draft: maybe", "10", "draft takes true or false without quotation marks, not 'maybe'");
	line_fails(
	    "gone: [true]", "9", "gone takes true or false, not a list: for example gone: true");
}

static void lists_are_lists_within_bounds(void **state)
{
	struct buf text = {0};

	(void)state;
	line_fails("tags: async", "9", "tags takes a list, not text: write [async]");
	line_fails("tags: async, tokio", "9", "tags takes a list, not text: write [async, tokio]");
	check_errors(HEAD "  tags:\n    -async\n    -tokio\n",
	    ERROR("6:5", "write '- async', with a space after the hyphen"), __LINE__);
	line_fails("tags: {a: b}", "9",
	    "tags takes a list, not a mapping: for example tags: [async, tokio]");
	line_fails("author: []", "11", "author is an empty list: for example author: Jane Roe");
	line_fails("author: [[x]]", "12",
	    "author takes a name or a mapping of name and url, not a list: for example author: "
	    "Jane Roe");
	line_fails("author: {url: 'https://e/'}", "11",
	    "an author needs the key name: for example name: Jane Roe");
	line_fails("links: [{url: 'https://e/'}]", "11",
	    "a link needs the key label: for example label: Discussion");
	line_fails("links: ['https://e/']", "11",
	    "a link is a mapping, not text: write {url: \"https://e/\", label: Discussion}");
	line_fails("links: [[x]]", "11",
	    "a link is a mapping, not a list: for example url: https://example.org/");
	line_fails("links: x", "10",
	    "links takes a list, not text: for example links: [{url: https://example.org/, label: "
	    "Discussion}]");
	check_errors("- title: T\n  url: https://e/\n  date: 2019-11-15\n  categories: []\n",
	    ERROR("4:15",
		"categories is an empty list: for example categories: [web-and-network-services]"),
	    __LINE__);
	buf_addz(&text, HEAD "  tags: [");
	for (int i = 0; i < 33; i++)
		buf_printf(&text, "t%d, ", i);
	buf_addz(&text, "]\n");
	check_errors(buf_z(&text), ERROR("5:9", "tags takes at most 32 items, not 33: delete some"),
	    __LINE__);
	buf_free(&text);
}

static void aliases_of_yaml_share_values(void **state)
{
	struct read r = read_text("- &e\n  title: T\n  url: https://e/\n  date: 2019-11-15\n"
				  "  categories: &c [a]\n  tags: *c\n- *e\n");

	(void)state;
	assert_int_equal(r.diags->total, 0);
	assert_int_equal(r.list.n, 2);
	check_str(r.list.items[0].tags.items[0].text, "a");
	check_str(r.list.items[1].entry->title, "T");
	assert_int_equal(r.list.items[1].entry->pos.line, 7);
	free_read(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_is_read),
	    cmocka_unit_test(what_is_not_written_has_a_default),
	    cmocka_unit_test(an_author_can_be_written_in_three_ways),
	    cmocka_unit_test(all_faults_are_reported_in_one_run),
	    cmocka_unit_test(a_file_holds_entries),
	    cmocka_unit_test(an_entry_cut_by_a_fault_misses_nothing),
	    cmocka_unit_test(unknown_keys_name_the_nearest),
	    cmocka_unit_test(a_misspelt_key_is_not_missing_too),
	    cmocka_unit_test(a_key_is_written_once),
	    cmocka_unit_test(lines_are_lines),
	    cmocka_unit_test(texts_have_bounds),
	    cmocka_unit_test(urls_are_absolute),
	    cmocka_unit_test(slugs_are_slugs),
	    cmocka_unit_test(languages_follow_bcp_47),
	    cmocka_unit_test(dates_exist),
	    cmocka_unit_test(updated_is_not_before_date),
	    cmocka_unit_test(a_summary_is_no_book),
	    cmocka_unit_test(fences_are_closed),
	    cmocka_unit_test(booleans_are_plain_words),
	    cmocka_unit_test(lists_are_lists_within_bounds),
	    cmocka_unit_test(aliases_of_yaml_share_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
