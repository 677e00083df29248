/*
 * gopher: reads a Gopher request (RFC 1436), and nothing else.
 *
 * Pure: bytes in, verdict out; no memory is taken, no socket touched, and the
 * slices of the result borrow from the caller's bytes.
 */
#ifndef PROTOCOL_GOPHER_H
#define PROTOCOL_GOPHER_H

#include "base/buf.h"

/* G-02: bytes of a request line, its end not counted. */
#define GOPHER_LINE_MAX 1024

enum gopher_result {
	GOPHER_PARTIAL, /* the line is not whole; call again with more */
	GOPHER_DONE,
	GOPHER_BAD, /* over-long, or holds NUL: answer an error item (G-02, G-05) */
};

enum gopher_kind {
	GOPHER_SELECTOR,
	GOPHER_URL,  /* a "URL:" selector: out->selector is the URL (G-12) */
	GOPHER_HTTP, /* an HTTP request: out->selector is the method (G-18) */
	GOPHER_TLS,  /* the first byte of a TLS record (G-17) */
};

struct gopher_request {
	enum gopher_kind kind;
	struct str line;     /* the whole line, for the log */
	struct str selector; /* up to the first TAB or CR */
	struct str
	    search; /* what is looked for: the second field, unless it is a Gopher+ probe (G-15) */
};

/* Reads the n bytes at p, all that came so far. *out is filled in as far as it is known. */
enum gopher_result gopher_parse(const char *p, size_t n, struct gopher_request *out);

/*
 * Appends the path that a selector names: one leading slash, doubled slashes
 * collapsed, nothing decoded (G-13). Returns false for what is never a path of
 * ours: dot segments, controls, bytes that are not UTF-8.
 */
bool gopher_path(struct buf *out, struct str selector);

#endif
