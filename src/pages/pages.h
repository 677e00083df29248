/*
 * pages: from a path to what is said there.
 *
 * The route table. A path in routing form (uri_route_path) is looked up in the
 * snapshot and answered with a page, a text, a feed, a file, or the reason why there
 * is none; how it looks and how it is framed is not decided here. An answer costs
 * what it shows: the lists, or the files, may be gone through for it, but never all
 * the entries.
 */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "base/charset.h"
#include "content/digest.h"
#include "render/feed.h"
#include "render/page.h"

struct search;

/*
 * The few differences between the protocols that a page's content knows of:
 * well-known files that only one of them has, and that a Gemini client is
 * redirected where a Gopher client must simply be answered (G-13, M-14).
 */
enum pages_protocol {
	PAGES_GOPHER = 1,
	PAGES_GEMINI = 2,
};

struct pages_request {
	const struct digest *digest;
	int64_t now;      /* seconds since 1970: what is due */
	struct str path;  /* in routing form, borrowed */
	struct str words; /* what the reader looks for, as typed, borrowed; empty: none were sent */
	bool
	    loose; /* the path was asked for in another form than this: with doubled slashes, say */
	uint64_t random; /* any number: what /random leads to */
	enum pages_protocol protocol;
	uint16_t gophers_port; /* where Gopher is served over TLS too; 0: nowhere */
	enum charset charset;  /* what Gopher shows is in; text of a page is UTF-8 all the same */
	bool patient;          /* nobody else waits meanwhile: the answer may take long */
	struct search *search; /* borrowed; NULL: there is none, or none is needed */
	struct arena *arena;   /* where the answer is made */
};

enum pages_kind {
	PAGES_NOT_FOUND,
	PAGES_PAGE,
	PAGES_TEXT,      /* a text of ours */
	PAGES_FEED,      /* of a list, in one of its formats */
	PAGES_FILE,      /* a file below files/ */
	PAGES_INPUT,     /* words are asked for */
	PAGES_LATER,     /* it takes long: ask again, patiently, where that holds up nobody */
	PAGES_FAILED,    /* our fault, and perhaps not for long */
	PAGES_MOVED,     /* permanently */
	PAGES_ELSEWHERE, /* for now; another answer may follow at once, so it is not to be kept */
	PAGES_GONE,
};

/* Lies in the request's arena or in the snapshot. */
struct pages_answer {
	enum pages_kind kind;
	const struct page *
	    page; /* of PAGES_PAGE; of _MOVED, _ELSEWHERE: one that leads on; of _INPUT: that asks */
	struct str text;                  /* of PAGES_TEXT: UTF-8, LF endings */
	const char *media;                /* of PAGES_TEXT: its media type, static */
	const struct feed *feed;          /* of PAGES_FEED */
	const struct feed_format *format; /* of the same: what it is printed in */
	const struct static_file *file;   /* of PAGES_FILE */
	struct str target;  /* of PAGES_MOVED, _ELSEWHERE: the path, in routing form */
	struct str words;   /* of the same: what goes with the path; may be empty */
	struct str message; /* of PAGES_NOT_FOUND, _GONE, _FAILED and _INPUT: one line */
};

/* What the wildcards of a route matched. */
struct pages_match {
	struct str name[2]; /* each "*", in order */
	uint32_t number;    /* the page number; 1 where the path has none */
};

/* A kind of page. */
typedef struct pages_answer pages_builder(
    const struct pages_request *q, const struct pages_match *m);

struct pages_answer pages_find(const struct pages_request *q);

/*
 * True when words may be sent with that path, in any case; with any other they mean
 * nothing (M-13).
 */
bool pages_takes_words(struct str path);

#endif
