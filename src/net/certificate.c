#include "config.h"

#include "net/certificate.h"
#include "base/date.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bits of a serial number: positive, and at most 20 bytes in DER. */
#define SERIAL_BITS 127

/* Most bytes of a common name (RFC 5280, ub-common-name). */
#define CN_MAX 64

static bool complain(struct buf *why, const char *file, const char *what)
{
	unsigned long e = ERR_peek_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;

	buf_printf(why, "%s: %s", file, what);
	if (reason)
		buf_printf(why, " (%s)", reason);
	ERR_clear_error();
	return false;
}

static bool complain_errno(struct buf *why, const char *file, const char *what)
{
	buf_printf(why, "%s: %s: %s", file, what, strerror(errno));
	return false;
}

/* --------------------------------------------------------------- the files */

static bool write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s = str_skip(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

/* Writes a new file; what it may be read by is settled before the first byte is in it. */
static bool write_new(const char *file, mode_t mode, struct str text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	bool written;
	int e;

	if (fd < 0)
		return false;
	written = fchmod(fd, mode) == 0 && write_all(fd, text);
	e = errno;
	if (close(fd) == 0 && written)
		return true;
	if (!written)
		errno = e;
	e = errno;
	unlink(file);
	errno = e;
	return false;
}

/*
 * Gives a finished file its name, unless something has it. link refuses to
 * replace; a file system without links is only asked first.
 */
static bool publish(const char *temporary, const char *file)
{
	struct stat st;

	if (link(temporary, file) == 0)
		return unlink(temporary) == 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return false;
	if (lstat(file, &st) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(temporary, file) == 0;
}

static bool store(const char *file, mode_t mode, struct str text, struct buf *why)
{
	struct buf temporary = {0};
	const char *name;
	bool stored;

	buf_printf(&temporary, "%s.%ld.tmp", file, (long)getpid());
	name = buf_z(&temporary);
	stored = write_new(name, mode, text);
	if (!stored) {
		complain_errno(why, name, "cannot write");
	} else if (!publish(name, file)) {
		stored = complain_errno(why, file, "cannot make this file");
		unlink(name);
	}
	buf_free(&temporary);
	return stored;
}

/* Stores what was written to b, and frees it. */
static bool store_bio(BIO *b, const char *file, mode_t mode, struct buf *why)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);
	bool stored = store(file, mode, (struct str){p, (size_t)n}, why);

	BIO_free(b);
	return stored;
}

/* ----------------------------------------------------------------- the key */

int certificate_no_passphrase(char *p, int size, int writing, void *arg)
{
	(void)p;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static EVP_PKEY *read_key(const char *file, struct buf *why)
{
	BIO *b = BIO_new_file(file, "r");
	EVP_PKEY *key =
	    b ? PEM_read_bio_PrivateKey(b, NULL, certificate_no_passphrase, NULL) : NULL;

	BIO_free(b);
	if (!key)
		complain(why, file, "is not a private key in PEM form without a passphrase");
	return key;
}

static EVP_PKEY *new_key(const char *file, struct buf *why)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *b = BIO_new(BIO_s_secmem());

	if (!key || !b || PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) != 1) {
		complain(why, file, "cannot make a key");
		BIO_free(b);
		EVP_PKEY_free(key);
		return NULL;
	}
	if (store_bio(b, file, 0600, why))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* A key that is there is used again: readers have pinned it. */
static EVP_PKEY *key_for(const char *file, struct buf *why)
{
	struct stat st;

	if (lstat(file, &st) == 0)
		return read_key(file, why);
	return new_key(file, why);
}

/* --------------------------------------------------------- the certificate */

static bool set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool set = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

	BN_free(n);
	return set;
}

static bool set_validity(X509 *x)
{
	return X509_gmtime_adj(X509_getm_notBefore(x), -DATE_DAY_SECONDS) &&
	    X509_time_adj_ex(
		X509_getm_notAfter(x), CERTIFICATE_YEARS * 365 + CERTIFICATE_YEARS / 4, 0, NULL);
}

/* Subject and issuer are the same. A name too long for CN stands in the SAN alone. */
static bool set_names(X509 *x, const char *host)
{
	X509_NAME *name = X509_get_subject_name(x);
	union {
		const char *in;
		const unsigned char *out;
	} text = {.in = host};

	if (strlen(host) <= CN_MAX &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text.out, -1, -1, 0) != 1)
		return false;
	return X509_set_issuer_name(x, name) == 1;
}

static bool add_extension(X509 *x, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, context, nid, value);
	bool added = e && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return added;
}

/* The SAN is built by hand: in OpenSSL's text form a comma in the host would begin another name. */
static bool add_san(X509 *x, const char *host)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(host);
	GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, ip ? GEN_IPADD : GEN_DNS, host, 0);
	bool added = false;

	ASN1_OCTET_STRING_free(ip);
	if (names && name && sk_GENERAL_NAME_push(names, name) > 0) {
		name = NULL;
		added =
		    X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
	}
	GENERAL_NAME_free(name);
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	return added;
}

static bool add_extensions(X509 *x, const char *host)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	return add_extension(x, &context, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, &context, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, &context, NID_ext_key_usage, "serverAuth") &&
	    add_extension(x, &context, NID_subject_key_identifier, "hash") && add_san(x, host);
}

/* Ed25519 and its like have a digest of their own. */
static const EVP_MD *digest_for(EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
}

static X509 *self_signed(EVP_PKEY *key, const char *host)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_validity(x) &&
	    set_names(x, host) && X509_set_pubkey(x, key) == 1 && add_extensions(x, host) &&
	    X509_sign(x, key, digest_for(key)) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static bool write_certificate(X509 *x, const char *file, struct buf *why)
{
	BIO *b = BIO_new(BIO_s_mem());

	if (b && PEM_write_bio_X509(b, x) == 1)
		return store_bio(b, file, 0644, why);
	BIO_free(b);
	return complain(why, file, "cannot write the certificate");
}

/* An IPv6 literal as a URL has it, or a name with its final dot, as a certificate has them. */
static struct str bare_host(struct str host)
{
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return str_sub(host, 1, host.n - 1);
	return str_ends(host, STR(".")) ? str_sub(host, 0, host.n - 1) : host;
}

bool certificate_make(
    struct str host, const char *certificate_file, const char *key_file, struct buf *why)
{
	struct buf name = {0};
	struct stat st;
	bool made = false;
	EVP_PKEY *key;
	X509 *x;

	ERR_clear_error();
	host = bare_host(host);
	if (host.n == 0 || memchr(host.p, '\0', host.n))
		return complain(why, certificate_file, "a certificate needs the name of its host");
	if (lstat(certificate_file, &st) == 0)
		return complain(why, certificate_file, "exists; nothing is overwritten");
	key = key_for(key_file, why);
	if (!key)
		return false;
	buf_add(&name, host);
	x = self_signed(key, buf_z(&name));
	made = x ? write_certificate(x, certificate_file, why)
		 : complain(why, certificate_file, "cannot make a certificate");
	X509_free(x);
	EVP_PKEY_free(key);
	buf_free(&name);
	return made;
}

bool certificate_fingerprint(const char *certificate_file, struct buf *out, struct buf *why)
{
	BIO *b = BIO_new_file(certificate_file, "r");
	X509 *x = b ? PEM_read_bio_X509(b, NULL, certificate_no_passphrase, NULL) : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool known = x && X509_digest(x, EVP_sha256(), digest, &n) == 1;

	for (unsigned i = 0; i < n; i++)
		buf_printf(out, i ? ":%02X" : "%02X", digest[i]);
	X509_free(x);
	BIO_free(b);
	return known ? true : complain(why, certificate_file, "is not a certificate in PEM form");
}
