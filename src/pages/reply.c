#include "config.h"

#include "pages/reply.h"
#include "pages/wording.h"

struct pages_answer reply_page(const struct page *p)
{
	return (struct pages_answer){.kind = PAGES_PAGE, .page = p};
}

struct pages_answer reply_text(struct str text, const char *media)
{
	return (struct pages_answer){.kind = PAGES_TEXT, .text = text, .media = media};
}

struct pages_answer reply_not_found(void)
{
	return (struct pages_answer){
	    .kind = PAGES_NOT_FOUND, .message = STR("Not found: there is no such page")};
}

struct pages_answer reply_later(void)
{
	return (struct pages_answer){.kind = PAGES_LATER};
}

struct pages_answer reply_failed(struct str message)
{
	return (struct pages_answer){.kind = PAGES_FAILED, .message = message};
}

struct pages_answer reply_gone(struct str message)
{
	return (struct pages_answer){.kind = PAGES_GONE, .message = message};
}

/* title and text are those of the page that leads on. */
static struct pages_answer lead_on(const struct pages_request *q, struct pages_answer a,
    const char *title, const char *text, struct str label)
{
	struct pages_request there = *q;
	struct page *p = reply_titled(q, str_of(title));

	page_gap(p);
	page_text(p, str_of(text));
	page_gap(p);
	page_search(p, a.target, q->words, label);
	there.path = a.target;
	reply_foot(&there, p);
	a.page = p;
	a.words = q->words;
	return a;
}

struct pages_answer reply_moved(const struct pages_request *q, struct str target, struct str label)
{
	struct pages_answer a = {.kind = PAGES_MOVED, .target = target};

	return lead_on(q, a, "Moved", "What you asked for has a new address:", label);
}

struct pages_answer reply_elsewhere(const struct pages_request *q, const char *title,
    const char *text, struct str target, struct str label)
{
	struct pages_answer a = {.kind = PAGES_ELSEWHERE, .target = target};

	return lead_on(q, a, title, text, label);
}

struct page *reply_titled(const struct pages_request *q, struct str title)
{
	const struct site *s = &q->digest->site;

	return page_new(q->arena,
	    arena_printf(q->arena, "%.*s: %.*s", STR_ARGS(s->title), STR_ARGS(title)), s->language);
}

void reply_imprint(const struct pages_request *q, struct page *p)
{
	const struct site *s = &q->digest->site;
	const struct entry *newest = digest_at(&q->digest->all, q->now, 0);

	page_gap(p);
	if (s->editor.name.n > 0 && s->editor.email.n > 0)
		page_text(p,
		    page_printf(p, "Edited by %.*s <%.*s>.", STR_ARGS(s->editor.name),
			STR_ARGS(s->editor.email)));
	else if (s->editor.name.n > 0 || s->editor.email.n > 0)
		page_text(p,
		    page_printf(p, "Edited by %.*s.",
			STR_ARGS(s->editor.name.n > 0 ? s->editor.name : s->editor.email)));
	if (newest)
		page_text(p,
		    page_printf(
			p, "Newest entry: %.*s.", STR_ARGS(wording_day(q->arena, &newest->date))));
	if (s->licence.n > 0)
		page_text(p, page_printf(p, "Licence of the digest: %.*s", STR_ARGS(s->licence)));
	if (s->editor.url.n > 0)
		page_link(p, s->editor.url, s->editor.name.n ? s->editor.name : STR("The editor"));
}

void reply_foot(const struct pages_request *q, struct page *p)
{
	struct block *other;

	page_gap(p);
	if (!str_eq(q->path, STR("/")))
		page_link(p, STR("/"),
		    page_printf(p, "%.*s: the front page", STR_ARGS(q->digest->site.title)));
	other = page_add(p, BLOCK_OTHER, STR("This page on"));
	other->target = q->path;
	other->words = q->words;
}
