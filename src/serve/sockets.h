/*
 * sockets: the listening sockets of this process, wherever they come from.
 *
 * A supervisor may have made some (socket activation), the process before this one may
 * hand over others (successor.h); the rest are bound here. What each is for
 * is told by its name in LISTEN_FDNAMES: the word gopher, gemini or metrics in it
 * says which protocol, proxy that connections begin with a PROXY header, and bound that
 * it was bound for an address of the configuration, for which alone it is used again. Where
 * a supervisor gives a protocol's sockets, its configured addresses are not bound.
 */
#ifndef SERVE_SOCKETS_H
#define SERVE_SOCKETS_H

#include "serve/settings.h"
#include "serve/user.h"

/* Most listening sockets of a process: every address for every worker. */
#define SOCKETS_MAX 256

struct sockets_item {
	int fd;
	bool taken; /* fd is a listener's now, which closes it */
	enum settings_protocol protocol;
	unsigned worker; /* that serves from it */
	bool proxy;
	bool bound;                 /* for an address of the configuration */
	bool again;                 /* the address of the item before, for another worker */
	struct net_address address; /* with the port that the system chose */
};

struct sockets {
	struct sockets_item items[SOCKETS_MAX];
	size_t n;
};

/*
 * Gathers the sockets that were handed over and binds those that are missing, each
 * address for every worker. Unix sockets that root makes are given to the user (all zeros: there is
 * none). Returns false when one cannot be had, having said in the log why
 * and what to do.
 */
bool sockets_open(struct sockets *out, const struct settings *s, const struct user *user);

/* Logs a line for each address, "listening on gopher://ADDR:PORT" (DESIGN.md "Commands"). */
void sockets_announce(const struct sockets *s);

/*
 * The first port of that protocol; where it has only unix sockets the protocol's own; 0: it is not
 * served.
 */
uint16_t sockets_port(const struct sockets *s, enum settings_protocol protocol);
bool sockets_has(const struct sockets *s, enum settings_protocol protocol);

/* Closes those that nobody took. */
void sockets_close(struct sockets *s);

/* The name under which a socket is handed on (LISTEN_FDNAMES). Static. */
const char *sockets_name(const struct sockets_item *i);

#endif
