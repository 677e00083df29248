/*
 * tls: the certificates of this server, and the TLS settings they are served
 * with.
 *
 * TLS 1.2 and 1.3 only, no early data, no client certificates asked for (M-02,
 * M-05). The certificate is chosen by SNI: exact name, then a wildcard of one
 * label; a client that sends no name, or one that is not ours, gets the first
 * certificate, never an alert (M-03), and the application judges its URL (M-08).
 *
 * A store is filled, then published, and never changed after that; it is
 * reference-counted, so that a connection keeps the one it began with while
 * newcomers get another.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"

struct tls_store;

/* An empty store with random ticket keys of its own; one reference. */
struct tls_store *tls_store_new(void);

/* Takes and lets go of a reference, from any thread; NULL is allowed. */
struct tls_store *tls_store_ref(struct tls_store *s);
void tls_store_unref(struct tls_store *s);

/*
 * Adds the PEM certificate (chain) and key for host: a DNS name, "*.example.org" for
 * all names one label below, or an address literal. The key must fit the
 * certificate, the certificate must name the host (SAN, or CN; for a wildcard the
 * very wildcard) and be in date. Returns false and appends to why what is wrong
 * with which file and what to do.
 */
bool tls_store_add(struct tls_store *s, struct str host, const char *certificate_file,
    const char *key_file, struct buf *why);

/*
 * Has session tickets sealed with the keys of a file (ticket.h), which every server that
 * has the same file and the same certificates opens. Returns false with the reason appended to why.
 */
bool tls_store_tickets(struct tls_store *s, const char *file, struct buf *why);

/*
 * Has s use the random ticket keys of the store before it, so that a reload ends no
 * session. Keys of a file are not passed on: s reads its own, or has random ones.
 */
void tls_store_tickets_of(struct tls_store *s, const struct tls_store *before);

/* What is known of one host. */
struct tls_host_facts {
	const char *name;  /* without brackets and final dot; borrowed from the store */
	int64_t not_after; /* seconds since 1970 */
	bool self_signed;  /* its certificate is; else somebody has issued it */
};

/* The i-th host, in the order added; false when there are no more. */
bool tls_store_host(const struct tls_store *s, size_t i, struct tls_host_facts *f);

/* The OpenSSL context that a new connection begins with; for stream_tls.c. NULL while empty. */
struct ssl_ctx_st *tls_store_context(const struct tls_store *s);

#endif
