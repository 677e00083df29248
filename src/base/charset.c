#include "config.h"

#include "base/charset.h"
#include "base/spelling.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

#define SOFT_HYPHEN 0xad
#define NO_BREAK_SPACE 0xa0
#define FRACTION_SLASH U'⁄'
#define BOX_FIRST U'─'
#define BOX_LAST U'╿'
#define BLOCK_LAST U'▟'

/* Most characters that one is decomposed into (U+FDFA has 18). */
#define PARTS_MAX 32

/* One text on its way into a charset. */
struct fold {
	struct buf *out;
	size_t start; /* where the text begins in out */
	enum charset charset;
	bool unknown;  /* the last character was one for which there is a "?" */
	bool vanished; /* the last character left nothing, and the space after it goes too */
	bool capitals; /* the next character is a capital: Ж is ZH in ЖУК, Zh in Жук */
};

const char *charset_name(enum charset c)
{
	static const char *const names[] = {
	    [CHARSET_UTF_8] = "UTF-8",
	    [CHARSET_LATIN1] = "ISO-8859-1",
	    [CHARSET_US_ASCII] = "US-ASCII",
	};

	return names[c];
}

static bool is_capital(uint32_t c)
{
	utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);

	return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LT;
}

static bool has(enum charset charset, uint32_t c)
{
	return c < 0x80 ||
	    (charset == CHARSET_LATIN1 && c > NO_BREAK_SPACE && c <= 0xff && c != SOFT_HYPHEN);
}

static void add(struct fold *f, uint32_t c)
{
	bool skipped = f->vanished && c == ' ' &&
	    (f->out->len == f->start || f->out->p[f->out->len - 1] == ' ');

	if (!skipped)
		utf8_encode(f->out, c);
	f->unknown = false;
	f->vanished = false;
}

/* A capital's spelling begins with one, or is all capitals where the word is. */
static void add_spelled(struct fold *f, const char *ascii, bool capital)
{
	for (size_t i = 0; ascii[i]; i++) {
		bool small = ascii[i] >= 'a' && ascii[i] <= 'z';
		bool raise = capital && small && (i == 0 || f->capitals);

		add(f, (unsigned char)(raise ? ascii[i] - 'a' + 'A' : ascii[i]));
	}
}

/* A line of a frame as what it looks like. */
static char frame_of(uint32_t c)
{
	if (c > BOX_LAST)
		return '#';
	switch (c) {
	case U'─':
	case U'━':
	case U'┄':
	case U'┅':
	case U'┈':
	case U'┉':
	case U'╌':
	case U'╍':
	case U'═':
		return '-';
	case U'│':
	case U'┃':
	case U'┆':
	case U'┇':
	case U'┊':
	case U'┋':
	case U'╎':
	case U'╏':
	case U'║':
		return '|';
	default:
		return '+';
	}
}

/* What no spelling is known for: nothing for marks and pictures, one "?" for a run of letters. */
static void add_unknown(struct fold *f, uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
		break; /* belongs to what is before it */
	case UTF8PROC_CATEGORY_SO:
	case UTF8PROC_CATEGORY_SK:
		f->vanished = true;
		break;
	case UTF8PROC_CATEGORY_ZS:
		add(f, ' ');
		break;
	default:
		if (!f->unknown)
			add(f, '?');
		f->unknown = true;
		break;
	}
}

/* Adds a character that the charset has, or that is spelled; false for any other. */
static bool add_known(struct fold *f, uint32_t c)
{
	bool capital = is_capital(c);
	const char *ascii;

	if (has(f->charset, c)) {
		add(f, c);
		return true;
	}
	if (c >= BOX_FIRST && c <= BLOCK_LAST) {
		add(f, (unsigned char)frame_of(c));
		return true;
	}
	if (capital)
		c = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
	ascii = spelling_of(c);
	if (ascii)
		add_spelled(f, ascii, capital);
	return ascii != NULL;
}

/* Adds what a character is made of: a letter of its accent, a fraction of its digits. */
static void add_parts(struct fold *f, uint32_t c)
{
	utf8proc_int32_t parts[PARTS_MAX];
	utf8proc_ssize_t n;
	int last = 0;

	n = utf8proc_decompose_char(
	    (utf8proc_int32_t)c, parts, PARTS_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &last);
	if (n <= 0 || n > PARTS_MAX)
		n = 0;
	if (n > 1 && parts[1] == FRACTION_SLASH && f->out->len > f->start &&
	    f->out->p[f->out->len - 1] >= '0' && f->out->p[f->out->len - 1] <= '9')
		add(f, ' '); /* 1 1/2 */
	for (utf8proc_ssize_t i = 0; i < n; i++)
		if (!add_known(f, (uint32_t)parts[i]))
			add_unknown(f, (uint32_t)parts[i]);
	if (n == 0)
		add_unknown(f, c);
}

static void fold_all(struct fold *f, struct str s)
{
	uint32_t c, next;

	for (; s.n > 0; s = str_skip(s, utf8_decode(s, &c, NULL))) {
		struct str rest = str_skip(s, utf8_decode(s, &c, NULL));

		next = 0;
		if (rest.n > 0)
			utf8_decode(rest, &next, NULL);
		f->capitals = is_capital(next);
		if (!add_known(f, c))
			add_parts(f, c);
	}
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

void charset_fold(struct buf *out, struct str text, enum charset c)
{
	struct fold f = {.out = out, .start = out->len, .charset = c};
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t n;

	if (c == CHARSET_UTF_8 || is_ascii(text)) {
		buf_add(out, text);
		return;
	}
	/* Composed, since it is the composed letters that Latin-1 has. */
	n = utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &composed,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n >= 0)
		text = (struct str){(const char *)composed, (size_t)n};
	fold_all(&f, text);
	free(composed);
}

void charset_clean_cut(struct buf *out, struct str text, size_t columns, enum charset c)
{
	struct buf clean = {0}, folded = {0};

	if (c == CHARSET_UTF_8) {
		utf8_clean_cut(out, text, columns, UTF8_ELLIPSIS);
		return;
	}
	utf8_clean(&clean, text);
	charset_fold(&folded, buf_str(&clean), c);
	utf8_clean_cut(out, buf_str(&folded), columns, "...");
	buf_free(&clean);
	buf_free(&folded);
}

void charset_encode(struct buf *out, size_t start, enum charset c)
{
	uint32_t most = c == CHARSET_LATIN1 ? 0xff : 0x7f, point;
	size_t to = start;

	if (c == CHARSET_UTF_8)
		return;
	for (size_t i = start; i < out->len;) {
		i += utf8_decode(str_skip(buf_str(out), i), &point, NULL);
		out->p[to++] = (char)(unsigned char)(point <= most ? point : '?');
	}
	out->len = to;
}
