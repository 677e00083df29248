/*
 * peers: what each client address has and may have: connections at once, requests in
 * a minute. An address is an IPv4 address or an IPv6 /64, as much as one reader is given.
 *
 * There is one table for all workers. The system deals connections out to them, so that
 * with a table each an address would have as many times its share as there are workers,
 * and each time another one. Hence a lock, taken three times for a
 * connection and held for a look-up and some arithmetic.
 *
 * It owns its entries and its copy of the limits. It knows no socket, no clock and no
 * reply: the caller tells the time, writes the log line, and says no.
 */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "net/network.h"

/* Addresses that are remembered without a connection, until they may ask as much as ever. */
#define PEERS_IDLE_MAX 32768

struct peers_limits {
	unsigned connections; /* at once from one address; 0: no limit */
	unsigned rate;        /* requests a minute, as which the bucket fills; 0: no limit */
	unsigned burst;       /* requests that a full bucket holds; 0 counts as 1 */
	const struct network *exempt; /* who has no limits; borrowed for the call */
	size_t nexempt;
};

struct peers;

/* One address with connections; guarded by the lock, so its holders see no inside. */
struct peer;

/* NULL, with errno set, when the system has no random bytes. */
struct peers *peers_new(const struct peers_limits *l);

/* After the last connection has left; NULL is allowed. */
void peers_free(struct peers *p);

/*
 * Sets other limits; counts stay. Who has more connections than allowed now keeps them;
 * what a bucket has gained since its last request is worked out at the new rate; who is
 * exempt is asked when a connection enters, and holds until it leaves.
 */
void peers_set_limits(struct peers *p, const struct peers_limits *l);

/*
 * Counts a new connection. True: *peer is what peers_request and peers_leave take; NULL
 * for clients without limits, exempt ones and those on unix sockets. False: the address
 * has all its connections, *peer is NULL, and there is nothing to leave; *first says that
 * this is worth a line in the log: it has not been refused since it last had no more than
 * half of them, so that one at its limit gives one line, not one for each that ends.
 */
bool peers_enter(struct peers *p, const struct net_address *a, struct peer **peer, bool *first);

/* A connection that has entered ends; NULL is allowed, and does nothing. */
void peers_leave(struct peers *p, struct peer *peer);

/*
 * Takes one request out of the bucket at now_us (clock_monotonic_us; workers may be
 * somewhat apart). Returns 0 when it was there, else the whole seconds until it will be;
 * then *first says that it is the first refusal since the bucket was last full. A refusal
 * costs nothing. peer NULL is allowed, and may ask as often as it likes.
 */
unsigned peers_request(struct peers *p, struct peer *peer, int64_t now_us, bool *first);

/* Addresses that are remembered, for counters. */
size_t peers_count(struct peers *p);

#endif
