/*
 * lines: what holds of every line of rendered output, whatever the text was;
 * for the unit tests of the renderer and for the fuzz target of gemtext.
 */
#ifndef UNIT_LINES_H
#define UNIT_LINES_H

#include "base/utf8.h"
#include "render/render.h"

/* Lines that are markup in gemtext (T-01), outside of preformatted blocks. */
struct lines_marks {
	size_t links, headings[3], items, quotes, fences;
};

/* What is wrong with one line of a menu, its CRLF taken off; NULL: nothing. */
static inline const char *lines_item_fault(struct str line)
{
	struct str field[5], rest = line;
	size_t n = 0;
	uint64_t port;

	if (line.n + 2 > 1023)
		return "a menu line takes more than 1023 bytes (G-08)";
	for (size_t i = 0, length; i < line.n; i += length) {
		uint32_t c;
		bool bad;

		length = utf8_decode(str_skip(line, i), &c, &bad);
		if (bad || (c != '\t' && utf8_is_control(c)))
			return "a control or a bad byte in a menu line (G-03)";
	}
	while (n < 5 && str_next_field(&rest, '\t', &field[n]))
		n++;
	if (n != 4)
		return "a menu line has not four fields (G-03)";
	if (field[0].n == 0 || !strchr("0123456789ITghis", field[0].p[0]))
		return "an item type that not every client shows (G-10)";
	if (field[2].n == 0 || !str_to_uint(field[3], 65535, &port))
		return "no host or no port";
	return NULL;
}

/* What is wrong with a menu; NULL: nothing. */
static inline const char *lines_menu_fault(struct str menu)
{
	const char *fault;

	if (!str_ends(menu, STR(".\r\n")))
		return "the menu does not end in a dot (G-03)";
	menu.n -= 3;
	while (menu.n > 0) {
		size_t end = str_index(menu, '\n');

		if (end == menu.n || end == 0 || menu.p[end - 1] != '\r')
			return "a menu line does not end in CRLF (G-03)";
		fault = lines_item_fault(str_sub(menu, 0, end - 1));
		if (fault)
			return fault;
		menu = str_skip(menu, end + 1);
	}
	return NULL;
}

/* What is wrong with a text of LF lines; NULL: nothing. */
static inline const char *lines_text_fault(struct str text)
{
	if (text.n > 0 && !str_ends(text, STR("\n")))
		return "the last line has no LF (T-04)";
	for (size_t i = 0, n; i < text.n; i += n) {
		uint32_t c;
		bool bad;

		n = utf8_decode(str_skip(text, i), &c, &bad);
		if (bad || c == 0xfeff || (c != '\n' && utf8_is_control(c)))
			return "a control, a byte order mark or a bad byte in a text (T-04)";
	}
	return NULL;
}

/* T-02: "=> URL label", the URL in ASCII. */
static inline const char *lines_link_fault(struct str line)
{
	struct str url = str_skip(line, 3);

	url = str_sub(url, 0, str_index(url, ' '));
	if (!str_starts(line, STR("=> ")) || url.n == 0)
		return "a link without a URL (T-02)";
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~')
			return "a URL that is not ASCII (T-02)";
	if (str_ends(line, STR(" ")))
		return "a link with an empty label (T-02)";
	return NULL;
}

/* Counts the marks of gemtext; what is wrong with it, or NULL. */
static inline const char *lines_count(struct str text, struct lines_marks *marks)
{
	const char *fault = lines_text_fault(text);
	bool inside = false;
	struct str line;

	*marks = (struct lines_marks){0};
	while (!fault && str_next_line(&text, &line)) {
		if (str_starts(line, STR("```"))) {
			inside = !inside;
			marks->fences++;
		} else if (inside) {
			continue;
		} else if (str_starts(line, STR("=>"))) {
			fault = lines_link_fault(line);
			marks->links++;
		} else if (str_starts(line, STR("#"))) {
			marks->headings[str_starts(line, STR("###"))
				? 2
				: str_starts(line, STR("##"))]++;
		} else if (str_starts(line, STR("* "))) {
			marks->items++;
		} else if (str_starts(line, STR(">"))) {
			marks->quotes++;
		}
	}
	if (!fault && inside)
		fault = "a fence is not closed (T-05)";
	return fault;
}

/* The marks that the blocks of a page mean. */
static inline struct lines_marks lines_meant(const struct page *p, const struct link_site *site)
{
	struct lines_marks m = {0};

	for (const struct block *b = p->first; b; b = b->next) {
		m.links += b->kind == BLOCK_LINK || b->kind == BLOCK_PROMPT ||
		    (b->kind == BLOCK_OTHER && site->gopher_port);
		m.items += b->kind == BLOCK_ITEM;
		m.quotes += b->kind == BLOCK_QUOTE;
		m.fences += b->kind == BLOCK_PRE ? 2 : 0;
		if (b->kind == BLOCK_HEADING)
			m.headings[b->level - 1]++;
		if (b->kind == BLOCK_SUBTITLE)
			m.headings[1]++;
	}
	return m;
}

/* Prints the page in every format; what is wrong with any of them, or NULL. */
static inline const char *lines_page_fault(const struct page *p, const struct link_site *site)
{
	struct lines_marks have, meant = lines_meant(p, site);
	struct buf out = {0};
	const char *fault;

	render_page(&format_gopher, p, site, &out);
	fault = lines_menu_fault(buf_str(&out));
	out.len = 0;
	render_page(&format_text, p, site, &out);
	fault = fault ? fault : lines_text_fault(buf_str(&out));
	out.len = 0;
	render_page(&format_gemini, p, site, &out);
	fault = fault ? fault : lines_count(buf_str(&out), &have);
	if (!fault && memcmp(&have, &meant, sizeof have) != 0)
		fault = "a line is marked that no block meant, or the reverse (T-01, T-03)";
	buf_free(&out);
	return fault;
}

#endif
