#include "config.h"

#include "serve/watch.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "serve/os_watch.h"
#include "serve/stamp.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#define NEVER INT64_MAX

struct watch {
	struct arena *arena; /* owned: the paths */
	const char **paths;  /* in the arena */
	size_t npaths;
	struct os_watch *told; /* owned; NULL: the system tells nothing */
	uint64_t stamp;        /* the last one seen */
	unsigned look_ms;      /* between looks at the stamp; 0: no looks */
	int64_t look_us;       /* when the next is due (clock_monotonic_us); NEVER */
};

static int64_t in_ms(int64_t ms)
{
	return clock_monotonic_us() + ms * 1000;
}

static void plan_look(struct watch *w)
{
	w->look_us = w->look_ms > 0 ? in_ms(w->look_ms) : NEVER;
}

static void copy_paths(struct watch *w, const char *const paths[], size_t n)
{
	w->arena = arena_new(0);
	w->paths = arena_array(w->arena, n, sizeof *w->paths);
	w->npaths = n;
	for (size_t i = 0; i < n; i++)
		w->paths[i] = arena_str(w->arena, str_of(paths[i])).p;
}

struct watch *watch_new_looking(const char *const paths[], size_t n, unsigned look_ms)
{
	struct watch *w = mem_zalloc(1, sizeof *w);

	copy_paths(w, paths, n);
	w->look_ms = look_ms > 0 ? look_ms : WATCH_LOOK_MS;
	stamp_of(w->paths, n, &w->stamp);
	plan_look(w);
	return w;
}

struct watch *watch_new(const char *const paths[], size_t n, unsigned look_ms, struct buf *why)
{
	size_t said = why->len;
	/* Before the stamp: what changes between them is told once too often, not too rarely. */
	struct os_watch *told = os_watch_new(paths, n, why);
	struct watch *w = watch_new_looking(paths, n, look_ms);

	if (why->len > said)
		buf_printf(why, "; meanwhile changes are looked for every %u ms", w->look_ms);
	w->told = told;
	if (told)
		w->look_ms = look_ms;
	plan_look(w);
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	os_watch_free(w->told);
	arena_free(w->arena);
	free(w);
}

/* Looks at the stamp. True: it is a new one. */
static bool look(struct watch *w)
{
	uint64_t before = w->stamp;

	stamp_of(w->paths, w->npaths, &w->stamp);
	return w->stamp != before;
}

/* For poll(2): milliseconds until then, rounded up. */
static int ms_until(int64_t us)
{
	int64_t left = us == NEVER ? -1 : us - clock_monotonic_us();

	if (us == NEVER)
		return -1;
	if (left <= 0)
		return 0;
	return left / 1000 < INT_MAX ? (int)((left + 999) / 1000) : INT_MAX;
}

/* Until the system tells of a change, wake_fd is readable or that time has come. */
static enum watch_event wait_until(struct watch *w, int wake_fd, int64_t until_us)
{
	struct pollfd fds[2] = {
	    {.fd = wake_fd, .events = POLLIN},
	    {.fd = w->told ? os_watch_fd(w->told) : -1, .events = POLLIN},
	};

	for (;;) {
		int wait_ms = ms_until(until_us), n = poll(fds, 2, wait_ms);

		if (n > 0 && fds[0].revents)
			return WATCH_WOKEN;
		if (n > 0 && os_watch_read(w->told))
			return WATCH_CHANGED;
		if (wait_ms == 0)
			return WATCH_TIMEOUT;
	}
}

enum watch_event watch_wait(struct watch *w, int wake_fd, int timeout_ms)
{
	int64_t end_us = timeout_ms < 0 ? NEVER : in_ms(timeout_ms);

	for (;;) {
		bool look_first = w->look_us < end_us;
		enum watch_event e = wait_until(w, wake_fd, look_first ? w->look_us : end_us);

		if (e != WATCH_TIMEOUT || !look_first)
			return e;
		if (look(w))
			e = WATCH_CHANGED;
		plan_look(w);
		if (e == WATCH_CHANGED)
			return e;
	}
}

enum watch_event watch_settle(struct watch *w, int wake_fd, unsigned quiet_ms, unsigned most_ms)
{
	int64_t end_us = in_ms(most_ms);
	enum watch_event e;

	/* What is known already is no further change. */
	look(w);
	do {
		int64_t quiet_us = in_ms(quiet_ms);

		e = wait_until(w, wake_fd, quiet_us < end_us ? quiet_us : end_us);
		/* Where the system does not tell of it, only the stamp shows that it goes on. */
		if (e == WATCH_TIMEOUT && look(w))
			e = WATCH_CHANGED;
	} while (e == WATCH_CHANGED && clock_monotonic_us() < end_us);
	return e == WATCH_WOKEN ? e : WATCH_CHANGED;
}
