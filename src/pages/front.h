/*
 * front: the first page: what this is, the ways in, the latest entries.
 */
#ifndef PAGES_FRONT_H
#define PAGES_FRONT_H

#include "pages/pages.h"

pages_builder front_page;

#endif
