/*
 * user: whom the server runs as, once it has what only root may take.
 *
 * The order, for a server started as root: user_find, while the system's list of
 * users can be read; bind and read the keys; user_chroot, where one is wanted;
 * os_confine_prepare; user_become; os_confine_enter. All of it comes before the first
 * thread, as the kernel keeps ids for each thread.
 *
 * A new program that takes over from a confined one does none of this but
 * os_confine_enter: it is the user's already, below the same root, and the list of users
 * is out of its reach. This module knows no settings and writes no log.
 */
#ifndef SERVE_USER_H
#define SERVE_USER_H

#include "base/buf.h"

#include <sys/types.h>

/* Longest name, with its NUL. */
#define USER_NAME_SIZE 256

struct user {
	char name[USER_NAME_SIZE]; /* of the user, without a group */
	uid_t uid;
	gid_t gid;     /* primary group: the user's own, or the one asked for */
	gid_t *groups; /* owned: the supplementary groups, gid among them */
	size_t ngroups;
};

/*
 * Looks up "NAME" or "NAME:GROUP" in the system's lists. On true the caller frees *out
 * with user_clear. On false *why gets the reason appended: there is no such user or group,
 * or it is root's, which the server does not run as.
 */
bool user_find(struct str name, struct user *out, struct buf *why);

/* Frees what user_find made; an all-zero user is allowed. */
void user_clear(struct user *u);

/*
 * Makes this process the user's: supplementary groups, then group, then user, each real,
 * effective and saved; then looks whether all of them are as they should be and root
 * cannot come back. A process that is the user's already (by systemd's User=, say)
 * keeps the groups that it was given. On false,
 * with the reason appended to *why, the process may be half changed and has to end.
 */
bool user_become(const struct user *u, struct buf *why);

/*
 * Makes dir the root of every path from now on, and the working directory. Only root can.
 * No directory may be open, as a way out. What comes later must be found below dir: a
 * new program and its libraries too, so a chroot and handing over to a new program exclude
 * each other unless dir holds them. False with the reason appended to *why.
 */
bool user_chroot(const char *dir, struct buf *why);

/*
 * For one whom the system does not let bind port 70: the ways out, several lines of static
 * text with "\n" between them.
 */
const char *user_low_port_hint(void);

#endif
