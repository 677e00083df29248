/*
 * successor: this program, started again by itself, takes the sockets and says that
 * it serves; or fails, hangs, or cannot be run. Its first argument says which part it plays.
 */
#include "config.h"

#include "check.h"
#include "folder.h"
#include "serve/inherited.h"
#include "serve/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* ---------------------------------------------------------------------------- as the successor */

/* What it finds, as text; "well" when all is as it should be. */
static const char *inspect(struct inherited *in)
{
	struct sigaction action;
	struct buf why = {0};
	sigset_t mask;

	if (!inherited_take(in, &why))
		return buf_z(&why);
	if (in->n != 2 || strcmp(in->sockets[0].name, "gopher") != 0 ||
	    strcmp(in->sockets[1].name, "gemini-2") != 0)
		return "other sockets";
	if (!getenv("PATH") || getenv("WATCHDOG_PID") || !getenv("WATCHDOG_USEC"))
		return "another environment";
	if (sigaction(SIGPIPE, NULL, &action) != 0 || action.sa_handler != SIG_DFL)
		return "a signal is ignored";
	if (sigprocmask(SIG_BLOCK, NULL, &mask) != 0 || sigismember(&mask, SIGTERM) ||
	    !sigismember(&mask, SIGHUP))
		return "a signal is blocked";
	for (int fd = 6; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return "another descriptor is open";
	return "well";
}

/* Says that it serves, and serves each socket once: its place, and what was found. */
static int serve(void)
{
	struct inherited in = {0};
	const char *found = inspect(&in);

	signal(SIGPIPE, SIG_IGN);
	successor_say_ready(successor_ready_fd());
	if (getenv("DIGESTD_READY_FD") || successor_ready_fd() != -1)
		found = "the variable is still there";
	successor_say_ready(-1); /* does nothing */
	for (size_t i = 0; i < in.n; i++) {
		struct pollfd p = {.fd = in.sockets[i].fd, .events = POLLIN};
		int fd;

		poll(&p, 1, PATIENCE_MS);
		fd = accept(in.sockets[i].fd, NULL, NULL);
		dprintf(fd, "%zu %s", i, found);
		close(fd);
	}
	return 0;
}

static int play(const char *part)
{
	struct pollfd p = {.fd = 5};

	if (strcmp(part, "serve") == 0)
		return serve();
	if (strcmp(part, "fail") == 0)
		return 3;
	if (strcmp(part, "mute") == 0)
		close(p.fd); /* the pipe */
	poll(NULL, 0, PATIENCE_MS);
	return 4;
}

/* ------------------------------------------------------------------------------- as the old one */

struct fixture {
	char *program;
	struct successor_socket sockets[2];
	struct net_address addresses[2];
};

static void listen_on(struct fixture *f, int i, const char *name)
{
	struct net_address *a = &f->addresses[i];
	const char *why;

	assert_int_equal(address_parse(STR("127.0.0.1:0"), a, &why), 1);
	f->sockets[i] =
	    (struct successor_socket){socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), name};
	assert_int_equal(bind(f->sockets[i].fd, (struct sockaddr *)&a->ss, a->len), 0);
	assert_int_equal(listen(f->sockets[i].fd, 5), 0);
	assert_int_equal(getsockname(f->sockets[i].fd, (struct sockaddr *)&a->ss, &a->len), 0);
}

static int set_up(void **state)
{
	struct fixture *f = *state;

	listen_on(f, 0, "gopher");
	listen_on(f, 1, "gemini-2");
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	close(f->sockets[0].fd);
	close(f->sockets[1].fd);
	return 0;
}

/* Moves the sockets to those numbers. */
static void move(struct fixture *f, int first, int second)
{
	int to[2] = {first, second};

	for (int i = 0; i < 2; i++) {
		int high = fcntl(f->sockets[i].fd, F_DUPFD_CLOEXEC, 50);

		close(f->sockets[i].fd);
		f->sockets[i].fd = high;
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dup3(f->sockets[i].fd, to[i], O_CLOEXEC), to[i]);
		close(f->sockets[i].fd);
		f->sockets[i].fd = to[i];
	}
}

static struct successor *start(const struct fixture *f, const char *program, const char *part)
{
	char role[16];
	char *argv[] = {(char[]){"successor"}, role, NULL};
	struct buf why = {0};
	struct successor *s;

	snprintf(role, sizeof role, "%s", part);
	s = successor_start(program, argv, f->sockets, 2, &why);
	check_buf(&why, "");
	assert_non_null(s);
	return s;
}

/* Waits for its news. */
static enum successor_state await(struct successor *s, struct buf *why)
{
	struct pollfd p = {.fd = successor_fd(s), .events = POLLIN};

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	return successor_check(s, why);
}

static bool has_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) < 0 && errno == ECHILD;
}

static void check_served(const struct net_address *a, const char *want)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[128];
	ssize_t n;

	assert_int_equal(connect(fd, (const struct sockaddr *)&a->ss, a->len), 0);
	n = read(fd, text, sizeof text);
	assert_true(n >= 0);
	check_same(((struct str){text, (size_t)n}), str_of(want));
	close(fd);
}

/* It takes the sockets, serves both, and outlives what the old process knows of it. */
static void check_succession(const struct fixture *f)
{
	struct successor *s = start(f, f->program, "serve");
	struct buf why = {0};
	pid_t pid = successor_pid(s);
	int status;

	assert_int_equal(await(s, &why), SUCCESSOR_READY);
	assert_int_equal(successor_check(s, &why), SUCCESSOR_READY);
	assert_int_equal(successor_give_up(s, &why), SUCCESSOR_READY);
	check_buf(&why, "");
	successor_free(s);
	check_served(&f->addresses[0], "0 well");
	check_served(&f->addresses[1], "1 well");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void it_takes_the_sockets_and_says_that_it_serves(void **state)
{
	char pid[32];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("WATCHDOG_USEC", "1000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	setenv("LISTEN_PID", pid, 1);
	setenv("DIGESTD_READY_FD", "99", 1);
	signal(SIGPIPE, SIG_IGN);
	check_succession(*state);
	signal(SIGPIPE, SIG_DFL);
	unsetenv("LISTEN_PID");
	unsetenv("DIGESTD_READY_FD");
}

static void the_sockets_may_have_any_numbers(void **state)
{
	static const int numbers[][2] = {{4, 3}, {5, 4}, {3, 4}, {40, 3}, {6, 5}, {40, 41}};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		move(f, numbers[i][0], numbers[i][1]);
		check_succession(f);
	}
}

static void signals_are_as_before(void **state)
{
	struct fixture *f = *state;
	struct successor *s;
	sigset_t one, now;

	sigemptyset(&one);
	sigaddset(&one, SIGTERM);
	sigprocmask(SIG_SETMASK, &one, NULL);
	check_succession(f); /* where it is not blocked */
	s = start(f, f->program, "fail");
	sigprocmask(SIG_BLOCK, NULL, &now);
	assert_true(sigismember(&now, SIGTERM) && !sigismember(&now, SIGHUP));
	sigemptyset(&one);
	sigprocmask(SIG_SETMASK, &one, NULL);
	successor_free(s);
}

/* Waits for its end, as far as it is told. */
static enum successor_state outlive(struct successor *s, struct buf *why)
{
	enum successor_state state = successor_check(s, why);

	for (int ms = 0; state == SUCCESSOR_READY && ms < PATIENCE_MS; ms += 5) {
		usleep(5000);
		state = successor_check(s, why);
	}
	return state;
}

/* Its status is for others. */
static void the_end_of_one_that_served_is_told(void **state)
{
	struct fixture *f = *state;
	struct successor *s = start(f, f->program, "serve");
	struct buf why = {0};

	assert_int_equal(await(s, &why), SUCCESSOR_READY);
	check_served(&f->addresses[0], "0 well");
	check_served(&f->addresses[1], "1 well");
	assert_int_equal(outlive(s, &why), SUCCESSOR_ENDED);
	check_buf(&why, "");
	assert_int_equal(waitpid(successor_pid(s), NULL, 0), successor_pid(s));
	successor_free(s);
	s = start(f, f->program, "serve");
	assert_int_equal(await(s, &why), SUCCESSOR_READY);
	kill(successor_pid(s), SIGKILL);
	assert_int_equal(outlive(s, &why), SUCCESSOR_LOST);
	check_buf(&why, "it was killed by signal 9 (Killed)");
	assert_int_equal(successor_check(s, &why), SUCCESSOR_LOST);
	check_buf(&why, "");
	assert_int_equal(waitpid(successor_pid(s), NULL, 0), successor_pid(s));
	successor_free(s);
}

static void one_that_fails_is_explained(void **state)
{
	struct fixture *f = *state;
	struct successor *s = start(f, f->program, "fail");
	struct buf why = {0};

	assert_int_equal(await(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "it ended with status 3 before it served; its own messages say why");
	assert_true(has_ended(successor_pid(s)));
	assert_int_equal(successor_check(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "");
	successor_free(s);
}

static void one_that_cannot_be_run_is_explained(void **state)
{
	struct fixture *f = *state;
	struct successor *s = start(f, "/nowhere/digestd", "serve");
	struct buf why = {0};

	assert_int_equal(await(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "it cannot be run: No such file or directory");
	assert_true(has_ended(successor_pid(s)));
	successor_free(s);
	s = start(f, "/etc/passwd", "serve");
	assert_int_equal(await(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "it cannot be run: Permission denied");
	successor_free(s);
}

static void one_that_hangs_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct successor *s = start(f, f->program, "hang");
	struct buf why = {0};
	pid_t pid;

	assert_int_equal(successor_check(s, &why), SUCCESSOR_STARTING);
	assert_int_equal(successor_give_up(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "it did not serve in time, and was killed");
	assert_true(has_ended(successor_pid(s)));
	successor_free(s);
	s = start(f, f->program, "hang");
	pid = successor_pid(s);
	successor_free(s); /* kills it, too */
	assert_true(has_ended(pid));
	successor_free(NULL);
}

static void one_that_closes_its_pipe_has_failed(void **state)
{
	struct fixture *f = *state;
	struct successor *s = start(f, f->program, "mute");
	struct buf why = {0};

	assert_int_equal(await(s, &why), SUCCESSOR_FAILED);
	check_buf(&why, "it was killed by signal 9 (Killed) before it served");
	assert_true(has_ended(successor_pid(s)));
	successor_free(s);
}

static void too_many_sockets_are_refused(void **state)
{
	struct fixture *f = *state;
	struct successor_socket many[SUCCESSOR_SOCKETS_MAX + 1];
	struct buf why = {0};

	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = f->sockets[0];
	assert_null(successor_start(f->program, (char *[]){NULL}, many, COUNT(many), &why));
	check_buf(&why,
	    "257 sockets are too many to hand over, 256 at most: use fewer listeners or "
	    "workers");
}

/* A thread that is nearly always within the allocator. */
static void *allocate(void *ending)
{
	while (!atomic_load((atomic_bool *)ending)) {
		free(malloc(100));
		free(malloc(100000));
	}
	return NULL;
}

static void other_threads_do_not_disturb(void **state)
{
	atomic_bool ending = false;
	pthread_t threads[2];

	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, allocate, &ending), 0);
	for (int i = 0; i < 20; i++)
		check_succession(*state);
	atomic_store(&ending, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

static void ready_is_said_to_a_pipe_only(void **state)
{
	int fd = open("/dev/null", O_WRONLY);
	char text[16];

	(void)state;
	assert_int_equal(successor_ready_fd(), -1); /* nobody asked */
	snprintf(text, sizeof text, "%d", fd);
	setenv("DIGESTD_READY_FD", text, 1);
	assert_int_equal(successor_ready_fd(), -1);
	assert_null(getenv("DIGESTD_READY_FD"));
	assert_true(fcntl(fd, F_GETFD) >= 0);
	setenv("DIGESTD_READY_FD", "12x", 1);
	assert_int_equal(successor_ready_fd(), -1);
	close(fd);
	unsetenv("DIGESTD_READY_FD");
}

/* --------------------------------------------------------------------- the way to the program */

/* Found at want below the working directory. */
static void check_program(const char *argv0, const char *want)
{
	char *here = getcwd(NULL, 0), path[FOLDER_FILE];
	struct buf why = {0};
	char *program = successor_program(argv0, &why);

	check_buf(&why, "");
	snprintf(path, sizeof path, "%s/%s", here, want);
	assert_string_equal(program, path);
	free(program);
	free(here);
}

static void the_program_is_found_where_it_was_started(void **state)
{
	char folder[FOLDER_PATH], argv0[FOLDER_FILE], *path = strdup(getenv("PATH"));
	char *program;
	struct buf why = {0};

	(void)state;
	folder_make(folder, "test_successor");
	folder_write(folder, "releases/5/digestd", "#!/bin/sh\n");
	folder_write(folder, "bin/other", "");
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(symlink("../releases/5/digestd", "bin/digestd"), 0);
	assert_int_equal(symlink("releases/5", "current"), 0);
	assert_int_equal(chmod("releases/5/digestd", 0755), 0);
	check_program("bin/digestd", "bin/digestd");
	check_program("./bin/digestd", "bin/digestd");
	check_program("current/digestd", "current/digestd"); /* the link may be turned */
	snprintf(argv0, sizeof argv0, "%s/bin/gone", folder);
	check_program(argv0, "bin/gone"); /* it may be back when it is needed */
	snprintf(argv0, sizeof argv0, "/nowhere::%s/bin", folder);
	setenv("PATH", argv0, 1);
	check_program("digestd", "bin/digestd");
	assert_null(successor_program("other", &why)); /* cannot be run */
	check_buf(&why, "\"other\" is not in PATH: start the program by its full path");
	assert_null(successor_program("", &why));
	buf_free(&why);
	program = successor_program("/digestd", &why);
	assert_string_equal(program, "/digestd");
	free(program);
	setenv("PATH", path, 1);
	free(path);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(folder_remove(folder), 0);
}

int main(int argc, char **argv)
{
	struct fixture f = {0};
	struct buf why = {0};
#define TEST(function)                                                                             \
	{                                                                                          \
#function, function, set_up, tear_down, &f                                         \
	}
	const struct CMUnitTest tests[] = {
	    TEST(it_takes_the_sockets_and_says_that_it_serves),
	    TEST(the_sockets_may_have_any_numbers),
	    TEST(signals_are_as_before),
	    TEST(the_end_of_one_that_served_is_told),
	    TEST(one_that_fails_is_explained),
	    TEST(one_that_cannot_be_run_is_explained),
	    TEST(one_that_hangs_is_given_up),
	    TEST(one_that_closes_its_pipe_has_failed),
	    TEST(too_many_sockets_are_refused),
	    TEST(other_threads_do_not_disturb),
	    TEST(ready_is_said_to_a_pipe_only),
	    TEST(the_program_is_found_where_it_was_started),
	};
	int failed;

	if (argc > 1)
		return play(argv[1]);
	for (int fd = 3; fd < 100; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC); /* of those who started this test */
	f.program = successor_program(argv[0], &why);
	if (!f.program)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(f.program);
	return failed;
}
