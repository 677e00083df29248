/*
 * fields: from a mapping of YAML to a struct, by a table.
 *
 * A table has one row for each key: how to read its value, where in the struct
 * it goes, its bounds, and an example for messages. All faults
 * of a mapping are reported; a field at fault stays as it was. A key with
 * nothing behind it (empty, ~ or null) counts as not written. Knows neither which
 * keys there are, which is entry.c and site.c, nor what a value is: its readers
 * are text.h, value.h and list.h.
 */
#ifndef CONTENT_FIELDS_H
#define CONTENT_FIELDS_H

#include "content/yaml.h"

/* Where a reader puts what it reads, and where it reports. All borrowed. */
struct fields {
	struct arena *keep; /* texts that stay: the snapshot's arena */
	struct arena *work; /* lists (struct list) and what is in them */
	struct diag_list *diags;
	const struct fields_spec
	    *example; /* its key has this example rather than its own; NULL: none */
};

struct fields_spec;

/*
 * Reads node, which is not nothing, into *out, whose type the reader's comment
 * names. What it cannot read it reports, and leaves *out alone.
 */
typedef void fields_reader(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, void *out);

/* One key of a mapping. */
struct fields_spec {
	const char *key;
	fields_reader *read;
	size_t offset;     /* of the field in the struct that is filled */
	uint32_t min, max; /* bounds: of a number, of the bytes of a text, of the items of a list */
	bool required;
	const char *example; /* what to write: "date: 2019-11-15" */
};

/* One kind of mapping. */
struct fields_kind {
	const char *name; /* "entry"; for messages */
	const struct fields_spec *specs;
	size_t n;
	bool brief; /* short enough for braces: text in its place is meant as the first key's */
};

/* Fills *target from a mapping of that kind. */
void fields_read(const struct fields *f, const struct fields_kind *kind,
    const struct yaml_node *node, void *target);

/* For readers: reports that the value is not what (`one line of text`). */
void fields_wrong_type(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *what);

/* For readers: what to write instead, of spec's key; borrowed from the tables. */
const char *fields_example(const struct fields *f, const struct fields_spec *spec);

/*
 * The one of the n candidates (the i-th is name(context, i)) that text may have
 * been meant as, which is in small letters; an empty slice when none is near.
 */
struct str fields_nearest(struct str text, size_t n,
    struct str (*name)(const void *context, size_t i), const void *context);

/* The beginning of a text that may be long; for a message, as "%.*s" and SHOWN(s). */
struct str fields_shown(struct str s);
#define SHOWN(s) STR_ARGS(fields_shown(s))

#endif
