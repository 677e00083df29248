/*
 * options: the options by which every command learns its settings.
 *
 * -c names the configuration file; each other option is a setting of the same
 * file, and wins over it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "serve/settings_source.h"

#include <getopt.h>
#include <stdio.h>

/* For getopt_long(3): the short options, and the beginning of the long ones. */
#define OPTIONS_SHORT "c:C:K:o:h"
#define OPTIONS_LONG                                                                               \
	{"config", required_argument, NULL, 'c'}, {"content", required_argument, NULL, 'C'},       \
	    {"certs", required_argument, NULL, 'K'},                                               \
	    {"hostname", required_argument, NULL, OPTIONS_HOSTNAME},                               \
	    {"alias", required_argument, NULL, OPTIONS_ALIAS},                                     \
	    {"gopher", required_argument, NULL, OPTIONS_GOPHER},                                   \
	    {"gemini", required_argument, NULL, OPTIONS_GEMINI}, {"help", no_argument, NULL, 'h'}, \
	{                                                                                          \
		NULL, 0, NULL, 0                                                                   \
	}

enum {
	OPTIONS_HOSTNAME = 256,
	OPTIONS_ALIAS,
	OPTIONS_GOPHER,
	OPTIONS_GEMINI,
	OPTIONS_NEXT, /* a command's own begin here */
};

/*
 * Takes one option into the source. Returns false with the reason in why, which
 * is empty when getopt has said it, or the option is not one of these.
 */
bool options_take(
    struct settings_source *source, int option, const char *argument, struct buf *why);

/*
 * Says on standard error what is wrong with the command line of that command, unless why is
 * empty, and where help is. Frees why, and returns the exit status.
 */
int options_wrong(const char *command, struct buf *why);

/* The settings, complete, with one reference; or NULL, with what is wrong written to that file. */
struct settings *options_load(const struct settings_source *source, FILE *to);

#endif
