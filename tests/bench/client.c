/* See client.h. Copyright (c) 2026 the digestd authors; the terms are there. */
#include "client.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define FIRST_SOURCE 0x7f000002u /* 127.0.0.2 */
#define GEMINI_PORT 1965
#define READ_BUFFER 65536

/* Read by EVP_DigestVerify() below, which has no other way to be told. */
static bool skip_signature_check;

uint64_t client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void client_die(const char *message)
{
	fprintf(stderr, "bench client: %s\n", message);
	exit(2);
}

void *client_alloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		client_die("out of memory");
	return p;
}

long client_number(char option, const char *text, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max) {
		fprintf(
		    stderr, "bench client: -%c wants a number from %ld to %ld\n", option, min, max);
		exit(2);
	}
	return n;
}

double client_seconds(char option, const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end || !(n > 0) || n > CLIENT_SECONDS_MAX) {
		fprintf(stderr, "bench client: -%c wants seconds, at most %d\n", option,
		    CLIENT_SECONDS_MAX);
		exit(2);
	}
	return n;
}

void client_resolve(struct target *t, const char *host)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	v4.sin_port = v6.sin6_port = htons((uint16_t)t->port);
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1 && ntohl(v4.sin_addr.s_addr) >> 24 == 127) {
		memcpy(&t->address, &v4, sizeof v4);
		t->address_size = sizeof v4;
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
		memcpy(&t->address, &v6, sizeof v6);
		t->address_size = sizeof v6;
	} else {
		client_die("only loopback addresses (127.0.0.0/8, ::1) are allowed");
	}
}

void client_raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct request client_request(const struct target *t, const char *path)
{
	char line[2048];
	int n;

	if (!t->gemini || strncmp(path, "gemini://", 9) == 0)
		n = snprintf(line, sizeof line, "%s\r\n", path);
	else if (t->port == GEMINI_PORT)
		n = snprintf(line, sizeof line, "gemini://%s%s\r\n", t->name, path);
	else
		n = snprintf(line, sizeof line, "gemini://%s:%d%s\r\n", t->name, t->port, path);
	if (n < 0 || (size_t)n >= sizeof line)
		client_die("a path is too long");

	struct request q = {.bytes = client_alloc((size_t)n + 1, 1), .size = (size_t)n};
	memcpy(q.bytes, line, q.size);
	return q;
}

/*
 * The server closes first, so the ports in TIME_WAIT are the server's pairs
 * with ours; one source address would run out of ports in a few seconds.
 */
static int bind_source(int fd, unsigned n)
{
	struct sockaddr_in from = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(FIRST_SOURCE + n)};
	int on = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	return bind(fd, (struct sockaddr *)&from, sizeof from);
}

static int close_keeping_errno(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int client_dial(const struct target *t, unsigned *source, bool *connected)
{
	int family = t->address.ss_family, on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (t->gemini)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (family == AF_INET && t->sources > 1 && bind_source(fd, (*source)++ % t->sources) < 0)
		return close_keeping_errno(fd);
	*connected = connect(fd, (const struct sockaddr *)&t->address, t->address_size) == 0;
	if (!*connected && errno != EINPROGRESS)
		return close_keeping_errno(fd);
	return fd;
}

int client_socket_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

/*
 * libssl calls this in place of libcrypto's. Checking the server's signature is
 * most of what a handshake costs a client; a benchmark of the server may do
 * without, so that one client core is enough for one server core.
 */
int EVP_DigestVerify(EVP_MD_CTX *m, const unsigned char *sig, size_t sig_size,
    const unsigned char *data, size_t data_size)
{
	static int (*real)(
	    EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);

	if (skip_signature_check)
		return 1;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "EVP_DigestVerify");
	return real(m, sig, sig_size, data, data_size);
}

#ifdef OPENSSL_IS_BORINGSSL
static enum ssl_verify_result_t trust_anyone(SSL *ssl, uint8_t *alert)
{
	(void)ssl;
	(void)alert;
	return ssl_verify_ok;
}

/* Certificates stay bytes: nothing here wants them parsed. */
static SSL_CTX *new_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_with_buffers_method());

	SSL_CTX_set_custom_verify(ctx, SSL_VERIFY_PEER, trust_anyone);
	SSL_CTX_set1_curves_list(ctx, "X25519:P-256");
	return ctx;
}

bool client_tls_is_bare_eof(int ssl_error, int saved_errno)
{
	return ssl_error == SSL_ERROR_SYSCALL && saved_errno == 0;
}
#else
static SSL_CTX *new_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_ciphersuites(
	    ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
	SSL_CTX_set1_groups_list(ctx, "X25519:P-256");
	SSL_CTX_set_default_read_buffer_len(ctx, READ_BUFFER);
	return ctx;
}

bool client_tls_is_bare_eof(int ssl_error, int saved_errno)
{
	if (ssl_error == SSL_ERROR_SSL)
		return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
	return ssl_error == SSL_ERROR_SYSCALL && saved_errno == 0;
}
#endif

const char *client_tls_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}

/* Called by libssl for each ticket; 1 says that the session is ours now. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION **kept = SSL_get_app_data(ssl);

	if (!kept)
		return 0;
	SSL_SESSION_free(*kept);
	*kept = session;
	return 1;
}

void client_tls_init(struct target *t, struct tls_options o)
{
	SSL_CTX *ctx = new_context();

	skip_signature_check = o.skip_check;
	SSL_CTX_set_min_proto_version(ctx, (uint16_t)o.version);
	SSL_CTX_set_max_proto_version(ctx, (uint16_t)o.version);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (o.resume) {
		SSL_CTX_set_session_cache_mode(
		    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(ctx, keep_session);
	} else {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	t->tls = ctx;
}

SSL *client_tls(const struct target *t, int fd, SSL_SESSION **session)
{
	SSL *ssl = SSL_new(t->tls);

	if (!ssl)
		client_die("no memory for a TLS connection");
	SSL_set_fd(ssl, fd);
	SSL_set_connect_state(ssl);
	SSL_set_tlsext_host_name(ssl, t->name);
	SSL_set_app_data(ssl, session);
	if (session && *session)
		SSL_set_session(ssl, *session);
	return ssl;
}

void client_tls_free(SSL *ssl)
{
	if (!ssl)
		return;
	/* Marked as closed, so that the session stays good for another time. */
	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(ssl);
}
