#include "config.h"

#include "content/bytes.h"
#include "base/utf8.h"

#define BYTE_ORDER_MARK 0xfeff

/* A walk over the characters of a file. */
struct walk {
	struct str bytes;
	struct diag_pos pos;     /* of the character at hand */
	struct diag_list *diags; /* borrowed */
	unsigned faults;
};

/* The offset of the first byte that is not plain ASCII text, or s.n. */
static size_t find_unusual(struct str s)
{
	size_t i = 0;

	while (i < s.n && ((s.p[i] >= 0x20 && s.p[i] < 0x7f) || s.p[i] == '\n' || s.p[i] == '\t'))
		i++;
	return i;
}

/* U+FFFE, U+FFFF and their like in the other planes are set aside by Unicode, and by YAML. */
static bool is_noncharacter(uint32_t c)
{
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/* Reports what is wrong with the character c, whose bytes s begins with; false when nothing is. */
static bool is_fault(struct walk *w, struct str s, uint32_t c, bool bad)
{
	if (bad)
		diag_error(w->diags, w->pos,
		    "the byte 0x%02X is not UTF-8 here: save the file as UTF-8",
		    (unsigned char)s.p[0]);
	else if (c == 0)
		diag_error(w->diags, w->pos, "a NUL byte: delete it, or save the file as UTF-8");
	else if (c == '\r')
		diag_error(w->diags, w->pos,
		    "a carriage return without its line feed: end lines with LF or CRLF");
	else if (c == BYTE_ORDER_MARK)
		diag_error(
		    w->diags, w->pos, "a byte order mark (U+FEFF) inside the text: delete it");
	else if (c == 0x2028 || c == 0x2029)
		diag_error(w->diags, w->pos, "the separator U+%04X: write an ordinary line feed",
		    (unsigned)c);
	else if (c != '\n' && c != '\t' && utf8_is_control(c))
		diag_error(
		    w->diags, w->pos, "the control character U+%04X: delete it", (unsigned)c);
	else if (is_noncharacter(c))
		diag_error(w->diags, w->pos, "U+%04X is no character: delete it", (unsigned)c);
	else
		return false;
	return true;
}

static void advance(struct walk *w, uint32_t c)
{
	if (c == '\n') {
		w->pos.line++;
		w->pos.column = 1;
	} else {
		w->pos.column++;
	}
}

/* Appends the text of the whole file to out; false when there were too many faults. */
static bool rewrite(struct walk *w, struct buf *out)
{
	struct str s = w->bytes;

	while (s.n > 0 && w->faults < BYTES_FAULTS_MAX) {
		bool bad, is_crlf = str_starts(s, STR("\r\n"));
		uint32_t c;
		size_t n = utf8_decode(s, &c, &bad);

		if (!is_crlf && is_fault(w, s, c, bad)) {
			w->faults++;
			utf8_encode(out, UTF8_REPLACEMENT);
		} else if (!is_crlf) {
			buf_add(out, str_sub(s, 0, n));
		}
		if (!is_crlf)
			advance(w, c);
		s = str_skip(s, n);
	}
	return w->faults < BYTES_FAULTS_MAX;
}

/* True when all the characters of the file may stand as they are. */
static bool is_clean(struct str s)
{
	while ((s = str_skip(s, find_unusual(s))).n > 0) {
		uint32_t c;
		bool bad;
		size_t n = utf8_decode(s, &c, &bad);

		if (bad || utf8_is_control(c) || c == BYTE_ORDER_MARK || is_noncharacter(c))
			return false;
		s = str_skip(s, n);
	}
	return true;
}

/* True for letters with a NUL before or behind each: UTF-16 without a byte order mark. */
static bool is_utf16(struct str s)
{
	static const bool forms[][4] = {{true, false, true, false}, {false, true, false, true}};

	for (size_t k = 0; k < 2 && s.n >= 4; k++) {
		size_t i = 0;

		while (i < 4 && (s.p[i] != 0) == forms[k][i])
			i++;
		if (i == 4)
			return true;
	}
	return false;
}

bool bytes_text(struct arena *arena, struct str file, struct str bytes, struct diag_list *diags,
    struct str *text)
{
	struct walk w = {.pos = {file, 1, 1}, .diags = diags};
	struct buf out = {0};
	bool is_text;

	*text = STR("");
	if (str_starts(bytes, STR("\xff\xfe")) || str_starts(bytes, STR("\xfe\xff")) ||
	    is_utf16(bytes)) {
		diag_error(diags, w.pos, "the file looks like UTF-16: save it as UTF-8");
		return false;
	}
	if (str_index(bytes, '\r') < bytes.n && str_index(bytes, '\n') == bytes.n) {
		diag_error(diags, w.pos, "lines end in CR alone: save the file with LF or CRLF");
		return false;
	}
	w.bytes = str_skip(bytes, str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0);
	*text = w.bytes;
	if (is_clean(w.bytes))
		return true;
	is_text = rewrite(&w, &out);
	*text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	if (!is_text)
		diag_error(
		    diags, w.pos, "too many characters that are no text: the rest is not read");
	return is_text;
}
