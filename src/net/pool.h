/*
 * pool: buffers of one size, kept for reuse.
 *
 * A request needs the same few buffers as the one before it, so a worker keeps
 * those given back, up to a bound; past that they are freed. Belongs to one
 * thread. Knows nothing of what is in a buffer and does not clear it.
 */
#ifndef NET_POOL_H
#define NET_POOL_H

#include <stddef.h>

struct pool {
	void *first;   /* the spare buffers, linked through their first bytes; owned */
	size_t size;   /* bytes of each */
	unsigned n;    /* spare buffers */
	unsigned keep; /* most of them */
};

/* A pool without buffers; size is at least that of a pointer. */
void pool_init(struct pool *p, size_t size, unsigned keep);

/* A buffer of p->size bytes, uninitialised; the caller gives it back. */
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *buffer); /* NULL is allowed */

/* Frees the spare buffers; those in use can still be given back. */
void pool_clear(struct pool *p);

#endif
