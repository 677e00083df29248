/*
 * Fuzz target: what a reader types into the search (content/query.c), and the
 * words in it (base/words.c).
 *
 * Nothing is a mistake, what is kept is clean and bounded, and reading it again
 * is the same.
 */
#include "config.h"

#include "base/utf8.h"
#include "base/words.h"
#include "content/query.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* What was folded is one word, and the same, when it is folded again. */
static void check_word(struct str word)
{
	struct words w;

	demand(word.n > 0 && word.n <= WORDS_BYTES_MAX, "a word without bounds");
	demand(str_index(word, '"') == word.n, "a quotation mark in a word");
	words_begin(&w, word);
	demand(words_next(&w) && str_eq(w.word, word), "a word that folds to another");
	demand(!words_next(&w), "a word that is two");
}

static void check_words(struct str text)
{
	struct words w;
	size_t at = 0;

	words_begin(&w, text);
	while (words_next(&w)) {
		demand(w.from < w.to && w.to <= text.n, "a word from nowhere");
		demand(w.from >= at, "a word before the one before it");
		at = w.from;
		check_word(w.word);
	}
}

static void check_term(const struct query *q, const struct query_term *t)
{
	demand(t->nwords > 0, "a term without words");
	demand(t->typed.p >= q->typed.p && t->typed.p + t->typed.n <= q->typed.p + q->typed.n,
	    "a term that was not typed");
	for (size_t i = 0; i < t->nwords; i++)
		check_word(t->words[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct arena *a = arena_new(0);
	const struct query *q = query_parse(in, a), *again = query_parse(q->typed, a);

	check_words(in);
	demand(q->typed.n <= QUERY_BYTES_MAX, "a query without bounds");
	demand(utf8_valid(q->typed, NULL), "a query that is not UTF-8");
	demand(utf8_find_control(q->typed) == q->typed.n, "a control in a query");
	demand(q->nterms <= QUERY_TERMS_MAX, "too many terms");
	for (size_t i = 0; i < q->nterms; i++)
		check_term(q, &q->terms[i]);
	demand(str_eq(again->typed, q->typed) && again->nterms == q->nterms,
	    "read again it is another query");
	arena_free(a);
	return 0;
}
