/*
 * bare_gemini: the least a Gemini server can do with OpenSSL, see bare.h.
 * TLS 1.3 with X25519 only; no tickets unless asked for.
 *
 * Copyright (c) 2026 the digestd authors; the terms are in bare.h.
 */
#include "bare.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static void init(struct bare *b)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set1_groups_list(ctx, "X25519");
	SSL_CTX_set_num_tickets(ctx, (size_t)b->tickets);
	/* Tickets carry the session: nothing to remember, nothing to look up. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (SSL_CTX_use_certificate_chain_file(ctx, b->cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, b->key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	b->context = ctx;
}

static bool open_tls(struct bare *b, int fd)
{
	SSL *ssl = SSL_new(b->context);

	if (!ssl)
		return false;
	SSL_set_fd(ssl, fd);
	SSL_set_accept_state(ssl);
	b->conn[fd].tls = ssl;
	return true;
}

static void close_tls(struct bare *b, int fd)
{
	SSL *ssl = b->conn[fd].tls;

	SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(ssl);
}

static bool would_block(SSL *ssl, int result)
{
	int why = SSL_get_error(ssl, result);

	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static bool step(struct bare *b, int fd)
{
	struct bare_conn *c = &b->conn[fd];
	char line[BARE_REQUEST_MAX];
	size_t n;
	int r;

	ERR_clear_error();
	if (!c->asked) { /* reading drives the handshake too */
		r = SSL_read_ex(c->tls, line, sizeof line, &n);
		if (r != 1)
			return would_block(c->tls, r);
		c->asked = memchr(line, '\n', n);
		if (!c->asked)
			return true;
	}
	while (c->sent < b->answer_size) {
		r = SSL_write_ex(c->tls, b->answer + c->sent, b->answer_size - c->sent, &n);
		if (r != 1)
			return would_block(c->tls, r);
		c->sent += n;
	}
	SSL_shutdown(c->tls);
	return false;
}

int main(int argc, char **argv)
{
	static const struct bare_protocol gemini = {.name = "gemini",
	    .head = "20 text/gemini\r\n",
	    .init = init,
	    .open = open_tls,
	    .step = step,
	    .close = close_tls};

	return bare_main(&gemini, argc, argv);
}
