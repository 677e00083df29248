/*
 * app: the server as a whole, from settings to its end.
 */
#ifndef SERVE_APP_H
#define SERVE_APP_H

#include "serve/settings.h"

/* Exit statuses (DESIGN.md "Commands"). */
enum app_exit {
	APP_OK = 0,
	APP_BAD_INPUT = 1,
	APP_BAD_USAGE = 2,
	APP_SYSTEM = 71,
};

/*
 * Loads, listens, says "ready" on standard error, and serves until SIGTERM or
 * SIGINT; then finishes what is in flight. Returns the exit status. What goes
 * wrong is said on standard error; nothing is served unless everything could
 * be.
 */
enum app_exit app_serve(const struct settings *s);

#endif
