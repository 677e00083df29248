/*
 * confinement: what a server gives up once it has its sockets and has read its keys.
 *
 * Puts together, from the settings, who to become (user.h) and which files stay
 * within reach (os_confine.h), in the order that the two ask for. Before the first
 * thread.
 */
#ifndef SERVE_CONFINEMENT_H
#define SERVE_CONFINEMENT_H

#include "serve/settings.h"
#include "serve/user.h"

/*
 * At the very start: looks up the user, while the system's list of users can be read, and keeps
 * keys out of core files. Returns false with the reason in the log.
 */
bool confinement_prepare(const struct settings *s, struct user *user);

/* Makes the settings' directory the root, when there is one. False with the reason in the log. */
bool confinement_chroot(const struct settings *s);

/*
 * At the end of the start: becomes the user and enters the confinement. program is a
 * path by which the next version of this program is run; NULL: it is not. Returns false, with the
 * reason in the log, when the process must not serve.
 */
bool confinement_enter(const struct settings *s, const struct user *user, const char *program);

#endif
