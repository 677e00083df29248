/*
 * Fuzz target: the Gemini request parser (protocol/gemini.c), the header of a
 * reply (protocol/gemini_reply.c), and below them URIs and their paths
 * (base/uri.c).
 *
 * The input is what a client sends. Split anywhere, the verdict is the same as
 * at once; what is accepted is what M-06 and M-07 allow; a path in routing form
 * stays what it is; a header is one line whatever is put into it.
 */
#include "config.h"

#include "base/utf8.h"
#include "protocol/gemini.h"
#include "protocol/gemini_reply.h"

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

/* Once there is a verdict, more bytes do not change it. */
static void check_split(struct str in, enum gemini_result whole, const struct gemini_request *want)
{
	for (size_t n = 0; n < in.n; n++) {
		struct gemini_request q;
		enum gemini_result r = gemini_parse(in.p, n, &q);

		if (r == GEMINI_PARTIAL)
			continue;
		demand(r == whole && q.status == want->status && q.why == want->why,
		    "the verdict depends on where the request is split");
		demand(r == GEMINI_BAD || str_eq(q.line, want->line),
		    "the request depends on where it is split");
		return;
	}
}

static void check_path(struct str path)
{
	struct buf plain = {0}, escaped = {0}, again = {0};

	if (uri_route_path(&plain, path)) {
		demand(plain.p[0] == '/', "a path without its slash");
		demand(utf8_valid(buf_str(&plain), NULL), "a path that is not UTF-8");
		demand(utf8_find_control(buf_str(&plain)) == plain.len, "a control in a path");
		demand(!strstr(buf_z(&plain), "//"), "a doubled slash in a path");
		demand(!strstr(buf_z(&plain), "/../"), "a way up in a path");
		demand(!strchr(buf_z(&plain), '\\'), "a backslash in a path");
		uri_escape_path(&escaped, buf_str(&plain));
		demand(uri_route_path(&again, buf_str(&escaped)), "an escaped path is refused");
		demand(str_eq(buf_str(&plain), buf_str(&again)), "a path that is not stable");
	}
	buf_free(&plain);
	buf_free(&escaped);
	buf_free(&again);
}

static void check_accepted(const struct gemini_request *q)
{
	demand(q->line.n > 0 && q->line.n <= GEMINI_URI_MAX, "an over-long URL");
	demand(utf8_valid(q->line, NULL), "a URL that is not UTF-8");
	demand(utf8_find_control(q->line) == q->line.n, "a control in a URL");
	demand(str_index(q->line, ' ') == q->line.n, "a space in a URL");
	demand(str_index(q->line, '#') == q->line.n, "a fragment");
	demand(str_eq_nocase(q->uri.scheme, STR("gemini")), "another scheme");
	demand(q->uri.host.n > 0 && !q->uri.has_userinfo, "no host, or user information");
	check_path(q->uri.path);
}

static void check_head(struct str meta)
{
	char out[GEMINI_REPLY_MAX];
	struct str head = {out, gemini_reply_head(out, GEMINI_BAD_REQUEST, meta)};

	demand(head.n <= GEMINI_REPLY_MAX, "an over-long header");
	demand(utf8_find_control(head) == head.n - 2, "a control in a header");
	demand(utf8_valid(head, NULL), "a header that is not UTF-8");
	demand(str_ends(head, STR("\r\n")), "a header without its end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct gemini_request q;
	enum gemini_result r = gemini_parse(in.p, in.n, &q);

	check_split(in, r, &q);
	demand(r != GEMINI_BAD || ((q.status == 59 || q.status == 53) && q.why), "no reason");
	if (r == GEMINI_DONE)
		check_accepted(&q);
	if (size > 0)
		check_head(in);
	check_path(in);
	return 0;
}
