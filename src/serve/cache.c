#include "config.h"

#include "serve/cache.h"
#include "base/mem.h"

#include <stdlib.h>

#define SLOTS 4096 /* a power of two */

/* One reply may take this part of the whole. */
#define SHARE 4

struct slot {
	char *key; /* owned */
	size_t key_len;
	uint64_t hash;
	struct cache_value value; /* blob NULL: free */
};

struct cache {
	size_t limit; /* bytes */
	size_t used;  /* bytes of keys and blobs */
	size_t hand;  /* where room is made next */
	struct slot slots[SLOTS];
};

struct cache *cache_new(size_t bytes)
{
	struct cache *c = mem_zalloc(1, sizeof *c);

	c->limit = bytes;
	return c;
}

static size_t cost(const struct slot *s)
{
	return s->key_len + s->value.blob->n;
}

static void empty(struct cache *c, struct slot *s)
{
	if (!s->value.blob)
		return;
	c->used -= cost(s);
	free(s->key);
	blob_unref(s->value.blob);
	*s = (struct slot){0};
}

void cache_clear(struct cache *c)
{
	for (size_t i = 0; i < SLOTS; i++)
		empty(c, &c->slots[i]);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	cache_clear(c);
	free(c);
}

const struct cache_value *cache_get(struct cache *c, struct str key, int64_t now, uint64_t stamp)
{
	uint64_t hash = str_hash(key);
	struct slot *s = &c->slots[hash % SLOTS];

	if (!s->value.blob || s->hash != hash || !str_eq((struct str){s->key, s->key_len}, key))
		return NULL;
	/* A stale value stays until the one made in its place takes the slot. */
	return s->value.expires > now && s->value.stamp == stamp ? &s->value : NULL;
}

void cache_put(struct cache *c, struct str key, const struct cache_value *v)
{
	uint64_t hash = str_hash(key);
	struct slot *s = &c->slots[hash % SLOTS];
	size_t need = key.n + v->blob->n;

	if (need > c->limit / SHARE)
		return;
	empty(c, s);
	while (c->used + need > c->limit)
		empty(c, &c->slots[c->hand++ % SLOTS]);
	s->key = mem_alloc(key.n);
	memcpy(s->key, key.p, key.n);
	s->key_len = key.n;
	s->hash = hash;
	s->value = *v;
	blob_ref(v->blob);
	c->used += need;
}
