/*
 * slug: the permanent name of an entry, tag or author in a path.
 *
 * Lower-case ASCII letters, digits and single hyphens, at most SLUG_MAX bytes,
 * so that a path needs no escaping on either protocol and a selector stays under
 * 255 bytes (G-02).
 */
#ifndef BASE_SLUG_H
#define BASE_SLUG_H

#include "base/buf.h"

#define SLUG_MAX 120

/*
 * Appends the slug of text: compatibility forms and accents are folded away
 * ("Émile" gives emile), a letter with no ASCII form becomes u and its code
 * point in hexadecimal; a plus or a number sign that ends a word is spelt out, for
 * C++ is not C; anything else separates words. Cut at a word when it would be
 * too long. Appends nothing when the text has neither letter nor digit.
 */
void slug_make(struct buf *out, struct str text);

/* True when s is a slug as described above. */
bool slug_valid(struct str s);

#endif
