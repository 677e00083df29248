/*
 * Every page of the shipped digest, printed in every format: each carries the
 * same links with the same labels in the same order.
 *
 * Gemtext is the measure, because it cuts nothing. A Gopher label may be cut
 * with an ellipsis. The link to the same page on the other protocol is
 * different by nature and left out. Linked without libevent and OpenSSL, which
 * proves that pages and formats need neither.
 */
#include "config.h"

#include "base/clock.h"
#include "content/load.h"
#include "pages/pages.h"
#include "render/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define HOST "digest.example.org"
#define GEMINI "gemini://" HOST
#define GOPHER "gopher://" HOST
#define LINKS_MAX 2048

struct link {
	struct str target;
	struct str label;
};

struct links {
	struct link item[LINKS_MAX];
	size_t n;
};

static const struct link_site site = {{HOST, sizeof HOST - 1}, 70, 1965, {HOST, sizeof HOST - 1}};

static void add(struct links *l, struct str target, struct str label)
{
	assert_true(l->n < LINKS_MAX);
	l->item[l->n++] = (struct link){target, label};
}

static void read_gemini(struct str text, struct links *l)
{
	struct str line;

	while (str_next_line(&text, &line)) {
		size_t space;

		if (!str_starts(line, STR("=> ")) || str_starts(line, STR("=> " GOPHER)))
			continue;
		line = str_skip(line, 3);
		space = str_index(line, ' ');
		add(l, str_sub(line, 0, space), str_skip(line, space + 1));
	}
}

static void read_gopher(struct str text, struct links *l)
{
	struct str line, display, selector;

	while (str_next_line(&text, &line)) {
		if (str_eq(line, STR(".")) || line.p[0] == 'i')
			continue;
		str_next_field(&line, '\t', &display);
		str_next_field(&line, '\t', &selector);
		if (str_starts(selector, STR("URL:")))
			selector = str_skip(selector, 4);
		if (!str_starts(selector, STR(GEMINI)))
			add(l, selector, str_skip(display, 1));
	}
}

/* A link is a label, the rest of a long one further in, and the indented address. */
static void read_text(struct str text, struct links *l)
{
	struct str line, before = {0};

	while (str_next_line(&text, &line)) {
		if (str_starts(line, STR("  " GEMINI)))
			add(l, str_skip(line, 2 + sizeof GEMINI - 1), before);
		else if (str_starts(line, STR("  http")))
			add(l, str_skip(line, 2), before);
		if (!str_starts(line, STR("    ")))
			before = line;
	}
}

static void check_label(struct str whole, struct str shown)
{
	static const char ellipsis[] = "\xe2\x80\xa6";

	if (str_ends(shown, STR("\xe2\x80\xa6")))
		shown.n -= sizeof ellipsis - 1;
	if (!str_starts(whole, shown))
		fail_msg("label '%.*s' shown as '%.*s'", STR_ARGS(whole), STR_ARGS(shown));
}

static void compare(
    struct str path, const char *format, const struct links *want, const struct links *have)
{
	if (want->n != have->n)
		fail_msg("%.*s: gemini has %zu links, %s has %zu", STR_ARGS(path), want->n, format,
		    have->n);
	for (size_t i = 0; i < want->n; i++) {
		if (!str_eq(want->item[i].target, have->item[i].target))
			fail_msg("%.*s: link %zu is %.*s on gemini, %.*s as %s", STR_ARGS(path), i,
			    STR_ARGS(want->item[i].target), STR_ARGS(have->item[i].target), format);
		check_label(want->item[i].label, have->item[i].label);
	}
}

/* Prints the page at path in every format and compares; returns how many links it has. */
static size_t check_path(const struct digest *d, struct arena *a, struct str path)
{
	static const struct {
		const struct render_format *format;
		void (*read)(struct str text, struct links *l);
	} others[] = {{&format_gopher, read_gopher}, {&format_text, read_text}};
	static struct links want, have;
	struct pages_request q = {
	    .digest = d, .now = clock_wall(), .path = path, .protocol = PAGES_GEMINI, .arena = a};
	struct pages_answer p = pages_find(&q);
	struct buf gemini = {0};

	if (p.kind != PAGES_PAGE)
		fail_msg("%.*s is no page", STR_ARGS(path));
	render_page(&format_gemini, p.page, &site, &gemini);
	want.n = 0;
	read_gemini(buf_str(&gemini), &want);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct buf out = {0};

		render_page(others[i].format, p.page, &site, &out);
		have.n = 0;
		others[i].read(buf_str(&out), &have);
		compare(path, others[i].format->name, &want, &have);
		buf_free(&out);
	}
	buf_free(&gemini);
	arena_reset(a);
	return want.n;
}

static void check_groups(
    const struct digest *d, struct arena *a, const struct group_list *l, const char *kind)
{
	char path[256];

	for (size_t i = 0; i < l->n; i++) {
		snprintf(path, sizeof path, "/%s/%.*s/", kind, STR_ARGS(l->items[i]->slug));
		assert_true(check_path(d, a, str_of(path)) > 0);
	}
}

static void every_page_says_the_same_in_every_format(void **state)
{
	static const char *const fixed[] = {"/", "/latest/", "/latest/2", "/categories/", "/tags/",
	    "/authors/", "/archive/", "/issues/", "/issues/2", "/feeds/", "/about"};
	const char *content = getenv("DIGESTD_CONTENT");
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(content ? content : "content", clock_wall(), diags);
	struct arena *a = arena_new(0);
	char path[256];

	(void)state;
	assert_non_null(d);
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		assert_true(check_path(d, a, str_of(fixed[i])) > 0);
	check_groups(d, a, &d->categories, "categories");
	check_groups(d, a, &d->tags, "tags");
	check_groups(d, a, &d->authors, "authors");
	check_groups(d, a, &d->years, "archive");
	for (size_t i = 0; i < d->months.n; i++) {
		const char *slug = d->months.items[i]->slug.p;

		snprintf(path, sizeof path, "/archive/%.4s/%.2s/", slug, slug + 5);
		assert_true(check_path(d, a, str_of(path)) > 0);
	}
	for (size_t i = 0; i < d->issues.n; i++) {
		snprintf(path, sizeof path, "/issues/%.*s", STR_ARGS(d->issues.items[i]->slug));
		assert_true(check_path(d, a, str_of(path)) > 0);
	}
	for (uint32_t i = 0; i < d->all.n; i++) {
		snprintf(path, sizeof path, "/entries/%.*s", STR_ARGS(d->all.entries[i]->slug));
		assert_true(check_path(d, a, str_of(path)) > 0);
	}
	arena_free(a);
	digest_unref(d);
	diag_free(diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_page_says_the_same_in_every_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
