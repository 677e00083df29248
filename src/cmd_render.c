#include "config.h"

#include "cmd.h"
#include "options.h"
#include "base/clock.h"
#include "base/uri.h"
#include "content/load.h"
#include "content/search.h"
#include "render/render.h"
#include "serve/answer.h"
#include "serve/app.h"

#include <stdio.h>
#include <string.h>

#define USAGE                                                                                      \
	"usage: digestd render [-c FILE] [-C CONTENT] [--hostname NAME] [-o NAME=VALUE]...\n"      \
	"                      FORMAT PATH\n"

static void help(void)
{
	puts(USAGE
	    "\n"
	    "Prints one page to standard output. FORMAT is gopher or gemini, for exactly the\n"
	    "bytes that the server would send (a Gemini reply begins with its header), or text,\n"
	    "for plain text fit to be read in a pager or mailed. PATH is the page's path on\n"
	    "either protocol: / or /categories/language/ or /entries/some-slug; the search's is\n"
	    "written with its words: '/search?async tokio'. With atom, rss or json it is the path\n"
	    "of a list that has feeds, and its feed is printed.\n"
	    "\n"
	    "  -c FILE          the configuration, see digestd.yaml(5)\n"
	    "  -C CONTENT       the content directory (content)\n"
	    "  --hostname NAME  the host in links (localhost)\n"
	    "  -o NAME=VALUE    gopher_port, gemini_port (70, 1965), gopher_text_dots,\n"
	    "                   gopher_charset\n"
	    "\n"
	    "Exit status: 0 fine, 1 no such page or the content is wrong, 2 the command line is\n"
	    "wrong.");
}

static bool put(const char *p, size_t n)
{
	return n == 0 || fwrite(p, 1, n, stdout) == n;
}

/* Writes the reply as it would go out. */
static bool put_reply(struct net_reply *r)
{
	bool ok = put(r->head, r->head_len) && (!r->body || put(r->body->p, r->body->n));
	char piece[16 * 1024];
	ptrdiff_t n = 0;

	while (ok && r->source.read &&
	    (n = r->source.read(r->source.context, piece, sizeof piece)) > 0)
		ok = put(piece, (size_t)n);
	if (r->source.close)
		r->source.close(r->source.context);
	blob_unref(r->body);
	return ok && n == 0;
}

static bool render_reply(struct answer *a, const struct answer_request *q)
{
	struct net_reply r = {0};
	bool found;

	answer_find(a, q, &r);
	found = r.status < 40;
	return put_reply(&r) && found;
}

/* Any other format prints the page alone. */
static bool render_plain(
    struct answer *a, const struct render_format *f, const struct answer_request *q)
{
	struct pages_request page = answer_page_request(a, q);
	struct pages_answer p = pages_find(&page);
	struct buf out = {0};
	bool ok;

	if (p.page)
		render_page(f, p.page, &a->site, &out);
	else if (p.kind == PAGES_TEXT)
		buf_add(&out, p.text);
	ok = out.len > 0;
	if (!ok)
		fprintf(stderr, "digestd render: %.*s: %s\n", STR_ARGS(q->path),
		    p.kind == PAGES_FILE       ? "a file is no page: copy it from files/"
			: p.kind == PAGES_FEED ? "a feed is no page: render it as atom, rss or json"
					       : "no such page");
	ok = put(out.p, out.len) && ok;
	buf_free(&out);
	return ok;
}

/* Only a search needs the index, which takes longer than all the rest. */
static bool add_search(struct answer *a)
{
	struct buf why = {0};

	a->search = search_new(a->digest, NULL, &why);
	if (!a->search)
		fprintf(stderr, "digestd render: there is no search: %s\n", buf_z(&why));
	buf_free(&why);
	return a->search != NULL;
}

/*
 * Appends the path of a list's feed in that format. path: that of the list, or of any of
 * its feeds.
 */
static void add_feed_path(struct buf *out, struct str path, const struct feed_format *f)
{
	size_t name = path.n;

	while (name > 0 && path.p[name - 1] != '/')
		name--;
	if (feed_format_of_file(str_skip(path, name)))
		path = str_sub(path, 0, name);
	buf_add(out, path);
	if (!str_ends(path, STR("/")))
		buf_addc(out, '/');
	buf_addz(out, f->file);
}

/* The feed of that list in that format, if there is one. */
static struct pages_answer find_feed(struct answer *a, const struct feed_format *f, struct str list)
{
	struct answer_request q = {.protocol = PAGES_GEMINI};
	struct pages_request page;
	struct buf path = {0};

	add_feed_path(&path, list, f);
	q.path = arena_str(a->arena, buf_str(&path));
	buf_free(&path);
	page = answer_page_request(a, &q);
	return pages_find(&page);
}

/* Says why the list has no feed in the format asked for: it has others, or none. */
static void report_no_feed(struct answer *a, struct str list)
{
	fprintf(stderr, "digestd render: %.*s: ", STR_ARGS(list));
	for (size_t i = 0; feed_formats[i]; i++) {
		if (find_feed(a, feed_formats[i], list).kind != PAGES_FEED)
			continue;
		fprintf(stderr, "its feed is there as %s\n", feed_formats[i]->name);
		return;
	}
	fputs("no list that has feeds; those that do are named at /feeds/\n", stderr);
}

/* A feed as a reader on Gemini gets it, without the header. */
static bool render_feed(struct answer *a, const struct feed_format *f, struct str list)
{
	struct pages_answer p = find_feed(a, f, list);
	struct buf out = {0};
	bool ok = p.kind == PAGES_FEED;

	if (ok)
		feed_print(p.format, p.feed, &a->site, link_gemini_url, &out);
	else
		report_no_feed(a, list);
	ok = put(out.p, out.len) && ok;
	buf_free(&out);
	return ok;
}

/* What FORMAT names: one of the two. */
struct form {
	const struct render_format *page;
	const struct feed_format *feed;
};

static bool render(
    const struct settings *s, struct digest *d, const struct form *f, struct answer_request q)
{
	struct answer a;
	bool ok;

	answer_init(&a, s, d, (uint16_t)(s->gopher_port ? s->gopher_port : LINK_GOPHER_PORT),
	    (uint16_t)(s->gemini_port ? s->gemini_port : LINK_GEMINI_PORT));
	a.patient = true;
	q.protocol = f->page == &format_gemini ? PAGES_GEMINI : PAGES_GOPHER;
	if (q.words.n > 0 && !add_search(&a))
		ok = false;
	else if (f->feed)
		ok = render_feed(&a, f->feed, q.path);
	else if (f->page == &format_gopher || f->page == &format_gemini)
		ok = render_reply(&a, &q);
	else
		ok = render_plain(&a, f->page, &q);
	search_free(a.search);
	answer_clear(&a);
	return ok;
}

static int load_and_render(const struct settings *s, const struct form *f, struct answer_request q)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(s->content.p, clock_wall(), diags);
	struct buf text = {0};
	bool ok = false;

	if (d)
		ok = render(s, d, f, q);
	diag_print(diags, &text);
	fputs(buf_z(&text), stderr);
	buf_free(&text);
	diag_free(diags);
	digest_unref(d);
	return ok && fflush(stdout) == 0 ? APP_OK : APP_BAD_INPUT;
}

static void list_formats(void)
{
	fputs("the formats are", stderr);
	for (size_t i = 0; render_formats[i]; i++)
		fprintf(stderr, "%s %s", i ? "," : "", render_formats[i]->name);
	for (size_t i = 0; feed_formats[i]; i++)
		fprintf(stderr, ", %s", feed_formats[i]->name);
	fputc('\n', stderr);
}

static int render_arguments(const struct settings *s, const char *format, const char *path)
{
	struct form f = {render_find(str_of(format)), feed_format_named(str_of(format))};
	struct str all = str_of(path), words = str_skip(all, str_index(all, '?') + 1);
	struct answer_request q = {.words = words};
	struct buf routed = {0};
	int status = APP_BAD_USAGE;

	/* The question mark may be part of a file's name, but not of the search's. */
	q.path = str_sub(all, 0, str_index(all, '?'));
	if (!pages_takes_words(q.path))
		q = (struct answer_request){.path = all};
	if (!f.page && !f.feed) {
		fprintf(stderr, "digestd render: there is no format '%s'; ", format);
		list_formats();
	} else if (path[0] != '/' || !uri_route_path(&routed, q.path)) {
		fprintf(stderr, "digestd render: '%s' is no path: write one like /latest/\n", path);
	} else {
		q.path = buf_str(&routed);
		status = load_and_render(s, &f, q);
	}
	buf_free(&routed);
	return status;
}

/* Reads the options into s. Returns false when they are wrong, having said so. */
static bool read_options(struct settings_source *s, int argc, char **argv, bool *wants_help)
{
	static const struct option options[] = {OPTIONS_LONG};
	struct buf why = {0};
	int option;
	bool ok = true;

	while (ok && (option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		*wants_help = *wants_help || option == 'h';
		ok = option == 'h' || options_take(s, option, optarg, &why);
	}
	if (why.len > 0)
		fprintf(stderr, "digestd render: %s\n", buf_z(&why));
	buf_free(&why);
	return ok;
}

static int load_and_render_arguments(
    const struct settings_source *source, const char *format, const char *path)
{
	struct settings *s = options_load(source, stderr);
	int status = s ? render_arguments(s, format, path) : APP_BAD_INPUT;

	settings_unref(s);
	return status;
}

int cmd_render(const char *program, int argc, char **argv)
{
	struct settings_source *source = settings_source_new();
	bool wants_help = false;
	int status = APP_BAD_USAGE;

	(void)program;
	if (!read_options(source, argc, argv, &wants_help) || (!wants_help && argc - optind != 2)) {
		fputs(USAGE, stderr);
	} else if (wants_help) {
		help();
		status = APP_OK;
	} else {
		status = load_and_render_arguments(source, argv[optind], argv[optind + 1]);
	}
	settings_source_free(source);
	return status;
}
