#include "config.h"

#include "net/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <sys/un.h>

/* How the address of a unix socket begins, and the bytes of one that has no path. */
#define UNIX_WORD "unix"
#define UNIX_HEAD offsetof(struct sockaddr_un, sun_path)
#define UNIX_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)

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

/* path fits, with its NUL. */
static struct net_address of_unix(struct str path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct net_address a = {.len = (socklen_t)(UNIX_HEAD + path.n + 1)};

	memcpy(sa.sun_path, path.p, path.n);
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

/* inet_pton reads to a NUL; one within s would hide what follows it. */
static bool read_ip(int family, struct str s, void *ip)
{
	char text[TEXT_MAX];

	if (s.n == 0 || s.n >= sizeof text || str_index(s, '\0') < s.n)
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

/* What is wrong with the path of a unix socket, or NULL. */
static const char *path_fault(struct str path)
{
	if (path.n == 0 || path.p[0] != '/')
		return "the path of a unix socket must be absolute, as in unix:/run/digestd/gopher";
	if (path.p[path.n - 1] == '/')
		return "the path of a unix socket must name the socket, not its folder";
	if (str_index(path, '\0') < path.n)
		return "the path of a unix socket must not hold a NUL byte";
	if (path.n >= UNIX_PATH_SIZE)
		return "the path of the unix socket is too long: the system takes about 100 bytes";
	return NULL;
}

static size_t parse_unix(struct str path, struct net_address *out, const char **why)
{
	const char *fault = path_fault(path);

	if (fault) {
		*why = fault;
		return 0;
	}
	*out = of_unix(path);
	return 1;
}

size_t address_parse(struct str s, struct net_address out[ADDRESS_MAX], const char **why)
{
	struct str host = s, bare;
	struct in6_addr v6;
	struct in_addr v4;
	uint16_t port;

	if (str_starts(s, STR(UNIX_WORD ":")))
		return parse_unix(str_skip(s, sizeof UNIX_WORD), out, why);
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
	buf_addz(out, a->ss.ss_family == AF_UNIX ? UNIX_WORD : text);
}

/* What has no path, or none that is a file's name, is "unix" alone. */
static void format_unix(struct buf *out, const struct net_address *a)
{
	size_t n = a->len > UNIX_HEAD ? a->len - UNIX_HEAD : 0;
	struct sockaddr_un sa;
	struct str path;

	memcpy(&sa, &a->ss, sizeof sa);
	path = (struct str){sa.sun_path, n < sizeof sa.sun_path ? n : sizeof sa.sun_path};
	path.n = str_index(path, '\0');
	buf_addz(out, path.n > 0 ? UNIX_WORD ":" : UNIX_WORD);
	buf_add(out, path);
}

void address_format(struct buf *out, const struct net_address *a)
{
	bool brackets = a->ss.ss_family == AF_INET6;

	if (a->ss.ss_family == AF_UNIX) {
		format_unix(out, a);
		return;
	}
	if (brackets)
		buf_addc(out, '[');
	address_format_host(out, a);
	if (brackets)
		buf_addc(out, ']');
	buf_printf(out, ":%u", (unsigned)address_port(a));
}

struct net_address address_expand(const union address_compact *a)
{
	struct net_address out = {.len = UNIX_HEAD};

	if (a->any.sa_family == AF_INET6)
		out.len = sizeof a->v6;
	else if (a->any.sa_family == AF_INET)
		out.len = sizeof a->v4;
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

/* ------------------------------------------------------------- without a port */

struct address_ip address_ip_of(int family, const void *bytes)
{
	static const unsigned char mapped[] = {[10] = 0xff, [11] = 0xff};
	struct address_ip ip = {.family = family};

	if (family == AF_INET6 && memcmp(bytes, mapped, sizeof mapped) == 0)
		return address_ip_of(AF_INET, (const unsigned char *)bytes + sizeof mapped);
	memcpy(
	    ip.bytes, bytes, family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr));
	return ip;
}

struct address_ip address_ip(const struct net_address *a)
{
	struct sockaddr_in v4 = as_v4(a);
	struct sockaddr_in6 v6 = as_v6(a);

	if (a->ss.ss_family == AF_INET)
		return address_ip_of(AF_INET, &v4.sin_addr);
	if (a->ss.ss_family == AF_INET6)
		return address_ip_of(AF_INET6, &v6.sin6_addr);
	return (struct address_ip){.family = a->ss.ss_family};
}

bool address_ip_parse(int family, struct str s, struct address_ip *out)
{
	struct in6_addr room; /* for either */

	if (!read_ip(family, s, &room))
		return false;
	*out = address_ip_of(family, &room);
	return true;
}

struct net_address address_of_ip(const struct address_ip *ip, uint16_t port)
{
	struct in6_addr v6;
	struct in_addr v4;

	memcpy(&v4, ip->bytes, sizeof v4);
	memcpy(&v6, ip->bytes, sizeof v6);
	return ip->family == AF_INET ? of_v4(v4, port) : of_v6(v6, port);
}

bool address_ip_eq(const struct address_ip *a, const struct address_ip *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool address_is(const struct net_address *a, struct str host)
{
	struct address_ip mine = address_ip(a), theirs;

	if (!address_ip_parse(AF_INET, host, &theirs) &&
	    !address_ip_parse(AF_INET6, without_brackets(host), &theirs))
		return false;
	return address_ip_eq(&mine, &theirs);
}

bool address_is_private(const struct net_address *a)
{
	static const unsigned char loopback[16] = {[15] = 1};
	struct address_ip ip = address_ip(a);

	switch (ip.family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ip.bytes[0] == 127;
	default:
		return ip.family == AF_INET6 && memcmp(ip.bytes, loopback, sizeof loopback) == 0;
	}
}
