/*
 * stamp: the same for the same state, whatever was read; another one for every
 * change. What else it sees, test_watch shows.
 */
#include "config.h"

#include "check.h"
#include "child.h"
#include "folder.h"
#include "serve/stamp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 59999

static int set_up(void **state)
{
	static char folder[FOLDER_PATH];

	folder_make(folder, "test_stamp");
	folder_write(folder, "a/one", "1\n");
	folder_write(folder, "a/b/two", "2\n");
	*state = folder;
	return chdir(folder);
}

static int tear_down(void **state)
{
	return chdir("/") || folder_remove(*state);
}

static uint64_t stamp(const char *path)
{
	uint64_t stamp;

	assert_true(stamp_of(&path, 1, &stamp));
	return stamp;
}

static void it_is_the_same_until_something_changes(void **state)
{
	uint64_t before = stamp("a");

	(void)state;
	assert_true(before == stamp("a"));
	assert_int_equal(system("cat a/one a/b/two >out && touch -a a/.hidden a/b/x~"), 0);
	assert_true(before == stamp("a"));
	usleep(FOLDER_TICK_US);
	folder_write(".", "a/b/two", "3\n");
	assert_true(before != stamp("a"));
}

static void times_and_sizes_tell_a_change(void **state)
{
	struct stat st;
	uint64_t before;

	(void)state;
	assert_int_equal(stat("a/one", &st), 0);
	before = stamp("a");
	/* The bytes and the time of change as before: still the status changed. */
	usleep(FOLDER_TICK_US);
	folder_write(".", "a/one", "2\n");
	assert_int_equal(
	    utimensat(AT_FDCWD, "a/one", (struct timespec[2]){st.st_atim, st.st_mtim}, 0), 0);
	assert_true(before != stamp("a"));
}

static void look_as_nobody(const void *context)
{
	uint64_t stamp;

	(void)context;
	if (setuid(NOBODY) != 0)
		_exit(CHILD_SKIPPED);
	child_need(stamp_of(&(const char *){"a/one"}, 1, &stamp));
	child_need(!stamp_of(&(const char *){"a"}, 1, &stamp));
	child_need(!stamp_of(&(const char *){"a/b/two"}, 1, &stamp));
}

static void missing_rights_are_told(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(".", 0755) || chmod("a/b", 0700), 0);
	child_run(look_as_nobody, *state);
}

static void a_name_is_part_of_it(void **state)
{
	uint64_t before = stamp("a");

	(void)state;
	assert_int_equal(rename("a/b", "a/c"), 0);
	assert_true(before != stamp("a"));
	assert_int_equal(rename("a/c", "a/b"), 0);
	assert_true(before == stamp("a"));
}

static void links_that_lead_nowhere_or_in_a_circle_end(void **state)
{
	uint64_t before = stamp("x/y");

	(void)state;
	assert_int_equal(symlink("x", "x"), 0);
	assert_true(before != stamp("x/y"));
	assert_int_equal(symlink("..", "a/up"), 0);
	assert_int_equal(symlink("circle", "a/circle"), 0);
	assert_true(stamp("a") == stamp("a"));
	assert_true(stamp("a/up/a") == stamp("a/up/a"));
}

static void deep_folders_end(void **state)
{
	char path[128] = "a/deep";
	uint64_t before;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(path, "/d");
	strcat(path, "/file");
	folder_write(".", path, "1");
	before = stamp("a");
	folder_write(".", path, "12");
	assert_true(before == stamp("a")); /* nothing there is loaded either */
	folder_write(".", "a/deep/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/file", "1");
	assert_true(before != stamp("a"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(it_is_the_same_until_something_changes),
	    TEST(times_and_sizes_tell_a_change),
	    TEST(missing_rights_are_told),
	    TEST(a_name_is_part_of_it),
	    TEST(links_that_lead_nowhere_or_in_a_circle_end),
	    TEST(deep_folders_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
