/*
 * syntax: what to tell the editor about a fault of syntax.
 *
 * libyaml says which token it did not expect; the slip is often before that. From its words, the
 * text and what was read so far comes one message in words that need no knowledge of libyaml, at
 * the place where the editor has to change something.
 */
#ifndef CONTENT_SYNTAX_H
#define CONTENT_SYNTAX_H

#include "content/yaml.h"

/* A scalar, or a collection in brackets. */
struct syntax_token {
	struct yaml_node *node; /* NULL: none */
	struct diag_pos end;    /* behind it */
	bool quoted;            /* a scalar in quotation marks */
	bool block;             /* a scalar after | or > */
};

struct syntax_fault {
	const char *problem, *context;  /* libyaml's words */
	struct diag_pos at, context_at; /* the places they are about */
	struct str text;                /* of the file, from a line on */
	unsigned line;                  /* lines before that */
	struct syntax_token latest;     /* read before the fault */
	struct syntax_token quoted;     /* the latest that goes over several lines */
	struct yaml_node *open;         /* the innermost collection that has not ended, or NULL */
	struct yaml_node *last;         /* its last child so far, or NULL */
	bool flow;                      /* it is in brackets */
};

/* Reports the fault, marks nodes that it spoiled as bad or cut, and returns the place reported. */
struct diag_pos syntax_report(const struct syntax_fault *f, struct diag_list *diags);

/*
 * Reports text that was meant as an item, with a hyphen but no space behind it; false if it is
 * not. end: what the file has after the text.
 */
bool syntax_no_item(struct str text, const char *end, struct diag_pos pos, struct diag_list *diags);

#endif
