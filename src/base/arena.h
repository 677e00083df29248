/*
 * arena: memory that is freed all at once.
 *
 * A snapshot of the content has one arena, and so has each page while it is
 * built; nothing in an arena outlives it, and nothing in it is freed alone.
 * Not safe for use by two threads at once while it grows; reading what lies in
 * it is.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

/* A new arena that takes memory in steps of about chunk bytes; 0: a default. */
struct arena *arena_new(size_t chunk);

/* Frees the arena and all that lies in it; NULL is allowed. */
void arena_free(struct arena *a);

/* Forgets all that lies in the arena but keeps its first chunk for reuse. */
void arena_reset(struct arena *a);

/* n bytes, zeroed, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t n);

/* count elements of size bytes, zeroed; an overflow is out of memory (mem.h). */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of s, with a NUL behind it that is not counted. */
struct str arena_str(struct arena *a, struct str s);

/* printf into the arena. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes taken from the heap for this arena. */
size_t arena_size(const struct arena *a);

#endif
