#include "config.h"

#include "net/listener.h"
#include "net/socket.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define LISTENER_MAGIC 0x6c737472u

/* Connections accepted before the others get their turn. */
#define BATCH 32

/* The same before it closes: no backlog is longer. */
#define DRAIN_MAX 4096

/* Descriptors left for files, logs and the resolver when connections use up the rest. */
#define RESERVE 32

/* Microseconds between a line about one shortage and one about the next. */
#define TOLD_US (INT64_C(10) * 1000000)

/* How long to wait when descriptors or memory are short. */
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 1000

enum listener_state {
	LISTENER_OPEN,    /* accepts */
	LISTENER_FULL,    /* there is no room; listener_resume looks again */
	LISTENER_STARVED, /* the system has none; the timer looks again */
	LISTENER_CLOSED
};

struct listener {
	unsigned magic; /* LISTENER_MAGIC */
	enum listener_state state;
	int fd;                    /* owned; -1 when closed */
	int fd_max;                /* descriptors from here on are the reserve */
	unsigned pause_ms;         /* of the current shortage; 0: accept4 works */
	bool scarce;               /* there is a shortage */
	bool told;                 /* and it was logged */
	bool unsure;               /* it may be over: listener_resume has that looked at */
	int64_t told_us;           /* clock_monotonic_us of the last line; 0: there was none */
	unsigned bound;            /* most connections while descriptors are few; 0: they are not */
	struct conn_table *table;  /* borrowed */
	struct conn_origin origin; /* of the connections accepted here */
	struct event readable;
	struct event timer; /* runs while starved */
};

static bool is_wildcard(const struct net_address *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->ss.ss_family == AF_INET) {
		memcpy(&v4, &a->ss, sizeof v4);
		return v4.sin_addr.s_addr == htonl(INADDR_ANY);
	}
	if (a->ss.ss_family != AF_INET6)
		return false;
	memcpy(&v6, &a->ss, sizeof v6);
	return IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
}

/* The first descriptor that is kept back: they are given out from the lowest. */
static int first_reserved(void)
{
	struct rlimit l;
	rlim_t reserve;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur > 0x7fffffff)
		return 0x7fffffff;
	reserve = l.rlim_cur / 8 < RESERVE ? l.rlim_cur / 8 : RESERVE;
	return (int)(l.rlim_cur - reserve);
}

/* ----------------------------------------------------------- the accept loop */

static void log_state(const struct listener *l, const char *what, const char *why)
{
	struct buf address = {0};

	address_format(&address, &l->origin.local);
	log_line("%s: %s%s", buf_z(&address), what, why);
	buf_free(&address);
}

/*
 * One line when a shortage begins, one when the backlog has been empty again; but a server
 * at its limit is so many times a second, and says it once in a while.
 */
static void set_scarce(struct listener *l, bool scarce, const char *why)
{
	int64_t now = clock_monotonic_us();

	if (l->scarce == scarce)
		return;
	l->scarce = scarce;
	if (scarce)
		l->told = l->told_us == 0 || now - l->told_us > TOLD_US;
	if (!l->told)
		return;
	l->told_us = now;
	log_state(l, scarce ? "cannot accept every connection for now: " : "accepting again", why);
}

/* While descriptors are few, there is room only below the number of connections that took them. */
static bool has_room(const struct listener *l)
{
	return (l->bound == 0 || conn_table_count(l->table) < l->bound) &&
	    conn_table_room(l->table);
}

/* The system is short of something: try again in a while, ever less often. */
static void starve(struct listener *l, int why)
{
	struct timeval tv;

	set_scarce(l, true, strerror(why));
	conn_table_paused(l->table, true);
	l->pause_ms = l->pause_ms ? l->pause_ms * 2 : PAUSE_MIN_MS;
	if (l->pause_ms > PAUSE_MAX_MS)
		l->pause_ms = PAUSE_MAX_MS;
	tv = (struct timeval){l->pause_ms / 1000, (suseconds_t)(l->pause_ms % 1000 * 1000)};
	l->state = LISTENER_STARVED;
	l->fd_max = first_reserved();
	event_del(&l->readable);
	event_add(&l->timer, &tv);
}

/* What accept4 failed for; a client that left the queue concerns nobody else. */
static bool accept_failed(struct listener *l, int why)
{
	switch (why) {
	case EAGAIN:
		l->bound = 0;
		set_scarce(l, false, "");
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		starve(l, why);
		return false;
	default:
		return true;
	}
}

/*
 * Only the reserve is left, unless the limit was raised meanwhile: what was accepted is
 * served, the next one waits for an end.
 */
static void keep_reserve(struct listener *l, int fd)
{
	l->fd_max = first_reserved();
	if (fd < l->fd_max)
		return;
	set_scarce(l, true, "few file descriptors are left");
	conn_table_paused(l->table, true);
	l->bound = conn_table_count(l->table);
}

/* Accepts one connection. Returns true when there may be more. */
static bool accept_one(struct listener *l)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof peer;
	int fd = accept4(l->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return accept_failed(l, errno);
	l->pause_ms = 0;
	conn_table_accept(l->table, fd, (const struct sockaddr *)&peer, len, &l->origin);
	if (fd >= l->fd_max)
		keep_reserve(l, fd);
	return true;
}

/* Newcomers wait in the backlog until a connection ends. */
static void wait_for_room(struct listener *l)
{
	l->state = LISTENER_FULL;
	event_del(&l->readable);
	if (l->bound > 0 || l->scarce)
		return;
	set_scarce(l, true, "there are as many as the setting connections allows");
	conn_table_paused(l->table, false);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	assert(l->magic == LISTENER_MAGIC);
	for (int i = 0; i < BATCH; i++) {
		if (!has_room(l)) {
			wait_for_room(l);
			return;
		}
		if (!accept_one(l))
			return;
	}
	/* Was that the last one? Then a shortage is over, of which nothing else would tell. */
	l->unsure = l->scarce;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	assert(l->magic == LISTENER_MAGIC);
	l->state = LISTENER_OPEN;
	event_add(&l->readable, NULL);
}

struct listener *listener_new(
    struct event_base *base, struct conn_table *table, int fd, struct conn_origin origin)
{
	struct listener *l = mem_zalloc(1, sizeof *l);

	l->magic = LISTENER_MAGIC;
	l->fd = fd;
	l->fd_max = first_reserved();
	l->table = table;
	l->origin = origin;
	event_assign(&l->readable, base, fd, EV_READ | EV_PERSIST, on_readable, l);
	event_assign(&l->timer, base, -1, 0, on_timer, l);
	if (socket_address(fd, &l->origin.local) && event_add(&l->readable, NULL) == 0) {
		l->origin.any = is_wildcard(&l->origin.local);
		return l;
	}
	l->fd = -1;
	listener_free(l);
	return NULL;
}

void listener_reconfigure(struct listener *l, enum net_security security, struct tls_store *tls)
{
	l->origin.security = security;
	l->origin.tls = tls;
}

void listener_close(struct listener *l)
{
	if (l->state == LISTENER_CLOSED)
		return;
	event_del(&l->readable);
	event_del(&l->timer);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->state = LISTENER_CLOSED;
}

/* Closing resets what the backlog holds, where no other process shares it. */
void listener_drain(struct listener *l)
{
	unsigned left = DRAIN_MAX;

	if (l->state == LISTENER_OPEN)
		while (left-- > 0 && has_room(l) && accept_one(l))
			;
	listener_close(l);
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	listener_close(l);
	l->magic = 0;
	free(l);
}

const struct conn_origin *listener_origin(const struct listener *l)
{
	return &l->origin;
}

/* Also when nobody waits any more, which is how a shortage ends, it looks at once. */
void listener_resume(struct listener *l)
{
	bool again = l->state == LISTENER_OPEN && l->unsure;

	l->unsure = false;
	if (l->state == LISTENER_FULL && has_room(l)) {
		l->state = LISTENER_OPEN;
		event_add(&l->readable, NULL);
		again = true;
	}
	if (again)
		event_active(&l->readable, EV_READ, 0);
}
