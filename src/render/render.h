/*
 * render: prints a page in a format.
 *
 * One walker goes through the blocks of a page; it owns blank lines, width,
 * wrapping and prefixes, and makes every text fit to be shown (utf8_clean,
 * charset_fold). A format is the table below: how wide, which prefixes, and a
 * few functions that put one finished line, one link or one fence into the
 * output with the format's own escaping. A new format is one new file and one
 * row in render_formats; no page and no other format changes.
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include "base/charset.h"
#include "render/link.h"
#include "render/page.h"

/* One page on its way into one output. */
struct render {
	const struct render_format *format;
	const struct link_site *site;
	struct buf *out;
	struct buf line;    /* scratch: the line being made */
	struct buf scratch; /* scratch: for the format */
	struct buf folding; /* scratch: what is on its way into the format's charset */
	size_t inset;       /* columns that the block is set in */
	bool started;       /* something was printed */
	bool gap;           /* a blank line is due before the next block */
};

/* What a format puts around the text of a kind of block. */
struct render_style {
	const char *first; /* before the first line */
	const char *rest;  /* before the lines it wraps to */
	char underline;    /* a line of these below the text; 0: none */
};

struct render_format {
	const char *name; /* as `digestd render` takes it */
	size_t width;     /* columns that prose is wrapped to, prefix included; 0: never */
	size_t inset;     /* columns by which what is about a link is set in below it */
	bool airy; /* a blank line after each note, where no indentation shows what it is about */
	enum charset charset; /* that what is shown is folded to, in UTF-8 still (charset.h) */
	struct render_style heading[3];
	struct render_style style[BLOCK_KINDS]; /* those of text; unused for links and headings */
	/* One line of text, clean, with its prefix; marked: the prefix is meant as markup. */
	void (*line)(struct render *r, struct str text, bool marked);
	/* A line of a preformatted block, clean. */
	void (*pre)(struct render *r, struct str text);
	/* Before and after a preformatted block; NULL: nothing. alt is clean. */
	void (*fence)(struct render *r, struct str alt, bool open);
	/* A link, b->target with b->words; label is clean, one line, and all of r->line. */
	void (*link)(struct render *r, const struct block *b, struct str label);
	/* The same page on another protocol; label, as above, is "This page on". NULL: left out. */
	void (*other)(struct render *r, const struct block *b, struct str label);
	/* After the last block; NULL: nothing. */
	void (*end)(struct render *r);
};

extern const struct render_format format_gopher; /* a menu (G-03, G-04) */
extern const struct render_format format_gemini; /* gemtext */
extern const struct render_format format_text;   /* plain text, 72 columns */

/* All formats, by name; ends with NULL. */
extern const struct render_format *const render_formats[];

/* The format of that name, or NULL. */
const struct render_format *render_find(struct str name);

/* Appends the page. The links name the site's host and ports; both are borrowed for the call. */
void render_page(const struct render_format *f, const struct page *p, const struct link_site *site,
    struct buf *out);

#endif
