/* net: deadlines, bounds and the drain. */
#include "config.h"

#include "net_fixture.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A drip of one byte at a time must not move the deadline: it is over long before the line is. */
static void drip(struct client *c, unsigned total_ms)
{
	int64_t end = clock_monotonic_us() + (int64_t)total_ms * 1000;
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	while (clock_monotonic_us() < end && poll(&p, 1, 50) == 0)
		if (c->ssl ? SSL_write(c->ssl, "x", 1) != 1
			   : send(c->fd, "x", 1, MSG_NOSIGNAL) != 1)
			break;
	assert_true(clock_monotonic_us() < end);
}

static void m25_ends_a_slow_request(void **state)
{
	struct net_limits limits = usual;
	struct server *s;

	limits.request_ms = 400;
	limits.request_bytes = 100000;
	s = start(state, &limits);
	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		drip(&c, 20000);
		assert_answer(&c, "");
	}
	assert_seen(s, NET_REQUEST_TIMEOUT, 2);
	stop(s);
}

/* M-11: no header, but close_notify. Who never said a thing is not reported. */
static void g02_m11_m24_m25_ends_a_silent_client(void **state)
{
	struct net_limits limits = usual;
	struct client plain, tls, mute;
	struct server *s;

	limits.request_ms = 300;
	limits.handshake_ms = 300;
	s = start(state, &limits);
	plain = dial(&s->plain);
	mute = dial(&s->tls);
	assert_answer(&plain, "");
	assert_answer(&mute, "");
	limits.handshake_ms = 30000;
	stop(s);
	s = start(state, &limits);
	tls = dial_tls(&s->tls);
	assert_answer(&tls, "");
	assert_seen(s, NET_REQUEST_TIMEOUT, 1);
	stop(s);
}

static void m24_m25_ends_a_slow_handshake(void **state)
{
	struct net_limits limits = usual;
	struct client secure, either;
	struct server *s;

	limits.request_ms = 600000;
	limits.handshake_ms = 1000;
	s = start(state, &limits);
	secure = dial(&s->tls);
	either = dial(&s->either);
	say(&secure, "\x16\x03\x01\x02");
	assert_answer(&secure, "");
	assert_true(is_quiet(&either)); /* its time begins with its first byte */
	say(&either, "\x16\x03\x01\x02");
	assert_answer(&either, "");
	assert_seen(s, NET_HANDSHAKE_TIMEOUT, 2);
	stop(s);
}

static void gives_up_at_the_bound(void **state)
{
	struct server *s = start(state, &usual);
	char text[201];

	memset(text, 'x', 200);
	text[200] = '\0';
	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		say(&c, text);
		assert_answer(&c, "");
	}
	assert_seen(s, NET_DROPPED, 2);
	stop(s);
}

/* A client that never closes is not waited for longer than linger_ms. */
static void g19_lingers_for_a_while(void **state)
{
	struct net_limits limits = usual;
	struct answer a;
	struct server *s;
	struct client c;

	limits.linger_ms = 300;
	s = start(state, &limits);
	c = dial(&s->plain);
	say(&c, "hello\n");
	a = listen_to_the_end(&c);
	assert_string_equal(buf_z(&a.bytes), "head\nhello|plain|");
	buf_free(&a.bytes);
	ask_to_drain(s);
	join(s);
	assert_int_equal(send(c.fd, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(c.fd, &(char){0}, 1, 0), 0);
	hang_up(&c);
	assert_int_equal(net_connections(s->net), 0);
	dismantle(s);
}

/* What was sent is cut, so the end is a reset, which also frees the system's buffers. */
static void m25_ends_a_response_that_nobody_reads(void **state)
{
	struct net_limits limits = usual;
	struct client c[2];
	struct server *s;

	limits.response_ms = 300;
	s = start(state, &limits);
	for (int tls = 0; tls < 2; tls++) {
		c[tls] = dial_kind(s, tls);
		say(&c[tls], "endless\n");
	}
	assert_seen(s, NET_RESPONSE_TIMEOUT, 2);
	assert_closed(s, 2);
	for (int tls = 0; tls < 2; tls++) {
		struct answer a = listen_to_the_end(&c[tls]);

		assert_int_equal(a.error, ECONNRESET);
		assert_false(a.close_notify);
		buf_free(&a.bytes);
		hang_up(&c[tls]);
	}
	stop(s);
}

/* The deadline of a large body grows with its size; a reader that never stalls is served. */
static void m25_gives_a_large_body_more_time(void **state)
{
	struct net_limits limits = usual;
	struct server *s;
	struct client c;

	limits.response_ms = 100;
	limits.least_speed = BIG / 20;
	s = start(state, &limits);
	c = dial_slowly(&s->plain);
	say(&c, "big\n");
	usleep(1000000);
	assert_body(&c);
	stop(s);
}

static void m25_newcomers_wait_at_the_bound(void **state)
{
	struct net_limits limits = usual;
	struct client c[3], late;
	struct server *s;

	limits.connections = 3;
	s = start(state, &limits);
	for (size_t i = 0; i < 3; i++) {
		c[i] = dial(&s->plain);
		say(&c[i], "hel");
	}
	usleep(200000);
	late = dial(&s->plain);
	say(&late, "hello\n");
	assert_true(is_quiet(&late));
	crash(&c[0]);
	assert_answer(&late, "head\nhello|plain|");
	say(&c[1], "lo\n");
	assert_answer(&c[1], "head\nhello|plain|");
	hang_up(&c[2]);
	assert_served(s, true);
	stop(s);
}

/* Clients that got all and do not close must not keep others out. */
static void those_who_linger_make_room(void **state)
{
	struct net_limits limits = usual;
	struct client c[4];
	struct server *s;

	limits.connections = 2;
	limits.linger_ms = 60000;
	s = start(state, &limits);
	for (size_t i = 0; i < 4; i++) {
		struct answer a;

		c[i] = dial(&s->plain);
		say(&c[i], "hello\n");
		a = listen_to_the_end(&c[i]);
		assert_string_equal(buf_z(&a.bytes), "head\nhello|plain|");
		buf_free(&a.bytes);
	}
	for (size_t i = 0; i < 4; i++)
		hang_up(&c[i]);
	stop(s);
}

/* Sets the soft limit and returns what it was. */
static rlim_t limit_descriptors(rlim_t n)
{
	struct rlimit l;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
	before = l.rlim_cur;
	l.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
	return before;
}

static void survives_a_lack_of_descriptors(void **state)
{
	struct server *s = start(state, &usual);
	struct client held = dial(&s->plain), late;
	rlim_t before;
	clock_t worked;

	say(&held, "hel");
	while (s->asked == 0)
		usleep(1000);
	late.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	late.ssl = NULL;
	late.context = NULL;
	before = limit_descriptors(3);
	assert_int_equal(connect(late.fd, (struct sockaddr *)&s->plain.ss, s->plain.len), 0);
	say(&late, "hello\n");
	worked = clock();
	assert_true(is_quiet(&late));
	assert_true(clock() - worked < CLOCKS_PER_SEC / 10); /* it waits rather than spins */
	say(&held, "lo\n");
	assert_answer(&held, "head\nhello|plain|");
	limit_descriptors(before);
	assert_answer(&late, "head\nhello|plain|");
	assert_served(s, true);
	stop(s);
}

static void drains(void **state)
{
	struct server *s = start(state, &usual);
	struct client silent = dial(&s->plain), mute = dial(&s->tls), idle = dial_tls(&s->tls);
	struct client part = dial(&s->plain), whole = dial_tls(&s->tls);
	struct client late = dial(&s->plain), late_tls = dial_tls(&s->tls);
	int refused;

	say(&part, "hel");
	say(&whole, "source\n");
	usleep(200000);
	ask_to_drain(s);
	usleep(200000);
	say(&late, "hello\n");
	assert_answer(&late, "head\nhello|plain|");
	say(&late_tls, "source\n");
	assert_body(&late_tls);
	assert_answer(&silent, "");
	assert_answer(&mute, "");
	assert_answer(&idle, "");
	refused = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(refused, (struct sockaddr *)&s->plain.ss, s->plain.len), -1);
	close(refused);
	say(&part, "lo\n");
	assert_answer(&part, "head\nhello|plain|");
	assert_body(&whole);
	join(s);
	dismantle(s);
}

static void drains_no_longer_than_the_deadline(void **state)
{
	struct server *s = start(state, &usual);
	struct client part[2] = {dial(&s->plain), dial_tls(&s->tls)};

	s->drain_ms = 300;
	say(&part[0], "hel");
	say(&part[1], "hel");
	usleep(100000);
	ask_to_drain(s);
	join(s);
	assert_int_equal(s->seen[NET_SHUTDOWN], 2);
	assert_answer(&part[0], "");
	assert_answer(&part[1], "");
	dismantle(s);
}

static void a_second_drain_ends_at_once(void **state)
{
	struct server *s = start(state, &usual);
	struct client part = dial(&s->plain);

	s->drain_ms = 600000;
	say(&part, "hel");
	usleep(100000);
	ask_to_drain(s);
	usleep(100000);
	ask_to_drain(s);
	join(s);
	dismantle(s);
	hang_up(&part);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(m25_ends_a_slow_request),
	    TEST(g02_m11_m24_m25_ends_a_silent_client),
	    TEST(m24_m25_ends_a_slow_handshake),
	    TEST(gives_up_at_the_bound),
	    TEST(g19_lingers_for_a_while),
	    TEST(m25_ends_a_response_that_nobody_reads),
	    TEST(m25_gives_a_large_body_more_time),
	    TEST(m25_newcomers_wait_at_the_bound),
	    TEST(those_who_linger_make_room),
	    TEST(survives_a_lack_of_descriptors),
	    TEST(drains),
	    TEST(drains_no_longer_than_the_deadline),
	    TEST(a_second_drain_ends_at_once),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
