/*
 * Plain text, fit to be read in a pager or mailed: prose and labels at 72
 * columns, each link's address on a line of its own below its label, whole, so
 * that it can be followed from a mail.
 */
#include "config.h"

#include "render/render.h"
#include "base/uri.h"
#include "base/wrap.h"

#define WIDTH 72
#define INSET 2 /* columns: what is about a link, first of all its address */
#define HANG 4  /* columns: the rest of a label of several lines */

static void text_line(struct render *r, struct str text, bool marked)
{
	(void)marked;
	buf_add(r->out, text);
	buf_addc(r->out, '\n');
}

static void text_pre(struct render *r, struct str text)
{
	text_line(r, text, true);
}

static void text_link(struct render *r, const struct block *b, struct str label)
{
	size_t indent = r->inset;
	struct str line;

	while (wrap_next(&label, WIDTH - indent, &line)) {
		buf_fill(r->out, ' ', indent);
		text_line(r, line, true);
		indent = r->inset + HANG;
	}
	buf_fill(r->out, ' ', r->inset + INSET);
	if (str_starts(b->target, STR("/")))
		link_gemini_url(r->out, r->site, b->target, b->words);
	else
		uri_escape_link(r->out, b->target);
	buf_addc(r->out, '\n');
}

const struct render_format format_text = {
    .name = "text",
    .width = WIDTH,
    .inset = INSET,
    .heading = {{"", "", '='}, {"", "", '-'}, {"", "", 0}},
    .style =
	{
	    [BLOCK_SUBTITLE] = {"", "", 0},
	    [BLOCK_TEXT] = {"", "", 0},
	    [BLOCK_NOTE] = {"  ", "  ", 0},
	    [BLOCK_BYLINE] = {"  ", "  ", 0},
	    [BLOCK_ITEM] = {"* ", "  ", 0},
	    [BLOCK_QUOTE] = {"> ", "> ", 0},
	},
    .line = text_line,
    .pre = text_pre,
    .link = text_link,
};
