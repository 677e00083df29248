#include "config.h"

#include "pages/static_page.h"
#include "pages/paging.h"
#include "pages/reply.h"
#include "pages/wording.h"
#include "render/gemtext.h"

/* Names on one page of a folder, and bytes of a name: the longest paths still stay below 64 KB. */
#define FOLDER_PAGE 80
#define FOLDER_NAME 80

struct pages_answer static_page(const struct pages_request *q, const struct pages_match *m)
{
	const struct static_page *s =
	    digest_page(q->digest, arena_printf(q->arena, "/%.*s", STR_ARGS(m->name[0])));
	struct str text, title;
	struct page *p;

	if (!s)
		return reply_not_found();
	title = gemtext_title(s->text, &text);
	p = page_new(q->arena, title.n ? title : m->name[0], q->digest->site.language);
	gemtext_read(p, text, s->path, 0);
	if (str_eq(s->path, STR("/about")))
		reply_imprint(q, p);
	reply_foot(q, p);
	return reply_page(p);
}

/* The index of the first file whose path is not before path. */
static size_t lower_bound(const struct digest *d, struct str path)
{
	size_t low = 0, high = d->nfiles;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(d->files[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The path without its last segment; both end in a slash. */
static struct str parent_of(struct str folder)
{
	do
		folder.n--;
	while (folder.p[folder.n - 1] != '/');
	return folder;
}

/*
 * Takes the next name that is directly in the folder, of a file or with its slash of a folder,
 * from the files, which are sorted. *i is where to look: lower_bound of the folder at first.
 * Its path, or an empty slice at the end.
 */
static struct str next_path(const struct digest *d, struct str folder, size_t *i)
{
	struct str path;
	size_t slash;

	if (*i == d->nfiles || !str_starts(d->files[*i].path, folder))
		return STR("");
	path = d->files[(*i)++].path;
	slash = folder.n + str_index(str_skip(path, folder.n), '/');
	path = str_sub(path, 0, slash + 1);
	while (slash < path.n && *i < d->nfiles && str_starts(d->files[*i].path, path))
		(*i)++;
	return path;
}

static size_t count_names(const struct digest *d, struct str folder)
{
	size_t i = lower_bound(d, folder), n = 0;

	while (next_path(d, folder, &i).n > 0)
		n++;
	return n;
}

uint32_t static_page_folder_pages(const struct digest *d, struct str folder)
{
	return paging_count(count_names(d, folder), FOLDER_PAGE);
}

/* The folder, with or without its last slash, and the page of it that the path names. */
static struct paging read_folder(const struct pages_request *q)
{
	struct paging l = {.prefix = STATIC_PAGE_TURN, .number = 1};
	struct str path = q->path, last;
	size_t slash;

	if (str_ends(path, STR("/")))
		path.n--;
	for (slash = path.n; path.p[slash - 1] != '/';)
		slash--;
	last = str_skip(path, slash);
	if (str_starts(last, STR(STATIC_PAGE_TURN)) &&
	    paging_number(str_skip(last, sizeof STATIC_PAGE_TURN - 1), &l.number))
		path.n = slash - 1;
	l.first = arena_printf(q->arena, "%.*s/", STR_ARGS(path));
	return l;
}

/* Lists the files and folders directly in the folder. */
static struct pages_answer show_folder(const struct pages_request *q, struct paging *l)
{
	const struct digest *d = q->digest;
	size_t i = lower_bound(d, l->first), n = count_names(d, l->first);
	size_t first = (size_t)(l->number - 1) * FOLDER_PAGE;
	struct str title = str_sub(l->first, sizeof "/files" - 1, l->first.n - 1), path;
	struct page *p;

	if (n == 0)
		return reply_not_found();
	l->pages = paging_count(n, FOLDER_PAGE);
	if (l->number > l->pages)
		return paging_past_end(q, l);
	title = arena_printf(q->arena, "Files%.*s", STR_ARGS(title));
	p = reply_titled(q, paging_title(q->arena, title, l->number));
	page_gap(p);
	if (l->pages > 1)
		page_text(p,
		    page_printf(p, "%.*s files and folders, by name.%.*s",
			STR_ARGS(wording_number(q->arena, n)),
			STR_ARGS(paging_position(q->arena, l))));
	page_gap(p);
	for (size_t k = 0; k < first + FOLDER_PAGE && (path = next_path(d, l->first, &i)).n > 0;
	     k++)
		if (k >= first)
			page_link(p, path,
			    wording_cut(q->arena, str_skip(path, l->first.n), FOLDER_NAME));
	page_gap(p);
	paging_turns(p, l);
	if (!str_eq(l->first, STR("/files/")))
		page_link(p, parent_of(l->first), STR("The folder above"));
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer static_page_file(const struct pages_request *q)
{
	struct pages_answer a = {.kind = PAGES_FILE, .file = digest_file(q->digest, q->path)};
	struct pages_request own = *q;
	struct paging l;

	if (!a.file) {
		l = read_folder(q);
		own.path = paging_path(q->arena, &l, l.number);
		a = show_folder(&own, &l);
	}
	if ((a.kind == PAGES_PAGE || a.kind == PAGES_FILE) && q->protocol == PAGES_GEMINI &&
	    (q->loose || !str_eq(own.path, q->path)))
		return reply_moved(q, own.path, own.path);
	return a;
}
