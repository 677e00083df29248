/*
 * hold: keeps many connections open against a Gopher or Gemini server on
 * loopback, saying nothing, or a byte now and then, and tells when the server
 * hangs up. For measuring what an idle or a slow client costs, and whether
 * deadlines hold against one that drips.
 *
 * Copyright (c) 2026 the digestd authors; the terms are in client.h.
 */
#include "client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <openssl/err.h>

#define GUESTS_MAX 20000
#define EVENTS_MAX 256
#define HANGUP (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

enum state { GONE, CONNECTING, SHAKING, HELD };

struct guest {
	enum state state;
	int fd; /* -1 when GONE */
	SSL *ssl;
	uint64_t start;
	size_t dripped; /* bytes sent so far */
};

struct party {
	struct target target;
	long size;     /* guests */
	bool shake;    /* finish the TLS handshake before idling */
	uint64_t drip; /* ns between two bytes of a guest; 0: silence */
	size_t most;   /* bytes of a guest in all; 0: no bound */
	double seconds;
	int epoll;
	struct guest *guest;
	uint32_t *closed_ms; /* age at which the server hung up */
	long connected, failed, closed;
};

static void leave(struct guest *g)
{
	client_tls_free(g->ssl);
	g->ssl = NULL;
	close(g->fd);
	g->fd = -1;
	g->state = GONE;
}

static void arrive(struct party *p, struct guest *g, unsigned *source)
{
	struct epoll_event ev = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = g};
	bool connected;

	g->start = client_now();
	g->fd = client_dial(&p->target, source, &connected);
	if (g->fd < 0 || epoll_ctl(p->epoll, EPOLL_CTL_ADD, g->fd, &ev) < 0) {
		p->failed++;
		return;
	}
	g->state = CONNECTING;
	if (p->shake)
		g->ssl = client_tls(&p->target, g->fd, NULL);
}

/* A few at a time: the point is to be many, not to be sudden. */
static void arrive_all(struct party *p)
{
	unsigned source = 0;

	for (long i = 0; i < p->size; i++) {
		p->guest[i].fd = -1;
		arrive(p, &p->guest[i], &source);
		if (i % 50 == 49)
			usleep(5000);
	}
}

/* Reads and forgets, so that the end of file becomes visible. */
static void drain(struct guest *g)
{
	char bytes[4096];

	ERR_clear_error();
	if (g->ssl)
		while (SSL_read(g->ssl, bytes, sizeof bytes) > 0)
			;
	else
		while (recv(g->fd, bytes, sizeof bytes, 0) > 0)
			;
}

static void react(struct party *p, struct guest *g, uint32_t events)
{
	int error = client_socket_error(g->fd);

	if (g->state == CONNECTING && !error && events & EPOLLOUT) {
		g->state = p->shake ? SHAKING : HELD;
		p->connected++;
	}
	if (g->state == SHAKING && SSL_do_handshake(g->ssl) == 1)
		g->state = HELD;
	if (g->state == HELD)
		drain(g);
	if (!error && !(events & HANGUP))
		return;
	if (g->state == CONNECTING)
		p->failed++;
	else
		p->closed_ms[p->closed++] = (uint32_t)((client_now() - g->start) / 1000000);
	leave(g);
}

/* The next byte of something that could become a request, but never does. */
static char next_byte(const struct party *p, size_t n)
{
	static const char url[] = "gemini://localhost/", hello[] = "\x16\x03\x01\x02\x00";
	bool raw_tls = p->target.gemini && !p->shake;

	if (raw_tls)
		return n < sizeof hello - 1 ? hello[n] : '\0';
	return p->target.gemini && n < sizeof url - 1 ? url[n] : 'a';
}

static void drip_all(struct party *p)
{
	for (long i = 0; i < p->size; i++) {
		struct guest *g = &p->guest[i];
		char byte = next_byte(p, g->dripped);

		if (g->state != HELD || (p->most && g->dripped == p->most))
			continue;
		g->dripped++;
		if (g->ssl)
			SSL_write(g->ssl, &byte, 1);
		else
			send(g->fd, &byte, 1, MSG_NOSIGNAL);
	}
}

static void stay(struct party *p)
{
	uint64_t dripped = client_now(), end = dripped + (uint64_t)(p->seconds * 1e9);
	struct epoll_event ev[EVENTS_MAX];

	while (client_now() < end && p->closed + p->failed < p->size) {
		int n = epoll_wait(p->epoll, ev, EVENTS_MAX, 50);

		for (int i = 0; i < n; i++) {
			struct guest *g = ev[i].data.ptr;

			if (g->state != GONE)
				react(p, g, ev[i].events);
		}
		if (p->drip && client_now() - dripped > p->drip) {
			dripped = client_now();
			drip_all(p);
		}
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void report(struct party *p)
{
	long held = 0, n = p->closed;

	for (long i = 0; i < p->size; i++)
		held += p->guest[i].state == HELD;
	printf("guests %ld, connected %ld, failed %ld, closed by the server %ld, still held %ld\n",
	    p->size, p->connected, p->failed, n, held);
	if (!n)
		return;
	qsort(p->closed_ms, (size_t)n, sizeof *p->closed_ms, compare);
	printf("closed after ms: first %u, median %u, last %u\n", p->closed_ms[0],
	    p->closed_ms[n / 2], p->closed_ms[n - 1]);
}

static _Noreturn void usage(void)
{
	fputs("usage: hold -p gopher|gemini -P port -s guests [-d seconds (10)]\n"
	      "  -H address (127.0.0.1)   -N name (localhost)   -a source addresses (64)\n"
	      "  -S (finish the TLS handshake first)   -i ms (each guest drips a byte so often)\n"
	      "  -b bytes (at most so many of each guest)\n",
	    stderr);
	exit(2);
}

static void read_options(struct party *p, int argc, char **argv)
{
	const char *host = "127.0.0.1";
	int c;

	while ((c = getopt(argc, argv, "p:P:H:N:s:d:a:Si:b:")) != -1)
		switch (c) {
		case 'p':
			p->target.gemini = strcmp(optarg, "gemini") == 0;
			break;
		case 'P':
			p->target.port = (int)client_number('P', optarg, 1, 65535);
			break;
		case 'H':
			host = optarg;
			break;
		case 'N':
			p->target.name = optarg;
			break;
		case 's':
			p->size = client_number('s', optarg, 1, GUESTS_MAX);
			break;
		case 'd':
			p->seconds = client_seconds('d', optarg);
			break;
		case 'a':
			p->target.sources = (unsigned)client_number('a', optarg, 1, 1000);
			break;
		case 'S':
			p->shake = true;
			break;
		case 'i':
			p->drip = (uint64_t)client_number('i', optarg, 1, 600000) * 1000000u;
			break;
		case 'b':
			p->most = (size_t)client_number('b', optarg, 1, 1000);
			break;
		default:
			usage();
		}
	if (!p->target.port || !p->size || optind != argc)
		usage();
	p->shake = p->shake && p->target.gemini;
	client_resolve(&p->target, host);
}

int main(int argc, char **argv)
{
	struct party p = {.target = {.name = "localhost", .sources = 64}, .seconds = 10};

	read_options(&p, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	client_raise_file_limit();
	if (p.shake)
		client_tls_init(&p.target, (struct tls_options){.version = TLS1_3_VERSION});
	p.guest = client_alloc((size_t)p.size, sizeof *p.guest);
	p.closed_ms = client_alloc((size_t)p.size, sizeof *p.closed_ms);
	p.epoll = epoll_create1(EPOLL_CLOEXEC);
	arrive_all(&p);
	stay(&p);
	report(&p);
	return 0;
}
