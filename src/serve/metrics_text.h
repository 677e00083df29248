/*
 * metrics_text: the counters in the text format that Prometheus reads (0.0.4).
 *
 * Pure: counters in, bytes out. It owns the names of the metrics, which are an
 * interface that dashboards and alerts stand on: all begin with "digestd_", what
 * only grows ends in "_total", times are in seconds and sizes in bytes. Workers are
 * summed: how the work is shared among them is nobody's business outside. Of the
 * statuses only those that have been answered are shown.
 */
#ifndef SERVE_METRICS_TEXT_H
#define SERVE_METRICS_TEXT_H

#include "serve/counters.h"

/* What Content-Type says of it. */
#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* The connections that are in one state now. */
struct metrics_state {
	const char *name;
	uint64_t connections;
};

/* A certificate that is in use. */
struct metrics_certificate {
	struct str host; /* whose it is */
	int64_t expires; /* its last second, since 1970 */
};

/* Everything that is shown. All of it is borrowed for the call. */
struct metrics_view {
	const char *version;                   /* of this program */
	const struct counters *const *workers; /* one for each */
	size_t nworkers;
	const struct counters_process *process;
	const struct metrics_state *states; /* all workers' connections together */
	size_t nstates;
	const struct metrics_certificate *certificates; /* each host once */
	size_t ncertificates;
};

/* Appends all metrics. */
void metrics_text_write(struct buf *out, const struct metrics_view *v);

#endif
