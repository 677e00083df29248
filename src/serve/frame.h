/*
 * frame: how each protocol puts an answer into bytes.
 *
 * One table a protocol: the format its pages are printed in, what goes before
 * and after, and the status that the access log gives (Gemini's numbers, for
 * both protocols, so that one log has one language).
 */
#ifndef SERVE_FRAME_H
#define SERVE_FRAME_H

#include "pages/pages.h"
#include "render/link.h"
#include "serve/files.h"
#include "serve/settings.h"

struct frame {
	/* Appends the whole reply for any answer but a file. Returns its status. */
	int (*reply)(const struct pages_answer *p, const struct link_site *site,
	    const struct settings *s, struct buf *out);
	/* Appends what goes before the bytes of the file at path, and says in which form they go. */
	enum files_form (*file)(struct str path, const struct settings *s, struct buf *out);
	/* Appends the reply for what failed on our side. Returns its status. */
	int (*failure)(struct buf *out);
	/* Appends the reply that asks the reader to come again after so long. Returns its status. */
	int (*busy)(unsigned seconds, struct buf *out);
};

extern const struct frame frame_gopher;
extern const struct frame frame_gemini;

#endif
