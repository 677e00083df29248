#include "config.h"

#include "serve/os_watch.h"

struct os_watch *os_watch_new(const char *const paths[], size_t n, struct buf *why)
{
	(void)paths;
	(void)n;
	(void)why;
	return NULL;
}

void os_watch_free(struct os_watch *w)
{
	(void)w;
}

int os_watch_fd(const struct os_watch *w)
{
	(void)w;
	return -1;
}

bool os_watch_read(struct os_watch *w)
{
	(void)w;
	return false;
}
