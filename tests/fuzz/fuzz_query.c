/*
 * Fuzz target: what a reader types into the search (content/query.c), the words
 * in it (base/words.c), and how it is put to SQLite (content/plan.c, search.c).
 *
 * Nothing is a mistake, neither to us nor to SQLite; what is kept is clean and
 * bounded; reading it again is the same; what is found is paged as it is counted.
 */
#include "config.h"

#include "made.h"

#include "base/utf8.h"
#include "base/words.h"
#include "content/search.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW 1577836800 /* 2020-01-01T00:00:00Z */

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

/* A digest in which the words of the corpus are found. Made once; it stays until the end. */
static struct search *sample(void)
{
	static struct search *made;
	static const char site[] = "title: T\ncategories: [{name: Web and more, slug: web}]\n";
	static const char entries[] =
	    "- {title: Rust async, url: 'https://e/1', date: 2019-11-15, categories: [web], "
	    "summary: \"A game engine for the web, in C++ and C#; don't\", author: Jane Roe}\n"
	    "- {title: Title of x, url: 'https://e/2', date: 2018-01-01, categories: [web], "
	    "summary: \"\u65e5\u672c\u8a9e \u30ac \uac01\", tags: [async, near, b, not]}\n"
	    "- {title: To come, url: 'https://e/3', date: 2100-01-01, categories: [web]}\n";
	struct buf why = {0};

	if (!made) {
		made = search_new(made_digest(site, entries, NOW), NULL, &why);
		demand(made, buf_z(&why));
		buf_free(&why);
	}
	return made;
}

static void check_search(struct str typed, struct arena *a)
{
	struct search *s = sample();
	struct search_result r = search_find(s, typed, NOW, 0, 9, a);
	struct search_hint hints[SEARCH_HINTS_MAX];
	size_t n = search_near(s, typed, NOW, hints, SEARCH_HINTS_MAX, a);
	struct buf out = {0};

	demand(r.total <= 2 && r.n == r.total, "more than there are, or fewer than counted");
	for (uint32_t i = 0; i < r.n; i++)
		search_excerpt(s, r.query, r.entries[i]->summary, 30, &out);
	demand(utf8_valid(buf_str(&out), NULL), "an excerpt that is not UTF-8");
	demand(utf8_width(buf_str(&out)) <= r.n * 30, "an excerpt that is too long");
	for (size_t i = 0; i < n; i++)
		demand(search_find(s, hints[i].words, NOW, 0, 9, a).total == hints[i].total ||
			hints[i].more,
		    "a hint that does not hold");
	demand(search_faults(s) == 0, "SQLite did not understand");
	buf_free(&out);
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
	check_search(in, a);
	arena_free(a);
	return 0;
}
