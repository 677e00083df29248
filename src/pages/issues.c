#include "config.h"

#include "pages/issues.h"
#include "pages/listing.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

/*
 * What an entry may take of a page, in bytes: a menu is the largest form, where
 * each line of text brings its four fields, and a line is seldom wrapped earlier.
 */
#define LINE_FIELDS 20
#define LINE_TEXT 60
#define ENTRY_FIXED 128

/* No page is over 64 KB; what is not an entry, and an estimate too low, have the rest. */
#define PAGE_BYTES ((size_t)56 * 1024)

/*
 * What an issue may take of a feed, in bytes: past the first its entries have no
 * summaries and links, past the second no more is named. A feed of FEEDS_ISSUES such, with
 * its markup, stays well below 2 MiB (C-09).
 */
#define PLAIN_SUMMARIES ((size_t)24 * 1024)
#define PLAIN_BYTES ((size_t)32 * 1024)

/* What there is to read in an issue, and the page of it that is shown. */
struct issue {
	const struct group *group;
	const struct entry **entries; /* the due ones, by category, in the request's arena */
	uint32_t n;                   /* of them */
	uint32_t first, end;          /* of them: those shown, from first to before end */
	uint32_t number, pages;       /* the page shown, from 1 */
};

struct str issues_title(const struct pages_request *q, const struct group *issue)
{
	struct date_span days = date_span(q->digest->site.issues, &issue->entries[0]->date);

	return q->digest->site.issues == DATE_WEEK ? wording_days(q->arena, &days) : issue->name;
}

static bool is_complete(const struct pages_request *q, const struct group *issue)
{
	return digest_issue_end(q->digest, issue) <= q->now;
}

/* ------------------------------------------------------------------------------- one issue */

/* An entry stands under the first of its categories only; these are in the digest's order. */
static struct issue gather(const struct pages_request *q, const struct group *g)
{
	const struct group_list *categories = &q->digest->categories;
	struct issue s = {.group = g};
	const struct entry *e;

	s.entries = arena_array(q->arena, digest_count(g, q->now), sizeof *s.entries);
	for (size_t k = 0; k < categories->n; k++)
		for (uint32_t i = 0; (e = digest_at(g, q->now, i)); i++)
			if (e->categories[0] == categories->items[k])
				s.entries[s.n++] = e;
	s.end = s.n;
	return s;
}

static size_t weight(const struct entry *e)
{
	size_t text = e->summary.n, lines = 1;

	for (size_t i = 0; i < e->summary.n; i++)
		lines += e->summary.p[i] == '\n';
	for (size_t i = 0; i < e->nauthors; i++)
		text += e->authors[i]->name.n;
	lines += text / LINE_TEXT;
	return ENTRY_FIXED + e->title.n + e->url.n + text + lines * LINE_FIELDS;
}

/* Counts the pages that the issue fills, and finds what is on that one; on none, it has no end. */
static void turn_to(struct issue *s, uint32_t number)
{
	size_t size = 0;

	s->number = number;
	s->end = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		size_t more = weight(s->entries[i]);

		if (i == 0 || size + more > PAGE_BYTES) {
			size = 0;
			if (++s->pages == number)
				s->first = i;
		}
		size += more;
		if (s->pages == number)
			s->end = i + 1;
	}
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
	gemtext_read(p, e->summary, page_printf(p, "/entries/%.*s", STR_ARGS(e->slug)), 2);
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

/* How many entries there are, and whether there may be more. */
static void add_count(const struct pages_request *q, struct page *p, const struct issue *s)
{
	const struct group *g = s->group;
	bool complete = is_complete(q, g);
	struct date_span days = date_span(q->digest->site.issues, &g->entries[0]->date);
	struct str more = STR("");

	if (!complete)
		more = page_printf(p, " It grows until the end of %.*s.",
		    STR_ARGS(wording_day(q->arena, &days.last)));
	else if (s->pages > 1)
		more = page_printf(p, " This is page %u of %u.", s->number, s->pages);
	page_gap(p);
	page_text(p,
	    page_printf(p, "%.*s%s: %.*s.%.*s", STR_ARGS(g->name), complete ? "" : ", so far",
		STR_ARGS(wording_count(q->arena, s->n, "entry", "entries")), STR_ARGS(more)));
}

static void add_neighbour(const struct pages_request *q, struct page *p, const struct group *g,
    int direction, const char *label)
{
	const struct group_list *issues = &q->digest->issues;
	size_t i = 0;

	while (issues->items[i] != g)
		i++;
	while (direction > 0 ? i + 1 < issues->n : i > 0) {
		i = direction > 0 ? i + 1 : i - 1;
		g = issues->items[i];
		if (digest_count(g, q->now) == 0)
			continue;
		page_link(p, page_printf(p, "/issues/%.*s", STR_ARGS(g->slug)),
		    page_printf(p, "%s: %.*s", label, STR_ARGS(issues_title(q, g))));
		return;
	}
}

static void add_ways_out(const struct pages_request *q, struct page *p, const struct issue *s)
{
	page_gap(p);
	page_heading(p, 2, STR("More"));
	page_gap(p);
	listing_turns(
	    p, page_printf(p, "/issues/%.*s", STR_ARGS(s->group->slug)), "/", s->number, s->pages);
	add_neighbour(q, p, s->group, -1, "Newer");
	add_neighbour(q, p, s->group, 1, "Older");
	page_link(p, STR("/issues/"), STR("All issues"));
}

uint32_t issues_pages(const struct pages_request *q, const struct group *issue)
{
	struct issue s = gather(q, issue);

	turn_to(&s, 0);
	return s.pages;
}

struct pages_answer issues_issue(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->issues, m->name[0]);
	struct issue s;
	struct str title;
	struct page *p;

	if (!g)
		return reply_not_found();
	s = gather(q, g);
	if (s.n == 0)
		return reply_not_found();
	turn_to(&s, m->number);
	if (s.end == 0)
		return listing_past_end(
		    q, arena_printf(q->arena, "/issues/%.*s", STR_ARGS(g->slug)), "/", s.pages);
	title = issues_title(q, g);
	p = reply_titled(q,
	    s.number == 1 ? title
			  : arena_printf(q->arena, "%.*s, page %u", STR_ARGS(title), s.number));
	add_count(q, p, &s);
	add_entries(q, p, &s);
	add_ways_out(q, p, &s);
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

/* "Week 46: 11 to 17 November 2019 (39)", or "November 2019 (111)" */
static struct str describe(const struct pages_request *q, const struct group *g)
{
	struct str title = issues_title(q, g), n;
	int year;

	n = wording_number(q->arena, digest_count(g, q->now));
	if (q->digest->site.issues != DATE_WEEK)
		return arena_printf(q->arena, "%.*s (%.*s)", STR_ARGS(title), STR_ARGS(n));
	return arena_printf(q->arena, "Week %d: %.*s (%.*s)",
	    date_week(&g->entries[0]->date, &year), STR_ARGS(title), STR_ARGS(n));
}

static void add_issue(const struct pages_request *q, struct page *p, const struct group *g)
{
	struct date_span days = date_span(q->digest->site.issues, &g->entries[0]->date);
	struct buf label = {0};

	date_iso(&label, &days.last);
	page_link(p, page_printf(p, "/issues/%.*s", STR_ARGS(g->slug)),
	    page_printf(p, "%.*s %.*s", STR_ARGS(buf_str(&label)), STR_ARGS(describe(q, g))));
	buf_free(&label);
}

/* The issues that still grow: this week's, and at its end perhaps the next in the far east. */
static void add_growing(const struct pages_request *q, struct page *p, size_t complete)
{
	for (size_t i = 0; i < complete; i++) {
		const struct group *g = q->digest->issues.items[i];

		if (digest_count(g, q->now) > 0)
			page_link(p, page_printf(p, "/issues/%.*s", STR_ARGS(g->slug)),
			    page_printf(p, "Not complete yet: %.*s", STR_ARGS(describe(q, g))));
	}
}

uint32_t issues_list_pages(const struct pages_request *q)
{
	const struct digest *d = q->digest;

	return listing_pages(d->issues.n - digest_complete(d, q->now), d->site.page_size);
}

struct pages_answer issues_list(const struct pages_request *q, const struct pages_match *m)
{
	const struct group_list *issues = &q->digest->issues;
	size_t complete = digest_complete(q->digest, q->now), total = issues->n - complete;
	uint32_t size = q->digest->site.page_size, pages = issues_list_pages(q);
	size_t first = complete + (size_t)(m->number - 1) * size;
	struct page *p;

	if (m->number > pages)
		return listing_past_end(q, STR("/issues/"), "", pages);
	p = reply_titled(q,
	    m->number == 1 ? STR("Issues") : arena_printf(q->arena, "Issues, page %u", m->number));
	page_gap(p);
	page_text(p,
	    total == 0
		? STR("No issue is complete yet.")
		: page_printf(p, "%.*s, one a %s, newest first, each with its number of entries.%s",
		      STR_ARGS(wording_count(q->arena, total, "issue", "issues")),
		      q->digest->site.issues == DATE_WEEK ? "week" : "month",
		      pages > 1 ? page_printf(p, " This is page %u of %u.", m->number, pages).p
				: ""));
	page_gap(p);
	if (m->number == 1)
		add_growing(q, p, complete);
	page_gap(p);
	for (size_t i = first; i < issues->n && i < first + size; i++)
		add_issue(q, p, issues->items[i]);
	page_gap(p);
	listing_turns(p, STR("/issues/"), "", m->number, pages);
	if (m->number == 1)
		page_link(p, STR("/issues/atom.xml"), STR("Follow the issues (Atom feed)"));
	reply_foot(q, p);
	return reply_page(p);
}
