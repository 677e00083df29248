#include "config.h"

#include "net/certificate_facts.h"
#include "base/date.h"
#include "net/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* The longest name of a curve that OpenSSL has, and some more. */
#define CURVE_MAX 64

/* ------------------------------------------------------------------- dates */

static int64_t instant_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;

	ASN1_TIME_diff(&days, &seconds, epoch, t);
	ASN1_TIME_free(epoch);
	return (int64_t)days * DATE_DAY_SECONDS + seconds;
}

int64_t certificate_facts_end(const struct x509_st *x)
{
	return instant_of(X509_get0_notAfter(x));
}

/* ------------------------------------------------------------------- names */

static bool is_address(const char *host)
{
	struct in6_addr v6;
	struct in_addr v4;

	return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1;
}

bool certificate_facts_name(struct x509_st *x, const char *host)
{
	if (is_address(host))
		return X509_check_ip_asc(x, host, 0) == 1;
	return X509_check_host(x, host, 0, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT, NULL) == 1;
}

static void add_printable(struct buf *out, const ASN1_STRING *s)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);

	for (int i = 0; i < ASN1_STRING_length(s); i++)
		buf_addc(out, p[i] > ' ' && p[i] <= '~' ? (char)p[i] : '?');
}

static void add_address(struct buf *out, const ASN1_OCTET_STRING *ip)
{
	char text[INET6_ADDRSTRLEN];
	int n = ASN1_STRING_length(ip);

	if (n == 4 || n == 16)
		buf_addz(out,
		    inet_ntop(
			n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof text));
}

/* The names of the kinds that a server has; others are left out. */
static void add_san(struct buf *out, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS && name->type != GEN_IPADD)
			continue;
		buf_addz(out, out->len > 0 ? ", " : "");
		if (name->type == GEN_DNS)
			add_printable(out, name->d.dNSName);
		else
			add_address(out, name->d.iPAddress);
	}
	GENERAL_NAMES_free(names);
}

static struct str names_of(X509 *x, struct arena *a)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int cn = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	struct buf out = {0};
	struct str names;

	add_san(&out, x);
	if (out.len == 0 && cn >= 0)
		add_printable(&out, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, cn)));
	names = arena_str(a, buf_str(&out));
	buf_free(&out);
	return names;
}

static struct str issuer_of(X509 *x, struct arena *a)
{
	BIO *b = BIO_new(BIO_s_mem());
	struct str issuer = {0};
	char *p = NULL;
	long n;

	if (b && X509_NAME_print_ex(b, X509_get_issuer_name(x), 0, XN_FLAG_RFC2253) >= 0) {
		n = BIO_get_mem_data(b, &p);
		issuer = arena_str(a, (struct str){p, (size_t)n});
	}
	BIO_free(b);
	return issuer;
}

/* -------------------------------------------------------------- key, digest */

/* Curves by the names that people know them by. */
static const struct {
	const char *group, *name;
} curves[] = {
    {"prime256v1", "P-256"},
    {"secp384r1", "P-384"},
    {"secp521r1", "P-521"},
};

static struct str curve_of(EVP_PKEY *key, struct arena *a)
{
	char group[CURVE_MAX] = "of a curve without a name";

	EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (strcmp(group, curves[i].group) == 0)
			return str_of(curves[i].name);
	return arena_str(a, str_of(group));
}

static struct str key_of(X509 *x, struct arena *a)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	if (!key)
		return STR("unknown");
	if (EVP_PKEY_is_a(key, "EC"))
		return arena_printf(a, "ECDSA %.*s", STR_ARGS(curve_of(key, a)));
	return arena_printf(a, "%s %d bits", EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
}

static struct str hex(const unsigned char *p, unsigned n, struct arena *a)
{
	struct buf out = {0};
	struct str text;

	for (unsigned i = 0; i < n; i++)
		buf_printf(&out, i ? ":%02X" : "%02X", p[i]);
	text = arena_str(a, buf_str(&out));
	buf_free(&out);
	return text;
}

static struct str fingerprint_of(X509 *x, struct arena *a)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	X509_digest(x, EVP_sha256(), digest, &n);
	return hex(digest, n, a);
}

static struct str key_fingerprint_of(X509 *x, struct arena *a)
{
	unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
	unsigned n = 0;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	if (size > 0)
		EVP_Digest(der, (size_t)size, digest, &n, EVP_sha256(), NULL);
	OPENSSL_free(der);
	return hex(digest, n, a);
}

/* ----------------------------------------------------------------- the file */

struct x509_st *certificate_facts_load(const char *file, struct buf *why)
{
	FILE *f = fopen(file, "re");
	X509 *x;

	if (!f) {
		buf_printf(why, "%s: cannot read the certificate: %s", file, strerror(errno));
		return NULL;
	}
	x = PEM_read_X509(f, NULL, certificate_no_passphrase, NULL);
	fclose(f);
	if (!x)
		buf_printf(why, "%s: is not a certificate in PEM form", file);
	ERR_clear_error();
	return x;
}

bool certificate_facts_self_signed(struct x509_st *x)
{
	bool is = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
	    X509_verify(x, X509_get0_pubkey(x)) == 1;

	ERR_clear_error();
	return is;
}

bool certificate_facts_read(
    const char *file, struct arena *a, struct certificate_facts *f, struct buf *why)
{
	X509 *x = certificate_facts_load(file, why);

	if (!x)
		return false;
	*f = (struct certificate_facts){
	    .not_before = instant_of(X509_get0_notBefore(x)),
	    .not_after = certificate_facts_end(x),
	    .names = names_of(x, a),
	    .key = key_of(x, a),
	    .issuer = issuer_of(x, a),
	    .fingerprint = fingerprint_of(x, a),
	    .key_fingerprint = key_fingerprint_of(x, a),
	    .self_signed = certificate_facts_self_signed(x),
	};
	X509_free(x);
	return true;
}
