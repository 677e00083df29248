/*
 * conn: one connection, from accept to the last byte.
 *
 * Goes through its states (conn.c has the diagram) as the socket, its deadlines
 * and the table tell, and talks to the application through net_handler. It
 * knows no listener, no protocol, and TLS only as a kind of stream. Its structs
 * are for conn.c and conn_table.c alone; others see conn_table.h.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "net/conn_table.h"
#include "net/deadline.h"
#include "net/exchange.h"
#include "net/stream.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

enum conn_state {
	CONN_PROXY,
	CONN_FIRST,
	CONN_HANDSHAKE,
	CONN_REQUEST,
	CONN_WAIT,
	CONN_RESPONSE,
	CONN_FINISH,
	CONN_LINGER,
	CONN_CLOSED,
	CONN_STATES
};

_Static_assert(CONN_CLOSED == NET_STATES, "every state but CLOSED is shown");

struct conn {
	unsigned magic;                   /* CONN_MAGIC (conn.c) */
	enum conn_state state;            /* conn.c alone sets it */
	struct conn_table *table;         /* borrowed; outlives the connection */
	const struct conn_origin *origin; /* borrowed; outlives the connection */
	TAILQ_ENTRY(conn) link;           /* in the list that its state says */
	uint64_t ticket;                  /* its name for conn_table_answer */
	struct stream stream;
	struct exchange *x;       /* from the pool; or NULL */
	struct event io;          /* the socket */
	struct deadline deadline; /* of the phase */
	int64_t accepted_us;      /* clock_monotonic_us at accept */
	int64_t turn_us;          /* the same, since when the client has had to speak first */
	short watched;            /* events io is registered for; 0: none */
	bool eof;                 /* the request will not grow any more */
	bool reported;            /* the handler knows the outcome */
	bool replied;             /* the handler filled in the reply */
	uint8_t reason;           /* enum net_reason, from FINISH on */
	bool named;               /* local is known */
	struct peer *counted;     /* what its address has, which it leaves; NULL: no limits */
	union address_compact peer;
	union address_compact local;
};

TAILQ_HEAD(conn_list, conn);

struct conn_table {
	struct event_base *base; /* borrowed */
	struct net_handler handler;
	struct net_limits limits;
	struct stream_tls_worker *tls; /* owned */
	struct conn_list open;         /* all but those in the next three */
	struct conn_list waiting;      /* in WAIT; the application bounds how many */
	struct conn_list lingering;    /* in LINGER, the oldest first */
	struct conn_list dead;         /* CLOSED, to be freed */
	unsigned count;                /* in all but dead */
	unsigned states[CONN_STATES];  /* by state */
	int64_t proxy_told_us; /* clock_monotonic_us of the last line about a PROXY header */
	uint64_t tickets;      /* given out */
	struct pool conns;
	struct exchange_pools exchanges;
	const struct timeval *handshake; /* durations that many connections share */
	const struct timeval *request;
	const struct timeval *response;
	const struct timeval *linger;
	struct net_address peer; /* what a net_request points to, within one call */
	struct net_address local;
};

/*
 * Puts the connection, whose state is still the old one, in the list of its new
 * state; a CLOSED one is not counted any more.
 */
void conn_table_move(struct conn *c, enum conn_state to);

/*
 * Begins with the accepted non-blocking socket fd, which it takes over, and goes as
 * far as it can without waiting. All else is zeros but table, origin, ticket and link.
 */
void conn_begin(struct conn *c, int fd, const struct sockaddr *peer, socklen_t len);

/* Gives the reply that the connection, in WAIT, is waiting for; takes over what r holds. */
void conn_answer(struct conn *c, struct net_reply *r);

/*
 * Ends a connection with NET_SHUTDOWN whose client has been silent since before_us, though it
 * was its turn; one that has begun to say something goes on.
 */
void conn_drain(struct conn *c, int64_t before_us);

/* Ends it at once, with NET_SHUTDOWN unless the handler knows the outcome; at most it lingers. */
void conn_end(struct conn *c);

/* Closes the socket of a CLOSED connection and gives back what it holds, but for the struct. */
void conn_clear(struct conn *c);

#endif
