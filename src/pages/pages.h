/*
 * pages: from a path to what is said there.
 *
 * The route table. A path in routing form (uri_route_path) is looked up in the
 * snapshot and answered with a page, a text, a file, or the reason why there
 * is none; how it looks and how it is framed is not decided here. Any answer
 * costs what it shows, never the number of entries.
 */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "content/digest.h"
#include "render/page.h"

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
	int64_t now;     /* seconds since 1970: what is due */
	struct str path; /* in routing form, borrowed */
	enum pages_protocol protocol;
	struct arena *arena; /* where the answer is made */
};

enum pages_kind {
	PAGES_NOT_FOUND,
	PAGES_PAGE,
	PAGES_TEXT,  /* a small text of ours */
	PAGES_FILE,  /* a file below files/ */
	PAGES_MOVED, /* permanently */
	PAGES_GONE,
};

/* Lies in the request's arena or in the snapshot. */
struct pages_answer {
	enum pages_kind kind;
	const struct page *page;        /* of PAGES_PAGE; of PAGES_MOVED: a page that leads on */
	struct str text;                /* of PAGES_TEXT: UTF-8, LF endings */
	const struct static_file *file; /* of PAGES_FILE */
	struct str target;              /* of PAGES_MOVED: the path, in routing form */
	struct str message;             /* of PAGES_NOT_FOUND and PAGES_GONE: one line */
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

#endif
