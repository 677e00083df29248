#include "config.h"

#include "net/exchange.h"

#include <assert.h>

/* Largest piece of a source's body. */
#define PIECE_MAX ((size_t)64 * 1024)

/* Spare buffers that a worker keeps. */
#define EXCHANGES_KEPT 64
#define PIECES_KEPT 4

void exchange_pools_init(struct exchange_pools *p, size_t request_bytes)
{
	pool_init(&p->whole, sizeof(struct exchange) + request_bytes, EXCHANGES_KEPT);
	pool_init(&p->pieces, PIECE_MAX, PIECES_KEPT);
}

void exchange_pools_clear(struct exchange_pools *p)
{
	pool_clear(&p->whole);
	pool_clear(&p->pieces);
}

struct exchange *exchange_take(struct exchange_pools *p)
{
	struct exchange *x = pool_take(&p->whole);

	memset(x, 0, sizeof *x);
	return x;
}

void exchange_drop(struct net_reply *r)
{
	if (r->source.close)
		r->source.close(r->source.context);
	blob_unref(r->body);
}

void exchange_give(struct exchange_pools *p, struct exchange *x)
{
	if (!x)
		return;
	exchange_drop(&x->reply);
	pool_give(&p->pieces, x->piece);
	pool_give(&p->whole, x);
}

bool exchange_fill(struct exchange_pools *p, struct exchange *x, size_t n)
{
	const struct net_source *s = &x->reply.source;
	ptrdiff_t got;

	assert(n <= PIECE_MAX);
	if (!s->read || x->ended || x->piece_sent < x->piece_n)
		return true;
	if (!x->piece)
		x->piece = pool_take(&p->pieces);
	got = s->read(s->context, x->piece, n);
	assert(got < 0 || (size_t)got <= n);
	x->piece_sent = 0;
	x->piece_n = got > 0 ? (size_t)got : 0;
	x->ended = got == 0;
	return got >= 0;
}

struct str exchange_head(const struct exchange *x)
{
	size_t n = x->reply.head_len;

	return str_skip((struct str){x->reply.head, n}, x->sent < n ? (size_t)x->sent : n);
}

struct str exchange_body(const struct exchange *x)
{
	const struct net_reply *r = &x->reply;
	uint64_t sent = x->sent > r->head_len ? x->sent - r->head_len : 0;

	if (r->source.read)
		return str_skip((struct str){x->piece, x->piece_n}, x->piece_sent);
	if (!r->body)
		return (struct str){0};
	return str_skip((struct str){r->body->p, r->body->n}, (size_t)sent);
}

void exchange_taken(struct exchange *x, size_t taken)
{
	size_t head = exchange_head(x).n;

	x->sent += taken;
	if (x->reply.source.read && taken > head)
		x->piece_sent += taken - head;
}
