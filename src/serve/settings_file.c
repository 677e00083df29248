#include "config.h"

#include "serve/settings_file.h"
#include "content/bytes.h"
#include "content/fields.h"
#include "content/yaml.h"
#include "serve/settings_table.h"
#include "serve/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct reading {
	struct settings *settings;
	struct diag_list *diags;
	bool mended; /* some of its bytes were no text */
};

/* ------------------------------------------------------------------------------- the bytes */

static bool read_all(int fd, struct buf *out)
{
	ssize_t n;

	do {
		n = read(fd, buf_reserve(out, 4096), 4096);
		if (n > 0)
			out->len += (size_t)n;
	} while ((n > 0 && out->len <= SETTINGS_FILE_MAX) || (n < 0 && errno == EINTR));
	return n >= 0;
}

static bool read_file(const char *file, struct buf *out, struct diag_list *diags)
{
	struct diag_pos pos = {.file = str_of(file)};
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool ok = fd >= 0 && read_all(fd, out);

	if (!ok)
		diag_error(diags, pos, "cannot be read: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	if (ok && out->len > SETTINGS_FILE_MAX) {
		diag_error(diags, pos, "is larger than %zu bytes: this is no configuration",
		    SETTINGS_FILE_MAX);
		ok = false;
	}
	return ok;
}

/* Where relative paths in the file begin; empty for a file in the working directory. */
static struct str directory_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? (struct str){file, slash > file ? (size_t)(slash - file) : 1} : STR("");
}

/* ------------------------------------------------------------------------------- the values */

/* What stands for bytes that are no text, which has been reported. */
static bool holds_replacement(struct str s)
{
	static const struct str mark = STR("\xef\xbf\xbd");

	for (size_t i = 0; i < s.n; i++)
		if (str_starts(str_skip(s, i), mark))
			return true;
	return false;
}

/* One value; what is wrong with it has its own place. */
static void take(const struct reading *r, const struct setting *t, const struct yaml_node *node)
{
	struct buf why = {0};

	if (node->kind == YAML_BAD || (r->mended && holds_replacement(node->text)))
		return;
	if (node->kind != YAML_SCALAR)
		diag_error(r->diags, node->pos, "%s takes %s, not a %s", t->name,
		    t->count ? "a list of single values" : "one value",
		    node->kind == YAML_SEQUENCE ? "list" : "mapping");
	else if (!settings_set(r->settings, str_of(t->name), str_trim(node->text), &why))
		diag_error(r->diags, node->pos, "%s", buf_z(&why));
	buf_free(&why);
}

/* A list may be written as one value, when it has one; [] is a list of none. */
static void take_list(
    const struct reading *r, const struct setting *t, const struct yaml_node *node)
{
	if (node->kind != YAML_SEQUENCE) {
		take(r, t, node);
		return;
	}
	r->settings->given[settings_table_index(t)].is = true;
	for (const struct yaml_node *v = node->first; v; v = v->next)
		take(r, t, v);
}

static struct str name_of(const void *context, size_t i)
{
	return str_of(((const struct setting *)context)[i].name);
}

static void report_unknown(const struct reading *r, const struct yaml_node *key)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);
	struct str near = fields_nearest(key->text, n, name_of, rows);

	if (near.n > 0)
		diag_error(r->diags, key->pos, "unknown key '%.*s': did you mean '%.*s'?",
		    SHOWN(key->text), STR_ARGS(near));
	else
		diag_error(r->diags, key->pos,
		    "unknown key '%.*s': digestd.yaml(5) lists all there are", SHOWN(key->text));
}

static void take_key(const struct reading *r, const struct yaml_node *value)
{
	const struct setting *t = settings_table_find(value->key->text);

	if (!t) {
		report_unknown(r, value->key);
		return;
	}
	if (value->kind == YAML_SCALAR && yaml_nothing(value))
		return;
	if (t->count)
		take_list(r, t, value);
	else
		take(r, t, value);
	r->settings->given[settings_table_index(t)].pos = value->pos;
}

static void take_all(const struct reading *r, const struct yaml_node *root, struct diag_pos whole)
{
	if (!root || yaml_nothing(root))
		return;
	if (root->kind != YAML_MAPPING)
		diag_error(r->diags, root->kind == YAML_BAD ? whole : root->pos,
		    "a configuration is a mapping: for example hostname: digest.example.org");
	else
		for (const struct yaml_node *v = root->first; v; v = v->next)
			take_key(r, v);
}

bool settings_file_read(struct settings *s, const char *file, struct diag_list *diags)
{
	struct reading r = {.settings = s, .diags = diags};
	struct arena *tree = arena_new(0);
	struct buf bytes = {0};
	struct str text;
	size_t before = diags->total;

	/* The name and its places outlive the tree. */
	s->file = arena_str(s->arena, str_of(file));
	stamp_of(&s->file.p, 1, &s->file_stamp);
	s->directory = directory_of(s->file.p);
	if (read_file(file, &bytes, diags) &&
	    bytes_text(tree, s->file, buf_str(&bytes), diags, &text)) {
		r.mended = diags->total > before;
		take_all(&r, yaml_read(tree, s->file, text, diags),
		    (struct diag_pos){.file = s->file, .line = 1, .column = 1});
	}
	buf_free(&bytes);
	arena_free(tree);
	return diags->total == before;
}
