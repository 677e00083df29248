/*
 * searcher: the thread that searches, so that no reader waits for another's
 * query.
 *
 * It builds the index of a digest beside the loops that serve, then answers one
 * search after the other, just as a worker answers other requests (answer.h). A
 * worker leaves a request at its desk and finds the reply there; what is asked
 * before the index is ready waits for it. So many may wait in all that the
 * last one is still answered in good time.
 */
#ifndef SERVE_SEARCHER_H
#define SERVE_SEARCHER_H

#include "serve/answer.h"

/* Requests that may wait at once, those of all workers together. */
#define SEARCHER_WAITING_MAX 128

struct searcher;
struct searcher_job;

/* Where one worker asks. Belongs to the worker; what is below the line is guarded by the searcher. */
struct searcher_desk {
	struct searcher *searcher; /* borrowed */
	int bell; /* one byte is written here for each reply; borrowed, does not block */
	/* --- */
	struct searcher_job *ready; /* replies to be collected, the oldest first */
	struct searcher_job **last;
};

/*
 * Starts the thread, which takes its own reference of the digest; settings are
 * borrowed, ports are those of answer_init. NULL, with errno set, when the
 * system refuses. That the index cannot be built is logged, and then each search
 * is answered with a failure.
 */
struct searcher *searcher_new(
    const struct settings *s, struct digest *d, uint16_t gopher_port, uint16_t gemini_port);

/* Ends the thread, after the search that it is at; what waits is forgotten. NULL is allowed. */
void searcher_free(struct searcher *s);

/* Makes the desk of a worker; clears it away, after searcher_free, with what lies on it. */
void searcher_desk_init(struct searcher_desk *d, struct searcher *s, int bell);
void searcher_desk_clear(struct searcher_desk *d);

/* For struct answer: later, with the desk as context. */
bool searcher_ask(void *desk, const struct answer_request *q);

/* Takes the next reply that lies ready, for net_answer; false: there is none. */
bool searcher_collect(struct searcher_desk *d, uint64_t *ticket, struct net_reply *r);

#endif
