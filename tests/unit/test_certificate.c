/* net/certificate: the self-signed certificate of a first start, and later ones. */
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

/* ------------------------------------------------------------------- renew */

static void renew(const char *host, unsigned how)
{
	struct buf why = {0};

	if (!certificate_renew(str_of(host), "a.crt", "a.key", how, &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static void assert_not_renewed(unsigned how, const char *text)
{
	struct buf why = {0};

	assert_false(certificate_renew(STR("localhost"), "a.crt", "a.key", how, &why));
	if (!strstr(buf_z(&why), text))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

/* Renews, and tells whether the certificate before and the one after have the same key. */
static bool keeps_the_key(unsigned how)
{
	X509 *before = load("a.crt"), *after;
	FILE *f;
	EVP_PKEY *key;
	bool same;

	renew("localhost", how);
	after = load("a.crt");
	f = fopen("a.key", "r");
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_int_equal(X509_check_private_key(after, key), 1);
	assert_int_not_equal(X509_cmp(before, after), 0);
	same = EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)) == 1;
	X509_free(before);
	X509_free(after);
	EVP_PKEY_free(key);
	return same;
}

static void m04_a_renewed_certificate_has_the_same_key_unless_told(void **state)
{
	(void)state;
	make("localhost", "a.crt", "a.key");
	assert_true(keeps_the_key(0));
	assert_false(keeps_the_key(CERTIFICATE_NEW_KEY));
	assert_true(keeps_the_key(0));
}

/* What a crash between the two renamings leaves behind. */
static void a_key_without_its_certificate_gets_one(void **state)
{
	(void)state;
	make("localhost", "a.crt", "b.key");
	make("localhost", "b.crt", "a.key");
	unlink("b.key");
	assert_false(keeps_the_key(0));
}

/* Signs a.crt anew, by another or with other names. */
static void change(const char *san, bool issued)
{
	X509 *x = load("a.crt");
	EVP_PKEY *key = issued ? EVP_EC_gen("P-256") : NULL;
	FILE *f = fopen("a.key", "r");
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);

	if (!key)
		key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	if (issued)
		X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "O", MBSTRING_ASC,
		    (const unsigned char *)"Authority", -1, -1, 0);
	X509_EXTENSION_free(X509_delete_ext(x, X509_get_ext_by_NID(x, NID_subject_alt_name, -1)));
	X509_add_ext(x, e, -1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	f = fopen("a.crt", "w");
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_EXTENSION_free(e);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void a_renewed_certificate_has_all_the_names(void **state)
{
	static const struct {
		const char *host;
		bool other;
	} rows[] = {{"localhost", true}, {"new.example", false}};

	(void)state;
	make("localhost", "a.crt", "a.key");
	change("DNS:localhost,DNS:other.example,IP:192.0.2.1", false);
	for (size_t i = 0; i < 2; i++) {
		X509 *x;

		renew(rows[i].host, 0);
		x = load("a.crt");
		assert_int_equal(
		    X509_check_host(x, rows[i].host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL),
		    1);
		assert_int_equal(X509_check_host(x, "other.example", 0, 0, NULL), rows[i].other);
		assert_int_equal(X509_check_ip_asc(x, "192.0.2.1", 0), rows[i].other);
		X509_free(x);
	}
}

static void an_issued_certificate_is_replaced_by_force_alone(void **state)
{
	X509 *before, *after;

	(void)state;
	make("localhost", "a.crt", "a.key");
	change("DNS:localhost", true);
	before = load("a.crt");
	assert_not_renewed(CERTIFICATE_NEW_KEY, "a.crt: is not self-signed: renew it where");
	after = load("a.crt");
	assert_int_equal(X509_cmp(before, after), 0);
	X509_free(before);
	X509_free(after);
	assert_true(keeps_the_key(CERTIFICATE_FORCE));
}

static void what_links_lead_to_is_renewed_there(void **state)
{
	struct stat st;

	(void)state;
	make("localhost", "b.crt", "a.key");
	assert_int_equal(symlink("b.crt", "a.crt"), 0);
	assert_not_renewed(0, "a.crt: is a symbolic link: renew what it leads to");
	assert_true(keeps_the_key(CERTIFICATE_FORCE));
	assert_int_equal(lstat("a.crt", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(access("b.crt", F_OK), 0);
}

static void a_renewal_keeps_modes_but_opens_no_key(void **state)
{
	static const struct {
		mode_t crt, key, then;
	} rows[] = {{0640, 0640, 0640}, {0444, 0400, 0400}, {0644, 0644, 0640}};

	(void)state;
	make("localhost", "a.crt", "a.key");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(chmod("a.crt", rows[i].crt), 0);
		assert_int_equal(chmod("a.key", rows[i].key), 0);
		renew("localhost", CERTIFICATE_NEW_KEY);
		assert_int_equal(mode_of("a.crt"), rows[i].crt);
		assert_int_equal(mode_of("a.key"), rows[i].then);
	}
}

static void says_why_it_does_not_renew(void **state)
{
	(void)state;
	assert_not_renewed(0, "a.crt: cannot read the certificate: No such file");
	make("localhost", "a.crt", "a.key");
	unlink("a.key");
	assert_not_renewed(0, "a.key: cannot read the private key: No such file");
	assert_int_equal(symlink("elsewhere", "a.key"), 0);
	assert_not_renewed(CERTIFICATE_NEW_KEY, "a.key: is a symbolic link");
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
	    TEST(m04_a_renewed_certificate_has_the_same_key_unless_told),
	    TEST(a_key_without_its_certificate_gets_one),
	    TEST(a_renewed_certificate_has_all_the_names),
	    TEST(an_issued_certificate_is_replaced_by_force_alone),
	    TEST(what_links_lead_to_is_renewed_there),
	    TEST(a_renewal_keeps_modes_but_opens_no_key),
	    TEST(says_why_it_does_not_renew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
