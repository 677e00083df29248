/*
 * search_find: how long the index of some content takes to build, how large it
 * is, and how long a search in it takes. tests/bench/search runs it.
 *
 * Usage: search_find CONTENT SEARCHES SEED
 *
 * The words searched for are drawn from titles and summaries as they stand there, so
 * common words come up as often as in the texts. The hostile searches are as many terms
 * as can be typed of what costs most: beginnings of words, exclusions, phrases, ideographs.
 */
#include "config.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/words.h"
#include "content/load.h"
#include "content/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAGE 50

/* Of the processor: nothing here waits, and what else runs does not count. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t draw(uint64_t *seed, size_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % below);
}

/* Appends a word of some entry. */
static void add_word(const struct digest *d, uint64_t *seed, struct buf *out)
{
	const struct entry *e = d->all.entries[draw(seed, d->all.n)];
	struct buf text = {0};
	struct words w;
	uint32_t n = 0;

	buf_add(&text, e->title);
	buf_addc(&text, ' ');
	buf_add(&text, e->summary);
	words_begin(&w, buf_str(&text));
	while (words_next(&w))
		n++;
	if (n > 0) {
		n = draw(seed, n);
		words_begin(&w, buf_str(&text));
		while (words_next(&w) && n-- > 0)
			continue;
		buf_add(out, w.word);
		buf_addc(out, ' ');
	}
	buf_free(&text);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static void report(const char *what, double *ms, size_t n, uint64_t found, size_t more)
{
	qsort(ms, n, sizeof *ms, by_value);
	printf("%s: p50 %.2f ms, p99 %.2f ms, max %.2f ms; %.0f entries found on average, "
	       "%zu of %zu cut\n",
	    what, ms[n / 2], ms[n * 99 / 100], ms[n - 1], (double)found / (double)n, more, n);
}

typedef void make_query(const struct digest *d, uint64_t *seed, struct buf *typed);

static void make_word(const struct digest *d, uint64_t *seed, struct buf *typed)
{
	add_word(d, seed, typed);
}

static void make_words(const struct digest *d, uint64_t *seed, struct buf *typed)
{
	for (int i = 0; i < 3; i++)
		add_word(d, seed, typed);
}

/* Appends the first letters of a word. */
static void add_beginning(const struct digest *d, uint64_t *seed, size_t letters, struct buf *typed)
{
	struct buf word = {0};

	add_word(d, seed, &word);
	buf_add(typed, utf8_cut(str_trim(buf_str(&word)), letters));
	buf_addz(typed, "* ");
	buf_free(&word);
}

static void make_beginning(const struct digest *d, uint64_t *seed, struct buf *typed)
{
	add_beginning(d, seed, 3, typed);
}

/* Appends common words, or the most common ideographs, between quotation marks. */
static void add_phrase(const struct digest *d, uint64_t *seed, struct buf *typed)
{
	buf_addc(typed, '"');
	add_word(d, seed, typed);
	add_word(d, seed, typed);
	buf_addz(typed, "\" ");
}

static void add_ideographs(uint64_t *seed, struct buf *typed)
{
	static const char *const common[] = {"\u306e", "\u3092", "\u30fc", "\u306b", "\u7684",
	    "\u4e00", "\u662f", "\u65e5", "\u672c"};

	for (uint32_t n = draw(seed, 4) + 1; n > 0; n--)
		buf_addz(typed, common[draw(seed, sizeof common / sizeof *common)]);
	buf_addc(typed, ' ');
}

/* As many terms of one form as fit: wanted, not wanted, or not wanted but for the first. */
static void make_hostile(const struct digest *d, uint64_t *seed, struct buf *typed)
{
	enum { LETTERS = 5, WORDS, PHRASES, IDEOGRAPHS, FORMS };
	uint32_t form = draw(seed, FORMS), without = draw(seed, 3);

	for (int n = 0; typed->len < SEARCH_WORDS_MAX && n < QUERY_TERMS_MAX; n++) {
		if (without == 1 || (without == 2 && n > 0))
			buf_addc(typed, '-');
		if (form == 0)
			buf_printf(typed, "%c* ", 'a' + n % 26);
		else if (form <= LETTERS)
			add_beginning(d, seed, form, typed);
		else if (form == WORDS)
			add_word(d, seed, typed);
		else if (form == PHRASES)
			add_phrase(d, seed, typed);
		else
			add_ideographs(seed, typed);
	}
}

static const struct kind {
	const char *name;
	make_query *make;
} kinds[] = {
    {"one word", make_word},
    {"three words", make_words},
    {"the beginning of a word", make_beginning},
    {"hostile", make_hostile},
};

static void measure(struct search *s, const struct kind *k, size_t n, uint64_t seed)
{
	double *ms = mem_zalloc(n, sizeof *ms);
	struct arena *a = arena_new(0);
	uint64_t found = 0;
	size_t more = 0;

	for (size_t i = 0; i < n; i++) {
		struct buf typed = {0};
		struct search_result r;
		double start;

		k->make(search_digest(s), &seed, &typed);
		start = seconds();
		r = search_find(s, buf_str(&typed), time(NULL), 0, PAGE, a);
		ms[i] = (seconds() - start) * 1e3;
		found += r.total;
		more += r.more;
		arena_reset(a);
		buf_free(&typed);
	}
	report(k->name, ms, n, found, more);
	free(ms);
	arena_free(a);
}

/* Loads the content, or says why not. */
static struct digest *load(const char *content)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(content, time(NULL), diags);
	struct buf errors = {0};

	diag_print(diags, &errors);
	fputs(buf_z(&errors), stderr);
	buf_free(&errors);
	diag_free(diags);
	return d;
}

int main(int argc, char **argv)
{
	size_t searches = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	struct digest *d = searches > 0 ? load(argv[1]) : NULL;
	struct buf why = {0};
	struct search *s;
	double start;

	if (!d) {
		fprintf(stderr, "Usage: search_find CONTENT SEARCHES SEED\n");
		return 2;
	}
	start = seconds();
	s = search_new(d, NULL, &why);
	if (!s) {
		fprintf(stderr, "%s\n", buf_z(&why));
		return 1;
	}
	printf("index of %u entries: built in %.2f s, %.1f MB\n", d->all.n, seconds() - start,
	    (double)search_size(s) / 1e6);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		measure(s, &kinds[i], searches, strtoul(argv[3], NULL, 10));
	search_free(s);
	digest_unref(d);
	return 0;
}
