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
	void *arg;                             /* borrowed, for the stemmer */
	const struct vocabulary_word **sorted; /* by text; owned */
	size_t n, cap;
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
	w->stem->uses++;
	return w;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp((*(const struct vocabulary_word *const *)x)->text,
	    (*(const struct vocabulary_word *const *)y)->text);
}

void vocabulary_close(struct vocabulary *v)
{
	if (v->n > 0)
		qsort(v->sorted, v->n, sizeof *v->sorted, by_text);
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

/* Puts stem in its place among the n stems by uses, of which max are kept; returns how many there are. */
static size_t insert(
    const struct vocabulary_stem *stem, const struct vocabulary_stem **stems, size_t n, size_t max)
{
	size_t i = n < max ? n : n - 1;

	for (; i > 0 && stems[i - 1]->uses < stem->uses; i--)
		stems[i] = stems[i - 1];
	stems[i] = stem;
	return n < max ? n + 1 : n;
}

size_t vocabulary_complete(const struct vocabulary *v, struct str prefix,
    const struct vocabulary_stem **stems, size_t max, bool *all)
{
	size_t n = 0;

	*all = true;
	for (size_t i = lower_bound(v, prefix); i < v->n; i++) {
		const struct vocabulary_word *w = v->sorted[i];

		if (!str_starts(w->text, prefix))
			break;
		/* Most words of a short prefix are rare: those are passed over at once. */
		if (n == max && w->stem->uses <= stems[n - 1]->uses)
			*all = *all && among(w->stem, stems, n);
		else if (!among(w->stem, stems, n)) {
			*all = *all && n < max;
			n = insert(w->stem, stems, n, max);
		}
	}
	return n;
}

size_t vocabulary_size(const struct vocabulary *v)
{
	return arena_size(v->arena) + v->cap * sizeof *v->sorted;
}
