/* net/peers: connections and requests of each address, counted over all threads. */
#include "config.h"

#include "check.h"

#include "net/peers.h"

#include <pthread.h>
#include <stdatomic.h>

#define SECOND INT64_C(1000000)
#define YEAR (365 * 24 * 3600 * SECOND)

static struct net_address address(const char *text)
{
	struct net_address a[ADDRESS_MAX];
	const char *why = NULL;

	check_row(address_parse(str_of(text), a, &why) == 1, text);
	return a[0];
}

/* The i-th of many addresses that differ. */
static struct net_address numbered(unsigned i)
{
	unsigned char bytes[4] = {
	    10, (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i};
	struct address_ip ip = address_ip_of(AF_INET, bytes);

	return address_of_ip(&ip, 1);
}

static struct peers *table(unsigned connections, unsigned rate, unsigned burst)
{
	struct peers_limits l = {.connections = connections, .rate = rate, .burst = burst};
	struct peers *p = peers_new(&l);

	assert_non_null(p);
	return p;
}

/* Enters, which is granted. */
static struct peer *in(struct peers *p, struct net_address a)
{
	struct peer *e = NULL;
	bool first = true;

	assert_true(peers_enter(p, &a, &e, &first));
	assert_false(first);
	return e;
}

/* Is refused; returns whether it is the first time. */
static bool out(struct peers *p, struct net_address a)
{
	struct peer *e = (struct peer *)&a;
	bool first = false;

	assert_false(peers_enter(p, &a, &e, &first));
	assert_null(e);
	return first;
}

static unsigned ask(struct peers *p, struct peer *e, int64_t now)
{
	bool first;

	return peers_request(p, e, now, &first);
}

/* One connection that asks once; returns the seconds that it is told to wait. */
static unsigned visit(struct peers *p, struct net_address a, int64_t now)
{
	struct peer *e = in(p, a);
	unsigned wait = ask(p, e, now);

	peers_leave(p, e);
	return wait;
}

/* ------------------------------------------------------------- connections */

static void an_address_has_so_many_connections(void **state)
{
	struct peers *p = table(2, 0, 0);
	struct net_address a = address("192.0.2.1:1"), b = address("192.0.2.2:1");
	struct peer *one = in(p, a), *two = in(p, a), *other = in(p, b);

	(void)state;
	assert_non_null(one);
	assert_true(out(p, a));
	assert_int_equal(peers_count(p), 2);
	peers_leave(p, one);
	one = in(p, a);
	assert_true(out(p, a));
	peers_leave(p, one);
	peers_leave(p, two);
	peers_leave(p, other);
	assert_int_equal(peers_count(p), 0);
	peers_free(p);
}

static void zero_is_no_limit(void **state)
{
	enum { MANY = 1000 };
	struct peers *p = table(0, 0, 0);
	struct peer *held[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		held[i] = in(p, address("192.0.2.1:1"));
		assert_int_equal(ask(p, held[i], 0), 0);
	}
	for (int i = 0; i < MANY; i++)
		peers_leave(p, held[i]);
	assert_int_equal(peers_count(p), 0);
	peers_free(p);
}

/* One at its limit, of whose connections some end, is reported once. */
static void a_crowd_is_reported_once(void **state)
{
	struct peers *p = table(4, 0, 0);
	struct net_address a = address("192.0.2.1:1");
	struct peer *held[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		held[i] = in(p, a);
	assert_true(out(p, a));
	assert_false(out(p, a));
	for (int i = 0; i < 10; i++) {
		peers_leave(p, held[0]);
		held[0] = in(p, a);
		assert_false(out(p, a));
	}
	peers_leave(p, held[0]);
	peers_leave(p, held[1]);
	held[0] = in(p, a);
	held[1] = in(p, a);
	assert_true(out(p, a));
	assert_false(out(p, a));
	for (int i = 0; i < 4; i++)
		peers_leave(p, held[i]);
	peers_free(p);
}

/* What a reader is given as one; an IPv4-mapped address is that of IPv4. */
static void addresses_count_as_one(void **state)
{
	static const struct {
		const char *a, *b;
		bool one;
	} rows[] = {
	    {"192.0.2.1:1", "192.0.2.1:65535", true}, {"192.0.2.1:1", "192.0.2.2:1", false},
	    {"192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
	    {"[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false},
	    {"[2001:db8::1]:1", "[2001:db8::ffff:ffff:ffff:ffff]:2", true},
	    {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false}, {"0.0.0.0:1", "[::]:1", false},
	    {"192.0.2.1:1", "[c000:201::]:1", false}, /* the same bytes */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peers *p = table(1, 0, 0);
		struct net_address b = address(rows[i].b);
		struct peer *one = in(p, address(rows[i].a)), *two = NULL;
		bool first;

		check_row(peers_enter(p, &b, &two, &first) == !rows[i].one, rows[i].b);
		peers_leave(p, two);
		peers_leave(p, one);
		peers_free(p);
	}
}

static void unix_and_exempt_clients_have_no_limits(void **state)
{
	static const char *const rows[] = {"127.0.0.1:1", "[::ffff:127.0.0.1]:1", "unix:/s"};
	struct buf why = {0};
	struct network home;
	struct peers_limits l = {1, 1, 1, &home, 1};
	struct peers *p;

	(void)state;
	assert_true(network_parse(STR("127.0.0.0/8"), &home, &why));
	p = peers_new(&l);
	memset(&home, 0, sizeof home); /* they were copied */
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int n = 0; n < 3; n++) {
			struct peer *e = in(p, address(rows[i]));

			assert_null(e);
			assert_int_equal(ask(p, e, 0), 0);
			peers_leave(p, e);
		}
	assert_int_equal(peers_count(p), 0);
	assert_null(in(p, (struct net_address){.ss.ss_family = AF_UNIX, .len = 2}));
	peers_free(p);
}

/* A connection leaves as it entered. */
static void a_reload_may_exempt_who_is_there(void **state)
{
	struct buf why = {0};
	struct network all;
	struct peers_limits before = {.connections = 1}, after = {1, 0, 0, &all, 1};
	struct net_address a = address("192.0.2.1:1");
	struct peers *p = peers_new(&before);
	struct peer *counted = in(p, a), *exempt;

	(void)state;
	assert_true(network_parse(STR("0.0.0.0/0"), &all, &why));
	assert_true(out(p, a));
	peers_set_limits(p, &after);
	exempt = in(p, a);
	assert_null(exempt);
	assert_int_equal(peers_count(p), 1);
	peers_set_limits(p, &before);
	assert_false(out(p, a));
	peers_leave(p, exempt);
	assert_false(out(p, a));
	peers_leave(p, counted);
	assert_int_equal(peers_count(p), 0);
	peers_free(p);
}

static void a_reload_changes_how_many(void **state)
{
	struct peers_limits l = {.connections = 1};
	struct net_address a = address("192.0.2.1:1");
	struct peers *p = table(3, 0, 0);
	struct peer *held[] = {in(p, a), in(p, a), in(p, a)};

	(void)state;
	peers_set_limits(p, &l);
	assert_true(out(p, a));
	peers_leave(p, held[0]);
	peers_leave(p, held[1]);
	assert_false(out(p, a));
	l.connections = 2;
	peers_set_limits(p, &l);
	held[0] = in(p, a);
	out(p, a);
	peers_leave(p, held[0]);
	peers_leave(p, held[2]);
	peers_free(p);
}

/* ---------------------------------------------------------------- requests */

static void a_bucket_empties_and_fills(void **state)
{
	struct peers *p = table(0, 60, 3); /* one a second */
	struct peer *e = in(p, address("192.0.2.1:1"));
	int64_t now = 5 * YEAR;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(p, e, now), 0);
	assert_int_equal(ask(p, e, now), 1);
	assert_int_equal(ask(p, e, now + SECOND - 1), 1);
	assert_int_equal(ask(p, e, now + SECOND), 0);
	assert_int_equal(ask(p, e, now + SECOND), 1);
	assert_int_equal(ask(p, e, now + 3 * SECOND), 0);
	assert_int_equal(ask(p, e, now + 3 * SECOND), 0);
	assert_int_equal(ask(p, e, now + 3 * SECOND), 1);
	for (int i = 0; i < 3; i++) /* however long it takes, it holds no more */
		assert_int_equal(ask(p, e, now + YEAR), 0);
	assert_int_equal(ask(p, e, now + YEAR), 1);
	peers_leave(p, e);
	peers_free(p);
}

/* Who waits as long as told is let in, and would not have been much earlier. */
static void the_seconds_are_enough_and_no_more(void **state)
{
	static const unsigned rates[] = {1, 7, 59, 60, 61, 120, 4295, 4294967295u};
	static const unsigned seconds[] = {60, 9, 2, 1, 1, 1, 1, 1};

	(void)state;
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct peers *p = table(0, rates[i], 0);
		struct peer *e = in(p, address("192.0.2.1:1"));

		assert_int_equal(ask(p, e, YEAR), 0);
		assert_int_equal(ask(p, e, YEAR), seconds[i]);
		if (seconds[i] > 1)
			assert_int_equal(ask(p, e, YEAR + (seconds[i] - 1) * SECOND), 1);
		assert_int_equal(ask(p, e, YEAR + seconds[i] * SECOND), 0);
		peers_leave(p, e);
		peers_free(p);
	}
}

/* However often it is asked: 7 a minute, and the two that it begins with. */
static void no_part_of_a_request_is_lost(void **state)
{
	struct peers *p = table(0, 7, 2);
	struct peer *e = in(p, address("192.0.2.1:1"));
	unsigned granted = 0;

	(void)state;
	for (int64_t now = 0; now <= 3600 * SECOND; now += 333333)
		granted += ask(p, e, now) == 0;
	assert_int_equal(granted, 2 + 60 * 7 - 1); /* the last one is due with the hour */
	peers_leave(p, e);
	peers_free(p);
}

/* A bucket stays with its address, over connections, and is not another one's. */
static void a_bucket_outlives_the_connection(void **state)
{
	struct peers *p = table(0, 1, 2);
	struct net_address a = address("192.0.2.1:1");

	(void)state;
	assert_int_equal(visit(p, a, 0), 0);
	assert_int_equal(visit(p, a, 0), 0);
	assert_int_equal(visit(p, a, 0), 60);
	assert_int_equal(visit(p, address("192.0.2.2:1"), 0), 0);
	assert_int_equal(visit(p, a, 59 * SECOND), 1);
	assert_int_equal(peers_count(p), 2);
	peers_free(p);
}

static void haste_is_reported_once(void **state)
{
	struct peers *p = table(0, 60, 2);
	struct peer *e = in(p, address("192.0.2.1:1"));
	bool first = true;

	(void)state;
	assert_int_equal(peers_request(p, e, 0, &first), 0);
	assert_false(first);
	assert_int_equal(peers_request(p, e, 0, &first), 0);
	assert_int_equal(peers_request(p, e, 0, &first), 1);
	assert_true(first);
	for (int64_t s = 0; s < 100; s++) { /* twice as often as it may */
		assert_int_equal(peers_request(p, e, s * SECOND + SECOND / 2, &first), 1);
		assert_false(first);
		assert_int_equal(peers_request(p, e, s * SECOND + SECOND, &first), 0);
		assert_false(first);
	}
	assert_int_equal(peers_request(p, e, 102 * SECOND, &first), 0);
	assert_int_equal(peers_request(p, e, 102 * SECOND, &first), 0);
	assert_int_equal(peers_request(p, e, 102 * SECOND, &first), 1);
	assert_true(first);
	peers_leave(p, e);
	peers_free(p);
}

static void a_reload_changes_rate_and_burst(void **state)
{
	struct peers_limits l = {.rate = 60, .burst = 10};
	struct peers *p = peers_new(&l);
	struct peer *e = in(p, address("192.0.2.1:1"));

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask(p, e, 0), 0);
	l.burst = 2; /* it lacks no more than it holds */
	peers_set_limits(p, &l);
	assert_int_equal(ask(p, e, 0), 1);
	assert_int_equal(ask(p, e, SECOND), 0);
	l.rate = 1;
	peers_set_limits(p, &l);
	assert_int_equal(ask(p, e, SECOND), 60);
	l.burst = 4; /* the two more are there at once */
	peers_set_limits(p, &l);
	assert_int_equal(ask(p, e, SECOND), 0);
	assert_int_equal(ask(p, e, SECOND), 0);
	assert_int_equal(ask(p, e, SECOND), 60);
	l.rate = 0;
	peers_set_limits(p, &l);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask(p, e, SECOND), 0);
	l.rate = 1;
	peers_set_limits(p, &l);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ask(p, e, SECOND), 0);
	assert_int_equal(ask(p, e, SECOND), 60);
	peers_leave(p, e);
	peers_free(p);
}

/* Workers read the clock each for itself. */
static void time_may_go_backward(void **state)
{
	struct peers *p = table(0, 60, 1);
	struct peer *e = in(p, address("192.0.2.1:1"));

	(void)state;
	assert_int_equal(ask(p, e, 10 * SECOND), 0);
	assert_int_equal(ask(p, e, 9 * SECOND), 1);
	assert_int_equal(ask(p, e, 10 * SECOND + SECOND / 2), 1);
	assert_int_equal(ask(p, e, 9 * SECOND), 1);
	assert_int_equal(ask(p, e, 11 * SECOND), 0);
	peers_leave(p, e);
	peers_free(p);
}

static void the_largest_numbers_do_no_harm(void **state)
{
	struct peers *p = table(4294967295u, 4294967295u, 4294967295u);
	struct peer *e = in(p, address("192.0.2.1:1"));

	(void)state;
	assert_int_equal(ask(p, e, 0), 0);
	assert_int_equal(ask(p, e, 1000 * YEAR), 0);
	assert_int_equal(ask(p, e, INT64_MAX), 0);
	peers_leave(p, e);
	peers_free(p);
}

/* ------------------------------------------------------------------ memory */

static void who_owes_nothing_is_forgotten(void **state)
{
	struct peers *p = table(0, 60, 5);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(visit(p, numbered(i), 0), 0);
	assert_int_equal(peers_count(p), 100);
	peers_leave(p, in(p, address("192.0.2.1:1")));
	assert_int_equal(peers_count(p), 100);
	/* A second later all are full; each request finds two of them. */
	for (unsigned i = 0; i < 50; i++)
		visit(p, address("192.0.2.1:1"), SECOND + i);
	assert_int_equal(peers_count(p), 1);
	peers_free(p);
}

static void of_the_idle_the_oldest_go_first(void **state)
{
	struct peers *p = table(0, 1, 1);
	struct peer *staying = in(p, numbered(0));

	(void)state;
	assert_int_equal(ask(p, staying, 0), 0);
	for (unsigned i = 1; i <= PEERS_IDLE_MAX + 1; i++)
		assert_int_equal(visit(p, numbered(i), 0), 0);
	assert_int_equal(peers_count(p), PEERS_IDLE_MAX + 1);
	assert_int_equal(ask(p, staying, 0), 60); /* with a connection it is never forgotten */
	assert_int_equal(visit(p, numbered(PEERS_IDLE_MAX + 1), 0), 60);
	assert_int_equal(visit(p, numbered(2), 0), 60);
	assert_int_equal(visit(p, numbered(1), 0), 0); /* in the place of 3, not of 2 */
	assert_int_equal(visit(p, numbered(2), 0), 60);
	assert_int_equal(visit(p, numbered(3), 0), 0);
	assert_int_equal(peers_count(p), PEERS_IDLE_MAX + 1);
	peers_leave(p, staying);
	assert_int_equal(peers_count(p), PEERS_IDLE_MAX);
	peers_free(p);
}

static void memory_is_bounded_for_100000_addresses(void **state)
{
	enum { MANY = 100000 };
	struct peers *p = table(1, 1, 10);
	struct peer **held = calloc(MANY, sizeof(struct peer *));
	size_t most = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(visit(p, numbered(i), 0), 0);
		most = peers_count(p) > most ? peers_count(p) : most;
	}
	assert_int_equal(most, PEERS_IDLE_MAX);
	for (unsigned i = 0; i < MANY; i++)
		held[i] = in(p, numbered(i));
	assert_int_equal(peers_count(p), MANY);
	for (unsigned i = 0; i < MANY; i++)
		peers_leave(p, held[i]);
	assert_true(peers_count(p) <= PEERS_IDLE_MAX);
	assert_int_equal(visit(p, numbered(MANY), 10 * YEAR), 0);
	for (unsigned i = 0; i < PEERS_IDLE_MAX / 2; i++)
		visit(p, numbered(MANY), 10 * YEAR);
	assert_int_equal(peers_count(p), 1);
	free(held);
	peers_free(p);
}

/* ----------------------------------------------------------------- threads */

struct crowd {
	struct peers *p;
	atomic_int inside;  /* connections held by all threads */
	atomic_int most;    /* of these at once */
	atomic_int entered; /* in all */
	atomic_int granted; /* requests */
};

#define CROWD_LIMIT 3
#define CROWD_BURST 5000
#define CROWD_TURNS 20000

static struct peer *try_enter(struct crowd *c)
{
	struct net_address a = address("192.0.2.1:1");
	struct peer *e;
	bool first;
	int now;

	if (!peers_enter(c->p, &a, &e, &first))
		return NULL;
	now = atomic_fetch_add(&c->inside, 1) + 1;
	if (now > atomic_load(&c->most))
		atomic_store(&c->most, now);
	atomic_fetch_add(&c->entered, 1);
	if (peers_request(c->p, e, 0, &first) == 0)
		atomic_fetch_add(&c->granted, 1);
	return e;
}

static void end(struct crowd *c, struct peer *e)
{
	if (!e)
		return;
	atomic_fetch_sub(&c->inside, 1);
	peers_leave(c->p, e);
}

/* Wants two connections at a time, so that two of it want more than there may be. */
static void *crowd_in(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < CROWD_TURNS; i++) {
		struct peer *one = try_enter(c), *two = try_enter(c);
		struct net_address other = numbered((unsigned)i % 100);
		struct peer *e;
		bool first;

		if (peers_enter(c->p, &other, &e, &first))
			peers_leave(c->p, e);
		end(c, one);
		end(c, two);
	}
	return NULL;
}

static void threads_share_the_limits(void **state)
{
	struct crowd c = {.p = table(CROWD_LIMIT, 1, CROWD_BURST)};
	struct net_address a = address("192.0.2.1:1");
	pthread_t thread[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_in, &c), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.inside, 0);
	assert_in_range(c.most, 1, CROWD_LIMIT);
	assert_in_range(c.entered, CROWD_BURST, 4 * CROWD_TURNS);
	assert_int_equal(c.granted, CROWD_BURST);
	assert_int_equal(peers_count(c.p), 1);
	assert_int_equal(visit(c.p, a, 0), 60);
	peers_free(c.p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_has_so_many_connections),
	    cmocka_unit_test(zero_is_no_limit),
	    cmocka_unit_test(a_crowd_is_reported_once),
	    cmocka_unit_test(addresses_count_as_one),
	    cmocka_unit_test(unix_and_exempt_clients_have_no_limits),
	    cmocka_unit_test(a_reload_may_exempt_who_is_there),
	    cmocka_unit_test(a_reload_changes_how_many),
	    cmocka_unit_test(a_bucket_empties_and_fills),
	    cmocka_unit_test(the_seconds_are_enough_and_no_more),
	    cmocka_unit_test(no_part_of_a_request_is_lost),
	    cmocka_unit_test(a_bucket_outlives_the_connection),
	    cmocka_unit_test(haste_is_reported_once),
	    cmocka_unit_test(a_reload_changes_rate_and_burst),
	    cmocka_unit_test(time_may_go_backward),
	    cmocka_unit_test(the_largest_numbers_do_no_harm),
	    cmocka_unit_test(who_owes_nothing_is_forgotten),
	    cmocka_unit_test(of_the_idle_the_oldest_go_first),
	    cmocka_unit_test(memory_is_bounded_for_100000_addresses),
	    cmocka_unit_test(threads_share_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
