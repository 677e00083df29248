/*
 * words: from text to the words that search compares.
 *
 * A word is a run of letters and digits, folded: compatibility forms are
 * resolved, case and accents are dropped ("Émile" is emile, "Łódź" is lodz), an
 * apostrophe vanishes ("don't" is dont), and the signs that end the name of a
 * language stay, for neither C++ nor C# is C. In scripts written without spaces
 * (Chinese, Japanese, Thai and their neighbours) and in Korean, whose particles
 * hang on the word, each character is a word of its own, so that a row of them
 * is found wherever it stands; so is an emoji. What was folded folds to itself.
 *
 * Here is only what is a word; stems, and what is looked for, are content's.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/str.h"

/* Bytes of a folded word; of a longer one the beginning counts. */
#define WORDS_BYTES_MAX 64
/* Code points that one character can fold to: U+FDFA, the longest, takes 18. */
#define WORDS_POINTS_MAX 24

/* Goes through the words of a text. */
struct words {
	struct str word; /* the last word, folded; borrowed until the next call */
	size_t from, to; /* where it stands in the text, in bytes */

	/* The rest is words.c's own. */
	struct str text;
	size_t at;                        /* the next character to fold */
	size_t start;                     /* where the one that is folded now stands */
	int32_t points[WORDS_POINTS_MAX]; /* what it became */
	size_t npoints, ipoint;
	char folded[WORDS_BYTES_MAX];
};

/* Begins with text, which is borrowed and may be any bytes: what is not UTF-8 parts words. */
void words_begin(struct words *w, struct str text);

/* Sets word, from and to; false when there are no more. */
bool words_next(struct words *w);

#endif
