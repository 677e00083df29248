#include "config.h"

#include "content/syntax.h"
#include "base/utf8.h"

#define NO_KEY "this is no key: write ': ' after a key, and indent text deeper than its key"

/* What libyaml says, and what to tell the editor. */
struct problem {
	const char *problem;
	const char *context; /* NULL: any */
	bool at_context;     /* the useful place is where the construct began */
	const char *text;
};

static const struct problem problems[] = {
    {"mapping values are not allowed in this context", NULL, false,
	"a ':' where no key can stand: put text that holds ': ' in quotation marks, "
	"and indent the keys of a mapping alike"},
    {"did not find expected key", NULL, false,
	"a key should stand here: indent the keys of a mapping alike"},
    {"did not find expected '-' indicator", NULL, false,
	"an item that begins with '- ' should stand here: indent the items of a list alike"},
    {"could not find expected ':'", NULL, true, NO_KEY},
    {"found unexpected end of stream", "while scanning a quoted scalar", true,
	"this quotation mark is never closed"},
    {"found unexpected document indicator", NULL, true,
	"this quotation mark is not closed before a line with --- or ..."},
    {"did not find expected ',' or ']'", NULL, true,
	"this list lacks a ',' between items or its closing ']'"},
    {"did not find expected ',' or '}'", NULL, true,
	"this mapping lacks a ',' between keys or its closing '}'"},
    {"block sequence entries are not allowed in this context", NULL, false,
	"no list can begin here: put text that begins with '- ' in quotation marks, and begin "
	"a list on a line of its own"},
    {"mapping keys are not allowed in this context", NULL, false,
	"no key can begin here: put text that begins with '? ' in quotation marks"},
    {"found unknown escape character", NULL, false,
	"no escape begins so: in double quotation marks write \\\\ for a backslash"},
    {"did not find expected hexdecimal number", NULL, false,
	"this escape lacks digits: write \\xHH, \\uHHHH or \\UHHHHHHHH"},
    {"found invalid Unicode character escape code", NULL, false,
	"this escape stands for no character"},
    {"did not find expected alphabetic or numeric character", NULL, true,
	"put text that begins with & or * in quotation marks"},
    {"did not find expected comment or line break", NULL, false,
	"after | or > comes a line break, then the text, indented"},
    {"found an indentation indicator equal to 0", NULL, false,
	"after | or > comes a line break, then the text, indented"},
    {"found a tab character where an indentation space is expected", NULL, false,
	"a TAB: indent with spaces"},
    {"found a tab character that violates indentation", NULL, false, "a TAB: indent with spaces"},
    {"found unexpected ':'", NULL, false,
	"a ':' where no key can stand: put text that holds ':' in quotation marks"},
    {"did not find expected <document start>", NULL, false,
	"the file should end here: indent this like what stands above, or delete it"},
    {"did not find expected node content", "while parsing a flow node", false,
	"a value should stand here, or the closing bracket of what began above"},
    {"did not find expected node content", NULL, false,
	"a value should stand here: put text that begins with a mark of YAML in quotation marks"},
    {"found undefined tag handle", NULL, true, "put text that begins with ! in quotation marks"},
    {"found incompatible YAML document", NULL, true,
	"this version of YAML is not known: delete the %YAML line"},
};

bool syntax_no_item(struct str text, const char *end, struct diag_pos pos, struct diag_list *diags)
{
	struct str word = str_sub(text, 1, str_index(text, ' '));

	if (text.n < 2 || text.p[0] != '-' || strchr("- \t", text.p[1]))
		return false;
	diag_error(diags, pos, "write '- %.*s%s', with a space after the hyphen",
	    word.n > 80 ? 80 : (int)word.n, word.p, end);
	return true;
}

static bool is_problem(const struct syntax_fault *f, const char *problem)
{
	return strcmp(f->problem, problem) == 0;
}

static const struct problem *find_problem(const struct syntax_fault *f)
{
	for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
		if (is_problem(f, problems[i].problem) &&
		    (!problems[i].context || strcmp(f->context, problems[i].context) == 0))
			return &problems[i];
	return NULL;
}

/* The rest of the line at pos. */
static struct str text_at(const struct syntax_fault *f, struct diag_pos pos)
{
	struct str rest = f->text, line = {0};

	for (unsigned i = f->line; i < pos.line; i++)
		if (!str_next_field(&rest, '\n', &line))
			return STR("");
	for (unsigned i = 1; i < pos.column && line.n > 0; i++)
		line = str_skip(line, utf8_decode(line, &(uint32_t){0}, NULL));
	return line;
}

static bool is_latest_at(const struct syntax_fault *f, unsigned line)
{
	return f->latest.node && f->latest.node->kind != YAML_BAD && f->latest.end.line == line;
}

/* The key of the latest scalar, or NULL when it is no value. */
static const char *latest_key(const struct syntax_fault *f)
{
	const struct yaml_node *key = f->latest.node->key;

	return key && key->kind == YAML_SCALAR ? key->text.p : NULL;
}

/*
 * What was read before a fault explains many a one better than libyaml can. Each of these reports
 * it at *pos, where the table would, or sets *pos; and returns false if it is no explanation.
 */
typedef bool explanation(
    const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags);

/* A quotation of several lines that ends on the line at fault is what lacks its mark. */
static bool runs_on(const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	struct yaml_node *n = f->quoted.node;

	if (!n || f->quoted.end.line != f->at.line)
		return false;
	*pos = n->pos;
	diag_error(diags, *pos,
	    "this quotation mark is closed only in line %u: close it where the text ends",
	    f->quoted.end.line);
	n->kind = YAML_BAD;
	return true;
}

static bool lacks_space(const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	return syntax_no_item(text_at(f, *pos), "", *pos, diags);
}

/* Text that goes on behind a quotation, or behind a bracket that was meant as text. */
static bool goes_on(const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	const struct yaml_node *n = f->latest.node;

	if (!is_latest_at(f, f->at.line) || (f->flow && f->latest.end.column != f->at.column) ||
	    (n->kind == YAML_SCALAR && !f->latest.quoted))
		return false;
	*pos = f->latest.quoted ? f->at : n->pos;
	if (f->latest.quoted)
		diag_error(diags, *pos,
		    "text after the closing quotation mark: write '' for an apostrophe inside "
		    "'...', \\\" for a mark inside \"...\"");
	else
		diag_error(diags, *pos, "put text that begins with %c in quotation marks",
		    n->kind == YAML_SEQUENCE ? '[' : '{');
	return true;
}

/* A line that is indented less than the text after | or > above it, and is no key. */
static bool leaves_block(
    const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	if (!is_latest_at(f, pos->line) || !f->latest.block || !latest_key(f) ||
	    str_starts(text_at(f, *pos), STR("\t")))
		return false;
	diag_error(diags, *pos,
	    "this is no key, and no more of the text of '%.80s': indent the text deeper than its "
	    "key",
	    latest_key(f));
	return true;
}

/* A ": " inside text, or in a line that is indented deeper than the key before it. */
static bool holds_colon(const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	const struct yaml_node *n = f->latest.node;
	const char *key = n ? latest_key(f) : NULL;

	if (!is_problem(f, "mapping values are not allowed in this context") ||
	    !is_latest_at(f, pos->line) || (!key && n->pos.line == pos->line))
		return false;
	if (!key)
		diag_error(diags, n->pos, NO_KEY);
	else if (n->pos.line == pos->line)
		diag_error(diags, *pos,
		    "': ' inside text: put the text in quotation marks, or begin it with '%.80s: "
		    "|' "
		    "and go on in the next line, indented",
		    key);
	else
		diag_error(diags, *pos,
		    "this line goes on with the text of '%.80s': begin a key in column %u, or the "
		    "text with '%.80s: |' if it holds ': '",
		    key, n->key->pos.column, key);
	return true;
}

static struct yaml_node *last_child(const struct yaml_node *n)
{
	struct yaml_node *last = n->first;

	while (last && last->next)
		last = last->next;
	return last;
}

/* A key to the left of the mapping that it belongs to, and has cut off. */
static bool is_outdented(
    const struct syntax_fault *f, struct diag_pos *pos, struct diag_list *diags)
{
	unsigned column = 0;

	if (!is_problem(f, "did not find expected '-' indicator") &&
	    !is_problem(f, "did not find expected key"))
		return false;
	for (struct yaml_node *n = f->last; n; n = last_child(n)) {
		if (n->kind == YAML_MAPPING && n->pos.column > pos->column &&
		    (!column || n->pos.column < column) &&
		    !str_starts(text_at(f, n->pos), STR("{")))
			column = n->pos.column;
		n->cut = true;
	}
	if (column)
		diag_error(diags, *pos,
		    "this line is indented less than the key above it: begin it in column %u%s",
		    column,
		    f->open->kind == YAML_SEQUENCE && f->open->pos.column == pos->column
			? ", or a new entry with '- '"
			: "");
	return column > 0;
}

static explanation *const explanations[] = {
    runs_on, lacks_space, goes_on, leaves_block, holds_colon, is_outdented};

struct diag_pos syntax_report(const struct syntax_fault *f, struct diag_list *diags)
{
	const struct problem *known = find_problem(f);
	struct diag_pos pos = known && known->at_context ? f->context_at : f->at;
	struct str text;

	for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
		if (explanations[i](f, &pos, diags))
			return pos;
	text = text_at(f, pos);
	if (known)
		diag_error(diags, pos, "%s", known->text);
	else if (!is_problem(f, "found character that cannot start any token"))
		diag_error(diags, pos, "this is not YAML: %s", f->problem);
	else if (str_starts(text, STR("\t")))
		diag_error(diags, pos, "a TAB: indent with spaces");
	else
		diag_error(diags, pos, "put text that begins with %.1s in quotation marks",
		    text.n > 0 ? text.p : "?");
	return pos;
}
