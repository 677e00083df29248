/*
 * certificate: makes the self-signed certificate a Gemini server starts with,
 * and renews it.
 *
 * Made as M-04 has it: X.509 v3, self-issued, ECDSA P-256, CN and SAN naming the
 * host (dNSName, which may be a wildcard, or iPAddress for a literal), valid from yesterday for
 * CERTIFICATE_YEARS years, since readers pin it on first use (TOFU).
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include "base/buf.h"

#define CERTIFICATE_YEARS 20

/*
 * Makes key_file (mode 0600) and certificate_file (0644) for host; each is
 * written whole under a temporary name in the same directory, then renamed;
 * nothing that exists is overwritten. If key_file exists already, the
 * certificate is made for that key. Returns false and appends the reason to why.
 */
bool certificate_make(
    struct str host, const char *certificate_file, const char *key_file, struct buf *why);

/*
 * How to renew, any of these together; 0: for the same key, and only what certificate_make could
 * have made.
 */
enum certificate_how {
	CERTIFICATE_NEW_KEY = 1, /* for a new key, which readers have to trust anew */
	CERTIFICATE_FORCE = 2,   /* even what is a symbolic link or not self-signed */
};

/*
 * Puts a new certificate in the place of certificate_file, with the same names if
 * host is among them, and as valid as certificate_make's. Each file is written whole
 * beside its place and renamed; it keeps mode, owner and group where the system lets it.
 * Returns false and appends the reason to why, with nothing changed unless that says so.
 */
bool certificate_renew(struct str host, const char *certificate_file, const char *key_file,
    unsigned how, struct buf *why);

/*
 * A pem_password_cb that has none: a passphrase is never asked for, as there may
 * be nobody at the terminal.
 */
int certificate_no_passphrase(char *p, int size, int writing, void *arg);

#endif
