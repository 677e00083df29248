/*
 * socket: listening sockets, made and bound.
 *
 * A socket is made before anybody serves from it, while the process may still have
 * the right to its port, and can be handed to another process. Whoever makes it owns it
 * until a listener takes it over (net.h).
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "net/address.h"

#include <sys/types.h>

/* Whether others of this process listen at the same address. */
enum socket_share {
	SOCKET_ALONE, /* none; fails with EADDRINUSE when anybody listens there */
	SOCKET_FIRST, /* others will join (SO_REUSEPORT); fails as SOCKET_ALONE does */
	SOCKET_JOIN,  /* the first one listens there already, at the port that it got */
};

/*
 * A listening, non-blocking socket, or -1 with errno set. One of IPv6 takes IPv6 only. A
 * unix socket takes the place of one that nobody listens at any more, gets that mode, and
 * is never shared; while it is made the process's umask is another, so there is one thread.
 */
int socket_listen(const struct net_address *a, enum socket_share share, mode_t mode);

/*
 * Bounds what the system holds of answers on the way to each client of the listening
 * socket, in bytes.
 */
void socket_bound_sending(int fd, unsigned bytes);

/* The address that a socket is bound to. Returns false with errno set. */
bool socket_address(int fd, struct net_address *out);

#endif
