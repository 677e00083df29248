#include "config.h"

#include "serve/aside.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "content/search.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of the thread, beside those that serve (nice(2)). */
#define NICENESS 10

/* A request on its way to its reply. The texts of the request stand in text. */
struct aside_job {
	struct aside_job *next;
	struct aside_desk *desk; /* borrowed: of the worker that asked */
	struct answer_request request;
	struct net_reply reply;
	int64_t asked_us; /* clock_monotonic_us */
	bool forgotten;   /* nobody waits for it any more */
	char text[];
};

struct aside {
	struct answer answer; /* the thread's own */
	pthread_t thread;
	pthread_mutex_t lock; /* guards all that follows, and the desks */
	pthread_cond_t asked; /* a job was added, or it is time to end */
	struct aside_queue todo;
	unsigned waiting; /* jobs asked for and not yet collected */
	atomic_bool ending;
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

/* The oldest job, taken off; NULL: there is none. */
static struct aside_job *take_first(struct aside_queue *q)
{
	struct aside_job *job = q->first;

	if (!job)
		return NULL;
	q->first = job->next;
	if (!q->first)
		q->last = &q->first;
	return job;
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

/*
 * Where there are fewer processors than threads, those who read come first. Only on
 * Linux is this a property of the one thread; elsewhere it would be the process's.
 */
static void give_way(void)
{
#ifdef __linux__
	if (setpriority(PRIO_PROCESS, 0, NICENESS) != 0)
		log_line("searches keep the priority of the rest: %s", strerror(errno));
#endif
}

static void build_index(struct aside *s)
{
	int64_t begun = clock_monotonic_us();
	struct buf why = {0};

	s->answer.search = search_new(s->answer.digest, &s->ending, &why);
	if (s->answer.search)
		log_line("search: %" PRIu32 " entries indexed in %" PRId64 " ms",
		    s->answer.digest->all.n, (clock_monotonic_us() - begun) / 1000);
	else if (!s->ending)
		log_line("search: there will be none: %s", buf_z(&why));
	log_flush(0);
	buf_free(&why);
}

/* Throws away the jobs at the front that nobody waits for; the lock is held. */
static void skip_forgotten(struct aside *s)
{
	while (s->todo.first && s->todo.first->forgotten) {
		free(take_first(&s->todo));
		s->waiting--;
	}
}

/* The next job, waiting for one; NULL: it is time to end. */
static struct aside_job *next_job(struct aside *s)
{
	struct aside_job *job = NULL;

	pthread_mutex_lock(&s->lock);
	for (skip_forgotten(s); !s->todo.first && !s->ending; skip_forgotten(s))
		pthread_cond_wait(&s->asked, &s->lock);
	if (!s->ending)
		job = take_first(&s->todo);
	pthread_mutex_unlock(&s->lock);
	return job;
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

static void *run(void *context)
{
	struct aside *s = context;
	struct aside_job *job;

	give_way();
	build_index(s);
	while ((job = next_job(s))) {
		if (clock_monotonic_us() - job->asked_us > ASIDE_PATIENCE_MS * 1000)
			answer_busy(&job->request, &job->reply);
		else
			answer_find(&s->answer, &job->request, &job->reply);
		deliver(s, job);
		arena_reset(s->answer.arena);
	}
	return NULL;
}

/* -------------------------------------------------------------------------------- begin and end */

/* Signals are the first worker's. */
static int start_thread(struct aside *s)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct aside *aside_new(
    const struct settings *settings, struct digest *d, uint16_t gopher_port, uint16_t gemini_port)
{
	struct aside *s = mem_zalloc(1, sizeof *s);
	int error;

	answer_init(&s->answer, settings, d, gopher_port, gemini_port);
	s->answer.patient = true;
	queue_init(&s->todo);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->asked, NULL);
	error = start_thread(s);
	if (error == 0)
		return s;
	pthread_cond_destroy(&s->asked);
	pthread_mutex_destroy(&s->lock);
	answer_clear(&s->answer);
	free(s);
	errno = error;
	return NULL;
}

void aside_free(struct aside *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_signal(&s->asked);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	queue_clear(&s->todo);
	search_free(s->answer.search);
	answer_clear(&s->answer);
	pthread_cond_destroy(&s->asked);
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
		pthread_cond_signal(&s->asked);
	}
	pthread_mutex_unlock(&s->lock);
	if (!room)
		free(job);
	return room;
}

void aside_forget(struct aside_desk *d, uint64_t ticket)
{
	struct aside *s = d->aside;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	for (struct aside_job *job = s->todo.first; job; job = job->next)
		if (job->desk == d && job->request.ticket == ticket)
			job->forgotten = true;
	pthread_mutex_unlock(&s->lock);
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
