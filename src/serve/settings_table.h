/*
 * settings_table: every setting, in the order in which an operator meets them.
 *
 * From this table come the reading of digestd.yaml and of -o, the list in `digestd
 * serve --help`, the sample file and the manual page (settings_text.h).
 */
#ifndef SERVE_SETTINGS_TABLE_H
#define SERVE_SETTINGS_TABLE_H

#include "serve/setting.h"

const struct setting *settings_table_rows(size_t *n);

/* The row of that name; NULL: there is none. */
const struct setting *settings_table_find(struct str name);

/* The row whose name is nearest to name. */
const struct setting *settings_table_nearest(struct str name);

/* The index of a row. */
size_t settings_table_index(const struct setting *t);

#endif
