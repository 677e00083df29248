#include "config.h"

#include "net_fixture.h"

#include "net/certificate.h"
#include "base/log.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Long enough for valgrind; a client that waits longer has lost its server. */
#define PATIENCE_S 60

const struct net_limits usual = {
    .connections = 1000,
    .handshake_ms = 30000,
    .request_ms = 30000,
    .response_ms = 30000,
    .least_speed = 1000,
    .linger_ms = 2000,
    .request_bytes = 200,
};

/* What a byte in the pipe says: drain, or which exchange to answer, and whether at length. */
#define WAKE_DRAIN 'd'
#define WAKE_BIG 0x80

/* A body of total bytes, failing at the byte fail. */
struct source {
	struct server *server;
	size_t at, total, fail;
};

/* The bytes of a body repeat after so many, which divides no buffer's size. */
#define PERIOD 23

static char pattern(size_t i)
{
	return (char)('a' + i % PERIOD);
}

/* -------------------------------------------------------------- the handler */

static ptrdiff_t source_read(void *context, char *p, size_t n)
{
	struct source *s = context;

	if (s->at == s->fail)
		return -1;
	if (n > s->total - s->at)
		n = s->total - s->at;
	if (s->at < s->fail && n > s->fail - s->at)
		n = s->fail - s->at;
	for (size_t i = 0; i < n; i++)
		p[i] = pattern(s->at++);
	return (ptrdiff_t)n;
}

static void source_close(void *context)
{
	struct source *s = context;

	s->server->closed++;
	free(s);
}

static void reply_source(struct server *s, struct net_reply *r, size_t total, size_t fail)
{
	struct source *source = mem_zalloc(1, sizeof *source);

	*source = (struct source){.server = s, .total = total, .fail = fail};
	r->source = (struct net_source){source_read, source_close, source};
}

static enum net_verdict reply_later(struct server *s, const struct net_request *q)
{
	s->tickets[s->later] = q->ticket;
	s->later++;
	return NET_LATER;
}

enum net_verdict on_request(void *app, const struct net_request *q, struct net_reply *r)
{
	struct server *s = app;
	size_t end = str_index(q->bytes, '\n');
	struct str line = str_sub(q->bytes, 0, end);

	s->asked++;
	if (end == q->bytes.n && !(q->eof && str_starts(line, STR("half"))))
		return NET_MORE;
	if (str_eq(line, STR("drop")))
		return NET_DROP;
	if (str_eq(line, STR("later")))
		return reply_later(s, q);
	memcpy(r->head, "head\n", 5);
	r->head_len = 5;
	if (str_eq(line, STR("big")))
		r->body = blob_ref(s->big);
	else if (str_eq(line, STR("source")))
		reply_source(s, r, BIG, SIZE_MAX);
	else if (str_eq(line, STR("broken")))
		reply_source(s, r, BIG, BIG / 2);
	else if (str_eq(line, STR("endless")))
		reply_source(s, r, SIZE_MAX, SIZE_MAX);
	else
		r->head_len += (size_t)snprintf(r->head + 5, 300, "%.*s|%s|%s", STR_ARGS(line),
		    q->tls ? "tls" : "plain", q->sni ? q->sni : "");
	return NET_REPLY;
}

void on_done(
    void *app, const struct net_request *q, const struct net_reply *r, const struct net_outcome *o)
{
	struct server *s = app;

	for (unsigned n = 0; n < s->later; n++)
		s->forsaken[n] += q->ticket == s->tickets[n] && !r;
	s->seen[o->reason]++;
}

static void on_late(void *app, const struct net_request *q, struct net_reply *r)
{
	struct server *s = app;

	for (unsigned n = 0; n < s->later; n++)
		if (q->ticket == s->tickets[n])
			r->head_len = (size_t)snprintf(r->head, sizeof r->head, "too late %u", n);
}

/* --------------------------------------------------------------- the server */

static void give_late_reply(struct server *s, unsigned char which)
{
	struct net_reply r = {.head_len = 5};
	unsigned n = which & ~(unsigned)WAKE_BIG;

	memcpy(r.head, "head\n", 5);
	if (which & WAKE_BIG)
		r.body = blob_ref(s->big);
	else
		r.head_len += (size_t)snprintf(r.head + 5, 100, "later %u", n);
	if (net_answer(s->net, s->tickets[n], &r))
		s->answered++;
	else
		s->refused++;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	unsigned char c;

	(void)what;
	if (read(fd, &c, 1) != 1)
		event_del(s->woken);
	else if (c == WAKE_DRAIN)
		net_drain(s->net, s->drain_ms);
	else
		give_late_reply(s, c);
}

static void on_turn(void *app)
{
	(void)app;
	log_flush(1000);
}

static void *run(void *arg)
{
	struct server *s = arg;

	net_run(s->net, on_turn, s);
	return NULL;
}

struct net_address loopback(void)
{
	struct net_address a[ADDRESS_MAX];
	const char *why;

	assert_int_equal(address_parse(STR("127.0.0.1:0"), a, &why), 1);
	return a[0];
}

static struct tls_store *store_in(const char *directory)
{
	struct tls_store *store = tls_store_new();
	struct buf certificate = {0}, key = {0}, why = {0};

	buf_printf(&certificate, "%s/host.crt", directory);
	buf_printf(&key, "%s/host.key", directory);
	if (!tls_store_add(store, STR("localhost"), buf_z(&certificate), buf_z(&key), &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&certificate);
	buf_free(&key);
	return store;
}

static void listen_as(struct server *s, enum net_security security,
    const struct net_address *address, enum socket_share share, struct net_address *bound)
{
	struct net_listener l = {
	    .fd = socket_listen(address, share, 0),
	    .security = security,
	    .tls = security == NET_PLAIN ? NULL : s->store,
	    .tag = (int)security,
	};

	assert_true(l.fd >= 0 && socket_address(l.fd, bound));
	assert_true(net_listen(s->net, &l));
}

static struct server *start_handler(void **state, const struct net_limits *limits,
    const struct net_address *plain, enum socket_share share, struct net_handler handler)
{
	struct server *s = mem_zalloc(1, sizeof *s);
	struct net_address any = loopback();
	struct buf body = {0};

	buf_reserve(&body, BIG);
	for (size_t i = 0; i < PERIOD; i++)
		buf_addc(&body, pattern(i));
	while (body.len < BIG)
		buf_add(&body, str_sub(buf_str(&body), 0, BIG - body.len));
	s->big = blob_take(&body);
	s->store = store_in(*state);
	s->drain_ms = 5000;
	handler.app = s;
	s->net = net_new(&handler, limits);
	assert_non_null(s->net);
	listen_as(s, NET_PLAIN, plain, share, &s->plain);
	listen_as(s, NET_TLS, &any, SOCKET_ALONE, &s->tls);
	listen_as(s, NET_EITHER, &any, SOCKET_ALONE, &s->either);
	assert_int_equal(pipe(s->wake), 0);
	s->woken = event_new(net_base(s->net), s->wake[0], EV_READ | EV_PERSIST, on_wake, s);
	event_add(s->woken, NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
	return s;
}

struct server *start_at(void **state, const struct net_limits *limits,
    const struct net_address *plain, enum socket_share share)
{
	struct net_handler handler = {.request = on_request, .done = on_done};

	return start_handler(state, limits, plain, share, handler);
}

struct server *start(void **state, const struct net_limits *limits)
{
	struct net_address a = loopback();

	return start_at(state, limits, &a, SOCKET_ALONE);
}

struct server *start_with_late(void **state, const struct net_limits *limits)
{
	struct net_handler handler = {.request = on_request, .late = on_late, .done = on_done};
	struct net_address a = loopback();

	return start_handler(state, limits, &a, SOCKET_ALONE, handler);
}

static void wake(struct server *s, unsigned byte)
{
	assert_int_equal(write(s->wake[1], &(unsigned char){(unsigned char)byte}, 1), 1);
}

void ask_to_drain(struct server *s)
{
	wake(s, WAKE_DRAIN);
}

void answer_later(struct server *s, unsigned n)
{
	wake(s, n);
}

void answer_later_big(struct server *s, unsigned n)
{
	wake(s, n | WAKE_BIG);
}

void join(struct server *s)
{
	pthread_join(s->thread, NULL);
}

void dismantle(struct server *s)
{
	event_free(s->woken);
	net_free(s->net);
	tls_store_unref(s->store);
	blob_unref(s->big);
	close(s->wake[0]);
	close(s->wake[1]);
	free(s);
}

void stop(struct server *s)
{
	ask_to_drain(s);
	join(s);
	dismantle(s);
}

/* What the server counts comes a little after what the client sees. */
static unsigned await(const atomic_uint *count, unsigned least)
{
	for (int i = 0; i < PATIENCE_S * 100 && *count < least; i++)
		usleep(10000);
	return *count;
}

void assert_seen(struct server *s, enum net_reason reason, unsigned times)
{
	unsigned seen = await(&s->seen[reason], times);

	if (seen != times)
		fail_msg("%s: %u times, not %u", net_reason_name(reason), seen, times);
}

void assert_later(struct server *s, unsigned times)
{
	assert_int_equal(await(&s->later, times), times);
}

void assert_answered(struct server *s, unsigned taken, unsigned refused)
{
	assert_int_equal(await(&s->answered, taken), taken);
	assert_int_equal(await(&s->refused, refused), refused);
}

void assert_closed(struct server *s, unsigned times)
{
	assert_int_equal(await(&s->closed, times), times);
}

/* -------------------------------------------------------------- the clients */

static struct client dial_with(const struct net_address *a, int receive_buffer)
{
	struct client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	struct timeval patience = {PATIENCE_S, 0};

	assert_true(c.fd >= 0);
	setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (receive_buffer)
		setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	if (connect(c.fd, (const struct sockaddr *)&a->ss, a->len) != 0)
		fail_msg("connect: %s", strerror(errno));
	return c;
}

struct client dial(const struct net_address *a)
{
	return dial_with(a, 0);
}

struct client dial_slowly(const struct net_address *a)
{
	return dial_with(a, 64 * 1024);
}

void start_tls(struct client *c, int version)
{
	char name[] = "localhost";

	c->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(c->context, 0);
	SSL_CTX_set_min_proto_version(c->context, version);
	SSL_CTX_set_max_proto_version(c->context, version);
	c->ssl = SSL_new(c->context);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_connect_state(c->ssl);
	SSL_set_tlsext_host_name(c->ssl, name);
}

void start_tls_in_single_bytes(struct client *c, int version)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char bytes[16384];
	int n;

	start_tls(c, version);
	SSL_set_bio(c->ssl, in, out);
	while (SSL_do_handshake(c->ssl) != 1 || BIO_ctrl_pending(out) > 0) {
		while (BIO_read(out, bytes, 1) == 1) {
			assert_int_equal(send(c->fd, bytes, 1, MSG_NOSIGNAL), 1);
			usleep(200);
		}
		if (SSL_is_init_finished(c->ssl))
			break;
		n = (int)recv(c->fd, bytes, sizeof bytes, 0);
		assert_true(n > 0);
		BIO_write(in, bytes, n);
	}
	SSL_set_fd(c->ssl, c->fd);
}

struct client dial_tls(const struct net_address *a)
{
	struct client c = dial(a);

	start_tls(&c, TLS1_3_VERSION);
	assert_int_equal(SSL_do_handshake(c.ssl), 1);
	return c;
}

struct client dial_kind(struct server *s, bool tls)
{
	return tls ? dial_tls(&s->tls) : dial(&s->plain);
}

void hang_up(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	close(c->fd);
	*c = (struct client){.fd = -1};
}

void crash(struct client *c)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	hang_up(c);
}

void say(struct client *c, const char *text)
{
	size_t n = strlen(text);

	if (c->ssl)
		assert_int_equal(SSL_write(c->ssl, text, (int)n), (int)n);
	else
		assert_int_equal(send(c->fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

static ssize_t hear(struct client *c, char *p, size_t n)
{
	if (!c->ssl)
		return recv(c->fd, p, n, 0);
	errno = 0;
	return SSL_read(c->ssl, p, (int)n);
}

struct answer listen_to_the_end(struct client *c)
{
	struct answer a = {0};
	char bytes[16384];
	ssize_t n;

	while ((n = hear(c, bytes, sizeof bytes)) > 0)
		buf_add(&a.bytes, (struct str){bytes, (size_t)n});
	a.error = n < 0 ? errno : 0;
	a.close_notify = c->ssl && SSL_get_error(c->ssl, (int)n) == SSL_ERROR_ZERO_RETURN;
	if (a.close_notify)
		a.error = 0;
	return a;
}

void assert_answer(struct client *c, const char *text)
{
	struct answer a = listen_to_the_end(c);

	assert_string_equal(buf_z(&a.bytes), text);
	assert_int_equal(a.error, 0);
	assert_int_equal(a.close_notify, c->ssl != NULL);
	buf_free(&a.bytes);
	hang_up(c);
}

void assert_body(struct client *c)
{
	struct answer a = listen_to_the_end(c);

	assert_int_equal(a.error, 0);
	assert_int_equal(a.close_notify, c->ssl != NULL);
	assert_int_equal(a.bytes.len, 5 + BIG);
	for (size_t i = 0; i < BIG; i++)
		if (a.bytes.p[5 + i] != pattern(i))
			fail_msg("byte %zu is wrong", i);
	buf_free(&a.bytes);
	hang_up(c);
}

void assert_served(struct server *s, bool tls)
{
	struct client c = dial_kind(s, tls);

	say(&c, "hello\n");
	assert_answer(&c, tls ? "head\nhello|tls|localhost" : "head\nhello|plain|");
}

static void set_patience(struct client *c, struct timeval patience)
{
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* Over TLS a session ticket is no word. */
bool is_quiet(struct client *c)
{
	char word;
	ssize_t n;

	set_patience(c, (struct timeval){.tv_usec = 300000});
	errno = 0;
	n = c->ssl ? SSL_peek(c->ssl, &word, 1) : recv(c->fd, &word, 1, MSG_PEEK);
	set_patience(c, (struct timeval){.tv_sec = PATIENCE_S});
	return n < 0 && errno == EAGAIN;
}

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* ------------------------------------------------------------ the fixtures */

int make_directory(void **state)
{
	char *path = strdup("/tmp/test_net.XXXXXX");
	struct buf certificate = {0}, key = {0}, why = {0};
	bool made;

	if (!path || !mkdtemp(path))
		return -1;
	signal(SIGPIPE, SIG_IGN);
	buf_printf(&certificate, "%s/host.crt", path);
	buf_printf(&key, "%s/host.key", path);
	made = certificate_make(STR("localhost"), buf_z(&certificate), buf_z(&key), &why);
	buf_free(&certificate);
	buf_free(&key);
	buf_free(&why);
	*state = path;
	return made ? 0 : -1;
}

int remove_directory(void **state)
{
	static const char *const files[] = {"host.crt", "host.key"};
	int failed = 0;

	for (size_t i = 0; i < 2; i++) {
		struct buf path = {0};

		buf_printf(&path, "%s/%s", (const char *)*state, files[i]);
		failed |= unlink(buf_z(&path));
		buf_free(&path);
	}
	failed |= rmdir(*state);
	free(*state);
	return failed;
}

static unsigned descriptors_before;

int count_descriptors(void **state)
{
	(void)state;
	descriptors_before = open_descriptors();
	return 0;
}

int compare_descriptors(void **state)
{
	(void)state;
	return open_descriptors() == descriptors_before ? 0 : -1;
}
