/*
 * xml: writes text as XML 1.0 has it.
 *
 * Names and layout are the caller's; here no text can turn into markup, and
 * nothing comes out that XML 1.0 forbids (s2.2, F-10), whatever is put in.
 */
#ifndef RENDER_XML_H
#define RENDER_XML_H

#include "base/buf.h"

/* What every document begins with: not one byte may stand before it (F-10). */
#define XML_DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

/*
 * Appends s, escaped so that it may stand between tags and, in double quotation
 * marks, in an attribute. Characters that XML has not are left out; bytes that
 * are not UTF-8 become U+FFFD.
 */
void xml_text(struct buf *out, struct str s);

/* Appends ` NAME="VALUE"`; nothing where the value is empty. */
void xml_attribute(struct buf *out, const char *name, struct str value);

/* Appends what a line begins with in an element that lies within so many others. */
void xml_indent(struct buf *out, unsigned depth);

/* Appends a line `<NAME>TEXT</NAME>` at that depth; nothing where the text is empty. */
void xml_element(struct buf *out, unsigned depth, const char *name, struct str text);

/*
 * Appends Atom's link (RFC 4287 s4.2.7) as a line, under the name that the document
 * has for it; nothing where href is empty. type is a media type, or NULL.
 */
void xml_link(struct buf *out, unsigned depth, const char *name, const char *rel, const char *type,
    struct str href);

#endif
