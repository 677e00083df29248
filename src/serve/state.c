#include "config.h"

#include "serve/state.h"
#include "base/mem.h"

#include <stdlib.h>

struct state *state_new(void)
{
	struct state *s = mem_zalloc(1, sizeof *s);

	atomic_init(&s->refs, 1);
	return s;
}

struct state *state_ref(struct state *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void state_unref(struct state *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	search_free(s->search);
	tls_store_unref(s->tls);
	digest_unref(s->digest);
	settings_unref(s->settings);
	free(s);
}

void state_cell_init(struct state_cell *c)
{
	pthread_mutex_init(&c->lock, NULL);
	c->state = NULL;
}

void state_cell_clear(struct state_cell *c)
{
	state_unref(c->state);
	pthread_mutex_destroy(&c->lock);
}

void state_cell_put(struct state_cell *c, struct state *s)
{
	struct state *before;

	pthread_mutex_lock(&c->lock);
	before = c->state;
	c->state = s;
	pthread_mutex_unlock(&c->lock);
	state_unref(before);
}

struct state *state_cell_get(struct state_cell *c)
{
	struct state *s;

	pthread_mutex_lock(&c->lock);
	s = state_ref(c->state);
	pthread_mutex_unlock(&c->lock);
	return s;
}
