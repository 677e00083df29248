/* For systems whose ways to confine a process are not known here. */
#include "config.h"

#include "serve/os_confine.h"

#include <sys/resource.h>

void os_confine_prepare(void)
{
}

bool os_confine_enter(const struct os_confine *c, struct buf *missing)
{
	(void)c;
	buf_addz(missing,
	    "digestd knows no way to confine itself on this system: files, connections, "
	    "signals and privileges are limited by its user alone");
	return true;
}

const struct os_confine_path *os_confine_system(size_t *n)
{
	*n = 0;
	return NULL;
}

void os_confine_no_dumps(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
