/*
 * mem: heap allocation with the one out-of-memory policy.
 *
 * When the system has no memory left, these functions write one line to
 * standard error and abort: a server that cannot allocate a few hundred bytes
 * cannot answer either, and an unchecked half-state would be worse. So they
 * never return NULL, and no caller tests for it. Sizes that would overflow are
 * treated the same way. What a client or a file can ask for is bounded before
 * it gets here.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* n bytes, uninitialised; the caller frees with free(). */
void *mem_alloc(size_t n);

/* count elements of size bytes, zeroed; the caller frees with free(). */
void *mem_zalloc(size_t count, size_t size);

/*
 * Makes room for at least need elements of size bytes in the array p, which
 * holds *cap now. Doubles, so appending is amortised constant. Returns the
 * array, which may have moved, and updates *cap.
 */
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);

#endif
