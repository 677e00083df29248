#include "config.h"

#include "serve/workers.h"
#include "base/log.h"
#include "base/mem.h"

#include <event2/event.h>
#include <stdlib.h>

struct workers {
	unsigned n;
	struct worker *each[]; /* owned; NULL while they are made */
};

/* The main thread may wait for this one. */
static void on_ended(void *context)
{
	struct workers *ws = context;

	worker_wake(ws->each[0]);
}

struct workers *workers_new(const struct worker_env *env, unsigned n, struct sockets *sockets)
{
	struct workers *ws = mem_zalloc(1, sizeof *ws + n * sizeof(struct worker *));
	struct worker_env own = *env;

	ws->n = n;
	own.workers = n;
	own.ended = on_ended;
	own.context = ws;
	for (unsigned i = 0; i < n; i++) {
		ws->each[i] = worker_new(&own, i, sockets);
		if (!ws->each[i]) {
			workers_free(ws);
			return NULL;
		}
	}
	return ws;
}

void workers_free(struct workers *ws)
{
	for (unsigned i = 0; ws && i < ws->n; i++)
		worker_free(ws->each[i]);
	free(ws);
}

int workers_start(struct workers *ws)
{
	int error = 0;

	for (unsigned i = 1; error == 0 && i < ws->n; i++)
		error = worker_start(ws->each[i]);
	return error;
}

static bool others_have_ended(const struct workers *ws)
{
	for (unsigned i = 1; i < ws->n; i++)
		if (!worker_has_ended(ws->each[i]))
			return false;
	return true;
}

void workers_run(struct workers *ws)
{
	worker_run(ws->each[0]);
	while (!others_have_ended(ws)) {
		event_base_loop(workers_base(ws), EVLOOP_ONCE);
		log_flush(0);
	}
	for (unsigned i = 1; i < ws->n; i++)
		worker_join(ws->each[i]);
}

void workers_look(struct workers *ws)
{
	for (unsigned i = 0; i < ws->n; i++)
		worker_look(ws->each[i]);
}

void workers_drain(struct workers *ws)
{
	for (unsigned i = 0; i < ws->n; i++)
		worker_drain(ws->each[i]);
}

struct event_base *workers_base(const struct workers *ws)
{
	return worker_base(ws->each[0]);
}

unsigned workers_count(const struct workers *ws)
{
	return ws->n;
}

const struct worker *workers_at(const struct workers *ws, unsigned i)
{
	return ws->each[i];
}
