#include "config.h"

#include "serve/answer.h"
#include "base/clock.h"
#include "protocol/gemini.h"
#include "protocol/gemini_reply.h"
#include "protocol/gopher.h"
#include "protocol/gopher_reply.h"
#include "serve/frame.h"

void answer_init(struct answer *a, const struct settings *s, struct digest *d, uint16_t gopher_port,
    uint16_t gemini_port)
{
	*a = (struct answer){
	    .settings = s,
	    .digest = digest_ref(d),
	    .site = {s->hosts[0], gopher_port, gemini_port},
	    .cache = cache_new((size_t)s->cache_size * 1024),
	    .arena = arena_new(0),
	};
}

void answer_clear(struct answer *a)
{
	digest_unref(a->digest);
	cache_free(a->cache);
	arena_free(a->arena);
	*a = (struct answer){0};
}

/* Puts the bytes into the reply: a small one into its head, which saves a blob. */
static void set_reply(struct net_reply *r, struct buf *bytes, int status)
{
	r->status = status;
	if (bytes->len <= sizeof r->head) {
		if (bytes->len > 0)
			memcpy(r->head, bytes->p, bytes->len);
		r->head_len = bytes->len;
		buf_free(bytes);
	} else {
		r->body = blob_take(bytes);
	}
}

/* As set_reply, and keeps the reply under key. */
static void set_kept(struct answer *a, struct net_reply *r, struct buf *bytes, int status,
    struct str key, int64_t expires, uint64_t stamp)
{
	struct cache_value v = {blob_take(bytes), status, expires, stamp};

	cache_put(a->cache, key, &v);
	r->status = status;
	r->body = v.blob;
}

static bool from_cache(
    struct answer *a, struct net_reply *r, struct str key, int64_t now, uint64_t stamp)
{
	const struct cache_value *v = cache_get(a->cache, key, now, stamp);

	if (!v)
		return false;
	r->status = v->status;
	r->body = blob_ref(v->blob);
	return true;
}

static void reply_file(struct answer *a, const struct frame *f, const struct static_file *file,
    struct str key, struct net_reply *r)
{
	struct files_open open;
	struct buf bytes = {0};
	enum files_form form;

	if (!files_open(file->name, &open)) {
		set_reply(r, &bytes, f->failure(&bytes));
		return;
	}
	form = f->file(file->path, a->settings->gopher_text_dots, &bytes);
	if (open.size > FILES_HELD_MAX) {
		set_reply(r, &bytes, GEMINI_SUCCESS);
		files_stream(&open, form, r);
		return;
	}
	if (from_cache(a, r, key, 0, open.stamp)) {
		files_close(&open);
		buf_free(&bytes);
	} else if (files_read(&open, form, &bytes)) {
		set_kept(a, r, &bytes, GEMINI_SUCCESS, key, INT64_MAX, open.stamp);
	} else {
		bytes.len = 0;
		set_reply(r, &bytes, f->failure(&bytes));
	}
}

void answer_path(
    struct answer *a, enum pages_protocol protocol, struct str path, struct net_reply *r)
{
	const struct frame *f = protocol == PAGES_GOPHER ? &frame_gopher : &frame_gemini;
	struct str key = arena_printf(a->arena, "%d%.*s", (int)protocol, STR_ARGS(path));
	struct pages_request q = {a->digest, clock_wall(), path, protocol, a->arena};
	struct pages_answer p;
	struct buf bytes = {0};
	int status;

	if (from_cache(a, r, key, q.now, 0))
		return;
	p = pages_find(&q);
	if (p.kind == PAGES_FILE) {
		reply_file(a, f, p.file, key, r);
		return;
	}
	status = f->reply(&p, &a->site, a->settings->gopher_text_dots, &bytes);
	if (p.kind == PAGES_PAGE || p.kind == PAGES_TEXT)
		set_kept(a, r, &bytes, status, key, digest_next_due(a->digest, q.now), 0);
	else
		set_reply(r, &bytes, status);
}

static void gopher_error(struct net_reply *r, int status, const char *message)
{
	struct buf bytes = {0};

	gopher_reply_error(&bytes, str_of(message));
	set_reply(r, &bytes, status);
}

static void gopher_selector(struct answer *a, struct str selector, struct net_reply *r)
{
	struct buf path = {0};

	if (gopher_path(&path, selector))
		answer_path(a, PAGES_GOPHER, buf_str(&path), r);
	else
		gopher_error(r, GEMINI_NOT_FOUND, "Not found: there is no such page");
	buf_free(&path);
}

static void gopher_url(struct str url, struct net_reply *r)
{
	struct buf bytes = {0};

	if (gopher_reply_url(&bytes, url))
		set_reply(r, &bytes, GEMINI_SUCCESS);
	else
		gopher_error(r, GEMINI_NOT_OURS, "This is no link to follow from here");
	buf_free(&bytes);
}

static void gopher_http(struct answer *a, struct str method, struct net_reply *r)
{
	struct buf bytes = {0}, gopher = {0}, gemini = {0};

	if (a->site.gopher_port)
		link_gopher_url(&gopher, &a->site, STR("/"));
	if (a->site.gemini_port)
		link_gemini_url(&gemini, &a->site, STR("/"));
	gopher_reply_http(&bytes, str_eq(method, STR("HEAD")), a->digest->site.title,
	    buf_str(&gopher), buf_str(&gemini));
	set_reply(r, &bytes, GEMINI_NOT_OURS);
	buf_free(&gopher);
	buf_free(&gemini);
}

enum net_verdict answer_gopher(struct answer *a, const struct net_request *q, struct net_reply *r)
{
	struct gopher_request g;

	switch (gopher_parse(q->bytes.p, q->bytes.n, &g)) {
	case GOPHER_PARTIAL:
		return NET_MORE;
	case GOPHER_BAD:
		gopher_error(r, GEMINI_BAD_REQUEST, "This request is too long, or not text");
		return NET_REPLY;
	case GOPHER_DONE:
		break;
	}
	arena_reset(a->arena);
	switch (g.kind) {
	case GOPHER_TLS:
		return NET_DROP;
	case GOPHER_URL:
		gopher_url(g.selector, r);
		break;
	case GOPHER_HTTP:
		gopher_http(a, g.selector, r);
		break;
	case GOPHER_SELECTOR:
		gopher_selector(a, g.selector, r);
		break;
	}
	return NET_REPLY;
}

static void gemini_error(struct net_reply *r, int status, const char *message)
{
	r->status = status;
	r->head_len = gemini_reply_head(r->head, status, str_of(message));
}

/* M-08: one of our names, or the address that the client connected to. */
static bool is_our_host(const struct answer *a, const struct net_request *q, const struct uri *u)
{
	for (size_t i = 0; i < a->settings->nhosts; i++)
		if (gemini_host_is(u->host, a->settings->hosts[i]))
			return true;
	return address_is(q->local, u->host);
}

/*
 * M-09: the port that readers see; or the one that the client came to, unless
 * ports are mapped and what readers see is for the operator to say.
 */
static bool is_our_port(const struct answer *a, const struct net_request *q, const struct uri *u)
{
	uint16_t port = u->port ? u->port : LINK_GEMINI_PORT;

	return port == a->site.gemini_port ||
	    (a->settings->gemini_port == 0 && port == address_port(q->local));
}

static void gemini_uri(
    struct answer *a, const struct net_request *q, const struct uri *u, struct net_reply *r)
{
	struct buf path = {0};

	if (!is_our_host(a, q, u))
		gemini_error(r, GEMINI_NOT_OURS,
		    "Not served here: this server has another name, and is no proxy");
	else if (!is_our_port(a, q, u))
		gemini_error(r, GEMINI_NOT_OURS,
		    "Not served here: this server has another port, and is no proxy");
	else if (!uri_route_path(&path, u->path))
		gemini_error(r, GEMINI_NOT_FOUND, "Not found: there is no such page");
	else
		answer_path(a, PAGES_GEMINI, buf_str(&path), r);
	buf_free(&path);
}

enum net_verdict answer_gemini(struct answer *a, const struct net_request *q, struct net_reply *r)
{
	struct gemini_request g;

	switch (gemini_parse(q->bytes.p, q->bytes.n, &g)) {
	case GEMINI_PARTIAL:
		return NET_MORE;
	case GEMINI_BAD:
		arena_reset(a->arena);
		gemini_error(r, g.status,
		    arena_printf(a->arena, "%s: %s",
			g.status == GEMINI_NOT_OURS ? "Not served here" : "Bad request", g.why)
			.p);
		return NET_REPLY;
	case GEMINI_DONE:
		break;
	}
	arena_reset(a->arena);
	gemini_uri(a, q, &g.uri, r);
	return NET_REPLY;
}
