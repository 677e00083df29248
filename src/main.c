#include "config.h"

#include "cmd.h"
#include "serve/app.h"

#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*run)(const char *program, int argc, char **argv);
	const char *summary;
} commands[] = {
    {"serve", cmd_serve, "serve the digest over Gopher and Gemini"},
    {"check", cmd_check, "report every error of configuration, content and certificates"},
    {"cert", cmd_cert, "show, make and renew certificates"},
    {"render", cmd_render, "print one page as it would be served"},
};

static void usage(FILE *to)
{
	fputs("digestd publishes a link digest on Gopher and Gemini.\n\n", to);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(to, "  digestd %-8s %s\n", commands[i].name, commands[i].summary);
	fputs("\ndigestd COMMAND --help says more; so does the manual page digestd(8).\n", to);
}

/* Runs a command, under the name that getopt's messages begin with. */
static int run(const struct command *c, const char *program, int argc, char **argv)
{
	char name[32];

	snprintf(name, sizeof name, "digestd %s", c->name);
	argv[0] = name;
	return c->run(program, argc, argv);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(name, commands[i].name) == 0)
			return run(&commands[i], argv[0], argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts("digestd " PACKAGE_VERSION);
		return APP_OK;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		usage(stdout);
		return APP_OK;
	}
	if (*name)
		fprintf(stderr, "digestd: there is no command '%s'\n\n", name);
	usage(stderr);
	return APP_BAD_USAGE;
}
