#include "config.h"

#include "pages/paths.h"

struct str paths_entry(struct arena *a, const struct entry *e)
{
	return arena_printf(a, "/entries/%.*s", STR_ARGS(e->slug));
}

struct str paths_group(struct arena *a, const char *kind, const struct group *g)
{
	return arena_printf(a, "/%s/%.*s/", kind, STR_ARGS(g->slug));
}

struct str paths_year(struct arena *a, const struct group *year)
{
	return arena_printf(a, "/archive/%.*s/", STR_ARGS(year->slug));
}

struct str paths_month(struct arena *a, const struct group *month)
{
	size_t hyphen = str_index(month->slug, '-');
	struct str year = str_sub(month->slug, 0, hyphen),
		   number = str_skip(month->slug, hyphen + 1);

	return arena_printf(a, "/archive/%.*s/%.*s/", STR_ARGS(year), STR_ARGS(number));
}

struct str paths_issue(struct arena *a, const struct group *issue)
{
	return arena_printf(a, "/issues/%.*s", STR_ARGS(issue->slug));
}
