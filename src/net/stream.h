/*
 * stream: bytes over an accepted socket, plain or TLS, behind one table.
 *
 * The connection calls these functions and cannot tell which kind it has. None
 * of them blocks, waits or knows of time; STREAM_AGAIN means that the socket has
 * to become ready first. The socket belongs to the connection, all else that
 * a kind needs to the stream.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/str.h"

#include <sys/uio.h>

struct stream;
struct stream_tls;
struct stream_tls_worker;
struct tls_store;

enum stream_result {
	STREAM_OK,
	STREAM_AGAIN,  /* wait until the socket can be read, or written when stream.blocked */
	STREAM_EOF,    /* read only: the client will send no more */
	STREAM_FAILED, /* of no use any more; stream.note may say why */
};

struct stream_kind {
	/* The handshake; NULL: there is none. Called until it gives other than STREAM_AGAIN. */
	enum stream_result (*open)(struct stream *s);

	/*
	 * Reads 1 to n bytes. Within one turn of the loop the caller goes on until
	 * the result is not STREAM_OK, or never reads again.
	 */
	enum stream_result (*read)(struct stream *s, char *p, size_t n, size_t *got);

	/*
	 * Takes bytes of head, then of body; *taken says how many, with STREAM_AGAIN
	 * too. The rest is offered again. last: finish comes next.
	 */
	enum stream_result (*write)(
	    struct stream *s, struct str head, struct str body, bool last, size_t *taken);

	/*
	 * Sends what is still held, says goodbye where the protocol has a word for
	 * it and closes the direction to the client. Called until it is not
	 * STREAM_AGAIN; nothing is read or written after.
	 */
	enum stream_result (*finish)(struct stream *s);

	/* True when finish has something to say although there is no reply (M-11). */
	bool (*speaks)(const struct stream *s);

	/* The server name that the client asked for, borrowed; or NULL. */
	const char *(*sni)(const struct stream *s);

	/* Frees all but the socket. May be called again. */
	void (*release)(struct stream *s);

	size_t piece; /* a good number of bytes for one write */
};

struct stream {
	const struct stream_kind *kind; /* plain while the client may still choose */
	int fd;                         /* the connection's */
	bool heard;                     /* at least one byte came from the client */
	bool blocked;                   /* bytes wait for the socket to become writable */
	bool ended;                     /* the client closed its direction of the socket */
	bool secured;                   /* a TLS handshake is done */
	bool resumed;                   /* and it was one that goes on from an earlier one */
	uint32_t discarded;             /* bytes thrown away */
	struct str first;       /* received but not read, within one turn; in worker's buffer */
	const char *note;       /* what failed, in words, static; or NULL */
	struct stream_tls *tls; /* owned; NULL before the first byte and for plain */
	struct stream_tls_worker *worker; /* borrowed; unless plain from the outset */
	/*
	 * Where the listener has its store, which may be another by the first byte, when it
	 * is asked for; borrowed. Unless plain from the outset.
	 */
	struct tls_store *const *store;
};

/* sendmsg's vectors are not const, but it only reads from them. */
static inline struct iovec stream_vector(struct str s)
{
	union {
		const char *in;
		void *out;
	} p = {.in = s.p};

	return (struct iovec){.iov_base = p.out, .iov_len = s.n};
}

/* Receives 1 to n bytes from the socket, as they are; for the kinds. */
enum stream_result stream_receive(struct stream *s, char *p, size_t n, size_t *got);

/*
 * Receives what the client still says and throws it away; nothing is read after.
 * STREAM_OK: that was as much as one client may say, and there may be more.
 */
enum stream_result stream_discard(struct stream *s);

/* Has the close of the socket be an RST, which also empties the system's buffers. */
void stream_abort(struct stream *s);

extern const struct stream_kind stream_plain;
extern const struct stream_kind stream_tls;

/*
 * Receives the first bytes of a client that may choose, and makes s the kind that
 * they call for. They are yet to be read, within this turn, as if they came then.
 * Called until it gives other than STREAM_AGAIN.
 */
enum stream_result stream_tls_tell(struct stream *s);

/* What the TLS streams of one thread share: buffers that are used within one call. */
struct stream_tls_worker *stream_tls_worker_new(void);
void stream_tls_worker_free(struct stream_tls_worker *w); /* NULL is allowed */

#endif
