#include "config.h"

#include "serve/confinement.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/identity.h"
#include "serve/os_confine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The paths within reach, and the texts that were made for them. */
struct reach {
	struct os_confine_path *paths; /* owned */
	size_t n, cap;
	struct arena *texts; /* owned */
};

static bool fail(struct buf *why)
{
	log_line("%s", buf_z(why));
	buf_free(why);
	return false;
}

/* What root makes there is its owner's (identity.h), so that the user can read it again. */
static bool make_certs(const struct settings *s, const struct user *user, struct buf *why)
{
	if (mkdir(s->certs.p, 0755) != 0)
		return true;
	if (chown(s->certs.p, user->uid, user->gid) == 0)
		return true;
	buf_printf(why, "%s: cannot be given to %s: %s", s->certs.p, user->name, strerror(errno));
	return false;
}

bool confinement_prepare(const struct settings *s, struct user *user)
{
	struct buf why = {0};

	*user = (struct user){0};
	if (s->confine)
		os_confine_no_dumps();
	/* Anybody else is who it is to be already: started so, or by a process that became it. */
	if (geteuid() != 0)
		return true;
	if (s->user.n == 0) {
		log_line("running as root, which serving does not need: name a user, as in "
			 "user: digestd");
		return true;
	}
	return user_find(s->user, user, &why) && make_certs(s, user, &why) ? true : fail(&why);
}

bool confinement_chroot(const struct settings *s)
{
	struct buf why = {0};

	return s->chroot.n == 0 || user_chroot(s->chroot.p, &why) ? true : fail(&why);
}

static bool become(const struct settings *s, const struct user *user)
{
	struct buf why = {0};

	if (s->user.n == 0 || geteuid() != 0)
		return true;
	if (s->confine)
		os_confine_prepare();
	if (!user_become(user, &why))
		return fail(&why);
	log_line("running as user %s", user->name);
	return true;
}

static void allow(struct reach *r, const char *path, enum os_confine_use use)
{
	r->paths = mem_grow(r->paths, &r->cap, r->n + 1, sizeof *r->paths);
	r->paths[r->n++] = (struct os_confine_path){path, use};
}

/* The directory that the file or directory is in. */
static void allow_around(struct reach *r, struct str path, enum os_confine_use use)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	allow(r, n > 1 ? arena_str(r->texts, str_sub(path, 0, n - 1)).p : n ? "/" : ".", use);
}

/*
 * The content, wherever a link leads; where one does, the directory that the
 * target is in as well, so that the link may be turned to another beside it.
 */
static void allow_content(struct reach *r, const struct settings *s)
{
	char *real = realpath(s->content.p, NULL);
	char link[1];

	allow(r, s->content.p, OS_CONFINE_READ);
	if (real && readlink(s->content.p, link, sizeof link) > 0)
		allow_around(r, arena_str(r->texts, str_of(real)), OS_CONFINE_READ);
	free(real);
}

static void allow_certificates(struct reach *r, const struct settings *s)
{
	struct buf list = {0};
	struct str rest, path;

	identity_directories(s, s->ticket_keys.n ? s->ticket_keys.p : NULL, &list);
	rest = buf_str(&list);
	while (str_next_field(&rest, '\0', &path))
		if (path.n > 0)
			allow(r, arena_str(r->texts, path).p, OS_CONFINE_READ);
	buf_free(&list);
}

static void allow_log(struct reach *r, struct str where)
{
	if (!str_eq(where, STR("stderr")) && !str_eq(where, STR("off")) &&
	    !str_eq(where, STR("syslog")) && !str_starts(where, STR("syslog:")))
		allow_around(r, where, OS_CONFINE_WRITE);
}

static void allow_all(struct reach *r, const struct settings *s, const char *program)
{
	size_t n;
	const struct os_confine_path *system = os_confine_system(&n);

	allow_content(r, s);
	allow_certificates(r, s);
	/* Editors put a new file in the place of the old one. */
	if (s->file.n > 0)
		allow_around(r, s->file, OS_CONFINE_READ);
	allow_log(r, s->log);
	allow_log(r, s->access_log);
	if (!program)
		return;
	allow_around(r, str_of(program), OS_CONFINE_RUN);
	for (size_t i = 0; i < n; i++)
		allow(r, system[i].path, system[i].use);
}

static bool notifies_abstract(void)
{
	const char *socket = getenv("NOTIFY_SOCKET");

	return socket && socket[0] == '@';
}

static bool confine(const struct settings *s, const char *program)
{
	struct reach r = {.texts = arena_new(256)};
	struct os_confine c = {.abstract_sockets = notifies_abstract()};
	struct buf missing = {0};
	bool ok;

	allow_all(&r, s, program);
	c.paths = r.paths;
	c.n = r.n;
	os_confine_no_dumps();
	ok = os_confine_enter(&c, &missing);
	if (missing.len > 0)
		log_line("confinement: %s", buf_z(&missing));
	buf_free(&missing);
	free(r.paths);
	arena_free(r.texts);
	return ok;
}

bool confinement_enter(const struct settings *s, const struct user *user, const char *program)
{
	struct buf why = {0};

	if (!become(s, user))
		return false;
	identity_warn_unreadable(s);
	/* As the user, who is to open them anew later, and with no more rights. */
	if (!log_open(LOG_MESSAGES, s->log, &why) || !log_open(LOG_ACCESS, s->access_log, &why))
		return fail(&why);
	return !s->confine || confine(s, program);
}
