#include "config.h"

#include "content/excerpt.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/words.h"

#include <stdlib.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define MARK '*'
/* Columns that the two marks of a match take. */
#define MARKS 2u
/* A longer word is cut. */
#define WORD_BYTES 32u

struct token {
	struct str word, stem; /* the vocabulary's, or the arena's */
	size_t from, to;       /* in the text */
};

struct match {
	size_t from, to; /* in the text */
};

struct excerpt {
	const struct query *query;
	struct tokenizer *tokenizer;
	struct str text;
	struct arena *arena;
	const struct str *stems[QUERY_TERMS_MAX]; /* of each term's words */
	struct token *tokens;                     /* owned */
	size_t ntokens, captokens;
	struct match *matches; /* in order, apart from each other; owned */
	size_t nmatches, capmatches;
};

/* --------------------------------------------------------------------------------- matching */

static void find_stems(struct excerpt *e)
{
	for (size_t i = 0; i < e->query->nterms; i++) {
		const struct query_term *t = &e->query->terms[i];
		struct str *stems = arena_array(e->arena, t->nwords, sizeof *stems);

		for (size_t k = 0; k < t->nwords; k++)
			stems[k] = arena_str(e->arena, tokenizer_stem(e->tokenizer, t->words[k]));
		e->stems[i] = stems;
	}
}

static struct token token_of(struct excerpt *e, const struct words *w)
{
	const struct vocabulary_word *known =
	    vocabulary_find(tokenizer_vocabulary(e->tokenizer), w->word);

	if (known)
		return (struct token){known->text, known->stem->text, w->from, w->to};
	return (struct token){arena_str(e->arena, w->word),
	    arena_str(e->arena, tokenizer_stem(e->tokenizer, w->word)), w->from, w->to};
}

static void split(struct excerpt *e)
{
	struct words w;

	words_begin(&w, e->text);
	while (words_next(&w)) {
		e->tokens = mem_grow(e->tokens, &e->captokens, e->ntokens + 1, sizeof *e->tokens);
		e->tokens[e->ntokens++] = token_of(e, &w);
	}
}

/* True when the i-th term stands at the k-th token. */
static bool stands_at(const struct excerpt *e, size_t i, size_t k)
{
	const struct query_term *t = &e->query->terms[i];

	if (t->without || t->field != QUERY_ANY || t->nwords > e->ntokens - k)
		return false;
	for (size_t n = 0; n < t->nwords; n++) {
		const struct token *token = &e->tokens[k + n];
		bool begins = t->prefix && n + 1 == t->nwords;

		if (begins ? !str_starts(token->word, t->words[n])
			   : !str_eq(token->stem, e->stems[i][n]))
			return false;
	}
	return true;
}

/* The tokens of the longest term that stands at the k-th; 0: none does. */
static size_t match_at(const struct excerpt *e, size_t k)
{
	size_t most = 0;

	for (size_t i = 0; i < e->query->nterms; i++)
		if (e->query->terms[i].nwords > most && stands_at(e, i, k))
			most = e->query->terms[i].nwords;
	return most;
}

static void find_matches(struct excerpt *e)
{
	for (size_t k = 0, n; k < e->ntokens; k += n ? n : 1) {
		n = match_at(e, k);
		if (n == 0)
			continue;
		e->matches =
		    mem_grow(e->matches, &e->capmatches, e->nmatches + 1, sizeof *e->matches);
		e->matches[e->nmatches++] =
		    (struct match){e->tokens[k].from, e->tokens[k + n - 1].to};
	}
}

/* -------------------------------------------------------------------------------- measuring */

static size_t width_between(const struct excerpt *e, size_t from, size_t to)
{
	return utf8_width(str_sub(e->text, from, to));
}

/* True where a word begins behind a space, or one that is a character of a script without them. */
static bool may_begin(const struct excerpt *e, size_t at)
{
	if (at == 0 || e->text.p[at - 1] == ' ')
		return true;
	if ((unsigned char)e->text.p[at] < 0x80)
		return false;
	for (size_t k = 0; k < e->ntokens && e->tokens[k].from <= at; k++)
		if (e->tokens[k].from == at)
			return true;
	return false;
}

/*
 * Where to begin so that the first match has some words before it, and more
 * of them when all that follows fits anyway.
 */
static size_t find_start(const struct excerpt *e, size_t columns)
{
	size_t at = e->matches[0].from, start = at, before = 0, k = 0;
	size_t all = width_between(e, at, e->text.n) + MARKS * e->nmatches + 1;

	while (k < e->ntokens && e->tokens[k].from < at)
		k++;
	while (k-- > 0) {
		before += width_between(e, e->tokens[k].from, at);
		at = e->tokens[k].from;
		if (before > columns / 4 && all + before > columns)
			return start;
		if (may_begin(e, at))
			start = at;
	}
	return 0;
}

/*
 * The end of what fits of text[from..to): before a word, unless it is so long that it
 * may be a row of words without spaces.
 */
static size_t cut(const struct excerpt *e, size_t from, size_t to, size_t columns)
{
	size_t end = from + utf8_fit(str_sub(e->text, from, to), columns), space = end;

	if (end == to || may_begin(e, end) || e->text.p[end] == ' ')
		return end;
	while (space > from && e->text.p[space - 1] != ' ')
		space--;
	return space == 0 || end - space > WORD_BYTES ? end : space;
}

/* The end of a match that does not fit whole: before it, unless it is the first. */
static size_t cut_match(const struct excerpt *e, const struct match *m, size_t columns)
{
	if (m > e->matches || columns <= MARKS)
		return m->from;
	return m->from + utf8_fit(str_sub(e->text, m->from, m->to), columns - MARKS);
}

/* Where what begins at start must end to take at most columns, its marks included. */
static size_t find_end(const struct excerpt *e, size_t start, size_t columns)
{
	size_t at = start;

	for (size_t i = 0; i < e->nmatches; i++) {
		const struct match *m = &e->matches[i];
		size_t gap = width_between(e, at, m->from);
		size_t word = width_between(e, m->from, m->to) + MARKS;

		if (gap > columns)
			return cut(e, at, m->from, columns);
		if (gap + word > columns)
			return cut_match(e, m, columns - gap);
		columns -= gap + word;
		at = m->to;
	}
	return cut(e, at, e->text.n, columns);
}

/* ---------------------------------------------------------------------------------- writing */

static void write_range(const struct excerpt *e, size_t start, size_t end, struct buf *out)
{
	size_t at = start;

	for (size_t i = 0; i < e->nmatches && e->matches[i].from < end; i++) {
		const struct match *m = &e->matches[i];

		buf_add(out, str_sub(e->text, at, m->from));
		at = m->to < end ? m->to : end;
		buf_addc(out, MARK);
		buf_add(out, str_sub(e->text, m->from, at));
		buf_addc(out, MARK);
	}
	buf_add(out, str_sub(e->text, at, end));
}

static void write(const struct excerpt *e, size_t columns, struct buf *out)
{
	size_t start = 0, end = e->text.n;

	if (width_between(e, 0, end) + MARKS * e->nmatches > columns) {
		start = e->nmatches > 0 ? find_start(e, columns) : 0;
		columns -= start > 0;
		if (width_between(e, start, end) + MARKS * e->nmatches > columns)
			end = find_end(e, start, columns - 1);
	}
	while (end > start && end < e->text.n && e->text.p[end - 1] == ' ')
		end--;
	if (start > 0)
		buf_addz(out, ELLIPSIS);
	write_range(e, start, end, out);
	if (end < e->text.n)
		buf_addz(out, ELLIPSIS);
}

void excerpt_write(
    const struct query *q, struct tokenizer *t, struct str text, size_t columns, struct buf *out)
{
	struct excerpt e = {
	    .query = q, .tokenizer = t, .text = str_trim(text), .arena = arena_new(4096)};

	find_stems(&e);
	split(&e);
	find_matches(&e);
	write(&e, columns > EXCERPT_COLUMNS_MIN ? columns : EXCERPT_COLUMNS_MIN, out);
	free(e.tokens);
	free(e.matches);
	arena_free(e.arena);
}
