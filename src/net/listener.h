/*
 * listener: a listening socket and its accept loop.
 *
 * Accepts in batches, so that newcomers do not starve those already connected,
 * and hands each socket to the connection table. It stops accepting while the
 * table is full or the system is short of descriptors or memory: newcomers
 * then wait in the backlog. It knows nothing of what is said on a connection.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/conn_table.h"

struct listener;

/*
 * Listens at address and accepts into table (borrowed). origin.local and
 * origin.any are set here. Returns NULL with errno set.
 */
struct listener *listener_new(struct event_base *base, struct conn_table *table,
    const struct net_address *address, enum net_share share, struct conn_origin origin);

/* Closes the socket. Connections accepted here keep their origin until listener_free. */
void listener_close(struct listener *l);

/* After the connections accepted here are gone; NULL is allowed. */
void listener_free(struct listener *l);

/* The address with the port that the system chose. */
const struct net_address *listener_address(const struct listener *l);

/* Accepts again if the table was full and has room now; called once a turn. */
void listener_resume(struct listener *l);

#endif
