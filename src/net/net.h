/*
 * net: listeners and connections; bytes in, one reply out.
 *
 * A struct net is one worker: an event loop with its own listening sockets and
 * the connections accepted from them. It knows bytes, time and addresses and
 * no protocol: it collects what a client sends, hands it to the application's
 * one callback until that says the request is whole, sends the reply, and
 * closes, each within its deadlines (conn.c has the states). Whether a connection
 * is plain or TLS is decided by its listener, or by the client where that lets it
 * choose, and visible only as a flag. A net and all it holds belong to the thread
 * that runs it.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/buf.h"
#include "net/address.h"
#include "net/blob.h"
#include "net/network.h"

struct event_base;
struct peers;
struct tls_store;

/* States of open connections. */
#define NET_STATES 8u

/* A response head (a Gemini header is at most 2 + 1 + 1024 + 2 bytes; M-16, M-17). */
#define NET_HEAD_MAX 1100

/* What a client has sent so far. All of it is borrowed for the call. */
struct net_request {
	uint64_t ticket; /* names this exchange for net_answer; this net never uses it again */
	int tag;         /* the listener's */
	bool tls;
	const char *sni; /* server name the client asked for; NULL: none */
	const struct net_address *peer;
	struct peer *counted; /* what its address has, for peers_request; NULL: no limits */
	const struct net_address *local; /* the address it connected to */
	struct str bytes;                /* everything received, from the first byte */
	bool eof;                        /* the client will send no more */
};

/* A body read piece by piece: a file too large to hold. */
struct net_source {
	/* Fills up to n bytes; returns how many, 0 at the end, -1 on failure. Must not block long. */
	ptrdiff_t (*read)(void *context, char *p, size_t n);
	void (*close)(void *context); /* called once, however the response ends */
	void *context;
};

/*
 * The reply: head, then the body from blob or from source, or neither. All
 * zeros when the callback gets it.
 */
struct net_reply {
	char head[NET_HEAD_MAX];
	size_t head_len;
	struct blob *body;        /* one reference, which net takes over; or NULL */
	struct net_source source; /* read == NULL: none */
	uint64_t size; /* expected body bytes, for the response deadline; 0: as the blob */
	int status;    /* for the access log only */
};

enum net_verdict {
	NET_MORE,  /* the request is not whole; with eof or at the bound: close silently */
	NET_REPLY, /* the reply is filled in */
	NET_LATER, /* the reply comes later, through net_answer */
	NET_DROP,  /* close at once, without a byte (G-17) */
};

/* Why a connection ended. Names by net_reason_name. */
enum net_reason {
	NET_DONE,       /* the reply went out whole */
	NET_DROPPED,    /* NET_DROP, or NET_MORE with request_bytes received */
	NET_NO_REQUEST, /* the client closed before its request was whole */
	NET_HANDSHAKE_FAILED,
	NET_HANDSHAKE_TIMEOUT,
	NET_REQUEST_TIMEOUT,
	NET_RESPONSE_TIMEOUT,
	NET_CLIENT_GONE, /* reset, or closed while the reply was on its way */
	NET_SOURCE_FAILED,
	NET_SHUTDOWN,      /* the drain deadline passed */
	NET_ADDRESS_LIMIT, /* the client's address has as many connections as it may */
	NET_BAD_PROXY, /* no PROXY header where there has to be one, or not from a listed proxy */
	NET_REASONS
};

const char *net_reason_name(enum net_reason r);

/* How an exchange went; for the access log and the counters. */
struct net_outcome {
	enum net_reason reason;
	uint64_t bytes; /* of head and body handed to the system */
	int64_t us;     /* microseconds from accept to now */
	bool secured;   /* a TLS handshake was done, with what an earlier one agreed on: */
	bool resumed;
	const char *note; /* TLS failure in words, static; or NULL */
};

struct net_handler {
	void *app; /* handed back in each call */
	/*
	 * Called each time bytes (or eof) came, until it returns other than
	 * NET_MORE. Must not block. With NET_LATER it leaves r as it is, and bounds
	 * how many exchanges wait at once.
	 */
	enum net_verdict (*request)(void *app, const struct net_request *q, struct net_reply *r);
	/*
	 * Called when the reply to NET_LATER has not come within response_ms: fills
	 * in what is said instead, as request does with NET_REPLY. NULL: the
	 * connection ends without a byte (NET_RESPONSE_TIMEOUT).
	 */
	void (*late)(void *app, const struct net_request *q, struct net_reply *r);
	/*
	 * Called once for every connection that sent at least one byte, when its
	 * reply has gone out or it ended without one (reply NULL). An exchange that
	 * waits for net_answer has ended, by its ticket, with late or with a reply of
	 * NULL here, whichever comes first: the work on its reply can be dropped.
	 */
	void (*done)(void *app, const struct net_request *q, const struct net_reply *r,
	    const struct net_outcome *o);
	/*
	 * Called once for every connection that done is not called for, because it sent
	 * nothing or was refused. news: this is worth a line in the log, which the same thing
	 * over and over is not. NULL: nobody wants to know.
	 */
	void (*unheard)(
	    void *app, const struct net_address *peer, enum net_reason reason, bool news);
	/*
	 * Called when accepting pauses, for the net has all its connections, or the system
	 * has no descriptors (starved). Logged already. NULL: nobody wants to know.
	 */
	void (*paused)(void *app, bool starved);
};

struct net_limits {
	unsigned connections;  /* at once; past it newcomers wait in the backlog */
	unsigned handshake_ms; /* from accept (NET_EITHER: the first byte) to its end */
	unsigned request_ms;   /* from there (plain: from accept) to the whole request */
	/*
	 * From there to the last byte, plus size / least_speed. With NET_LATER from
	 * there to the reply, and anew from the reply, or from what late says.
	 */
	unsigned response_ms;
	unsigned least_speed;          /* bytes per second a reader of a large body must reach */
	unsigned linger_ms;            /* for the client to close after we did (G-19, M-23) */
	size_t request_bytes;          /* most bytes kept of a request */
	struct peers *peers;           /* limits by address; borrowed; NULL: there are none */
	const struct network *proxies; /* whose PROXY headers are believed; borrowed */
	size_t nproxies;
};

/*
 * Raises the process's soft limit of descriptors, as far as the hard one lets it,
 * when it is too low for that many connections, all workers together.
 */
void net_raise_descriptors(unsigned connections);

/*
 * A worker. The handler and limits are copied. NULL, with errno set, when the
 * system refuses. The application ignores SIGPIPE; net itself never causes it.
 */
struct net *net_new(const struct net_handler *h, const struct net_limits *l);
void net_free(struct net *n); /* closes everything; NULL is allowed */

/* What the connections of a listener are. */
enum net_security {
	NET_PLAIN,
	NET_TLS,
	NET_EITHER, /* TLS when the first byte begins a TLS record (G-17), else plain */
};

/* A listener to be. */
struct net_listener {
	int fd; /* a listening, non-blocking socket (socket.h) */
	enum net_security security;
	struct tls_store *tls; /* borrowed, until another is given (net_change); unless NET_PLAIN */
	int tag;               /* the application's; net_request has it */
	bool proxy;            /* connections begin with a PROXY header (P-01) */
};

/* Accepts from a socket, which it takes over. Returns false with errno set. */
bool net_listen(struct net *n, const struct net_listener *l);

/*
 * What connections accepted from now on by the listeners with that tag are. Those accepted
 * before go on as they began, but for a handshake that has not: it is made with tls.
 */
void net_change(struct net *n, int tag, enum net_security security, struct tls_store *tls);

/* Limits from now on; phases that have begun keep their deadlines. */
void net_limit(struct net *n, const struct net_limits *l);

/*
 * Gives the reply to an exchange whose verdict was NET_LATER, from the net's own
 * thread, in a callback of its loop and not from within one of the handler's.
 * Takes over what r holds. Returns false, having let go of it, when the exchange
 * does not wait any more: it was answered before, late was called for it, or it
 * ended without a reply, of which done tells.
 */
bool net_answer(struct net *n, uint64_t ticket, struct net_reply *r);

/*
 * Runs the loop until net_drain has finished. turn(app) is called after each turn of the
 * loop; may be NULL.
 */
void net_run(struct net *n, void (*turn)(void *app), void *app);

/*
 * Stops accepting, and ends net_run when the last connection is closed or deadline_ms have
 * passed. Connections that are silent get a short while for what is on its way, and
 * are closed then; those that have begun to send a request may end. Takes effect within
 * the turn, not in the call. From the loop's own thread only; a second call ends at once.
 */
void net_drain(struct net *n, unsigned deadline_ms);

/* The loop, for timers and signals of the application. Borrowed. */
struct event_base *net_base(struct net *n);

/* Connections open now; in one of the states that they go through (conn.c), of NET_STATES. */
unsigned net_connections(const struct net *n);
unsigned net_connections_in(const struct net *n, unsigned state);

/* The name of a state, for the counters: "handshake". Static. */
const char *net_state_name(unsigned state);

#endif
