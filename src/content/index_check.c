#include "config.h"

#include "content/index.h"
#include "base/map.h"
#include "base/uri.h"

#define AT "%.*s:%u"
#define AT_ARGS(pos) STR_ARGS((pos)->file), (pos)->line

/* Who has which name so far. Maps are in the work arena; the rest is borrowed. */
struct checker {
	struct index *ix; /* what is for the builder */
	struct diag_list *diags;
	struct map *categories; /* slug -> struct site_category * */
	struct map *former;     /* alias of a category -> struct site_category * */
	struct map *slugs;      /* slug -> struct entry_source * */
	struct map *aliases;    /* alias -> struct list_item * */
	struct map *urls;       /* url, folded -> struct entry_source * */
};

/* Aliases come after all slugs here too. */
static void check_former(struct checker *check, struct site_category *c)
{
	for (size_t i = 0; i < c->aliases.n; i++) {
		const struct list_item *alias = &c->aliases.items[i];
		const struct site_category *slug = map_get(check->categories, alias->text);
		const struct site_category *other =
		    slug ? NULL : map_add(check->former, alias->text, c);

		if (slug)
			diag_error(check->diags, alias->pos,
			    "alias '%.*s' is the slug of the category at " AT "; delete the alias",
			    STR_ARGS(alias->text), AT_ARGS(&slug->pos));
		else if (other)
			diag_error(check->diags, alias->pos,
			    "alias '%.*s' is already one of the category at " AT "; delete one",
			    STR_ARGS(alias->text), AT_ARGS(&other->pos));
	}
}

static void check_site(struct checker *check)
{
	for (size_t i = 0; i < check->ix->site->ncategories; i++) {
		struct site_category *c = &check->ix->site->categories[i];
		const struct site_category *other =
		    c->slug.n > 0 ? map_add(check->categories, c->slug, c) : NULL;

		if (other)
			diag_error(check->diags, c->pos,
			    "category '%.*s' is already at " AT "; choose another slug",
			    STR_ARGS(c->slug), AT_ARGS(&other->pos));
	}
	for (size_t i = 0; i < check->ix->site->ncategories; i++)
		check_former(check, &check->ix->site->categories[i]);
}

static void check_slug(struct checker *check, struct entry_source *s)
{
	struct str slug = s->entry->slug;
	const struct entry_source *other = slug.n > 0 ? map_add(check->slugs, slug, s) : NULL;

	if (!other)
		return;
	if (s->slug_made)
		diag_error(check->diags, s->slug_pos,
		    "the slug '%.*s', made from this title, is already used at " AT
		    "; write another slug",
		    STR_ARGS(slug), AT_ARGS(&other->slug_pos));
	else
		diag_error(check->diags, s->slug_pos,
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

static void check_url(struct checker *check, struct entry_source *s)
{
	struct str url = fold_url(check->ix->work, s->entry->url);
	const struct entry_source *other = url.n > 0 ? map_add(check->urls, url, s) : NULL;

	if (other)
		diag_error(check->diags, s->url_pos,
		    "url '%.*s' is already used at " AT "; delete one of the two entries",
		    SHOWN(s->entry->url), AT_ARGS(&other->url_pos));
}

/* Aliases come after all slugs, so that it is always the alias that must give way. */
static void check_aliases(struct checker *check, const struct entry_source *s)
{
	for (size_t i = 0; i < s->aliases.n; i++) {
		struct list_item *alias = &s->aliases.items[i];
		const struct entry_source *slug = map_get(check->slugs, alias->text);
		const struct list_item *other =
		    slug ? NULL : map_add(check->aliases, alias->text, alias);

		if (slug)
			diag_error(check->diags, alias->pos,
			    "alias '%.*s' is the slug of the entry at " AT "; delete the alias",
			    STR_ARGS(alias->text), AT_ARGS(&slug->slug_pos));
		else if (other)
			diag_error(check->diags, alias->pos,
			    "alias '%.*s' is already used at " AT "; delete one",
			    STR_ARGS(alias->text), AT_ARGS(&other->pos));
	}
}

static struct str category_slug(const void *context, size_t i)
{
	const struct site_source *site = context;

	return site->categories[i].gone ? STR("") : site->categories[i].slug;
}

static void report_unknown_category(struct checker *check, const struct list_item *c)
{
	struct str near =
	    fields_nearest(c->text, check->ix->site->ncategories, category_slug, check->ix->site);
	struct str some = site_some_category(check->ix->site);
	const struct site_category *renamed = map_get(check->former, c->text);

	if (renamed && !renamed->gone)
		diag_error(check->diags, c->pos, "category '%.*s' has another slug now: write %.*s",
		    STR_ARGS(c->text), STR_ARGS(renamed->slug));
	else if (near.n > 0)
		diag_error(check->diags, c->pos, "unknown category '%.*s': did you mean '%.*s'?",
		    SHOWN(c->text), STR_ARGS(near));
	else
		diag_error(check->diags, c->pos,
		    "unknown category '%.*s': write a slug of those in digest.yaml, for example "
		    "%.*s, or add it there",
		    SHOWN(c->text), STR_ARGS(some.n > 0 ? some : STR("language")));
}

/* Without any category digest.yaml is at fault, and has been reported. */
static void check_category(struct checker *check, const struct list_item *c)
{
	const struct site_category *known = map_get(check->categories, c->text);

	if (!known && check->ix->site->ncategories > 0)
		report_unknown_category(check, c);
	else if (known && known->gone)
		diag_error(check->diags, c->pos,
		    "category '%.*s' is gone, as " AT " says: write another, or delete gone there",
		    STR_ARGS(c->text), AT_ARGS(&known->pos));
}

static void check_categories(struct checker *check, const struct list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct list_item *c = &list->items[i];

		check_category(check, c);
		for (size_t k = 0; k < i; k++)
			if (str_eq(c->text, list->items[k].text))
				diag_error(check->diags, c->pos,
				    "category '%.*s' is written twice: delete one",
				    STR_ARGS(c->text));
	}
}

/* Checks the i-th of an entry's tags or authors, and that none before it is the same topic. */
static void check_topic(struct checker *check, struct topic_set *t, const struct list_item *item,
    const struct topic **before, size_t i)
{
	const struct topic_spelling *s = topic_spelling(t, item->text);

	before[i] = s->topic;
	if (!s->topic)
		diag_error(check->diags, item->pos,
		    "%s '%.*s' has no letter or digit to make its path of: write it in words",
		    t->word, SHOWN(item->text));
	for (size_t k = 0; k < i && s->topic; k++)
		if (before[k] == s->topic)
			diag_error(check->diags, item->pos,
			    "%s '%.*s' is written twice (both are %.*s in paths): delete one",
			    t->word, SHOWN(item->text), STR_ARGS(s->topic->slug));
}

static void check_topics(struct checker *check, const struct entry_source *s)
{
	const struct topic *tags[ENTRY_TAGS_MAX], *authors[ENTRY_AUTHORS_MAX];

	for (size_t i = 0; i < s->tags.n; i++)
		check_topic(check, &check->ix->tags, &s->tags.items[i], tags, i);
	for (size_t i = 0; i < s->authors.n; i++)
		check_topic(check, &check->ix->authors, &s->authors.items[i].name, authors, i);
}

struct index *index_check(const struct site_source *site, const struct entry_list *entries,
    struct arena *work, struct diag_list *diags)
{
	struct index *ix = arena_alloc(work, sizeof *ix);
	struct checker check = {
	    .ix = ix,
	    .diags = diags,
	    .categories = map_new(work, site->ncategories),
	    .former = map_new(work, 0),
	    .slugs = map_new(work, entries->n),
	    .aliases = map_new(work, 0),
	    .urls = map_new(work, entries->n),
	};

	*ix = (struct index){
	    .site = site,
	    .entries = entries,
	    .work = work,
	    .tags = topic_set(work, "tag"),
	    .authors = topic_set(work, "author"),
	};
	check_site(&check);
	for (size_t i = 0; i < entries->n; i++) {
		struct entry_source *s = &entries->items[i];

		check_slug(&check, s);
		check_url(&check, s);
		check_categories(&check, &s->categories);
		check_topics(&check, s);
	}
	for (size_t i = 0; i < entries->n; i++)
		check_aliases(&check, &entries->items[i]);
	return ix;
}
