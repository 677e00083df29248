/*
 * A bucket is kept as what is owed to it: 0 is full, which is how an address begins, so
 * what is full need not be kept at all, and a burst that is changed needs no conversion.
 * The unit is chosen so that each microsecond pays back exactly the rate.
 */
#include "config.h"

#include "net/peers.h"
#include "base/mem.h"
#include "base/siphash.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

/* What a request owes: the microseconds of a minute, of which each pays back the rate. */
#define REQUEST UINT64_C(60000000)

/* Microseconds of a second. */
#define SECOND UINT64_C(1000000)

/*
 * A fixed number, a power of two, so that nobody waits while a table grows: at the bound of
 * those without a connection they are half full. Untouched ones take no memory.
 */
#define CHAINS 65536

/* Entries looked at for each request, to forget those whose bucket has become full. */
#define SWEEP 2

struct peer {
	LIST_ENTRY(peer) link;  /* in the chain of its hash */
	TAILQ_ENTRY(peer) idle; /* in the list of those without connections */
	struct address_ip net;  /* the address; of IPv6 the first 64 bits, others 0 */
	uint64_t owed;          /* what the bucket lacked at seen_us */
	int64_t seen_us;        /* the latest time told for it */
	unsigned connections;   /* open now */
	bool crowd_told;        /* a refused connection has been reported */
	bool haste_told;        /* a refused request has been reported */
};

LIST_HEAD(peer_chain, peer);
TAILQ_HEAD(peer_list, peer);

struct peers {
	struct siphash_key key;     /* random, and the same for good */
	pthread_mutex_t lock;       /* guards all that follows, and each entry */
	struct peers_limits limits; /* exempt is the next one */
	struct network *exempt;     /* owned */
	int64_t now_us;             /* the latest time told */
	size_t n;                   /* entries */
	size_t nidle;               /* those without connections */
	struct peer_list idle;      /* these, in the order in which they left */
	struct peer_chain chains[CHAINS];
};

/* --------------------------------------------------------------- the entries */

/* The part of an address that counts. */
static struct address_ip net_of(const struct net_address *a)
{
	struct address_ip net = address_ip(a);

	memset(net.bytes + 8, 0, sizeof net.bytes - 8);
	return net;
}

static struct peer_chain *chain_of(struct peers *p, const struct address_ip *net)
{
	return &p->chains[siphash(&p->key, (struct str){(const char *)net->bytes, 8}) % CHAINS];
}

static void end_idle(struct peers *p, struct peer *e)
{
	TAILQ_REMOVE(&p->idle, e, idle);
	p->nidle--;
}

static void begin_idle(struct peers *p, struct peer *e)
{
	TAILQ_INSERT_TAIL(&p->idle, e, idle);
	p->nidle++;
}

/* It has no connection yet. */
static struct peer *add(struct peers *p, struct peer_chain *chain, const struct address_ip *net)
{
	struct peer *e = mem_zalloc(1, sizeof *e);

	e->net = *net;
	LIST_INSERT_HEAD(chain, e, link);
	p->n++;
	begin_idle(p, e);
	return e;
}

static struct peer *find_or_add(struct peers *p, const struct address_ip *net)
{
	struct peer_chain *chain = chain_of(p, net);
	struct peer *e = LIST_FIRST(chain);

	while (e && !address_ip_eq(&e->net, net))
		e = LIST_NEXT(e, link);
	return e ? e : add(p, chain, net);
}

/* It has no connection any more. */
static void forget(struct peers *p, struct peer *e)
{
	end_idle(p, e);
	LIST_REMOVE(e, link);
	p->n--;
	free(e);
}

/* ---------------------------------------------------------------- the bucket */

static uint64_t bucket_size(const struct peers_limits *l)
{
	return (l->burst ? l->burst : 1) * REQUEST;
}

/* Pays back what the time since then has earned. Time that goes backward earns nothing. */
static void settle(const struct peers_limits *l, struct peer *e, int64_t now_us)
{
	uint64_t passed = now_us > e->seen_us ? (uint64_t)now_us - (uint64_t)e->seen_us : 0;

	if (l->rate == 0 || passed > e->owed / l->rate)
		e->owed = 0;
	else
		e->owed -= passed * l->rate;
	if (e->owed > bucket_size(l))
		e->owed = bucket_size(l);
	if (e->owed == 0)
		e->haste_told = false;
	e->seen_us += (int64_t)passed;
}

/* Takes a request, or says how long to wait for it. */
static unsigned take(const struct peers_limits *l, struct peer *e)
{
	uint64_t size = bucket_size(l), pace = l->rate * SECOND;

	if (l->rate == 0)
		return 0;
	if (e->owed + REQUEST > size)
		return (unsigned)((e->owed + REQUEST - size + pace - 1) / pace);
	e->owed += REQUEST;
	return 0;
}

/* Forgets whose bucket has become full; called for each request, they go faster than they come. */
static void sweep(struct peers *p)
{
	struct peer *e = TAILQ_FIRST(&p->idle), *next;

	for (int i = 0; e && i < SWEEP; i++, e = next) {
		next = TAILQ_NEXT(e, idle);
		settle(&p->limits, e, p->now_us);
		if (e->owed > 0)
			return;
		forget(p, e);
	}
}

/* ------------------------------------------------------------ the connections */

static bool is_exempt(const struct peers *p, const struct net_address *a)
{
	return (a->ss.ss_family != AF_INET && a->ss.ss_family != AF_INET6) ||
	    network_has(p->limits.exempt, p->limits.nexempt, a);
}

static bool enter(struct peers *p, struct peer *e, bool *first)
{
	unsigned most = p->limits.connections;

	if (most > 0 && e->connections >= most) {
		*first = !e->crowd_told;
		e->crowd_told = true;
		return false;
	}
	if (e->connections++ == 0)
		end_idle(p, e);
	return true;
}

static void leave(struct peers *p, struct peer *e)
{
	assert(e->connections > 0);
	e->connections--;
	if (e->connections <= p->limits.connections / 2)
		e->crowd_told = false;
	if (e->connections > 0)
		return;
	begin_idle(p, e);
	settle(&p->limits, e, p->now_us);
	if (e->owed == 0)
		forget(p, e);
	else if (p->nidle > PEERS_IDLE_MAX)
		forget(p, TAILQ_FIRST(&p->idle));
}

/* ------------------------------------------------------------------ for others */

struct peers *peers_new(const struct peers_limits *l)
{
	struct peers *p = mem_zalloc(1, sizeof *p);

	if (getentropy(&p->key, sizeof p->key) != 0) {
		free(p);
		return NULL;
	}
	pthread_mutex_init(&p->lock, NULL);
	TAILQ_INIT(&p->idle);
	peers_set_limits(p, l);
	return p;
}

void peers_free(struct peers *p)
{
	struct peer *next;

	if (!p)
		return;
	assert(p->n == p->nidle);
	for (struct peer *e = TAILQ_FIRST(&p->idle); e; e = next) {
		next = TAILQ_NEXT(e, idle);
		forget(p, e);
	}
	pthread_mutex_destroy(&p->lock);
	free(p->exempt);
	free(p);
}

void peers_set_limits(struct peers *p, const struct peers_limits *l)
{
	struct network *exempt = mem_alloc(l->nexempt * sizeof *exempt), *before;

	if (l->nexempt > 0)
		memcpy(exempt, l->exempt, l->nexempt * sizeof *exempt);
	pthread_mutex_lock(&p->lock);
	before = p->exempt;
	p->exempt = exempt;
	p->limits = *l;
	p->limits.exempt = exempt;
	pthread_mutex_unlock(&p->lock);
	free(before);
}

bool peers_enter(struct peers *p, const struct net_address *a, struct peer **peer, bool *first)
{
	struct address_ip net = net_of(a);
	struct peer *e;
	bool fine = true;

	*peer = NULL;
	*first = false;
	pthread_mutex_lock(&p->lock);
	if (!is_exempt(p, a)) {
		e = find_or_add(p, &net);
		fine = enter(p, e, first);
		*peer = fine ? e : NULL;
	}
	pthread_mutex_unlock(&p->lock);
	return fine;
}

void peers_leave(struct peers *p, struct peer *peer)
{
	if (!peer)
		return;
	pthread_mutex_lock(&p->lock);
	leave(p, peer);
	pthread_mutex_unlock(&p->lock);
}

unsigned peers_request(struct peers *p, struct peer *peer, int64_t now_us, bool *first)
{
	unsigned wait;

	*first = false;
	if (!peer)
		return 0;
	pthread_mutex_lock(&p->lock);
	if (now_us > p->now_us)
		p->now_us = now_us;
	settle(&p->limits, peer, now_us);
	wait = take(&p->limits, peer);
	if (wait > 0) {
		*first = !peer->haste_told;
		peer->haste_told = true;
	}
	sweep(p);
	pthread_mutex_unlock(&p->lock);
	return wait;
}

size_t peers_count(struct peers *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->n;
	pthread_mutex_unlock(&p->lock);
	return n;
}
