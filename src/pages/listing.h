/*
 * listing: pages that list entries, newest first, so many a page.
 *
 * Every one can be subscribed to as it stands: one title, and a link to each
 * entry whose label begins with the day (F-01 to F-03). Between the first and
 * the last entry there are no other links.
 */
#ifndef PAGES_LISTING_H
#define PAGES_LISTING_H

#include "pages/pages.h"

pages_builder listing_latest;
pages_builder listing_category;
pages_builder listing_tag;
pages_builder listing_author;
pages_builder listing_month;

/* What the note below an entry says. */
enum listing_note {
	LISTING_BARE = 0,
	LISTING_AUTHORS = 1,
	LISTING_CATEGORIES = 2,
};

/*
 * What a list says of an entry at most, so that a page with many stays below 64 KB. The names
 * beyond are on the entry's own page, and so is all of a title.
 */
#define LISTING_NAMES 3    /* authors, and categories */
#define LISTING_BYLINE 160 /* bytes */
#define LISTING_LABEL 250  /* bytes, with the date */

/* "Ann and Ben, in Tools", of what note (a sum of the above) asks for; may be empty. */
struct str listing_byline(const struct pages_request *q, const struct entry *e, unsigned note);

/* Adds the line of an entry, with its byline as a note. */
void listing_entry(
    const struct pages_request *q, struct page *p, const struct entry *e, unsigned note);

#endif
