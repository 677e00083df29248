/*
 * directory: pages that list lists: the categories, tags, authors, months, each
 * with how many entries it has.
 */
#ifndef PAGES_DIRECTORY_H
#define PAGES_DIRECTORY_H

#include "pages/pages.h"

/* Names on one page of tags or authors; keeps such a page under 64 KB. */
#define DIRECTORY_PAGE 400

pages_builder directory_categories;
pages_builder directory_tags;
pages_builder directory_authors;
pages_builder directory_archive;
pages_builder directory_year;

#endif
