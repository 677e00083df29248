#include "config.h"

#include "pages/directory.h"
#include "base/utf8.h"
#include "pages/paging.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/wording.h"

#include <stdio.h>

static void add_group(struct page *p, const char *kind, const struct group *g, uint32_t n)
{
	page_link(p, paths_group(p->arena, kind, g),
	    page_printf(p, "%.*s (%.*s)", STR_ARGS(wording_cut(p->arena, g->name, DIRECTORY_NAME)),
		STR_ARGS(wording_number(p->arena, n))));
}

struct pages_answer directory_categories(const struct pages_request *q, const struct pages_match *m)
{
	const struct group_list *list = &q->digest->categories;
	struct page *p = reply_titled(q, STR("Categories"));

	(void)m;
	page_gap(p);
	page_text(p,
	    page_printf(p, "%.*s, %s its number of entries.",
		STR_ARGS(wording_count(q->arena, list->n, "category", "categories")),
		list->n == 1 ? "with" : "each with"));
	page_gap(p);
	for (size_t i = 0; i < list->n; i++) {
		add_group(p, "categories", list->items[i], digest_count(list->items[i], q->now));
		if (list->items[i]->description.n > 0)
			page_note(p,
			    wording_cut(
				q->arena, list->items[i]->description, DIRECTORY_DESCRIPTION));
	}
	reply_foot(q, p);
	return reply_page(p);
}

/* Names in other scripts have slugs made of code points (slug.h), and no place in this alphabet. */
static bool is_spelt_in_code_points(const struct group *g)
{
	char prefix[16];
	uint32_t c;

	utf8_decode(g->name, &c, NULL);
	snprintf(prefix, sizeof prefix, "u%x", (unsigned)c);
	return c >= 0x80 && str_starts(g->slug, str_of(prefix));
}

/* The heading that a name stands under: its first letter, or the digits together. */
static struct str initial(struct arena *a, const struct group *g)
{
	char c = g->slug.p[0];

	if (is_spelt_in_code_points(g))
		return STR("Other scripts");
	if (c >= '0' && c <= '9')
		return STR("0 to 9");
	return arena_printf(a, "%c", c - 'a' + 'A');
}

/* An alphabetical list, and the page of it to show. */
struct alphabet {
	const struct group_list *list;
	const char *kind; /* of the path, and what many are called */
	const char *one;
	struct paging pages;
};

/* The name that stands at that place in the list, or the last one. */
static struct str name_at(const struct page *p, const struct alphabet *l, size_t i)
{
	const struct group *g = l->list->items[i < l->list->n ? i : l->list->n - 1];

	return wording_cut(p->arena, g->name, DIRECTORY_END);
}

/*
 * A link to each page, with the names it begins and ends with; where there are
 * very many pages, to every second or third.
 */
static void add_pages(struct page *p, const struct alphabet *l)
{
	uint32_t pages = l->pages.pages, step = (pages - 1) / DIRECTORY_WAYS + 1;

	for (uint32_t i = 1; pages > 1 && i <= pages; i += step) {
		size_t first = (size_t)(i - 1) * DIRECTORY_PAGE;
		struct str from = name_at(p, l, first);
		struct str to = name_at(p, l, first + (size_t)step * DIRECTORY_PAGE - 1);

		if (i != l->pages.number)
			page_link(p, paging_path(p->arena, &l->pages, i),
			    page_printf(p, "%s %u: %.*s to %.*s", step > 1 ? "From page" : "Page",
				i, STR_ARGS(from), STR_ARGS(to)));
	}
}

static void add_names(const struct pages_request *q, struct page *p, const struct alphabet *l)
{
	size_t first = (size_t)(l->pages.number - 1) * DIRECTORY_PAGE;
	struct str letter = {0};

	for (size_t i = first; i < l->list->n && i < first + DIRECTORY_PAGE; i++) {
		const struct group *g = l->list->items[i];
		uint32_t entries = digest_count(g, q->now);
		struct str own = initial(q->arena, g);

		if (entries == 0)
			continue;
		if (!str_eq(letter, own)) {
			page_gap(p);
			page_heading(p, 3, own);
			letter = own;
		}
		add_group(p, l->kind, g, entries);
	}
}

/* How many names there are, and which page of them this is. */
static void add_total(
    const struct pages_request *q, struct page *p, const struct alphabet *l, size_t n)
{
	struct str count = wording_count(q->arena, n, l->one, l->kind);

	if (n == 0)
		page_text(p, page_printf(p, "There are no %s yet.", l->kind));
	else if (n == 1)
		page_text(p, page_printf(p, "%.*s, with its number of entries.", STR_ARGS(count)));
	else
		page_text(p,
		    page_printf(p,
			"%.*s, in alphabetical order, each with its number of entries.%.*s",
			STR_ARGS(count), STR_ARGS(paging_position(q->arena, &l->pages))));
}

static struct pages_answer show(
    const struct pages_request *q, struct alphabet l, struct str title, uint32_t number)
{
	struct page *p;

	l.pages = (struct paging){arena_printf(q->arena, "/%s/", l.kind), "page_", number,
	    paging_count(l.list->n, DIRECTORY_PAGE), STR("")};
	if (number > l.pages.pages)
		return paging_past_end(q, &l.pages);
	p = reply_titled(q, paging_title(q->arena, title, number));
	page_gap(p);
	add_total(q, p, &l, digest_group_count(q->digest, l.list, q->now));
	page_gap(p);
	add_pages(p, &l);
	add_names(q, p, &l);
	page_gap(p);
	paging_turns(p, &l.pages);
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer directory_tags(const struct pages_request *q, const struct pages_match *m)
{
	return show(q, (struct alphabet){.list = &q->digest->tags, .kind = "tags", .one = "tag"},
	    STR("Tags"), m->number);
}

struct pages_answer directory_authors(const struct pages_request *q, const struct pages_match *m)
{
	return show(q,
	    (struct alphabet){.list = &q->digest->authors, .kind = "authors", .one = "author"},
	    STR("Authors"), m->number);
}

/* The months of a year, newest first, from the place where the year's months begin. */
static void add_months(const struct pages_request *q, struct page *p, const struct group *year)
{
	const struct group_list *months = &q->digest->months;

	for (size_t i = 0; i < months->n; i++) {
		const struct group *g = months->items[i];
		uint32_t n;

		if (!str_starts(g->slug, year->slug) || (n = digest_count(g, q->now)) == 0)
			continue;
		page_link(p, paths_month(q->arena, g),
		    page_printf(p, "%.*s (%.*s)", STR_ARGS(g->name),
			STR_ARGS(wording_number(q->arena, n))));
	}
}

struct pages_answer directory_archive(const struct pages_request *q, const struct pages_match *m)
{
	const struct group_list *years = &q->digest->years;
	struct page *p = reply_titled(q, STR("Archive"));

	(void)m;
	page_gap(p);
	page_text(p,
	    digest_count(&q->digest->all, q->now) > 0
		? STR("Every month that has entries, newest first, with its number of entries.")
		: STR("There are no entries yet."));
	for (size_t i = 0; i < years->n; i++) {
		const struct group *g = years->items[i];
		uint32_t n = digest_count(g, q->now);

		if (n == 0)
			continue;
		page_gap(p);
		page_heading(p, 2, g->slug);
		page_gap(p);
		page_link(p, paths_year(q->arena, g),
		    page_printf(p, "The year %.*s (%.*s)", STR_ARGS(g->slug),
			STR_ARGS(wording_number(q->arena, n))));
		add_months(q, p, g);
	}
	reply_foot(q, p);
	return reply_page(p);
}

/* The year next to the one shown. */
static void add_year(const struct pages_request *q, struct page *p, const struct group *shown,
    int direction, const char *label)
{
	const struct group *g = digest_beside(&q->digest->years, shown, direction, q->now);

	if (g)
		page_link(p, paths_year(q->arena, g),
		    page_printf(p, "%s: %.*s", label, STR_ARGS(g->name)));
}

struct pages_answer directory_year(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->years, m->name[0]);
	uint32_t n = g ? digest_count(g, q->now) : 0;
	struct page *p;

	if (n == 0)
		return reply_not_found();
	p = reply_titled(q, g->slug);
	page_gap(p);
	page_text(p,
	    page_printf(p, "%.*s in %.*s, by month, newest first.",
		STR_ARGS(wording_count(q->arena, n, "entry", "entries")), STR_ARGS(g->slug)));
	page_gap(p);
	add_months(q, p, g);
	page_gap(p);
	add_year(q, p, g, -1, "Newer");
	add_year(q, p, g, 1, "Older");
	page_link(p, STR("/archive/"), STR("All months"));
	page_link(p, page_printf(p, "%.*s%s", STR_ARGS(paths_year(q->arena, g)), feed_atom.file),
	    page_printf(p, "All of %.*s in one file (Atom feed)", STR_ARGS(g->slug)));
	reply_foot(q, p);
	return reply_page(p);
}
