/* net/address: socket addresses as text and back. */
#include "config.h"

#include "check.h"
#include "net/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stddef.h>
#include <sys/un.h>

#include <cmocka.h>

static struct net_address parsed(const char *text)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	assert_int_equal(address_parse(str_of(text), a, &why), 1);
	return a[0];
}

static void assert_formats(const struct net_address *a, const char *whole, const char *host)
{
	struct buf out = {0};

	address_format(&out, a);
	assert_string_equal(buf_z(&out), whole);
	buf_free(&out);
	address_format_host(&out, a);
	assert_string_equal(buf_z(&out), host);
	buf_free(&out);
}

static void reads_and_writes(void **state)
{
	static const struct {
		const char *in, *whole, *host;
		uint16_t port;
	} rows[] = {
	    {"192.0.2.1:70", "192.0.2.1:70", "192.0.2.1", 70},
	    {"0.0.0.0:0", "0.0.0.0:0", "0.0.0.0", 0},
	    {"[2001:DB8::1]:1965", "[2001:db8::1]:1965", "2001:db8::1", 1965},
	    {"[::]:65535", "[::]:65535", "::", 65535},
	    {"[::ffff:192.0.2.1]:7", "[::ffff:192.0.2.1]:7", "::ffff:192.0.2.1", 7},
	    {"unix:/run/digestd/gopher", "unix:/run/digestd/gopher", "unix", 0},
	    {"unix:/:70", "unix:/:70", "unix", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct net_address a = parsed(rows[i].in);

		assert_formats(&a, rows[i].whole, rows[i].host);
		assert_int_equal(address_port(&a), rows[i].port);
	}
}

static void a_star_is_both_kinds(void **state)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	(void)state;
	assert_int_equal(address_parse(STR("*:70"), a, &why), 2);
	assert_formats(&a[0], "[::]:70", "::");
	assert_formats(&a[1], "0.0.0.0:70", "0.0.0.0");
}

static void refuses_with_a_reason(void **state)
{
	static const struct {
		const char *in, *why;
	} rows[] = {
	    {"", "a port must follow"},
	    {"192.0.2.1", "a port must follow"},
	    {"[::1]", "a port must follow"},
	    {"192.0.2.1:", "the port must be"},
	    {"192.0.2.1:65536", "the port must be"},
	    {"192.0.2.1:-1", "the port must be"},
	    {"192.0.2.1:7o", "the port must be"},
	    {"::1:70", "brackets"},
	    {"localhost:70", "not a name"},
	    {":70", "not a name"},
	    {"[]:70", "not a name"},
	    {"[192.0.2.1]:70", "not a name"},
	    {"[*]:70", "not a name"},
	    {"192.0.2.256:70", "not a name"},
	    {"[2001:db8::1%eth0]:70", "not a name"},
	    {"unix", "a port must follow"},
	    {"unix:", "absolute"},
	    {"unix:70", "absolute"},
	    {"unix:run/gopher", "absolute"},
	    {"unix:/run/", "not its folder"},
	    {"[1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111]:70", "not a name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct net_address a[ADDRESS_MAX];
		const char *why = NULL;

		assert_int_equal(address_parse(str_of(rows[i].in), a, &why), 0);
		assert_non_null(why);
		assert_non_null(strstr(why, rows[i].why));
	}
}

static void a_nul_hides_nothing(void **state)
{
	struct net_address a[ADDRESS_MAX], v4 = parsed("192.0.2.1:70");
	const char *why = NULL;

	(void)state;
	assert_int_equal(address_parse(STR("192.0.2.1\0x:70"), a, &why), 0);
	assert_int_equal(address_parse(STR("[::1\0x]:70"), a, &why), 0);
	assert_false(address_is(&v4, STR("192.0.2.1\0x")));
}

/* A slice in the middle of a longer text must not be read past its end. */
static void borrows_without_a_nul(void **state)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	(void)state;
	assert_int_equal(address_parse(str_sub(STR("127.0.0.1:7070"), 0, 12), a, &why), 1);
	assert_int_equal(address_port(&a[0]), 70);
}

static void sets_the_port(void **state)
{
	struct net_address v4 = parsed("192.0.2.1:0"), v6 = parsed("[::1]:0"), none = {0};

	(void)state;
	address_set_port(&v4, 70);
	address_set_port(&v6, 1965);
	address_set_port(&none, 1);
	assert_formats(&v4, "192.0.2.1:70", "192.0.2.1");
	assert_formats(&v6, "[::1]:1965", "::1");
	assert_int_equal(address_port(&none), 0);
	assert_formats(&none, "?:0", "?");
}

/* Fills a path of n bytes behind "unix:". */
static struct str unix_path(char *text, size_t n)
{
	memcpy(text, "unix:/", 6);
	memset(text + 6, 'x', n - 1);
	return (struct str){text, 5 + n};
}

static void a_unix_path_fits_with_its_nul(void **state)
{
	char text[200];
	struct net_address a[ADDRESS_MAX];
	struct sockaddr_un sa;
	const char *why = NULL;
	size_t room = sizeof sa.sun_path;

	(void)state;
	assert_int_equal(address_parse(unix_path(text, room - 1), a, &why), 1);
	memcpy(&sa, &a[0].ss, sizeof sa);
	assert_int_equal(sa.sun_family, AF_UNIX);
	assert_int_equal(strlen(sa.sun_path), room - 1);
	assert_int_equal(a[0].len, sizeof sa);
	assert_int_equal(address_parse(unix_path(text, room), a, &why), 0);
	assert_non_null(strstr(why, "too long"));
	assert_int_equal(address_parse(STR("unix:/a\0b"), a, &why), 0);
	assert_non_null(strstr(why, "NUL"));
}

/* The system may return a path without a NUL, one of Linux's abstract names, or none. */
static void a_unix_address_need_not_have_a_path(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct net_address a = {.len = sizeof sa};
	char whole[6 + sizeof sa.sun_path] = "unix:";

	(void)state;
	memset(sa.sun_path, '/', sizeof sa.sun_path);
	memset(whole + 5, '/', sizeof sa.sun_path);
	memcpy(&a.ss, &sa, sizeof sa);
	assert_formats(&a, whole, "unix");
	a.len = offsetof(struct sockaddr_un, sun_path) + 3;
	assert_formats(&a, "unix:///", "unix");
	a.len = offsetof(struct sockaddr_un, sun_path);
	assert_formats(&a, "unix", "unix");
	sa.sun_path[0] = '\0';
	memcpy(&a.ss, &sa, sizeof sa);
	a.len = sizeof sa;
	assert_formats(&a, "unix", "unix");
}

static void a_unix_address_has_no_port_and_no_name(void **state)
{
	struct net_address a = parsed("unix:/run/gopher"), before = a;

	(void)state;
	address_set_port(&a, 70);
	assert_memory_equal(&a, &before, sizeof a);
	assert_int_equal(address_port(&a), 0);
	assert_false(address_is(&a, STR("unix")));
	assert_false(address_is(&a, STR("/run/gopher")));
	assert_false(address_is(&a, STR("0.0.0.0")));
	assert_false(address_is(&a, STR("::")));
}

/* What accept tells: of a client on a unix socket the family and no more. */
static void a_compact_address_expands_to_what_it_was(void **state)
{
	static const char *const rows[] = {"192.0.2.1:70", "[2001:db8::1]:1965"};
	union address_compact kept;
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct net_address was = parsed(rows[i]);

		memset(&kept, 0xff, sizeof kept);
		memcpy(&kept, &was.ss, was.len);
		a = address_expand(&kept);
		assert_memory_equal(&a, &was, sizeof a);
	}
	memset(&kept, 'x', sizeof kept);
	kept.any.sa_family = AF_UNIX;
	a = address_expand(&kept);
	assert_int_equal(a.len, offsetof(struct sockaddr_un, sun_path));
	assert_formats(&a, "unix", "unix");
	assert_int_equal(address_port(&a), 0);
}

static void one_form_for_equal_ip_addresses(void **state)
{
	struct net_address v4 = parsed("192.0.2.1:70"), mapped = parsed("[::ffff:192.0.2.1]:7");
	struct net_address v6 = parsed("[2001:db8::1]:1965"), local = parsed("unix:/s");
	struct address_ip a = address_ip(&v4), b = address_ip(&mapped), c;
	struct net_address again = address_of_ip(&b, 70);

	(void)state;
	assert_int_equal(a.family, AF_INET);
	assert_memory_equal(&a, &b, sizeof a);
	assert_memory_equal(&again, &v4, sizeof v4);
	a = address_ip(&v6);
	again = address_of_ip(&a, 1965);
	assert_memory_equal(&again, &v6, sizeof v6);
	assert_true(address_ip_parse(AF_INET6, STR("2001:DB8::0:1"), &c));
	assert_memory_equal(&a, &c, sizeof a);
	assert_false(address_ip_parse(AF_INET, STR("2001:db8::1"), &c));
	assert_false(address_ip_parse(AF_INET6, STR("192.0.2.1"), &c));
	a = address_ip(&local);
	assert_int_equal(a.family, AF_UNIX);
}

static void compares_any_spelling(void **state)
{
	struct net_address v4 = parsed("192.0.2.1:70"), v6 = parsed("[2001:db8::1]:70");
	struct net_address mapped = parsed("[::ffff:192.0.2.1]:70");

	(void)state;
	assert_true(address_is(&v4, STR("192.0.2.1")));
	assert_true(address_is(&v4, STR("::ffff:192.0.2.1")));
	assert_true(address_is(&v4, STR("::ffff:c000:201")));
	assert_true(address_is(&mapped, STR("192.0.2.1")));
	assert_true(address_is(&v6, STR("2001:DB8:0:0::1")));
	assert_true(address_is(&v6, STR("[2001:db8::1]")));
	assert_false(address_is(&v4, STR("192.0.2.2")));
	assert_false(address_is(&v4, STR("192.0.2.1.")));
	assert_false(address_is(&v4, STR("")));
	assert_false(address_is(&v4, STR("localhost")));
	assert_false(address_is(&v6, STR("2001:db8::2")));
	assert_false(address_is(&v6, STR("192.0.2.1")));
}

static void what_is_private_is_known(void **state)
{
	static const struct {
		const char *address;
		bool is;
	} rows[] = {
	    {"127.0.0.1:9100", true},
	    {"127.255.255.254:9100", true},
	    {"[::1]:9100", true},
	    {"[::ffff:127.0.0.1]:9100", true},
	    {"unix:/run/digestd/metrics.sock", true},
	    {"0.0.0.0:9100", false},
	    {"192.0.2.1:9100", false},
	    {"126.0.0.1:9100", false},
	    {"128.0.0.1:9100", false},
	    {"[::]:9100", false},
	    {"[::2]:9100", false},
	    {"[2001:db8::1]:9100", false},
	    {"[::ffff:192.0.2.1]:9100", false},
	    {"*:9100", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_address a[ADDRESS_MAX];
		const char *why;

		check_row(address_parse(str_of(rows[i].address), a, &why) > 0, rows[i].address);
		check_row(address_is_private(&a[0]) == rows[i].is, rows[i].address);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_writes),
	    cmocka_unit_test(a_star_is_both_kinds),
	    cmocka_unit_test(refuses_with_a_reason),
	    cmocka_unit_test(a_nul_hides_nothing),
	    cmocka_unit_test(borrows_without_a_nul),
	    cmocka_unit_test(sets_the_port),
	    cmocka_unit_test(a_unix_path_fits_with_its_nul),
	    cmocka_unit_test(a_unix_address_need_not_have_a_path),
	    cmocka_unit_test(a_unix_address_has_no_port_and_no_name),
	    cmocka_unit_test(a_compact_address_expands_to_what_it_was),
	    cmocka_unit_test(one_form_for_equal_ip_addresses),
	    cmocka_unit_test(compares_any_spelling),
	    cmocka_unit_test(what_is_private_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
