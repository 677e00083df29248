/* serve/identity: the certificates of a server's names, over time. */
#include "config.h"

#include "check.h"
#include "child.h"
#include "folder.h"
#include "net/certificate.h"
#include "serve/identity.h"

#include <time.h>
#include <unistd.h>

#define DAY 86400
#define NOBODY 59999

/* A directory to work in, and settings of two names, whose certificates go to "certs" in it. */
struct fixture {
	char folder[FOLDER_PATH];
	struct settings *settings;
	struct diag_list *errors;
	struct buf notes;
};

static int enter(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct buf why = {0};

	folder_make(f->folder, "test_identity");
	f->settings = settings_new();
	settings_set(f->settings, STR("hostname"), STR("a.example"), &why);
	settings_set(f->settings, STR("alias"), STR("*.b.example"), &why);
	settings_complete(f->settings);
	f->errors = diag_new();
	*state = f;
	return chdir(f->folder);
}

static int leave(void **state)
{
	struct fixture *f = *state;
	int failed = chdir("/") + folder_remove(f->folder);

	settings_unref(f->settings);
	diag_free(f->errors);
	buf_free(&f->notes);
	free(f);
	return failed;
}

static void load(struct fixture *f)
{
	struct tls_store *s = identity_load(f->settings, NULL, NULL);

	assert_non_null(s);
	tls_store_unref(s);
}

static void sh(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

/* The errors and notes of a check, as text. */
static void check_says(struct fixture *f, const char *tickets, int64_t now, const char *want)
{
	struct buf said = {0};

	diag_free(f->errors);
	f->errors = diag_new();
	f->notes.len = 0;
	identity_check(f->settings, tickets, now, f->errors, &f->notes);
	diag_print(f->errors, &said);
	buf_add(&said, buf_str(&f->notes));
	check_buf(&said, want);
}

static void a_check_says_what_to_do(void **state)
{
	static const struct {
		long left; /* seconds */
		const char *ending;
	} rows[] = {
	    {29 * DAY + 5, ", in 29 days: renew it with digestd cert renew a.example\n"},
	    {DAY, ", in 1 day: renew it with digestd cert renew a.example\n"},
	    {0, ", in 0 days: renew it with digestd cert renew a.example\n"},
	};
	struct fixture *f = *state;
	struct tls_host_facts host;
	struct tls_store *s;

	f->settings->naliases = 0;
	s = identity_load(f->settings, NULL, NULL);
	assert_non_null(s);
	assert_true(tls_store_host(s, 0, &host));
	for (size_t i = 0; i < COUNT(rows); i++) {
		f->notes.len = 0;
		identity_check(
		    f->settings, NULL, host.not_after - rows[i].left, f->errors, &f->notes);
		check_row(str_starts(buf_str(&f->notes), STR("certs/a.example.crt: warning: the ")),
		    rows[i].ending);
		check_row(str_ends(buf_str(&f->notes), str_of(rows[i].ending)), rows[i].ending);
	}
	f->notes.len = 0;
	identity_check(
	    f->settings, NULL, host.not_after - IDENTITY_WARN_DAYS * DAY, f->errors, &f->notes);
	check_str(buf_str(&f->notes), "");
	assert_int_equal(f->errors->total, 0);
	tls_store_unref(s);
}

static void a_check_makes_nothing(void **state)
{
	struct fixture *f = *state;

	check_says(f, NULL, time(NULL),
	    "certs/a.example.crt: note: serve makes this certificate, self-signed\n"
	    "certs/_.b.example.crt: note: serve makes this certificate, self-signed\n");
	assert_int_equal(access("certs", F_OK), -1);
	load(f);
	unlink("certs/_.b.example.crt");
	check_says(f, NULL, time(NULL),
	    "certs/_.b.example.crt: note: serve makes this certificate, self-signed, for the key "
	    "that is there\n");
}

static void a_check_finds_every_fault(void **state)
{
	struct fixture *f = *state;

	load(f);
	sh("chmod 644 certs/a.example.key; cp certs/a.example.key certs/_.b.example.key; "
	   "chmod 600 certs/_.b.example.key; head -c 48 /dev/zero >tickets; chmod 600 tickets");
	check_says(f, "tickets", time(NULL),
	    "certs/_.b.example.key: error: is not the key of certs/_.b.example.crt: put the two "
	    "there that belong together\n"
	    "certs/a.example.key: error: everybody may read this private key: chmod 600 it first\n"
	    "tickets: error: has 48 bytes, but should have 1 to 8 ticket keys of 80 bytes: make "
	    "one with openssl rand -out tickets 80\n");
	assert_null(identity_load(f->settings, NULL, NULL));
	assert_null(identity_load(f->settings, "tickets", NULL));
}

/* As a client of ACME has it, with a key that the server's group may read. */
static void symbolic_links_and_a_group_are_fine(void **state)
{
	struct fixture *f = *state;

	f->settings->naliases = 0;
	load(f);
	sh("mkdir -p live/a archive && mv certs/a.example.crt archive/fullchain1.pem && "
	   "mv certs/a.example.key archive/privkey1.pem && chmod 640 archive/privkey1.pem && "
	   "ln -s ../../archive/fullchain1.pem live/a/fullchain.pem && "
	   "ln -s ../../archive/privkey1.pem live/a/privkey.pem && "
	   "ln -s ../live/a/fullchain.pem certs/a.example.crt && "
	   "ln -s \"$PWD/live/a/privkey.pem\" certs/a.example.key");
	load(f);
	check_says(f, NULL, time(NULL), "");
}

static void every_directory_on_the_way_is_named(void **state)
{
	static const char *const want[] = {"certs", "live/a", "archive", "keys", ""};
	struct fixture *f = *state;
	struct buf out = {0};
	struct str rest, one;
	size_t n = 0;

	symbolic_links_and_a_group_are_fine(state);
	sh("mkdir keys && ln -s keys also && ln -s nowhere certs/_.b.example.crt && "
	   "ln -s /proc/nothing/at/all certs/_.b.example.key && "
	   "ln -s loop certs/loop && touch tickets keys/tickets");
	f->settings->naliases = 1;
	identity_directories(f->settings, "also/tickets", &out);
	identity_directories(f->settings, "tickets", &out);
	for (rest = buf_str(&out); str_next_field(&rest, '\0', &one); n++) {
		char path[FOLDER_FILE];

		assert_true(n < COUNT(want));
		snprintf(path, sizeof path, "%s%s%s", f->folder, *want[n] ? "/" : "", want[n]);
		check_str(one, path);
	}
	assert_int_equal(n, COUNT(want));
	buf_free(&out);
}

static uint64_t stamp_of_files(struct fixture *f)
{
	uint64_t stamp;

	identity_look(f->settings, "tickets", &stamp);
	return stamp;
}

static void a_stamp_changes_with_any_file(void **state)
{
	static const char *const changes[] = {
	    "touch certs/a.example.key",
	    "chmod 640 certs/a.example.key",
	    "cp certs/a.example.crt x && mv x certs/a.example.crt",
	    "rm certs/_.b.example.crt",
	    "mv certs/_.b.example.key x && ln -s ../x certs/_.b.example.key",
	    "touch x",
	    "echo >tickets",
	    "echo >>tickets",
	};
	struct fixture *f = *state;
	uint64_t stamp;

	load(f);
	stamp = stamp_of_files(f);
	for (size_t i = 0; i < COUNT(changes); i++) {
		uint64_t before = stamp;

		check_row(stamp_of_files(f) == before, changes[i]);
		usleep(FOLDER_TICK_US);
		sh(changes[i]);
		stamp = stamp_of_files(f);
		check_row(stamp != before, changes[i]);
	}
	f->settings->naliases = 0;
	assert_true(stamp_of_files(f) != stamp);
}

static void look_as_nobody(const void *context)
{
	const struct fixture *f = context;
	uint64_t stamp;

	if (setuid(NOBODY) != 0)
		_exit(CHILD_SKIPPED);
	child_need(identity_look(f->settings, NULL, &stamp) == IDENTITY_HIDDEN);
}

static void what_cannot_be_looked_at_is_told(void **state)
{
	struct fixture *f = *state;
	uint64_t stamp;

	assert_int_equal(identity_look(f->settings, NULL, &stamp), IDENTITY_MISSING);
	load(f);
	assert_int_equal(identity_look(f->settings, NULL, &stamp), IDENTITY_WHOLE);
	if (geteuid() != 0)
		skip();
	sh("chmod 700 certs");
	child_run(look_as_nobody, f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_check_says_what_to_do),
	    TEST(a_check_makes_nothing),
	    TEST(a_check_finds_every_fault),
	    TEST(symbolic_links_and_a_group_are_fine),
	    TEST(every_directory_on_the_way_is_named),
	    TEST(a_stamp_changes_with_any_file),
	    TEST(what_cannot_be_looked_at_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
