/*
 * text: the readers of fields whose value is text.
 *
 * Knows what a line, gemtext, a URL, a slug, a language tag and an emoji are, and
 * how to mend what is none. Texts are copied into the keep arena, trimmed and
 * without controls.
 */
#ifndef CONTENT_TEXT_H
#define CONTENT_TEXT_H

#include "content/fields.h"

/* Bounds, in bytes. */
#define TEXT_LINE_MAX 500u            /* a title, a name */
#define TEXT_GEMTEXT_MAX (16u * 1024) /* a summary, a description */
#define TEXT_URL_MAX 700u             /* with a selector's "URL:" well within what clients take */
#define TEXT_LANGUAGE_MAX 35u         /* RFC 5646 s4.4.1 */

/*
 * Each reads a struct str. The texts of text_line and text_gemtext have at most the
 * row's max bytes. Only gemtext may be empty.
 */
fields_reader text_line;     /* one line without controls */
fields_reader text_gemtext;  /* lines, tabs allowed, no line feed at its ends */
fields_reader text_url;      /* absolute, at most TEXT_URL_MAX */
fields_reader text_id;       /* a URI of any scheme that a path can follow */
fields_reader text_slug;     /* as slug_valid has it */
fields_reader text_language; /* BCP 47, by its syntax */
fields_reader text_emoji;    /* one emoji */

/*
 * For readers of what no quotation mark can be in: the scalar's text, trimmed and
 * borrowed, if it is one line of at most max bytes; else reports why not and returns
 * an empty slice.
 */
struct str text_word(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, size_t max);

/* The line of the text, from 1, whose fence (```) is never closed; 0: none. What to say of it: */
unsigned text_open_fence(struct str gemtext);
#define TEXT_OPEN_FENCE "this ``` is never closed: write ``` in a line behind the block"

#endif
