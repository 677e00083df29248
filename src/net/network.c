#include "config.h"

#include "net/network.h"

/* An IPv4 address stands at the end of the IPv6 address that maps it. */
#define MAPPED_BITS 96

static unsigned bits_of(int family)
{
	return family == AF_INET ? 32 : family == AF_INET6 ? 128 : 0;
}

/* The first address of the network that ip is in. */
static struct address_ip masked(struct address_ip ip, unsigned prefix)
{
	size_t whole = prefix / 8;

	if (whole < sizeof ip.bytes) {
		ip.bytes[whole] &= (unsigned char)(0xff00 >> prefix % 8);
		memset(ip.bytes + whole + 1, 0, sizeof ip.bytes - whole - 1);
	}
	return ip;
}

static void format(struct buf *out, const struct network *n)
{
	struct net_address a = address_of_ip(&n->ip, 0);

	address_format_host(out, &a);
	if (n->prefix < bits_of(n->ip.family))
		buf_printf(out, "/%u", n->prefix);
}

/* The prefix as it is written, for the family as it is written. */
static bool read_prefix(struct str s, int family, unsigned *prefix, struct buf *why)
{
	uint64_t number;

	if (!str_to_uint(s, bits_of(family), &number)) {
		buf_printf(why, "the prefix of an %s network must be a number from 0 to %u",
		    family == AF_INET ? "IPv4" : "IPv6", bits_of(family));
		return false;
	}
	*prefix = (unsigned)number;
	return true;
}

/* Bits behind the prefix: a network or one address was meant, and both can be said. */
static bool check_host_bits(const struct network *n, struct buf *why)
{
	struct network whole = {masked(n->ip, n->prefix), n->prefix};
	struct network one = {n->ip, bits_of(n->ip.family)};

	if (address_ip_eq(&whole.ip, &n->ip))
		return true;
	buf_addz(why, "bits are set behind the prefix: write ");
	format(why, &whole);
	buf_addz(why, " for the network, or ");
	format(why, &one);
	buf_addz(why, " for the one address");
	return false;
}

/* Turns the prefix of an IPv6 network into that of the IPv4 network it maps. */
static bool unmap(struct network *n, struct buf *why)
{
	if (n->prefix < MAPPED_BITS) {
		buf_addz(why, "a network of IPv4-mapped addresses must be written as IPv4");
		return false;
	}
	n->prefix -= MAPPED_BITS;
	return true;
}

bool network_parse(struct str s, struct network *out, struct buf *why)
{
	size_t slash = str_index(s, '/');
	struct str host = str_sub(s, 0, slash);
	int family = str_index(host, ':') < host.n ? AF_INET6 : AF_INET;

	*out = (struct network){.ip.family = AF_UNIX};
	if (str_eq(s, STR("unix")))
		return true;
	if (!address_ip_parse(family, host, &out->ip)) {
		buf_addz(why,
		    "must be an IPv4 or IPv6 address or network, as 192.0.2.1, 192.0.2.0/24 "
		    "or 2001:db8::/32, or the word unix");
		return false;
	}
	out->prefix = bits_of(family);
	if (slash < s.n && !read_prefix(str_skip(s, slash + 1), family, &out->prefix, why))
		return false;
	if (family != out->ip.family && !unmap(out, why))
		return false;
	return check_host_bits(out, why);
}

bool network_has(const struct network *list, size_t n, const struct net_address *a)
{
	struct address_ip ip = address_ip(a);

	for (size_t i = 0; i < n; i++) {
		struct address_ip begin = masked(ip, list[i].prefix);

		if (address_ip_eq(&begin, &list[i].ip))
			return true;
	}
	return false;
}
