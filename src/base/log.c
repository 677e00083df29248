#include "config.h"

#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
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

void log_text(struct str line)
{
	pthread_mutex_lock(&sink.lock);
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

static void write_all(struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(STDERR_FILENO, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s = str_skip(s, (size_t)n);
	}
}

void log_flush(void)
{
	pthread_mutex_lock(&sink.lock);
	if (sink.lost) {
		buf_printf(&sink.pending, "%llu log lines were lost\n", (unsigned long long)sink.lost);
		sink.lost = 0;
	}
	if (sink.pending.len > 0)
		write_all(buf_str(&sink.pending));
	sink.pending.len = 0;
	pthread_mutex_unlock(&sink.lock);
}

void log_escape(struct buf *out, struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c;
		bool bad;

		n = utf8_decode(str_skip(s, i), &c, &bad);
		if (bad || utf8_is_control(c)) {
			for (size_t k = 0; k < n; k++)
				buf_printf(out, "\\x%02X", (unsigned char)s.p[i + k]);
		} else {
			if (c == '"' || c == '\\')
				buf_addc(out, '\\');
			buf_add(out, str_sub(s, i, i + n));
		}
	}
}
