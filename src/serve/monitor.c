#include "config.h"

#include "serve/monitor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/metrics.h"
#include "serve/metrics_text.h"

#include <stdlib.h>

/* Every host and every alias. */
#define CERTIFICATES_MAX (SETTINGS_HOSTS_MAX + SETTINGS_HOSTS_MAX)

struct monitor {
	struct monitor_env env;
	const struct counters **counters; /* owned; one for each worker, borrowed from it */
	struct metrics *metrics;          /* owned */
	uint64_t log_lost;                /* that have been counted */
};

/* Connections of all workers by state. */
static void count_states(const struct monitor *m, struct metrics_state states[NET_STATES])
{
	for (unsigned s = 0; s < NET_STATES; s++) {
		states[s] = (struct metrics_state){net_state_name(s), 0};
		for (unsigned w = 0; w < workers_count(m->env.workers); w++)
			states[s].connections +=
			    worker_connections(workers_at(m->env.workers, w), s);
	}
}

static size_t list_certificates(
    const struct state *s, struct metrics_certificate out[CERTIFICATES_MAX])
{
	struct tls_host_facts f;
	size_t n = 0;

	while (s->tls && n < CERTIFICATES_MAX && tls_store_host(s->tls, n, &f))
		out[n++] = (struct metrics_certificate){str_of(f.name), f.not_after};
	return n;
}

static void write_all(void *context, struct buf *out)
{
	struct monitor *m = context;
	struct state *s = state_cell_get(m->env.cell);
	struct metrics_state states[NET_STATES];
	struct metrics_certificate certificates[CERTIFICATES_MAX];
	uint64_t lost = log_lost();
	struct metrics_view view = {
	    .version = PACKAGE_VERSION,
	    .workers = m->counters,
	    .nworkers = workers_count(m->env.workers),
	    .process = m->env.counters,
	    .states = states,
	    .nstates = NET_STATES,
	    .certificates = certificates,
	    .ncertificates = list_certificates(s, certificates),
	};

	counters_log_lost(m->env.counters, lost - m->log_lost);
	m->log_lost = lost;
	/* Those whose date has come, as readers count them. */
	m->env.counters->entries = digest_count(&s->digest->all, clock_wall());
	count_states(m, states);
	metrics_text_write(out, &view);
	state_unref(s);
}

static bool is_healthy(void *context, struct buf *why)
{
	const struct monitor *m = context;

	if (*m->env.draining)
		buf_addz(why, "finishing: send new readers elsewhere");
	return !*m->env.draining;
}

struct monitor *monitor_new(const struct monitor_env *env, int fd, struct buf *why)
{
	struct monitor *m = mem_zalloc(1, sizeof *m);
	struct metrics_source source = {m, write_all, is_healthy};

	m->env = *env;
	m->counters = mem_alloc(workers_count(env->workers) * sizeof *m->counters);
	for (unsigned w = 0; w < workers_count(env->workers); w++)
		m->counters[w] = worker_counters(workers_at(env->workers, w));
	m->metrics = metrics_new(workers_base(env->workers), fd, &source, why);
	if (m->metrics)
		return m;
	monitor_free(m);
	return NULL;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	metrics_free(m->metrics);
	free(m->counters);
	free(m);
}
