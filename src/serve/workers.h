/*
 * workers: all threads that serve, as one.
 *
 * The first of them is the main thread: the events of the process, its signals, counters and
 * watchdog, are in that one's loop, which turns until the last has ended.
 */
#ifndef SERVE_WORKERS_H
#define SERVE_WORKERS_H

#include "serve/worker.h"

struct workers;

/*
 * n workers, at least one, which take their sockets over. Of env, workers, ended and context are
 * filled in here. NULL, with errno set, when the system refuses.
 */
struct workers *workers_new(const struct worker_env *env, unsigned n, struct sockets *sockets);

/* After workers_run, and the thread aside. NULL is allowed. */
void workers_free(struct workers *ws);

/* Starts the threads of all but the first. Returns 0 or an errno: then only some have started. */
int workers_start(struct workers *ws);

/* Runs the first in this thread, until all that were started have drained. */
void workers_run(struct workers *ws);

/* worker_look and worker_drain, of each; from any thread. */
void workers_look(struct workers *ws);
void workers_drain(struct workers *ws);

/* The loop of the main thread. Borrowed. */
struct event_base *workers_base(const struct workers *ws);

/* How many there are, and one of them. Borrowed. */
unsigned workers_count(const struct workers *ws);
const struct worker *workers_at(const struct workers *ws, unsigned i);

#endif
