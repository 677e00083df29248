/*
 * issue: what an issue of the digest has, in the order shown, and how it is
 * parted into pages.
 *
 * Pages are to stay below 64 KB, so a long issue has several parts. None splits
 * an entry: one that is at all its bounds at once may be larger alone. How many
 * parts there are is counted when the snapshot is made: to weigh every summary
 * takes too long to do it for a reader.
 */
#ifndef CONTENT_ISSUE_H
#define CONTENT_ISSUE_H

#include "content/digest.h"

/* Bytes of a part, as weighed here; the rest of 64 KB is for what is around its entries. */
#define ISSUE_PART ((size_t)58 * 1024)

/* The due entries of an issue, and one part of it. */
struct issue {
	const struct entry **entries; /* each under the first of its categories, in their order */
	uint32_t n;                   /* of them */
	uint32_t first, end;          /* of them: those of the part, from first to before end */
	uint32_t number, parts;       /* the part, from 1, and how many there are */
};

/*
 * What is due of the issue at that time, with the list of its entries in the
 * arena, and the part of that number; one that it does not have is empty.
 */
struct issue issue_read(const struct digest *d, const struct group *issue, int64_t now,
    uint32_t number, struct arena *a);

/* How many parts the issue has at that time. Costs nothing where no entry of it waits. */
uint32_t issue_parts(const struct digest *d, const struct group *issue, int64_t now);

/* For the making of a snapshot: counts the parts of its issues. */
void issue_count_parts(struct digest *d);

#endif
