/*
 * paging: lists that go on over several pages.
 *
 * What every such list has in common: the paths of its pages, their titles, where the
 * reader stands, the links from one to another, and the way back from past the end.
 */
#ifndef PAGES_PAGING_H
#define PAGES_PAGING_H

#include "pages/pages.h"

/* A list, and the page of it at hand. */
struct paging {
	struct str first;   /* path of its first page; that of page 2 is first, prefix and 2 */
	const char *prefix; /* static */
	uint32_t number;    /* the page at hand, from 1 */
	uint32_t pages;     /* that there are, at least one */
	struct str words;   /* that go along with each path; empty: none */
};

/* The pages that a list has, so many things on each, at least one. */
uint32_t paging_count(size_t things, size_t each);

/*
 * Reads the number of a page as it is written in paths: from 1 to 2^32 - 1, no sign, no
 * leading zero.
 */
bool paging_number(struct str digits, uint32_t *number);

/* The path of a page of the list. */
struct str paging_path(struct arena *a, const struct paging *l, uint32_t number);

/* "Title", and from the second page on "Title, page 2". */
struct str paging_title(struct arena *a, struct str title, uint32_t number);

/* " This is page 2 of 3." to follow a sentence; empty where there is one page alone. */
struct str paging_position(struct arena *a, const struct paging *l);

/* Adds the links to the next, previous, first and last page, each target once. */
void paging_turns(struct page *p, const struct paging *l);

/* Leads from a page that the list does not have to its last one, for now. */
struct pages_answer paging_past_end(const struct pages_request *q, const struct paging *l);

#endif
