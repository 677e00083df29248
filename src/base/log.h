/*
 * log: one line at a time to a file descriptor, escaped and in order.
 *
 * The sink is the one mutable global of the program beside the signal flag:
 * every module may need to say something, and none owns standard error. Lines
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

/* Writes what was collected. What the descriptor will not take is lost and counted. */
void log_flush(void);

/*
 * Appends s so that it can stand in quotes in a log line: controls, DEL, bytes
 * over 0x7f that are not UTF-8, C1, quotation marks and backslashes as \xHH, \" and \\.
 */
void log_escape(struct buf *out, struct str s);

#endif
