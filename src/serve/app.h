/*
 * app: the server as a whole, from settings to its end.
 */
#ifndef SERVE_APP_H
#define SERVE_APP_H

#include "serve/settings_source.h"

/* Exit statuses (DESIGN.md "Commands"). */
enum app_exit {
	APP_OK = 0,
	APP_BAD_INPUT = 1,
	APP_BAD_USAGE = 2,
	APP_SYSTEM = 71,
};

/* How this program was called, so that it can be again. All borrowed. */
struct app_call {
	const char *program;              /* main's argv[0] */
	char *const *argv;                /* from there on; ends with NULL */
	struct settings_source *settings; /* to be read again at each reload */
};

/*
 * Loads, listens, gives up what serving does not need, says "ready" on standard error, and
 * serves until SIGTERM or SIGINT; then finishes what is in flight. SIGHUP reloads,
 * SIGUSR1 opens log files anew, SIGUSR2 hands over to a new program. s are the settings as
 * the call has them, whose reference it takes over. Returns the exit
 * status, which tells also when the new program failed while this one finished. What goes wrong is said on standard error; nothing is served unless
 * everything could be.
 */
enum app_exit app_serve(const struct app_call *call, struct settings *s);

#endif
