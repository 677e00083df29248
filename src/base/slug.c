#include "config.h"

#include "base/slug.h"
#include "base/spelling.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static void add_letter(struct buf *out, uint32_t c)
{
	const char *spelling = spelling_of_letter(c);

	if (spelling)
		buf_addz(out, spelling);
	else if (c < 0x80)
		buf_addc(out, (char)c);
	else
		buf_printf(out, "u%x", (unsigned)c);
}

static bool is_word_character(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return false;
	}
}

/* An apostrophe joins: "don't" is dont. */
static bool vanishes(uint32_t c)
{
	return c == '\'' || c == 0x2019;
}

/* Shortens the slug in out from start to SLUG_MAX, at a hyphen where there is one. */
static void cut(struct buf *out, size_t start)
{
	size_t end = start + SLUG_MAX;

	if (out->len <= end)
		return;
	for (size_t i = end; i > start; i--) {
		if (out->p[i] == '-') {
			end = i;
			break;
		}
	}
	out->len = end;
}

void slug_make(struct buf *out, struct str text)
{
	utf8proc_uint8_t *folded = NULL;
	size_t start = out->len;
	bool between = false;
	struct str s;
	utf8proc_ssize_t n =
	    utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &folded,
		UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
		    UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);

	if (n < 0)
		return;
	s = (struct str){(const char *)folded, (size_t)n};
	while (s.n > 0) {
		uint32_t c;

		s = str_skip(s, utf8_decode(s, &c, NULL));
		if (is_word_character(c)) {
			if (between && out->len > start)
				buf_addc(out, '-');
			add_letter(out, c);
			between = false;
		} else if ((c == '+' || c == '#') && !between && out->len > start) {
			buf_addz(out, c == '+' ? "plus" : "sharp");
		} else if (!vanishes(c)) {
			between = true;
		}
	}
	free(folded);
	cut(out, start);
}

bool slug_valid(struct str s)
{
	if (s.n == 0 || s.n > SLUG_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '-' && s.p[i - 1] == '-')
			return false;
		if (c != '-' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			return false;
	}
	return true;
}
