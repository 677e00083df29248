/*
 * entry: from a YAML file to entries.
 *
 * Knows the keys of an entry and checks each entry by itself; what needs the
 * others (is the slug taken, is there such a category) is index_check.c's. An entry
 * with faults is kept with the fields that could be read, so that those checks
 * can still be made.
 */
#ifndef CONTENT_ENTRY_H
#define CONTENT_ENTRY_H

#include "content/digest.h"
#include "content/list.h"

/* Bounds on one entry; those of texts are in text.h. */
#define ENTRY_CATEGORIES_MAX 16u
#define ENTRY_TAGS_MAX 32u
#define ENTRY_AUTHORS_MAX 16u
#define ENTRY_ALIASES_MAX 16u
#define ENTRY_LINKS_MAX 32u

/* Lines of a summary: in a menu each brings its fields, and pages are to stay below 64 KB. */
#define ENTRY_SUMMARY_LINES_MAX 300u

struct entry_author {
	struct list_item name;
	struct str url; /* empty: none given */
};

struct entry_authors {
	struct entry_author *items; /* in the work arena */
	uint16_t n;
};

/* An entry as written: what it says, and names that are still to be looked up. */
struct entry_source {
	struct entry *entry; /* in the keep arena; its groups are not yet known */
	struct entry_authors authors;
	struct list categories; /* slugs */
	struct list tags;
	struct list aliases;
	struct diag_pos slug_pos; /* where the slug stands, or the title it was made from */
	struct diag_pos url_pos;
	bool slug_made; /* from the title */
	bool draft;
};

/* In the order read. An empty one is all zeros; the owner frees items with free(). */
struct entry_list {
	struct entry_source *items;
	size_t n, cap;
};

/*
 * Appends the entries of a file: root is a sequence of them, or a single one,
 * or NULL for none. The file name in root's places must live as long as
 * f->keep, because entries refer to it.
 */
void entry_read(const struct fields *f, const struct yaml_node *root, struct entry_list *list);

#endif
