/*
 * buf: a growing byte buffer.
 *
 * Invariants: len <= cap; p is NULL only when cap is 0. The bytes belong to the
 * buffer until buf_detach. Not NUL-terminated unless buf_z is asked. A buffer
 * set to all zeros is an empty one, so no init function is needed.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
	char *p;    /* owned */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
};

/* Frees the bytes and leaves an empty buffer. */
void buf_free(struct buf *b);

/* Makes room for n more bytes and returns where they go; len is unchanged. */
char *buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes (all, if there are fewer). */
void buf_drop(struct buf *b, size_t n);

/* The contents, borrowed until the buffer changes. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->p, b->len};
}

/* The contents with a NUL behind them, borrowed until the buffer changes. */
const char *buf_z(struct buf *b);

/* Hands the bytes to the caller, who frees them with free(); the buffer is empty after. */
char *buf_detach(struct buf *b, size_t *len);

#endif
