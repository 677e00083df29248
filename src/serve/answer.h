/*
 * answer: from a request to the bytes of its reply.
 *
 * Where protocol, page and format meet: parses what came with the protocol's
 * parser, finds the page, prints it in the protocol's format, frames it, and
 * keeps it in the cache. One struct answer belongs to one worker.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "content/digest.h"
#include "net/net.h"
#include "pages/pages.h"
#include "render/link.h"
#include "serve/cache.h"
#include "serve/settings.h"

/* Most bytes of a request worth keeping, for either protocol. */
#define ANSWER_REQUEST_MAX 2048

struct answer {
	const struct settings *settings; /* borrowed */
	struct digest *digest;           /* one reference */
	struct link_site site; /* names and ports that links carry; borrows from settings */
	struct cache *cache;   /* owned */
	struct arena *arena;   /* owned: scratch of one request */
};

/* Takes a reference of its own to the digest. The ports are those that readers see; 0: not served. */
void answer_init(struct answer *a, const struct settings *s, struct digest *d, uint16_t gopher_port,
    uint16_t gemini_port);
void answer_clear(struct answer *a);

/* The callbacks' work for each protocol (net.h). */
enum net_verdict answer_gopher(struct answer *a, const struct net_request *q, struct net_reply *r);
enum net_verdict answer_gemini(struct answer *a, const struct net_request *q, struct net_reply *r);

/*
 * Fills r with the reply to a path in routing form, exactly as it is served.
 * render uses it too.
 */
void answer_path(
    struct answer *a, enum pages_protocol protocol, struct str path, struct net_reply *r);

#endif
