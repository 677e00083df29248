#include "config.h"

#include "cmd.h"
#include "base/clock.h"
#include "content/load.h"
#include "pages/wording.h"
#include "serve/app.h"

#include <getopt.h>
#include <stdio.h>

static void help(void)
{
	puts("usage: digestd check [-C CONTENT]\n"
	     "\n"
	     "Reads the whole content directory (content) as serve would, and reports every\n"
	     "error on standard output, one a line:\n"
	     "\n"
	     "  FILE:LINE:COLUMN: error: what is wrong, and what to write instead\n"
	     "\n"
	     "Exit status: 0 no error, 1 errors, 2 the command line is wrong.");
}

/* "1 entry, " and so on */
static void add_count(
    struct buf *out, struct arena *a, uint64_t n, const char *one, const char *many)
{
	buf_printf(out, "%.*s, ", STR_ARGS(wording_count(a, n, one, many)));
}

static void describe(struct buf *out, const struct digest *d)
{
	struct arena *a = arena_new(0);
	uint32_t due = digest_count(&d->all, d->loaded);

	buf_printf(out, "%.*s: no errors; ", STR_ARGS(d->directory));
	add_count(out, a, due, "entry", "entries");
	if (due < d->all.n)
		add_count(out, a, d->all.n - due, "entry that waits for its date",
		    "entries that wait for their dates");
	add_count(out, a, d->categories.n, "category", "categories");
	add_count(out, a, d->tags.n, "tag", "tags");
	add_count(out, a, d->authors.n, "author", "authors");
	add_count(out, a, d->npages, "page", "pages");
	buf_printf(out, "%.*s\n", STR_ARGS(wording_count(a, d->nfiles, "file", "files")));
	arena_free(a);
}

static int check(const char *content)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(content, clock_wall(), diags);
	struct buf text = {0};

	if (d)
		describe(&text, d);
	else
		diag_print(diags, &text);
	if (!d && diags->total > 1)
		buf_printf(&text, "%zu errors\n", diags->total);
	fputs(buf_z(&text), stdout);
	buf_free(&text);
	diag_free(diags);
	digest_unref(d);
	if (fflush(stdout) != 0) {
		perror("digestd check");
		return APP_SYSTEM;
	}
	return d ? APP_OK : APP_BAD_INPUT;
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
	    {"content", required_argument, NULL, 'C'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	const char *content = "content";
	int option;

	while ((option = getopt_long(argc, argv, "C:h", options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return APP_OK;
		}
		if (option != 'C')
			break;
		content = optarg;
	}
	if (option == -1 && optind < argc)
		fprintf(stderr, "digestd check: '%s' is no option: write -C %s\n", argv[optind],
		    argv[optind]);
	if (option != -1 || optind < argc) {
		fputs("usage: digestd check [-C CONTENT]\n", stderr);
		return APP_BAD_USAGE;
	}
	return check(content);
}
