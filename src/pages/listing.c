#include "config.h"

#include "pages/listing.h"
#include "pages/paging.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/wording.h"

/* One list to show. */
struct listing {
	const struct group *group;
	struct str title;
	struct paging pages;
	bool is_month;  /* it has neighbours, and no feeds, since it is soon over */
	unsigned note;  /* enum listing_note */
	const char *up; /* path of the list's own directory; NULL: none */
	const char *up_label;
};

struct str listing_byline(const struct pages_request *q, const struct entry *e, unsigned note)
{
	struct str who = {0}, where = {0};

	if (note & LISTING_AUTHORS)
		who = wording_some(q->arena, e->authors, e->nauthors, LISTING_NAMES);
	if (note & LISTING_CATEGORIES)
		where = wording_some(q->arena, e->categories, e->ncategories, LISTING_NAMES);
	return wording_cut(q->arena,
	    arena_printf(q->arena, "%.*s%s%.*s", STR_ARGS(who),
		who.n > 0 && where.n > 0 ? ", in "
		    : where.n > 0        ? "In "
					 : "",
		STR_ARGS(where)),
	    LISTING_BYLINE);
}

void listing_entry(
    const struct pages_request *q, struct page *p, const struct entry *e, unsigned note)
{
	struct str byline = listing_byline(q, e, note);

	page_link(p, paths_entry(q->arena, e),
	    wording_cut(q->arena, wording_dated(q->arena, e), LISTING_LABEL));
	if (byline.n > 0)
		page_byline(p, byline);
}

/* How many entries there are, and where the reader stands in them. */
static void add_position(
    const struct pages_request *q, struct page *p, const struct listing *l, uint32_t total)
{
	uint32_t size = q->digest->site.page_size, first = (l->pages.number - 1) * size + 1;
	uint32_t last = total - first < size ? total : first + size - 1;

	if (total == 0)
		page_text(p, STR("There are no entries here yet."));
	else if (l->pages.pages == 1)
		page_text(p,
		    page_printf(
			p, "%.*s.", STR_ARGS(wording_count(q->arena, total, "entry", "entries"))));
	else
		page_text(p,
		    page_printf(p, "Page %u of %u: entries %.*s to %.*s of %.*s, newest first.",
			l->pages.number, l->pages.pages, STR_ARGS(wording_number(q->arena, first)),
			STR_ARGS(wording_number(q->arena, last)),
			STR_ARGS(wording_number(q->arena, total))));
}

/* The month next to the one shown. */
static void add_month(const struct pages_request *q, struct page *p, const struct group *shown,
    int direction, const char *label)
{
	const struct group *g = digest_beside(&q->digest->months, shown, direction, q->now);

	if (g)
		page_link(p, paths_month(q->arena, g),
		    page_printf(p, "%s: %.*s", label, STR_ARGS(g->name)));
}

static void add_ways_out(const struct pages_request *q, struct page *p, const struct listing *l)
{
	page_gap(p);
	paging_turns(p, &l->pages);
	page_gap(p);
	if (l->is_month) {
		add_month(q, p, l->group, -1, "Newer");
		add_month(q, p, l->group, 1, "Older");
	}
	if (l->group->url.n > 0)
		page_link(p, l->group->url,
		    page_printf(p, "%.*s at %.*s", STR_ARGS(l->group->name),
			STR_ARGS(wording_place(q->arena, l->group->url))));
	if (l->up)
		page_link(p, str_of(l->up), str_of(l->up_label));
	if (!l->is_month && l->pages.number == 1)
		page_link(p, page_printf(p, "%.*s%s", STR_ARGS(l->pages.first), feed_atom.file),
		    STR("Follow this list (Atom feed)"));
}

static struct pages_answer show(const struct pages_request *q, struct listing l)
{
	uint32_t size = q->digest->site.page_size, total = digest_count(l.group, q->now);
	const struct entry *e;
	struct page *p;

	l.pages.prefix = "";
	l.pages.pages = paging_count(total, size);
	if (l.pages.number > l.pages.pages)
		return paging_past_end(q, &l.pages);
	p = reply_titled(q, paging_title(q->arena, l.title, l.pages.number));
	page_gap(p);
	if (l.group->description.n > 0)
		page_text(p, l.group->description);
	page_gap(p);
	add_position(q, p, &l, total);
	page_gap(p);
	for (uint32_t i = 0; i < size; i++) {
		e = digest_at(l.group, q->now, (l.pages.number - 1) * size + i);
		if (!e)
			break;
		listing_entry(q, p, e, l.note);
	}
	add_ways_out(q, p, &l);
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer listing_latest(const struct pages_request *q, const struct pages_match *m)
{
	return show(q,
	    (struct listing){
		.group = &q->digest->all,
		.title = STR("All entries"),
		.pages = {.first = STR("/latest/"), .number = m->number},
		.note = LISTING_AUTHORS | LISTING_CATEGORIES,
	    });
}

/* A list of one of the groups of list, with its path made from kind. */
static struct pages_answer show_group(const struct pages_request *q, const struct pages_match *m,
    const struct group_list *list, const char *kind, struct listing l)
{
	l.group = digest_group(list, m->name[0]);
	if (!l.group || (digest_count(l.group, q->now) == 0 && list != &q->digest->categories))
		return reply_not_found();
	l.pages =
	    (struct paging){.first = paths_group(q->arena, kind, l.group), .number = m->number};
	if (l.title.n == 0)
		l.title = l.group->name;
	return show(q, l);
}

struct pages_answer listing_category(const struct pages_request *q, const struct pages_match *m)
{
	return show_group(q, m, &q->digest->categories, "categories",
	    (struct listing){
		.note = LISTING_AUTHORS, .up = "/categories/", .up_label = "All categories"});
}

struct pages_answer listing_tag(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->tags, m->name[0]);

	if (!g)
		return reply_not_found();
	return show_group(q, m, &q->digest->tags, "tags",
	    (struct listing){.title = arena_printf(q->arena, "tagged %.*s", STR_ARGS(g->name)),
		.note = LISTING_AUTHORS | LISTING_CATEGORIES,
		.up = "/tags/",
		.up_label = "All tags"});
}

struct pages_answer listing_author(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->authors, m->name[0]);

	if (!g)
		return reply_not_found();
	return show_group(q, m, &q->digest->authors, "authors",
	    (struct listing){.title = arena_printf(q->arena, "by %.*s", STR_ARGS(g->name)),
		.note = LISTING_CATEGORIES,
		.up = "/authors/",
		.up_label = "All authors"});
}

struct pages_answer listing_month(const struct pages_request *q, const struct pages_match *m)
{
	struct str slug =
	    arena_printf(q->arena, "%.*s-%.*s", STR_ARGS(m->name[0]), STR_ARGS(m->name[1]));
	const struct group *g = digest_group(&q->digest->months, slug);

	if (!g || digest_count(g, q->now) == 0)
		return reply_not_found();
	return show(q,
	    (struct listing){
		.group = g,
		.title = g->name,
		.pages = {.first = paths_month(q->arena, g), .number = m->number},
		.is_month = true,
		.note = LISTING_AUTHORS | LISTING_CATEGORIES,
		.up = "/archive/",
		.up_label = "All months",
	    });
}
