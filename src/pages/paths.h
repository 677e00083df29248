/*
 * paths: where the things of a digest are.
 *
 * The one place where the paths of pages are spelt that the content decides; the
 * route table (pages.c) reads them. Everything is made in the arena given.
 */
#ifndef PAGES_PATHS_H
#define PAGES_PATHS_H

#include "content/digest.h"

/* "/entries/SLUG" */
struct str paths_entry(struct arena *a, const struct entry *e);

/* "/KIND/SLUG/", of a category, tag or author; kind is "categories", "tags" or "authors". */
struct str paths_group(struct arena *a, const char *kind, const struct group *g);

/* "/archive/2019/" */
struct str paths_year(struct arena *a, const struct group *year);

/* "/archive/2019/11/" */
struct str paths_month(struct arena *a, const struct group *month);

/* "/issues/2019-W46" */
struct str paths_issue(struct arena *a, const struct group *issue);

#endif
