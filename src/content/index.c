#include "config.h"

#include "content/index.h"
#include "base/map.h"
#include "base/slug.h"
#include "base/uri.h"
#include "content/issue.h"
#include "content/periods.h"

#include <stdlib.h>

#define AT "%.*s:%u"
#define AT_ARGS(pos) STR_ARGS((pos)->file), (pos)->line

/*
 * Tags and authors are written as people write them; what has the same slug is
 * the same topic, and each way to write it is a spelling.
 */
struct topic {
	struct str slug;
	struct spelling *spellings; /* in the reverse order of their first use */
	struct group *group;        /* NULL until an entry is listed under it */
};

struct spelling {
	struct str name;
	struct topic *topic;   /* NULL: the name makes no slug */
	struct spelling *next; /* of the same topic */
	uint32_t uses;         /* by listed entries */
	uint32_t first;        /* the newest entry that uses it */
};

struct topics {
	const char *word; /* "tag"; for messages */
	struct map *by_name;
	struct map *by_slug;
	size_t n; /* topics */
};

/* All in the work arena but what is said to be borrowed. */
struct index {
	const struct site_source *site;   /* borrowed */
	const struct entry_list *entries; /* borrowed */
	struct arena *work;               /* borrowed */
	struct diag_list *diags;          /* borrowed; while checking */
	struct map *categories;           /* slug -> struct site_category * */
	struct map *former;               /* alias of a category -> struct site_category * */
	struct map *slugs;                /* slug -> struct entry_source * */
	struct map *aliases;              /* alias -> struct list_item * */
	struct map *urls;                 /* url, folded -> struct entry_source * */
	struct topics tags;
	struct topics authors;
};

/* ---------------------------------------------------------------------------------- topics */

static struct topics topics_new(struct arena *work, const char *word)
{
	return (struct topics){word, map_new(work, 0), map_new(work, 0), 0};
}

static struct topic *topic_of(struct topics *t, struct arena *work, struct str slug)
{
	struct topic *topic = map_get(t->by_slug, slug);

	if (!topic) {
		topic = arena_alloc(work, sizeof *topic);
		topic->slug = arena_str(work, slug);
		map_add(t->by_slug, topic->slug, topic);
		t->n++;
	}
	return topic;
}

/* The spelling that name is; name must live as long as the work arena. */
static struct spelling *spelling_of(struct topics *t, struct arena *work, struct str name)
{
	struct spelling *s = map_get(t->by_name, name);
	struct buf slug = {0};

	if (s)
		return s;
	s = arena_alloc(work, sizeof *s);
	s->name = name;
	map_add(t->by_name, name, s);
	slug_make(&slug, name);
	if (slug.len > 0) {
		s->topic = topic_of(t, work, buf_str(&slug));
		s->next = s->topic->spellings;
		s->topic->spellings = s;
	}
	buf_free(&slug);
	return s;
}

/* The name that most entries use; of two used alike, the newest entry's. */
static struct str best_name(const struct topic *t)
{
	const struct spelling *best = t->spellings;

	for (const struct spelling *s = best->next; s; s = s->next)
		if (s->uses > best->uses || (s->uses == best->uses && s->first < best->first))
			best = s;
	return best->name;
}

/* -------------------------------------------------------------------------------- checking */

/* Aliases come after all slugs here too. */
static void check_former(struct index *ix, struct site_category *c)
{
	for (size_t i = 0; i < c->aliases.n; i++) {
		const struct list_item *alias = &c->aliases.items[i];
		const struct site_category *slug = map_get(ix->categories, alias->text);
		const struct site_category *other =
		    slug ? NULL : map_add(ix->former, alias->text, c);

		if (slug)
			diag_error(ix->diags, alias->pos,
			    "alias '%.*s' is the slug of the category at " AT "; delete the alias",
			    STR_ARGS(alias->text), AT_ARGS(&slug->pos));
		else if (other)
			diag_error(ix->diags, alias->pos,
			    "alias '%.*s' is already one of the category at " AT "; delete one",
			    STR_ARGS(alias->text), AT_ARGS(&other->pos));
	}
}

static void check_site(struct index *ix)
{
	for (size_t i = 0; i < ix->site->ncategories; i++) {
		struct site_category *c = &ix->site->categories[i];
		const struct site_category *other =
		    c->slug.n > 0 ? map_add(ix->categories, c->slug, c) : NULL;

		if (other)
			diag_error(ix->diags, c->pos,
			    "category '%.*s' is already at " AT "; choose another slug",
			    STR_ARGS(c->slug), AT_ARGS(&other->pos));
	}
	for (size_t i = 0; i < ix->site->ncategories; i++)
		check_former(ix, &ix->site->categories[i]);
}

static void check_slug(struct index *ix, struct entry_source *s)
{
	struct str slug = s->entry->slug;
	const struct entry_source *other = slug.n > 0 ? map_add(ix->slugs, slug, s) : NULL;

	if (!other)
		return;
	if (s->slug_made)
		diag_error(ix->diags, s->slug_pos,
		    "the slug '%.*s', made from this title, is already used at " AT
		    "; write another slug",
		    STR_ARGS(slug), AT_ARGS(&other->slug_pos));
	else
		diag_error(ix->diags, s->slug_pos,
		    "slug '%.*s' is already used at " AT "; choose another", STR_ARGS(slug),
		    AT_ARGS(&other->slug_pos));
}

static void fold(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
}

/* The URL with its scheme and its host, where case has no meaning, in small letters. */
static struct str fold_url(struct arena *arena, struct str url)
{
	char *copy = arena_array(arena, url.n, 1);
	struct uri u;

	if (url.n == 0 || !uri_parse(url, true, &u, NULL))
		return url;
	memcpy(copy, url.p, url.n);
	fold(copy, u.scheme.n);
	if (u.host.n > 0)
		fold(copy + (u.host.p - url.p), u.host.n);
	return (struct str){copy, url.n};
}

static void check_url(struct index *ix, struct entry_source *s)
{
	struct str url = fold_url(ix->work, s->entry->url);
	const struct entry_source *other = url.n > 0 ? map_add(ix->urls, url, s) : NULL;

	if (other)
		diag_error(ix->diags, s->url_pos,
		    "url '%.*s' is already used at " AT "; delete one of the two entries",
		    SHOWN(s->entry->url), AT_ARGS(&other->url_pos));
}

/* Aliases come after all slugs, so that it is always the alias that must give way. */
static void check_aliases(struct index *ix, const struct entry_source *s)
{
	for (size_t i = 0; i < s->aliases.n; i++) {
		struct list_item *alias = &s->aliases.items[i];
		const struct entry_source *slug = map_get(ix->slugs, alias->text);
		const struct list_item *other =
		    slug ? NULL : map_add(ix->aliases, alias->text, alias);

		if (slug)
			diag_error(ix->diags, alias->pos,
			    "alias '%.*s' is the slug of the entry at " AT "; delete the alias",
			    STR_ARGS(alias->text), AT_ARGS(&slug->slug_pos));
		else if (other)
			diag_error(ix->diags, alias->pos,
			    "alias '%.*s' is already used at " AT "; delete one",
			    STR_ARGS(alias->text), AT_ARGS(&other->pos));
	}
}

static struct str category_slug(const void *context, size_t i)
{
	const struct site_source *site = context;

	return site->categories[i].gone ? STR("") : site->categories[i].slug;
}

static void report_unknown_category(struct index *ix, const struct list_item *c)
{
	struct str near = fields_nearest(c->text, ix->site->ncategories, category_slug, ix->site);
	struct str some = site_some_category(ix->site);
	const struct site_category *renamed = map_get(ix->former, c->text);

	if (renamed && !renamed->gone)
		diag_error(ix->diags, c->pos, "category '%.*s' has another slug now: write %.*s",
		    STR_ARGS(c->text), STR_ARGS(renamed->slug));
	else if (near.n > 0)
		diag_error(ix->diags, c->pos, "unknown category '%.*s': did you mean '%.*s'?",
		    SHOWN(c->text), STR_ARGS(near));
	else
		diag_error(ix->diags, c->pos,
		    "unknown category '%.*s': write a slug of those in digest.yaml, for example "
		    "%.*s, or add it there",
		    SHOWN(c->text), STR_ARGS(some.n > 0 ? some : STR("language")));
}

/* Without any category digest.yaml is at fault, and has been reported. */
static void check_category(struct index *ix, const struct list_item *c)
{
	const struct site_category *known = map_get(ix->categories, c->text);

	if (!known && ix->site->ncategories > 0)
		report_unknown_category(ix, c);
	else if (known && known->gone)
		diag_error(ix->diags, c->pos,
		    "category '%.*s' is gone, as " AT " says: write another, or delete gone there",
		    STR_ARGS(c->text), AT_ARGS(&known->pos));
}

static void check_categories(struct index *ix, const struct list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct list_item *c = &list->items[i];

		check_category(ix, c);
		for (size_t k = 0; k < i; k++)
			if (str_eq(c->text, list->items[k].text))
				diag_error(ix->diags, c->pos,
				    "category '%.*s' is written twice: delete one",
				    STR_ARGS(c->text));
	}
}

/* Checks the i-th of an entry's tags or authors, and that none before it is the same topic. */
static void check_topic(struct index *ix, struct topics *t, const struct list_item *item,
    const struct topic **before, size_t i)
{
	const struct spelling *s = spelling_of(t, ix->work, item->text);

	before[i] = s->topic;
	if (!s->topic)
		diag_error(ix->diags, item->pos,
		    "%s '%.*s' has no letter or digit to make its path of: write it in words",
		    t->word, SHOWN(item->text));
	for (size_t k = 0; k < i && s->topic; k++)
		if (before[k] == s->topic)
			diag_error(ix->diags, item->pos,
			    "%s '%.*s' is written twice (both are %.*s in paths): delete one",
			    t->word, SHOWN(item->text), STR_ARGS(s->topic->slug));
}

static void check_topics(struct index *ix, const struct entry_source *s)
{
	const struct topic *tags[ENTRY_TAGS_MAX], *authors[ENTRY_AUTHORS_MAX];

	for (size_t i = 0; i < s->tags.n; i++)
		check_topic(ix, &ix->tags, &s->tags.items[i], tags, i);
	for (size_t i = 0; i < s->authors.n; i++)
		check_topic(ix, &ix->authors, &s->authors.items[i].name, authors, i);
}

struct index *index_check(const struct site_source *site, const struct entry_list *entries,
    struct arena *work, struct diag_list *diags)
{
	struct index *ix = arena_alloc(work, sizeof *ix);

	*ix = (struct index){
	    .site = site,
	    .entries = entries,
	    .work = work,
	    .diags = diags,
	    .categories = map_new(work, site->ncategories),
	    .former = map_new(work, 0),
	    .slugs = map_new(work, entries->n),
	    .aliases = map_new(work, 0),
	    .urls = map_new(work, entries->n),
	    .tags = topics_new(work, "tag"),
	    .authors = topics_new(work, "author"),
	};
	check_site(ix);
	for (size_t i = 0; i < entries->n; i++) {
		struct entry_source *s = &entries->items[i];

		check_slug(ix, s);
		check_url(ix, s);
		check_categories(ix, &s->categories);
		check_topics(ix, s);
	}
	for (size_t i = 0; i < entries->n; i++)
		check_aliases(ix, &entries->items[i]);
	ix->diags = NULL;
	return ix;
}

/* -------------------------------------------------------------------------------- building */

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
static struct group *use_topic(
    struct builder *b, struct topics *t, struct str name, uint32_t entry, struct group_list *list)
{
	struct spelling *s = spelling_of(t, b->ix->work, name);

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
static void finish_topics(struct builder *b, const struct topics *t, struct group_list *list)
{
	struct map *map = map_new(b->arena, list->n);

	qsort(list->items, list->n, sizeof *list->items, by_slug);
	for (size_t i = 0; i < list->n; i++) {
		struct group *g = list->items[i];

		g->name = arena_str(b->arena, best_name(map_get(t->by_slug, g->slug)));
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
