/*
 * inherited: the listening sockets that the parent handed over.
 *
 * By the protocol of sd_listen_fds(3): descriptors from 3 on, LISTEN_FDS of them, for
 * the process LISTEN_PID, named by LISTEN_FDNAMES. So systemd's socket units hand
 * over sockets, and so does the process that this one succeeds (successor.h). Names say
 * what is spoken on a socket (sockets.h). Which of them to use is the owner's to decide; this only
 * takes them and judges that each is a listening socket.
 */
#ifndef SERVE_INHERITED_H
#define SERVE_INHERITED_H

#include "base/buf.h"
#include "net/address.h"

/* The first of them, by that protocol. */
#define INHERITED_FIRST_FD 3

#define INHERITED_MAX 256u

/* Bytes of a name, with its NUL. */
#define INHERITED_NAME_SIZE 64

struct inherited_socket {
	int fd;                         /* owned until it is used; does not block, close-on-exec */
	struct net_address address;     /* IPv4, IPv6 or AF_UNIX */
	char name[INHERITED_NAME_SIZE]; /* "unknown" when the parent gave none */
	bool used;                      /* claimed: the descriptor is the claimer's */
};

struct inherited {
	struct inherited_socket sockets[INHERITED_MAX];
	size_t n; /* 0: nothing was handed over to this process */
};

/*
 * Takes what was handed over, and removes the variables, so that no child takes it again: to
 * be called once, before there are threads, and before other descriptors are
 * opened. Returns false with the first fault appended to why, and what to write in the
 * .socket unit; then *out is empty and the descriptors are closed.
 */
bool inherited_take(struct inherited *out, struct buf *why);

/*
 * Closes those that nobody claimed. Returns how many there were; their names, and what to write
 * instead, are appended to why.
 */
size_t inherited_close_unused(struct inherited *in, struct buf *why);

#endif
