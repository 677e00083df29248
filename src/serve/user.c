#include "config.h"

#include "serve/user.h"
#include "base/mem.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* More groups than any system lets a process have. */
#define GROUPS_MAX 65536

static bool refuse_root(const struct user *u, struct buf *why)
{
	bool root = u->uid == 0;

	for (size_t i = 0; i < u->ngroups; i++)
		root = root || u->groups[i] == 0;
	if (root || u->gid == 0)
		buf_printf(why,
		    "%s %s, whose powers a server on public ports must not keep: "
		    "name a user of its own, as in digestd",
		    u->name, u->uid == 0 ? "is root" : "is in root's group");
	return root || u->gid == 0;
}

static bool find_passwd(struct user *u, struct buf *why)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(u->name);
	if (!pw && errno != 0 && errno != ENOENT)
		buf_printf(why, "looking up the user %s: %s", u->name, strerror(errno));
	else if (!pw)
		buf_printf(why, "there is no user %s: make one, as with useradd --system %s",
		    u->name, u->name);
	if (!pw)
		return false;
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	return true;
}

static bool find_group(const char *name, gid_t *gid, struct buf *why)
{
	const struct group *gr;

	errno = 0;
	gr = getgrnam(name);
	if (!gr && errno != 0 && errno != ENOENT)
		buf_printf(why, "looking up the group %s: %s", name, strerror(errno));
	else if (!gr)
		buf_printf(why, "there is no group %s: make one, as with groupadd --system %s",
		    name, name);
	if (gr)
		*gid = gr->gr_gid;
	return gr != NULL;
}

/* Now, as behind a chroot there may be no list of groups. */
static bool find_supplementary(struct user *u, struct buf *why)
{
	for (int room = 32; room <= GROUPS_MAX; room *= 2) {
		int n = room;

		free(u->groups);
		u->groups = mem_zalloc((size_t)room, sizeof *u->groups);
		if (getgrouplist(u->name, u->gid, u->groups, &n) >= 0) {
			u->ngroups = (size_t)n;
			return true;
		}
	}
	buf_printf(why, "%s is in more groups than a process can have", u->name);
	return false;
}

static bool find_all(struct user *u, const char *group, struct buf *why)
{
	return find_passwd(u, why) && (!group || find_group(group, &u->gid, why)) &&
	    find_supplementary(u, why) && !refuse_root(u, why);
}

bool user_find(struct str name, struct user *out, struct buf *why)
{
	size_t colon = str_index(name, ':');
	struct str user = str_sub(name, 0, colon), group = str_skip(name, colon + 1);
	struct buf group_z = {0};
	bool ok;

	*out = (struct user){0};
	if (user.n == 0 || user.n >= sizeof out->name || (colon < name.n && group.n == 0)) {
		buf_printf(why, "\"%.*s\" is no user: write NAME or NAME:GROUP", STR_ARGS(name));
		return false;
	}
	memcpy(out->name, user.p, user.n);
	buf_add(&group_z, group);
	ok = find_all(out, group.n > 0 ? buf_z(&group_z) : NULL, why);
	buf_free(&group_z);
	if (!ok)
		user_clear(out);
	return ok;
}

void user_clear(struct user *u)
{
	free(u->groups);
	u->groups = NULL;
	u->ngroups = 0;
}

/* Real, effective and saved: is every id that one, the group's too? */
static bool ids_are(uid_t uid, gid_t gid)
{
#ifdef HAVE_SETRESUID
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 && r == uid &&
	    e == uid && s == uid && rg == gid && eg == gid && sg == gid;
#else
	return getuid() == uid && geteuid() == uid && getgid() == gid && getegid() == gid;
#endif
}

static bool set_ids(uid_t uid, gid_t gid)
{
#ifdef HAVE_SETRESUID
	return setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
#else
	/* As root, these two set the saved id as well. */
	return setgid(gid) == 0 && setuid(uid) == 0;
#endif
}

static bool is_among(gid_t gid, const struct user *u)
{
	for (size_t i = 0; i < u->ngroups; i++)
		if (u->groups[i] == gid)
			return true;
	return false;
}

/* No group is left but the user's. */
static bool groups_fit(const struct user *u)
{
	int n = getgroups(0, NULL);
	gid_t *have = mem_zalloc(n > 0 ? (size_t)n : 1, sizeof *have);
	bool fit = n >= 0 && getgroups(n, have) == n;

	for (int i = 0; fit && i < n; i++)
		fit = is_among(have[i], u);
	free(have);
	return fit;
}

/* A saved id or a capability that survived would let an attacker do the same. */
static bool root_is_gone(void)
{
	return setuid(0) != 0 && seteuid(0) != 0 && getuid() != 0 && geteuid() != 0;
}

bool user_become(const struct user *u, struct buf *why)
{
	if (refuse_root(u, why))
		return false;
	if (!ids_are(u->uid, u->gid)) {
		if (setgroups(u->ngroups, u->groups) != 0 || !set_ids(u->uid, u->gid)) {
			buf_printf(why, "cannot become the user %s: %s%s", u->name, strerror(errno),
			    errno == EPERM ? "; start the server as root or as that user" : "");
			return false;
		}
		if (!ids_are(u->uid, u->gid) || !groups_fit(u)) {
			buf_printf(why, "after becoming %s, not every id is that user's", u->name);
			return false;
		}
	}
	if (root_is_gone())
		return true;
	buf_printf(why,
	    "after becoming %s, the process could still be root again: "
	    "it is started with a capability (CAP_SETUID) that it must not have",
	    u->name);
	return false;
}

bool user_chroot(const char *dir, struct buf *why)
{
	const char *hint = "";

	if (chroot(dir) == 0 && chdir("/") == 0)
		return true;
	if (errno == EPERM)
		hint = "; only root can: start the server as root or do without";
	else if (errno == ENOENT)
		hint = "; make the directory, with the content and the certificates in it";
	buf_printf(why, "cannot make %s the root directory: %s%s", dir, strerror(errno), hint);
	return false;
}

const char *user_low_port_hint(void)
{
	return "ports below 1024 are root's; any one of these gives Gopher its port 70:\n"
	       "  a capability: AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or "
	       "setcap cap_net_bind_service=+ep on the program;\n"
	       "  socket activation: systemd binds, and digestd takes the sockets over: "
	       "systemctl enable --now digestd-gopher.socket;\n"
	       "  a redirect: listen with --gopher '*:7070' -o gopher_port=70, and, as root, "
	       "iptables -t nat -A PREROUTING -p tcp --dport 70 -j REDIRECT --to-ports 7070 "
	       "(the same with ip6tables; nftables: tcp dport 70 redirect to :7070);\n"
	       "  or do without: --gopher '*:7070', which links then say.";
}
