#include "config.h"

#include "pages/feeds.h"
#include "pages/issues.h"
#include "pages/paths.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

/*
 * A feed of this digest without items, of the list at that path, which the feed's
 * id has too; titled "SITE: TITLE", or SITE where title is empty.
 */
static struct feed *new_feed(const struct pages_request *q, struct str list, struct str title)
{
	const struct site *s = &q->digest->site;
	struct feed *f = feed_new(q->arena, s->title, list);

	if (title.n > 0)
		f->title =
		    arena_printf(q->arena, "%.*s: %.*s", STR_ARGS(s->title), STR_ARGS(title));
	f->prefix = s->id;
	f->subtitle = s->subtitle;
	f->language = s->language;
	f->rights = s->licence;
	f->author = (struct feed_person){s->editor.name, s->editor.url, s->editor.email};
	return f;
}

static bool every_item_has_author(const struct feed *f)
{
	for (const struct feed_item *i = f->first; i; i = i->next)
		if (i->nauthors == 0)
			return false;
	return f->first != NULL;
}

/* Sees to it that each item has an author, if only through the feed's (F-04). */
static struct pages_answer finish(
    const struct pages_request *q, struct feed *f, const struct feed_format *format)
{
	f->path = q->path;
	if (f->author.name.n == 0 && !every_item_has_author(f))
		f->author.name = q->digest->site.title;
	return (struct pages_answer){.kind = PAGES_FEED, .feed = f, .format = format};
}

/* ------------------------------------------------------------------------------ their items */

static void add_authors(struct feed *f, struct feed_item *item, const struct entry *e)
{
	struct feed_person *authors = arena_array(f->arena, e->nauthors, sizeof *authors);

	for (size_t i = 0; i < e->nauthors; i++)
		authors[i] = (struct feed_person){e->authors[i]->name, e->authors[i]->url, {0}};
	item->authors = authors;
	item->nauthors = e->nauthors;
}

static void add_terms(struct feed *f, struct feed_item *item, const struct entry *e)
{
	size_t n = (size_t)e->ncategories + e->ntags;
	struct feed_term *terms = arena_array(f->arena, n, sizeof *terms);

	for (size_t i = 0; i < n; i++) {
		bool tag = i >= e->ncategories;
		const struct group *g = tag ? e->tags[i - e->ncategories] : e->categories[i];

		terms[i] = (struct feed_term){g->name, g->slug, tag ? "/tags/" : "/categories/"};
	}
	item->terms = terms;
	item->nterms = n;
}

static void add_links(struct feed *f, struct feed_item *item, const struct entry *e)
{
	struct feed_link *links = arena_array(f->arena, e->nlinks, sizeof *links);

	for (size_t i = 0; i < e->nlinks; i++)
		links[i] = (struct feed_link){e->links[i].url, e->links[i].label};
	item->links = links;
	item->nlinks = e->nlinks;
}

static struct str entry_path(struct feed *f, struct str slug)
{
	return arena_printf(f->arena, "/entries/%.*s", STR_ARGS(slug));
}

/* By its id it is known to the readers who saw it under the slug that it began with (F-11). */
static void add_entry(const struct pages_request *q, struct feed *f, const struct entry *e)
{
	struct feed_item *item = feed_add(f, entry_path(f, e->slug), e->title);
	struct buf text = {0};

	if (e->naliases > 0)
		item->id = entry_path(f, e->aliases[0]);
	/* Feed readers show the permalink and the text, and no link of another kind. */
	gemtext_readable(&text, e->summary);
	buf_printf(&text, "%s%.*s", text.len > 0 ? "\n\n" : "", STR_ARGS(e->url));
	item->text = arena_str(f->arena, buf_str(&text));
	buf_free(&text);
	item->url = e->url;
	item->date = e->date;
	item->updated = digest_updated(e, q->now);
	if (!str_eq_nocase(e->language, f->language))
		item->language = e->language;
	add_authors(f, item, e);
	add_terms(f, item, e);
	add_links(f, item, e);
}

static void add_newest(const struct pages_request *q, struct feed *f, const struct group *g)
{
	const struct entry *e;

	for (uint32_t i = 0; i < FEEDS_NEWEST && (e = digest_at(g, q->now, i)); i++)
		add_entry(q, f, e);
}

/* --------------------------------------------------------------------------- feeds of lists */

/* How many documents of the archive the year fills; none while nothing in it is due. */
static uint32_t documents(const struct pages_request *q, const struct group *year)
{
	uint32_t n = digest_count(year, q->now);

	return n / FEEDS_DOCUMENT + (n % FEEDS_DOCUMENT > 0);
}

/* The path of a document, from 1, of a year; the first has the year's newest entries. */
static struct str document_path(
    const struct pages_request *q, const struct group *year, uint32_t number)
{
	struct str folder = paths_year(q->arena, year);

	if (number > 1)
		folder = arena_printf(q->arena, "%.*spart_%u/", STR_ARGS(folder), number);
	return arena_printf(q->arena, "%.*s%s", STR_ARGS(folder), feed_atom.file);
}

static const struct group *newest_year(const struct pages_request *q)
{
	const struct group_list *years = &q->digest->years;

	for (size_t i = 0; i < years->n; i++)
		if (digest_count(years->items[i], q->now) > 0)
			return years->items[i];
	return NULL;
}

/*
 * The paths of the documents before and after that of the year; or of the newest one
 * when year is NULL.
 */
static void link_archive(
    const struct pages_request *q, struct feed *f, const struct group *year, uint32_t number)
{
	const struct group_list *years = &q->digest->years;
	const struct group *newer = year ? digest_beside(years, year, -1, q->now) : NULL,
			   *older = year ? digest_beside(years, year, 1, q->now) : newest_year(q);

	if (year && number < documents(q, year))
		f->older = document_path(q, year, number + 1);
	else if (older)
		f->older = document_path(q, older, 1);
	if (number > 1)
		f->newer = document_path(q, year, number - 1);
	else if (newer)
		f->newer = document_path(q, newer, documents(q, newer));
}

struct pages_answer feeds_latest(const struct pages_request *q, const struct pages_match *m)
{
	const struct feed_format *format = feed_format_of_file(m->name[0]);
	struct feed *f;

	if (!format)
		return reply_not_found();
	f = new_feed(q, STR("/latest/"), STR(""));
	link_archive(q, f, NULL, 1);
	add_newest(q, f, &q->digest->all);
	return finish(q, f, format);
}

/* The feed of one of the groups of list, whose title begins with that. */
static struct pages_answer feed_group(const struct pages_request *q, const struct pages_match *m,
    const struct group_list *list, const char *kind, const char *begins)
{
	const struct feed_format *format = feed_format_of_file(m->name[1]);
	const struct group *g = digest_group(list, m->name[0]);
	struct feed *f;

	if (!format || !g || (digest_count(g, q->now) == 0 && list != &q->digest->categories))
		return reply_not_found();
	f = new_feed(q, paths_group(q->arena, kind, g),
	    arena_printf(q->arena, "%s%.*s", begins, STR_ARGS(g->name)));
	if (g->first_slug.n > 0)
		f->id = arena_printf(q->arena, "/%s/%.*s/", kind, STR_ARGS(g->first_slug));
	if (g->description.n > 0)
		f->subtitle = g->description;
	add_newest(q, f, g);
	return finish(q, f, format);
}

struct pages_answer feeds_category(const struct pages_request *q, const struct pages_match *m)
{
	return feed_group(q, m, &q->digest->categories, "categories", "");
}

struct pages_answer feeds_tag(const struct pages_request *q, const struct pages_match *m)
{
	return feed_group(q, m, &q->digest->tags, "tags", "tagged ");
}

struct pages_answer feeds_author(const struct pages_request *q, const struct pages_match *m)
{
	return feed_group(q, m, &q->digest->authors, "authors", "by ");
}

/*
 * When the newest of what was updated in the issue was, if after its last day. An
 * entry that was added later shows by this alone: its date is in the issue, and
 * when it came in nobody knows but who wrote it.
 */
static struct date issue_updated(
    const struct pages_request *q, const struct group *g, const struct date *last)
{
	struct date newest = {0};
	const struct entry *e;

	for (uint32_t i = 0; (e = digest_at(g, q->now, i)); i++) {
		struct date d = digest_updated(e, q->now);

		if (d.year && date_moment(&d) > date_moment(newest.year ? &newest : last))
			newest = d;
	}
	return newest;
}

/* Its date is the issue's last day, as in the list of issues. */
static void add_issue(const struct pages_request *q, struct feed *f, const struct group *g)
{
	struct date_span days = digest_issue_days(q->digest, g);
	struct feed_item *item = feed_add(f, paths_issue(q->arena, g), issues_title(q, g));
	struct buf text = {0};

	issues_plain(q, g, &text);
	item->text = arena_str(q->arena, str_trim(buf_str(&text)));
	item->date = days.last;
	item->updated = issue_updated(q, g, &days.last);
	buf_free(&text);
}

struct pages_answer feeds_issues(const struct pages_request *q, const struct pages_match *m)
{
	const struct feed_format *format = feed_format_of_file(m->name[0]);
	const struct group_list *issues = &q->digest->issues;
	size_t first = digest_complete(q->digest, q->now);
	struct feed *f;

	if (!format)
		return issues_issue(q, m);
	if (!q->patient)
		return reply_later();
	f = new_feed(q, STR("/issues/"), STR("Issues"));
	for (size_t i = first; i < issues->n && i < first + FEEDS_ISSUES; i++)
		add_issue(q, f, issues->items[i]);
	return finish(q, f, format);
}

/* The documents of an archive are parts of one feed, so they have its id (RFC 5005 s4). */
struct pages_answer feeds_year(const struct pages_request *q, const struct pages_match *m)
{
	const struct group *g = digest_group(&q->digest->years, m->name[0]);
	uint32_t first = (m->number - 1) * FEEDS_DOCUMENT;
	const struct entry *e;
	struct feed *f;

	if (!g || m->number > documents(q, g))
		return reply_not_found();
	if (!str_eq(q->path, document_path(q, g, m->number)))
		return reply_moved(q, document_path(q, g, m->number), g->name);
	if (!q->patient)
		return reply_later();
	f = new_feed(q, paths_year(q->arena, g), g->slug);
	f->id = STR("/latest/");
	f->archive = true;
	f->current = arena_printf(q->arena, "/latest/%s", feed_atom.file);
	link_archive(q, f, g, m->number);
	for (uint32_t i = 0; i < FEEDS_DOCUMENT && (e = digest_at(g, q->now, first + i)); i++)
		add_entry(q, f, e);
	return finish(q, f, &feed_atom);
}

struct pages_answer feeds_categories(const struct pages_request *q, const struct pages_match *m)
{
	const struct group_list *list = &q->digest->categories;
	struct feed *f = new_feed(q, STR("/feeds/"), STR("Categories"));

	(void)m;
	for (size_t i = 0; i < list->n; i++) {
		const struct group *g = list->items[i];

		feed_add(f, paths_group(q->arena, "categories", g), g->name)->text = g->description;
	}
	return finish(q, f, &feed_opml);
}

/* -------------------------------------------------------------------------- the page of them */

static void add_section(struct page *p, const char *title, const char *text)
{
	page_gap(p);
	page_heading(p, 2, str_of(title));
	page_gap(p);
	page_text(p, str_of(text));
	page_gap(p);
}

/*
 * The three feeds of a list, each named with what it has: a label may be all that is seen
 * of a link.
 */
static void add_formats(struct page *p, const char *list, const char *what)
{
	for (size_t i = 0; feed_formats[i]; i++)
		page_link(p, page_printf(p, "%s%s", list, feed_formats[i]->file),
		    page_printf(p, "%s (%s)", what, feed_formats[i]->label));
}

static void add_all(struct page *p)
{
	page_gap(p);
	page_text(p,
	    page_printf(p,
		"What is new here can be followed in a feed reader. A feed has the newest %d "
		"entries of a list, the same on Gopher and Gemini.",
		FEEDS_NEWEST));
	add_section(p, "All entries", "In three formats, of which most readers know the first:");
	add_formats(p, "/latest/", "All entries");
}

static void add_categories(const struct pages_request *q, struct page *p)
{
	const struct group_list *list = &q->digest->categories;

	add_section(p, "One category",
	    page_printf(p, "In Atom; for the other two write %s or %s in the place of %s:",
		feed_rss.file, feed_json.file, feed_atom.file)
		.p);
	for (size_t i = 0; i < list->n; i++) {
		struct str path = paths_group(q->arena, "categories", list->items[i]);

		page_link(p, page_printf(p, "%.*s%s", STR_ARGS(path), feed_atom.file),
		    list->items[i]->name);
	}
	page_gap(p);
	page_link(p, page_printf(p, "/feeds/%s", feed_opml.file),
	    STR("All of these, for readers that take a list of feeds (OPML)"));
}

static void add_groups(const struct pages_request *q, struct page *p)
{
	const struct digest *d = q->digest;
	bool tags = digest_group_count(d, &d->tags, q->now) > 0,
	     authors = digest_group_count(d, &d->authors, q->now) > 0;

	if (tags || authors)
		add_section(p, "One tag, one author",
		    "Every tag and every author has the same three; its page leads to the Atom "
		    "one:");
	if (tags)
		page_link(p, STR("/tags/"), STR("By tag"));
	if (authors)
		page_link(p, STR("/authors/"), STR("By author"));
}

static void add_issues(const struct pages_request *q, struct page *p)
{
	if (digest_group_count(q->digest, &q->digest->issues, q->now) == 0)
		return;
	add_section(p, "Issues",
	    q->digest->site.issues == DATE_WEEK
		? "Each week's entries, with their summaries, as one item:"
		: "Each month's entries, with their summaries, as one item:");
	add_formats(p, "/issues/", "Issues");
}

static void add_pages(struct page *p)
{
	add_section(p, "The pages themselves",
	    "Readers on Gemini that follow pages need no feed: they can subscribe to every list of "
	    "entries as it stands, since each link in it begins with the date.");
	page_link(p, STR("/latest/"), STR("All entries, newest first"));
	page_link(p, STR("/categories/"), STR("By category"));
}

static void add_archive(const struct pages_request *q, struct page *p)
{
	const struct group_list *years = &q->digest->years;

	if (digest_count(&q->digest->all, q->now) == 0)
		return;
	add_section(p, "The archive",
	    "Every entry, a year a file, in Atom. Readers that know archives (RFC "
	    "5005) find it by themselves from the feed of all entries.");
	for (size_t i = 0; i < years->n; i++) {
		const struct group *g = years->items[i];
		uint32_t n = digest_count(g, q->now);

		if (n > 0)
			page_link(p, document_path(q, g, 1),
			    page_printf(p, "%.*s (%.*s)", STR_ARGS(g->slug),
				STR_ARGS(wording_number(q->arena, n))));
	}
}

struct pages_answer feeds_page(const struct pages_request *q, const struct pages_match *m)
{
	struct page *p = reply_titled(q, STR("Feeds"));

	(void)m;
	add_all(p);
	add_categories(q, p);
	add_groups(q, p);
	add_issues(q, p);
	add_pages(p);
	add_archive(q, p);
	reply_foot(q, p);
	return reply_page(p);
}
