/* serve/access_log: the line of a request, as text and as JSON, whatever the request holds. */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "base/log.h"
#include "serve/access_log.h"

#include <unistd.h>

/* "2019-11-27T09:30:00Z" */
#define TIME 20

static struct net_request request(struct str bytes, const struct net_address *peer)
{
	return (struct net_request){.bytes = bytes, .peer = peer};
}

static struct net_address peer(void)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	assert_int_equal(address_parse(STR("192.0.2.7:1"), a, &why), 1);
	return a[0];
}

/* What the log gets, with "T" for the time. */
static void check_line(enum access_log_format format, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o, const char *want)
{
	struct veil veil = {.mode = VEIL_TRUNCATED};
	struct access_log log = {format, &veil};
	struct buf have = {0}, why = {0};
	char line[8192];
	FILE *f;

	assert_true(log_open(LOG_ACCESS, STR("access"), &why));
	access_log_write(&log, "gemini", q, reply, o);
	log_flush(0);
	assert_true(log_open(LOG_ACCESS, STR("off"), &why));
	f = fopen("access", "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		size_t at = format == ACCESS_LOG_JSON ? strlen("{\"time\":\"") : 0;

		assert_true(strlen(line) > at + TIME);
		assert_int_equal(line[at + TIME - 1], 'Z');
		buf_add(&have, (struct str){line, at});
		buf_addc(&have, 'T');
		buf_addz(&have, line + at + TIME);
	}
	fclose(f);
	unlink("access");
	check_buf(&have, want);
}

static void a_request_that_was_answered(void **state)
{
	struct net_address a = peer();
	struct net_request q = request(STR("gemini://example.org/\r\n"), &a);
	struct net_reply r = {.status = 20};
	struct net_outcome o = {.reason = NET_DONE, .bytes = 2048, .us = 412};

	(void)state;
	check_line(ACCESS_LOG_TEXT, &q, &r, &o,
	    "T gemini 192.0.2.0 \"gemini://example.org/\" 20 2048 0.412\n");
	check_line(ACCESS_LOG_JSON, &q, &r, &o,
	    "{\"time\":\"T\",\"protocol\":\"gemini\",\"address\":\"192.0.2.0\","
	    "\"request\":\"gemini://example.org/\",\"status\":20,\"bytes\":2048,\"ms\":0.412}\n");
	check_line(ACCESS_LOG_OFF, &q, &r, &o, "");
}

static void one_that_was_not(void **state)
{
	struct net_address a = peer();
	struct net_request q = request((struct str){0}, &a);
	struct net_outcome o = {.reason = NET_HANDSHAKE_FAILED, .us = 1234567, .note = "not TLS"};

	(void)state;
	check_line(ACCESS_LOG_TEXT, &q, NULL, &o,
	    "T gemini 192.0.2.0 \"\" - 0 1234.567 handshake-failed (not TLS)\n");
	check_line(ACCESS_LOG_JSON, &q, NULL, &o,
	    "{\"time\":\"T\",\"protocol\":\"gemini\",\"address\":\"192.0.2.0\",\"request\":\"\","
	    "\"status\":null,\"bytes\":0,\"ms\":1234.567,\"reason\":\"handshake-failed\","
	    "\"note\":\"not TLS\"}\n");
}

/* trap_10: in JSON the backslashes of log_escape are escaped once more. */
static void a_hostile_request(void **state)
{
	struct net_address a = peer();
	struct net_request q =
	    request(STR("\x1b[2J\"\\\xff\xc2\x9b\0caf\xc3\xa9\x0d\x0aHost: x"), &a);
	struct net_reply r = {.status = 59};
	struct net_outcome o = {.reason = NET_DONE};

	(void)state;
	check_line(ACCESS_LOG_TEXT, &q, &r, &o,
	    "T gemini 192.0.2.0 \"\\x1B[2J\\\"\\\\\\xFF\\xC2\\x9B\\x00caf\xc3\xa9\" 59 0 0.000\n");
	check_line(ACCESS_LOG_JSON, &q, &r, &o,
	    "{\"time\":\"T\",\"protocol\":\"gemini\",\"address\":\"192.0.2.0\",\"request\":"
	    "\"\\\\x1B[2J\\\\\\\"\\\\\\\\\\\\xFF\\\\xC2\\\\x9B\\\\x00caf\xc3\xa9\","
	    "\"status\":59,\"bytes\":0,\"ms\":0.000}\n");
}

static void a_long_request_is_cut(void **state)
{
	struct net_address a = peer();
	struct buf bytes = {0}, want = {0};
	struct net_request q;
	struct net_reply r = {.status = 59};
	struct net_outcome o = {.reason = NET_DONE};

	(void)state;
	buf_fill(&bytes, '\1', 2000);
	q = request(buf_str(&bytes), &a);
	buf_addz(&want, "T gemini 192.0.2.0 \"");
	for (int i = 0; i < 1100; i++)
		buf_addz(&want, "\\x01");
	buf_addz(&want, "\" 59 0 0.000\n");
	check_line(ACCESS_LOG_TEXT, &q, &r, &o, buf_z(&want));
	buf_free(&bytes);
	buf_free(&want);
}

static int make_folder(void **state)
{
	char *folder = malloc(FOLDER_PATH);

	folder_make(folder, "test_access_log");
	*state = folder;
	return chdir(folder);
}

static int remove_folder(void **state)
{
	int failed = chdir("/") | folder_remove(*state);

	free(*state);
	return failed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_that_was_answered),
	    cmocka_unit_test(one_that_was_not),
	    cmocka_unit_test(a_hostile_request),
	    cmocka_unit_test(a_long_request_is_cut),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
