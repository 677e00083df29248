/*
 * network: which addresses a network holds, and lists of networks as an operator
 * writes them: who is trusted, who is exempt.
 *
 * Pure: owns nothing, takes no memory but for a reason. It knows nothing of what a list
 * is for.
 */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "net/address.h"

/* All addresses of one family that begin alike. */
struct network {
	struct address_ip ip; /* the first of them; AF_UNIX: every client of a unix socket */
	unsigned prefix;      /* bits that they share: to 32 for IPv4, to 128 for IPv6 */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", an address alone, which is a network of one, or
 * "unix". An IPv4-mapped network is that of IPv4. Returns false with the reason appended
 * to *why; bits set behind the prefix are refused, for one of the two is a slip.
 */
bool network_parse(struct str s, struct network *out, struct buf *why);

/*
 * True when one of the n networks holds the address, its port aside. An IPv4-mapped
 * address counts as IPv4: 0.0.0.0/0 holds it, ::/0 does not.
 */
bool network_has(const struct network *list, size_t n, const struct net_address *a);

#endif
