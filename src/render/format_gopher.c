/*
 * The Gopher menu: info lines for text, items for links (G-03, G-04, G-08). What
 * is shown is encoded in the format's charset; selectors and hosts never are (G-09).
 */
#include "config.h"

#include "render/render.h"
#include "base/utf8.h"

/* RFC 1436 s3.9: under 70; the UMN client shows so many of text, and of a title one less (G-08). */
#define WIDTH 67
#define LABEL_WIDTH 66

#define LINE_MAX 1023 /* lynx cuts a menu line at 1024 (G-08) */
#define LABEL_ROOM 16 /* bytes of a line that are left to its label at least */

/* Fields of an info line after its display string. */
#define INFO_FIELDS "\t\tnull.host\t1\r\n"

static void gopher_line(struct render *r, struct str text, bool marked)
{
	size_t start = r->out->len;

	(void)marked;
	buf_addc(r->out, 'i');
	buf_add(r->out, text);
	charset_encode(r->out, start, r->format->charset);
	buf_addz(r->out, INFO_FIELDS);
}

static void gopher_pre(struct render *r, struct str text)
{
	gopher_line(r, utf8_cut(text, LINE_MAX - sizeof INFO_FIELDS), true);
}

/*
 * Appends the label, cut to the width, and further where a long selector leaves less room:
 * to so many bytes.
 */
static void add_label(struct render *r, struct str label, size_t room)
{
	size_t start = r->out->len, columns = LABEL_WIDTH;

	do {
		r->out->len = start;
		charset_clean_cut(r->out, label, columns, r->format->charset);
	} while (r->out->len - start > room && columns-- > 1);
	/* A heap of combining marks takes many bytes and no columns. */
	r->out->len = start + utf8_cut(str_skip(buf_str(r->out), start), room).n;
	charset_encode(r->out, start, r->format->charset);
}

/*
 * Writes a menu item. A selector too long for any line leads nowhere: then only the label
 * is shown.
 */
static void add_item(struct render *r, const struct link_item *item, struct str label)
{
	size_t fixed = 1 + 1 + item->selector.n + 1 + item->host.n + 1 + 5 + 2;

	if (fixed + LABEL_ROOM > LINE_MAX) {
		buf_addc(r->out, 'i');
		add_label(r, label, LINE_MAX - sizeof INFO_FIELDS);
		buf_addz(r->out, INFO_FIELDS);
		return;
	}
	buf_addc(r->out, item->type);
	add_label(r, label, LINE_MAX - fixed);
	buf_addc(r->out, '\t');
	buf_add(r->out, item->selector);
	buf_addc(r->out, '\t');
	buf_add(r->out, item->host);
	buf_printf(r->out, "\t%u\r\n", item->port);
}

static void gopher_link(struct render *r, const struct block *b, struct str label)
{
	struct link_item item = link_item(r->site, b->target, b->words, &r->scratch);

	add_item(r, &item, label);
}

static void gopher_other(struct render *r, const struct block *b, struct str label)
{
	struct link_item item = {'h', STR(""), r->site->host, r->site->gopher_port};

	if (r->site->gemini_port == 0)
		return;
	r->scratch.len = 0;
	buf_addz(&r->scratch, "URL:");
	link_gemini_url(&r->scratch, r->site, b->target, b->words);
	item.selector = buf_str(&r->scratch);
	(void)label; /* it is what r->line holds */
	buf_addz(&r->line, " Gemini");
	add_item(r, &item, buf_str(&r->line));
}

static void gopher_end(struct render *r)
{
	buf_addz(r->out, ".\r\n");
}

const struct render_format format_gopher = {
    .name = "gopher",
    .width = WIDTH,
    .heading = {{"", "", '='}, {"", "", '-'}, {"", "", 0}},
    .style =
	{
	    [BLOCK_SUBTITLE] = {"", "", 0},
	    [BLOCK_TEXT] = {"", "", 0},
	    [BLOCK_NOTE] = {"  ", "  ", 0},
	    /* below the title, behind the day */
	    [BLOCK_BYLINE] = {"           ", "           ", 0},
	    [BLOCK_ITEM] = {"* ", "  ", 0},
	    [BLOCK_QUOTE] = {"> ", "> ", 0},
	},
    .line = gopher_line,
    .pre = gopher_pre,
    .link = gopher_link,
    .other = gopher_other,
    .end = gopher_end,
};
