/*
 * settings: what an operator may write, what is refused and in which words,
 * and the defaults.
 */
#include "config.h"

#include "check.h"

#include "base/charset.h"
#include "net/veil.h"
#include "serve/settings.h"
#include "serve/settings_source.h"

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
	assert_int_equal(s->listen[SETTINGS_GOPHER].n, 0);
	assert_int_equal(s->log_addresses, VEIL_TRUNCATED);
	assert_int_equal(s->confine, 1);
	settings_unref(s);
	settings_unref(NULL);
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
	    {"gopher_text_dots", "no", NULL},
	    {"gopher_text_dots", "True", NULL},
	    {"gopher_text_dots", "2", "gopher_text_dots is '2': write yes or no"},
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
		settings_unref(s);
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
	settings_unref(s);
}

static void m08_hosts_and_aliases_are_kept_in_one_form(void **state)
{
	static const char *const refused[] = {"", "a b", "a:70", "caf\xc3.x"};
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	assert_true(settings_set(s, STR("hostname"), STR("Gopher.Example.ORG."), &why));
	assert_true(settings_set(s, STR("hostname"), STR("caf\xc3\xa9.x"), &why));
	assert_true(settings_set(s, STR("hostname"), STR("*.Example.org"), &why));
	assert_true(settings_set(s, STR("hostname"), STR("[::1]"), &why));
	assert_true(settings_set(s, STR("hostname"), STR("127.0.0.1"), &why));
	assert_true(settings_set(s, STR("alias"), STR("Old.example.org"), &why));
	assert_int_equal(s->nhosts, 5);
	check_str(s->hosts[0], "gopher.example.org");
	check_str(s->hosts[1], "xn--caf-dma.x");
	check_str(s->hosts[2], "*.example.org");
	check_str(s->hosts[3], "::1");
	check_str(s->hosts[4], "127.0.0.1");
	assert_int_equal(s->naliases, 1);
	check_str(s->aliases[0], "old.example.org");
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_false(settings_set(s, STR("hostname"), str_of(refused[i]), &why));
		assert_false(settings_set(s, STR("alias"), str_of(refused[i]), &why));
		assert_non_null(strstr(buf_z(&why), "' is no host name: "));
		buf_free(&why);
	}
	assert_int_equal(s->nhosts + s->naliases, 6);
	settings_unref(s);
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

		assert_false(settings_set(s, STR("hostname"), str_of(rows[i].host), &why));
		check_row(str_starts(buf_str(&why), str_of(rows[i].why)), buf_z(&why));
		assert_int_equal(s->nhosts, 0);
		assert_true(settings_set(s, STR("hostname"), STR("example.org"), &why));
		assert_true(settings_set(s, STR("hostname"), str_of(rows[i].host), &why));
		assert_int_equal(s->nhosts, 2);
		buf_free(&why);
		settings_unref(s);
	}
}

static void lists_have_their_bounds(void **state)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	for (size_t i = 0; i < SETTINGS_HOSTS_MAX; i++)
		assert_true(settings_set(s, STR("hostname"), STR("a"), &why));
	assert_false(settings_set(s, STR("hostname"), STR("a"), &why));
	check_buf(&why, "more than 64 host names");
	for (size_t i = 0; i < SETTINGS_LISTENERS_MAX - 1; i++)
		assert_true(settings_set(s, STR("gopher"), STR("127.0.0.1:70"), &why));
	assert_false(settings_set(s, STR("gopher"), STR("*:70"), &why)); /* stands for two */
	buf_free(&why);
	for (size_t i = 0; i < SETTINGS_NETWORKS_MAX; i++)
		assert_true(settings_set(s, STR("exempt"), STR("192.0.2.0/24"), &why));
	assert_false(settings_set(s, STR("exempt"), STR("192.0.2.0/24"), &why));
	check_buf(&why, "exempt has more than 64 networks");
	settings_unref(s);
}

static void addresses_to_listen_on(void **state)
{
	static const char *const refused[] = {"", "70", ":70", "localhost:70", "127.0.0.1",
	    "::1:70", "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.1:70 prox", "proxy"};
	struct settings *s = settings_new();
	const struct settings_listeners *gopher = &s->listen[SETTINGS_GOPHER],
					*gemini = &s->listen[SETTINGS_GEMINI];
	struct buf why = {0}, text = {0};

	(void)state;
	assert_true(settings_set(s, STR("gopher"), STR("127.0.0.1:0"), &why));
	assert_true(settings_set(s, STR("gopher"), STR("127.0.0.1:71 proxy"), &why));
	assert_true(settings_set(s, STR("gemini"), STR("*:1965"), &why));
	assert_int_equal(gopher->n, 2);
	assert_false(gopher->items[0].any || gopher->items[0].proxy);
	assert_true(gopher->items[1].proxy);
	assert_int_equal(gemini->n, 2);
	assert_true(gemini->items[0].any && gemini->items[1].any && gemini->items[1].second);
	address_format(&text, &gemini->items[0].address);
	check_buf(&text, "[::]:1965");
	address_format(&text, &gemini->items[1].address);
	check_buf(&text, "0.0.0.0:1965");
	for (size_t i = 0; i < COUNT(refused); i++) {
		check_row(!settings_set(s, STR("gopher"), str_of(refused[i]), &why), refused[i]);
		assert_non_null(strstr(buf_z(&why), "which is no address to listen on: "));
		buf_free(&why);
	}
	assert_int_equal(gopher->n, 2);
	settings_unref(s);
}

static void counters_are_for_this_machine_alone(void **state)
{
	static const char *const refused[] = {
	    "*:9170", "192.0.2.1:9170", "[::]:9170", "127.0.0.1:9170 proxy"};
	static const char *const taken[] = {
	    "127.0.0.1:9170", "127.9.9.9:1", "[::1]:9170", "unix:/run/digestd/metrics.sock"};

	(void)state;
	for (size_t i = 0; i < COUNT(refused) + COUNT(taken); i++) {
		const char *value = i < COUNT(refused) ? refused[i] : taken[i - COUNT(refused)];
		struct settings *s = settings_new();
		struct buf why = {0};

		check_row(
		    settings_set(s, STR("metrics"), str_of(value), &why) == (i >= COUNT(refused)),
		    value);
		assert_int_equal(s->listen[SETTINGS_METRICS].n, i >= COUNT(refused));
		buf_free(&why);
		settings_unref(s);
	}
}

static void what_was_not_given_is_filled_in(void **state)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	(void)state;
	settings_complete(s);
	check_str(s->content, "content");
	check_str(s->certs, "certs");
	check_str(s->log, "stderr");
	check_str(s->access_log, "stderr");
	assert_int_equal(s->nhosts, 1);
	check_str(s->hosts[0], "localhost");
	assert_int_equal(s->exempt.n, 3);
	assert_int_equal(s->listen[SETTINGS_GOPHER].n, 2);
	assert_int_equal(address_port(&s->listen[SETTINGS_GOPHER].items[0].address), 70);
	assert_int_equal(s->listen[SETTINGS_GEMINI].n, 2);
	assert_int_equal(address_port(&s->listen[SETTINGS_GEMINI].items[1].address), 1965);
	assert_int_equal(s->listen[SETTINGS_METRICS].n, 0);
	settings_unref(s);

	s = settings_new();
	assert_true(settings_set(s, STR("content"), STR("elsewhere"), &why));
	assert_true(settings_set(s, STR("hostname"), STR("h.org"), &why));
	assert_true(settings_set(s, STR("exempt"), STR("[]"), &why)); /* none */
	assert_true(settings_set(s, STR("gemini"), STR("127.0.0.1:1965"), &why));
	settings_complete(s);
	check_str(s->content, "elsewhere");
	assert_int_equal(s->nhosts, 1);
	assert_int_equal(s->exempt.n, 0);
	assert_int_equal(s->listen[SETTINGS_GOPHER].n, 0);
	assert_int_equal(s->listen[SETTINGS_GEMINI].n, 1);
	settings_unref(s);
}

/* A list on the command line replaces the one before; what is wrong is said at once. */
static void the_command_line_is_kept_and_read_again(void **state)
{
	struct settings_source *source = settings_source_new();
	struct diag_list *diags = diag_new();
	struct buf why = {0};

	(void)state;
	assert_true(settings_source_set(source, STR("hostname"), STR("a.example"), &why));
	assert_true(settings_source_set(source, STR("hostname"), STR("b.example"), &why));
	assert_true(settings_source_set_pair(source, STR("workers=3"), &why));
	assert_false(settings_source_set_pair(source, STR("workers=many"), &why));
	assert_true(str_starts(buf_str(&why), STR("workers is 'many': write a number")));
	buf_free(&why);
	assert_false(settings_source_set_pair(source, STR("workers"), &why));
	check_buf(&why, "-o takes NAME=VALUE, not 'workers'");
	for (int i = 0; i < 2; i++) {
		struct settings *s = settings_source_load(source, diags);

		assert_non_null(s);
		assert_int_equal(s->nhosts, 2);
		assert_int_equal(s->workers, 3);
		settings_unref(s);
	}
	diag_free(diags);
	settings_source_free(source);
	settings_source_free(NULL);
}

static void what_only_a_start_changes_is_named(void **state)
{
	struct settings *a = settings_new(), *b = settings_new();
	struct buf why = {0}, names = {0};

	(void)state;
	assert_true(settings_set(a, STR("cache_size"), STR("1"), &why)); /* a reload does */
	assert_true(settings_set(a, STR("workers"), STR("2"), &why));
	assert_true(settings_set(b, STR("workers"), STR("2"), &why));
	settings_need_start(a, b, &names);
	assert_int_equal(names.len, 0);
	assert_true(settings_set(b, STR("gopher"), STR("*:7070"), &why));
	assert_true(settings_set(b, STR("user"), STR("nobody"), &why));
	settings_need_start(a, b, &names);
	check_buf(&names, "gopher, user");
	settings_unref(a);
	settings_unref(b);
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
	    cmocka_unit_test(counters_are_for_this_machine_alone),
	    cmocka_unit_test(the_command_line_is_kept_and_read_again),
	    cmocka_unit_test(what_only_a_start_changes_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
