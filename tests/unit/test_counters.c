/*
 * counters: each thing is counted once and in its place, and a worker may count
 * while others read.
 */
#include "config.h"

#include "check.h"

#include "base/clock.h"
#include "serve/counters.h"

#include <pthread.h>

#define ROUNDS 1000000u

static struct net_outcome outcome(enum net_reason reason, uint64_t bytes, int64_t us)
{
	return (struct net_outcome){.reason = reason, .bytes = bytes, .us = us};
}

static void done(struct counters *c, enum counters_protocol p, int status, struct net_outcome o)
{
	struct net_reply r = {.status = status};

	counters_done(c, p, &r, &o);
}

static void a_reply_is_counted_by_protocol_and_status(void **state)
{
	struct counters c = {0};

	(void)state;
	done(&c, COUNTERS_GEMINI, 20, outcome(NET_DONE, 2000, 400));
	done(&c, COUNTERS_GEMINI, 20, outcome(NET_CLIENT_GONE, 10, 3000));
	done(&c, COUNTERS_GOPHERS, 51, outcome(NET_DONE, 100, 500));
	assert_int_equal(c.replies[COUNTERS_GEMINI].status[20], 2);
	assert_int_equal(c.replies[COUNTERS_GEMINI].us, 3400);
	assert_int_equal(c.replies[COUNTERS_GEMINI].bytes, 2010);
	assert_int_equal(c.replies[COUNTERS_GOPHERS].status[51], 1);
	assert_int_equal(c.replies[COUNTERS_GOPHER].status[51], 0);
	assert_int_equal(c.ended[NET_DONE], 2);
	assert_int_equal(c.ended[NET_CLIENT_GONE], 1);
}

static void without_a_reply_only_the_end_counts(void **state)
{
	struct counters c = {0}, want = {0};
	struct net_outcome o = outcome(NET_REQUEST_TIMEOUT, 0, 10000000);

	(void)state;
	counters_done(&c, COUNTERS_GOPHER, NULL, &o);
	want.ended[NET_REQUEST_TIMEOUT] = 1;
	assert_memory_equal(&c, &want, sizeof c);
}

static void what_is_no_status_counts_as_none(void **state)
{
	struct counters c = {0};

	(void)state;
	done(&c, COUNTERS_GOPHER, -1, outcome(NET_DONE, 1, 1));
	done(&c, COUNTERS_GOPHER, 0, outcome(NET_DONE, 1, 1));
	done(&c, COUNTERS_GOPHER, COUNTERS_STATUSES, outcome(NET_DONE, 1, 1));
	done(&c, COUNTERS_GOPHER, COUNTERS_STATUSES - 1, outcome(NET_DONE, 1, 1));
	assert_int_equal(c.replies[COUNTERS_GOPHER].status[0], 3);
	assert_int_equal(c.replies[COUNTERS_GOPHER].status[COUNTERS_STATUSES - 1], 1);
}

/* An upper bound is in its bucket, what is over it in the next one. */
static void a_bucket_ends_with_its_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNTERS_TIMES - 1; i++) {
		struct counters c = {0};
		int64_t us = (int64_t)counters_time_bounds[i];

		done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, 0, us));
		done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, 0, us + 1));
		assert_int_equal(c.replies[COUNTERS_GOPHER].times[i], 1);
		assert_int_equal(c.replies[COUNTERS_GOPHER].times[i + 1], 1);
		assert_true(i == 0 || counters_time_bounds[i] > counters_time_bounds[i - 1]);
	}
	for (size_t i = 0; i < COUNTERS_SIZES - 1; i++) {
		struct counters c = {0};

		done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, counters_size_bounds[i], 0));
		done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, counters_size_bounds[i] + 1, 0));
		assert_int_equal(c.replies[COUNTERS_GOPHER].sizes[i], 1);
		assert_int_equal(c.replies[COUNTERS_GOPHER].sizes[i + 1], 1);
		assert_true(i == 0 || counters_size_bounds[i] > counters_size_bounds[i - 1]);
	}
}

static void the_least_and_the_most_have_buckets(void **state)
{
	struct counters c = {0};

	(void)state;
	done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, 0, -5)); /* a clock that jumped */
	done(&c, COUNTERS_GOPHER, 20, outcome(NET_DONE, UINT64_MAX, INT64_MAX));
	assert_int_equal(c.replies[COUNTERS_GOPHER].times[0], 1);
	assert_int_equal(c.replies[COUNTERS_GOPHER].times[COUNTERS_TIMES - 1], 1);
	assert_int_equal(c.replies[COUNTERS_GOPHER].sizes[0], 1);
	assert_int_equal(c.replies[COUNTERS_GOPHER].sizes[COUNTERS_SIZES - 1], 1);
	assert_true(c.replies[COUNTERS_GOPHER].us == INT64_MAX);
}

static void workers_are_added_up(void **state)
{
	struct counters one = {0}, two = {0}, sum = {0};

	(void)state;
	done(&one, COUNTERS_GEMINI, 20, outcome(NET_DONE, 300, 600));
	done(&two, COUNTERS_GEMINI, 20, outcome(NET_DONE, 300, 600));
	counters_ended(&two, NET_SHUTDOWN);
	counters_handshake(&one, COUNTERS_FULL);
	counters_handshake(&two, COUNTERS_RESUMED);
	counters_handshake(&two, COUNTERS_RESUMED);
	counters_limit(&one, COUNTERS_SEARCHES);
	counters_limit(&two, COUNTERS_SEARCHES);
	counters_add(&sum, &one);
	counters_add(&sum, &two);
	assert_int_equal(sum.replies[COUNTERS_GEMINI].status[20], 2);
	assert_int_equal(sum.replies[COUNTERS_GEMINI].times[1], 2);
	assert_int_equal(sum.replies[COUNTERS_GEMINI].sizes[1], 2);
	assert_int_equal(sum.replies[COUNTERS_GEMINI].us, 1200);
	assert_int_equal(sum.replies[COUNTERS_GEMINI].bytes, 600);
	assert_int_equal(sum.ended[NET_DONE], 2);
	assert_int_equal(sum.ended[NET_SHUTDOWN], 1);
	assert_int_equal(sum.handshakes[COUNTERS_FULL], 1);
	assert_int_equal(sum.handshakes[COUNTERS_RESUMED], 2);
	assert_int_equal(sum.limits[COUNTERS_SEARCHES], 2);
}

static void only_a_good_reload_changes_what_is_served(void **state)
{
	struct counters_process p = {0};

	(void)state;
	counters_started(&p, 1000, 7);
	counters_reloaded(&p, COUNTERS_RELOAD_FAILED, 2000, 0);
	assert_int_equal(p.loaded, 1000);
	assert_int_equal(p.entries, 7);
	counters_reloaded(&p, COUNTERS_RELOAD_OK, 4000, 8);
	assert_int_equal(p.started, 1000);
	assert_int_equal(p.loaded, 4000);
	assert_int_equal(p.entries, 8);
	assert_int_equal(p.reloads[COUNTERS_RELOAD_OK], 1);
	assert_int_equal(p.reloads[COUNTERS_RELOAD_FAILED], 1);
	counters_upgrade_failed(&p);
	counters_log_lost(&p, 3);
	counters_log_lost(&p, 4);
	assert_int_equal(p.upgrades_failed, 1);
	assert_int_equal(p.log_lost, 7);
}

/* A label's value, and each its own. */
static void check_names(const char *(*name)(unsigned), unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *z = name(i);

		assert_non_null(z);
		check_row(*z && strspn(z, "abcdefghijklmnopqrstuvwxyz-") == strlen(z), z);
		for (unsigned k = 0; k < i; k++)
			check_row(strcmp(z, name(k)) != 0, z);
	}
}

static const char *protocol_name(unsigned i)
{
	return counters_protocol_name((enum counters_protocol)i);
}

static const char *handshake_name(unsigned i)
{
	return counters_handshake_name((enum counters_handshake)i);
}

static const char *limit_name(unsigned i)
{
	return counters_limit_name((enum counters_limit)i);
}

static const char *reload_name(unsigned i)
{
	return counters_reload_name((enum counters_reload)i);
}

static void everything_counted_has_a_name(void **state)
{
	(void)state;
	check_names(protocol_name, COUNTERS_PROTOCOLS);
	check_names(handshake_name, COUNTERS_HANDSHAKES);
	check_names(limit_name, COUNTERS_LIMITS);
	check_names(reload_name, COUNTERS_RELOADS);
}

static void *count_much(void *context)
{
	struct net_reply r = {.status = 20};
	struct net_outcome o = outcome(NET_DONE, 2048, 412);

	for (unsigned i = 0; i < ROUNDS; i++)
		counters_done(context, COUNTERS_GEMINI, &r, &o);
	return NULL;
}

/* Nothing is lost, and what a reader sees never goes back. */
static void a_worker_counts_while_another_thread_reads(void **state)
{
	struct counters *c = calloc(1, sizeof *c);
	pthread_t worker;
	uint64_t seen = 0;

	(void)state;
	assert_int_equal(pthread_create(&worker, NULL, count_much, c), 0);
	while (seen < ROUNDS) {
		struct counters sum = {0};

		counters_add(&sum, c);
		assert_true(sum.ended[NET_DONE] >= seen);
		seen = sum.ended[NET_DONE];
	}
	assert_int_equal(pthread_join(worker, NULL), 0);
	assert_int_equal(c->replies[COUNTERS_GEMINI].status[20], ROUNDS);
	assert_int_equal(c->replies[COUNTERS_GEMINI].times[0], ROUNDS);
	assert_int_equal(c->replies[COUNTERS_GEMINI].sizes[2], ROUNDS);
	assert_true(c->replies[COUNTERS_GEMINI].us == ROUNDS * UINT64_C(412));
	free(c);
}

/* Shown, and held to a bound that only a mistake passes: other work shares the machine. */
static void an_exchange_costs_next_to_nothing(void **state)
{
	struct counters *c = calloc(1, sizeof *c);
	int64_t begun = clock_monotonic_us(), ns;

	(void)state;
	count_much(c);
	ns = (clock_monotonic_us() - begun) * 1000 / ROUNDS;
	print_message("counters_done: %lld ns\n", (long long)ns);
	assert_true(ns < 2000);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_is_counted_by_protocol_and_status),
	    cmocka_unit_test(without_a_reply_only_the_end_counts),
	    cmocka_unit_test(what_is_no_status_counts_as_none),
	    cmocka_unit_test(a_bucket_ends_with_its_bound),
	    cmocka_unit_test(the_least_and_the_most_have_buckets),
	    cmocka_unit_test(workers_are_added_up),
	    cmocka_unit_test(only_a_good_reload_changes_what_is_served),
	    cmocka_unit_test(everything_counted_has_a_name),
	    cmocka_unit_test(a_worker_counts_while_another_thread_reads),
	    cmocka_unit_test(an_exchange_costs_next_to_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
