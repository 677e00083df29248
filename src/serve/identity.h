/*
 * identity: the certificates this server shows for its names.
 *
 * Each host and each alias has HOST.crt and HOST.key in the certs directory (a
 * wildcard with "_" for its star). Where they are missing they are made,
 * self-signed; a certificate alone is made anew for the key that is there. The log
 * says where each is and its SHA-256 fingerprint (DESIGN.md "Commands").
 */
#ifndef SERVE_IDENTITY_H
#define SERVE_IDENTITY_H

#include "net/tls.h"
#include "serve/settings.h"

/*
 * The store for every host and alias of the settings, the first host's certificate first;
 * or NULL, logged.
 */
struct tls_store *identity_load(const struct settings *s);

#endif
