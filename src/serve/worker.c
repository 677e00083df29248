#include "config.h"

#include "serve/worker.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/access_log.h"
#include "serve/answer.h"
#include "serve/os_thread.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define WORKER_MAGIC 0x57524b52u

struct worker {
	unsigned magic; /* WORKER_MAGIC */
	struct worker_env env;
	struct state *state; /* one reference: what answer was made from */
	struct net *net;
	struct answer answer;
	struct access_log access;
	struct veil veil;
	struct aside_desk desk; /* where the thread aside has answered what takes long */
	struct counters counters;
	atomic_uint connections[NET_STATES]; /* by state, at the end of the last turn */
	struct event *told;                  /* reads the pipe */
	int pipe[2];                         /* a byte: look at the desk, and at what follows */
	atomic_bool look;                    /* another state is published */
	atomic_uint drains;                  /* finish; asked again, end */
	pthread_t thread;
	bool started;
	atomic_bool ended;  /* the thread that was started is at its end */
	bool searches_full; /* the last answer to be handed over found no room */
};

/* --------------------------------------------------------------------------- the requests */

static enum net_verdict on_request(void *context, const struct net_request *q, struct net_reply *r)
{
	struct worker *w = context;

	assert(w->magic == WORKER_MAGIC);
	return q->tag == SETTINGS_GOPHER ? answer_gopher(&w->answer, q, r)
					 : answer_gemini(&w->answer, q, r);
}

static enum pages_protocol page_protocol(const struct net_request *q)
{
	return q->tag == SETTINGS_GOPHER ? PAGES_GOPHER : PAGES_GEMINI;
}

/* As the access log and the counters tell them apart. */
static enum counters_protocol counted_protocol(const struct net_request *q)
{
	if (q->tag == SETTINGS_GEMINI)
		return COUNTERS_GEMINI;
	return q->tls ? COUNTERS_GOPHERS : COUNTERS_GOPHER;
}

/* It waits aside still; its reader need not. */
static void on_late(void *context, const struct net_request *q, struct net_reply *r)
{
	struct worker *w = context;

	aside_forget(&w->desk, q->ticket);
	answer_busy(page_protocol(q), ANSWER_BUSY, r);
}

/* One line when an address has gone too far, not one for all that it does then. */
static void log_limit(const struct worker *w, const struct net_address *peer, const char *what)
{
	struct buf shown = {0};

	veil_format(&shown, &w->veil, peer, clock_wall());
	log_line("limit: %s has %s", buf_z(&shown), what);
	buf_free(&shown);
}

static unsigned admit(void *context, const struct net_request *q)
{
	struct worker *w = context;
	bool first = false;
	unsigned seconds = peers_request(w->env.peers, q->counted, clock_monotonic_us(), &first);

	if (first)
		log_limit(w, q->peer,
		    "made more requests than address_rate and address_burst allow: told to slow "
		    "down");
	if (seconds > 0)
		counters_limit(&w->counters, COUNTERS_ADDRESS_REQUESTS);
	return seconds;
}

static bool later(void *context, const struct answer_request *q)
{
	struct worker *w = context;
	bool room = aside_ask(&w->desk, q);

	if (!room)
		counters_limit(&w->counters, COUNTERS_SEARCHES);
	if (!room && !w->searches_full)
		log_line("limit: %d searches wait already; more are told to come again",
		    ASIDE_WAITING_MAX);
	w->searches_full = !room;
	return room;
}

static void count_handshake(struct worker *w, const struct net_outcome *o)
{
	if (o->reason == NET_HANDSHAKE_FAILED || o->reason == NET_HANDSHAKE_TIMEOUT)
		counters_handshake(&w->counters, COUNTERS_FAILED);
	else if (o->secured)
		counters_handshake(&w->counters, o->resumed ? COUNTERS_RESUMED : COUNTERS_FULL);
}

static void on_done(void *context, const struct net_request *q, const struct net_reply *r,
    const struct net_outcome *o)
{
	struct worker *w = context;
	enum counters_protocol protocol = counted_protocol(q);

	if (!r)
		aside_forget(&w->desk, q->ticket);
	counters_done(&w->counters, protocol, r, o);
	count_handshake(w, o);
	access_log_write(&w->access, counters_protocol_name(protocol), q, r, o);
}

static void on_unheard(
    void *context, const struct net_address *peer, enum net_reason reason, bool news)
{
	struct worker *w = context;

	counters_ended(&w->counters, reason);
	if (reason == NET_ADDRESS_LIMIT)
		counters_limit(&w->counters, COUNTERS_ADDRESS_CONNECTIONS);
	if (!news)
		return;
	log_limit(w, peer,
	    reason == NET_ADDRESS_LIMIT
		? "more connections than address_connections allows: closed"
		: "sent no PROXY header that may be believed: closed; see proxy_from");
}

static void on_paused(void *context, bool starved)
{
	struct worker *w = context;

	counters_limit(&w->counters, starved ? COUNTERS_DESCRIPTORS : COUNTERS_CONNECTIONS);
}

static void on_turn(void *context)
{
	struct worker *w = context;

	for (unsigned s = 0; s < NET_STATES; s++)
		atomic_store_explicit(
		    &w->connections[s], net_connections_in(w->net, s), memory_order_relaxed);
	log_flush(0);
}

/* ------------------------------------------------------------------------------ the state */

static struct net_limits limits_of(const struct worker *w)
{
	const struct settings *s = w->state->settings;

	return (struct net_limits){
	    .connections = (s->connections + w->env.workers - 1) / w->env.workers,
	    .handshake_ms = s->handshake_timeout,
	    .request_ms = s->request_timeout,
	    .response_ms = s->response_timeout,
	    .least_speed = s->least_speed,
	    .linger_ms = s->linger_timeout,
	    .request_bytes = ANSWER_REQUEST_MAX,
	    .peers = w->env.peers,
	    .proxies = s->proxy_from.items,
	    .nproxies = s->proxy_from.n,
	};
}

/* Gopher clients may speak TLS where there is a certificate: Gemini's (G-17). */
static enum net_security security_of(const struct state *s, enum settings_protocol protocol)
{
	if (protocol == SETTINGS_GEMINI)
		return NET_TLS;
	return s->tls && s->settings->gopher_tls ? NET_EITHER : NET_PLAIN;
}

static enum access_log_format log_format(const struct settings *s)
{
	return str_eq(s->access_log, STR("off")) ? ACCESS_LOG_OFF
						 : (enum access_log_format)s->access_log_format;
}

/* Answers from the worker's state from now on. */
static void begin_state(struct worker *w)
{
	const struct state *s = w->state;

	answer_init(&w->answer, s->settings, s->digest, s->gopher_port, s->gemini_port);
	w->answer.later = later;
	w->answer.admit = admit;
	w->answer.context = w;
	w->veil.mode = (enum veil_mode)s->settings->log_addresses;
	w->access = (struct access_log){.format = log_format(s->settings), .veil = &w->veil};
}

/* Nothing in flight needs the state before: a reply has its bytes, a file is open. */
static void follow(struct worker *w)
{
	struct state *before = w->state;
	struct net_limits limits;

	w->state = state_cell_get(w->env.cell);
	answer_clear(&w->answer);
	begin_state(w);
	limits = limits_of(w);
	net_limit(w->net, &limits);
	for (int p = SETTINGS_GOPHER; p <= SETTINGS_GEMINI; p++)
		net_change(
		    w->net, p, security_of(w->state, (enum settings_protocol)p), w->state->tls);
	state_unref(before);
}

/* ----------------------------------------------------------------------------- the pipe */

static void send_found(struct worker *w)
{
	struct net_reply r;
	uint64_t ticket;

	while (aside_collect(&w->desk, &ticket, &r))
		net_answer(w->net, ticket, &r);
}

static void on_told(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;
	char bytes[64];

	(void)what;
	assert(w->magic == WORKER_MAGIC);
	if (read(fd, bytes, sizeof bytes) < 0)
		return;
	send_found(w);
	if (atomic_exchange(&w->look, false))
		follow(w);
	/* As often as it was asked, though it may hear of all at once. */
	for (unsigned n = atomic_exchange(&w->drains, 0); n > 0; n--)
		net_drain(w->net, w->state->settings->drain_timeout);
}

/* A full pipe wakes it as well. */
void worker_wake(struct worker *w)
{
	if (write(w->pipe[1], "w", 1) < 0 && errno != EAGAIN)
		log_line("telling a worker: %s", strerror(errno));
}

void worker_look(struct worker *w)
{
	w->look = true;
	worker_wake(w);
}

void worker_drain(struct worker *w)
{
	w->drains++;
	worker_wake(w);
}

/* ------------------------------------------------------------------------- begin and end */

static bool listen_on(struct worker *w, struct sockets_item *i)
{
	struct net_listener listener = {
	    .fd = i->fd,
	    .security = security_of(w->state, i->protocol),
	    .tls = w->state->tls,
	    .tag = (int)i->protocol,
	    .proxy = i->proxy,
	};

	if (!net_listen(w->net, &listener))
		return false;
	i->taken = true;
	return true;
}

static bool make(struct worker *w, unsigned i, struct sockets *sockets)
{
	struct net_handler handler = {w, on_request, on_late, on_done, on_unheard, on_paused};
	struct net_limits limits = limits_of(w);

	w->net = net_new(&handler, &limits);
	if (!w->net || pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	w->told = event_new(net_base(w->net), w->pipe[0], EV_READ | EV_PERSIST, on_told, w);
	if (!w->told || event_add(w->told, NULL) != 0)
		return false;
	for (size_t k = 0; k < sockets->n; k++) {
		struct sockets_item *item = &sockets->items[k];

		if (item->worker == i && item->protocol != SETTINGS_METRICS && !listen_on(w, item))
			return false;
	}
	aside_desk_init(&w->desk, w->env.aside, w->pipe[1]);
	return true;
}

struct worker *worker_new(const struct worker_env *env, unsigned i, struct sockets *sockets)
{
	struct worker *w = mem_zalloc(1, sizeof *w);

	w->magic = WORKER_MAGIC;
	w->env = *env;
	w->pipe[0] = w->pipe[1] = -1;
	w->veil = *env->veil;
	w->state = state_cell_get(env->cell);
	begin_state(w);
	if (make(w, i, sockets))
		return w;
	worker_free(w);
	return NULL;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->told)
		event_free(w->told);
	/* Before the connections end, which would have it forget what they asked. */
	aside_desk_clear(&w->desk);
	net_free(w->net);
	answer_clear(&w->answer);
	state_unref(w->state);
	veil_clear(&w->veil);
	if (w->pipe[0] >= 0)
		close(w->pipe[0]);
	if (w->pipe[1] >= 0)
		close(w->pipe[1]);
	w->magic = 0;
	free(w);
}

void worker_run(struct worker *w)
{
	net_run(w->net, on_turn, w);
}

static void *run(void *context)
{
	struct worker *w = context;

	worker_run(w);
	w->ended = true;
	w->env.ended(w->env.context);
	return NULL;
}

bool worker_has_ended(const struct worker *w)
{
	return !w->started || w->ended;
}

int worker_start(struct worker *w)
{
	int error = os_thread_start(&w->thread, run, w);

	w->started = error == 0;
	return error;
}

void worker_join(struct worker *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	w->started = false;
}

struct event_base *worker_base(struct worker *w)
{
	return net_base(w->net);
}

const struct counters *worker_counters(const struct worker *w)
{
	return &w->counters;
}

unsigned worker_connections(const struct worker *w, unsigned state)
{
	return atomic_load_explicit(&w->connections[state], memory_order_relaxed);
}
