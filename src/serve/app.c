#include "config.h"

#include "serve/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/confinement.h"
#include "serve/loader.h"
#include "serve/monitor.h"
#include "serve/notify.h"
#include "serve/signals.h"
#include "serve/sockets.h"
#include "serve/successor.h"
#include "serve/upgrade.h"
#include "serve/workers.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SIGNALS 6

/* How long the first and the last words of the log may wait to be taken. */
#define LOG_WAIT_MS 1000

struct app {
	const struct app_call *call; /* borrowed */
	struct settings *settings;   /* one reference: as they were at the start */
	struct user user;            /* to become */
	char *program;               /* owned: where the next version of this one will be */
	struct buf obstacle;         /* program is NULL: why there is none */
	int ready_fd;                /* successor_ready_fd */
	struct sockets sockets;
	struct state_cell cell;
	struct counters_process counters;
	struct veil veil;
	struct peers *peers;
	struct aside *aside;
	struct workers *workers;
	struct loader *loader;
	struct upgrade *upgrade;
	struct monitor *monitor; /* NULL: nobody asked for one */
	struct notify *notify;   /* NULL: no supervisor wants to know */
	struct event *signals[SIGNALS];
	struct event *alive; /* tells the supervisor's watchdog; NULL: there is none */
	bool draining;
	bool stopping; /* told to, by a signal; else it drains since another process serves */
	bool lost;     /* that other process has failed */
};

/* ------------------------------------------------------------------------ while it serves */

static struct peers_limits peers_limits(const struct settings *s)
{
	return (struct peers_limits){
	    .connections = s->address_connections,
	    .rate = s->address_rate,
	    .burst = s->address_burst,
	    .exempt = s->exempt.items,
	    .nexempt = s->exempt.n,
	};
}

/* The limits that are all workers' together. */
static void apply_limits(struct app *app)
{
	struct state *s = state_cell_get(&app->cell);
	struct peers_limits limits = peers_limits(s->settings);

	net_raise_descriptors(s->settings->connections);
	peers_set_limits(app->peers, &limits);
	state_unref(s);
}

static void on_published(void *context, bool whole)
{
	struct app *app = context;

	aside_look(app->aside);
	if (!whole)
		return;
	apply_limits(app);
	workers_look(app->workers);
}

static void drain(struct app *app)
{
	app->draining = true;
	if (app->loader)
		loader_stop(app->loader);
	workers_drain(app->workers);
}

/* The first after a hand-over finds it draining, and is no second one. */
static void on_stop(evutil_socket_t number, short what, void *context)
{
	struct app *app = context;
	bool again = app->stopping;

	(void)what;
	log_line("%s: %s", signals_name(number),
	    again ? "ending at once" : "finishing what is in flight");
	app->stopping = true;
	upgrade_cancel(app->upgrade);
	notify_stopping(app->notify);
	if (again || !app->draining)
		drain(app);
}

/* Who knows only this process's number may mean the one that serves in its place. */
static bool pass_on(struct app *app, int number)
{
	pid_t pid = upgrade_pass_on(app->upgrade, number);

	if (pid > 0)
		log_line(
		    "%s: passed on to process %ld, which serves", signals_name(number), (long)pid);
	return pid > 0;
}

static void say_too_late(int number)
{
	log_line(
	    "%s: too late, this process only finishes what is in flight", signals_name(number));
}

static void on_hangup(evutil_socket_t number, short what, void *context)
{
	struct app *app = context;

	(void)what;
	if (pass_on(app, number))
		return;
	if (app->draining) {
		say_too_late(number);
		return;
	}
	log_line("SIGHUP: loading everything again");
	loader_ask(app->loader);
}

/* While it finishes, it still writes logs. */
static void on_reopen(evutil_socket_t number, short what, void *context)
{
	struct app *app = context;

	(void)what;
	pass_on(app, number);
	log_line("SIGUSR1: opening log files anew");
	log_reopen();
}

/* A second one while the first is under way is not for the new program. */
static void on_upgrade(evutil_socket_t number, short what, void *context)
{
	struct app *app = context;

	(void)what;
	if (!app->draining)
		upgrade_begin(app->upgrade);
	else if (!pass_on(app, number))
		say_too_late(number);
}

static void on_child(evutil_socket_t number, short what, void *context)
{
	struct app *app = context;

	(void)number;
	(void)what;
	upgrade_look(app->upgrade);
}

static void on_failed(void *context)
{
	struct app *app = context;

	counters_upgrade_failed(&app->counters);
}

static void on_succeeded(void *context, pid_t successor)
{
	struct app *app = context;

	notify_hand_over(app->notify, successor);
	/* Who asks after the service's health is to hear of the new process. */
	monitor_free(app->monitor);
	app->monitor = NULL;
	drain(app);
}

/* What is in flight gives way to the service, which no supervisor starts before this process ends. */
static void on_lost(void *context)
{
	struct app *app = context;

	app->lost = true;
	drain(app);
}

static void on_alive(evutil_socket_t fd, short what, void *context)
{
	struct app *app = context;

	(void)fd;
	(void)what;
	notify_alive(app->notify);
}

/* ---------------------------------------------------------------------- before it serves */

/* What may be on purpose, but should not pass without a word. */
static void say_what_readers_lack(const struct app *app)
{
	if (!sockets_has(&app->sockets, SETTINGS_GOPHER))
		log_line(
		    "Gopher is not served: there is an address for gemini, but none for gopher");
	if (str_eq(app->settings->hosts[0], STR("localhost")))
		log_line("links say localhost, which only this machine can follow: "
			 "name the server with --hostname");
	if (!sockets_has(&app->sockets, SETTINGS_GEMINI))
		log_line(
		    "Gemini is not served: there is an address for gopher, but none for gemini");
}

/* From within a new root, the settings are read again, as their paths look from there. */
static bool change_root(struct app *app)
{
	struct diag_list *diags;

	if (app->settings->chroot.n == 0)
		return true;
	if (!confinement_chroot(app->settings))
		return false;
	settings_source_chroot(app->call->settings, app->settings->chroot);
	diags = diag_new();
	settings_unref(app->settings);
	app->settings = settings_source_load(app->call->settings, diags);
	if (!app->settings)
		log_line("the configuration cannot be read from within the new root");
	diag_free(diags);
	return app->settings != NULL;
}

static enum app_exit load_first(struct app *app)
{
	struct loader_ports ports = {
	    sockets_port(&app->sockets, SETTINGS_GOPHER),
	    sockets_port(&app->sockets, SETTINGS_GEMINI),
	};
	struct state *s = loader_load(settings_ref(app->settings), &ports, NULL);

	if (!s)
		return APP_BAD_INPUT;
	counters_started(&app->counters, clock_wall(), s->digest->all.n);
	state_cell_put(&app->cell, s);
	return APP_OK;
}

static void find_program(struct app *app)
{
	if (app->settings->chroot.n > 0)
		buf_addz(&app->obstacle,
		    "not from within a chroot, where the program is not: restart instead");
	else
		app->program = successor_program(app->call->program, &app->obstacle);
}

/* All that takes rights which serving does not need; then those are given up. */
static enum app_exit prepare(struct app *app)
{
	enum app_exit status;
	struct buf why = {0};

	if (!confinement_prepare(app->settings, &app->user))
		return APP_BAD_INPUT;
	find_program(app);
	net_raise_descriptors(app->settings->connections);
	if (!sockets_open(&app->sockets, app->settings, &app->user))
		return APP_SYSTEM;
	app->notify = notify_open(&why);
	if (why.len > 0)
		log_line("%s", buf_z(&why));
	buf_free(&why);
	if (!change_root(app))
		return APP_BAD_INPUT;
	status = load_first(app);
	if (status != APP_OK)
		return status;
	sockets_announce(&app->sockets);
	say_what_readers_lack(app);
	if (!confinement_enter(app->settings, &app->user, app->program))
		return APP_SYSTEM;
	return APP_OK;
}

/* ------------------------------------------------------------------------------ the threads */

static bool make_workers(struct app *app)
{
	struct worker_env env = {
	    .cell = &app->cell,
	    .aside = app->aside,
	    .peers = app->peers,
	    .veil = &app->veil,
	};

	app->workers = workers_new(&env, app->settings->workers, &app->sockets);
	return app->workers != NULL;
}

/* Whoever started this program may have blocked more than it holds itself. */
static bool catch_signals(struct app *app)
{
	static const struct {
		int number;
		event_callback_fn callback;
	} caught[SIGNALS] = {
	    {SIGTERM, on_stop},
	    {SIGINT, on_stop},
	    {SIGHUP, on_hangup},
	    {SIGUSR1, on_reopen},
	    {SIGUSR2, on_upgrade},
	    {SIGCHLD, on_child},
	};
	struct event_base *base = workers_base(app->workers);
	sigset_t numbers;

	sigemptyset(&numbers);
	for (size_t i = 0; i < SIGNALS; i++) {
		app->signals[i] = evsignal_new(base, caught[i].number, caught[i].callback, app);
		if (!app->signals[i] || event_add(app->signals[i], NULL) != 0)
			return false;
		sigaddset(&numbers, caught[i].number);
	}
	pthread_sigmask(SIG_UNBLOCK, &numbers, NULL);
	return true;
}

/* The watchdog hears of a loop that turns, twice in its time. */
static bool keep_watchdog(struct app *app)
{
	uint64_t us = notify_watchdog_us() / 2;
	struct timeval each = {(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};

	if (us == 0 || !app->notify)
		return true;
	app->alive = event_new(workers_base(app->workers), -1, EV_PERSIST, on_alive, app);
	return app->alive && event_add(app->alive, &each) == 0;
}

static bool make_monitor(struct app *app)
{
	struct monitor_env env = {
	    .cell = &app->cell,
	    .workers = app->workers,
	    .counters = &app->counters,
	    .draining = &app->draining,
	};
	struct buf why = {0};

	for (size_t i = 0; i < app->sockets.n; i++) {
		struct sockets_item *item = &app->sockets.items[i];

		if (item->protocol != SETTINGS_METRICS || app->monitor)
			continue;
		item->taken = true;
		app->monitor = monitor_new(&env, item->fd, &why);
		if (!app->monitor)
			log_line("metrics: %s", buf_z(&why));
		buf_free(&why);
		if (!app->monitor)
			return false;
	}
	return true;
}

static bool make_loader(struct app *app)
{
	struct loader_env env = {
	    .source = app->call->settings,
	    .cell = &app->cell,
	    .ports = {sockets_port(&app->sockets, SETTINGS_GOPHER),
		sockets_port(&app->sockets, SETTINGS_GEMINI)},
	    .counters = &app->counters,
	    .notify = app->notify,
	    .confined = app->settings->confine,
	    .published = on_published,
	    .context = app,
	};

	app->loader = loader_new(&env);
	return app->loader != NULL;
}

static void make_upgrade(struct app *app)
{
	struct upgrade_env env = {
	    .base = workers_base(app->workers),
	    .program = app->program,
	    .argv = app->call->argv,
	    .sockets = &app->sockets,
	    .obstacle = buf_z(&app->obstacle),
	    .confined = app->settings->confine,
	    .succeeded = on_succeeded,
	    .failed = on_failed,
	    .lost = on_lost,
	    .context = app,
	};

	app->upgrade = upgrade_new(&env);
}

/* False: with the reason in the log. */
static bool make_all(struct app *app)
{
	struct peers_limits limits = peers_limits(app->settings);
	struct buf why = {0};

	if (!veil_init(&app->veil, VEIL_HASHED, &why)) {
		log_line("%s", buf_z(&why));
		buf_free(&why);
		return false;
	}
	if (!(app->peers = peers_new(&limits)) || !(app->aside = aside_new(&app->cell)) ||
	    !make_workers(app) || !catch_signals(app) || !keep_watchdog(app)) {
		log_line("starting: %s", strerror(errno));
		return false;
	}
	make_upgrade(app);
	return make_monitor(app);
}

/* ------------------------------------------------------------------------------ all of it */

static bool run(struct app *app)
{
	int error = workers_start(app->workers);

	if (error == 0 && !make_loader(app))
		error = errno;
	if (error == 0) {
		log_line("ready");
		successor_say_ready(app->ready_fd);
		notify_ready(app->notify);
	} else {
		log_line("starting a thread: %s", strerror(error));
		drain(app);
	}
	log_flush(LOG_WAIT_MS);
	workers_run(app->workers);
	return error == 0;
}

static enum app_exit serve(struct app *app)
{
	enum app_exit status = prepare(app);

	if (status != APP_OK)
		return status;
	if (!make_all(app) || !run(app))
		return APP_SYSTEM;
	return app->lost ? APP_SYSTEM : APP_OK;
}

/* What uses another comes first; the desks of the workers after the thread aside. */
static void clear(struct app *app)
{
	sigset_t all;

	/* Nobody hears of signals from here on, and none is to end what ends. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	loader_free(app->loader);
	upgrade_free(app->upgrade);
	monitor_free(app->monitor);
	if (app->alive)
		event_free(app->alive);
	for (size_t i = 0; i < SIGNALS; i++)
		if (app->signals[i])
			event_free(app->signals[i]);
	aside_free(app->aside);
	workers_free(app->workers);
	sockets_close(&app->sockets);
	peers_free(app->peers);
	veil_clear(&app->veil);
	notify_close(app->notify);
	user_clear(&app->user);
	free(app->program);
	buf_free(&app->obstacle);
	state_cell_clear(&app->cell);
	settings_unref(app->settings);
}

/* What libevent has to say goes where everything goes. */
static void on_libevent(int severity, const char *text)
{
	(void)severity;
	log_line("libevent: %s", text);
}

/*
 * Why it does not serve belongs into the log, too, where a process that was to take over has no other
 * reader. Not as root, who opens no file in a directory of its user's.
 */
static void say_in_the_log(struct app *app)
{
	struct buf why = {0};

	if (app->settings && geteuid() != 0)
		log_open(LOG_MESSAGES, app->settings->log, &why);
	buf_free(&why);
}

enum app_exit app_serve(const struct app_call *call, struct settings *s)
{
	struct app app = {.call = call, .settings = s, .ready_fd = successor_ready_fd()};
	enum app_exit status;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	event_set_log_callback(on_libevent);
	state_cell_init(&app.cell);
	log_line("digestd " PACKAGE_VERSION ", process %ld", (long)getpid());
	status = serve(&app);
	if (status != APP_OK)
		say_in_the_log(&app);
	clear(&app);
	if (status == APP_OK)
		log_line("stopped");
	log_flush(LOG_WAIT_MS);
	return status;
}
