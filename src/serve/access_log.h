/*
 * access_log: one line for each request.
 *
 *     2019-11-27T09:30:00Z gemini 192.0.2.7 "gemini://example.org/" 20 2048 0.412
 *
 * Time, protocol (gophers: Gopher over TLS), address, request, status (Gemini's
 * numbers for both protocols; "-" when there was no reply), bytes sent,
 * milliseconds from accept to the last byte. When the exchange ended in any other
 * way than whole, the reason follows. The request is escaped (log_escape), so it
 * cannot forge a line.
 */
#ifndef SERVE_ACCESS_LOG_H
#define SERVE_ACCESS_LOG_H

#include "net/net.h"

/* reply is NULL when there was none. */
void access_log_write(const char *protocol, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o);

#endif
