/*
 * trees: every name on which the content of some files and directory trees
 * depends, in one walk.
 *
 * For those who look for changes: it shows each name on the way to a path,
 * symbolic links and where they lead included, since deployments swap a link or
 * rename a directory above; and then everything below it, when it is a directory.
 * What content passes over (walk.h) is passed over here too. Links within a
 * tree are followed to files, as certificates are often linked, but not to
 * directories. Within the bounds of load.h; what lies past them is not shown, for it
 * is not loaded either. Opens directories only, no file.
 */
#ifndef SERVE_TREES_H
#define SERVE_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Symbolic links followed on the way to one path. */
#define TREES_LINKS_MAX 40u

enum trees_kind {
	TREES_WAY,    /* one name in a directory, of which the others do not matter */
	TREES_FOLDER, /* a directory in which every name matters; shown before it is listed */
	TREES_WITHIN, /* one of these names */
};

/* All of it is borrowed until the visitor returns. */
struct trees_item {
	enum trees_kind kind;
	const char *path;      /* holds no link, but for the last name */
	const char *folder;    /* the directory that path is in; of TREES_FOLDER, path itself */
	const char *name;      /* the last name of path; of TREES_FOLDER, NULL */
	const struct stat *st; /* of the link, if it is one; NULL: nothing there, or TREES_FOLDER */
};

typedef void trees_visitor(void *context, const struct trees_item *item);

/*
 * Shows the visitor all that n paths depend on. A name that several share is shown for each.
 * Returns false when rights were missing to look at all of it.
 */
bool trees_visit(const char *const paths[], size_t n, trees_visitor *visit, void *context);

#endif
