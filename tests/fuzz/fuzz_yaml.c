/*
 * fuzz_yaml: any bytes as a file of entries.
 *
 * Covers content/bytes, content/yaml, content/fields, content/entry and
 * content/index, and of base: arena, date, diag, map, slug, uri, utf8. Besides
 * what the sanitizers see it checks the promises of yaml.h and digest.h: depth,
 * and texts that are UTF-8 without control characters; and that bytes without a
 * fault give a digest in which every entry can be found.
 */
#include "config.h"

#include "base/utf8.h"
#include "content/index.h"

#include <stdlib.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A bad node may have been a scalar or a collection. */
static bool is_collection(const struct yaml_node *n)
{
	return n->kind == YAML_SEQUENCE || n->kind == YAML_MAPPING || n->first;
}

/* Follows the last child of each collection down: no further than the bound. */
static void check_depth(const struct yaml_node *root)
{
	unsigned depth = 0;

	for (const struct yaml_node *n = root; n && is_collection(n); depth++) {
		for (n = n->first; n && n->next; n = n->next)
			require(n->kind != YAML_SCALAR || utf8_valid(n->text, NULL));
	}
	require(depth <= YAML_DEPTH_MAX);
}

static void check_line(struct str s)
{
	require(utf8_valid(s, NULL) && utf8_find_control(s) == s.n);
}

static void check_entry(const struct entry *e)
{
	check_line(e->title);
	check_line(e->url);
	check_line(e->slug);
	check_line(e->language);
	require(utf8_valid(e->summary, NULL) &&
	    !memchr(e->summary.n ? e->summary.p : "", 0, e->summary.n));
	for (size_t i = 0; i < e->nlinks; i++) {
		check_line(e->links[i].label);
		check_line(e->links[i].url);
	}
}

static void check_digest(const struct digest *d, const struct entry_list *list)
{
	require(d->all.n <= list->n);
	for (uint32_t i = 0; i < d->all.n; i++) {
		require(digest_entry(d, d->all.entries[i]->slug, INT64_MAX) == d->all.entries[i]);
		require(i == 0 ||
		    date_cmp(&d->all.entries[i - 1]->date, &d->all.entries[i]->date) >= 0);
	}
	for (size_t i = 0; i < d->tags.n; i++)
		require(d->tags.items[i]->n > 0 && d->tags.items[i]->name.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *keep = arena_new(4096), *work = arena_new(4096), *tree = arena_new(4096);
	struct diag_list *diags = diag_new();
	struct fields f = {keep, work, diags, NULL};
	struct site_category category = {.name = STR("A"), .slug = STR("a")};
	struct site_source site = {.categories = &category, .ncategories = 1};
	struct entry_list list = {0};
	const struct yaml_node *root =
	    yaml_read(tree, STR("f"), (struct str){(const char *)data, size}, diags);
	struct buf out = {0};
	struct index *ix;

	check_depth(root);
	entry_read(&f, root, &list);
	ix = index_check(&site, &list, work, diags);
	for (size_t i = 0; i < list.n; i++)
		check_entry(list.items[i].entry);
	if (diags->total == 0)
		check_digest(index_build(ix, 0, keep), &list);
	diag_print(diags, &out);
	require(utf8_valid(buf_str(&out), NULL));
	buf_free(&out);
	free(list.items);
	diag_free(diags);
	arena_free(tree);
	arena_free(work);
	arena_free(keep);
	return 0;
}
