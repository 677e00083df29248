#include "config.h"

#include "serve/answer.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "protocol/gemini.h"
#include "protocol/gemini_reply.h"
#include "protocol/gopher.h"
#include "protocol/gopher_reply.h"
#include "serve/frame.h"
#include "serve/names.h"

void answer_init(struct answer *a, const struct settings *s, struct digest *d, uint16_t gopher_port,
    uint16_t gemini_port)
{
	*a = (struct answer){
	    .settings = s,
	    .digest = digest_ref(d),
	    .site = {s->hosts[0], gopher_port, gemini_port, s->hosts[0]},
	    .cache = cache_new((size_t)s->cache_size * 1024),
	    .arena = arena_new(0),
	    .random = (uint64_t)clock_monotonic_us(),
	};
}

void answer_clear(struct answer *a)
{
	digest_unref(a->digest);
	cache_free(a->cache);
	arena_free(a->arena);
	buf_free(&a->key);
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
	form = f->file(file->path, a->settings, &bytes);
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

/*
 * No secret depends on it: it only has to lead somewhere else each time (Knuth's MMIX
 * generator).
 */
static uint64_t draw(struct answer *a)
{
	a->random = a->random * 6364136223846793005u + 1442695040888963407u;
	return a->random >> 16;
}

static const struct frame *frame_of(enum pages_protocol protocol)
{
	return protocol == PAGES_GOPHER ? &frame_gopher : &frame_gemini;
}

void answer_busy(enum pages_protocol protocol, unsigned seconds, struct net_reply *r)
{
	struct buf bytes = {0};
	int status = frame_of(protocol)->busy(seconds, &bytes);

	set_reply(r, &bytes, status);
}

/* False, with the reply filled in, for one who has asked too much of late (M-20). */
static bool may_ask(struct answer *a, enum pages_protocol protocol, const struct net_request *q,
    struct net_reply *r)
{
	unsigned seconds = a->admit ? a->admit(a->context, q) : 0;

	if (seconds > 0)
		answer_busy(protocol, seconds, r);
	return seconds == 0;
}

/* What takes long is done where it holds up nobody, if somebody is there and has room. */
static enum net_verdict hand_over(
    struct answer *a, const struct answer_request *q, struct net_reply *r)
{
	if (a->later && a->later(a->context, q))
		return NET_LATER;
	answer_busy(q->protocol, ANSWER_BUSY, r);
	return NET_REPLY;
}

/*
 * Where the reply is kept. A path begins with a slash, which no name has in it, and
 * holds no tab; words may hold anything.
 */
static struct str cache_key(struct answer *a, const struct answer_request *q, struct str name)
{
	a->key.len = 0;
	buf_printf(&a->key, "%d%d", (int)q->protocol, q->loose);
	buf_add(&a->key, name);
	buf_add(&a->key, q->path);
	buf_addc(&a->key, '\t');
	if (pages_takes_words(q->path))
		buf_add(&a->key, q->words);
	return buf_str(&a->key);
}

struct pages_request answer_page_request(struct answer *a, const struct answer_request *q)
{
	return (struct pages_request){
	    .digest = a->digest,
	    .now = clock_wall(),
	    .path = q->path,
	    .words = q->words,
	    .loose = q->loose,
	    .random = draw(a),
	    .protocol = q->protocol,
	    .gophers_port =
		a->settings->gopher_tls && a->site.gemini_port ? a->site.gopher_port : 0,
	    .charset = a->settings->gopher_charset,
	    .patient = a->patient,
	    .search = a->search,
	    .arena = a->arena,
	};
}

/* The bytes of a page, kept where it stays true for a while. */
static void reply_page_bytes(struct answer *a, const struct answer_request *q,
    const struct pages_answer *p, const struct link_site *site, struct str key, int64_t now,
    struct net_reply *r)
{
	struct buf bytes = {0};
	int status = frame_of(q->protocol)->reply(p, site, a->settings, &bytes);

	if (p->kind == PAGES_PAGE || p->kind == PAGES_TEXT || p->kind == PAGES_FEED)
		set_kept(a, r, &bytes, status, key, digest_next_due(a->digest, now), 0);
	else
		set_reply(r, &bytes, status);
}

enum net_verdict answer_find(struct answer *a, const struct answer_request *q, struct net_reply *r)
{
	struct link_site site = a->site;
	struct pages_request page = answer_page_request(a, q);
	struct pages_answer p;
	struct str key;

	if (q->name.n > 0)
		site.host = q->name;
	key = cache_key(a, q, site.host);
	if (from_cache(a, r, key, page.now, 0))
		return NET_REPLY;
	p = pages_find(&page);
	if (p.kind == PAGES_LATER)
		return hand_over(a, q, r);
	/* A file is the same under every name. */
	if (p.kind == PAGES_FILE)
		reply_file(a, frame_of(q->protocol), p.file, cache_key(a, q, STR("")), r);
	else
		reply_page_bytes(a, q, &p, &site, key, page.now, r);
	return NET_REPLY;
}

/* The message is plain ASCII, which every charset has. */
static void gopher_error(struct net_reply *r, int status, const char *message)
{
	struct buf bytes = {0};

	gopher_reply_error(&bytes, str_of(message), CHARSET_US_ASCII);
	set_reply(r, &bytes, status);
}

/*
 * The path of a selector, and the words that may follow it behind a question mark,
 * as they do in our own menus (G-14).
 */
static bool read_selector(struct str selector, struct buf *path, struct str *words)
{
	size_t mark = str_index(selector, '?');

	*words = str_skip(selector, mark + 1);
	if (mark < selector.n && gopher_path(path, str_sub(selector, 0, mark)) &&
	    pages_takes_words(buf_str(path)))
		return true;
	*words = STR("");
	path->len = 0;
	return gopher_path(path, selector);
}

/*
 * Words as text: an old client on a terminal without UTF-8 sends what it has, and
 * what is not UTF-8 is Latin-1 then.
 */
static struct str as_text(struct arena *a, struct str words)
{
	struct buf text = {0};
	struct str kept;

	if (utf8_valid(words, NULL))
		return words;
	for (size_t i = 0; i < words.n; i++)
		utf8_encode(&text, (unsigned char)words.p[i]);
	kept = arena_str(a, buf_str(&text));
	buf_free(&text);
	return kept;
}

static enum net_verdict gopher_selector(struct answer *a, const struct net_request *n,
    const struct gopher_request *g, struct net_reply *r)
{
	struct answer_request q = {.protocol = PAGES_GOPHER, .ticket = n->ticket};
	enum net_verdict verdict = NET_REPLY;
	struct buf path = {0};

	/* Over TLS, which is the one way to say it in Gopher. Another's name leaves it at our first. */
	if (n->sni)
		names_find(a->settings, NULL, str_of(n->sni), a->arena, &q.name);
	if (read_selector(g->selector, &path, &q.words)) {
		q.path = buf_str(&path);
		if (g->search.n > 0)
			q.words = g->search;
		q.words = as_text(a->arena, q.words);
		verdict = answer_find(a, &q, r);
	} else {
		gopher_error(r, GEMINI_NOT_FOUND, "Not found: there is no such page");
	}
	buf_free(&path);
	return verdict;
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
		link_gopher_url(&gopher, &a->site, STR("/"), STR(""));
	if (a->site.gemini_port)
		link_gemini_url(&gemini, &a->site, STR("/"), STR(""));
	gopher_reply_http(&bytes, str_eq(method, STR("HEAD")), a->digest->site.title,
	    buf_str(&gopher), buf_str(&gemini));
	set_reply(r, &bytes, GEMINI_NOT_OURS);
	buf_free(&gopher);
	buf_free(&gemini);
}

static enum net_verdict gopher_request(struct answer *a, const struct net_request *q,
    const struct gopher_request *g, struct net_reply *r)
{
	switch (g->kind) {
	case GOPHER_TLS:
		return NET_DROP;
	case GOPHER_URL:
		gopher_url(g->selector, r);
		break;
	case GOPHER_HTTP:
		gopher_http(a, g->selector, r);
		break;
	case GOPHER_SELECTOR:
		return gopher_selector(a, q, g, r);
	}
	return NET_REPLY;
}

enum net_verdict answer_gopher(struct answer *a, const struct net_request *q, struct net_reply *r)
{
	struct gopher_request g;
	enum gopher_result parsed = gopher_parse(q->bytes.p, q->bytes.n, &g);

	if (parsed == GOPHER_PARTIAL)
		return NET_MORE;
	arena_reset(a->arena);
	if (!may_ask(a, PAGES_GOPHER, q, r))
		return NET_REPLY;
	if (parsed == GOPHER_DONE)
		return gopher_request(a, q, &g, r);
	gopher_error(r, GEMINI_BAD_REQUEST, "This request is too long, or not text");
	return NET_REPLY;
}

static void gemini_error(struct net_reply *r, int status, const char *message)
{
	r->status = status;
	r->head_len = gemini_reply_head(r->head, status, str_of(message));
}

/*
 * M-15: sends the reader of an alias to the same place at the canonical name, with
 * the query, which clients do not carry over. What gets too long for that is told in words.
 */
static void gemini_alias(struct answer *a, const struct uri *u, struct net_reply *r)
{
	struct buf to = {0};

	link_gemini_url(&to, &a->site, STR(""), STR(""));
	uri_escape_link(&to, u->path.n ? u->path : STR("/"));
	if (u->has_query) {
		buf_addc(&to, '?');
		uri_escape_link(&to, u->query);
	}
	if (to.len <= GEMINI_URI_MAX)
		gemini_error(r, GEMINI_MOVED, buf_z(&to));
	else
		gemini_error(r, GEMINI_NOT_OURS,
		    arena_printf(a->arena, "Not served here: ask at %.*s", STR_ARGS(a->site.host))
			.p);
	buf_free(&to);
}

/* An answer to what is right as a request, at that name of ours. */
static enum net_verdict gemini_path(struct answer *a, const struct net_request *n, struct str name,
    const struct uri *u, struct net_reply *r)
{
	struct answer_request q = {.protocol = PAGES_GEMINI, .name = name, .ticket = n->ticket};
	enum net_verdict verdict = NET_REPLY;
	struct buf path = {0}, words = {0};

	if (uri_route_path(&path, u->path)) {
		uri_unescape(&words, u->query);
		q.path = buf_str(&path);
		q.words = buf_str(&words);
		q.loose = uri_has_empty_segment(u->path);
		verdict = answer_find(a, &q, r);
	} else {
		gemini_error(r, GEMINI_NOT_FOUND, "Not found: there is no such page");
	}
	buf_free(&path);
	buf_free(&words);
	return verdict;
}

static enum net_verdict gemini_uri(
    struct answer *a, const struct net_request *q, const struct uri *u, struct net_reply *r)
{
	struct str name = a->site.host;
	enum names_kind kind = names_find(a->settings, q->local, u->host, a->arena, &name);

	if (kind == NAMES_FOREIGN)
		gemini_error(r, GEMINI_NOT_OURS,
		    "Not served here: this server has another name, and is no proxy");
	else if (!names_port_is_ours(a->settings, q->local, a->site.gemini_port, u->port))
		gemini_error(r, GEMINI_NOT_OURS,
		    "Not served here: this server has another port, and is no proxy");
	else if (kind == NAMES_ALIAS)
		gemini_alias(a, u, r);
	else
		return gemini_path(a, q, name, u, r);
	return NET_REPLY;
}

static void gemini_bad(struct answer *a, const struct gemini_request *g, struct net_reply *r)
{
	const char *kind = g->status == GEMINI_NOT_OURS ? "Not served here" : "Bad request";

	gemini_error(r, g->status, arena_printf(a->arena, "%s: %s", kind, g->why).p);
}

enum net_verdict answer_gemini(struct answer *a, const struct net_request *q, struct net_reply *r)
{
	struct gemini_request g;
	enum gemini_result parsed = gemini_parse(q->bytes.p, q->bytes.n, &g);

	if (parsed == GEMINI_PARTIAL)
		return NET_MORE;
	arena_reset(a->arena);
	if (!may_ask(a, PAGES_GEMINI, q, r))
		return NET_REPLY;
	if (parsed == GEMINI_DONE)
		return gemini_uri(a, q, &g.uri, r);
	gemini_bad(a, &g, r);
	return NET_REPLY;
}
