/*
 * periods: years, months and weeks of a digest, each with its entries.
 *
 * Entries are sorted by the day written, so a period is a stretch of the list
 * of all: it borrows that list, and costs no memory but its name.
 */
#ifndef CONTENT_PERIODS_H
#define CONTENT_PERIODS_H

#include "content/digest.h"

/*
 * Every period of that kind with an entry in all, newest first. What is made
 * lies in the arena, and lists of entries in all. A year is called "2019", a month
 * "November 2019" (2019-11), a week "Week 46 of 2019" (2019-W46).
 */
struct group_list periods_make(
    const struct group *all, enum date_period period, struct arena *arena);

#endif
