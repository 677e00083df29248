/*
 * page: what a page says, as data.
 *
 * A page is a title and a sequence of blocks. Whoever builds it says nothing of
 * prefixes, wrapping, item types or addresses: the formats do (render.h). Text
 * may hold anything; no text can turn into markup. The page, its blocks and
 * all its text lie in one arena, which the builder's caller owns; text given to
 * these functions is borrowed and must live as long, unless noted.
 */
#ifndef RENDER_PAGE_H
#define RENDER_PAGE_H

#include "base/arena.h"

enum block_kind {
	BLOCK_HEADING,  /* text, level 1 to 3 */
	BLOCK_SUBTITLE, /* text; directly after the title (T-06) */
	BLOCK_TEXT,     /* text: one paragraph */
	BLOCK_NOTE,     /* text: a remark on the link above it */
	BLOCK_BYLINE,   /* the same, where the label of that link begins with a day */
	BLOCK_ITEM,     /* text: a list item */
	BLOCK_QUOTE,    /* text: one line of a quotation */
	BLOCK_PRE,      /* text: lines as they are; alt */
	BLOCK_LINK,     /* target, text: the label */
	BLOCK_OTHER,    /* target: a path; text: a label that begins "This page on" */
	BLOCK_PROMPT,   /* target: a path that takes words; text: the label */
	BLOCK_GAP,      /* a blank line, unless one is there or nothing was said yet */
	BLOCK_KINDS
};

struct block {
	enum block_kind kind;
	unsigned level; /* of a heading */
	bool inset;     /* it is about the link above: a format may set it in */
	struct str text;
	struct str alt;    /* of a preformatted block: what it shows, in words */
	struct str target; /* of a link: a path of ours ("/..."), or an absolute URL */
	struct str words;  /* of a link to the search: what it looks for, as typed; else empty */
	struct block *next;
};

struct page {
	struct arena *arena; /* borrowed */
	struct str title;    /* of the first heading */
	struct str language; /* BCP 47 */
	struct block *first;
	struct block **end; /* where the next block goes */
	bool inset;         /* the next blocks are about the link above them */
};

/* An empty page in the arena, with its title as the first heading. */
struct page *page_new(struct arena *a, struct str title, struct str language);

/* An empty page without a heading; its maker gives it one. */
struct page *page_bare(struct arena *a, struct str title, struct str language);

struct block *page_add(struct page *p, enum block_kind kind, struct str text);
void page_heading(struct page *p, unsigned level, struct str text);
void page_text(struct page *p, struct str text);
void page_note(struct page *p, struct str text);
void page_byline(struct page *p, struct str text);
void page_link(struct page *p, struct str target, struct str label);
/* A link to a path that takes words, with the words. */
void page_search(struct page *p, struct str target, struct str words, struct str label);
void page_gap(struct page *p);

/* printf into the page's arena, for labels and sentences. */
#define page_printf(p, ...) arena_printf((p)->arena, __VA_ARGS__)

#endif
