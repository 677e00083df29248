#include "config.h"

#include "net/conn_table.h"
#include "net/conn.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>

/* Structs kept for reuse. */
#define CONNS_KEPT 256

/* A base has room for some hundred durations; past that the last one stays. */
static void set_duration(struct conn_table *t, const struct timeval **common, unsigned ms)
{
	const struct timeval *d = deadline_common(t->base, ms);

	if (d)
		*common = d;
}

/* The durations that connections share. Returns false when there is no memory for them. */
static bool set_durations(struct conn_table *t)
{
	set_duration(t, &t->handshake, t->limits.handshake_ms);
	set_duration(t, &t->request, t->limits.request_ms);
	set_duration(t, &t->response, t->limits.response_ms);
	set_duration(t, &t->linger, t->limits.linger_ms);
	return t->handshake && t->request && t->response && t->linger;
}

struct conn_table *conn_table_new(
    struct event_base *base, const struct net_handler *handler, const struct net_limits *limits)
{
	struct conn_table *t = mem_zalloc(1, sizeof *t);

	t->base = base;
	t->handler = *handler;
	t->limits = *limits;
	TAILQ_INIT(&t->open);
	TAILQ_INIT(&t->waiting);
	TAILQ_INIT(&t->lingering);
	TAILQ_INIT(&t->dead);
	pool_init(&t->conns, sizeof(struct conn), CONNS_KEPT);
	exchange_pools_init(&t->exchanges, limits->request_bytes);
	t->tls = stream_tls_worker_new();
	if (t->tls && set_durations(t))
		return t;
	conn_table_free(t);
	errno = ENOMEM;
	return NULL;
}

void conn_table_limit(struct conn_table *t, const struct net_limits *limits)
{
	size_t request_bytes = t->limits.request_bytes;

	t->limits = *limits;
	/* The buffers have their size. */
	t->limits.request_bytes = request_bytes;
	set_durations(t);
}

void conn_table_free(struct conn_table *t)
{
	if (!t)
		return;
	conn_table_end(t);
	conn_table_reap(t);
	pool_clear(&t->conns);
	exchange_pools_clear(&t->exchanges);
	stream_tls_worker_free(t->tls);
	free(t);
}

void conn_table_accept(struct conn_table *t, int fd, const struct sockaddr *peer, socklen_t len,
    const struct conn_origin *origin)
{
	struct conn *c = pool_take(&t->conns);

	memset(c, 0, sizeof *c);
	c->table = t;
	c->origin = origin;
	c->ticket = ++t->tickets;
	TAILQ_INSERT_TAIL(&t->open, c, link);
	t->count++;
	conn_begin(c, fd, peer, len);
}

/* Where the connections of a state are. */
static struct conn_list *list_of(struct conn_table *t, enum conn_state state)
{
	switch (state) {
	case CONN_WAIT:
		return &t->waiting;
	case CONN_LINGER:
		return &t->lingering;
	case CONN_CLOSED:
		return &t->dead;
	default:
		return &t->open;
	}
}

void conn_table_move(struct conn *c, enum conn_state to)
{
	struct conn_list *from_list = list_of(c->table, c->state);
	struct conn_list *to_list = list_of(c->table, to);

	c->table->states[c->state]--;
	c->table->states[to]++;
	if (to_list == from_list)
		return;
	TAILQ_REMOVE(from_list, c, link);
	TAILQ_INSERT_TAIL(to_list, c, link);
	c->table->count -= to == CONN_CLOSED;
}

bool conn_table_room(struct conn_table *t)
{
	struct conn *oldest = TAILQ_FIRST(&t->lingering);

	if (t->count >= t->limits.connections && oldest)
		conn_end(oldest);
	return t->count < t->limits.connections;
}

void conn_table_paused(struct conn_table *t, bool starved)
{
	if (t->handler.paused)
		t->handler.paused(t->handler.app, starved);
}

unsigned conn_table_count(const struct conn_table *t)
{
	return t->count;
}

unsigned conn_table_count_in(const struct conn_table *t, unsigned state)
{
	return state < CONN_STATES ? t->states[state] : 0;
}

bool conn_table_answer(struct conn_table *t, uint64_t ticket, struct net_reply *r)
{
	struct conn *c = TAILQ_FIRST(&t->waiting);

	while (c && c->ticket != ticket)
		c = TAILQ_NEXT(c, link);
	if (c)
		conn_answer(c, r);
	else
		exchange_drop(r);
	return c != NULL;
}

void conn_table_drain(struct conn_table *t, int64_t before_us)
{
	struct conn *next;

	for (struct conn *c = TAILQ_FIRST(&t->open); c; c = next) {
		next = TAILQ_NEXT(c, link);
		conn_drain(c, before_us);
	}
}

/* A connection that ends may linger; those come last. */
void conn_table_end(struct conn_table *t)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&t->waiting)))
		conn_end(c);
	while ((c = TAILQ_FIRST(&t->open)))
		conn_end(c);
	while ((c = TAILQ_FIRST(&t->lingering)))
		conn_end(c);
}

void conn_table_reap(struct conn_table *t)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&t->dead))) {
		TAILQ_REMOVE(&t->dead, c, link);
		t->states[CONN_CLOSED]--;
		conn_clear(c);
		pool_give(&t->conns, c);
	}
}
