#include "config.h"

#include "serve/metrics_text.h"

#include <inttypes.h>

#define PREFIX "digestd_"
#define SECOND UINT64_C(1000000) /* in microseconds */

/* Begins a metric: its samples follow, and must all stand together. */
static void begin(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP " PREFIX "%s %s\n", name, help);
	buf_printf(out, "# TYPE " PREFIX "%s %s\n", name, type);
}

/* A value of a label, where a quotation mark, a backslash and a line's end are special. */
static void escape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_addz(out, "\\n");
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

/* A name with one label, up to where its value goes. */
static void labelled(struct buf *out, const char *name, const char *label, struct str value)
{
	buf_printf(out, PREFIX "%s{%s=\"", name, label);
	escape(out, value);
	buf_addz(out, "\"} ");
}

static void number(struct buf *out, uint64_t n)
{
	buf_printf(out, "%" PRIu64 "\n", n);
}

static void plain(struct buf *out, const char *name, uint64_t n)
{
	buf_printf(out, PREFIX "%s ", name);
	number(out, n);
}

static uint64_t look(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void statuses(struct buf *out, const struct counters *c)
{
	begin(out, "requests_total", "counter",
	    "Requests that got a reply, by protocol and status (Gemini's numbers for all).");
	for (unsigned p = 0; p < COUNTERS_PROTOCOLS; p++) {
		for (size_t s = 0; s < COUNTERS_STATUSES; s++) {
			uint64_t n = look(&c->replies[p].status[s]);

			if (n > 0)
				buf_printf(out,
				    PREFIX "requests_total{protocol=\"%s\",status=\"%zu\"} %" PRIu64
					   "\n",
				    counters_protocol_name(p), s, n);
		}
	}
}

/* Exact, and without zeros that say nothing: 0.0005, 2.5, 30. */
static void seconds(struct buf *out, uint64_t us)
{
	uint64_t part = us % SECOND;
	int digits = 6;

	buf_printf(out, "%" PRIu64, us / SECOND);
	if (part == 0)
		return;
	for (; part % 10 == 0; part /= 10)
		digits--;
	buf_printf(out, ".%0*" PRIu64, digits, part);
}

static void bytes(struct buf *out, uint64_t n)
{
	buf_printf(out, "%" PRIu64, n);
}

/* One kind of histogram. */
struct shape {
	const char *name;
	const uint64_t *bounds; /* nbuckets - 1 of them */
	size_t nbuckets;
	void (*unit)(struct buf *out, uint64_t n); /* appends a bound or a sum */
};

static const struct shape times = {
    "request_duration_seconds", counters_time_bounds, COUNTERS_TIMES, seconds};
static const struct shape sizes = {
    "response_size_bytes", counters_size_bounds, COUNTERS_SIZES, bytes};

/*
 * The buckets of one protocol, each with those below it. Their count is what was
 * added up here, so that it is that of the last bucket while others still count.
 */
static void histogram(struct buf *out, const struct shape *h, const char *protocol,
    const _Atomic uint64_t *buckets, uint64_t sum)
{
	uint64_t count = 0;

	for (size_t i = 0; i < h->nbuckets; i++) {
		count += look(&buckets[i]);
		buf_printf(out, PREFIX "%s_bucket{protocol=\"%s\",le=\"", h->name, protocol);
		if (i < h->nbuckets - 1)
			h->unit(out, h->bounds[i]);
		else
			buf_addz(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", count);
	}
	buf_printf(out, PREFIX "%s_sum{protocol=\"%s\"} ", h->name, protocol);
	h->unit(out, sum);
	buf_printf(
	    out, "\n" PREFIX "%s_count{protocol=\"%s\"} %" PRIu64 "\n", h->name, protocol, count);
}

static void histograms(struct buf *out, const struct counters *c)
{
	begin(out, times.name, "histogram", "From accept to the last byte of the reply.");
	for (unsigned p = 0; p < COUNTERS_PROTOCOLS; p++)
		histogram(out, &times, counters_protocol_name(p), c->replies[p].times,
		    look(&c->replies[p].us));
	begin(out, sizes.name, "histogram", "Bytes sent in reply to a request.");
	for (unsigned p = 0; p < COUNTERS_PROTOCOLS; p++)
		histogram(out, &sizes, counters_protocol_name(p), c->replies[p].sizes,
		    look(&c->replies[p].bytes));
}

static void sent(struct buf *out, const struct counters *c)
{
	begin(out, "sent_bytes_total", "counter", "Bytes sent in all replies.");
	for (unsigned p = 0; p < COUNTERS_PROTOCOLS; p++) {
		labelled(out, "sent_bytes_total", "protocol", str_of(counters_protocol_name(p)));
		number(out, look(&c->replies[p].bytes));
	}
}

static void connections(struct buf *out, const struct counters *c, const struct metrics_view *v)
{
	begin(out, "connections", "gauge", "Connections that are open now, by state.");
	for (size_t i = 0; i < v->nstates; i++) {
		labelled(out, "connections", "state", str_of(v->states[i].name));
		number(out, v->states[i].connections);
	}
	begin(out, "connections_ended_total", "counter", "Connections that have ended, by why.");
	for (unsigned r = 0; r < NET_REASONS; r++) {
		labelled(out, "connections_ended_total", "reason", str_of(net_reason_name(r)));
		number(out, look(&c->ended[r]));
	}
}

static void handshakes(struct buf *out, const struct counters *c)
{
	begin(out, "tls_handshakes_total", "counter", "TLS handshakes, by how they went.");
	for (unsigned h = 0; h < COUNTERS_HANDSHAKES; h++) {
		labelled(out, "tls_handshakes_total", "result", str_of(counters_handshake_name(h)));
		number(out, look(&c->handshakes[h]));
	}
}

static void limits(struct buf *out, const struct counters *c)
{
	begin(out, "limit_hits_total", "counter", "Times that a limit was hit, by which.");
	for (unsigned l = 0; l < COUNTERS_LIMITS; l++) {
		labelled(out, "limit_hits_total", "limit", str_of(counters_limit_name(l)));
		number(out, look(&c->limits[l]));
	}
}

static void reloads(struct buf *out, const struct counters_process *p)
{
	begin(out, "reloads_total", "counter", "Times that the files were read again, by result.");
	for (unsigned r = 0; r < COUNTERS_RELOADS; r++) {
		labelled(out, "reloads_total", "result", str_of(counters_reload_name(r)));
		number(out, look(&p->reloads[r]));
	}
}

/* Times are whole seconds since 1970. */
static void instant(struct buf *out, const char *name, const char *help, const _Atomic int64_t *t)
{
	begin(out, name, "gauge", help);
	buf_printf(
	    out, PREFIX "%s %" PRId64 "\n", name, atomic_load_explicit(t, memory_order_relaxed));
}

static void process(struct buf *out, const struct counters_process *p)
{
	reloads(out, p);
	instant(out, "loaded_timestamp_seconds",
	    "When what is served now was read, since the epoch.", &p->loaded);
	instant(out, "started_timestamp_seconds", "When this process began, since the epoch.",
	    &p->started);
	begin(out, "upgrades_failed_total", "counter",
	    "New programs that were started to take over, and failed.");
	plain(out, "upgrades_failed_total", look(&p->upgrades_failed));
	begin(out, "log_lines_lost_total", "counter", "Lines of the log that were not written.");
	plain(out, "log_lines_lost_total", look(&p->log_lost));
	begin(out, "entries", "gauge", "Entries that are served now.");
	plain(out, "entries", look(&p->entries));
}

static void certificates(struct buf *out, const struct metrics_view *v)
{
	static const char name[] = "certificate_expiry_timestamp_seconds";

	begin(out, name, "gauge", "When the certificate of a host ends, since the epoch.");
	for (size_t i = 0; i < v->ncertificates; i++) {
		labelled(out, name, "host", v->certificates[i].host);
		buf_printf(out, "%" PRId64 "\n", v->certificates[i].expires);
	}
}

static void build(struct buf *out, const struct metrics_view *v)
{
	begin(out, "build_info", "gauge", "Always 1; the label says which version this is.");
	labelled(out, "build_info", "version", str_of(v->version));
	number(out, 1);
}

void metrics_text_write(struct buf *out, const struct metrics_view *v)
{
	struct counters sum = {0};

	for (size_t i = 0; i < v->nworkers; i++)
		counters_add(&sum, v->workers[i]);
	statuses(out, &sum);
	histograms(out, &sum);
	sent(out, &sum);
	connections(out, &sum, v);
	handshakes(out, &sum);
	limits(out, &sum);
	process(out, v->process);
	certificates(out, v);
	build(out, v);
}
