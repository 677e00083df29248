/*
 * static_page: the editor's own pages, and the files served as they are.
 */
#ifndef PAGES_STATIC_PAGE_H
#define PAGES_STATIC_PAGE_H

#include "pages/pages.h"

/* pages/NAME.gmi at /NAME. */
pages_builder static_page;

/* What is at a path below /files/: a file, or the list of a folder. */
struct pages_answer static_page_file(const struct pages_request *q);

#endif
