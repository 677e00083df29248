#include "config.h"

#include "net/proxy.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What came, and how far it has been read. */
struct cursor {
	struct str rest; /* not read yet */
	size_t at;       /* bytes read */
};

static void advance(struct cursor *c, size_t n)
{
	c->rest = str_skip(c->rest, n);
	c->at += n;
}

/* Takes exactly this text. */
static enum proxy_verdict take_text(struct cursor *c, struct str text)
{
	if (!str_starts(c->rest, str_sub(text, 0, c->rest.n)))
		return PROXY_BAD;
	if (c->rest.n < text.n)
		return PROXY_PARTIAL;
	advance(c, text.n);
	return PROXY_DONE;
}

/* ---------------------------------------------------------------- version 1 */

/*
 * Whether text may become an address: one of these endings makes one of whatever is the
 * beginning of one. inet_pton then knows all rules of both notations, and nobody else.
 */
static bool may_become_address(int family, struct str text)
{
	static const char *const endings[] = {
	    "0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0", "0.0.0.0", ":", "::"};
	char whole[INET6_ADDRSTRLEN + sizeof "0.0.0.0"];
	struct address_ip ip;

	if (text.n > INET6_ADDRSTRLEN)
		return false;
	if (text.n > 0)
		memcpy(whole, text.p, text.n);
	for (size_t i = 0; i < COUNT(endings); i++) {
		struct str ending = str_of(endings[i]);

		memcpy(whole + text.n, ending.p, ending.n);
		if (address_ip_parse(family, (struct str){whole, text.n + ending.n}, &ip))
			return true;
	}
	return address_ip_parse(family, text, &ip);
}

/* Takes an address in the notation of a family, and the space behind it. */
static enum proxy_verdict take_address(struct cursor *c, int family, struct address_ip *out)
{
	size_t n = str_index(c->rest, ' ');

	if (n == c->rest.n)
		return may_become_address(family, c->rest) ? PROXY_PARTIAL : PROXY_BAD;
	if (!address_ip_parse(family, str_sub(c->rest, 0, n), out))
		return PROXY_BAD;
	advance(c, n + 1);
	return PROXY_DONE;
}

/* Takes a port without leading zeros, and the byte behind it. */
static enum proxy_verdict take_port(struct cursor *c, char end, uint16_t *out)
{
	size_t n = str_index(c->rest, end);
	uint64_t number;

	if (n == 0 && c->rest.n == 0)
		return PROXY_PARTIAL;
	if (!str_to_uint(str_sub(c->rest, 0, n), UINT16_MAX, &number) ||
	    (c->rest.p[0] == '0' && n > 1))
		return PROXY_BAD;
	if (n == c->rest.n)
		return PROXY_PARTIAL;
	*out = (uint16_t)number;
	advance(c, n + 1);
	return PROXY_DONE;
}

static enum proxy_verdict read_tcp(struct cursor *c, int family, struct proxy_header *out)
{
	struct address_ip from, to;
	uint16_t from_port, to_port;
	enum proxy_verdict v;

	if ((v = take_address(c, family, &from)) != PROXY_DONE ||
	    (v = take_address(c, family, &to)) != PROXY_DONE ||
	    (v = take_port(c, ' ', &from_port)) != PROXY_DONE ||
	    (v = take_port(c, '\r', &to_port)) != PROXY_DONE ||
	    (v = take_text(c, STR("\n"))) != PROXY_DONE)
		return v;
	out->known = true;
	out->source = address_of_ip(&from, from_port);
	out->destination = address_of_ip(&to, to_port);
	return PROXY_DONE;
}

/* Whatever stands there is skipped, to the first CRLF; a lone CR or LF is no end. */
static enum proxy_verdict read_unknown(struct cursor *c)
{
	do {
		advance(c, str_index(c->rest, '\r'));
		if (c->rest.n < 2)
			return PROXY_PARTIAL;
		advance(c, 1);
	} while (c->rest.p[0] != '\n');
	advance(c, 1);
	return PROXY_DONE;
}

static enum proxy_verdict parse_line(struct str in, struct proxy_header *out)
{
	static const struct {
		const char *begin;
		int family;  /* AF_UNSPEC: the line names no addresses */
		size_t most; /* bytes of it, its end included (section 2.1) */
	} kinds[] = {
	    {"PROXY TCP4 ", AF_INET, 56},
	    {"PROXY TCP6 ", AF_INET6, 104},
	    {"PROXY UNKNOWN", AF_UNSPEC, 107},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct cursor c = {.rest = str_sub(in, 0, kinds[i].most)};
		enum proxy_verdict v = take_text(&c, str_of(kinds[i].begin));

		if (v == PROXY_BAD)
			continue;
		if (v == PROXY_DONE)
			v = kinds[i].family == AF_UNSPEC ? read_unknown(&c)
							 : read_tcp(&c, kinds[i].family, out);
		if (v == PROXY_DONE)
			out->length = c.at;
		return v == PROXY_PARTIAL && in.n >= kinds[i].most ? PROXY_BAD : v;
	}
	return PROXY_BAD;
}

/* ---------------------------------------------------------------- version 2 */

#define SIGNATURE STR("\r\n\r\n\0\r\nQUIT\n")

/* The bytes behind the signature: version and command, family, length (2, big-endian). */
enum { COMMAND = 12, FAMILY, LENGTH, BODY = LENGTH + 2 };

/* Version 2 in both; with LOCAL the proxy speaks for itself, and family and body are void. */
#define COMMAND_LOCAL 0x20
#define COMMAND_PROXY 0x21

#define BODY_MAX (PROXY_MAX - BODY)

/* The families there are. */
struct family {
	unsigned char code; /* family and kind of socket */
	unsigned char need; /* least bytes of the body */
	int family;         /* AF_INET, AF_INET6; AF_UNSPEC: no address is taken from the body */
};

static const struct family families[] = {
    {0x00, 0, AF_UNSPEC},
    {0x11, 12, AF_INET},
    {0x12, 0, AF_UNSPEC}, /* datagrams cannot be what came here */
    {0x21, 36, AF_INET6},
    {0x22, 0, AF_UNSPEC},
    {0x31, 216, AF_UNSPEC}, /* of a unix socket's client there is nothing to know */
    {0x32, 0, AF_UNSPEC},
};

static const struct family *find_family(unsigned char command, unsigned char code)
{
	if (command == COMMAND_LOCAL)
		return &families[0];
	for (size_t i = 0; i < COUNT(families); i++)
		if (families[i].code == code)
			return &families[i];
	return NULL;
}

static unsigned char byte(struct str in, size_t i)
{
	return (unsigned char)in.p[i];
}

static unsigned big_endian(struct str in, size_t i)
{
	return (unsigned)byte(in, i) << 8 | byte(in, i + 1);
}

static struct net_address read_address(struct str in, int family, size_t ip, size_t port)
{
	struct address_ip plain = address_ip_of(family, in.p + ip);

	return address_of_ip(&plain, (uint16_t)big_endian(in, port));
}

/* Addresses, then ports; behind them extensions, of which none is of use here. */
static void read_body(struct str in, int family, struct proxy_header *out)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	size_t ports = BODY + 2 * size;

	if (family == AF_UNSPEC)
		return;
	out->known = true;
	out->source = read_address(in, family, BODY, ports);
	out->destination = read_address(in, family, BODY + size, ports + 2);
}

/* From the length on. */
static enum proxy_verdict read_rest(struct str in, const struct family *f, struct proxy_header *out)
{
	unsigned length;

	if (in.n < BODY) /* its first byte may tell already */
		return in.n > LENGTH && byte(in, LENGTH) > BODY_MAX >> 8 ? PROXY_BAD
									 : PROXY_PARTIAL;
	length = big_endian(in, LENGTH);
	if (length < f->need || length > BODY_MAX)
		return PROXY_BAD;
	if (in.n - BODY < length)
		return PROXY_PARTIAL;
	out->length = BODY + length;
	read_body(in, f->family, out);
	return PROXY_DONE;
}

static enum proxy_verdict parse_block(struct str in, struct proxy_header *out)
{
	struct cursor c = {.rest = in};
	enum proxy_verdict v = take_text(&c, SIGNATURE);
	const struct family *f;

	if (v != PROXY_DONE || in.n <= COMMAND)
		return v == PROXY_BAD ? PROXY_BAD : PROXY_PARTIAL;
	if (byte(in, COMMAND) != COMMAND_LOCAL && byte(in, COMMAND) != COMMAND_PROXY)
		return PROXY_BAD;
	if (in.n <= FAMILY)
		return PROXY_PARTIAL;
	f = find_family(byte(in, COMMAND), byte(in, FAMILY));
	return f ? read_rest(in, f, out) : PROXY_BAD;
}

enum proxy_verdict proxy_parse(const char *p, size_t n, struct proxy_header *out)
{
	struct str in = {p, n};
	enum proxy_verdict v = PROXY_PARTIAL;

	*out = (struct proxy_header){0};
	if (n > 0)
		v = p[0] == 'P' ? parse_line(in, out) : parse_block(in, out);
	return v;
}
