/*
 * address: IPv4 and IPv6 socket addresses as text and back. No name is ever
 * looked up.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/buf.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct net_address {
	struct sockaddr_storage ss;
	socklen_t len;
};

/* The same in the size it has, not the largest there is; for those who keep many. */
union address_compact {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* How many sockets one listen address may stand for. */
#define ADDRESS_MAX 2

/*
 * Reads ADDR:PORT, where ADDR is an IPv4 address, an IPv6 address in brackets,
 * or "*" for every address of both kinds (IPv6 first, then IPv4). Returns how many
 * addresses out got, or 0 with *why set (static text).
 */
size_t address_parse(struct str s, struct net_address out[ADDRESS_MAX], const char **why);

/* Appends "192.0.2.1:70" or "[2001:db8::1]:70". */
void address_format(struct buf *out, const struct net_address *a);

/* Appends the address alone, without brackets. */
void address_format_host(struct buf *out, const struct net_address *a);

struct net_address address_expand(const union address_compact *a);

uint16_t address_port(const struct net_address *a);
void address_set_port(struct net_address *a, uint16_t port);

/*
 * True when host is the text of this address (any spelling of it; an IPv4-mapped one
 * counts as IPv4).
 */
bool address_is(const struct net_address *a, struct str host);

#endif
