/* pledge(2) and unveil(2). A new program starts without either and enters anew. */
#include "config.h"

#include "serve/os_confine.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const permissions[] = {
    [OS_CONFINE_READ] = "r",
    [OS_CONFINE_WRITE] = "wc",
    [OS_CONFINE_RUN] = "rx",
};

/* pledge and unveil do not ask for root, and there is nothing like a bounding set. */
void os_confine_prepare(void)
{
}

static bool allow(const struct os_confine_path *p, struct buf *missing)
{
	if (unveil(p->path, permissions[p->use]) == 0 || errno == ENOENT || errno == ENOTDIR)
		return true;
	buf_printf(missing, "unveil %s: %s", p->path, strerror(errno));
	return false;
}

static bool has_use(const struct os_confine *c, enum os_confine_use use)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->paths[i].use == use)
			return true;
	return false;
}

/* "unix" for the log and unix listeners, "proc exec" to start a new program. */
static bool promise(const struct os_confine *c, struct buf *missing)
{
	struct buf promises = {0};
	bool ok;

	buf_addz(&promises, "stdio rpath inet unix");
	if (has_use(c, OS_CONFINE_WRITE))
		buf_addz(&promises, " wpath cpath");
	if (has_use(c, OS_CONFINE_RUN))
		buf_addz(&promises, " proc exec");
	ok = pledge(buf_z(&promises), NULL) == 0;
	if (!ok)
		buf_printf(missing, "pledge: %s", strerror(errno));
	buf_free(&promises);
	return ok;
}

bool os_confine_enter(const struct os_confine *c, struct buf *missing)
{
	for (size_t i = 0; i < c->n; i++)
		if (!allow(&c->paths[i], missing))
			return false;
	/* pledge without "unveil" would lock the list too, but not when it is empty. */
	if (c->n == 0 && unveil("/", "") != 0)
		return false;
	if (!promise(c, missing))
		return false;
	if (!c->network_out)
		buf_addz(missing,
		    "this kernel cannot forbid outgoing connections: "
		    "pledge allows both ways or none");
	return true;
}

const struct os_confine_path *os_confine_system(size_t *n)
{
	static const struct os_confine_path paths[] = {
	    {"/dev/null", OS_CONFINE_READ},
	    {"/etc/ssl", OS_CONFINE_READ},
	    {"/usr/lib", OS_CONFINE_RUN},
	    {"/usr/libexec/ld.so", OS_CONFINE_RUN},
	    {"/usr/local/lib", OS_CONFINE_RUN},
	    {"/var/run/ld.so.hints", OS_CONFINE_READ},
	};

	*n = sizeof paths / sizeof *paths;
	return paths;
}

void os_confine_no_dumps(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
