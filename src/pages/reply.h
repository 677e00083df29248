/*
 * reply: what every kind of page has in common: how it begins and ends, and how
 * a builder says that there is none.
 */
#ifndef PAGES_REPLY_H
#define PAGES_REPLY_H

#include "pages/pages.h"

/* What builders answer; p and text are borrowed for as long as the answer. */
struct pages_answer reply_page(const struct page *p);

/* A text of that media type, which is static. */
struct pages_answer reply_text(struct str text, const char *media);

/* There is no such page. */
struct pages_answer reply_not_found(void);

/* There is none any more; the message is one line that says so. */
struct pages_answer reply_gone(struct str message);

/*
 * It cannot be answered now, through no fault of the reader; the message is one line that
 * says so.
 */
struct pages_answer reply_failed(struct str message);

/* To a request that is not patient: it would take long. */
struct pages_answer reply_later(void);

/*
 * Leads on for good to target, a path, with the request's words. The label says what is
 * there: it is for Gopher readers, who get a page with that one link (M-14).
 */
struct pages_answer reply_moved(const struct pages_request *q, struct str target, struct str label);

/* The same for now; title and text, static, are those of that page. */
struct pages_answer reply_elsewhere(const struct pages_request *q, const char *title,
    const char *text, struct str target, struct str label);

/* The media type of plain text (M-22). */
#define REPLY_PLAIN "text/plain; charset=utf-8"

/*
 * A new page in the digest's language, titled "SITE: TITLE", so that a feed
 * reader can tell it from others (T-06).
 */
struct page *reply_titled(const struct pages_request *q, struct str title);

/*
 * Says who edits the digest, of when its newest entry is, and its licence, as far as they
 * are known (G-22).
 */
void reply_imprint(const struct pages_request *q, struct page *p);

/* Ends a page: the ways out, the last of which is the same page on the other protocol. */
void reply_foot(const struct pages_request *q, struct page *p);

#endif
