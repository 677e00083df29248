/*
 * excerpt: the stretch of a text in which a reader sees why it was found.
 *
 * Marks what the index would have found there, by the same words and stems.
 */
#ifndef CONTENT_EXCERPT_H
#define CONTENT_EXCERPT_H

#include "content/query.h"
#include "content/tokenizer.h"

/* Fewer columns than these are taken for these. */
#define EXCERPT_COLUMNS_MIN 20u

/* As search_excerpt (search.h) says; the tokenizer is only read. */
void excerpt_write(
    const struct query *q, struct tokenizer *t, struct str text, size_t columns, struct buf *out);

#endif
