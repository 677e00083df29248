#include "config.h"

#include "render/json.h"
#include "base/utf8.h"

#include <assert.h>

/* Columns that each depth is indented by. */
#define INDENT 2

static void add_quoted(struct buf *out, struct str s)
{
	uint32_t c;

	buf_addc(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_decode(str_skip(s, i), &c, NULL);
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_addz(out, "\\n");
		else if (utf8_is_control(c))
			buf_printf(out, "\\u%04x", (unsigned)c);
		else
			utf8_encode(out, c);
	}
	buf_addc(out, '"');
}

static void new_line(struct json *j)
{
	if (j->compact)
		return;
	buf_addc(j->out, '\n');
	buf_fill(j->out, ' ', (size_t)j->depth * INDENT);
}

/* A new line for what comes next, and its name, where it has one. */
static void begin(struct json *j, const char *name)
{
	if (j->begun[j->depth])
		buf_addc(j->out, ',');
	if (j->depth > 0)
		new_line(j);
	j->begun[j->depth] = true;
	if (name) {
		add_quoted(j->out, str_of(name));
		buf_addz(j->out, j->compact ? ":" : ": ");
	}
}

void json_open(struct json *j, const char *name, char bracket)
{
	assert(j->depth < JSON_DEPTH_MAX);
	begin(j, name);
	buf_addc(j->out, bracket);
	j->begun[++j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
	bool empty = !j->begun[j->depth];

	assert(j->depth > 0);
	j->depth--;
	if (!empty)
		new_line(j);
	buf_addc(j->out, bracket);
	if (j->depth == 0 && !j->compact)
		buf_addc(j->out, '\n');
}

void json_string(struct json *j, const char *name, struct str value)
{
	begin(j, name);
	add_quoted(j->out, value);
}

void json_bare(struct json *j, const char *name, struct str value)
{
	begin(j, name);
	buf_add(j->out, value);
}

void json_optional(struct json *j, const char *name, struct str value)
{
	if (value.n > 0)
		json_string(j, name, value);
}
