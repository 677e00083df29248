/* net: replies that come later (NET_LATER, net_answer). */
#include "config.h"

#include "net_fixture.h"

#include <sys/socket.h>
#include <unistd.h>

/* A client whose exchange is the nth to wait. */
static struct client ask_later(struct server *s, bool tls, unsigned n)
{
	struct client c = dial_kind(s, tls);

	say(&c, "later\n");
	assert_later(s, n + 1);
	return c;
}

static void answers_later(void **state)
{
	struct server *s = start(state, &usual);

	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, 2 * tls);

		assert_true(is_quiet(&c));
		answer_later(s, 2 * tls);
		assert_answer(&c, tls ? "head\nlater 2" : "head\nlater 0");
		c = ask_later(s, tls, 2 * tls + 1);
		assert_served(s, tls);
		answer_later_big(s, 2 * tls + 1);
		assert_body(&c);
	}
	assert_answered(s, 4, 0);
	assert_seen(s, NET_DONE, 6);
	stop(s);
}

static void answers_in_any_order(void **state)
{
	struct server *s = start(state, &usual);

	for (unsigned tls = 0; tls < 2; tls++) {
		struct client first = ask_later(s, tls, 2 * tls);
		struct client second = ask_later(s, tls, 2 * tls + 1);

		answer_later(s, 2 * tls + 1);
		assert_answer(&second, tls ? "head\nlater 3" : "head\nlater 1");
		assert_true(is_quiet(&first));
		answer_later(s, 2 * tls);
		assert_answer(&first, tls ? "head\nlater 2" : "head\nlater 0");
	}
	stop(s);
}

/* Gopher clients and netcat close their direction once they have asked. */
static void answers_later_a_half_closed_client(void **state)
{
	struct server *s = start(state, &usual);

	for (unsigned tls = 0; tls < 2; tls++)
		for (unsigned late = 0; late < 2; late++) {
			unsigned n = 2 * tls + late;
			struct client c = dial_kind(s, tls);

			say(&c, "later\n");
			if (late)
				assert_later(s, n + 1);
			shutdown(c.fd, SHUT_WR);
			assert_later(s, n + 1);
			assert_true(is_quiet(&c));
			answer_later_big(s, n);
			assert_body(&c);
		}
	assert_seen(s, NET_DONE, 4);
	stop(s);
}

/* The body that nobody takes is let go of: at the end nothing but the server holds it. */
static void tells_when_the_client_has_gone(void **state)
{
	struct server *s = start(state, &usual);

	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, tls);

		crash(&c);
		assert_seen(s, NET_CLIENT_GONE, tls + 1);
		answer_later_big(s, tls);
		assert_answered(s, 0, tls + 1);
		assert_int_equal(s->big->refs, 1);
		assert_int_equal(s->forsaken[tls], 1);
	}
	assert_served(s, false);
	stop(s);
}

/* Until it is written to, such a client looks like one that waits. */
static void a_half_closed_client_may_go_too(void **state)
{
	struct server *s = start(state, &usual);

	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, tls);

		shutdown(c.fd, SHUT_WR);
		usleep(20000);
		crash(&c);
		answer_later_big(s, tls);
		assert_seen(s, NET_CLIENT_GONE, tls + 1);
	}
	assert_answered(s, 2, 0);
	assert_served(s, false);
	stop(s);
}

/* Nothing of a reply went out, so the end is an orderly one (M-11). */
static void gives_up_when_no_reply_comes(void **state)
{
	struct net_limits limits = usual;
	struct server *s;

	limits.request_ms = 600000;
	limits.response_ms = 300;
	s = start(state, &limits);
	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, tls);

		assert_answer(&c, "");
		answer_later_big(s, tls);
		assert_answered(s, 0, tls + 1);
	}
	assert_seen(s, NET_RESPONSE_TIMEOUT, 2);
	assert_int_equal(s->forsaken[0], 1);
	assert_int_equal(s->forsaken[1], 1);
	assert_int_equal(s->big->refs, 1);
	stop(s);
}

/* The reply that comes after that finds nobody. */
static void g05_m19_says_that_no_reply_came(void **state)
{
	struct net_limits limits = usual;
	struct server *s;

	limits.response_ms = 300;
	s = start_with_late(state, &limits);
	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, tls);

		assert_answer(&c, tls ? "too late 1" : "too late 0");
		answer_later_big(s, tls);
		assert_answered(s, 0, tls + 1);
		assert_served(s, tls);
	}
	assert_seen(s, NET_DONE, 4);
	assert_int_equal(s->forsaken[0] + s->forsaken[1], 0);
	assert_int_equal(s->big->refs, 1);
	stop(s);
}

/* Who has gone is told nothing, and the application that he has. */
static void a_client_that_has_gone_is_not_late(void **state)
{
	struct net_limits limits = usual;
	struct server *s;

	limits.response_ms = 1000;
	s = start_with_late(state, &limits);
	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = ask_later(s, tls, tls);

		crash(&c);
		assert_seen(s, NET_CLIENT_GONE, tls + 1);
		assert_int_equal(s->forsaken[tls], 1);
	}
	usleep(1200000);
	assert_int_equal(s->seen[NET_DONE], 0);
	stop(s);
}

/* The wait takes nothing from the time that the reply has. */
static void a_late_reply_has_a_deadline_of_its_own(void **state)
{
	struct net_limits limits = usual;
	struct client c;
	struct server *s;

	limits.response_ms = 3000;
	limits.least_speed = 1000000000;
	s = start(state, &limits);
	c = dial_slowly(&s->plain);
	say(&c, "later\n");
	assert_later(s, 1);
	usleep(2000000);
	answer_later_big(s, 0);
	usleep(1500000);
	assert_body(&c);
	assert_seen(s, NET_DONE, 1);
	stop(s);
}

static void the_drain_waits_for_a_late_reply(void **state)
{
	struct server *s = start(state, &usual);
	struct client c[2] = {ask_later(s, false, 0), ask_later(s, true, 1)};

	ask_to_drain(s);
	assert_true(is_quiet(&c[0]));
	answer_later(s, 0);
	answer_later(s, 1);
	assert_answer(&c[0], "head\nlater 0");
	assert_answer(&c[1], "head\nlater 1");
	join(s);
	assert_int_equal(s->seen[NET_DONE], 2);
	dismantle(s);
}

static void the_drain_waits_no_longer_than_the_deadline(void **state)
{
	struct server *s = start(state, &usual);
	struct client c[2] = {ask_later(s, false, 0), ask_later(s, true, 1)};

	s->drain_ms = 300;
	ask_to_drain(s);
	join(s);
	assert_int_equal(s->seen[NET_SHUTDOWN], 2);
	assert_int_equal(s->forsaken[0], 1);
	assert_int_equal(s->forsaken[1], 1);
	assert_answer(&c[0], "");
	assert_answer(&c[1], "");
	dismantle(s);
}

/* What follows the request is neither parsed nor kept, however much it is. */
static void discards_what_comes_while_waiting(void **state)
{
	static char flood[300 * 1024];
	struct server *s = start(state, &usual);

	memset(flood, '\n', sizeof flood);
	for (unsigned tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		say(&c, "later\nlater\n");
		assert_later(s, tls + 1);
		say(&c, "again\n");
		assert_int_equal(send(c.fd, flood, sizeof flood, MSG_NOSIGNAL), sizeof flood);
		usleep(20000);
		assert_served(s, !tls);
		answer_later_big(s, tls);
		assert_body(&c);
	}
	assert_int_equal(s->asked, 4);
	stop(s);
}

static void an_answer_is_taken_once(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = ask_later(s, false, 0);

	answer_later(s, 0);
	answer_later_big(s, 0);
	assert_answer(&c, "head\nlater 0");
	assert_answered(s, 1, 1);
	assert_int_equal(s->big->refs, 1);
	stop(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(answers_later),
	    TEST(answers_in_any_order),
	    TEST(answers_later_a_half_closed_client),
	    TEST(tells_when_the_client_has_gone),
	    TEST(a_half_closed_client_may_go_too),
	    TEST(gives_up_when_no_reply_comes),
	    TEST(g05_m19_says_that_no_reply_came),
	    TEST(a_client_that_has_gone_is_not_late),
	    TEST(a_late_reply_has_a_deadline_of_its_own),
	    TEST(the_drain_waits_for_a_late_reply),
	    TEST(the_drain_waits_no_longer_than_the_deadline),
	    TEST(discards_what_comes_while_waiting),
	    TEST(an_answer_is_taken_once),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
