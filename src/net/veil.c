#include "config.h"

#include "net/veil.h"
#include "base/date.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

/* Bits of an address that are shown when it is truncated. */
#define V4_SHOWN 24
#define V6_SHOWN 48
#define V6_SHOWN_6TO4 40 /* 2002::/16 has an IPv4 address in the next 32 bits (RFC 3056) */

/* Bytes of the MAC that are shown. */
#define MAC_SHOWN 8

bool veil_init(struct veil *v, enum veil_mode mode, struct buf *why)
{
	*v = (struct veil){.mode = mode};
	if (mode == VEIL_HASHED && RAND_priv_bytes(v->secret, sizeof v->secret) != 1) {
		buf_addz(why,
		    "the system gives no random numbers to hash addresses with; "
		    "have them truncated instead");
		return false;
	}
	return true;
}

void veil_clear(struct veil *v)
{
	OPENSSL_cleanse(v->secret, sizeof v->secret);
}

/* Bytes of its address, an IPv4-mapped one as IPv4; 0: it is none. */
static size_t length_of(const struct address_ip *ip)
{
	return ip->family == AF_INET ? 4 : ip->family == AF_INET6 ? 16 : 0;
}

static void show_ip(struct buf *out, const struct address_ip *ip)
{
	struct net_address a = address_of_ip(ip, 0);

	address_format_host(out, &a);
}

static void show_network(struct buf *out, struct address_ip ip)
{
	size_t shown = V4_SHOWN;

	if (ip.family == AF_INET6)
		shown = ip.bytes[0] == 0x20 && ip.bytes[1] == 0x02 ? V6_SHOWN_6TO4 : V6_SHOWN;
	memset(ip.bytes + shown / 8, 0, sizeof ip.bytes - shown / 8);
	show_ip(out, &ip);
}

static void show_mac(
    struct buf *out, const struct veil *v, const struct address_ip *ip, int64_t now)
{
	unsigned char text[sizeof(uint32_t) + sizeof ip->bytes], mac[EVP_MAX_MD_SIZE];
	uint32_t day = htonl((uint32_t)(now / DATE_DAY_SECONDS));
	size_t n = length_of(ip);
	unsigned got = 0;

	memcpy(text, &day, sizeof day);
	memcpy(text + sizeof day, ip->bytes, n);
	if (!HMAC(EVP_sha256(), v->secret, sizeof v->secret, text, sizeof day + n, mac, &got))
		got = 0;
	if (got < MAC_SHOWN)
		buf_addc(out, '-');
	for (size_t i = 0; i < MAC_SHOWN && got >= MAC_SHOWN; i++)
		buf_printf(out, "%02x", mac[i]);
}

void veil_format(struct buf *out, const struct veil *v, const struct net_address *a, int64_t now)
{
	struct address_ip ip = address_ip(a);

	if (v->mode == VEIL_NONE)
		buf_addc(out, '-');
	else if (length_of(&ip) == 0)
		address_format_host(out, a);
	else if (v->mode == VEIL_WHOLE)
		show_ip(out, &ip);
	else if (v->mode == VEIL_TRUNCATED)
		show_network(out, ip);
	else
		show_mac(out, v, &ip, now);
}
