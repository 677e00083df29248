/*
 * tls: the certificates of this server, and the TLS settings they are served
 * with.
 *
 * TLS 1.2 and 1.3 only, no early data, no client certificates asked for (M-02,
 * M-05). The certificate is chosen by SNI: exact name, then a wildcard of one
 * label; a client that sends no name, or one that is not ours, gets the first
 * certificate, never an alert (M-03), and the application judges its URL (M-08).
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"

struct tls_store;

struct tls_store *tls_store_new(void);
void tls_store_free(struct tls_store *s); /* NULL is allowed */

/*
 * Adds the PEM certificate (chain) and key for host: a DNS name, "*.example.org" for
 * all names one label below, or an address literal. The key must fit the
 * certificate, the certificate must name the host (SAN, or CN; for a wildcard the
 * very wildcard) and be in date. Returns false and appends to why what is wrong
 * with which file and what to do.
 */
bool tls_store_add(struct tls_store *s, struct str host, const char *certificate_file,
    const char *key_file, struct buf *why);

/* The OpenSSL context that a new connection begins with; for stream_tls.c. NULL while empty. */
struct ssl_ctx_st *tls_store_context(const struct tls_store *s);

#endif
