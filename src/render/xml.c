#include "config.h"

#include "render/xml.h"
#include "base/utf8.h"

/* Columns that each depth is indented by. */
#define INDENT 2

/* U+FFFD, for a byte that is not UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd"

/* The Char production of XML 1.0. */
static bool is_allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
	    (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* What stands for c; empty for a character that XML has not, NULL for c itself. */
static const char *reference(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>': /* which "]]>" must not hold as it is */
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r': /* as it is, it would be read as a line feed */
		return "&#13;";
	default:
		return is_allowed(c) ? NULL : "";
	}
}

void xml_text(struct buf *out, struct str s)
{
	size_t start = 0; /* of what goes out as it is */
	uint32_t c;
	bool bad;

	for (size_t i = 0, n; i < s.n; i += n) {
		const char *instead;

		n = utf8_decode(str_skip(s, i), &c, &bad);
		instead = bad ? REPLACEMENT : reference(c);
		if (!instead)
			continue;
		buf_add(out, str_sub(s, start, i));
		buf_addz(out, instead);
		start = i + n;
	}
	buf_add(out, str_skip(s, start));
}

void xml_attribute(struct buf *out, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_printf(out, " %s=\"", name);
	xml_text(out, value);
	buf_addc(out, '"');
}

void xml_indent(struct buf *out, unsigned depth)
{
	buf_fill(out, ' ', (size_t)depth * INDENT);
}

void xml_element(struct buf *out, unsigned depth, const char *name, struct str text)
{
	if (text.n == 0)
		return;
	xml_indent(out, depth);
	buf_printf(out, "<%s>", name);
	xml_text(out, text);
	buf_printf(out, "</%s>\n", name);
}

void xml_link(struct buf *out, unsigned depth, const char *name, const char *rel, const char *type,
    struct str href)
{
	if (href.n == 0)
		return;
	xml_indent(out, depth);
	buf_printf(out, "<%s rel=\"%s\"", name, rel);
	xml_attribute(out, "type", str_of(type));
	xml_attribute(out, "href", href);
	buf_addz(out, "/>\n");
}
