#include "config.h"

#include "serve/aside.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/os_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* A request on its way to its reply. The texts of the request stand in text. */
struct aside_job {
	struct aside_job *next;
	struct aside_desk *desk; /* borrowed: of the worker that asked */
	struct answer_request request;
	struct net_reply reply;
	int64_t asked_us; /* clock_monotonic_us */
	char text[];
};

struct aside {
	struct state_cell *cell; /* borrowed */
	struct state *state;     /* the thread's own: one reference; NULL before the first */
	struct answer answer;    /* the thread's own: of that state */
	pthread_t thread;
	pthread_mutex_t lock; /* guards all that follows, and the desks */
	pthread_cond_t told;  /* there is a job or another state, or it is time to end */
	struct aside_queue todo;
	unsigned waiting; /* jobs asked for and not yet collected */
	bool looked;      /* the thread knows of no newer state */
	bool ending;
};

/* ------------------------------------------------------------------------------------ the queues */

/* As long as the thread runs, the lock is held for what follows. */

static void queue_init(struct aside_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void append(struct aside_queue *q, struct aside_job *job)
{
	job->next = NULL;
	*q->last = job;
	q->last = &job->next;
}

/* Takes off the job that stands there; NULL: none does. */
static struct aside_job *take_at(struct aside_queue *q, struct aside_job **at)
{
	struct aside_job *job = *at;

	if (!job)
		return NULL;
	*at = job->next;
	if (q->last == &job->next)
		q->last = at;
	return job;
}

/* The oldest job, taken off; NULL: there is none. */
static struct aside_job *take_first(struct aside_queue *q)
{
	return take_at(q, &q->first);
}

/* The job of that desk and ticket, taken off; NULL: there is none. */
static struct aside_job *take(struct aside_queue *q, const struct aside_desk *desk, uint64_t ticket)
{
	struct aside_job **at = &q->first;

	while (*at && ((*at)->desk != desk || (*at)->request.ticket != ticket))
		at = &(*at)->next;
	return take_at(q, at);
}

/* Frees what is in it. */
static void queue_clear(struct aside_queue *q)
{
	struct aside_job *job;

	while ((job = take_first(q))) {
		blob_unref(job->reply.body);
		free(job);
	}
}

/* ---------------------------------------------------------------------------------- the thread */

/* Takes the state of now in place of the one it had. */
static void follow(struct aside *s)
{
	struct state *now = state_cell_get(s->cell);

	if (now == s->state) {
		state_unref(now);
		return;
	}
	answer_clear(&s->answer);
	state_unref(s->state);
	s->state = now;
	answer_init(&s->answer, now->settings, now->digest, now->gopher_port, now->gemini_port);
	s->answer.patient = true;
	s->answer.search = now->search;
}

/* Can searches be answered, if only with the word that there are none? */
static bool is_ready(const struct aside *s)
{
	return s->state && (s->state->search || s->state->searchless);
}

/*
 * The next job, if it can be done now; else waits, unless there is something to look at.
 * Returns false when it is time to end.
 */
static bool next_job(struct aside *s, struct aside_job **job)
{
	bool go_on;

	*job = NULL;
	pthread_mutex_lock(&s->lock);
	if (s->looked && !s->ending && is_ready(s) && s->todo.first)
		*job = take_first(&s->todo);
	else if (s->looked && !s->ending)
		pthread_cond_wait(&s->told, &s->lock);
	go_on = !s->ending;
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

/* Follows what was published since it looked last. */
static void look(struct aside *s)
{
	bool again;

	pthread_mutex_lock(&s->lock);
	again = !s->looked;
	s->looked = true;
	pthread_mutex_unlock(&s->lock);
	if (again)
		follow(s);
}

/* Lays the finished job on its desk. A full bell has rung already. */
static void deliver(struct aside *s, struct aside_job *job)
{
	int bell = job->desk->bell;

	pthread_mutex_lock(&s->lock);
	append(&job->desk->ready, job);
	pthread_mutex_unlock(&s->lock);
	if (write(bell, "s", 1) < 0 && errno != EAGAIN)
		log_line("telling a worker of a reply: %s", strerror(errno));
}

static void work(struct aside *s, struct aside_job *job)
{
	if (clock_monotonic_us() - job->asked_us > ASIDE_PATIENCE_MS * 1000)
		answer_busy(job->request.protocol, ANSWER_BUSY, &job->reply);
	else
		answer_find(&s->answer, &job->request, &job->reply);
	deliver(s, job);
	arena_reset(s->answer.arena);
}

static void *run(void *context)
{
	struct aside *s = context;
	struct aside_job *job;

	os_thread_give_way();
	for (look(s); next_job(s, &job); look(s))
		if (job)
			work(s, job);
	return NULL;
}

/* -------------------------------------------------------------------------------- begin and end */

struct aside *aside_new(struct state_cell *cell)
{
	struct aside *s = mem_zalloc(1, sizeof *s);
	int error;

	s->cell = cell;
	queue_init(&s->todo);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->told, NULL);
	error = os_thread_start(&s->thread, run, s);
	if (error == 0)
		return s;
	pthread_cond_destroy(&s->told);
	pthread_mutex_destroy(&s->lock);
	free(s);
	errno = error;
	return NULL;
}

void aside_look(struct aside *s)
{
	pthread_mutex_lock(&s->lock);
	s->looked = false;
	pthread_cond_signal(&s->told);
	pthread_mutex_unlock(&s->lock);
}

void aside_free(struct aside *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_signal(&s->told);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	queue_clear(&s->todo);
	answer_clear(&s->answer);
	state_unref(s->state);
	pthread_cond_destroy(&s->told);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---------------------------------------------------------------------------------- the workers */

void aside_desk_init(struct aside_desk *d, struct aside *s, int bell)
{
	*d = (struct aside_desk){.aside = s, .bell = bell};
	queue_init(&d->ready);
}

void aside_desk_clear(struct aside_desk *d)
{
	queue_clear(&d->ready);
	*d = (struct aside_desk){0};
}

/* Moves s behind what stands at *at already. */
static struct str keep(char **at, struct str s)
{
	struct str kept = {*at, s.n};

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static struct aside_job *job_new(struct aside_desk *desk, const struct answer_request *q)
{
	struct aside_job *job = mem_zalloc(1, sizeof *job + q->name.n + q->path.n + q->words.n);
	char *at = job->text;

	job->desk = desk;
	job->asked_us = clock_monotonic_us();
	job->request = *q;
	job->request.name = keep(&at, q->name);
	job->request.path = keep(&at, q->path);
	job->request.words = keep(&at, q->words);
	return job;
}

bool aside_ask(void *context, const struct answer_request *q)
{
	struct aside_desk *desk = context;
	struct aside *s = desk->aside;
	struct aside_job *job = job_new(desk, q);
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->waiting < ASIDE_WAITING_MAX;
	if (room) {
		s->waiting++;
		append(&s->todo, job);
		pthread_cond_signal(&s->told);
	}
	pthread_mutex_unlock(&s->lock);
	if (!room)
		free(job);
	return room;
}

void aside_forget(struct aside_desk *d, uint64_t ticket)
{
	struct aside *s = d->aside;
	struct aside_job *job;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	job = take(&s->todo, d, ticket);
	if (job)
		s->waiting--;
	pthread_mutex_unlock(&s->lock);
	free(job);
}

bool aside_collect(struct aside_desk *d, uint64_t *ticket, struct net_reply *r)
{
	struct aside *s = d->aside;
	struct aside_job *job;

	pthread_mutex_lock(&s->lock);
	job = take_first(&d->ready);
	if (job)
		s->waiting--;
	pthread_mutex_unlock(&s->lock);
	if (!job)
		return false;
	*ticket = job->request.ticket;
	*r = job->reply;
	free(job);
	return true;
}
