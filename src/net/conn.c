/*
 * The connection and its states.
 *
 *     conn_begin ----> PROXY
 *      |<----------------+ step_proxy
 *      | TLS         | either    | plain
 *      |             v           |
 *      |<--------- FIRST ------->|
 *      v         step_first      v
 *   HANDSHAKE -------------> REQUEST ------------> RESPONSE
 *      |    step_handshake     |  |  step_request   ^  |
 *      |                       |  |                 |  |
 *      |                       |  +----> WAIT ------+  | step_response
 *      |                       |          |  conn_answer, answer_late
 *      | give_up               | give_up  | give_up    |
 *      +---------> FINISH <----+----------+------------+
 *                    |
 *                    | step_finish
 *                    v
 *                  LINGER -----------> CLOSED ----> freed by conn_table_reap
 *                        step_linger     ^
 *                                        |
 *                     from any state: close_now
 *
 * A connection begins in PROXY, and leaves it at once where no header is wanted.
 *
 * In every state but CLOSED the connection is in one list of the table (open, or
 * waiting in WAIT, or lingering in LINGER) and counted; its socket is open and the
 * deadline of the phase is set. When a callback returns, the connection waits: its
 * events are registered and its timer runs.
 *
 * PROXY      On a listener that wants one, and from a peer that is listed: the
 *            header is not here whole; what there is of it was looked at and left in
 *            the socket, and nothing is allocated. Deadline: request_ms from
 *            accept. From here on peer is what the header says.
 * FIRST      Nothing came yet; the stream counts as plain until the first byte
 *            tells. Nothing is allocated beyond the struct. Deadline: request_ms
 *            from accept, which a plain request keeps.
 * HANDSHAKE  No request. Before the first byte nothing is allocated beyond the
 *            struct. Deadline: handshake_ms from accept, or from FIRST's end.
 * REQUEST    The stream can be read. The exchange (request bytes and reply) is
 *            there once the first byte has come; it holds less than
 *            request_bytes, and the handler has seen all of it and said
 *            NET_MORE. Deadline: request_ms from accept or handshake.
 * WAIT       The handler has the whole request and said NET_LATER; the reply is
 *            empty, and conn_table_answer finds the connection by its ticket.
 *            Whatever the client says is thrown away, and its end is no reason
 *            not to answer. Deadline: response_ms; then the handler says what
 *            goes out instead (late), or nothing does.
 * RESPONSE   The reply is filled in; sent bytes of it have been taken by the
 *            stream. Whatever the client says is thrown away. Deadline:
 *            response_ms, plus the time that the size needs at least_speed.
 * FINISH     The stream holds all that will be said, and reason says why.
 *            Deadline: still the response's; linger_ms when there is no reply.
 * LINGER     The handler knows the outcome; stream and exchange are released.
 *            Our direction is closed; what still comes is thrown away, so
 *            that no RST overtakes the reply (G-19, M-23). Deadline:
 *            linger_ms. When the table is full, the oldest is closed early.
 * CLOSED     Reported, without events, in the table's list of the dead.
 */
#include "config.h"

#include "net/conn.h"
#include "base/clock.h"
#include "net/peers.h"
#include "net/proxy.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#define CONN_MAGIC 0x636f6e6eu

/* Bytes written for one connection before others get their turn. */
#define TURN_MAX ((size_t)1024 * 1024)

/* Microseconds between two lines in the log about PROXY headers. */
#define PROXY_TOLD_US (INT64_C(10) * 1000000)

/* Seconds that a large body adds to its deadline, at most. */
#define EXTRA_MAX 1000000

static void on_io(evutil_socket_t fd, short what, void *arg);
static void on_timer(evutil_socket_t fd, short what, void *arg);

/* ------------------------------------------------------------- the phases */

#define BIT(state) (1u << (state))

/* Which states may follow. */
static const uint16_t legal[CONN_STATES] = {
    [CONN_PROXY] = BIT(CONN_FIRST) | BIT(CONN_HANDSHAKE) | BIT(CONN_REQUEST) | BIT(CONN_CLOSED),
    [CONN_FIRST] = BIT(CONN_HANDSHAKE) | BIT(CONN_REQUEST) | BIT(CONN_CLOSED),
    [CONN_HANDSHAKE] = BIT(CONN_REQUEST) | BIT(CONN_FINISH) | BIT(CONN_CLOSED),
    [CONN_REQUEST] = BIT(CONN_WAIT) | BIT(CONN_RESPONSE) | BIT(CONN_FINISH) | BIT(CONN_CLOSED),
    [CONN_WAIT] = BIT(CONN_RESPONSE) | BIT(CONN_FINISH) | BIT(CONN_CLOSED),
    [CONN_RESPONSE] = BIT(CONN_FINISH) | BIT(CONN_CLOSED),
    [CONN_FINISH] = BIT(CONN_LINGER) | BIT(CONN_CLOSED),
    [CONN_LINGER] = BIT(CONN_CLOSED),
};

static void set_state(struct conn *c, enum conn_state to)
{
	assert(legal[c->state] & BIT(to));
	conn_table_move(c, to);
	c->state = to;
}

static void set_response_deadline(struct conn *c)
{
	const struct net_limits *l = &c->table->limits;
	const struct net_reply *r = &c->x->reply;
	uint64_t size = r->size ? r->size : r->body ? r->body->n : 0;
	uint64_t extra = size / (l->least_speed ? l->least_speed : 1);

	if (extra == 0)
		deadline_set(&c->deadline, c->table->response);
	else
		deadline_set_ms(&c->deadline,
		    l->response_ms + (unsigned long)(extra < EXTRA_MAX ? extra : EXTRA_MAX) * 1000);
}

/*
 * Registers the socket for what the connection waits for. Edge-triggered, and
 * a new registration reports what is there already, so nothing is missed.
 */
static void watch(struct conn *c)
{
	short want = (short)(EV_READ | (c->stream.blocked ? EV_WRITE : 0) | c->watched);

	if (want == c->watched)
		return;
	if (c->watched)
		event_del(&c->io);
	event_assign(
	    &c->io, c->table->base, c->stream.fd, (short)(want | EV_ET | EV_PERSIST), on_io, c);
	if (event_add(&c->io, NULL) != 0)
		event_active(&c->io, EV_READ, 0);
	c->watched = want;
}

/* ------------------------------------------------------ talk to the handler */

/* The address that the client connected to; on a wildcard listener the system must be asked. */
static struct net_address local_name(struct conn *c)
{
	socklen_t len = sizeof c->local;

	if (!c->origin->any)
		return c->origin->local;
	if (!c->named && getsockname(c->stream.fd, &c->local.any, &len) != 0)
		return c->origin->local;
	c->named = true;
	return address_expand(&c->local);
}

static struct net_request describe(struct conn *c)
{
	struct conn_table *t = c->table;

	t->peer = address_expand(&c->peer);
	t->local = local_name(c);
	return (struct net_request){
	    .ticket = c->ticket,
	    .tag = c->origin->tag,
	    .tls = c->stream.kind == &stream_tls,
	    .sni = c->stream.kind->sni(&c->stream),
	    .peer = &t->peer,
	    .counted = c->counted,
	    .local = &t->local,
	    .bytes = {c->x ? c->x->bytes : NULL, c->x ? c->x->n : 0},
	    .eof = c->eof,
	};
}

/* Tells the handler of a connection that has said nothing. */
static void report_unheard(struct conn *c, bool news)
{
	const struct net_handler *h = &c->table->handler;

	c->reported = true;
	c->table->peer = address_expand(&c->peer);
	if (h->unheard)
		h->unheard(h->app, &c->table->peer, (enum net_reason)c->reason, news);
}

/* Tells the handler once how it went, unless the client never said a thing. */
static void report(struct conn *c)
{
	struct net_outcome o = {
	    .reason = (enum net_reason)c->reason,
	    .bytes = c->x ? c->x->sent : 0,
	    .note = c->stream.note,
	};
	struct net_request q;

	if (c->reported)
		return;
	c->reported = true;
	if (!c->stream.heard) {
		report_unheard(c, false);
		return;
	}
	o.secured = c->stream.secured;
	o.resumed = c->stream.resumed;
	o.us = clock_monotonic_us() - c->accepted_us;
	q = describe(c);
	c->table->handler.done(c->table->handler.app, &q, c->replied ? &c->x->reply : NULL, &o);
}

/* ------------------------------------------------------- begin and end */

/* Gives back all but the struct, the socket and its events. */
static void release(struct conn *c)
{
	c->stream.kind->release(&c->stream);
	exchange_give(&c->table->exchanges, c->x);
	c->x = NULL;
}

/* A cut reply must not look like a whole one, nor fill the system's buffers: end it with an RST. */
static bool must_abort(const struct conn *c)
{
	return c->replied && !c->reported &&
	    (c->reason == NET_RESPONSE_TIMEOUT || c->reason == NET_SOURCE_FAILED ||
		c->reason == NET_SHUTDOWN);
}

/* Ends the connection, whatever its state; the one way out. It is freed at the end of the turn. */
static void close_now(struct conn *c, enum net_reason reason)
{
	c->reason = (uint8_t)reason;
	if (must_abort(c))
		stream_abort(&c->stream);
	report(c);
	set_state(c, CONN_CLOSED);
	if (c->watched)
		event_del(&c->io);
	deadline_end(&c->deadline);
	if (c->counted)
		peers_leave(c->table->limits.peers, c->counted);
	c->counted = NULL;
}

/* Closes a connection that may not be here, without a byte. */
static void refuse(struct conn *c, enum net_reason reason, bool news)
{
	c->reason = (uint8_t)reason;
	report_unheard(c, news);
	close_now(c, reason);
}

/* Ends without a reply; over TLS that still takes a close_notify (M-11). Returns true to go on. */
static bool give_up(struct conn *c, enum net_reason reason)
{
	if (!c->stream.kind->speaks(&c->stream)) {
		close_now(c, reason);
		return false;
	}
	c->reason = (uint8_t)reason;
	set_state(c, CONN_FINISH);
	deadline_set(&c->deadline, c->table->linger);
	return true;
}

/* -------------------------------------------------------------- the steps */

/* Counts the connection as one of its address. False, having closed it: it is one too many. */
static bool enter(struct conn *c)
{
	struct peers *peers = c->table->limits.peers;
	struct net_address peer;
	bool first = false;

	if (!peers)
		return true;
	peer = address_expand(&c->peer);
	if (peers_enter(peers, &peer, &c->counted, &first))
		return true;
	refuse(c, NET_ADDRESS_LIMIT, first);
	return false;
}

/* How a connection begins, once it is known whose it is. */
static const struct beginning {
	enum conn_state state;
	const struct stream_kind *kind;
} beginnings[] = {
    [NET_PLAIN] = {CONN_REQUEST, &stream_plain},
    [NET_TLS] = {CONN_HANDSHAKE, &stream_tls},
    [NET_EITHER] = {CONN_FIRST, &stream_plain},
};

/* Some proxy of ours is wrong, or somebody tries something: one line in a while will do. */
static void refuse_proxy(struct conn *c)
{
	int64_t now = clock_monotonic_us();
	bool news = c->table->proxy_told_us == 0 || now - c->table->proxy_told_us > PROXY_TOLD_US;

	if (news)
		c->table->proxy_told_us = now;
	refuse(c, NET_BAD_PROXY, news);
}

static union address_compact compact(const struct net_address *a)
{
	union address_compact c;

	memset(&c, 0, sizeof c);
	memcpy(&c, &a->ss, a->len < sizeof c ? a->len : sizeof c);
	return c;
}

/*
 * Takes the header out of the socket; what follows is for the stream to read. Only whose connection
 * it is changes, not what names and ports are ours (P-05).
 */
static bool take_header(struct conn *c, const struct proxy_header *h)
{
	char bytes[PROXY_MAX];

	if (recv(c->stream.fd, bytes, h->length, 0) != (ssize_t)h->length)
		return false;
	if (h->known)
		c->peer = compact(&h->source);
	return true;
}

/* Goes on as the connection's listener has it. */
static bool begin(struct conn *c)
{
	const struct beginning *b = &beginnings[c->origin->security];

	if (!enter(c))
		return false;
	c->stream.kind = b->kind;
	set_state(c, b->state);
	if (b->state == CONN_HANDSHAKE)
		deadline_set(&c->deadline, c->table->handshake);
	return true;
}

/* P-01: no byte goes out before the header has come, and none when it is wrong. */
static bool step_proxy(struct conn *c)
{
	char bytes[PROXY_MAX];
	struct proxy_header h;
	ssize_t n = recv(c->stream.fd, bytes, sizeof bytes, MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return false;
	if (n <= 0) {
		close_now(c, NET_NO_REQUEST);
		return false;
	}
	switch (proxy_parse(bytes, (size_t)n, &h)) {
	case PROXY_PARTIAL:
		return false;
	case PROXY_DONE:
		if (take_header(c, &h))
			return begin(c);
		close_now(c, NET_CLIENT_GONE);
		return false;
	default:
		refuse_proxy(c);
		return false;
	}
}

static bool step_first(struct conn *c)
{
	enum stream_result r = stream_tls_tell(&c->stream);

	if (r == STREAM_AGAIN)
		return false;
	if (r != STREAM_OK)
		return give_up(c, NET_NO_REQUEST);
	if (!c->stream.kind->open) {
		set_state(c, CONN_REQUEST);
		return true;
	}
	set_state(c, CONN_HANDSHAKE);
	deadline_set(&c->deadline, c->table->handshake);
	return true;
}

static bool step_handshake(struct conn *c)
{
	switch (c->stream.kind->open(&c->stream)) {
	case STREAM_OK:
		set_state(c, CONN_REQUEST);
		c->turn_us = clock_monotonic_us();
		deadline_set(&c->deadline, c->table->request);
		return true;
	case STREAM_AGAIN:
		return false;
	default:
		return give_up(c, c->stream.heard ? NET_HANDSHAKE_FAILED : NET_NO_REQUEST);
	}
}

static void begin_response(struct conn *c)
{
	assert(c->x->reply.head_len <= NET_HEAD_MAX);
	c->replied = true;
	set_state(c, CONN_RESPONSE);
	set_response_deadline(c);
}

/* No reply came in time: what the handler says instead, if it has a word for that (G-05, M-19). */
static void answer_late(struct conn *c)
{
	const struct net_handler *h = &c->table->handler;
	struct net_request q;

	if (!h->late) {
		give_up(c, NET_RESPONSE_TIMEOUT);
		return;
	}
	q = describe(c);
	h->late(h->app, &q, &c->x->reply);
	begin_response(c);
}

/* New bytes, or the end of them: the handler decides. Returns true to go on. */
static bool ask(struct conn *c)
{
	struct exchange *x = c->x;
	struct net_request q = describe(c);

	switch (c->table->handler.request(c->table->handler.app, &q, &x->reply)) {
	case NET_REPLY:
		begin_response(c);
		return true;
	case NET_LATER:
		set_state(c, CONN_WAIT);
		deadline_set(&c->deadline, c->table->response);
		return true;
	case NET_DROP:
		return give_up(c, NET_DROPPED);
	case NET_MORE:
		break;
	}
	if (c->eof)
		return give_up(c, NET_NO_REQUEST);
	if (x->n == c->table->limits.request_bytes)
		return give_up(c, NET_DROPPED);
	return true;
}

static bool step_request(struct conn *c)
{
	struct exchange *x = c->x ? c->x : exchange_take(&c->table->exchanges);
	size_t got = 0;
	enum stream_result r = c->stream.kind->read(
	    &c->stream, x->bytes + x->n, c->table->limits.request_bytes - x->n, &got);

	c->x = x;
	x->n += got;
	c->eof = r == STREAM_EOF;
	if (r == STREAM_FAILED)
		return give_up(c, NET_CLIENT_GONE);
	if (r == STREAM_EOF && !c->stream.heard)
		return give_up(c, NET_NO_REQUEST);
	if (r != STREAM_AGAIN)
		return ask(c);
	if (x->n == 0) {
		exchange_give(&c->table->exchanges, x);
		c->x = NULL;
	}
	return false;
}

static bool step_wait(struct conn *c)
{
	if (stream_discard(&c->stream) == STREAM_FAILED)
		close_now(c, NET_CLIENT_GONE);
	return false;
}

/* Hands the stream as much as it takes, then lets others have their turn. */
static bool step_response(struct conn *c)
{
	struct exchange *x = c->x;

	for (size_t turn = 0, taken; turn < TURN_MAX; turn += taken) {
		struct str head, body;
		enum stream_result r;

		if (!exchange_fill(&c->table->exchanges, x, c->stream.kind->piece)) {
			close_now(c, NET_SOURCE_FAILED);
			return false;
		}
		head = exchange_head(x);
		body = exchange_body(x);
		if (head.n + body.n == 0) {
			c->reason = NET_DONE;
			set_state(c, CONN_FINISH);
			return true;
		}
		r = c->stream.kind->write(&c->stream, head, str_sub(body, 0, TURN_MAX),
		    !x->reply.source.read && body.n <= TURN_MAX, &taken);
		exchange_taken(x, taken);
		if (r == STREAM_FAILED)
			close_now(c, NET_CLIENT_GONE);
		if (r != STREAM_OK)
			return false;
	}
	watch(c);
	event_active(&c->io, EV_WRITE, 0);
	return false;
}

/* Why it ended, when the client goes before all is sent. */
static enum net_reason reason_if_lost(const struct conn *c)
{
	if (c->state == CONN_RESPONSE || c->reason == NET_DONE)
		return NET_CLIENT_GONE;
	return (enum net_reason)c->reason;
}

static bool step_finish(struct conn *c)
{
	enum stream_result r = c->stream.kind->finish(&c->stream);

	if (r == STREAM_AGAIN)
		return false;
	if (r == STREAM_FAILED) {
		close_now(c, reason_if_lost(c));
		return false;
	}
	if (c->stream.ended || c->table->limits.linger_ms == 0) {
		close_now(c, (enum net_reason)c->reason);
		return false;
	}
	report(c);
	release(c);
	set_state(c, CONN_LINGER);
	deadline_set(&c->deadline, c->table->linger);
	return c->watched != 0;
}

static bool step_linger(struct conn *c)
{
	if (stream_discard(&c->stream) != STREAM_AGAIN)
		close_now(c, (enum net_reason)c->reason);
	return false;
}

static bool step_closed(struct conn *c)
{
	(void)c;
	return false;
}

/* Goes as far as it can without waiting, then waits. */
static void advance(struct conn *c)
{
	static bool (*const step[CONN_STATES])(struct conn * c) = {
	    [CONN_PROXY] = step_proxy,
	    [CONN_FIRST] = step_first,
	    [CONN_HANDSHAKE] = step_handshake,
	    [CONN_REQUEST] = step_request,
	    [CONN_WAIT] = step_wait,
	    [CONN_RESPONSE] = step_response,
	    [CONN_FINISH] = step_finish,
	    [CONN_LINGER] = step_linger,
	    [CONN_CLOSED] = step_closed,
	};

	while (step[c->state](c))
		;
	if (c->state == CONN_CLOSED)
		return;
	watch(c);
	deadline_arm(&c->deadline, c->table->base, on_timer, c);
}

/* ---------------------------------------------------------- the callbacks */

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	assert(c->magic == CONN_MAGIC);
	if ((what & EV_READ) && (c->state == CONN_RESPONSE || c->state == CONN_FINISH) &&
	    stream_discard(&c->stream) == STREAM_FAILED)
		close_now(c, reason_if_lost(c));
	advance(c);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	assert(c->magic == CONN_MAGIC);
	if (c->state == CONN_HANDSHAKE)
		close_now(c, NET_HANDSHAKE_TIMEOUT);
	else if (c->state == CONN_PROXY || c->state == CONN_FIRST || c->state == CONN_REQUEST)
		give_up(c, NET_REQUEST_TIMEOUT);
	else if (c->state == CONN_WAIT)
		answer_late(c);
	else if (c->state == CONN_RESPONSE || (c->state == CONN_FINISH && c->reason == NET_DONE))
		close_now(c, NET_RESPONSE_TIMEOUT);
	else
		close_now(c, (enum net_reason)c->reason);
	advance(c);
}

/* -------------------------------------------------- what the table asks for */

/* P-01: is the peer a proxy that is believed? If not, closes the connection. */
static bool is_listed(struct conn *c)
{
	const struct net_limits *l = &c->table->limits;
	struct net_address peer = address_expand(&c->peer);

	if (network_has(l->proxies, l->nproxies, &peer))
		return true;
	refuse_proxy(c);
	return false;
}

void conn_begin(struct conn *c, int fd, const struct sockaddr *peer, socklen_t len)
{
	c->magic = CONN_MAGIC;
	c->state = CONN_PROXY;
	c->table->states[c->state]++;
	c->stream = (struct stream){
	    .kind = &stream_plain,
	    .fd = fd,
	    .worker = c->table->tls,
	    .store = &c->origin->tls,
	};
	memcpy(&c->peer, peer, len < sizeof c->peer ? len : sizeof c->peer);
	c->accepted_us = c->turn_us = clock_monotonic_us();
	deadline_set(&c->deadline, c->table->request);
	if (!c->origin->proxy ? !begin(c) : !is_listed(c))
		return;
	advance(c);
}

void conn_answer(struct conn *c, struct net_reply *r)
{
	c->x->reply = *r;
	begin_response(c);
	advance(c);
}

static bool is_idle(const struct conn *c)
{
	return !c->stream.heard || (c->state == CONN_REQUEST && !c->x);
}

void conn_drain(struct conn *c, int64_t before_us)
{
	if (c->turn_us < before_us && is_idle(c) && give_up(c, NET_SHUTDOWN))
		advance(c);
}

void conn_end(struct conn *c)
{
	if (c->state == CONN_LINGER) {
		close_now(c, (enum net_reason)c->reason);
		return;
	}
	if ((c->state == CONN_REQUEST || c->state == CONN_WAIT) && give_up(c, NET_SHUTDOWN))
		advance(c);
	if (c->state != CONN_LINGER && c->state != CONN_CLOSED)
		close_now(c, NET_SHUTDOWN);
}

void conn_clear(struct conn *c)
{
	release(c);
	close(c->stream.fd);
	c->magic = 0;
}
