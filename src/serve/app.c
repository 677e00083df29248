#include "config.h"

#include "serve/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "content/load.h"
#include "serve/access_log.h"
#include "serve/answer.h"
#include "serve/identity.h"
#include "serve/aside.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORKER_MAGIC 0x57524b52u
#define SIGNALS 3
#define DRAIN 'd'

/* How long the first and the last words of the log may wait to be taken. */
#define LOG_WAIT_MS 1000

struct app;

/* A thread that serves, with everything it changes. */
struct worker {
	unsigned magic;
	struct app *app;
	struct net *net;
	struct answer answer;
	struct aside_desk desk; /* where it has answered what takes long */
	struct event *told;     /* reads the pipe */
	int pipe[2];            /* DRAIN in it: drain; anything else: look at the desk */
	pthread_t thread;       /* not of the first worker, which is the main thread */
	bool started;
};

struct app {
	const struct settings *settings;
	struct digest *digest;  /* one reference */
	struct tls_store *tls;  /* NULL without a Gemini listener */
	struct worker *workers; /* settings->workers of them */
	struct aside *aside;
	struct event *signals[SIGNALS];
};

static const char *const protocol_names[] = {
    [SETTINGS_GOPHER] = "gopher",
    [SETTINGS_GEMINI] = "gemini",
};

static const struct veil unveiled = {.mode = VEIL_WHOLE};
static const struct access_log access_log = {ACCESS_LOG_TEXT, &unveiled};

static enum net_verdict on_request(void *context, const struct net_request *q, struct net_reply *r)
{
	struct worker *w = context;

	assert(w->magic == WORKER_MAGIC);
	return q->tag == SETTINGS_GOPHER ? answer_gopher(&w->answer, q, r)
					 : answer_gemini(&w->answer, q, r);
}

/* What the access log calls the protocol. */
static const char *protocol_of(const struct net_request *q)
{
	return q->tag == SETTINGS_GOPHER && q->tls ? "gophers" : protocol_names[q->tag];
}

/* It waits aside still; its reader need not. */
static void on_late(void *context, const struct net_request *q, struct net_reply *r)
{
	struct worker *w = context;
	struct answer_request asked = {
	    .protocol = q->tag == SETTINGS_GOPHER ? PAGES_GOPHER : PAGES_GEMINI};

	aside_forget(&w->desk, q->ticket);
	answer_busy(&asked, r);
}

static void on_done(void *context, const struct net_request *q, const struct net_reply *r,
    const struct net_outcome *o)
{
	struct worker *w = context;

	if (!r)
		aside_forget(&w->desk, q->ticket);
	access_log_write(&access_log, protocol_of(q), q, r, o);
}

static void on_turn(void *context)
{
	(void)context;
	log_flush(0);
}

/* The content, or NULL with its errors printed. */
static struct digest *load(const struct settings *s)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(s->content.p, clock_wall(), diags);
	struct buf text = {0};

	if (!d) {
		diag_print(diags, &text);
		log_flush(LOG_WAIT_MS);
		fputs(buf_z(&text), stderr);
	} else {
		log_line("content: %u %s from %s", d->all.n, d->all.n == 1 ? "entry" : "entries",
		    s->content.p);
	}
	buf_free(&text);
	diag_free(diags);
	return d;
}

static bool has_listener(const struct settings *s, enum settings_protocol protocol)
{
	for (size_t i = 0; i < s->nlisteners; i++)
		if (s->listeners[i].protocol == protocol)
			return true;
	return false;
}

static void describe_failure(const struct settings_listener *l, int error)
{
	struct buf at = {0};
	const char *hint = "";

	if (error == EADDRINUSE)
		hint = "; another server has this port, or this one listens there twice: "
		       "choose another port";
	else if (error == EACCES)
		hint = "; ports below 1024 need root or CAP_NET_BIND_SERVICE: or choose higher "
		       "ones, as --gopher '*:7070' --gemini '*:1965'";
	else if (error == EADDRNOTAVAIL)
		hint = "; this machine has no such address";
	address_format(&at, &l->address);
	log_line("cannot listen on %s://%s: %s%s", protocol_names[l->protocol], buf_z(&at),
	    strerror(error), hint);
	buf_free(&at);
}

/* "*" means both kinds of address; a machine may lack one of them. */
static bool may_do_without(const struct settings_listener *l, int error)
{
	return l->any && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL);
}

/* Gopher clients may speak TLS where there is a certificate: Gemini's (G-17). */
static enum net_security security_of(const struct app *app, enum settings_protocol protocol)
{
	if (protocol == SETTINGS_GEMINI)
		return NET_TLS;
	return app->tls && app->settings->gopher_tls ? NET_EITHER : NET_PLAIN;
}

static bool listen_one(struct worker *w, const struct settings_listener *l, enum net_share share,
    struct net_address *bound)
{
	struct net_listener listener = {
	    .address = l->address,
	    .security = security_of(w->app, l->protocol),
	    .tls = w->app->tls,
	    .tag = (int)l->protocol,
	    .share = share,
	};

	return net_listen(w->net, &listener, bound);
}

static void announce(const struct settings_listener *l)
{
	struct buf at = {0};

	address_format(&at, &l->address);
	log_line("listening on %s://%s", protocol_names[l->protocol], buf_z(&at));
	buf_free(&at);
}

/*
 * The first worker finds the addresses; *bound gets those that it could listen
 * on, with their ports. The other workers listen on the same.
 */
static bool listen_first(struct worker *w, struct settings_listener *bound, size_t *nbound)
{
	const struct settings *s = w->app->settings;
	enum net_share share = s->workers > 1 ? NET_FIRST : NET_ALONE;
	size_t before = 0;

	for (size_t i = 0; i < s->nlisteners; i++) {
		struct settings_listener l = s->listeners[i];

		if (!l.second)
			before = *nbound;
		if (l.second && *nbound > before && address_port(&l.address) == 0)
			address_set_port(&l.address, address_port(&bound[*nbound - 1].address));
		if (!listen_one(w, &l, share, &l.address)) {
			if (may_do_without(&l, errno))
				continue;
			describe_failure(&l, errno);
			return false;
		}
		announce(&l);
		bound[(*nbound)++] = l;
	}
	return *nbound > 0;
}

static bool listen_all(struct app *app, struct settings_listener *bound, size_t *nbound)
{
	if (!listen_first(&app->workers[0], bound, nbound))
		return false;
	for (unsigned w = 1; w < app->settings->workers; w++) {
		for (size_t i = 0; i < *nbound; i++) {
			struct net_address same;

			if (!listen_one(&app->workers[w], &bound[i], NET_JOIN, &same)) {
				describe_failure(&bound[i], errno);
				return false;
			}
		}
	}
	return true;
}

static uint16_t port_of(
    const struct settings_listener *l, size_t n, enum settings_protocol protocol, unsigned wanted)
{
	for (size_t i = 0; i < n; i++)
		if (l[i].protocol == protocol)
			return wanted ? (uint16_t)wanted : address_port(&l[i].address);
	return 0;
}

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
	ssize_t n = read(fd, bytes, sizeof bytes);

	(void)what;
	assert(w->magic == WORKER_MAGIC);
	send_found(w);
	if (n > 0 && memchr(bytes, DRAIN, (size_t)n))
		net_drain(w->net, w->app->settings->drain_timeout);
}

static void tell_all(struct app *app)
{
	static const char drain = DRAIN;

	for (unsigned i = 0; i < app->settings->workers; i++)
		if (write(app->workers[i].pipe[1], &drain, 1) != 1)
			log_line("telling a worker to stop: %s", strerror(errno));
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
	(void)what;
	log_line("%s: finishing what is in flight", number == SIGINT ? "SIGINT" : "SIGTERM");
	tell_all(context);
}

/*
 * Operators send it to make a server read its files again, which this one cannot do while
 * it runs.
 */
static void on_hangup(evutil_socket_t number, short what, void *context)
{
	(void)number;
	(void)what;
	(void)context;
	log_line("SIGHUP: ignored; restart the server to read the content again");
}

static bool worker_init(struct worker *w, struct app *app)
{
	const struct settings *s = app->settings;
	struct net_handler handler = {w, on_request, on_late, on_done};
	struct net_limits limits = {
	    .connections = s->connections / s->workers + (s->connections % s->workers > 0),
	    .handshake_ms = s->handshake_timeout,
	    .request_ms = s->request_timeout,
	    .response_ms = s->response_timeout,
	    .least_speed = s->least_speed,
	    .linger_ms = s->linger_timeout,
	    .request_bytes = ANSWER_REQUEST_MAX,
	};

	w->magic = WORKER_MAGIC;
	w->app = app;
	w->pipe[0] = w->pipe[1] = -1;
	w->net = net_new(&handler, &limits);
	if (!w->net || pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	w->told = event_new(net_base(w->net), w->pipe[0], EV_READ | EV_PERSIST, on_told, w);
	return w->told && event_add(w->told, NULL) == 0;
}

static void worker_clear(struct worker *w)
{
	if (w->told)
		event_free(w->told);
	net_free(w->net);
	answer_clear(&w->answer);
	if (w->pipe[0] >= 0)
		close(w->pipe[0]);
	if (w->pipe[1] >= 0)
		close(w->pipe[1]);
}

static bool catch_signals(struct app *app)
{
	static const struct {
		int number;
		event_callback_fn callback;
	} caught[SIGNALS] = {{SIGTERM, on_signal}, {SIGINT, on_signal}, {SIGHUP, on_hangup}};
	struct event_base *base = net_base(app->workers[0].net);

	for (size_t i = 0; i < SIGNALS; i++) {
		app->signals[i] = evsignal_new(base, caught[i].number, caught[i].callback, app);
		if (!app->signals[i] || event_add(app->signals[i], NULL) != 0)
			return false;
	}
	return signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

static void *run_worker(void *context)
{
	struct worker *w = context;

	net_run(w->net, on_turn, w);
	return NULL;
}

/* Runs every worker to its end; the first is this thread. */
static bool run(struct app *app)
{
	bool ok = true;
	sigset_t all, before;
	int error = 0;

	/* Signals are the first worker's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 1; ok && i < app->settings->workers; i++) {
		struct worker *w = &app->workers[i];

		error = pthread_create(&w->thread, NULL, run_worker, w);
		w->started = error == 0;
		ok = w->started;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		log_line("ready");
	else
		tell_all(app);
	log_flush(LOG_WAIT_MS);
	run_worker(&app->workers[0]);
	for (unsigned i = 1; i < app->settings->workers; i++)
		if (app->workers[i].started)
			pthread_join(app->workers[i].thread, NULL);
	errno = error;
	return ok;
}

/* What may be on purpose, but should not pass without a word. */
static void say_what_readers_lack(const struct settings *s)
{
	if (!has_listener(s, SETTINGS_GOPHER))
		log_line("Gopher is not served: there is a --gemini, but no --gopher");
	if (str_eq(s->hosts[0], STR("localhost")))
		log_line("links say localhost, which only this machine can follow: "
			 "name the server with --hostname");
	if (!has_listener(s, SETTINGS_GEMINI))
		log_line("Gemini is not served: there is a --gopher, but no --gemini");
}

static enum app_exit system_failure(const char *what)
{
	log_line("%s: %s", what, strerror(errno));
	return APP_SYSTEM;
}

static void ready_to_answer(struct worker *w, uint16_t gopher, uint16_t gemini)
{
	aside_desk_init(&w->desk, w->app->aside, w->pipe[1]);
	answer_init(&w->answer, w->app->settings, w->app->digest, gopher, gemini);
	w->answer.later = aside_ask;
	w->answer.context = &w->desk;
}

static enum app_exit start(struct app *app)
{
	const struct settings *s = app->settings;
	struct settings_listener bound[SETTINGS_LISTENERS_MAX];
	size_t nbound = 0;
	uint16_t gopher, gemini;

	app->digest = load(s);
	if (!app->digest)
		return APP_BAD_INPUT;
	if (has_listener(s, SETTINGS_GEMINI) && !(app->tls = identity_load(s, NULL, NULL)))
		return APP_BAD_INPUT;
	net_raise_descriptors(s->connections);
	for (unsigned i = 0; i < s->workers; i++)
		if (!worker_init(&app->workers[i], app))
			return system_failure("starting a worker");
	if (!catch_signals(app))
		return system_failure("catching signals");
	if (!listen_all(app, bound, &nbound))
		return APP_SYSTEM;
	say_what_readers_lack(s);
	gopher = port_of(bound, nbound, SETTINGS_GOPHER, s->gopher_port);
	gemini = port_of(bound, nbound, SETTINGS_GEMINI, s->gemini_port);
	app->aside = aside_new(s, app->digest, gopher, gemini);
	if (!app->aside)
		return system_failure("starting a thread");
	for (unsigned i = 0; i < s->workers; i++)
		ready_to_answer(&app->workers[i], gopher, gemini);
	return run(app) ? APP_OK : system_failure("starting a worker");
}

enum app_exit app_serve(const struct settings *s)
{
	struct app app = {.settings = s, .workers = mem_zalloc(s->workers, sizeof *app.workers)};
	enum app_exit status;

	for (unsigned i = 0; i < s->workers; i++)
		app.workers[i].pipe[0] = app.workers[i].pipe[1] = -1;
	status = start(&app);
	for (size_t i = 0; i < SIGNALS; i++)
		if (app.signals[i])
			event_free(app.signals[i]);
	aside_free(app.aside);
	for (unsigned i = 0; i < s->workers; i++) {
		aside_desk_clear(&app.workers[i].desk);
		worker_clear(&app.workers[i]);
	}
	free(app.workers);
	tls_store_unref(app.tls);
	digest_unref(app.digest);
	if (status == APP_OK)
		log_line("stopped");
	log_flush(LOG_WAIT_MS);
	return status;
}
