/*
 * identity: the certificates this server shows for its names.
 *
 * Each host and each alias has HOST.crt and HOST.key in the certs directory (a
 * wildcard with "_" for its star); either may be a symbolic link to where a client of
 * ACME puts it. Where they are missing they are made, self-signed; a certificate
 * alone is made anew for the key that is there. The log says where each is and its
 * SHA-256 fingerprint (DESIGN.md "Commands").
 *
 * tickets, in what follows, is the file of the keys that seal session tickets
 * (ticket.h), or NULL for random ones.
 */
#ifndef SERVE_IDENTITY_H
#define SERVE_IDENTITY_H

#include "base/diag.h"
#include "net/tls.h"
#include "serve/settings.h"

/* From so many days before its end on, a certificate is warned of. */
#define IDENTITY_WARN_DAYS 30

/*
 * The store for every host and alias of the settings, the first host's certificate first,
 * with one reference; or NULL. Logs what is wrong, and which certificates end soon. before
 * (NULL: none) is the store that it takes the place of, whose random ticket keys go on.
 */
struct tls_store *identity_load(
    const struct settings *s, const char *tickets, const struct tls_store *before);

/* Logs each certificate of the store that ends soon, seen from now; to be called daily. */
void identity_warn(const struct settings *s, const struct tls_store *store, int64_t now);

/*
 * Examines what identity_load would load, and makes nothing. What it would refuse goes to errors;
 * what it would make, and what ends soon, is appended to notes, a line each.
 */
void identity_check(const struct settings *s, const char *tickets, int64_t now,
    struct diag_list *errors, struct buf *notes);

enum identity_sight {
	IDENTITY_WHOLE,
	IDENTITY_MISSING, /* a file is not there, which a load may make */
	IDENTITY_HIDDEN,  /* rights are missing to look at a file */
};

/*
 * Looks at the files without reading them. The stamp stays the same while the names and all
 * their files do: taken before a load, it says at the next whether there is anything to load.
 * With IDENTITY_HIDDEN it is not to be compared with one that was taken with other rights.
 */
enum identity_sight identity_look(const struct settings *s, const char *tickets, uint64_t *stamp);

/*
 * Appends the absolute path of each directory that has to stay readable for a reload, and
 * in which a change calls for one, each with a NUL behind it: certs, and those that symbolic
 * links in it lead through.
 */
void identity_directories(const struct settings *s, const char *tickets, struct buf *out);

/*
 * Logs each file that exists and that this process may not read, and so cannot load again: to
 * be asked once it has become its user.
 */
void identity_warn_unreadable(const struct settings *s);

/* Appends the paths of the two files of a host, which is in its one form (host.h). */
void identity_files(struct str certs, struct str host, struct buf *crt, struct buf *key);

#endif
