#include "config.h"

#include "pages/entry_page.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

static void add_head(const struct pages_request *q, struct page *p, const struct entry *e)
{
	struct date updated = digest_updated(e, q->now);
	struct arena *a = q->arena;

	page_gap(p);
	if (e->nauthors > 0)
		page_text(p,
		    page_printf(p, "By %.*s, %.*s",
			STR_ARGS(wording_names(a, e->authors, e->nauthors)),
			STR_ARGS(wording_day(a, &e->date))));
	else
		page_text(p, wording_day(a, &e->date));
	if (updated.year)
		page_text(p, page_printf(p, "Updated %.*s", STR_ARGS(wording_day(a, &updated))));
	if (e->language.n > 0 && !str_eq_nocase(e->language, q->digest->site.language))
		page_text(p, page_printf(p, "Language of the post: %.*s", STR_ARGS(e->language)));
}

void entry_page_links(struct page *p, const struct entry *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		page_link(p, e->links[i].url,
		    page_printf(p, "%.*s at %.*s", STR_ARGS(e->links[i].label),
			STR_ARGS(wording_place(p->arena, e->links[i].url))));
}

/* A link to each list that the entry is in. */
static void add_groups(const struct pages_request *q, struct page *p, const char *kind,
    const char *label, struct group *const *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		page_link(p, paths_group(q->arena, kind, groups[i]),
		    page_printf(p, "%s: %.*s (%.*s)", label, STR_ARGS(groups[i]->name),
			STR_ARGS(wording_number(q->arena, digest_count(groups[i], q->now)))));
}

static void add_month(const struct pages_request *q, struct page *p, const struct entry *e)
{
	struct str slug = page_printf(p, "%04d-%02d", e->date.year, e->date.month);
	const struct group *g = digest_group(&q->digest->months, slug);

	page_link(p, paths_month(q->arena, g),
	    page_printf(p, "Month: %.*s (%.*s)", STR_ARGS(g->name),
		STR_ARGS(wording_number(q->arena, digest_count(g, q->now)))));
}

static void add_issue(const struct pages_request *q, struct page *p, const struct entry *e)
{
	const struct group *g = digest_issue(q->digest, e);

	page_link(p, paths_issue(q->arena, g),
	    page_printf(p, "Issue: %.*s (%.*s)", STR_ARGS(g->name),
		STR_ARGS(wording_number(q->arena, digest_count(g, q->now)))));
}

static void add_neighbour(const struct pages_request *q, struct page *p, const struct entry *e,
    int direction, const char *label)
{
	const struct entry *other = digest_neighbour(q->digest, e, direction, q->now);

	if (other)
		page_link(p, paths_entry(q->arena, other),
		    page_printf(p, "%s: %.*s", label, STR_ARGS(other->title)));
}

static struct pages_answer show(const struct pages_request *q, const struct entry *e)
{
	struct page *p = page_new(q->arena, e->title, q->digest->site.language);

	add_head(q, p, e);
	page_gap(p);
	gemtext_read(p, e->summary, q->path, 2);
	page_gap(p);
	page_link(p, e->url,
	    page_printf(p, "Read it at %.*s", STR_ARGS(wording_place(q->arena, e->url))));
	entry_page_links(p, e);
	page_gap(p);
	page_heading(p, 2, STR("Filed under"));
	page_gap(p);
	add_groups(q, p, "categories", "Category", e->categories, e->ncategories);
	add_groups(q, p, "tags", "Tag", e->tags, e->ntags);
	add_groups(q, p, "authors", "Author", e->authors, e->nauthors);
	add_month(q, p, e);
	add_issue(q, p, e);
	page_gap(p);
	add_neighbour(q, p, e, -1, "Newer");
	add_neighbour(q, p, e, 1, "Older");
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer entry_page(const struct pages_request *q, const struct pages_match *m)
{
	const struct entry *e = digest_entry(q->digest, m->name[0], q->now);
	const struct entry *now = e ? e : digest_alias(q->digest, m->name[0], q->now);

	if (!now)
		return reply_not_found();
	if (now->gone)
		return reply_gone(STR("Gone: this entry was withdrawn"));
	return e ? show(q, e) : reply_moved(q, paths_entry(q->arena, now), now->title);
}

struct pages_answer entry_page_random(const struct pages_request *q, const struct pages_match *m)
{
	uint32_t n = digest_count(&q->digest->all, q->now);
	const struct entry *e =
	    n > 0 ? digest_at(&q->digest->all, q->now, (uint32_t)(q->random % n)) : NULL;

	(void)m;
	if (!e)
		return reply_not_found();
	return reply_elsewhere(
	    q, "A random entry", "Chance has chosen:", paths_entry(q->arena, e), e->title);
}

struct pages_answer entry_page_list(const struct pages_request *q, const struct pages_match *m)
{
	(void)m;
	return reply_moved(q, STR("/latest/"), STR("All entries"));
}
