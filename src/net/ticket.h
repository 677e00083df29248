/*
 * ticket: the keys that seal TLS session tickets, so that a client resumes its
 * session wherever they are known: after a reload, or at another server that
 * has the same file.
 *
 * The keys are immutable and reference-counted; the last unref wipes them. The first key
 * seals; all of them open, and what another than the first has sealed is sealed
 * anew. Knows OpenSSL's contexts, no certificates and no names.
 */
#ifndef NET_TICKET_H
#define NET_TICKET_H

#include "base/buf.h"

struct ssl_ctx_st;
struct ticket_keys;

/*
 * What a file has for each key: name (16 bytes), HMAC-SHA256 key (32) and AES-256 key (32),
 * as `openssl rand 80` makes them; and the most keys that a file may have.
 */
#define TICKET_KEY_SIZE 80
#define TICKET_KEYS_MAX 8

/* One random key; NULL when the system has no random bytes. One reference. */
struct ticket_keys *ticket_keys_random(void);

/*
 * The keys of a file that nobody but its owner and group may read. One reference;
 * or NULL, with what is wrong and what to do appended to why.
 */
struct ticket_keys *ticket_keys_read(const char *file, struct buf *why);

struct ticket_keys *ticket_keys_ref(struct ticket_keys *k);
void ticket_keys_unref(struct ticket_keys *k); /* NULL is allowed */

/* Has the sessions of the context sealed and opened with the keys, which must outlive its use. */
bool ticket_keys_use(struct ssl_ctx_st *context, struct ticket_keys *k);

#endif
