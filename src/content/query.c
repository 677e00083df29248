#include "config.h"

#include "content/query.h"
#include "base/utf8.h"
#include "base/words.h"

static const struct {
	const char *name;
	enum query_field field;
} fields[] = {
    {"title", QUERY_TITLE},
    {"tag", QUERY_TAG},
    {"tags", QUERY_TAG},
    {"category", QUERY_CATEGORY},
    {"author", QUERY_AUTHOR},
};

struct parser {
	struct str rest; /* not yet read */
	struct query *q;
	struct str *words; /* QUERY_WORDS_MAX of them; the terms share them */
	size_t nwords;
	struct arena *arena; /* borrowed */
};

/* ------------------------------------------------------------------------------- characters */

/* True for each mark that some keyboard or some editor writes a quotation with. */
static bool is_quote(uint32_t c)
{
	return c == '"' || c == 0xab || c == 0xbb || (c >= 0x201c && c <= 0x201f) ||
	    (c >= 0x300c && c <= 0x300f) || c == 0xff02;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
	    c == 0x205f || c == 0x3000;
}

typedef bool character_test(uint32_t c);

static bool is_quote_or_space(uint32_t c)
{
	return is_quote(c) || is_space(c);
}

/* How many bytes of s come before the first character that passes the test. */
static size_t span_until(struct str s, character_test *test)
{
	uint32_t c;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, NULL);
		if (test(c))
			return i;
	}
	return s.n;
}

/* The length of the character that s begins with when it passes the test; else 0. */
static size_t starts_with(struct str s, character_test *test)
{
	uint32_t c;
	size_t n = s.n > 0 ? utf8_decode(s, &c, NULL) : 0;

	return n > 0 && test(c) ? n : 0;
}

static void skip_spaces(struct parser *p)
{
	for (size_t n; (n = starts_with(p->rest, is_space)) > 0;)
		p->rest = str_skip(p->rest, n);
}

/* ------------------------------------------------------------------------------------ terms */

/* Adds the words of text to the term; false when it has none, or no more can be taken. */
static bool add_words(struct parser *p, struct query_term *t, struct str text)
{
	struct words w;

	t->words = p->words + p->nwords;
	words_begin(&w, text);
	while (p->nwords < QUERY_WORDS_MAX && words_next(&w)) {
		p->words[p->nwords++] = arena_str(p->arena, w.word);
		t->nwords++;
	}
	return t->nwords > 0;
}

static bool has_words(struct str text)
{
	struct words w;

	words_begin(&w, text);
	return words_next(&w);
}

static void add_term(struct parser *p, struct query_term t, struct str value)
{
	t.value = value;
	if (p->q->nterms < QUERY_TERMS_MAX && add_words(p, &t, value))
		p->q->terms[p->q->nterms++] = t;
}

/* Each word of text a term by itself, in any field. */
static void add_each(struct parser *p, struct str text, bool without)
{
	struct words w;

	words_begin(&w, text);
	while (words_next(&w)) {
		struct query_term t = {.without = without, .typed = str_sub(text, w.from, w.to)};

		add_term(p, t, t.typed);
	}
}

/* ------------------------------------------------------------------------------------ dates */

/* A day, or the first day of a month or a year. */
static bool parse_day(struct str s, struct date *day)
{
	static const char sample[] = "0000-01-01";
	char text[sizeof sample - 1];

	if (s.n != 4 && s.n != 7 && s.n != 10)
		return false;
	memcpy(text, sample, sizeof text);
	memcpy(text, s.p, s.n);
	return date_parse((struct str){text, sizeof text}, day, NULL);
}

static void narrow_after(struct query *q, const struct date *day)
{
	if (q->after.year == 0 || date_cmp(day, &q->after) > 0)
		q->after = *day;
}

static void narrow_before(struct query *q, const struct date *day)
{
	if (q->before.year == 0 || date_cmp(day, &q->before) < 0)
		q->before = *day;
}

/*
 * Reads before:DATE or after:DATE; false when it is neither. Not before a day is after it,
 * and so on.
 */
static bool add_date(struct parser *p, struct str field, struct str value, bool without)
{
	bool after = str_eq_nocase(field, STR("after"));
	struct date day;

	if ((!after && !str_eq_nocase(field, STR("before"))) || !parse_day(value, &day))
		return false;
	if (after != without)
		narrow_after(p->q, &day);
	else
		narrow_before(p->q, &day);
	return true;
}

/* ---------------------------------------------------------------------------------- parsing */

/* The name before the first colon of s, when it could be that of a field. */
static bool split_field(struct str s, struct str *field, struct str *value)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z'))
		n++;
	if (n == 0 || n == s.n || s.p[n] != ':' || (n + 1 < s.n && s.p[n + 1] == ':'))
		return false;
	*field = str_sub(s, 0, n);
	*value = str_skip(s, n + 1);
	return true;
}

static bool known_field(struct str name, enum query_field *field)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (str_eq_nocase(name, str_of(fields[i].name))) {
			*field = fields[i].field;
			return true;
		}
	}
	return false;
}

/* Takes what is between quotation marks, of which *rest begins with one; the last may be absent. */
static struct str take_quoted(struct str *rest)
{
	struct str inside = str_skip(*rest, starts_with(*rest, is_quote));
	size_t n = span_until(inside, is_quote);

	*rest = str_skip(inside, n);
	*rest = str_skip(*rest, starts_with(*rest, is_quote));
	return str_sub(inside, 0, n);
}

static struct str take_bare(struct str *rest)
{
	size_t n = span_until(*rest, is_quote_or_space);
	struct str bare = str_sub(*rest, 0, n);

	*rest = str_skip(*rest, n);
	return bare;
}

/* Takes the value of a field, or a word, off *rest; *star: a prefix is meant. */
static struct str take_value(struct str *rest, bool *star)
{
	struct str value;

	if (starts_with(*rest, is_quote) > 0) {
		value = take_quoted(rest);
		*star = str_starts(*rest, STR("*"));
		*rest = str_skip(*rest, *star);
	} else {
		value = take_bare(rest);
		*star = str_ends(value, STR("*"));
	}
	return value;
}

/* One hyphen before something excludes it; two begin an option of some command, which is a word. */
static bool take_hyphen(struct str *rest)
{
	if (rest->n < 2 || rest->p[0] != '-' || rest->p[1] == '-' ||
	    starts_with(str_skip(*rest, 1), is_space) > 0)
		return false;
	*rest = str_skip(*rest, 1);
	return true;
}

/* What stands between two places of one text. */
static struct str between(struct str from, struct str to)
{
	return str_sub(from, 0, from.n - to.n);
}

/* Reads FIELD:VALUE; false when the next is not of that form, and then nothing is taken. */
static bool parse_field(struct parser *p, struct query_term *t, struct str start)
{
	struct str field, rest, value, whole;

	if (!split_field(p->rest, &field, &rest))
		return false;
	value = take_value(&rest, &t->prefix);
	whole = between(p->rest, rest);
	p->rest = rest;
	t->typed = between(start, rest);
	if (known_field(field, &t->field) && has_words(value)) {
		add_term(p, *t, value);
	} else if (!add_date(p, field, value, t->without)) {
		/* The colon may be one of a sentence: its words, in any order. */
		add_each(p, whole, t->without);
	}
	return true;
}

static void parse_term(struct parser *p)
{
	struct query_term t = {0};
	struct str start = p->rest, value;

	t.without = take_hyphen(&p->rest);
	if (parse_field(p, &t, start))
		return;
	value = take_value(&p->rest, &t.prefix);
	t.typed = between(start, p->rest);
	add_term(p, t, value);
}

static struct str clean(struct str typed, struct arena *a)
{
	struct buf b = {0};
	struct str s;

	/* No more is read of a megabyte than can be of use. */
	utf8_clean(&b, utf8_cut(typed, (size_t)4 * QUERY_BYTES_MAX));
	s = str_trim(utf8_cut(str_trim(buf_str(&b)), QUERY_BYTES_MAX));
	s = arena_str(a, s);
	buf_free(&b);
	return s;
}

const struct query *query_parse(struct str typed, struct arena *a)
{
	struct query *q = arena_alloc(a, sizeof *q);
	struct parser p = {.q = q, .arena = a};

	q->typed = clean(typed, a);
	p.rest = q->typed;
	p.words = arena_array(a, QUERY_WORDS_MAX, sizeof *p.words);
	for (skip_spaces(&p); p.rest.n > 0; skip_spaces(&p))
		parse_term(&p);
	return q;
}

bool query_is_empty(const struct query *q)
{
	return q->nterms == 0 && q->after.year == 0 && q->before.year == 0;
}
