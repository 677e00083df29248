/*
 * gemtext: every line type of T-01 read into blocks, and links resolved as
 * T-02 has them. Any bytes are gemtext.
 */
#include "config.h"

#include "check.h"

#include "render/gemtext.h"

/* A page as text: one line a block, "KIND text" or "KIND target text". */
static void describe(const struct page *p, struct buf *out)
{
	static const char *const names[BLOCK_KINDS] = {[BLOCK_TEXT] = "text",
	    [BLOCK_ITEM] = "item",
	    [BLOCK_QUOTE] = "quote",
	    [BLOCK_LINK] = "link",
	    [BLOCK_GAP] = "gap"};

	for (const struct block *b = p->first; b; b = b->next) {
		if (b->kind == BLOCK_HEADING)
			buf_printf(out, "h%u", b->level);
		else if (b->kind == BLOCK_PRE)
			buf_printf(out, "pre(%.*s)", STR_ARGS(b->alt));
		else
			buf_addz(out, names[b->kind]);
		if (b->kind == BLOCK_LINK)
			buf_printf(out, " <%.*s>", STR_ARGS(b->target));
		if (b->kind != BLOCK_GAP)
			buf_printf(out, " [%.*s]", STR_ARGS(b->text));
		buf_addc(out, '\n');
	}
}

static void check_read_at(struct str text, const char *base, unsigned demote, const char *want,
    const char *file, int line)
{
	struct arena *a = arena_new(0);
	struct page *p = page_bare(a, STR("T"), STR("en"));
	struct buf out = {0};

	gemtext_read(p, text, str_of(base), demote);
	describe(p, &out);
	check_slices(buf_str(&out), str_of(want), file, line);
	buf_free(&out);
	arena_free(a);
}
#define check_read(text, want) check_read_at(STR(text), "/about", 0, want, __FILE__, __LINE__)

static void t01_every_line_type_is_known(void **state)
{
	(void)state;
	check_read("", "");
	check_read("one line", "text [one line]\n");
	check_read("  one line \t\n", "text [one line]\n");
	check_read("a\nb\r\nc", "text [a]\ntext [b]\ntext [c]\n");
	check_read("# One\n## Two\n### Three\n", "h1 [One]\nh2 [Two]\nh3 [Three]\n");
	check_read("#One\n##Two\n###\tThree", "h1 [One]\nh2 [Two]\nh3 [Three]\n");
	check_read("#### x", "h3 [# x]\n"); /* four are level 3 */
	check_read("#\n", "h1 []\n");
	check_read("* an item\n*  another ", "item [an item]\nitem [another]\n");
	check_read("*x\n*\n*\tx", "text [*x]\ntext [*]\ntext [*\tx]\n");
	check_read("> said\n>said\n>", "quote [said]\nquote [said]\nquote []\n");
	check_read("=> /x X", "link </x> [X]\n");
	check_read(
	    " => /x X\n # h\n * i\n > q", "text [=> /x X]\ntext [# h]\ntext [* i]\ntext [> q]\n");
	check_read(".", "text [.]\n");
}

static void t04_blank_lines_are_gaps(void **state)
{
	(void)state;
	check_read("\na\n\n \t\r\nb\n", "gap\ntext [a]\ngap\ngap\ntext [b]\n");
}

static void t01_fences_hold_lines_as_they_are(void **state)
{
	(void)state;
	check_read(
	    "```\n# no\n=> /x\n  y  \n```\n# yes", "pre() [# no\n=> /x\n  y  \n]\nh1 [yes]\n");
	check_read("``` C code \nint x;\n``` ignored\nz", "pre(C code) [int x;\n]\ntext [z]\n");
	check_read("```````\nx\n````", "pre(````) [x\n]\n");
	check_read("```\nx\n ```\n```\n", "pre() [x\n ```\n]\n"); /* column 0 only */
	check_read("```\n```\n", "pre() []\n");
	check_read("```\n\n\nx\n\n```\n", "pre() [\n\nx\n\n]\n");
	check_read("a\n ```\nb", "text [a]\ntext [```]\ntext [b]\n");
}

static void t05_an_unclosed_fence_holds_the_rest(void **state)
{
	(void)state;
	check_read("```\n# a\nb", "pre() [# a\nb]\n");
	check_read("```", "pre() []\n");
	check_read("```\n", "pre() []\n");
	check_read("x\n```a", "text [x]\npre(a) []\n");
}

static void t02_links_have_a_target_and_a_label(void **state)
{
	(void)state;
	check_read("=>https://x.org/ A b", "link <https://x.org/> [A b]\n");
	check_read("=>\t \thttps://x.org/\t \tA  b \r\n", "link <https://x.org/> [A  b]\n");
	check_read("=> https://x.org/", "link <https://x.org/> []\n");
	check_read("=> javascript:a() A", "text [=> javascript:a() A]\n");
	check_read("=> mailto:a@b.c Mail", "link <mailto:a@b.c> [Mail]\n");
	check_read("=> //other.org/x X", "link <gemini://other.org/x> [X]\n");
	/* no target, or none that is a reference: the line is shown as text */
	check_read("=>", "text [=>]\n");
	check_read("=>   ", "text [=>   ]\n");
	check_read("=> https://x/%zz X", "text [=> https://x/%zz X]\n");
	check_read("=> https://x/\x1b X", "text [=> https://x/\x1b X]\n");
	check_read("=> https://x:0/ X", "text [=> https://x:0/ X]\n");
	check_read("=> /\xff X", "text [=> /\xff X]\n");
	check_read("=> // X", "text [=> // X]\n");
	check_read("=> https:///x X", "text [=> https:///x X]\n");
}

static void t02_relative_links_are_resolved(void **state)
{
	static const struct {
		const char *base, *target, *want;
	} rows[] = {
	    {"/about", "/x", "/x"},
	    {"/about", "x", "/x"},
	    {"/entries/slug", "x", "/entries/x"},
	    {"/entries/slug", "./x/", "/entries/x/"},
	    {"/entries/slug", "../tags/", "/tags/"},
	    {"/entries/slug", "../../../x", "/x"},
	    {"/entries/slug", "/a/../b", "/b"},
	    {"/entries/slug", "/a%20b%3F", "/a b?"},
	    {"/entries/slug", "/caf\xc3\xa9", "/caf\xc3\xa9"},
	    {"/entries/slug", "/caf%C3%A9", "/caf\xc3\xa9"},
	    /* our pages have neither query nor fragment; without a path it is this page */
	    {"/entries/slug", "x?y", "/entries/x"},
	    {"/entries/slug", "x#y?z", "/entries/x"},
	    {"/entries/slug", "#y", "/entries/slug"},
	    {"/entries/slug", "?y", "/entries/slug"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = {0}, want = {0};

		buf_printf(&text, "=> %s L", rows[i].target);
		buf_printf(&want, "link <%s> [L]\n", rows[i].want);
		check_read_at(buf_str(&text), rows[i].base, 0, buf_z(&want), __FILE__, __LINE__);
		buf_free(&text);
		buf_free(&want);
	}
}

/* G-03: a path that hides a TAB or a line end would break the menu. */
static void g03_escapes_hide_no_control_in_a_path(void **state)
{
	(void)state;
	check_read("=> /a%09b X", "text [=> /a%09b X]\n");
	check_read("=> /a%0D%0A1Evil%09/x X", "text [=> /a%0D%0A1Evil%09/x X]\n");
	check_read("=> %1b[2J X", "text [=> %1b[2J X]\n");
	check_read("=> /%00", "text [=> /%00]\n");
	check_read("=> /%ff X", "text [=> /%ff X]\n");
	check_read("=> /%C2%85 X", "text [=> /%C2%85 X]\n");
}

static void headings_are_demoted(void **state)
{
	(void)state;
	check_read_at(
	    STR("# a\n## b\n### c"), "/", 1, "h2 [a]\nh3 [b]\nh3 [c]\n", __FILE__, __LINE__);
	check_read_at(STR("# a\n## b"), "/", 5, "h3 [a]\nh3 [b]\n", __FILE__, __LINE__);
}

static void t06_the_title_is_the_first_heading(void **state)
{
	static const struct {
		const char *text, *title, *rest;
	} rows[] = {
	    {"# About us\nText\n", "About us", "Text\n"},
	    {"\n \n# About us\r\nText", "About us", "Text"},
	    {"#About", "About", ""},
	    {"#\nx", "", "x"},
	    {"## Sub\n# Title", "", "## Sub\n# Title"},
	    {"Text\n# Title", "", "Text\n# Title"},
	    {"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str rest;

		check_str(gemtext_title(str_of(rows[i].text), &rest), rows[i].title);
		check_str(rest, rows[i].rest);
	}
}

static void check_plain(const char *text, const char *want)
{
	struct buf out = {0};

	gemtext_plain(&out, str_of(text));
	check_buf(&out, want);
}

static void plain_text_has_no_marks(void **state)
{
	(void)state;
	check_plain("", "");
	check_plain("\n \n", "");
	check_plain("One.\n\nTwo.\n", "One.\nTwo.");
	check_plain("# A\n## B\n###C\n#### D", "A\nB\nC\n# D");
	check_plain("* item\n*no item\n> quoted\n>too", "item\n*no item\nquoted\ntoo");
	check_plain("=> /a The label\n=>\t/b\n=>\n=> /c \t", "The label\n/b\n/c");
	check_plain("```sh\n  ls *\n\n# no heading\n```\nAfter", "  ls *\n# no heading\nAfter");
	check_plain("```\n=> open", "=> open");
}

static void plain_text_follows_what_is_there(void **state)
{
	struct buf out = {0};

	(void)state;
	buf_addz(&out, "Title: ");
	gemtext_plain(&out, STR("one\r\ntwo\r\n"));
	check_buf(&out, "Title: one\ntwo");
}

static void check_readable(const char *text, const char *want)
{
	struct buf out = {0};

	gemtext_readable(&out, str_of(text));
	check_buf(&out, want);
}

static void readable_text_keeps_its_lines_apart(void **state)
{
	(void)state;
	check_readable("", "");
	check_readable("\n \n", "");
	check_readable("\n\nOne.\r\n\n \nTwo.\nThree.\n\n", "One.\n\nTwo.\n\nThree.");
	check_readable("# A\n## B\nC\n#\nD", "A\n\nB\n\nC\n\nD");
	check_readable("Two:\n*  a\n* b\nAnd\n\n* c", "Two:\n* a\n* b\nAnd\n\n* c");
	check_readable(">quoted\n> too\n>\n> more", "> quoted\n> too\n\n> more");
	check_readable("Run\n```sh\n  ls *\n\n\n# no heading\n```\nAfter\n```\n\n",
	    "Run\n  ls *\n\n\n# no heading\nAfter");
	check_readable("```\n=> open", "=> open");
}

static void readable_text_says_where_links_lead(void **state)
{
	(void)state;
	check_readable("See\n=> https://e/a The label\n=>gopher://g\t B",
	    "See\nThe label: https://e/a\nB: gopher://g");
	check_readable("=> https://e/a\n=>\n=> /here Here\n=> there\n=> there There",
	    "https://e/a\n\nHere\nthere\nThere");
	check_readable("=> //e/a A\n=> //e:x B", "A: gemini://e/a\nB");
}

static void any_bytes_are_gemtext(void **state)
{
	struct arena *a = arena_new(0);
	struct page *p = page_bare(a, STR("T"), STR("en"));
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	gemtext_read(p, (struct str){text, sizeof text}, STR("/"), 0);
	assert_int_equal(p->first->kind, BLOCK_TEXT);
	assert_int_equal(p->first->text.n, 9); /* up to the TAB, which is trimmed off */
	check_read_at((struct str){0}, "/", 0, "", __FILE__, __LINE__);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(t01_every_line_type_is_known),
	    cmocka_unit_test(t04_blank_lines_are_gaps),
	    cmocka_unit_test(t01_fences_hold_lines_as_they_are),
	    cmocka_unit_test(t05_an_unclosed_fence_holds_the_rest),
	    cmocka_unit_test(t02_links_have_a_target_and_a_label),
	    cmocka_unit_test(t02_relative_links_are_resolved),
	    cmocka_unit_test(g03_escapes_hide_no_control_in_a_path),
	    cmocka_unit_test(headings_are_demoted),
	    cmocka_unit_test(t06_the_title_is_the_first_heading),
	    cmocka_unit_test(plain_text_has_no_marks),
	    cmocka_unit_test(plain_text_follows_what_is_there),
	    cmocka_unit_test(readable_text_keeps_its_lines_apart),
	    cmocka_unit_test(readable_text_says_where_links_lead),
	    cmocka_unit_test(any_bytes_are_gemtext),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
