/*
 * wrap: breaks a paragraph into lines by display width.
 *
 * Lines break at spaces, and between ideographs where the rules of Chinese and
 * Japanese allow it (no closing mark begins a line, no opening one ends it). A
 * word is never cut, so a URL stays whole even when it is longer than a line;
 * only a word beyond WRAP_WORD_MAX bytes is, because a menu line has a bound
 * (G-08); for the same reason no line of several words is longer than that.
 */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include "base/str.h"

#define WRAP_WORD_MAX 800

/*
 * Takes the next line of at most width columns (at least one word) off *rest.
 * The line has no spaces at its ends; runs of spaces inside it are kept. Returns
 * false when nothing but spaces was left. The text must be free of controls.
 */
bool wrap_next(struct str *rest, size_t width, struct str *line);

#endif
