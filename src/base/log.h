/*
 * log: one line at a time to a file descriptor, escaped and in order.
 *
 * The sink is the one mutable global of the program: every module may need to
 * say something, and none owns standard error. Lines
 * are collected and written together by log_flush, which the event loop calls
 * once a turn, so that a busy server makes one write for many requests. Every
 * byte that is not printable is escaped here, at the sink, so that no request
 * forges a line or a terminal escape. Safe from any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"

/* One line; the newline is added. At most LOG_LINE_MAX bytes, longer ones are cut. */
#define LOG_LINE_MAX 4096
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line as it is: its maker has escaped it already (log_escape). */
void log_text(struct str line);

/*
 * Writes what was collected, as far as the descriptor takes it; the rest waits
 * for the next call. Waits at most wait_ms for a descriptor that takes nothing:
 * 0 in the loop, where a reader of the log that stalls must stall nobody else.
 * Lines that find no room meanwhile are counted, and the log says how many.
 */
void log_flush(unsigned wait_ms);

/*
 * Appends s so that it can stand in quotes in a log line: controls, DEL, bytes
 * over 0x7f that are not UTF-8, C1 and marks of writing direction as \xHH, quotation marks and
 * backslashes as \" and \\.
 */
void log_escape(struct buf *out, struct str s);

#endif
