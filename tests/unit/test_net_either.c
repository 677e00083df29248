/* net: listeners whose clients choose between plain and TLS (NET_EITHER). */
#include "config.h"

#include "net_fixture.h"

#include "base/clock.h"

#include <sys/socket.h>
#include <unistd.h>

static struct client dial_either(struct server *s, bool tls)
{
	return tls ? dial_tls(&s->either) : dial(&s->either);
}

static void assert_both_served(struct server *s)
{
	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_either(s, tls);

		say(&c, "hello\n");
		assert_answer(&c, tls ? "head\nhello|tls|localhost" : "head\nhello|plain|");
	}
}

static void the_first_byte_tells(void **state)
{
	struct server *s = start(state, &usual);

	assert_both_served(s);
	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_either(s, tls);

		say(&c, "source\n");
		assert_body(&c);
	}
	assert_seen(s, NET_DONE, 4);
	assert_int_equal(s->asked, 4);
	stop(s);
}

static void plain_comes_in_single_bytes(void **state)
{
	static const char text[] = "hello\n";
	struct server *s = start(state, &usual);
	struct client c = dial(&s->either);

	for (size_t i = 0; text[i]; i++) {
		assert_int_equal(send(c.fd, &text[i], 1, MSG_NOSIGNAL), 1);
		usleep(5000);
	}
	assert_answer(&c, "head\nhello|plain|");
	stop(s);
}

static void a_handshake_comes_in_single_bytes(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial(&s->either);

	start_tls_in_single_bytes(&c, TLS1_3_VERSION);
	say(&c, "hello\n");
	assert_answer(&c, "head\nhello|tls|localhost");
	stop(s);
}

/* What a plain client said at once is longer than a request may be. */
static void holds_a_plain_client_to_the_bound(void **state)
{
	static char text[8192];
	struct server *s = start(state, &usual);
	struct client c = dial(&s->either);

	memset(text, 'x', sizeof text - 1);
	say(&c, text);
	assert_seen(s, NET_DROPPED, 1);
	hang_up(&c);
	c = dial(&s->either);
	memcpy(text, "hello\n", 6);
	say(&c, text);
	assert_answer(&c, "head\nhello|plain|");
	stop(s);
}

static void answers_a_half_closed_client(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial(&s->either);

	say(&c, "half");
	shutdown(c.fd, SHUT_WR);
	assert_answer(&c, "head\nhalf|plain|");
	c = dial_tls(&s->either);
	say(&c, "big\n");
	shutdown(c.fd, SHUT_WR);
	assert_body(&c);
	stop(s);
}

static void answers_later(void **state)
{
	struct server *s = start(state, &usual);
	struct client plain = dial_either(s, false), tls = dial_either(s, true);

	say(&plain, "later\nand more");
	assert_later(s, 1);
	say(&tls, "later\nand more");
	assert_later(s, 2);
	assert_both_served(s);
	answer_later_big(s, 1);
	assert_body(&tls);
	answer_later_big(s, 0);
	assert_body(&plain);
	stop(s);
}

static void a_record_that_is_no_handshake_fails(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial(&s->either);
	struct answer a;

	say(&c, "\x16 is all that is right about this\n");
	a = listen_to_the_end(&c);
	assert_false(str_starts(buf_str(&a.bytes), STR("head")));
	buf_free(&a.bytes);
	hang_up(&c);
	assert_seen(s, NET_HANDSHAKE_FAILED, 1);
	assert_int_equal(s->asked, 0);
	stop(s);
}

/* Who never says a thing has the time of a request, not that of a handshake, and is not reported. */
static void ends_a_silent_client(void **state)
{
	struct net_limits limits = usual;
	struct client silent, brief;
	struct server *s;

	limits.request_ms = 300;
	limits.handshake_ms = 600000;
	s = start(state, &limits);
	silent = dial(&s->either);
	brief = dial(&s->either);
	shutdown(brief.fd, SHUT_WR);
	assert_answer(&brief, "");
	assert_answer(&silent, "");
	for (int i = 0; i < NET_REASONS; i++)
		assert_int_equal(s->seen[i], 0);
	stop(s);
}

/* The first byte does not give a plain client more time. */
static void ends_a_slow_plain_request(void **state)
{
	struct net_limits limits = usual;
	struct server *s;
	struct client c;
	int64_t begin;

	limits.request_ms = 4000;
	limits.handshake_ms = 600000;
	s = start(state, &limits);
	begin = clock_monotonic_us();
	c = dial(&s->either);
	usleep(2000000);
	say(&c, "hel");
	assert_answer(&c, "");
	assert_in_range(clock_monotonic_us() - begin, 3900000, 5900000);
	assert_seen(s, NET_REQUEST_TIMEOUT, 1);
	stop(s);
}

static void survives_a_reset_at_every_stage(void **state)
{
	static const char *const said[] = {NULL, "\x16", "\x16\x03\x01\x02", "part", "big\n"};
	struct server *s = start(state, &usual);

	for (size_t i = 0; i < 5; i++)
		for (int late = 0; late < 2; late++) {
			struct client c = dial(&s->either);

			if (said[i])
				say(&c, said[i]);
			if (late)
				usleep(20000);
			crash(&c);
		}
	assert_both_served(s);
	stop(s);
}

static void drains(void **state)
{
	struct server *s = start(state, &usual);
	struct client silent = dial(&s->either), idle = dial_tls(&s->either);
	struct client part = dial(&s->either), whole = dial_tls(&s->either);

	say(&part, "hel");
	say(&whole, "source\n");
	usleep(200000);
	ask_to_drain(s);
	assert_answer(&silent, "");
	assert_answer(&idle, "");
	say(&part, "lo\n");
	assert_answer(&part, "head\nhello|plain|");
	assert_body(&whole);
	join(s);
	dismantle(s);
}

static void drains_no_longer_than_the_deadline(void **state)
{
	struct server *s = start(state, &usual);
	struct client part = dial(&s->either), hello = dial(&s->either);

	s->drain_ms = 300;
	say(&part, "hel");
	say(&hello, "\x16\x03");
	usleep(100000);
	ask_to_drain(s);
	join(s);
	assert_int_equal(s->seen[NET_SHUTDOWN], 2);
	assert_answer(&part, "");
	assert_answer(&hello, "");
	dismantle(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(the_first_byte_tells),
	    TEST(plain_comes_in_single_bytes),
	    TEST(a_handshake_comes_in_single_bytes),
	    TEST(holds_a_plain_client_to_the_bound),
	    TEST(answers_a_half_closed_client),
	    TEST(answers_later),
	    TEST(a_record_that_is_no_handshake_fails),
	    TEST(ends_a_silent_client),
	    TEST(ends_a_slow_plain_request),
	    TEST(survives_a_reset_at_every_stage),
	    TEST(drains),
	    TEST(drains_no_longer_than_the_deadline),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
