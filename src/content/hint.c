#include "config.h"

#include "content/hint.h"
#include "base/utf8.h"
#include "base/words.h"

/* A beginning shorter than this says too little. */
#define BEGINNING_MIN 2u

struct hints {
	const struct query *query;
	const struct vocabulary *vocabulary;
	struct arena *arena;
	struct str *items;
	size_t n, max;
};

/* Stores a hint unless it is what was typed, or known already, or one too many. */
static void add(struct hints *h, struct str words)
{
	if (words.n == 0 || h->n == h->max || str_eq(words, h->query->typed))
		return;
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->items[i], words))
			return;
	h->items[h->n++] = words;
}

/*
 * The next stretch of words that touch: a word, or a row of ideographs. w stands at the first
 * word that is not in it, if *more.
 */
static bool next_stretch(struct words *w, bool *more, struct str text, struct str *stretch)
{
	size_t from, to;

	if (!*more)
		return false;
	from = w->from;
	to = w->to;
	while ((*more = words_next(w)) && w->from <= to)
		to = w->to;
	*stretch = str_sub(text, from, to);
	return true;
}

typedef void use_stretch(struct hints *h, struct str stretch, void *arg);

/* Calls use for each stretch of each term that is wanted. */
static void each_stretch(struct hints *h, use_stretch *use, void *arg)
{
	for (size_t i = 0; i < h->query->nterms; i++) {
		const struct query_term *t = &h->query->terms[i];
		struct str stretch;
		struct words w;
		bool more;

		if (t->without)
			continue;
		words_begin(&w, t->value);
		more = words_next(&w);
		while (next_stretch(&w, &more, t->value, &stretch))
			use(h, stretch, arg);
	}
}

/* The word without its last character. */
static struct str shorten(struct str word)
{
	return utf8_cut(word, word.n - 1);
}

/*
 * What to look for instead of a stretch that no entry has: the longest beginning of the word that
 * some word has, or empty. A row of ideographs, and a word that is known, stay as they are.
 */
static struct str mend(const struct hints *h, struct str stretch)
{
	struct words w;
	struct str word;

	words_begin(&w, stretch);
	if (!words_next(&w) || w.to < stretch.n || vocabulary_find(h->vocabulary, w.word))
		return stretch;
	for (word = w.word; utf8_width(word) >= BEGINNING_MIN; word = shorten(word))
		if (vocabulary_begins(h->vocabulary, word))
			return arena_printf(h->arena, "%.*s*", STR_ARGS(word));
	return (struct str){0};
}

static void join(struct hints *h, struct str stretch, void *arg)
{
	struct str mended = mend(h, stretch);
	struct buf *all = arg;

	if (all->len > 0 && mended.n > 0)
		buf_addc(all, ' ');
	buf_add(all, mended);
}

/* All words that can be found, without quotation marks, fields, dates and what was not wanted. */
static void add_all(struct hints *h)
{
	struct buf all = {0};

	each_stretch(h, join, &all);
	add(h, arena_str(h->arena, buf_str(&all)));
	buf_free(&all);
}

static void add_terms(struct hints *h)
{
	for (size_t i = 0; i < h->query->nterms; i++)
		if (!h->query->terms[i].without)
			add(h, h->query->terms[i].typed);
}

/* Of a row of ideographs, also what is left without the last. */
static void add_mended(struct hints *h, struct str stretch, void *arg)
{
	struct str mended = mend(h, stretch);
	struct words w;

	(void)arg;
	add(h, mended);
	words_begin(&w, mended);
	if (words_next(&w) && w.to < mended.n && !str_ends(mended, STR("*")))
		add(h, shorten(mended));
}

size_t hint_collect(const struct query *q, const struct vocabulary *v, struct str *hints,
    size_t max, struct arena *a)
{
	struct hints h = {.query = q, .vocabulary = v, .arena = a, .items = hints, .max = max};

	add_all(&h);
	add_terms(&h);
	each_stretch(&h, add_mended, NULL);
	return h.n;
}
