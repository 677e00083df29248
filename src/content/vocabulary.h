/*
 * vocabulary: every word of a digest, how often it is there, and its stem.
 *
 * Search knows a word by its stem ("compiling" and "compiler" are both compil),
 * but goes by whole words for what a reader began to type, for "communit" is no
 * beginning of the stem commun. The counts say beforehand how much work a
 * search will be, and how much a word tells. Filled once, then only read.
 *
 * Pure: what a stem is comes from its maker.
 */
#ifndef CONTENT_VOCABULARY_H
#define CONTENT_VOCABULARY_H

#include "base/arena.h"

/* What one or more words are indexed as. */
struct vocabulary_stem {
	struct str text;
	struct str word; /* one of its words: the stem of a stem may be another */
	uint32_t uses;   /* of its words in all */
};

struct vocabulary_word {
	struct str text; /* folded (base/words.h) */
	struct vocabulary_stem *stem;
	uint32_t uses;
	uint64_t before; /* uses of all words that come before it, once the filling has ended */
};

struct vocabulary;

/*
 * Sets *stem to the stem of a folded word, borrowed until the next call; the word itself
 * if it has none.
 */
typedef void vocabulary_stemmer(void *arg, struct str word, struct str *stem);

/* An empty one; the owner frees it. The stemmer is called once for each different word. */
struct vocabulary *vocabulary_new(vocabulary_stemmer *stemmer, void *arg);
void vocabulary_free(struct vocabulary *v);

/* Counts one use of a word. */
const struct vocabulary_word *vocabulary_add(struct vocabulary *v, struct str word);

/* Ends the filling. */
void vocabulary_close(struct vocabulary *v);

/* The word, or NULL when it is not in the digest. */
const struct vocabulary_word *vocabulary_find(const struct vocabulary *v, struct str word);

/* The stem of that text, or NULL. */
const struct vocabulary_stem *vocabulary_stem(const struct vocabulary *v, struct str text);

/* True when there is a word that begins so. */
bool vocabulary_begins(const struct vocabulary *v, struct str prefix);

/* How often the words that begin with prefix are used, in all. */
uint64_t vocabulary_uses(const struct vocabulary *v, struct str prefix);

/*
 * The different stems of the words that begin with prefix, at most max of them.
 * Returns how many were stored, or max + 1 when there are more.
 */
size_t vocabulary_complete(const struct vocabulary *v, struct str prefix,
    const struct vocabulary_stem **stems, size_t max);

/*
 * The same of those words whose stem does not begin with prefix: it was cut or changed
 * before its end.
 */
size_t vocabulary_shortened(const struct vocabulary *v, struct str prefix,
    const struct vocabulary_stem **stems, size_t max);

/* Bytes taken from the heap, about. */
size_t vocabulary_size(const struct vocabulary *v);

#endif
