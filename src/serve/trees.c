#include "config.h"

#include "serve/trees.h"
#include "base/buf.h"
#include "base/mem.h"
#include "content/load.h"
#include "content/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Folders inside the given one: load counts them from those in the content directory. */
#define DEPTH_MAX (LOAD_DEPTH_MAX + 1)

/* Bytes of a link's target; the system allows no longer path. */
#define TARGET_MAX 4096

/* A folder still to be listed. */
struct folder {
	struct str path; /* in the arena, with a NUL */
	unsigned depth;  /* folders above it in its tree */
};

struct trip {
	trees_visitor *visit;
	void *context;
	struct arena *work;     /* owned: paths */
	struct folder *folders; /* owned: still to be listed */
	size_t nfolders, cap;
	unsigned seen;   /* names in this tree so far, of LOAD_FILES_MAX */
	bool denied;     /* something may not be looked at */
	struct buf path; /* scratch: of the item shown */
};

static bool is_there(struct trip *t, const char *path, struct stat *st)
{
	bool found = lstat(path, st) == 0;

	t->denied |= !found && errno == EACCES;
	return found;
}

/* -------------------------------------------------------------------------- the way to a path */

static struct str join(struct arena *a, struct str folder, struct str name)
{
	if (str_eq(folder, STR(".")))
		return arena_str(a, name);
	if (str_ends(folder, STR("/")))
		return arena_printf(a, "%s%.*s", folder.p, STR_ARGS(name));
	return arena_printf(a, "%s/%.*s", folder.p, STR_ARGS(name));
}

/*
 * Goes from the directory *at to name in it, or to where the link of that name begins: what is
 * then to be followed stands before *rest. False: nothing is there.
 */
static bool step(struct trip *t, struct str *at, struct str name, struct str *rest)
{
	struct str folder = *at, path = join(t->work, folder, name);
	char target[TARGET_MAX];
	struct stat st;
	bool found = is_there(t, path.p, &st);
	ssize_t n;

	t->visit(t->context,
	    &(struct trees_item){
		TREES_WAY, path.p, folder.p, arena_str(t->work, name).p, found ? &st : NULL});
	if (!found || !S_ISLNK(st.st_mode)) {
		*at = path;
		return found;
	}
	n = readlink(path.p, target, sizeof target);
	if (n <= 0 || (size_t)n == sizeof target)
		return false;
	if (target[0] == '/')
		*at = STR("/");
	*rest = arena_printf(t->work, "%.*s/%.*s", (int)n, target, STR_ARGS(*rest));
	return true;
}

/* Shows each name on the way. Returns where it ends, without links; empty: nowhere. */
static struct str follow(struct trip *t, const char *path)
{
	struct str rest = str_of(path), at = rest.p[0] == '/' ? STR("/") : STR("."), name;
	unsigned links = 0;

	while (str_next_field(&rest, '/', &name)) {
		const char *before = rest.p;

		if (name.n == 0 || str_eq(name, STR(".")))
			continue;
		if (str_eq(name, STR("..")))
			at = arena_printf(t->work, "%s/..", at.p);
		else if (!step(t, &at, name, &rest))
			return (struct str){0};
		if (rest.p != before && links++ == TREES_LINKS_MAX)
			return (struct str){0};
	}
	return at;
}

/* ---------------------------------------------------------------------------- what lies below */

static void push(struct trip *t, struct str path, unsigned depth)
{
	t->folders = mem_grow(t->folders, &t->cap, t->nfolders + 1, sizeof *t->folders);
	t->folders[t->nfolders++] = (struct folder){path, depth};
}

static void show_within(struct trip *t, DIR *dir, const struct folder *f, const char *name)
{
	struct stat st;

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		t->denied |= errno == EACCES;
		return; /* else it is gone since it was listed */
	}
	t->path.len = 0;
	buf_printf(&t->path, "%s/%s", f->path.p, name);
	t->visit(
	    t->context, &(struct trees_item){TREES_WITHIN, buf_z(&t->path), f->path.p, name, &st});
	if (S_ISLNK(st.st_mode))
		follow(t, buf_z(&t->path));
	else if (S_ISDIR(st.st_mode) && f->depth < DEPTH_MAX)
		push(t, arena_str(t->work, buf_str(&t->path)), f->depth + 1);
}

/* Lists one folder, if it can be. */
static void list(struct trip *t, struct folder f)
{
	struct dirent *d;
	DIR *dir;

	t->visit(t->context, &(struct trees_item){TREES_FOLDER, f.path.p, f.path.p, NULL, NULL});
	dir = opendir(f.path.p);
	t->denied |= !dir && errno == EACCES;
	if (!dir)
		return;
	while ((d = readdir(dir)) && t->seen < LOAD_FILES_MAX) {
		if (walk_passes_over(str_of(d->d_name)))
			continue;
		t->seen++;
		show_within(t, dir, &f, d->d_name);
	}
	closedir(dir);
}

static bool is_folder(struct str path)
{
	struct stat st;

	return path.n > 0 && lstat(path.p, &st) == 0 && S_ISDIR(st.st_mode);
}

bool trees_visit(const char *const paths[], size_t n, trees_visitor *visit, void *context)
{
	struct trip t = {.visit = visit, .context = context, .work = arena_new(0)};

	for (size_t i = 0; i < n; i++) {
		struct str end = follow(&t, paths[i]);

		t.seen = 0;
		if (is_folder(end))
			push(&t, end, 0);
		while (t.nfolders > 0)
			list(&t, t.folders[--t.nfolders]);
	}
	free(t.folders);
	buf_free(&t.path);
	arena_free(t.work);
	return !t.denied;
}
