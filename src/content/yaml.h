/*
 * yaml: from the bytes of a YAML file to a tree of nodes with their places.
 *
 * The only user of libyaml. Knows YAML and nothing of what the keys mean: that
 * is fields.h. The tree lies in the caller's arena, scalars are valid UTF-8 (an
 * escape in double quotation marks can still put a control character into one),
 * no key stands twice in a mapping, and the bounds below hold. Every fault is
 * reported with its place. After a fault of syntax in a sequence of entries,
 * reading resumes at the next line that begins with "- ", so one slip does not
 * hide the rest.
 */
#ifndef CONTENT_YAML_H
#define CONTENT_YAML_H

#include "base/diag.h"

/* Bounds on one file. */
#define YAML_DEPTH_MAX 32u      /* collections inside collections */
#define YAML_NODES_MAX 1000000u /* nodes written */
#define YAML_KEYS_MAX 64u       /* keys of one mapping */
#define YAML_SCALAR_MAX 65536u  /* bytes of one scalar */

/*
 * What a node weighs beside the bytes of its text, and what a file may weigh
 * with each alias counted as all that it stands for, so that aliases of
 * aliases cannot explode.
 */
#define YAML_NODE_WEIGHT 32u
#define YAML_WEIGHT_MAX ((uint64_t)64 * 1024 * 1024)

enum yaml_kind {
	YAML_SCALAR,
	YAML_SEQUENCE,
	YAML_MAPPING,
	YAML_BAD, /* stands where a fault has been reported: readers pass over it in silence */
};

struct yaml_node {
	enum yaml_kind kind;
	bool plain;          /* a scalar without quotation marks, which may mean true or nothing */
	bool literal;        /* a scalar after |: its lines are the file's, from the next one on */
	bool cut;            /* a collection that a fault of syntax ended early */
	uint32_t n;          /* children */
	struct diag_pos pos; /* where it begins; an alias: where the alias stands */
	struct str text;     /* of a scalar */
	struct yaml_node *first;     /* child; in a mapping the values */
	struct yaml_node *next;      /* sibling */
	const struct yaml_node *key; /* of a value in a mapping; a scalar */
};

/*
 * Reads the file's bytes. Returns the root, or NULL when there is none: the
 * file holds nothing but comments, or nothing of it could be read. The file
 * name is borrowed and must live as long as the arena.
 */
struct yaml_node *yaml_read(
    struct arena *arena, struct str file, struct str bytes, struct diag_list *diags);

/* The value of that key in a mapping, or NULL; NULL for other nodes too. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, struct str key);

/* True for an empty plain scalar, ~ and null: nothing was written. */
bool yaml_nothing(const struct yaml_node *node);

#endif
