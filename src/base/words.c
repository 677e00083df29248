#include "config.h"

#include "base/words.h"
#include "base/spelling.h"
#include "base/utf8.h"

#include <utf8proc.h>

/* What a folded code point is to a word. */
enum kind {
	KIND_BREAK,  /* parts words */
	KIND_LETTER, /* belongs to a word, as the marks of scripts that cannot be read without do */
	KIND_DIGIT,
	KIND_ALONE,  /* is a word of its own */
	KIND_VOICED, /* belongs to the kana before it, which it makes another */
	KIND_SILENT, /* an accent, an apostrophe: as if it were not there */
};

struct range {
	int32_t from, to;
};

/* Scripts without spaces between words, and Hangul, as it is when decomposed. Ascending. */
static const struct range alone[] = {
    {0x0e01, 0x0fbc},   /* Thai, Lao, Tibetan */
    {0x1000, 0x109f},   /* Myanmar */
    {0x1100, 0x11ff},   /* Hangul */
    {0x1780, 0x17d3},   /* Khmer */
    {0x2e80, 0x2fd5},   /* radicals */
    {0x3005, 0x3007},   /* marks that stand for ideographs */
    {0x3021, 0x3029},   /* numerals */
    {0x3041, 0x312f},   /* Hiragana, Katakana, Bopomofo */
    {0x31a0, 0x9fff},   /* Bopomofo, Katakana, ideographs */
    {0xa960, 0xa97c},   /* Hangul */
    {0xd7b0, 0xd7fb},   /* Hangul */
    {0xf900, 0xfaff},   /* ideographs */
    {0x1b000, 0x1b16f}, /* Kana */
    {0x20000, 0x3fffd}, /* ideographs */
};

/* Marks that a reader may leave out: accents, and the points of Hebrew and Arabic. Ascending. */
static const struct range accents[] = {
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x0591, 0x05c7},
    {0x0610, 0x061a},
    {0x064b, 0x065f},
    {0x0670, 0x0670},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff},
    {0xfe20, 0xfe2f},
};

#define WITHIN(ranges, c) within(ranges, sizeof(ranges) / sizeof *(ranges), c)

static bool within(const struct range *ranges, size_t n, int32_t c)
{
	for (size_t i = 0; i < n && ranges[i].from <= c; i++)
		if (c <= ranges[i].to)
			return true;
	return false;
}

static enum kind kind_of_ascii(int32_t c)
{
	if (c >= 'a' && c <= 'z')
		return KIND_LETTER;
	if (c >= '0' && c <= '9')
		return KIND_DIGIT;
	return c == '\'' ? KIND_SILENT : KIND_BREAK;
}

static enum kind kind_of(int32_t c)
{
	if (c < 0x80)
		return kind_of_ascii(c);
	if (c == 0x2019 || WITHIN(accents, c))
		return KIND_SILENT;
	if (c == 0x3099 || c == 0x309a)
		return KIND_VOICED;
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_NL:
		return WITHIN(alone, c) ? KIND_ALONE : KIND_LETTER;
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NO:
		return KIND_DIGIT;
	case UTF8PROC_CATEGORY_SO:
		return c == UTF8_REPLACEMENT ? KIND_BREAK : KIND_ALONE;
	default:
		return KIND_BREAK;
	}
}

/* Folds the next character of the text into points; false at the end. One may fold to nothing. */
static bool fold_next(struct words *w)
{
	struct str rest = str_skip(w->text, w->at);
	utf8proc_ssize_t n;
	uint32_t c;
	int class = 0;

	if (rest.n == 0)
		return false;
	w->start = w->at;
	w->at += utf8_decode(rest, &c, NULL);
	w->ipoint = 0;
	w->npoints = 1;
	w->points[0] = (int32_t)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
	if (c < 0x80)
		return true;
	n = utf8proc_decompose_char((utf8proc_int32_t)c, w->points, WORDS_POINTS_MAX,
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
		UTF8PROC_IGNORE,
	    &class);
	w->npoints = n >= 0 && n <= WORDS_POINTS_MAX ? (size_t)n : 0;
	return true;
}

/* The next folded code point, which stays the next; false at the end. */
static bool peek(struct words *w, int32_t *c)
{
	while (w->ipoint == w->npoints)
		if (!fold_next(w))
			return false;
	*c = w->points[w->ipoint];
	return true;
}

static void add(struct words *w, struct str bytes)
{
	if (w->word.n + bytes.n > sizeof w->folded)
		return;
	memcpy(w->folded + w->word.n, bytes.p, bytes.n);
	w->word.n += bytes.n;
}

/* Takes the code point c, which is the next, into the word. */
static void take(struct words *w, int32_t c)
{
	const char *spelling = c < 0x80 ? NULL : spelling_of_letter((uint32_t)c);
	utf8proc_uint8_t bytes[4];

	if (w->word.n == 0)
		w->from = w->start;
	w->to = w->at;
	w->ipoint++;
	if (spelling)
		add(w, str_of(spelling));
	else
		add(w, (struct str){(const char *)bytes, (size_t)utf8proc_encode_char(c, bytes)});
}

/* Goes on to where a word begins. */
static bool find_word(struct words *w, int32_t *c, enum kind *kind)
{
	while (peek(w, c)) {
		*kind = kind_of(*c);
		if (*kind == KIND_LETTER || *kind == KIND_DIGIT || *kind == KIND_ALONE)
			return true;
		w->ipoint++;
	}
	return false;
}

static void take_word(struct words *w)
{
	enum kind kind;
	int32_t c;

	while (peek(w, &c)) {
		kind = kind_of(c);
		if (kind == KIND_LETTER || kind == KIND_DIGIT)
			take(w, c);
		else if (kind == KIND_SILENT)
			w->ipoint++;
		else
			break;
	}
}

static void take_voiced(struct words *w)
{
	int32_t c;

	while (peek(w, &c) && kind_of(c) == KIND_VOICED)
		take(w, c);
}

/* How many of the signs at the end of C++, C# and F# s begins with. */
static size_t count_signs(struct str s)
{
	struct words next;
	enum kind kind;
	size_t n = 0;
	int32_t c;

	while (n < s.n && n < 2 && s.p[n] == s.p[0] && (s.p[n] == '+' || s.p[n] == '#'))
		n++;
	if (n == 0 || (n == 2 && s.p[0] == '+'))
		return n;
	words_begin(&next, str_skip(s, n));
	if (!peek(&next, &c))
		return n;
	kind = kind_of(c);
	return kind == KIND_LETTER || kind == KIND_DIGIT || kind == KIND_ALONE ? 0 : n;
}

/* Signs belong to a word that they follow at once; the first of them is the next code point. */
static void take_signs(struct words *w)
{
	int32_t c;

	if (!peek(w, &c) || w->start != w->to)
		return;
	for (size_t n = count_signs(str_skip(w->text, w->start)); n > 0 && peek(w, &c); n--)
		take(w, c);
}

void words_begin(struct words *w, struct str text)
{
	w->text = text;
	w->at = 0;
	w->npoints = w->ipoint = 0;
}

bool words_next(struct words *w)
{
	enum kind kind;
	int32_t c;

	w->word = (struct str){w->folded, 0};
	if (!find_word(w, &c, &kind))
		return false;
	take(w, c);
	if (kind == KIND_ALONE) {
		take_voiced(w);
		return true;
	}
	take_word(w);
	if (kind == KIND_LETTER)
		take_signs(w);
	return true;
}
