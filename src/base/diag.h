/*
 * diag: what is wrong with the input, where, and what to write instead.
 *
 * Readers of content and configuration report here and go on, so that one run
 * names every fault. The list keeps them in the order reported, up to
 * DIAG_MAX; past that it only counts. Nothing here prints.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/arena.h"
#include "base/buf.h"

/* A run that found more faults than this has made its point. */
#define DIAG_MAX 1000

/* A place in a file, both counted from 1; 0: the whole file, or the whole line. */
struct diag_pos {
	struct str file; /* as the editor named it; borrowed */
	unsigned line;
	unsigned column; /* in characters, not bytes */
};

struct diag {
	struct diag_pos pos;
	struct str text; /* what, and what to write instead; one line */
};

struct diag_list {
	struct arena *arena; /* owned: texts and file names */
	struct diag *items;  /* owned */
	size_t n;            /* kept */
	size_t cap;
	size_t total; /* reported; n < total when some were not kept */
};

struct diag_list *diag_new(void);
void diag_free(struct diag_list *d);

/* Reports one error; the file name is copied. Controls in the text and in the name are replaced. */
void diag_error(struct diag_list *d, struct diag_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Writes every fault as FILE:LINE:COLUMN: error: TEXT, one a line, sorted by
 * file and place, and at the end how many were left out, if any.
 */
void diag_print(const struct diag_list *d, struct buf *out);

#endif
