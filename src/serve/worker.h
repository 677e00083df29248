/*
 * worker: a thread that serves.
 *
 * Has an event loop with its own listening sockets and connections (net.h), a cache of
 * replies, and a reference to the state that it serves. Others tell it through a
 * pipe: that another state is published, that a reply from the thread aside lies ready,
 * that it is to finish. The first worker runs in the main thread.
 */
#ifndef SERVE_WORKER_H
#define SERVE_WORKER_H

#include "net/peers.h"
#include "net/veil.h"
#include "serve/aside.h"
#include "serve/counters.h"
#include "serve/sockets.h"
#include "serve/state.h"

struct worker;

/* What the workers share; all borrowed, and outlives them. */
struct worker_env {
	struct state_cell *cell;
	struct aside *aside;
	struct peers *peers;
	const struct veil *veil; /* with the secret of this process; each has its own mode */
	unsigned workers;        /* how many there are */
	/* Called in the thread that worker_start made, when it has ended. */
	void (*ended)(void *context);
	void *context;
};

/*
 * Worker number i, which takes its sockets over. NULL, with errno set, when the system
 * refuses.
 */
struct worker *worker_new(const struct worker_env *env, unsigned i, struct sockets *sockets);

/* After its thread has ended, and the thread aside. NULL is allowed. */
void worker_free(struct worker *w);

/* Runs it in a thread of its own, or in this one, until it has drained. start: 0 or an errno. */
int worker_start(struct worker *w);
void worker_run(struct worker *w);

/* Waits for the end of the thread that worker_start made. */
void worker_join(struct worker *w);

/*
 * From any thread: another state is published; finish what is in flight, or, asked again, end
 * at once (net_drain); let its loop turn.
 */
void worker_look(struct worker *w);
void worker_drain(struct worker *w);
void worker_wake(struct worker *w);

/* Has the thread that worker_start made ended? One that never started has. By who started it. */
bool worker_has_ended(const struct worker *w);

/* Its loop, for events of the main thread. Borrowed. */
struct event_base *worker_base(struct worker *w);

/* What it has counted; anybody may read. Borrowed. */
const struct counters *worker_counters(const struct worker *w);

/* Connections in that state (net_state_name) at the end of its last turn; by any thread. */
unsigned worker_connections(const struct worker *w, unsigned state);

#endif
