/*
 * json: writes JSON (RFC 8259).
 *
 * A document is written from its first byte to its last, and the commas are the
 * module's: before each member or value but the first of its object or array.
 * A compact document has no white space, and no newline at its end.
 */
#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include "base/buf.h"

/* Objects and arrays within each other. */
#define JSON_DEPTH_MAX 8u

/* A document on its way into a buffer. All zeros but the first two: nothing is written yet. */
struct json {
	struct buf *out;                /* borrowed */
	bool compact;                   /* all in one line */
	unsigned depth;                 /* objects and arrays that are open */
	bool begun[JSON_DEPTH_MAX + 1]; /* the one at that depth has something in it */
};

/*
 * Begins and ends an object ('{', '}') or an array ('[', ']'): as the value of
 * that name within an object, or with a NULL name as a value within an array or
 * as the document.
 */
void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);

/* A string, likewise. Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct json *j, const char *name, struct str value);

/* A number, true, false or null, as it is written. */
void json_bare(struct json *j, const char *name, struct str value);

/* A string within an object, but nothing where the value is empty. */
void json_optional(struct json *j, const char *name, struct str value);

#endif
