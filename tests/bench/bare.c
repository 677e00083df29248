/* See bare.h. Copyright (c) 2026 the digestd authors; the terms are there. */
#include "bare.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS 65536
#define EVENTS_MAX 256
#define BACKLOG 4096

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(71);
}

/* Each thread has a listener of its own; the kernel deals out connections. */
static int listener(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	/* Inherited by what is accepted. A TLS answer is several writes. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, BACKLOG))
		die("cannot listen");
	return fd;
}

static int bound_port(int fd)
{
	struct sockaddr_in a = {0};
	socklen_t size = sizeof a;

	if (getsockname(fd, (struct sockaddr *)&a, &size))
		die("getsockname");
	return ntohs(a.sin_port);
}

/* One step of a connection; whatever ends it ends here. */
static bool advance(struct bare *b, int fd)
{
	if (b->protocol->step(b, fd))
		return true;
	if (b->protocol->close)
		b->protocol->close(b, fd);
	b->conn[fd] = (struct bare_conn){0};
	close(fd);
	return false;
}

/* Most requests are there with the connection: those never reach epoll. */
static void welcome(struct bare *b, int ep, int fd)
{
	struct epoll_event ev = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};

	if (fd >= CONNS || (b->protocol->open && !b->protocol->open(b, fd))) {
		close(fd);
		return;
	}
	if (advance(b, fd))
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void loop(struct bare *b, int listen_fd)
{
	struct epoll_event ev[EVENTS_MAX], add = {.events = EPOLLIN, .data.fd = listen_fd};
	int ep = epoll_create1(EPOLL_CLOEXEC), fd;

	epoll_ctl(ep, EPOLL_CTL_ADD, listen_fd, &add);
	for (;;) {
		int n = epoll_wait(ep, ev, EVENTS_MAX, -1);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd != listen_fd) {
				advance(b, ev[i].data.fd);
				continue;
			}
			while ((fd = accept4(
				    listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
				welcome(b, ep, fd);
		}
	}
}

static void *serve_thread(void *arg)
{
	struct bare *b = arg;

	loop(b, listener(b->port));
	return NULL;
}

static void *alloc(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		die("out of memory");
	return p;
}

static void make_answer(struct bare *b, size_t body)
{
	size_t head = strlen(b->protocol->head);

	b->answer_size = head + body;
	b->answer = alloc(b->answer_size + 1, 1);
	memset(b->answer, 'x', b->answer_size);
	memcpy(b->answer, b->protocol->head, head);
}

static void read_answer(struct bare *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		die(path);
	rewind(f);
	b->answer_size = (size_t)size;
	b->answer = alloc(b->answer_size + 1, 1);
	if (fread(b->answer, 1, b->answer_size, f) != b->answer_size)
		die(path);
	fclose(f);
}

static long number(char option, const char *text, long min, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < min || n > max) {
		fprintf(stderr, "-%c wants a number from %ld to %ld\n", option, min, max);
		exit(2);
	}
	return n;
}

static _Noreturn void usage(const char *name)
{
	fprintf(stderr,
	    "usage: bare_%s [-P port] [-f file | -b bytes] [-t threads]\n"
	    "  -f: the whole answer, head included; -b: the size of a made-up body (2048)\n"
	    "  TLS: -C certificate -K key -k tickets (0)\n",
	    name);
	exit(2);
}

static void read_options(struct bare *b, int argc, char **argv)
{
	int c;

	make_answer(b, 2048);
	while ((c = getopt(argc, argv, "P:f:b:t:C:K:k:")) != -1)
		switch (c) {
		case 'P':
			b->port = (int)number('P', optarg, 0, 65535);
			break;
		case 'f':
			free(b->answer);
			read_answer(b, optarg);
			break;
		case 'b':
			free(b->answer);
			make_answer(b, (size_t)number('b', optarg, 0, 1L << 30));
			break;
		case 't':
			b->threads = (int)number('t', optarg, 1, 64);
			break;
		case 'C':
			b->cert = optarg;
			break;
		case 'K':
			b->key = optarg;
			break;
		case 'k':
			b->tickets = (int)number('k', optarg, 0, 10);
			break;
		default:
			usage(b->protocol->name);
		}
}

/* As many connections as the system allows, not as many as a shell does. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int bare_main(const struct bare_protocol *protocol, int argc, char **argv)
{
	struct bare b = {.protocol = protocol, .cert = "cert.pem", .key = "key.pem", .threads = 1};
	int fd;

	read_options(&b, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	raise_file_limit();
	b.conn = alloc(CONNS, sizeof *b.conn);
	if (protocol->init)
		protocol->init(&b);
	fd = listener(b.port);
	b.port = bound_port(fd);
	for (int i = 1; i < b.threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve_thread, &b))
			die("cannot start a thread");
	}
	/* As digestd says it, so that one reader understands both. */
	fprintf(stderr, "listening on %s://127.0.0.1:%d\nready\n", protocol->name, b.port);
	loop(&b, fd);
	return 0;
}
