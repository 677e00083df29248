#include "config.h"

#include "net/address.h"

#include <arpa/inet.h>

/* Longest text of an address, its NUL included. */
#define TEXT_MAX INET6_ADDRSTRLEN

static struct net_address of_v4(struct in_addr ip, uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = ip};
	struct net_address a = {.len = sizeof sa};

	memcpy(&a.ss, &sa, sizeof sa);
	return a;
}

static struct net_address of_v6(struct in6_addr ip, uint16_t port)
{
	struct sockaddr_in6 sa = {
	    .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = ip};
	struct net_address a = {.len = sizeof sa};

	memcpy(&a.ss, &sa, sizeof sa);
	return a;
}

static struct sockaddr_in as_v4(const struct net_address *a)
{
	struct sockaddr_in sa;

	memcpy(&sa, &a->ss, sizeof sa);
	return sa;
}

static struct sockaddr_in6 as_v6(const struct net_address *a)
{
	struct sockaddr_in6 sa;

	memcpy(&sa, &a->ss, sizeof sa);
	return sa;
}

/* inet_pton wants a NUL at the end. */
static bool read_ip(int family, struct str s, void *ip)
{
	char text[TEXT_MAX];

	if (s.n == 0 || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, ip) == 1;
}

/* Takes ":PORT" off the end of *s. */
static bool take_port(struct str *s, uint16_t *port, const char **why)
{
	size_t colon = s->n;
	uint64_t number;

	while (colon > 0 && s->p[colon - 1] != ':' && s->p[colon - 1] != ']')
		colon--;
	if (colon == 0 || s->p[colon - 1] != ':') {
		*why = "a port must follow, as in 192.0.2.1:70, [2001:db8::1]:70 or *:70";
		return false;
	}
	if (!str_to_uint(str_skip(*s, colon), UINT16_MAX, &number)) {
		*why = "the port must be a number from 0 to 65535";
		return false;
	}
	*port = (uint16_t)number;
	*s = str_sub(*s, 0, colon - 1);
	return true;
}

static struct str without_brackets(struct str s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']' ? str_sub(s, 1, s.n - 1) : s;
}

size_t address_parse(struct str s, struct net_address out[ADDRESS_MAX], const char **why)
{
	struct str host = s, bare;
	struct in6_addr v6;
	struct in_addr v4;
	uint16_t port;

	if (!take_port(&host, &port, why))
		return 0;
	bare = without_brackets(host);
	if (str_eq(host, STR("*"))) {
		out[0] = of_v6((struct in6_addr)IN6ADDR_ANY_INIT, port);
		out[1] = of_v4((struct in_addr){htonl(INADDR_ANY)}, port);
		return 2;
	}
	if (bare.n < host.n ? read_ip(AF_INET6, bare, &v6) : read_ip(AF_INET, host, &v4)) {
		out[0] = bare.n < host.n ? of_v6(v6, port) : of_v4(v4, port);
		return 1;
	}
	*why = read_ip(AF_INET6, host, &v6)
	    ? "an IPv6 address must stand in brackets, as in [2001:db8::1]:70"
	    : "the address must be IPv4, IPv6 in brackets, or * for every address; not a name";
	return 0;
}

void address_format_host(struct buf *out, const struct net_address *a)
{
	char text[TEXT_MAX] = "?";

	if (a->ss.ss_family == AF_INET) {
		struct sockaddr_in sa = as_v4(a);

		inet_ntop(AF_INET, &sa.sin_addr, text, sizeof text);
	} else if (a->ss.ss_family == AF_INET6) {
		struct sockaddr_in6 sa = as_v6(a);

		inet_ntop(AF_INET6, &sa.sin6_addr, text, sizeof text);
	}
	buf_addz(out, text);
}

void address_format(struct buf *out, const struct net_address *a)
{
	bool brackets = a->ss.ss_family == AF_INET6;

	if (brackets)
		buf_addc(out, '[');
	address_format_host(out, a);
	if (brackets)
		buf_addc(out, ']');
	buf_printf(out, ":%u", (unsigned)address_port(a));
}

struct net_address address_expand(const union address_compact *a)
{
	struct net_address out = {.len = sizeof a->v4};

	if (a->any.sa_family == AF_INET6)
		out.len = sizeof a->v6;
	memcpy(&out.ss, a, out.len);
	return out;
}

uint16_t address_port(const struct net_address *a)
{
	if (a->ss.ss_family == AF_INET6)
		return ntohs(as_v6(a).sin6_port);
	return a->ss.ss_family == AF_INET ? ntohs(as_v4(a).sin_port) : 0;
}

void address_set_port(struct net_address *a, uint16_t port)
{
	if (a->ss.ss_family == AF_INET6)
		*a = of_v6(as_v6(a).sin6_addr, port);
	else if (a->ss.ss_family == AF_INET)
		*a = of_v4(as_v4(a).sin_addr, port);
}

/* Both kinds as 16 bytes, IPv4 as its mapped form; then equal bytes are equal addresses. */
static struct in6_addr mapped(struct in_addr ip)
{
	struct in6_addr m = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(&m.s6_addr[12], &ip, sizeof ip);
	return m;
}

bool address_is(const struct net_address *a, struct str host)
{
	struct in6_addr mine, theirs;
	struct in_addr v4;

	if (read_ip(AF_INET, host, &v4))
		theirs = mapped(v4);
	else if (!read_ip(AF_INET6, without_brackets(host), &theirs))
		return false;
	mine = a->ss.ss_family == AF_INET ? mapped(as_v4(a).sin_addr) : as_v6(a).sin6_addr;
	return memcmp(&mine, &theirs, sizeof mine) == 0;
}
