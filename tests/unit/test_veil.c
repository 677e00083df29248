/* net/veil: what a log shows of a client's address, and what it cannot be used for. */
#include "config.h"

#include "check.h"

#include "base/date.h"
#include "net/veil.h"

/* 2019-11-27T09:30:00Z */
#define NOW 1574847000

static struct net_address address(const char *host)
{
	struct net_address a[ADDRESS_MAX];
	struct buf text = {0};
	const char *why = NULL;

	buf_printf(&text, strchr(host, ':') ? "[%s]:1" : "%s:1", host);
	assert_int_equal(address_parse(buf_str(&text), a, &why), 1);
	buf_free(&text);
	return a[0];
}

static void check_shown(const struct veil *v, const char *host, int64_t now, const char *want)
{
	struct net_address a = address(host);
	struct buf out = {0};

	veil_format(&out, v, &a, now);
	check_buf(&out, want);
}

/* Its secret is the bytes 0 to 31. */
static struct veil hashed(void)
{
	struct veil v = {.mode = VEIL_HASHED};

	for (unsigned i = 0; i < VEIL_SECRET; i++)
		v.secret[i] = (unsigned char)i;
	return v;
}

static void whole_and_none(void **state)
{
	struct veil whole = {.mode = VEIL_WHOLE}, none = {.mode = VEIL_NONE};

	(void)state;
	check_shown(&whole, "192.0.2.7", NOW, "192.0.2.7");
	check_shown(&whole, "2001:db8::1", NOW, "2001:db8::1");
	check_shown(&whole, "::ffff:192.0.2.7", NOW, "192.0.2.7");
	check_shown(&none, "192.0.2.7", NOW, "-");
	check_shown(&none, "2001:db8::1", NOW, "-");
}

static void truncated_to_the_network(void **state)
{
	static const struct {
		const char *host, *want;
	} rows[] = {
	    {"192.0.2.7", "192.0.2.0"},
	    {"255.255.255.255", "255.255.255.0"},
	    {"127.0.0.1", "127.0.0.0"},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff::"},
	    {"::1", "::"},
	    {"::ffff:192.0.2.7", "192.0.2.0"},
	    {"2002:c000:207:1::1", "2002:c000:200::"}, /* 6to4 of 192.0.2.7 */
	    {"2003:c000:207:1::1", "2003:c000:207::"},
	};
	struct veil v = {.mode = VEIL_TRUNCATED};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_shown(&v, rows[i].host, NOW, rows[i].want);
}

/* The digits are Python's hmac.new(bytes(range(32)), day + address, "sha256"). */
static void hashed_is_a_mac_of_day_and_address(void **state)
{
	struct veil v = hashed();

	(void)state;
	check_shown(&v, "192.0.2.7", NOW, "415d19ea472106f0");
	check_shown(&v, "::ffff:192.0.2.7", NOW, "415d19ea472106f0");
	check_shown(&v, "192.0.2.7", NOW + DATE_DAY_SECONDS, "a42cf10498bafd72");
	check_shown(&v, "2001:db8::1", NOW, "2748a37b67071c7e");
}

static void hashed_changes_at_midnight_and_not_before(void **state)
{
	struct veil v = hashed();
	int64_t midnight = NOW - NOW % DATE_DAY_SECONDS;

	(void)state;
	check_shown(&v, "192.0.2.7", midnight, "415d19ea472106f0");
	check_shown(&v, "192.0.2.7", midnight + DATE_DAY_SECONDS - 1, "415d19ea472106f0");
	check_shown(&v, "192.0.2.7", midnight + DATE_DAY_SECONDS, "a42cf10498bafd72");
}

static void each_run_has_a_secret_of_its_own(void **state)
{
	static const unsigned char zeros[VEIL_SECRET];
	struct veil one, other;
	struct buf why = {0};

	(void)state;
	assert_true(veil_init(&one, VEIL_HASHED, &why));
	assert_true(veil_init(&other, VEIL_HASHED, &why));
	assert_memory_not_equal(one.secret, other.secret, VEIL_SECRET);
	veil_clear(&one);
	assert_memory_equal(one.secret, zeros, VEIL_SECRET);
	assert_true(veil_init(&one, VEIL_TRUNCATED, &why));
	assert_memory_equal(one.secret, zeros, VEIL_SECRET);
	check_shown(&one, "192.0.2.7", NOW, "192.0.2.0");
}

static void what_is_no_ip_address_is_shown_as_address_shows_it(void **state)
{
	struct net_address a = {.ss.ss_family = AF_UNIX, .len = sizeof(sa_family_t)};

	(void)state;
	for (enum veil_mode mode = VEIL_WHOLE; mode < VEIL_NONE; mode++) {
		struct veil v = {.mode = mode};
		struct buf have = {0}, want = {0};

		address_format_host(&want, &a);
		veil_format(&have, &v, &a, NOW);
		check_same(buf_str(&have), buf_str(&want));
		buf_free(&have);
		buf_free(&want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_and_none),
	    cmocka_unit_test(truncated_to_the_network),
	    cmocka_unit_test(hashed_is_a_mac_of_day_and_address),
	    cmocka_unit_test(hashed_changes_at_midnight_and_not_before),
	    cmocka_unit_test(each_run_has_a_secret_of_its_own),
	    cmocka_unit_test(what_is_no_ip_address_is_shown_as_address_shows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
