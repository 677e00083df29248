#include "config.h"

#include "pages/sitemap.h"
#include "content/issue.h"
#include "pages/directory.h"
#include "pages/issues.h"
#include "pages/paging.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/static_page.h"
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

/* Counts so many pages if none of them is to be shown; nothing need be made of them then. */
static bool are_passed_over(struct walk *w, uint64_t pages)
{
	if (w->seen + pages > w->first && w->seen < w->last)
		return false;
	w->seen += pages;
	return true;
}

/* A list: its first page, then the others by their numbers. */
static void add_list(
    struct walk *w, struct str first, const char *prefix, uint32_t pages, struct str name)
{
	struct arena *a = w->q->arena;
	struct paging l = {.first = first, .prefix = prefix, .pages = pages};

	if (are_passed_over(w, pages))
		return;
	for (uint32_t i = 1; i <= pages; i++)
		if (is_next_shown(w))
			show(w, paging_path(a, &l, i), paging_title(a, name, i));
}

/* The pages of a list of so many entries. */
static uint32_t pages_of(const struct walk *w, uint32_t n)
{
	return paging_count(n, w->q->digest->site.page_size);
}

/* The list of a group's entries, of which n are due, in that kind of lists. */
static void add_group(struct walk *w, const char *kind, const struct group *g, uint32_t n)
{
	uint32_t pages = pages_of(w, n);

	if (!are_passed_over(w, pages))
		add_list(w, paths_group(w->q->arena, kind, g), "", pages, g->name);
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
		add_list(w, STR("/latest/"), "", pages_of(w, n), STR("All entries"));
}

static void add_categories(struct walk *w)
{
	const struct group_list *l = &w->q->digest->categories;

	if (l->n > 0)
		add_list(w, STR("/categories/"), "", 1, STR("All categories"));
	for (size_t i = 0; i < l->n; i++)
		add_group(w, "categories", l->items[i], digest_count(l->items[i], w->q->now));
}

/* Tags or authors, with their directory. */
static void add_topics(
    struct walk *w, const struct group_list *l, const char *kind, const char *label)
{
	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(w, arena_printf(w->q->arena, "/%s/", kind), "page_",
		    paging_count(l->n, DIRECTORY_PAGE), str_of(label));
	for (size_t i = 0; i < l->n; i++) {
		uint32_t n = digest_count(l->items[i], w->q->now);

		if (n > 0)
			add_group(w, kind, l->items[i], n);
	}
}

static void add_tags(struct walk *w)
{
	add_topics(w, &w->q->digest->tags, "tags", "All tags");
}

static void add_authors(struct walk *w)
{
	add_topics(w, &w->q->digest->authors, "authors", "All authors");
}

static void add_years(struct walk *w)
{
	const struct group_list *l = &w->q->digest->years;

	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(w, STR("/archive/"), "", 1, STR("All months"));
	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];

		if (digest_count(g, w->q->now) > 0 && is_next_shown(w))
			show(w, paths_year(w->q->arena, g), g->name);
	}
}

static void add_months(struct walk *w)
{
	const struct group_list *l = &w->q->digest->months;

	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];
		uint32_t n = digest_count(g, w->q->now);
		uint32_t pages = pages_of(w, n);

		if (n > 0 && !are_passed_over(w, pages))
			add_list(w, paths_month(w->q->arena, g), "", pages, g->name);
	}
}

static void add_issues(struct walk *w)
{
	const struct group_list *l = &w->q->digest->issues;

	if (digest_group_count(w->q->digest, l, w->q->now) > 0)
		add_list(w, STR("/issues/"), "", issues_list_pages(w->q), STR("All issues"));
	for (size_t i = 0; i < l->n; i++) {
		const struct group *g = l->items[i];
		uint32_t pages = issue_parts(w->q->digest, g, w->q->now);

		if (pages > 0 && !are_passed_over(w, pages))
			add_list(w, paths_issue(w->q->arena, g), "/", pages, issues_title(w->q, g));
	}
}

static void add_folder(struct walk *w, struct str path)
{
	add_list(w, path, STATIC_PAGE_TURN, static_page_folder_pages(w->q->digest, path),
	    str_skip(path, 1));
}

/* Only those to be shown are looked at: there may be very many. */
static void add_entries(struct walk *w)
{
	const struct group *all = &w->q->digest->all;
	uint32_t n = digest_count(all, w->q->now);
	uint64_t start = w->seen, end = start + n;
	const struct entry *e;

	if (are_passed_over(w, n))
		return;
	for (uint64_t i = start < w->first ? w->first : start; i < end && i < w->last; i++)
		if ((e = digest_at(all, w->q->now, (uint32_t)(i - start))))
			show(w, paths_entry(w->q->arena, e), e->title);
	w->seen = end;
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
			if (path.p[k] == '/')
				add_folder(w, str_sub(path, 0, k + 1));
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
	struct paging pages = {.first = STR("/sitemap/"), .prefix = "", .number = m->number};
	struct block *extent;

	w.last = w.first + SITEMAP_PAGE;
	w.page = reply_titled(q, paging_title(q->arena, STR("Sitemap"), m->number));
	page_gap(w.page);
	/* What it says is known at the end of the walk. */
	extent = page_add(w.page, BLOCK_TEXT, STR(""));
	walk(&w);
	pages.pages = paging_count(w.seen, SITEMAP_PAGE);
	if (m->number > pages.pages)
		return paging_past_end(q, &pages);
	extent->text = page_printf(w.page, "Every page there is, %.*s of them.%.*s",
	    STR_ARGS(wording_number(q->arena, w.seen)),
	    STR_ARGS(paging_position(q->arena, &pages)));
	page_gap(w.page);
	paging_turns(w.page, &pages);
	reply_foot(q, w.page);
	return reply_page(w.page);
}
