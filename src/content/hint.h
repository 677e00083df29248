/*
 * hint: what to try where a query found nothing.
 *
 * Pure: whether it would find something is for search to see.
 */
#ifndef CONTENT_HINT_H
#define CONTENT_HINT_H

#include "content/query.h"
#include "content/vocabulary.h"

/*
 * Stores, as a reader would type them and likeliest first, at most max queries
 * that ask for less than q: its words anywhere and in any order, each term by
 * itself, each word by itself; instead of a word that is not in the vocabulary
 * the longest beginning that is. Returns how many. What is stored lies in the
 * arena or in q.
 */
size_t hint_collect(const struct query *q, const struct vocabulary *v, struct str *hints,
    size_t max, struct arena *a);

#endif
