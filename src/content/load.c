#include "config.h"

#include "content/load.h"
#include "base/slug.h"
#include "base/utf8.h"
#include "content/bytes.h"
#include "content/entry.h"
#include "content/index.h"
#include "content/site.h"
#include "content/text.h"
#include "content/walk.h"
#include "content/yaml.h"

#include <stdlib.h>
#include <unistd.h>

#define STEP ((size_t)256 * 1024)
#define FILE_PATH_MAX 200 /* bytes of a path below /files/, with it */

/* A load under way; the arenas but the first are freed at its end. */
struct loading {
	struct walk walk;
	struct arena *keep;      /* becomes the snapshot's */
	struct arena *work;      /* until the load ends */
	struct arena *tree;      /* of the file at hand */
	struct diag_list *diags; /* borrowed */
	struct buf bytes;        /* of the file at hand */
	struct site_source site;
	struct entry_list entries;
	struct static_page *pages;
	size_t npages;
	struct static_file *files;
	size_t nfiles;
};

/* Reports something about a whole file or folder. */
#define FILE_ERROR(l, path, ...)                                                                   \
	diag_error(                                                                                \
	    (l)->diags, (struct diag_pos){.file = walk_name(&(l)->walk, (path))}, __VA_ARGS__)

/* The root of a YAML file, which lives until the next one is read; NULL: none. */
static const struct yaml_node *read_yaml(struct loading *l, struct str path, struct str name)
{
	arena_reset(l->tree);
	if (!walk_read(&l->walk, path, &l->bytes))
		return NULL;
	return yaml_read(l->tree, name, buf_str(&l->bytes), l->diags);
}

static void load_site(struct loading *l)
{
	struct fields f = {l->keep, l->work, l->diags, NULL};
	struct str name = walk_name(&l->walk, STR("digest.yaml"));
	size_t before = l->diags->total;
	const struct yaml_node *root;

	if (!walk_exists(&l->walk, "digest.yaml")) {
		FILE_ERROR(l, STR("digest.yaml"),
		    "there is no such file: make it, with title: and categories:");
		return;
	}
	root = read_yaml(l, STR("digest.yaml"), name);
	if (root || l->diags->total == before)
		l->site = site_read(&f, root, name);
}

/* ----------------------------------------------------------------------------------- entries */

/* An example of an entry's categories with a slug that is known; without any, its key is empty. */
static struct fields_spec category_example(struct loading *l)
{
	struct fields_spec spec = {.key = ""};
	struct str slug = site_some_category(&l->site);

	if (slug.n > 0) {
		spec.key = "categories";
		spec.example = arena_printf(l->work, "categories: [%.*s]", STR_ARGS(slug)).p;
	}
	return spec;
}

static void load_entry_file(struct loading *l, struct str path, const struct fields_spec *example)
{
	struct fields f = {l->keep, l->work, l->diags, example};
	struct str name = str_skip(path, sizeof "entries");

	if (str_ends(path, STR(".yml")))
		FILE_ERROR(l, path, "not read: entries are *.yaml; rename it to %.*s.yaml",
		    STR_ARGS(str_sub(name, 0, name.n - 4)));
	else if (!str_ends(path, STR(".yaml")))
		FILE_ERROR(l, path, "not read: entries are *.yaml; move it away");
	else
		entry_read(&f, read_yaml(l, path, arena_str(l->keep, walk_name(&l->walk, path))),
		    &l->entries);
}

static void load_entries(struct loading *l)
{
	struct fields_spec example = category_example(l);
	struct walk_list list = {0};

	if (walk_exists(&l->walk, "entries"))
		list = walk_files(&l->walk, "entries");
	else
		FILE_ERROR(l, STR("entries"),
		    "there is no such folder: make it, and put the entries into *.yaml files "
		    "there");
	for (size_t i = 0; i < list.n; i++) {
		load_entry_file(l, list.items[i], &example);
		if (l->entries.n > LOAD_ENTRIES_MAX) {
			FILE_ERROR(l, list.items[i], "more than %u entries: the rest is not read",
			    LOAD_ENTRIES_MAX);
			return;
		}
	}
}

/* ----------------------------------------------------------------------------- static pages */

/* True when a page of that name would hide one of the digest's own. */
static bool is_taken(struct str name)
{
	static const char *const names[] = {"latest", "categories", "tags", "authors", "archive",
	    "entries", "search", "feeds", "files", "issues", "random", "sitemap"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

/* The page's name, if the file can be one; else an empty slice, and the reason is reported. */
static struct str page_name(struct loading *l, struct str path)
{
	struct str name = str_skip(path, sizeof "pages");
	struct str stem = str_sub(name, 0, name.n - (str_ends(name, STR(".gmi")) ? 4 : 0));

	if (str_index(name, '/') < name.n)
		FILE_ERROR(l, path,
		    "not read: pages stand in pages itself, not in folders; move it there");
	else if (stem.n == name.n)
		FILE_ERROR(l, path, "not read: pages are *.gmi; rename it, or move it to files");
	else if (!slug_valid(stem))
		FILE_ERROR(l, path,
		    "a page's name is lower-case letters, digits and single hyphens, as in "
		    "about.gmi");
	else if (is_taken(stem))
		FILE_ERROR(l, path, "/%.*s is a page of the digest's own: choose another name",
		    STR_ARGS(stem));
	else
		return stem;
	return (struct str){0};
}

/* Reports what a page lacks: its title, or the end of a block. */
static void check_page(struct loading *l, struct str file, struct str text)
{
	struct diag_pos pos = {file, 1, 1}, fence = {file, text_open_fence(text), 1};
	struct str line = STR("");

	while (str_next_line(&text, &line) && str_trim(line).n == 0)
		pos.line++;
	if (!str_starts(line, STR("#")) || str_starts(line, STR("##")) ||
	    str_trim(str_skip(line, 1)).n == 0)
		diag_error(l->diags, pos, "a page begins with its title: write # and the title");
	if (fence.line)
		diag_error(l->diags, fence, TEXT_OPEN_FENCE);
}

static void load_page(struct loading *l, struct str path)
{
	struct str name = page_name(l, path), file = walk_name(&l->walk, path), text;

	if (name.n == 0 || !walk_read(&l->walk, path, &l->bytes))
		return;
	arena_reset(l->tree);
	if (!bytes_text(l->tree, file, buf_str(&l->bytes), l->diags, &text))
		return;
	check_page(l, file, text);
	l->pages[l->npages++] = (struct static_page){
	    arena_printf(l->keep, "/%.*s", STR_ARGS(name)), arena_str(l->keep, text)};
}

static int by_page_path(const void *x, const void *y)
{
	return str_cmp(
	    ((const struct static_page *)x)->path, ((const struct static_page *)y)->path);
}

static void load_pages(struct loading *l)
{
	struct walk_list list = {0};

	if (walk_exists(&l->walk, "pages"))
		list = walk_files(&l->walk, "pages");
	l->pages = arena_array(l->keep, list.n, sizeof *l->pages);
	for (size_t i = 0; i < list.n; i++)
		load_page(l, list.items[i]);
	/* about-us.gmi comes before about.gmi, but /about before /about-us. */
	qsort(l->pages, l->npages, sizeof *l->pages, by_page_path);
}

/* ------------------------------------------------------------------------------------- files */

/*
 * What no path of a request can hold, or what would not fit into a selector; NULL when all
 * is well.
 */
static const char *file_fault(struct str path)
{
	if (!utf8_valid(path, NULL))
		return "the name is not UTF-8: rename it";
	if (utf8_find_control(path) < path.n)
		return "the name holds a control character: rename it";
	if (str_index(path, '\\') < path.n)
		return "the name holds a backslash: rename it";
	if (path.n + 1 > FILE_PATH_MAX)
		return "the path is longer than 200 bytes: shorten it";
	return NULL;
}

/* The list is in the order of the paths already. */
static void load_files(struct loading *l)
{
	struct walk_list list = {0};

	if (walk_exists(&l->walk, "files"))
		list = walk_files(&l->walk, "files");
	l->files = arena_array(l->keep, list.n, sizeof *l->files);
	for (size_t i = 0; i < list.n; i++) {
		const char *fault = file_fault(list.items[i]);

		if (fault)
			FILE_ERROR(l, list.items[i], "%s", fault);
		else
			l->files[l->nfiles++] = (struct static_file){
			    arena_printf(l->keep, "/%.*s", STR_ARGS(list.items[i])),
			    arena_str(l->keep, walk_name(&l->walk, list.items[i]))};
	}
}

/* -------------------------------------------------------------------------------- everything */

static struct digest *build(struct loading *l, struct index *ix, int64_t now)
{
	struct digest *d = index_build(ix, now, l->keep);

	d->pages = l->pages;
	d->npages = l->npages;
	d->files = l->files;
	d->nfiles = l->nfiles;
	d->directory = arena_str(l->keep, l->walk.directory);
	d->refs = 1;
	return d;
}

static struct str known_name(const void *context, size_t i)
{
	return str_of(((const char *const *)context)[i]);
}

/* What is near a name that is read was meant as that; other names, as README, are not ours. */
static void check_names(struct loading *l)
{
	static const char *const known[] = {"digest.yaml", "entries", "pages", "files"};
	const size_t n = sizeof known / sizeof *known;
	struct walk_list list = walk_names(&l->walk);

	for (size_t i = 0; i < list.n; i++) {
		struct str name = list.items[i], near = fields_nearest(name, n, known_name, known);

		if (near.n > 0 && !str_eq(near, name))
			FILE_ERROR(l, name, "not read: did you mean %.*s%s? If not, rename it",
			    STR_ARGS(near), str_ends(near, STR(".yaml")) ? "" : "/");
	}
}

static void load_all(struct loading *l)
{
	check_names(l);
	load_site(l);
	load_entries(l);
	load_pages(l);
	load_files(l);
	close(l->walk.fd);
}

struct digest *load_digest(const char *directory, int64_t now, struct diag_list *diags)
{
	struct loading l = {.keep = arena_new(STEP),
	    .work = arena_new(STEP),
	    .tree = arena_new(STEP),
	    .diags = diags};
	size_t before = diags->total;
	struct digest *d = NULL;
	struct index *ix;

	if (walk_open(&l.walk, directory, l.work, diags)) {
		load_all(&l);
		ix = index_check(&l.site, &l.entries, l.work, diags);
		if (diags->total == before)
			d = build(&l, ix, now);
	}
	if (!d)
		arena_free(l.keep);
	arena_free(l.work);
	arena_free(l.tree);
	free(l.entries.items);
	buf_free(&l.bytes);
	return d;
}
