/*
 * folder: a directory with files, for tests of what reads content.
 */
#ifndef UNIT_FOLDER_H
#define UNIT_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

/* Bytes of the path of a folder, and of a file in it. */
#define FOLDER_PATH 64
#define FOLDER_FILE 256

/* More than a tick of the clock that files are dated by, within which a change may leave no trace. */
#define FOLDER_TICK_US 20000

/* Makes an empty one, whose path says which test it is for. */
static inline void folder_make(char path[FOLDER_PATH], const char *test)
{
	snprintf(path, FOLDER_PATH, "/tmp/%s.XXXXXX", test);
	assert_non_null(mkdtemp(path));
}

/* Writes a file, with the directories that its name goes through. */
static inline void folder_write(const char *folder, const char *name, const char *text)
{
	char path[FOLDER_FILE];
	FILE *f;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - name), name);
		mkdir(path, 0755);
	}
	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Removes it with all that is in it; 0 if that went well, as a teardown returns it. */
static inline int folder_remove(const char *folder)
{
	char command[FOLDER_FILE];

	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

#endif
