/*
 * settings_source: where settings come from, kept so that they can be read again.
 *
 * A configuration file, if there is one, and a command line, which wins over it. What is
 * typed is tried at once; the file is read at each load.
 */
#ifndef SERVE_SETTINGS_SOURCE_H
#define SERVE_SETTINGS_SOURCE_H

#include "serve/settings.h"

struct settings_source;

struct settings_source *settings_source_new(void);
void settings_source_free(struct settings_source *source); /* NULL is allowed */

/* The configuration file; the path is copied. */
void settings_source_file(struct settings_source *source, const char *file);

/* A setting from the command line, as settings_set; what is wrong is refused here already. */
bool settings_source_set(
    struct settings_source *source, struct str name, struct str value, struct buf *why);
bool settings_source_set_pair(struct settings_source *source, struct str pair, struct buf *why);

/*
 * From now on the root is root (chroot): paths are read as they look from within. They
 * have to be absolute, and below it.
 */
void settings_source_chroot(struct settings_source *source, struct str root);

/*
 * Reads the file, if there is one, puts the command line over it, and completes the
 * rest. Returns complete settings with one reference, or NULL with every fault of the file in
 * diags.
 */
struct settings *settings_source_load(
    const struct settings_source *source, struct diag_list *diags);

/*
 * As settings_source_load, but with faults too returns what could be read, for who looks for
 * more of them: what was wrong has its default.
 */
struct settings *settings_source_try(const struct settings_source *source, struct diag_list *diags);

#endif
