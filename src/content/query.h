/*
 * query: from what a reader typed to what is looked for.
 *
 *     words          each somewhere in title, tags, summary or author
 *     "some words"   these next to each other
 *     begin*         every word that begins so
 *     -word          not this one
 *     title:word  tag:word  category:word  author:word
 *     after:2019-11  that month or later;  before:2019-11  earlier than that month
 *
 * A day, a month or a year will do for a date, and all of it combines:
 * -author:"Jane Roe", title:web*. Nothing is a mistake: what is not one of these
 * is searched for as words, as are a field with nothing behind it, a field
 * that does not exist and a date that is none. What is written without a space
 * but is several words (node.js, 1.40, a run of ideographs) is a phrase.
 *
 * Pure: knows neither the digest nor SQLite.
 */
#ifndef CONTENT_QUERY_H
#define CONTENT_QUERY_H

#include "base/arena.h"
#include "base/date.h"

/* Bytes of what is typed that are looked at: with its path a selector stays under 255 (G-02). */
#define QUERY_BYTES_MAX 200
/* Terms that are looked at, and words in all of them together. */
#define QUERY_TERMS_MAX 32
#define QUERY_WORDS_MAX 256

enum query_field {
	QUERY_ANY, /* title, tags, summary and author */
	QUERY_TITLE,
	QUERY_TAG,
	QUERY_CATEGORY,
	QUERY_AUTHOR,
};

/* A word, or several next to each other. */
struct query_term {
	enum query_field field;
	bool without;            /* entries that have it are not wanted */
	bool prefix;             /* the last word is the beginning of one */
	struct str typed;        /* as typed, its field and marks included */
	struct str value;        /* as typed, without them */
	const struct str *words; /* folded (base/words.h); nwords of them, at least one */
	size_t nwords;
};

/*
 * A day before which or from which on; year 0: not limited. The time of the day is of no
 * meaning.
 */
struct query {
	struct str typed; /* clean and trimmed, at most QUERY_BYTES_MAX bytes */
	struct query_term terms[QUERY_TERMS_MAX];
	size_t nterms;
	struct date after;  /* entries of this day or later */
	struct date before; /* entries earlier than this day */
};

/*
 * Reads what was typed, which may be any bytes. All in the arena, nothing of it
 * borrowed. A query without terms and dates finds nothing.
 */
const struct query *query_parse(struct str typed, struct arena *a);

/* True when it has nothing to look for. */
bool query_is_empty(const struct query *q);

#endif
