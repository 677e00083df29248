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

/* Most bytes of an IP address. */
#define IP_MAX 16

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

/* The bytes of an IP address, 4 or 16, a mapped one as IPv4; 0: it is none. */
static size_t ip_bytes(const struct net_address *a, unsigned char ip[IP_MAX])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->ss.ss_family == AF_INET) {
		memcpy(&v4, &a->ss, sizeof v4);
		memcpy(ip, &v4.sin_addr, 4);
		return 4;
	}
	if (a->ss.ss_family != AF_INET6)
		return 0;
	memcpy(&v6, &a->ss, sizeof v6);
	memcpy(ip, &v6.sin6_addr, 16);
	if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
		return 16;
	memmove(ip, ip + 12, 4);
	return 4;
}

static void show_ip(struct buf *out, const unsigned char *ip, size_t n)
{
	struct net_address a = {0};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (n == 4) {
		memcpy(&v4.sin_addr, ip, 4);
		memcpy(&a.ss, &v4, sizeof v4);
	} else {
		memcpy(&v6.sin6_addr, ip, 16);
		memcpy(&a.ss, &v6, sizeof v6);
	}
	address_format_host(out, &a);
}

static void show_network(struct buf *out, unsigned char *ip, size_t n)
{
	size_t shown = V4_SHOWN;

	if (n > 4)
		shown = ip[0] == 0x20 && ip[1] == 0x02 ? V6_SHOWN_6TO4 : V6_SHOWN;
	memset(ip + shown / 8, 0, n - shown / 8);
	show_ip(out, ip, n);
}

static void show_mac(
    struct buf *out, const struct veil *v, const unsigned char *ip, size_t n, int64_t now)
{
	unsigned char text[sizeof(uint32_t) + IP_MAX], mac[EVP_MAX_MD_SIZE];
	uint32_t day = htonl((uint32_t)(now / DATE_DAY_SECONDS));
	unsigned got = 0;

	memcpy(text, &day, sizeof day);
	memcpy(text + sizeof day, ip, n);
	if (!HMAC(EVP_sha256(), v->secret, sizeof v->secret, text, sizeof day + n, mac, &got))
		got = 0;
	if (got < MAC_SHOWN)
		buf_addc(out, '-');
	for (size_t i = 0; i < MAC_SHOWN && got >= MAC_SHOWN; i++)
		buf_printf(out, "%02x", mac[i]);
}

void veil_format(struct buf *out, const struct veil *v, const struct net_address *a, int64_t now)
{
	unsigned char ip[IP_MAX];
	size_t n = ip_bytes(a, ip);

	if (v->mode == VEIL_NONE)
		buf_addc(out, '-');
	else if (n == 0)
		address_format_host(out, a);
	else if (v->mode == VEIL_WHOLE)
		show_ip(out, ip, n);
	else if (v->mode == VEIL_TRUNCATED)
		show_network(out, ip, n);
	else
		show_mac(out, v, ip, n, now);
}
