/*
 * settings_check: what is right by itself and wrong together.
 *
 * Each setting has been read and is within its bounds; here they are held against
 * each other.
 */
#ifndef SERVE_SETTINGS_CHECK_H
#define SERVE_SETTINGS_CHECK_H

#include "serve/settings.h"

/* Reports each contradiction at the place of the setting that is to be changed. */
void settings_check(const struct settings *s, struct diag_list *diags);

#endif
