/*
 * Fuzz target: the gemtext reader (render/gemtext.c), the walker and the three
 * formats (render/render.c, format_*.c), links (render/link.c), and below them
 * cleaning, folding, width, wrapping and URIs (base/utf8.c, charset.c, wrap.c, uri.c).
 *
 * The input is gemtext. Whatever it holds: menu lines are well formed, each
 * line of gemtext that begins with a mark is one that a block meant, and what
 * was printed as gemtext reads as the same gemtext again; and a menu in US-ASCII
 * shows nothing else.
 */
#include "config.h"

#include "../unit/lines.h"
#include "render/gemtext.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct link_site site = {
    .host = {"digest.example.org", 18},
    .gopher_port = 70,
    .gemini_port = 1965,
    .canonical = {"digest.example.org", 18},
};

static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_folded(const struct page *p)
{
	struct render_format menu = format_gopher;
	struct buf out = {0};
	struct str rest, line;

	menu.charset = CHARSET_US_ASCII;
	render_page(&menu, p, &site, &out);
	rest = buf_str(&out);
	while (str_next_line(&rest, &line))
		for (size_t i = 0; i < str_index(line, '\t'); i++)
			demand(
			    line.p[i] >= ' ' && line.p[i] <= '~', "what no ASCII terminal shows");
	buf_free(&out);
}

/* The text as gemtext once more, without the blank lines: a paragraph of nothing visible is one. */
static void print(struct arena *a, struct str text, unsigned demote, struct buf *out)
{
	struct page *p = page_bare(a, STR("T"), STR("en"));
	struct buf all = {0};
	struct str rest, line;
	const char *fault;

	gemtext_read(p, text, STR("/entries/slug"), demote);
	fault = lines_page_fault(p, &site);
	demand(!fault, fault);
	check_folded(p);
	render_page(&format_gemini, p, &site, &all);
	rest = buf_str(&all);
	while (str_next_line(&rest, &line)) {
		if (line.n > 0) {
			buf_add(out, line);
			buf_addc(out, '\n');
		}
	}
	buf_free(&all);
}

/* As plain text it is no longer, and every line of it says something. */
static void check_plain(struct str text)
{
	struct buf plain = {0};
	struct str rest, line;

	gemtext_plain(&plain, text);
	demand(plain.len <= text.n, "plain text from nowhere");
	rest = buf_str(&plain);
	demand(!str_ends(rest, STR("\n")), "a line feed at the end");
	while (str_next_line(&rest, &line))
		demand(str_trim(line).n > 0, "a blank line in plain text");
	buf_free(&plain);
}

/* For people it has the marks and blank lines too; nothing else, and none at its ends. */
static void check_readable(struct str text)
{
	struct buf plain = {0}, readable = {0};
	struct str rest, line;

	gemtext_plain(&plain, text);
	gemtext_readable(&readable, text);
	demand((plain.len > 0) == (readable.len > 0), "readable text of nothing");
	demand(readable.len <= 2 * text.n, "readable text from nowhere");
	rest = buf_str(&readable);
	demand(!str_ends(rest, STR("\n")), "a line feed at the end");
	demand(!str_next_line(&rest, &line) || str_trim(line).n > 0, "a blank line first");
	buf_free(&plain);
	buf_free(&readable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size}, rest, title;
	struct arena *a = arena_new(0);
	struct buf once = {0}, twice = {0}, demoted = {0};

	title = gemtext_title(text, &rest);
	demand(title.n + rest.n <= text.n, "a title from nowhere");
	print(a, text, 0, &once);
	print(a, buf_str(&once), 0, &twice);
	demand(
	    str_eq(buf_str(&once), buf_str(&twice)), "printed and read again it is another text");
	print(a, text, 1, &demoted);
	demand(!str_starts(buf_str(&demoted), STR("# ")), "a heading passes for a title");
	check_plain(text);
	check_readable(text);
	buf_free(&once);
	buf_free(&twice);
	buf_free(&demoted);
	arena_free(a);
	return 0;
}
