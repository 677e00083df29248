/*
 * charset: text for readers whose terminals know less than Unicode.
 *
 * Folding rewrites text so that a charset has every character of it, in a way
 * that still reads well: accents go, quotation marks and dashes become plain ones, ligatures
 * and fractions are taken apart, Greek and Cyrillic are transliterated, frames become
 * "+", "-" and "|". Where the charset has a character, it stays. A run of letters of any
 * other script becomes one "?", which says that something is there; emoji and other
 * pictures vanish, with the space after them, since they mostly decorate.
 *
 * Folded text is still UTF-8, so that it is wrapped and cut like any other (G-08,
 * G-09); only what goes out is encoded.
 */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/buf.h"

enum charset {
	CHARSET_UTF_8, /* everything: folding changes nothing */
	CHARSET_LATIN1,
	CHARSET_US_ASCII,
};

/* The name of the charset that the IANA has for MIME. */
const char *charset_name(enum charset c);

/* Appends text, which is clean (utf8_clean), as the charset has it; in UTF-8 all the same. */
void charset_fold(struct buf *out, struct str text, enum charset c);

/* As utf8_clean_cut, folded, with an ellipsis that the charset has. */
void charset_clean_cut(struct buf *out, struct str text, size_t columns, enum charset c);

/*
 * Encodes what out holds from start on, folded text in UTF-8, in place; it never gets
 * longer. What the charset has not after all becomes "?".
 */
void charset_encode(struct buf *out, size_t start, enum charset c);

#endif
