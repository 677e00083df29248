#include "config.h"

#include "serve/settings.h"
#include "base/mem.h"
#include "serve/settings_table.h"

#include <stdlib.h>

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

/* Notes what was written, for those who compare. */
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

/* -------------------------------------------------------------------------------- defaults */

bool settings_has(const struct settings *s, const char *name)
{
	return s->given[settings_table_index(settings_table_find(str_of(name)))].is;
}

/* As if it had been written, but for settings_has. */
static void assume(struct settings *s, const char *name, const char *value)
{
	struct buf why = {0};

	settings_set(s, str_of(name), str_of(value), &why);
	s->given[settings_table_index(settings_table_find(str_of(name)))].is = false;
	buf_free(&why);
}

static void set_default(struct settings *s, const char *name, const char *value)
{
	if (!settings_has(s, name))
		assume(s, name, value);
}

void settings_complete(struct settings *s)
{
	bool listens = settings_has(s, "gopher") || settings_has(s, "gemini");

	set_default(s, "content", "content");
	set_default(s, "certs", "certs");
	set_default(s, "log", "stderr");
	set_default(s, "access_log", "stderr");
	if (s->nhosts == 0)
		assume(s, "hostname", "localhost");
	if (!listens) {
		set_default(s, "gopher", "*:70");
		set_default(s, "gemini", "*:1965");
	}
	if (!settings_has(s, "exempt")) {
		assume(s, "exempt", "127.0.0.0/8");
		assume(s, "exempt", "::1");
		assume(s, "exempt", "unix");
	}
}

struct str settings_from_within(struct str root, struct str path)
{
	bool below =
	    root.n > 0 && str_starts(path, root) && path.n > root.n && path.p[root.n] == '/';

	return below ? str_skip(path, root.n) : path;
}

static bool same(const struct settings *a, const struct settings *b, size_t row)
{
	return str_eq(a->given[row].text, b->given[row].text);
}

bool settings_same(const struct settings *a, const struct settings *b, const char *name)
{
	return same(a, b, settings_table_index(settings_table_find(str_of(name))));
}

void settings_need_start(const struct settings *old, const struct settings *new, struct buf *out)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].when == SETTING_START && !same(old, new, i))
			buf_printf(out, "%s%s", out->len ? ", " : "", rows[i].name);
}
