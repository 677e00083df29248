/*
 * entry_page: one entry: what it says, where it is, and the ways on from it.
 */
#ifndef PAGES_ENTRY_PAGE_H
#define PAGES_ENTRY_PAGE_H

#include "pages/pages.h"

pages_builder entry_page;

/* Adds the links beside the entry's own: a discussion, a copy. */
void entry_page_links(struct page *p, const struct entry *e);

/* /entries/ itself has no page of its own; it leads to the list of all. */
pages_builder entry_page_list;

/* Leads to any entry, another one each time. */
pages_builder entry_page_random;

#endif
