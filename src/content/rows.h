/*
 * rows: what of an entry is indexed for search.
 *
 * An entry becomes a row of the table "words", whose columns are plan.h's: what
 * a reader may look for, as text, which the table's tokenizer parts into words.
 * The row's number is the entry's index and 1, so rows go from the newest to the
 * oldest.
 */
#ifndef CONTENT_ROWS_H
#define CONTENT_ROWS_H

#include "content/digest.h"

#include <sqlite3.h>

/* Inserts every entry of the digest. Returns SQLite's status: that of the first failure. */
int rows_insert(sqlite3 *db, const struct digest *d);

#endif
