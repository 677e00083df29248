/*
 * fields: from a mapping of YAML to a struct, by a table.
 *
 * A table has one row for each key: how to read its value, where in the struct
 * it goes, its bounds, and an example for messages. All faults
 * of a mapping are reported; a field at fault stays as it was. A key with
 * nothing behind it (empty, ~ or null) counts as not written. Knows what text,
 * a URL, a slug or a date is, not which keys there are: that is entry.c and
 * site.c.
 */
#ifndef CONTENT_FIELDS_H
#define CONTENT_FIELDS_H

#include "content/yaml.h"

/* Bounds that several kinds of mapping share, in bytes. */
#define FIELDS_LINE_MAX 500u            /* a title, a name */
#define FIELDS_GEMTEXT_MAX (16u * 1024) /* a summary, a description */
#define FIELDS_URL_MAX 700u             /* with a selector's "URL:" well within what clients take */
#define FIELDS_LANGUAGE_MAX 35u         /* RFC 5646 s4.4.1 */

/* Where a reader puts what it reads, and where it reports. All borrowed. */
struct fields {
	struct arena *keep; /* texts that stay: the snapshot's arena */
	struct arena *work; /* lists (struct fields_list) and what is in them */
	struct diag_list *diags;
	const struct fields_spec
	    *example; /* its key has this example rather than its own; NULL: none */
};

struct fields_spec;

/*
 * Reads node, which is not nothing, into *out, whose type the reader's comment
 * below names. What it cannot read it reports, and leaves *out alone.
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

/* An item of a list, with its place. */
struct fields_item {
	struct str text;
	struct diag_pos pos;
};

struct fields_list {
	struct fields_item *items; /* in the work arena */
	uint16_t n;
};

/* Fills *target from a mapping of that kind. */
void fields_read(const struct fields *f, const struct fields_kind *kind,
    const struct yaml_node *node, void *target);

/*
 * Readers. Texts are copied into the keep arena and trimmed; those of
 * fields_line and fields_gemtext have at most max bytes. Only gemtext may be
 * empty.
 */
fields_reader fields_line;     /* struct str: one line without controls */
fields_reader fields_gemtext;  /* struct str: lines, tabs allowed, no line feed at its ends */
fields_reader fields_url;      /* struct str: absolute, at most FIELDS_URL_MAX */
fields_reader fields_id;       /* struct str: a URI of any scheme that a path can follow */
fields_reader fields_slug;     /* struct str */
fields_reader fields_language; /* struct str: BCP 47, by its syntax */
fields_reader fields_emoji;    /* struct str: one emoji */
fields_reader fields_date;     /* struct date */
fields_reader fields_bool;     /* bool */
fields_reader fields_unsigned; /* unsigned, from min to max */

/* struct fields_list of min to max items, each read as fields_line or fields_slug does, into the work arena. */
fields_reader fields_lines;
fields_reader fields_slugs;

/* For readers made elsewhere: reports that the value is not what (`one line of text`). */
void fields_wrong_type(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *what);

/* True when node is one of the words, which end with NULL: *which is its index. Else reports what they are. */
bool fields_word(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *const words[], size_t *which);

/* True when node is a sequence of min to max items; else reports it. */
bool fields_is_list(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node);

/* The line of the text, from 1, whose fence (```) is never closed; 0: none. What to say of it: */
unsigned fields_open_fence(struct str gemtext);
#define FIELDS_OPEN_FENCE "this ``` is never closed: write ``` in a line behind the block"

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
