/*
 * gopher_reply: the bytes of the Gopher answers that are no menu of ours.
 *
 * Pure: everything is appended to a buffer. What comes from a client is escaped
 * or replaced on its way.
 */
#ifndef PROTOCOL_GOPHER_REPLY_H
#define PROTOCOL_GOPHER_REPLY_H

#include "base/charset.h"

/* An error item (G-05) in that charset, cut to the width of a menu. */
void gopher_reply_error(struct buf *out, struct str message, enum charset charset);

/*
 * The page that a "URL:" selector is answered with (G-12). Returns false, with
 * nothing appended, for a URL that is malformed or of a scheme that is no link
 * to follow from a page (javascript, data, file ...).
 */
bool gopher_reply_url(struct buf *out, struct str url);

/*
 * The HTTP answer on the Gopher port (G-18), which names the two addresses;
 * either may be empty. Without its body for a HEAD request.
 */
void gopher_reply_http(
    struct buf *out, bool head, struct str title, struct str gopher_url, struct str gemini_url);

/* A text item on its way, piece by piece (G-06). All zeros at the start. */
struct gopher_reply_text {
	bool stuffed;  /* set by the caller: the form of RFC 1436, dots stuffed and a final dot */
	bool in_line;  /* something of the current line went out */
	bool held_dot; /* the line is a dot so far, which is held back */
	bool held_cr;  /* a CR is held back until it is known whether LF follows */
};

/* Appends the next piece of the text, with CRLF for every line end. */
void gopher_reply_text(struct gopher_reply_text *t, struct buf *out, struct str piece);

/* Appends what is held back, the end of the last line, and the final dot where the form has one. */
void gopher_reply_text_end(struct gopher_reply_text *t, struct buf *out);

#endif
