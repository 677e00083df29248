/*
 * cache: replies already made, kept while they are true.
 *
 * A snapshot never changes, so neither does a rendered page until the next
 * entry falls due: it is made once and hands out references. The table
 * is direct-mapped (a key has one place; a newcomer takes it), which bounds
 * both time and memory whatever is asked for. Belongs to one thread.
 */
#ifndef SERVE_CACHE_H
#define SERVE_CACHE_H

#include "net/blob.h"

struct cache;

/* What is kept under a key. */
struct cache_value {
	struct blob *blob; /* the whole reply */
	int status;        /* for the log */
	int64_t expires;   /* seconds since 1970; true before that */
	uint64_t stamp;    /* what it was made from: a file's version; 0: nothing that changes */
};

/* A cache of at most so many bytes; 0: it keeps nothing. */
struct cache *cache_new(size_t bytes);
void cache_free(struct cache *c);

/*
 * The value kept under key, if it is true at the time now and has that stamp. The blob is
 * borrowed.
 */
const struct cache_value *cache_get(struct cache *c, struct str key, int64_t now, uint64_t stamp);

/*
 * Keeps a value, of whose blob it takes a reference of its own. One that is too large is
 * not kept.
 */
void cache_put(struct cache *c, struct str key, const struct cache_value *v);

/* Forgets everything. */
void cache_clear(struct cache *c);

#endif
