/*
 * settings: what an operator may write, what is refused and in which words,
 * and the defaults.
 */
#include "config.h"

#include "check.h"

#include "base/charset.h"
#include "serve/settings.h"

static void defaults_are_those_of_the_table(void **state)
{
	struct settings *s = settings_new();

	(void)state;
	assert_int_equal(s->connections, 4096);
	assert_int_equal(s->handshake_timeout, 10000); /* M-25 */
	assert_int_equal(s->request_timeout, 10000);
	assert_int_equal(s->response_timeout, 30000);
	assert_int_equal(s->linger_timeout, 2000); /* G-19, M-23 */
	assert_int_equal(s->workers, 1);
	assert_int_equal(s->gopher_text_dots, 0);           /* G-06 */
	assert_int_equal(s->gopher_charset, CHARSET_UTF_8); /* G-09 */
	assert_int_equal(s->gopher_tls, 1);
	assert_int_equal(s->nhosts, 0);
	assert_int_equal(s->nlisteners, 0);
	settings_free(s);
	settings_free(NULL);
}

static void a_setting_is_set_within_its_bounds(void **state)
{
	static const struct {
		const char *name, *value;
		const char *why; /* its beginning; NULL: it is set */
	} rows[] = {
	    {"workers", "1", NULL},
	    {"workers", "64", NULL},
	    {"workers", "0", "workers is '0': write a number from 1 to 64 (threads that serve)"},
	    {"workers", "65", "workers is '65': write a number from 1 to 64"},
	    {"workers", "-1", "workers is '-1': write a number"},
	    {"workers", "", "workers is '': write a number"},
	    {"workers", "two", "workers is 'two': write a number"},
	    {"workers", "2 ", "workers is '2 ': write a number"},
	    {"workers", "99999999999999999999", "workers is '99999999999999999999': write"},
	    {"drain_timeout", "0", NULL},
	    {"cache_size", "4194304", NULL},
	    {"cache_size", "4194305", "cache_size is '4194305': write a number from 0 to 4194304"},
	    {"gopher_text_dots", "1", NULL},
	    {"gopher_text_dots", "2", "gopher_text_dots is '2': write a number from 0 to 1"},
	    {"gopher_charset", "utf-8", NULL},
	    {"gopher_charset", "Latin1", NULL},
	    {"gopher_charset", "us-ascii", NULL},
	    {"gopher_charset", "1",
		"gopher_charset is '1': write utf-8, latin1 or us-ascii (charset of Gopher menus)"},
	    {"gopher_charset", "", "gopher_charset is '': write utf-8, latin1 or us-ascii"},
	    {"worker", "2", "there is no setting 'worker'; the nearest is 'workers'"},
	    {"Workers", "2", "there is no setting 'Workers'; the nearest is 'workers'"},
	    {"cache", "2", "there is no setting 'cache'; the nearest is '"},
	    {"", "2", "there is no setting ''; the nearest is '"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct settings *s = settings_new();
		struct buf why = {0};
		bool ok = settings_set(s, str_of(rows[i].name), str_of(rows[i].value), &why);

		check_row(ok == !rows[i].why, rows[i].value);
		check_str(str_sub(buf_str(&why), 0, rows[i].why ? strlen(rows[i].why) : 0),
		    rows[i].why ? rows[i].why : "");
		check_row(ok == (why.len == 0), rows[i].name);
		buf_free(&why);
		settings_free(s);
	}
}

static void a_setting_reaches_its_own_field(void **state)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	assert_true(settings_set(s, STR("connections"), STR("11"), &why));
	assert_true(settings_set(s, STR("handshake_timeout"), STR("112"), &why));
	assert_true(settings_set(s, STR("request_timeout"), STR("113"), &why));
	assert_true(settings_set(s, STR("response_timeout"), STR("114"), &why));
	assert_true(settings_set(s, STR("least_speed"), STR("15"), &why));
	assert_true(settings_set(s, STR("linger_timeout"), STR("16"), &why));
	assert_true(settings_set(s, STR("drain_timeout"), STR("17"), &why));
	assert_true(settings_set(s, STR("cache_size"), STR("18"), &why));
	assert_true(settings_set(s, STR("workers"), STR("19"), &why));
	assert_true(settings_set(s, STR("gopher_port"), STR("20"), &why));
	assert_true(settings_set(s, STR("gemini_port"), STR("21"), &why));
	assert_true(settings_set(s, STR("gopher_text_dots"), STR("1"), &why));
	assert_true(settings_set(s, STR("gopher_charset"), STR("latin1"), &why));
	assert_true(settings_set(s, STR("gopher_tls"), STR("0"), &why));
	assert_int_equal(s->connections, 11);
	assert_int_equal(s->handshake_timeout, 112);
	assert_int_equal(s->request_timeout, 113);
	assert_int_equal(s->response_timeout, 114);
	assert_int_equal(s->least_speed, 15);
	assert_int_equal(s->linger_timeout, 16);
	assert_int_equal(s->drain_timeout, 17);
	assert_int_equal(s->cache_size, 18);
	assert_int_equal(s->workers, 19);
	assert_int_equal(s->gopher_port, 20);
	assert_int_equal(s->gemini_port, 21);
	assert_int_equal(s->gopher_text_dots, 1);
	assert_int_equal(s->gopher_charset, CHARSET_LATIN1);
	assert_int_equal(s->gopher_tls, 0);
	settings_free(s);
}

static void m08_hosts_and_aliases_are_kept_in_one_form(void **state)
{
	static const char *const refused[] = {"", "a b", "a:70", "caf\xc3.x"};
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	assert_true(settings_host(s, STR("Gopher.Example.ORG."), &why));
	assert_true(settings_host(s, STR("caf\xc3\xa9.x"), &why));
	assert_true(settings_host(s, STR("*.Example.org"), &why));
	assert_true(settings_host(s, STR("[::1]"), &why));
	assert_true(settings_host(s, STR("127.0.0.1"), &why));
	assert_true(settings_alias(s, STR("Old.example.org"), &why));
	assert_int_equal(s->nhosts, 5);
	check_str(s->hosts[0], "gopher.example.org");
	check_str(s->hosts[1], "xn--caf-dma.x");
	check_str(s->hosts[2], "*.example.org");
	check_str(s->hosts[3], "::1");
	check_str(s->hosts[4], "127.0.0.1");
	assert_int_equal(s->naliases, 1);
	check_str(s->aliases[0], "old.example.org");
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_false(settings_host(s, str_of(refused[i]), &why));
		assert_false(settings_alias(s, str_of(refused[i]), &why));
		assert_non_null(strstr(buf_z(&why), "' is no host name: "));
		buf_free(&why);
	}
	assert_int_equal(s->nhosts + s->naliases, 6);
	settings_free(s);
}

static void g20_the_first_host_is_a_name(void **state)
{
	static const struct {
		const char *host, *why;
	} rows[] = {
	    {"[::1]", "the first host name is '::1', an address: "},
	    {"192.0.2.1", "the first host name is '192.0.2.1', an address: "},
	    {"*.example.org", "the first host name is '*.example.org', a wildcard: "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct settings *s = settings_new();
		struct buf why = {0};

		assert_false(settings_host(s, str_of(rows[i].host), &why));
		check_row(str_starts(buf_str(&why), str_of(rows[i].why)), buf_z(&why));
		assert_int_equal(s->nhosts, 0);
		assert_true(settings_host(s, STR("example.org"), &why));
		assert_true(settings_host(s, str_of(rows[i].host), &why));
		assert_int_equal(s->nhosts, 2);
		buf_free(&why);
		settings_free(s);
	}
}

static void lists_have_their_bounds(void **state)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	for (size_t i = 0; i < SETTINGS_HOSTS_MAX; i++)
		assert_true(settings_host(s, STR("a"), &why));
	assert_false(settings_host(s, STR("a"), &why));
	check_buf(&why, "more than 64 host names");
	for (size_t i = 0; i < SETTINGS_LISTENERS_MAX - 1; i++)
		assert_true(settings_listen(s, SETTINGS_GOPHER, STR("127.0.0.1:70"), &why));
	assert_false(settings_listen(s, SETTINGS_GOPHER, STR("*:70"), &why)); /* stands for two */
	buf_free(&why);
	assert_true(settings_listen(s, SETTINGS_GEMINI, STR("[::1]:1965"), &why));
	assert_int_equal(s->nlisteners, SETTINGS_LISTENERS_MAX);
	assert_false(settings_listen(s, SETTINGS_GOPHER, STR("127.0.0.1:70"), &why));
	check_buf(&why, "more than 32 addresses to listen on");
	settings_free(s);
}

static void addresses_to_listen_on(void **state)
{
	static const char *const refused[] = {"", "70", ":70", "localhost:70", "127.0.0.1",
	    "::1:70", "127.0.0.1:65536", "127.0.0.1:x"};
	struct settings *s = settings_new();
	struct buf why = {0}, text = {0};

	(void)state;
	assert_true(settings_listen(s, SETTINGS_GOPHER, STR("127.0.0.1:0"), &why));
	assert_true(settings_listen(s, SETTINGS_GEMINI, STR("*:1965"), &why));
	assert_int_equal(s->nlisteners, 3);
	assert_int_equal(s->listeners[0].protocol, SETTINGS_GOPHER);
	assert_false(s->listeners[0].any);
	assert_int_equal(s->listeners[2].protocol, SETTINGS_GEMINI);
	assert_true(s->listeners[1].any && s->listeners[2].any);
	address_format(&text, &s->listeners[1].address);
	check_buf(&text, "[::]:1965");
	address_format(&text, &s->listeners[2].address);
	check_buf(&text, "0.0.0.0:1965");
	for (size_t i = 0; i < COUNT(refused); i++) {
		check_row(
		    !settings_listen(s, SETTINGS_GOPHER, str_of(refused[i]), &why), refused[i]);
		assert_non_null(strstr(buf_z(&why), "is no address to listen on: "));
		buf_free(&why);
	}
	assert_int_equal(s->nlisteners, 3);
	settings_free(s);
}

static void what_was_not_given_is_filled_in(void **state)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	settings_complete(s);
	check_str(s->content, "content");
	check_str(s->certs, "certs");
	assert_int_equal(s->nhosts, 1);
	check_str(s->hosts[0], "localhost");
	assert_int_equal(s->nlisteners, 4);
	assert_int_equal(address_port(&s->listeners[0].address), 70);
	assert_int_equal(address_port(&s->listeners[3].address), 1965);
	settings_free(s);

	s = settings_new();
	s->content = STR("elsewhere");
	assert_true(settings_host(s, STR("h.org"), &why));
	assert_true(settings_listen(s, SETTINGS_GEMINI, STR("127.0.0.1:1965"), &why));
	settings_complete(s);
	check_str(s->content, "elsewhere");
	assert_int_equal(s->nhosts, 1);
	assert_int_equal(s->nlisteners, 1);
	settings_free(s);
}

static void every_setting_is_described(void **state)
{
	static const char *const names[] = {"connections", "handshake_timeout", "request_timeout",
	    "response_timeout", "least_speed", "linger_timeout", "drain_timeout", "cache_size",
	    "workers", "gopher_port", "gemini_port", "gopher_text_dots", "gopher_charset",
	    "gopher_tls"};
	struct buf out = {0};
	struct str rest, line;
	size_t n = 0;

	(void)state;
	settings_describe(&out);
	assert_non_null(strstr(buf_z(&out), ": utf-8, latin1 or us-ascii (utf-8)\n"));
	assert_non_null(strstr(buf_z(&out), " threads that serve (1)\n"));
	for (size_t i = 0; i < COUNT(names); i++)
		check_row(strstr(buf_z(&out), names[i]), names[i]);
	for (rest = buf_str(&out); str_next_line(&rest, &line); n++)
		assert_true(str_starts(line, STR("  ")));
	assert_int_equal(n, COUNT(names));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_those_of_the_table),
	    cmocka_unit_test(a_setting_is_set_within_its_bounds),
	    cmocka_unit_test(a_setting_reaches_its_own_field),
	    cmocka_unit_test(m08_hosts_and_aliases_are_kept_in_one_form),
	    cmocka_unit_test(g20_the_first_host_is_a_name),
	    cmocka_unit_test(lists_have_their_bounds),
	    cmocka_unit_test(addresses_to_listen_on),
	    cmocka_unit_test(what_was_not_given_is_filled_in),
	    cmocka_unit_test(every_setting_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
