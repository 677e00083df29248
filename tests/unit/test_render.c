/*
 * render: pages printed as Gopher menus, gemtext and plain text, to the byte;
 * and that no text, whatever it is, becomes markup or breaks a menu line
 * (G-03, G-04, G-08, T-01 to T-06).
 */
#include "config.h"

#include "check.h"
#include "lines.h"

#include "base/utf8.h"
#include "base/wrap.h"

#define HAN "\xe6\xbc\xa2"
#define ACUTE "\xcc\x81"
#define ELLIPSIS "\xe2\x80\xa6"

static const struct link_site site = {{"example.org", 11}, 70, 1965, {"example.org", 11}};

static struct page *bare(struct arena *a)
{
	return page_bare(a, STR("T"), STR("en"));
}

static void check_page_at(const struct render_format *f, const struct page *p,
    const struct link_site *s, const char *want, const char *file, int line)
{
	struct buf out = {0};

	buf_addz(&out, "before"); /* it appends */
	render_page(f, p, s, &out);
	check_slices(str_sub(buf_str(&out), 0, 6), STR("before"), file, line);
	check_slices(str_skip(buf_str(&out), 6), str_of(want), file, line);
	buf_free(&out);
}
#define check_page(f, p, want) check_page_at(f, p, &site, want, __FILE__, __LINE__)

/*
 * A menu in short: an info line without its fields, an item with only its selector or with host
 * and port; the final dot goes without saying.
 */
static void check_menu_at(const struct page *p, const char *in_short, const char *file, int line_no)
{
	struct str rest = str_of(in_short), line;
	struct buf want = {0};

	while (str_next_line(&rest, &line)) {
		buf_add(&want, line);
		if (line.p[0] == 'i')
			buf_addz(&want, "\t\tnull.host\t1");
		else if (memchr(line.p, '\t', line.n) == memrchr(line.p, '\t', line.n))
			buf_addz(&want, "\texample.org\t70");
		buf_addz(&want, "\r\n");
	}
	buf_addz(&want, ".\r\n");
	check_page_at(&format_gopher, p, &site, buf_z(&want), file, line_no);
	buf_free(&want);
}
#define check_menu(p, in_short) check_menu_at(p, in_short, __FILE__, __LINE__)

static void formats_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(render_find(STR("gopher")), &format_gopher);
	assert_ptr_equal(render_find(STR("gemini")), &format_gemini);
	assert_ptr_equal(render_find(STR("text")), &format_text);
	assert_null(render_find(STR("Gopher")));
	assert_null(render_find(STR("")));
}

static struct page *sample(struct arena *a)
{
	struct page *p = page_new(a, STR("The Title"), STR("en"));

	page_add(p, BLOCK_SUBTITLE, STR("and what it is"));
	page_gap(p);
	page_text(p, STR("A paragraph."));
	page_heading(p, 2, STR("Latest"));
	page_link(p, STR("/entries/a"), STR("2026-03-05 First"));
	page_byline(p, STR("by Jane Roe"));
	page_link(p, STR("https://x.org/"), STR("Out"));
	page_heading(p, 3, STR("More"));
	page_add(p, BLOCK_ITEM, STR("an item"));
	page_add(p, BLOCK_QUOTE, STR("said"));
	page_add(p, BLOCK_PRE, STR("  x = 1;\n\ty"))->alt = STR("code");
	page_add(p, BLOCK_PROMPT, STR("Search"))->target = STR("/search");
	page_gap(p);
	page_add(p, BLOCK_OTHER, STR("This page on"))->target = STR("/latest/");
	return p;
}

static void g03_g04_g11_a_menu_to_the_byte(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_menu(sample(a),
	    "iThe Title\n"
	    "i=========\n"
	    "iand what it is\n"
	    "i\n"
	    "iA paragraph.\n"
	    "iLatest\n"
	    "i------\n"
	    "12026-03-05 First\t/entries/a\n"
	    "i           by Jane Roe\n"
	    "hOut\tURL:https://x.org/\n"
	    "iMore\n"
	    "i* an item\n"
	    "i> said\n"
	    "i  x = 1;\n"
	    "i        y\n"
	    "7Search\t/search\n"
	    "i\n"
	    "hThis page on Gemini\tURL:gemini://example.org/latest/\n");
	arena_free(a);
}

static void g03_every_line_is_written_in_full(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = page_new(a, STR("T"), STR("en"));

	(void)state;
	page_gap(p);
	page_link(p, STR("/x"), STR("L"));
	check_page(&format_gopher, p,
	    "iT\t\tnull.host\t1\r\n"
	    "i=\t\tnull.host\t1\r\n"
	    "i\t\tnull.host\t1\r\n"
	    "1L\t/x\texample.org\t70\r\n"
	    ".\r\n");
	arena_free(a);
}

static void t02_t05_t06_gemtext_to_the_byte(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_page(&format_gemini, sample(a),
	    "# The Title\n## and what it is\n\nA paragraph.\n## Latest\n"
	    "=> /entries/a 2026-03-05 First\nby Jane Roe\n\n=> https://x.org/ Out\n### More\n"
	    "* an item\n> said\n```code\n  x = 1;\n        y\n```\n=> /search Search\n\n"
	    "=> gopher://example.org/1/latest/ This page on Gopher\n");
	arena_free(a);
}

static void plain_text_to_the_byte(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_page(&format_text, sample(a),
	    "The Title\n=========\nand what it is\n\nA paragraph.\nLatest\n------\n"
	    "2026-03-05 First\n  gemini://example.org/entries/a\n  by Jane Roe\n"
	    "Out\n  https://x.org/\nMore\n* an item\n> said\n  x = 1;\n        y\n"
	    "Search\n  gemini://example.org/search\n");
	arena_free(a);
}

static void an_empty_page_is_fine(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_menu(bare(a), "");
	check_page(&format_gemini, bare(a), "");
	check_page(&format_text, bare(a), "");
	arena_free(a);
}

/* A gap is one blank line between what was said: none at the start, none at the end, never two. */
static void the_rule_of_blank_lines(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_gap(p);
	page_gap(p);
	page_text(p, STR("a"));
	page_gap(p);
	page_gap(p);
	page_text(p, STR("b"));
	page_text(p, STR("c"));
	page_gap(p);
	check_menu(p,
	    "ia\n"
	    "i\n"
	    "ib\n"
	    "ic\n");
	check_page(&format_gemini, p, "a\n\nb\nc\n");
	check_page(&format_text, p, "a\n\nb\nc\n");
	arena_free(a);
}

static void underlines_are_as_wide_as_the_heading(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = page_new(a, STR(HAN HAN " e" ACUTE), STR("en"));

	(void)state;
	page_heading(p, 2, STR("a\tb"));
	page_heading(p, 2, STR(""));
	page_heading(
	    p, 1, STR("0123456789012345678901234567890123456789 and a second line for now, yes"));
	check_menu(p,
	    "i" HAN HAN " e" ACUTE "\n"
	    "i======\n"
	    "ia b\n"
	    "i---\n"
	    "i\n"
	    "i0123456789012345678901234567890123456789 and a second line for now,\n"
	    "iyes\n"
	    "i===================================================================\n");
	arena_free(a);
}

static void an_underline_is_no_wider_than_the_page(void **state)
{
	struct arena *a = arena_new(0);
	struct buf word = {0}, want = {0};

	(void)state;
	buf_fill(&word, 'x', 100);
	buf_printf(&want, "i%s\t\tnull.host\t1\r\n", buf_z(&word));
	buf_addc(&want, 'i');
	buf_fill(&want, '=', 67);
	buf_addz(&want, "\t\tnull.host\t1\r\n.\r\n");
	check_page(&format_gopher, page_new(a, buf_str(&word), STR("en")), buf_z(&want));
	buf_free(&word);
	buf_free(&want);
	arena_free(a);
}

static void g08_prose_is_wrapped_at_67_columns(void **state)
{
	static const char prose[] =
	    "This sentence is longer than a line of a menu can be: 68 characters,"
	    " then more, https://example.org/a/url/that/is/itself/longer/than/any/"
	    "line/of/a/menu and the end.";
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_text(p, str_of(prose));
	page_add(p, BLOCK_ITEM,
	    STR("an item that goes on and on until it has to wrap, and then it is "
		"indented below"));
	page_add(p, BLOCK_QUOTE,
	    STR("a quotation that goes on and on until it has to wrap, and then "
		"it is marked again"));
	page_byline(
	    p, STR("a remark that goes on and on until it has to wrap, and is then indented"));
	page_note(
	    p, STR("where there is no day, a remark is hardly set in, and that much in each line"));
	check_menu(p,
	    "iThis sentence is longer than a line of a menu can be: 68\n"
	    "icharacters, then more,\n"
	    "ihttps://example.org/a/url/that/is/itself/longer/than/any/line/of/a/menu\n"
	    "iand the end.\n"
	    "i* an item that goes on and on until it has to wrap, and then it is\n"
	    "i  indented below\n"
	    "i> a quotation that goes on and on until it has to wrap, and then it\n"
	    "i> is marked again\n"
	    "i           a remark that goes on and on until it has to wrap, and\n"
	    "i           is then indented\n"
	    "i  where there is no day, a remark is hardly set in, and that much\n"
	    "i  in each line\n");
	arena_free(a);
}

/* Only in plain text, where nothing else shows what belongs together. */
static void what_is_about_a_link_is_set_in_as_text(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = page_bare(a, STR(""), STR("en"));

	(void)state;
	page_link(p, STR("https://x.org/"),
	    STR("A label that has more words than there is room for in a line of 72 columns, so "
		"it is continued"));
	p->inset = true;
	page_text(p,
	    STR("What it is about, in a sentence that is long enough to need a second line too."));
	page_add(p, BLOCK_ITEM, STR("an item"));
	page_gap(p);
	page_add(p, BLOCK_PRE, STR("x\n\n\ty"));
	page_link(p, STR("/x"), STR("X"));
	p->inset = false;
	page_text(p, STR("Of its own."));
	check_page(&format_text, p,
	    "A label that has more words than there is room for in a line of 72\n"
	    "    columns, so it is continued\n"
	    "  https://x.org/\n"
	    "  What it is about, in a sentence that is long enough to need a second\n"
	    "  line too.\n"
	    "  * an item\n"
	    "\n"
	    "  x\n"
	    "\n"
	    "          y\n"
	    "  X\n"
	    "    gemini://example.org/x\n"
	    "Of its own.\n");
	check_page(&format_gemini, p,
	    "=> https://x.org/ A label that has more words than there is room for in a line of 72 "
	    "columns, so it is continued\n"
	    "What it is about, in a sentence that is long enough to need a second line too.\n"
	    "* an item\n"
	    "\n"
	    "```\nx\n\n        y\n```\n"
	    "=> /x X\n"
	    "Of its own.\n");
	arena_free(a);
}

/* T-04: gemtext is never wrapped. */
static void t04_a_paragraph_is_one_line_of_gemtext(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);
	struct buf text = {0}, want = {0};

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_addz(&text, i ? " word" : "word");
	page_text(p, buf_str(&text));
	page_add(p, BLOCK_PRE, buf_str(&text));
	buf_printf(&want, "%s\n", buf_z(&text));
	buf_printf(&want, "```\n%s\n```\n", buf_z(&text));
	check_page(&format_gemini, p, buf_z(&want));
	buf_free(&text);
	buf_free(&want);
	arena_free(a);
}

static void g03_t04_text_becomes_one_line(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_text(p, STR(" \ta\r\nb\n\n=> /c d\xff "));
	check_menu(p, "ia b => /c d\xef\xbf\xbd\n");
	check_page(&format_gemini, p, "a b => /c d\xef\xbf\xbd\n");
	arena_free(a);
}

static const char *const injected[] = {"=> /evil Evil", "=>/evil", "# h", "## h", "### h", "#h",
    "* i", "> q", ">q", "```", "```x", "````", ".", "..", "1Menu\t/x\tevil.host\t70",
    "a\r\n=> /evil Evil", "a\n# h\n```\n", "a\r\n.\r\n", "\xef\xbb\xbf=> /evil", "\xef\xbb\xbf```",
    "\t=> /evil", "\x01# h", "\xc2\x85> q", "\xe2\x80\xa8=> /evil", "\x1b]0;title\x07", "", " ",
    "\xef\xbb\xbf", "\xff", "* ", "=>", "#", ">", "i", "-1"};

static void add_every_kind(struct page *p, struct str text)
{
	page_heading(p, 1, text);
	page_add(p, BLOCK_SUBTITLE, text);
	page_heading(p, 3, text);
	page_text(p, text);
	page_note(p, text);
	page_gap(p);
	page_add(p, BLOCK_ITEM, text);
	page_add(p, BLOCK_QUOTE, text);
	page_add(p, BLOCK_PRE, text)->alt = text;
	page_link(p, STR("/x"), text);
	page_link(p, STR("https://x.org/"), text);
	page_add(p, BLOCK_PROMPT, text)->target = STR("/search");
	page_add(p, BLOCK_OTHER, text)->target = STR("/");
}

/* T-01, T-03, T-08: in any place, injected markup stays text. */
static void t01_t03_t08_injected_markup_stays_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(injected); i++) {
		struct arena *a = arena_new(0);
		struct page *p = bare(a);
		const char *fault;

		add_every_kind(p, str_of(injected[i]));
		fault = lines_page_fault(p, &site);
		if (fault)
			fail_msg("'%s': %s", injected[i], fault);
		arena_free(a);
	}
}

static void t03_what_would_be_markup_is_set_off_by_a_space(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_text(p, STR("=> /x X"));
	page_note(p, STR("# h"));
	page_text(p, STR("* i"));
	page_text(p, STR("*i"));
	page_text(p, STR(">"));
	page_text(p, STR("```"));
	page_text(p, STR("``"));
	page_text(p, STR("."));
	page_add(p, BLOCK_PRE, STR("```\n# h\n=> /x\n ```"));
	check_page(&format_gemini, p,
	    " => /x X\n # h\n\n * i\n*i\n >\n ```\n``\n.\n```\n ```\n# h\n=> /x\n ```\n```\n");
	check_menu(p,
	    "i=> /x X\n"
	    "i  # h\n"
	    "i* i\n"
	    "i*i\n"
	    "i>\n"
	    "i```\n"
	    "i``\n"
	    "i.\n"
	    "i```\n"
	    "i# h\n"
	    "i=> /x\n"
	    "i ```\n");
	arena_free(a);
}

static void t05_alt_text_is_one_line_and_fences_are_closed(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_add(p, BLOCK_PRE, STR(""))->alt = STR("a\n```\nb");
	page_add(p, BLOCK_PRE, STR("x\n\n"));
	check_page(&format_gemini, p, "```a ``` b\n```\n```\nx\n\n```\n");
	arena_free(a);
}

/* T-02, G-05: what a client sees of a link is never nothing; a Gemini client shows the address itself. */
static void t02_a_link_without_a_label_shows_its_target(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_link(p, STR("/x"), STR(" \t"));
	check_menu(p, "1/x\t/x\n");
	check_page(&format_gemini, p, "=> /x\n");
	check_page(&format_text, p, "/x\n  gemini://example.org/x\n");
	arena_free(a);
}

static void t02_targets_are_escaped_for_gemtext(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_link(p, STR("/a b%\xc3\xa9?#"), STR("L"));
	page_link(p, STR("https://x.org/a b%20\xc3\xa9?#\n"), STR("M"));
	check_page(&format_gemini, p,
	    "=> /a%20b%25%C3%A9%3F%23 L\n=> https://x.org/a%20b%20%C3%A9?#%0A M\n");
	arena_free(a);
}

static void g11_gopher_links_are_native(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_link(p, STR("gopher://other.org:7070/0/a%20b"), STR("Theirs"));
	page_link(p, STR("gemini://other.org/"), STR("Gem"));
	check_menu(p,
	    "0Theirs\t/a b\tother.org\t7070\n"
	    "hGem\tURL:gemini://other.org/\n");
	arena_free(a);
}

static void g11_g21_the_other_protocol_is_named_where_it_is_served(void **state)
{
	static const struct link_site
	    odd = {.host = {"h.org", 5}, .gopher_port = 7070, .gemini_port = 1966},
	    gopher = {.host = {"h.org", 5}, .gopher_port = 70, .gemini_port = 0},
	    gemini = {.host = {"h.org", 5}, .gopher_port = 0, .gemini_port = 1965};
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_add(p, BLOCK_OTHER, STR(" This page on "))->target = STR("/a b");
	check_page_at(&format_gopher, p, &odd,
	    "hThis page on Gemini\tURL:gemini://h.org:1966/a%20b\th.org\t7070\r\n.\r\n", __FILE__,
	    __LINE__);
	check_page_at(&format_gemini, p, &odd,
	    "=> gopher://h.org:7070/1/a%20b This page on Gopher\n", __FILE__, __LINE__);
	check_page_at(&format_gopher, p, &gopher, ".\r\n", __FILE__, __LINE__);
	check_page_at(&format_gemini, p, &gemini, "", __FILE__, __LINE__);
	check_page_at(&format_text, p, &odd, "", __FILE__, __LINE__);
	arena_free(a);
}

static void g08_a_long_label_is_cut_with_an_ellipsis(void **state)
{
	static const char digits[] =
	    "0123456789012345678901234567890123456789012345678901234567890123";
	struct arena *a = arena_new(0);
	struct page *p = bare(a);

	(void)state;
	page_link(p, STR("/a"), page_printf(p, "%s45", digits));
	page_link(p, STR("/b"), page_printf(p, "%s456", digits));
	page_link(p, STR("/c"), page_printf(p, "%s4" HAN, digits));
	page_link(p, STR("/d"), page_printf(p, "%s" HAN, digits));
	page_link(p, STR("/e"), page_printf(p, "%se" ACUTE "xy", digits));
	check_menu(p,
	    "1012345678901234567890123456789012345678901234567890123456789012345\t/a\n"
	    "101234567890123456789012345678901234567890123456789012345678901234" ELLIPSIS "\t/b\n"
	    "101234567890123456789012345678901234567890123456789012345678901234" ELLIPSIS "\t/c\n"
	    "10123456789012345678901234567890123456789012345678901234567890123" HAN "\t/d\n"
	    "10123456789012345678901234567890123456789012345678901234567890123e" ACUTE ELLIPSIS
	    "\t/e\n");
	arena_free(a);
}

/* G-08: under 1024 bytes; the selector stays whole and the label gives way. */
static void g08_a_menu_line_is_under_1024_bytes(void **state)
{
	struct arena *a = arena_new(0);
	char host[] = "a-host-label-of-some-length.a-host-label-of-some-length."
		      "a-host-label-of-some-length.a-host-label-of-some-length."
		      "a-host-label-of-some-length.a-host-label-of-some-length.example.org";
	struct link_site far = {.host = str_of(host), .gopher_port = 65535, .gemini_port = 1965};

	(void)state;
	for (size_t n = 20; n < 1300; n++) {
		struct page *p = bare(a);
		struct buf url = {0}, out = {0};
		struct str line, label, selector, rest;

		buf_addz(&url, "https://x.org/");
		buf_fill(&url, 'p', n - url.len);

		page_link(
		    p, buf_str(&url), STR(HAN HAN HAN HAN HAN HAN HAN HAN " and so on and on"));
		render_page(&format_gopher, p, &far, &out);
		if (lines_menu_fault(buf_str(&out)))
			fail_msg("a URL of %zu bytes: %s", n, lines_menu_fault(buf_str(&out)));
		rest = buf_str(&out);
		str_next_line(&rest, &line);
		str_next_field(&line, '\t', &label);
		str_next_field(&line, '\t', &selector);
		if (n <= 700) {
			assert_int_equal(label.p[0], 'h');
			check_same(str_skip(selector, 4), buf_str(&url));
		}
		assert_true(label.p[0] == 'i' || selector.n == n + 4);
		assert_true(label.n > 3);
		buf_free(&url);
		buf_free(&out);
		arena_reset(a);
	}
	arena_free(a);
}

/* Characters of no width make no line too long in bytes, nor cut one inside a character. */
static void g08_g09_zero_width_text_has_its_bound(void **state)
{
	static const char *const pieces[] = {
	    ACUTE, "\xe2\x80\x8b", "a " ACUTE ACUTE, HAN ACUTE, "\xf3\xa0\x80\xa1"};

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			struct arena *a = arena_new(0);
			struct page *p = bare(a);
			struct buf text = {0};
			const char *fault;

			buf_fill(&text, 'x', shift);
			for (int k = 0; k < 2000; k++)
				buf_addz(&text, pieces[i]);
			add_every_kind(p, buf_str(&text));
			fault = lines_page_fault(p, &site);
			if (fault)
				fail_msg("piece %zu: %s", i, fault);
			buf_free(&text);
			arena_free(a);
		}
	}
}

static struct str random_text(struct arena *a, uint64_t *seed)
{
	static const char *const pieces[] = {"=>", "#", "* ", ">", "```", "\n", "\r\n", "\t", ".",
	    " ", "word", "https://example.org/path", HAN, ACUTE, "\x1b[1m", "\xff", "\xef\xbb\xbf",
	    "\xe2\x80\xa8", "\xf0\x9f\x91\xa9\xe2\x80\x8d", "%09", "/", "gopher://h/1/"};
	struct buf b = {0};
	struct str s;

	for (uint32_t n = check_random(seed) % 30; n > 0; n--) {
		if (check_random(seed) % 8)
			buf_addz(&b, pieces[check_random(seed) % COUNT(pieces)]);
		else
			buf_addc(&b, (char)check_random(seed));
	}
	s = arena_str(a, buf_str(&b));
	buf_free(&b);
	return s;
}

/*
 * Whatever text goes into whatever block: every menu line has four fields, ends in CRLF and has
 * at most 1023 bytes, and a line of gemtext that begins with a mark is one that its block meant.
 */
static void g03_g08_t03_any_text_in_any_block(void **state)
{
	uint64_t seed = 6;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct arena *a = arena_new(0);
		struct page *p = bare(a);
		const char *fault;

		for (uint32_t n = check_random(&seed) % 10; n > 0; n--) {
			struct block *b =
			    page_add(p, check_random(&seed) % BLOCK_KINDS, random_text(a, &seed));

			b->level = check_random(&seed) % 3 + 1;
			b->alt = random_text(a, &seed);
			b->target = page_printf(p, "%s%.*s",
			    b->kind == BLOCK_LINK && round % 2 ? "gopher://h/1" : "/",
			    STR_ARGS(random_text(a, &seed)));
		}
		fault = lines_page_fault(p, &site);
		if (fault)
			fail_msg("round %d: %s", round, fault);
		arena_free(a);
	}
}

#define INFO "\t\tnull.host\t1\r\n"
#define ARROWS "-> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> -> ->"

/* Text that is folded is measured as it will be shown; where it leads is left alone. */
static void g08_g09_text_is_folded_before_it_is_wrapped(void **state)
{
	static const struct {
		enum charset charset;
		const char *want;
	} rows[] = {
	    {CHARSET_US_ASCII,
		"iElan -- 1/2" INFO "i===========" INFO "i" ARROWS INFO "i-> ->" INFO
		"i|       ->" INFO "1Cafe <-\t/files/café/\texample.org\t70\r\n.\r\n"},
	    {CHARSET_LATIN1,
		"i\xc9lan -- \xbd" INFO "i=========" INFO "i" ARROWS INFO "i-> ->" INFO
		"i|       ->" INFO "1Caf\xe9 <-\t/files/café/\texample.org\t70\r\n.\r\n"},
	};
	struct arena *a = arena_new(0);
	struct page *p = page_new(a, STR("Élan — ½"), STR("fr"));
	struct buf arrows = {0};

	(void)state;
	for (int i = 0; i < 24; i++)
		buf_addz(&arrows, "→ ");
	page_text(p, buf_str(&arrows));
	page_add(p, BLOCK_PRE, STR("│\t→"));
	page_link(p, STR("/files/café/"), STR("Café ←"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct render_format menu = format_gopher;

		menu.charset = rows[i].charset;
		check_page(&menu, p, rows[i].want);
	}
	buf_free(&arrows);
	arena_free(a);
}

/* The ellipsis of a label that is cut belongs to the charset too, and to the width. */
static void g08_g09_a_cut_label_fits(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = bare(a);
	struct render_format menu = format_gopher;
	struct buf label = {0};

	(void)state;
	menu.charset = CHARSET_US_ASCII;
	for (int i = 0; i < 40; i++)
		buf_addz(&label, "Éà→ ");
	page_link(p, STR("/"), buf_str(&label));
	check_page(&menu, p,
	    "1Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea-> Ea->..."
	    "\t/\texample.org\t70\r\n.\r\n");
	buf_free(&label);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(formats_are_found_by_name),
	    cmocka_unit_test(g03_g04_g11_a_menu_to_the_byte),
	    cmocka_unit_test(g03_every_line_is_written_in_full),
	    cmocka_unit_test(t02_t05_t06_gemtext_to_the_byte),
	    cmocka_unit_test(plain_text_to_the_byte),
	    cmocka_unit_test(an_empty_page_is_fine),
	    cmocka_unit_test(the_rule_of_blank_lines),
	    cmocka_unit_test(underlines_are_as_wide_as_the_heading),
	    cmocka_unit_test(an_underline_is_no_wider_than_the_page),
	    cmocka_unit_test(g08_prose_is_wrapped_at_67_columns),
	    cmocka_unit_test(what_is_about_a_link_is_set_in_as_text),
	    cmocka_unit_test(t04_a_paragraph_is_one_line_of_gemtext),
	    cmocka_unit_test(g03_t04_text_becomes_one_line),
	    cmocka_unit_test(t01_t03_t08_injected_markup_stays_text),
	    cmocka_unit_test(t03_what_would_be_markup_is_set_off_by_a_space),
	    cmocka_unit_test(t05_alt_text_is_one_line_and_fences_are_closed),
	    cmocka_unit_test(t02_a_link_without_a_label_shows_its_target),
	    cmocka_unit_test(t02_targets_are_escaped_for_gemtext),
	    cmocka_unit_test(g11_gopher_links_are_native),
	    cmocka_unit_test(g11_g21_the_other_protocol_is_named_where_it_is_served),
	    cmocka_unit_test(g08_a_long_label_is_cut_with_an_ellipsis),
	    cmocka_unit_test(g08_a_menu_line_is_under_1024_bytes),
	    cmocka_unit_test(g08_g09_zero_width_text_has_its_bound),
	    cmocka_unit_test(g03_g08_t03_any_text_in_any_block),
	    cmocka_unit_test(g08_g09_text_is_folded_before_it_is_wrapped),
	    cmocka_unit_test(g08_g09_a_cut_label_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
