#include "config.h"

#include "protocol/gopher.h"
#include "base/utf8.h"

#define TLS_HANDSHAKE_RECORD 0x16

/* G-18: "METHOD target HTTP/x" */
static bool is_http(struct str line, struct str *method)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE"};
	size_t space = str_index(line, ' '), last = line.n;

	*method = str_sub(line, 0, space);
	while (last > 0 && line.p[last - 1] != ' ')
		last--;
	if (!str_starts(str_skip(line, last), STR("HTTP/")) || last <= space + 1)
		return false;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (str_eq(*method, str_of(methods[i])))
			return true;
	return false;
}

static bool is_url(struct str selector, struct str *url)
{
	if (str_starts(selector, STR("/")))
		selector = str_skip(selector, 1);
	*url = str_skip(selector, 4);
	return str_starts_nocase(selector, STR("URL:"));
}

/* A Gopher+ probe where words would stand (G-15): "+", "!", "$", "+text/plain", "$+VIEWS". */
static bool is_probe(struct str field)
{
	struct str rest = str_skip(field, 1);

	if (field.n == 0 || !strchr("+!$", field.p[0]))
		return false;
	return rest.n == 0 ||
	    (field.p[0] == '+' ? str_index(rest, '/') < rest.n : str_starts(rest, STR("+")));
}

/* What follows the second field is of Gopher+, too, and means nothing here. */
static void read_fields(struct gopher_request *out)
{
	struct str rest = str_sub(out->line, 0, str_index(out->line, '\r'));

	out->selector = str_sub(rest, 0, str_index(rest, '\t'));
	rest = str_skip(rest, out->selector.n + 1);
	out->search = str_sub(rest, 0, str_index(rest, '\t'));
	if (is_probe(out->search))
		out->search = STR("");
}

enum gopher_result gopher_parse(const char *p, size_t n, struct gopher_request *out)
{
	struct str all = {p, n}, found;
	size_t end = str_index(all, '\n');

	*out = (struct gopher_request){.kind = GOPHER_SELECTOR};
	if (n > 0 && p[0] == TLS_HANDSHAKE_RECORD) {
		out->kind = GOPHER_TLS;
		return GOPHER_DONE;
	}
	out->line = str_sub(all, 0, end);
	if (out->line.n > 0 && out->line.p[out->line.n - 1] == '\r')
		out->line.n--;
	if (out->line.n > GOPHER_LINE_MAX)
		return GOPHER_BAD;
	if (end == n)
		return GOPHER_PARTIAL;
	if (str_index(out->line, '\0') < out->line.n)
		return GOPHER_BAD;
	read_fields(out);
	if (is_http(out->line, &found))
		out->kind = GOPHER_HTTP;
	else if (is_url(out->selector, &found))
		out->kind = GOPHER_URL;
	if (out->kind != GOPHER_SELECTOR)
		out->selector = found;
	return GOPHER_DONE;
}

bool gopher_path(struct buf *out, struct str selector)
{
	struct str rest = selector, segment = {0};
	size_t start = out->len;

	if (!utf8_valid(selector, NULL) || utf8_find_control(selector) < selector.n)
		return false;
	while (str_next_field(&rest, '/', &segment)) {
		if (str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
			return false;
		if (segment.n > 0) {
			buf_addc(out, '/');
			buf_add(out, segment);
		}
	}
	if (out->len == start || str_ends(selector, STR("/")))
		buf_addc(out, '/');
	return true;
}
