#include "config.h"

#include "net/pool.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

/* How a spare buffer begins. */
struct spare {
	void *next;
};

void pool_init(struct pool *p, size_t size, unsigned keep)
{
	assert(size >= sizeof(struct spare));
	*p = (struct pool){.size = size, .keep = keep};
}

void *pool_take(struct pool *p)
{
	struct spare *buffer = p->first;

	if (!buffer)
		return mem_alloc(p->size);
	p->first = buffer->next;
	p->n--;
	return buffer;
}

void pool_give(struct pool *p, void *buffer)
{
	struct spare *spare = buffer;

	if (!buffer)
		return;
	if (p->n >= p->keep) {
		free(buffer);
		return;
	}
	spare->next = p->first;
	p->first = spare;
	p->n++;
}

void pool_clear(struct pool *p)
{
	while (p->n > 0)
		free(pool_take(p));
}
