/*
 * link: where a link of a page leads, worked out once for every format.
 *
 * A page names a path of ours, with words where it takes some, or an absolute
 * URL. Here that becomes what a Gopher menu item needs (type, selector, host,
 * port; G-11, RFC 4266) and the URL that anything else needs.
 */
#ifndef RENDER_LINK_H
#define RENDER_LINK_H

#include "base/buf.h"

/* The names and ports of this server, as its reader sees them (G-20). A port of 0: not served. */
struct link_site {
	struct str host; /* what links carry: the name that the reader used */
	uint16_t gopher_port;
	uint16_t gemini_port;
	struct str canonical; /* our first name, whatever name the reader used: ids have it */
};

#define LINK_GOPHER_PORT 70
#define LINK_GEMINI_PORT 1965

/* A Gopher menu item without its display string. Slices borrow from scratch, site and target. */
struct link_item {
	char type;
	struct str selector;
	struct str host;
	uint16_t port;
};

/* The path that takes words: a type 7 item on Gopher, an input on Gemini. */
#define LINK_SEARCH "/search"

/*
 * The Gopher item type of a path of ours: 7 for the search, by its ending for a file, 1
 * for all else.
 */
char link_item_type(struct str path);

/*
 * The menu item for target. A gopher URL becomes a native item, any other URL
 * type h with a selector "URL:...". Words, where there are any, follow the path and
 * a question mark, since a menu has no place for a second field (G-14). The
 * selector is made in scratch, which is emptied first.
 */
struct link_item link_item(
    const struct link_site *s, struct str target, struct str words, struct buf *scratch);

/* Appends a path as a URL has it: escaped, with the words as its query (M-27). */
void link_path(struct buf *out, struct str path, struct str words);

/*
 * Appends gemini://HOST[:PORT]PATH[?WORDS], gopher://HOST[:PORT]/TYPEPATH[%09WORDS],
 * escaped (T-02, G-21).
 */
void link_gemini_url(struct buf *out, const struct link_site *s, struct str path, struct str words);
void link_gopher_url(struct buf *out, const struct link_site *s, struct str path, struct str words);

#endif
