#include "config.h"

#include "pages/issues.h"
#include "content/issue.h"
#include "pages/entry_page.h"
#include "pages/paging.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

/*
 * What an issue may take of a feed, in bytes: past the first its entries have no
 * summaries and links, past the second no more is named. A feed of FEEDS_ISSUES such, with
 * its markup, stays well below 2 MiB (C-09).
 */
#define PLAIN_SUMMARIES ((size_t)24 * 1024)
#define PLAIN_BYTES ((size_t)32 * 1024)

struct str issues_title(const struct pages_request *q, const struct group *issue)
{
	struct date_span days = digest_issue_days(q->digest, issue);
	int year;

	if (q->digest->site.issues != DATE_WEEK)
		return arena_printf(q->arena, "Issue of %.*s", STR_ARGS(issue->name));
	return arena_printf(q->arena, "Week %d, %.*s", date_week(&issue->entries[0]->date, &year),
	    STR_ARGS(wording_days(q->arena, &days)));
}

static bool is_complete(const struct pages_request *q, const struct group *issue)
{
	return digest_issue_end(q->digest, issue) <= q->now;
}

/* ------------------------------------------------------------------------------- one issue */

/* All that is due of it. */
static struct issue gather(const struct pages_request *q, const struct group *g)
{
	return issue_read(q->digest, g, q->now, 1, q->arena);
}

static void add_entry(const struct pages_request *q, struct page *p, const struct entry *e)
{
	page_gap(p);
	page_link(p, e->url, e->title);
	p->inset = true;
	if (e->nauthors > 0)
		page_text(p,
		    page_printf(
			p, "By %.*s", STR_ARGS(wording_names(q->arena, e->authors, e->nauthors))));
	page_gap(p);
	gemtext_read(p, e->summary, paths_entry(q->arena, e), 2);
	page_gap(p);
	entry_page_links(p, e);
	p->inset = false;
}

static void add_entries(const struct pages_request *q, struct page *p, const struct issue *s)
{
	for (uint32_t i = s->first; i < s->end; i++) {
		const struct entry *e = s->entries[i];

		if (i == s->first || e->categories[0] != s->entries[i - 1]->categories[0]) {
			page_gap(p);
			page_heading(p, 2, e->categories[0]->name);
		}
		add_entry(q, p, e);
	}
}

/* How many entries there are, whether there may be more, and which page this is. */
static void add_count(const struct pages_request *q, struct page *p, const struct group *g,
    uint32_t n, const struct paging *pages)
{
	struct date_span days = digest_issue_days(q->digest, g);
	struct str count = wording_count(q->arena, n, "entry", "entries");
	struct str more = STR("");

	if (!is_complete(q, g))
		more = page_printf(p, " so far. It is complete when %.*s is over",
		    STR_ARGS(wording_day(q->arena, &days.last)));
	page_gap(p);
	page_text(p,
	    page_printf(p, "%.*s%.*s.%.*s", STR_ARGS(count), STR_ARGS(more),
		STR_ARGS(paging_position(q->arena, pages))));
}

static void add_neighbour(const struct pages_request *q, struct page *p, const struct group *shown,
    int direction, const char *label)
{
	const struct group *g = digest_beside(&q->digest->issues, shown, direction, q->now);

	if (g)
		page_link(p, paths_issue(q->arena, g),
		    page_printf(p, "%s: %.*s", label, STR_ARGS(issues_title(q, g))));
}

static void add_ways_out(const struct pages_request *q, struct page *p, const struct group *g,
    const struct paging *pages)
{
	page_gap(p);
	page_heading(p, 2, STR("More"));
	page_gap(p);
	paging_turns(p, pages);
	add_neighbour(q, p, g, -1, "Newer");
	add_neighbour(q, p, g, 1, "Older");
	page_link(p, STR("/issues/"), STR("All issues"));
}

struct pages_answer issues_issue(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->issues, m->name[0]);
	struct paging pages = {.prefix = "/", .number = m->number};
	struct issue s;
	struct page *p;

	if (!g || digest_count(g, q->now) == 0)
		return reply_not_found();
	pages.first = paths_issue(q->arena, g);
	pages.pages = issue_parts(q->digest, g, q->now);
	if (m->number > pages.pages)
		return paging_past_end(q, &pages);
	/* To find a part, what stands before it has to be weighed. */
	if (pages.pages > 1 && !q->patient)
		return reply_later();
	s = issue_read(q->digest, g, q->now, m->number, q->arena);
	p = reply_titled(q, paging_title(q->arena, issues_title(q, g), m->number));
	add_count(q, p, g, s.n, &pages);
	add_entries(q, p, &s);
	add_ways_out(q, p, g, &pages);
	reply_foot(q, p);
	return reply_page(p);
}

static void plain_title(const struct pages_request *q, const struct entry *e, struct buf *out)
{
	struct str names = wording_names(q->arena, e->authors, e->nauthors);

	buf_printf(out, "%.*s%s%.*s\n%.*s\n\n", STR_ARGS(e->title), names.n ? ", by " : "",
	    STR_ARGS(names), STR_ARGS(e->url));
}

/* Appends the summary and the links, unless the text that begins at start gets too long by them. */
static bool plain_summary(const struct entry *e, struct buf *out, size_t start)
{
	size_t before = out->len;

	gemtext_readable(out, e->summary);
	if (out->len > before)
		buf_addz(out, "\n\n");
	for (size_t i = 0; i < e->nlinks; i++)
		buf_printf(out, "%.*s: %.*s\n%s", STR_ARGS(e->links[i].label),
		    STR_ARGS(e->links[i].url), i + 1 == e->nlinks ? "\n" : "");
	if (out->len - start <= PLAIN_SUMMARIES)
		return true;
	out->len = before;
	return false;
}

void issues_plain(const struct pages_request *q, const struct group *issue, struct buf *out)
{
	struct issue s = gather(q, issue);
	size_t start = out->len;
	bool summaries = true;
	uint32_t i;

	for (i = 0; i < s.n && out->len - start < PLAIN_BYTES; i++) {
		const struct entry *e = s.entries[i];

		if (i == 0 || e->categories[0] != s.entries[i - 1]->categories[0])
			buf_printf(out, "%.*s\n\n", STR_ARGS(e->categories[0]->name));
		plain_title(q, e, out);
		summaries = summaries && plain_summary(e, out, start);
	}
	if (i < s.n)
		buf_printf(out, "And %.*s more\n", STR_ARGS(wording_number(q->arena, s.n - i)));
}

/* ------------------------------------------------------------------------------ all issues */

/* "Week 46, 11 to 17 November 2019 (39)", or "Issue of November 2019 (111)" */
static struct str describe(const struct pages_request *q, const struct group *g)
{
	return arena_printf(q->arena, "%.*s (%.*s)", STR_ARGS(issues_title(q, g)),
	    STR_ARGS(wording_number(q->arena, digest_count(g, q->now))));
}

static void add_issue(const struct pages_request *q, struct page *p, const struct group *g)
{
	struct date_span days = digest_issue_days(q->digest, g);
	struct buf label = {0};

	date_iso(&label, &days.last);
	page_link(p, paths_issue(q->arena, g),
	    page_printf(p, "%.*s %.*s", STR_ARGS(buf_str(&label)), STR_ARGS(describe(q, g))));
	buf_free(&label);
}

/* The issues that still grow: this week's, and at its end perhaps the next in the far east. */
static void add_growing(const struct pages_request *q, struct page *p, size_t complete)
{
	for (size_t i = 0; i < complete; i++) {
		const struct group *g = q->digest->issues.items[i];

		if (digest_count(g, q->now) > 0)
			page_link(p, paths_issue(q->arena, g),
			    page_printf(p, "Not complete yet: %.*s", STR_ARGS(describe(q, g))));
	}
}

/* How many issues are complete, and which page of them this is. */
static void add_total(
    const struct pages_request *q, struct page *p, size_t total, const struct paging *pages)
{
	struct str count = wording_count(q->arena, total, "issue", "issues");
	const char *each = q->digest->site.issues == DATE_WEEK ? "week" : "month";

	if (total == 0)
		page_text(p, STR("No issue is complete yet."));
	else if (total == 1)
		page_text(p, page_printf(p, "%.*s.", STR_ARGS(count)));
	else
		page_text(p,
		    page_printf(p,
			"%.*s, one a %s, newest first, each with its number of entries.%.*s",
			STR_ARGS(count), each, STR_ARGS(paging_position(q->arena, pages))));
}

uint32_t issues_list_pages(const struct pages_request *q)
{
	const struct digest *d = q->digest;

	return paging_count(d->issues.n - digest_complete(d, q->now), d->site.page_size);
}

struct pages_answer issues_list(const struct pages_request *q, const struct pages_match *m)
{
	const struct group_list *issues = &q->digest->issues;
	size_t complete = digest_complete(q->digest, q->now);
	uint32_t size = q->digest->site.page_size;
	size_t first = complete + (size_t)(m->number - 1) * size;
	struct paging pages = {STR("/issues/"), "", m->number, issues_list_pages(q), STR("")};
	struct page *p;

	if (m->number > pages.pages)
		return paging_past_end(q, &pages);
	p = reply_titled(q, paging_title(q->arena, STR("Issues"), m->number));
	page_gap(p);
	add_total(q, p, issues->n - complete, &pages);
	page_gap(p);
	if (m->number == 1)
		add_growing(q, p, complete);
	page_gap(p);
	for (size_t i = first; i < issues->n && i < first + size; i++)
		add_issue(q, p, issues->items[i]);
	page_gap(p);
	paging_turns(p, &pages);
	if (m->number == 1)
		page_link(p, STR("/issues/atom.xml"), STR("Follow the issues (Atom feed)"));
	reply_foot(q, p);
	return reply_page(p);
}
