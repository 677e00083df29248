/*
 * map: from a byte string to a pointer, in an arena.
 *
 * For the indexes of a snapshot: filled once, then only read. Keys are
 * borrowed and must live as long as the arena. The hash is fast, not keyed: use
 * it only where no stranger chooses the keys.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map;

/* An empty map; expected entries is a hint. */
struct map *map_new(struct arena *a, size_t expected);

/* The value stored under key, or NULL. */
void *map_get(const struct map *m, struct str key);

/*
 * Stores value (not NULL) under key unless the key is taken. Returns NULL when
 * it was stored, else the value that was there, which stays.
 */
void *map_add(struct map *m, struct str key, void *value);

#endif
