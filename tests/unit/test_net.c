/* net: what clients of all kinds get, plain and over TLS. */
#include "config.h"

#include "net_fixture.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 200

static void serves_a_whole_request(void **state)
{
	struct server *s = start(state, &usual);

	assert_served(s, false);
	assert_served(s, true);
	assert_seen(s, NET_DONE, 2);
	assert_int_equal(s->asked, 2);
	stop(s);
}

static void serves_a_request_in_single_bytes(void **state)
{
	static const char text[] = "hello\n";
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		for (size_t i = 0; text[i]; i++) {
			char one[2] = {text[i], '\0'};

			say(&c, one);
			usleep(5000);
		}
		assert_answer(&c, tls ? "head\nhello|tls|localhost" : "head\nhello|plain|");
	}
	stop(s);
}

static void serves_a_handshake_in_single_bytes(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial(&s->tls);

	start_tls_in_single_bytes(&c, TLS1_3_VERSION);
	say(&c, "hello\n");
	assert_answer(&c, "head\nhello|tls|localhost");
	stop(s);
}

static void m24_m37_plain_text_gets_nothing_from_tls(void **state)
{
	static const char *const texts[] = {
	    "gemini://localhost/\r\n", "GET / HTTP/1.0\r\n\r\n", "a"};
	struct server *s = start(state, &usual);

	for (size_t i = 0; i < 3; i++) {
		struct client c = dial(&s->tls);

		say(&c, texts[i]);
		assert_answer(&c, "");
	}
	assert_seen(s, NET_HANDSHAKE_FAILED, 3);
	stop(s);
}

static void m02_m33_refuses_old_tls(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial(&s->tls);

	start_tls(&c, TLS1_1_VERSION);
	assert_int_not_equal(SSL_do_handshake(c.ssl), 1);
	hang_up(&c);
	assert_seen(s, NET_HANDSHAKE_FAILED, 1);
	c = dial(&s->tls);
	start_tls(&c, TLS1_2_VERSION);
	say(&c, "hello\n");
	assert_answer(&c, "head\nhello|tls|localhost");
	stop(s);
}

static void drops_when_told_to(void **state)
{
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		say(&c, "drop\n");
		assert_answer(&c, "");
	}
	assert_seen(s, NET_DROPPED, 2);
	stop(s);
}

static void answers_a_half_closed_client(void **state)
{
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		say(&c, "big\n");
		shutdown(c.fd, SHUT_WR);
		assert_body(&c);
		c = dial_kind(s, tls);
		say(&c, "half");
		if (c.ssl)
			SSL_shutdown(c.ssl);
		shutdown(c.fd, SHUT_WR);
		assert_answer(&c, tls ? "head\nhalf|tls|localhost" : "head\nhalf|plain|");
		c = dial_kind(s, tls);
		say(&c, "not whole");
		shutdown(c.fd, SHUT_WR);
		assert_answer(&c, "");
	}
	assert_seen(s, NET_DONE, 4);
	assert_seen(s, NET_NO_REQUEST, 2);
	stop(s);
}

/* What follows the request must neither be parsed nor turn the end into a reset (G-19). */
static void g19_m23_discards_what_follows(void **state)
{
	static char flood[300 * 1024];
	struct server *s = start(state, &usual);

	memset(flood, '\n', sizeof flood);
	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);

		say(&c, "hello\nagain\n");
		assert_true(send(c.fd, flood, sizeof flood, MSG_NOSIGNAL) > 0);
		usleep(20000);
		assert_answer(&c, tls ? "head\nhello|tls|localhost" : "head\nhello|plain|");
		c = dial_kind(s, tls);
		say(&c, "big\n");
		assert_true(send(c.fd, flood, sizeof flood, MSG_NOSIGNAL) > 0);
		usleep(20000);
		assert_body(&c);
	}
	assert_int_equal(s->asked, 4);
	stop(s);
}

static void m26_survives_a_reset_at_every_stage(void **state)
{
	static const char *const said[] = {NULL, "part", "hello\n", "big\n", "source\n"};
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++)
		for (size_t i = 0; i < 5; i++)
			for (int late = 0; late < 2; late++) {
				struct client c = dial_kind(s, tls);

				if (said[i])
					say(&c, said[i]);
				if (late)
					usleep(20000);
				crash(&c);
			}
	for (int bytes = 0; bytes < 2; bytes++) {
		struct client c = dial(&s->tls);

		send(c.fd, "\x16\x03\x01\x02", (size_t)bytes * 4, MSG_NOSIGNAL);
		usleep(20000);
		crash(&c);
	}
	assert_served(s, false);
	assert_served(s, true);
	stop(s);
}

static void m25_serves_large_bodies_to_slow_readers(void **state)
{
	static const char *const kinds[] = {"big\n", "source\n"};
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++)
		for (size_t i = 0; i < 2; i++) {
			struct client c = dial_slowly(tls ? &s->tls : &s->plain);

			if (tls)
				start_tls(&c, TLS1_3_VERSION);
			say(&c, kinds[i]);
			usleep(100000);
			assert_served(s, !tls);
			assert_body(&c);
		}
	assert_seen(s, NET_DONE, 8);
	assert_closed(s, 2);
	stop(s);
}

/* A cut body must not look whole: no close_notify, no orderly end. */
static void a_failing_source_is_a_reset(void **state)
{
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++) {
		struct client c = dial_kind(s, tls);
		struct answer a;

		say(&c, "broken\n");
		a = listen_to_the_end(&c);
		assert_true(a.bytes.len < BIG);
		assert_false(a.close_notify);
		assert_int_equal(a.error, ECONNRESET);
		buf_free(&a.bytes);
		hang_up(&c);
	}
	assert_seen(s, NET_SOURCE_FAILED, 2);
	assert_closed(s, 2);
	stop(s);
}

static void serves_many_at_once(void **state)
{
	struct server *s = start(state, &usual);

	for (int tls = 0; tls < 2; tls++) {
		static struct client c[CLIENTS];

		for (size_t i = 0; i < CLIENTS; i++)
			c[i] = dial_kind(s, tls);
		for (size_t i = 0; i < CLIENTS; i++)
			say(&c[i], "hel");
		for (size_t i = 0; i < CLIENTS; i++)
			say(&c[i], "lo\n");
		for (size_t i = 0; i < CLIENTS; i++)
			assert_answer(
			    &c[i], tls ? "head\nhello|tls|localhost" : "head\nhello|plain|");
	}
	assert_seen(s, NET_DONE, 2 * CLIENTS);
	stop(s);
}

static void r12_resumes_sessions(void **state)
{
	struct server *s = start(state, &usual);
	struct client c = dial_tls(&s->tls);
	SSL_SESSION *session;

	say(&c, "hello\n");
	session = NULL;
	assert_int_equal(SSL_read(c.ssl, &(char){0}, 1), 1);
	session = SSL_get1_session(c.ssl);
	assert_true(SSL_SESSION_is_resumable(session));
	SSL_shutdown(c.ssl);
	hang_up(&c);
	c = dial(&s->tls);
	start_tls(&c, TLS1_3_VERSION);
	SSL_set_session(c.ssl, session);
	say(&c, "hello\n");
	assert_int_equal(SSL_session_reused(c.ssl), 1);
	assert_answer(&c, "head\nhello|tls|localhost");
	SSL_SESSION_free(session);
	stop(s);
}

static void two_workers_share_a_port(void **state)
{
	struct net_address a = loopback();
	struct server *s[2];
	unsigned served[2] = {0, 0};

	s[0] = start_at(state, &usual, &a, SOCKET_FIRST);
	s[1] = start_at(state, &usual, &s[0]->plain, SOCKET_JOIN);
	for (int i = 0; i < 300; i++)
		assert_served(s[0], false);
	for (int tries = 0; served[0] + served[1] < 300 && tries < 6000; tries++) {
		usleep(10000); /* the report may come a little after the client's end */
		for (int i = 0; i < 2; i++)
			served[i] = s[i]->seen[NET_DONE];
	}
	assert_int_equal(served[0] + served[1], 300);
	assert_true(served[0] > 0 && served[1] > 0);
	stop(s[1]);
	stop(s[0]);
}

static void a_port_in_use_is_an_error(void **state)
{
	struct net_address a = loopback();
	struct server *s = start_at(state, &usual, &a, SOCKET_FIRST);

	errno = 0;
	assert_int_equal(socket_listen(&s->plain, SOCKET_ALONE, 0), -1);
	assert_int_equal(errno, EADDRINUSE);
	errno = 0;
	assert_int_equal(socket_listen(&s->plain, SOCKET_FIRST, 0), -1);
	assert_int_equal(errno, EADDRINUSE);
	stop(s);
}

static void every_reason_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < NET_REASONS; i++)
		assert_string_not_equal(net_reason_name((enum net_reason)i), "unknown");
	assert_string_equal(net_reason_name(NET_REASONS), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(serves_a_whole_request),
	    TEST(serves_a_request_in_single_bytes),
	    TEST(serves_a_handshake_in_single_bytes),
	    TEST(m24_m37_plain_text_gets_nothing_from_tls),
	    TEST(m02_m33_refuses_old_tls),
	    TEST(drops_when_told_to),
	    TEST(answers_a_half_closed_client),
	    TEST(g19_m23_discards_what_follows),
	    TEST(m26_survives_a_reset_at_every_stage),
	    TEST(m25_serves_large_bodies_to_slow_readers),
	    TEST(a_failing_source_is_a_reset),
	    TEST(serves_many_at_once),
	    TEST(r12_resumes_sessions),
	    TEST(two_workers_share_a_port),
	    TEST(a_port_in_use_is_an_error),
	    TEST(every_reason_has_a_name),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
