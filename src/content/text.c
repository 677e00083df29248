#include "config.h"

#include "content/text.h"
#include "base/slug.h"
#include "base/uri.h"
#include "base/utf8.h"

/*
 * Reports the first character of s that neither text nor a line may hold; true when there
 * is one.
 */
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
			    fields_example(f, spec));
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
		    fields_example(f, spec));
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

struct str text_word(const struct fields *f, const struct fields_spec *spec,
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

void text_line(
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

unsigned text_open_fence(struct str gemtext)
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
	unsigned line = text_open_fence(node->text);
	struct diag_pos pos = node->pos;

	if (line && node->literal)
		pos = (struct diag_pos){pos.file, pos.line + line, 0};
	if (line)
		diag_error(f->diags, pos, "%s: " TEXT_OPEN_FENCE, spec->key);
	return line > 0;
}

void text_gemtext(
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

void text_url(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = text_word(f, spec, node, TEXT_URL_MAX);
	const char *fault = s.n > 0 ? url_fault(s) : NULL;

	/* A fault with a colon has its own advice. */
	if (fault && strchr(fault, ':'))
		diag_error(f->diags, node->pos, "%s '%.*s': %s", spec->key, SHOWN(s), fault);
	else if (fault)
		diag_error(f->diags, node->pos, "%s '%.*s': %s; for example %s", spec->key,
		    SHOWN(s), fault, fields_example(f, spec));
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

void text_id(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = text_word(f, spec, node, TEXT_LINE_MAX);
	const char *fault = s.n > 0 ? id_fault(s) : NULL;

	if (fault)
		diag_error(f->diags, node->pos, "%s '%.*s': %s; for example %s", spec->key,
		    SHOWN(s), fault, fields_example(f, spec));
	else if (s.n > 0)
		*(struct str *)out = arena_str(f->keep, s);
}

void text_slug(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = text_word(f, spec, node, TEXT_LINE_MAX);
	struct buf slug = {0};

	if (s.n == 0)
		return;
	if (slug_valid(s)) {
		*(struct str *)out = arena_str(f->keep, s);
		return;
	}
	slug_make(&slug, s);
	diag_error(f->diags, node->pos,
	    "%s '%.*s' is no slug, which is at most %d letters a to z, digits and single hyphens: "
	    "%s%s",
	    spec->key, SHOWN(s), SLUG_MAX, slug.len ? "write " : "for example ",
	    slug.len ? buf_z(&slug) : fields_example(f, spec));
	buf_free(&slug);
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

void text_language(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = text_word(f, spec, node, TEXT_LANGUAGE_MAX);

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

void text_emoji(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = line_of(f, spec, node, TEXT_LINE_MAX);
	uint32_t c = 0;

	if (s.n == 0)
		return;
	utf8_decode(s, &c, NULL);
	/* One grapheme: cut by one column, nothing of it is left. */
	if (begins_emoji(c) && utf8_fit(s, utf8_width(s) - 1) == 0)
		*(struct str *)out = arena_str(f->keep, s);
	else
		diag_error(f->diags, node->pos, "%s takes one emoji, not '%.*s': for example %s",
		    spec->key, SHOWN(s), fields_example(f, spec));
}
