#include "config.h"

#include "content/digest.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct digest *digest_ref(struct digest *d)
{
	if (d)
		atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
	return d;
}

void digest_unref(struct digest *d)
{
	unsigned before = d ? atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) : 0;

	assert(!d || before > 0);
	if (before == 1)
		arena_free(d->arena);
}

static bool is_due(const struct entry *e, int64_t now)
{
	return e->date.instant <= now;
}

uint32_t digest_count(const struct group *g, int64_t now)
{
	uint32_t n = g->n;

	for (uint32_t i = 0; i < g->waiting; i++)
		n -= !is_due(g->entries[i], now);
	return n;
}

const struct entry *digest_at(const struct group *g, int64_t now, uint32_t i)
{
	for (uint32_t k = 0; k < g->waiting; k++)
		if (is_due(g->entries[k], now) && i-- == 0)
			return g->entries[k];
	return i < g->n - g->waiting ? g->entries[g->waiting + i] : NULL;
}

const struct entry *digest_neighbour(
    const struct digest *d, const struct entry *e, int direction, int64_t now)
{
	uint32_t i = e->index;

	assert(direction == -1 || direction == 1);
	if (e->gone)
		return NULL;
	while (direction > 0 ? i + 1 < d->all.n : i > 0) {
		i = direction > 0 ? i + 1 : i - 1;
		if (is_due(d->all.entries[i], now))
			return d->all.entries[i];
	}
	return NULL;
}

static const struct entry *find_entry(const struct map *m, struct str slug, int64_t now)
{
	const struct entry *e = map_get(m, slug);

	return e && (e->gone || is_due(e, now)) ? e : NULL;
}

const struct entry *digest_entry(const struct digest *d, struct str slug, int64_t now)
{
	return find_entry(d->entries, slug, now);
}

const struct entry *digest_alias(const struct digest *d, struct str slug, int64_t now)
{
	return find_entry(d->aliases, slug, now);
}

struct date digest_updated(const struct entry *e, int64_t now)
{
	return e->updated.instant <= now ? e->updated : (struct date){0};
}

const struct group *digest_group(const struct group_list *l, struct str slug)
{
	return map_get(l->by_slug, slug);
}

const struct group *digest_beside(
    const struct group_list *l, const struct group *g, int direction, int64_t now)
{
	size_t i = 0;

	assert(direction == -1 || direction == 1);
	while (l->items[i] != g)
		i++;
	while (direction > 0 ? i + 1 < l->n : i > 0) {
		i = direction > 0 ? i + 1 : i - 1;
		if (digest_count(l->items[i], now) > 0)
			return l->items[i];
	}
	return NULL;
}

const struct group *digest_former(const struct digest *d, struct str slug)
{
	return map_get(d->former, slug);
}

static int compare_page(const void *key, const void *page)
{
	return str_cmp(*(const struct str *)key, ((const struct static_page *)page)->path);
}

size_t digest_group_count(const struct digest *d, const struct group_list *l, int64_t now)
{
	size_t n = 0;

	if (d->all.waiting == 0)
		return l->n;
	for (size_t i = 0; i < l->n; i++)
		n += digest_count(l->items[i], now) > 0;
	return n;
}

const struct static_page *digest_page(const struct digest *d, struct str path)
{
	return d->npages ? bsearch(&path, d->pages, d->npages, sizeof *d->pages, compare_page)
			 : NULL;
}

static int compare_file(const void *key, const void *file)
{
	return str_cmp(*(const struct str *)key, ((const struct static_file *)file)->path);
}

const struct static_file *digest_file(const struct digest *d, struct str path)
{
	return d->nfiles ? bsearch(&path, d->files, d->nfiles, sizeof *d->files, compare_file)
			 : NULL;
}

const struct group *digest_issue(const struct digest *d, const struct entry *e)
{
	size_t low = 0, high = d->issues.n;

	assert(!e->gone);
	/* Issues are stretches of the list of all: e is in the last that begins no later. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (d->issues.items[middle]->entries[0]->index <= e->index)
			low = middle;
		else
			high = middle;
	}
	return d->issues.items[low];
}

struct date_span digest_issue_days(const struct digest *d, const struct group *issue)
{
	return date_span(d->site.issues, &issue->entries[0]->date);
}

int64_t digest_issue_end(const struct digest *d, const struct group *issue)
{
	struct date_span days = digest_issue_days(d, issue);
	int64_t end = days.last.instant + DATE_DAY_SECONDS;

	/* Far in the west the last day is longer. */
	for (uint32_t i = 0; i < issue->waiting; i++)
		if (issue->entries[i]->date.instant > end)
			end = issue->entries[i]->date.instant;
	return end;
}

size_t digest_complete(const struct digest *d, int64_t now)
{
	size_t i = 0;

	while (i < d->issues.n && digest_issue_end(d, d->issues.items[i]) > now)
		i++;
	return i;
}

int64_t digest_next_due(const struct digest *d, int64_t now)
{
	const struct date *expires = &d->site.security.expires;
	size_t complete = digest_complete(d, now);
	int64_t next =
	    complete > 0 ? digest_issue_end(d, d->issues.items[complete - 1]) : INT64_MAX;

	if (expires->year && expires->instant > now && expires->instant < next)
		next = expires->instant;
	for (size_t i = 0; i < d->nupdates && d->updates[i] < next; i++)
		if (d->updates[i] > now)
			next = d->updates[i];
	for (uint32_t i = 0; i < d->all.waiting; i++) {
		int64_t instant = d->all.entries[i]->date.instant;

		if (instant > now && instant < next)
			next = instant;
	}
	return next;
}
