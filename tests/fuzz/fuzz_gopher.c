/*
 * Fuzz target: the Gopher request parser (protocol/gopher.c) and what is made
 * of its words (protocol/gopher_reply.c).
 *
 * The input is what a client sends. Split anywhere, the verdict is the same as
 * at once; a path is stable; nothing a client sends gets raw into a reply; text
 * converted in pieces is the same as at once.
 */
#include "config.h"

#include "base/utf8.h"
#include "protocol/gopher.h"
#include "protocol/gopher_reply.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static bool same(const struct gopher_request *a, const struct gopher_request *b)
{
	return a->kind == b->kind && str_eq(a->line, b->line) && str_eq(a->selector, b->selector) &&
	    str_eq(a->search, b->search);
}

/* Once there is a verdict, more bytes do not change it. */
static void check_split(struct str in, enum gopher_result whole, const struct gopher_request *want)
{
	for (size_t n = 0; n < in.n; n++) {
		struct gopher_request q;
		enum gopher_result r = gopher_parse(in.p, n, &q);

		demand(q.line.n <= in.n, "a line longer than what came");
		if (r == GOPHER_PARTIAL)
			continue;
		demand(r == whole, "the verdict depends on where the request is split");
		demand(
		    r == GOPHER_BAD || same(&q, want), "the request depends on where it is split");
		return;
	}
}

static void check_fields(const struct gopher_request *q)
{
	demand(q->line.n <= GOPHER_LINE_MAX, "an over-long line");
	demand(str_index(q->line, '\n') == q->line.n, "a line of two lines");
	demand(str_index(q->selector, '\t') == q->selector.n, "a TAB in a selector");
	demand(str_index(q->selector, '\r') == q->selector.n, "a CR in a selector");
	demand(str_index(q->search, '\t') == q->search.n, "a TAB in a search");
}

static void check_path(struct str selector)
{
	struct buf path = {0}, again = {0};

	if (gopher_path(&path, selector)) {
		demand(path.p[0] == '/', "a path without its slash");
		demand(utf8_valid(buf_str(&path), NULL), "a path that is not UTF-8");
		demand(utf8_find_control(buf_str(&path)) == path.len, "a control in a path");
		demand(!strstr(buf_z(&path), "//"), "a doubled slash in a path");
		demand(!strstr(buf_z(&path), "/../"), "a way up in a path");
		demand(gopher_path(&again, buf_str(&path)), "a path that is no selector");
		demand(str_eq(buf_str(&path), buf_str(&again)), "a path that is not stable");
	}
	buf_free(&path);
	buf_free(&again);
}

/* The client's words in a reply. */
static void check_replies(struct str words)
{
	struct buf out = {0};
	size_t tabs = 0;

	gopher_reply_error(&out, words, CHARSET_UTF_8);
	for (size_t i = 0; i < out.len; i++)
		tabs += out.p[i] == '\t';
	demand(tabs == 3, "an error item without four fields");
	demand(out.len < 1024 || words.n > 256, "an over-long error item");
	demand(utf8_valid(buf_str(&out), NULL), "an error item that is not UTF-8");
	demand(str_index(buf_str(&out), '\r') == out.len - 5, "an error item of two lines");
	out.len = 0;
	if (gopher_reply_url(&out, words)) {
		demand(!strstr(buf_z(&out), "<script"), "a script in the page of a URL");
		demand(str_index(buf_str(&out), '\'') == out.len, "a quote in the page of a URL");
	}
	buf_free(&out);
}

static void convert(struct str text, size_t split, bool stuffed, struct buf *out)
{
	struct gopher_reply_text t = {.stuffed = stuffed};

	gopher_reply_text(&t, out, str_sub(text, 0, split));
	gopher_reply_text(&t, out, str_skip(text, split));
	gopher_reply_text_end(&t, out);
}

static void check_text(struct str text)
{
	for (int stuffed = 0; stuffed < 2; stuffed++) {
		struct buf whole = {0}, pieces = {0};

		convert(text, 0, stuffed, &whole);
		convert(text, text.n / 2, stuffed, &pieces);
		demand(str_eq(buf_str(&whole), buf_str(&pieces)), "text depends on its pieces");
		demand(whole.len == 0 || str_ends(buf_str(&whole), STR("\r\n")),
		    "text without its end");
		buf_free(&whole);
		buf_free(&pieces);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct gopher_request q;
	enum gopher_result r = gopher_parse(in.p, in.n, &q);

	check_split(in, r, &q);
	if (r == GOPHER_DONE) {
		check_fields(&q);
		check_path(q.selector);
		check_replies(q.selector);
	}
	check_text(in);
	return 0;
}
