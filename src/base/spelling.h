/*
 * spelling: how characters are written in ASCII where normalisation does not tell,
 * or would tell badly: "ss" for a sharp s, "zh" for a Cyrillic letter, "->" for an arrow.
 *
 * Knows single characters, small letters among them; capitals, accents and what to do with a
 * character that has no spelling are its users' (charset.h, slug.h, words.h).
 */
#ifndef BASE_SPELLING_H
#define BASE_SPELLING_H

#include <stdint.h>

/* The ASCII spelling of a character, which may be empty (the Cyrillic soft sign); NULL: none. */
const char *spelling_of(uint32_t c);

/*
 * The same of the few small Latin letters that slugs and words spell; NULL for any other.
 * The rest of a script they leave as it is.
 */
const char *spelling_of_letter(uint32_t c);

#endif
