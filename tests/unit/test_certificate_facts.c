/* net/certificate_facts: what certificates of several makers say. */
#include "config.h"

#include "check.h"
#include "folder.h"
#include "net/certificate.h"
#include "net/certificate_facts.h"

#include <ctype.h>
#include <time.h>
#include <unistd.h>

#define DAY 86400

struct fixture {
	char folder[FOLDER_PATH];
	struct arena *arena;
};

static int enter(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	folder_make(f->folder, "test_certificate_facts");
	f->arena = arena_new(0);
	*state = f;
	return chdir(f->folder);
}

static int leave(void **state)
{
	struct fixture *f = *state;
	int failed = chdir("/") + folder_remove(f->folder);

	arena_free(f->arena);
	free(f);
	return failed;
}

static struct certificate_facts read_facts(struct fixture *f)
{
	struct certificate_facts facts;
	struct buf why = {0};

	if (!certificate_facts_read("a.crt", f->arena, &facts, &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
	return facts;
}

/* Makes a.crt with the openssl command. */
static struct certificate_facts request(struct fixture *f, const char *arguments)
{
	char command[512];

	snprintf(command, sizeof command,
	    "openssl req -x509 -noenc -keyout a.key -out a.crt %s >/dev/null 2>&1", arguments);
	assert_int_equal(system(command), 0);
	return read_facts(f);
}

static void tells_what_was_made(void **state)
{
	struct certificate_facts f;
	struct buf why = {0};

	assert_true(certificate_make(STR("*.example.org"), "a.crt", "a.key", &why));
	f = read_facts(*state);
	check_str(f.names, "*.example.org");
	check_str(f.key, "ECDSA P-256");
	check_str(f.issuer, "CN=*.example.org");
	assert_true(f.self_signed);
	assert_in_range(time(NULL) - f.not_before, DAY, DAY + 60);
	assert_in_range(f.not_after - time(NULL), 20LL * 365 * DAY, 20LL * 366 * DAY);
}

static void names_are_those_of_the_san_or_the_common_one(void **state)
{
	struct certificate_facts f = request(*state,
	    "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -days 5 -subj /CN=a.example -addext "
	    "'subjectAltName=DNS:b.example,IP:192.0.2.1,email:x@y.example,IP:2001:db8::1'");

	check_str(f.names, "b.example, 192.0.2.1, 2001:db8::1");
	check_str(f.key, "ECDSA P-384");
	assert_in_range(f.not_after - time(NULL), 5 * DAY - 60, 5 * DAY);
	f = request(*state, "-newkey rsa:2048 -subj '/O=X/CN=a.example'");
	check_str(f.names, "a.example");
	check_str(f.key, "RSA 2048 bits");
	f = request(*state, "-newkey ed25519 -subj '/CN=a\x1b[1m'");
	check_str(f.names, "a?[1m");
	assert_true(str_starts(f.key, STR("ED25519")));
}

/* What the openssl command says after its "=", in capitals and without colons. */
static void assert_said_by(const char *command, struct str want)
{
	FILE *p = popen(command, "r");
	struct buf said = {0}, plain = {0};
	char line[256] = "";

	assert_non_null(p);
	assert_non_null(fgets(line, sizeof line, p));
	pclose(p);
	for (const char *c = strchr(line, '=') + 1; *c; c++)
		if (isxdigit((unsigned char)*c))
			buf_addc(&said, (char)toupper((unsigned char)*c));
	for (size_t i = 0; i < want.n; i++)
		if (want.p[i] != ':')
			buf_addc(&plain, want.p[i]);
	assert_int_equal(plain.len, 64);
	check_buf(&said, buf_z(&plain));
	buf_free(&plain);
}

static void fingerprints_are_as_openssl_has_them(void **state)
{
	struct certificate_facts f = request(*state, "-newkey rsa:2048 -subj /CN=a.example");

	assert_said_by("openssl x509 -in a.crt -noout -fingerprint -sha256", f.fingerprint);
	assert_said_by("openssl x509 -in a.crt -noout -pubkey | openssl pkey -pubin -outform DER | "
		       "openssl dgst -sha256",
	    f.key_fingerprint);
}

static void an_issued_one_is_not_self_signed(void **state)
{
	struct certificate_facts f;

	request(*state, "-newkey ed25519 -subj /CN=Authority");
	assert_int_equal(rename("a.crt", "ca.crt") + rename("a.key", "ca.key"), 0);
	assert_int_equal(
	    system("openssl req -new -newkey ed25519 -noenc -keyout a.key -subj /CN=a.example "
		   "2>/dev/null | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial "
		   "-out a.crt 2>/dev/null"),
	    0);
	f = read_facts(*state);
	assert_false(f.self_signed);
	check_str(f.issuer, "CN=Authority");
	/* The same name is not the same key. */
	assert_int_equal(
	    system("openssl req -new -newkey ed25519 -noenc -keyout a.key -subj /CN=Authority "
		   "2>/dev/null | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial "
		   "-out a.crt 2>/dev/null"),
	    0);
	assert_false(read_facts(*state).self_signed);
}

static void says_what_is_no_certificate(void **state)
{
	struct fixture *f = *state;
	struct certificate_facts facts;
	struct buf why = {0};

	assert_false(certificate_facts_read("a.crt", f->arena, &facts, &why));
	check_buf(&why, "a.crt: cannot read the certificate: No such file or directory");
	folder_write(f->folder, "a.crt", "hello\n");
	assert_false(certificate_facts_read("a.crt", f->arena, &facts, &why));
	check_buf(&why, "a.crt: is not a certificate in PEM form");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(tells_what_was_made),
	    TEST(names_are_those_of_the_san_or_the_common_one),
	    TEST(fingerprints_are_as_openssl_has_them),
	    TEST(an_issued_one_is_not_self_signed),
	    TEST(says_what_is_no_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
