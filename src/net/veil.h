/*
 * veil: a client's address as the log may show it.
 *
 * A log of whole addresses is a record of who reads what, so by default only the
 * network is shown. The veil owns its secret and knows nothing of logs or
 * requests. It does not change once it is made, so any number of threads may use
 * one without a lock.
 */
#ifndef NET_VEIL_H
#define NET_VEIL_H

#include "net/address.h"

#define VEIL_SECRET 32

enum veil_mode {
	VEIL_WHOLE,     /* as it is */
	VEIL_TRUNCATED, /* its network: IPv4 to /24, IPv6 to /48; a mapped address is IPv4 */
	VEIL_HASHED,    /* 16 hexadecimal digits that stand for it, for a day and a run */
	VEIL_NONE,      /* "-" */
};

/* Zeros and a mode other than VEIL_HASHED need no veil_init. */
struct veil {
	enum veil_mode mode;
	unsigned char secret[VEIL_SECRET]; /* VEIL_HASHED: random, of this process alone */
};

/* Makes a veil; draws its secret. On failure returns false, and why says what is wrong. */
bool veil_init(struct veil *v, enum veil_mode mode, struct buf *why);

/* Wipes the secret. */
void veil_clear(struct veil *v);

/*
 * Appends the address as the veil shows it at that time (seconds since 1970).
 * Anything but IPv4 and IPv6 names no client and is shown as address_format_host
 * does.
 *
 * VEIL_HASHED is a MAC (HMAC-SHA256) of the UTC day and the address under the
 * secret: one client's requests of one day can be told together, by all threads
 * alike, but not with those of another day or another run. Without the secret,
 * which is written nowhere, nobody can try all addresses to find the one; after
 * the process has ended, nobody can at all.
 */
void veil_format(struct buf *out, const struct veil *v, const struct net_address *a, int64_t now);

#endif
