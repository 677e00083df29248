#include "config.h"

#include "pages/static_page.h"
#include "pages/reply.h"
#include "render/gemtext.h"

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

/* Lists the files and folders directly in the folder at q->path, which ends in a slash. */
static struct pages_answer show_folder(const struct pages_request *q)
{
	const struct digest *d = q->digest;
	struct str folder = q->path, before = {0};
	size_t i = lower_bound(d, folder);
	struct page *p;

	if (i == d->nfiles || !str_starts(d->files[i].path, folder))
		return reply_not_found();
	p = reply_titled(
	    q, arena_printf(q->arena, "Files%.*s", STR_ARGS(str_sub(folder, 6, folder.n - 1))));
	page_gap(p);
	for (; i < d->nfiles && str_starts(d->files[i].path, folder); i++) {
		struct str name = str_skip(d->files[i].path, folder.n);
		size_t slash = str_index(name, '/');

		name = str_sub(name, 0, slash + 1);
		if (!str_eq(name, before))
			page_link(p, str_sub(d->files[i].path, 0, folder.n + name.n), name);
		before = name;
	}
	page_gap(p);
	if (!str_eq(folder, STR("/files/")))
		page_link(p, parent_of(folder), STR("The folder above"));
	reply_foot(q, p);
	return reply_page(p);
}

struct pages_answer static_page_file(const struct pages_request *q)
{
	const struct static_file *f = digest_file(q->digest, q->path);
	struct pages_request folder = *q;
	struct pages_answer a = {.kind = PAGES_FILE, .file = f};

	if (!f && !str_ends(q->path, STR("/")))
		folder.path = arena_printf(q->arena, "%.*s/", STR_ARGS(q->path));
	if (!f)
		a = show_folder(&folder);
	if (a.kind != PAGES_NOT_FOUND && q->protocol == PAGES_GEMINI &&
	    (q->loose || !str_eq(folder.path, q->path)))
		return reply_moved(q, folder.path, folder.path);
	return a;
}
