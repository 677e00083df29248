/*
 * load: from a content directory to a snapshot, all or nothing.
 *
 * Reads digest.yaml, the YAML files below entries, the gemtext in pages and the
 * names below files, in the order of their paths. Every fault of every file is reported; with one
 * or more there is no snapshot. Uses nothing global and may run on any thread.
 */
#ifndef CONTENT_LOAD_H
#define CONTENT_LOAD_H

#include "content/digest.h"

/* Bounds, so that a directory given by mistake ends in a message. */
#define LOAD_FILE_MAX ((size_t)8 * 1024 * 1024) /* bytes of one YAML or gemtext file */
#define LOAD_FILES_MAX 100000u                  /* files and folders below the directory */
#define LOAD_DEPTH_MAX 16u                      /* folders inside folders */
#define LOAD_ENTRIES_MAX 500000u

/*
 * Loads directory as of the time now (seconds since 1970). Returns a snapshot
 * with one reference, or NULL with at least one error in diags.
 */
struct digest *load_digest(const char *directory, int64_t now, struct diag_list *diags);

#endif
