/*
 * uri: RFC 3986 references, taken apart and put together.
 *
 * Parsing is strict about the bytes (no space, no control, no broken percent
 * escape) and borrows from its input. IRIs are accepted where allow_utf8 is
 * given: bytes over 0x7f that are valid UTF-8.
 */
#ifndef BASE_URI_H
#define BASE_URI_H

#include "base/buf.h"

struct uri {
	struct str scheme; /* without ":"; empty for a relative reference */
	struct str userinfo;
	struct str host; /* as written; an IPv6 literal without its brackets */
	struct str path;
	struct str query;    /* without "?" */
	struct str fragment; /* without "#" */
	uint16_t port;       /* 0: none written, or an empty one */
	bool has_authority;
	bool has_userinfo;
	bool has_query;
	bool has_fragment;
	bool ip_literal; /* the host stood in brackets */
};

/*
 * Takes s apart. On failure returns false and *why says what is wrong (static text; may be
 * NULL).
 */
bool uri_parse(struct str s, bool allow_utf8, struct uri *u, const char **why);

/*
 * Why a link to this URI leads a reader nowhere (static text); NULL when it leads
 * somewhere: its scheme is one that readers can follow and that runs nothing
 * (http, gemini, gopher, mailto and the like; not javascript, data or file), and what
 * it needs follows the scheme. The schemes are wider than the list of G-12 by
 * those of the small web, which entries may have.
 */
const char *uri_leads_nowhere(const struct uri *u);

/*
 * Appends the routing form of a path: escapes decoded, "." and ".." resolved
 * (RFC 3986 s5.2.4), empty gives "/". A final slash is kept, doubled slashes
 * are collapsed. Returns false for what is never a path of ours (M-12): one that
 * climbs above the root, or whose escapes decode to a slash, a backslash, a
 * control or bytes that are not UTF-8.
 */
bool uri_route_path(struct buf *out, struct str path);

/* True when two slashes follow each other in the path, which uri_route_path takes for one. */
bool uri_has_empty_segment(struct str path);

/*
 * Appends s with every %XX decoded. Returns false, having added part, when an escape is
 * malformed.
 */
bool uri_unescape(struct buf *out, struct str s);

/*
 * Appends a path with all but unreserved bytes, "/" and the sub-delimiters allowed in a
 * path escaped.
 */
void uri_escape_path(struct buf *out, struct str path);

/* Appends s with all but unreserved bytes escaped. */
void uri_escape(struct buf *out, struct str s);

/*
 * Appends a URI with spaces, controls, bytes over 0x7f and the characters no
 * URI may have escaped, and all else as it is: what a link line needs (T-02).
 */
void uri_escape_link(struct buf *out, struct str uri);

/*
 * Appends the path that a relative reference leads to from base (an absolute
 * path), with dot segments resolved as a browser does; an empty one leads to base.
 */
void uri_resolve(struct buf *out, struct str base, struct str reference);

#endif
