#include "config.h"

#include "protocol/gemini.h"

static enum gemini_result bad(struct gemini_request *out, int status, const char *why)
{
	out->status = status;
	out->why = why;
	return GEMINI_BAD;
}

/* Finds the CRLF that ends the request. */
static enum gemini_result find_end(const char *p, size_t n, size_t *end)
{
	for (size_t i = 0; i < n && i <= GEMINI_URI_MAX; i++) {
		if (p[i] != '\r')
			continue;
		if (i + 1 == n)
			return GEMINI_PARTIAL;
		if (p[i + 1] == '\n') {
			*end = i;
			return GEMINI_DONE;
		}
	}
	return n > GEMINI_URI_MAX ? GEMINI_BAD : GEMINI_PARTIAL;
}

/* M-07, in its order, as far as the URI alone tells. */
static enum gemini_result judge(struct gemini_request *out)
{
	const struct uri *u = &out->uri;
	const char *why;

	if (out->line.n == 0)
		return bad(out, 59, "the request is empty: send an absolute URL");
	if (str_starts(out->line, STR("\xef\xbb\xbf")))
		return bad(out, 59, "the request begins with a byte order mark");
	if (!uri_parse(out->line, true, &out->uri, &why))
		return bad(out, 59, why);
	if (u->scheme.n == 0)
		return bad(out, 59, "the URL has no scheme: it begins gemini://");
	if (!u->has_authority || u->host.n == 0)
		return bad(out, 59, "the URL names no host");
	if (u->ip_literal && str_index(u->host, ':') == u->host.n)
		return bad(out, 59, "what stands in brackets is no IPv6 address");
	if (u->has_userinfo)
		return bad(out, 59, "the URL holds user information");
	if (u->has_fragment)
		return bad(out, 59, "the URL holds a fragment");
	if (!str_eq_nocase(u->scheme, STR("gemini")))
		return bad(out, 53, "only gemini URLs are answered, and this is no proxy");
	return GEMINI_DONE;
}

enum gemini_result gemini_parse(const char *p, size_t n, struct gemini_request *out)
{
	size_t end = n;
	enum gemini_result r = find_end(p, n, &end);

	*out = (struct gemini_request){.line = {p, end}};
	if (r == GEMINI_PARTIAL)
		return r;
	if (r == GEMINI_BAD)
		return bad(out, 59, "the URL is longer than 1024 bytes");
	return judge(out);
}
