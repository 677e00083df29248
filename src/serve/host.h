/*
 * host: one form for each host, however it is written.
 *
 * A host is a name, a wildcard ("*.example.org": any one label below it), or an
 * address literal. Names are kept as A-labels in lower case without a final dot,
 * addresses as inet_ntop(3) writes them, without brackets; in that form two hosts
 * are the same when their bytes are (M-08).
 */
#ifndef SERVE_HOST_H
#define SERVE_HOST_H

#include "base/buf.h"

/*
 * Appends the one form of a host as an operator or a URL writes it: any case,
 * U-labels or A-labels, one final dot, an IPv6 address with or without brackets. Returns
 * false, with nothing appended and *why set (static text; may be NULL), for what is no host, and
 * for a name whose first label is "_", see host_file_name.
 */
bool host_form(struct buf *out, struct str written, const char **why);

/* Of a host in its one form: is it an address? A wildcard? */
bool host_is_address(struct str host);
bool host_is_wildcard(struct str host);

/* True when the host is below the wildcard by exactly one label; both in their one form. */
bool host_is_below(struct str host, struct str wildcard);

/*
 * Appends the name that files about the host have: the host, with "_" for the
 * star of a wildcard, which a shell would take for a pattern. No two hosts share one.
 */
void host_file_name(struct buf *out, struct str host);

#endif
