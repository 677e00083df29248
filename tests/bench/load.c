/*
 * load: a bounded load generator for Gopher and Gemini servers on loopback.
 *
 * A closed loop: each of -c slots opens a connection (for Gemini with a TLS
 * handshake), sends one request, reads to the end, and starts again. The server
 * is expected to close first. Latency is from the call of connect() to end of
 * file (Gopher) or close_notify (Gemini).
 *
 * With -m every answer must be exactly the bytes of a file: a server that is
 * fast because it cuts pages short, or mixes them up, does not pass for fast.
 *
 * Copyright (c) 2026 the digestd authors; the terms are in client.h.
 */
#include "client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#define REQUESTS_MAX 64
#define SLOTS_MAX 20000
#define THREADS_MAX 64
#define EVENTS_MAX 512
#define SWEEP_NS 100000000u
#define HANGUP (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

/* How a request ends. DONE is success; the rest is counted by name. */
enum outcome {
	DONE,
	REFUSED,
	TIMED_OUT,
	RESET,
	SHORT,
	BAD_STATUS,
	DIFFERENT,
	TLS_FAILED,
	OTHER,
	OUTCOMES
};
static const char *const outcome_name[OUTCOMES] = {
    [DONE] = "ok",
    [REFUSED] = "refused",
    [TIMED_OUT] = "timeout",
    [RESET] = "reset",
    [SHORT] = "short",
    [BAD_STATUS] = "status",
    [DIFFERENT] = "different",
    [TLS_FAILED] = "tls",
    [OTHER] = "other",
};

enum state { IDLE, CONNECTING, SHAKING, SENDING, READING };

/* What to do; fixed before the workers start, but for the counter of requests. */
struct load {
	struct target target;
	struct request requests[REQUESTS_MAX]; /* asked in turn */
	size_t request_count;
	long slots, threads;
	long total; /* requests in all; 0: until the end of time */
	double seconds;
	uint64_t patience; /* ns that one request may take */
	size_t min_bytes;  /* of an answer */
	char *expected;    /* the exact answer, or NULL */
	size_t expected_size;
	bool resume, json;
	atomic_long issued;  /* requests begun, of total */
	uint64_t begin, end; /* client_now() */
};

/* One connection after the other. */
struct slot {
	enum state state;
	int fd;         /* -1 when IDLE */
	size_t request; /* index */
	uint64_t start;
	size_t sent, received; /* bytes */
	char head[3];          /* how a Gemini answer began */
	bool different;        /* a byte was not as expected */
	SSL *ssl;
	SSL_SESSION *session; /* newest ticket, kept between requests */
};

struct worker {
	struct load *load;
	pthread_t thread;
	int epoll;
	long slots, live; /* live: slots with work left */
	unsigned source;  /* next source address */
	struct slot *slot;
	uint32_t *latency; /* us, of each DONE request */
	size_t latency_count, latency_room;
	uint64_t outcomes[OUTCOMES];
	uint64_t bytes, resumed;
	uint64_t unclosed;   /* DONE, but without close_notify */
	uint64_t unfinished; /* in flight when time was up */
	char buffer[256 * 1024];
};

static void hang_up(struct slot *s)
{
	client_tls_free(s->ssl);
	s->ssl = NULL;
	close(s->fd);
	s->fd = -1;
	s->state = IDLE;
}

static void note_latency(struct worker *w, uint64_t ns)
{
	if (w->latency_count == w->latency_room) {
		w->latency_room = w->latency_room ? w->latency_room * 2 : 1 << 16;
		w->latency = realloc(w->latency, w->latency_room * sizeof *w->latency);
		if (!w->latency)
			client_die("out of memory");
	}
	w->latency[w->latency_count++] = (uint32_t)(ns / 1000);
}

/* Every request that began ends here, but for those in flight at the deadline.
 * Returns true, so that a step can end with it. */
static bool end_request(struct worker *w, struct slot *s, enum outcome how)
{
	w->outcomes[how]++;
	if (how == DONE) {
		note_latency(w, client_now() - s->start);
		w->resumed += s->ssl && SSL_session_reused(s->ssl);
	}
	if (s->fd >= 0)
		hang_up(s);
	return true;
}

static bool end_with_errno(struct worker *w, struct slot *s, int error)
{
	enum outcome how = OTHER;

	if (error == ECONNREFUSED)
		how = REFUSED;
	else if (error == ECONNRESET || error == EPIPE)
		how = RESET;
	return end_request(w, s, how);
}

static enum outcome judge(const struct load *l, const struct slot *s)
{
	if (s->different || (l->expected && s->received != l->expected_size))
		return DIFFERENT;
	if (l->target.gemini && (s->received < 3 || s->head[0] != '2' || s->head[2] != ' '))
		return BAD_STATUS;
	return s->received < l->min_bytes ? SHORT : DONE;
}

static bool end_of_answer(struct worker *w, struct slot *s)
{
	return end_request(w, s, judge(w->load, s));
}

/* Counts and checks what arrived in the worker's buffer. */
static void take(struct worker *w, struct slot *s, size_t n)
{
	const struct load *l = w->load;

	for (size_t i = 0; i < n && s->received + i < sizeof s->head; i++)
		s->head[s->received + i] = w->buffer[i];
	if (l->expected && !s->different)
		s->different = n > l->expected_size - s->received ||
		    memcmp(l->expected + s->received, w->buffer, n) != 0;
	s->received += n;
	w->bytes += n;
}

/* A step returns true when the request has ended and the slot is free. */
static bool send_plain(struct worker *w, struct slot *s)
{
	const struct request *q = &w->load->requests[s->request];

	while (s->sent < q->size) {
		ssize_t n = send(s->fd, q->bytes + s->sent, q->size - s->sent, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
			return false;
		if (n < 0)
			return end_with_errno(w, s, errno);
		s->sent += (size_t)n;
	}
	s->state = READING;
	return false;
}

static bool read_plain(struct worker *w, struct slot *s, uint32_t events)
{
	for (;;) {
		ssize_t n = recv(s->fd, w->buffer, sizeof w->buffer, 0);

		if (n < 0)
			return errno == EAGAIN ? false : end_with_errno(w, s, errno);
		if (n == 0)
			return end_of_answer(w, s);
		take(w, s, (size_t)n);
		/* Edge-triggered: what is still to come brings its own event. */
		if ((size_t)n < sizeof w->buffer && !(events & HANGUP))
			return false;
	}
}

static bool step_plain(struct worker *w, struct slot *s, uint32_t events)
{
	if (s->state == SENDING && send_plain(w, s))
		return true;
	return s->state == READING && events & (EPOLLIN | HANGUP) && read_plain(w, s, events);
}

/* Says what an SSL call that did not go on means: wait, the end, or a fault. */
static bool stopped_tls(struct worker *w, struct slot *s, int result, int error)
{
	int why = SSL_get_error(s->ssl, result);

	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return false;
	if (why == SSL_ERROR_ZERO_RETURN)
		return end_of_answer(w, s);
	if (s->state == READING && client_tls_is_bare_eof(why, error)) {
		w->unclosed += judge(w->load, s) == DONE;
		return end_of_answer(w, s);
	}
	return why == SSL_ERROR_SYSCALL ? end_with_errno(w, s, error)
					: end_request(w, s, TLS_FAILED);
}

static bool step_tls(struct worker *w, struct slot *s)
{
	const struct request *q = &w->load->requests[s->request];
	int r = 0;

	ERR_clear_error();
	errno = 0;
	if (s->state == SHAKING && (r = SSL_do_handshake(s->ssl)) == 1)
		s->state = SENDING;
	if (s->state == SENDING && (r = SSL_write(s->ssl, q->bytes, (int)q->size)) > 0)
		s->state = READING;
	if (s->state == READING)
		while ((r = SSL_read(s->ssl, w->buffer, sizeof w->buffer)) > 0) {
			take(w, s, (size_t)r);
			errno = 0;
		}
	return stopped_tls(w, s, r, errno);
}

static bool step(struct worker *w, struct slot *s, uint32_t events)
{
	bool gemini = w->load->target.gemini;

	if (s->state == CONNECTING) {
		int error = client_socket_error(s->fd);

		if (error)
			return end_with_errno(w, s, error);
		s->state = gemini ? SHAKING : SENDING;
	}
	return gemini ? step_tls(w, s) : step_plain(w, s, events);
}

static bool work_left(struct load *l, uint64_t now)
{
	return now < l->end && (!l->total || atomic_fetch_add(&l->issued, 1) < l->total);
}

/* Begins a request; true when it has ended already, which can only be badly. */
static bool begin_request(struct worker *w, struct slot *s)
{
	struct load *l = w->load;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = s};
	bool connected;

	s->request = (s->request + 1) % l->request_count;
	s->sent = s->received = 0;
	s->different = false;
	s->fd = client_dial(&l->target, &w->source, &connected);
	if (s->fd < 0)
		return end_with_errno(w, s, errno);
	s->state = CONNECTING;
	if (l->target.gemini)
		s->ssl = client_tls(&l->target, s->fd, l->resume ? &s->session : NULL);
	if (!connected || l->target.gemini)
		ev.events |= EPOLLOUT;
	if (connected && step(w, s, 0))
		return true;
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, s->fd, &ev) < 0)
		client_die("epoll_ctl failed");
	return false;
}

/* Puts a free slot to work again, or retires it. */
static void refill(struct worker *w, struct slot *s)
{
	do {
		s->start = client_now();
		if (!work_left(w->load, s->start)) {
			w->live--;
			return;
		}
	} while (begin_request(w, s));
}

static void end_overdue(struct worker *w, uint64_t now)
{
	for (long i = 0; i < w->slots; i++) {
		struct slot *s = &w->slot[i];

		if (s->state != IDLE && now - s->start > w->load->patience) {
			end_request(w, s, TIMED_OUT);
			refill(w, s);
		}
	}
}

static void start_slots(struct worker *w)
{
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0)
		client_die("epoll_create1 failed");
	w->live = w->slots;
	for (long i = 0; i < w->slots; i++) {
		w->slot[i].fd = -1;
		w->slot[i].request = (size_t)i % w->load->request_count;
		refill(w, &w->slot[i]);
	}
}

/* What is in flight when time is up has neither succeeded nor failed. */
static void stop_slots(struct worker *w)
{
	for (long i = 0; i < w->slots; i++)
		if (w->slot[i].state != IDLE) {
			w->unfinished++;
			hang_up(&w->slot[i]);
		}
	close(w->epoll);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct epoll_event ev[EVENTS_MAX];
	uint64_t now = client_now(), swept = now;

	start_slots(w);
	while (w->live > 0 && now < w->load->end) {
		int n = epoll_wait(w->epoll, ev, EVENTS_MAX, 50);

		for (int i = 0; i < n; i++) {
			struct slot *s = ev[i].data.ptr;

			if (s->state != IDLE && step(w, s, ev[i].events))
				refill(w, s);
		}
		now = client_now();
		if (now - swept > SWEEP_NS) {
			end_overdue(w, now);
			swept = now;
		}
	}
	stop_slots(w);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Adds a worker's figures to those of the first. */
static void merge(struct worker *all, const struct worker *w)
{
	for (size_t i = 0; i < w->latency_count; i++)
		note_latency(all, (uint64_t)w->latency[i] * 1000);
	for (int k = 0; k < OUTCOMES; k++)
		all->outcomes[k] += w->outcomes[k];
	all->bytes += w->bytes;
	all->resumed += w->resumed;
	all->unclosed += w->unclosed;
	all->unfinished += w->unfinished;
}

static uint32_t quantile(const struct worker *w, double q)
{
	size_t i = (size_t)(q * (double)w->latency_count);

	if (!w->latency_count)
		return 0;
	return w->latency[i < w->latency_count ? i : w->latency_count - 1];
}

static uint64_t failures(const struct worker *w)
{
	uint64_t n = 0;

	for (int k = DONE + 1; k < OUTCOMES; k++)
		n += w->outcomes[k];
	return n;
}

static void print_text(const struct worker *w, double seconds)
{
	double ok = (double)w->outcomes[DONE];

	printf("%.2f s: %.0f requests done, %.1f/s; %lu failed, %lu unfinished\n", seconds, ok,
	    ok / seconds, failures(w), w->unfinished);
	for (int k = DONE + 1; k < OUTCOMES; k++)
		if (w->outcomes[k])
			printf("failed: %s %lu\n", outcome_name[k], w->outcomes[k]);
	printf("%.1f MB/s, %lu resumed, %lu without close_notify\n",
	    (double)w->bytes / seconds / 1e6, w->resumed, w->unclosed);
	printf("latency in us: p50 %u, p90 %u, p99 %u, p99.9 %u, max %u\n", quantile(w, .5),
	    quantile(w, .9), quantile(w, .99), quantile(w, .999), quantile(w, 1));
}

static void print_json(const struct worker *w, double seconds)
{
	printf("{\"library\":\"%s\",\"seconds\":%.3f,\"rate\":%.1f,\"bytes\":%lu,\"failed\":%lu,"
	       "\"unfinished\":%lu,"
	       "\"resumed\":%lu,\"unclosed\":%lu,\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u,"
	       "\"max\":%u",
	    client_tls_library(), seconds, (double)w->outcomes[DONE] / seconds, w->bytes,
	    failures(w), w->unfinished, w->resumed, w->unclosed, quantile(w, .5), quantile(w, .9),
	    quantile(w, .99), quantile(w, .999), quantile(w, 1));
	for (int k = 0; k < OUTCOMES; k++)
		printf(",\"%s\":%lu", outcome_name[k], w->outcomes[k]);
	puts("}");
}

/* Runs all workers to the end; their figures are then those of the first. */
static struct worker *run(struct load *l)
{
	struct worker *w = client_alloc((size_t)l->threads, sizeof *w);

	l->begin = client_now();
	l->end = l->begin + (uint64_t)(l->seconds * 1e9);
	for (long i = 0; i < l->threads; i++) {
		w[i].load = l;
		w[i].source = (unsigned)i * 7919; /* workers begin apart */
		w[i].slots = l->slots / l->threads + (i < l->slots % l->threads);
		w[i].slot = client_alloc((size_t)w[i].slots, sizeof *w[i].slot);
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			client_die("cannot start a thread");
	}
	for (long i = 0; i < l->threads; i++)
		pthread_join(w[i].thread, NULL);
	for (long i = 1; i < l->threads; i++)
		merge(&w[0], &w[i]);
	return w;
}

static void read_expected(struct load *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		client_die("cannot read the file of -m");
	rewind(f);
	l->expected_size = (size_t)size;
	l->expected = client_alloc(l->expected_size + 1, 1);
	if (fread(l->expected, 1, l->expected_size, f) != l->expected_size)
		client_die("cannot read the file of -m");
	fclose(f);
}

static _Noreturn void usage(void)
{
	fputs(
	    "usage: load -p gopher|gemini -P port [-u path]...\n"
	    "  -H address     loopback only (127.0.0.1)   -N name   for SNI and URLs (localhost)\n"
	    "  -c slots       connections at a time (16)  -t threads (1)\n"
	    "  -d seconds     or -n requests; the latter alone stops after 60 s\n"
	    "  -w seconds     patience for one request (10)\n"
	    "  -m file        answers must be these bytes exactly; -b bytes: at least so many (1)\n"
	    "  -r             resume TLS sessions         -T 1.2|1.3 (1.3)\n"
	    "  -V             do not check the signature of the handshake: a cheaper client\n"
	    "  -a addresses   source addresses to spread over (64)\n"
	    "  -j             one line of JSON in place of text\n",
	    stderr);
	exit(2);
}

/* The options, and the paths that wait until the target is known. */
struct options {
	struct load *load;
	struct tls_options tls;
	const char *host;
	const char *path[REQUESTS_MAX];
	size_t paths;
};

static bool set_option(struct options *o, int c, char *arg)
{
	struct load *l = o->load;

	switch (c) {
	case 'p':
		l->target.gemini = strcmp(arg, "gemini") == 0;
		break;
	case 'P':
		l->target.port = (int)client_number('P', arg, 1, 65535);
		break;
	case 'H':
		o->host = arg;
		break;
	case 'N':
		l->target.name = arg;
		break;
	case 'c':
		l->slots = client_number('c', arg, 1, SLOTS_MAX);
		break;
	case 't':
		l->threads = client_number('t', arg, 1, THREADS_MAX);
		break;
	case 'n':
		l->total = client_number('n', arg, 1, 1000000000);
		break;
	case 'd':
		l->seconds = client_seconds('d', arg);
		break;
	case 'w':
		l->patience =
		    (uint64_t)client_number('w', arg, 1, CLIENT_SECONDS_MAX) * 1000000000u;
		break;
	case 'm':
		read_expected(l, arg);
		break;
	case 'b':
		l->min_bytes = (size_t)client_number('b', arg, 0, 1L << 40);
		break;
	case 'r':
		l->resume = o->tls.resume = true;
		break;
	case 'T':
		o->tls.version = strcmp(arg, "1.2") ? TLS1_3_VERSION : TLS1_2_VERSION;
		break;
	case 'V':
		o->tls.skip_check = true;
		break;
	case 'a':
		l->target.sources = (unsigned)client_number('a', arg, 1, 1000);
		break;
	case 'j':
		l->json = true;
		break;
	case 'u':
		if (o->paths == REQUESTS_MAX)
			return false;
		o->path[o->paths++] = arg;
		break;
	default:
		return false;
	}
	return true;
}

static void read_options(struct load *l, int argc, char **argv)
{
	struct options o = {.load = l, .host = "127.0.0.1", .tls.version = TLS1_3_VERSION};
	int c;

	while ((c = getopt(argc, argv, "p:P:H:N:c:t:n:d:w:m:b:rT:Va:ju:")) != -1)
		if (!set_option(&o, c, optarg))
			usage();
	if (!l->target.port || optind != argc)
		usage();
	if (l->threads > l->slots)
		l->threads = l->slots;
	client_resolve(&l->target, o.host);
	if (!o.paths)
		o.path[o.paths++] = l->target.gemini ? "/" : "";
	for (size_t i = 0; i < o.paths; i++)
		l->requests[l->request_count++] = client_request(&l->target, o.path[i]);
	if (l->target.gemini)
		client_tls_init(&l->target, o.tls);
}

int main(int argc, char **argv)
{
	struct load l = {.target = {.name = "localhost", .sources = 64},
	    .slots = 16,
	    .threads = 1,
	    .patience = 10000000000u,
	    .min_bytes = 1,
	    .seconds = 60};
	struct worker *w;
	double seconds;

	read_options(&l, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	client_raise_file_limit();
	w = run(&l);
	seconds = (double)(client_now() - l.begin) / 1e9;
	if (w->latency_count)
		qsort(w->latency, w->latency_count, sizeof *w->latency, compare);
	if (l.json)
		print_json(w, seconds);
	else
		print_text(w, seconds);
	return failures(w) ? 1 : 0;
}
