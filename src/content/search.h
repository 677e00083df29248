/*
 * search: full-text search over one digest, with SQLite's FTS5 in memory.
 *
 * The index is made once from a snapshot and holds a reference to it. What may
 * be typed is query.h's; here it is found, ranked, counted and paged:
 *
 * - An entry stands the higher, the more of the words it has in its title, then
 *   in its tags, its summary and its authors' names; rare words tell more than
 *   common ones, and a title that says little else tells more. Of equals the
 *   newest comes first.
 * - Work is bounded by counts, not by a clock, so an answer never depends on
 *   the load or on what was searched for before. Only the newest SEARCH_RANKED
 *   matches are ranked, and as many older ones by their titles and tags alone; the
 *   others follow, newest first. A search that would look at more than about
 *   SEARCH_WORK places of the index looks only at the newest entries, and says so.
 *   FTS5 looks on behind those until something matches: a search that would read
 *   more than about SEARCH_PAGES ends with what was ranked by then, which may be
 *   nothing, and says so too.
 * - What is not yet due is neither found nor counted.
 */
#ifndef CONTENT_SEARCH_H
#define CONTENT_SEARCH_H

#include "content/digest.h"
#include "content/query.h"

#include <stdatomic.h>

/* Bytes of what is typed that are looked at. */
#define SEARCH_WORDS_MAX QUERY_BYTES_MAX

/* Bounds on the work, see above. */
#define SEARCH_RANKED 2048u
#define SEARCH_WORK 300000u
#define SEARCH_PAGES 25000u /* of the index; each counts for every phrase that is looked for */

struct search;

/*
 * Builds the index. May run on any thread; a search is used by one thread at a
 * time. NULL, with the reason appended to why, when SQLite refuses, or soon after
 * another thread set *stop; stop may be NULL and is not used after the return.
 */
struct search *search_new(struct digest *d, const atomic_bool *stop, struct buf *why);

/* Frees the index and lets go of the digest; NULL is allowed. */
void search_free(struct search *s);

/* The digest that is searched. */
const struct digest *search_digest(const struct search *s);

/* Bytes of memory that the index takes, about. */
size_t search_size(const struct search *s);

/* How often SQLite refused to search, for which it has no reason but that memory ran out. */
uint64_t search_faults(const struct search *s);

/* What the last search or hint cost, counted as SEARCH_PAGES is. */
uint64_t search_pages(const struct search *s);

struct search_result {
	struct str words;          /* what was looked for, clean and cut: for headings and links */
	const struct query *query; /* for search_excerpt */
	uint32_t total;            /* entries that match and are due */
	bool more;                 /* the work was cut: there may be more than total */
	bool failed; /* SQLite refused: what is here is not the answer, and not to be kept */
	const struct entry **entries; /* the page asked for, best first */
	uint32_t n;                   /* of them */
};

/*
 * Finds the entries first to first + count - 1, from 0, of those that match and
 * are due at now (seconds since 1970). typed may be any bytes. All in the arena.
 * Nothing that is typed is a mistake; .failed says that SQLite ran out of memory.
 */
struct search_result search_find(struct search *s, struct str typed, int64_t now, uint32_t first,
    uint32_t count, struct arena *a);

/* Something else to search for. */
struct search_hint {
	struct str words;
	uint32_t total; /* entries that it finds, at least one */
	bool more;      /* there may be more than total */
};

/* Hints that are tried; each is a search of its own, with a part of SEARCH_WORK. */
#define SEARCH_HINTS_MAX 16u

/*
 * What would find something where typed found nothing: its words without
 * quotation marks and fields, each term by itself, shorter beginnings of words.
 * Stores at most max hints; returns how many. All in the arena.
 */
size_t search_near(struct search *s, struct str typed, int64_t now, struct search_hint *hints,
    size_t max, struct arena *a);

/*
 * Appends a stretch of at most columns (at least 20) of the text around the first
 * word that matches, with each that does between asterisks, and an ellipsis where
 * it is cut. The text is plain, clean and of one paragraph; without a match it is
 * its beginning.
 */
void search_excerpt(
    struct search *s, const struct query *q, struct str text, size_t columns, struct buf *out);

#endif
