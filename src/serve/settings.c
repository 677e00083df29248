#include "config.h"

#include "serve/settings.h"
#include "base/mem.h"
#include "serve/settings_file.h"
#include "serve/settings_table.h"

#include <stdlib.h>

/* A setting of the command line. */
struct pair {
	const struct setting *setting;
	struct str value;
};

struct settings_source {
	struct arena *arena;  /* owned: the texts */
	const char *file;     /* in the arena; NULL: none */
	struct str root;      /* in the arena; empty: none */
	struct pair *pairs;   /* owned; in the order given */
	struct settings *try; /* owned: they are tried here */
	size_t n, cap;
};

/* ----------------------------------------------------------------------------- one setting */

struct settings *settings_new(void)
{
	struct settings *s = mem_zalloc(1, sizeof *s);
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	s->arena = arena_new(1024);
	s->given = arena_array(s->arena, n, sizeof *s->given);
	for (size_t i = 0; i < n; i++)
		if (!rows[i].fallback)
			*(unsigned *)(void *)((char *)s + rows[i].offset) = rows[i].usual;
	atomic_init(&s->refs, 1);
	return s;
}

struct settings *settings_ref(struct settings *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void settings_unref(struct settings *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	arena_free(s->arena);
	free(s);
}

/* The row of that name, or NULL with what it may have been meant as. */
static const struct setting *find(struct str name, struct buf *why)
{
	const struct setting *t = settings_table_find(name);

	if (!t)
		buf_printf(why, "there is no setting '%.*s'; the nearest is '%s'", STR_ARGS(name),
		    settings_table_nearest(name)->name);
	return t;
}

/* Notes what was written, for settings_need_start. */
static void note(struct settings *s, const struct setting *t, struct str value)
{
	struct settings_given *g = &s->given[settings_table_index(t)];

	if (t->count && g->text.n > 0)
		g->text = arena_printf(s->arena, "%.*s\n%.*s", STR_ARGS(g->text), STR_ARGS(value));
	else
		g->text = arena_str(s->arena, value);
	g->is = true;
}

static bool take(struct settings *s, const struct setting *t, struct str value, struct buf *why)
{
	if (!(t->count && str_eq(value, STR("[]"))) && !t->take(s, t, value, why))
		return false;
	note(s, t, value);
	return true;
}

bool settings_set(struct settings *s, struct str name, struct str value, struct buf *why)
{
	const struct setting *t = find(name, why);

	return t && take(s, t, value, why);
}

/* Takes NAME=VALUE apart. */
static bool split(struct str pair, struct str *name, struct str *value, struct buf *why)
{
	size_t equals = str_index(pair, '=');

	if (equals == pair.n) {
		buf_printf(why, "-o takes NAME=VALUE, not '%.*s'", STR_ARGS(pair));
		return false;
	}
	*name = str_sub(pair, 0, equals);
	*value = str_skip(pair, equals + 1);
	return true;
}

bool settings_set_pair(struct settings *s, struct str pair, struct buf *why)
{
	struct str name = {0}, value = {0};

	return split(pair, &name, &value, why) && settings_set(s, name, value, why);
}

/* -------------------------------------------------------------------------------- defaults */

bool settings_has(const struct settings *s, const char *name)
{
	return s->given[settings_table_index(settings_table_find(str_of(name)))].is;
}

static void set_default(struct settings *s, const char *name, const char *value)
{
	struct buf why = {0};

	if (!settings_has(s, name))
		settings_set(s, str_of(name), str_of(value), &why);
	buf_free(&why);
}

void settings_complete(struct settings *s)
{
	bool listens = settings_has(s, "gopher") || settings_has(s, "gemini");

	set_default(s, "content", "content");
	set_default(s, "certs", "certs");
	set_default(s, "log", "stderr");
	set_default(s, "access_log", "stderr");
	if (s->nhosts == 0)
		settings_set(s, STR("hostname"), STR("localhost"), &(struct buf){0});
	if (!listens) {
		set_default(s, "gopher", "*:70");
		set_default(s, "gemini", "*:1965");
	}
	if (!settings_has(s, "exempt")) {
		set_default(s, "exempt", "127.0.0.0/8");
		settings_set(s, STR("exempt"), STR("::1"), &(struct buf){0});
		settings_set(s, STR("exempt"), STR("unix"), &(struct buf){0});
	}
}

/* ------------------------------------------------------------------------------- the source */

struct settings_source *settings_source_new(void)
{
	struct settings_source *source = mem_zalloc(1, sizeof *source);

	source->arena = arena_new(256);
	source->try = settings_new();
	return source;
}

void settings_source_free(struct settings_source *source)
{
	if (!source)
		return;
	settings_unref(source->try);
	arena_free(source->arena);
	free(source->pairs);
	free(source);
}

void settings_source_file(struct settings_source *source, const char *file)
{
	source->file = arena_str(source->arena, str_of(file)).p;
}

static bool is_below(struct str path, struct str root)
{
	return path.n > root.n && str_starts(path, root) && path.p[root.n] == '/';
}

struct str settings_from_within(struct str root, struct str path)
{
	return root.n > 0 && is_below(path, root) ? str_skip(path, root.n) : path;
}

void settings_source_chroot(struct settings_source *source, struct str root)
{
	source->root = arena_str(source->arena, root);
	if (source->file)
		source->file = settings_from_within(root, str_of(source->file)).p;
}

bool settings_source_set(
    struct settings_source *source, struct str name, struct str value, struct buf *why)
{
	const struct setting *t = find(name, why);

	if (!t || !take(source->try, t, value, why))
		return false;
	source->pairs = mem_grow(source->pairs, &source->cap, source->n + 1, sizeof(struct pair));
	source->pairs[source->n++] = (struct pair){t, arena_str(source->arena, value)};
	return true;
}

bool settings_source_set_pair(struct settings_source *source, struct str pair, struct buf *why)
{
	struct str name = {0}, value = {0};

	return split(pair, &name, &value, why) && settings_source_set(source, name, value, why);
}

/* Forgets what the file had for a list: the command line has another one. */
static void forget(struct settings *s, const struct setting *t)
{
	struct settings_given *g = &s->given[settings_table_index(t)];

	if (!t->count || !g->is || !g->pos.file.p)
		return;
	*(size_t *)(void *)((char *)s + t->count) = 0;
	*g = (struct settings_given){0};
}

/* Puts the command line over what is there. It was tried before, so nothing is wrong with it. */
static void apply(const struct settings_source *source, struct settings *s)
{
	struct str directory = s->directory;
	struct buf why = {0};

	/* What is typed is relative to where it is typed. */
	s->directory = STR("");
	for (size_t i = 0; i < source->n; i++) {
		const struct pair *p = &source->pairs[i];

		forget(s, p->setting);
		take(s, p->setting, p->value, &why);
		s->given[settings_table_index(p->setting)].pos = (struct diag_pos){0};
	}
	s->directory = directory;
	buf_free(&why);
}

/* --------------------------------------------------------------- what fits together */

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
		    "with chroot this must be an absolute path below it, or syslog: and such a "
		    "path "
		    "of the daemon's socket");
}

/* What is read again has to be found from within the new root. */
static void check_root(const struct settings *s, struct diag_list *diags)
{
	const char *what =
	    "with chroot this must be an absolute path below it, as it is read again "
	    "from within";

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

/* Reports what is right by itself and wrong together. */
static void check(const struct settings *s, struct diag_list *diags)
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

struct settings *settings_try(const struct settings_source *source, struct diag_list *diags)
{
	struct settings *s = settings_new();
	size_t before = diags->total;

	s->root = arena_str(s->arena, source->root);
	if (source->file)
		settings_file_read(s, source->file, diags);
	apply(source, s);
	settings_complete(s);
	if (diags->total == before)
		check(s, diags);
	return s;
}

struct settings *settings_load(const struct settings_source *source, struct diag_list *diags)
{
	size_t before = diags->total;
	struct settings *s = settings_try(source, diags);

	if (diags->total == before)
		return s;
	settings_unref(s);
	return NULL;
}

void settings_need_start(const struct settings *old, const struct settings *new, struct buf *out)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].when == SETTING_START &&
		    !str_eq(old->given[i].text, new->given[i].text))
			buf_printf(out, "%s%s", out->len ? ", " : "", rows[i].name);
}
