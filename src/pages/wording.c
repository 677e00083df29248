#include "config.h"

#include "pages/wording.h"

#include "base/buf.h"
#include "base/uri.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

struct str wording_number(struct arena *a, uint64_t n)
{
	char digits[24];
	struct buf out = {0};
	struct str s;
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_addc(&out, ',');
		buf_addc(&out, digits[i]);
	}
	s = arena_str(a, buf_str(&out));
	buf_free(&out);
	return s;
}

struct str wording_count(struct arena *a, uint64_t n, const char *one, const char *many)
{
	if (n == 0)
		return arena_printf(a, "no %s", many);
	return arena_printf(a, "%.*s %s", STR_ARGS(wording_number(a, n)), n == 1 ? one : many);
}

struct str wording_names(struct arena *a, struct group *const *groups, size_t n)
{
	return wording_some(a, groups, n, n);
}

struct str wording_some(struct arena *a, struct group *const *groups, size_t n, size_t most)
{
	size_t shown = n > most ? most - 1 : n;
	struct buf out = {0};
	struct str s;

	for (size_t i = 0; i < shown; i++) {
		if (i > 0)
			buf_addz(&out, i + 1 == n ? " and " : ", ");
		buf_add(&out, groups[i]->name);
	}
	if (shown < n)
		buf_printf(&out, " and %zu others", n - shown);
	s = arena_str(a, buf_str(&out));
	buf_free(&out);
	return s;
}

struct str wording_day(struct arena *a, const struct date *d)
{
	return arena_printf(a, "%d %s %d", d->day, date_month_name(d->month), d->year);
}

struct str wording_days(struct arena *a, const struct date_span *days)
{
	const struct date *from = &days->first;
	struct str to = wording_day(a, &days->last);

	if (from->year != days->last.year)
		return arena_printf(
		    a, "%.*s to %.*s", STR_ARGS(wording_day(a, from)), STR_ARGS(to));
	if (from->month != days->last.month)
		return arena_printf(
		    a, "%d %s to %.*s", from->day, date_month_name(from->month), STR_ARGS(to));
	return arena_printf(a, "%d to %.*s", from->day, STR_ARGS(to));
}

struct str wording_dated(struct arena *a, const struct entry *e)
{
	return arena_printf(
	    a, "%04d-%02d-%02d %.*s", e->date.year, e->date.month, e->date.day, STR_ARGS(e->title));
}

struct str wording_cut(struct arena *a, struct str text, size_t bytes)
{
	if (text.n <= bytes)
		return text;
	return arena_printf(a, "%.*s" UTF8_ELLIPSIS,
	    STR_ARGS(str_trim(utf8_cut(text, bytes - sizeof UTF8_ELLIPSIS + 1))));
}

struct str wording_place(struct arena *a, struct str url)
{
	static const struct {
		struct str scheme;
		const char *name;
	} places[] = {
	    {{"https", 5}, "web"},
	    {{"http", 4}, "web"},
	    {{"gemini", 6}, "Gemini"},
	    {{"gopher", 6}, "Gopher"},
	    {{"gophers", 7}, "Gopher"},
	};
	struct uri u;

	if (!uri_parse(url, true, &u, NULL))
		return url;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (str_eq_nocase(u.scheme, places[i].scheme))
			return arena_printf(a, "%.*s (%s)", STR_ARGS(u.host), places[i].name);
	if (str_eq_nocase(u.scheme, STR("mailto")))
		return arena_printf(a, "%.*s (mail)", STR_ARGS(u.path));
	return u.host.n ? u.host : url;
}
