#include "config.h"

#include "net/net.h"
#include "net/conn.h"
#include "net/conn_table.h"
#include "net/listener.h"
#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <sys/resource.h>

#define NET_MAGIC 0x6e657431u

/* Descriptors that the program needs beside those of connections and their files. */
#define OTHER_DESCRIPTORS 128

/* How long a drain waits for the next word of a client, in microseconds; and how often it looks. */
#define GRACE_US (INT64_C(2) * 1000000)
#define SWEEP_US (INT64_C(500) * 1000)

struct net {
	unsigned magic;              /* NET_MAGIC */
	struct event_base *base;     /* owned */
	struct conn_table *table;    /* owned */
	struct listener **listeners; /* owned, and the array too */
	size_t n;                    /* listeners */
	size_t cap;
	struct event drain;  /* activated to begin it, then a timer */
	unsigned drain_ms;   /* until the deadline */
	int64_t deadline_us; /* clock_monotonic_us */
	bool drain_asked;    /* net_drain was called */
	bool draining;       /* and took effect */
	bool ended;          /* net_run returns */
};

const char *net_reason_name(enum net_reason r)
{
	static const char *const names[NET_REASONS] = {
	    [NET_DONE] = "done",
	    [NET_DROPPED] = "dropped",
	    [NET_NO_REQUEST] = "no-request",
	    [NET_HANDSHAKE_FAILED] = "handshake-failed",
	    [NET_HANDSHAKE_TIMEOUT] = "handshake-timeout",
	    [NET_REQUEST_TIMEOUT] = "request-timeout",
	    [NET_RESPONSE_TIMEOUT] = "response-timeout",
	    [NET_CLIENT_GONE] = "client-gone",
	    [NET_SOURCE_FAILED] = "source-failed",
	    [NET_SHUTDOWN] = "shutdown",
	    [NET_ADDRESS_LIMIT] = "address-limit",
	    [NET_BAD_PROXY] = "bad-proxy",
	};

	return r < NET_REASONS ? names[r] : "unknown";
}

const char *net_state_name(unsigned state)
{
	static const char *const names[NET_STATES] = {
	    [CONN_PROXY] = "proxy",
	    [CONN_FIRST] = "first",
	    [CONN_HANDSHAKE] = "handshake",
	    [CONN_REQUEST] = "request",
	    [CONN_WAIT] = "wait",
	    [CONN_RESPONSE] = "response",
	    [CONN_FINISH] = "finish",
	    [CONN_LINGER] = "linger",
	};

	return state < NET_STATES ? names[state] : "unknown";
}

/* Looks again soon, but not past the deadline. */
static void look_again(struct net *n, int64_t now)
{
	int64_t left = n->deadline_us - now;
	int64_t us = left < SWEEP_US ? left : SWEEP_US;
	struct timeval tv = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};

	event_add(&n->drain, &tv);
}

static void begin_drain(struct net *n, int64_t now)
{
	n->draining = true;
	n->deadline_us = now + (int64_t)n->drain_ms * 1000;
	for (size_t i = 0; i < n->n; i++)
		listener_drain(n->listeners[i]);
	look_again(n, now);
}

static void on_drain(evutil_socket_t fd, short what, void *arg)
{
	struct net *n = arg;
	int64_t now = clock_monotonic_us();

	(void)fd;
	(void)what;
	assert(n->magic == NET_MAGIC);
	if (!n->draining) {
		begin_drain(n, now);
	} else if (now >= n->deadline_us) {
		n->ended = true;
	} else {
		conn_table_drain(n->table, now - GRACE_US);
		look_again(n, now);
	}
}

/*
 * A connection may read a file, too. A shortage is not an error: the listeners live with
 * what there is.
 */
void net_raise_descriptors(unsigned connections)
{
	struct rlimit l;
	rlim_t need = (rlim_t)connections * 2 + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= need)
		return;
	l.rlim_cur = need < l.rlim_max ? need : l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* Only a thread's own loop touches its base, so no locks; connections need edges. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	if (event_config_require_features(config, EV_FEATURE_ET) == 0 &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct net *net_new(const struct net_handler *h, const struct net_limits *l)
{
	struct net *n = mem_zalloc(1, sizeof *n);

	n->magic = NET_MAGIC;
	n->base = new_base();
	if (n->base)
		n->table = conn_table_new(n->base, h, l);
	if (!n->table) {
		net_free(n);
		errno = ENOMEM;
		return NULL;
	}
	event_assign(&n->drain, n->base, -1, 0, on_drain, n);
	return n;
}

/* The connections first: they have borrowed what their listener knows. */
void net_free(struct net *n)
{
	if (!n)
		return;
	conn_table_free(n->table);
	for (size_t i = 0; i < n->n; i++)
		listener_free(n->listeners[i]);
	free(n->listeners);
	if (n->drain_asked)
		event_del(&n->drain);
	if (n->base)
		event_base_free(n->base);
	n->magic = 0;
	free(n);
}

bool net_listen(struct net *n, const struct net_listener *l)
{
	struct conn_origin origin = {
	    .tag = l->tag, .security = l->security, .tls = l->tls, .proxy = l->proxy};
	struct listener *made = listener_new(n->base, n->table, l->fd, origin);

	if (!made)
		return false;
	n->listeners = mem_grow(n->listeners, &n->cap, n->n + 1, sizeof(struct listener *));
	n->listeners[n->n++] = made;
	return true;
}

void net_change(struct net *n, int tag, enum net_security security, struct tls_store *tls)
{
	for (size_t i = 0; i < n->n; i++)
		if (listener_origin(n->listeners[i])->tag == tag)
			listener_reconfigure(n->listeners[i], security, tls);
}

void net_limit(struct net *n, const struct net_limits *l)
{
	conn_table_limit(n->table, l);
}

bool net_answer(struct net *n, uint64_t ticket, struct net_reply *r)
{
	return conn_table_answer(n->table, ticket, r);
}

/* What may only be done outside all callbacks. */
static void between_turns(struct net *n)
{
	if (n->ended)
		conn_table_end(n->table);
	conn_table_reap(n->table);
	for (size_t i = 0; i < n->n; i++)
		listener_resume(n->listeners[i]);
	if (n->draining && conn_table_count(n->table) == 0)
		n->ended = true;
}

void net_run(struct net *n, void (*turn)(void *app), void *app)
{
	while (!n->ended) {
		event_base_loop(n->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
		between_turns(n);
		if (turn)
			turn(app);
	}
}

/* A callback of a connection may call this, so the work is left to one of its own. */
void net_drain(struct net *n, unsigned deadline_ms)
{
	n->ended |= n->drain_asked;
	n->drain_asked = true;
	n->drain_ms = deadline_ms;
	event_active(&n->drain, EV_TIMEOUT, 0);
}

struct event_base *net_base(struct net *n)
{
	return n->base;
}

unsigned net_connections(const struct net *n)
{
	return conn_table_count(n->table);
}

unsigned net_connections_in(const struct net *n, unsigned state)
{
	return conn_table_count_in(n->table, state);
}
