/*
 * reply: what every kind of page has in common: how it begins and ends, and how
 * a builder says that there is none.
 */
#ifndef PAGES_REPLY_H
#define PAGES_REPLY_H

#include "pages/pages.h"

/*
 * The answers that builders give, made in the request's arena: a page; a text of
 * that media type (static); none; none any more, with a line that says so; or one that leads on to target, a path, with
 * the request's words, under a label that says what is there: for good, or for now.
 */
struct pages_answer reply_page(const struct page *p);
struct pages_answer reply_text(struct str text, const char *media);
struct pages_answer reply_not_found(void);
struct pages_answer reply_gone(struct str message);
struct pages_answer reply_failed(struct str message);
struct pages_answer reply_later(void); /* to a request that is not patient */
struct pages_answer reply_moved(const struct pages_request *q, struct str target, struct str label);
struct pages_answer reply_elsewhere(
    const struct pages_request *q, struct str target, struct str label);

/* The media type of plain text (M-22). */
#define REPLY_PLAIN "text/plain; charset=utf-8"

/*
 * A new page in the digest's language, titled "SITE: TITLE", so that a feed
 * reader can tell it from others (T-06).
 */
struct page *reply_titled(const struct pages_request *q, struct str title);

/* Says who edits the digest, since when it stands so, and its licence, as far as they are known (G-22). */
void reply_imprint(const struct pages_request *q, struct page *p);

/* Ends a page: the ways out, the last of which is the same page on the other protocol. */
void reply_foot(const struct pages_request *q, struct page *p);

#endif
