#include "config.h"

#include "serve/settings.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdlib.h>

static const struct setting {
	const char *name;
	size_t offset; /* of an unsigned in struct settings */
	unsigned usual, least, most;
	const char *help; /* with its unit */
} table[] = {
#define SETTING(field) #field, offsetof(struct settings, field)
    {SETTING(connections), 4096, 1, 1000000, "connections held at once; more wait in the backlog"},
    {SETTING(handshake_timeout), 10000, 100, 3600000, "milliseconds for a TLS handshake"},
    {SETTING(request_timeout), 10000, 100, 3600000, "milliseconds for a whole request"},
    {SETTING(response_timeout), 30000, 100, 3600000,
	"milliseconds for a response, and what least_speed adds"},
    {SETTING(least_speed), 4096, 1, 1u << 30,
	"bytes a second that a reader of a large file must manage"},
    {SETTING(linger_timeout), 2000, 1, 60000,
	"milliseconds a client has to close after the response"},
    {SETTING(drain_timeout), 10000, 0, 3600000,
	"milliseconds that responses get to finish when the server stops"},
    {SETTING(cache_size), 8192, 0, 1u << 22, "kilobytes of rendered pages kept, for each worker"},
    {SETTING(workers), 1, 1, 64, "threads that serve"},
    {SETTING(gopher_port), 0, 0, 65535, "Gopher port that readers see; 0: the one listened on"},
    {SETTING(gemini_port), 0, 0, 65535, "Gemini port that readers see; 0: the one listened on"},
    {SETTING(gopher_text_dots), 0, 0, 1,
	"1: end Gopher text with a dot, as RFC 1436; many clients show it"},
#undef SETTING
};
#define NSETTINGS (sizeof table / sizeof *table)

static unsigned *field(struct settings *s, const struct setting *t)
{
	return (unsigned *)(void *)((char *)s + t->offset);
}

struct settings *settings_new(void)
{
	struct settings *s = mem_zalloc(1, sizeof *s);

	s->arena = arena_new(1024);
	for (size_t i = 0; i < NSETTINGS; i++)
		*field(s, &table[i]) = table[i].usual;
	return s;
}

void settings_free(struct settings *s)
{
	if (!s)
		return;
	arena_free(s->arena);
	free(s);
}

/* The setting whose name is nearest to name. */
static const struct setting *nearest(struct str name)
{
	const struct setting *best = &table[0];
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < NSETTINGS; i++) {
		size_t d = str_distance(name, str_of(table[i].name));

		if (d < least) {
			least = d;
			best = &table[i];
		}
	}
	return best;
}

bool settings_set(struct settings *s, struct str name, struct str value, struct buf *why)
{
	const struct setting *t = nearest(name);
	uint64_t v;

	if (!str_eq(name, str_of(t->name))) {
		buf_printf(why, "there is no setting '%.*s'; the nearest is '%s'", STR_ARGS(name),
		    t->name);
		return false;
	}
	if (!str_to_uint(value, t->most, &v) || v < t->least) {
		buf_printf(why, "%s is '%.*s': write a number from %u to %u (%s)", t->name,
		    STR_ARGS(value), t->least, t->most, t->help);
		return false;
	}
	*field(s, t) = (unsigned)v;
	return true;
}

bool settings_set_pair(struct settings *s, struct str pair, struct buf *why)
{
	size_t equals = str_index(pair, '=');

	if (equals == pair.n) {
		buf_printf(why, "-o takes NAME=VALUE, not '%.*s'", STR_ARGS(pair));
		return false;
	}
	return settings_set(s, str_sub(pair, 0, equals), str_skip(pair, equals + 1), why);
}

bool settings_listen(
    struct settings *s, enum settings_protocol protocol, struct str address, struct buf *why)
{
	struct net_address found[ADDRESS_MAX];
	const char *fault;
	size_t n = address_parse(address, found, &fault);

	if (n == 0) {
		buf_printf(why, "'%.*s' is no address to listen on: %s", STR_ARGS(address), fault);
		return false;
	}
	if (n > SETTINGS_LISTENERS_MAX - s->nlisteners) {
		buf_printf(why, "more than %d addresses to listen on", SETTINGS_LISTENERS_MAX);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		s->listeners[s->nlisteners++] =
		    (struct settings_listener){found[i], protocol, n > 1, i > 0};
	return true;
}

/* RFC 1123 s2.1, with the underscore that some names have; an IPv4 literal passes too. */
static bool is_host_name(struct str s)
{
	size_t label = 0;

	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum =
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (c == '.' && (label == 0 || s.p[i - 1] == '-'))
			return false;
		if (c != '.' && !alnum && c != '_' && (c != '-' || label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && s.p[s.n - 1] != '-';
}

bool settings_host(struct settings *s, struct str host, struct buf *why)
{
	char *lower;

	if (str_ends(host, STR(".")))
		host.n--;
	if (!is_host_name(host)) {
		buf_printf(why,
		    "'%.*s' is no host name: write letters, digits and hyphens, as in "
		    "gopher.example.org",
		    STR_ARGS(host));
		return false;
	}
	if (s->nhosts == SETTINGS_HOSTS_MAX) {
		buf_printf(why, "more than %d host names", SETTINGS_HOSTS_MAX);
		return false;
	}
	lower = arena_alloc(s->arena, host.n + 1);
	for (size_t i = 0; i < host.n; i++)
		lower[i] =
		    (char)(host.p[i] >= 'A' && host.p[i] <= 'Z' ? host.p[i] + 32 : host.p[i]);
	s->hosts[s->nhosts++] = (struct str){lower, host.n};
	return true;
}

void settings_complete(struct settings *s)
{
	struct buf why = {0};

	if (s->content.n == 0)
		s->content = STR("content");
	if (s->certs.n == 0)
		s->certs = STR("certs");
	if (s->nhosts == 0)
		settings_host(s, STR("localhost"), &why);
	if (s->nlisteners == 0) {
		settings_listen(s, SETTINGS_GOPHER, STR("*:70"), &why);
		settings_listen(s, SETTINGS_GEMINI, STR("*:1965"), &why);
	}
	buf_free(&why);
}

void settings_describe(struct buf *out)
{
	for (size_t i = 0; i < NSETTINGS; i++)
		buf_printf(out, "  %-17s %s (%u)\n", table[i].name, table[i].help, table[i].usual);
}
