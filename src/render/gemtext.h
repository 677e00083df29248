/*
 * gemtext: reads gemtext into the blocks of a page (T-01, T-02).
 *
 * Summaries and static pages are written in gemtext; read into blocks they can
 * be printed by any format. Any bytes are gemtext: nothing is an error.
 */
#ifndef RENDER_GEMTEXT_H
#define RENDER_GEMTEXT_H

#include "base/buf.h"
#include "render/page.h"

/*
 * Appends the blocks of text to the page. base is the path that relative links
 * are resolved against ("/about"). Headings are demoted by so many levels, so
 * that a summary cannot pass for a page of its own. A link with a target that
 * is no reference is shown as text.
 */
void gemtext_read(struct page *p, struct str text, struct str base, unsigned demote);

/*
 * Appends what the text says as plain text for programs: a paragraph, item or
 * preformatted line a line, without markup and blank lines, and no line feed at
 * the end. A link is its label, or its target where it has none.
 */
void gemtext_plain(struct buf *out, struct str text);

/*
 * Appends what the text says as plain text for people: as above, but items and
 * quotations keep their marks, preformatted lines are as they are, and a blank
 * line stands where one stood and between two paragraphs. A link that leads out is
 * "LABEL: URL"; the path of one that does not would lead nowhere from where this is
 * read, so it is its label.
 */
void gemtext_readable(struct buf *out, struct str text);

/* The text of the first heading, or an empty slice; *rest gets the text behind its line. */
struct str gemtext_title(struct str text, struct str *rest);

#endif
