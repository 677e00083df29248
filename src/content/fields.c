#include "config.h"

#include "content/fields.h"
#include "base/date.h"
#include "base/slug.h"
#include "base/uri.h"
#include "base/utf8.h"

#define SHOWN_COLUMNS 60

struct str fields_shown(struct str s)
{
	return str_sub(s, 0, utf8_fit(s, SHOWN_COLUMNS));
}

struct str fields_nearest(struct str text, size_t n,
    struct str (*name)(const void *context, size_t i), const void *context)
{
	size_t least = 2 + text.n / 4;
	struct str found = {0};

	for (size_t i = 0; i < n; i++) {
		size_t d = str_distance(text, name(context, i));

		if (d < least && d < text.n) {
			least = d;
			found = name(context, i);
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

void fields_wrong_type(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *what)
{
	if (node->kind != YAML_BAD && !node->cut)
		diag_error(f->diags, node->pos, "%s takes %s, not %s: write %s", spec->key, what,
		    kind_name(node), spec->example);
}

/* ------------------------------------------------------------------ a mapping by its table */

static struct str key_of(const void *context, size_t i)
{
	const struct fields_kind *kind = context;

	return str_of(kind->specs[i].key);
}

static void report_unknown(
    const struct fields *f, const struct fields_kind *kind, const struct yaml_node *key)
{
	struct str near = fields_nearest(key->text, kind->n, key_of, kind);
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
			diag_error(f->diags, value->pos, "%s is empty: write %s", spec->key,
			    spec->example);
		else if (!value && !node->cut)
			diag_error(f->diags, node->pos, "%s needs the key %s: write %s", kind->name,
			    spec->key, spec->example);
	}
}

void fields_read(const struct fields *f, const struct fields_kind *kind,
    const struct yaml_node *node, void *target)
{
	if (node->kind == YAML_BAD)
		return;
	if (node->kind != YAML_MAPPING) {
		diag_error(f->diags, node->pos, "%s is a mapping, not %s: write %s", kind->name,
		    kind_name(node), kind->specs[0].example);
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

/* ------------------------------------------------------------------------------------ text */

/* Reports the first character of s that neither text nor a line may hold; true when there is one. */
static bool has_control(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, struct str s, bool lines)
{
	for (size_t i = utf8_find_control(s); i < s.n;) {
		uint32_t c;
		size_t n = utf8_decode(str_skip(s, i), &c, NULL);

		if (lines && (c == '\n' || c == '\t')) {
			i += n;
			i += utf8_find_control(str_skip(s, i));
			continue;
		}
		if (c == '\n')
			diag_error(f->diags, node->pos, "%s takes one line, not several: write %s",
			    spec->key, spec->example);
		else
			diag_error(f->diags, node->pos,
			    "%s holds the control character U+%04X: delete it", spec->key,
			    (unsigned)c);
		return true;
	}
	return false;
}

/* Reports a text that is longer than it may be, or empty; true when it is. */
static bool has_wrong_size(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, struct str s, size_t max)
{
	if (s.n == 0)
		diag_error(f->diags, node->pos, "%s is empty: write %s", spec->key, spec->example);
	else if (s.n > max)
		diag_error(f->diags, node->pos, "%s takes at most %zu bytes, not %zu: shorten it",
		    spec->key, max, s.n);
	else
		return false;
	return true;
}

/* The scalar's text, if it is one line of at most max bytes; else an empty slice. */
static struct str line_of(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, size_t max)
{
	struct str s = str_trim(node->text);

	if (node->kind != YAML_SCALAR || yaml_nothing(node))
		fields_wrong_type(f, spec, node, "one line of text");
	else if (!has_wrong_size(f, spec, node, s, max) && !has_control(f, spec, node, s, false))
		return s;
	return (struct str){0};
}

void fields_line(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, spec->max);

	if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

/* s without the line feeds at its ends; spaces that begin a line may be code. */
static struct str trim_lines(struct str s)
{
	while (s.n > 0 && s.p[0] == '\n')
		s = str_skip(s, 1);
	while (s.n > 0 && strchr(" \t\n", s.p[s.n - 1]))
		s.n--;
	return s;
}

void fields_gemtext(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = trim_lines(node->text);

	if (node->kind != YAML_SCALAR)
		fields_wrong_type(f, spec, node, "text");
	else if (s.n > 0 && !has_wrong_size(f, spec, node, s, spec->max) &&
	    !has_control(f, spec, node, s, true))
		*(struct str *)out = arena_str(f->keep, s);
}

/* The schemes of the links that readers follow most: these name a host. */
static bool needs_host(struct str scheme)
{
	static const char *const schemes[] = {"http", "https", "gemini", "gopher"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_eq_nocase(scheme, str_of(schemes[i])))
			return true;
	return false;
}

/* What is wrong with s as an absolute URL; NULL when nothing is. */
static const char *url_fault(struct str s)
{
	struct uri u;
	const char *why;

	if (!uri_parse(s, true, &u, &why))
		return why;
	if (u.scheme.n == 0)
		return "it has no scheme";
	if (!uri_scheme_leads(u.scheme))
		return "readers cannot follow this scheme";
	if (needs_host(u.scheme) && u.host.n == 0)
		return "it names no host";
	if (u.host.n == 0 && u.path.n == 0 && u.query.n == 0)
		return "nothing follows its scheme";
	return NULL;
}

void fields_url(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, FIELDS_URL_MAX);
	const char *fault = s.n > 0 ? url_fault(s) : NULL;

	if (fault)
		diag_error(f->diags, node->pos, "%s '%.*s': %s; write %s", spec->key, SHOWN(s),
		    fault, spec->example);
	else if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

/* The scalar's text, if it is a slug; else an empty slice. */
static struct str slug_of(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	struct str s = line_of(f, spec, node, FIELDS_LINE_MAX);
	struct buf slug = {0};

	if (s.n == 0 || slug_valid(s))
		return s;
	slug_make(&slug, s);
	diag_error(f->diags, node->pos,
	    "%s '%.*s' is no slug, which is at most %d letters a to z, digits and single hyphens: "
	    "write %.*s",
	    spec->key, SHOWN(s), SLUG_MAX,
	    STR_ARGS(slug.len ? buf_str(&slug) : str_of(spec->example)));
	buf_free(&slug);
	return (struct str){0};
}

void fields_slug(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = slug_of(f, spec, node);

	if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 5646: subtags of letters and digits, the first of letters; the registry is not looked at. */
static bool is_language(struct str s)
{
	struct str subtag;
	bool first = true;

	if (s.n > 0 && s.p[s.n - 1] == '-')
		return false;
	while (str_next_field(&s, '-', &subtag)) {
		if (subtag.n < (first ? 2 : 1) || subtag.n > 8)
			return false;
		for (size_t i = 0; i < subtag.n; i++)
			if (!is_letter(subtag.p[i]) &&
			    (first || subtag.p[i] < '0' || subtag.p[i] > '9'))
				return false;
		first = false;
	}
	return !first;
}

void fields_language(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, FIELDS_LANGUAGE_MAX);

	if (s.n > 0 && is_language(s))
		*(struct str *)out = arena_str(f->keep, s);
	else if (s.n > 0)
		diag_error(f->diags, node->pos,
		    "%s '%.*s' is no language tag (BCP 47), as en, pt-BR or zh-Hant: write %s",
		    spec->key, STR_ARGS(s), spec->example);
}

/* Where Unicode keeps its emoji; within these ranges a symbol does as well. */
static bool begins_emoji(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0x203c, 0x2bff}, {0x3030, 0x303d}, {0x3297, 0x3299}, {0x1f000, 0x1faff}};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

void fields_emoji(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, FIELDS_LINE_MAX);
	uint32_t c = 0;

	if (s.n == 0)
		return;
	utf8_decode(s, &c, NULL);
	/* One grapheme: cut by one column, nothing of it is left. */
	if (begins_emoji(c) && utf8_fit(s, utf8_width(s) - 1) == 0)
		*(struct str *)out = arena_str(f->keep, s);
	else
		diag_error(f->diags, node->pos, "%s takes one emoji, not '%.*s': write %s",
		    spec->key, SHOWN(s), spec->example);
}

/* ---------------------------------------------------------------- dates, numbers, booleans */

/*
 * How many days the month has that s names (2019-11-31...), when what ails s is
 * that there are fewer than its day; else 0.
 */
static int month_days(struct str s)
{
	static const char *const days[] = {"31", "30", "29", "28"};
	struct date d;
	uint64_t written;
	char day[11];

	if (s.n < 10 || !str_to_uint(str_sub(s, 8, 10), 31, &written))
		return 0;
	memcpy(day, s.p, 8);
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		memcpy(day + 8, days[i], 3);
		if (date_parse(str_of(day), &d, NULL))
			return written > (uint64_t)d.day ? d.day : 0;
	}
	return 0;
}

void fields_date(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, FIELDS_LINE_MAX);
	struct date d;
	const char *why;
	int days;

	if (s.n == 0)
		return;
	if (date_parse(s, &d, &why)) {
		*(struct date *)out = d;
		return;
	}
	days = month_days(s);
	if (days)
		diag_error(f->diags, node->pos, "%s '%.*s': %s %.4s has %d days", spec->key,
		    SHOWN(s), date_month_name((s.p[5] - '0') * 10 + s.p[6] - '0'), s.p, days);
	else
		diag_error(f->diags, node->pos, "%s '%.*s': %s", spec->key, SHOWN(s), why);
}

void fields_bool(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (node->plain && str_eq_nocase(node->text, str_of(words[i].word))) {
			*(bool *)out = words[i].value;
			return;
		}
	}
	if (node->kind == YAML_SCALAR)
		diag_error(f->diags, node->pos,
		    "%s takes true or false without quotation marks, not '%.*s'", spec->key,
		    SHOWN(node->text));
	else
		fields_wrong_type(f, spec, node, "true or false");
}

void fields_unsigned(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	uint64_t v;

	if (node->kind != YAML_SCALAR)
		fields_wrong_type(f, spec, node, "a number");
	else if (node->plain && str_to_uint(node->text, spec->max, &v) && v >= spec->min)
		*(unsigned *)out = (unsigned)v;
	else
		diag_error(f->diags, node->pos,
		    "%s takes a whole number from %u to %u without quotation marks, not '%.*s'",
		    spec->key, spec->min, spec->max, SHOWN(node->text));
}

/* ----------------------------------------------------------------------------------- lists */

bool fields_is_list(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	if (node->kind != YAML_SEQUENCE)
		fields_wrong_type(f, spec, node, "a list");
	else if (node->n < spec->min && !node->cut)
		diag_error(
		    f->diags, node->pos, "%s is an empty list: write %s", spec->key, spec->example);
	else if (node->n > spec->max)
		diag_error(f->diags, node->pos, "%s takes at most %u items, not %u: delete some",
		    spec->key, spec->max, node->n);
	else
		return true;
	return false;
}

typedef struct str item_reader(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node);

static void read_items(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, item_reader *read, struct fields_list *list)
{
	if (!fields_is_list(f, spec, node))
		return;
	list->items = arena_array(f->work, node->n, sizeof *list->items);
	list->n = 0;
	for (const struct yaml_node *v = node->first; v; v = v->next) {
		struct str s = read(f, spec, v);

		if (s.n > 0)
			list->items[list->n++] =
			    (struct fields_item){arena_str(f->work, s), v->pos};
	}
}

static struct str item_line(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	return line_of(f, spec, node, FIELDS_LINE_MAX);
}

void fields_lines(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_items(f, spec, node, item_line, out);
}

void fields_slugs(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_items(f, spec, node, slug_of, out);
}
