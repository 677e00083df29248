/*
 * no_new_privs, empty capability sets, and Landlock. The C library wraps neither Landlock
 * nor capset, and its headers are older than the kernels it runs on, so the few numbers of
 * these interfaces, which never change, are here.
 */
#include "config.h"

#include "serve/os_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1

#define BIT(n) (UINT64_C(1) << (n))

/* struct landlock_ruleset_attr: what is forbidden where no rule allows it. */
struct ruleset {
	uint64_t files;  /* handled_access_fs */
	uint64_t net;    /* handled_access_net */
	uint64_t scoped; /* what may not leave the domain */
};

/* struct landlock_path_beneath_attr. */
struct rule {
	uint64_t files; /* what is allowed of those */
	int32_t fd;
} __attribute__((packed));

enum {
	FILES_EXECUTE = BIT(0),
	FILES_WRITE_FILE = BIT(1),
	FILES_READ_FILE = BIT(2),
	FILES_READ_DIR = BIT(3),
	FILES_MAKE_REG = BIT(8),
	FILES_FIRST_ABI = BIT(13) - 1,
	FILES_REFER = BIT(13),
	FILES_TRUNCATE = BIT(14),
	FILES_IOCTL_DEV = BIT(15),
	/* What a rule may allow for something that is not a directory. */
	FILES_OF_A_FILE = FILES_EXECUTE | FILES_WRITE_FILE | FILES_READ_FILE,

	NET_BIND_TCP = BIT(0),
	NET_CONNECT_TCP = BIT(1),

	SCOPE_ABSTRACT_UNIX_SOCKET = BIT(0),
	SCOPE_SIGNAL = BIT(1),
};

/* What each ABI of Landlock brought, and how an operator is told that it is not there. */
static const struct level {
	int abi;
	struct ruleset brought;
	const char *lacking; /* "this kernel cannot ..."; NULL: its lack is no loss */
} levels[] = {
    {1, {FILES_FIRST_ABI, 0, 0}, "limit which files are used (Landlock 1, Linux 5.13)"},
    {2, {FILES_REFER, 0, 0}, NULL}, /* never allowed before */
    {3, {FILES_TRUNCATE, 0, 0}, "forbid the truncation of files (Landlock 3, Linux 6.2)"},
    {4, {0, NET_BIND_TCP | NET_CONNECT_TCP, 0},
	"forbid outgoing connections (Landlock 4, Linux 6.7)"},
    {5, {FILES_IOCTL_DEV, 0, 0}, "forbid the control of devices (Landlock 5, Linux 6.10)"},
    {6, {0, 0, SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL},
	"forbid signals to other processes (Landlock 6, Linux 6.12)"},
};

static const uint64_t allowed[] = {
    [OS_CONFINE_READ] = FILES_READ_FILE | FILES_READ_DIR,
    [OS_CONFINE_WRITE] = FILES_WRITE_FILE | FILES_MAKE_REG,
    [OS_CONFINE_RUN] = FILES_READ_FILE | FILES_READ_DIR | FILES_EXECUTE,
};

static bool fail(struct buf *missing, const char *what)
{
	buf_printf(missing, "%s: %s", what, strerror(errno));
	return false;
}

/* ---------------------------------------------------------------- privileges */

void os_confine_prepare(void)
{
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
}

/* Effective, permitted and inheritable; the ambient set can hold nothing beyond these. */
static bool drop_capabilities(struct buf *missing)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capset, &header, none) != 0)
		return fail(missing, "giving up capabilities");
	return true;
}

/* ------------------------------------------------------------------ Landlock */

/* The ABI of the kernel, or 0 with the reason in errno. */
static int ask_abi(const struct os_confine *c)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_RULESET_VERSION);

	if (c->kernel < 0) {
		errno = ENOSYS;
		return 0;
	}
	if (abi < 0)
		return 0;
	return c->kernel > 0 && c->kernel < abi ? c->kernel : (int)abi;
}

static void describe_absence(int error, struct buf *missing)
{
	buf_printf(missing, "%s: files, connections and signals are limited by the user alone",
	    error == ENOSYS ? "this kernel has no Landlock (Linux 5.13)"
		: error == EOPNOTSUPP
		? "Landlock is switched off in this kernel (boot it with landlock in lsm=)"
		: "Landlock is forbidden here, as by a container's filter of system calls");
}

static void describe_lacks(int abi, struct buf *missing)
{
	const char *before = "this kernel cannot ";

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (levels[i].abi > abi && levels[i].lacking) {
			buf_printf(missing, "%s%s", before, levels[i].lacking);
			before = ", ";
		}
	}
}

/* Everything this ABI can forbid, but for what the caller wants to do. */
static struct ruleset everything(int abi, const struct os_confine *c)
{
	struct ruleset all = {0};

	for (size_t i = 0; i < sizeof levels / sizeof *levels && levels[i].abi <= abi; i++) {
		all.files |= levels[i].brought.files;
		all.net |= levels[i].brought.net;
		all.scoped |= levels[i].brought.scoped;
	}
	if (c->network_out)
		all.net &= ~(uint64_t)NET_CONNECT_TCP;
	if (c->abstract_sockets)
		all.scoped &= ~(uint64_t)SCOPE_ABSTRACT_UNIX_SOCKET;
	return all;
}

/* It is not there, or out of this user's reach anyway. */
static bool may_pass_over(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP;
}

static bool allow(int ruleset, const struct os_confine_path *p, struct buf *missing)
{
	struct rule rule = {allowed[p->use], open(p->path, O_PATH | O_CLOEXEC)};
	struct stat st;
	bool ok;

	if (rule.fd < 0)
		return may_pass_over(errno) || fail(missing, p->path);
	ok = fstat(rule.fd, &st) == 0;
	if (ok && !S_ISDIR(st.st_mode))
		rule.files &= FILES_OF_A_FILE;
	ok = ok && syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0u) == 0;
	if (!ok)
		fail(missing, p->path);
	close(rule.fd);
	return ok;
}

static bool restrict_self(int ruleset, struct buf *missing)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0u) == 0)
		return true;
	if (errno != E2BIG)
		return fail(missing, "landlock_restrict_self");
	buf_addz(missing,
	    "this kernel nests no more than 16 confinements (Landlock): "
	    "those of the programs before this one hold; a restart begins anew");
	return true;
}

static bool enter_landlock(const struct os_confine *c, struct buf *missing)
{
	int abi = ask_abi(c), ruleset;
	struct ruleset all = everything(abi, c);
	bool ok = true;

	if (abi == 0) {
		describe_absence(errno, missing);
		return true;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0u);
	if (ruleset < 0)
		return fail(missing, "landlock_create_ruleset");
	for (size_t i = 0; ok && i < c->n; i++)
		ok = allow(ruleset, &c->paths[i], missing);
	if (ok)
		describe_lacks(abi, missing);
	ok = ok && restrict_self(ruleset, missing);
	close(ruleset);
	return ok;
}

/* ----------------------------------------------------------------- interface */

bool os_confine_enter(const struct os_confine *c, struct buf *missing)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(missing, "no_new_privs");
	os_confine_prepare();
	return drop_capabilities(missing) && enter_landlock(c, missing);
}

const struct os_confine_path *os_confine_system(size_t *n)
{
	static const struct os_confine_path paths[] = {
	    {"/dev/null", OS_CONFINE_READ}, {"/dev/null", OS_CONFINE_WRITE},
	    {"/dev/urandom", OS_CONFINE_READ}, {"/etc/crypto-policies", OS_CONFINE_READ},
	    {"/etc/ld.so.cache", OS_CONFINE_READ}, {"/etc/ld.so.preload", OS_CONFINE_READ},
	    {"/etc/localtime", OS_CONFINE_READ}, {"/usr/share/zoneinfo", OS_CONFINE_READ},
	    {"/etc/pki/tls/openssl.cnf", OS_CONFINE_READ}, {"/etc/ssl", OS_CONFINE_READ},
	    {"/gnu/store", OS_CONFINE_RUN}, {"/lib", OS_CONFINE_RUN}, {"/lib64", OS_CONFINE_RUN},
	    {"/nix/store", OS_CONFINE_RUN}, {"/usr/lib", OS_CONFINE_RUN},
	    {"/usr/lib64", OS_CONFINE_RUN}, {"/usr/local/lib", OS_CONFINE_RUN},
	    {"/usr/local/lib64", OS_CONFINE_RUN},
#ifdef SANITIZED
	    {"/proc",
		OS_CONFINE_READ}, /* for its memory map at the start, its threads at the end */
#endif
	};

	*n = sizeof paths / sizeof *paths;
	return paths;
}

void os_confine_no_dumps(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	/* A core_pattern that is a pipe asks for no limit. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
