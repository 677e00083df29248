/*
 * stamp: one number for the state of some files and directory trees.
 *
 * Made of what the system says of each name on which they depend (trees.h): its
 * path, what it is, its inode, owner and mode, and for all but directories size
 * and the times of change to the nanosecond. Never of when something was read, and
 * no file is opened. Equal stamps: nothing has changed that the system tells.
 */
#ifndef SERVE_STAMP_H
#define SERVE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The stamp of n paths as they are now; what is missing has a part in it. Returns false when
 * rights were missing to look at all of it: a stamp taken with others is not to be compared then.
 * Touches the disk.
 */
bool stamp_of(const char *const paths[], size_t n, uint64_t *stamp);

#endif
