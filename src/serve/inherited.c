#include "config.h"

#include "serve/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define ADVICE                                                                                     \
	"write ListenStream=, and FileDescriptorName=gopher or FileDescriptorName=gemini, "        \
	"in its .socket unit"

/* An option of a socket that is a number; -1: it has none, as it is no socket. */
static int option(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

/* What is wrong with it; NULL: nothing. Sets the address. */
static const char *judge(struct inherited_socket *s)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6, AF_UNIX};

	s->address.len = sizeof s->address.ss;
	if (getsockname(s->fd, (struct sockaddr *)&s->address.ss, &s->address.len) != 0)
		return errno == EBADF ? "it is not open" : "it is not a socket";
	if (option(s->fd, SO_TYPE) != SOCK_STREAM)
		return "it is not a stream socket";
	if (option(s->fd, SO_ACCEPTCONN) != 1)
		return "it does not listen (Accept=yes will not do)";
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (s->address.ss.ss_family == families[i])
			return NULL;
	return "it is neither IPv4, IPv6 nor a unix socket";
}

static bool set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static bool take_one(struct inherited_socket *s, struct str name, struct buf *why)
{
	const char *fault = judge(s);

	if (!fault && name.n >= sizeof s->name)
		fault = "its name is too long";
	if (!fault && !set_flags(s->fd))
		fault = strerror(errno);
	if (fault) {
		buf_printf(why, "socket %d (\"%.*s\") was handed over, but %s: " ADVICE, s->fd,
		    STR_ARGS(name), fault);
		return false;
	}
	memcpy(s->name, name.p, name.n);
	return true;
}

/* Takes n sockets; names are parted by colons. */
static bool take_all(struct inherited *out, size_t n, struct str names, struct buf *why)
{
	for (out->n = 0; out->n < n; out->n++) {
		struct inherited_socket *s = &out->sockets[out->n];
		struct str name;

		*s = (struct inherited_socket){.fd = INHERITED_FIRST_FD + (int)out->n};
		if (!str_next_field(&names, ':', &name) || name.n == 0)
			name = STR("unknown");
		if (!take_one(s, name, why))
			return false;
	}
	return true;
}

/* How many there are for this process; false, with the reason in why, when that is said badly. */
static bool count(size_t *n, struct buf *why)
{
	struct str pid = str_of(getenv("LISTEN_PID")), fds = str_of(getenv("LISTEN_FDS"));
	uint64_t number;

	*n = 0;
	if (pid.n == 0 || fds.n == 0)
		return true;
	if (!str_to_uint(pid, INT64_MAX, &number)) {
		buf_printf(why, "LISTEN_PID is \"%.*s\": it must be the number of a process",
		    STR_ARGS(pid));
		return false;
	}
	if (number != (uint64_t)getpid())
		return true;
	if (!str_to_uint(fds, INHERITED_MAX, &number)) {
		buf_printf(why, "LISTEN_FDS is \"%.*s\": at most %u sockets can be handed over",
		    STR_ARGS(fds), INHERITED_MAX);
		return false;
	}
	*n = (size_t)number;
	return true;
}

bool inherited_take(struct inherited *out, struct buf *why)
{
	size_t n;
	bool good;

	out->n = 0;
	good = count(&n, why) && take_all(out, n, str_of(getenv("LISTEN_FDNAMES")), why);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (good)
		return true;
	for (size_t i = 0; i < n; i++)
		close(INHERITED_FIRST_FD + (int)i);
	out->n = 0;
	return false;
}

size_t inherited_close_unused(struct inherited *in, struct buf *why)
{
	size_t unused = 0;

	for (size_t i = 0; i < in->n; i++) {
		struct inherited_socket *s = &in->sockets[i];

		if (s->used || s->fd < 0)
			continue;
		buf_printf(why, "%s\"%s\"", unused++ > 0 ? ", " : "", s->name);
		close(s->fd);
		s->fd = -1;
	}
	if (unused > 0)
		buf_addz(why, " was handed over, but is not used: " ADVICE);
	return unused;
}
