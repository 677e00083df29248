/*
 * idn: internationalised host names in the form that the DNS, certificates and
 * menus have.
 *
 * An IDN is written in Unicode (U-labels) or in ASCII (A-labels, "xn--..."); both
 * are one name, and the A-labels are the form to keep and compare (RFC 5890
 * s2.3.2.1). The only user of libidn2.
 */
#ifndef BASE_IDN_H
#define BASE_IDN_H

#include "base/buf.h"

/*
 * Appends the host name in UTF-8 as A-labels in lower case: mapped as UTS 46 has
 * it, non-transitional, so that ß and ς stay letters of their own (RFC 5892). A
 * final dot is kept. Returns false, with nothing appended and *why set (static text; may be
 * NULL), for what has no such form: not UTF-8, letters that no IDN may have, too long. ASCII
 * is only put in lower case: whether it is a host name is for the caller to see.
 */
bool idn_to_ascii(struct buf *out, struct str name, const char **why);

#endif
