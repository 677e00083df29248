/*
 * gemini_reply: the header of a Gemini reply.
 */
#ifndef PROTOCOL_GEMINI_REPLY_H
#define PROTOCOL_GEMINI_REPLY_H

#include "base/str.h"

/* M-17; and the bytes of the longest header: two digits, a space, meta, CRLF. */
#define GEMINI_REPLY_META_MAX 1024
#define GEMINI_REPLY_MAX (2 + 1 + GEMINI_REPLY_META_MAX + 2)

/* The statuses this server sends (M-19). */
enum gemini_status {
	GEMINI_INPUT = 10,
	GEMINI_SUCCESS = 20,
	GEMINI_REDIRECT = 30,
	GEMINI_MOVED = 31,
	GEMINI_FAILURE = 40,
	GEMINI_UNAVAILABLE = 41,
	GEMINI_SLOW_DOWN = 44,
	GEMINI_NOT_FOUND = 51,
	GEMINI_GONE = 52,
	GEMINI_NOT_OURS = 53,
	GEMINI_BAD_REQUEST = 59,
};

/*
 * Writes "STATUS META\r\n" to out (M-16). Controls in meta become spaces; a meta
 * that is too long is cut between characters. meta must not be empty. Returns
 * the length.
 */
size_t gemini_reply_head(char out[GEMINI_REPLY_MAX], int status, struct str meta);

#endif
