/*
 * client: what the two benchmark clients (load, hold) share: a clock, the
 * server to talk to, how to reach it, and TLS as cheap as a client can have it.
 *
 * Only loopback addresses are accepted: these programs are rude guests.
 * The TLS library is OpenSSL or BoringSSL, whichever the build found; nothing
 * outside client.c knows which.
 *
 * Copyright (c) 2026 the digestd authors
 * Permission to use, copy, modify, and distribute this software for any purpose
 * with or without fee is hereby granted, provided that this notice appears in
 * all copies. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#define CLIENT_SECONDS_MAX 600

/* A request as it goes over the wire, line ending included. */
struct request {
	char *bytes; /* owned */
	size_t size;
};

/* The server under load. Fixed once the options are read. */
struct target {
	bool gemini;                     /* else Gopher */
	const char *name;                /* host name for SNI and for URLs */
	int port;                        /* 1..65535 */
	struct sockaddr_storage address; /* loopback, see client_resolve() */
	socklen_t address_size;          /* of the part of address in use */
	unsigned sources;                /* IPv4 source addresses to take turns with */
	SSL_CTX *tls;                    /* Gemini only */
};

struct tls_options {
	int version;     /* TLS1_2_VERSION or TLS1_3_VERSION: exactly this one */
	bool resume;     /* keep tickets and offer them */
	bool skip_check; /* believe the handshake's signature unseen */
};

/* Nanoseconds of the monotonic clock. */
uint64_t client_now(void);

/* Prints the message and ends the program with status 2. */
_Noreturn void client_die(const char *message);

/* Allocates zeroed memory or dies. */
void *client_alloc(size_t count, size_t size);

/* Reads a decimal option argument between min and max, or dies naming it. */
long client_number(char option, const char *text, long min, long max);

/* Reads seconds, fractions allowed, above 0 and at most CLIENT_SECONDS_MAX, or dies. */
double client_seconds(char option, const char *text);

/* Fills in the target's address from numeric text; dies unless it is loopback. */
void client_resolve(struct target *t, const char *host);

/* Raises the limit on open files as far as allowed. */
void client_raise_file_limit(void);

/* Makes the request for a path: a selector line, or a URL with the target's
 * name and port unless the path is a whole URL already. */
struct request client_request(const struct target *t, const char *path);

/*
 * Begins a connection. *source counts calls and picks the source address.
 * Returns a non-blocking socket, with *connected telling whether it is up
 * already, or -1 with errno set.
 */
int client_dial(const struct target *t, unsigned *source, bool *connected);

/* The error that a socket holds, 0 when none. */
int client_socket_error(int fd);

/* Sets up TLS for a target; call once, before any client_tls(). */
void client_tls_init(struct target *t, struct tls_options o);

/* A TLS client on a socket. Where sessions are kept, *session is replaced by
 * the newest one and freed with the old; it must outlive the SSL. */
SSL *client_tls(const struct target *t, int fd, SSL_SESSION **session);

/* Frees a TLS client without a word to the server, which closed first. */
void client_tls_free(SSL *ssl);

/* The name of the TLS library, for the report. */
const char *client_tls_library(void);

/* True when a failed SSL call only means: end of file, no close_notify. */
bool client_tls_is_bare_eof(int ssl_error, int saved_errno);

#endif
