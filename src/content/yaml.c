#include "config.h"

#include "content/yaml.h"
#include "base/map.h"
#include "content/bytes.h"
#include "content/syntax.h"

#include <yaml.h>

/* A file with more faults of syntax than this is not looked at further. */
#define RESUMES_MAX 100

/* How to print where something is: by file and line. */
#define AT "%.*s:%u"
#define AT_ARGS(pos) STR_ARGS((pos).file), (pos).line

struct anchor {
	struct yaml_node *node; /* what it names */
	uint64_t weight;        /* of that, aliases expanded */
	unsigned height;        /* collections in it, one inside the other, itself counted */
	bool finished;          /* the node is complete */
};

/* A collection whose end has not come. */
struct frame {
	struct yaml_node *node;
	struct yaml_node *last;      /* child so far, or NULL */
	const struct yaml_node *key; /* read, its value not yet; NULL: the next node is a key */
	struct anchor *anchor;       /* of the collection, or NULL */
	uint64_t weight;             /* so far */
	unsigned height;             /* so far, as of struct anchor */
	bool drop;                   /* the key is at fault: pass over its value */
	bool again;                  /* its keys begin anew: a '- ' is missing */
	bool flow;                   /* in brackets */
};

struct reader {
	struct arena *arena;     /* borrowed */
	struct diag_list *diags; /* borrowed */
	struct str file;         /* its name */
	struct str text;         /* of the whole file */
	struct map *anchors;     /* name -> struct anchor *; NULL while there are none */
	struct yaml_node *root;  /* NULL: nothing read yet */
	struct yaml_node *last;  /* item of the root, where reading resumes */
	struct frame open[YAML_DEPTH_MAX];
	unsigned depth;     /* of open in use */
	unsigned documents; /* begun, since reading last resumed */
	uint32_t nodes;
	uint64_t weight;
	size_t start;          /* offset in text where libyaml began; always the start of a line */
	unsigned line;         /* lines before that */
	struct diag_pos fault; /* what ended this pass; line 0: nothing has */
	struct syntax_token latest;
	struct syntax_token quoted; /* the last quoted scalar of several lines */
	bool misread; /* what follows is not what was meant, and that has been reported */
};

/* The core tags, and what they can stand on. */
static const struct core_tag {
	const char *name; /* after tag:yaml.org,2002: */
	enum yaml_kind kind;
	bool plain; /* leaves what the scalar means to the reader */
} core_tags[] = {
    {"str", YAML_SCALAR, false},
    {"bool", YAML_SCALAR, true},
    {"int", YAML_SCALAR, true},
    {"float", YAML_SCALAR, true},
    {"null", YAML_SCALAR, true},
    {"timestamp", YAML_SCALAR, true},
    {"seq", YAML_SEQUENCE, true},
    {"map", YAML_MAPPING, true},
};

static struct diag_pos pos_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct diag_pos){
	    r->file, r->line + (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* A new node that is in no collection yet; NULL, with the fault set, when there are too many. */
static struct yaml_node *node_new(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *n;

	if (r->nodes == YAML_NODES_MAX) {
		r->fault = pos_of(r, mark);
		diag_error(r->diags, r->fault, "more than %u nodes in one file: divide it",
		    YAML_NODES_MAX);
		return NULL;
	}
	r->nodes++;
	n = arena_alloc(r->arena, sizeof *n);
	n->kind = kind;
	n->pos = pos_of(r, mark);
	return n;
}

/* When the first key of an item comes again, so will all the others: one error says it. */
static void report_twice(
    struct reader *r, struct frame *f, const struct yaml_node *first, const struct yaml_node *key)
{
	bool is_item = r->depth > 1 && r->open[r->depth - 2].node->kind == YAML_SEQUENCE;
	bool anew = is_item && first == f->node->first->key;

	if (!f->again)
		diag_error(r->diags, key->pos,
		    "key '%.80s' is already at " AT ": delete one of the two%s%.80s%s", key->text.p,
		    AT_ARGS(first->pos), anew ? ", or begin a new entry here: '- " : "",
		    anew ? key->text.p : "", anew ? ": ...'" : "");
	f->again = f->again || anew;
}

/* Takes node as the key of the mapping f, or marks the value to come as of no use. */
static void take_key(struct reader *r, struct frame *f, const struct yaml_node *key)
{
	f->key = key;
	f->drop = true;
	if (key->kind == YAML_BAD)
		return;
	if (key->kind != YAML_SCALAR) {
		diag_error(r->diags, key->pos, "a list or a mapping is no key: write one word");
		return;
	}
	if (key->plain && syntax_no_item(key->text, ":", key->pos, r->diags)) {
		f->node->cut = r->misread = true;
		return;
	}
	for (const struct yaml_node *v = f->node->first; v; v = v->next) {
		if (str_eq(v->key->text, key->text)) {
			report_twice(r, f, v->key, key);
			return;
		}
	}
	if (f->node->n == YAML_KEYS_MAX)
		diag_error(r->diags, key->pos, "more than %u keys in one mapping: delete this one",
		    YAML_KEYS_MAX);
	else
		f->drop = false;
}

/* Puts a node where it belongs: the root, an item, a key or a value. */
static void attach(struct reader *r, struct yaml_node *node)
{
	struct frame *f = r->depth ? &r->open[r->depth - 1] : NULL;
	bool drop;

	if (!f) {
		r->root = node;
		return;
	}
	if (f->node->kind == YAML_MAPPING && !f->key) {
		take_key(r, f, node);
		return;
	}
	drop = f->drop;
	node->key = f->key;
	f->key = NULL;
	f->drop = false;
	if (drop)
		return;
	*(f->last ? &f->last->next : &f->node->first) = node;
	f->last = node;
	f->node->n++;
}

/* Counts the weight and the height of a child for the collection being read. */
static void measure(struct reader *r, uint64_t weight, unsigned height)
{
	struct frame *f = r->depth ? &r->open[r->depth - 1] : NULL;

	if (f) {
		f->weight += weight;
		if (f->height < height + 1)
			f->height = height + 1;
	}
}

/* Names node by an anchor; a later one of the same name replaces it. */
static struct anchor *anchor_set(struct reader *r, const yaml_char_t *name, struct yaml_node *node)
{
	struct str key = str_of((const char *)name);
	struct anchor *a;

	if (!name)
		return NULL;
	if (!r->anchors)
		r->anchors = map_new(r->arena, 0);
	a = map_get(r->anchors, key);
	if (!a) {
		a = arena_alloc(r->arena, sizeof *a);
		map_add(r->anchors, arena_str(r->arena, key), a);
	}
	*a = (struct anchor){.node = node};
	return a;
}

/* Checks the tag of a node, if it has one; a tag that does not fit makes the node bad. */
static void check_tag(struct reader *r, const yaml_char_t *tag, struct yaml_node *node)
{
	struct str name = str_of((const char *)tag), core = STR("tag:yaml.org,2002:");

	if (!tag || str_eq(name, STR("!")))
		return;
	for (size_t i = 0; str_starts(name, core) && i < sizeof core_tags / sizeof *core_tags;
	     i++) {
		const struct core_tag *t = &core_tags[i];

		if (t->kind == node->kind && str_eq(str_skip(name, core.n), str_of(t->name))) {
			node->plain = node->plain && t->plain;
			return;
		}
	}
	diag_error(r->diags, node->pos,
	    "the tag '%.80s' is of no use here: delete it, or put text that begins with ! in "
	    "quotation "
	    "marks",
	    (const char *)tag);
	node->kind = YAML_BAD;
}

/* Remembers a scalar; one that lacks its closing quotation mark runs on to the next mark. */
static void note_scalar(struct reader *r, struct yaml_node *n, const yaml_event_t *e)
{
	yaml_scalar_style_t style = e->data.scalar.style;

	n->plain = style == YAML_PLAIN_SCALAR_STYLE;
	n->literal = style == YAML_LITERAL_SCALAR_STYLE;
	r->latest = (struct syntax_token){
	    .node = n,
	    .end = pos_of(r, e->end_mark),
	    .quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
		style == YAML_DOUBLE_QUOTED_SCALAR_STYLE,
	    .block = n->literal || style == YAML_FOLDED_SCALAR_STYLE,
	};
	if (r->latest.quoted && r->latest.end.line > n->pos.line)
		r->quoted = r->latest;
}

/*
 * One handler for each kind of event. False ends the pass: with the fault set,
 * at that place.
 */
static bool on_nothing(struct reader *r, const yaml_event_t *e)
{
	(void)r;
	return e->type != YAML_STREAM_END_EVENT;
}

static bool on_document(struct reader *r, const yaml_event_t *e)
{
	if (r->documents++ == 0)
		return true;
	r->fault = pos_of(r, e->start_mark);
	diag_error(r->diags, r->fault,
	    "one file is one document: delete this line, and begin each entry with '- '");
	return false;
}

static bool on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct yaml_node *n = node_new(r, YAML_SCALAR, e->start_mark);
	struct anchor *a;

	if (!n)
		return false;
	note_scalar(r, n, e);
	check_tag(r, e->data.scalar.tag, n);
	if (e->data.scalar.length > YAML_SCALAR_MAX) {
		diag_error(
		    r->diags, n->pos, "text of more than %u bytes: shorten it", YAML_SCALAR_MAX);
		n->kind = YAML_BAD;
	} else {
		n->text = arena_str(r->arena,
		    (struct str){(const char *)e->data.scalar.value, e->data.scalar.length});
	}
	attach(r, n);
	r->weight += YAML_NODE_WEIGHT + n->text.n;
	measure(r, YAML_NODE_WEIGHT + n->text.n, 0);
	a = anchor_set(r, e->data.scalar.anchor, n);
	if (a) {
		a->weight = YAML_NODE_WEIGHT + n->text.n;
		a->finished = true;
	}
	return true;
}

/* Reports why an alias cannot stand; false when it can. */
static bool alias_fault(
    struct reader *r, const struct anchor *a, const char *name, struct diag_pos pos)
{
	if (!a)
		diag_error(r->diags, pos,
		    "the alias *%.80s has no anchor: write &%.80s before what it stands for", name,
		    name);
	else if (!a->finished)
		diag_error(r->diags, pos,
		    "the alias *%.80s stands inside what it stands for: write it out", name);
	else if (r->depth + a->height > YAML_DEPTH_MAX)
		diag_error(r->diags, pos,
		    "with the alias *%.80s lists and mappings are nested more than %u deep: write "
		    "it flatter",
		    name, YAML_DEPTH_MAX);
	else if (r->weight + a->weight > YAML_WEIGHT_MAX)
		diag_error(r->diags, pos,
		    "with the alias *%.80s the file would grow beyond %u MiB: write out what is "
		    "needed",
		    name, (unsigned)(YAML_WEIGHT_MAX >> 20));
	else
		return false;
	return true;
}

/* An alias is a node of its own that shares the children. */
static bool on_alias(struct reader *r, const yaml_event_t *e)
{
	struct str name = str_of((const char *)e->data.alias.anchor);
	const struct anchor *a = r->anchors ? map_get(r->anchors, name) : NULL;
	struct yaml_node *n = node_new(r, YAML_BAD, e->start_mark);

	if (!n)
		return false;
	if (!alias_fault(r, a, name.p, n->pos)) {
		struct diag_pos pos = n->pos;

		*n = *a->node;
		n->pos = pos;
		n->next = NULL;
		n->literal = false;
		r->weight += a->weight;
		measure(r, a->weight, a->height);
	}
	attach(r, n);
	return true;
}

static bool open_collection(
    struct reader *r, struct yaml_node *node, const yaml_char_t *anchor, bool flow)
{
	if (r->depth == YAML_DEPTH_MAX) {
		r->fault = node->pos;
		diag_error(r->diags, node->pos,
		    "lists and mappings nested more than %u deep: write it flatter",
		    YAML_DEPTH_MAX);
		return false;
	}
	attach(r, node);
	r->weight += YAML_NODE_WEIGHT;
	r->open[r->depth++] = (struct frame){.node = node,
	    .flow = flow,
	    .anchor = anchor_set(r, anchor, node),
	    .weight = YAML_NODE_WEIGHT,
	    .height = 1};
	return true;
}

static bool on_sequence(struct reader *r, const yaml_event_t *e)
{
	struct yaml_node *n;

	if (r->depth == 0 && r->root) { /* resumed */
		r->open[r->depth++] = (struct frame){.node = r->root, .last = r->last};
		return true;
	}
	n = node_new(r, YAML_SEQUENCE, e->start_mark);
	if (!n)
		return false;
	check_tag(r, e->data.sequence_start.tag, n);
	return open_collection(r, n, e->data.sequence_start.anchor,
	    e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
}

static bool on_mapping(struct reader *r, const yaml_event_t *e)
{
	struct yaml_node *n = node_new(r, YAML_MAPPING, e->start_mark);

	if (!n)
		return false;
	check_tag(r, e->data.mapping_start.tag, n);
	return open_collection(r, n, e->data.mapping_start.anchor,
	    e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
}

static bool on_end(struct reader *r, const yaml_event_t *e)
{
	struct frame *f = &r->open[--r->depth];

	if (f->flow)
		r->latest = (struct syntax_token){.node = f->node, .end = pos_of(r, e->end_mark)};
	if (r->depth == 0)
		r->last = f->last;
	if (f->anchor && f->anchor->node == f->node) {
		f->anchor->weight = f->weight;
		f->anchor->height = f->height;
		f->anchor->finished = true;
	}
	measure(r, f->weight, f->height);
	return true;
}

static bool (*const handlers[])(struct reader *, const yaml_event_t *) = {
    [YAML_NO_EVENT] = on_nothing,
    [YAML_STREAM_START_EVENT] = on_nothing,
    [YAML_STREAM_END_EVENT] = on_nothing,
    [YAML_DOCUMENT_START_EVENT] = on_document,
    [YAML_DOCUMENT_END_EVENT] = on_nothing,
    [YAML_ALIAS_EVENT] = on_alias,
    [YAML_SCALAR_EVENT] = on_scalar,
    [YAML_SEQUENCE_START_EVENT] = on_sequence,
    [YAML_SEQUENCE_END_EVENT] = on_end,
    [YAML_MAPPING_START_EVENT] = on_mapping,
    [YAML_MAPPING_END_EVENT] = on_end,
};

/* Reports what libyaml stumbled over. */
static void report(struct reader *r, const yaml_parser_t *p)
{
	const struct frame *f = r->depth > 0 ? &r->open[r->depth - 1] : NULL;

	r->fault = pos_of(r, p->problem_mark);
	if (!r->misread)
		r->fault = syntax_report(
		    &(struct syntax_fault){
			.problem = p->problem ? p->problem : "it cannot be read",
			.context = p->context ? p->context : "",
			.at = r->fault,
			.context_at = pos_of(r, p->context_mark),
			.text = str_skip(r->text, r->start),
			.line = r->line,
			.latest = r->latest,
			.quoted = r->quoted,
			.open = f ? f->node : NULL,
			.last = f ? f->last : NULL,
			.flow = f && f->flow,
		    },
		    r->diags);
}

/* One pass of libyaml, from r->start to the end or to the first fault. */
static void run(struct reader *r)
{
	struct str s = str_skip(r->text, r->start);
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = true;

	if (!yaml_parser_initialize(&parser)) {
		diag_error(r->diags, (struct diag_pos){.file = r->file}, "out of memory");
		return;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)s.p, s.n);
	while (more) {
		if (!yaml_parser_parse(&parser, &event)) {
			report(r, &parser);
			break;
		}
		more = handlers[event.type](r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

/*
 * Leaves all that is open as it is, marked as cut. What is in brackets or ends on the line of the
 * fault is likely to hold what it should not.
 */
static void cut(struct reader *r)
{
	if (r->fault.line && r->latest.node && r->latest.end.line == r->fault.line)
		r->latest.node->kind = YAML_BAD;
	if (r->depth > 0)
		r->last = r->open[0].last;
	while (r->depth > 0) {
		const struct frame *f = &r->open[--r->depth];

		f->node->cut = true;
		if (f->flow)
			f->node->kind = YAML_BAD;
	}
}

/*
 * Sets r->start to the first line behind the fault that begins an item of the
 * root; the fault's own line when it stands at its beginning. False: none.
 */
static bool find_next_item(struct reader *r)
{
	struct str rest = str_skip(r->text, r->start), line;
	size_t before = r->start;

	while (rest.n > 0) {
		size_t at = r->text.n - rest.n;
		bool behind = r->line + 1 > r->fault.line ||
		    (r->line + 1 == r->fault.line && r->fault.column == 1);

		if (behind && at > before && str_starts(rest, STR("- "))) {
			r->start = at;
			return true;
		}
		str_next_field(&rest, '\n', &line);
		r->line++;
	}
	return false;
}

/* Makes ready for another pass behind the fault that ended the last one. */
static bool resume(struct reader *r)
{
	if (!r->fault.line || r->nodes == YAML_NODES_MAX || !r->root ||
	    r->root->kind != YAML_SEQUENCE || !find_next_item(r))
		return false;
	r->fault = (struct diag_pos){0};
	r->latest = r->quoted = (struct syntax_token){0};
	r->misread = false;
	r->documents = 0;
	return true;
}

struct yaml_node *yaml_read(
    struct arena *arena, struct str file, struct str bytes, struct diag_list *diags)
{
	struct reader r = {.arena = arena, .diags = diags, .file = file};
	unsigned passes = 0;

	if (!bytes_text(arena, file, bytes, diags, &r.text))
		return NULL;
	do {
		run(&r);
		cut(&r);
	} while (passes++ < RESUMES_MAX && resume(&r));
	return r.root;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, struct str key)
{
	if (mapping->kind != YAML_MAPPING)
		return NULL;
	for (const struct yaml_node *v = mapping->first; v; v = v->next)
		if (str_eq(v->key->text, key))
			return v;
	return NULL;
}

bool yaml_nothing(const struct yaml_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (node->kind == YAML_SCALAR && node->plain &&
		    str_eq(node->text, str_of(words[i])))
			return true;
	return false;
}
