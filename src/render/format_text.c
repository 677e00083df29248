/*
 * Plain text, fit to be read in a pager or mailed: prose at 72 columns, each
 * link's address on a line of its own below its label.
 */
#include "config.h"

#include "render/render.h"
#include "base/uri.h"

#define WIDTH 72
#define INDENT "  "

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
	text_line(r, label, true);
	buf_addz(r->out, INDENT);
	if (str_starts(b->target, STR("/")))
		link_gemini_url(r->out, r->site, b->target, b->words);
	else
		uri_escape_link(r->out, b->target);
	buf_addc(r->out, '\n');
}

const struct render_format format_text = {
    .name = "text",
    .width = WIDTH,
    .heading = {{"", "", '='}, {"", "", '-'}, {"", "", 0}},
    .style =
	{
	    [BLOCK_SUBTITLE] = {"", "", 0},
	    [BLOCK_TEXT] = {"", "", 0},
	    [BLOCK_NOTE] = {"  ", "  ", 0},
	    [BLOCK_ITEM] = {"* ", "  ", 0},
	    [BLOCK_QUOTE] = {"> ", "> ", 0},
	},
    .line = text_line,
    .pre = text_pre,
    .link = text_link,
};
