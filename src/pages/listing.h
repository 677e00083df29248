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

/* "Ann and Ben, in Tools", of what note (a sum of the above) asks for; may be empty. */
struct str listing_byline(const struct pages_request *q, const struct entry *e, unsigned note);

/* Adds the line of an entry, with its byline as a note. */
void listing_entry(
    const struct pages_request *q, struct page *p, const struct entry *e, unsigned note);

/* The pages that a list has, so many things on each, at least one. */
uint32_t listing_pages(size_t things, size_t each);

/* The path of a page of a list; first and prefix are as below. */
struct str listing_path(struct arena *a, struct str first, const char *prefix, uint32_t number);

/* Leads from a page that a list does not have, now at least, to its last one. */
struct pages_answer listing_past_end(
    const struct pages_request *q, struct str first, const char *prefix, uint32_t pages);

/*
 * Adds the links between the pages of a list: next, previous, first and last,
 * each target once. first is the path of the first page; that of page 2 is first,
 * prefix and 2.
 */
void listing_turns(
    struct page *p, struct str first, const char *prefix, uint32_t number, uint32_t pages);

#endif
