/*
 * child: a part of a test that runs in a process of its own, because it changes
 * that process for good.
 */
#ifndef UNIT_CHILD_H
#define UNIT_CHILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* What a child says with its exit status. It leaves by _exit: no leak check, no second flush. */
enum child_status { CHILD_WELL = 0, CHILD_FAILED = 1, CHILD_SKIPPED = 77 };

/* One that waits for what does not come is ended, and so failed. */
#define CHILD_SECONDS 60

/* As assert_true, in a child. */
#define child_need(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);         \
			_exit(CHILD_FAILED);                                                       \
		}                                                                                  \
	} while (0)

/* Waits for a child; its failure is the test's, and so is its wish to be skipped. */
static inline void child_wait(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CHILD_SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), CHILD_WELL);
}

/* Runs part(context) in a child to its end. */
static inline void child_run(void (*part)(const void *), const void *context)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(CHILD_SECONDS);
		part(context);
		_exit(CHILD_WELL);
	}
	child_wait(pid);
}

#endif
