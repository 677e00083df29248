/*
 * index: from the entries read to the digest: what only all of them together
 * can tell.
 *
 * index_check.c checks that no slug, alias or URL is used twice, that categories exist
 * and that no entry names one thing twice; then index_build.c sorts, and gathers categories,
 * tags, authors, months, years and issues. Knows nothing of files and YAML but their places.
 */
#ifndef CONTENT_INDEX_H
#define CONTENT_INDEX_H

#include "content/entry.h"
#include "content/site.h"
#include "content/topic.h"

/* What the checker leaves for the builder, in the work arena. */
struct index {
	const struct site_source *site;   /* borrowed */
	const struct entry_list *entries; /* borrowed */
	struct arena *work;               /* borrowed */
	struct topic_set tags;
	struct topic_set authors;
};

/*
 * Reports what is wrong with the entries as a whole, drafts included. Safe to
 * call when the entries and the site have faults of their own: what could not
 * be read is passed over. Returns what index_build needs; it lies in work and
 * borrows site and entries.
 */
struct index *index_check(const struct site_source *site, const struct entry_list *entries,
    struct arena *work, struct diag_list *diags);

/*
 * Makes the digest in the arena that holds the entries and the site's texts;
 * only when not one fault was found, and once. Without pages, files, directory
 * and references, which are the caller's to add. now: seconds since 1970.
 */
struct digest *index_build(struct index *ix, int64_t now, struct arena *arena);

#endif
