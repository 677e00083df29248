#include "config.h"

#include "serve/loader.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "content/load.h"
#include "serve/identity.h"
#include "serve/os_thread.h"
#include "serve/stamp.h"
#include "serve/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A burst of writes is one load: so long nothing must have changed, but not for ever. */
#define QUIET_MS 300
#define SETTLE_MS 3000

/* Most faults of one load that go to the log; `digestd check` lists them all. */
#define FAULTS_LOGGED 20

/* How often certificates that end soon are warned of. */
#define DAY_US (INT64_C(24) * 60 * 60 * 1000000)

struct loader {
	struct loader_env env;
	pthread_t thread;
	int pipe[2];                /* a byte: there is something asked for, or the end */
	atomic_bool asked;          /* load, whether anything changed or not */
	atomic_bool stopped;        /* load no more */
	atomic_bool ending;         /* also for whoever makes an index */
	struct buf warned;          /* what watch_new said last */
	int64_t warn_us;            /* clock_monotonic_us when certificates are looked at next */
	struct settings *first;     /* one reference: those of the start, */
	struct stat content, certs; /* and their directories */
};

/* ------------------------------------------------------------------------- one state */

/* The faults, a line each, and how many more there are. */
static void log_faults(const struct diag_list *diags)
{
	struct buf text = {0};
	struct str rest, line;
	size_t lines = 0;

	diag_print(diags, &text);
	rest = buf_str(&text);
	while (lines < FAULTS_LOGGED && str_next_line(&rest, &line)) {
		log_line("%.*s", STR_ARGS(line));
		lines++;
	}
	if (diags->total > lines)
		log_line("%zu errors more: digestd check lists them all", diags->total - lines);
	buf_free(&text);
}

static const char *entries_word(uint32_t n)
{
	return n == 1 ? "entry" : "entries";
}

static void log_content(const struct digest *d, const struct settings *s)
{
	uint32_t waits = d->all.n - digest_count(&d->all, d->loaded);
	struct buf text = {0};

	buf_printf(&text, "content: %u %s", d->all.n, entries_word(d->all.n));
	if (waits > 0)
		buf_printf(&text, ", %u of which %s for %s date,", waits,
		    waits == 1 ? "waits" : "wait", waits == 1 ? "its" : "their");
	log_line("%s from %s", buf_z(&text), s->content.p);
	buf_free(&text);
}

static struct digest *load_content(const struct settings *s)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(s->content.p, clock_wall(), diags);

	if (d)
		log_content(d, s);
	else
		log_faults(diags);
	diag_free(diags);
	return d;
}

static const char *tickets_of(const struct settings *s)
{
	return s->ticket_keys.n > 0 ? s->ticket_keys.p : NULL;
}

static bool same_identity(const struct settings *a, const struct settings *b)
{
	return settings_same(a, b, "hostname") && settings_same(a, b, "alias") &&
	    settings_same(a, b, "certs") && settings_same(a, b, "ticket_keys");
}

/*
 * Keys that only root may read cannot be read again by the user that this process has
 * become, so what has not changed is not read again, nor what may not even be looked at. The
 * stamp comes first: what changes meanwhile is noticed the next time.
 */
static bool load_identity(struct state *s, const struct state *before)
{
	const char *tickets = tickets_of(s->settings);
	enum identity_sight sight = identity_look(s->settings, tickets, &s->identity_stamp);

	if (before && sight == IDENTITY_HIDDEN && same_identity(s->settings, before->settings))
		s->identity_stamp = before->identity_stamp;
	if (before && before->tls && before->identity_stamp == s->identity_stamp)
		s->tls = tls_store_ref(before->tls);
	else
		s->tls = identity_load(s->settings, tickets, before ? before->tls : NULL);
	/* What was made just now is no change. */
	if (sight == IDENTITY_MISSING)
		identity_look(s->settings, tickets, &s->identity_stamp);
	return s->tls != NULL;
}

struct state *loader_load(
    struct settings *settings, const struct loader_ports *ports, const struct state *before)
{
	struct state *s = state_new();

	s->settings = settings;
	s->gopher_port = (uint16_t)(ports->gopher && settings->gopher_port ? settings->gopher_port
									   : ports->gopher);
	s->gemini_port = (uint16_t)(ports->gemini && settings->gemini_port ? settings->gemini_port
									   : ports->gemini);
	if (!before)
		stamp_of(&settings->content.p, 1, &s->content_stamp);
	s->digest = load_content(settings);
	if (s->digest && (!ports->gemini || load_identity(s, before)))
		return s;
	state_unref(s);
	return NULL;
}

/* ------------------------------------------------------------------------- the index */

/* Makes the index of a state that is not published yet. Returns false when it is time to end. */
static bool make_index(struct loader *l, struct state *s)
{
	int64_t begun = clock_monotonic_us();
	struct buf why = {0};

	s->search = search_new(s->digest, &l->ending, &why);
	s->searchless = !s->search;
	if (s->search)
		log_line("search: %" PRIu32 " %s indexed in %" PRId64 " ms", s->digest->all.n,
		    entries_word(s->digest->all.n), (clock_monotonic_us() - begun) / 1000);
	else if (!l->ending)
		log_line("search: there will be none: %s", buf_z(&why));
	buf_free(&why);
	return !l->ending;
}

static void publish(struct loader *l, struct state *s, bool whole)
{
	struct buf status = {0};

	buf_printf(&status, "%" PRIu32 " %s", s->digest->all.n, entries_word(s->digest->all.n));
	notify_status(l->env.notify, buf_str(&status));
	buf_free(&status);
	state_cell_put(l->env.cell, s);
	l->env.published(l->env.context, whole);
	log_flush(0);
}

/* The first state once more, with its index. */
static void index_first(struct loader *l)
{
	struct state *first = state_cell_get(l->env.cell);
	struct state *s = state_new();

	s->settings = settings_ref(first->settings);
	s->digest = digest_ref(first->digest);
	s->tls = tls_store_ref(first->tls);
	s->identity_stamp = first->identity_stamp;
	s->gopher_port = first->gopher_port;
	s->gemini_port = first->gemini_port;
	state_unref(first);
	if (make_index(l, s))
		publish(l, s, false);
	else
		state_unref(s);
}

/* --------------------------------------------------------------------------- a reload */

static struct settings *read_settings(const struct loader *l)
{
	struct diag_list *diags = diag_new();
	struct settings *s = settings_source_load(l->env.source, diags);

	if (!s)
		log_faults(diags);
	diag_free(diags);
	return s;
}

/* What was changed in vain, until the next start. */
static void say_what_waits(const struct settings *old, const struct settings *new)
{
	struct buf names = {0};

	settings_need_start(old, new, &names);
	if (names.len > 0)
		log_line("changed, but only a start makes it so: %s", buf_z(&names));
	buf_free(&names);
}

/* What a confined process cannot open any more looks like missing rights, which it is not. */
static void say_if_replaced(const char *directory, const struct stat *then)
{
	struct stat now;

	/* A link may be turned (digestd.8). */
	if (lstat(directory, &now) == 0 && S_ISLNK(now.st_mode))
		return;
	if (stat(directory, &now) == 0 &&
	    (now.st_dev != then->st_dev || now.st_ino != then->st_ino))
		log_line("%s is another directory than at the start, which confinement may not let "
			 "in: restart; from then on change what is in it, or make it a symbolic "
			 "link and turn that",
		    directory);
}

static void say_why_not(const struct loader *l, const struct settings *s)
{
	log_line("not reloaded: what was served before is served on");
	if (!l->env.confined)
		return;
	say_if_replaced(s->content.p, &l->content);
	say_if_replaced(s->certs.p, &l->certs);
}

/* A whole new state in the place of the one before, with its index; NULL: nothing of it. */
static struct state *load_with_index(
    struct loader *l, struct settings *settings, const struct state *before)
{
	struct state *s = loader_load(settings_ref(settings), &l->env.ports, before);

	if (!s || make_index(l, s))
		return s;
	state_unref(s);
	return NULL;
}

/* The settings are those that were read, or of before where these have faults. */
static void fail(struct loader *l, const struct settings *settings)
{
	if (l->ending)
		return;
	say_why_not(l, settings);
	counters_reloaded(l->env.counters, COUNTERS_RELOAD_FAILED, clock_wall(), 0);
}

static void succeed(struct loader *l, struct state *s)
{
	uint32_t entries = s->digest->all.n;

	say_what_waits(l->first, s->settings);
	publish(l, s, true);
	counters_reloaded(l->env.counters, COUNTERS_RELOAD_OK, clock_wall(), entries);
	log_line("reloaded");
}

static void reload(struct loader *l)
{
	struct state *before = state_cell_get(l->env.cell);
	struct settings *settings = read_settings(l);
	struct state *s = NULL;

	notify_reloading(l->env.notify);
	if (settings)
		s = load_with_index(l, settings, before);
	if (s)
		succeed(l, s);
	else
		fail(l, settings ? settings : before->settings);
	notify_ready(l->env.notify);
	settings_unref(settings);
	state_unref(before);
	log_flush(0);
}

/* ------------------------------------------------------------------------- the waiting */

/* Lists the files and directories that the state depends on; none, if nobody wants to be told. */
static size_t list_paths(const struct state *s, const char *paths[4])
{
	const struct settings *now = s->settings;
	size_t n = 0;

	if (!now->watch)
		return 0;
	paths[n++] = now->content.p;
	if (now->file.n > 0)
		paths[n++] = now->file.p;
	if (s->tls)
		paths[n++] = now->certs.p;
	if (s->tls && now->ticket_keys.n > 0)
		paths[n++] = now->ticket_keys.p;
	return n;
}

static struct watch *new_watch(struct loader *l)
{
	struct state *s = state_cell_get(l->env.cell);
	const struct settings *now = s->settings;
	const char *paths[4];
	struct buf why = {0};
	size_t n = list_paths(s, paths);
	struct watch *w;

	w = watch_new(paths, n, now->poll_interval * 1000, &why);
	if (why.len > 0 && !str_eq(buf_str(&why), buf_str(&l->warned)))
		log_line("watch: %s", buf_z(&why));
	buf_free(&l->warned);
	l->warned = why;
	state_unref(s);
	return w;
}

/*
 * What could be looked at before the process became its user and cannot be now is no change:
 * nothing could be loaded from there.
 */
static bool has_changed(struct str path, uint64_t before)
{
	uint64_t now;

	return path.n > 0 && stamp_of(&path.p, 1, &now) && now != before;
}

static bool identity_has_changed(const struct state *s)
{
	uint64_t now;

	return s->tls &&
	    identity_look(s->settings, tickets_of(s->settings), &now) != IDENTITY_HIDDEN &&
	    now != s->identity_stamp;
}

/* The first load had no watch: what changed while it read is not told. */
static bool is_stale(struct loader *l)
{
	struct state *s = state_cell_get(l->env.cell);
	const struct settings *now = s->settings;
	bool stale = now->watch &&
	    (has_changed(now->content, s->content_stamp) ||
		has_changed(now->file, now->file_stamp) || identity_has_changed(s));

	state_unref(s);
	return stale;
}

static void warn_of_certificates(struct loader *l)
{
	struct state *s = state_cell_get(l->env.cell);

	if (s->tls)
		identity_warn(s->settings, s->tls, clock_wall());
	state_unref(s);
	log_flush(0);
	l->warn_us = clock_monotonic_us() + DAY_US;
}

static void empty_pipe(const struct loader *l)
{
	char bytes[64];

	while (read(l->pipe[0], bytes, sizeof bytes) > 0)
		;
}

/* Waits until there is something to load, or the end. Returns true when it is time to load. */
static bool wait_for_change(struct loader *l, struct watch *w)
{
	int64_t left = l->warn_us - clock_monotonic_us();
	enum watch_event e = watch_wait(w, l->pipe[0], left > 0 ? (int)(left / 1000) + 1 : 0);
	bool changed = e == WATCH_CHANGED;

	if (changed)
		e = watch_settle(w, l->pipe[0], QUIET_MS, SETTLE_MS);
	if (e == WATCH_TIMEOUT)
		warn_of_certificates(l);
	if (e == WATCH_WOKEN)
		empty_pipe(l);
	return atomic_exchange(&l->asked, false) || changed;
}

/* Would a watch made for one state do for the other? */
static bool same_watch(const struct settings *a, const struct settings *b)
{
	return a->watch == b->watch && a->poll_interval == b->poll_interval &&
	    str_eq(a->content, b->content) && str_eq(a->certs, b->certs) &&
	    str_eq(a->ticket_keys, b->ticket_keys);
}

/*
 * Loads; returns the watch that is good from now on. Each is made before its load, so
 * that nothing that changes from there on is missed; where the load shows that
 * other paths are to be watched, both are done once more.
 */
static struct watch *watched_reload(struct loader *l, struct watch *w)
{
	struct state *before, *after;
	bool same;

	do {
		before = state_cell_get(l->env.cell);
		watch_free(w);
		w = new_watch(l);
		reload(l);
		after = state_cell_get(l->env.cell);
		same = same_watch(before->settings, after->settings);
		state_unref(before);
		state_unref(after);
	} while (!same && !l->stopped);
	return w;
}

static void *run(void *context)
{
	struct loader *l = context;
	struct watch *w = new_watch(l);

	os_thread_give_way();
	l->warn_us = clock_monotonic_us() + DAY_US; /* the first load has warned */
	if (is_stale(l))                            /* which only the first state can tell */
		loader_ask(l);
	index_first(l);
	while (!l->stopped)
		if (wait_for_change(l, w) && !l->stopped)
			w = watched_reload(l, w);
	watch_free(w);
	return NULL;
}

/* ------------------------------------------------------------------------ begin and end */

static void wake(struct loader *l)
{
	/* A full pipe wakes it as well. */
	if (write(l->pipe[1], "w", 1) < 0 && errno != EAGAIN)
		log_line("waking the loader: %s", strerror(errno));
}

/* What cannot be found stays zeros, which are no directory. */
static void note_start(struct loader *l)
{
	struct state *s = state_cell_get(l->env.cell);

	l->first = settings_ref(s->settings);
	if (stat(s->settings->content.p, &l->content) != 0)
		l->content = (struct stat){0};
	if (stat(s->settings->certs.p, &l->certs) != 0)
		l->certs = (struct stat){0};
	state_unref(s);
}

static void clear(struct loader *l)
{
	for (int i = 0; i < 2; i++)
		if (l->pipe[i] >= 0)
			close(l->pipe[i]);
	settings_unref(l->first);
	buf_free(&l->warned);
	free(l);
}

struct loader *loader_new(const struct loader_env *env)
{
	struct loader *l = mem_zalloc(1, sizeof *l);
	int error;

	l->env = *env;
	note_start(l);
	if (pipe2(l->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		l->pipe[0] = l->pipe[1] = -1;
	error = l->pipe[0] < 0 ? errno : os_thread_start(&l->thread, run, l);
	if (error == 0)
		return l;
	clear(l);
	errno = error;
	return NULL;
}

void loader_stop(struct loader *l)
{
	l->stopped = true;
	wake(l);
}

void loader_free(struct loader *l)
{
	if (!l)
		return;
	l->stopped = true;
	l->ending = true;
	wake(l);
	pthread_join(l->thread, NULL);
	clear(l);
}

void loader_ask(struct loader *l)
{
	l->asked = true;
	wake(l);
}
