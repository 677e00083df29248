/*
 * metrics: the private HTTP listener, for whoever watches over the server.
 *
 * GET or HEAD of /metrics and of /healthz, and nothing else. It lives in the event
 * loop of one worker and owns its listening socket and what is accepted from it;
 * its clients are few, and each is served once, within METRICS_DEADLINE_MS. It
 * listens on loopback or a unix socket only (address_is_private), never where
 * readers come. It does not know what is counted: its text is made by the source.
 */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "net/address.h"

struct event_base;

/* At once; more wait in the backlog. */
#define METRICS_CONNECTIONS 16

/* From accept to the last byte of the reply. */
#define METRICS_DEADLINE_MS 5000

/* Bytes of a request's first line, and again of its headers. A body it may not have. */
#define METRICS_HEADERS_MAX 4096

/* Where the answers come from. Called in the loop; must not block. */
struct metrics_source {
	void *context; /* handed back; borrowed */
	/* Appends what /metrics says (metrics_text.h). */
	void (*write)(void *context, struct buf *out);
	/*
	 * Whether new readers should be sent here. If not, appends why ("draining").
	 * A reload that failed is no reason: the last good state serves on, and taking
	 * a server away for an error in the content would make an outage of a slip. That
	 * is what reloads_total and the log are for.
	 */
	bool (*healthy)(void *context, struct buf *why);
};

struct metrics;

/*
 * Serves on fd, which listens already and is taken over, whatever comes of it; the
 * source is copied. The base must outlive it. NULL, with the reason appended to why,
 * when the system refuses. The application ignores SIGPIPE. A unix socket's path is
 * the caller's to remove.
 */
struct metrics *metrics_new(
    struct event_base *base, int fd, const struct metrics_source *source, struct buf *why);

/* Closes everything. From the loop's own thread or when it does not run; NULL is allowed. */
void metrics_free(struct metrics *m);

#endif
