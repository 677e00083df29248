/*
 * metrics: what the private listener says, on either kind of socket, and that no
 * client holds it up, or grows in it, beyond its bounds.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "base/clock.h"
#include "serve/metrics.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/un.h>
#include <unistd.h>

/* What a test waits for at most. */
#define PATIENCE_MS 20000

/* More than a socket takes without a reader. */
#define BIG ((size_t)32 * 1024 * 1024)

#define BODY "digestd_entries 42\n"

/* A listener, the thread of its loop, and what its source says. */
struct server {
	struct event_base *base;
	struct metrics *metrics;
	struct event *woken;
	int wake[2]; /* closing [1] ends the loop */
	pthread_t thread;
	struct sockaddr_storage ss; /* where it listens */
	socklen_t len;
	char folder[FOLDER_PATH];
	atomic_bool sick;
	atomic_size_t body; /* bytes; 0: BODY */
};

static void say(void *context, struct buf *out)
{
	struct server *s = context;

	if (s->body)
		buf_fill(out, 'x', s->body);
	else
		buf_addz(out, BODY);
}

static bool healthy(void *context, struct buf *why)
{
	struct server *s = context;

	if (s->sick)
		buf_addz(why, "draining");
	return !s->sick;
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(context);
}

static void *run(void *context)
{
	struct server *s = context;

	event_base_dispatch(s->base);
	return NULL;
}

static int listener(struct server *s)
{
	int fd = socket(s->ss.ss_family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&s->ss, s->len), 0);
	assert_int_equal(listen(fd, 64), 0);
	s->len = sizeof s->ss;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&s->ss, &s->len), 0);
	return fd;
}

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	assert_non_null(base);
	return base;
}

static void start(struct server *s)
{
	struct metrics_source source = {s, say, healthy};
	struct buf why = {0};

	s->base = base_new();
	assert_int_equal(pipe(s->wake), 0);
	s->woken = event_new(s->base, s->wake[0], EV_READ, on_wake, s->base);
	event_add(s->woken, NULL);
	s->metrics = metrics_new(s->base, listener(s), &source, &why);
	assert_non_null(s->metrics);
	check_buf(&why, "");
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

static void set_v4(struct server *s)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memcpy(&s->ss, &sa, sizeof sa);
	s->len = sizeof sa;
}

static void set_unix(struct server *s)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	folder_make(s->folder, "test_metrics");
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/socket", s->folder);
	memcpy(&s->ss, &sa, sizeof sa);
	s->len = sizeof sa;
}

static struct server *server_new(void (*set)(struct server *s))
{
	struct server *s = calloc(1, sizeof *s);

	set(s);
	start(s);
	return s;
}

static int setup_v4(void **state)
{
	*state = server_new(set_v4);
	return 0;
}

static int setup_unix(void **state)
{
	*state = server_new(set_unix);
	return 0;
}

static void stop(struct server *s)
{
	close(s->wake[1]);
	pthread_join(s->thread, NULL);
	metrics_free(s->metrics);
	event_free(s->woken);
	event_base_free(s->base);
	close(s->wake[0]);
}

static void server_free(struct server *s)
{
	stop(s);
	if (*s->folder)
		folder_remove(s->folder);
	free(s);
}

static int teardown(void **state)
{
	server_free(*state);
	return 0;
}

/* Clients. */

static int dial(const struct server *s)
{
	int fd = socket(s->ss.ss_family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&s->ss, s->len), 0);
	return fd;
}

static void send_text(int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* it has had enough */
		text = str_skip(text, (size_t)n);
	}
}

static bool readable(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

/* Everything up to the end of the connection, which must come; fd is closed. */
static struct buf receive(int fd)
{
	struct buf all = {0};
	ssize_t n;

	do {
		assert_true(readable(fd, PATIENCE_MS));
		n = recv(fd, buf_reserve(&all, 65536), 65536, 0);
		all.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	close(fd);
	return all;
}

static struct buf ask(const struct server *s, const char *text)
{
	int fd = dial(s);

	send_text(fd, str_of(text));
	return receive(fd);
}

static struct str body_of(struct buf *reply)
{
	const char *z = buf_z(reply), *end = strstr(z, "\r\n\r\n");

	assert_non_null(end);
	return str_of(end + 4);
}

static bool says(struct buf *reply, const char *header)
{
	const char *found = strstr(buf_z(reply), header);

	return found && found < body_of(reply).p;
}

static void check_reply(struct buf *reply, const char *status, const char *body)
{
	if (!str_starts(buf_str(reply), str_of(status)))
		check_same(buf_str(reply), str_of(status));
	check_same(body_of(reply), str_of(body));
}

static void check_served(const struct server *s)
{
	struct buf reply = ask(s, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");

	check_reply(&reply, "HTTP/1.1 200 OK\r\n", "ok\n");
	buf_free(&reply);
}

/* Tests; those of both kinds of socket get the server as state. */

static void it_says_what_its_source_says(void **state)
{
	struct buf reply = ask(*state, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

	check_reply(&reply, "HTTP/1.1 200 OK\r\n", BODY);
	assert_true(says(&reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_true(says(&reply, "Content-Length: 19\r\n"));
	assert_true(says(&reply, "Connection: close\r\n"));
	buf_free(&reply);
}

static void a_large_answer_comes_whole(void **state)
{
	struct server *s = *state;
	struct buf reply;

	s->body = BIG;
	reply = ask(s, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
	assert_int_equal(body_of(&reply).n, BIG);
	buf_free(&reply);
}

static void health_has_a_reason_when_it_is_bad(void **state)
{
	struct server *s = *state;
	struct buf reply;

	check_served(s);
	s->sick = true;
	reply = ask(s, "GET /healthz HTTP/1.0\r\n\r\n");
	check_reply(&reply, "HTTP/1.0 503 Service Unavailable\r\n", "draining\n");
	buf_free(&reply);
}

static void head_gets_the_same_without_the_text(void **state)
{
	struct buf reply = ask(*state, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

	check_reply(&reply, "HTTP/1.1 200 OK\r\n", "");
	assert_true(says(&reply, "Content-Length: 19\r\n"));
	buf_free(&reply);
}

static void nothing_else_is_there(void **state)
{
	static const struct {
		const char *request;
		const char *status;
	} rows[] = {
	    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	    {"GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	    {"GET /METRICS HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	    {"GET /../metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	    {"POST /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	    {"GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	    {"GET http://x/metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	    {"POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"PUT /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"OPTIONS /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"TRACE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"PATCH /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
	    {"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 413 "},
	    {"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
	     "chunked\r\n\r\n5\r\nhello\r\n",
		"HTTP/1.1 413 "},
	    {"GET /metrics\r\n\r\n", "HTTP/"},
	    {"\x16\x03\x01\x02\r\n\r\n", "HTTP/"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf reply = ask(*state, rows[i].request);

		check_row(str_starts(buf_str(&reply), str_of(rows[i].status)), rows[i].request);
		if (strstr(rows[i].status, "405"))
			check_row(says(&reply, "Allow: GET, HEAD\r\n"), rows[i].request);
		buf_free(&reply);
	}
	check_served(*state);
}

static void one_connection_is_one_request(void **state)
{
	struct buf reply = ask(*state,
	    "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
	    "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");

	check_reply(&reply, "HTTP/1.1 200 OK\r\n", "ok\n");
	buf_free(&reply);
}

/* A request that would be answered if it were shorter is cut off, and at once. */
static void check_too_long(
    const struct server *s, const char *start, const char *more, const char *end)
{
	int64_t begun = clock_monotonic_us();
	struct buf text = {0}, reply;

	buf_addz(&text, start);
	while (text.len < (size_t)2 * METRICS_HEADERS_MAX)
		buf_addz(&text, more);
	buf_addz(&text, end);
	reply = ask(s, buf_z(&text));
	assert_false(str_starts(buf_str(&reply), STR("HTTP/1.1 200")));
	assert_false(str_starts(buf_str(&reply), STR("HTTP/1.1 404")));
	assert_true(clock_monotonic_us() - begun < METRICS_DEADLINE_MS * INT64_C(1000));
	buf_free(&reply);
	buf_free(&text);
	check_served(s);
}

static void headers_have_a_bound(void **state)
{
	check_too_long(*state, "GET /metrics HTTP/1.1\r\n", "X: 0123456789\r\n", "\r\n");
	check_too_long(*state, "GET /metrics HTTP/1.1\r\nX: ", "0123456789", "\r\n\r\n");
	check_too_long(*state, "GET /", "0123456789", " HTTP/1.1\r\n\r\n");
}

static void those_who_leave_early_leave_their_places(void **state)
{
	for (unsigned i = 0; i < 4 * METRICS_CONNECTIONS; i++) {
		int fd = dial(*state);

		if (i % 2)
			send_text(fd, STR("GET /metr"));
		close(fd);
	}
	check_served(*state);
}

static void one_too_many_waits_for_a_place(void **state)
{
	int silent[METRICS_CONNECTIONS], late;
	struct buf reply;

	for (size_t i = 0; i < COUNT(silent); i++)
		silent[i] = dial(*state);
	late = dial(*state);
	send_text(late, STR("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
	assert_false(readable(late, 300));
	close(silent[3]);
	reply = receive(late);
	check_reply(&reply, "HTTP/1.1 200 OK\r\n", "ok\n");
	buf_free(&reply);
	for (size_t i = 0; i < COUNT(silent); i++)
		if (i != 3)
			close(silent[i]);
	check_served(*state);
}

/*
 * Four that are slow in their own ways: silent, dripping, not reading, and one that
 * evhttp does not close, whatever it is answered.
 */
static void nobody_has_longer_than_the_deadline(void **state)
{
	struct server *s = *state;
	int64_t begun = clock_monotonic_us(), ms;
	int silent = dial(s), drip = dial(s), deaf = dial(s), tunnel = dial(s);
	struct buf reply;

	s->body = BIG;
	send_text(deaf, STR("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
	send_text(tunnel, STR("CONNECT x:70 HTTP/1.1\r\nHost: x\r\n\r\n"));
	send_text(drip, STR("GET /metrics HTTP/1.1\r\n"));
	while (!readable(drip, 200) && clock_monotonic_us() - begun < PATIENCE_MS * 1000)
		send_text(drip, STR("X"));
	ms = (clock_monotonic_us() - begun) / 1000;
	assert_in_range(ms, METRICS_DEADLINE_MS - 100, METRICS_DEADLINE_MS + 5000);
	reply = receive(drip);
	check_buf(&reply, "");
	reply = receive(silent);
	check_buf(&reply, "");
	reply = receive(tunnel);
	assert_true(str_starts(buf_str(&reply), STR("HTTP/1.1 404 ")));
	buf_free(&reply);
	reply = receive(deaf);
	assert_true(reply.len < BIG);
	buf_free(&reply);
	check_served(s);
}

static void its_end_ends_its_connections(void **state)
{
	struct server *s = server_new(set_v4);
	int silent = dial(s), half = dial(s);
	struct buf reply;

	(void)state;
	send_text(half, STR("GET /metrics HTTP/1.1\r\n"));
	check_served(s);
	server_free(s);
	reply = receive(silent);
	check_buf(&reply, "");
	reply = receive(half);
	check_buf(&reply, "");
	metrics_free(NULL);
}

static void what_is_no_socket_is_refused_and_closed(void **state)
{
	struct event_base *base = base_new();
	struct buf why = {0};
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_null(metrics_new(base, fd, &(struct metrics_source){0}, &why));
	assert_true(why.len > 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	buf_free(&why);
	event_base_free(base);
}

#define ON_V4(test) cmocka_unit_test_setup_teardown(test, setup_v4, teardown)
#define ON_UNIX(test) cmocka_unit_test_setup_teardown(test, setup_unix, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_V4(it_says_what_its_source_says),
	    ON_UNIX(it_says_what_its_source_says),
	    ON_V4(a_large_answer_comes_whole),
	    ON_UNIX(a_large_answer_comes_whole),
	    ON_V4(health_has_a_reason_when_it_is_bad),
	    ON_V4(head_gets_the_same_without_the_text),
	    ON_V4(nothing_else_is_there),
	    ON_UNIX(nothing_else_is_there),
	    ON_V4(one_connection_is_one_request),
	    ON_V4(headers_have_a_bound),
	    ON_UNIX(those_who_leave_early_leave_their_places),
	    ON_V4(one_too_many_waits_for_a_place),
	    ON_UNIX(one_too_many_waits_for_a_place),
	    ON_V4(nobody_has_longer_than_the_deadline),
	    cmocka_unit_test(its_end_ends_its_connections),
	    cmocka_unit_test(what_is_no_socket_is_refused_and_closed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
