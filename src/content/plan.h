/*
 * plan: how a query is put to SQLite's full-text search.
 *
 * Every word becomes a quoted string, so nothing that is typed can be an
 * operator or a syntax error. The beginning of a word becomes what FTS5 finds for
 * it among the stems, or the stems of words that lost the end of that beginning.
 * However many are asked for, the phrases are few. From the counts of the vocabulary a plan knows
 * beforehand how much work it will be at most, and how much each term tells.
 *
 * Pure: writes FTS5's language but does not call SQLite.
 */
#ifndef CONTENT_PLAN_H
#define CONTENT_PLAN_H

#include "content/query.h"
#include "content/tokenizer.h"

/*
 * Phrases of all terms together: of each row FTS5 asks every one in turn. Two for each
 * term at least.
 */
#define PLAN_PHRASES_MAX ((size_t)2 * QUERY_TERMS_MAX)
/* Of them for one beginning of a word. */
#define PLAN_CHOICES_MAX 16
/*
 * Beginnings of at most so many characters are in the index; a longer one FTS5 gathers
 * each time.
 */
#define PLAN_PREFIX_INDEXED 3
/* Weights of terms are 1 to this. */
#define PLAN_WEIGHT_MAX 16

/* The columns of the index, in order. */
enum plan_column { PLAN_TITLE, PLAN_TAGS, PLAN_SUMMARY, PLAN_AUTHOR, PLAN_CATEGORY, PLAN_COLUMNS };

/* A term that is wanted. FTS5 numbers the phrases of an expression from 0. */
struct plan_term {
	int phrase, nphrases; /* of which any will do */
	uint32_t weight;      /* the rarer, the more */
	uint32_t nwords;
};

struct plan {
	struct str all;   /* what finds every entry asked for */
	struct str heads; /* what finds those that have it in title and tags */
	struct plan_term terms[QUERY_TERMS_MAX];
	size_t nterms;
	uint32_t weight; /* of all terms together */
	uint64_t work;   /* places in the index to be looked at, at most, about */
	size_t nphrases; /* of .all */
	bool cut;        /* the beginning of a word had more stems */
};

/*
 * The plan for a query over so many entries; in the arena. The texts end in NUL.
 * Words are looked up in the tokenizer's vocabulary.
 */
const struct plan *plan_make(
    const struct query *q, struct tokenizer *t, uint32_t entries, struct arena *a);

#endif
