#include "config.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

char *buf_reserve(struct buf *b, size_t n)
{
	b->p = mem_grow(b->p, &b->cap, n > SIZE_MAX - b->len ? SIZE_MAX : b->len + n, 1);
	return b->p + b->len;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n == 0)
		return;
	memcpy(buf_reserve(b, s.n), s.p, s.n);
	b->len += s.n;
}

void buf_addz(struct buf *b, const char *z)
{
	buf_add(b, str_of(z));
}

void buf_addc(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (n == 0)
		return;
	memset(buf_reserve(b, n), c, n);
	b->len += n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n <= 0)
		return;
	buf_reserve(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
}

const char *buf_z(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->p;
}

char *buf_detach(struct buf *b, size_t *len)
{
	char *p = b->p ? b->p : mem_alloc(1);

	if (len)
		*len = b->len;
	*b = (struct buf){0};
	return p;
}
