/*
 * upgrade: from this program to the next version of it, without a gap.
 *
 * On SIGUSR2 the program that now lies where this one was started from is run again
 * with the same arguments and gets the listening sockets (successor.h). When it says that
 * it serves, the owner is told to finish; when it fails, or has said nothing in
 * UPGRADE_DEADLINE_MS, this process goes on as if nothing had been. Who knows only the old
 * process's number still reaches the new one: signals are passed on. Belongs to the main thread.
 */
#ifndef SERVE_UPGRADE_H
#define SERVE_UPGRADE_H

#include "serve/sockets.h"

#include <sys/types.h>

struct event_base;

/* How long a new program may take to begin serving. */
#define UPGRADE_DEADLINE_MS 60000

struct upgrade_env {
	struct event_base *base;       /* borrowed */
	const char *program;           /* path of it; borrowed; NULL: obstacle says why not */
	char *const *argv;             /* of the command, from its name on; borrowed */
	const struct sockets *sockets; /* borrowed */
	const char *obstacle;          /* why it cannot be done here; borrowed */
	bool confined; /* this process reaches only what it was given at its start */
	/* Called once, when the new program serves. */
	void (*succeeded)(void *context, pid_t successor);
	/* Called when one has failed, or could not be begun; this process goes on. */
	void (*failed)(void *context);
	/* Called once, later, when the new program has failed after it had begun to serve. */
	void (*lost)(void *context);
	void *context;
};

struct upgrade;

/* Never NULL. */
struct upgrade *upgrade_new(const struct upgrade_env *env);
void upgrade_free(struct upgrade *u); /* NULL is allowed */

/* Begins one, unless one is under way. What goes wrong, now or later, goes to the log. */
void upgrade_begin(struct upgrade *u);

/*
 * Passes on a signal that is meant for who serves: to the new program, where that serves; SIGHUP
 * and SIGUSR1 to one that is on its way, as soon as it does. Returns the process that it went to; 0: to none.
 */
pid_t upgrade_pass_on(struct upgrade *u, int number);

/* A child has ended (SIGCHLD): perhaps the new program. */
void upgrade_look(struct upgrade *u);

/* Ends one that is under way: the new program is killed. Does nothing for NULL. */
void upgrade_cancel(struct upgrade *u);

#endif
