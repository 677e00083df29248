#include "config.h"

#include "pages/sitemap.h"
#include "pages/directory.h"
#include "pages/issues.h"
#include "pages/listing.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

/*
 * A walk past every page, of which those on one page of the sitemap are shown.
 * The others are only counted: nothing is made of them.
 */
struct walk {
	const struct pages_request *q;
	struct page *page;
	uint64_t first, last;      /* the pages to show, as counted; last not included */
	uint64_t seen;             /* pages counted so far */
	const char *heading;       /* of the kind at hand */
	const char *shown_heading; /* of the page shown last */
};

/* Counts one more page, and says whether it is to be shown. */
static bool is_next_shown(struct walk *w)
{
	uint64_t i = w->seen++;

	return i >= w->first && i < w->last;
}

static void show(struct walk *w, struct str path, struct str label)
{
	if (w->heading != w->shown_heading) {
		page_gap(w->page);
		page_heading(w->page, 2, str_of(w->heading));
		page_gap(w->page);
		w->shown_heading = w->heading;
	}
	page_link(w->page, path, label);
}

/* A list: its first page, then the others by their numbers. */
static void add_list(
    struct walk *w, struct str first, const char *prefix, uint32_t pages, struct str name)
{
	struct arena *a = w->q->arena;

	for (uint32_t i = 1; i <= pages; i++)
		if (is_next_shown(w))
			show(w, listing_path(a, first, prefix, i),
			    i == 1 ? name : arena_printf(a, "%.*s, page %u", STR_ARGS(name), i));
}

/* Counts so many pages if none of them is to be shown; no path need be made for them then. */
static bool are_passed_over(struct walk *w, uint64_t pages)
{
	if (w->seen + pages > w->first && w->seen < w->last)
		return false;
	w->seen += pages;
	return true;
}

/* The list of a group's entries, of which n are due, below a path that ends in a slash. */
static void add_group(struct walk *w, const char *above, const struct group *g, uint32_t n)
{
	uint32_t pages = listing_pages(n, w->q->digest->site.page_size);

	if (!are_passed_over(w, pages))
		add_list(w, arena_printf(w->q->arena, "%s%.*s/", above, STR_ARGS(g->slug)), "",
		    pages, g->name);
}

static void add_fixed(struct walk *w)
{
	const struct digest *d = w->q->digest;
	struct str rest, title;

	if (is_next_shown(w))
		show(w, STR("/"), d->site.title);
	for (size_t i = 0; i < d->npages; i++) {
		if (!is_next_shown(w))
			continue;
		title = gemtext_title(d->pages[i].text, &rest);
		show(w, d->pages[i].path, title.n ? title : str_skip(d->pages[i].path, 1));
	}
	if (is_next_shown(w))
		show(w, STR("/feeds/"), STR("Feeds"));
}

static void add_latest(struct walk *w)
{
	uint32_t n = digest_count(&w->q->digest->all, w->q->now);

	if (n > 0)
		add_list(w, STR("/latest/"), "", listing_pages(n, w->q->digest->site.page_size),
		    STR("All entries"));
}

static void add_categories(struct walk *w)
{
	const struct group_list *l = &w->q->digest->categories;

	if (l->n > 0)
		add_list(w, STR("/categories/"), "", 1, STR("All categories"));
	for (size_t i = 0; i < l->n; i++)
		add_group(w, "/categories/", l->items[i], digest_count(l->items[i], w->q->now));
}

/* Tags or authors, with their directory. */
static void add_topics(
    struct walk *w, const struct group_list *l, const char *above, const char *label)
{
	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(
		    w, str_of(above), "page_", listing_pages(l->n, DIRECTORY_PAGE), str_of(label));
	for (size_t i = 0; i < l->n; i++) {
		uint32_t n = digest_count(l->items[i], w->q->now);

		if (n > 0)
			add_group(w, above, l->items[i], n);
	}
}

static void add_tags(struct walk *w)
{
	add_topics(w, &w->q->digest->tags, "/tags/", "All tags");
}

static void add_authors(struct walk *w)
{
	add_topics(w, &w->q->digest->authors, "/authors/", "All authors");
}

static void add_years(struct walk *w)
{
	const struct group_list *l = &w->q->digest->years;

	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(w, STR("/archive/"), "", 1, STR("All months"));
	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];

		if (digest_count(g, w->q->now) > 0 && is_next_shown(w))
			show(w, arena_printf(w->q->arena, "/archive/%.*s/", STR_ARGS(g->slug)),
			    g->name);
	}
}

static void add_months(struct walk *w)
{
	const struct group_list *l = &w->q->digest->months;

	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];
		uint32_t n = digest_count(g, w->q->now);
		uint32_t pages = listing_pages(n, w->q->digest->site.page_size);

		if (n > 0 && !are_passed_over(w, pages))
			add_list(w,
			    arena_printf(
				w->q->arena, "/archive/%.4s/%.2s/", g->slug.p, g->slug.p + 5),
			    "", pages, g->name);
	}
}

static void add_issues(struct walk *w)
{
	const struct group_list *l = &w->q->digest->issues;

	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(w, STR("/issues/"), "", issues_list_pages(w->q), STR("All issues"));
	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];

		if (digest_count(g, w->q->now) > 0)
			add_list(w, arena_printf(w->q->arena, "/issues/%.*s", STR_ARGS(g->slug)),
			    "/", issues_pages(w->q, g), issues_title(w->q, g));
	}
}

static void add_entries(struct walk *w)
{
	const struct group *all = &w->q->digest->all;
	uint32_t n = digest_count(all, w->q->now);
	const struct entry *e;

	if (are_passed_over(w, n))
		return;
	for (uint32_t i = 0; i < n; i++)
		if (is_next_shown(w) && (e = digest_at(all, w->q->now, i)))
			show(w, arena_printf(w->q->arena, "/entries/%.*s", STR_ARGS(e->slug)),
			    e->title);
}

/* The files, and before the first file of a folder the folder; the list is sorted by path. */
static void add_files(struct walk *w)
{
	const struct digest *d = w->q->digest;
	struct str before = STR("");

	for (size_t i = 0; i < d->nfiles; i++) {
		struct str path = d->files[i].path;
		size_t same = 0;

		while (same < before.n && same < path.n && before.p[same] == path.p[same])
			same++;
		for (size_t k = same ? same : 1; k < path.n; k++)
			if (path.p[k] == '/' && is_next_shown(w))
				show(w, str_sub(path, 0, k + 1), str_sub(path, 1, k + 1));
		if (is_next_shown(w))
			show(w, path, str_skip(path, 1));
		before = path;
	}
}

static const struct kind {
	const char *heading;
	void (*add)(struct walk *w);
} kinds[] = {
    {"Pages", add_fixed},
    {"Lists of all entries", add_latest},
    {"Categories", add_categories},
    {"Tags", add_tags},
    {"Authors", add_authors},
    {"Years", add_years},
    {"Months", add_months},
    {"Issues", add_issues},
    {"Entries", add_entries},
    {"Files", add_files},
};

static void walk(struct walk *w)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		w->heading = kinds[i].heading;
		kinds[i].add(w);
	}
}

struct pages_answer sitemap(const struct pages_request *q, const struct pages_match *m)
{
	struct walk w = {.q = q, .first = (uint64_t)(m->number - 1) * SITEMAP_PAGE};
	struct block *extent;
	uint32_t pages;

	w.last = w.first + SITEMAP_PAGE;
	w.page = reply_titled(q,
	    m->number == 1 ? STR("Sitemap")
			   : arena_printf(q->arena, "Sitemap, page %u", m->number));
	page_gap(w.page);
	/* What it says is known at the end of the walk. */
	extent = page_add(w.page, BLOCK_TEXT, STR(""));
	walk(&w);
	pages = listing_pages(w.seen, SITEMAP_PAGE);
	if (m->number > pages)
		return listing_past_end(q, STR("/sitemap/"), "", pages);
	extent->text = page_printf(w.page, "Every page there is, %.*s of them.%s",
	    STR_ARGS(wording_number(q->arena, w.seen)),
	    pages > 1 ? page_printf(w.page, " This is page %u of %u.", m->number, pages).p : "");
	page_gap(w.page);
	listing_turns(w.page, STR("/sitemap/"), "", m->number, pages);
	reply_foot(q, w.page);
	return reply_page(w.page);
}
