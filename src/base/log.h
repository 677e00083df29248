/*
 * log: lines in two channels, each to its place, escaped and in order.
 *
 * Messages are what the program has to say, the access log has a line for each
 * request. Both go to standard error until log_open says otherwise.
 *
 * The sinks are the one mutable global of the program: every module may need to
 * say something, and none owns standard error. Lines are collected and written
 * together by log_flush, which the event loop calls once a turn, so that a busy
 * server makes one write for many requests. Every byte that is not printable is
 * escaped here, at the sink, so that no request forges a line or a terminal
 * escape. Safe from any thread.
 *
 * Nothing here blocks or ends the program. Lines that a place does not take (a
 * full disk, a stalled reader, a syslog daemon that is gone) wait in memory, as
 * far as there is room; others are counted as lost, and messages say how many
 * once there is room to say it. No line is ever left half written in between: its
 * rest comes first when the place takes something again. The application ignores
 * SIGPIPE and SIGXFSZ (a file may reach its limit); the log itself leaves signals alone.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"

enum log_channel { LOG_MESSAGES, LOG_ACCESS, LOG_CHANNELS };

/*
 * Sends a channel to another place:
 *
 *     stderr       as it is at the start; lines have no time but what is in them
 *     syslog       the daemon at /dev/log, or syslog:PATH; facility daemon, severity
 *                  notice for messages, info for the access log
 *     off          nowhere; LOG_ACCESS only
 *     other text   that file, appended to, made with mode 0640 if need be; messages
 *                  begin with their time there
 *
 * Two channels with the same place share it, in order. Messages that have not been written
 * yet go to the old place and to the new one. When it fails, the old
 * place stays and why says what is wrong and what to do. A file is opened with the
 * rights of the moment, and links are followed: open it with no more rights than
 * whoever may write to its directory has, or he chooses what is appended to.
 */
bool log_open(enum log_channel channel, struct str where, struct buf *why);

/*
 * Opens all files anew by their paths, as after logrotate has moved them, and
 * connects to syslog anew. From the event loop, not from a signal handler. Where it
 * fails, the old place stays, and a message says so.
 */
void log_reopen(void);

/* A message. One line; the newline is added. At most LOG_LINE_MAX bytes, longer ones are cut. */
#define LOG_LINE_MAX 4096
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line as it is, a message or one of the access log: its maker has escaped it (log_escape). */
void log_text(struct str line);
void log_access(struct str line);

/*
 * Writes what was collected, as far as it is taken; the rest waits for the next
 * call. Waits at most wait_ms for a reader that takes nothing: 0 in the loop,
 * where a reader of the log that stalls must stall nobody else. After an error (no
 * space left, say) a call with 0 tries again once a second.
 */
void log_flush(unsigned wait_ms);

/* How many lines of both channels were lost since the start; for the counters. */
uint64_t log_lost(void);

/*
 * Appends s so that it can stand in quotes in a log line: controls, DEL, bytes
 * over 0x7f that are not UTF-8, C1 and marks of writing direction as \xHH, quotation marks and
 * backslashes as \" and \\.
 */
void log_escape(struct buf *out, struct str s);

#endif
