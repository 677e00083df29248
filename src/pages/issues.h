/*
 * issues: what came in a week, or a month, as one page.
 *
 * An issue has each of its entries once, under its first category, with its
 * summary, the address of the post itself and what else is linked to it, so that it
 * can be read offline or in a mail; the entry's own page says no more, and a second
 * link for each entry would only be in the way.
 *
 * The list of issues can be subscribed to as it stands: an issue has its place
 * there once it is complete, dated by its last day, and keeps both, so that no
 * feed reader sees it twice (F-01, F-02); one that still grows stands above, without
 * a date.
 */
#ifndef PAGES_ISSUES_H
#define PAGES_ISSUES_H

#include "pages/pages.h"

/* /issues/ and its further pages. */
pages_builder issues_list;

/* /issues/2019-W46, or 2019-11 in a monthly digest. One that is very long has several pages. */
pages_builder issues_issue;

/* How many pages /issues/ has. */
uint32_t issues_list_pages(const struct pages_request *q);

/*
 * For feeds: appends an issue of q->digest, as far as it is due, as plain text, a
 * blank line between paragraphs; of a very long one no more than its titles and
 * addresses, and at last how many more there are. The issues to feed are those of
 * digest->issues from digest_complete on.
 */
void issues_plain(const struct pages_request *q, const struct group *issue, struct buf *out);

/*
 * What the issue is called beside the digest's title: "Week 46, 11 to 17 November 2019", or in a
 * monthly digest "Issue of November 2019", since the archive has a "November 2019" too (T-06).
 */
struct str issues_title(const struct pages_request *q, const struct group *issue);

#endif
