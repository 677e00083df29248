#include "config.h"

#include "content/index.h"
#include "base/map.h"
#include "content/issue.h"
#include "content/periods.h"

#include <stdlib.h>

/* The digest while it is built. */
struct builder {
	struct index *ix;
	struct digest *digest;
	struct arena *arena;
	struct entry_source **order; /* the listed entries, newest first */
	uint32_t n;                  /* of them */
};

static int newest_first(const void *x, const void *y)
{
	const struct entry *a = (*(struct entry_source *const *)x)->entry;
	const struct entry *b = (*(struct entry_source *const *)y)->entry;
	int c = date_cmp(&b->date, &a->date);

	return c ? c : (a->index > b->index) - (a->index < b->index);
}

/* Puts the listed entries in order; until then index is the place in the files. */
static void sort_entries(struct builder *b)
{
	const struct entry_list *list = b->ix->entries;

	b->order = arena_array(b->ix->work, list->n, sizeof *b->order);
	for (size_t i = 0; i < list->n; i++) {
		struct entry_source *s = &list->items[i];

		s->entry->index = (uint32_t)i;
		if (!s->draft && !s->entry->gone)
			b->order[b->n++] = s;
	}
	qsort(b->order, b->n, sizeof *b->order, newest_first);
	b->digest->all.entries = arena_array(b->arena, b->n, sizeof(struct entry *));
	b->digest->all.n = b->n;
	for (uint32_t i = 0; i < b->n; i++) {
		b->digest->all.entries[i] = b->order[i]->entry;
		b->order[i]->entry->index = i;
	}
}

/* The maps by slug and by alias; gone entries are in them, drafts are not. */
static void build_maps(struct builder *b)
{
	const struct entry_list *list = b->ix->entries;
	struct map *entries = map_new(b->arena, list->n), *aliases = map_new(b->arena, 0);

	for (size_t i = 0; i < list->n; i++) {
		const struct entry_source *s = &list->items[i];
		struct str *names;

		if (s->draft)
			continue;
		names = arena_array(b->arena, s->aliases.n, sizeof *names);
		for (size_t k = 0; k < s->aliases.n; k++) {
			names[k] = arena_str(b->arena, s->aliases.items[k].text);
			map_add(aliases, names[k], s->entry);
		}
		s->entry->aliases = names;
		s->entry->naliases = s->aliases.n;
		map_add(entries, s->entry->slug, s->entry);
	}
	b->digest->entries = entries;
	b->digest->aliases = aliases;
}

/* Counts one more entry for the spelling and returns the group, made on first use. */
static struct group *use_topic(struct builder *b, struct topic_set *t, struct str name,
    uint32_t entry, struct group_list *list)
{
	struct topic_spelling *s = topic_spelling(t, name);

	if (s->uses++ == 0)
		s->first = entry;
	if (!s->topic->group) {
		s->topic->group = arena_alloc(b->arena, sizeof *s->topic->group);
		s->topic->group->slug = arena_str(b->arena, s->topic->slug);
		list->items[list->n++] = s->topic->group;
	}
	s->topic->group->n++;
	return s->topic->group;
}

static void link_authors(struct builder *b, const struct entry_source *s)
{
	struct entry *e = s->entry;

	e->nauthors = s->authors.n;
	for (size_t i = 0; i < s->authors.n; i++) {
		const struct entry_author *a = &s->authors.items[i];
		struct group *g =
		    use_topic(b, &b->ix->authors, a->name.text, e->index, &b->digest->authors);

		if (g->url.n == 0 && a->url.n > 0)
			g->url = arena_str(b->arena, a->url);
		e->authors[i] = g;
	}
}

static void link_tags(struct builder *b, const struct entry_source *s)
{
	struct entry *e = s->entry;

	e->ntags = s->tags.n;
	for (size_t i = 0; i < s->tags.n; i++)
		e->tags[i] =
		    use_topic(b, &b->ix->tags, s->tags.items[i].text, e->index, &b->digest->tags);
}

static void link_categories(struct builder *b, const struct entry_source *s)
{
	struct entry *e = s->entry;

	e->ncategories = s->categories.n;
	for (size_t i = 0; i < s->categories.n; i++) {
		e->categories[i] =
		    map_get(b->digest->categories.by_slug, s->categories.items[i].text);
		e->categories[i]->n++;
	}
}

/* Gives every listed entry its groups, newest first, and counts the entries of each. */
static void link_groups(struct builder *b)
{
	b->digest->tags.items = arena_array(b->arena, b->ix->tags.n, sizeof(struct group *));
	b->digest->authors.items = arena_array(b->arena, b->ix->authors.n, sizeof(struct group *));
	for (uint32_t i = 0; i < b->n; i++) {
		const struct entry_source *s = b->order[i];
		struct group **all = arena_array(
		    b->arena, (size_t)s->authors.n + s->categories.n + s->tags.n, sizeof *all);

		s->entry->authors = all;
		s->entry->categories = all + s->authors.n;
		s->entry->tags = s->entry->categories + s->categories.n;
		link_authors(b, s);
		link_categories(b, s);
		link_tags(b, s);
	}
}

static void build_categories(struct builder *b)
{
	const struct site_source *site = b->ix->site;
	struct group_list *list = &b->digest->categories;
	struct map *by_slug = map_new(b->arena, site->ncategories), *former = map_new(b->arena, 0);

	list->items = arena_array(b->arena, site->ncategories, sizeof *list->items);
	for (size_t i = 0; i < site->ncategories; i++) {
		const struct site_category *c = &site->categories[i];
		struct group *g = arena_alloc(b->arena, sizeof *g);

		*g = (struct group){.name = c->name,
		    .slug = c->slug,
		    .first_slug = c->slug,
		    .description = c->description,
		    .gone = c->gone};
		if (!g->gone)
			list->items[list->n++] = g;
		map_add(g->gone ? former : by_slug, g->slug, g);
		for (size_t k = 0; k < c->aliases.n; k++)
			map_add(former, arena_str(b->arena, c->aliases.items[k].text), g);
		if (c->aliases.n > 0)
			g->first_slug = arena_str(b->arena, c->aliases.items[0].text);
	}
	list->by_slug = by_slug;
	b->digest->former = former;
}

static int by_slug(const void *x, const void *y)
{
	return str_cmp((*(struct group *const *)x)->slug, (*(struct group *const *)y)->slug);
}

/* Names and sorts the groups made of topics. */
static void finish_topics(struct builder *b, const struct topic_set *t, struct group_list *list)
{
	struct map *map = map_new(b->arena, list->n);

	qsort(list->items, list->n, sizeof *list->items, by_slug);
	for (size_t i = 0; i < list->n; i++) {
		struct group *g = list->items[i];

		g->name = arena_str(b->arena, topic_name(map_get(t->by_slug, g->slug)));
		map_add(map, g->slug, g);
	}
	list->by_slug = map;
}

static void make_room(struct builder *b, const struct group_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		list->items[i]->entries =
		    arena_array(b->arena, list->items[i]->n, sizeof(struct entry *));
		list->items[i]->n = 0;
	}
}

static void add_to(struct group **groups, uint16_t n, struct entry *e)
{
	for (uint16_t i = 0; i < n; i++)
		groups[i]->entries[groups[i]->n++] = e;
}

/* Fills the lists of the groups, whose lengths have been counted. */
static void fill_groups(struct builder *b)
{
	make_room(b, &b->digest->categories);
	make_room(b, &b->digest->tags);
	make_room(b, &b->digest->authors);
	for (uint32_t i = 0; i < b->n; i++) {
		struct entry *e = b->digest->all.entries[i];

		add_to(e->categories, e->ncategories, e);
		add_to(e->tags, e->ntags, e);
		add_to(e->authors, e->nauthors, e);
	}
}

static void count_waiting(struct group *g, int64_t now)
{
	for (uint32_t i = 0; i < g->n; i++)
		if (g->entries[i]->date.instant > now)
			g->waiting = i + 1;
}

static void count_all_waiting(struct digest *d)
{
	const struct group_list *lists[] = {
	    &d->categories, &d->tags, &d->authors, &d->months, &d->years, &d->issues};

	count_waiting(&d->all, d->loaded);
	for (size_t k = 0; k < sizeof lists / sizeof *lists && d->all.waiting > 0; k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			count_waiting(lists[k]->items[i], d->loaded);
}

static int by_instant(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static void gather_updates(struct digest *d)
{
	int64_t *updates;
	size_t n = 0;

	for (uint32_t i = 0; i < d->all.n; i++)
		n += d->all.entries[i]->updated.instant > d->loaded;
	updates = arena_array(d->arena, n, sizeof *updates);
	for (uint32_t i = 0; i < d->all.n; i++)
		if (d->all.entries[i]->updated.instant > d->loaded)
			updates[d->nupdates++] = d->all.entries[i]->updated.instant;
	if (n > 0)
		qsort(updates, n, sizeof *updates, by_instant);
	d->updates = updates;
}

struct digest *index_build(struct index *ix, int64_t now, struct arena *arena)
{
	struct builder b = {
	    .ix = ix, .digest = arena_alloc(arena, sizeof *b.digest), .arena = arena};
	struct digest *d = b.digest;

	d->site = ix->site->site;
	d->loaded = now;
	d->arena = arena;
	sort_entries(&b);
	build_maps(&b);
	build_categories(&b);
	link_groups(&b);
	finish_topics(&b, &ix->tags, &d->tags);
	finish_topics(&b, &ix->authors, &d->authors);
	fill_groups(&b);
	d->months = periods_make(&d->all, DATE_MONTH, arena);
	d->years = periods_make(&d->all, DATE_YEAR, arena);
	d->issues = periods_make(&d->all, d->site.issues, arena);
	count_all_waiting(d);
	gather_updates(d);
	issue_count_parts(d);
	return d;
}
