#include "config.h"

#include "cmd.h"
#include "serve/app.h"

#include <getopt.h>
#include <stdio.h>

enum {
	OPTION_GOPHER = 256,
	OPTION_GEMINI,
	OPTION_HOSTNAME,
	OPTION_ALIAS,
	OPTION_HELP,
};

static const struct option options[] = {
    {"content", required_argument, NULL, 'C'},
    {"certs", required_argument, NULL, 'K'},
    {"gopher", required_argument, NULL, OPTION_GOPHER},
    {"gemini", required_argument, NULL, OPTION_GEMINI},
    {"hostname", required_argument, NULL, OPTION_HOSTNAME},
    {"alias", required_argument, NULL, OPTION_ALIAS},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static void help(void)
{
	struct buf settings = {0};

	settings_describe(&settings);
	printf(
	    "usage: digestd serve [-C CONTENT] [-K CERTS] [--gopher ADDR:PORT]...\n"
	    "                     [--gemini ADDR:PORT]... [--hostname NAME]... [--alias NAME]...\n"
	    "                     [-o NAME=VALUE]...\n"
	    "\n"
	    "Serves the digest in CONTENT over Gopher and Gemini until SIGTERM or SIGINT.\n"
	    "\n"
	    "  -C CONTENT         the content directory (content)\n"
	    "  -K CERTS           where HOST.crt and HOST.key are, or are made (certs)\n"
	    "  --gopher ADDR:PORT listen for Gopher there; may be given again\n"
	    "  --gemini ADDR:PORT listen for Gemini there; may be given again\n"
	    "                     ADDR is an IPv4 address, an IPv6 address in brackets, or * for\n"
	    "                     all; port 0 picks a free one. With neither: *:70 and *:1965\n"
	    "  --hostname NAME    a public name (localhost); may be given again: links carry the\n"
	    "                     one that the reader used, or the first. '*.example.org' is\n"
	    "                     every name with one label more\n"
	    "  --alias NAME       a name that leads to the first --hostname; may be given again\n"
	    "  -o NAME=VALUE      one of the settings below\n"
	    "\n"
	    "For example, where ports below 1024 are not yours:\n"
	    "\n"
	    "  digestd serve --hostname digest.example.org --gopher '*:7070' --gemini '*:1965'\n"
	    "\n"
	    "Settings, with their defaults:\n"
	    "\n"
	    "%s"
	    "\n"
	    "The access log goes to standard error, one line a request. Exit status: 0 fine,\n"
	    "1 content or certificates are wrong, 2 the command line is wrong, 71 the system\n"
	    "failed (a port is in use, say).\n",
	    buf_z(&settings));
	buf_free(&settings);
}

/* Takes one option; false with the reason in why, which is empty when getopt has said it. */
static bool take_option(struct settings *s, int option, struct buf *why)
{
	switch (option) {
	case 'C':
		s->content = str_of(optarg);
		return true;
	case 'K':
		s->certs = str_of(optarg);
		return true;
	case 'o':
		return settings_set_pair(s, str_of(optarg), why);
	case OPTION_GOPHER:
		return settings_listen(s, SETTINGS_GOPHER, str_of(optarg), why);
	case OPTION_GEMINI:
		return settings_listen(s, SETTINGS_GEMINI, str_of(optarg), why);
	case OPTION_HOSTNAME:
		return settings_host(s, str_of(optarg), why);
	case OPTION_ALIAS:
		return settings_alias(s, str_of(optarg), why);
	default:
		return false;
	}
}

static int usage_error(struct buf *why)
{
	if (why->len > 0)
		fprintf(stderr, "digestd serve: %s\n", buf_z(why));
	fputs("digestd serve --help lists the options\n", stderr);
	buf_free(why);
	return APP_BAD_USAGE;
}

static int serve(struct settings *s, int argc, char **argv)
{
	struct buf why = {0};
	int option;

	while ((option = getopt_long(argc, argv, "C:K:o:h", options, NULL)) != -1) {
		if (option == OPTION_HELP || option == 'h') {
			help();
			return APP_OK;
		}
		if (!take_option(s, option, &why))
			return usage_error(&why);
	}
	if (optind < argc) {
		buf_printf(&why, "'%s' is no option", argv[optind]);
		return usage_error(&why);
	}
	settings_complete(s);
	return (int)app_serve(s);
}

int cmd_serve(int argc, char **argv)
{
	struct settings *s = settings_new();
	int status = serve(s, argc, argv);

	settings_free(s);
	return status;
}
