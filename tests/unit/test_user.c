/*
 * user: who is found, who is refused, and that there is no way back. Becoming another is tried in
 * children, and only by root.
 */
#include "config.h"

#include "check.h"
#include "child.h"
#include "folder.h"
#include "serve/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

/* An id that no system's own users have. */
#define STRANGER 59999

static void only_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: only root can become another\n");
	skip();
}

/* In a child: what an ordinary user tries, whoever runs the tests. */
static void be_ordinary(void)
{
	if (geteuid() != 0)
		return;
	child_need(setgroups(0, NULL) == 0 && setgid(STRANGER) == 0 && setuid(STRANGER) == 0);
}

static void what_is_no_user_is_refused_with_words(void **state)
{
	static const struct {
		const char *name, *said;
	} rows[] = {
	    {"", "write NAME or NAME:GROUP"},
	    {":", "write NAME or NAME:GROUP"},
	    {":nogroup", "write NAME or NAME:GROUP"},
	    {"nobody:", "write NAME or NAME:GROUP"},
	    {"no-such-user", "there is no user no-such-user"},
	    {"nobody:no-such-group", "there is no group no-such-group"},
	    {"root", "root is root"},
	    {"nobody:root", "nobody is in root's group"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct user u;
		struct buf why = {0};

		check_row(!user_find(str_of(rows[i].name), &u, &why), rows[i].name);
		check_row(strstr(buf_z(&why), rows[i].said), buf_z(&why));
		check_row(!u.groups, rows[i].name);
		buf_free(&why);
	}
}

static void a_name_that_is_too_long_is_no_user(void **state)
{
	struct buf name = {0}, why = {0};
	struct user u;

	(void)state;
	buf_fill(&name, 'n', USER_NAME_SIZE);
	assert_false(user_find(buf_str(&name), &u, &why));
	buf_free(&name);
	buf_free(&why);
}

static void a_user_has_its_groups(void **state)
{
	const struct passwd *pw = getpwnam("nobody");
	struct buf why = {0};
	struct user u;

	(void)state;
	if (!pw)
		skip();
	assert_true(user_find(STR("nobody"), &u, &why));
	assert_string_equal(u.name, "nobody");
	assert_int_equal(u.uid, pw->pw_uid);
	assert_int_equal(u.gid, pw->pw_gid);
	assert_true(u.ngroups >= 1);
	assert_int_equal(u.groups[0], pw->pw_gid);
	user_clear(&u);
	assert_null(u.groups);
	check_buf(&why, "");
}

static void a_group_can_be_asked_for(void **state)
{
	const struct group *gr = getgrnam("daemon");
	struct buf why = {0};
	struct user u;

	(void)state;
	if (!gr || !getpwnam("nobody"))
		skip();
	assert_true(user_find(STR("nobody:daemon"), &u, &why));
	assert_int_equal(u.gid, gr->gr_gid);
	assert_int_equal(u.groups[0], gr->gr_gid);
	user_clear(&u);
	check_buf(&why, "");
}

static void become_stranger(const void *context)
{
	const struct user *u = context;
	struct buf why = {0};
	gid_t have[8];
	int n;

	child_need(user_become(u, &why));
	child_need(why.len == 0);
	n = getgroups((int)COUNT(have), have);
	child_need(n == 2);
	child_need((have[0] == STRANGER && have[1] == STRANGER + 1) ||
	    (have[0] == STRANGER + 1 && have[1] == STRANGER));
	child_need(getuid() == STRANGER && geteuid() == STRANGER);
	child_need(getgid() == STRANGER && getegid() == STRANGER);
	child_need(setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0);
	child_need(user_become(u, &why)); /* as a new program does that takes over */
}

static void root_becomes_the_user_with_its_groups_for_good(void **state)
{
	gid_t groups[] = {STRANGER, STRANGER + 1};
	struct user u = {"stranger", STRANGER, STRANGER, groups, COUNT(groups)};

	(void)state;
	only_root();
	child_run(become_stranger, &u);
}

static void become_nobody(const void *context)
{
	struct buf why = {0};
	struct user u;

	(void)context;
	child_need(user_find(STR("nobody"), &u, &why));
	child_need(user_become(&u, &why));
	child_need(getuid() == u.uid && getgid() == u.gid);
	child_need(getgroups(0, NULL) == (int)u.ngroups);
	user_clear(&u);
}

static void root_becomes_nobody(void **state)
{
	(void)state;
	only_root();
	if (!getpwnam("nobody"))
		skip();
	child_run(become_nobody, NULL);
}

static void become_root(const void *context)
{
	struct buf why = {0};

	child_need(!user_become(context, &why));
	child_need(strstr(buf_z(&why), "root"));
	buf_free(&why);
}

static void nobody_becomes_root(void **state)
{
	gid_t groups[] = {STRANGER, 0};
	const struct user rows[] = {
	    {"a", 0, STRANGER, groups, 1},
	    {"b", STRANGER, 0, groups, 1},
	    {"c", STRANGER, STRANGER, groups, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		child_run(become_root, &rows[i]);
}

static void become_another(const void *context)
{
	gid_t groups[] = {STRANGER + 1};
	struct user u = {"stranger", STRANGER + 1, STRANGER + 1, groups, 1};
	struct buf why = {0};

	(void)context;
	be_ordinary();
	child_need(!user_become(&u, &why));
	child_need(strstr(buf_z(&why), "start the server as root or as that user"));
	buf_free(&why);
}

static void an_ordinary_user_becomes_nobody_else(void **state)
{
	(void)state;
	child_run(become_another, NULL);
}

static void become_oneself(const void *context)
{
	gid_t groups[1];
	struct user u = {.name = "me", .groups = groups, .ngroups = 1};
	struct buf why = {0};

	(void)context;
	be_ordinary();
	u.uid = getuid();
	u.gid = groups[0] = getgid();
	child_need(user_become(&u, &why));
	child_need(why.len == 0);
}

static void one_who_is_the_user_already_stays_so(void **state)
{
	(void)state;
	child_run(become_oneself, NULL);
}

static void live_below(const void *context)
{
	struct buf why = {0};

	child_need(user_chroot(context, &why));
	child_need(why.len == 0);
	child_need(access("/here", F_OK) == 0);
	child_need(access("here", F_OK) == 0);
	child_need(access("/etc/passwd", F_OK) != 0);
	child_need(access("../etc/passwd", F_OK) != 0);
}

static void a_chroot_is_all_there_is(void **state)
{
	char folder[FOLDER_PATH];

	(void)state;
	only_root();
	folder_make(folder, "test_user");
	folder_write(folder, "here", "");
	child_run(live_below, folder);
	assert_int_equal(folder_remove(folder), 0);
}

static void refuse_chroot(const void *context)
{
	struct buf why = {0};

	(void)context;
	be_ordinary();
	child_need(!user_chroot("/", &why));
	child_need(strstr(buf_z(&why), "only root can"));
	buf_free(&why);
}

static void a_chroot_that_cannot_be_is_refused(void **state)
{
	struct buf why = {0};

	(void)state;
	assert_false(user_chroot("/no/such/directory", &why));
	assert_non_null(strstr(buf_z(&why), "cannot make /no/such/directory the root directory"));
	buf_free(&why);
	child_run(refuse_chroot, NULL);
}

static void the_hint_about_low_ports_names_every_way(void **state)
{
	static const char *const ways[] = {"CAP_NET_BIND_SERVICE", "setcap",
	    "digestd-gopher.socket", "7070", "iptables", "gopher_port=70"};
	const char *hint = user_low_port_hint();

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++)
		check_row(strstr(hint, ways[i]), ways[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_user_is_refused_with_words),
	    cmocka_unit_test(a_name_that_is_too_long_is_no_user),
	    cmocka_unit_test(a_user_has_its_groups),
	    cmocka_unit_test(a_group_can_be_asked_for),
	    cmocka_unit_test(root_becomes_the_user_with_its_groups_for_good),
	    cmocka_unit_test(root_becomes_nobody),
	    cmocka_unit_test(nobody_becomes_root),
	    cmocka_unit_test(an_ordinary_user_becomes_nobody_else),
	    cmocka_unit_test(one_who_is_the_user_already_stays_so),
	    cmocka_unit_test(a_chroot_is_all_there_is),
	    cmocka_unit_test(a_chroot_that_cannot_be_is_refused),
	    cmocka_unit_test(the_hint_about_low_ports_names_every_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
