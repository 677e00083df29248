#include "config.h"

#include "base/wrap.h"
#include "base/utf8.h"

/*
 * Marks that may not begin a line, and that may not end one, after JIS X 4051
 * and its Chinese relatives. Ascending.
 */
static const uint32_t not_first[] = {
    '!',
    '%',
    ')',
    ',',
    '.',
    ':',
    ';',
    '?',
    ']',
    '}',
    0xbb,
    0x2019,
    0x201d,
    0x2025,
    0x2026,
    0x3001,
    0x3002,
    0x3005,
    0x3009,
    0x300b,
    0x300d,
    0x300f,
    0x3011,
    0x3015,
    0x3017,
    0x3019,
    0x301b,
    0x301c,
    0x301f,
    0x3041,
    0x3043,
    0x3045,
    0x3047,
    0x3049,
    0x3063,
    0x3083,
    0x3085,
    0x3087,
    0x308e,
    0x3095,
    0x3096,
    0x309b,
    0x309c,
    0x309d,
    0x309e,
    0x30a1,
    0x30a3,
    0x30a5,
    0x30a7,
    0x30a9,
    0x30c3,
    0x30e3,
    0x30e5,
    0x30e7,
    0x30ee,
    0x30f5,
    0x30f6,
    0x30fb,
    0x30fc,
    0x30fd,
    0x30fe,
    0xff01,
    0xff05,
    0xff09,
    0xff0c,
    0xff0e,
    0xff1a,
    0xff1b,
    0xff1f,
    0xff3d,
    0xff5d,
    0xff60,
    0xff61,
    0xff63,
    0xff64,
    0xff65,
    0xff67,
    0xff68,
    0xff69,
    0xff6a,
    0xff6b,
    0xff6c,
    0xff6d,
    0xff6e,
    0xff6f,
    0xff70,
    0xff9e,
    0xff9f,
};
static const uint32_t not_last[] = {
    '(',
    '[',
    '{',
    0xab,
    0x2018,
    0x201c,
    0x3008,
    0x300a,
    0x300c,
    0x300e,
    0x3010,
    0x3014,
    0x3016,
    0x3018,
    0x301a,
    0x301d,
    0xff08,
    0xff3b,
    0xff5b,
    0xff5f,
    0xff62,
};

static bool among(const uint32_t *marks, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n && marks[i] <= c; i++)
		if (marks[i] == c)
			return true;
	return false;
}

/* Scripts written without spaces. Hangul is not among them: Korean has spaces. */
static bool is_ideographic(uint32_t c)
{
	return (c >= 0x2e80 && c <= 0x312f) || (c >= 0x3190 && c <= 0xa4cf) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff01 && c <= 0xff9f) ||
	    (c >= 0x20000 && c <= 0x3fffd);
}

static bool may_break_between(uint32_t before, uint32_t after)
{
	if (!is_ideographic(before) && !is_ideographic(after))
		return false;
	return utf8_char_width(after) > 0 &&
	    !among(not_last, sizeof not_last / sizeof *not_last, before) &&
	    !among(not_first, sizeof not_first / sizeof *not_first, after);
}

/*
 * The length of the first unbreakable piece of s, which begins with no space,
 * and its width.
 */
static size_t piece(struct str s, size_t *width)
{
	uint32_t before = 0, c;
	size_t i = 0, n;

	*width = 0;
	while (i < s.n && s.p[i] != ' ' && i < WRAP_WORD_MAX) {
		n = utf8_decode(str_skip(s, i), &c, NULL);
		if (i > 0 && may_break_between(before, c))
			break;
		*width += utf8_char_width(c);
		before = c;
		i += n;
	}
	return i;
}

static size_t count_spaces(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

bool wrap_next(struct str *rest, size_t width, struct str *line)
{
	struct str s = str_skip(*rest, count_spaces(*rest));
	size_t end = 0, used = 0;

	if (s.n == 0) {
		*rest = s;
		return false;
	}
	for (;;) {
		size_t gap = count_spaces(str_skip(s, end)), w;
		size_t n = piece(str_skip(s, end + gap), &w);

		if (n == 0 ||
		    (end > 0 && (used + gap + w > width || end + gap + n > WRAP_WORD_MAX)))
			break;
		end += gap + n;
		used += gap + w;
	}
	*line = str_sub(s, 0, end);
	*rest = str_skip(s, end);
	return true;
}
