/*
 * os_confine: what this process gives up before it meets strangers.
 *
 * One implementation for each system, os_confine_SYSTEM.c, picked by configure. After
 * os_confine_enter the process sees only the files it names, has no privilege and
 * cannot get one back, and opens no connections, as far as the kernel can see to that. It
 * never undoes anything, and what the process runs inherits all of it on Linux.
 *
 * On Linux these are properties of the thread: call everything here from the only
 * one there is, and those that come later have them too.
 *
 * What remains possible on Linux, where Landlock has no say:
 * - what is open already: listening sockets accept, the log takes lines;
 * - names, sizes and times of any file (stat), and walking through directories;
 * - UDP and MPTCP, unix sockets that have a path (syslog, sd_notify), and listening with a TCP
 *   socket that was never bound, on a port the kernel picks. A filter of system calls could
 *   forbid these, but has to follow each release of each library; there is none here.
 *
 * A path is looked up once, by os_confine_enter: the rule is for the file or directory found
 * there, not for its name. So
 * - name the directory where files are replaced (renewed certificates, an upgraded
 *   program): another file put in the place of a named one is denied;
 * - a directory replaced as a whole, or a symbolic link turned to another, is denied:
 *   name the directory above, or restart after the change;
 * - a symbolic link within a directory leads only to what a rule allows as well.
 *
 * A new program that takes over enters as well, within the old one's confinement: it can
 * have less, but not more. Paths that its configuration adds are denied to it, and
 * it cannot signal the old one any more, while the old one can signal it. The 17th in a
 * row keeps what it inherited, and *missing says so.
 */
#ifndef SERVE_OS_CONFINE_H
#define SERVE_OS_CONFINE_H

#include "base/buf.h"

/* What may be done with the file, or in the directory and all below. */
enum os_confine_use {
	OS_CONFINE_READ,
	OS_CONFINE_WRITE, /* create files and write to them, not read or remove: logs */
	OS_CONFINE_RUN,   /* read and execute: programs and their libraries */
};

/* One file or directory. Of several that hold a file, each adds what it allows. */
struct os_confine_path {
	const char *path; /* borrowed; one that is not there is passed over */
	enum os_confine_use use;
};

struct os_confine {
	const struct os_confine_path *paths; /* borrowed */
	size_t n;
	bool network_out;      /* may open TCP connections; it can never bind a port */
	bool abstract_sockets; /* may send to abstract unix sockets: where NOTIFY_SOCKET has one */
	int kernel; /* for tests: act as on a kernel with this Landlock ABI, -1: with none, 0: as it is */
};

/*
 * As root, before user_become: gives up what only root can give up, the capability bounding
 * set. The process keeps its powers until then; programs that it runs have none.
 * Without the right to do so, nothing happens, and nothing is lost: os_confine_enter sees to it
 * that no program gets powers.
 */
void os_confine_prepare(void);

/*
 * Applies all that this kernel can, after ids have changed and everything is bound.
 * *missing gets one line appended that says what the kernel lacks, in an operator's words,
 * or nothing. False is a failure of something the kernel has, with the reason
 * in *missing: the process must not serve.
 */
bool os_confine_enter(const struct os_confine *c, struct buf *missing);

/*
 * What any program needs beside its own files, for OS_CONFINE_RUN of a new one: libraries,
 * OpenSSL's configuration, /dev/null. Static; *n gets how many. A caller adds the directory
 * that the program is in.
 */
const struct os_confine_path *os_confine_system(size_t *n);

/*
 * Sees to it that no key lands in a core file. Call it before keys are read, and again after
 * user_become; a program that is run later starts without it. On Linux it makes the process
 * undumpable: then only root (CAP_SYS_PTRACE) can read its /proc/PID/fd, maps and
 * environment or attach a debugger, and the process itself does not own its /proc files: tests
 * that look at an unprivileged server's descriptors must be root or leave this out.
 */
void os_confine_no_dumps(void);

#endif
