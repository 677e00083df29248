/* net/network: networks as they are written, and the addresses in them. */
#include "config.h"

#include "check.h"

#include "net/network.h"

static struct network parsed(const char *text)
{
	struct network n;
	struct buf why = {0};

	if (!network_parse(str_of(text), &n, &why))
		fail_msg("%s: %s", text, buf_z(&why));
	assert_int_equal(why.len, 0);
	return n;
}

static struct net_address address(const char *text)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	check_row(address_parse(str_of(text), a, &why) == 1, text);
	return a[0];
}

static bool has(const char *network, const char *peer)
{
	struct network n = parsed(network);
	struct net_address a = address(peer);

	return network_has(&n, 1, &a);
}

static void a_network_holds_what_begins_alike(void **state)
{
	static const struct {
		const char *network, *in, *out;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.255:1", "192.0.3.0:1"},
	    {"192.0.2.128/25", "192.0.2.128:1", "192.0.2.127:1"},
	    {"192.0.2.128/25", "192.0.2.255:1", "192.0.3.128:1"},
	    {"192.0.2.8/31", "192.0.2.9:1", "192.0.2.10:1"},
	    {"192.0.2.7/32", "192.0.2.7:1", "192.0.2.6:1"},
	    {"192.0.2.7", "192.0.2.7:9", "192.0.2.6:9"},
	    {"128.0.0.0/1", "255.255.255.255:1", "127.255.255.255:1"},
	    {"0.0.0.0/0", "255.255.255.255:1", "[::]:1"},
	    {"127.0.0.0/8", "127.9.9.9:1", "[::1]:1"},
	    {"2001:db8::/32", "[2001:db8:ffff::1]:1", "[2001:db9::1]:1"},
	    {"2001:db8:0:8000::/49", "[2001:db8:0:8000::1]:1", "[2001:db8:0:7fff::1]:1"},
	    {"::1", "[::1]:1", "[::2]:1"},
	    {"::2/127", "[::3]:1", "[::4]:1"},
	    {"2001:DB8::1/128", "[2001:db8::1]:1", "[2001:db8::2]:1"},
	    {"::/0", "[ffff::]:1", "0.0.0.0:1"},
	    {"unix", "unix:/run/s", "127.0.0.1:1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_row(has(rows[i].network, rows[i].in), rows[i].network);
		check_row(!has(rows[i].network, rows[i].out), rows[i].network);
	}
}

/* A socket that takes both kinds shows IPv4 clients as mapped addresses. */
static void a_mapped_address_counts_as_ipv4(void **state)
{
	(void)state;
	assert_true(has("192.0.2.0/24", "[::ffff:192.0.2.1]:1"));
	assert_false(has("192.0.2.0/24", "[::ffff:192.0.3.1]:1"));
	assert_false(has("::/0", "[::ffff:192.0.2.1]:1"));
	assert_true(has("::ffff:192.0.2.0/120", "192.0.2.1:1"));
	assert_false(has("::ffff:192.0.2.0/120", "192.0.3.1:1"));
	assert_true(has("::ffff:192.0.2.1", "192.0.2.1:1"));
	assert_true(has("::ffff:0.0.0.0/96", "203.0.113.1:1"));
	assert_false(has("::ffff:0.0.0.0/96", "[2001:db8::1]:1"));
}

static void no_ip_network_holds_a_unix_peer(void **state)
{
	(void)state;
	assert_false(has("0.0.0.0/0", "unix:/run/s"));
	assert_false(has("::/0", "unix:/run/s"));
}

static void a_list_holds_what_one_of_it_does(void **state)
{
	struct network list[] = {parsed("192.0.2.0/24"), parsed("unix"), parsed("2001:db8::/32")};
	struct net_address last = address("[2001:db8::1]:1"), none = {.len = 0};
	struct net_address bare = {.ss.ss_family = AF_UNIX, .len = sizeof(sa_family_t)};

	(void)state;
	assert_true(network_has(list, COUNT(list), &last));
	assert_true(network_has(list, COUNT(list), &bare));
	assert_false(network_has(list, 2, &last));
	assert_false(network_has(list, COUNT(list), &none));
	assert_false(network_has(NULL, 0, &last));
}

static void refuses_with_a_reason(void **state)
{
	static const struct {
		const char *in, *why;
	} rows[] = {
	    {"", "must be an IPv4 or IPv6 address or network"},
	    {"/", "must be an IPv4"},
	    {"/24", "must be an IPv4"},
	    {"localhost", "must be an IPv4"},
	    {"unix/0", "must be an IPv4"},
	    {"unix:/run/s", "must be an IPv4"},
	    {"*", "must be an IPv4"},
	    {"192.0.2/24", "must be an IPv4"},
	    {"192.0.2.0:70", "must be an IPv4"},
	    {"[2001:db8::]/32", "must be an IPv4"},
	    {" 192.0.2.0/24", "must be an IPv4"},
	    {"192.0.2.0/", "an IPv4 network must be a number from 0 to 32"},
	    {"192.0.2.0/33", "an IPv4 network must be a number from 0 to 32"},
	    {"192.0.2.0/24 ", "from 0 to 32"},
	    {"192.0.2.0/-1", "from 0 to 32"},
	    {"192.0.2.0/24/24", "from 0 to 32"},
	    {"192.0.2.0/255.255.255.0", "from 0 to 32"},
	    {"2001:db8::/129", "an IPv6 network must be a number from 0 to 128"},
	    {"::ffff:192.0.2.0/24", "must be written as IPv4"},
	    {"192.0.2.9/24", "write 192.0.2.0/24 for the network, or 192.0.2.9 for the one"},
	    {"192.0.2.1/31", "write 192.0.2.0/31 for the network, or 192.0.2.1 for the one"},
	    {"192.0.2.1/0", "write 0.0.0.0/0 for the network, or 192.0.2.1 for the one"},
	    {"2001:db8::1/32", "write 2001:db8::/32 for the network, or 2001:db8::1 for"},
	    {"::ffff:192.0.2.9/120", "write 192.0.2.0/24 for the network, or 192.0.2.9 for"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct network n;
		struct buf why = {0};

		check_row(!network_parse(str_of(rows[i].in), &n, &why), rows[i].in);
		if (!strstr(buf_z(&why), rows[i].why))
			fail_msg("%s: %s", rows[i].in, buf_z(&why));
		buf_free(&why);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_network_holds_what_begins_alike),
	    cmocka_unit_test(a_mapped_address_counts_as_ipv4),
	    cmocka_unit_test(no_ip_network_holds_a_unix_peer),
	    cmocka_unit_test(a_list_holds_what_one_of_it_does),
	    cmocka_unit_test(refuses_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
