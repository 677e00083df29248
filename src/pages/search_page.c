#include "config.h"

#include "pages/search_page.h"
#include "base/utf8.h"
#include "content/search.h"
#include "pages/listing.h"
#include "pages/paging.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"
#include "render/link.h"

/* Columns of the piece of a summary that is shown. */
#define EXCERPT 240

/*
 * Columns of the words that a heading shows: a reader may type one long word, which is
 * never broken.
 */
#define HEADING_WORDS 50

/* Other searches offered where one found nothing. */
#define NEAR_MAX 8

/* A page of that number, titled with what was looked for. */
static struct page *titled(const struct pages_request *q, struct str words, uint32_t number)
{
	struct buf shown = {0};
	struct str title;
	struct page *p;

	utf8_clean_cut(&shown, words, HEADING_WORDS, UTF8_ELLIPSIS);
	title = shown.len > 0 ? arena_printf(q->arena, "Search for %.*s", STR_ARGS(buf_str(&shown)))
			      : STR("Search");
	p = reply_titled(q, paging_title(q->arena, title, number));
	buf_free(&shown);
	return p;
}

static void add_prompt(struct page *p, const char *label)
{
	page_add(p, BLOCK_PROMPT, str_of(label))->target = STR(LINK_SEARCH);
}

static void add_help(struct page *p)
{
	page_gap(p);
	page_text(p,
	    STR("All the words you give are looked for, in titles, tags, summaries and the "
		"names of authors. You may also write:"));
	page_gap(p);
	page_add(p, BLOCK_ITEM, STR("\"async runtime\" for words that follow each other"));
	page_add(p, BLOCK_ITEM, STR("web* for words that begin so"));
	page_add(p, BLOCK_ITEM, STR("-wasm for entries without a word"));
	page_add(p, BLOCK_ITEM,
	    STR("author:name, tag:name, category:name, title:word to look in one place"));
	page_add(p, BLOCK_ITEM, STR("after:2019-06 and before:2020 for a time"));
}

/* The page that asks for words, for clients that show one; for others a line. */
static struct pages_answer ask(const struct pages_request *q)
{
	struct page *p = reply_titled(q, STR("Search"));

	page_gap(p);
	add_prompt(p, "Search the digest");
	add_help(p);
	reply_foot(q, p);
	return (struct pages_answer){.kind = PAGES_INPUT,
	    .page = p,
	    .message = arena_printf(
		q->arena, "Search %.*s: words, or \"a phrase\"", STR_ARGS(q->digest->site.title))};
}

/* Who wrote it and where it is filed, then the piece of the summary where the words are. */
static void add_found(const struct pages_request *q, struct page *p,
    const struct search_result *found, const struct entry *e)
{
	struct str byline = listing_byline(q, e, LISTING_AUTHORS | LISTING_CATEGORIES);
	struct buf plain = {0}, excerpt = {0};

	gemtext_plain(&plain, e->summary);
	search_excerpt(q->search, found->query, buf_str(&plain), EXCERPT, &excerpt);
	listing_entry(q, p, e, LISTING_BARE);
	page_byline(p,
	    page_printf(p, "%.*s%s%.*s", STR_ARGS(byline),
		byline.n > 0 && excerpt.len > 0 ? ". " : "", STR_ARGS(buf_str(&excerpt))));
	buf_free(&plain);
	buf_free(&excerpt);
}

/* "Page 2 of 3: 21 to 40 of 52 entries, best first." */
static void add_position(const struct pages_request *q, struct page *p,
    const struct search_result *found, const struct paging *l)
{
	uint32_t first = (l->number - 1) * SEARCH_PAGE_SIZE + 1;
	struct str count = wording_count(q->arena, found->total, "entry", "entries");
	const char *more = found->more ? "more than " : "";

	if (l->pages == 1)
		page_text(p,
		    page_printf(
			p, "%.*s%s.", STR_ARGS(count), found->total > 1 ? ", best first" : ""));
	else
		page_text(p,
		    page_printf(p, "Page %u of %u: %.*s to %.*s of %s%.*s, best first.", l->number,
			l->pages, STR_ARGS(wording_number(q->arena, first)),
			STR_ARGS(wording_number(q->arena, first + found->n - 1)), more,
			STR_ARGS(count)));
}

static struct pages_answer show(
    const struct pages_request *q, const struct search_result *found, const struct paging *l)
{
	struct page *p = titled(q, found->words, l->number);

	page_gap(p);
	add_position(q, p, found, l);
	page_gap(p);
	for (uint32_t i = 0; i < found->n; i++)
		add_found(q, p, found, found->entries[i]);
	page_gap(p);
	paging_turns(p, l);
	add_prompt(p, "Search again");
	reply_foot(q, p);
	return reply_page(p);
}

static struct pages_answer show_nothing(
    const struct pages_request *q, const struct search_result *found)
{
	struct search_hint near[NEAR_MAX];
	size_t n = search_near(q->search, q->words, q->now, near, NEAR_MAX, q->arena);
	struct page *p = titled(q, found->words, 1);

	page_gap(p);
	page_text(p,
	    found->more
		? STR("Nothing was found as far as was looked: that is too much to look "
		      "for at once. Say more of what you want, and less of what you do not.")
		: STR("Nothing was found."));
	page_gap(p);
	if (n > 0) {
		page_text(p, STR("These would find something:"));
		page_gap(p);
	}
	for (size_t i = 0; i < n; i++)
		page_search(p, STR(LINK_SEARCH), near[i].words,
		    page_printf(p, "%.*s (%s%.*s)", STR_ARGS(near[i].words),
			near[i].more ? "more than " : "",
			STR_ARGS(wording_number(q->arena, near[i].total))));
	page_gap(p);
	add_prompt(p, "Search again");
	add_help(p);
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer search_page(const struct pages_request *q, const struct pages_match *m)
{
	struct paging l = {
	    .first = STR(LINK_SEARCH), .prefix = "/", .number = m->number, .pages = 1};
	struct search_result found;

	if (str_trim(q->words).n == 0 && m->number > 1 && q->protocol == PAGES_GEMINI)
		return reply_moved(q, STR(LINK_SEARCH), STR("Search"));
	if (str_trim(q->words).n == 0)
		return ask(q);
	if (!q->patient)
		return reply_later();
	if (!q->search)
		return reply_failed(STR("There is no search just now"));
	found = search_find(q->search, q->words, q->now, (m->number - 1) * SEARCH_PAGE_SIZE,
	    SEARCH_PAGE_SIZE, q->arena);
	if (found.failed)
		return reply_failed(STR("The search has no memory left just now"));
	if (found.total == 0)
		return show_nothing(q, &found);
	l.pages = paging_count(found.total, SEARCH_PAGE_SIZE);
	l.words = found.words;
	if (l.number > l.pages)
		return paging_past_end(q, &l);
	return show(q, &found, &l);
}
