/*
 * list: the readers of fields whose value is a list of texts; each item keeps its
 * place, for what can only be checked later.
 */
#ifndef CONTENT_LIST_H
#define CONTENT_LIST_H

#include "content/fields.h"

/* An item of a list, with its place. */
struct list_item {
	struct str text;
	struct diag_pos pos;
};

struct list {
	struct list_item *items; /* in the work arena, as their texts */
	uint16_t n;
};

/*
 * Each reads a struct list, of the row's min to max items. An item at fault is
 * reported and left out.
 */
fields_reader list_lines; /* each as text_line reads it, of at most TEXT_LINE_MAX bytes */
fields_reader list_slugs; /* each as text_slug reads it */

/*
 * For readers of other lists: true when node is a sequence of the row's min to max items;
 * else reports it.
 */
bool list_check(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node);

#endif
