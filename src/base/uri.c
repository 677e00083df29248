#include "config.h"

#include "base/uri.h"
#include "base/utf8.h"

static const char hex[] = "0123456789ABCDEF";

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 3986 s2.3 */
static bool is_unreserved(char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that the escape at the start of s stands for, or -1. */
static int escaped_byte(struct str s)
{
	int high, low;

	if (s.n < 3 || s.p[0] != '%')
		return -1;
	high = hex_value(s.p[1]);
	low = hex_value(s.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static void add_escape(struct buf *out, char c)
{
	buf_addc(out, '%');
	buf_addc(out, hex[(unsigned char)c >> 4]);
	buf_addc(out, hex[(unsigned char)c & 15]);
}

/* What no part of a reference may hold; NULL when s is fine. */
static const char *bad_bytes(struct str s, bool allow_utf8)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ')
			return "it holds a space: write %20";
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return "it holds a control character";
		if ((unsigned char)c >= 0x80 && !allow_utf8)
			return "it holds a character outside ASCII: percent-encode it";
		if (c == '%' && escaped_byte(str_skip(s, i)) < 0)
			return "a % begins no escape of two hexadecimal digits: write %25";
	}
	if (allow_utf8 && !utf8_valid(s, NULL))
		return "it is not UTF-8";
	if (allow_utf8 && utf8_find_control(s) < s.n)
		return "it holds a control character";
	return NULL;
}

/* Takes "scheme:" off *s, if there is one. */
static void take_scheme(struct str *s, struct str *scheme)
{
	size_t colon = str_index(*s, ':');

	*scheme = str_sub(*s, 0, 0);
	if (colon == s->n || colon == 0 || !is_alpha(s->p[0]))
		return;
	for (size_t i = 1; i < colon; i++)
		if (!is_alpha(s->p[i]) && !is_digit(s->p[i]) && !is_one_of(s->p[i], "+-."))
			return;
	*scheme = str_sub(*s, 0, colon);
	*s = str_skip(*s, colon + 1);
}

static const char *parse_port(struct str s, struct uri *u)
{
	uint64_t port;

	if (s.n == 0)
		return NULL;
	if (!str_to_uint(s, 65535, &port) || port == 0)
		return "its port is not a number from 1 to 65535";
	u->port = (uint16_t)port;
	return NULL;
}

/* Takes the authority apart: [userinfo@]host[:port]. */
static const char *parse_authority(struct str a, struct uri *u)
{
	size_t at = str_index(a, '@'), end;

	if (at < a.n) {
		u->has_userinfo = true;
		u->userinfo = str_sub(a, 0, at);
		a = str_skip(a, at + 1);
	}
	if (a.n > 0 && a.p[0] == '[') {
		end = str_index(a, ']');
		if (end == a.n)
			return "its address has no closing bracket";
		u->ip_literal = true;
		u->host = str_sub(a, 1, end);
		a = str_skip(a, end + 1);
		if (a.n > 0 && a.p[0] != ':')
			return "after the bracket comes a port or nothing";
	} else {
		end = str_index(a, ':');
		u->host = str_sub(a, 0, end);
		a = str_skip(a, end);
	}
	return parse_port(str_skip(a, 1), u);
}

/* Cuts *s at the first c; what follows it goes to *part. Returns whether c was there. */
static bool cut_at(struct str *s, char c, struct str *part)
{
	size_t i = str_index(*s, c);
	bool found = i < s->n;

	*part = str_skip(*s, i + 1);
	*s = str_sub(*s, 0, i);
	return found;
}

static const char *parse(struct str s, bool allow_utf8, struct uri *u)
{
	const char *fault = bad_bytes(s, allow_utf8);
	struct str authority;
	size_t end;

	*u = (struct uri){0};
	if (fault)
		return fault;
	u->has_fragment = cut_at(&s, '#', &u->fragment);
	u->has_query = cut_at(&s, '?', &u->query);
	take_scheme(&s, &u->scheme);
	if (!str_starts(s, STR("//"))) {
		u->path = s;
		return NULL;
	}
	u->has_authority = true;
	s = str_skip(s, 2);
	end = str_index(s, '/');
	authority = str_sub(s, 0, end);
	u->path = str_skip(s, end);
	return parse_authority(authority, u);
}

bool uri_parse(struct str s, bool allow_utf8, struct uri *u, const char **why)
{
	const char *fault = parse(s, allow_utf8, u);

	if (why)
		*why = fault;
	return !fault;
}

/* The schemes that lead somewhere, and whether they need a host to do so. */
static const struct {
	const char *name;
	bool needs_host;
} schemes[] = {
    {"finger", true},
    {"ftp", true},
    {"ftps", true},
    {"gemini", true},
    {"gopher", true},
    {"gophers", true},
    {"http", true},
    {"https", true},
    {"irc", true},
    {"ircs", true},
    {"mailto", false},
    {"matrix", false},
    {"nex", true},
    {"spartan", true},
    {"xmpp", false},
};

const char *uri_leads_nowhere(const struct uri *u)
{
	if (u->scheme.n == 0)
		return "it has no scheme";
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (!str_eq_nocase(u->scheme, str_of(schemes[i].name)))
			continue;
		if (schemes[i].needs_host && u->host.n == 0)
			return "it names no host";
		if (u->host.n == 0 && u->path.n == 0)
			return "nothing follows its scheme";
		return NULL;
	}
	return "readers cannot follow this scheme";
}

/* Takes the last segment, with its slash, off what out holds from start. */
static bool drop_segment(struct buf *out, size_t start)
{
	if (out->len == start)
		return false;
	do
		out->len--;
	while (out->p[out->len] != '/');
	return true;
}

/*
 * Appends the absolute path with dot segments resolved and empty segments
 * collapsed. Returns whether it stayed below the root; where it climbed above,
 * the excess is ignored.
 */
static bool resolve_dots(struct buf *out, struct str path)
{
	size_t start = out->len;
	struct str segment = {0};
	bool inside = true, directory = true;

	while (str_next_field(&path, '/', &segment)) {
		directory = true;
		if (str_eq(segment, STR("..")))
			inside = drop_segment(out, start) && inside;
		else if (segment.n > 0 && !str_eq(segment, STR("."))) {
			buf_addc(out, '/');
			buf_add(out, segment);
			directory = path.n > 0 || path.p[-1] == '/';
		}
	}
	if (directory || out->len == start)
		buf_addc(out, '/');
	return inside;
}

/* Appends the decoded path; false when an escape stands for what no path of ours holds. */
static bool unescape_path(struct buf *out, struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		int c = (unsigned char)path.p[i];

		if (c == '%') {
			c = escaped_byte(str_skip(path, i));
			if (c < 0x20 || c == '/')
				return false;
			i += 2;
		}
		if (c == '\\' || c == 0x7f)
			return false;
		buf_addc(out, (char)c);
	}
	return true;
}

bool uri_route_path(struct buf *out, struct str path)
{
	struct buf plain = {0};
	bool ok = unescape_path(&plain, path) && utf8_valid(buf_str(&plain), NULL) &&
	    utf8_find_control(buf_str(&plain)) == plain.len && resolve_dots(out, buf_str(&plain));

	buf_free(&plain);
	return ok;
}

bool uri_has_empty_segment(struct str path)
{
	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '/' && path.p[i - 1] == '/')
			return true;
	return false;
}

bool uri_unescape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			c = escaped_byte(str_skip(s, i));
			if (c < 0)
				return false;
			i += 2;
		}
		buf_addc(out, (char)c);
	}
	return true;
}

/* Appends s with everything escaped but unreserved bytes and those in keep. */
static void escape(struct buf *out, struct str s, const char *keep)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_unreserved(s.p[i]) || is_one_of(s.p[i], keep))
			buf_addc(out, s.p[i]);
		else
			add_escape(out, s.p[i]);
	}
}

void uri_escape_path(struct buf *out, struct str path)
{
	escape(out, path, "/!$&'()*+,;=:@");
}

void uri_escape(struct buf *out, struct str s)
{
	escape(out, s, "");
}

void uri_escape_link(struct buf *out, struct str uri)
{
	escape(out, uri, "%/!$&'()*+,;=:@?#[]");
}

void uri_resolve(struct buf *out, struct str base, struct str reference)
{
	struct buf joined = {0};
	size_t slash = base.n;

	if (reference.n > 0 && !str_starts(reference, STR("/"))) {
		while (slash > 0 && base.p[slash - 1] != '/')
			slash--;
		buf_add(&joined, str_sub(base, 0, slash));
	}
	buf_add(&joined, reference.n > 0 ? reference : base);
	resolve_dots(out, buf_str(&joined));
	buf_free(&joined);
}
