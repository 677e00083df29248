/*
 * static_page: the editor's own pages, and the files served as they are.
 */
#ifndef PAGES_STATIC_PAGE_H
#define PAGES_STATIC_PAGE_H

#include "pages/pages.h"

/* pages/NAME.gmi at /NAME. */
pages_builder static_page;

/*
 * What is at a path below /files/: a file, or the list of a folder, which has several pages
 * where there are many names. Their own names begin with a dot, since no file's does: hidden
 * ones are not served (walk.h).
 */
struct pages_answer static_page_file(const struct pages_request *q);

/* What the names of the further pages of a folder begin with: /files/notes/.page_2 */
#define STATIC_PAGE_TURN ".page_"

/* How many pages the list of a folder has; its path ends in a slash. */
uint32_t static_page_folder_pages(const struct digest *d, struct str folder);

#endif
