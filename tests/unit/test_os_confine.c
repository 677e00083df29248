/*
 * os_confine: what a confined process can still do and what it cannot, tried from within, each in
 * a child of its own. Where the kernel lacks something, the part is skipped and says so.
 */
#include "config.h"

#include "check.h"
#include "child.h"
#include "folder.h"
#include "net/certificate.h"
#include "net/tls.h"
#include "serve/os_confine.h"
#include "serve/user.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifdef __linux__
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* The argument with which this program is what a confined process runs. */
#define SUCCESSOR "--successor"
#define UNREACHABLE "/etc/passwd"

/* Where the children are. */
struct place {
	char folder[FOLDER_PATH];
	char content[FOLDER_FILE];  /* to be read */
	char logs[FOLDER_FILE];     /* to be written */
	char file[FOLDER_FILE];     /* a single file to be read, in neither of them */
	struct sockaddr_in address; /* of the listener */
	int listener;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	socklen_t size = sizeof p->address;

	assert_non_null(p);
	*state = p;
	folder_make(p->folder, "test_os_confine");
	folder_write(p->folder, "content/digest.yaml", "title: x\n");
	folder_write(p->folder, "content/entries/a.yaml", "- x\n");
	folder_write(p->folder, "logs/old.log", "line\n");
	folder_write(p->folder, "file", "x");
	folder_write(p->folder, "secret", "x");
	snprintf(p->content, sizeof p->content, "%s/content", p->folder);
	snprintf(p->logs, sizeof p->logs, "%s/logs", p->folder);
	snprintf(p->file, sizeof p->file, "%s/file", p->folder);
	p->address =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (void *)&p->address, size), 0);
	assert_int_equal(listen(p->listener, 8), 0);
	assert_int_equal(getsockname(p->listener, (void *)&p->address, &size), 0);
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	int status = folder_remove(p->folder);

	close(p->listener);
	free(p);
	return status;
}

/* ------------------------------------------------------------------- helpers */

/* Confines this child as wanted; skips the rest of it where one of those words is lacking. */
static void enter(const struct os_confine *c, const char *word)
{
	struct buf missing = {0};

	if (!os_confine_enter(c, &missing)) {
		dprintf(2, "os_confine_enter: %s\n", buf_z(&missing));
		_exit(CHILD_FAILED);
	}
	if (word && strstr(buf_z(&missing), word)) {
		dprintf(2, "skipped: %s\n", buf_z(&missing));
		_exit(CHILD_SKIPPED);
	}
	buf_free(&missing);
}

/* The usual: content and a file to read, logs to write, a path that is not there. */
static void enter_place(const struct place *p, const char *word)
{
	struct os_confine_path paths[] = {
	    {p->content, OS_CONFINE_READ},
	    {p->file, OS_CONFINE_READ},
	    {p->logs, OS_CONFINE_WRITE},
	    {"/no/such/path", OS_CONFINE_READ},
	};

	enter(&(struct os_confine){.paths = paths, .n = COUNT(paths)}, word);
}

/* Opens folder/name; 0 or errno. */
static int try_open(const char *folder, const char *name, int flags)
{
	char path[2 * FOLDER_FILE];
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int make_folder(const char *path)
{
	return mkdir(path, 0700);
}

static int make_link(const char *path)
{
	return symlink(UNREACHABLE, path);
}

static int make_pipe(const char *path)
{
	return mkfifo(path, 0600);
}

/* Does that to folder/name; 0 or errno. */
static int try_on(const char *folder, const char *name, int (*make)(const char *))
{
	char path[2 * FOLDER_FILE];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return make(path) == 0 ? 0 : errno;
}

static int try_connect(const struct place *p)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int status = connect(fd, (const void *)&p->address, sizeof p->address) == 0 ? 0 : errno;

	close(fd);
	return status;
}

static int try_bind(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int status = bind(fd, (void *)&any, sizeof any) == 0 ? 0 : errno;

	close(fd);
	return status;
}

/* --------------------------------------------------------------------- files */

static void read_files(const void *context)
{
	const struct place *p = context;

	enter_place(p, "files");
	child_need(try_open(p->content, "", O_RDONLY | O_DIRECTORY) == 0);
	child_need(try_open(p->content, "digest.yaml", O_RDONLY) == 0);
	child_need(try_open(p->content, "entries/a.yaml", O_RDONLY) == 0);
	child_need(try_open(p->folder, "file", O_RDONLY) == 0);
	child_need(try_open("", UNREACHABLE, O_RDONLY) == EACCES);
	child_need(try_open(p->folder, "secret", O_RDONLY) == EACCES);
	child_need(try_open(p->folder, "", O_RDONLY | O_DIRECTORY) == EACCES);
	child_need(try_open(p->content, "../secret", O_RDONLY) == EACCES);
	child_need(try_open("/proc/self", "status", O_RDONLY) == EACCES);
}

static void only_the_named_files_can_be_read(void **state)
{
	child_run(read_files, *state);
}

static void change_what_is_read(const void *context)
{
	const struct place *p = context;

	enter_place(p, "files");
	child_need(try_open(p->content, "new", O_WRONLY | O_CREAT) == EACCES);
	child_need(try_open(p->content, "digest.yaml", O_WRONLY | O_APPEND) == EACCES);
	child_need(try_open(p->folder, "file", O_RDWR) == EACCES);
	child_need(try_on(p->content, "digest.yaml", unlink) == EACCES);
	child_need(try_on(p->content, "new", make_folder) == EACCES);
	child_need(try_on(p->content, "new", make_link) == EACCES);
	child_need(try_on(p->content, "new", make_pipe) == EACCES);
}

static void what_is_read_cannot_be_changed(void **state)
{
	child_run(change_what_is_read, *state);
}

static void write_logs(const void *context)
{
	const struct place *p = context;

	enter_place(p, "files");
	child_need(try_open(p->logs, "new.log", O_WRONLY | O_CREAT | O_APPEND) == 0);
	child_need(try_open(p->logs, "old.log", O_WRONLY | O_CREAT | O_APPEND) == 0);
	child_need(try_open(p->logs, "old.log", O_RDONLY) == EACCES);
	child_need(try_on(p->logs, "old.log", unlink) == EACCES);
}

static void logs_can_be_written_but_not_read_or_removed(void **state)
{
	child_run(write_logs, *state);
}

static void truncate_log(const void *context)
{
	const struct place *p = context;

	enter_place(p, "files");
	child_need(try_open(p->logs, "old.log", O_WRONLY | O_TRUNC) == EACCES);
}

static void a_log_cannot_be_emptied(void **state)
{
	child_run(truncate_log, *state);
}

/* ------------------------------------------------------------------- network */

static void connect_out(const void *context)
{
	enter_place(context, "connections");
	child_need(try_connect(context) == EACCES);
}

static void connections_cannot_be_opened(void **state)
{
	child_run(connect_out, *state);
}

static void connect_as_allowed(const void *context)
{
	enter(&(struct os_confine){.network_out = true}, "connections");
	child_need(try_connect(context) == 0);
	child_need(try_bind() == EACCES);
}

static void connections_can_be_opened_where_wanted(void **state)
{
	const struct place *p = *state;

	child_run(connect_as_allowed, p);
	close(accept(p->listener, NULL, NULL)); /* not left for the next test */
}

static void bind_port(const void *context)
{
	enter_place(context, "connections");
	child_need(try_bind() == EACCES);
}

static void ports_cannot_be_bound(void **state)
{
	child_run(bind_port, *state);
}

static void accept_one(const void *context)
{
	const struct place *p = context;
	int fd;

	enter_place(p, NULL);
	fd = accept(p->listener, NULL, NULL);
	child_need(fd >= 0);
	child_need(send(fd, "x", 1, 0) == 1);
}

static void the_listening_socket_still_accepts(void **state)
{
	const struct place *p = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char c = 0;

	assert_int_equal(connect(fd, (const void *)&p->address, sizeof p->address), 0);
	child_run(accept_one, p);
	assert_int_equal(recv(fd, &c, 1, 0), 1);
	assert_int_equal(c, 'x');
	close(fd);
}

/* ---------------------------------------------------------------- privileges */

static void lose_core_files(const void *context)
{
	struct rlimit limit;

	(void)context;
	os_confine_no_dumps();
	child_need(getrlimit(RLIMIT_CORE, &limit) == 0);
	child_need(limit.rlim_cur == 0 && limit.rlim_max == 0);
#ifdef PR_GET_DUMPABLE
	child_need(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
#endif
}

static void no_core_is_dumped(void **state)
{
	child_run(lose_core_files, *state);
}

#ifdef __linux__

static bool has_capability(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct have[_LINUX_CAPABILITY_U32S_3];
	bool any = false;

	child_need(syscall(SYS_capget, &header, have) == 0);
	for (size_t i = 0; i < COUNT(have); i++)
		any = any || have[i].effective || have[i].permitted || have[i].inheritable;
	return any;
}

static bool is_bounded(void)
{
	for (unsigned long c = 0; c <= 63; c++)
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			return false;
	return true;
}

static void lose_powers(const void *context)
{
	bool root = geteuid() == 0;

	enter_place(context, "privileges");
	child_need(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	child_need(!has_capability());
	child_need(!root || is_bounded());
}

static void every_privilege_is_gone(void **state)
{
	child_run(lose_powers, *state);
}

static void keep_ids_until_the_end(const void *context)
{
	gid_t groups[] = {59999};
	struct user u = {"stranger", 59999, 59999, groups, 1};
	struct buf why = {0};

	os_confine_prepare();
	child_need(user_become(&u, &why));
	enter_place(context, "privileges");
	child_need(!has_capability() && is_bounded());
	child_need(getuid() == 59999);
}

static void root_goes_the_whole_way(void **state)
{
	if (geteuid() != 0)
		skip();
	child_run(keep_ids_until_the_end, *state);
}

/* With this bit, a process keeps its capabilities, CAP_SETUID among them, as another user. */
static void keep_capabilities(const void *context)
{
	gid_t groups[] = {59999};
	struct user u = {"stranger", 59999, 59999, groups, 1};
	struct buf why = {0};

	(void)context;
	child_need(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0);
	child_need(!user_become(&u, &why));
	child_need(strstr(buf_z(&why), "could still be root again"));
	buf_free(&why);
}

static void root_that_could_come_back_is_noticed(void **state)
{
	if (geteuid() != 0)
		skip();
#ifdef __SANITIZE_THREAD__
	skip(); /* it has a thread, whose securebits are its own, and glibc wants threads to agree */
#endif
	child_run(keep_capabilities, *state);
}

/* ------------------------------------------------------- signals and sockets */

static void send_signals(const void *context)
{
	pid_t pid;
	int status;

	enter_place(context, "signals");
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	child_need(kill(pid, SIGTERM) == 0);
	child_need(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	child_need(kill(getppid(), 0) != 0 && errno == EPERM);
}

static void signals_reach_its_own_children_only(void **state)
{
	child_run(send_signals, *state);
}

/* As an old process does with a new one that is confined within it. */
static void signal_the_nested(const void *context)
{
	int ready[2], status;
	char c;
	pid_t pid;

	enter_place(context, "signals");
	child_need(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		enter_place(context, NULL);
		child_need(write(ready[1], "x", 1) == 1);
		pause();
	}
	child_need(read(ready[0], &c, 1) == 1);
	child_need(kill(pid, SIGTERM) == 0);
	child_need(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static void the_old_process_can_signal_the_new(void **state)
{
	child_run(signal_the_nested, *state);
}

/* The address of an abstract socket of this test. */
static socklen_t abstract_address(struct sockaddr_un *a, pid_t pid)
{
	int n;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "digestd-test-%d", (int)pid);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int notify_abstract(void)
{
	struct sockaddr_un a;
	socklen_t size = abstract_address(&a, getppid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	int status = sendto(fd, "READY=1", 7, 0, (void *)&a, size) == 7 ? 0 : errno;

	close(fd);
	return status;
}

static void notify_unasked(const void *context)
{
	enter_place(context, "signals");
	child_need(notify_abstract() == EPERM);
}

static void notify_as_allowed(const void *context)
{
	(void)context;
	enter(&(struct os_confine){.abstract_sockets = true}, "signals");
	child_need(notify_abstract() == 0);
	child_need(kill(getppid(), 0) != 0 && errno == EPERM);
}

static void abstract_sockets_are_for_those_who_ask(void **state)
{
	struct sockaddr_un a;
	socklen_t size = abstract_address(&a, getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (void *)&a, size), 0);
	child_run(notify_unasked, *state);
	child_run(notify_as_allowed, *state);
	close(fd);
}

/* ------------------------------------------------------------- older kernels */

/* One row: at most this ABI, and what is said to be lacking there, or not. */
struct older {
	int abi;
	const char *lacking, *there;
};

static void enter_as_on_older(const void *context)
{
	const struct older *row = context;
	struct os_confine_path tmp = {"/tmp", OS_CONFINE_RUN};
	struct buf missing = {0};

	child_need(os_confine_enter(
	    &(struct os_confine){.paths = &tmp, .n = 1, .kernel = row->abi}, &missing));
	child_need(strstr(buf_z(&missing), row->lacking));
	child_need(!row->there || !strstr(buf_z(&missing), row->there));
	child_need(!strchr(buf_z(&missing), '\n'));
	child_need((try_open("", UNREACHABLE, O_RDONLY) == 0) == (row->abi < 0));
	child_need((try_bind() == 0) == (row->abi < 4));
	buf_free(&missing);
}

/* Only a kernel that lacks nothing can play each of the older ones. */
static void skip_unless_new(const void *context)
{
	(void)context;
	enter(&(struct os_confine){0}, "Landlock");
}

static void an_older_kernel_does_what_it_can_and_the_rest_is_said(void **state)
{
	static const struct older rows[] = {
	    {-1, "has no Landlock (Linux 5.13)", NULL},
	    {1, "truncation of files (Landlock 3, Linux 6.2), forbid outgoing", "Linux 5.13"},
	    {2, "truncation of files (Landlock 3, Linux 6.2), forbid outgoing", "Linux 5.19"},
	    {3, "this kernel cannot forbid outgoing connections (Landlock 4, Linux 6.7)",
		"truncation"},
	    {4, "this kernel cannot forbid the control of devices", "outgoing"},
	    {5, "this kernel cannot forbid signals to other processes", "devices"},
	};

	(void)state;
	child_run(skip_unless_new, NULL);
	for (size_t i = 0; i < COUNT(rows); i++)
		child_run(enter_as_on_older, &rows[i]);
}

static void enter_often(const void *context)
{
	const struct place *p = context;
	struct os_confine_path path = {p->content, OS_CONFINE_READ};
	struct os_confine c = {.paths = &path, .n = 1};
	struct buf missing = {0};

	enter(&c, "files");
	for (int i = 2; i <= 16; i++)
		enter(&c, "no more than 16");
	child_need(os_confine_enter(&c, &missing));
	child_need(strstr(buf_z(&missing), "no more than 16"));
	child_need(try_open(p->content, "digest.yaml", O_RDONLY) == 0);
	child_need(try_open("", UNREACHABLE, O_RDONLY) == EACCES);
	buf_free(&missing);
}

static void many_upgrades_in_a_row_stay_confined(void **state)
{
	child_run(enter_often, *state);
}

/* ------------------------------------------------------------- a new program */

/* The directory of this very program, and its path. */
static void find_self(char path[4096], char dir[4096])
{
	ssize_t n = readlink("/proc/self/exe", path, 4095);

	assert_true(n > 0);
	path[n] = '\0';
	memcpy(dir, path, (size_t)n + 1);
	*strrchr(dir, '/') = '\0';
}

static void run_new_program(const void *context)
{
	static struct os_confine_path paths[64];
	const struct place *p = context;
	char self[4096], dir[4096];
	size_t n;
	const struct os_confine_path *of_system = os_confine_system(&n);

	find_self(self, dir);
	child_need(n + 2 <= COUNT(paths));
	memcpy(paths, of_system, n * sizeof *paths);
	paths[n++] = (struct os_confine_path){dir, OS_CONFINE_RUN};
	paths[n++] = (struct os_confine_path){p->content, OS_CONFINE_READ};
	enter(&(struct os_confine){.paths = paths, .n = n}, "files");
	execl("/bin/ls", "ls", (char *)NULL);
	child_need(errno == EACCES);
	execl(self, self, SUCCESSOR, p->content, (char *)NULL);
	_exit(CHILD_WELL + 1); /* it can be run, so this is not reached */
}

static void a_new_program_can_be_run(void **state)
{
	const struct place *p = *state;
	struct buf crt = {0}, key = {0}, why = {0};

	buf_printf(&crt, "%s/localhost.crt", p->content);
	buf_printf(&key, "%s/localhost.key", p->content);
	assert_true(certificate_make(STR("localhost"), buf_z(&crt), buf_z(&key), &why));
	buf_free(&crt);
	buf_free(&key);
	child_run(run_new_program, p);
}

/* This program, run by a confined process: its libraries are there, its key can be
 * read, and it is confined too. */
static int be_successor(const char *content)
{
	struct tls_store *tls = tls_store_new();
	struct buf crt = {0}, key = {0}, why = {0};

	buf_printf(&crt, "%s/localhost.crt", content);
	buf_printf(&key, "%s/localhost.key", content);
	child_need(tls_store_add(tls, STR("localhost"), buf_z(&crt), buf_z(&key), &why));
	tls_store_unref(tls);
	child_need(try_open("", UNREACHABLE, O_RDONLY) == EACCES);
	execl("/bin/ls", "ls", (char *)NULL);
	child_need(errno == EACCES);
	child_need(try_open("", "/dev/null", O_RDWR) == 0);
	child_need(try_open("", "/dev/urandom", O_RDONLY) == 0);
	child_need(try_open("", "/etc/ssl/openssl.cnf", O_RDONLY) != EACCES);
	enter(&(struct os_confine){0}, NULL);
	child_need(try_open("", "/dev/null", O_RDWR) == EACCES);
	_exit(CHILD_WELL);
}

#endif

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_the_named_files_can_be_read),
	    cmocka_unit_test(what_is_read_cannot_be_changed),
	    cmocka_unit_test(logs_can_be_written_but_not_read_or_removed),
	    cmocka_unit_test(a_log_cannot_be_emptied),
	    cmocka_unit_test(connections_cannot_be_opened),
	    cmocka_unit_test(connections_can_be_opened_where_wanted),
	    cmocka_unit_test(ports_cannot_be_bound),
	    cmocka_unit_test(the_listening_socket_still_accepts),
	    cmocka_unit_test(no_core_is_dumped),
#ifdef __linux__
	    cmocka_unit_test(every_privilege_is_gone),
	    cmocka_unit_test(root_goes_the_whole_way),
	    cmocka_unit_test(root_that_could_come_back_is_noticed),
	    cmocka_unit_test(signals_reach_its_own_children_only),
	    cmocka_unit_test(the_old_process_can_signal_the_new),
	    cmocka_unit_test(abstract_sockets_are_for_those_who_ask),
	    cmocka_unit_test(an_older_kernel_does_what_it_can_and_the_rest_is_said),
	    cmocka_unit_test(many_upgrades_in_a_row_stay_confined),
	    cmocka_unit_test(a_new_program_can_be_run),
#endif
	};

#ifdef __linux__
	if (argc > 2 && strcmp(argv[1], SUCCESSOR) == 0)
		return be_successor(argv[2]);
#endif
	(void)argc;
	(void)argv;
	return cmocka_run_group_tests(tests, setup, teardown);
}
