#include "config.h"

#include "content/fields.h"
#include "base/date.h"
#include "base/slug.h"
#include "base/uri.h"
#include "base/utf8.h"
#include "content/syntax.h"

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

static const char *example_of(const struct fields *f, const struct fields_spec *spec)
{
	bool better = f->example && strcmp(f->example->key, spec->key) == 0;

	return better ? f->example->example : spec->example;
}

void fields_wrong_type(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *what)
{
	if (node->kind != YAML_BAD && !node->cut)
		diag_error(f->diags, node->pos, "%s takes %s, not %s: for example %s", spec->key,
		    what, kind_name(node), example_of(f, spec));
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
			    example_of(f, spec));
		else if (!value && !node->cut && !is_misspelt(kind, node, spec->key))
			diag_error(f->diags, node->pos, "%s needs the key %s: for example %s",
			    kind->name, spec->key, example_of(f, spec));
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
			diag_error(f->diags, node->pos,
			    "%s takes one line, not several: for example %s", spec->key,
			    example_of(f, spec));
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
		diag_error(f->diags, node->pos, "%s is empty: for example %s", spec->key,
		    example_of(f, spec));
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

/* As line_of, of a kind of value that no quotation mark can be in. */
static struct str word_of(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, size_t max)
{
	static const char *const marks[] = {"\u201c", "\u201d", "\u2018", "\u2019", "\u201e"};
	struct str s = line_of(f, spec, node, max);

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (str_starts(s, str_of(marks[i]))) {
			diag_error(f->diags, node->pos,
			    "%s begins with %s: use straight quotation marks, or none", spec->key,
			    marks[i]);
			return (struct str){0};
		}
	}
	return s;
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

unsigned fields_open_fence(struct str gemtext)
{
	unsigned open = 0;
	struct str line;

	for (unsigned n = 1; str_next_line(&gemtext, &line); n++)
		if (str_starts(line, STR("```")))
			open = open ? 0 : n;
	return open;
}

/* Reports a fence that is not closed, in its line where the text has the file's lines. */
static bool has_open_fence(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	unsigned line = fields_open_fence(node->text);
	struct diag_pos pos = node->pos;

	if (line && node->literal)
		pos = (struct diag_pos){pos.file, pos.line + line, 0};
	if (line)
		diag_error(f->diags, pos, "%s: " FIELDS_OPEN_FENCE, spec->key);
	return line > 0;
}

void fields_gemtext(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = trim_lines(node->text);

	if (node->kind != YAML_SCALAR)
		fields_wrong_type(f, spec, node, "text");
	else if (s.n > 0 && !has_wrong_size(f, spec, node, s, spec->max) &&
	    !has_control(f, spec, node, s, true) && !has_open_fence(f, spec, node))
		*(struct str *)out = arena_str(f->keep, s);
}

/* What is wrong with s as an absolute URL; NULL when nothing is. */
static const char *url_fault(struct str s)
{
	struct uri u;
	const char *why;

	if (str_starts(s, STR("<")))
		return "it stands in angle brackets: delete the < and >";
	if (!uri_parse(s, true, &u, &why))
		return why;
	return uri_leads_nowhere(&u);
}

void fields_url(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = word_of(f, spec, node, FIELDS_URL_MAX);
	const char *fault = s.n > 0 ? url_fault(s) : NULL;

	/* A fault with a colon has its own advice. */
	if (fault && strchr(fault, ':'))
		diag_error(f->diags, node->pos, "%s '%.*s': %s", spec->key, SHOWN(s), fault);
	else if (fault)
		diag_error(f->diags, node->pos, "%s '%.*s': %s; for example %s", spec->key,
		    SHOWN(s), fault, example_of(f, spec));
	else if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

/* What is wrong with s as that which ids begin with; NULL when nothing is. */
static const char *id_fault(struct str s)
{
	struct uri u;
	const char *why;

	if (!uri_parse(s, false, &u, &why))
		return why;
	if (u.scheme.n == 0)
		return "it has no scheme";
	if (u.host.n == 0 && u.path.n == 0)
		return "nothing follows its scheme";
	if (u.has_query || u.has_fragment)
		return "a path follows it, so it has neither ? nor #";
	if (str_ends(s, STR("/")))
		return "a slash follows it, so it ends in none";
	return NULL;
}

void fields_id(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = word_of(f, spec, node, FIELDS_LINE_MAX);
	const char *fault = s.n > 0 ? id_fault(s) : NULL;

	if (fault)
		diag_error(f->diags, node->pos, "%s '%.*s': %s; for example %s", spec->key,
		    SHOWN(s), fault, example_of(f, spec));
	else if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

/* The scalar's text, if it is a slug; else an empty slice. */
static struct str slug_of(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	struct str s = word_of(f, spec, node, FIELDS_LINE_MAX);
	struct buf slug = {0};

	if (s.n == 0 || slug_valid(s))
		return s;
	slug_make(&slug, s);
	diag_error(f->diags, node->pos,
	    "%s '%.*s' is no slug, which is at most %d letters a to z, digits and single hyphens: "
	    "%s%s",
	    spec->key, SHOWN(s), SLUG_MAX, slug.len ? "write " : "for example ",
	    slug.len ? buf_z(&slug) : example_of(f, spec));
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

/*
 * RFC 5646: subtags of letters and digits, the first of two or three letters; the registry, which
 * has no longer ones, is not looked at.
 */
static bool is_language(struct str s)
{
	struct str subtag;
	bool first = true;

	if (s.n > 0 && s.p[s.n - 1] == '-')
		return false;
	while (str_next_field(&s, '-', &subtag)) {
		if (subtag.n < (first ? 2 : 1) || subtag.n > (first ? 3 : 8))
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
	struct str s = word_of(f, spec, node, FIELDS_LANGUAGE_MAX);

	if (s.n > 0 && is_language(s))
		*(struct str *)out = arena_str(f->keep, s);
	else if (s.n > 0)
		diag_error(f->diags, node->pos,
		    "%s '%.*s' is no language tag (BCP 47): for example en or pt-BR", spec->key,
		    STR_ARGS(s));
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
		diag_error(f->diags, node->pos, "%s takes one emoji, not '%.*s': for example %s",
		    spec->key, SHOWN(s), example_of(f, spec));
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

/* Reads the n or fewer numbers that s consists of, one sign between two. 0 when there is more. */
static size_t numbers_of(struct str s, unsigned v[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t digits = 0;
		uint64_t value;

		while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
			digits++;
		if (!str_to_uint(str_sub(s, 0, digits), 9999, &value))
			return 0;
		v[i] = (unsigned)value;
		if (digits == s.n)
			return i + 1;
		if (!strchr("-/.:T ", s.p[digits]))
			return 0;
		s = str_skip(s, digits + 1);
	}
	return 0;
}

/* Writes s, a day or a time of it in a form that is not read, in one that is; false: it is neither. */
static bool mend_date(struct str s, struct buf *out)
{
	unsigned v[6] = {0};
	size_t n = numbers_of(s, v, 6);
	struct buf instant = {0};
	bool good;

	if (n < 3 || n == 4 || v[0] < 1000)
		return false;
	buf_printf(out, "%04u-%02u-%02u", v[0], v[1], v[2]);
	buf_printf(&instant, "%.*sT%02u:%02u:%02u+01:00", STR_ARGS(buf_str(out)), v[3], v[4], v[5]);
	good = date_parse(buf_str(&instant), &(struct date){0}, NULL);
	if (good && n > 3)
		buf_printf(out, ", or %s", buf_z(&instant));
	buf_free(&instant);
	return good;
}

static void report_date(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, struct str s, const char *why)
{
	struct buf mended = {0};
	int days = month_days(s);

	if (days)
		diag_error(f->diags, node->pos, "%s '%.*s': %s %.4s has %d days", spec->key,
		    SHOWN(s), date_month_name((s.p[5] - '0') * 10 + s.p[6] - '0'), s.p, days);
	else if (mend_date(s, &mended))
		diag_error(f->diags, node->pos, "%s '%.*s': write %s", spec->key, SHOWN(s),
		    buf_z(&mended));
	else
		diag_error(f->diags, node->pos, "%s '%.*s': %s", spec->key, SHOWN(s), why);
	buf_free(&mended);
}

void fields_date(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = word_of(f, spec, node, FIELDS_LINE_MAX);
	struct date d;
	const char *why;

	if (s.n == 0)
		return;
	if (date_parse(s, &d, &why))
		*(struct date *)out = d;
	else
		report_date(f, spec, node, s, why);
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

bool fields_word(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *const words[], size_t *which)
{
	struct str s = word_of(f, spec, node, FIELDS_LINE_MAX);
	struct buf all = {0};

	for (size_t i = 0; words[i]; i++) {
		if (str_eq(s, str_of(words[i]))) {
			*which = i;
			buf_free(&all);
			return true;
		}
		buf_printf(&all, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	}
	if (s.n > 0)
		diag_error(f->diags, node->pos, "%s takes %s, not '%.*s'", spec->key, buf_z(&all),
		    SHOWN(s));
	buf_free(&all);
	return false;
}

/* ----------------------------------------------------------------------------------- lists */

bool fields_is_list(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	if (node->kind != YAML_SEQUENCE)
		fields_wrong_type(f, spec, node, "a list");
	else if (node->n < spec->min && !node->cut)
		diag_error(f->diags, node->pos, "%s is an empty list: for example %s", spec->key,
		    example_of(f, spec));
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
	if (node->kind == YAML_SCALAR && !yaml_nothing(node) && node->text.n > 0) {
		if (!syntax_no_item(node->text, "", node->pos, f->diags))
			diag_error(f->diags, node->pos, "%s takes a list, not text: write [%.*s]",
			    spec->key, SHOWN(node->text));
		return;
	}
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
