#include "config.h"

#include "net/listener.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define LISTENER_MAGIC 0x6c737472u

/* Newcomers that the system holds for us; it may hold fewer. */
#define BACKLOG 4096

/* Connections accepted before the others get their turn. */
#define BATCH 32

/* Descriptors left for files, logs and the resolver when connections use up the rest. */
#define RESERVE 32

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
	bool scarce;               /* a shortage has been logged, and not yet its end */
	unsigned bound;            /* most connections while descriptors are few; 0: they are not */
	struct conn_table *table;  /* borrowed */
	struct conn_origin origin; /* of the connections accepted here */
	struct event readable;
	struct event timer; /* runs while starved */
};

/* -------------------------------------------------------------- the socket */

static int set_option(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof on);
}

static int close_keeping_errno(int fd)
{
	int e = errno;

	close(fd);
	errno = e;
	return -1;
}

/* A bound socket, or -1. TCP_NODELAY is inherited by what is accepted from it. */
static int bound_socket(const struct net_address *a, bool reuseport)
{
	int fd = socket(a->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (set_option(fd, SOL_SOCKET, SO_REUSEADDR) != 0 ||
	    set_option(fd, IPPROTO_TCP, TCP_NODELAY) != 0 ||
	    (a->ss.ss_family == AF_INET6 && set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) != 0) ||
	    (reuseport && set_option(fd, SOL_SOCKET, SO_REUSEPORT) != 0) ||
	    bind(fd, (const struct sockaddr *)&a->ss, a->len) != 0)
		return close_keeping_errno(fd);
	return fd;
}

/*
 * SO_REUSEPORT would share the port with any process of the same user that
 * sets it too. So the first of ours asks for the port alone before it shares.
 */
static bool port_is_free(const struct net_address *a)
{
	int fd = bound_socket(a, false);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int listening_socket(const struct net_address *a, enum net_share share)
{
	int fd;

	if (share == NET_FIRST && !port_is_free(a))
		return -1;
	fd = bound_socket(a, share != NET_ALONE);
	if (fd < 0)
		return -1;
	return listen(fd, BACKLOG) == 0 ? fd : close_keeping_errno(fd);
}

static bool is_wildcard(const struct net_address *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->ss.ss_family == AF_INET) {
		memcpy(&v4, &a->ss, sizeof v4);
		return v4.sin_addr.s_addr == htonl(INADDR_ANY);
	}
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

/* One line when a shortage begins, one when the backlog has been empty again. */
static void set_scarce(struct listener *l, bool scarce, const char *why)
{
	if (l->scarce == scarce)
		return;
	l->scarce = scarce;
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

/* Only the reserve is left: what was accepted is served, the next one waits for an end. */
static void keep_reserve(struct listener *l)
{
	set_scarce(l, true, "few file descriptors are left");
	l->fd_max = first_reserved();
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
		keep_reserve(l);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	assert(l->magic == LISTENER_MAGIC);
	for (int i = 0; i < BATCH; i++) {
		if (!has_room(l)) {
			l->state = LISTENER_FULL;
			event_del(&l->readable);
			return;
		}
		if (!accept_one(l))
			return;
	}
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

struct listener *listener_new(struct event_base *base, struct conn_table *table,
    const struct net_address *address, enum net_share share, struct conn_origin origin)
{
	int fd = listening_socket(address, share);
	struct listener *l;

	if (fd < 0)
		return NULL;
	l = mem_zalloc(1, sizeof *l);
	l->magic = LISTENER_MAGIC;
	l->fd = fd;
	l->fd_max = first_reserved();
	l->table = table;
	l->origin = origin;
	l->origin.any = is_wildcard(address);
	l->origin.local.len = sizeof l->origin.local.ss;
	event_assign(&l->readable, base, fd, EV_READ | EV_PERSIST, on_readable, l);
	event_assign(&l->timer, base, -1, 0, on_timer, l);
	if (getsockname(fd, (struct sockaddr *)&l->origin.local.ss, &l->origin.local.len) == 0 &&
	    event_add(&l->readable, NULL) == 0)
		return l;
	listener_free(l);
	return NULL;
}

void listener_close(struct listener *l)
{
	if (l->state == LISTENER_CLOSED)
		return;
	event_del(&l->readable);
	event_del(&l->timer);
	close_keeping_errno(l->fd);
	l->fd = -1;
	l->state = LISTENER_CLOSED;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	listener_close(l);
	l->magic = 0;
	free(l);
}

const struct net_address *listener_address(const struct listener *l)
{
	return &l->origin.local;
}

void listener_resume(struct listener *l)
{
	if (l->state != LISTENER_FULL || !has_room(l))
		return;
	l->state = LISTENER_OPEN;
	event_add(&l->readable, NULL);
}
