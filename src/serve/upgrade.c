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

#define UPGRADE_MAGIC 0x55504752u

struct upgrade {
	unsigned magic; /* UPGRADE_MAGIC */
	struct upgrade_env env;
	struct successor *successor; /* owned; NULL: there is none */
	struct event *news;          /* of one on its way, or its time is up; NULL: none is */
	sigset_t kept;               /* signals that it is to get when it serves */
	bool serves;                 /* it does, in the place of this process */
};

/* ---------------------------------------------------------------------- the new process */

static void end_news(struct upgrade *u)
{
	if (u->news)
		event_free(u->news);
	u->news = NULL;
}

static void end(struct upgrade *u)
{
	end_news(u);
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

static void send_kept(const struct upgrade *u)
{
	static const int numbers[] = {SIGHUP, SIGUSR1};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigismember(&u->kept, numbers[i]) == 1)
			kill(successor_pid(u->successor), numbers[i]);
}

/* It may have ended since it said that it serves. */
static void succeed(struct upgrade *u)
{
	pid_t pid = successor_pid(u->successor);

	log_line("upgrade: process %ld serves now", (long)pid);
	end_news(u);
	u->serves = true;
	send_kept(u);
	u->env.succeeded(u->env.context, pid);
	upgrade_look(u);
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

void upgrade_look(struct upgrade *u)
{
	struct buf why = {0};
	enum successor_state state;

	if (!u->serves)
		return;
	state = successor_check(u->successor, &why);
	u->serves = state == SUCCESSOR_READY;
	if (state == SUCCESSOR_LOST) {
		log_line(
		    "upgrade: process %ld, which served, has failed: %s; this one ends, too, so "
		    "that the service can be started again",
		    (long)successor_pid(u->successor), buf_z(&why));
		u->env.lost(u->env.context);
	}
	buf_free(&why);
}

pid_t upgrade_pass_on(struct upgrade *u, int number)
{
	if (u->news)
		sigaddset(&u->kept, number);
	upgrade_look(u);
	if (!u->serves)
		return 0;
	kill(successor_pid(u->successor), number);
	return successor_pid(u->successor);
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

	if (!u || !u->news)
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
	u->magic = 0;
	free(u);
}
