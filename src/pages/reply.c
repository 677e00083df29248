#include "config.h"

#include "pages/reply.h"

struct pages_answer reply_page(const struct page *p)
{
	return (struct pages_answer){.kind = PAGES_PAGE, .page = p};
}

struct pages_answer reply_not_found(void)
{
	return (struct pages_answer){
	    .kind = PAGES_NOT_FOUND, .message = STR("Not found: there is no such page")};
}

struct pages_answer reply_moved(const struct pages_request *q, struct str target, struct str label)
{
	struct pages_request there = *q;
	struct page *p = reply_titled(q, STR("Moved"));

	page_gap(p);
	page_text(p, STR("What you asked for has a new address:"));
	page_gap(p);
	page_link(p, target, label);
	there.path = target;
	reply_foot(&there, p);
	return (struct pages_answer){.kind = PAGES_MOVED, .page = p, .target = target};
}

struct page *reply_titled(const struct pages_request *q, struct str title)
{
	const struct site *s = &q->digest->site;

	return page_new(q->arena,
	    arena_printf(q->arena, "%.*s: %.*s", STR_ARGS(s->title), STR_ARGS(title)), s->language);
}

void reply_foot(const struct pages_request *q, struct page *p)
{
	page_gap(p);
	if (!str_eq(q->path, STR("/")))
		page_link(p, STR("/"),
		    page_printf(p, "%.*s: the front page", STR_ARGS(q->digest->site.title)));
	page_add(p, BLOCK_OTHER, STR("This page on"))->target = q->path;
}
