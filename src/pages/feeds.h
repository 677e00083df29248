/*
 * feeds: the feeds that stand in each list, and the page that says so.
 *
 * A list's feeds have the list's path and a name that tells the format
 * (feed_formats). A feed has the newest entries of its list; that of all entries
 * leads on to the archive, which has every entry once, a year a document
 * (RFC 5005 s4), in Atom alone; a year of very many entries has several. The
 * newest year grows until it is over.
 */
#ifndef PAGES_FEEDS_H
#define PAGES_FEEDS_H

#include "pages/pages.h"

/* Entries in a feed, of its list's newest; more than a reader misses between two looks. */
#define FEEDS_NEWEST 50

/*
 * Entries in one document of the archive. With summaries of the shipped ones' length, where
 * an entry takes 1.1 KB, it is within the 2 MiB that clients take (C-09).
 */
#define FEEDS_DOCUMENT 1500

/* Issues in their feed, where each brings many entries. */
#define FEEDS_ISSUES 20

/* The feed of a list in the format that the last name of the path says. */
pages_builder feeds_latest;
pages_builder feeds_category;
pages_builder feeds_tag;
pages_builder feeds_author;

/*
 * The feed of the issues that are complete: each item is one, with its text.
 * A name that is no feed's is that of an issue, whose page is the answer then.
 */
pages_builder feeds_issues;

/* The archive document of a year. */
pages_builder feeds_year;

/* The feeds of the categories, as OPML. */
pages_builder feeds_categories;

/* What can be subscribed to. */
pages_builder feeds_page;

#endif
