#include "config.h"

#include "content/fields.h"
#include "base/utf8.h"

#define SHOWN_COLUMNS 60

struct str fields_shown(struct str s)
{
	return str_sub(s, 0, utf8_fit(s, SHOWN_COLUMNS));
}

/* Edits from text, in small letters, to name. */
static size_t distance(struct str text, struct str name)
{
	char small[64];

	if (text.n > sizeof small)
		return SIZE_MAX;
	for (size_t i = 0; i < text.n; i++)
		small[i] =
		    text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] + 32) : text.p[i];
	return str_distance((struct str){small, text.n}, name);
}

static bool begins_alike(struct str a, struct str b)
{
	return a.n > 0 && b.n > 0 && str_eq_nocase(str_sub(a, 0, 1), str_sub(b, 0, 1));
}

struct str fields_nearest(struct str text, size_t n,
    struct str (*name)(const void *context, size_t i), const void *context)
{
	size_t least = 2 + text.n / 4;
	struct str found = {0};

	for (size_t i = 0; i < n; i++) {
		struct str other = name(context, i);
		size_t d = distance(text, other);

		/* A slip seldom changes the first letter. */
		if (d < least && d < text.n && (d < 2 || begins_alike(text, other))) {
			least = d;
			found = other;
		}
	}
	return found;
}

static const char *kind_name(const struct yaml_node *node)
{
	static const char *const names[] = {
	    [YAML_SCALAR] = "text",
	    [YAML_SEQUENCE] = "a list",
	    [YAML_MAPPING] = "a mapping",
	    [YAML_BAD] = "this",
	};

	return yaml_nothing(node) ? "nothing" : names[node->kind];
}

const char *fields_example(const struct fields *f, const struct fields_spec *spec)
{
	bool better = f->example && strcmp(f->example->key, spec->key) == 0;

	return better ? f->example->example : spec->example;
}

void fields_wrong_type(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *what)
{
	if (node->kind != YAML_BAD && !node->cut)
		diag_error(f->diags, node->pos, "%s takes %s, not %s: for example %s", spec->key,
		    what, kind_name(node), fields_example(f, spec));
}

/* ------------------------------------------------------------------ a mapping by its table */

static struct str key_of(const void *context, size_t i)
{
	const struct fields_kind *kind = context;

	return str_of(kind->specs[i].key);
}

/* The key of that kind that an unknown one may have been meant as; or an empty slice. */
static struct str near_key(const struct fields_kind *kind, struct str unknown)
{
	return fields_nearest(unknown, kind->n, key_of, kind);
}

static void report_unknown(
    const struct fields *f, const struct fields_kind *kind, const struct yaml_node *key)
{
	struct str near = near_key(kind, key->text);
	struct buf all = {0};

	if (near.n > 0) {
		diag_error(f->diags, key->pos, "unknown key '%.*s': did you mean '%.*s'?",
		    SHOWN(key->text), STR_ARGS(near));
		return;
	}
	for (size_t i = 0; i < kind->n; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", kind->specs[i].key);
	diag_error(f->diags, key->pos, "unknown key '%.*s': the keys of %s are %s",
	    SHOWN(key->text), kind->name, buf_z(&all));
	buf_free(&all);
}

static const struct fields_spec *find_spec(const struct fields_kind *kind, struct str key)
{
	for (size_t i = 0; i < kind->n; i++)
		if (str_eq(key, str_of(kind->specs[i].key)))
			return &kind->specs[i];
	return NULL;
}

/* True when an unknown key of the mapping may have been meant as that one. */
static bool is_misspelt(
    const struct fields_kind *kind, const struct yaml_node *node, const char *key)
{
	for (const struct yaml_node *v = node->first; v; v = v->next)
		if (!find_spec(kind, v->key->text) &&
		    str_eq(near_key(kind, v->key->text), str_of(key)))
			return true;
	return false;
}

static void report_missing(
    const struct fields *f, const struct fields_kind *kind, const struct yaml_node *node)
{
	for (size_t i = 0; i < kind->n; i++) {
		const struct fields_spec *spec = &kind->specs[i];
		const struct yaml_node *value =
		    spec->required ? yaml_get(node, str_of(spec->key)) : NULL;

		if (!spec->required)
			continue;
		if (value && yaml_nothing(value))
			diag_error(f->diags, value->pos, "%s is empty: for example %s", spec->key,
			    fields_example(f, spec));
		else if (!value && !node->cut && !is_misspelt(kind, node, spec->key))
			diag_error(f->diags, node->pos, "%s needs the key %s: for example %s",
			    kind->name, spec->key, fields_example(f, spec));
	}
}

/* Reports what stands where a mapping should; of text, how it goes into one. */
static void report_no_mapping(
    const struct fields *f, const struct fields_kind *kind, const struct yaml_node *node)
{
	struct buf rest = {0};

	for (size_t i = 1; i < kind->n; i++)
		if (kind->specs[i].required)
			buf_printf(&rest, ", %s", kind->specs[i].example);
	if (kind->brief && node->kind == YAML_SCALAR && !yaml_nothing(node))
		diag_error(f->diags, node->pos, "%s is a mapping, not text: write {%s: \"%.*s\"%s}",
		    kind->name, kind->specs[0].key, SHOWN(node->text), buf_z(&rest));
	else
		diag_error(f->diags, node->pos, "%s is a mapping, not %s: for example %s",
		    kind->name, kind_name(node), kind->specs[0].example);
	buf_free(&rest);
}

void fields_read(const struct fields *f, const struct fields_kind *kind,
    const struct yaml_node *node, void *target)
{
	if (node->kind == YAML_BAD)
		return;
	if (node->kind != YAML_MAPPING) {
		report_no_mapping(f, kind, node);
		return;
	}
	for (const struct yaml_node *v = node->first; v; v = v->next) {
		const struct fields_spec *spec = find_spec(kind, v->key->text);

		if (!spec)
			report_unknown(f, kind, v->key);
		else if (v->kind != YAML_BAD && !yaml_nothing(v))
			spec->read(f, spec, v, (char *)target + spec->offset);
	}
	report_missing(f, kind, node);
}
