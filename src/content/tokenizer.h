/*
 * tokenizer: how SQLite's full-text search sees text.
 *
 * Gives FTS5 the words of base/words.h by their English stems, which FTS5's own
 * porter finds, and gathers the vocabulary of what is indexed. The same goes
 * for a query and for marking what matched, so that all three agree; only the
 * beginning of a word that a query ends with stays as it is.
 *
 * A text that begins with TOKENIZER_MARK is another kind of text: the mark
 * stands before each of its words, so that no word of a plain text is like it,
 * and the mark alone comes before them all. (So a category is only found by
 * those who ask for a category, and the mark finds everything.)
 */
#ifndef CONTENT_TOKENIZER_H
#define CONTENT_TOKENIZER_H

#include "base/buf.h"
#include "content/vocabulary.h"

#include <sqlite3.h>

/* No content and no query holds a control character. */
#define TOKENIZER_MARK '\x1f'

/* Its name within SQLite, for the option tokenize. */
#define TOKENIZER_NAME "digest"

struct tokenizer;

/*
 * Registers the tokenizer with the database, which must be closed before
 * tokenizer_free. NULL when SQLite refuses, with the reason appended to why.
 */
struct tokenizer *tokenizer_new(sqlite3 *db, struct buf *why);
void tokenizer_free(struct tokenizer *t);

/* Gives FTS5 a function of that name, for SQL; arg is borrowed. Returns SQLite's status. */
int tokenizer_function(sqlite3 *db, const char *name, fts5_extension_function function, void *arg);

/* The words of what has been indexed. */
struct vocabulary *tokenizer_vocabulary(struct tokenizer *t);

/*
 * The stem of a folded word, whether it is in the vocabulary or not; borrowed until the
 * next call.
 */
struct str tokenizer_stem(struct tokenizer *t, struct str word);

#endif
