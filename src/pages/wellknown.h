/*
 * wellknown: the small texts that crawlers and clients ask every server for.
 */
#ifndef PAGES_WELLKNOWN_H
#define PAGES_WELLKNOWN_H

#include "pages/pages.h"

pages_builder wellknown_robots;  /* C-01, C-02, C-12 */
pages_builder wellknown_caps;    /* G-16 */
pages_builder wellknown_favicon; /* C-06 */

#endif
