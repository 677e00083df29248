/*
 * proxy: reads the header of the PROXY protocol, versions 1 and 2, in which a proxy says
 * whose connection it passes on.
 *
 * Pure: bytes in, verdict out; no memory is taken, no socket touched. It cannot know
 * whether a header is to be expected, nor whether its sender is to be believed: the
 * caller asks for one of a listener that is set so, from a listed peer, and closes
 * without a word on what is bad.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "net/address.h"

/*
 * Most bytes of a header, and so what the caller's buffer must hold. Senders mean to
 * stay within 536, the segment that every host takes. HAProxy does not when it is told to
 * send all it knows: IPv6 addresses, checksum, server name (255), unique id (128), ALPN and
 * the TLS details come to some 800.
 */
#define PROXY_MAX 1024

enum proxy_verdict {
	PROXY_PARTIAL, /* it may become a header; call again with more */
	PROXY_DONE,
	PROXY_BAD, /* no header, whatever follows */
};

struct proxy_header {
	size_t length;             /* bytes of the header; what follows is the client's */
	bool known;                /* false: it names no addresses, and those of the socket hold */
	struct net_address source; /* when known: the client */
	struct net_address destination; /* when known: what the client connected to */
};

/*
 * Reads the n bytes at p, all that came so far. *out is filled in when it is DONE, else
 * zeros. BAD comes with the first byte that no header has in its place, or when the end of a
 * line has not come where it must. An IPv4-mapped address comes out as IPv4.
 */
enum proxy_verdict proxy_parse(const char *p, size_t n, struct proxy_header *out);

#endif
