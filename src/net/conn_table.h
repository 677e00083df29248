/*
 * conn_table: the connections of one worker.
 *
 * A table owns its connections and their sockets, has what they share (limits,
 * handler, pools, durations), and knows which of them wait, linger, or are to be
 * freed; how each one goes is conn's. Nothing is freed before conn_table_reap,
 * which the loop calls once a turn, outside all callbacks.
 */
#ifndef NET_CONN_TABLE_H
#define NET_CONN_TABLE_H

#include "net/net.h"

/* What the connections of one listener have in common. */
struct conn_origin {
	int tag; /* the application's */
	enum net_security security;
	struct tls_store *tls;    /* borrowed, of those to come; NULL when all are plain */
	struct net_address local; /* the address listened on */
	bool any;                 /* local is a wildcard: the client's choice must be asked for */
	bool proxy;               /* connections begin with a PROXY header (P-01) */
};

struct conn_table;

/*
 * handler and limits are copied, base is borrowed. NULL, with errno set, when the system
 * refuses.
 */
struct conn_table *conn_table_new(
    struct event_base *base, const struct net_handler *handler, const struct net_limits *limits);

/* As net_limit. */
void conn_table_limit(struct conn_table *t, const struct net_limits *limits);

/* Closes and frees all; NULL is allowed. */
void conn_table_free(struct conn_table *t);

/*
 * Takes over the accepted non-blocking socket fd and serves it as far as it
 * goes without waiting. There must be room. origin is borrowed until the table is
 * freed.
 */
void conn_table_accept(struct conn_table *t, int fd, const struct sockaddr *peer, socklen_t len,
    const struct conn_origin *origin);

/*
 * True when there is room for one more connection. A full table makes room by
 * closing the connection that has lingered longest, if any lingers.
 */
bool conn_table_room(struct conn_table *t);

/* A listener has stopped accepting: see net_handler.paused. */
void conn_table_paused(struct conn_table *t, bool starved);

/* Connections open now; in that state (enum conn_state). */
unsigned conn_table_count(const struct conn_table *t);
unsigned conn_table_count_in(const struct conn_table *t, unsigned state);

/* As net_answer. */
bool conn_table_answer(struct conn_table *t, uint64_t ticket, struct net_reply *r);

/*
 * Closes connections that have been idle since before_us (clock_monotonic_us); those that have
 * begun to say something may end their exchange.
 */
void conn_table_drain(struct conn_table *t, int64_t before_us);

/* Closes all connections with NET_SHUTDOWN. */
void conn_table_end(struct conn_table *t);

/* Frees what is closed. Not from a callback. */
void conn_table_reap(struct conn_table *t);

#endif
