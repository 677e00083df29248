/*
 * Gemtext: one line a paragraph, LF endings, nothing of the content read as
 * markup that was not meant (T-01 to T-08).
 */
#include "config.h"

#include "render/render.h"
#include "base/uri.h"

/* True when a line that begins so would be markup (T-01). */
static bool looks_like_markup(struct str s)
{
	return str_starts(s, STR("```")) || str_starts(s, STR("=>")) || str_starts(s, STR("#")) ||
	    str_starts(s, STR("* ")) || str_starts(s, STR(">"));
}

static void gemini_line(struct render *r, struct str text, bool marked)
{
	if (!marked && looks_like_markup(text))
		buf_addc(r->out, ' ');
	buf_add(r->out, text);
	buf_addc(r->out, '\n');
}

static void gemini_pre(struct render *r, struct str text)
{
	/* T-03: there is no escape for a fence inside a block. */
	if (str_starts(text, STR("```")))
		buf_addc(r->out, ' ');
	buf_add(r->out, text);
	buf_addc(r->out, '\n');
}

static void gemini_fence(struct render *r, struct str alt, bool open)
{
	buf_addz(r->out, "```");
	if (open)
		buf_add(r->out, alt);
	buf_addc(r->out, '\n');
}

static void add_link(struct render *r, struct str url, struct str label)
{
	buf_addz(r->out, "=> ");
	buf_add(r->out, url);
	if (label.n > 0) {
		buf_addc(r->out, ' ');
		buf_add(r->out, label);
	}
	buf_addc(r->out, '\n');
}

static void gemini_link(struct render *r, const struct block *b, struct str label)
{
	r->scratch.len = 0;
	if (str_starts(b->target, STR("/")))
		link_path(&r->scratch, b->target, b->words);
	else
		uri_escape_link(&r->scratch, b->target);
	/* T-02: a link without a label shows its address anyway. */
	add_link(r, buf_str(&r->scratch), str_eq(label, b->target) ? STR("") : label);
}

static void gemini_other(struct render *r, const struct block *b, struct str label)
{
	if (r->site->gopher_port == 0)
		return;
	r->scratch.len = 0;
	link_gopher_url(&r->scratch, r->site, b->target, b->words);
	(void)label; /* it is what r->line holds */
	buf_addz(&r->line, " Gopher");
	add_link(r, buf_str(&r->scratch), buf_str(&r->line));
}

const struct render_format format_gemini = {
    .name = "gemini",
    .width = 0,
    .airy = true,
    .heading = {{"# ", "", 0}, {"## ", "", 0}, {"### ", "", 0}},
    .style =
	{
	    [BLOCK_SUBTITLE] = {"## ", "", 0},
	    [BLOCK_TEXT] = {"", "", 0},
	    [BLOCK_NOTE] = {"", "", 0},
	    [BLOCK_BYLINE] = {"", "", 0},
	    [BLOCK_ITEM] = {"* ", "", 0},
	    [BLOCK_QUOTE] = {"> ", "", 0},
	},
    .line = gemini_line,
    .pre = gemini_pre,
    .fence = gemini_fence,
    .link = gemini_link,
    .other = gemini_other,
};
