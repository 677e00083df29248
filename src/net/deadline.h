/*
 * deadline: the one timer of a connection, for the phase that it is in.
 *
 * A phase has its time from when it begins, but the timer runs only once there
 * is something to wait for: most phases end in the turn they began in. It says
 * when time is up, and knows nothing of what ends then.
 */
#ifndef NET_DEADLINE_H
#define NET_DEADLINE_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

/* All zeros before the first phase. */
struct deadline {
	struct event timer;
	const struct timeval *common; /* the phase's duration, borrowed; NULL: ms has it */
	unsigned long ms;             /* milliseconds */
	bool armed;                   /* timer runs for this phase */
	bool assigned;                /* timer has been assigned */
};

/* A duration that many deadlines share, which is cheaper; the base owns it. NULL: no memory. */
const struct timeval *deadline_common(struct event_base *base, unsigned ms);

/* Begins a phase of a common duration, or of its own. */
void deadline_set(struct deadline *d, const struct timeval *common);
void deadline_set_ms(struct deadline *d, unsigned long ms);

/* Starts the timer, unless it runs for this phase. The callback is the same each time. */
void deadline_arm(
    struct deadline *d, struct event_base *base, event_callback_fn callback, void *arg);

/* Stops the timer for good. */
void deadline_end(struct deadline *d);

#endif
