/*
 * state: what is served at one time.
 *
 * One immutable whole of configuration, content, search index and certificates,
 * made off to the side and published through a cell: one pointer, which the
 * threads that serve follow when they are told to. Whoever works with a state holds
 * a reference; the last one to let go frees it, whatever the thread.
 */
#ifndef SERVE_STATE_H
#define SERVE_STATE_H

#include "content/digest.h"
#include "content/search.h"
#include "net/tls.h"
#include "serve/settings.h"

#include <pthread.h>

struct state {
	atomic_uint refs;
	struct settings *settings; /* one reference */
	struct digest *digest;     /* one reference */
	struct tls_store *tls;     /* one reference; NULL where nothing speaks TLS */
	struct search *search;     /* owned; used by the thread aside alone; NULL: see next */
	bool searchless;           /* there will be none; else it is still being made */
	uint64_t content_stamp;    /* of the first state: stamp_of it, before it was read */
	uint64_t identity_stamp;   /* identity_look at what tls was loaded from */
	uint16_t gopher_port;      /* that readers see; 0: not served */
	uint16_t gemini_port;      /* the same */
};

/* A state with nothing in it, for its maker to fill before it is published. One reference. */
struct state *state_new(void);
struct state *state_ref(struct state *s);
void state_unref(struct state *s); /* NULL is allowed */

/* The one pointer to the state that is served. */
struct state_cell {
	pthread_mutex_t lock;
	struct state *state; /* one reference; NULL before the first */
};

void state_cell_init(struct state_cell *c);
void state_cell_clear(struct state_cell *c);

/* Publishes a state, whose reference the cell takes over. */
void state_cell_put(struct state_cell *c, struct state *s);

/* The state of now; the caller lets go of the reference. */
struct state *state_cell_get(struct state_cell *c);

#endif
