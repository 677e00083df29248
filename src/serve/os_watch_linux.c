#include "config.h"

#include "serve/os_watch.h"
#include "base/mem.h"
#include "content/walk.h"
#include "serve/trees.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A name came, went or was replaced. */
#define NAMES (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

/* A file was written or its rights changed; reading it, or closing it unwritten, is no change. */
#define CHANGES (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

/* Bytes of events taken at once: room for a few with the longest name, for hundreds as a rule. */
#define EVENTS_SIZE 16384

/* Which events of an inode matter. Several rules may be about one inode, and share its number. */
struct rule {
	int wd;           /* inotify's number of the inode */
	uint32_t mask;    /* of events */
	const char *name; /* only what happens to this name in it; NULL: any; in the arena */
};

struct os_watch {
	int fd;              /* owned */
	struct rule *rules;  /* owned; by number */
	size_t n, cap;       /* rules */
	struct arena *names; /* owned */
	int error;           /* errno of a limit that was reached; 0: none was */
};

/* ---------------------------------------------------------------------------- what to watch */

/* What may not be read, or is gone by now, is left to those who look at the stamp. */
static void add(struct os_watch *w, const char *path, uint32_t mask, const char *name)
{
	int wd = inotify_add_watch(w->fd, path, mask | IN_DONT_FOLLOW | IN_MASK_ADD);

	if (wd < 0) {
		if (errno == ENOSPC || errno == ENOMEM)
			w->error = errno;
		return;
	}
	if (name)
		name = arena_str(w->names, str_of(name)).p;
	w->rules = mem_grow(w->rules, &w->cap, w->n + 1, sizeof *w->rules);
	w->rules[w->n++] = (struct rule){wd, mask, name};
}

/*
 * A file that was given is watched itself, and not through its directory, where a
 * log may be written all the time.
 */
static void on_item(void *context, const struct trees_item *item)
{
	struct os_watch *w = context;

	if (w->error)
		return;
	if (item->kind == TREES_FOLDER)
		add(w, item->path, NAMES | CHANGES, NULL);
	if (item->kind == TREES_WAY)
		add(w, item->folder, NAMES, item->name);
	if (item->kind == TREES_WAY && item->st && S_ISREG(item->st->st_mode))
		add(w, item->path, CHANGES, NULL);
}

static int by_number(const void *x, const void *y)
{
	int a = ((const struct rule *)x)->wd, b = ((const struct rule *)y)->wd;

	return (a > b) - (a < b);
}

/* What the operator can do about an errno. */
static void explain(int error, struct buf *why)
{
	if (error == ENOSPC)
		buf_addz(why,
		    "inotify watches no more directories: raise fs.inotify.max_user_watches "
		    "(sysctl)");
	else if (error == EMFILE)
		buf_addz(why,
		    "inotify has no place left: raise fs.inotify.max_user_instances (sysctl), or "
		    "allow more open files");
	else
		buf_printf(why, "inotify cannot be used: %s", strerror(error));
}

struct os_watch *os_watch_new(const char *const paths[], size_t n, struct buf *why)
{
	struct os_watch *w = mem_zalloc(1, sizeof *w);

	w->names = arena_new(0);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0)
		w->error = errno;
	else
		trees_visit(paths, n, on_item, w);
	if (w->error) {
		explain(w->error, why);
		os_watch_free(w);
		return NULL;
	}
	if (w->n > 0)
		qsort(w->rules, w->n, sizeof *w->rules, by_number);
	return w;
}

void os_watch_free(struct os_watch *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w->rules);
	arena_free(w->names);
	free(w);
}

int os_watch_fd(const struct os_watch *w)
{
	return w->fd;
}

/* --------------------------------------------------------------------------- what is told */

/* The first rule about inode wd, or the one that would stand behind it. */
static size_t first_rule(const struct os_watch *w, int wd)
{
	size_t from = 0, to = w->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (w->rules[middle].wd < wd)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool fits(const struct rule *r, const struct inotify_event *e)
{
	struct str name = str_of(e->len > 0 ? e->name : NULL);

	if (!(e->mask & r->mask))
		return false;
	return r->name ? str_eq(name, str_of(r->name)) : !walk_passes_over(name);
}

static bool matters(const struct os_watch *w, const struct inotify_event *e)
{
	/* Of what did not fit into the queue, anything may matter. */
	if (e->mask & (IN_Q_OVERFLOW | IN_UNMOUNT))
		return true;
	for (size_t i = first_rule(w, e->wd); i < w->n && w->rules[i].wd == e->wd; i++)
		if (fits(&w->rules[i], e))
			return true;
	return false;
}

bool os_watch_read(struct os_watch *w)
{
	alignas(struct inotify_event) char events[EVENTS_SIZE];
	ssize_t n = read(w->fd, events, sizeof events);
	bool changed = false;

	for (const char *p = events; n > 0 && p < events + n;) {
		const struct inotify_event *e = (const void *)p;

		changed |= matters(w, e);
		p += sizeof *e + e->len;
	}
	return changed;
}
