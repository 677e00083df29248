#include "config.h"

#include "render/page.h"

struct page *page_bare(struct arena *a, struct str title, struct str language)
{
	struct page *p = arena_alloc(a, sizeof *p);

	p->arena = a;
	p->title = title;
	p->language = language;
	p->end = &p->first;
	return p;
}

struct page *page_new(struct arena *a, struct str title, struct str language)
{
	struct page *p = page_bare(a, title, language);

	page_heading(p, 1, title);
	return p;
}

struct block *page_add(struct page *p, enum block_kind kind, struct str text)
{
	struct block *b = arena_alloc(p->arena, sizeof *b);

	b->kind = kind;
	b->text = text;
	b->inset = p->inset;
	*p->end = b;
	p->end = &b->next;
	return b;
}

void page_heading(struct page *p, unsigned level, struct str text)
{
	page_add(p, BLOCK_HEADING, text)->level = level < 1 ? 1 : level > 3 ? 3 : level;
}

void page_text(struct page *p, struct str text)
{
	page_add(p, BLOCK_TEXT, text);
}

void page_note(struct page *p, struct str text)
{
	page_add(p, BLOCK_NOTE, text);
}

void page_byline(struct page *p, struct str text)
{
	page_add(p, BLOCK_BYLINE, text);
}

void page_link(struct page *p, struct str target, struct str label)
{
	page_add(p, BLOCK_LINK, label)->target = target;
}

void page_search(struct page *p, struct str target, struct str words, struct str label)
{
	struct block *b = page_add(p, BLOCK_LINK, label);

	b->target = target;
	b->words = words;
}

void page_gap(struct page *p)
{
	page_add(p, BLOCK_GAP, STR(""));
}
