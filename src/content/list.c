#include "config.h"

#include "content/list.h"
#include "content/syntax.h"
#include "content/text.h"

bool list_check(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node)
{
	if (node->kind != YAML_SEQUENCE)
		fields_wrong_type(f, spec, node, "a list");
	else if (node->n < spec->min && !node->cut)
		diag_error(f->diags, node->pos, "%s is an empty list: for example %s", spec->key,
		    fields_example(f, spec));
	else if (node->n > spec->max)
		diag_error(f->diags, node->pos, "%s takes at most %u items, not %u: delete some",
		    spec->key, spec->max, node->n);
	else
		return true;
	return false;
}

/* Reads each item as read does, whose bound max is then a line's. */
static void read_items(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, fields_reader *read, struct list *list)
{
	struct fields in_work = {f->work, f->work, f->diags, f->example};
	struct fields_spec item = *spec;

	if (node->kind == YAML_SCALAR && !yaml_nothing(node) && node->text.n > 0) {
		if (!syntax_no_item(node->text, "", node->pos, f->diags))
			diag_error(f->diags, node->pos, "%s takes a list, not text: write [%.*s]",
			    spec->key, SHOWN(node->text));
		return;
	}
	if (!list_check(f, spec, node))
		return;
	item.max = TEXT_LINE_MAX;
	list->items = arena_array(f->work, node->n, sizeof *list->items);
	list->n = 0;
	for (const struct yaml_node *v = node->first; v; v = v->next) {
		struct str s = {0};

		read(&in_work, &item, v, &s);
		if (s.n > 0)
			list->items[list->n++] = (struct list_item){s, v->pos};
	}
}

void list_lines(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_items(f, spec, node, text_line, out);
}

void list_slugs(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_items(f, spec, node, text_slug, out);
}
