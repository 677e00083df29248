#include "config.h"

#include "net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void say_errno(struct buf *why, const char *file, const char *what)
{
	buf_printf(why, "%s: cannot read the %s: %s", file, what, strerror(errno));
	if (errno == EACCES)
		buf_addz(why,
		    "; give it to the group of the server's user, with chgrp and chmod "
		    "640" SECRET_REACH);
}

static bool is_kept(int fd, const char *file, const char *what, struct stat *st, struct buf *why)
{
	if (fstat(fd, st) != 0) {
		say_errno(why, file, what);
		return false;
	}
	if (!S_ISREG(st->st_mode)) {
		buf_printf(why, "%s: is no file with a %s", file, what);
		return false;
	}
	if (st->st_mode & S_IRWXO) {
		buf_printf(why, "%s: everybody may read this %s: chmod 600 it first", file, what);
		return false;
	}
	return true;
}

/* Without blocking, as a FIFO of that name would. */
int secret_open(const char *file, const char *what, struct stat *st, struct buf *why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		say_errno(why, file, what);
		return -1;
	}
	if (is_kept(fd, file, what, st, why))
		return fd;
	close(fd);
	return -1;
}
