#include "config.h"

#include "base/utf8.h"

#include <utf8proc.h>

#define BYTE_ORDER_MARK 0xfeff

size_t utf8_decode(struct str s, uint32_t *c, bool *bad)
{
	utf8proc_int32_t point;
	utf8proc_ssize_t n;

	if (bad)
		*bad = false;
	if ((unsigned char)s.p[0] < 0x80) {
		*c = (unsigned char)s.p[0];
		return 1;
	}
	n = utf8proc_iterate(
	    (const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)(s.n < 4 ? s.n : 4), &point);
	if (n <= 0) {
		*c = UTF8_REPLACEMENT;
		if (bad)
			*bad = true;
		return 1;
	}
	*c = (uint32_t)point;
	return (size_t)n;
}

void utf8_encode(struct buf *out, uint32_t c)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)c, bytes);

	buf_add(out, (struct str){(const char *)bytes, n > 0 ? (size_t)n : 0});
}

bool utf8_valid(struct str s, size_t *at)
{
	uint32_t c;
	bool bad;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, &bad);
		if (bad) {
			if (at)
				*at = i;
			return false;
		}
	}
	return true;
}

bool utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

size_t utf8_find_control(struct str s)
{
	uint32_t c;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, NULL);
		if (utf8_is_control(c))
			return i;
	}
	return s.n;
}

unsigned utf8_char_width(uint32_t c)
{
	int w;

	if (c < 0x7f)
		return c >= 0x20;
	w = utf8proc_charwidth((utf8proc_int32_t)c);
	return w > 0 ? (unsigned)w : 0;
}

size_t utf8_width(struct str s)
{
	size_t width = 0;
	uint32_t c;

	for (size_t i = 0; i < s.n;) {
		i += utf8_decode(str_skip(s, i), &c, NULL);
		width += utf8_char_width(c);
	}
	return width;
}

size_t utf8_fit(struct str s, size_t columns)
{
	utf8proc_int32_t state = 0, before = -1;
	size_t fit = 0, width = 0, n;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, NULL);
		if (before < 0 ||
		    utf8proc_grapheme_break_stateful(before, (utf8proc_int32_t)c, &state))
			fit = i;
		width += utf8_char_width(c);
		if (width > columns)
			return fit;
		before = (utf8proc_int32_t)c;
	}
	return s.n;
}

struct str utf8_cut(struct str s, size_t bytes)
{
	size_t n = bytes;

	if (s.n <= bytes)
		return s;
	/* Back over at most three continuation bytes: more is no UTF-8 and may be cut anywhere. */
	while (n > 0 && bytes - n < 3 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

/* True when s can be shown as it is: printable ASCII only, the usual case. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

void utf8_clean(struct buf *out, struct str s)
{
	bool bad, in_controls = false;
	uint32_t c;

	if (is_plain(s)) {
		buf_add(out, s);
		return;
	}
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, &bad);
		if (utf8_is_control(c)) {
			if (!in_controls)
				buf_addc(out, ' ');
		} else if (bad) {
			utf8_encode(out, UTF8_REPLACEMENT);
		} else if (c != BYTE_ORDER_MARK) {
			buf_add(out, str_sub(s, i, i + n));
		}
		in_controls = utf8_is_control(c);
	}
}

/*
 * Where to cut s, of which fit bytes are left room for: before the word that
 * does not fit, unless that word is so long that little would be left.
 */
static size_t cut_at_word(struct str s, size_t fit)
{
	size_t end = fit;

	if (fit == s.n || s.p[fit] == ' ')
		return fit;
	while (end > 0 && s.p[end - 1] != ' ')
		end--;
	return end > fit / 3 * 2 ? end : fit;
}

void utf8_clean_cut(struct buf *out, struct str s, size_t columns, const char *ellipsis)
{
	size_t start = out->len, room = utf8_width(str_of(ellipsis));
	struct str clean;

	utf8_clean(out, s);
	clean = str_skip(buf_str(out), start);
	if (clean.n <= columns || utf8_width(clean) <= columns)
		return;
	out->len = start + cut_at_word(clean, utf8_fit(clean, columns > room ? columns - room : 0));
	while (out->len > start && out->p[out->len - 1] == ' ')
		out->len--;
	buf_addz(out, ellipsis);
}
