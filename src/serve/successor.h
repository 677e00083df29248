/*
 * successor: a new process of this program, to which the listening sockets go.
 *
 * For an upgrade without a gap: the program that now lies where this one was found is started
 * and handed the sockets by the protocol of inherited.h. It says so when it serves;
 * then the old process stops accepting, finishes what is in flight and ends. Until it has
 * said so the old one serves as before, and goes on when the new one fails.
 * The two talk through a pipe, whose number the new one finds in
 * DIGESTD_READY_FD. Belongs to one thread; the process may have others.
 */
#ifndef SERVE_SUCCESSOR_H
#define SERVE_SUCCESSOR_H

#include "base/buf.h"

#include <sys/types.h>

#define SUCCESSOR_SOCKETS_MAX 256u

/* A socket to hand over; both borrowed while successor_start runs. */
struct successor_socket {
	int fd;
	const char *name; /* "gopher", see inherited.h; no colon */
};

enum successor_state {
	SUCCESSOR_STARTING,
	SUCCESSOR_READY,  /* it serves */
	SUCCESSOR_FAILED, /* it has ended before it served, and was waited for */
	SUCCESSOR_ENDED,  /* it has served, and ended well, as it was told to */
	SUCCESSOR_LOST,   /* it has served, and ended otherwise */
};

struct successor;

/* ------------------------------------------------------------------------------ the old process */

/*
 * The absolute path where this program will be found again, also after another version was put
 * there: to be asked at the start, with argv[0], before the working directory changes. A link
 * at that place is not followed. The caller frees it; NULL with the reason appended to why.
 */
char *successor_program(const char *argv0, struct buf *why);

/*
 * Starts program with argv (ends with NULL) and n sockets; it has this process's other
 * environment, directory, user and standard descriptors. Descriptors that are not
 * close-on-exec are inherited too; the signals of signals_asking are blocked. NULL with
 * the reason appended to why. No other thread may change the environment meanwhile.
 */
struct successor *successor_start(const char *program, char *const argv[],
    const struct successor_socket *sockets, size_t n, struct buf *why);

pid_t successor_pid(const struct successor *s);

/* Becomes readable when successor_check has news of one that starts; borrowed. */
int successor_fd(const struct successor *s);

/*
 * How it is, without waiting. When it has just failed or been lost the reason is appended to why;
 * one that went on after closing its pipe is killed. One that has served is not waited for: who
 * inherits it, a supervisor, learns from its status how the service ended.
 */
enum successor_state successor_check(struct successor *s, struct buf *why);

/*
 * Its time is up: as successor_check, but one that is still starting is killed, which
 * makes it SUCCESSOR_FAILED.
 */
enum successor_state successor_give_up(struct successor *s, struct buf *why);

/* Lets go of one that serves or has served; one that is still starting is killed. NULL is allowed. */
void successor_free(struct successor *s);

/* ------------------------------------------------------------------------------ the new process */

/*
 * Where the process that started this one, if one did, waits for the word that it serves; -1: nowhere.
 * To be called once, before there are threads, for it takes the variable from the environment.
 */
int successor_ready_fd(void);

/* Says it there and closes it, where SIGPIPE is ignored: the old process may have ended. */
void successor_say_ready(int fd);

#endif
