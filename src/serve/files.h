/*
 * files: opens the files of content/files and hands them out.
 *
 * Only names that the snapshot lists are ever opened. A file is opened anew for
 * each request that the cache cannot answer, so that a changed one is served as
 * it is; large ones are read piece by piece.
 */
#ifndef SERVE_FILES_H
#define SERVE_FILES_H

#include "net/net.h"

/* A larger file is not held in memory. */
#define FILES_HELD_MAX ((size_t)1536 * 1024)

/* How the bytes of a file go out. */
enum files_form {
	FILES_RAW,
	FILES_GOPHER_TEXT,    /* CRLF line ends (G-06) */
	FILES_GOPHER_STUFFED, /* and dots stuffed, a final dot */
};

/* An open file. */
struct files_open {
	int fd;
	uint64_t size;
	uint64_t stamp; /* changes when the file does; never 0 */
};

/*
 * Opens name, a regular file, and no symbolic link to one. Returns false, and logs why,
 * when it cannot be served.
 */
bool files_open(struct str name, struct files_open *f);

void files_close(struct files_open *f);

/*
 * Reads the whole file, appends it in that form, and closes it. False, logged, when
 * reading fails.
 */
bool files_read(struct files_open *f, enum files_form form, struct buf *out);

/* Hands the open file to a reply, to be read piece by piece. */
void files_stream(struct files_open *f, enum files_form form, struct net_reply *r);

#endif
