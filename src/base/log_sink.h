/*
 * log_sink: one place where lines go: standard error, a file, or syslog.
 *
 * A sink owns the lines that wait for it and, but for standard error, its
 * descriptor. It writes whole lines, or the rest of one that it could not finish:
 * what a full disk or a stalled reader does not take waits in memory, and is
 * lost only when there is no room left. It never waits longer than it is told. It
 * knows nothing of channels beyond how their lines begin, and no threads: log.c
 * holds the lock.
 */
#ifndef BASE_LOG_SINK_H
#define BASE_LOG_SINK_H

#include "base/log.h"

enum log_sink_kind {
	LOG_SINK_STDERR,
	LOG_SINK_FILE,
	LOG_SINK_SYSLOG,
};

/* All zeros but the fd of standard error: that, with nothing waiting. */
struct log_sink {
	enum log_sink_kind kind;
	int fd;             /* owned but for standard error; -1: syslog is not connected */
	char *where;        /* owned; as it was given to log_sink_open; NULL: standard error */
	struct buf pending; /* lines not written yet; of the first one maybe only the rest */
	uint64_t lost;      /* lines that found no room, until the owner takes the number */
	int64_t retry_us;   /* monotonic; while there is an error, not tried before */
	int error;    /* errno for which it takes nothing; 0: it takes lines, or is just slow */
	bool told;    /* the owner's: the log has said that there is an error */
	bool regular; /* a regular file, whose writes nobody has to make room for */
	bool midline; /* the beginning of the first pending line has been written */
};

/*
 * Opens what log_open says. *s is written anew; on failure it is left alone and
 * why says what is wrong and what to do.
 */
bool log_sink_open(struct log_sink *s, struct str where, struct buf *why);

/* Closes it; what still waits is freed. All zeros after. */
void log_sink_close(struct log_sink *s);

/*
 * Opens the same place anew, and goes on there with what waits, but for the rest
 * of a line that was begun in the old place, which counts as lost. On failure all
 * stays as it was, and why says what is wrong.
 */
bool log_sink_reopen(struct log_sink *s, struct buf *why);

/* True when that is where it goes. */
bool log_sink_is(const struct log_sink *s, struct str where);

/* What messages call it: "standard error", the file, or "syslog". Borrowed. */
const char *log_sink_name(const struct log_sink *s);

/* True when less than half of its memory for lines is in use. */
bool log_sink_has_room(const struct log_sink *s);

/* Collects one line of the channel, with what its lines begin with here. */
void log_sink_add(struct log_sink *s, enum log_channel channel, struct str line);

/*
 * Writes what was collected, as far as it is taken. Waits at most wait_ms for a
 * reader that takes nothing. After an error it tries again in a second, or when
 * wait_ms is not 0.
 */
void log_sink_flush(struct log_sink *s, unsigned wait_ms);

/* Counts what still waits as lost, and drops it. */
void log_sink_give_up(struct log_sink *s);

#endif
