/*
 * notify: each message as the protocol has it, at a socket of our own; and nothing
 * happens where no manager listens, stops listening, or reads no more.
 */
#include "config.h"

#include "check.h"
#include "folder.h"
#include "base/clock.h"
#include "serve/notify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A manager's socket, whose name NOTIFY_SOCKET has. */
static int manager(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t n = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, name, n);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
	    0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* The next message, as text. */
static void check_said(int fd, const char *want)
{
	char message[512];
	ssize_t n = recv(fd, message, sizeof message, 0);

	assert_true(n > 0);
	check_same(((struct str){message, (size_t)n}), str_of(want));
}

static struct notify *open_well(void)
{
	struct buf why = {0};
	struct notify *n = notify_open(&why);

	check_buf(&why, "");
	assert_non_null(n);
	return n;
}

static int set_up(void **state)
{
	static char folder[FOLDER_PATH];

	folder_make(folder, "test_notify");
	*state = folder;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return 0;
}

static int tear_down(void **state)
{
	return folder_remove(*state);
}

static void it_says_each_thing_in_one_message(void **state)
{
	char name[FOLDER_FILE], byte;
	struct notify *n;
	int fd;

	snprintf(name, sizeof name, "%s/notify", (const char *)*state);
	fd = manager(name);
	n = open_well();
	notify_ready(n);
	check_said(fd, "READY=1\n");
	notify_stopping(n);
	check_said(fd, "STOPPING=1\n");
	notify_status(n, STR("12 entries\nREADY=1"));
	check_said(fd, "STATUS=12 entries READY=1\n");
	notify_alive(n);
	check_said(fd, "WATCHDOG=1\n");
	notify_hand_over(n, 4711);
	check_said(fd, "MAINPID=4711\nREADY=1\n");
	notify_reloading(n);
	notify_ready(n);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_non_null(getenv("NOTIFY_SOCKET"));
	notify_close(n);
	close(fd);
}

static void a_reload_has_its_time(void **state)
{
	char name[64], message[128] = "";
	unsigned long long us;
	struct notify *n;
	int fd;

	(void)state;
	snprintf(name, sizeof name, "@test_notify.%d", (int)getpid());
	fd = manager(name);
	n = open_well();
	notify_reloading(n);
	assert_true(recv(fd, message, sizeof message - 1, 0) > 0);
	assert_int_equal(sscanf(message, "RELOADING=1\nMONOTONIC_USEC=%llu\n", &us), 1);
	assert_in_range(clock_monotonic_us() - (int64_t)us, 0, 5000000);
	notify_close(n);
	close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
	struct buf why = {0};

	(void)state;
	assert_null(notify_open(&why));
	setenv("NOTIFY_SOCKET", "", 1);
	assert_null(notify_open(&why));
	check_buf(&why, "");
	notify_ready(NULL);
	notify_reloading(NULL);
	notify_stopping(NULL);
	notify_status(NULL, STR("x"));
	notify_hand_over(NULL, 1);
	notify_alive(NULL);
	notify_close(NULL);
}

static void a_bad_socket_is_explained(void **state)
{
	static const struct {
		const char *value, *why;
	} rows[] = {
	    {"notify",
		"NOTIFY_SOCKET is \"notify\": it must be an absolute path, or @ and a name, "
		"of at most 107 bytes"},
	    {"@",
		"NOTIFY_SOCKET is \"@\": it must be an absolute path, or @ and a name, of at "
		"most 107 bytes"},
	    {"/nowhere/notify",
		"NOTIFY_SOCKET, /nowhere/notify, cannot be reached: No such file or "
		"directory; unset it if nobody listens there"},
	};
	char longest[200];
	struct buf why = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		setenv("NOTIFY_SOCKET", rows[i].value, 1);
		assert_null(notify_open(&why));
		check_buf(&why, rows[i].why);
	}
	memset(longest, 'x', sizeof longest);
	longest[0] = '/';
	longest[108] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	assert_null(notify_open(&why));
	assert_true(str_starts(buf_str(&why), STR("NOTIFY_SOCKET is \"/xxx")));
	buf_free(&why);
}

static void a_manager_that_does_not_read_stops_nobody(void **state)
{
	char name[FOLDER_FILE];
	struct notify *n;
	int fd;

	snprintf(name, sizeof name, "%s/notify", (const char *)*state);
	fd = manager(name);
	n = open_well();
	for (int i = 0; i < 10000; i++)
		notify_alive(n);
	check_said(fd, "WATCHDOG=1\n");
	close(fd);
	notify_alive(n); /* nobody is there any more */
	notify_close(n);
}

static void the_socket_is_not_for_children(void **state)
{
	char name[FOLDER_FILE];
	struct notify *n;
	int fd, next;

	snprintf(name, sizeof name, "%s/notify", (const char *)*state);
	fd = manager(name);
	next = dup(fd); /* the number that the socket will get */
	close(next);
	n = open_well();
	assert_int_equal(fcntl(next, F_GETFD), FD_CLOEXEC);
	notify_close(n);
	close(fd);
}

static void the_watchdog_is_for_one_process(void **state)
{
	char own[32];

	(void)state;
	snprintf(own, sizeof own, "%d", (int)getpid());
	assert_int_equal(notify_watchdog_us(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	setenv("WATCHDOG_PID", own, 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	setenv("WATCHDOG_PID", "x", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	setenv("WATCHDOG_PID", own, 1);
	setenv("WATCHDOG_USEC", "-1", 1);
	assert_int_equal(notify_watchdog_us(), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(it_says_each_thing_in_one_message),
	    TEST(a_reload_has_its_time),
	    TEST(without_a_manager_nothing_happens),
	    TEST(a_bad_socket_is_explained),
	    TEST(a_manager_that_does_not_read_stops_nobody),
	    TEST(the_socket_is_not_for_children),
	    TEST(the_watchdog_is_for_one_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
