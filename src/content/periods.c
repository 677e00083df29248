#include "config.h"

#include "content/periods.h"

static struct str make_slug(struct arena *a, enum date_period period, const struct date *d)
{
	int year, week;

	switch (period) {
	case DATE_WEEK:
		week = date_week(d, &year);
		return arena_printf(a, "%04d-W%02d", year, week);
	case DATE_MONTH:
		return arena_printf(a, "%04d-%02d", d->year, d->month);
	case DATE_YEAR:
		break;
	}
	return arena_printf(a, "%04d", d->year);
}

static struct str make_name(struct arena *a, enum date_period period, const struct date *d)
{
	int year, week;

	switch (period) {
	case DATE_WEEK:
		week = date_week(d, &year);
		return arena_printf(a, "Week %d of %d", week, year);
	case DATE_MONTH:
		return arena_printf(a, "%s %d", date_month_name(d->month), d->year);
	case DATE_YEAR:
		break;
	}
	return arena_printf(a, "%d", d->year);
}

/* How many entries from the i-th on lie in its period. */
static uint32_t stretch(const struct group *all, enum date_period period, uint32_t i)
{
	struct date_span span = date_span(period, &all->entries[i]->date);
	uint32_t n = 1;

	while (i + n < all->n && date_within(&all->entries[i + n]->date, &span))
		n++;
	return n;
}

struct group_list periods_make(
    const struct group *all, enum date_period period, struct arena *arena)
{
	struct group_list list = {0};
	struct map *map;

	for (uint32_t i = 0; i < all->n; i += stretch(all, period, i))
		list.n++;
	list.items = arena_array(arena, list.n, sizeof *list.items);
	list.by_slug = map = map_new(arena, list.n);
	list.n = 0;
	for (uint32_t i = 0; i < all->n; i += list.items[list.n++]->n) {
		const struct date *d = &all->entries[i]->date;
		struct group *g = arena_alloc(arena, sizeof *g);

		g->slug = make_slug(arena, period, d);
		g->name = make_name(arena, period, d);
		g->entries = all->entries + i;
		g->n = stretch(all, period, i);
		list.items[list.n] = g;
		map_add(map, g->slug, g);
	}
	return list;
}
