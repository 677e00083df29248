#include "config.h"

#include "net/blob.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

struct blob *blob_take(struct buf *b)
{
	struct blob *blob = mem_zalloc(1, sizeof *blob);

	blob->p = buf_detach(b, &blob->n);
	atomic_init(&blob->refs, 1);
	return blob;
}

struct blob *blob_ref(struct blob *b)
{
	atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
	return b;
}

void blob_unref(struct blob *b)
{
	if (!b || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
		return;
	free(b->p);
	free(b);
}
