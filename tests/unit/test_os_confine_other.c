/*
 * os_confine_other: on a system that is not known, the server runs, and the log says with
 * how little. Linked with that file whatever the system is.
 */
#include "config.h"

#include "check.h"
#include "child.h"
#include "serve/os_confine.h"

#include <fcntl.h>
#include <sys/resource.h>

static void enter_without_means(const void *context)
{
	struct buf missing = {0};
	size_t n = 1;

	(void)context;
	os_confine_prepare();
	child_need(os_confine_enter(&(struct os_confine){0}, &missing));
	child_need(strstr(buf_z(&missing), "files, connections, signals and privileges"));
	child_need(!strchr(buf_z(&missing), '\n'));
	child_need(open("/etc/passwd", O_RDONLY) >= 0);
	os_confine_system(&n);
	child_need(n == 0);
	buf_free(&missing);
}

static void nothing_is_confined_and_that_is_said(void **state)
{
	(void)state;
	child_run(enter_without_means, NULL);
}

static void lose_core_files(const void *context)
{
	struct rlimit limit;

	(void)context;
	os_confine_no_dumps();
	child_need(getrlimit(RLIMIT_CORE, &limit) == 0);
	child_need(limit.rlim_cur == 0 && limit.rlim_max == 0);
}

static void no_core_is_dumped(void **state)
{
	(void)state;
	child_run(lose_core_files, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_confined_and_that_is_said),
	    cmocka_unit_test(no_core_is_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
