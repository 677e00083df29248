/*
 * aside: the thread that does what takes long, so that no reader waits for
 * what another one asked.
 *
 * Searches are made here, and the few pages that cost more than a worker should
 * spend at once (PAGES_LATER). The thread answers one request after the other, just
 * as a worker answers others (answer.h), from the state that is published then. A
 * worker leaves a request at its desk and finds the reply there. What is asked
 * before the state has its index waits for it; what has waited too long is told
 * to come again; what nobody waits for any more is not done at all.
 */
#ifndef SERVE_ASIDE_H
#define SERVE_ASIDE_H

#include "serve/answer.h"
#include "serve/state.h"

/* Requests that may wait at once, those of all workers together. */
#define ASIDE_WAITING_MAX 128

/* How long one may wait for its turn: less than a response may take by default. */
#define ASIDE_PATIENCE_MS INT64_C(10000)

struct aside;
struct aside_job;

/* Jobs in the order that they came in. */
struct aside_queue {
	struct aside_job *first; /* the oldest; NULL: there is none */
	struct aside_job **last; /* where the next one is hung up */
};

/* Where one worker asks; outlives the thread. */
struct aside_desk {
	struct aside *aside; /* borrowed */
	int bell;            /* one byte is written here for each reply; borrowed, does not block */
	struct aside_queue ready; /* replies to be collected; guarded by the lock of aside */
};

/*
 * Starts the thread, which follows what is published in the cell (borrowed). NULL, with
 * errno set, when the system refuses.
 */
struct aside *aside_new(struct state_cell *cell);

/* Another state was published: the thread lets go of the one it has. */
void aside_look(struct aside *s);

/* Ends the thread, after the request that it is at; what waits is forgotten. NULL is allowed. */
void aside_free(struct aside *s);

/* Makes the desk of a worker; clears it away, after aside_free, with what lies on it. */
void aside_desk_init(struct aside_desk *d, struct aside *s, int bell);
void aside_desk_clear(struct aside_desk *d);

/* For struct answer: later, with the desk as context. */
bool aside_ask(void *desk, const struct answer_request *q);

/*
 * Nobody waits for the reply to that ticket any more, if anybody did. Does nothing at a
 * desk that was cleared.
 */
void aside_forget(struct aside_desk *d, uint64_t ticket);

/* Takes the next reply that lies ready, for net_answer; false: there is none. */
bool aside_collect(struct aside_desk *d, uint64_t *ticket, struct net_reply *r);

#endif
