/*
 * watch: waits until files or directory trees change.
 *
 * For one thread that has nothing else to do. What the system tells at once
 * (os_watch.h) is told at once; beside that the stamp of everything (stamp.h) is
 * looked at in intervals, which finds what the system does not tell: changes on
 * network filesystems, and on systems that tell nothing all changes. Files and
 * directories may be replaced by rename, and links swapped, anywhere on the way to
 * a path. Reading is no change; a file that is written with the bytes it had is one.
 * Knows nothing of what the files are for.
 *
 * A watch knows the trees as they were when it was made: in a folder that is added later it
 * sees nothing more. So that nothing is missed, the owner makes a new one, from the
 * same paths, before each load, and only then loads and waits again:
 *
 *     w = watch_new(...);
 *     load();
 *     while (watch_wait(w, ...) == WATCH_CHANGED && watch_settle(w, ...) == WATCH_CHANGED) {
 *             watch_free(w);
 *             w = watch_new(...);
 *             load();
 *     }
 */
#ifndef SERVE_WATCH_H
#define SERVE_WATCH_H

#include "base/buf.h"

/* The interval, where the system tells nothing and the owner named none. */
#define WATCH_LOOK_MS 5000u

struct watch;

enum watch_event {
	WATCH_TIMEOUT, /* nothing changed as long as it was to wait */
	WATCH_CHANGED,
	WATCH_WOKEN, /* the other descriptor is readable; that something changed is told next */
};

/*
 * Watches n paths, which are copied and need not exist, and looks at their stamp
 * every look_ms (0: only where the system tells nothing, every WATCH_LOOK_MS). Never fails: that
 * a limit of the system leaves only looking is appended to why, as a warning, with what to
 * raise; it is worth another line in the log only when it changes.
 */
struct watch *watch_new(const char *const paths[], size_t n, unsigned look_ms, struct buf *why);

/* The same, without asking the system to tell. */
struct watch *watch_new_looking(const char *const paths[], size_t n, unsigned look_ms);

/* NULL is allowed. */
void watch_free(struct watch *w);

/*
 * Waits until something changed, wake_fd is readable (which is left unread; -1: there is
 * none), or timeout_ms have passed (-1: they never do).
 */
enum watch_event watch_wait(struct watch *w, int wake_fd, int timeout_ms);

/*
 * After WATCH_CHANGED: waits until nothing has changed for quiet_ms, but at most most_ms,
 * so that a burst of writes is one load. Returns WATCH_CHANGED when it is time to load, or
 * WATCH_WOKEN: then what changed is still to be loaded, and will not be told again.
 */
enum watch_event watch_settle(struct watch *w, int wake_fd, unsigned quiet_ms, unsigned most_ms);

#endif
