/*
 * sitemap: a link to every page there is, so many a page (F-14).
 *
 * One row of a table for each kind of page; a new kind is a new row.
 */
#ifndef PAGES_SITEMAP_H
#define PAGES_SITEMAP_H

#include "pages/pages.h"

/* Links on one page: with the longest titles half a megabyte, which every crawler takes (C-09). */
#define SITEMAP_PAGE 1000u

pages_builder sitemap;

#endif
