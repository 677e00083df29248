#include "config.h"

#include "content/periods.h"
#include "base/mem.h"

#include <stdlib.h>

/*
 * A switch and not a table of formats, which the compiler could not check against their
 * arguments.
 */
static void set_names(
    struct group *g, enum date_period period, const struct date *d, struct arena *arena)
{
	int year, week;

	switch (period) {
	case DATE_WEEK:
		week = date_week(d, &year);
		g->slug = arena_printf(arena, "%04d-W%02d", year, week);
		g->name = arena_printf(arena, "Week %d of %d", week, year);
		break;
	case DATE_MONTH:
		g->slug = arena_printf(arena, "%04d-%02d", d->year, d->month);
		g->name = arena_printf(arena, "%s %d", date_month_name(d->month), d->year);
		break;
	case DATE_YEAR:
		g->slug = arena_printf(arena, "%04d", d->year);
		g->name = arena_printf(arena, "%d", d->year);
		break;
	}
}

/* The period whose first entry is the i-th. */
static struct group *make_period(
    const struct group *all, uint32_t i, enum date_period period, struct arena *arena)
{
	const struct date *d = &all->entries[i]->date;
	struct date_span span = date_span(period, d);
	struct group *g = arena_alloc(arena, sizeof *g);

	set_names(g, period, d, arena);
	g->entries = all->entries + i;
	while (i + g->n < all->n && date_within(&g->entries[g->n]->date, &span))
		g->n++;
	return g;
}

struct group_list periods_make(
    const struct group *all, enum date_period period, struct arena *arena)
{
	struct map *by_slug = map_new(arena, 0);
	struct group_list list = {.by_slug = by_slug};
	struct group **found = NULL;
	size_t cap = 0;
	uint32_t i = 0;

	while (i < all->n) {
		struct group *g = make_period(all, i, period, arena);

		found = mem_grow(found, &cap, list.n + 1, sizeof(struct group *));
		found[list.n++] = g;
		map_add(by_slug, g->slug, g);
		i += g->n;
	}
	list.items = arena_array(arena, list.n, sizeof(struct group *));
	if (found)
		memcpy(list.items, found, list.n * sizeof(struct group *));
	free(found);
	return list;
}
