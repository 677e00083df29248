#include "config.h"

#include "content/vocabulary.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

struct vocabulary {
	struct arena *arena; /* holds the words, the stems and the maps */
	struct map *words;   /* text -> struct vocabulary_word * */
	struct map *stems;   /* text -> struct vocabulary_stem * */
	vocabulary_stemmer *stemmer;
	void *arg;                       /* borrowed, for the stemmer */
	struct vocabulary_word **sorted; /* by text; owned */
	size_t n, cap;
	uint64_t uses; /* of all words */
	size_t kept;   /* bytes that every stem has in common with each of its words, at least */
};

struct vocabulary *vocabulary_new(vocabulary_stemmer *stemmer, void *arg)
{
	struct vocabulary *v = mem_zalloc(1, sizeof *v);

	v->arena = arena_new(0);
	v->words = map_new(v->arena, 0);
	v->stems = map_new(v->arena, 0);
	v->stemmer = stemmer;
	v->arg = arg;
	return v;
}

void vocabulary_free(struct vocabulary *v)
{
	if (!v)
		return;
	arena_free(v->arena);
	free(v->sorted);
	free(v);
}

static struct vocabulary_stem *stem_of(struct vocabulary *v, struct str word)
{
	struct vocabulary_stem *stem;
	struct str text;

	v->stemmer(v->arg, word, &text);
	stem = map_get(v->stems, text);
	if (!stem) {
		stem = arena_alloc(v->arena, sizeof *stem);
		stem->text = arena_str(v->arena, text);
		stem->word = word;
		map_add(v->stems, stem->text, stem);
	}
	return stem;
}

const struct vocabulary_word *vocabulary_add(struct vocabulary *v, struct str word)
{
	struct vocabulary_word *w = map_get(v->words, word);

	if (!w) {
		w = arena_alloc(v->arena, sizeof *w);
		w->text = arena_str(v->arena, word);
		w->stem = stem_of(v, w->text);
		map_add(v->words, w->text, w);
		v->sorted = mem_grow(v->sorted, &v->cap, v->n + 1, sizeof *v->sorted);
		v->sorted[v->n++] = w;
	}
	w->uses++;
	w->stem->uses++;
	return w;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp((*(struct vocabulary_word *const *)x)->text,
	    (*(struct vocabulary_word *const *)y)->text);
}

/* How many bytes a and b have in common at their beginnings. */
static size_t common(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

void vocabulary_close(struct vocabulary *v)
{
	uint64_t before = 0;

	if (v->n > 0)
		qsort(v->sorted, v->n, sizeof *v->sorted, by_text);
	v->kept = SIZE_MAX;
	for (size_t i = 0; i < v->n; i++) {
		struct vocabulary_word *w = v->sorted[i];
		size_t kept = common(w->text, w->stem->text);

		w->before = before;
		before += w->uses;
		/* Of a word that is its own stem, every beginning is one of the stem. */
		if (kept < w->text.n && kept < v->kept)
			v->kept = kept;
	}
	v->uses = before;
}

const struct vocabulary_word *vocabulary_find(const struct vocabulary *v, struct str word)
{
	return map_get(v->words, word);
}

const struct vocabulary_stem *vocabulary_stem(const struct vocabulary *v, struct str text)
{
	return map_get(v->stems, text);
}

/* The first word that is not before text. */
static size_t lower_bound(const struct vocabulary *v, struct str text)
{
	size_t from = 0, to = v->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (str_cmp(v->sorted[middle]->text, text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The first word behind those that begin with prefix. */
static size_t upper_bound(const struct vocabulary *v, struct str prefix)
{
	size_t from = lower_bound(v, prefix), to = v->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (str_starts(v->sorted[middle]->text, prefix))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static uint64_t uses_before(const struct vocabulary *v, size_t i)
{
	return i < v->n ? v->sorted[i]->before : v->uses;
}

uint64_t vocabulary_uses(const struct vocabulary *v, struct str prefix)
{
	return uses_before(v, upper_bound(v, prefix)) - uses_before(v, lower_bound(v, prefix));
}

bool vocabulary_begins(const struct vocabulary *v, struct str prefix)
{
	size_t i = lower_bound(v, prefix);

	return i < v->n && str_starts(v->sorted[i]->text, prefix);
}

static bool among(
    const struct vocabulary_stem *stem, const struct vocabulary_stem *const *stems, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (stems[i] == stem)
			return true;
	return false;
}

typedef bool word_test(const struct vocabulary_word *w, struct str prefix);

static bool is_shortened(const struct vocabulary_word *w, struct str prefix)
{
	return !str_starts(w->stem->text, prefix);
}

/* The stems of the words that begin with prefix and pass the test; without one, of all. */
static size_t collect(const struct vocabulary *v, struct str prefix, word_test *test,
    const struct vocabulary_stem **stems, size_t max)
{
	size_t n = 0;

	for (size_t i = lower_bound(v, prefix); i < v->n; i++) {
		const struct vocabulary_word *w = v->sorted[i];

		if (!str_starts(w->text, prefix))
			break;
		if ((test && !test(w, prefix)) || among(w->stem, stems, n))
			continue;
		if (n == max)
			return max + 1;
		stems[n++] = w->stem;
	}
	return n;
}

size_t vocabulary_complete(
    const struct vocabulary *v, struct str prefix, const struct vocabulary_stem **stems, size_t max)
{
	return collect(v, prefix, NULL, stems, max);
}

size_t vocabulary_shortened(
    const struct vocabulary *v, struct str prefix, const struct vocabulary_stem **stems, size_t max)
{
	/* The words of a single letter are many, and no stem is shorter. */
	return prefix.n > v->kept ? collect(v, prefix, is_shortened, stems, max) : 0;
}

size_t vocabulary_size(const struct vocabulary *v)
{
	return arena_size(v->arena) + v->cap * sizeof *v->sorted;
}
