/*
 * gemini: reads a Gemini request, and nothing else.
 *
 * Pure: bytes in, verdict out; no memory is taken, no socket touched, and the
 * slices of the result borrow from the caller's bytes. Whether the host and the
 * port are ours the application decides (M-08, M-09).
 */
#ifndef PROTOCOL_GEMINI_H
#define PROTOCOL_GEMINI_H

#include "base/uri.h"

/* M-06: bytes of the URI, CRLF not counted. */
#define GEMINI_URI_MAX 1024

enum gemini_result {
	GEMINI_PARTIAL, /* no CRLF yet; call again with more. Nothing else ends a request (M-11) */
	GEMINI_DONE,
	GEMINI_BAD, /* answer out->status with out->why */
};

struct gemini_request {
	struct str line; /* the request without CRLF, for the log */
	struct uri uri;  /* when GEMINI_DONE: scheme gemini, a host, no userinfo, no fragment */
	int status;      /* when GEMINI_BAD: 59, or 53 for another scheme (M-07) */
	const char *why; /* when GEMINI_BAD: static text */
};

/* Reads the n bytes at p, all that came so far. */
enum gemini_result gemini_parse(const char *p, size_t n, struct gemini_request *out);

#endif
