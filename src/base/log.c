#include "config.h"

#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Collected but not yet written lines never take more than this. */
#define PENDING_MAX ((size_t)1024 * 1024)

static struct {
	pthread_mutex_t lock;
	struct buf pending; /* whole lines */
	uint64_t lost;      /* lines that found no room since the last flush */
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Says how many lines were lost, as soon as there is room to say it. */
static void admit_losses(void)
{
	if (sink.lost == 0 || sink.pending.len > PENDING_MAX / 2)
		return;
	buf_printf(&sink.pending, "%llu log lines were lost\n", (unsigned long long)sink.lost);
	sink.lost = 0;
}

void log_text(struct str line)
{
	pthread_mutex_lock(&sink.lock);
	admit_losses();
	if (sink.pending.len + line.n + 1 > PENDING_MAX) {
		sink.lost++;
	} else {
		buf_add(&sink.pending, line);
		buf_addc(&sink.pending, '\n');
	}
	pthread_mutex_unlock(&sink.lock);
}

void log_line(const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	struct buf line = {0};
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	utf8_clean(&line, str_of(text));
	log_text(buf_str(&line));
	buf_free(&line);
}

/*
 * Whole lines, no more than a pipe takes without waiting once poll says it takes
 * something. O_NONBLOCK would do it too, but belongs to whoever else has the
 * descriptor.
 */
static struct str next_write(struct str s)
{
	size_t n = PIPE_BUF;

	if (s.n <= PIPE_BUF)
		return s;
	while (n > 0 && s.p[n - 1] != '\n')
		n--;
	return str_sub(s, 0, n > 0 ? n : PIPE_BUF);
}

/* Writes as much of s as the descriptor takes; returns how much. */
static size_t write_some(struct str s, int wait_ms)
{
	struct pollfd to = {.fd = STDERR_FILENO, .events = POLLOUT};
	size_t done = 0;

	while (done < s.n && poll(&to, 1, wait_ms) == 1) {
		struct str piece = next_write(str_skip(s, done));
		ssize_t n = write(STDERR_FILENO, piece.p, piece.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

void log_flush(unsigned wait_ms)
{
	pthread_mutex_lock(&sink.lock);
	do {
		admit_losses();
		buf_drop(&sink.pending, write_some(buf_str(&sink.pending), (int)wait_ms));
	} while (sink.lost > 0 && sink.pending.len == 0);
	pthread_mutex_unlock(&sink.lock);
}

/* Marks that reorder what follows them, and could make a line read as another. */
static bool turns_text(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

void log_escape(struct buf *out, struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c;
		bool bad;

		n = utf8_decode(str_skip(s, i), &c, &bad);
		if (bad || utf8_is_control(c) || turns_text(c)) {
			for (size_t k = 0; k < n; k++)
				buf_printf(out, "\\x%02X", (unsigned char)s.p[i + k]);
		} else {
			if (c == '"' || c == '\\')
				buf_addc(out, '\\');
			buf_add(out, str_sub(s, i, i + n));
		}
	}
}
