/* net/certificate: the self-signed certificate of a first start. */
#include "config.h"

#include "net/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Every test works in a directory of its own, with these two files. */
static int enter_directory(void **state)
{
	char *path = strdup("/tmp/test_certificate.XXXXXX");

	*state = path;
	return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
	int failed = 0;

	unlink("a.crt");
	unlink("a.key");
	unlink("b.crt");
	failed |= chdir("/");
	failed |= rmdir(*state); /* fails when something else was left behind */
	free(*state);
	return failed;
}

static void make(const char *host, const char *certificate, const char *key)
{
	struct buf why = {0};

	if (!certificate_make(str_of(host), certificate, key, &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static void assert_refused(
    const char *host, const char *certificate, const char *key, const char *text)
{
	struct buf why = {0};

	assert_false(certificate_make(str_of(host), certificate, key, &why));
	if (!strstr(buf_z(&why), text))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static X509 *load(const char *file)
{
	FILE *f = fopen(file, "r");
	X509 *x;

	assert_non_null(f);
	x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(x);
	return x;
}

static mode_t mode_of(const char *file)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	return st.st_mode & 07777;
}

static void m04_r03_is_what_readers_pin(void **state)
{
	ASN1_INTEGER *serial;
	EVP_PKEY *key;
	X509 *x;
	int days, seconds;
	char group[32] = "";

	(void)state;
	make("gem.example.org", "a.crt", "a.key");
	x = load("a.crt");
	assert_int_equal(X509_get_version(x), X509_VERSION_3);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)), 0);
	assert_int_equal(X509_check_host(x, "gem.example.org", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "other.example.org", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ca(x), 0);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_SERVER);
	assert_true(X509_cmp_current_time(X509_get0_notBefore(x)) < 0);
	assert_int_equal(ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)), 1);
	assert_in_range(days, 20 * 365, 20 * 366);
	key = X509_get0_pubkey(x);
	assert_int_equal(EVP_PKEY_get_group_name(key, group, sizeof group, NULL), 1);
	assert_string_equal(group, "prime256v1");
	assert_int_equal(X509_verify(x, key), 1);
	serial = X509_get_serialNumber(x);
	assert_int_equal(ASN1_STRING_length(serial), 16);
	X509_free(x);
}

/* One label below, and not the name above: that has a certificate of its own. */
static void a_wildcard_stands_alone(void **state)
{
	static const char *const others[] = {"example.org", "a.b.example.org", "*.b.example.org"};
	GENERAL_NAMES *names;
	X509 *x;

	(void)state;
	make("*.example.org", "a.crt", "a.key");
	x = load("a.crt");
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(X509_check_host(x, others[i], 0, 0, NULL), 0);
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	X509_free(x);
}

/* A common name of the same text would hide a missing SAN. */
static void m04_names_the_host_in_san(void **state)
{
	static const struct {
		const char *host, *ip, *dns;
	} rows[] = {
	    {"example.org", NULL, "example.org"},
	    {"example.org.", NULL, "example.org"},
	    {"*.example.org", NULL, "*.example.org"},
	    {"*.example.org", NULL, "any.example.org"},
	    {"192.0.2.1", "192.0.2.1", NULL},
	    {"2001:db8::1", "2001:db8::1", NULL},
	    {"[2001:db8::1]", "2001:db8::1", NULL},
	    {"a.example,DNS:evil.example", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		X509 *x;

		make(rows[i].host, "a.crt", "a.key");
		x = load("a.crt");
		if (rows[i].ip)
			assert_int_equal(X509_check_ip_asc(x, rows[i].ip, 0), 1);
		if (rows[i].dns)
			assert_int_equal(X509_check_host(x, rows[i].dns, 0,
					     X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL),
			    1);
		assert_int_equal(X509_check_host(x, "evil.example", 0, 0, NULL), 0);
		X509_free(x);
		unlink("a.crt");
	}
}

static void a_long_name_fits_no_cn(void **state)
{
	static const char host[] =
	    "a-name-of-more-than-sixty-four-bytes.which-is-too-long-for-a-cn.example.org";
	X509 *x;

	(void)state;
	make(host, "a.crt", "a.key");
	x = load("a.crt");
	assert_int_equal(X509_check_host(x, host, 0, 0, NULL), 1);
	X509_free(x);
}

static void only_its_owner_reads_the_key(void **state)
{
	static const mode_t masks[] = {0, 0777};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		mode_t before = umask(masks[i]);

		make("localhost", "a.crt", "a.key");
		umask(before);
		assert_int_equal(mode_of("a.key"), 0600);
		assert_int_equal(mode_of("a.crt"), 0644);
		unlink("a.crt");
		unlink("a.key");
	}
}

static void m04_a_renewal_keeps_the_key(void **state)
{
	X509 *a, *b;

	(void)state;
	make("localhost", "a.crt", "a.key");
	make("localhost", "b.crt", "a.key");
	a = load("a.crt");
	b = load("b.crt");
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)), 1);
	assert_int_not_equal(
	    ASN1_INTEGER_cmp(X509_get_serialNumber(a), X509_get_serialNumber(b)), 0);
	X509_free(a);
	X509_free(b);
}

static void an_ed25519_key_serves_too(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *f = fopen("a.key", "w");
	X509 *x;

	(void)state;
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	make("localhost", "a.crt", "a.key");
	x = load("a.crt");
	assert_int_equal(X509_verify(x, key), 1);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void overwrites_nothing(void **state)
{
	FILE *f;

	(void)state;
	make("localhost", "a.crt", "a.key");
	assert_refused("localhost", "a.crt", "a.key", "nothing is overwritten");
	unlink("a.crt");
	f = fopen("a.key", "w");
	fputs("not a key\n", f);
	fclose(f);
	assert_refused("localhost", "a.crt", "a.key", "a.key: is not a private key");
	assert_int_equal(access("a.crt", F_OK), -1);
}

static void says_why_not(void **state)
{
	(void)state;
	assert_refused("", "a.crt", "a.key", "name of its host");
	assert_refused("localhost", "nowhere/a.crt", "nowhere/a.key", "No such file");
	assert_int_equal(symlink("nowhere/else", "a.key"), 0);
	assert_refused("localhost", "a.crt", "a.key", "a.key");
}

static void tells_the_fingerprint(void **state)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf out = {0}, why = {0};
	char first[8];
	unsigned n;
	X509 *x;

	(void)state;
	make("localhost", "a.crt", "a.key");
	assert_true(certificate_fingerprint("a.crt", &out, &why));
	x = load("a.crt");
	X509_digest(x, EVP_sha256(), digest, &n);
	X509_free(x);
	snprintf(first, sizeof first, "%02X:%02X:", digest[0], digest[1]);
	assert_int_equal(out.len, 32 * 3 - 1);
	assert_memory_equal(out.p, first, 6);
	assert_false(certificate_fingerprint("a.key", &out, &why));
	assert_non_null(strstr(buf_z(&why), "a.key: is not a certificate"));
	buf_free(&out);
	buf_free(&why);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter_directory, leave_directory)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_wildcard_stands_alone),
	    TEST(m04_r03_is_what_readers_pin),
	    TEST(m04_names_the_host_in_san),
	    TEST(a_long_name_fits_no_cn),
	    TEST(only_its_owner_reads_the_key),
	    TEST(m04_a_renewal_keeps_the_key),
	    TEST(an_ed25519_key_serves_too),
	    TEST(overwrites_nothing),
	    TEST(says_why_not),
	    TEST(tells_the_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
