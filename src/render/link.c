#include "config.h"

#include "render/link.h"
#include "base/media.h"
#include "base/uri.h"
#include "base/utf8.h"

char link_item_type(struct str path)
{
	static const struct {
		struct str path;
		char type;
	} fixed[] = {
	    {{"/caps.txt", 9}, '0'},
	    {{"/favicon.txt", 12}, '0'},
	    {{"/robots.txt", 11}, '0'},
	    {{"/search", 7}, '7'},
	};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (str_eq(path, fixed[i].path))
			return fixed[i].type;
	if (str_starts(path, STR("/files/")) && !str_ends(path, STR("/")))
		return media_of(path)->item;
	return '1';
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

struct link_item link_item(const struct link_site *s, struct str target, struct buf *scratch)
{
	struct link_item item = {'1', target, s->host, s->gopher_port};

	scratch->len = 0;
	if (str_starts(target, STR("/"))) {
		item.type = link_item_type(target);
		utf8_clean(scratch, target);
		item.selector = buf_str(scratch);
		return item;
	}
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

void link_gemini_url(struct buf *out, const struct link_site *s, struct str path)
{
	add_authority(out, STR("gemini"), s->host, s->gemini_port, LINK_GEMINI_PORT);
	uri_escape_path(out, path);
}

void link_gopher_url(struct buf *out, const struct link_site *s, struct str path)
{
	add_authority(out, STR("gopher"), s->host, s->gopher_port, LINK_GOPHER_PORT);
	if (str_eq(path, STR("/"))) {
		buf_addc(out, '/');
		return;
	}
	buf_addc(out, '/');
	buf_addc(out, link_item_type(path));
	uri_escape_path(out, path);
}
