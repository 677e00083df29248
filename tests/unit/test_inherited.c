/*
 * inherited: what a parent hands over is taken, and each fault of it explained.
 * Every case is a child of its own, where the descriptors from 3 on are free to be used.
 */
#include "config.h"

#include "check.h"
#include "serve/inherited.h"

#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in a child; returns true when all was well. */
typedef bool scene(void);

/* Says which condition did not hold, for scenes: cmocka's own asserts belong to its process. */
#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			return false;                                                              \
		}                                                                                  \
	} while (0)

static void play(scene *s)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(s() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Places a socket at fd; listening ones of the internet have a free port of loopback. */
static void place(int fd, int family, int type, bool listens)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int s = socket(family, type, 0);

	if (family == AF_INET)
		bind(s, (const struct sockaddr *)&v4, sizeof v4);
	else if (family == AF_INET6)
		bind(s, (const struct sockaddr *)&v6, sizeof v6);
	else
		bind(s, (const struct sockaddr *)&un, sizeof(sa_family_t)); /* any abstract name */
	if (listens)
		listen(s, 5);
	dup2(s, fd);
	if (s != fd)
		close(s);
}

static void announce(const char *count, const char *names)
{
	char pid[32];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
	else
		unsetenv("LISTEN_FDNAMES");
}

static bool variables_are_gone(void)
{
	return !getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* inherited_take fails with that reason, leaves nothing open and no variable. */
static bool fails(const char *reason)
{
	struct inherited in;
	struct buf why = {0};

	NEED(!inherited_take(&in, &why));
	if (strcmp(buf_z(&why), reason) != 0) {
		check_show("have", buf_str(&why));
		check_show("want", str_of(reason));
		return false;
	}
	buf_free(&why);
	NEED(in.n == 0 && variables_are_gone());
	return true;
}

static bool takes_all(void)
{
	static struct inherited in;
	struct buf why = {0};
	struct net_address *a;

	place(3, AF_INET, SOCK_STREAM, true);
	place(4, AF_INET6, SOCK_STREAM, true);
	place(5, AF_UNIX, SOCK_STREAM, true);
	announce("3", "gopher:gemini:gopher-2");
	NEED(inherited_take(&in, &why) && why.len == 0);
	NEED(in.n == 3 && variables_are_gone());
	for (int i = 0; i < 3; i++) {
		NEED(in.sockets[i].fd == 3 + i && !in.sockets[i].used);
		NEED(fcntl(3 + i, F_GETFD) == FD_CLOEXEC);
		NEED(fcntl(3 + i, F_GETFL) & O_NONBLOCK);
	}
	NEED(strcmp(in.sockets[2].name, "gopher-2") == 0);
	a = &in.sockets[0].address;
	NEED(a->ss.ss_family == AF_INET && address_is(a, STR("127.0.0.1")) && address_port(a));
	NEED(address_is(&in.sockets[1].address, STR("::1")));
	NEED(in.sockets[2].address.ss.ss_family == AF_UNIX);
	return true;
}

static void all_that_listens_is_taken(void **state)
{
	(void)state;
	play(takes_all);
}

static bool claims(void)
{
	static struct inherited in;
	struct buf why = {0};

	for (int i = 0; i < 5; i++)
		place(3 + i, AF_INET, SOCK_STREAM, true);
	announce("5", "gopher-2:gophers::gopher");
	NEED(inherited_take(&in, &why));
	NEED(strcmp(in.sockets[2].name, "unknown") == 0);
	NEED(strcmp(in.sockets[4].name, "unknown") == 0);
	in.sockets[0].used = in.sockets[3].used = true;
	NEED(inherited_close_unused(&in, &why) == 3);
	NEED(strcmp(buf_z(&why),
		 "\"gophers\", \"unknown\", \"unknown\" was handed over, but is not used: write "
		 "ListenStream=, and FileDescriptorName=gopher or FileDescriptorName=gemini, in "
		 "its .socket unit") == 0);
	NEED(is_open(3) && !is_open(4) && !is_open(5) && is_open(6) && !is_open(7));
	buf_free(&why);
	NEED(inherited_close_unused(&in, &why) == 0 && why.len == 0);
	return true;
}

static void they_are_claimed_by_name_and_the_rest_is_closed(void **state)
{
	(void)state;
	play(claims);
}

static bool finds_nothing(void)
{
	struct inherited in;
	struct buf why = {0};

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	NEED(inherited_take(&in, &why) && in.n == 0);
	place(3, AF_INET, SOCK_STREAM, true);
	announce("1", "gopher");
	setenv("LISTEN_PID", "1", 1);
	NEED(inherited_take(&in, &why) && in.n == 0 && variables_are_gone());
	NEED(is_open(3)); /* it is not ours to close */
	announce("0", "");
	NEED(inherited_take(&in, &why) && in.n == 0 && why.len == 0);
	return true;
}

static void what_is_for_another_process_is_left_alone(void **state)
{
	(void)state;
	play(finds_nothing);
}

#define FAULT(fault)                                                                               \
	fault ": write ListenStream=, and FileDescriptorName=gopher or FileDescriptorName=gemini," \
	      " in its .socket unit"

static bool rejects_sockets(void)
{
	char name[200] = "";

	close(3);
	announce("1", "gopher");
	NEED(fails(FAULT("socket 3 (\"gopher\") was handed over, but it is not open")));
	dup2(2, 3);
	announce("1", NULL);
	NEED(fails(FAULT("socket 3 (\"unknown\") was handed over, but it is not a socket")));
	place(3, AF_INET, SOCK_STREAM, true);
	place(4, AF_INET, SOCK_STREAM, false);
	announce("2", "gopher:gemini");
	NEED(
	    fails(FAULT("socket 4 (\"gemini\") was handed over, but it does not listen (Accept=yes "
			"will not do)")));
	NEED(!is_open(3) && !is_open(4));
	place(3, AF_INET, SOCK_DGRAM, false);
	announce("1", "gopher");
	NEED(fails(FAULT("socket 3 (\"gopher\") was handed over, but it is not a stream socket")));
	memset(name, 'x', INHERITED_NAME_SIZE);
	place(3, AF_INET, SOCK_STREAM, true);
	announce("1", name);
	NEED(!inherited_take(&(struct inherited){0}, &(struct buf){0}));
	name[INHERITED_NAME_SIZE - 1] = '\0';
	place(3, AF_INET, SOCK_STREAM, true);
	announce("1", name);
	NEED(inherited_take(&(struct inherited){0}, &(struct buf){0}));
	return true;
}

static bool rejects_numbers(void)
{
	announce("257", NULL);
	NEED(fails("LISTEN_FDS is \"257\": at most 256 sockets can be handed over"));
	announce("-1", NULL);
	NEED(fails("LISTEN_FDS is \"-1\": at most 256 sockets can be handed over"));
	announce("1", NULL);
	setenv("LISTEN_PID", "x", 1);
	NEED(fails("LISTEN_PID is \"x\": it must be the number of a process"));
	return true;
}

static void what_is_no_listening_socket_is_explained(void **state)
{
	(void)state;
	play(rejects_sockets);
}

static void numbers_that_are_none_are_explained(void **state)
{
	(void)state;
	play(rejects_numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_that_listens_is_taken),
	    cmocka_unit_test(they_are_claimed_by_name_and_the_rest_is_closed),
	    cmocka_unit_test(what_is_for_another_process_is_left_alone),
	    cmocka_unit_test(what_is_no_listening_socket_is_explained),
	    cmocka_unit_test(numbers_that_are_none_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
