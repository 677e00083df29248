#include "config.h"

#include "serve/names.h"
#include "base/uri.h"
#include "render/link.h"
#include "serve/host.h"

/* Where a list of names has the host: itself, or as a wildcard above it. */
static bool is_among(const struct str *names, size_t n, struct str host, bool below)
{
	for (size_t i = 0; i < n; i++)
		if (below ? host_is_below(host, names[i]) : str_eq(host, names[i]))
			return true;
	return false;
}

static enum names_kind kind_of(const struct settings *s, struct str host)
{
	/* Nobody has a star for a name. */
	if (host_is_wildcard(host))
		return NAMES_FOREIGN;
	for (int below = 0; below <= 1; below++) {
		if (is_among(s->hosts, s->nhosts, host, below))
			return NAMES_OURS;
		if (is_among(s->aliases, s->naliases, host, below))
			return NAMES_ALIAS;
	}
	return NAMES_FOREIGN;
}

enum names_kind names_find(const struct settings *s, const struct net_address *local,
    struct str host, struct arena *arena, struct str *carried)
{
	enum names_kind kind = NAMES_FOREIGN;
	struct buf plain = {0}, form = {0};
	struct str name;

	if (uri_unescape(&plain, host) && host_form(&form, buf_str(&plain), NULL)) {
		name = buf_str(&form);
		kind = kind_of(s, name);
		if (kind == NAMES_FOREIGN && local && address_is(local, name))
			kind = NAMES_OURS;
		if (kind == NAMES_OURS)
			*carried = host_is_address(name) ? s->hosts[0] : arena_str(arena, name);
	}
	buf_free(&plain);
	buf_free(&form);
	return kind;
}

bool names_port_is_ours(
    const struct settings *s, const struct net_address *local, uint16_t seen, uint16_t port)
{
	uint16_t named = port ? port : LINK_GEMINI_PORT;

	return named == seen || (s->gemini_port == 0 && named == address_port(local));
}
