/*
 * settings_file: reads digestd.yaml into settings.
 *
 * As strict as the content: unknown and repeated keys, wrong types and values
 * out of bounds are errors with their places, and all of them are reported. Which keys there are
 * and what they take is the table's business.
 */
#ifndef SERVE_SETTINGS_FILE_H
#define SERVE_SETTINGS_FILE_H

#include "serve/settings.h"

/* Most bytes of a configuration file. */
#define SETTINGS_FILE_MAX ((size_t)256 * 1024)

/*
 * Puts what the file says into s, which nobody has set anything in yet. Returns false
 * with at least one error in diags.
 */
bool settings_file_read(struct settings *s, const char *file, struct diag_list *diags);

#endif
