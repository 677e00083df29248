#include "config.h"

#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Newcomers that the system holds for us; it may hold fewer. */
#define BACKLOG 4096

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

static int new_socket(const struct net_address *a)
{
	return socket(a->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A bound socket, or -1. TCP_NODELAY is inherited by what is accepted from it. */
static int bound_socket(const struct net_address *a, bool reuseport)
{
	int fd = new_socket(a);

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

/* ------------------------------------------------------------------------- unix sockets */

static struct sockaddr_un as_unix(const struct net_address *a)
{
	struct sockaddr_un sa;

	memcpy(&sa, &a->ss, sizeof sa);
	return sa;
}

/* True when the path is a socket at which nobody listens any more. */
static bool is_stale(const struct net_address *a)
{
	struct sockaddr_un sa = as_unix(a);
	struct stat st;
	bool refused;
	int fd;

	if (lstat(sa.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = new_socket(a);
	if (fd < 0)
		return false;
	refused =
	    connect(fd, (const struct sockaddr *)&a->ss, a->len) != 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bound_unix(const struct net_address *a, mode_t mode)
{
	struct sockaddr_un sa = as_unix(a);
	int fd = new_socket(a), bound;
	mode_t before;

	if (fd < 0)
		return -1;
	if (is_stale(a))
		unlink(sa.sun_path);
	before = umask(0777 & ~mode);
	bound = bind(fd, (const struct sockaddr *)&a->ss, a->len);
	umask(before);
	return bound == 0 ? fd : close_keeping_errno(fd);
}

int socket_listen(const struct net_address *a, enum socket_share share, mode_t mode)
{
	int fd;

	if (a->ss.ss_family == AF_UNIX)
		fd = bound_unix(a, mode);
	else if (share == SOCKET_FIRST && !port_is_free(a))
		fd = -1;
	else
		fd = bound_socket(a, share != SOCKET_ALONE);
	if (fd < 0)
		return -1;
	return listen(fd, BACKLOG) == 0 ? fd : close_keeping_errno(fd);
}

void socket_bound_sending(int fd, unsigned bytes)
{
	int n = bytes > INT32_MAX ? INT32_MAX : (int)bytes;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &n, sizeof n);
}

bool socket_address(int fd, struct net_address *out)
{
	memset(out, 0, sizeof *out);
	out->len = sizeof out->ss;
	return getsockname(fd, (struct sockaddr *)&out->ss, &out->len) == 0;
}
