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
	struct successor *successor; /* owned; NULL: none is on its way */
	struct event *news;          /* the successor has said something, or its time is up */
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

static void succeed(struct upgrade *u)
{
	pid_t pid = successor_pid(u->successor);

	log_line("upgrade: process %ld serves now", (long)pid);
	end(u);
	u->env.succeeded(u->env.context, pid);
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
	u->magic = 0;
	free(u);
}
