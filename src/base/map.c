#include "config.h"

#include "base/map.h"

#include <assert.h>

struct slot {
	struct str key;
	uint64_t hash;
	void *value; /* NULL: free */
};

struct map {
	struct arena *arena; /* borrowed */
	struct slot *slots;  /* in the arena; mask + 1 of them, a power of two */
	size_t mask;
	size_t used;
};

struct map *map_new(struct arena *a, size_t expected)
{
	struct map *m = arena_alloc(a, sizeof *m);
	size_t n = 16;

	while (n < SIZE_MAX / 4 && n / 2 < expected)
		n *= 2;
	m->arena = a;
	m->slots = arena_array(a, n, sizeof *m->slots);
	m->mask = n - 1;
	return m;
}

/* The slot that holds key, or the free one where it belongs. */
static struct slot *find(const struct map *m, struct str key, uint64_t hash)
{
	size_t i = hash & m->mask;

	while (m->slots[i].value && (m->slots[i].hash != hash || !str_eq(m->slots[i].key, key)))
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

void *map_get(const struct map *m, struct str key)
{
	return find(m, key, str_hash(key))->value;
}

/* Doubles the table; the old one stays in the arena, at most as large as the new. */
static void grow(struct map *m)
{
	struct slot *old = m->slots;
	size_t n = m->mask + 1;

	m->slots = arena_array(m->arena, n * 2, sizeof *m->slots);
	m->mask = n * 2 - 1;
	for (size_t i = 0; i < n; i++)
		if (old[i].value)
			*find(m, old[i].key, old[i].hash) = old[i];
}

void *map_add(struct map *m, struct str key, void *value)
{
	uint64_t hash = str_hash(key);
	struct slot *s = find(m, key, hash);

	assert(value);
	if (s->value)
		return s->value;
	if (m->used >= m->mask / 2) {
		grow(m);
		s = find(m, key, hash);
	}
	*s = (struct slot){key, hash, value};
	m->used++;
	return NULL;
}
