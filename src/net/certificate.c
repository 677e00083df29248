#include "config.h"

#include "net/certificate.h"
#include "base/date.h"
#include "net/certificate_facts.h"

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

/*
 * Gives the file its mode, and the owner and group of the one that it will replace (NULL:
 * none). A secret whose group cannot be the same is for its owner alone.
 */
static bool settle(int fd, mode_t mode, const struct stat *like)
{
	bool secret = (mode & S_IRWXO) == 0;

	if (like && fchown(fd, like->st_uid, like->st_gid) != 0 &&
	    fchown(fd, (uid_t)-1, like->st_gid) != 0 && secret)
		mode &= (mode_t)~S_IRWXG;
	return fchmod(fd, mode) == 0;
}

/* Writes a new file; what it may be read by is settled before the first byte is in it. */
static bool write_new(const char *file, mode_t mode, const struct stat *like, struct str text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & S_IRWXU);
	bool written;
	int e;

	if (fd < 0)
		return false;
	written = settle(fd, mode, like) && write_all(fd, text);
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

/* A file to be, whole under a temporary name beside its own. */
struct draft {
	const char *file;     /* borrowed; NULL while there is no draft */
	struct buf temporary; /* its name until then */
};

/* Of the directory that the file is in. */
static bool stat_directory(const char *file, struct stat *st)
{
	struct buf directory = {0};
	const char *slash = strrchr(file, '/');
	bool known;

	buf_add(&directory, slash ? (struct str){file, (size_t)(slash - file) + 1} : STR("."));
	known = stat(buf_z(&directory), st) == 0;
	buf_free(&directory);
	return known;
}

/*
 * Whose a new file is: that of the one it takes the place of; what root makes belongs to
 * whoever has the directory, so that a server without root's rights can read it again.
 */
static const struct stat *owner_of(const char *file, bool there, struct stat *st)
{
	return there || (geteuid() == 0 && stat_directory(file, st)) ? st : NULL;
}

/* A file that is there leaves its mode to the new one, except that others never read a secret. */
static bool draft_write(
    struct draft *d, const char *file, mode_t mode, struct str text, struct buf *why)
{
	mode_t most = mode & S_IRWXO ? 0777 : 0770;
	struct stat st;
	bool there = stat(file, &st) == 0;

	buf_printf(&d->temporary, "%s.%ld.tmp", file, (long)getpid());
	if (there)
		mode = st.st_mode & most;
	if (!write_new(buf_z(&d->temporary), mode, owner_of(file, there, &st), text))
		return complain_errno(why, buf_z(&d->temporary), "cannot write");
	d->file = file;
	return true;
}

/* As draft_write, of what was written to b, which it frees. */
static bool draft_write_bio(struct draft *d, const char *file, mode_t mode, BIO *b, struct buf *why)
{
	char *p = NULL;
	long n = BIO_get_mem_data(b, &p);
	bool written = draft_write(d, file, mode, (struct str){p, (size_t)n}, why);

	BIO_free(b);
	return written;
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

/* Ends the draft: gives it its name, in the place of what has it if it may replace that. */
static bool draft_finish(struct draft *d, bool replace, struct buf *why)
{
	const char *temporary = buf_z(&d->temporary);

	if (!(replace ? rename(temporary, d->file) == 0 : publish(temporary, d->file)))
		return complain_errno(why, d->file, "cannot make this file");
	d->file = NULL;
	return true;
}

/* Throws away what was not finished. */
static void draft_clear(struct draft *d)
{
	if (d->file)
		unlink(buf_z(&d->temporary));
	buf_free(&d->temporary);
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
	FILE *f = fopen(file, "re");
	EVP_PKEY *key;

	if (!f) {
		complain_errno(why, file, "cannot read the private key");
		return NULL;
	}
	key = PEM_read_PrivateKey(f, NULL, certificate_no_passphrase, NULL);
	fclose(f);
	if (!key)
		complain(why, file, "is not a private key in PEM form without a passphrase");
	return key;
}

/* A new key, for the caller to free, and the draft of its file. */
static EVP_PKEY *new_key(struct draft *d, const char *file, struct buf *why)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *b = BIO_new(BIO_s_secmem());

	if (!key || !b || PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) != 1) {
		complain(why, file, "cannot make a key");
		BIO_free(b);
		EVP_PKEY_free(key);
		return NULL;
	}
	if (draft_write_bio(d, file, 0600, b, why))
		return key;
	EVP_PKEY_free(key);
	return NULL;
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

/* All that the certificate before it named, if the host is among it. */
static bool copy_san(X509 *x, X509 *before, const char *host)
{
	GENERAL_NAMES *names = certificate_facts_name(before, host)
	    ? X509_get_ext_d2i(before, NID_subject_alt_name, NULL, NULL)
	    : NULL;
	bool copied =
	    names && X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;

	GENERAL_NAMES_free(names);
	return copied;
}

static bool add_extensions(X509 *x, const char *host, X509 *before)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	return add_extension(x, &context, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, &context, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, &context, NID_ext_key_usage, "serverAuth") &&
	    add_extension(x, &context, NID_subject_key_identifier, "hash") &&
	    ((before && copy_san(x, before, host)) || add_san(x, host));
}

/* Ed25519 and its like have a digest of their own. */
static const EVP_MD *digest_for(EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
}

/* before: the certificate whose names it takes over, or NULL. */
static X509 *self_signed(EVP_PKEY *key, const char *host, X509 *before)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_validity(x) &&
	    set_names(x, host) && X509_set_pubkey(x, key) == 1 && add_extensions(x, host, before) &&
	    X509_sign(x, key, digest_for(key)) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static bool draft_certificate(struct draft *d, const char *file, EVP_PKEY *key, const char *host,
    X509 *before, struct buf *why)
{
	X509 *x = self_signed(key, host, before);
	BIO *b = BIO_new(BIO_s_mem());
	bool made = x && b && PEM_write_bio_X509(b, x) == 1;

	X509_free(x);
	if (made)
		return draft_write_bio(d, file, 0644, b, why);
	BIO_free(b);
	return complain(why, file, "cannot make a certificate");
}

/* An IPv6 literal as a URL has it, or a name with its final dot, as a certificate has them. */
static struct str bare_host(struct str host)
{
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return str_sub(host, 1, host.n - 1);
	return str_ends(host, STR(".")) ? str_sub(host, 0, host.n - 1) : host;
}

/* ------------------------------------------------------------- make, renew */

/* A certificate in the making. */
struct work {
	struct buf host;      /* its name as certificates have it */
	const char *crt;      /* file */
	const char *key_file; /* file */
	X509 *before;         /* owned; what it takes the place of, or NULL */
	EVP_PKEY *key;        /* owned */
	struct draft key_draft, crt_draft;
};

static bool work_begin(
    struct work *w, struct str host, const char *crt, const char *key_file, struct buf *why)
{
	ERR_clear_error();
	host = bare_host(host);
	*w = (struct work){.crt = crt, .key_file = key_file};
	if (host.n == 0 || memchr(host.p, '\0', host.n))
		return complain(why, crt, "a certificate needs the name of its host");
	buf_add(&w->host, host);
	return true;
}

/* Gets the key, new or as it is, and drafts what is to be written. */
static bool work_draft(struct work *w, bool fresh, struct buf *why)
{
	w->key = fresh ? new_key(&w->key_draft, w->key_file, why) : read_key(w->key_file, why);
	return w->key &&
	    draft_certificate(&w->crt_draft, w->crt, w->key, buf_z(&w->host), w->before, why);
}

/*
 * The key first: were the program to end between the two, renewing once more would make
 * the certificate for the key that is there. A server that reloads just then finds
 * two that do not belong together, keeps what it has, and is told of the second file.
 */
static bool work_finish(struct work *w, bool replace, struct buf *why)
{
	bool fresh = w->key_draft.file != NULL;

	if (fresh && !draft_finish(&w->key_draft, replace, why))
		return false;
	if (draft_finish(&w->crt_draft, replace, why))
		return true;
	if (fresh && replace)
		buf_addz(why, "; the new key is in its place already: renew again");
	return false;
}

static void work_clear(struct work *w)
{
	draft_clear(&w->key_draft);
	draft_clear(&w->crt_draft);
	EVP_PKEY_free(w->key);
	X509_free(w->before);
	buf_free(&w->host);
}

/* A key that is there is used again: readers have pinned it. */
static bool make(struct work *w, struct buf *why)
{
	struct stat st;

	if (lstat(w->crt, &st) == 0)
		return complain(why, w->crt, "exists; nothing is overwritten");
	return work_draft(w, lstat(w->key_file, &st) != 0, why) && work_finish(w, false, why);
}

bool certificate_make(
    struct str host, const char *certificate_file, const char *key_file, struct buf *why)
{
	struct work w;
	bool made = work_begin(&w, host, certificate_file, key_file, why) && make(&w, why);

	work_clear(&w);
	return made;
}

/* What was made elsewhere is renewed there: a copy that took its place would go unnoticed. */
static bool may_replace(struct work *w, bool fresh, struct buf *why)
{
	const char *const files[] = {w->crt, w->key_file};
	struct stat st;

	for (size_t i = 0; i < (fresh ? 2 : 1); i++)
		if (lstat(files[i], &st) == 0 && S_ISLNK(st.st_mode))
			return complain(why, files[i],
			    "is a symbolic link: renew what it leads to, or force a file in its "
			    "place");
	if (certificate_facts_self_signed(w->before))
		return true;
	return complain(why, w->crt,
	    "is not self-signed: renew it where it was issued, or force a self-signed one in its "
	    "place");
}

static bool renew(struct work *w, unsigned how, struct buf *why)
{
	bool fresh = (how & CERTIFICATE_NEW_KEY) != 0;

	w->before = certificate_facts_load(w->crt, why);
	return w->before && ((how & CERTIFICATE_FORCE) || may_replace(w, fresh, why)) &&
	    work_draft(w, fresh, why) && work_finish(w, true, why);
}

bool certificate_renew(struct str host, const char *certificate_file, const char *key_file,
    unsigned how, struct buf *why)
{
	struct work w;
	bool made = work_begin(&w, host, certificate_file, key_file, why) && renew(&w, how, why);

	work_clear(&w);
	return made;
}
