/*
 * settings: everything an operator can decide.
 *
 * The settings come from digestd.yaml, from the command line, which wins, and from
 * the defaults of the one table that has them all (settings_table.h). Once loaded
 * they do not change: a reload makes new ones. Counted references, safe from any
 * thread.
 */
#ifndef SERVE_SETTINGS_H
#define SERVE_SETTINGS_H

#include "base/diag.h"
#include "net/address.h"
#include "net/network.h"

#include <stdatomic.h>

/* Bounds of the lists. */
#define SETTINGS_LISTENERS_MAX 32
#define SETTINGS_HOSTS_MAX 64
#define SETTINGS_NETWORKS_MAX 64

enum settings_protocol {
	SETTINGS_GOPHER,
	SETTINGS_GEMINI,
	SETTINGS_METRICS, /* HTTP, private */
	SETTINGS_PROTOCOLS
};

/* One address to listen on. */
struct settings_listener {
	struct net_address address;
	bool any;    /* written as "*": where one kind of address is missing, the other will do */
	bool second; /* the other kind of the "*" before it, to listen on the same port */
	bool proxy;  /* every connection begins with a header of the PROXY protocol (P-01) */
};

struct settings_listeners {
	struct settings_listener items[SETTINGS_LISTENERS_MAX];
	size_t n;
};

struct settings_networks {
	struct network items[SETTINGS_NETWORKS_MAX];
	size_t n;
};

/* Texts lie in the arena and have a NUL behind them; units and bounds are in the table. */
struct settings {
	struct str content; /* directory */
	struct str certs;   /* directory */
	struct str
	    hosts[SETTINGS_HOSTS_MAX]; /* in their one form (host.h); the first is canonical */
	size_t nhosts;
	struct str aliases[SETTINGS_HOSTS_MAX]; /* names that are answered with the canonical one */
	size_t naliases;
	struct settings_listeners listen[SETTINGS_PROTOCOLS]; /* of metrics one at most */
	struct settings_networks proxy_from;
	struct settings_networks exempt;
	struct str user;   /* empty: stays who it is */
	struct str chroot; /* directory; empty: none */
	struct str log;
	struct str access_log;
	struct str ticket_keys; /* file; empty: none */
	unsigned connections;
	unsigned address_connections;
	unsigned address_rate;
	unsigned address_burst;
	unsigned handshake_timeout;
	unsigned request_timeout;
	unsigned response_timeout;
	unsigned linger_timeout;
	unsigned drain_timeout;
	unsigned least_speed;
	unsigned send_buffer;
	unsigned cache_size;
	unsigned workers;
	unsigned gopher_port;
	unsigned gemini_port;
	unsigned gopher_text_dots;
	unsigned gopher_charset; /* enum charset */
	unsigned gopher_tls;
	unsigned watch;
	unsigned poll_interval;
	unsigned confine;
	unsigned access_log_format; /* enum access_log_format */
	unsigned log_addresses;     /* enum veil_mode */

	struct arena *arena;  /* owned: every text above */
	struct str directory; /* relative paths begin here; empty: at the working directory */
	struct settings_given *given; /* in the arena: what was written, a row for each setting */
	struct str file;              /* the configuration file; empty: none */
	uint64_t file_stamp;          /* stamp_of it, before it was read */
	struct str root;              /* paths begin there, as seen from within; empty: at / */
	atomic_uint refs;
};

/* What was written for a setting. */
struct settings_given {
	bool is;             /* it was */
	struct diag_pos pos; /* where in the file; a file of NULL: on the command line */
	struct str text;     /* the values, one a line */
};

/* Settings that nobody gave: empty lists, the table's numbers. One reference. */
struct settings *settings_new(void);
struct settings *settings_ref(struct settings *s);
void settings_unref(struct settings *s); /* NULL is allowed */

/*
 * Takes a value for the setting of that name; a list gets one more item, or none when
 * the value is "[]". Returns false with the reason appended to why: what is wrong and what
 * to write instead.
 */
bool settings_set(struct settings *s, struct str name, struct str value, struct buf *why);

/* Was anything written for the setting of that name, which there is, and taken? */
bool settings_has(const struct settings *s, const char *name);

/*
 * Fills what was not given with the defaults of DESIGN.md: content, certs, every
 * address on 70 and 1965, localhost.
 */
void settings_complete(struct settings *s);

/* A path as it looks from within root: below it without root, else as it is. */
struct str settings_from_within(struct str root, struct str path);

/* Was the same written for the setting of that name, which there is, or assumed? */
bool settings_same(const struct settings *a, const struct settings *b, const char *name);

/*
 * Appends the names of the settings that differ and take effect only at a start,
 * as "workers, gopher". Nothing is appended when there are none.
 */
void settings_need_start(const struct settings *old, const struct settings *new, struct buf *out);

#endif
