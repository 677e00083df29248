#include "config.h"

#include "serve/metrics.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/metrics_text.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#define METRICS_MAGIC 0x4d455452u

/* How long accepting pauses when it fails: descriptors are short, say. */
#define PAUSE_MS 1000

#define PLAIN_TEXT "text/plain; charset=utf-8"

/* All that evhttp tells apart, so that it is us who refuse most of them. */
#define EVERY_METHOD                                                                               \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | \
	    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

/*
 * A connection. evhttp's own timeouts begin anew with each byte, and it knows no
 * bound of how many there are: hence this.
 */
struct place {
	struct metrics *metrics;
	struct bufferevent *bev; /* evhttp's; NULL: nobody is here */
	bool known;              /* evhttp will tell of its end */
	struct event *deadline;
};

struct metrics {
	unsigned magic;
	struct metrics_source source;
	struct evhttp *http;
	struct evconnlistener *listener; /* http's */
	int fd;                          /* of the listener; ours to close */
	struct event *resume;            /* ends a pause */
	struct event *accepted;          /* active: there is a place whose end we are not told of */
	struct place places[METRICS_CONNECTIONS];
	unsigned taken; /* of the places */
	bool closing;   /* metrics_free is at work */
};

/* What is said to a request. */
struct reply {
	int status;
	const char *reason; /* of HTTP, for the status */
	const char *type;   /* of the text */
	struct buf text;
};

static struct timeval milliseconds(long ms)
{
	return (struct timeval){ms / 1000, (suseconds_t)(ms % 1000 * 1000)};
}

/* What /metrics and /healthz say. */

static void say_metrics(struct metrics *m, struct reply *r)
{
	r->type = METRICS_TEXT_TYPE;
	m->source.write(m->source.context, &r->text);
}

static void say_health(struct metrics *m, struct reply *r)
{
	if (m->source.healthy(m->source.context, &r->text)) {
		buf_addz(&r->text, "ok\n");
		return;
	}
	r->status = HTTP_SERVUNAVAIL;
	r->reason = "Service Unavailable";
	buf_addc(&r->text, '\n');
}

static const struct {
	const char *path;
	void (*say)(struct metrics *m, struct reply *r);
} pages[] = {
    {"/metrics", say_metrics},
    {"/healthz", say_health},
};

static void refuse(struct reply *r, int status, const char *reason, const char *text)
{
	r->status = status;
	r->reason = reason;
	buf_addz(&r->text, text);
}

static void answer(struct metrics *m, const char *path, bool read_only, struct reply *r)
{
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		if (strcmp(path, pages[i].path) != 0)
			continue;
		if (read_only)
			pages[i].say(m, r);
		else
			refuse(r, HTTP_BADMETHOD, "Method Not Allowed",
			    "only GET and HEAD: nothing can be changed here\n");
		return;
	}
	refuse(r, HTTP_NOTFOUND, "Not Found", "there are /metrics and /healthz only\n");
}

/* HEAD gets the same but for the text. evhttp closes because of "close". */
static void send_reply(struct evhttp_request *q, const struct reply *r)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(q);
	char length[sizeof "18446744073709551615"];

	snprintf(length, sizeof length, "%zu", r->text.len);
	evhttp_add_header(headers, "Content-Type", r->type);
	evhttp_add_header(headers, "Content-Length", length);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "Connection", "close");
	if (r->status == HTTP_BADMETHOD)
		evhttp_add_header(headers, "Allow", "GET, HEAD");
	if (evhttp_request_get_command(q) != EVHTTP_REQ_HEAD)
		evbuffer_add(evhttp_request_get_output_buffer(q), r->text.p, r->text.len);
	evhttp_send_reply(q, r->status, r->reason, NULL);
}

static void on_request(struct evhttp_request *q, void *context)
{
	struct metrics *m = context;
	enum evhttp_cmd_type method = evhttp_request_get_command(q);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(q);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	struct reply r = {.status = HTTP_OK, .reason = "OK", .type = PLAIN_TEXT};

	assert(m->magic == METRICS_MAGIC);
	answer(m, path ? path : "", method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD, &r);
	send_reply(q, &r);
	buf_free(&r.text);
}

/* Places. */

/* Accepts again when there is a place and no pause. */
static void listen_again(struct metrics *m)
{
	if (!m->closing && m->taken < METRICS_CONNECTIONS && !evtimer_pending(m->resume, NULL))
		evconnlistener_enable(m->listener);
}

static void on_end(struct evhttp_connection *c, void *context)
{
	struct place *p = context;

	(void)c;
	assert(p->metrics->magic == METRICS_MAGIC);
	p->bev = NULL;
	evtimer_del(p->deadline);
	p->metrics->taken--;
	listen_again(p->metrics);
}

/* evhttp ends the connection when it sees that the client's is gone. */
static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct place *p = context;

	(void)fd;
	(void)what;
	assert(p->metrics->magic == METRICS_MAGIC);
	shutdown(bufferevent_getfd(p->bev), SHUT_RDWR);
}

static struct place *free_place(struct metrics *m)
{
	for (size_t i = 0; i < METRICS_CONNECTIONS; i++)
		if (!m->places[i].bev)
			return &m->places[i];
	return NULL;
}

/* evhttp has accepted, and asks for what it will read and write through. */
static struct bufferevent *on_accept(struct event_base *base, void *context)
{
	struct metrics *m = context;
	struct place *p = free_place(m);
	struct timeval limit = milliseconds(METRICS_DEADLINE_MS);

	assert(m->magic == METRICS_MAGIC && p);
	p->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (!p->bev)
		return NULL; /* evhttp tries too, and gives up */
	p->known = false;
	evtimer_add(p->deadline, &limit);
	event_active(m->accepted, EV_TIMEOUT, 0);
	if (++m->taken == METRICS_CONNECTIONS)
		evconnlistener_disable(m->listener);
	return p->bev;
}

/*
 * Runs in the turn in which the connection was accepted, before it is read or can
 * end. evhttp names a connection in the callbacks of its bufferevent, and before
 * there is a request nowhere else.
 */
static void on_accepted(evutil_socket_t fd, short what, void *context)
{
	struct metrics *m = context;

	(void)fd;
	(void)what;
	assert(m->magic == METRICS_MAGIC);
	for (size_t i = 0; i < METRICS_CONNECTIONS; i++) {
		struct place *p = &m->places[i];
		void *c;

		if (!p->bev || p->known)
			continue;
		bufferevent_getcb(p->bev, NULL, NULL, NULL, &c);
		assert(evhttp_connection_get_bufferevent(c) == p->bev);
		evhttp_connection_set_closecb(c, on_end, p);
		p->known = true;
	}
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
	struct metrics *m = context;

	(void)fd;
	(void)what;
	assert(m->magic == METRICS_MAGIC);
	listen_again(m);
}

static void on_accept_failed(struct evconnlistener *l, void *context)
{
	struct metrics *m = context;
	struct timeval pause = milliseconds(PAUSE_MS);

	assert(m->magic == METRICS_MAGIC);
	log_line("metrics: accepting: %s; pausing for a second", strerror(errno));
	evconnlistener_disable(l);
	evtimer_add(m->resume, &pause);
}

/* Beginning and end. */

/*
 * evhttp wants its peers' names as numbers, and ends the process where the C library
 * has none for a unix socket (musl).
 */
static bool peers_have_names(int fd, struct buf *why)
{
	struct sockaddr_un peer = {.sun_family = AF_UNIX};
	struct sockaddr_storage own = {0};
	socklen_t n = sizeof own;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&own, &n) != 0) {
		buf_printf(why, "the metrics' listening socket: %s", strerror(errno));
		return false;
	}
	if (own.ss_family != AF_UNIX ||
	    getnameinfo((struct sockaddr *)&peer, offsetof(struct sockaddr_un, sun_path), host,
		sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		return true;
	buf_addz(why,
	    "metrics cannot be served on a unix socket with this C library: write "
	    "127.0.0.1:PORT");
	return false;
}

static bool make_places(struct metrics *m, struct event_base *base)
{
	for (size_t i = 0; i < METRICS_CONNECTIONS; i++) {
		struct place *p = &m->places[i];

		p->metrics = m;
		p->deadline = evtimer_new(base, on_deadline, p);
		if (!p->deadline)
			return false;
	}
	m->resume = evtimer_new(base, on_resume, m);
	m->accepted = event_new(base, -1, 0, on_accepted, m);
	return m->resume && m->accepted;
}

static bool make_http(struct metrics *m, struct event_base *base)
{
	m->http = evhttp_new(base);
	if (!m->http)
		return false;
	evhttp_set_allowed_methods(m->http, EVERY_METHOD);
	evhttp_set_max_headers_size(m->http, METRICS_HEADERS_MAX);
	evhttp_set_max_body_size(m->http, 0);
	evhttp_set_bevcb(m->http, on_accept, m);
	evhttp_set_gencb(m->http, on_request, m);
	return true;
}

/* The socket listens already, hence the backlog of 0. */
static bool make_listener(struct metrics *m, struct event_base *base)
{
	struct evconnlistener *l;

	if (evutil_make_socket_nonblocking(m->fd) != 0)
		return false;
	l = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, m->fd);
	if (!l)
		return false;
	if (!evhttp_bind_listener(m->http, l)) {
		evconnlistener_free(l);
		return false;
	}
	m->listener = l;
	evconnlistener_set_error_cb(l, on_accept_failed);
	return true;
}

struct metrics *metrics_new(
    struct event_base *base, int fd, const struct metrics_source *source, struct buf *why)
{
	struct metrics *m;

	if (!peers_have_names(fd, why)) {
		close(fd);
		return NULL;
	}
	m = mem_zalloc(1, sizeof *m);
	m->magic = METRICS_MAGIC;
	m->source = *source;
	m->fd = fd;
	if (make_places(m, base) && make_http(m, base) && make_listener(m, base))
		return m;
	buf_printf(why, "starting to serve metrics: %s", strerror(errno));
	metrics_free(m);
	return NULL;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	assert(m->magic == METRICS_MAGIC);
	m->closing = true;
	if (m->http)
		evhttp_free(m->http);
	for (size_t i = 0; i < METRICS_CONNECTIONS; i++)
		if (m->places[i].deadline)
			event_free(m->places[i].deadline);
	if (m->resume)
		event_free(m->resume);
	if (m->accepted)
		event_free(m->accepted);
	close(m->fd);
	m->magic = 0;
	free(m);
}
