#include "config.h"

#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

static enum stream_result plain_read(struct stream *s, char *p, size_t n, size_t *got)
{
	if (s->first.n == 0)
		return stream_receive(s, p, n, got);
	*got = n < s->first.n ? n : s->first.n;
	memcpy(p, s->first.p, *got);
	s->first = str_skip(s->first, *got);
	return STREAM_OK;
}

/* The last bytes wait (MSG_MORE) for the FIN that follows at once, so that one packet has both. */
static enum stream_result plain_write(
    struct stream *s, struct str head, struct str body, bool last, size_t *taken)
{
	struct iovec v[2] = {stream_vector(head), stream_vector(body)};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	ssize_t r;

	*taken = 0;
	do {
		r = sendmsg(s->fd, &m, MSG_NOSIGNAL | (last ? MSG_MORE : 0));
	} while (r < 0 && errno == EINTR);
	if (r < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
		return STREAM_FAILED;
	*taken = r < 0 ? 0 : (size_t)r;
	s->blocked = *taken < head.n + body.n;
	return s->blocked ? STREAM_AGAIN : STREAM_OK;
}

static enum stream_result plain_finish(struct stream *s)
{
	s->blocked = false;
	return shutdown(s->fd, SHUT_WR) == 0 ? STREAM_OK : STREAM_FAILED;
}

static bool plain_speaks(const struct stream *s)
{
	(void)s;
	return false;
}

static const char *plain_sni(const struct stream *s)
{
	(void)s;
	return NULL;
}

static void plain_release(struct stream *s)
{
	(void)s;
}

const struct stream_kind stream_plain = {
    .read = plain_read,
    .write = plain_write,
    .finish = plain_finish,
    .speaks = plain_speaks,
    .sni = plain_sni,
    .release = plain_release,
    .piece = (size_t)64 * 1024,
};
