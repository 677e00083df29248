/*
 * made: a digest from texts, without files, for tests of what is built upon one.
 */
#ifndef UNIT_MADE_H
#define UNIT_MADE_H

#include "content/index.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The digest of a digest.yaml and a file of entries, as of the time now, with one
 * reference; NULL when they have faults, which are printed.
 */
static inline struct digest *made_digest(const char *site, const char *entries, int64_t now)
{
	struct arena *work = arena_new(0), *keep = arena_new(0);
	struct diag_list *diags = diag_new();
	struct fields f = {keep, work, diags, NULL};
	struct site_source *s = arena_alloc(work, sizeof *s);
	struct entry_list list = {0};
	struct buf faults = {0};
	struct digest *d = NULL;
	struct index *ix;

	*s = site_read(&f, yaml_read(work, STR("site"), str_of(site), diags), STR("site"));
	entry_read(&f, yaml_read(work, STR("entries"), str_of(entries), diags), &list);
	ix = index_check(s, &list, work, diags);
	if (diags->total == 0) {
		d = index_build(ix, now, keep);
		d->refs = 1;
	} else {
		arena_free(keep);
		diag_print(diags, &faults);
		fputs(buf_z(&faults), stderr);
		buf_free(&faults);
	}
	free(list.items);
	diag_free(diags);
	arena_free(work);
	return d;
}

#endif
