/*
 * wording: counts, lists of names and dates as a person writes them.
 *
 * Everything is made in the arena given, in English; the pages' own sentences
 * stand with the pages.
 */
#ifndef PAGES_WORDING_H
#define PAGES_WORDING_H

#include "content/digest.h"

/* "2,224" */
struct str wording_number(struct arena *a, uint64_t n);

/* "1 entry", "2,224 entries", "no entries" */
struct str wording_count(struct arena *a, uint64_t n, const char *one, const char *many);

/* "Ann", "Ann and Ben", "Ann, Ben and Cem" */
struct str wording_names(struct arena *a, struct group *const *groups, size_t n);

/*
 * The same; of more than most the first ones, then how many are left out: "Ann, Ben and 10
 * others".
 */
struct str wording_some(struct arena *a, struct group *const *groups, size_t n, size_t most);

/* "27 November 2019" */
struct str wording_day(struct arena *a, const struct date *d);

/*
 * "11 to 17 November 2019", "28 October to 3 November 2019", "30 December 2019 to 5
 * January 2020"
 */
struct str wording_days(struct arena *a, const struct date_span *days);

/* "2019-11-27 Title": the label by which feed readers know an entry (F-01, F-02). */
struct str wording_dated(struct arena *a, const struct entry *e);

/* The text, of which at most so many bytes are left, with an ellipsis for the others. */
struct str wording_cut(struct arena *a, struct str text, size_t bytes);

/*
 * "blog.example.org (web)": where a URL leads, so that a reader knows when it leaves the
 * small web.
 */
struct str wording_place(struct arena *a, struct str url);

#endif
