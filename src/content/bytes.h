/*
 * bytes: from the bytes of a content file to text that may be read on.
 *
 * Text is UTF-8 without control characters. Line feeds and tabs are allowed;
 * whether a tab may stand where it stands is the reader's to judge. A byte order
 * mark at the start is dropped, CRLF becomes LF. Everything else that is no text
 * is a fault with its exact place. Knows neither YAML nor gemtext.
 */
#ifndef CONTENT_BYTES_H
#define CONTENT_BYTES_H

#include "base/diag.h"

/* A file with more bad characters than this is no text: the rest of it is not looked at. */
#define BYTES_FAULTS_MAX 20

/*
 * Checks the bytes of the file and sets *text to what can be read on: bytes
 * itself where nothing had to change, else a copy in the arena in which U+FFFD
 * stands for each bad character, so that other faults keep their places.
 * Returns false when the file is no text at all; the reason is then in diags.
 */
bool bytes_text(struct arena *arena, struct str file, struct str bytes, struct diag_list *diags,
    struct str *text);

#endif
