#include "config.h"

#include "serve/successor.h"
#include "base/arena.h"
#include "base/mem.h"
#include "serve/inherited.h"
#include "serve/signals.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_VARIABLE "DIGESTD_READY_FD"

/* What comes through the pipe: it serves; or, with an errno behind it, it could not be run. */
#define SAYS_READY 'r'
#define SAYS_ERROR 'e'

struct successor {
	pid_t pid;
	int fd; /* owned; the pipe's end to read, which does not block */
	enum successor_state state;
};

/* ------------------------------------------------------------------- the way back to the program */

/*
 * The path from the root on. Links in it stay, for another version may be where they lead
 * then.
 */
static char *absolute(struct str path, struct buf *why)
{
	struct buf out = {0};
	char *here = NULL;

	if (!str_starts(path, STR("/"))) {
		here = getcwd(NULL, 0);
		if (!here) {
			buf_printf(
			    why, "the working directory cannot be reached: %s", strerror(errno));
			return NULL;
		}
		buf_printf(&out, "%s%s", here, strcmp(here, "/") == 0 ? "" : "/");
	}
	while (str_starts(path, STR("./")))
		path = str_skip(path, 2);
	buf_add(&out, path);
	free(here);
	buf_z(&out);
	return buf_detach(&out, NULL);
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Looks for the program as the shell did that started it; an empty folder is the current one. */
static bool find_in_path(struct str name, struct buf *found)
{
	struct str path = str_of(getenv("PATH")), folder;

	while (str_next_field(&path, ':', &folder)) {
		found->len = 0;
		buf_add(found, folder.n > 0 ? folder : STR("."));
		buf_addc(found, '/');
		buf_add(found, name);
		if (is_program(buf_z(found)))
			return true;
	}
	return false;
}

char *successor_program(const char *argv0, struct buf *why)
{
	struct str name = str_of(argv0);
	struct buf found = {0};
	char *program = NULL;

	if (str_index(name, '/') < name.n)
		return absolute(name, why);
	if (name.n > 0 && find_in_path(name, &found))
		program = absolute(buf_str(&found), why);
	else
		buf_printf(why, "\"%.*s\" is not in PATH: start the program by its full path",
		    STR_ARGS(name));
	buf_free(&found);
	return program;
}

/* ------------------------------------------------------------------------- before the fork */

/* All that the child needs: it may not allocate, for another thread may have held the lock. */
struct plan {
	struct arena *arena; /* owned: what follows */
	const char *program;
	char *const *argv;
	char **environment;
	char *pid;        /* in the environment: room for the digits of the child's number */
	int *descriptors; /* for those from INHERITED_FIRST_FD on; the last is the pipe */
	size_t n;         /* descriptors */
	int signals;      /* the highest number of a signal */
};

/* Room for the digits of any pid_t, and a NUL. */
#define PID_SIZE 24

/* True for a variable that speaks of this process, not of its child. */
static bool is_own(const char *variable)
{
	static const char *const names[] = {
	    "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", READY_VARIABLE "="};
	char watchdog[64];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_starts(str_of(variable), str_of(names[i])))
			return true;
	/* Without it, WATCHDOG_USEC is for whoever finds it: the successor will be watched. */
	snprintf(watchdog, sizeof watchdog, "WATCHDOG_PID=%jd", (intmax_t)getpid());
	return strcmp(variable, watchdog) == 0;
}

static char *variable(struct plan *p, const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 2;
	char *text = arena_alloc(p->arena, size);

	snprintf(text, size, "%s=%s", name, value);
	return text;
}

static char *names_variable(struct plan *p, const struct successor_socket *sockets, size_t n)
{
	struct buf names = {0};
	char *text;

	for (size_t i = 0; i < n; i++) {
		assert(!strchr(sockets[i].name, ':'));
		buf_printf(&names, "%s%s", i > 0 ? ":" : "", sockets[i].name);
	}
	text = variable(p, "LISTEN_FDNAMES", buf_z(&names));
	buf_free(&names);
	return text;
}

/* A name, and room for a number, which may be written later. */
static char *number_variable(struct plan *p, const char *name, char **digits)
{
	size_t n = strlen(name) + 1;
	char *text = arena_alloc(p->arena, n + PID_SIZE);

	snprintf(text, n + 1, "%s=", name);
	*digits = text + n;
	return text;
}

static void plan_environment(struct plan *p, const struct successor_socket *sockets, size_t n)
{
	size_t have = 0, kept = 0;
	char *count, *ready;

	while (environ[have])
		have++;
	p->environment = arena_array(p->arena, have + 5, sizeof *p->environment);
	for (size_t i = 0; i < have; i++)
		if (!is_own(environ[i]))
			p->environment[kept++] = environ[i];
	p->environment[kept++] = names_variable(p, sockets, n);
	p->environment[kept++] = number_variable(p, "LISTEN_PID", &p->pid);
	p->environment[kept++] = number_variable(p, "LISTEN_FDS", &count);
	p->environment[kept++] = number_variable(p, READY_VARIABLE, &ready);
	snprintf(count, PID_SIZE, "%zu", n);
	snprintf(ready, PID_SIZE, "%zu", INHERITED_FIRST_FD + n);
}

static void plan_descriptors(
    struct plan *p, const struct successor_socket *sockets, size_t n, int ready)
{
	p->n = n + 1;
	p->descriptors = arena_array(p->arena, p->n, sizeof *p->descriptors);
	for (size_t i = 0; i < n; i++)
		p->descriptors[i] = sockets[i].fd;
	p->descriptors[n] = ready;
}

/* -------------------------------------------------- in the child: async-signal-safe calls only */

static void write_number(char *out, pid_t number)
{
	char digits[PID_SIZE];
	size_t n = 0;

	for (; number > 0; number /= 10)
		digits[n++] = (char)('0' + number % 10);
	while (n > 0)
		*out++ = digits[--n];
	*out = '\0';
}

/*
 * Handlers are of the old process; an ignored signal would stay ignored. None by which it is
 * asked for something is to end the new one before it can hear.
 */
static bool reset_signals(int signals)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t held;

	for (int i = 1; i <= signals; i++)
		sigaction(i, &action, NULL); /* that some cannot be changed does not matter */
	signals_asking(&held);
	return sigprocmask(SIG_SETMASK, &held, NULL) == 0;
}

/*
 * Brings the descriptors to their places. Where they come from may be where others go to: so
 * first all are moved past those places, as copies that end with exec.
 */
static bool place_descriptors(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		int copy =
		    fcntl(p->descriptors[i], F_DUPFD_CLOEXEC, INHERITED_FIRST_FD + (int)p->n);

		if (copy < 0)
			return false;
		p->descriptors[i] = copy;
	}
	for (size_t i = 0; i < p->n; i++)
		if (dup2(p->descriptors[i], INHERITED_FIRST_FD + (int)i) < 0)
			return false;
	return true;
}

static _Noreturn void become_successor(struct plan *p)
{
	char message[2] = {SAYS_ERROR};

	write_number(p->pid, getpid());
	if (reset_signals(p->signals) && place_descriptors(p))
		execve(p->program, p->argv, p->environment);
	message[1] = (char)errno;
	if (write(p->descriptors[p->n - 1], message, sizeof message) < 0)
		_exit(126); /* nobody listens */
	_exit(127);
}

/* ------------------------------------------------------------------------------ in the parent */

/* No handler of this process may run in the child. */
static pid_t fork_successor(struct plan *p)
{
	sigset_t all, before;
	pid_t pid;

	p->signals = SIGRTMAX;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become_successor(p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static struct successor *successor_new(pid_t pid, int fd)
{
	struct successor *s = mem_zalloc(1, sizeof *s);

	s->pid = pid;
	s->fd = fd;
	return s;
}

struct successor *successor_start(const char *program, char *const argv[],
    const struct successor_socket *sockets, size_t n, struct buf *why)
{
	struct plan p = {.program = program, .argv = argv};
	int ends[2];
	pid_t pid;

	if (n > SUCCESSOR_SOCKETS_MAX) {
		buf_printf(why,
		    "%zu sockets are too many to hand over, %u at most: use fewer "
		    "listeners or workers",
		    n, SUCCESSOR_SOCKETS_MAX);
		return NULL;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		buf_printf(why, "no pipe: %s", strerror(errno));
		return NULL;
	}
	p.arena = arena_new(0);
	plan_environment(&p, sockets, n);
	plan_descriptors(&p, sockets, n, ends[1]);
	pid = fork_successor(&p);
	if (pid < 0) {
		buf_printf(why, "no new process: %s", strerror(errno));
		close(ends[0]);
	}
	close(ends[1]);
	arena_free(p.arena);
	return pid < 0 ? NULL : successor_new(pid, ends[0]);
}

pid_t successor_pid(const struct successor *s)
{
	return s->pid;
}

int successor_fd(const struct successor *s)
{
	return s->fd;
}

static void say_end(struct buf *why, const siginfo_t *end)
{
	if (end->si_code == CLD_EXITED)
		buf_printf(why, "it ended with status %d", end->si_status);
	else
		buf_printf(why, "it was killed by signal %d (%s)", end->si_status,
		    strsignal(end->si_status));
}

/*
 * It is to end, or is just ending: waits for it and says how. To one that has ended already,
 * the signal does nothing, nor to what it is remembered for.
 */
static enum successor_state reap(struct successor *s, struct buf *why)
{
	siginfo_t end = {0};
	int failed;

	kill(s->pid, SIGKILL);
	do
		failed = waitid(P_PID, (id_t)s->pid, &end, WEXITED);
	while (failed && errno == EINTR);
	if (failed) {
		buf_printf(why, "it cannot be waited for: %s", strerror(errno));
	} else {
		say_end(why, &end);
		buf_addz(why, " before it served");
		if (end.si_code == CLD_EXITED)
			buf_addz(why, "; its own messages say why");
	}
	return s->state = SUCCESSOR_FAILED;
}

static enum successor_state check_serving(struct successor *s, struct buf *why)
{
	siginfo_t end = {0};

	if (waitid(P_PID, (id_t)s->pid, &end, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    end.si_pid != s->pid)
		return s->state;
	if (end.si_code == CLD_EXITED && end.si_status == 0)
		return s->state = SUCCESSOR_ENDED;
	say_end(why, &end);
	return s->state = SUCCESSOR_LOST;
}

enum successor_state successor_check(struct successor *s, struct buf *why)
{
	struct buf ended = {0};
	char message[2];
	ssize_t n;

	if (s->state == SUCCESSOR_READY)
		return check_serving(s, why);
	if (s->state != SUCCESSOR_STARTING)
		return s->state;
	n = read(s->fd, message, sizeof message);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return SUCCESSOR_STARTING;
	if (n > 0 && message[0] == SAYS_READY)
		return s->state = SUCCESSOR_READY;
	if (n < 2)
		return reap(s, why);
	buf_printf(why, "it cannot be run: %s", strerror((unsigned char)message[1]));
	reap(s, &ended);
	buf_free(&ended);
	return s->state;
}

enum successor_state successor_give_up(struct successor *s, struct buf *why)
{
	struct buf killed = {0};

	if (successor_check(s, why) != SUCCESSOR_STARTING)
		return s->state;
	buf_addz(why, "it did not serve in time, and was killed");
	reap(s, &killed);
	buf_free(&killed);
	return s->state;
}

void successor_free(struct successor *s)
{
	struct buf why = {0};

	if (!s)
		return;
	successor_give_up(s, &why);
	buf_free(&why);
	close(s->fd);
	free(s);
}

/* ------------------------------------------------------------------------------ the new process */

/* Another program may have passed the variable on, and not the pipe. */
int successor_ready_fd(void)
{
	struct stat st;
	uint64_t fd;

	if (!str_to_uint(str_of(getenv(READY_VARIABLE)), INT32_MAX, &fd))
		return -1;
	unsetenv(READY_VARIABLE);
	return fstat((int)fd, &st) == 0 && S_ISFIFO(st.st_mode) ? (int)fd : -1;
}

void successor_say_ready(int fd)
{
	const char ready = SAYS_READY;

	if (fd < 0)
		return;
	if (write(fd, &ready, 1) < 0)
		errno = 0; /* the old process has ended: then nobody waits for it */
	close(fd);
}
