#include "config.h"

#include "pages/listing.h"
#include "pages/reply.h"
#include "pages/wording.h"

/* One list to show. */
struct listing {
	const struct group *group;
	struct str title;
	struct str base; /* path of its first page */
	bool followed;   /* it has feeds: a month, which is soon over, has none */
	uint32_t number; /* page shown, from 1 */
	unsigned note;   /* enum listing_note */
	const char *up;  /* path of the list's own directory; NULL: none */
	const char *up_label;
};

struct str listing_byline(const struct pages_request *q, const struct entry *e, unsigned note)
{
	struct str who = {0}, where = {0};

	if (note & LISTING_AUTHORS)
		who = wording_names(q->arena, e->authors, e->nauthors);
	if (note & LISTING_CATEGORIES)
		where = wording_names(q->arena, e->categories, e->ncategories);
	return arena_printf(q->arena, "%.*s%s%.*s", STR_ARGS(who),
	    who.n > 0 && where.n > 0 ? ", in "
		: where.n > 0        ? "In "
				     : "",
	    STR_ARGS(where));
}

void listing_entry(
    const struct pages_request *q, struct page *p, const struct entry *e, unsigned note)
{
	struct str byline = listing_byline(q, e, note);

	page_link(
	    p, page_printf(p, "/entries/%.*s", STR_ARGS(e->slug)), wording_dated(q->arena, e));
	if (byline.n > 0)
		page_note(p, byline);
}

uint32_t listing_pages(size_t things, size_t each)
{
	return things == 0 ? 1 : (uint32_t)((things - 1) / each + 1);
}

struct str listing_path(struct arena *a, struct str first, const char *prefix, uint32_t number)
{
	if (number == 1)
		return first;
	return arena_printf(a, "%.*s%s%u", STR_ARGS(first), prefix, number);
}

struct pages_answer listing_past_end(
    const struct pages_request *q, struct str first, const char *prefix, uint32_t pages)
{
	return reply_elsewhere(q, listing_path(q->arena, first, prefix, pages),
	    arena_printf(q->arena, "The last page of this list, page %u", pages));
}

/* Where the links between the pages of a list lead. */
struct turns {
	struct str first;
	const char *prefix;
	uint32_t pages;
};

static void add_turn(struct page *p, const struct turns *t, uint32_t to, const char *label)
{
	page_link(p, listing_path(p->arena, t->first, t->prefix, to),
	    page_printf(p, "%s: %u of %u", label, to, t->pages));
}

void listing_turns(
    struct page *p, struct str first, const char *prefix, uint32_t number, uint32_t pages)
{
	struct turns t = {first, prefix, pages};

	if (number < pages)
		add_turn(p, &t, number + 1, "Next page");
	if (number > 1)
		add_turn(p, &t, number - 1, "Previous page");
	if (number > 2)
		add_turn(p, &t, 1, "First page");
	if (number + 1 < pages)
		add_turn(p, &t, pages, "Last page");
}

/* How many entries there are, and where the reader stands in them. */
static void add_position(const struct pages_request *q, struct page *p, const struct listing *l,
    uint32_t total, uint32_t pages)
{
	uint32_t size = q->digest->site.page_size, first = (l->number - 1) * size + 1;
	uint32_t last = total - first < size ? total : first + size - 1;
	struct str count = wording_count(q->arena, total, "entry", "entries");

	if (pages <= 1)
		page_text(
		    p, page_printf(p, "%s%.*s.", total == 0 ? "There are " : "", STR_ARGS(count)));
	else
		page_text(p,
		    page_printf(p, "Page %u of %u: entries %.*s to %.*s of %.*s, newest first.",
			l->number, pages, STR_ARGS(wording_number(q->arena, first)),
			STR_ARGS(wording_number(q->arena, last)),
			STR_ARGS(wording_number(q->arena, total))));
}

/* The months before and after the one shown, as far as they have entries. */
static void add_neighbours(const struct pages_request *q, struct page *p, const struct group *g)
{
	const struct group_list *months = &q->digest->months;
	size_t i = 0;

	while (i < months->n && months->items[i] != g)
		i++;
	if (i == months->n)
		return;
	for (size_t k = i; k-- > 0;) {
		const struct group *newer = months->items[k];

		if (digest_count(newer, q->now) == 0)
			continue;
		page_link(p,
		    page_printf(p, "/archive/%.4s/%.2s/", newer->slug.p, newer->slug.p + 5),
		    page_printf(p, "Newer: %.*s", STR_ARGS(newer->name)));
		break;
	}
	if (i + 1 < months->n) {
		const struct group *older = months->items[i + 1];

		page_link(p,
		    page_printf(p, "/archive/%.4s/%.2s/", older->slug.p, older->slug.p + 5),
		    page_printf(p, "Older: %.*s", STR_ARGS(older->name)));
	}
}

static void add_ways_out(
    const struct pages_request *q, struct page *p, const struct listing *l, uint32_t pages)
{
	page_gap(p);
	listing_turns(p, l->base, "", l->number, pages);
	page_gap(p);
	add_neighbours(q, p, l->group);
	if (l->group->url.n > 0)
		page_link(p, l->group->url,
		    page_printf(p, "%.*s at %.*s", STR_ARGS(l->group->name),
			STR_ARGS(wording_place(q->arena, l->group->url))));
	if (l->up)
		page_link(p, str_of(l->up), str_of(l->up_label));
	if (l->followed && l->number == 1)
		page_link(p, page_printf(p, "%.*s%s", STR_ARGS(l->base), feed_atom.file),
		    STR("Follow this list (Atom feed)"));
}

static struct pages_answer show(const struct pages_request *q, const struct listing *l)
{
	uint32_t size = q->digest->site.page_size, total = digest_count(l->group, q->now);
	uint32_t pages = listing_pages(total, size);
	const struct entry *e;
	struct page *p;

	if (l->number > pages)
		return listing_past_end(q, l->base, "", pages);
	p = reply_titled(q,
	    l->number == 1
		? l->title
		: arena_printf(q->arena, "%.*s, page %u", STR_ARGS(l->title), l->number));
	page_gap(p);
	if (l->group->description.n > 0)
		page_text(p, l->group->description);
	page_gap(p);
	add_position(q, p, l, total, pages);
	page_gap(p);
	for (uint32_t i = 0; i < size; i++) {
		e = digest_at(l->group, q->now, (l->number - 1) * size + i);
		if (!e)
			break;
		listing_entry(q, p, e, l->note);
	}
	add_ways_out(q, p, l, pages);
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer listing_latest(const struct pages_request *q, const struct pages_match *m)
{
	struct listing l = {
	    .group = &q->digest->all,
	    .title = STR("All entries"),
	    .base = STR("/latest/"),
	    .followed = true,
	    .number = m->number,
	    .note = LISTING_AUTHORS | LISTING_CATEGORIES,
	};

	return show(q, &l);
}

/* A list of one of the groups of list, with its base path made from kind. */
static struct pages_answer show_group(const struct pages_request *q, const struct pages_match *m,
    const struct group_list *list, const char *kind, struct listing l)
{
	l.group = digest_group(list, m->name[0]);
	if (!l.group || (digest_count(l.group, q->now) == 0 && list != &q->digest->categories))
		return reply_not_found();
	l.base = arena_printf(q->arena, "/%s/%.*s/", kind, STR_ARGS(l.group->slug));
	l.followed = true;
	l.number = m->number;
	if (l.title.n == 0)
		l.title = l.group->name;
	return show(q, &l);
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
	struct listing l = {
	    .group = g,
	    .base = arena_printf(
		q->arena, "/archive/%.*s/%.*s/", STR_ARGS(m->name[0]), STR_ARGS(m->name[1])),
	    .number = m->number,
	    .note = LISTING_AUTHORS | LISTING_CATEGORIES,
	    .up = "/archive/",
	    .up_label = "All months",
	};

	if (!g || digest_count(g, q->now) == 0)
		return reply_not_found();
	l.title = g->name;
	return show(q, &l);
}
