/*
 * bare_gopher: the least a Gopher server can do, see bare.h.
 *
 * Copyright (c) 2026 the digestd authors; the terms are in bare.h.
 */
#include "bare.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A line in two pieces is not joined: enough for a bound. */
static bool read_request(struct bare_conn *c, int fd, bool *more)
{
	char line[BARE_REQUEST_MAX];
	ssize_t n = recv(fd, line, sizeof line, 0);

	c->asked = n > 0 && memchr(line, '\n', (size_t)n);
	*more = n > 0 || (n < 0 && errno == EAGAIN);
	return c->asked;
}

static bool step(struct bare *b, int fd)
{
	struct bare_conn *c = &b->conn[fd];
	bool more;

	if (!c->asked && !read_request(c, fd, &more))
		return more;
	while (c->sent < b->answer_size) {
		ssize_t n = send(fd, b->answer + c->sent, b->answer_size - c->sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN;
		c->sent += (size_t)n;
	}
	return false;
}

int main(int argc, char **argv)
{
	static const struct bare_protocol gopher = {.name = "gopher", .head = "", .step = step};

	return bare_main(&gopher, argc, argv);
}
