#include "config.h"

#include "serve/upgrade.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/successor.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#define UPGRADE_MAGIC 0x55504752u

struct upgrade {
	unsigned magic; /* UPGRADE_MAGIC */
	struct upgrade_env env;
	struct successor *successor; /* owned; NULL: none is on its way */
	struct event *news;          /* the successor has said something, or its time is up */
	sigset_t kept;               /* signals that it is to get when it serves */
	pid_t serving;               /* the process that serves now; 0: this one */
	struct event *child;         /* that has ended, perhaps */
};

/* ---------------------------------------------------------------------- the new process */

static void end(struct upgrade *u)
{
	if (u->news)
		event_free(u->news);
	u->news = NULL;
	successor_free(u->successor);
	u->successor = NULL;
}

static void fail(struct upgrade *u, struct buf *why)
{
	const char *hint = "";

	if (u->env.confined && strstr(buf_z(why), strerror(EACCES)))
		hint =
		    " (a confined server runs only what is in the directory that its program was "
		    "in at its start: restart)";
	log_line("upgrade: the new program failed: %s%s; this one goes on", buf_z(why), hint);
	end(u);
	u->env.failed(u->env.context);
}

/*
 * Its status is left for whoever inherits it: a supervisor learns from it that the service has
 * failed. One that ended well was told to.
 */
static void on_child(evutil_socket_t number, short what, void *context)
{
	struct upgrade *u = context;
	siginfo_t info = {0};

	(void)number;
	(void)what;
	assert(u->magic == UPGRADE_MAGIC);
	if (waitid(P_PID, (id_t)u->serving, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid != u->serving)
		return;
	event_del(u->child);
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return;
	log_line("upgrade: process %ld, which served, has failed: this one ends, too, so that the "
		 "service can be started again",
	    (long)u->serving);
	u->env.lost(u->env.context);
}

/* It may have ended before anybody listened. */
static void watch_over(struct upgrade *u)
{
	u->child = evsignal_new(u->env.base, SIGCHLD, on_child, u);
	if (u->child && event_add(u->child, NULL) == 0)
		event_active(u->child, EV_SIGNAL, 1);
}

static void send_kept(const struct upgrade *u)
{
	for (int number = 1; number <= SIGRTMAX; number++)
		if (sigismember(&u->kept, number) == 1)
			kill(u->serving, number);
}

static void succeed(struct upgrade *u)
{
	u->serving = successor_pid(u->successor);
	log_line("upgrade: process %ld serves now", (long)u->serving);
	end(u);
	watch_over(u);
	send_kept(u);
	u->env.succeeded(u->env.context, u->serving);
}

static void on_news(evutil_socket_t fd, short what, void *context)
{
	struct upgrade *u = context;
	struct buf why = {0};
	enum successor_state state;

	(void)fd;
	assert(u->magic == UPGRADE_MAGIC);
	state = what & EV_TIMEOUT ? successor_give_up(u->successor, &why)
				  : successor_check(u->successor, &why);
	if (state == SUCCESSOR_READY)
		succeed(u);
	else if (state == SUCCESSOR_FAILED)
		fail(u, &why);
	buf_free(&why);
}

static struct successor *start(const struct upgrade *u, struct buf *why)
{
	struct successor_socket sockets[SOCKETS_MAX];
	size_t n = 0;

	for (; n < u->env.sockets->n; n++)
		sockets[n] = (struct successor_socket){
		    u->env.sockets->items[n].fd, sockets_name(&u->env.sockets->items[n])};
	return successor_start(u->env.program, u->env.argv, sockets, n, why);
}

static bool wait_for_news(struct upgrade *u)
{
	struct timeval deadline = {UPGRADE_DEADLINE_MS / 1000, 0};

	u->news =
	    event_new(u->env.base, successor_fd(u->successor), EV_READ | EV_PERSIST, on_news, u);
	return u->news && event_add(u->news, &deadline) == 0;
}

void upgrade_begin(struct upgrade *u)
{
	struct buf why = {0};

	if (u->successor) {
		log_line("upgrade: one is under way already");
		return;
	}
	sigemptyset(&u->kept);
	if (u->env.program) {
		log_line("upgrade: starting %s", u->env.program);
		u->successor = start(u, &why);
	} else {
		buf_addz(&why, u->env.obstacle);
	}
	if (!u->successor || !wait_for_news(u)) {
		buf_addz(&why, why.len > 0 ? "" : "its news cannot be waited for");
		fail(u, &why);
	}
	buf_free(&why);
}

pid_t upgrade_pass_on(struct upgrade *u, int number)
{
	if (u->serving > 0)
		kill(u->serving, number);
	else if (u->successor)
		sigaddset(&u->kept, number);
	return u->serving;
}

/* ------------------------------------------------------------------------ begin and end */

struct upgrade *upgrade_new(const struct upgrade_env *env)
{
	struct upgrade *u = mem_zalloc(1, sizeof *u);

	u->magic = UPGRADE_MAGIC;
	u->env = *env;
	return u;
}

void upgrade_cancel(struct upgrade *u)
{
	struct buf why = {0};

	if (!u || !u->successor)
		return;
	log_line("upgrade: given up");
	/* It may have begun to serve this very moment. */
	if (successor_give_up(u->successor, &why) == SUCCESSOR_READY)
		kill(successor_pid(u->successor), SIGTERM);
	end(u);
	buf_free(&why);
}

void upgrade_free(struct upgrade *u)
{
	if (!u)
		return;
	end(u);
	if (u->child)
		event_free(u->child);
	u->magic = 0;
	free(u);
}
