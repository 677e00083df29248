#include "config.h"

#include "render/gemtext.h"
#include "base/uri.h"
#include "base/utf8.h"

#define FENCE STR("```")

static struct str skip_blanks(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_skip(s, 1);
	return s;
}

/*
 * The path that a relative reference leads to; its query and fragment mean nothing here and are
 * dropped. Empty when an escape hides what no path has: a control, or bytes that are not UTF-8.
 */
static struct str resolve(struct page *p, struct str base, struct str path)
{
	struct buf plain = {0}, out = {0};
	struct str resolved = STR("");

	if (uri_unescape(&plain, path) && utf8_valid(buf_str(&plain), NULL) &&
	    utf8_find_control(buf_str(&plain)) == plain.len) {
		uri_resolve(&out, base, buf_str(&plain));
		resolved = arena_str(p->arena, buf_str(&out));
	}
	buf_free(&plain);
	buf_free(&out);
	return resolved;
}

/* The target of a link line; *label gets what follows it, which may be nothing. */
static struct str split_link(struct str line, struct str *label)
{
	struct str s = str_trim(str_skip(line, 2));
	size_t end = 0;

	while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
		end++;
	*label = skip_blanks(str_skip(s, end));
	return str_sub(s, 0, end);
}

static void read_link(struct page *p, struct str line, struct str base)
{
	struct str label, target = split_link(line, &label);
	struct uri u;

	if (target.n == 0 || !uri_parse(target, true, &u, NULL) ||
	    (u.scheme.n > 0 && uri_leads_nowhere(&u)) || (u.has_authority && u.host.n == 0))
		target = STR("");
	else if (u.scheme.n == 0 && u.has_authority)
		target = page_printf(p, "gemini:%.*s", STR_ARGS(target));
	else if (u.scheme.n == 0)
		target = resolve(p, base, u.path);
	if (target.n > 0)
		page_link(p, target, label);
	else
		page_text(p, line);
}

static unsigned heading_level(struct str line)
{
	unsigned level = 0;

	while (level < 3 && level < line.n && line.p[level] == '#')
		level++;
	return level;
}

static void read_heading(struct page *p, struct str line, unsigned demote)
{
	unsigned level = heading_level(line);

	page_heading(p, level + demote, str_trim(str_skip(line, level)));
}

/* Takes the lines up to the closing fence, or all that is left, off *rest. */
static void read_preformatted(struct page *p, struct str alt, struct str *rest)
{
	struct str body = *rest, line;
	size_t n = 0;

	while (str_next_line(rest, &line) && !str_starts(line, FENCE))
		n = (size_t)(rest->p - body.p);
	page_add(p, BLOCK_PRE, str_sub(body, 0, n))->alt = alt;
}

void gemtext_read(struct page *p, struct str text, struct str base, unsigned demote)
{
	struct str line;

	while (str_next_line(&text, &line)) {
		if (str_starts(line, FENCE))
			read_preformatted(p, str_trim(str_skip(line, 3)), &text);
		else if (str_starts(line, STR("=>")))
			read_link(p, line, base);
		else if (str_starts(line, STR("#")))
			read_heading(p, line, demote);
		else if (str_starts(line, STR("* ")))
			page_add(p, BLOCK_ITEM, str_trim(str_skip(line, 2)));
		else if (str_starts(line, STR(">")))
			page_add(p, BLOCK_QUOTE, str_trim(str_skip(line, 1)));
		else if (str_trim(line).n == 0)
			page_gap(p);
		else
			page_text(p, str_trim(line));
	}
}

/* What a line says, without its marks. */
static struct str plain_line(struct str line)
{
	struct str label, target;

	if (str_starts(line, STR("=>"))) {
		target = split_link(line, &label);
		return label.n > 0 ? label : target;
	}
	if (str_starts(line, STR("* ")))
		return str_trim(str_skip(line, 2));
	if (str_starts(line, STR(">")))
		return str_trim(str_skip(line, 1));
	return str_trim(str_skip(line, heading_level(line)));
}

/* A text on its way line by line, of which the fences are not shown. */
struct lines {
	struct str rest;
	bool fenced; /* the line lies between two */
};

static bool next_line(struct lines *l, struct str *line)
{
	while (str_next_line(&l->rest, line)) {
		if (!str_starts(*line, FENCE))
			return true;
		l->fenced = !l->fenced;
	}
	return false;
}

void gemtext_plain(struct buf *out, struct str text)
{
	struct lines l = {text, false};
	size_t start = out->len;
	struct str line;

	while (next_line(&l, &line)) {
		if (!l.fenced)
			line = plain_line(line);
		if (str_trim(line).n == 0)
			continue;
		if (out->len > start)
			buf_addc(out, '\n');
		buf_add(out, line);
	}
}

/* The target of a line that is a link with a label, and leads out of the digest; else empty. */
static struct str outer_target(struct str line)
{
	struct str label, target;
	struct uri u;

	if (!str_starts(line, STR("=>")))
		return STR("");
	target = split_link(line, &label);
	if (label.n == 0 || !uri_parse(target, true, &u, NULL))
		return STR("");
	return u.scheme.n > 0 || u.has_authority ? target : STR("");
}

static void add_readable(struct buf *out, struct str line)
{
	struct str target = outer_target(line);

	if (str_starts(line, STR("* ")))
		buf_addz(out, "* ");
	else if (str_starts(line, STR(">")))
		buf_addz(out, "> ");
	buf_add(out, plain_line(line));
	if (target.n > 0)
		buf_printf(out, ": %s%.*s", str_starts(target, STR("//")) ? "gemini:" : "",
		    STR_ARGS(target));
}

static bool is_paragraph(struct str line)
{
	return !str_starts(line, STR("=>")) && !str_starts(line, STR("* ")) &&
	    !str_starts(line, STR(">"));
}

void gemtext_readable(struct buf *out, struct str text)
{
	struct lines l = {text, false};
	size_t start = out->len, blank = 0; /* lines since the last that said something */
	bool paragraph = false;             /* that it was one */
	struct str line;

	while (next_line(&l, &line)) {
		bool another = !l.fenced && is_paragraph(line);

		if (str_trim(l.fenced ? line : plain_line(line)).n == 0) {
			blank = l.fenced ? blank + 1 : 1;
			continue;
		}
		if (paragraph && another)
			blank = 1;
		if (out->len > start)
			buf_fill(out, '\n', blank + 1);
		if (l.fenced)
			buf_add(out, line);
		else
			add_readable(out, line);
		blank = 0;
		paragraph = another;
	}
}

struct str gemtext_title(struct str text, struct str *rest)
{
	struct str all = text, line;

	*rest = all;
	while (str_next_line(&text, &line)) {
		if (str_starts(line, STR("#")) && !str_starts(line, STR("##"))) {
			*rest = text;
			return str_trim(str_skip(line, 1));
		}
		if (str_trim(line).n > 0)
			break;
	}
	return STR("");
}
