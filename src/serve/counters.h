/*
 * counters: what has happened, as numbers.
 *
 * A worker has a struct counters that it alone writes, and the process has one of
 * its own; any thread may read either at any time. A reader sees each number
 * whole, but not all of them at one instant. They only grow, and are lost with the
 * process. Nothing here knows an address, a path or a query: what a reader asked
 * for cannot be told from a count.
 */
#ifndef SERVE_COUNTERS_H
#define SERVE_COUNTERS_H

#include "net/net.h"

#include <stdatomic.h>

/* As the access log tells them apart. */
enum counters_protocol {
	COUNTERS_GOPHER,
	COUNTERS_GOPHERS, /* Gopher over TLS */
	COUNTERS_GEMINI,
	COUNTERS_PROTOCOLS
};

/* How a TLS handshake went. */
enum counters_handshake {
	COUNTERS_FULL,
	COUNTERS_RESUMED, /* with a ticket of an earlier one */
	COUNTERS_FAILED,  /* or not done in time */
	COUNTERS_HANDSHAKES
};

/* A bound that somebody, or the server itself, ran into. */
enum counters_limit {
	COUNTERS_CONNECTIONS,         /* in all; newcomers wait in the backlog */
	COUNTERS_ADDRESS_CONNECTIONS, /* of one address */
	COUNTERS_ADDRESS_REQUESTS,    /* of one address */
	COUNTERS_DESCRIPTORS,         /* ran short, and accepting paused */
	COUNTERS_SEARCHES,            /* no room for one more to wait */
	COUNTERS_LIMITS
};

/* What came of an attempt to read the files again. */
enum counters_reload {
	COUNTERS_RELOAD_OK,
	COUNTERS_RELOAD_FAILED, /* the old state serves on */
	COUNTERS_RELOADS
};

/* Statuses are Gemini's for each protocol: two digits. Any other number counts as 0. */
#define COUNTERS_STATUSES 100

/* Buckets, the last of which has no upper bound. */
#define COUNTERS_TIMES 16
#define COUNTERS_SIZES 11

/* Upper bounds, included, of all buckets but the last. */
extern const uint64_t counters_time_bounds[COUNTERS_TIMES - 1]; /* microseconds */
extern const uint64_t counters_size_bounds[COUNTERS_SIZES - 1]; /* bytes */

/* The exchanges of one protocol that got a reply, whole or in part. */
struct counters_replies {
	_Atomic uint64_t status[COUNTERS_STATUSES];
	_Atomic uint64_t times[COUNTERS_TIMES]; /* from accept to the last byte, by bucket */
	_Atomic uint64_t sizes[COUNTERS_SIZES]; /* bytes that were sent, by bucket */
	_Atomic uint64_t us;                    /* microseconds that all of them took */
	_Atomic uint64_t bytes;                 /* that all of them sent */
};

/* One worker's. All zeros to begin with. */
struct counters {
	struct counters_replies replies[COUNTERS_PROTOCOLS];
	_Atomic uint64_t ended[NET_REASONS]; /* connections, by why */
	_Atomic uint64_t handshakes[COUNTERS_HANDSHAKES];
	_Atomic uint64_t limits[COUNTERS_LIMITS]; /* times each was hit */
};

/* The process's. Any thread may count here: it happens seldom. */
struct counters_process {
	_Atomic uint64_t reloads[COUNTERS_RELOADS];
	_Atomic uint64_t upgrades_failed; /* new programs that did not come to serve */
	_Atomic uint64_t log_lost;        /* lines of the log that were not written */
	_Atomic uint64_t entries;         /* that are served now */
	_Atomic int64_t started;          /* seconds since 1970 */
	_Atomic int64_t loaded;           /* when what is served now was read; seconds since 1970 */
};

/* As a label's value, and as net_reason_name has it: "gophers", "address-requests". */
const char *counters_protocol_name(enum counters_protocol p);
const char *counters_handshake_name(enum counters_handshake h);
const char *counters_limit_name(enum counters_limit l);
const char *counters_reload_name(enum counters_reload r);

/*
 * Of the worker's own thread, and cheap enough for each exchange. counters_done
 * takes what net_handler.done gets (r is NULL when there was no reply); the end of
 * a connection that never sent a byte is counted with counters_ended alone.
 */
void counters_done(struct counters *c, enum counters_protocol p, const struct net_reply *r,
    const struct net_outcome *o);
void counters_ended(struct counters *c, enum net_reason reason);
void counters_handshake(struct counters *c, enum counters_handshake h);
void counters_limit(struct counters *c, enum counters_limit l);

/* Adds what a worker has counted to *sum, which is the caller's own. */
void counters_add(struct counters *sum, const struct counters *c);

/* Of any thread. now is in seconds since 1970; the first load counts as a start, not a reload. */
void counters_started(struct counters_process *p, int64_t now, uint64_t entries);
void counters_upgrade_failed(struct counters_process *p);
void counters_log_lost(struct counters_process *p, uint64_t lines);

/* entries and now matter only when r is COUNTERS_RELOAD_OK. */
void counters_reloaded(
    struct counters_process *p, enum counters_reload r, int64_t now, uint64_t entries);

#endif
