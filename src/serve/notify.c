#include "config.h"

#include "serve/notify.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
	int fd; /* owned; a datagram socket that does not block */
	pthread_mutex_t lock;
	bool handed_over; /* under the lock: another process speaks */
};

/* An abstract name begins with a NUL, where the text has "@", and none ends it. */
static bool make_address(struct str name, struct sockaddr_un *a, socklen_t *len)
{
	bool abstract = str_starts(name, STR("@"));

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (name.n < 2 || name.n >= sizeof a->sun_path || !(abstract || name.p[0] == '/'))
		return false;
	memcpy(a->sun_path, name.p, name.n);
	if (abstract)
		a->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.n + !abstract);
	return true;
}

/* A connected socket; or -1 with errno set. */
static int connected_socket(const struct sockaddr_un *a, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0 || connect(fd, (const struct sockaddr *)a, len) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

struct notify *notify_open(struct buf *why)
{
	struct str name = str_of(getenv("NOTIFY_SOCKET"));
	struct sockaddr_un address;
	struct notify *n;
	socklen_t len;
	int fd;

	if (name.n == 0)
		return NULL;
	if (!make_address(name, &address, &len)) {
		buf_printf(why,
		    "NOTIFY_SOCKET is \"%.*s\": it must be an absolute path, or @ and a name, of "
		    "at most %zu bytes",
		    STR_ARGS(name), sizeof address.sun_path - 1);
		return NULL;
	}
	fd = connected_socket(&address, len);
	if (fd < 0) {
		buf_printf(why,
		    "NOTIFY_SOCKET, %.*s, cannot be reached: %s; unset it if nobody "
		    "listens there",
		    STR_ARGS(name), strerror(errno));
		return NULL;
	}
	n = mem_zalloc(1, sizeof *n);
	n->fd = fd;
	pthread_mutex_init(&n->lock, NULL);
	return n;
}

void notify_close(struct notify *n)
{
	if (!n)
		return;
	close(n->fd);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

/*
 * Sends the message and frees it; with last nothing can follow it. What the manager does not take,
 * it does without.
 */
static void say(struct notify *n, struct buf *message, bool last)
{
	if (n) {
		pthread_mutex_lock(&n->lock);
		if (!n->handed_over)
			send(n->fd, message->p, message->len, MSG_NOSIGNAL | MSG_DONTWAIT);
		n->handed_over |= last;
		pthread_mutex_unlock(&n->lock);
	}
	buf_free(message);
}

static void say_text(struct notify *n, const char *text)
{
	struct buf message = {0};

	buf_addz(&message, text);
	say(n, &message, false);
}

void notify_ready(struct notify *n)
{
	say_text(n, "READY=1\n");
}

void notify_reloading(struct notify *n)
{
	struct buf message = {0};

	buf_printf(&message, "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n", clock_monotonic_us());
	say(n, &message, false);
}

void notify_stopping(struct notify *n)
{
	say_text(n, "STOPPING=1\n");
}

void notify_status(struct notify *n, struct str text)
{
	struct buf message = {0};

	buf_addz(&message, "STATUS=");
	for (size_t i = 0; i < text.n; i++)
		buf_addc(&message, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
	buf_addc(&message, '\n');
	say(n, &message, false);
}

void notify_hand_over(struct notify *n, pid_t pid)
{
	struct buf message = {0};

	buf_printf(&message, "MAINPID=%jd\nREADY=1\n", (intmax_t)pid);
	say(n, &message, true);
}

void notify_alive(struct notify *n)
{
	say_text(n, "WATCHDOG=1\n");
}

uint64_t notify_watchdog_us(void)
{
	struct str pid = str_of(getenv("WATCHDOG_PID"));
	uint64_t us, number;

	if (pid.n > 0 && (!str_to_uint(pid, INT64_MAX, &number) || number != (uint64_t)getpid()))
		return 0;
	return str_to_uint(str_of(getenv("WATCHDOG_USEC")), INT64_MAX, &us) ? us : 0;
}
