#include "config.h"

#include "serve/setting.h"
#include "serve/host.h"

/* A field of the settings, at an offset that the table has. */
static void *field(struct settings *s, size_t offset)
{
	return (char *)s + offset;
}

static bool refuse(const struct setting *t, struct str value, const char *instead, struct buf *why)
{
	buf_printf(why, "%s is '%.*s': %s", t->name, STR_ARGS(value), instead);
	return false;
}

/* --------------------------------------------------------------------- numbers and words */

bool setting_number(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	uint64_t v;

	if (!str_to_uint(value, t->most, &v) || v < t->least) {
		buf_printf(why, "%s is '%.*s': write a number from %u to %u (%s)", t->name,
		    STR_ARGS(value), t->least, t->most, t->brief);
		return false;
	}
	*(unsigned *)field(s, t->offset) = (unsigned)v;
	return true;
}

void setting_list_words(const struct setting *t, struct buf *out)
{
	for (unsigned i = t->least; i <= t->most; i++) {
		if (i > t->least)
			buf_addz(out, i == t->most ? " or " : ", ");
		buf_addz(out, t->words[i]);
	}
}

bool setting_word(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	for (unsigned v = t->least; v <= t->most; v++) {
		if (str_eq_nocase(value, str_of(t->words[v]))) {
			*(unsigned *)field(s, t->offset) = v;
			return true;
		}
	}
	buf_printf(why, "%s is '%.*s': write ", t->name, STR_ARGS(value));
	setting_list_words(t, why);
	buf_printf(why, " (%s)", t->brief);
	return false;
}

bool setting_flag(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if (str_eq_nocase(value, str_of(words[i]))) {
			*(unsigned *)field(s, t->offset) = i % 2;
			return true;
		}
	}
	buf_printf(why, "%s is '%.*s': write yes or no (%s)", t->name, STR_ARGS(value), t->brief);
	return false;
}

/* --------------------------------------------------------------------------------- texts */

bool setting_path(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	struct str *path = field(s, t->offset);

	while (value.n > 1 && value.p[value.n - 1] == '/')
		value.n--;
	if (value.n == 0 && !t->optional)
		return refuse(t, value, "write a path", why);
	if (value.n > 0 && memchr(value.p, '\0', value.n))
		return refuse(t, value, "a path has no NUL in it", why);
	if (value.n == 0 || value.p[0] == '/' || s->directory.n == 0)
		*path = arena_str(s->arena, value);
	else
		*path = arena_printf(s->arena, "%.*s%s%.*s", STR_ARGS(s->directory),
		    str_eq(s->directory, STR("/")) ? "" : "/", STR_ARGS(value));
	*path = settings_from_within(s->root, *path);
	return true;
}

bool setting_destination(
    struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	static const struct str syslog = STR("syslog:");
	struct str *place = field(s, t->offset);

	if (str_eq(value, STR("stderr")) || str_eq(value, STR("syslog"))) {
		*place = arena_str(s->arena, value);
		return true;
	}
	if (!str_starts(value, syslog) && str_index(value, '/') == value.n)
		return refuse(t, value,
		    t->take == setting_access
			? "write stderr, syslog, off, or a path with a slash in it"
			: "write stderr, syslog, or a path with a slash in it",
		    why);
	if (!str_starts(value, syslog))
		return setting_path(s, t, value, why);
	if (!setting_path(s, t, str_skip(value, syslog.n), why))
		return false;
	*place = arena_printf(s->arena, "syslog:%.*s", STR_ARGS(*place));
	return true;
}

bool setting_access(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	if (!str_eq(value, STR("off")))
		return setting_destination(s, t, value, why);
	*(struct str *)field(s, t->offset) = arena_str(s->arena, value);
	return true;
}

bool setting_text(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] <= ' ')
			return refuse(t, value, "write one word, without spaces", why);
	*(struct str *)field(s, t->offset) = arena_str(s->arena, value);
	return true;
}

/* --------------------------------------------------------------------------------- lists */

/* Where the next item of a list of hosts goes, in its one form; NULL with the reason. */
static struct str *add_host(
    struct settings *s, const struct setting *t, struct str host, struct buf *why)
{
	struct str *list = field(s, t->offset);
	size_t *n = field(s, t->count);
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

/*
 * The first host is what menus and redirects say, so it is neither an address (G-20) nor a
 * wildcard.
 */
bool setting_host(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	struct str *added = add_host(s, t, value, why);

	if (!added)
		return false;
	if (s->nhosts > 1 || (!host_is_address(*added) && !host_is_wildcard(*added)))
		return true;
	buf_printf(why,
	    "the first host name is '%.*s', %s: links and menus carry the first one, which has to "
	    "be a name; give that before it, as in --hostname gopher.example.org --hostname '%.*s'",
	    STR_ARGS(*added), host_is_wildcard(*added) ? "a wildcard" : "an address",
	    STR_ARGS(value));
	s->nhosts = 0;
	return false;
}

bool setting_alias(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	return add_host(s, t, value, why) != NULL;
}

/* Takes " proxy" off the end. */
static bool take_proxy(struct str *value)
{
	static const struct str word = STR(" proxy");

	if (!str_ends(*value, word))
		return false;
	*value = str_trim(str_sub(*value, 0, value->n - word.n));
	return true;
}

bool setting_listen(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	struct settings_listeners *list = field(s, t->offset);
	struct net_address found[ADDRESS_MAX];
	struct str address = value;
	bool proxy = take_proxy(&address);
	const char *fault;
	size_t n = address_parse(address, found, &fault);

	if (n == 0) {
		buf_printf(why, "%s is '%.*s', which is no address to listen on: %s", t->name,
		    STR_ARGS(value), fault);
		return false;
	}
	if (n > SETTINGS_LISTENERS_MAX - list->n) {
		buf_printf(why, "more than %d addresses to listen on", SETTINGS_LISTENERS_MAX);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		list->items[list->n++] = (struct settings_listener){found[i], n > 1, i > 0, proxy};
	return true;
}

bool setting_private(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	struct settings_listeners *list = field(s, t->offset);
	struct buf other = {0};
	bool taken = setting_listen(s, t, value, &other);

	buf_free(&other);
	if (taken && list->n == 1 && address_is_private(&list->items[0].address) &&
	    !list->items[0].proxy)
		return true;
	list->n = 0;
	return refuse(t, value,
	    "what it tells is for this machine alone: write one address such as 127.0.0.1:9170, "
	    "[::1]:9170 or unix:/run/digestd/metrics.sock",
	    why);
}

bool setting_network(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	struct settings_networks *list = field(s, t->offset);
	struct network network;

	if (!network_parse(value, &network, why))
		return false;
	if (list->n == SETTINGS_NETWORKS_MAX) {
		buf_printf(why, "%s has more than %d networks", t->name, SETTINGS_NETWORKS_MAX);
		return false;
	}
	list->items[list->n++] = network;
	return true;
}

/* ------------------------------------------------------------------------------- defaults */

void setting_default(const struct setting *t, struct buf *out)
{
	if (t->fallback)
		buf_addz(out, t->fallback);
	else if (t->words)
		buf_addz(out, t->words[t->usual]);
	else if (t->take == setting_flag)
		buf_addz(out, t->usual ? "yes" : "no");
	else
		buf_printf(out, "%u", t->usual);
}
