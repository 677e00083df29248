/*
 * tls_words: why a TLS connection failed, in words that help who reads the log.
 *
 * OpenSSL's own name the condition in its code ("tlsv1 alert unknown ca"); these
 * say what the client did or lacks. All of them are static text, fit for the
 * note of an access log line: no newline, no quotes.
 */
#ifndef NET_TLS_WORDS_H
#define NET_TLS_WORDS_H

#include "base/str.h"

/* For an error of OpenSSL (ERR_peek_error); 0: it reported none, the socket failed. */
const char *tls_words(unsigned long error);

/* For the first bytes that came where a TLS record should begin. */
const char *tls_words_plain(struct str first);

#endif
