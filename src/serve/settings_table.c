#include "config.h"

#include "serve/settings_table.h"
#include "base/charset.h"
#include "net/veil.h"
#include "serve/access_log.h"

#include <stddef.h>

static const char *const charsets[] = {
    [CHARSET_UTF_8] = "utf-8",
    [CHARSET_LATIN1] = "latin1",
    [CHARSET_US_ASCII] = "us-ascii",
};

static const char *const log_formats[] = {
    [ACCESS_LOG_TEXT] = "text",
    [ACCESS_LOG_JSON] = "json",
};

static const char *const veils[] = {
    [VEIL_WHOLE] = "whole",
    [VEIL_TRUNCATED] = "truncated",
    [VEIL_HASHED] = "hashed",
    [VEIL_NONE] = "none",
};

#define AT(field) offsetof(struct settings, field)

#define NUMBER(field, value, low, high)                                                            \
	.name = #field, .take = setting_number, .offset = AT(field), .usual = (value),             \
	.least = (low), .most = (high)

#define WORD(field, value, list)                                                                   \
	.name = #field, .take = setting_word, .offset = AT(field), .usual = (value),               \
	.most = sizeof(list) / sizeof *(list)-1, .words = (list)

#define FLAG(field, value)                                                                         \
	.name = #field, .take = setting_flag, .offset = AT(field), .usual = (value), .most = 1

#define TEXT(field, kind, value)                                                                   \
	.name = #field, .take = setting_##kind, .offset = AT(field), .fallback = (value)

#define LIST(called, kind, items, n, value)                                                        \
	.name = (called), .take = setting_##kind, .offset = AT(items), .count = AT(n),             \
	.fallback = (value)

static const struct setting rows[] = {
    {.part = "What is served, and where",
	TEXT(content, path, "content"),
	.brief = "the directory of the content",
	.more = "Relative paths begin at the directory of this file. A confined server takes "
		"another directory only at a start."},
    {TEXT(certs, path, "certs"), .brief = "the directory of certificates and keys",
	.more = "For each host and alias, HOST.crt and HOST.key; made at the start when they are "
		"missing."},
    {LIST("hostname", host, hosts, nhosts, "localhost"), .brief = "the names of this server",
	.more = "Links carry the one that the reader used, where the protocol tells, else the "
		"first. '*.example.org' is every name with one label more."},
    {LIST("alias", alias, aliases, naliases, "[]"),
	.brief = "names that lead readers to the first hostname"},
    {LIST("gopher", listen, listen[SETTINGS_GOPHER], listen[SETTINGS_GOPHER].n, "\"*:70\""),
	.when = SETTING_START, .brief = "addresses to listen on for Gopher",
	.more =
	    "ADDR:PORT, where ADDR is an IPv4 address, an IPv6 address in brackets, or * for all; "
	    "or unix:/PATH. Followed by a space and proxy, as in \"127.0.0.1:7070 proxy\", every "
	    "connection has to begin with a header of the PROXY protocol. With gopher alone, or "
	    "gemini alone, the other protocol is not served."},
    {LIST("gemini", listen, listen[SETTINGS_GEMINI], listen[SETTINGS_GEMINI].n, "\"*:1965\""),
	.when = SETTING_START, .brief = "addresses to listen on for Gemini",
	.more = "As for gopher."},
    {NUMBER(gopher_port, 0, 0, 65535),
	.brief = "Gopher port that readers see; 0: the one listened on",
	.more = "For a server behind a mapping of ports."},
    {NUMBER(gemini_port, 0, 0, 65535),
	.brief = "Gemini port that readers see; 0: the one listened on",
	.more = "A Gemini request for any other port is answered 53."},
    {LIST("proxy_from", network, proxy_from.items, proxy_from.n, "[]"),
	.brief = "networks whose PROXY header is believed",
	.more = "Needed by listeners with proxy, which close connections from elsewhere without "
		"a byte. Addresses, networks such as 192.0.2.0/24, and unix for whoever comes "
		"through a unix socket."},

    {.part = "How it looks",
	WORD(gopher_charset, CHARSET_UTF_8, charsets),
	.brief = "charset of Gopher menus",
	.more = "What the charset lacks is spelled otherwise. Selectors, files and feeds stay as "
		"they are, and so does everything on Gemini."},
    {FLAG(gopher_text_dots, 0),
	.brief = "end Gopher text with a dot, as RFC 1436; many clients show it",
	.more = "Leading dots are doubled then."},
    {FLAG(gopher_tls, 1), .brief = "Gopher ports also take TLS, told by the first byte",
	.more = "Where Gemini is served too, with its certificates."},

    {.part = "Reading again",
	FLAG(watch, 1),
	.brief = "load content, configuration and certificates when they change",
	.more = "SIGHUP does it in any case."},
    {NUMBER(poll_interval, 60, 0, 86400),
	.brief = "seconds between looks at the files, where the system tells of no change; 0: none",
	.more = "Network file systems are such a place."},

    {.part = "Limits",
	NUMBER(connections, 4096, 1, 1000000),
	.brief = "connections held at once; more wait in the backlog"},
    {NUMBER(address_connections, 64, 0, 1000000),
	.brief = "connections from one address at once; 0: no limit",
	.more = "An address is one of IPv4, or a /64 of IPv6. More are closed at once."},
    {NUMBER(address_rate, 600, 0, 1000000),
	.brief = "requests a minute from one address; 0: no limit",
	.more = "More are answered 44 on Gemini, with the seconds to wait, and with an error item "
		"on Gopher."},
    {NUMBER(address_burst, 200, 1, 1000000),
	.brief = "requests that one address may make at once before address_rate counts"},
    {LIST("exempt", network, exempt.items, exempt.n, "[127.0.0.0/8, \"::1\", unix]"),
	.brief = "networks without limits of their own",
	.more = "They are still among the connections."},
    {NUMBER(handshake_timeout, 10000, 100, 3600000), .brief = "milliseconds for a TLS handshake",
	.more = "This and the next two are absolute: doing it slowly extends nothing."},
    {NUMBER(request_timeout, 10000, 100, 3600000), .brief = "milliseconds for a whole request"},
    {NUMBER(response_timeout, 30000, 100, 3600000),
	.brief = "milliseconds for a response, and what least_speed adds"},
    {NUMBER(least_speed, 4096, 1, 1u << 30),
	.brief = "bytes a second that a reader of a large file must manage"},
    {NUMBER(linger_timeout, 2000, 1, 60000),
	.brief = "milliseconds a client has to close after the response"},
    {NUMBER(drain_timeout, 60000, 0, 3600000),
	.brief = "milliseconds that responses get to finish when the server stops or hands over"},
    {NUMBER(send_buffer, 512, 0, 1u << 20),
	.brief = "kilobytes that the system may hold for one slow reader; 0: as it likes",
	.when = SETTING_START},
    {NUMBER(cache_size, 8192, 0, 1u << 22),
	.brief = "kilobytes of rendered pages kept, for each worker and for searches"},
    {NUMBER(workers, 1, 1, 64), .brief = "threads that serve", .when = SETTING_START},

    {.part = "Confinement",
	TEXT(user, text, "\"\""),
	.when = SETTING_START,
	.brief = "who to be after the start, if that is by root",
	.more = "A user, or USER:GROUP. Certificates and content must be readable for that user to "
		"be loaded again."},
    {TEXT(chroot, path, "\"\""), .optional = true, .when = SETTING_START,
	.brief = "the directory to make the root, if started by root",
	.more = "Content and certs must lie below it."},
    {FLAG(confine, 1), .when = SETTING_START,
	.brief = "give up every right that serving does not need",
	.more = "On Linux files other than content, certificates and logs, and outgoing "
		"connections, as far as the kernel can (Landlock), capabilities and new "
		"privileges; on OpenBSD pledge(2) and unveil(2). The log says what is missing."},

    {.part = "Logs",
	TEXT(log, destination, "stderr"),
	.when = SETTING_START,
	.brief = "where messages go: stderr, syslog or a file",
	.more =
	    "SIGUSR1 opens files anew. syslog:PATH is the socket of a syslog daemon elsewhere."},
    {TEXT(access_log, access, "stderr"), .when = SETTING_START,
	.brief = "where a line for each request goes: stderr, syslog, a file or off"},
    {WORD(access_log_format, ACCESS_LOG_TEXT, log_formats), .brief = "form of those lines"},
    {WORD(log_addresses, VEIL_TRUNCATED, veils), .brief = "how the logs show addresses of readers",
	.more = "Truncated to a /24 of IPv4 or a /48 of IPv6; hashed with a key that is drawn at "
		"the start and changes each day."},

    {.part = "Certificates and machines",
	TEXT(ticket_keys, path, "\"\""),
	.optional = true,
	.brief = "a file of keys for TLS session tickets, for several machines to share",
	.more = "80 bytes for each key, as openssl rand 80 makes them; the first seals, all open. "
		"Without it each process draws its own."},
    {LIST("metrics", private, listen[SETTINGS_METRICS], listen[SETTINGS_METRICS].n, "[]"),
	.when = SETTING_START, .brief = "a private address for /metrics and /healthz over HTTP",
	.more = "Of the loopback, as 127.0.0.1:9170, or unix:/PATH."},
};
#define NROWS (sizeof rows / sizeof *rows)

const struct setting *settings_table_rows(size_t *n)
{
	*n = NROWS;
	return rows;
}

const struct setting *settings_table_find(struct str name)
{
	for (size_t i = 0; i < NROWS; i++)
		if (str_eq(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

const struct setting *settings_table_nearest(struct str name)
{
	const struct setting *best = &rows[0];
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < NROWS; i++) {
		size_t d = str_distance(name, str_of(rows[i].name));

		if (d < least) {
			least = d;
			best = &rows[i];
		}
	}
	return best;
}

size_t settings_table_index(const struct setting *t)
{
	return (size_t)(t - rows);
}
