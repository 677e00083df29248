/*
 * watch: every way in which editors and deployments change files is noticed,
 * reading is not, and a burst is one change. Each test is made with a watch that the
 * system tells, if it does, and with one that only looks.
 */
#include "config.h"

#include "check.h"
#include "folder.h"
#include "serve/os_watch.h"
#include "serve/watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 20     /* of those that look */
#define PATIENCE 10000 /* ms: for what must come */
#define SILENCE 120    /* ms: for what must not */

/* A folder with content, certs and digestd.yaml; the working directory while the test runs. */
struct fixture {
	char folder[FOLDER_PATH];
	bool told;        /* the watches of this test are told by the system, if it tells */
	unsigned look_ms; /* how often they look */
	struct watch *watch;
};

static void let_pass(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void begin(struct fixture *f)
{
	static const char *const paths[] = {"content", "certs", "digestd.yaml"};
	struct buf why = {0};

	watch_free(f->watch);
	f->watch = f->told ? watch_new(paths, COUNT(paths), f->look_ms, &why)
			   : watch_new_looking(paths, COUNT(paths), f->look_ms);
	check_buf(&why, "");
}

static int set_up(void **state)
{
	struct fixture *f = *state;

	folder_make(f->folder, "test_watch");
	folder_write(f->folder, "releases/5/digest.yaml", "title: Five\n");
	folder_write(f->folder, "releases/5/entries/2019/11.yaml", "[]\n");
	folder_write(f->folder, "releases/6/digest.yaml", "title: Six\n");
	folder_write(f->folder, "certs/a.key", "secret\n");
	folder_write(f->folder, "digestd.yaml", "hosts: []\n");
	folder_write(f->folder, "elsewhere/fullchain.pem", "one\n");
	if (chdir(f->folder) != 0 || symlink("releases/5", "content") != 0 ||
	    symlink("../elsewhere/fullchain.pem", "certs/a.crt") != 0)
		return -1;
	begin(f);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	watch_free(f->watch);
	f->watch = NULL;
	return chdir("/") || folder_remove(f->folder);
}

/* The change just made is noticed; then the watch begins anew, and is silent. */
static void check_noticed(struct fixture *f, const char *what)
{
	check_row(watch_wait(f->watch, -1, PATIENCE) == WATCH_CHANGED, what);
	begin(f);
	check_row(watch_wait(f->watch, -1, 2 * LOOK_MS) == WATCH_TIMEOUT, what);
}

static void check_silence(struct fixture *f, const char *what)
{
	check_row(watch_wait(f->watch, -1, SILENCE) == WATCH_TIMEOUT, what);
}

/* Writes text where the file begins, without emptying it first. */
static void overwrite(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void files_that_are_edited_in_place_are_noticed(void **state)
{
	struct fixture *f = *state;

	usleep(FOLDER_TICK_US);
	overwrite("content/entries/2019/11.yaml", "{}\n");
	check_noticed(f, "same size");
	folder_write(f->folder, "content/digest.yaml", "title: Another\n");
	check_noticed(f, "another size");
	overwrite("digestd.yaml", "Hosts");
	check_noticed(f, "a file that was given");
	overwrite("elsewhere/fullchain.pem", "two");
	check_noticed(f, "a file that a link in a tree leads to");
}

static void files_that_are_replaced_are_noticed(void **state)
{
	struct fixture *f = *state;

	folder_write(f->folder, "content/entries/2019/.11.yaml.tmp", "{}\n");
	assert_int_equal(
	    rename("content/entries/2019/.11.yaml.tmp", "content/entries/2019/11.yaml"), 0);
	check_noticed(f, "in a tree");
	folder_write(f->folder, "digestd.yaml.new", "hosts: [a]\n");
	begin(f);
	assert_int_equal(rename("digestd.yaml.new", "digestd.yaml"), 0);
	check_noticed(f, "a file that was given");
	folder_write(f->folder, "elsewhere/new", "two\n");
	begin(f);
	assert_int_equal(rename("elsewhere/new", "elsewhere/fullchain.pem"), 0);
	check_noticed(f, "a file that a link in a tree leads to");
}

static void files_that_come_and_go_are_noticed(void **state)
{
	struct fixture *f = *state;

	folder_write(f->folder, "content/entries/2019/12.yaml", "[]\n");
	check_noticed(f, "a new file");
	folder_write(f->folder, "content/entries/2020/01.yaml", "[]\n");
	check_noticed(f, "a new folder");
	folder_write(f->folder, "content/entries/2020/02.yaml", "[]\n");
	check_noticed(f, "a new file in the new folder");
	assert_int_equal(unlink("content/entries/2020/01.yaml"), 0);
	check_noticed(f, "a file deleted");
	assert_int_equal(unlink("content/entries/2020/02.yaml"), 0);
	assert_int_equal(rmdir("content/entries/2020"), 0);
	check_noticed(f, "a folder deleted");
	assert_int_equal(unlink("digestd.yaml"), 0);
	check_noticed(f, "a file that was given deleted");
	folder_write(f->folder, "digestd.yaml", "hosts: []\n");
	check_noticed(f, "and made again");
}

static void links_that_are_swapped_are_noticed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("releases/6", "new"), 0);
	assert_int_equal(rename("new", "content"), 0);
	check_noticed(f, "a link that was given");
	overwrite("releases/6/digest.yaml", "Title");
	check_noticed(f, "what it leads to now");
	overwrite("releases/5/digest.yaml", "Title");
	check_silence(f, "what it led to before");
	assert_int_equal(rename("releases", "old"), 0);
	check_noticed(f, "a folder on the way");
	assert_int_equal(rename("old", "releases"), 0);
	check_noticed(f, "and back");
}

static void rights_that_change_are_noticed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chmod("certs/a.key", 0600), 0);
	check_noticed(f, "a key");
	assert_int_equal(chmod("content/entries", 0700), 0);
	check_noticed(f, "a folder");
	assert_int_equal(chmod("digestd.yaml", 0600), 0);
	check_noticed(f, "a file that was given");
}

static void reading_and_what_is_passed_over_is_no_change(void **state)
{
	struct fixture *f = *state;
	char byte;
	int fd = open("content/entries/2019/11.yaml", O_RDONLY);

	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	fd = open("digestd.yaml", O_RDONLY);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	assert_int_equal(system("ls -R content/ certs >ls.out"), 0);
	check_silence(f, "reading");
	folder_write(f->folder, "content/.git/index", "x");
	folder_write(f->folder, "content/entries/2019/.11.yaml.swp", "x");
	folder_write(f->folder, "content/entries/2019/11.yaml~", "x");
	folder_write(f->folder, "access.log", "x");
	folder_write(f->folder, "elsewhere/privkey.pem", "x");
	check_silence(f, "names that do not matter");
}

static void what_happens_between_watch_and_wait_is_not_missed(void **state)
{
	struct fixture *f = *state;

	usleep(FOLDER_TICK_US);
	overwrite("content/digest.yaml", "Title");
	let_pass(50);
	check_noticed(f, "a change long ago");
}

static void it_can_be_woken(void **state)
{
	struct fixture *f = *state;
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(watch_wait(f->watch, ends[0], 30), WATCH_TIMEOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(watch_wait(f->watch, ends[0], -1), WATCH_WOKEN);
	overwrite("content/digest.yaml", "Title");
	assert_int_equal(watch_wait(f->watch, ends[0], -1), WATCH_WOKEN);
	assert_int_equal(watch_settle(f->watch, ends[0], 1000, 5000), WATCH_WOKEN);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[1]);
	assert_int_equal(watch_wait(f->watch, ends[0], -1), WATCH_WOKEN); /* its end counts too */
	close(ends[0]);
}

/* Writes so many times to one file, every 60 ms. */
static void *write_on(void *times)
{
	for (int i = 0; i < *(int *)times; i++) {
		overwrite("content/entries/2019/11.yaml", i % 2 ? "{}\n" : "[]\n");
		let_pass(60);
	}
	return NULL;
}

/* How long settling took, in ms, while a file was written so many times. */
static long settle(struct fixture *f, int times, unsigned quiet_ms, unsigned most_ms)
{
	struct timespec from, to;
	pthread_t writer;

	assert_int_equal(pthread_create(&writer, NULL, write_on, &times), 0);
	assert_int_equal(watch_wait(f->watch, -1, PATIENCE), WATCH_CHANGED);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(watch_settle(f->watch, -1, quiet_ms, most_ms), WATCH_CHANGED);
	clock_gettime(CLOCK_MONOTONIC, &to);
	pthread_join(writer, NULL);
	begin(f);
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

static void a_burst_is_one_change(void **state)
{
	struct fixture *f = *state;
	long ms = settle(f, 10, 450, 15000);

	assert_in_range(ms, 600, 9000);
	check_silence(f, "it has settled");
}

static void a_single_change_settles_once(void **state)
{
	assert_in_range(settle(*state, 1, 1200, 15000), 1200, 2400);
}

static void a_burst_without_end_is_cut(void **state)
{
	assert_in_range(settle(*state, 40, 600, 900), 900, 2100);
}

static void what_does_not_exist_is_waited_for(void **state)
{
	static const char *const paths[] = {"not/yet/there"};
	struct fixture *f = *state;
	struct buf why = {0};
	struct watch *w = f->told ? watch_new(paths, 1, f->look_ms, &why)
				  : watch_new_looking(paths, 1, f->look_ms);

	check_buf(&why, "");
	folder_write(f->folder, "not/x", "x");
	assert_int_equal(watch_wait(w, -1, PATIENCE), WATCH_CHANGED);
	watch_free(w);
	watch_free(NULL);
}

static void where_the_system_has_no_room_it_looks(void **state)
{
	static const char *const paths[] = {"content"};
	struct fixture *f = *state;
	struct rlimit before, none;
	struct buf why = {0};
	struct watch *w;

	if (!f->told || f->look_ms > 0)
		return; /* it looks anyway */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	w = watch_new(paths, 1, LOOK_MS, &why);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_buf(&why,
	    "inotify has no place left: raise fs.inotify.max_user_instances (sysctl), or allow "
	    "more open files; meanwhile changes are looked for every 20 ms");
	watch_wait(w, -1, SILENCE); /* the folders that could not be listed then */
	overwrite("content/digest.yaml", "Title");
	assert_int_equal(watch_wait(w, -1, PATIENCE), WATCH_CHANGED);
	watch_free(w);
}

/* The tests, all of which look or all of which are told. */
static int run(const char *name, struct fixture *f)
{
#define TEST(function)                                                                             \
	{                                                                                          \
#function, function, set_up, tear_down, f                                          \
	}
	const struct CMUnitTest tests[] = {
	    TEST(files_that_are_edited_in_place_are_noticed),
	    TEST(files_that_are_replaced_are_noticed),
	    TEST(files_that_come_and_go_are_noticed),
	    TEST(links_that_are_swapped_are_noticed),
	    TEST(rights_that_change_are_noticed),
	    TEST(reading_and_what_is_passed_over_is_no_change),
	    TEST(what_happens_between_watch_and_wait_is_not_missed),
	    TEST(it_can_be_woken),
	    TEST(a_burst_is_one_change),
	    TEST(a_single_change_settles_once),
	    TEST(a_burst_without_end_is_cut),
	    TEST(what_does_not_exist_is_waited_for),
	    TEST(where_the_system_has_no_room_it_looks),
	};

	print_message("%s\n", name);
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

static bool the_system_tells(void)
{
	struct buf why = {0};
	struct os_watch *w = os_watch_new(NULL, 0, &why);
	bool tells = w != NULL;

	os_watch_free(w);
	buf_free(&why);
	return tells;
}

int main(void)
{
	struct fixture told = {.told = true, .look_ms = the_system_tells() ? 0 : LOOK_MS};
	struct fixture looking = {.told = false, .look_ms = LOOK_MS};

	return run("told", &told) + run("looking", &looking);
}
