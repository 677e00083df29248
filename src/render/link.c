#include "config.h"

#include "render/link.h"
#include "base/media.h"
#include "base/uri.h"
#include "base/utf8.h"

char link_item_type(struct str path)
{
	/* No name of ours but a file's has a dot in it (slug.h). */
	bool may_be_file = str_starts(path, STR("/files/")) || str_index(path, '.') < path.n;

	if (str_eq(path, STR(LINK_SEARCH)))
		return '7';
	return may_be_file && !str_ends(path, STR("/")) ? media_of(path)->item : '1';
}

/* Types that every client shows (G-10) and follows; those in the wild are more. */
static bool is_followed(char type)
{
	return type != '\0' && strchr("012456789ITghs", type);
}

/*
 * Reads a gopher URL (RFC 4266 s2.1) into item; the selector goes to scratch.
 * False when it is none, or holds what would break the menu line.
 */
static bool native_item(struct str target, struct buf *scratch, struct link_item *item)
{
	struct uri u;

	if (!uri_parse(target, true, &u, NULL) || !str_eq_nocase(u.scheme, STR("gopher")) ||
	    u.host.n == 0 || u.ip_literal || u.has_userinfo)
		return false;
	item->host = u.host;
	item->port = u.port ? u.port : LINK_GOPHER_PORT;
	item->type = u.path.n > 1 ? u.path.p[1] : '1';
	if (!uri_unescape(scratch, str_skip(u.path, 2)))
		return false;
	if (u.has_query) {
		buf_addc(scratch, '?');
		if (!uri_unescape(scratch, u.query))
			return false;
	}
	item->selector = buf_str(scratch);
	return is_followed(item->type) && utf8_valid(item->selector, NULL) &&
	    utf8_find_control(item->selector) == scratch->len;
}

static struct link_item own_item(
    const struct link_site *s, struct str path, struct str words, struct buf *scratch)
{
	char type = link_item_type(path);

	utf8_clean(scratch, path);
	if (words.n > 0) {
		buf_addc(scratch, '?');
		utf8_clean(scratch, words);
		type = '1'; /* nothing is left to ask for */
	}
	return (struct link_item){type, buf_str(scratch), s->host, s->gopher_port};
}

struct link_item link_item(
    const struct link_site *s, struct str target, struct str words, struct buf *scratch)
{
	struct link_item item = {'1', target, s->host, s->gopher_port};

	scratch->len = 0;
	if (str_starts(target, STR("/")))
		return own_item(s, target, words, scratch);
	if (native_item(target, scratch, &item))
		return item;
	scratch->len = 0;
	buf_addz(scratch, "URL:");
	uri_escape_link(scratch, target);
	return (struct link_item){'h', buf_str(scratch), s->host, s->gopher_port};
}

static void add_authority(
    struct buf *out, struct str scheme, struct str host, uint16_t port, uint16_t usual)
{
	buf_add(out, scheme);
	buf_addz(out, "://");
	buf_add(out, host);
	if (port != usual)
		buf_printf(out, ":%u", port);
}

void link_path(struct buf *out, struct str path, struct str words)
{
	uri_escape_path(out, path);
	if (words.n > 0) {
		buf_addc(out, '?');
		uri_escape(out, words);
	}
}

void link_gemini_url(struct buf *out, const struct link_site *s, struct str path, struct str words)
{
	add_authority(out, STR("gemini"), s->host, s->gemini_port, LINK_GEMINI_PORT);
	link_path(out, path, words);
}

void link_gopher_url(struct buf *out, const struct link_site *s, struct str path, struct str words)
{
	add_authority(out, STR("gopher"), s->host, s->gopher_port, LINK_GOPHER_PORT);
	buf_addc(out, '/');
	if (str_eq(path, STR("/")))
		return;
	if (words.n > 0 && link_item_type(path) != '7') {
		buf_addc(out, '1');
		uri_escape_path(out, path);
		buf_addz(out, "%3F");
		uri_escape(out, words);
		return;
	}
	buf_addc(out, link_item_type(path));
	uri_escape_path(out, path);
	if (words.n > 0) {
		buf_addz(out, "%09");
		uri_escape(out, words);
	}
}
