/*
 * signals: those by which a running server is asked for something.
 *
 * SIGHUP, SIGUSR1 and SIGUSR2 end a process that does not catch them yet. So they are blocked
 * from its first moment on, and one that comes early waits until the server has come to it.
 */
#ifndef SERVE_SIGNALS_H
#define SERVE_SIGNALS_H

#include <signal.h>

/* The set of them. Async-signal-safe. */
void signals_asking(sigset_t *out);

/* Blocks them in this thread, and in those that it starts. */
void signals_hold(void);

/* "SIGHUP", of every signal that is sent to a server on purpose. Static. */
const char *signals_name(int number);

#endif
