#include "config.h"

#include "pages/pages.h"
#include "base/utf8.h"
#include "content/query.h"
#include "pages/directory.h"
#include "pages/entry_page.h"
#include "pages/feeds.h"
#include "pages/front.h"
#include "pages/issues.h"
#include "pages/listing.h"
#include "pages/paging.h"
#include "pages/reply.h"
#include "pages/search_page.h"
#include "pages/sitemap.h"
#include "pages/static_page.h"
#include "pages/wellknown.h"
#include "render/link.h"

#define BOTH (PAGES_GOPHER | PAGES_GEMINI)

/*
 * In a pattern "*" is any one segment and a final "#" a page number. A pattern
 * that ends in a slash is a list of some kind. The first row that matches
 * answers. The row of the further pages of a list follows that of its first page.
 * The pages of a directory have an underscore in their names, which no slug has:
 * an author may well be called 2.
 */
static const struct route {
	const char *pattern;
	pages_builder *build;
	unsigned protocols;
} routes[] = {
    {"/", front_page, BOTH},
    {"/latest/", listing_latest, BOTH},
    {"/latest/#", listing_latest, BOTH},
    {"/latest/*", feeds_latest, BOTH},
    {"/categories/", directory_categories, BOTH},
    {"/categories/*/", listing_category, BOTH},
    {"/categories/*/#", listing_category, BOTH},
    {"/categories/*/*", feeds_category, BOTH},
    {"/tags/", directory_tags, BOTH},
    {"/tags/page_#", directory_tags, BOTH},
    {"/tags/*/", listing_tag, BOTH},
    {"/tags/*/#", listing_tag, BOTH},
    {"/tags/*/*", feeds_tag, BOTH},
    {"/authors/", directory_authors, BOTH},
    {"/authors/page_#", directory_authors, BOTH},
    {"/authors/*/", listing_author, BOTH},
    {"/authors/*/#", listing_author, BOTH},
    {"/authors/*/*", feeds_author, BOTH},
    {"/archive/", directory_archive, BOTH},
    {"/archive/*/", directory_year, BOTH},
    {"/archive/*/atom.xml", feeds_year, BOTH},
    {"/archive/*/part_#/atom.xml", feeds_year, BOTH},
    {"/archive/*/*/", listing_month, BOTH},
    {"/archive/*/*/#", listing_month, BOTH},
    {"/issues/", issues_list, BOTH},
    {"/issues/#", issues_list, BOTH},
    {"/issues/*", feeds_issues, BOTH},
    {"/issues/*/#", issues_issue, BOTH},
    {"/entries/", entry_page_list, BOTH},
    {"/entries/*", entry_page, BOTH},
    {"/random", entry_page_random, BOTH},
    {"/sitemap/", sitemap, BOTH},
    {"/sitemap/#", sitemap, BOTH},
    {"/search", search_page, BOTH},
    {"/search/#", search_page, BOTH},
    {"/feeds/", feeds_page, BOTH},
    {"/feeds/categories.opml", feeds_categories, BOTH},
    {"/robots.txt", wellknown_robots, BOTH},
    {"/.well-known/", wellknown_folder, BOTH},
    {"/.well-known/security.txt", wellknown_security, BOTH},
    {"/caps.txt", wellknown_caps, PAGES_GOPHER},
    {"/favicon.txt", wellknown_favicon, PAGES_GEMINI},
    {"/*", static_page, BOTH},
};

static struct str without_final_slash(struct str path)
{
	return str_ends(path, STR("/")) ? str_sub(path, 0, path.n - 1) : path;
}

/* Matches a segment to a pattern that ends in "#". */
static bool match_number(struct str want, struct str have, uint32_t *number)
{
	struct str prefix = str_sub(want, 0, want.n - 1);

	return str_starts(have, prefix) && paging_number(str_skip(have, prefix.n), number);
}

/* Matches path and pattern, both without a final slash. */
static bool match(struct str pattern, struct str path, struct pages_match *m)
{
	struct str want, have;
	size_t names = 0;

	*m = (struct pages_match){.number = 1};
	while (str_next_field(&pattern, '/', &want)) {
		if (!str_next_field(&path, '/', &have))
			return false;
		if (str_eq(want, STR("*")) && have.n > 0)
			m->name[names++] = have;
		else if (!str_eq(want, have) &&
		    !(str_ends(want, STR("#")) && match_number(want, have, &m->number)))
			return false;
	}
	return path.n == 0;
}

/*
 * The one path of what a route answers: a list ends in a slash where a thing does
 * not, and the first page of a list has no number. The row of that first page
 * stands before the one of the others.
 */
static struct str own_path(
    const struct pages_request *q, const struct route *r, const struct pages_match *m)
{
	struct str bare = without_final_slash(q->path);

	if (str_ends(str_of(r->pattern), STR("#")) && m->number == 1) {
		while (bare.p[bare.n - 1] != '/')
			bare.n--;
		bare = without_final_slash(bare);
		r--;
	}
	return arena_printf(
	    q->arena, "%.*s%s", STR_ARGS(bare), str_ends(str_of(r->pattern), STR("/")) ? "/" : "");
}

/* Only what is shown has an address; any other answer leads on by itself, or nowhere. */
static bool is_shown(enum pages_kind kind)
{
	return kind != PAGES_NOT_FOUND && kind != PAGES_GONE && kind != PAGES_MOVED &&
	    kind != PAGES_ELSEWHERE;
}

/* Answers at the path's one form; a Gemini client that asked in another is sent there. */
static struct pages_answer answer_at_own_path(
    const struct pages_request *q, const struct route *r, const struct pages_match *m)
{
	struct pages_request *own = arena_alloc(q->arena, sizeof *own);
	struct pages_answer a;

	*own = *q;
	own->path = own_path(q, r, m);
	own->loose = q->loose || !str_eq(own->path, q->path);
	a = r->build(own, m);
	if (q->protocol != PAGES_GEMINI || !own->loose || !is_shown(a.kind))
		return a;
	return reply_moved(q, own->path, own->path);
}

static struct pages_answer find(const struct pages_request *q)
{
	struct str bare = without_final_slash(q->path);
	struct pages_match m;

	if (str_starts(q->path, STR("/files/")) || str_eq(q->path, STR("/files")))
		return static_page_file(q);
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		const struct route *r = &routes[i];

		if ((r->protocols & q->protocol) &&
		    match(without_final_slash(str_of(r->pattern)), bare, &m))
			return answer_at_own_path(q, r, &m);
	}
	return reply_not_found();
}

/*
 * Answers a path below what was a category: that it is gone, or where the same is
 * now. Gopher readers are led there too, as from an entry's alias, not answered;
 * but a feed is answered, since what reads feeds there reads no menu that says so.
 */
static struct pages_answer find_former(const struct pages_request *q)
{
	struct pages_request there = *q;
	struct str rest = q->path, name;
	const struct group *g;
	struct pages_answer a;

	if (!str_starts(rest, STR("/categories/")))
		return reply_not_found();
	rest = str_skip(rest, sizeof "/categories/" - 1);
	str_next_field(&rest, '/', &name);
	g = digest_former(q->digest, name);
	if (!g)
		return reply_not_found();
	if (g->gone)
		return reply_gone(STR("Gone: this category was withdrawn"));
	there.path =
	    arena_printf(q->arena, "/categories/%.*s/%.*s", STR_ARGS(g->slug), STR_ARGS(rest));
	there.loose = true;
	if (!feed_format_of_file(rest))
		there.protocol = PAGES_GEMINI;
	a = find(&there);
	return a.kind == PAGES_MOVED ? reply_moved(q, a.target, g->name) : a;
}

static struct pages_answer find_now_or_former(const struct pages_request *q)
{
	struct pages_answer a = find(q);

	return a.kind == PAGES_NOT_FOUND ? find_former(q) : a;
}

/* In small letters, but for the W of a week (2019-W46): no other path of ours has a capital. */
static struct str in_our_letters(struct arena *a, struct str s)
{
	const size_t week = sizeof "/issues/2019-" - 1;
	char *small = arena_array(a, s.n, 1);

	for (size_t i = 0; i < s.n; i++)
		small[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 'a' - 'A' : s.p[i]);
	if (str_starts((struct str){small, s.n}, STR("/issues/")) && s.n > week &&
	    small[week] == 'w')
		small[week] = 'W';
	return (struct str){small, s.n};
}

bool pages_takes_words(struct str path)
{
	return str_eq_nocase(path, STR(LINK_SEARCH)) ||
	    str_starts_nocase(path, STR(LINK_SEARCH "/"));
}

struct pages_answer pages_find(const struct pages_request *q)
{
	struct pages_request asked = *q;
	struct pages_answer a;

	/* More is not looked at (query.h), and would make links too long (G-02, M-15). */
	asked.words = pages_takes_words(q->path) ? utf8_cut(q->words, QUERY_BYTES_MAX) : STR("");
	a = find_now_or_former(&asked);
	if (a.kind != PAGES_NOT_FOUND)
		return a;
	/* The names of files are the editor's. */
	asked.path = in_our_letters(q->arena, q->path);
	if (str_eq(asked.path, q->path) || str_starts(asked.path, STR("/files/")))
		return a;
	asked.loose = true;
	return find_now_or_former(&asked);
}
