#include "config.h"

#include "serve/settings.h"
#include "base/charset.h"
#include "base/mem.h"
#include "serve/host.h"

#include <stddef.h>
#include <stdlib.h>

static const char *const charsets[] = {
    [CHARSET_UTF_8] = "utf-8",
    [CHARSET_LATIN1] = "latin1",
    [CHARSET_US_ASCII] = "us-ascii",
};

static const struct setting {
	const char *name;
	size_t offset; /* of an unsigned in struct settings */
	unsigned usual, least, most;
	const char *help;         /* with its unit */
	const char *const *words; /* what is written for each value; NULL: the number */
} table[] = {
#define SETTING(field) .name = #field, .offset = offsetof(struct settings, field)
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
    {SETTING(cache_size), 8192, 0, 1u << 22,
	"kilobytes of rendered pages kept, for each worker and for searches"},
    {SETTING(workers), 1, 1, 64, "threads that serve"},
    {SETTING(gopher_port), 0, 0, 65535, "Gopher port that readers see; 0: the one listened on"},
    {SETTING(gemini_port), 0, 0, 65535, "Gemini port that readers see; 0: the one listened on"},
    {SETTING(gopher_text_dots), 0, 0, 1,
	"1: end Gopher text with a dot, as RFC 1436; many clients show it"},
    {SETTING(gopher_charset), CHARSET_UTF_8, 0, sizeof charsets / sizeof *charsets - 1,
	"charset of Gopher menus", charsets},
    {SETTING(gopher_tls), 1, 0, 1, "1: Gopher ports also take TLS, told by the first byte"},
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

static bool read_number(const struct setting *t, struct str value, uint64_t *v, struct buf *why)
{
	if (str_to_uint(value, t->most, v) && *v >= t->least)
		return true;
	buf_printf(why, "%s is '%.*s': write a number from %u to %u (%s)", t->name, STR_ARGS(value),
	    t->least, t->most, t->help);
	return false;
}

/* Appends "utf-8, latin1 or us-ascii". */
static void list_words(const struct setting *t, struct buf *out)
{
	for (unsigned i = t->least; i <= t->most; i++) {
		if (i > t->least)
			buf_addz(out, i == t->most ? " or " : ", ");
		buf_addz(out, t->words[i]);
	}
}

static bool read_word(const struct setting *t, struct str value, uint64_t *v, struct buf *why)
{
	for (*v = t->least; *v <= t->most; ++*v)
		if (str_eq_nocase(value, str_of(t->words[*v])))
			return true;
	buf_printf(why, "%s is '%.*s': write ", t->name, STR_ARGS(value));
	list_words(t, why);
	buf_printf(why, " (%s)", t->help);
	return false;
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
	if (t->words ? !read_word(t, value, &v, why) : !read_number(t, value, &v, why))
		return false;
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

/* Appends a host in its one form to a list, and returns it; NULL with the reason. */
static struct str *add_host(
    struct settings *s, struct str *list, size_t *n, struct str host, struct buf *why)
{
	struct buf form = {0};
	const char *fault;

	if (!host_form(&form, host, &fault)) {
		buf_printf(why, "'%.*s' is no host name: %s", STR_ARGS(host), fault);
		return NULL;
	}
	if (*n == SETTINGS_HOSTS_MAX) {
		buf_printf(why, "more than %d host names", SETTINGS_HOSTS_MAX);
		buf_free(&form);
		return NULL;
	}
	list[*n] = arena_str(s->arena, buf_str(&form));
	buf_free(&form);
	return &list[(*n)++];
}

bool settings_host(struct settings *s, struct str host, struct buf *why)
{
	struct str *added = add_host(s, s->hosts, &s->nhosts, host, why);

	if (!added)
		return false;
	if (s->nhosts > 1 || (!host_is_address(*added) && !host_is_wildcard(*added)))
		return true;
	buf_printf(why,
	    "the first host name is '%.*s', %s: links and menus carry the first one, which has to "
	    "be a name; give that before it, as in --hostname gopher.example.org --hostname '%.*s'",
	    STR_ARGS(*added), host_is_wildcard(*added) ? "a wildcard" : "an address",
	    STR_ARGS(host));
	s->nhosts = 0;
	return false;
}

bool settings_alias(struct settings *s, struct str host, struct buf *why)
{
	return add_host(s, s->aliases, &s->naliases, host, why);
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
	for (size_t i = 0; i < NSETTINGS; i++) {
		const struct setting *t = &table[i];

		buf_printf(out, "  %-17s %s", t->name, t->help);
		if (t->words) {
			buf_addz(out, ": ");
			list_words(t, out);
			buf_printf(out, " (%s)\n", t->words[t->usual]);
		} else {
			buf_printf(out, " (%u)\n", t->usual);
		}
	}
}
