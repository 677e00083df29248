/*
 * os_thread: threads beside the one that gets the signals.
 *
 * What they are to the system differs from one to the next; here is what this program needs
 * of it.
 */
#ifndef SERVE_OS_THREAD_H
#define SERVE_OS_THREAD_H

#include <pthread.h>

/* Starts a thread that no signal is delivered to. Returns 0 or an errno. */
int os_thread_start(pthread_t *thread, void *(*run)(void *context), void *context);

/*
 * Lets the calling thread come after those that serve, where there are fewer processors
 * than threads and the system can do it for one thread.
 */
void os_thread_give_way(void);

#endif
