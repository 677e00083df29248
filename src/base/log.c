#include "config.h"

#include "base/log.h"
#include "base/log_sink.h"
#include "base/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* One for each channel, and one that takes over from another. */
#define SINKS (LOG_CHANNELS + 1)

static struct {
	pthread_mutex_t lock;
	struct log_sink sinks[SINKS];      /* those not in use are all zeros */
	struct log_sink *of[LOG_CHANNELS]; /* where each goes, in sinks; NULL: nowhere */
	uint64_t lost;                     /* lines, of those that messages tell of */
} logs = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .sinks = {{.fd = STDERR_FILENO}},
    .of = {&logs.sinks[0], &logs.sinks[0]},
};

/* Says how many lines a sink has lost, once it has room again and there is room to say it. */
static void admit(struct log_sink *s)
{
	struct log_sink *messages = logs.of[LOG_MESSAGES];
	struct buf line = {0};

	if (s->lost == 0 || !log_sink_has_room(s) || !log_sink_has_room(messages))
		return;
	buf_printf(&line, "%llu log lines ", (unsigned long long)s->lost);
	if (s != messages) {
		buf_addz(&line, "for ");
		utf8_clean(&line, str_of(log_sink_name(s)));
		buf_addc(&line, ' ');
	}
	buf_addz(&line, "were lost");
	logs.lost += s->lost;
	s->lost = 0;
	log_sink_add(messages, LOG_MESSAGES, buf_str(&line));
	buf_free(&line);
}

static void admit_losses(void)
{
	for (size_t i = 0; i < SINKS; i++)
		admit(&logs.sinks[i]);
}

static void add(enum log_channel channel, struct str line)
{
	admit_losses();
	if (logs.of[channel])
		log_sink_add(logs.of[channel], channel, line);
}

static void add_locked(enum log_channel channel, struct str line)
{
	pthread_mutex_lock(&logs.lock);
	add(channel, line);
	pthread_mutex_unlock(&logs.lock);
}

void log_text(struct str line)
{
	add_locked(LOG_MESSAGES, line);
}

void log_access(struct str line)
{
	add_locked(LOG_ACCESS, line);
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

/* A message, by one who has the lock. */
static void say(const struct buf *text)
{
	struct buf line = {0};

	utf8_clean(&line, buf_str(text));
	add(LOG_MESSAGES, buf_str(&line));
	buf_free(&line);
}

/* Says so when a sink has begun to refuse lines or to take them again. */
static void tell_of_errors(struct log_sink *s)
{
	struct buf text = {0};

	if (s->told == (s->error != 0))
		return;
	s->told = s->error != 0;
	buf_printf(&text, "log: %s takes ", log_sink_name(s));
	if (s->told)
		buf_printf(&text, "no lines: %s; they wait in memory while there is room",
		    strerror(s->error));
	else
		buf_addz(&text, "lines again");
	say(&text);
	buf_free(&text);
}

/* The sink of messages comes last, so that what is said of another goes out at once. */
static void flush_all(unsigned wait_ms)
{
	struct log_sink *messages = logs.of[LOG_MESSAGES], *access = logs.of[LOG_ACCESS];

	if (access && access != messages) {
		log_sink_flush(access, wait_ms);
		tell_of_errors(access);
	}
	log_sink_flush(messages, wait_ms);
	tell_of_errors(messages);
}

void log_flush(unsigned wait_ms)
{
	pthread_mutex_lock(&logs.lock);
	do {
		admit_losses();
		flush_all(wait_ms);
	} while (logs.of[LOG_MESSAGES]->lost > 0 && logs.of[LOG_MESSAGES]->pending.len == 0);
	pthread_mutex_unlock(&logs.lock);
}

uint64_t log_lost(void)
{
	uint64_t lost;

	pthread_mutex_lock(&logs.lock);
	lost = logs.lost;
	for (size_t i = 0; i < SINKS; i++)
		lost += logs.sinks[i].lost;
	pthread_mutex_unlock(&logs.lock);
	return lost;
}

/* ---------------------------------------------------------------------------------- places */

static bool in_use(const struct log_sink *s)
{
	return s == logs.of[LOG_MESSAGES] || s == logs.of[LOG_ACCESS];
}

static struct log_sink *free_sink(void)
{
	struct log_sink *s = logs.sinks;

	while (in_use(s))
		s++;
	return s;
}

/* The channel goes to another sink from now on, or nowhere. */
static void redirect(enum log_channel channel, struct log_sink *to)
{
	struct log_sink *from = logs.of[channel];

	logs.of[channel] = to;
	if (!from || in_use(from))
		return;
	log_sink_flush(from, 0);
	log_sink_give_up(from);
	admit(from);
	logs.lost += from->lost;
	log_sink_close(from);
}

static bool has_place(enum log_channel channel, struct str where)
{
	return logs.of[channel] && log_sink_is(logs.of[channel], where);
}

/* What has not been written yet is for both: a file has the whole start then. */
static void repeat(const struct log_sink *from, struct log_sink *to)
{
	struct str rest = buf_str(&from->pending), line;

	while (!from->midline && str_next_line(&rest, &line))
		log_sink_add(to, LOG_MESSAGES, line);
}

static bool open_locked(enum log_channel channel, struct str where, struct buf *why)
{
	enum log_channel other = channel == LOG_MESSAGES ? LOG_ACCESS : LOG_MESSAGES;
	struct log_sink *fresh;

	if (has_place(channel, where))
		return true;
	if (channel == LOG_ACCESS && str_eq(where, STR("off"))) {
		redirect(channel, NULL);
		return true;
	}
	if (has_place(other, where)) {
		redirect(channel, logs.of[other]);
		return true;
	}
	fresh = free_sink();
	if (!log_sink_open(fresh, where, why))
		return false;
	if (channel == LOG_MESSAGES)
		repeat(logs.of[channel], fresh);
	redirect(channel, fresh);
	return true;
}

bool log_open(enum log_channel channel, struct str where, struct buf *why)
{
	bool opened;

	if (where.n == 0 || (channel == LOG_MESSAGES && str_eq(where, STR("off")))) {
		buf_addz(why, "the log has to go somewhere: stderr, syslog or a file");
		return false;
	}
	pthread_mutex_lock(&logs.lock);
	opened = open_locked(channel, where, why);
	pthread_mutex_unlock(&logs.lock);
	return opened;
}

static void reopen(struct log_sink *s)
{
	struct buf why = {0};

	if (!log_sink_reopen(s, &why)) {
		buf_addz(&why, "; it goes on where it was");
		say(&why);
	}
	buf_free(&why);
}

void log_reopen(void)
{
	pthread_mutex_lock(&logs.lock);
	flush_all(0);
	for (size_t i = 0; i < SINKS; i++)
		if (in_use(&logs.sinks[i]))
			reopen(&logs.sinks[i]);
	pthread_mutex_unlock(&logs.lock);
}

/* -------------------------------------------------------------------------------- escaping */

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
