/*
 * utf8: validity, display width and cleaning of UTF-8 text.
 *
 * Width is in terminal columns: wide characters take two, combining and
 * zero-width ones none. Text that comes from content or from a client passes
 * utf8_clean before it is shown, so that no control character, line separator
 * or broken byte reaches a reader, a terminal or a log.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* Stands for a byte that is not UTF-8. */
#define UTF8_REPLACEMENT 0xfffd

/* Stands for what was cut off. */
#define UTF8_ELLIPSIS "\xe2\x80\xa6"

/*
 * Decodes the character that s begins with (s must not be empty). Returns its
 * length in bytes; a byte that starts no valid character counts as one
 * character, UTF8_REPLACEMENT, with *bad set when bad is not NULL.
 */
size_t utf8_decode(struct str s, uint32_t *c, bool *bad);

/* Appends the UTF-8 form of c. */
void utf8_encode(struct buf *out, uint32_t c);

/* True when all of s is UTF-8; else *at is the offset of the first bad byte (at may be NULL). */
bool utf8_valid(struct str s, size_t *at);

/* C0 and C1 controls, DEL, and the line and paragraph separators U+2028 and U+2029. */
bool utf8_is_control(uint32_t c);

/* The offset of the first control character (utf8_is_control) in s, or s.n. */
size_t utf8_find_control(struct str s);

/* Columns of one character, 0 to 2; of a whole text. Controls count as none. */
unsigned utf8_char_width(uint32_t c);
size_t utf8_width(struct str s);

/*
 * The longest prefix of s that takes at most columns, in bytes. Never cuts
 * between a character and the combining ones that follow it.
 */
size_t utf8_fit(struct str s, size_t columns);

/* The longest prefix of s of at most so many bytes that ends between characters. */
struct str utf8_cut(struct str s, size_t bytes);

/*
 * Appends s as one line fit to be shown: each run of controls becomes one
 * space, bytes that are not UTF-8 become U+FFFD, a byte order mark vanishes.
 */
void utf8_clean(struct buf *out, struct str s);

/*
 * As utf8_clean, cut to columns with the ellipsis (UTF8_ELLIPSIS, or what stands for
 * it) when it is longer, before a word where that leaves enough.
 */
void utf8_clean_cut(struct buf *out, struct str s, size_t columns, const char *ellipsis);

#endif
