#include "config.h"

#include "render/render.h"
#include "base/utf8.h"
#include "base/wrap.h"

/* Columns between the tab stops of preformatted text. */
#define TAB 8

const struct render_format *const render_formats[] = {
    &format_gopher,
    &format_gemini,
    &format_text,
    NULL,
};

const struct render_format *render_find(struct str name)
{
	for (size_t i = 0; render_formats[i]; i++)
		if (str_eq(str_of(render_formats[i]->name), name))
			return render_formats[i];
	return NULL;
}

/*
 * Appends the text fit to be shown: before anything is measured, so that what is measured
 * is shown.
 */
static void add_clean(struct render *r, struct buf *out, struct str text)
{
	if (r->format->charset == CHARSET_UTF_8) {
		utf8_clean(out, text);
		return;
	}
	r->folding.len = 0;
	utf8_clean(&r->folding, text);
	charset_fold(out, buf_str(&r->folding), r->format->charset);
}

/* The text, clean, in r->scratch until the format uses that. */
static struct str clean(struct render *r, struct str text)
{
	r->scratch.len = 0;
	add_clean(r, &r->scratch, text);
	return str_trim(buf_str(&r->scratch));
}

/* A blank line, if one is due. */
static void flush_gap(struct render *r)
{
	if (r->gap && r->started)
		r->format->line(r, STR(""), true);
	r->gap = false;
	r->started = true;
}

/* Begins r->line anew. */
static void begin_line(struct render *r)
{
	r->line.len = 0;
	buf_fill(&r->line, ' ', r->inset);
}

static void styled_line(struct render *r, const char *prefix, struct str text)
{
	begin_line(r);
	buf_addz(&r->line, prefix);
	buf_add(&r->line, text);
	r->format->line(r, buf_str(&r->line), prefix[0] != '\0');
}

static void underline(struct render *r, char c, size_t width)
{
	begin_line(r);
	buf_fill(&r->line, c, width);
	r->format->line(r, buf_str(&r->line), true);
}

/* Prints the text of a block, wrapped to the format's width. */
static void styled_text(struct render *r, const struct render_style *style, struct str text)
{
	struct str rest = clean(r, text), line = rest;
	const char *prefix = style->first;
	size_t widest = 0, columns = r->format->width - r->inset;

	if (r->format->width == 0 || rest.n == 0)
		styled_line(r, prefix, rest);
	else
		while (wrap_next(&rest, columns - strlen(prefix), &line)) {
			size_t width = style->underline ? utf8_width(line) : 0;

			styled_line(r, prefix, line);
			prefix = style->rest;
			widest = width > widest ? width : widest;
		}
	if (style->underline && widest > 0)
		underline(r, style->underline, widest < columns ? widest : columns);
}

/* Appends the line to r->line, with its tabs turned into the spaces they stand for. */
static void expand_tabs(struct render *r, struct str line)
{
	size_t tab = str_index(line, '\t'), start = r->line.len;

	for (; tab < line.n; tab = str_index(line, '\t')) {
		add_clean(r, &r->line, str_sub(line, 0, tab));
		buf_fill(&r->line, ' ', TAB - utf8_width(str_skip(buf_str(&r->line), start)) % TAB);
		line = str_skip(line, tab + 1);
	}
	add_clean(r, &r->line, line);
}

static void preformatted(struct render *r, const struct block *b)
{
	struct str rest = b->text, line;

	if (r->format->fence)
		r->format->fence(r, clean(r, b->alt), true);
	while (str_next_line(&rest, &line)) {
		if (line.n > 0)
			begin_line(r);
		else
			r->line.len = 0;
		expand_tabs(r, line);
		r->format->pre(r, buf_str(&r->line));
	}
	if (r->format->fence)
		r->format->fence(r, STR(""), false);
}

/*
 * The label, or the target where nothing of it can be seen. It is all that r->line holds, so
 * that the format's scratch is free for it and it can be added to.
 */
static struct str clean_label(struct render *r, const struct block *b)
{
	struct str label = clean(r, b->text);

	if (label.n == 0)
		label = clean(r, b->target);
	r->line.len = 0;
	buf_add(&r->line, label);
	return buf_str(&r->line);
}

static void block(struct render *r, const struct block *b)
{
	const struct render_format *f = r->format;

	if (b->kind == BLOCK_GAP) {
		r->gap = true;
		return;
	}
	if (b->kind == BLOCK_OTHER && !f->other)
		return;
	flush_gap(r);
	r->inset = b->inset ? f->inset : 0;
	switch (b->kind) {
	case BLOCK_HEADING:
		styled_text(r, &f->heading[b->level - 1], b->text);
		break;
	case BLOCK_PRE:
		preformatted(r, b);
		break;
	case BLOCK_LINK:
	case BLOCK_PROMPT:
		f->link(r, b, clean_label(r, b));
		break;
	case BLOCK_OTHER:
		f->other(r, b, clean_label(r, b));
		break;
	default:
		styled_text(r, &f->style[b->kind], b->text);
		r->gap = (b->kind == BLOCK_NOTE || b->kind == BLOCK_BYLINE) && f->airy;
		break;
	}
}

void render_page(const struct render_format *f, const struct page *p, const struct link_site *site,
    struct buf *out)
{
	struct render r = {.format = f, .site = site, .out = out};

	for (const struct block *b = p->first; b; b = b->next)
		block(&r, b);
	if (f->end)
		f->end(&r);
	buf_free(&r.line);
	buf_free(&r.scratch);
	buf_free(&r.folding);
}
