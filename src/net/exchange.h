/*
 * exchange: a request and its reply, from the first byte to the outcome.
 *
 * Holds what the client said and what is to be said, and knows how much of
 * that has been taken by the stream. A body is a blob, or comes from a source
 * one piece at a time, the next when the last is out. It owns the reply's body
 * and source, and knows neither socket nor time.
 */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include "net/net.h"
#include "net/pool.h"

struct exchange {
	struct net_reply reply;
	uint64_t sent;     /* bytes of head and body taken by the stream */
	char *piece;       /* the source's current piece, from a pool; or NULL */
	size_t piece_n;    /* bytes in it */
	size_t piece_sent; /* of them, taken by the stream */
	bool ended;        /* the source has no more */
	size_t n;          /* bytes of the request */
	char bytes[];      /* the request; the pool's buffers decide how long it may be */
};

/* Where a worker's exchanges come from. */
struct exchange_pools {
	struct pool whole;  /* each with room for request_bytes */
	struct pool pieces; /* for sources */
};

void exchange_pools_init(struct exchange_pools *p, size_t request_bytes);
void exchange_pools_clear(struct exchange_pools *p);

/* An empty exchange; the caller gives it back. */
struct exchange *exchange_take(struct exchange_pools *p);
void exchange_give(struct exchange_pools *p, struct exchange *x); /* NULL is allowed */

/* Lets go of what a reply holds that came for no exchange. */
void exchange_drop(struct net_reply *r);

/*
 * Reads the source's next piece, of at most n bytes, when the last one is out.
 * Returns false when the source fails. Does nothing for other replies.
 */
bool exchange_fill(struct exchange_pools *p, struct exchange *x, size_t n);

/* What is left of the head, and of the body or its current piece. Borrowed until the next call. */
struct str exchange_head(const struct exchange *x);
struct str exchange_body(const struct exchange *x);

/* The stream took so many bytes of head and body together. */
void exchange_taken(struct exchange *x, size_t taken);

#endif
