/*
 * directory: pages that list lists: the categories, tags, authors, months, each
 * with how many entries it has.
 */
#ifndef PAGES_DIRECTORY_H
#define PAGES_DIRECTORY_H

#include "pages/pages.h"

/* Names on one page of tags or authors, and bytes of a name: such a page stays below 64 KB. */
#define DIRECTORY_PAGE 200
#define DIRECTORY_NAME 160
#define DIRECTORY_WAYS 60 /* links from one page to others */
#define DIRECTORY_END 60  /* bytes of the names that a page begins and ends with */

/* Bytes of a category's description that the list of all shows; its own page has the whole. */
#define DIRECTORY_DESCRIPTION 160

pages_builder directory_categories;
pages_builder directory_tags;
pages_builder directory_authors;
pages_builder directory_archive;
pages_builder directory_year;

#endif
