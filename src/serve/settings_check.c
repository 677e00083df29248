#include "config.h"

#include "serve/settings_check.h"
#include "serve/settings_table.h"

static bool is_below(struct str path, struct str root)
{
	return settings_from_within(root, path).n < path.n;
}

static void report(
    const struct settings *s, struct diag_list *diags, const char *name, const char *what)
{
	const struct settings_given *g =
	    &s->given[settings_table_index(settings_table_find(str_of(name)))];
	struct diag_pos pos = g->pos;

	if (!pos.file.p)
		pos.file = STR("command line");
	diag_error(diags, pos, "%s: %s", name, what);
}

static bool wants_proxy(const struct settings_listeners *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].proxy)
			return true;
	return false;
}

/* A log is opened from within the new root, where no syslog daemon listens at its usual place. */
static void check_log_root(
    const struct settings *s, struct diag_list *diags, const char *name, struct str where)
{
	struct str path = where;

	if (str_eq(where, STR("stderr")) || str_eq(where, STR("off")))
		return;
	if (str_starts(where, STR("syslog:")))
		path = str_skip(where, sizeof "syslog:" - 1);
	if (!is_below(path, s->chroot))
		report(s, diags, name,
		    "with chroot this must be an absolute path below it, or syslog: and the path "
		    "of a "
		    "socket there");
}

/* What is read again has to be found from within the new root. */
static void check_root(const struct settings *s, struct diag_list *diags)
{
	const char *what =
	    "with chroot this must be an absolute path below it, as it is read again from there";

	if (s->root.n > 0)
		return;
	if (!is_below(s->content, s->chroot))
		report(s, diags, "content", what);
	if (!is_below(s->certs, s->chroot))
		report(s, diags, "certs", what);
	if (s->ticket_keys.n > 0 && !is_below(s->ticket_keys, s->chroot))
		report(s, diags, "ticket_keys", what);
	check_log_root(s, diags, "log", s->log);
	check_log_root(s, diags, "access_log", s->access_log);
	if (s->file.n > 0 && !is_below(s->file, s->chroot))
		report(s, diags, "chroot",
		    "the configuration file must be below it, as it is read again from within");
}

void settings_check(const struct settings *s, struct diag_list *diags)
{
	static const char *const names[SETTINGS_PROTOCOLS] = {"gopher", "gemini", "metrics"};

	for (size_t p = 0; p < SETTINGS_PROTOCOLS; p++)
		if (wants_proxy(&s->listen[p]) && s->proxy_from.n == 0)
			report(s, diags, names[p],
			    "a listener with proxy needs proxy_from: write the addresses of the "
			    "proxies, as in proxy_from: [192.0.2.1]");
	if (s->chroot.n > 0)
		check_root(s, diags);
	if (s->listen[SETTINGS_GOPHER].n + s->listen[SETTINGS_GEMINI].n == 0)
		report(s, diags, "gopher",
		    "there is no address to listen on: write one here, or for gemini");
}
