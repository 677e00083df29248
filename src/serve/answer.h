/*
 * answer: from a request to the bytes of its reply.
 *
 * Where protocol, page and format meet: parses what came with the protocol's
 * parser, finds the page, prints it in the protocol's format, frames it, and
 * keeps it in the cache. One struct answer belongs to one thread.
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

/* A request that has been read, whatever its protocol. Slices are borrowed. */
struct answer_request {
	enum pages_protocol protocol;
	struct str name;  /* of ours, for links to carry; empty: the canonical one */
	struct str path;  /* in routing form */
	struct str words; /* what the reader looks for; empty: none were sent */
	bool loose;       /* see struct pages_request */
	uint64_t ticket;  /* for the reply that comes later (net.h) */
};

struct answer {
	const struct settings *settings; /* borrowed */
	struct digest *digest;           /* one reference */
	bool patient;                    /* what takes long may be done here */
	struct search *search;           /* borrowed; NULL: none */
	/*
	 * Has what takes long answered by a patient one; copies the request. Returns
	 * false when too many wait there already. NULL: there is nobody.
	 */
	bool (*later)(void *context, const struct answer_request *q);
	/*
	 * Asked once for each request, when it is whole: 0, or the seconds that its sender
	 * has to wait before it is answered. NULL: everybody may ask.
	 */
	unsigned (*admit)(void *context, const struct net_request *q);
	void *context;         /* for both */
	struct link_site site; /* for the canonical name; borrows from settings */
	struct cache *cache;   /* owned */
	struct arena *arena;   /* owned: scratch of one request, emptied before the next is read */
	struct buf key;        /* scratch: where the reply is kept */
	uint64_t random;       /* the last number drawn */
};

/*
 * Takes a reference of its own to the digest. The ports are those that readers see; 0: not
 * served.
 */
void answer_init(struct answer *a, const struct settings *s, struct digest *d, uint16_t gopher_port,
    uint16_t gemini_port);
void answer_clear(struct answer *a);

/* The callbacks' work for each protocol (net.h). */
enum net_verdict answer_gopher(struct answer *a, const struct net_request *q, struct net_reply *r);
enum net_verdict answer_gemini(struct answer *a, const struct net_request *q, struct net_reply *r);

/* The request for a page that q is, as this answer makes it. Lies in q and a. */
struct pages_request answer_page_request(struct answer *a, const struct answer_request *q);

/*
 * Fills r with the reply, exactly as it is served; render uses it too. NET_LATER:
 * the request went to a patient one, with its ticket. What q holds may lie in the
 * arena, which the caller empties for each request.
 */
enum net_verdict answer_find(struct answer *a, const struct answer_request *q, struct net_reply *r);

/* How long a reader waits when there is no room for what it asked, in seconds. */
#define ANSWER_BUSY 5

/* Fills r with the reply that asks the reader to come again after so many seconds. */
void answer_busy(enum pages_protocol protocol, unsigned seconds, struct net_reply *r);

#endif
