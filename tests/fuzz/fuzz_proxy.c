/*
 * Fuzz target: the header of the PROXY protocol (net/proxy.c).
 *
 * The input is what a proxy sends. Each beginning of a header is partial, and its verdict
 * stands whatever follows; what it says of addresses can be written and read again; no
 * verdict is put off beyond the bound.
 */
#include "config.h"

#include "net/proxy.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static bool same_address(const struct net_address *a, const struct net_address *b)
{
	return a->len == b->len && memcmp(&a->ss, &b->ss, sizeof a->ss) == 0;
}

static bool same(const struct proxy_header *a, const struct proxy_header *b)
{
	return a->length == b->length && a->known == b->known &&
	    same_address(&a->source, &b->source) && same_address(&a->destination, &b->destination);
}

/* Once there is a verdict, more bytes do not change it; before, there is none. */
static void check_split(struct str in, enum proxy_verdict whole, const struct proxy_header *want)
{
	static const struct proxy_header nothing;

	for (size_t n = 0; n < in.n; n++) {
		struct proxy_header h;
		enum proxy_verdict v = proxy_parse(in.p, n, &h);

		if (v == PROXY_PARTIAL) {
			demand(same(&h, &nothing), "a header before its end");
			demand(n < PROXY_MAX, "no verdict on an over-long header");
			demand(whole != PROXY_DONE || n < want->length, "a late verdict");
			continue;
		}
		demand(v == whole, "the verdict depends on where the header is split");
		demand(same(&h, want), "the header depends on where it is split");
		demand(v != PROXY_DONE || n >= want->length, "a verdict on bytes not seen");
	}
}

/* An address as the log shows it, which a listed network could name. */
static void check_address(const struct net_address *a)
{
	struct net_address again[ADDRESS_MAX];
	struct buf text = {0};
	const char *why;

	demand(a->ss.ss_family == AF_INET || a->ss.ss_family == AF_INET6, "another family");
	address_format(&text, a);
	demand(address_parse(buf_str(&text), again, &why) == 1, "an address that cannot be read");
	demand(same_address(a, &again[0]), "an address that is not stable");
	buf_free(&text);
}

static void check_done(struct str in, const struct proxy_header *h)
{
	demand(h->length >= 15 && h->length <= PROXY_MAX && h->length <= in.n, "a wrong length");
	if (in.p[0] == 'P') {
		demand(h->length <= 107, "an over-long line");
		demand(str_ends(str_sub(in, 0, h->length), STR("\r\n")), "a line without its end");
	}
	if (!h->known) {
		demand(h->source.len == 0 && h->destination.len == 0, "an address of nobody");
		return;
	}
	check_address(&h->source);
	check_address(&h->destination);
}

/* A line of version 1 that says what a header says means the same. */
static void check_line(const struct proxy_header *h)
{
	bool v4 = h->source.ss.ss_family == AF_INET;
	struct proxy_header again;
	struct buf line = {0};

	if (!h->known || h->source.ss.ss_family != h->destination.ss.ss_family)
		return;
	buf_addz(&line, v4 ? "PROXY TCP4 " : "PROXY TCP6 ");
	address_format_host(&line, &h->source);
	buf_addc(&line, ' ');
	address_format_host(&line, &h->destination);
	buf_printf(&line, " %u %u\r\n", address_port(&h->source), address_port(&h->destination));
	demand(proxy_parse(line.p, line.len, &again) == PROXY_DONE, "a line that is refused");
	demand(again.length == line.len, "a line of another length");
	demand(same_address(&again.source, &h->source), "another source");
	demand(same_address(&again.destination, &h->destination), "another destination");
	buf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct proxy_header h;
	enum proxy_verdict v = proxy_parse(in.p, in.n, &h);

	check_split(in, v, &h);
	demand(v == PROXY_DONE || h.length == 0, "a length of no header");
	if (v != PROXY_DONE)
		return 0;
	check_done(in, &h);
	check_line(&h);
	return 0;
}
