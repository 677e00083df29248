/*
 * access_log: one line for each request.
 *
 *     2019-11-27T09:30:00Z gemini 192.0.2.0 "gemini://example.org/" 20 2048 0.412
 *
 * Time, protocol (gophers: Gopher over TLS), address as the veil shows it, request,
 * status (Gemini's numbers for both protocols; "-" when there was no reply), bytes
 * sent, milliseconds from accept to the last byte. When the exchange ended in any
 * other way than whole, the reason follows, with a note on it in parentheses. The
 * request is escaped (log_escape), so it cannot forge a line.
 *
 * The same as JSON, an object on each line, where status is null without a reply,
 * and reason and note are absent where there are none:
 *
 *     {"time":"2019-11-27T09:30:00Z","protocol":"gemini","address":"192.0.2.0",
 *     "request":"gemini://example.org/","status":20,"bytes":2048,"ms":0.412}
 *
 * There too the request is text as log_escape makes it, "\x0A" for a newline, so
 * that both forms show the same and no byte is lost that is not UTF-8.
 */
#ifndef SERVE_ACCESS_LOG_H
#define SERVE_ACCESS_LOG_H

#include "net/net.h"
#include "net/veil.h"

enum access_log_format {
	ACCESS_LOG_TEXT,
	ACCESS_LOG_JSON,
	ACCESS_LOG_OFF,
};

struct access_log {
	enum access_log_format format;
	const struct veil *veil; /* borrowed; how addresses are shown */
};

/* Writes a line (log_access). reply is NULL when there was none. Any thread may. */
void access_log_write(const struct access_log *l, const char *protocol, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o);

#endif
