#include "config.h"

#include "base/arena.h"
#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_DEFAULT ((size_t)64 * 1024)

struct chunk {
	struct chunk *next; /* the one filled before this one */
	size_t used;        /* bytes of data in use */
	size_t size;        /* bytes of data */
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *top; /* the chunk being filled; never NULL */
	size_t step;       /* least size of a new chunk */
	size_t total;      /* bytes taken from the heap */
};

static struct chunk *chunk_new(struct arena *a, size_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		c = mem_alloc(SIZE_MAX); /* ends in the out-of-memory policy */
	else
		c = mem_alloc(sizeof *c + size);
	c->next = NULL;
	c->used = 0;
	c->size = size;
	a->total += sizeof *c + size;
	return c;
}

struct arena *arena_new(size_t chunk)
{
	struct arena *a = mem_zalloc(1, sizeof *a);

	a->step = chunk ? chunk : CHUNK_DEFAULT;
	a->top = chunk_new(a, a->step);
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->top, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void arena_reset(struct arena *a)
{
	while (a->top->next) {
		struct chunk *c = a->top;

		a->top = c->next;
		a->total -= sizeof *c + c->size;
		free(c);
	}
	a->top->used = 0;
}

/* n bytes of the arena, not cleared. */
static void *take(struct arena *a, size_t n, size_t align)
{
	struct chunk *c = a->top;
	size_t at = (c->used + align - 1) & ~(align - 1);

	if (at > c->size || n > c->size - at) {
		c = chunk_new(a, n > a->step ? n : a->step);
		c->next = a->top;
		a->top = c;
		at = 0;
	}
	c->used = at + n;
	return c->data + at;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(take(a, n, alignof(max_align_t)), 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	return arena_alloc(a, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = take(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return STR("");
	p = take(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){p, (size_t)n};
}

size_t arena_size(const struct arena *a)
{
	return a->total;
}
