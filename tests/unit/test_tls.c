/*
 * net/tls: which certificate a client gets, which ones are refused, and whose
 * sessions are resumed.
 */
#include "config.h"

#include "net/tls.h"
#include "net/certificate.h"
#include "net/ticket.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Each has NAME.crt and NAME.key in the test's directory. */
static const struct {
	const char *name, *host;
} made[] = {
    {"first", "first.example"},
    {"second", "second.example"},
    {"wild", "*.wild.example"},
    {"tame", "tame.wild.example"},
    {"ip", "192.0.2.1"},
};

#define MADE (sizeof made / sizeof made[0])

static const char *file(const char *name, const char *suffix)
{
	static char path[4][64];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof path[0], "%s.%s", name, suffix);
	return p;
}

static int make_certificates(void **state)
{
	char *path = strdup("/tmp/test_tls.XXXXXX");
	struct buf why = {0};

	*state = path;
	if (!path || !mkdtemp(path) || chdir(path) != 0)
		return -1;
	for (size_t i = 0; i < MADE; i++)
		if (!certificate_make(str_of(made[i].host), file(made[i].name, "crt"),
			file(made[i].name, "key"), &why))
			return -1;
	return 0;
}

static int remove_certificates(void **state)
{
	int failed = 0;

	for (size_t i = 0; i < MADE; i++) {
		failed |= unlink(file(made[i].name, "crt"));
		failed |= unlink(file(made[i].name, "key"));
	}
	failed |= chdir("/");
	failed |= rmdir(*state);
	free(*state);
	return failed;
}

static void add(struct tls_store *s, const char *host, const char *name)
{
	struct buf why = {0};

	if (!tls_store_add(s, str_of(host), file(name, "crt"), file(name, "key"), &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static struct tls_store *full_store(void)
{
	struct tls_store *s = tls_store_new();

	add(s, "first.example", "first");
	add(s, "Second.Example.", "second");
	add(s, "*.Wild.Example.", "wild");
	add(s, "tame.wild.example", "tame");
	add(s, "192.0.2.1", "ip");
	return s;
}

/* A client and a server joined in memory. */
struct pair {
	SSL_CTX *context;
	SSL *client, *server;
	int client_result, server_result;
};

/* The macro casts const away. */
static void set_sni(SSL *ssl, const char *sni)
{
	char name[256];

	snprintf(name, sizeof name, "%s", sni);
	assert_int_equal(SSL_set_tlsext_host_name(ssl, name), 1);
}

static struct pair join(struct tls_store *s, const char *sni, int version, SSL_SESSION *session)
{
	struct pair p = {.context = SSL_CTX_new(TLS_client_method())};
	BIO *a, *b;

	assert_int_equal(BIO_new_bio_pair(&a, 65536, &b, 65536), 1);
	SSL_CTX_set_security_level(p.context, 0);
	SSL_CTX_set_min_proto_version(p.context, version);
	SSL_CTX_set_max_proto_version(p.context, version);
	p.client = SSL_new(p.context);
	p.server = SSL_new(tls_store_context(s));
	SSL_set_bio(p.client, a, a);
	SSL_set_bio(p.server, b, b);
	SSL_set_connect_state(p.client);
	SSL_set_accept_state(p.server);
	if (sni)
		set_sni(p.client, sni);
	if (session)
		SSL_set_session(p.client, session);
	for (int i = 0; i < 10; i++) {
		p.client_result = SSL_do_handshake(p.client);
		p.server_result = SSL_do_handshake(p.server);
	}
	return p;
}

static void part(struct pair p)
{
	SSL_free(p.client);
	SSL_free(p.server);
	SSL_CTX_free(p.context);
}

/* Ends a connection as both sides should, and keeps what the client may resume. */
static SSL_SESSION *part_keeping_session(struct pair p)
{
	SSL_SESSION *session;
	char c;

	assert_int_equal(SSL_read(p.client, &c, 1), -1); /* takes the ticket in */
	SSL_shutdown(p.server);
	SSL_shutdown(p.client);
	session = SSL_get1_session(p.client);
	part(p);
	return session;
}

static void assert_gets(struct tls_store *s, const char *sni, const char *name)
{
	struct pair p = join(s, sni, TLS1_3_VERSION, NULL);
	FILE *f = fopen(file(name, "crt"), "r");
	X509 *want = PEM_read_X509(f, NULL, NULL, NULL);

	fclose(f);
	assert_int_equal(p.client_result, 1);
	assert_int_equal(p.server_result, 1);
	assert_int_equal(X509_cmp(SSL_get0_peer_certificate(p.client), want), 0);
	X509_free(want);
	part(p);
}

static void m03_chooses_by_name(void **state)
{
	static const struct {
		const char *sni, *name;
	} rows[] = {
	    {"first.example", "first"},
	    {"second.example", "second"},
	    {"SECOND.example", "second"},
	    {"second.example.", "second"},
	    {"a.wild.example", "wild"},
	    {"A.WILD.example", "wild"},
	    {"a.wild.example.", "wild"},
	    {"tame.wild.example", "tame"},
	    {"a.tame.wild.example", "first"},
	    {"wild.example", "first"},
	    {"awild.example", "first"},
	    {"a.b.wild.example", "first"},
	    {"unknown.example", "first"},
	    {".wild.example", "first"},
	    {"192.0.2.1", "ip"},
	    {NULL, "first"},
	};
	struct tls_store *s = full_store();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_gets(s, rows[i].sni, rows[i].name);
	tls_store_unref(s);
}

static void m02_speaks_12_and_13_only(void **state)
{
	static const struct {
		int version;
		bool accepted;
	} rows[] = {
	    {TLS1_VERSION, false},
	    {TLS1_1_VERSION, false},
	    {TLS1_2_VERSION, true},
	    {TLS1_3_VERSION, true},
	};
	struct tls_store *s = full_store();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pair p = join(s, "first.example", rows[i].version, NULL);

		assert_int_equal(p.server_result == 1, rows[i].accepted);
		part(p);
	}
	tls_store_unref(s);
}

static void m02_m05_asks_for_no_certificate_and_no_early_data(void **state)
{
	struct tls_store *s = full_store();
	struct pair p = join(s, NULL, TLS1_3_VERSION, NULL);

	(void)state;
	assert_null(SSL_get0_peer_certificate(p.server));
	assert_int_equal(SSL_get_verify_mode(p.server), SSL_VERIFY_NONE);
	assert_int_equal(SSL_get_max_early_data(p.server), 0);
	assert_int_equal(SSL_get_num_tickets(p.server), 1);
	part(p);
	tls_store_unref(s);
}

/* From one name to another; both ends must agree on whether it was resumed. */
static bool resumes(struct tls_store *s, const char *from, const char *to, int version)
{
	SSL_SESSION *session = part_keeping_session(join(s, from, version, NULL));
	struct pair p = join(s, to, version, session);
	bool reused = SSL_session_reused(p.client);
	const char *sni = SSL_get_servername(p.server, TLSEXT_NAMETYPE_host_name);

	assert_int_equal(p.client_result, 1);
	assert_int_equal(p.server_result, 1);
	assert_int_equal(SSL_session_reused(p.server), reused);
	assert_non_null(sni);
	assert_string_equal(sni, to);
	SSL_SESSION_free(session);
	part(p);
	return reused;
}

static void r12_resumes_under_one_certificate_only(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct tls_store *s = full_store();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(resumes(s, "first.example", "first.example", versions[i]));
		assert_true(resumes(s, "second.example", "second.example", versions[i]));
		assert_true(resumes(s, "unknown.example", "unknown.example", versions[i]));
		assert_false(resumes(s, "first.example", "second.example", versions[i]));
		assert_false(resumes(s, "second.example", "first.example", versions[i]));
		assert_false(resumes(s, "second.example", "a.wild.example", versions[i]));
	}
	tls_store_unref(s);
}

/* ------------------------------------------------------------- ticket keys */

/* Writes keys, each of one byte over and over, as the file "tickets". */
static void write_tickets(const char *bytes)
{
	FILE *f = fopen("tickets", "w");

	for (; *bytes; bytes++)
		for (int i = 0; i < TICKET_KEY_SIZE; i++)
			fputc(*bytes, f);
	fclose(f);
	chmod("tickets", 0600);
}

/* A store of two hosts with the keys of the file. */
static struct tls_store *store_with_tickets(const char *bytes)
{
	struct tls_store *s = tls_store_new();
	struct buf why = {0};

	add(s, "first.example", "first");
	write_tickets(bytes);
	if (!tls_store_tickets(s, "tickets", &why))
		fail_msg("%s", buf_z(&why));
	unlink("tickets");
	add(s, "second.example", "second");
	return s;
}

/* How a session of the store from fares at the store to. */
struct fate {
	bool resumed;
	bool renewed; /* a new ticket came with it */
};

static struct fate move_between(struct tls_store *from, struct tls_store *to, int version)
{
	static const char host[] = "second.example";
	SSL_SESSION *before = part_keeping_session(join(from, host, version, NULL)), *after;
	struct pair p = join(to, host, version, before);
	struct fate fate = {.resumed = SSL_session_reused(p.client)};
	const unsigned char *a, *b;
	size_t na, nb;

	assert_int_equal(p.client_result, 1);
	assert_int_equal(SSL_session_reused(p.server), fate.resumed);
	after = part_keeping_session(p);
	SSL_SESSION_get0_ticket(before, &a, &na);
	SSL_SESSION_get0_ticket(after, &b, &nb);
	fate.renewed = na != nb || memcmp(a, b, na) != 0;
	SSL_SESSION_free(before);
	SSL_SESSION_free(after);
	return fate;
}

static void a_shared_file_of_keys_resumes_sessions_anywhere(void **state)
{
	static const struct {
		const char *from, *to;
		bool resumed, renewed; /* renewed: of TLS 1.2, in 1.3 all are */
	} rows[] = {
	    {"a", "a", true, false},
	    {"a", "b", false, true},
	    {"a", "ba", true, true}, /* a new key first, the old one still opens */
	    {"ba", "a", false, true},
	    {"ba", "b", true, false},
	    {"h", "abcdefgh", true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tls_store *from = store_with_tickets(rows[i].from);
		struct tls_store *to = store_with_tickets(rows[i].to);
		struct fate old = move_between(from, to, TLS1_2_VERSION);
		struct fate now = move_between(from, to, TLS1_3_VERSION);

		assert_int_equal(old.resumed, rows[i].resumed);
		assert_int_equal(old.renewed, rows[i].renewed);
		assert_int_equal(now.resumed, rows[i].resumed);
		assert_true(now.renewed);
		tls_store_unref(from);
		tls_store_unref(to);
	}
}

static void r12_random_keys_outlive_a_reload(void **state)
{
	struct tls_store *old = full_store(), *new = full_store();

	(void)state;
	assert_false(move_between(old, new, TLS1_3_VERSION).resumed);
	tls_store_tickets_of(new, old);
	assert_true(move_between(old, new, TLS1_2_VERSION).resumed);
	assert_true(move_between(old, new, TLS1_3_VERSION).resumed);
	tls_store_unref(old);
	assert_true(move_between(new, new, TLS1_3_VERSION).resumed);
	tls_store_unref(new);
}

/* An operator who takes the file away wants its keys forgotten. */
static void keys_of_a_file_are_not_passed_on(void **state)
{
	struct tls_store *old = store_with_tickets("a"), *new = full_store();

	(void)state;
	tls_store_tickets_of(new, old);
	assert_false(move_between(old, new, TLS1_3_VERSION).resumed);
	tls_store_unref(old);
	tls_store_unref(new);
}

static void assert_no_tickets(const char *text)
{
	struct tls_store *s = tls_store_new();
	struct buf why = {0};

	assert_false(tls_store_tickets(s, "tickets", &why));
	if (!strstr(buf_z(&why), text))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
	tls_store_unref(s);
}

static void refuses_what_is_no_file_of_ticket_keys(void **state)
{
	(void)state;
	assert_no_tickets("tickets: cannot read the file of ticket keys: No such file");
	write_tickets("");
	assert_no_tickets("tickets: has 0 bytes");
	write_tickets("abcdefghi");
	assert_no_tickets("has 720 bytes, but should have 1 to 8 ticket keys of 80 bytes");
	assert_int_equal(truncate("tickets", 48), 0);
	assert_no_tickets("openssl rand -out tickets 80");
	write_tickets("a");
	assert_int_equal(chmod("tickets", 0604), 0);
	assert_no_tickets("everybody may read this file of ticket keys: chmod 600");
	unlink("tickets");
	assert_int_equal(mkdir("tickets", 0700), 0);
	assert_no_tickets("tickets: is no file");
	rmdir("tickets");
}

/* ---------------------------------------------------------------- the store */

static void tells_of_each_host(void **state)
{
	struct tls_store *s = full_store();
	struct tls_host_facts f;
	size_t n = 0;

	(void)state;
	for (; tls_store_host(s, n, &f); n++) {
		assert_true(f.self_signed);
		assert_in_range(
		    f.not_after, time(NULL) + 20LL * 365 * 86400, time(NULL) + 20LL * 366 * 86400);
	}
	assert_int_equal(n, MADE);
	assert_true(tls_store_host(s, 1, &f));
	assert_string_equal(f.name, "Second.Example");
	tls_store_unref(s);
}

/* The names are looked for in the store that the handshake began with. */
static void a_reference_keeps_the_store(void **state)
{
	struct tls_store *s = full_store();

	(void)state;
	assert_ptr_equal(tls_store_ref(s), s);
	tls_store_unref(s);
	assert_gets(s, "second.example", "second");
	tls_store_unref(s);
	assert_null(tls_store_ref(NULL));
	tls_store_unref(NULL);
}

static void assert_refused(
    const char *host, const char *certificate, const char *key, const char *text)
{
	struct tls_store *s = tls_store_new();
	struct buf why = {0};

	assert_false(tls_store_add(s, str_of(host), certificate, key, &why));
	if (!strstr(buf_z(&why), text))
		fail_msg("%s", buf_z(&why));
	assert_null(tls_store_context(s));
	buf_free(&why);
	tls_store_unref(s);
}

static void m04_refuses_what_cannot_serve(void **state)
{
	(void)state;
	assert_refused("first.example", "none.crt", "first.key", "none.crt: cannot read");
	assert_refused("first.example", "first.crt", "none.key", "none.key: cannot read");
	assert_refused("first.example", "first.key", "first.key", "it is no certificate in PEM");
	assert_refused("first.example", "first.crt", "first.crt", "first.crt: ");
	assert_refused("first.example", "first.crt", "second.key", "is not the key of first.crt");
	assert_refused("second.example", "first.crt", "first.key", "does not name the host second");
	assert_refused("192.0.2.2", "ip.crt", "ip.key", "does not name the host 192.0.2.2");
	assert_refused("b.a.wild.example", "wild.crt", "wild.key", "does not name the host");
	assert_refused("wild.example", "wild.crt", "wild.key", "does not name the host");
	assert_refused("*.tame.example", "wild.crt", "wild.key", "does not name the host");
	assert_refused("*.a.wild.example", "wild.crt", "wild.key", "does not name the host");
	assert_refused("*.wild.example", "tame.crt", "tame.key", "does not name the host");
	assert_refused("*.second.example", "second.crt", "second.key", "does not name the host");
}

static void refuses_a_key_that_all_may_read(void **state)
{
	(void)state;
	assert_int_equal(chmod("first.key", 0644), 0);
	assert_refused("first.example", "first.crt", "first.key", "chmod 600");
	assert_int_equal(chmod("first.key", 0640), 0);
	tls_store_unref(full_store());
	assert_int_equal(chmod("first.key", 0600), 0);
}

/* Signs a certificate anew with other dates. */
static void redate(const char *from, const char *to, long begin, long end)
{
	FILE *f = fopen(file(from, "crt"), "r");
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	EVP_PKEY *key;

	fclose(f);
	f = fopen(file(from, "key"), "r");
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	X509_gmtime_adj(X509_getm_notBefore(x), begin);
	X509_gmtime_adj(X509_getm_notAfter(x), end);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	f = fopen(to, "w");
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void m04_refuses_what_is_out_of_date(void **state)
{
	(void)state;
	redate("first", "dated.crt", -7200, -3600);
	assert_refused("first.example", "dated.crt", "first.key", "has expired");
	redate("first", "dated.crt", 3600, 7200);
	assert_refused("first.example", "dated.crt", "first.key", "not valid yet");
	unlink("dated.crt");
}

static void never_asks_for_a_passphrase(void **state)
{
	FILE *f = fopen("first.key", "r");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	char secret[] = "secret";

	(void)state;
	fclose(f);
	f = fopen("locked.key", "w");
	assert_int_equal(PEM_write_PrivateKey(f, key, EVP_aes_128_cbc(), NULL, 0, NULL, secret), 1);
	fclose(f);
	chmod("locked.key", 0600);
	assert_refused("first.example", "first.crt", "locked.key", "without a passphrase");
	unlink("locked.key");
	EVP_PKEY_free(key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m03_chooses_by_name),
	    cmocka_unit_test(m02_speaks_12_and_13_only),
	    cmocka_unit_test(m02_m05_asks_for_no_certificate_and_no_early_data),
	    cmocka_unit_test(r12_resumes_under_one_certificate_only),
	    cmocka_unit_test(a_shared_file_of_keys_resumes_sessions_anywhere),
	    cmocka_unit_test(r12_random_keys_outlive_a_reload),
	    cmocka_unit_test(keys_of_a_file_are_not_passed_on),
	    cmocka_unit_test(refuses_what_is_no_file_of_ticket_keys),
	    cmocka_unit_test(tells_of_each_host),
	    cmocka_unit_test(a_reference_keeps_the_store),
	    cmocka_unit_test(m04_refuses_what_cannot_serve),
	    cmocka_unit_test(refuses_a_key_that_all_may_read),
	    cmocka_unit_test(m04_refuses_what_is_out_of_date),
	    cmocka_unit_test(never_asks_for_a_passphrase),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
