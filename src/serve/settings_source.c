#include "config.h"

#include "serve/settings_source.h"
#include "base/mem.h"
#include "serve/settings_check.h"
#include "serve/settings_file.h"
#include "serve/settings_table.h"

#include <stdlib.h>

/* A setting of the command line. */
struct pair {
	struct str name, value; /* in the arena of the source */
};

struct settings_source {
	struct arena *arena;  /* owned: the texts */
	const char *file;     /* in the arena; NULL: none */
	struct str root;      /* in the arena; empty: none */
	struct pair *pairs;   /* owned; in the order given */
	struct settings *try; /* owned: they are tried here */
	size_t n, cap;
};

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

void settings_source_chroot(struct settings_source *source, struct str root)
{
	source->root = arena_str(source->arena, root);
	if (source->file)
		source->file = settings_from_within(root, str_of(source->file)).p;
}

bool settings_source_set(
    struct settings_source *source, struct str name, struct str value, struct buf *why)
{
	if (!settings_set(source->try, name, value, why))
		return false;
	source->pairs = mem_grow(source->pairs, &source->cap, source->n + 1, sizeof(struct pair));
	source->pairs[source->n++] =
	    (struct pair){arena_str(source->arena, name), arena_str(source->arena, value)};
	return true;
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
		const struct setting *t = settings_table_find(p->name);

		forget(s, t);
		settings_set(s, p->name, p->value, &why);
		s->given[settings_table_index(t)].pos = (struct diag_pos){0};
	}
	s->directory = directory;
	buf_free(&why);
}

struct settings *settings_source_try(const struct settings_source *source, struct diag_list *diags)
{
	struct settings *s = settings_new();
	size_t before = diags->total;

	s->root = arena_str(s->arena, source->root);
	if (source->file)
		settings_file_read(s, source->file, diags);
	apply(source, s);
	settings_complete(s);
	if (diags->total == before)
		settings_check(s, diags);
	return s;
}

struct settings *settings_source_load(const struct settings_source *source, struct diag_list *diags)
{
	size_t before = diags->total;
	struct settings *s = settings_source_try(source, diags);

	if (diags->total == before)
		return s;
	settings_unref(s);
	return NULL;
}
