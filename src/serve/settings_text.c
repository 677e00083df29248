#include "config.h"

#include "serve/settings_text.h"
#include "serve/settings_table.h"

/* Columns of a terminal, and of comments in the sample. */
#define COLUMNS 79

/* Appends the words of text, each line after indent and no longer than COLUMNS. */
static void fill(struct buf *out, const char *indent, struct str text)
{
	size_t column = COLUMNS;
	struct str word;

	while (str_next_field(&text, ' ', &word)) {
		if (column + 1 + word.n > COLUMNS) {
			buf_printf(out, "%s%s", out->len ? "\n" : "", indent);
			column = strlen(indent);
		} else {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, word);
		column += word.n;
	}
	buf_addc(out, '\n');
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Appends what the setting is and takes, as a sentence: "Threads that serve." */
static void sentence(const struct setting *t, struct buf *out)
{
	buf_addc(out, upper(t->brief[0]));
	buf_addz(out, t->brief + 1);
	if (t->words) {
		buf_addz(out, ": ");
		setting_list_words(t, out);
	}
	buf_addc(out, '.');
}

/* ------------------------------------------------------------------------------------ help */

#define HELP_INDENT "                      "

static void help_setting(const struct setting *t, bool first, struct buf *out)
{
	struct buf text = {0}, filled = {0};

	buf_addz(&text, t->brief);
	if (t->words) {
		buf_addz(&text, ": ");
		setting_list_words(t, &text);
	}
	buf_addz(&text, " (");
	setting_default(t, &text);
	buf_addc(&text, ')');
	fill(&filled, HELP_INDENT, buf_str(&text));
	buf_printf(
	    out, "%s  %-*s", t->part && !first ? "\n" : "", (int)sizeof HELP_INDENT - 3, t->name);
	buf_add(out, str_skip(buf_str(&filled), sizeof HELP_INDENT - 1));
	buf_free(&text);
	buf_free(&filled);
}

void settings_text_help(struct buf *out)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	for (size_t i = 0; i < n; i++)
		help_setting(&rows[i], i == 0, out);
}

/* ---------------------------------------------------------------------------------- sample */

static void sample_setting(const struct setting *t, struct buf *out)
{
	struct buf text = {0}, filled = {0};

	if (t->part)
		buf_printf(out, "\n# ---- %s\n", t->part);
	sentence(t, &text);
	if (t->more)
		buf_printf(&text, " %s", t->more);
	fill(&filled, "# ", buf_str(&text));
	buf_printf(out, "\n%s#%s: ", buf_z(&filled), t->name);
	setting_default(t, out);
	buf_addc(out, '\n');
	buf_free(&text);
	buf_free(&filled);
}

void settings_text_sample(struct buf *out)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	buf_addz(out,
	    "# The configuration of digestd(8). Every setting is here with its default; take\n"
	    "# away the # of those that are to be otherwise. digestd check -c FILE finds\n"
	    "# mistakes.\n");
	for (size_t i = 0; i < n; i++)
		sample_setting(&rows[i], out);
}

/* ---------------------------------------------------------------------------------- manual */

/* Appends text with each sentence on a line of its own, which mdoc wants. */
static void sentences(struct buf *out, struct str text)
{
	size_t from = 0;

	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '.' || text.p[i + 1] != ' ')
			continue;
		buf_add(out, str_sub(text, from, i + 1));
		buf_addc(out, '\n');
		from = i + 2;
	}
	buf_add(out, str_skip(text, from));
	buf_addc(out, '\n');
}

/* Appends text; what roff would take for its own is escaped. */
static void roff(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool first = i == 0 || text.p[i - 1] == '\n';

		if (c == '\\')
			buf_addz(out, "\\e");
		else if ((c == '.' || c == '\'') && first)
			buf_printf(out, "\\&%c", c);
		else if (c == '\'')
			buf_addz(out, "\\(aq");
		else
			buf_addc(out, c);
	}
}

/* Appends what the setting is, in roff. */
static void manual_text(const struct setting *t, struct buf *out)
{
	struct buf text = {0}, lines = {0};

	sentence(t, &text);
	if (t->more)
		buf_printf(&text, " %s", t->more);
	sentences(&lines, buf_str(&text));
	roff(out, buf_str(&lines));
	buf_free(&text);
	buf_free(&lines);
}

static void manual_default(const struct setting *t, struct buf *out)
{
	struct buf value = {0};

	setting_default(t, &value);
	buf_addz(out, "The default is\n.Ql ");
	for (size_t i = 0; i < value.len; i++)
		buf_printf(out, value.p[i] == '"' ? "\\(dq" : "%c", value.p[i]);
	buf_addz(out,
	    t->when == SETTING_START ? " ;\na change takes effect at the next start.\n" : " .\n");
	buf_free(&value);
}

void settings_text_manual(struct buf *out)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	for (size_t i = 0; i < n; i++) {
		if (rows[i].part)
			buf_printf(out, "%s.Ss %s\n.Bl -tag -width Ds\n", i > 0 ? ".El\n" : "",
			    rows[i].part);
		buf_printf(out, ".It Ic %s\n", rows[i].name);
		manual_text(&rows[i], out);
		manual_default(&rows[i], out);
	}
	buf_addz(out, ".El\n");
}
