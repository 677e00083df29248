/*
 * TLS over an accepted socket.
 *
 * OpenSSL never touches the socket: it reads from and writes to memory through
 * one BIO. What came in lies in the worker's buffer and is consumed within the
 * call that received it. What goes out is collected and sent when a buffer's
 * worth is there, when the client has to speak next, or at the end; so a
 * session ticket, a small reply and close_notify leave together.
 */
#include "config.h"

#include "net/stream.h"
#include "net/pool.h"
#include "net/tls.h"
#include "net/tls_words.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define TLS_MAGIC 0x746c7331u

/* Every TLS record of a handshake begins with this byte. */
#define HANDSHAKE_RECORD 0x16

/* Most plain bytes in one record, and most that it takes on the wire. */
#define RECORD ((size_t)16 * 1024)
#define RECORD_WIRE (RECORD + 512)

/* Once this much would wait, it is sent. What the socket refuses fits with one more record. */
#define OUT_MARK (3 * RECORD_WIRE)
#define OUT_SIZE (OUT_MARK + RECORD_WIRE)

/* Output buffers that a worker keeps for reuse. */
#define OUT_KEEP 16

struct stream_tls_worker {
	BIO_METHOD *method;  /* owned; the functions below */
	struct pool out;     /* output buffers of OUT_SIZE bytes */
	char in[RECORD];     /* what recv gave, within one call */
	char record[RECORD]; /* a record that head and body share, within one call */
};

struct stream_tls {
	unsigned magic;          /* TLS_MAGIC */
	SSL *ssl;                /* owned */
	struct tls_store *store; /* a reference: what the SSL calls back in a handshake */
	const char *in;          /* received, not yet read by OpenSSL; in the worker's buffer */
	size_t in_n;
	char *out;       /* from the worker's pool; NULL when nothing waits */
	size_t out_from; /* the bytes that wait: from out + out_from ... */
	size_t out_n;    /* ... this many */
	bool broken;     /* OpenSSL reported an error it cannot go on from */
	bool goodbye;    /* close_notify has been written, or must not be */
};

static struct stream *stream_of(BIO *b)
{
	struct stream *s = BIO_get_data(b);

	assert(s && s->tls && s->tls->magic == TLS_MAGIC);
	return s;
}

/* ------------------------------------------------------------- the socket */

static void out_release(struct stream *s)
{
	pool_give(&s->worker->out, s->tls->out);
	s->tls->out = NULL;
	s->tls->out_from = 0;
	s->tls->out_n = 0;
}

/* Sends what waits and then extra; *sent says how much of extra went. */
static enum stream_result out_send(struct stream *s, struct str extra, int flags, size_t *sent)
{
	struct stream_tls *t = s->tls;
	struct str waiting = {t->out ? t->out + t->out_from : NULL, t->out_n};
	struct iovec v[2] = {stream_vector(waiting), stream_vector(extra)};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	ssize_t r;
	size_t n;

	*sent = 0;
	do {
		r = sendmsg(s->fd, &m, MSG_NOSIGNAL | flags);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? STREAM_AGAIN : STREAM_FAILED;
	n = (size_t)r;
	if (n < waiting.n) {
		t->out_from += n;
		t->out_n -= n;
		return STREAM_AGAIN;
	}
	out_release(s);
	*sent = n - waiting.n;
	return *sent < extra.n ? STREAM_AGAIN : STREAM_OK;
}

/* Sends what waits. */
static enum stream_result flush(struct stream *s, int flags)
{
	enum stream_result r = STREAM_OK;
	size_t none;

	if (s->tls->out_n > 0)
		r = out_send(s, (struct str){0}, flags, &none);
	s->blocked = r == STREAM_AGAIN;
	return r;
}

/* Receives into the worker's buffer, all of which must have been read. */
static enum stream_result receive(struct stream *s, size_t *n)
{
	return stream_receive(s, s->worker->in, sizeof s->worker->in, n);
}

/* ---------------------------------------------------------------- the BIO */

static int bio_read(BIO *b, char *p, size_t n, size_t *got)
{
	struct stream *s = stream_of(b);
	struct stream_tls *t = s->tls;

	BIO_clear_retry_flags(b);
	*got = n < t->in_n ? n : t->in_n;
	if (*got == 0) {
		if (!s->ended)
			BIO_set_retry_read(b);
		return 0;
	}
	memcpy(p, t->in, *got);
	t->in += *got;
	t->in_n -= *got;
	return 1;
}

/* Appends to what waits, as far as there is room. */
static size_t out_keep(struct stream *s, struct str bytes)
{
	struct stream_tls *t = s->tls;
	size_t n;

	if (!t->out)
		t->out = pool_take(&s->worker->out);
	if (t->out_from > 0 && t->out_from + t->out_n + bytes.n > OUT_SIZE) {
		memmove(t->out, t->out + t->out_from, t->out_n);
		t->out_from = 0;
	}
	n = str_sub(bytes, 0, OUT_SIZE - t->out_from - t->out_n).n;
	memcpy(t->out + t->out_from + t->out_n, bytes.p, n);
	t->out_n += n;
	return n;
}

/* More follows at once when the mark is passed, so the system may fill its packets (MSG_MORE). */
static int bio_write(BIO *b, const char *p, size_t n, size_t *taken)
{
	struct stream *s = stream_of(b);
	struct str bytes = {p, n};

	BIO_clear_retry_flags(b);
	*taken = 0;
	if (s->tls->out_n + n > OUT_MARK && out_send(s, bytes, MSG_MORE, taken) == STREAM_FAILED)
		return 0;
	if (*taken < n)
		*taken += out_keep(s, str_skip(bytes, *taken));
	if (*taken == 0)
		BIO_set_retry_write(b);
	return *taken > 0;
}

static long bio_ctrl(BIO *b, int command, long number, void *pointer)
{
	struct stream *s = stream_of(b);

	(void)number;
	(void)pointer;
	if (command == BIO_CTRL_EOF)
		return s->ended && s->tls->in_n == 0;
	return command == BIO_CTRL_FLUSH;
}

struct stream_tls_worker *stream_tls_worker_new(void)
{
	struct stream_tls_worker *w = mem_zalloc(1, sizeof *w);

	w->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "digestd stream");
	if (!w->method) {
		free(w);
		return NULL;
	}
	BIO_meth_set_read_ex(w->method, bio_read);
	BIO_meth_set_write_ex(w->method, bio_write);
	BIO_meth_set_ctrl(w->method, bio_ctrl);
	pool_init(&w->out, OUT_SIZE, OUT_KEEP);
	return w;
}

void stream_tls_worker_free(struct stream_tls_worker *w)
{
	if (!w)
		return;
	BIO_meth_free(w->method);
	pool_clear(&w->out);
	free(w);
}

/* ------------------------------------------------------------- the stream */

static enum stream_result failed(struct stream *s, const char *note)
{
	if (s->tls)
		s->tls->broken = true;
	s->note = note;
	return STREAM_FAILED;
}

/* Makes the TLS state, its BIO reading from and writing to s. */
static enum stream_result start(struct stream *s)
{
	struct stream_tls *t = mem_zalloc(1, sizeof *t);
	struct tls_store *store = *s->store;
	SSL *ssl = SSL_new(tls_store_context(store));
	BIO *bio = BIO_new(s->worker->method);

	if (!ssl || !bio) {
		SSL_free(ssl);
		BIO_free(bio);
		free(t);
		return failed(s, "no memory for TLS");
	}
	t->magic = TLS_MAGIC;
	t->ssl = ssl;
	t->store = tls_store_ref(store);
	s->tls = t;
	BIO_set_data(bio, s);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_accept_state(ssl);
	return STREAM_OK;
}

static enum stream_result receive_first(struct stream *s)
{
	size_t n = 0;
	enum stream_result r = receive(s, &n);

	s->first = (struct str){s->worker->in, n};
	return r;
}

enum stream_result stream_tls_tell(struct stream *s)
{
	enum stream_result r = receive_first(s);

	if (r == STREAM_OK && s->first.p[0] == HANDSHAKE_RECORD)
		s->kind = &stream_tls;
	return r;
}

/*
 * The first bytes. A client that does not begin with a TLS record gets no answer
 * and costs no TLS state (M-24, M-37).
 */
static enum stream_result first_bytes(struct stream *s)
{
	enum stream_result r = s->first.n > 0 ? STREAM_OK : receive_first(s);

	if (r == STREAM_AGAIN)
		return r;
	if (r != STREAM_OK)
		return failed(s, "closed before the handshake");
	if (s->first.p[0] != HANDSHAKE_RECORD)
		return failed(s, tls_words_plain(s->first));
	r = start(s);
	if (r == STREAM_OK) {
		s->tls->in = s->first.p;
		s->tls->in_n = s->first.n;
	}
	return r;
}

/* OpenSSL has read all there was: it is the client's turn, so send what waits. */
static enum stream_result more_input(struct stream *s)
{
	struct stream_tls *t = s->tls;
	enum stream_result r;

	if (flush(s, 0) == STREAM_FAILED)
		return failed(s, "connection lost");
	if (s->ended)
		return STREAM_EOF;
	t->in = s->worker->in;
	r = receive(s, &t->in_n);
	if (r == STREAM_FAILED)
		return failed(s, "connection lost");
	return r == STREAM_EOF ? STREAM_OK : r;
}

/* After a call that OpenSSL did not carry out; STREAM_OK: try again. */
static enum stream_result why_not(struct stream *s, int result)
{
	switch (SSL_get_error(s->tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return more_input(s);
	case SSL_ERROR_WANT_WRITE:
		return flush(s, 0);
	case SSL_ERROR_ZERO_RETURN:
		return STREAM_EOF;
	default:
		return failed(s, tls_words(ERR_peek_error()));
	}
}

static enum stream_result tls_open(struct stream *s)
{
	enum stream_result r = s->tls ? STREAM_OK : first_bytes(s);

	while (r == STREAM_OK) {
		int done;

		ERR_clear_error();
		done = SSL_do_handshake(s->tls->ssl);
		if (done == 1) {
			s->secured = true;
			s->resumed = SSL_session_reused(s->tls->ssl) == 1;
			return STREAM_OK;
		}
		r = why_not(s, done);
	}
	return r == STREAM_EOF ? failed(s, "closed during the handshake") : r;
}

static enum stream_result tls_read(struct stream *s, char *p, size_t n, size_t *got)
{
	enum stream_result r = STREAM_OK;

	while (r == STREAM_OK) {
		int done;

		ERR_clear_error();
		done = SSL_read_ex(s->tls->ssl, p, n, got);
		if (done == 1)
			return STREAM_OK;
		r = why_not(s, done);
	}
	return r;
}

/* What one record takes: the rest of head and the beginning of body, joined if there are both. */
static struct str next_record(struct stream *s, struct str head, struct str body)
{
	struct str h = str_sub(head, 0, RECORD);
	struct str b = str_sub(body, 0, RECORD - h.n);

	if (h.n == 0 || b.n == 0)
		return h.n ? h : b;
	memcpy(s->worker->record, h.p, h.n);
	memcpy(s->worker->record + h.n, b.p, b.n);
	return (struct str){s->worker->record, h.n + b.n};
}

static enum stream_result tls_write(
    struct stream *s, struct str head, struct str body, bool last, size_t *taken)
{
	(void)last;
	*taken = 0;
	s->tls->in_n = 0;
	while (head.n + body.n > 0) {
		struct str record = next_record(s, head, body);
		size_t n = 0;

		if (s->tls->out_n >= OUT_MARK) {
			enum stream_result r = flush(s, 0);

			if (r != STREAM_OK)
				return r;
		}
		ERR_clear_error();
		if (SSL_write_ex(s->tls->ssl, record.p, record.n, &n) != 1)
			return failed(s, "connection lost");
		*taken += n;
		body = str_skip(body, n > head.n ? n - head.n : 0);
		head = str_skip(head, n);
	}
	return STREAM_OK;
}

/* SSL_shutdown is called once: waiting for the client's answer has hung servers (M-23). */
static enum stream_result tls_finish(struct stream *s)
{
	struct stream_tls *t = s->tls;
	enum stream_result r;

	if (!t)
		return STREAM_FAILED;
	t->in_n = 0;
	if (!t->goodbye && !t->broken && SSL_is_init_finished(t->ssl)) {
		ERR_clear_error();
		SSL_shutdown(t->ssl);
	}
	t->goodbye = true;
	r = flush(s, MSG_MORE);
	if (r != STREAM_OK)
		return r;
	return shutdown(s->fd, SHUT_WR) == 0 ? STREAM_OK : STREAM_FAILED;
}

static bool tls_speaks(const struct stream *s)
{
	return s->tls != NULL;
}

static const char *tls_sni(const struct stream *s)
{
	return s->tls ? SSL_get_servername(s->tls->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
}

static void tls_release(struct stream *s)
{
	struct stream_tls *t = s->tls;

	if (!t)
		return;
	out_release(s);
	SSL_free(t->ssl);
	tls_store_unref(t->store);
	t->magic = 0;
	free(t);
	s->tls = NULL;
	s->blocked = false;
}

const struct stream_kind stream_tls = {
    .open = tls_open,
    .read = tls_read,
    .write = tls_write,
    .finish = tls_finish,
    .speaks = tls_speaks,
    .sni = tls_sni,
    .release = tls_release,
    .piece = RECORD,
};
