/*
 * media: what a file is, by the ending of its name: its media type for Gemini
 * and its item type for Gopher.
 */
#ifndef BASE_MEDIA_H
#define BASE_MEDIA_H

#include "base/str.h"

struct media {
	const char *ending; /* lower case, with its dot */
	const char *type;   /* media type; text types carry charset=utf-8 */
	char item;          /* Gopher item type (G-10) */
};

/*
 * What the name's ending says, in any case; application/octet-stream and 9 for an unknown
 * one (M-22).
 */
const struct media *media_of(struct str name);

#endif
