#include "config.h"

#include "cmd.h"
#include "options.h"
#include "base/mem.h"
#include "serve/app.h"
#include "serve/settings_text.h"
#include "serve/signals.h"

#include <stdlib.h>

enum {
	OPTION_PRINT = OPTIONS_NEXT,
};

static const struct option options[] = {
    {"print-settings", required_argument, NULL, OPTION_PRINT},
    OPTIONS_LONG,
};

static void help(void)
{
	struct buf settings = {0};

	settings_text_help(&settings);
	printf(
	    "usage: digestd serve [-c FILE] [-C CONTENT] [-K CERTS] [--gopher ADDR:PORT]...\n"
	    "                     [--gemini ADDR:PORT]... [--hostname NAME]... [--alias NAME]...\n"
	    "                     [-o NAME=VALUE]...\n"
	    "\n"
	    "Serves the digest in CONTENT over Gopher and Gemini until SIGTERM or SIGINT.\n"
	    "\n"
	    "  -c FILE            the configuration, see digestd.yaml(5); what is given here wins\n"
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
	    "  --print-settings sample | manual\n"
	    "                     print a configuration file with every setting, or their part\n"
	    "                     of the manual page, and end\n"
	    "\n"
	    "For example, where ports below 1024 are not yours:\n"
	    "\n"
	    "  digestd serve --hostname digest.example.org --gopher '*:7070' --gemini '*:1965'\n"
	    "\n"
	    "SIGHUP loads everything again, SIGUSR1 opens log files anew, SIGUSR2 hands over to\n"
	    "the program that has been installed meanwhile; digestd(8) says more.\n"
	    "\n"
	    "Settings, with their defaults:\n"
	    "\n"
	    "%s"
	    "\n"
	    "Exit status: 0 fine, 1 configuration, content or certificates are wrong, 2 the\n"
	    "command line is wrong, 71 the system failed (a port is in use, say).\n",
	    buf_z(&settings));
	buf_free(&settings);
}

static int print_settings(const char *form)
{
	struct buf out = {0}, why = {0};

	if (strcmp(form, "sample") == 0) {
		settings_text_sample(&out);
	} else if (strcmp(form, "manual") == 0) {
		settings_text_manual(&out);
	} else {
		buf_printf(&why, "--print-settings takes sample or manual, not '%s'", form);
		return options_wrong("serve", &why);
	}
	fputs(buf_z(&out), stdout);
	buf_free(&out);
	return fflush(stdout) == 0 ? APP_OK : APP_SYSTEM;
}

/* Serves, with what it takes to start this program once more in the same way. */
static int serve(const char *program, struct settings_source *source, int argc, char **argv)
{
	struct settings *s = options_load(source, stderr);
	char **again;
	struct app_call call = {.program = program, .settings = source};
	char name[] = "serve", *called;
	int status;

	if (!s)
		return APP_BAD_INPUT;
	called = mem_alloc(strlen(program) + 1);
	memcpy(called, program, strlen(program) + 1);
	again = mem_zalloc((size_t)argc + 2, sizeof *again);
	again[0] = called;
	again[1] = name;
	for (int i = 1; i < argc; i++)
		again[i + 1] = argv[i];
	call.argv = again;
	status = (int)app_serve(&call, s);
	free(again);
	free(called);
	return status;
}

static int read_options(const char *program, struct settings_source *source, int argc, char **argv)
{
	struct buf why = {0};
	int option;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return APP_OK;
		}
		if (option == OPTION_PRINT)
			return print_settings(optarg);
		if (!options_take(source, option, optarg, &why))
			return options_wrong("serve", &why);
	}
	if (optind < argc) {
		buf_printf(&why, "'%s' is no option", argv[optind]);
		return options_wrong("serve", &why);
	}
	return serve(program, source, argc, argv);
}

int cmd_serve(const char *program, int argc, char **argv)
{
	struct settings_source *source;
	int status;

	signals_hold();
	source = settings_source_new();
	status = read_options(program, source, argc, argv);
	settings_source_free(source);
	return status;
}
