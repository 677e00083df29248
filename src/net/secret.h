/*
 * secret: files that others must not read: private keys and the keys of session
 * tickets.
 *
 * Opens one, or says what keeps it from being used and what to do. A file may be
 * shared with a group, which is how a server without root's rights reads what
 * root owns.
 */
#ifndef NET_SECRET_H
#define NET_SECRET_H

#include "base/buf.h"

#include <sys/stat.h>

/* What else may be behind a file that may not be read. */
#define SECRET_REACH                                                                               \
	"; a confined server reaches only directories that it knew at its start: restart"

/*
 * A descriptor of the file, for the caller to close, and in *st what is known of it; or -1, with
 * the reason appended to why. what: the contents in words, "key".
 */
int secret_open(const char *file, const char *what, struct stat *st, struct buf *why);

#endif
