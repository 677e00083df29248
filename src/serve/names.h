/*
 * names: which hosts and ports are this server's, and which name its links
 * carry to a reader who used one of them.
 *
 * Judges what a request names against the settings (M-08, M-09); the names of
 * the settings are in their one form (host.h).
 */
#ifndef SERVE_NAMES_H
#define SERVE_NAMES_H

#include "serve/settings.h"

enum names_kind {
	NAMES_FOREIGN, /* not ours: this is no proxy */
	NAMES_OURS,    /* the digest is served at this name */
	NAMES_ALIAS,   /* known, but the digest is at the first name */
};

/*
 * What the host is to this server: a name of its own, given or below a wildcard,
 * an alias, or the address local (NULL: none) that the client came to. host is as a URI has
 * it: escaped, any case, A-labels or U-labels, perhaps a final dot, an IPv6 address without
 * brackets. A name that was given itself comes before one that a wildcard covers.
 *
 * When it is ours, *carried gets the name that links to this reader carry, which lies in arena or in
 * the settings: the reader's own, or the first one where the reader used an address (G-20).
 */
enum names_kind names_find(const struct settings *s, const struct net_address *local,
    struct str host, struct arena *arena, struct str *carried);

/*
 * M-09: true when port (0: none was named) is the one that readers see, seen; or the
 * one that the client came to, unless ports are mapped and what readers see is
 * for the operator to say.
 */
bool names_port_is_ours(
    const struct settings *s, const struct net_address *local, uint16_t seen, uint16_t port);

#endif
