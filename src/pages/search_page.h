/*
 * search_page: the search: the page that asks, the pages of what was found, and
 * what to try when nothing was.
 *
 * The words go along with the path: /search?words, and /search/2?words for the
 * next page (G-14, M-27).
 */
#ifndef PAGES_SEARCH_PAGE_H
#define PAGES_SEARCH_PAGE_H

#include "pages/pages.h"

/* Entries on a page of results. Each comes with a piece of its summary. */
#define SEARCH_PAGE_SIZE 20

pages_builder search_page;

#endif
