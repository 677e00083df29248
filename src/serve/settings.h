/*
 * settings: everything an operator can decide, in one table.
 *
 * The table gives each setting its name, unit, default and bounds, or the words it
 * takes, and from it come the reading of `-o NAME=VALUE` and the list in
 * `digestd serve --help`.
 */
#ifndef SERVE_SETTINGS_H
#define SERVE_SETTINGS_H

#include "base/diag.h"
#include "net/address.h"

/* Bounds of the lists. */
#define SETTINGS_LISTENERS_MAX 32
#define SETTINGS_HOSTS_MAX 64

enum settings_protocol {
	SETTINGS_GOPHER,
	SETTINGS_GEMINI,
};

/* One address to listen on. */
struct settings_listener {
	struct net_address address;
	enum settings_protocol protocol;
	bool any;    /* written as "*": where one kind of address is missing, the other will do */
	bool second; /* the other kind of the "*" before it, to listen on the same port */
};

struct settings {
	struct str content; /* directory */
	struct str certs;   /* directory */
	struct str
	    hosts[SETTINGS_HOSTS_MAX]; /* in their one form (host.h); the first is canonical */
	size_t nhosts;
	struct str aliases[SETTINGS_HOSTS_MAX]; /* names that are answered with the canonical one */
	size_t naliases;
	struct settings_listener listeners[SETTINGS_LISTENERS_MAX];
	size_t nlisteners;
	/* From the table; see there for units and bounds. */
	unsigned connections;
	unsigned handshake_timeout;
	unsigned request_timeout;
	unsigned response_timeout;
	unsigned linger_timeout;
	unsigned drain_timeout;
	unsigned least_speed;
	unsigned cache_size;
	unsigned workers;
	unsigned gopher_port;
	unsigned gemini_port;
	unsigned gopher_text_dots;
	unsigned gopher_charset; /* enum charset */
	unsigned gopher_tls;
	struct arena *arena; /* owned: every text above */
};

/* Settings that nobody gave: zero lists, table defaults. Freed with settings_free. */
struct settings *settings_new(void);
void settings_free(struct settings *s);

/*
 * Each takes one setting from the command line. Returns false with the reason
 * appended to why: what is wrong and what to write instead.
 */
bool settings_set(struct settings *s, struct str name, struct str value, struct buf *why);
bool settings_set_pair(struct settings *s, struct str pair, struct buf *why); /* "NAME=VALUE" */
bool settings_listen(
    struct settings *s, enum settings_protocol protocol, struct str address, struct buf *why);

/*
 * As above: a host of the digest's own, or one that leads to the first of them. The first host is
 * what menus and redirects say, so it is neither an address (G-20) nor a wildcard.
 */
bool settings_host(struct settings *s, struct str host, struct buf *why);
bool settings_alias(struct settings *s, struct str host, struct buf *why);

/*
 * Fills what was not given with the defaults of DESIGN.md: content, certs, every
 * address on 70 and 1965, localhost.
 */
void settings_complete(struct settings *s);

/* Appends the table as text for --help. */
void settings_describe(struct buf *out);

#endif
