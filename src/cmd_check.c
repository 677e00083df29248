#include "config.h"

#include "cmd.h"
#include "base/clock.h"
#include "content/load.h"
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

static int check(const char *content)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(content, clock_wall(), diags);
	struct buf text = {0};

	if (d)
		buf_printf(&text, "%s: no errors; %u entries, %zu categories, %zu tags, %zu authors\n",
		    content, d->all.n, d->categories.n, d->tags.n, d->authors.n);
	else
		diag_print(diags, &text);
	if (!d && diags->total > 1)
		buf_printf(&text, "%zu errors\n", diags->total);
	fwrite(text.p, 1, text.len, stdout);
	buf_free(&text);
	diag_free(diags);
	digest_unref(d);
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
	if (option != -1 || optind < argc) {
		fputs("usage: digestd check [-C CONTENT]\n", stderr);
		return APP_BAD_USAGE;
	}
	return check(content);
}
