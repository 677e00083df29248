#include "config.h"

#include "pages/front.h"
#include "pages/listing.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"
#include "render/link.h"

/* "All 2,224 entries, 2018 to 2023" */
static struct str extent(const struct pages_request *q, uint32_t n)
{
	const struct group *all = &q->digest->all;
	int oldest = digest_at(all, q->now, n - 1)->date.year,
	    newest = digest_at(all, q->now, 0)->date.year;
	struct str count = wording_count(q->arena, n, "entry", "entries");

	if (oldest == newest)
		return arena_printf(
		    q->arena, "%s%.*s, from %d", n > 1 ? "All " : "", STR_ARGS(count), newest);
	return arena_printf(q->arena, "All %.*s, from %d to %d", STR_ARGS(count), oldest, newest);
}

/* "By category (16)", when there are any. */
static void add_way(struct page *p, const char *path, const char *label, size_t n)
{
	if (n > 0)
		page_link(p, str_of(path),
		    page_printf(p, "%s (%.*s)", label, STR_ARGS(wording_number(p->arena, n))));
}

/* G-22: the first item tells about this place. */
static void add_ways(const struct pages_request *q, struct page *p)
{
	const struct digest *d = q->digest;
	uint32_t n = digest_count(&d->all, q->now);
	struct str rest, title;

	for (size_t i = 0; i < d->npages; i++) {
		title = gemtext_title(d->pages[i].text, &rest);
		page_link(p, d->pages[i].path, title.n ? title : str_skip(d->pages[i].path, 1));
	}
	if (n > 0) {
		page_add(p, BLOCK_PROMPT, STR("Search"))->target = STR(LINK_SEARCH);
		page_link(p, STR("/latest/"), extent(q, n));
	}
	add_way(p, "/issues/",
	    d->site.issues == DATE_WEEK ? "Issues, one a week" : "Issues, one a month",
	    digest_group_count(d, &d->issues, q->now));
	add_way(p, "/archive/", "By month", digest_group_count(d, &d->months, q->now));
	add_way(p, "/categories/", "By category", d->categories.n);
	add_way(p, "/tags/", "By tag", digest_group_count(d, &d->tags, q->now));
	add_way(p, "/authors/", "By author", digest_group_count(d, &d->authors, q->now));
	if (n > 0)
		page_link(p, STR("/random"), STR("A random entry"));
	page_link(p, STR("/feeds/"), STR("Feeds, to follow all of this or a part"));
	if (d->nfiles > 0)
		page_link(p, STR("/files/"), STR("Files"));
	page_link(p, STR("/sitemap/"), STR("Sitemap"));
}

static void add_latest(const struct pages_request *q, struct page *p)
{
	const struct digest *d = q->digest;
	uint32_t n = digest_count(&d->all, q->now);
	const struct entry *e;

	page_heading(p, 2, STR("Latest"));
	page_gap(p);
	for (uint32_t i = 0; i < d->site.latest && (e = digest_at(&d->all, q->now, i)); i++)
		listing_entry(q, p, e, LISTING_BARE);
	if (n > d->site.latest) {
		page_gap(p);
		page_link(p, STR("/latest/"), STR("More: all entries, newest first"));
	}
}

struct pages_answer front_page(const struct pages_request *q, const struct pages_match *m)
{
	const struct site *s = &q->digest->site;
	struct page *p = page_new(q->arena, s->title, s->language);

	(void)m;
	if (s->subtitle.n > 0)
		page_add(p, BLOCK_SUBTITLE, s->subtitle);
	page_gap(p);
	gemtext_read(p, s->description, STR("/"), 2);
	page_gap(p);
	add_ways(q, p);
	page_gap(p);
	if (digest_count(&q->digest->all, q->now) > 0)
		add_latest(q, p);
	else
		page_text(p, STR("There are no entries yet."));
	reply_imprint(q, p);
	reply_foot(q, p);
	return reply_page(p);
}
