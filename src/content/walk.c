#include "config.h"

#include "content/walk.h"
#include "base/mem.h"
#include "content/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)64 * 1024) /* bytes read at once */

/* A growing list of paths, files or folders. */
struct paths {
	struct str *items; /* owned; the texts are in the work arena */
	size_t n, cap;
};

static void push(struct paths *p, struct str path)
{
	p->items = mem_grow(p->items, &p->cap, p->n + 1, sizeof *p->items);
	p->items[p->n++] = path;
}

/* What the editor can do about an errno. */
static const char *advice(int error)
{
	static const struct {
		int error;
		const char *text;
	} advices[] = {
	    {EACCES, "let the user who runs digestd read it"},
	    {EPERM, "let the user who runs digestd read it"},
	    {ENOENT, "write the right name, or make it"},
	    {ENOTDIR, "name a folder"},
	    {EISDIR, "put a file in its place"},
	    {ELOOP, "put the file or folder itself here, not a symbolic link"},
	    {EMFILE, "allow more open files (ulimit -n)"},
	    {ENFILE, "allow more open files (fs.file-max)"},
	};

	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].error == error)
			return advices[i].text;
	return "see to it that it can be read";
}

static void report_errno(const struct walk *w, struct str name, const char *what, int error)
{
	diag_error(w->diags, (struct diag_pos){.file = name}, "%s: %s: %s", what, strerror(error),
	    advice(error));
}

/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
static int open_below(int fd, const char *path, int flags)
{
	int got;

	do
		got = openat(fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	while (got < 0 && errno == EINTR);
	return got;
}

bool walk_open(struct walk *w, const char *directory, struct arena *work, struct diag_list *diags)
{
	struct str name = str_of(directory);

	while (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	*w = (struct walk){.directory = name, .work = work, .diags = diags};
	w->fd = open_below(AT_FDCWD, directory, O_DIRECTORY);
	if (w->fd < 0)
		report_errno(w, name, "the content directory cannot be opened", errno);
	return w->fd >= 0;
}

struct str walk_name(const struct walk *w, struct str path)
{
	const char *slash = str_ends(w->directory, STR("/")) ? "" : "/";

	return arena_printf(w->work, "%.*s%s%.*s", STR_ARGS(w->directory), slash, STR_ARGS(path));
}

bool walk_exists(const struct walk *w, const char *name)
{
	struct stat st;

	return fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool walk_passes_over(struct str name)
{
	return str_starts(name, STR(".")) || str_ends(name, STR("~")) ||
	    str_ends(name, STR(".swp")) || str_starts(name, STR("#")) || str_ends(name, STR("#"));
}

static unsigned depth_of(struct str path)
{
	unsigned depth = 0;

	for (size_t i = 0; i < path.n; i++)
		depth += path.p[i] == '/';
	return depth;
}

/* Puts a path where it belongs by what lies there. */
static void sort_out(
    const struct walk *w, struct str path, struct paths *files, struct paths *folders)
{
	struct diag_pos pos = {.file = walk_name(w, path)};
	struct stat st;

	if (fstatat(w->fd, path.p, &st, AT_SYMLINK_NOFOLLOW) != 0)
		report_errno(w, pos.file, "it cannot be looked at", errno);
	else if (S_ISREG(st.st_mode))
		push(files, path);
	else if (S_ISLNK(st.st_mode))
		diag_error(w->diags, pos,
		    "a symbolic link, which is not followed: put the file or folder itself here");
	else if (!S_ISDIR(st.st_mode))
		diag_error(w->diags, pos, "neither a file nor a folder: delete it");
	else if (depth_of(path) > LOAD_DEPTH_MAX)
		diag_error(
		    w->diags, pos, "folders nested more than %u deep: move it up", LOAD_DEPTH_MAX);
	else
		push(folders, path);
}

/* Lists one folder. Returns false when the bound is reached, which it reports. */
static bool list_folder(
    struct walk *w, DIR *dir, struct str folder, struct paths *files, struct paths *folders)
{
	struct dirent *d;

	while ((d = readdir(dir))) {
		if (walk_passes_over(str_of(d->d_name)))
			continue;
		if (w->seen++ == LOAD_FILES_MAX) {
			diag_error(w->diags, (struct diag_pos){.file = w->directory},
			    "more than %u files and folders: is this the content directory?",
			    LOAD_FILES_MAX);
			return false;
		}
		sort_out(w, arena_printf(w->work, "%.*s/%s", STR_ARGS(folder), d->d_name), files,
		    folders);
	}
	return true;
}

static bool read_folder(
    struct walk *w, struct str folder, struct paths *files, struct paths *folders)
{
	int fd = open_below(w->fd, folder.p, O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	bool more;

	if (!dir) {
		report_errno(w, walk_name(w, folder), "the folder cannot be opened", errno);
		if (fd >= 0)
			close(fd);
		return true;
	}
	more = list_folder(w, dir, folder, files, folders);
	closedir(dir);
	return more;
}

static int by_path(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* The paths, sorted; frees what held them. */
static struct walk_list sorted(const struct walk *w, struct paths *paths)
{
	struct walk_list list = {arena_array(w->work, paths->n, sizeof *list.items), paths->n};

	for (size_t i = 0; i < paths->n; i++)
		list.items[i] = paths->items[i];
	qsort(list.items, list.n, sizeof *list.items, by_path);
	free(paths->items);
	return list;
}

struct walk_list walk_names(struct walk *w)
{
	int fd = open_below(w->fd, ".", O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct paths names = {0};
	struct dirent *d;

	if (!dir) {
		report_errno(w, w->directory, "the content directory cannot be listed", errno);
		if (fd >= 0)
			close(fd);
		return (struct walk_list){0};
	}
	while ((d = readdir(dir)) && names.n < LOAD_FILES_MAX)
		if (!walk_passes_over(str_of(d->d_name)))
			push(&names, arena_str(w->work, str_of(d->d_name)));
	closedir(dir);
	return sorted(w, &names);
}

struct walk_list walk_files(struct walk *w, const char *folder)
{
	struct paths files = {0}, folders = {0};

	push(&folders, str_of(folder));
	while (folders.n > 0 && read_folder(w, folders.items[--folders.n], &files, &folders))
		;
	free(folders.items);
	return sorted(w, &files);
}

/* Reads all of fd, up to one byte more than the bound. Returns 0 or an errno. */
static int read_all(int fd, struct buf *out)
{
	while (out->len <= LOAD_FILE_MAX) {
		ssize_t n = read(fd, buf_reserve(out, STEP), STEP);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : 0;
		out->len += (size_t)n;
	}
	return 0;
}

bool walk_read(const struct walk *w, struct str path, struct buf *out)
{
	struct diag_pos pos = {.file = walk_name(w, path)};
	int fd = open_below(w->fd, path.p, O_NOFOLLOW);
	int error = fd < 0 ? errno : 0;

	out->len = 0;
	if (!error)
		error = read_all(fd, out);
	if (fd >= 0)
		close(fd);
	if (error)
		report_errno(w, pos.file, "it cannot be read", error);
	else if (out->len > LOAD_FILE_MAX)
		diag_error(w->diags, pos, "larger than %u MiB: divide it",
		    (unsigned)(LOAD_FILE_MAX >> 20));
	return !error && out->len <= LOAD_FILE_MAX;
}
