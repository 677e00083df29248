/*
 * wellknown: the small texts that crawlers and clients ask every server for.
 */
#ifndef PAGES_WELLKNOWN_H
#define PAGES_WELLKNOWN_H

#include "pages/pages.h"

pages_builder wellknown_robots;   /* C-01 to C-05, C-12 */
pages_builder wellknown_caps;     /* G-16 */
pages_builder wellknown_favicon;  /* C-06 */
pages_builder wellknown_security; /* C-07; none once it has expired */

/* /.well-known/ has no page of its own; it leads to the sitemap while something is in it (R-11). */
pages_builder wellknown_folder;

#endif
