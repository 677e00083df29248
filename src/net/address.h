/*
 * address: the addresses of sockets (IPv4, IPv6, unix) as text and back, and the IP
 * addresses in them in the one form that others compare. Owns nothing. No name is
 * ever looked up, no file touched.
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

/*
 * The same in the size it has, not the largest there is; for those who keep many. Of a
 * unix socket it says only that it is one: clients have no path, and whoever wants that
 * of a listener keeps its net_address.
 */
union address_compact {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* How many sockets one listen address may stand for. */
#define ADDRESS_MAX 2

/* An IP address alone. Equal ones are equal bytes: an IPv4-mapped one is held as IPv4. */
struct address_ip {
	int family;              /* AF_INET, AF_INET6; else what it was of, without bytes */
	unsigned char bytes[16]; /* in network order; the first 4 for IPv4, the others are 0 */
};

/*
 * Reads ADDR:PORT, where ADDR is an IPv4 address, an IPv6 address in brackets,
 * or "*" for every address of both kinds (IPv6 first, then IPv4); or "unix:" and the
 * absolute path of a unix socket. Returns how many addresses out got, or 0 with *why
 * set (static text).
 */
size_t address_parse(struct str s, struct net_address out[ADDRESS_MAX], const char **why);

/* Appends "192.0.2.1:70", "[2001:db8::1]:70", "unix:/path", or "unix" for one without a path. */
void address_format(struct buf *out, const struct net_address *a);

/* Appends the address alone, without brackets; of a unix socket "unix". */
void address_format_host(struct buf *out, const struct net_address *a);

struct net_address address_expand(const union address_compact *a);

/* The port is 0 for what has none, and setting it does nothing. */
uint16_t address_port(const struct net_address *a);
void address_set_port(struct net_address *a, uint16_t port);

/* Of a socket address; of the 4 bytes of AF_INET or the 16 of AF_INET6, in network order. */
struct address_ip address_ip(const struct net_address *a);
struct address_ip address_ip_of(int family, const void *bytes);

bool address_ip_eq(const struct address_ip *a, const struct address_ip *b);

/* Reads the notation of a family, AF_INET or AF_INET6 (without brackets). */
bool address_ip_parse(int family, struct str s, struct address_ip *out);

/* ip is of AF_INET or AF_INET6. */
struct net_address address_of_ip(const struct address_ip *ip, uint16_t port);

/* True for what only this machine can reach: the loopback, and unix sockets. */
bool address_is_private(const struct net_address *a);

/*
 * True when host is the text of this address (any spelling of it; an IPv4-mapped one
 * counts as IPv4). A unix socket has no such text.
 */
bool address_is(const struct net_address *a, struct str host);

#endif
