/*
 * certificate_facts: what a certificate says, for people and for whoever serves it.
 *
 * Reads one and judges nothing: whether it may be served is tls's to say, making
 * one is certificate's.
 */
#ifndef NET_CERTIFICATE_FACTS_H
#define NET_CERTIFICATE_FACTS_H

#include "base/arena.h"
#include "base/buf.h"

struct x509_st;

/* All text lies in the arena that it was read into. */
struct certificate_facts {
	int64_t not_before;     /* seconds since 1970 */
	int64_t not_after;      /* seconds since 1970 */
	struct str names;       /* of the SAN, or the CN where there is none: "a, b" */
	struct str key;         /* "ECDSA P-256", "RSA 4096 bits" */
	struct str issuer;      /* distinguished name (RFC 2253); of a self-signed one its own */
	struct str fingerprint; /* SHA-256 of the certificate, AA:BB:... */
	struct str key_fingerprint; /* SHA-256 of its public key (SubjectPublicKeyInfo) */
	bool self_signed;           /* else somebody has issued it */
};

/*
 * Reads the first certificate of a PEM file. Returns false, with the reason appended to
 * why, when there is none. Bytes of a name that are not printable ASCII become "?".
 */
bool certificate_facts_read(
    const char *file, struct arena *a, struct certificate_facts *f, struct buf *why);

/* The first certificate of a PEM file, for the caller to free; NULL with the reason as above. */
struct x509_st *certificate_facts_load(const char *file, struct buf *why);

/* The last second at which it is valid, since 1970. */
int64_t certificate_facts_end(const struct x509_st *x);

/* True when it is signed with its own key. */
bool certificate_facts_self_signed(struct x509_st *x);

/*
 * True when it names the host, in its one form: a DNS name, the very wildcard, or an address.
 * A common name counts too, even beside other names in the SAN: clients take it so (M-04).
 */
bool certificate_facts_name(struct x509_st *x, const char *host);

#endif
