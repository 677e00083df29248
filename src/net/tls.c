/*
 * One OpenSSL context for each certificate; a connection begins with the first
 * one's and changes when its ClientHello names another. That happens before
 * OpenSSL looks for a session to resume, and each context has a session id
 * context of its own, so a ticket made under one certificate never resumes under
 * another. The keys that seal tickets are the store's.
 */
#include "config.h"

#include "net/tls.h"
#include "net/certificate.h"
#include "net/certificate_facts.h"
#include "net/secret.h"
#include "net/ticket.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUITES_13 "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384"
#define SUITES_12 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256"

/* What a name in a ClientHello's server_name extension may measure. */
#define NAME_MAX_BYTES 255

struct tls_host {
	char *name;        /* owned; without brackets and final dot; may begin with "*." */
	SSL_CTX *context;  /* owned */
	int64_t not_after; /* seconds since 1970 */
	bool self_signed;
};

struct tls_store {
	_Atomic unsigned refs;
	struct ticket_keys *tickets; /* a reference; NULL only without random bytes */
	bool drawn;                  /* the ticket keys are random ones of this process */
	struct tls_host *hosts;      /* owned; the first is the default */
	size_t n;
	size_t cap;
};

/* --------------------------------------------------------- choose by name */

static struct str without_dot(struct str name)
{
	return str_ends(name, STR(".")) ? str_sub(name, 0, name.n - 1) : name;
}

static SSL_CTX *find(const struct tls_store *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq_nocase(str_of(s->hosts[i].name), name))
			return s->hosts[i].context;
	return NULL;
}

/* The exact name, else the wildcard of its parent ("*.example.org"). */
static SSL_CTX *choose(const struct tls_store *s, struct str name)
{
	size_t dot = str_index(name, '.');
	SSL_CTX *context = find(s, name);
	struct buf wild = {0};

	if (context || dot == 0 || dot == name.n)
		return context;
	buf_addc(&wild, '*');
	buf_add(&wild, str_skip(name, dot));
	context = find(s, buf_str(&wild));
	buf_free(&wild);
	return context;
}

/*
 * The host name in a server_name extension (RFC 6066 s3: a list's length, then
 * type 0, length and name); empty when it is not one.
 */
static struct str name_in_extension(const unsigned char *p, size_t n)
{
	union {
		const unsigned char *in;
		const char *out;
	} text;
	size_t length;

	if (n < 5 || p[2] != 0)
		return (struct str){0};
	text.in = p + 5;
	length = (size_t)p[3] << 8 | p[4];
	if (length > n - 5 || length > NAME_MAX_BYTES)
		return (struct str){0};
	return (struct str){text.out, length};
}

/* An absent or unknown name keeps the first certificate; it is never an alert (M-03). */
static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
	const struct tls_store *s = arg;
	const unsigned char *p;
	SSL_CTX *context = NULL;
	size_t n;

	(void)alert;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &p, &n))
		context = choose(s, without_dot(name_in_extension(p, n)));
	if (context)
		SSL_set_SSL_CTX(ssl, context);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/*
 * Accepting every name makes OpenSSL keep it with a TLS 1.2 session, so that it is known
 * when resumed.
 */
static int on_server_name(SSL *ssl, int *alert, void *arg)
{
	(void)ssl;
	(void)alert;
	(void)arg;
	return SSL_TLSEXT_ERR_OK;
}

/* ------------------------------------------------------------ the contexts */

static SSL_CTX *new_context(struct ticket_keys *tickets)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	char groups[] = GROUPS; /* the macro casts const away */

	if (!c)
		return NULL;
	SSL_CTX_set_default_passwd_cb(c, certificate_no_passphrase);
	SSL_CTX_set_options(c,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	if (SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_ciphersuites(c, SUITES_13) == 1 &&
	    SSL_CTX_set_cipher_list(c, SUITES_12) == 1 &&
	    SSL_CTX_set1_groups_list(c, groups) == 1 && SSL_CTX_set_num_tickets(c, 1) == 1 &&
	    SSL_CTX_set_max_early_data(c, 0) == 1 && tickets && ticket_keys_use(c, tickets))
		return c;
	SSL_CTX_free(c);
	return NULL;
}

static bool complain(struct buf *why, const char *file, const char *what)
{
	buf_printf(why, "%s: %s", file, what);
	return false;
}

/* As complain, with OpenSSL's own words for it. */
static bool complain_openssl(struct buf *why, const char *file, const char *what)
{
	unsigned long e = ERR_peek_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;

	buf_printf(why, "%s: %s (%s)", file, what, reason ? reason : "unknown reason");
	ERR_clear_error();
	return false;
}

static bool load_certificate(SSL_CTX *c, const char *file, struct buf *why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		buf_printf(why, "%s: cannot read the certificate: %s%s", file, strerror(errno),
		    errno == EACCES ? SECRET_REACH : "");
		return false;
	}
	close(fd);
	if (SSL_CTX_use_certificate_chain_file(c, file) != 1)
		return complain_openssl(
		    why, file, "cannot be used: it is no certificate in PEM form, or a weak one");
	return true;
}

static bool load_key(SSL_CTX *c, const char *file, const char *certificate_file, struct buf *why)
{
	struct stat st;
	int fd = secret_open(file, "private key", &st, why);

	if (fd < 0)
		return false;
	close(fd);
	if (SSL_CTX_use_PrivateKey_file(c, file, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(c) == 1)
		return true;
	if (ERR_GET_REASON(ERR_peek_error()) != X509_R_KEY_VALUES_MISMATCH &&
	    ERR_GET_REASON(ERR_peek_error()) != X509_R_KEY_TYPE_MISMATCH)
		return complain_openssl(
		    why, file, "is not a private key in PEM form without a passphrase");
	buf_printf(why, "%s: is not the key of %s: put the two there that belong together", file,
	    certificate_file);
	ERR_clear_error();
	return false;
}

static bool expired(X509 *x, const char *host, const char *file, struct buf *why)
{
	buf_printf(why, "%s: the certificate has expired: renew it ", file);
	if (certificate_facts_self_signed(x))
		buf_printf(why, "with digestd cert renew %s, and the -c or -K of the server", host);
	else
		buf_addz(why, "where it was issued");
	return false;
}

static bool check_certificate(X509 *x, const char *host, const char *file, struct buf *why)
{
	if (X509_cmp_current_time(X509_get0_notBefore(x)) >= 0)
		return complain(
		    why, file, "the certificate is not valid yet: check the clock, or wait");
	if (X509_cmp_current_time(X509_get0_notAfter(x)) <= 0)
		return expired(x, host, file, why);
	if (certificate_facts_name(x, host))
		return true;
	buf_printf(
	    why, "%s: the certificate does not name the host %s: use one that does", file, host);
	return false;
}

/* Sessions resume only under the certificate that they were made with. */
static bool set_session_context(SSL_CTX *c)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	return X509_digest(SSL_CTX_get0_certificate(c), EVP_sha256(), digest, &n) == 1 &&
	    SSL_CTX_set_session_id_context(c, digest, n) == 1;
}

static SSL_CTX *load(struct ticket_keys *tickets, const char *host, const char *certificate_file,
    const char *key_file, struct buf *why)
{
	SSL_CTX *c = new_context(tickets);

	ERR_clear_error();
	if (!c) {
		complain_openssl(
		    why, certificate_file, "OpenSSL refuses the settings of this program");
		return NULL;
	}
	if (load_certificate(c, certificate_file, why) &&
	    load_key(c, key_file, certificate_file, why) &&
	    check_certificate(SSL_CTX_get0_certificate(c), host, certificate_file, why) &&
	    set_session_context(c))
		return c;
	SSL_CTX_free(c);
	return NULL;
}

/* ---------------------------------------------------------------- the store */

struct tls_store *tls_store_new(void)
{
	struct tls_store *s = mem_zalloc(1, sizeof *s);

	atomic_init(&s->refs, 1);
	s->tickets = ticket_keys_random();
	s->drawn = true;
	return s;
}

struct tls_store *tls_store_ref(struct tls_store *s)
{
	if (s)
		atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void tls_store_unref(struct tls_store *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < s->n; i++) {
		SSL_CTX_free(s->hosts[i].context);
		free(s->hosts[i].name);
	}
	free(s->hosts);
	ticket_keys_unref(s->tickets);
	free(s);
}

/* Takes over the reference to the keys. */
static void set_tickets(struct tls_store *s, struct ticket_keys *k)
{
	ticket_keys_unref(s->tickets);
	s->tickets = k;
	for (size_t i = 0; i < s->n; i++)
		ticket_keys_use(s->hosts[i].context, k);
}

bool tls_store_tickets(struct tls_store *s, const char *file, struct buf *why)
{
	struct ticket_keys *k = ticket_keys_read(file, why);

	if (!k)
		return false;
	set_tickets(s, k);
	s->drawn = false;
	return true;
}

void tls_store_tickets_of(struct tls_store *s, const struct tls_store *before)
{
	if (before->drawn)
		set_tickets(s, ticket_keys_ref(before->tickets));
}

/* The name as it is compared: without brackets (IPv6) and final dot, NUL-terminated. */
static char *plain_name(struct str host)
{
	struct buf name = {0};

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 1);
	buf_add(&name, without_dot(host));
	buf_addc(&name, '\0');
	return buf_detach(&name, NULL);
}

bool tls_store_add(struct tls_store *s, struct str host, const char *certificate_file,
    const char *key_file, struct buf *why)
{
	char *name = plain_name(host);
	SSL_CTX *c = load(s->tickets, name, certificate_file, key_file, why);
	X509 *x;

	if (!c) {
		free(name);
		return false;
	}
	x = SSL_CTX_get0_certificate(c);
	s->hosts = mem_grow(s->hosts, &s->cap, s->n + 1, sizeof *s->hosts);
	s->hosts[s->n++] = (struct tls_host){
	    .name = name,
	    .context = c,
	    .not_after = certificate_facts_end(x),
	    .self_signed = certificate_facts_self_signed(x),
	};
	if (s->n == 1) {
		SSL_CTX_set_client_hello_cb(c, on_client_hello, s);
		SSL_CTX_set_tlsext_servername_callback(c, on_server_name);
	}
	return true;
}

bool tls_store_host(const struct tls_store *s, size_t i, struct tls_host_facts *f)
{
	if (i >= s->n)
		return false;
	*f = (struct tls_host_facts){
	    .name = s->hosts[i].name,
	    .not_after = s->hosts[i].not_after,
	    .self_signed = s->hosts[i].self_signed,
	};
	return true;
}

struct ssl_ctx_st *tls_store_context(const struct tls_store *s)
{
	return s->n > 0 ? s->hosts[0].context : NULL;
}
