#include "config.h"

#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>

/* Most bytes read and thrown away after the request. */
#define DISCARD_MAX ((size_t)1024 * 1024)

enum stream_result stream_receive(struct stream *s, char *p, size_t n, size_t *got)
{
	ssize_t r;

	do {
		r = recv(s->fd, p, n, 0);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? STREAM_AGAIN : STREAM_FAILED;
	*got = (size_t)r;
	s->ended = r == 0;
	s->heard |= r > 0;
	return s->ended ? STREAM_EOF : STREAM_OK;
}

enum stream_result stream_discard(struct stream *s)
{
	char junk[16 * 1024];
	enum stream_result r = s->ended ? STREAM_EOF : STREAM_OK;

	while (r == STREAM_OK && s->discarded < DISCARD_MAX) {
		size_t n = 0;

		r = stream_receive(s, junk, sizeof junk, &n);
		s->discarded += (uint32_t)n;
	}
	return r;
}

void stream_abort(struct stream *s)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}
