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
 * Accepts from the listening socket fd into table (borrowed). origin.local and
 * origin.any are set here. Returns NULL with errno set; else takes fd over.
 */
struct listener *listener_new(
    struct event_base *base, struct conn_table *table, int fd, struct conn_origin origin);

/* What connections accepted from now on are. */
void listener_reconfigure(struct listener *l, enum net_security security, struct tls_store *tls);

/* Closes the socket. Connections accepted here keep their origin until listener_free. */
void listener_close(struct listener *l);

/* As listener_close, once those who wait in the backlog are accepted, as far as there is room. */
void listener_drain(struct listener *l);

/* After the connections accepted here are gone; NULL is allowed. */
void listener_free(struct listener *l);

/* Whose connections these are. Borrowed. */
const struct conn_origin *listener_origin(const struct listener *l);

/* Accepts again if the table was full and has room now; called once a turn. */
void listener_resume(struct listener *l);

#endif
