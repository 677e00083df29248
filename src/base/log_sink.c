#include "config.h"

#include "base/log_sink.h"
#include "base/clock.h"
#include "base/date.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Lines that wait never take more than this. */
#define PENDING_MAX ((size_t)1024 * 1024)

/*
 * After an error. Some file systems work long to find that they are full, so not
 * every turn of the loop asks.
 */
#define RETRY_US 1000000

/* The owner reads and writes, the group reads. */
#define FILE_MODE 0640

/* Where the system's syslog daemon listens, unless "syslog:PATH" says. */
#define SYSLOG_SOCKET "/dev/log"

/* RFC 3164 s4.1.1: facility 3 (daemon) times 8, and the severity. */
#define SYSLOG_NOTICE (3 * 8 + 5)
#define SYSLOG_INFO (3 * 8 + 6)

struct kind {
	/* Opens s->where; NULL: it is always open. On failure errno says why. */
	bool (*open)(struct log_sink *s);

	/* Writes some of those bytes, waiting at most wait_ms; returns how many, and sets s->error. */
	size_t (*write)(struct log_sink *s, struct str lines, int wait_ms);

	/* What a line begins with. */
	void (*begin)(struct buf *out, enum log_channel channel);

	const char *advice; /* when open has failed */
};

static bool means_wait(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

/* ---------------------------------------------------------------- standard error and files */

/*
 * Whole lines. What may be a pipe gets no more than a pipe takes without waiting
 * once poll says it takes something: O_NONBLOCK would do it too, but on standard
 * error it belongs to whoever else has the descriptor.
 */
static struct str next_write(const struct log_sink *s, struct str lines)
{
	size_t n = PIPE_BUF;

	if (s->regular || lines.n <= PIPE_BUF)
		return lines;
	while (n > 0 && lines.p[n - 1] != '\n')
		n--;
	return str_sub(lines, 0, n > 0 ? n : PIPE_BUF);
}

/* Milliseconds until then; 0 when it is past. */
static int ms_until(int64_t until_us)
{
	int64_t left = until_us - clock_monotonic_us();

	return left > 0 ? (int)(left / 1000) : 0;
}

static size_t stream_write(struct log_sink *s, struct str lines, int wait_ms)
{
	int64_t until_us = clock_monotonic_us() + (int64_t)wait_ms * 1000;
	struct pollfd to = {.fd = s->fd, .events = POLLOUT};
	size_t done = 0;

	while (done < lines.n && poll(&to, 1, ms_until(until_us)) == 1) {
		struct str piece = next_write(s, str_skip(lines, done));
		ssize_t n = write(s->fd, piece.p, piece.n);

		if (n < 0 && errno == EINTR)
			continue;
		s->error = n < 0 && !means_wait(errno) ? errno : 0;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Who reads standard error knows the time: the journal, a supervisor, a person. */
static void nothing(struct buf *out, enum log_channel channel)
{
	(void)out;
	(void)channel;
}

/* The access log's lines have their time already. */
static void begin_file(struct buf *out, enum log_channel channel)
{
	struct date now = date_of_instant(clock_wall());

	if (channel != LOG_MESSAGES)
		return;
	date_rfc3339(out, &now);
	buf_addc(out, ' ');
}

/* True when the file's last line has no end: whoever wrote it found no room for more. */
static bool ends_midline(const char *path, off_t size)
{
	int fd = size > 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	char last = '\n';
	bool midline;

	if (fd < 0)
		return false;
	midline = pread(fd, &last, 1, size - 1) == 1 && last != '\n';
	close(fd);
	return midline;
}

/*
 * Links are followed: operators point logs at other disks, and at /dev/stdout. A
 * FIFO that nobody reads is an error, not a wait for its reader (O_NONBLOCK).
 */
static bool open_file(struct log_sink *s)
{
	struct stat st;

	s->fd = open(
	    s->where, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, FILE_MODE);
	if (s->fd < 0)
		return false;
	s->regular = fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (s->regular && ends_midline(s->where, st.st_size))
		buf_addc(&s->pending, '\n');
	return true;
}

/* ------------------------------------------------------------------------------------ syslog */

/*
 * Not syslog(3): where the daemon is slow, it blocks its caller, and where it is
 * gone, it loses lines without a word.
 */

static const char *syslog_socket(const struct log_sink *s)
{
	const char *colon = strchr(s->where, ':');

	return colon ? colon + 1 : SYSLOG_SOCKET;
}

static bool connect_syslog(struct log_sink *s)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *path = syslog_socket(s);

	s->fd = -1;
	if (strlen(path) >= sizeof to.sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(to.sun_path, path, strlen(path));
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *)&to, sizeof to) != 0) {
		int error = errno;

		close(s->fd);
		s->fd = -1;
		errno = error;
	}
	return s->fd >= 0;
}

static bool open_syslog(struct log_sink *s)
{
	time_t now = 0;
	struct tm t;

	localtime_r(&now, &t); /* reads the time zone, once, while its file is within reach */
	return connect_syslog(s);
}

/* One datagram. False with errno set. */
static bool send_once(struct log_sink *s, struct str line, int wait_ms)
{
	struct pollfd to = {.fd = s->fd, .events = POLLOUT};
	ssize_t n;

	if (wait_ms > 0)
		poll(&to, 1, wait_ms);
	do {
		n = send(s->fd, line.p, line.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n >= 0;
}

/* Sends it, to the daemon's successor if there is one; false when it has to wait. */
static bool send_line(struct log_sink *s, struct str line, int wait_ms)
{
	bool sent = s->fd >= 0 && send_once(s, line, wait_ms);

	if (!sent && (s->fd < 0 || !(means_wait(errno) || errno == EMSGSIZE))) {
		if (s->fd >= 0)
			close(s->fd);
		sent = connect_syslog(s) && send_once(s, line, wait_ms);
	}
	if (!sent && s->fd >= 0 && errno == EMSGSIZE) {
		s->lost++; /* it would never go */
		sent = true;
	}
	s->error = sent || means_wait(errno) ? 0 : errno;
	return sent;
}

static size_t syslog_write(struct log_sink *s, struct str lines, int wait_ms)
{
	size_t done = 0;

	while (done < lines.n) {
		struct str rest = str_skip(lines, done);
		struct str line = str_sub(rest, 0, str_index(rest, '\n'));

		if (!send_line(s, line, wait_ms))
			break;
		done += line.n + 1;
	}
	return done;
}

/* As the C library writes it: RFC 3164 s4.1.2 in local time, without the name of the host. */
static void begin_syslog(struct buf *out, enum log_channel channel)
{
	int priority = channel == LOG_MESSAGES ? SYSLOG_NOTICE : SYSLOG_INFO;
	time_t now = (time_t)clock_wall();
	struct tm t = {0};

	localtime_r(&now, &t);
	buf_printf(out, "<%d>%.3s %2d %02d:%02d:%02d digestd[%ld]: ", priority,
	    date_month_name(t.tm_mon + 1), t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
	    (long)getpid());
}

/* ---------------------------------------------------------------------------------- the sink */

static const struct kind kinds[] = {
    [LOG_SINK_STDERR] = {NULL, stream_write, nothing, NULL},
    [LOG_SINK_FILE] = {open_file, stream_write, begin_file,
	"its directory has to be there, and this user has to be allowed to write"},
    [LOG_SINK_SYSLOG] = {open_syslog, syslog_write, begin_syslog,
	"is a syslog daemon running? \"stderr\" needs none"},
};

static enum log_sink_kind kind_of(struct str where)
{
	if (str_eq(where, STR("stderr")))
		return LOG_SINK_STDERR;
	if (str_eq(where, STR("syslog")) || str_starts(where, STR("syslog:")))
		return LOG_SINK_SYSLOG;
	return LOG_SINK_FILE;
}

bool log_sink_open(struct log_sink *s, struct str where, struct buf *why)
{
	struct log_sink fresh = {.kind = kind_of(where), .fd = STDERR_FILENO};
	const struct kind *kind = &kinds[fresh.kind];
	struct buf copy = {0};

	buf_add(&copy, where);
	buf_z(&copy);
	fresh.where = buf_detach(&copy, NULL);
	if (kind->open && !kind->open(&fresh)) {
		buf_printf(why, "the log cannot go to %s: %s; %s", fresh.where, strerror(errno),
		    kind->advice);
		free(fresh.where);
		return false;
	}
	*s = fresh;
	return true;
}

void log_sink_close(struct log_sink *s)
{
	if (s->kind != LOG_SINK_STDERR && s->fd >= 0)
		close(s->fd);
	buf_free(&s->pending);
	free(s->where);
	*s = (struct log_sink){0};
}

/* The rest of a line whose beginning is elsewhere is of no use. */
static void drop_rest_of_line(struct log_sink *s)
{
	if (!s->midline)
		return;
	buf_drop(&s->pending, str_index(buf_str(&s->pending), '\n') + 1);
	s->midline = false;
	s->lost++;
}

static bool same_file(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
	    one.st_ino == other.st_ino;
}

bool log_sink_reopen(struct log_sink *s, struct buf *why)
{
	struct log_sink fresh;

	if (!kinds[s->kind].open)
		return true;
	if (!log_sink_open(&fresh, str_of(s->where), why))
		return false;
	s->retry_us = 0;
	if (s->fd >= 0 && same_file(s->fd, fresh.fd)) {
		log_sink_close(&fresh);
		return true;
	}
	drop_rest_of_line(s);
	buf_add(&fresh.pending, buf_str(&s->pending));
	fresh.lost = s->lost;
	fresh.error = s->error;
	fresh.told = s->told;
	log_sink_close(s);
	*s = fresh;
	return true;
}

bool log_sink_is(const struct log_sink *s, struct str where)
{
	return str_eq(where, s->where ? str_of(s->where) : STR("stderr"));
}

const char *log_sink_name(const struct log_sink *s)
{
	return s->kind == LOG_SINK_STDERR ? "standard error" : s->where;
}

bool log_sink_has_room(const struct log_sink *s)
{
	return s->pending.len <= PENDING_MAX / 2;
}

void log_sink_add(struct log_sink *s, enum log_channel channel, struct str line)
{
	size_t before = s->pending.len;

	kinds[s->kind].begin(&s->pending, channel);
	buf_add(&s->pending, line);
	buf_addc(&s->pending, '\n');
	if (s->pending.len > PENDING_MAX) {
		s->pending.len = before;
		s->lost++;
	}
}

void log_sink_flush(struct log_sink *s, unsigned wait_ms)
{
	size_t n;

	if (s->pending.len == 0)
		return;
	if (s->error && wait_ms == 0 && clock_monotonic_us() < s->retry_us)
		return;
	n = kinds[s->kind].write(s, buf_str(&s->pending), (int)wait_ms);
	if (n > 0)
		s->midline = s->pending.p[n - 1] != '\n';
	buf_drop(&s->pending, n);
	if (s->error)
		s->retry_us = clock_monotonic_us() + RETRY_US;
}

void log_sink_give_up(struct log_sink *s)
{
	for (size_t i = 0; i < s->pending.len; i++)
		s->lost += s->pending.p[i] == '\n';
	buf_free(&s->pending);
}
