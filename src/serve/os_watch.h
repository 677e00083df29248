/*
 * os_watch: changes of files and directory trees, told by the system.
 *
 * What a system has for it: os_watch_linux.c asks inotify; os_watch_none.c is for
 * systems that have nothing, or nothing that was written yet. Reports that
 * something changed, not what. Changes made on other machines to a network
 * filesystem are not told; so this is never all that a watch (watch.h, the only
 * user) relies on.
 */
#ifndef SERVE_OS_WATCH_H
#define SERVE_OS_WATCH_H

#include "base/buf.h"

struct os_watch;

/*
 * Watches n files and trees with the names that lead there (trees.h). What is
 * added between this call and the next look is told, what is added in a new folder
 * after that folder is not: its owner then begins anew. Returns NULL when the
 * system has nothing for it, or, with the reason and what to raise appended to why,
 * when its limits do not allow it.
 */
struct os_watch *os_watch_new(const char *const paths[], size_t n, struct buf *why);

/* NULL is allowed. */
void os_watch_free(struct os_watch *w);

/* Becomes readable when there may be something to read; borrowed. */
int os_watch_fd(const struct os_watch *w);

/* Takes what the system tells, without waiting. True: a change that matters was among it. */
bool os_watch_read(struct os_watch *w);

#endif
