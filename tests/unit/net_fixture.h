/*
 * What the tests of net share: a real server on loopback, with a handler for
 * lines in place of a protocol, and clients that behave and misbehave.
 *
 * The server runs in a thread of its own; only the main thread asserts. The
 * state of a test is the directory that holds the server's certificate.
 */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include "net/net.h"
#include "net/socket.h"
#include "net/tls.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Bytes of a large body: more than a socket takes at once. */
#define BIG ((size_t)8 * 1024 * 1024)

/* How many lines "later" one server takes. */
#define LATER_MAX 8

/* Limits that no test reaches by accident. */
extern const struct net_limits usual;

/* One worker and its thread. */
struct server {
	struct net *net;
	struct net_address plain, tls, either; /* where it listens */
	pthread_t thread;
	int wake[2]; /* a byte asks for the drain, or is the number of an exchange to answer */
	struct event *woken;
	unsigned drain_ms;
	atomic_uint seen[NET_REASONS];   /* endings reported, by reason */
	atomic_uint asked;               /* calls of the request callback */
	atomic_uint closed;              /* sources closed */
	atomic_uint later;               /* exchanges that wait, or have waited */
	uint64_t tickets[LATER_MAX];     /* of them; the server's thread alone reads it */
	atomic_uint answered, refused;   /* results of net_answer */
	atomic_uint forsaken[LATER_MAX]; /* endings of each reported without a reply */
	struct blob *big;
	struct tls_store *store;
};

/* A plain client has no ssl. */
struct client {
	int fd;
	SSL_CTX *context;
	SSL *ssl;
};

/* What a client got until the end. */
struct answer {
	struct buf bytes;
	bool close_notify;
	int error; /* errno of the end; 0: an orderly one */
};

/* 127.0.0.1 and a port of the system's choice. */
struct net_address loopback(void);

/*
 * The handler. Its lines are "big", "source", "broken", "endless" (bodies), "drop"
 * and "later" (answer_later); others are echoed.
 */
enum net_verdict on_request(void *app, const struct net_request *q, struct net_reply *r);
void on_done(
    void *app, const struct net_request *q, const struct net_reply *r, const struct net_outcome *o);

/*
 * Starts a server; start_at: with its plain listener at that address; start_with_late: with a
 * handler that says "too late" and the number of the exchange.
 */
struct server *start(void **state, const struct net_limits *limits);
struct server *start_with_late(void **state, const struct net_limits *limits);
struct server *start_at(void **state, const struct net_limits *limits,
    const struct net_address *plain, enum socket_share share);

/* Ends it: asks for the drain, waits for the thread, frees. stop does all three. */
void ask_to_drain(struct server *s);
void join(struct server *s);
void dismantle(struct server *s);
void stop(struct server *s);

/* Gives the reply to the exchange that was the nth to wait: "head", and its number or the large body. */
void answer_later(struct server *s, unsigned n);
void answer_later_big(struct server *s, unsigned n);

/* Waits until so many exchanges wait, or have waited. */
void assert_later(struct server *s, unsigned times);

/* Waits until so many late replies have been taken, and so many not. */
void assert_answered(struct server *s, unsigned taken, unsigned refused);

/* Waits until the handler has been told of so many endings for that reason. */
void assert_seen(struct server *s, enum net_reason reason, unsigned times);

/* Waits until so many sources have been closed. */
void assert_closed(struct server *s, unsigned times);

/* Connects; dial_slowly: with a small window, so that a large body blocks. */
struct client dial(const struct net_address *a);
struct client dial_slowly(const struct net_address *a);
struct client dial_tls(const struct net_address *a);
struct client dial_kind(struct server *s, bool tls);

/* Makes c a TLS client of that version; the handshake comes with the first bytes said. */
void start_tls(struct client *c, int version);

/* The same with the handshake at once, each byte of the client's alone. */
void start_tls_in_single_bytes(struct client *c, int version);

/* Closes; crash: with an RST. */
void hang_up(struct client *c);
void crash(struct client *c);

void say(struct client *c, const char *text);
struct answer listen_to_the_end(struct client *c);

/* True when the server says nothing for a while. */
bool is_quiet(struct client *c);

/* Hear the rest, which must be that text, or a large body, and an orderly end; and hang up. */
void assert_answer(struct client *c, const char *text);
void assert_body(struct client *c);

/* A whole exchange. */
void assert_served(struct server *s, bool tls);

/* For cmocka: the group's directory, and no descriptor left open by a test. */
int make_directory(void **state);
int remove_directory(void **state);
int count_descriptors(void **state);
int compare_descriptors(void **state);

#define TEST(f) cmocka_unit_test_setup_teardown(f, count_descriptors, compare_descriptors)

#endif
