/*
 * blob: immutable bytes with a reference count.
 *
 * A response body that several connections, the cache and a snapshot may share
 * without a copy. The count is atomic; the bytes are never written after they
 * are shared.
 */
#ifndef NET_BLOB_H
#define NET_BLOB_H

#include "base/buf.h"

struct blob {
	char *p; /* owned */
	size_t n;
	_Atomic unsigned refs;
};

/* A blob of the buffer's bytes, which move into it; one reference. */
struct blob *blob_take(struct buf *b);

struct blob *blob_ref(struct blob *b);
void blob_unref(struct blob *b); /* NULL is allowed */

#endif
