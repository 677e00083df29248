/*
 * bare: the least that a server can do, as the bound to measure digestd against.
 *
 * One answer in memory for every request: nothing is parsed beyond a line feed,
 * nothing timed out, nothing logged. This part owns listening, accepting and
 * the edge-triggered loop; a protocol says what a connection does when its
 * socket is ready. Loopback only.
 *
 * Copyright (c) 2026 the digestd authors
 * Permission to use, copy, modify, and distribute this software for any purpose
 * with or without fee is hereby granted, provided that this notice appears in
 * all copies. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>
#include <stddef.h>

#define BARE_REQUEST_MAX 1100

/* One per descriptor, found by its number. Zeroed when the descriptor closes. */
struct bare_conn {
	void *tls;   /* the protocol's, NULL when free */
	size_t sent; /* bytes of the answer */
	bool asked;  /* the request has been read */
};

struct bare {
	const struct bare_protocol *protocol;
	const char *cert, *key; /* PEM files, for a protocol with TLS */
	int tickets;            /* TLS session tickets for each connection */
	int port;               /* 0 until bound to a free one */
	int threads;
	char *answer; /* everything that is sent, head included */
	size_t answer_size;
	void *context;          /* the protocol's */
	struct bare_conn *conn; /* by descriptor */
};

struct bare_protocol {
	const char *name; /* the scheme */
	const char *head; /* goes before a made-up body */
	/* Once, at the start; NULL: nothing to do. */
	void (*init)(struct bare *b);
	/* A connection was accepted; false refuses it. NULL: nothing to do. */
	bool (*open)(struct bare *b, int fd);
	/* Goes on as far as the socket lets it; false when the work is over. */
	bool (*step)(struct bare *b, int fd);
	/* Frees what open() made; the loop closes the socket. NULL: nothing to do. */
	void (*close)(struct bare *b, int fd);
};

/* Reads the command line and serves until killed. */
int bare_main(const struct bare_protocol *protocol, int argc, char **argv);

#endif
