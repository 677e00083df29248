/*
 * walk: the files below a folder of the content directory, and their bytes.
 *
 * Finds every regular file, in the order of the paths, without recursion and
 * within bounds. Passes over hidden names (with a leading dot) and what editors
 * leave behind (name~, name.swp, #name#). Symbolic links are not followed,
 * neither to files nor to folders, so nothing outside the content directory is
 * ever published by mistake: a link is an error, and so is anything that is
 * neither a file nor a folder. Only the content directory itself may be a link.
 */
#ifndef CONTENT_WALK_H
#define CONTENT_WALK_H

#include "base/diag.h"

/* The content directory. */
struct walk {
	int fd;                  /* open; the owner closes it */
	struct str directory;    /* as the editor typed it, without a slash at its end */
	struct arena *work;      /* borrowed: the paths lie there */
	struct diag_list *diags; /* borrowed */
	unsigned seen;           /* files and folders so far, of LOAD_FILES_MAX */
};

/* Paths from the content directory on ("entries/2019/11.yaml"), sorted. */
struct walk_list {
	struct str *items; /* in the work arena */
	size_t n;
};

/* Opens directory. Returns false, with the reason in diags, when it cannot be read. */
bool walk_open(struct walk *w, const char *directory, struct arena *work, struct diag_list *diags);

/* True for a name that is passed over, wherever it stands below the content directory. */
bool walk_passes_over(struct str name);

/* How to name path to the editor: DIRECTORY/PATH, in the work arena. */
struct str walk_name(const struct walk *w, struct str path);

/* True when the content directory has that name in it, whatever it is. */
bool walk_exists(const struct walk *w, const char *name);

/*
 * The names in the content directory itself, whatever they are; what is passed over is not
 * in it.
 */
struct walk_list walk_names(struct walk *w);

/*
 * All files below folder, which is a name in the content directory. What cannot be listed
 * is reported.
 */
struct walk_list walk_files(struct walk *w, const char *folder);

/*
 * Reads a file of at most LOAD_FILE_MAX bytes into out, which it empties first.
 * Returns false, with the reason in diags, when it cannot.
 */
bool walk_read(const struct walk *w, struct str path, struct buf *out);

#endif
