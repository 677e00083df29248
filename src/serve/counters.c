#include "config.h"

#include "serve/counters.h"

#include <assert.h>

const uint64_t counters_time_bounds[COUNTERS_TIMES - 1] = {
    500,
    1000,
    2500,
    5000,
    10000,
    25000,
    50000,
    100000,
    250000,
    500000,
    1000000,
    2500000,
    5000000,
    10000000,
    30000000,
};

/* From what fits into one packet to the largest file that anybody should put here. */
const uint64_t counters_size_bounds[COUNTERS_SIZES - 1] = {
    256,
    1024,
    4096,
    16384,
    65536,
    262144,
    1048576,
    4194304,
    16777216,
    67108864,
};

static const char *const protocols[COUNTERS_PROTOCOLS] = {
    [COUNTERS_GOPHER] = "gopher",
    [COUNTERS_GOPHERS] = "gophers",
    [COUNTERS_GEMINI] = "gemini",
};

static const char *const handshakes[COUNTERS_HANDSHAKES] = {
    [COUNTERS_FULL] = "full",
    [COUNTERS_RESUMED] = "resumed",
    [COUNTERS_FAILED] = "failed",
};

static const char *const limits[COUNTERS_LIMITS] = {
    [COUNTERS_CONNECTIONS] = "connections",
    [COUNTERS_ADDRESS_CONNECTIONS] = "address-connections",
    [COUNTERS_ADDRESS_REQUESTS] = "address-requests",
    [COUNTERS_DESCRIPTORS] = "descriptors",
    [COUNTERS_SEARCHES] = "searches",
};

static const char *const reloads[COUNTERS_RELOADS] = {
    [COUNTERS_RELOAD_OK] = "ok",
    [COUNTERS_RELOAD_FAILED] = "failed",
};

const char *counters_protocol_name(enum counters_protocol p)
{
	assert(p < COUNTERS_PROTOCOLS);
	return protocols[p];
}

const char *counters_handshake_name(enum counters_handshake h)
{
	assert(h < COUNTERS_HANDSHAKES);
	return handshakes[h];
}

const char *counters_limit_name(enum counters_limit l)
{
	assert(l < COUNTERS_LIMITS);
	return limits[l];
}

const char *counters_reload_name(enum counters_reload r)
{
	assert(r < COUNTERS_RELOADS);
	return reloads[r];
}

static uint64_t look(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

/*
 * A load and a store, not one locked addition: no other thread writes here, so none
 * is lost, and it costs a tenth. Relaxed, as no number vouches for another.
 */
static void grow(_Atomic uint64_t *n, uint64_t by)
{
	atomic_store_explicit(n, look(n) + by, memory_order_relaxed);
}

/* The bucket of value; n is the number of bounds. Most values are in one of the first. */
static size_t bucket(const uint64_t *bounds, size_t n, uint64_t value)
{
	size_t i = 0;

	while (i < n && value > bounds[i])
		i++;
	return i;
}

static void count_reply(struct counters_replies *c, int status, uint64_t us, uint64_t bytes)
{
	grow(&c->status[status > 0 && status < COUNTERS_STATUSES ? status : 0], 1);
	grow(&c->times[bucket(counters_time_bounds, COUNTERS_TIMES - 1, us)], 1);
	grow(&c->sizes[bucket(counters_size_bounds, COUNTERS_SIZES - 1, bytes)], 1);
	grow(&c->us, us);
	grow(&c->bytes, bytes);
}

void counters_done(struct counters *c, enum counters_protocol p, const struct net_reply *r,
    const struct net_outcome *o)
{
	assert(p < COUNTERS_PROTOCOLS);
	if (r)
		count_reply(&c->replies[p], r->status, o->us > 0 ? (uint64_t)o->us : 0, o->bytes);
	counters_ended(c, o->reason);
}

void counters_ended(struct counters *c, enum net_reason reason)
{
	assert(reason < NET_REASONS);
	grow(&c->ended[reason], 1);
}

void counters_handshake(struct counters *c, enum counters_handshake h)
{
	assert(h < COUNTERS_HANDSHAKES);
	grow(&c->handshakes[h], 1);
}

void counters_limit(struct counters *c, enum counters_limit l)
{
	assert(l < COUNTERS_LIMITS);
	grow(&c->limits[l], 1);
}

static void add_each(_Atomic uint64_t *sum, const _Atomic uint64_t *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		grow(&sum[i], look(&c[i]));
}

static void add_replies(struct counters_replies *sum, const struct counters_replies *c)
{
	add_each(sum->status, c->status, COUNTERS_STATUSES);
	add_each(sum->times, c->times, COUNTERS_TIMES);
	add_each(sum->sizes, c->sizes, COUNTERS_SIZES);
	add_each(&sum->us, &c->us, 1);
	add_each(&sum->bytes, &c->bytes, 1);
}

void counters_add(struct counters *sum, const struct counters *c)
{
	for (size_t p = 0; p < COUNTERS_PROTOCOLS; p++)
		add_replies(&sum->replies[p], &c->replies[p]);
	add_each(sum->ended, c->ended, NET_REASONS);
	add_each(sum->handshakes, c->handshakes, COUNTERS_HANDSHAKES);
	add_each(sum->limits, c->limits, COUNTERS_LIMITS);
}

void counters_started(struct counters_process *p, int64_t now, uint64_t entries)
{
	atomic_store_explicit(&p->started, now, memory_order_relaxed);
	atomic_store_explicit(&p->loaded, now, memory_order_relaxed);
	atomic_store_explicit(&p->entries, entries, memory_order_relaxed);
}

void counters_upgrade_failed(struct counters_process *p)
{
	atomic_fetch_add_explicit(&p->upgrades_failed, 1, memory_order_relaxed);
}

void counters_log_lost(struct counters_process *p, uint64_t lines)
{
	atomic_fetch_add_explicit(&p->log_lost, lines, memory_order_relaxed);
}

void counters_reloaded(
    struct counters_process *p, enum counters_reload r, int64_t now, uint64_t entries)
{
	assert(r < COUNTERS_RELOADS);
	atomic_fetch_add_explicit(&p->reloads[r], 1, memory_order_relaxed);
	if (r != COUNTERS_RELOAD_OK)
		return;
	atomic_store_explicit(&p->loaded, now, memory_order_relaxed);
	atomic_store_explicit(&p->entries, entries, memory_order_relaxed);
}
