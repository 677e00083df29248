/*
 * monitor: what the private listener tells of this process.
 *
 * Gathers what the workers have counted, how their connections stand and what the
 * published state holds, whenever somebody asks. Lives in the main thread's loop.
 */
#ifndef SERVE_MONITOR_H
#define SERVE_MONITOR_H

#include "serve/counters.h"
#include "serve/workers.h"

struct monitor;

/* All borrowed. */
struct monitor_env {
	struct state_cell *cell;
	struct workers *workers;
	struct counters_process *counters;
	const bool *draining; /* the main thread's: new readers should not be sent here */
};

/*
 * Serves on fd, which it takes over. NULL, with the reason appended to why, when the
 * system refuses.
 */
struct monitor *monitor_new(const struct monitor_env *env, int fd, struct buf *why);
void monitor_free(struct monitor *m); /* NULL is allowed */

#endif
