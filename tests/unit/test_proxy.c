/*
 * proxy: every form of a header (rows P-02 to P-04 of the protocol dossier), each at
 * every byte it may have come to, and where exactly a bad one is known to be bad.
 */
#include "config.h"

#include "check.h"

#include "net/proxy.h"

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* How version 2 begins. */
#define V2 "\r\n\r\n\0\r\nQUIT\n"

struct row {
	struct str header;
	const char *source; /* as address_format has it; NULL: no addresses */
	const char *destination;
};

static void check_address(const struct net_address *a, const char *want)
{
	struct buf have = {0};

	address_format(&have, a);
	check_buf(&have, want);
}

static void check_header(const struct row *row, const struct proxy_header *h)
{
	check_row(h->length == row->header.n, row->header.p);
	check_row(h->known == (row->source != NULL), row->header.p);
	if (!row->source)
		return;
	check_address(&h->source, row->source);
	check_address(&h->destination, row->destination);
}

/* Each beginning is partial, and says nothing; what follows the header changes nothing. */
static void check_done(const struct row *row)
{
	struct buf more = {0};
	struct proxy_header h;

	for (size_t n = 0; n < row->header.n; n++) {
		check_row(proxy_parse(row->header.p, n, &h) == PROXY_PARTIAL, row->header.p);
		check_row(h.length == 0 && !h.known && h.source.len == 0, row->header.p);
	}
	check_row(proxy_parse(row->header.p, row->header.n, &h) == PROXY_DONE, row->header.p);
	check_header(row, &h);
	buf_add(&more, row->header);
	buf_fill(&more, '\n', 2000);
	check_row(proxy_parse(more.p, more.len, &h) == PROXY_DONE, row->header.p);
	check_header(row, &h);
	buf_free(&more);
}

static void check_all_done(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_done(&rows[i]);
}

/* Bad with its last byte, whatever follows, and not before. */
static void check_bad(struct str bytes)
{
	struct proxy_header h;
	struct buf more = {0};

	for (size_t n = 0; n < bytes.n; n++)
		if (proxy_parse(bytes.p, n, &h) != PROXY_PARTIAL) {
			check_show("too early", str_sub(bytes, 0, n));
			fail();
		}
	if (proxy_parse(bytes.p, bytes.n, &h) != PROXY_BAD) {
		check_show("not bad", bytes);
		fail();
	}
	buf_add(&more, bytes);
	buf_addz(&more, " 192.0.2.9 56324 1965\r\n");
	assert_int_equal(proxy_parse(more.p, more.len, &h), PROXY_BAD);
	assert_int_equal(h.length, 0);
	buf_free(&more);
}

static void check_all_bad(const struct str *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_bad(rows[i]);
}

static void p02_a_line_of_version_1(void **state)
{
	static const struct row rows[] = {
	    {BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 56324 1965\r\n"), "192.0.2.1:56324",
		"192.0.2.9:1965"},
	    {BYTES("PROXY TCP4 0.0.0.0 1.2.3.4 0 0\r\n"), "0.0.0.0:0", "1.2.3.4:0"},
	    {BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
		"255.255.255.255:65535", "255.255.255.255:65535"},
	    {BYTES("PROXY TCP6 2001:db8::1 2001:DB8::9 56324 1965\r\n"), "[2001:db8::1]:56324",
		"[2001:db8::9]:1965"},
	    {BYTES("PROXY TCP6 :: ::1 1 70\r\n"), "[::]:1", "[::1]:70"},
	    {BYTES("PROXY TCP6 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1 70\r\n"), "[1:2:3:4:5:6:7:8]:1",
		"[1:2:3:4:5:6:7:0]:70"},
	    {BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
	    {BYTES("PROXY TCP6 ::ffff:192.0.2.1 1:2:3:4:5:6:192.0.2.9 1 70\r\n"), "192.0.2.1:1",
		"[1:2:3:4:5:6:c000:209]:70"},
	};

	(void)state;
	check_all_done(rows, COUNT(rows));
}

/* Whatever it says is skipped, and the peer is who it is. */
static void p02_p04_a_line_of_unknown(void **state)
{
	static const struct row rows[] = {
	    {BYTES("PROXY UNKNOWN\r\n"), NULL, NULL},
	    {BYTES("PROXY UNKNOWN \r\n"), NULL, NULL},
	    {BYTES("PROXY UNKNOWN 192.0.2.1 192.0.2.9 56324 1965\r\n"), NULL, NULL},
	    {BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
		NULL, NULL},
	    {BYTES("PROXY UNKNOWN a\rb\nc\r\r\n"), NULL, NULL},
	    {BYTES("PROXY UNKNOWN\n\0\xff\r\n"), NULL, NULL},
	};

	(void)state;
	check_all_done(rows, COUNT(rows));
	assert_int_equal(rows[3].header.n, 107);
}

static void p02_a_line_ends_where_it_must(void **state)
{
	static const size_t most = 107;
	struct buf line = {0};
	struct proxy_header h;

	(void)state;
	buf_addz(&line, "PROXY UNKNOWN");
	buf_fill(&line, 'x', most - line.len - 2);
	buf_addz(&line, "\r\n");
	check_done(&(struct row){buf_str(&line), NULL, NULL});
	line.len = most - 2;
	buf_addz(&line, "xx");
	check_bad(buf_str(&line));
	line.len = most - 1;
	buf_addz(&line, "\r\n");
	assert_int_equal(proxy_parse(line.p, most - 1, &h), PROXY_PARTIAL);
	assert_int_equal(proxy_parse(line.p, most, &h), PROXY_BAD);
	assert_int_equal(proxy_parse(line.p, most + 1, &h), PROXY_BAD);
	buf_free(&line);
	/* Both addresses in the longest notation there is would be 116. */
	check_bad(STR("PROXY TCP6 1111:2222:3333:4444:5555:6666:255.255.255.255 "
		      "1111:2222:3333:4444:5555:6666:255.255.255.255 6"));
}

/* Each is bad at its last byte. */
static void p02_a_bad_line_is_known_at_once(void **state)
{
	static const struct str rows[] = {
	    BYTES("\x16"), /* of TLS */
	    BYTES("/"),
	    BYTES("p"),
	    BYTES("\n"),
	    BYTES("PRI"),
	    BYTES("PROXY\r"),
	    BYTES("PROXY  "),
	    BYTES("PROXY\t"),
	    BYTES("PROXY t"),
	    BYTES("PROXY UD"),
	    BYTES("PROXY TCP5"),
	    BYTES("PROXY TCP4\r"),
	    BYTES("PROXY TCP4  "),
	    BYTES("PROXY TCP4 :"),
	    BYTES("PROXY TCP4 a"),
	    BYTES("PROXY TCP4 256"),
	    BYTES("PROXY TCP4 01"),
	    BYTES("PROXY TCP4 192.0.2 "),
	    BYTES("PROXY TCP4 192.."),
	    BYTES("PROXY TCP4 192.0.2.1."),
	    BYTES("PROXY TCP4 192.0.2.1\0"),
	    BYTES("PROXY TCP4 192.0.2.1\r"),
	    BYTES("PROXY TCP4 192.0.2.1  "),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9\r"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9  "),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 -"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 00"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 01"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 65536"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1\r"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1  "),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1 \r"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1 70 "),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1 70\n"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1 70\r\r"),
	    BYTES("PROXY TCP4 192.0.2.1 192.0.2.9 1 07"),
	    BYTES("PROXY TCP4 192.0.2.1 2001"),
	    BYTES("PROXY TCP6 1."),
	    BYTES("PROXY TCP6 ["),
	    BYTES("PROXY TCP6 :1"),
	    BYTES("PROXY TCP6 11111"),
	    BYTES("PROXY TCP6 1:::"),
	    BYTES("PROXY TCP6 1::2::"),
	    BYTES("PROXY TCP6 1:2:3:4:5:6:7:8:"),
	    BYTES("PROXY TCP6 1:2:3:4:5:6:7:8%"),
	    BYTES("PROXY TCP6 2001:db8 "),
	    BYTES("PROXY TCP6 ::ffff:192.0.2.256"),
	    BYTES("PROXY TCP6 ::1 192."),
	};

	(void)state;
	check_all_bad(rows, COUNT(rows));
}

/* More at once than any address has. */
static void p02_a_long_word_is_no_address(void **state)
{
	struct buf line = {0};
	struct proxy_header h;

	(void)state;
	buf_addz(&line, "PROXY TCP6 ");
	buf_fill(&line, '1', 2000);
	for (size_t n = line.len; n > 15; n--)
		assert_int_equal(proxy_parse(line.p, n, &h), PROXY_BAD);
	buf_free(&line);
}

#define V4_BODY "\xc0\0\2\1\xc0\0\2\x9\xdc\4\7\xad"
#define V6_BODY                                                                                    \
	"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x9\xdc\4\7\xad"
#define MAPPED_BODY                                                                                \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\x9\xff\xff\0"  \
	"\0"

static void p03_a_block_of_version_2(void **state)
{
	static const struct row rows[] = {
	    {BYTES(V2 "\x21\x11\0\xc" V4_BODY), "192.0.2.1:56324", "192.0.2.9:1965"},
	    {BYTES(V2 "\x21\x21\0\x24" V6_BODY), "[2001:db8::1]:56324", "[2001:db8::9]:1965"},
	    {BYTES(V2 "\x21\x21\0\x24" MAPPED_BODY), "192.0.2.1:65535", "192.0.2.9:0"},
	};

	(void)state;
	check_all_done(rows, COUNT(rows));
}

/* Behind the addresses: a name (type 2), a checksum (3), and what no type is. */
static void p03_extensions_are_skipped(void **state)
{
	static const struct row rows[] = {
	    {BYTES(V2 "\x21\x11\0\x16" V4_BODY "\2\0\7example"), "192.0.2.1:56324",
		"192.0.2.9:1965"},
	    {BYTES(V2 "\x21\x21\0\x2b" V6_BODY "\3\0\4\1\2\3\4"), "[2001:db8::1]:56324",
		"[2001:db8::9]:1965"},
	    {BYTES(V2 "\x21\x11\0\xd" V4_BODY "\xff"), "192.0.2.1:56324", "192.0.2.9:1965"},
	    {BYTES(V2 "\x21\0\0\5\4\0\2xy"), NULL, NULL},
	};

	(void)state;
	check_all_done(rows, COUNT(rows));
}

static void p03_p04_a_block_without_an_address_of_use(void **state)
{
	static const struct row rows[] = {
	    {BYTES(V2 "\x20\0\0\0"), NULL, NULL},
	    {BYTES(V2 "\x20\x11\0\0"), NULL, NULL}, /* LOCAL: its family says nothing */
	    {BYTES(V2 "\x20\x31\0\3abc"), NULL, NULL},
	    {BYTES(V2 "\x20\xff\0\1x"), NULL, NULL},
	    {BYTES(V2 "\x20\x11\0\xc" V4_BODY), NULL, NULL},
	    {BYTES(V2 "\x21\0\0\0"), NULL, NULL},
	    {BYTES(V2 "\x21\0\0\xc" V4_BODY), NULL, NULL},
	    {BYTES(V2 "\x21\x12\0\xc" V4_BODY), NULL, NULL}, /* datagrams */
	    {BYTES(V2 "\x21\x22\0\x24" V6_BODY), NULL, NULL},
	    {BYTES(V2 "\x21\x12\0\0"), NULL, NULL},
	    {BYTES(V2 "\x21\x22\0\0"), NULL, NULL},
	    {BYTES(V2 "\x21\x32\0\0"), NULL, NULL},
	};

	(void)state;
	check_all_done(rows, COUNT(rows));
}

/* A block with this head and a body of so many zeros. */
static struct str zeros(struct buf *out, const char *head, size_t n)
{
	out->len = 0;
	buf_add(out, STR(V2));
	buf_addz(out, head);
	buf_addc(out, (char)(n >> 8));
	buf_addc(out, (char)(n & 0xff));
	buf_fill(out, '\0', n);
	return buf_str(out);
}

static void p03_p04_a_unix_client_has_no_address(void **state)
{
	struct buf b = {0};

	(void)state;
	check_done(&(struct row){zeros(&b, "\x21\x31", 216), NULL, NULL});
	check_done(&(struct row){zeros(&b, "\x21\x31", 240), NULL, NULL});
	check_bad(str_sub(zeros(&b, "\x21\x31", 215), 0, 16));
	buf_free(&b);
}

static void p04_a_block_has_a_largest_length(void **state)
{
	struct buf b = {0};

	(void)state;
	check_done(&(struct row){zeros(&b, "\x21\x11", PROXY_MAX - 16), "0.0.0.0:0", "0.0.0.0:0"});
	assert_int_equal(b.len, PROXY_MAX);
	check_done(&(struct row){zeros(&b, "\x20\x11", PROXY_MAX - 16), NULL, NULL});
	check_bad(str_sub(zeros(&b, "\x21\x11", PROXY_MAX - 15), 0, 16));
	check_bad(str_sub(zeros(&b, "\x20\x11", PROXY_MAX - 15), 0, 16));
	check_bad(str_sub(zeros(&b, "\x20\x11", PROXY_MAX), 0, 15)); /* its first byte tells */
	check_bad(str_sub(zeros(&b, "\x21\x11", 65535), 0, 15));
	buf_free(&b);
}

/* Each is bad at its last byte. */
static void p03_p04_a_bad_block_is_known_at_once(void **state)
{
	static const struct str rows[] = {
	    BYTES("\r\r"),
	    BYTES("\r\n\r\n\r"),
	    BYTES("\r\n\r\n\0\r\nQUIT\r"),
	    BYTES(V2 "\x11"),
	    BYTES(V2 "\x22"),
	    BYTES(V2 "\x31"),
	    BYTES(V2 "\1"),
	    BYTES(V2 "\x21\1"),
	    BYTES(V2 "\x21\x10"),
	    BYTES(V2 "\x21\x13"),
	    BYTES(V2 "\x21\x41"),
	    BYTES(V2 "\x21\x11\0\xb"),
	    BYTES(V2 "\x21\x11\0\0"),
	    BYTES(V2 "\x21\x21\0\x23"),
	    BYTES(V2 "\x21\x21\0\xc"),
	};

	(void)state;
	check_all_bad(rows, COUNT(rows));
}

static void nothing_is_partial(void **state)
{
	struct proxy_header h;

	(void)state;
	assert_int_equal(proxy_parse(NULL, 0, &h), PROXY_PARTIAL);
	assert_int_equal(h.length, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(p02_a_line_of_version_1),
	    cmocka_unit_test(p02_p04_a_line_of_unknown),
	    cmocka_unit_test(p02_a_line_ends_where_it_must),
	    cmocka_unit_test(p02_a_bad_line_is_known_at_once),
	    cmocka_unit_test(p02_a_long_word_is_no_address),
	    cmocka_unit_test(p03_a_block_of_version_2),
	    cmocka_unit_test(p03_extensions_are_skipped),
	    cmocka_unit_test(p03_p04_a_block_without_an_address_of_use),
	    cmocka_unit_test(p03_p04_a_unix_client_has_no_address),
	    cmocka_unit_test(p04_a_block_has_a_largest_length),
	    cmocka_unit_test(p03_p04_a_bad_block_is_known_at_once),
	    cmocka_unit_test(nothing_is_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
