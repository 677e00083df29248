/* net/stream_tls: whose certificates a connection is shown while they are being replaced. */
#include "config.h"

#include "check.h"
#include "folder.h"
#include "net/certificate.h"
#include "net/stream.h"
#include "net/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

/* How far a connection is when the listener gets another store, and the old one is let go of. */
enum moment {
	ACCEPTED,   /* no byte has come */
	FIRST_BYTE, /* of the ClientHello, whose names are still to be looked for */
	ANSWERED,   /* the server has said hello */
	MOMENTS
};

struct fixture {
	char folder[FOLDER_PATH];
	struct stream_tls_worker *worker;
	struct tls_store *current; /* the listener's */
	int fds[2];                /* server, client */
	struct stream stream;
	SSL_CTX *context;
	SSL *client;
	BIO *in, *out; /* borrowed from client */
};

/* A store of two hosts with new certificates. */
static struct tls_store *new_store(void)
{
	static const char *const hosts[] = {"a.example", "b.example"};
	struct tls_store *s = tls_store_new();
	struct buf why = {0};

	for (size_t i = 0; i < COUNT(hosts); i++) {
		unlink("a.crt");
		assert_true(certificate_make(str_of(hosts[i]), "a.crt", "a.key", &why));
		assert_true(tls_store_add(s, str_of(hosts[i]), "a.crt", "a.key", &why));
	}
	return s;
}

static void connect_client(struct fixture *f)
{
	char name[] = "b.example"; /* the macro casts const away */

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->fds), 0);
	f->stream = (struct stream){
	    .kind = &stream_tls,
	    .fd = f->fds[0],
	    .worker = f->worker,
	    .store = &f->current,
	};
	f->context = SSL_CTX_new(TLS_client_method());
	f->client = SSL_new(f->context);
	f->in = BIO_new(BIO_s_mem());
	f->out = BIO_new(BIO_s_mem());
	SSL_set_bio(f->client, f->in, f->out);
	SSL_set_connect_state(f->client);
	SSL_set_tlsext_host_name(f->client, name);
}

static int enter(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	folder_make(f->folder, "test_stream_tls");
	assert_int_equal(chdir(f->folder), 0);
	f->worker = stream_tls_worker_new();
	f->current = new_store();
	connect_client(f);
	*state = f;
	return 0;
}

static int leave(void **state)
{
	struct fixture *f = *state;
	int failed = chdir("/") + folder_remove(f->folder);

	f->stream.kind->release(&f->stream);
	close(f->fds[0]);
	close(f->fds[1]);
	SSL_free(f->client);
	SSL_CTX_free(f->context);
	tls_store_unref(f->current);
	stream_tls_worker_free(f->worker);
	free(f);
	return failed;
}

/* Carries at most n bytes of what the client says, and all that the server answers. */
static void carry(struct fixture *f, size_t n)
{
	char bytes[16384];
	ssize_t got;
	int said;

	SSL_do_handshake(f->client);
	said = BIO_read(f->out, bytes, (int)(n < sizeof bytes ? n : sizeof bytes));
	if (said > 0)
		assert_int_equal(send(f->fds[1], bytes, (size_t)said, 0), said);
	f->stream.kind->open(&f->stream);
	while ((got = recv(f->fds[1], bytes, sizeof bytes, 0)) > 0)
		BIO_write(f->in, bytes, (int)got);
}

static void replace(struct fixture *f)
{
	struct tls_store *old = f->current;

	f->current = new_store();
	tls_store_unref(old);
}

/* The certificate that is in a.crt was made for the newest store. */
static bool is_the_newest(X509 *shown)
{
	FILE *file = fopen("a.crt", "r");
	X509 *newest = PEM_read_X509(file, NULL, NULL, NULL);
	bool same = X509_cmp(shown, newest) == 0;

	fclose(file);
	X509_free(newest);
	return same;
}

/* Goes through a handshake and replaces the store at one moment of it. */
static void shake_hands(struct fixture *f, enum moment at)
{
	for (int m = ACCEPTED; m < MOMENTS; m++) {
		if (m == (int)at)
			replace(f);
		carry(f, m == ACCEPTED ? 1 : SIZE_MAX);
	}
	SSL_do_handshake(f->client);
	assert_true(SSL_is_init_finished(f->client));
	assert_int_equal(f->stream.kind->open(&f->stream), STREAM_OK);
	assert_int_equal(
	    X509_check_host(SSL_get0_peer_certificate(f->client), "b.example", 0, 0, NULL), 1);
}

/* Nothing is read from it before, so nothing of the old one is kept. */
static void who_has_said_nothing_gets_the_new_certificates(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->stream.kind->open(&f->stream), STREAM_AGAIN);
	shake_hands(f, ACCEPTED);
	assert_true(is_the_newest(SSL_get0_peer_certificate(f->client)));
}

/* Under the sanitizers, a store that were gone by then would be noticed. */
static void a_handshake_goes_on_with_the_old_certificates(void **state)
{
	struct fixture *f = *state;

	shake_hands(f, FIRST_BYTE);
	assert_false(is_the_newest(SSL_get0_peer_certificate(f->client)));
}

static void a_ticket_is_sealed_after_the_store_was_replaced(void **state)
{
	struct fixture *f = *state;
	char c;

	shake_hands(f, ANSWERED);
	assert_false(is_the_newest(SSL_get0_peer_certificate(f->client)));
	assert_int_equal(f->stream.kind->finish(&f->stream), STREAM_OK);
	carry(f, 0);
	assert_int_equal(SSL_read(f->client, &c, 1), 0); /* takes the ticket in */
	assert_int_equal(SSL_SESSION_has_ticket(SSL_get0_session(f->client)), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(who_has_said_nothing_gets_the_new_certificates),
	    TEST(a_handshake_goes_on_with_the_old_certificates),
	    TEST(a_ticket_is_sealed_after_the_store_was_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
