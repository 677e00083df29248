/*
 * sockets: what is bound and what is used again, for how many workers, under which
 * names it is handed on.
 */
#include "config.h"

#include "check.h"

#include "net/socket.h"
#include "serve/inherited.h"
#include "serve/sockets.h"

#include <fcntl.h>
#include <unistd.h>

static struct settings *made(const char *const pairs[], size_t n)
{
	struct settings *s = settings_new();
	struct buf why = {0};

	for (size_t i = 0; i < n; i++) {
		struct str pair = str_of(pairs[i]);
		size_t equals = str_index(pair, '=');

		assert_true(
		    settings_set(s, str_sub(pair, 0, equals), str_skip(pair, equals + 1), &why));
	}
	settings_complete(s);
	return s;
}

/* No user to give anything to. */
static const struct user nobody;

static bool accepts(int fd)
{
	int on = 0;
	socklen_t len = sizeof on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

static void every_worker_has_a_socket_of_each_address(void **state)
{
	static const char *const pairs[] = {
	    "gopher=127.0.0.1:0", "gemini=127.0.0.1:0", "metrics=127.0.0.1:0", "workers=3"};
	struct settings *s = made(pairs, COUNT(pairs));
	static struct sockets sockets;
	unsigned seen[SETTINGS_PROTOCOLS] = {0};

	(void)state;
	assert_true(sockets_open(&sockets, s, &nobody));
	for (size_t i = 0; i < sockets.n; i++) {
		const struct sockets_item *item = &sockets.items[i];

		assert_true(accepts(item->fd) && item->bound);
		assert_int_equal(item->worker, seen[item->protocol]);
		assert_int_equal(item->again, seen[item->protocol] > 0);
		assert_int_equal(
		    address_port(&item->address), sockets_port(&sockets, item->protocol));
		seen[item->protocol]++;
	}
	assert_int_equal(seen[SETTINGS_GOPHER], 3);
	assert_int_equal(seen[SETTINGS_GEMINI], 3);
	assert_int_equal(seen[SETTINGS_METRICS], 1); /* the first worker's alone */
	assert_string_equal(sockets_name(&sockets.items[0]), "gopher-bound");
	sockets_close(&sockets);
	settings_unref(s);
}

static void both_kinds_of_an_address_have_one_port(void **state)
{
	static const char *const pairs[] = {"gopher=*:0"};
	struct settings *s = made(pairs, COUNT(pairs));
	static struct sockets sockets;

	(void)state;
	assert_true(sockets_open(&sockets, s, &nobody));
	assert_true(sockets.n >= 1);
	for (size_t i = 0; i < sockets.n; i++)
		assert_int_equal(address_port(&sockets.items[i].address),
		    sockets_port(&sockets, SETTINGS_GOPHER));
	assert_false(sockets_has(&sockets, SETTINGS_GEMINI));
	assert_int_equal(sockets_port(&sockets, SETTINGS_GEMINI), 0);
	sockets_close(&sockets);
	settings_unref(s);
}

static void a_unix_socket_takes_the_place_of_a_stale_one(void **state)
{
	char other[64], pair[96];
	const char *pairs[] = {pair};
	struct settings *s;
	static struct sockets sockets, again;

	(void)state;
	snprintf(other, sizeof other, "/tmp/test_sockets.%ld", (long)getpid());
	snprintf(pair, sizeof pair, "gopher=unix:%s", other);
	s = made(pairs, 1);
	assert_true(sockets_open(&sockets, s, &nobody));
	assert_int_equal(sockets_port(&sockets, SETTINGS_GOPHER), 70);
	assert_false(sockets_open(&again, s, &nobody)); /* somebody listens */
	sockets_close(&sockets);
	assert_true(sockets_open(&again, s, &nobody)); /* nobody does */
	sockets_close(&again);
	unlink(other);
	settings_unref(s);
}

/* Puts listening sockets at descriptors from 3 on, under these names. */
static void hand_over(
    const char *names, const char *const addresses[], size_t n, struct net_address bound[])
{
	char number[16];

	for (size_t i = 0; i < n; i++) {
		struct net_address a[ADDRESS_MAX];
		const char *why;
		int fd;

		assert_int_equal(address_parse(str_of(addresses[i]), a, &why), 1);
		fd = socket_listen(&a[0], SOCKET_ALONE, 0);
		assert_true(fd >= 0 && socket_address(fd, &bound[i]));
		if (fd != INHERITED_FIRST_FD + (int)i) {
			dup2(fd, INHERITED_FIRST_FD + (int)i);
			close(fd);
		}
		fcntl(INHERITED_FIRST_FD + (int)i, F_SETFD, 0);
	}
	snprintf(number, sizeof number, "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof number, "%zu", n);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

/* What a supervisor gives for a protocol is all that is served of it. */
static void given_sockets_take_the_place_of_addresses(void **state)
{
	static const char *const pairs[] = {
	    "gopher=127.0.0.1:1", "gemini=127.0.0.1:0", "workers=2"};
	static const char *const addresses[] = {"127.0.0.1:0", "127.0.0.1:0"};
	struct settings *s = made(pairs, COUNT(pairs));
	struct net_address bound[2];
	static struct sockets sockets;

	(void)state;
	hand_over("gopher:digestd-gopher-proxy.socket", addresses, 2, bound);
	assert_true(sockets_open(&sockets, s, &nobody));
	assert_int_equal(sockets.n, 6); /* two of gopher, one of gemini, for two workers */
	assert_int_equal(sockets.items[0].fd, INHERITED_FIRST_FD);
	assert_false(sockets.items[0].bound || sockets.items[0].proxy);
	assert_int_equal(sockets.items[1].worker, 1);
	assert_true(sockets.items[1].fd > INHERITED_FIRST_FD + 1); /* shared */
	assert_true(sockets.items[2].proxy);
	assert_string_equal(sockets_name(&sockets.items[2]), "gopher-proxy");
	assert_string_equal(sockets_name(&sockets.items[4]), "gemini-bound");
	assert_int_equal(sockets_port(&sockets, SETTINGS_GOPHER), address_port(&bound[0]));
	sockets_close(&sockets);
	settings_unref(s);
}

/* What an older process bound is used again where the configuration still has that address. */
static void bound_sockets_are_matched_by_address(void **state)
{
	static const char *const pairs[] = {"gopher=127.0.0.1:0", "gemini=[::1]:0"};
	static const char *const addresses[] = {"127.0.0.1:0", "127.0.0.1:0"};
	struct settings *s = made(pairs, COUNT(pairs));
	struct net_address bound[2];
	static struct sockets sockets;

	(void)state;
	hand_over("gopher-bound:gemini-bound", addresses, 2, bound);
	assert_true(sockets_open(&sockets, s, &nobody));
	assert_int_equal(sockets.n, 2);
	assert_int_equal(sockets.items[0].fd, INHERITED_FIRST_FD);
	assert_int_equal(sockets.items[1].address.ss.ss_family, AF_INET6); /* bound anew */
	assert_int_equal(fcntl(INHERITED_FIRST_FD + 1, F_GETFD), -1);      /* of no use now */
	sockets_close(&sockets);
	settings_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_worker_has_a_socket_of_each_address),
	    cmocka_unit_test(both_kinds_of_an_address_have_one_port),
	    cmocka_unit_test(a_unix_socket_takes_the_place_of_a_stale_one),
	    cmocka_unit_test(given_sockets_take_the_place_of_addresses),
	    cmocka_unit_test(bound_sockets_are_matched_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
