#include "config.h"

#include "serve/files.h"
#include "base/log.h"
#include "base/mem.h"
#include "protocol/gopher_reply.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x46494c45u
#define PIECE ((size_t)16 * 1024)

/* A file on its way out. */
struct stream {
	unsigned magic;
	int fd;
	enum files_form form;
	struct gopher_reply_text text;
	struct buf ready; /* converted, not yet taken */
	bool ended;       /* the end of the file was read */
	uint64_t
	    left; /* bytes to read; what is added to a file meanwhile is left for the next request */
};

static uint64_t stamp_of(const struct stat *st)
{
	uint64_t parts[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino, (uint64_t)st->st_size,
	    (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec};

	return str_hash((struct str){(const char *)parts, sizeof parts}) | 1;
}

bool files_open(struct str name, struct files_open *f)
{
	struct buf path = {0};
	struct stat st;

	buf_add(&path, name);
	f->fd = open(buf_z(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (f->fd < 0 || fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		log_line("cannot serve %s: %s", buf_z(&path),
		    f->fd < 0 ? strerror(errno) : "it is no regular file any more");
		if (f->fd >= 0)
			close(f->fd);
		buf_free(&path);
		return false;
	}
	buf_free(&path);
	f->size = (uint64_t)st.st_size;
	f->stamp = stamp_of(&st);
	return true;
}

void files_close(struct files_open *f)
{
	close(f->fd);
	f->fd = -1;
}

static ssize_t read_some(struct stream *s, char *p, size_t n)
{
	ssize_t got;

	if (n > s->left)
		n = (size_t)s->left;
	do
		got = n > 0 ? read(s->fd, p, n) : 0;
	while (got < 0 && errno == EINTR);
	if (got < 0)
		log_line("reading a file: %s", strerror(errno));
	s->left -= got > 0 ? (uint64_t)got : 0;
	return got;
}

static struct stream *stream_new(struct files_open *f, enum files_form form)
{
	struct stream *s = mem_zalloc(1, sizeof *s);

	s->magic = MAGIC;
	s->fd = f->fd;
	s->form = form;
	s->left = f->size;
	s->text.stuffed = form == FILES_GOPHER_STUFFED;
	f->fd = -1;
	return s;
}

/* Reads and converts the next piece into s->ready. */
static bool fill(struct stream *s)
{
	char piece[PIECE];
	ssize_t n = read_some(s, piece, sizeof piece);

	if (n < 0)
		return false;
	s->ended = n == 0;
	if (s->ended)
		gopher_reply_text_end(&s->text, &s->ready);
	else
		gopher_reply_text(&s->text, &s->ready, (struct str){piece, (size_t)n});
	return true;
}

static ptrdiff_t stream_read(void *context, char *p, size_t n)
{
	struct stream *s = context;

	assert(s->magic == MAGIC);
	if (s->form == FILES_RAW)
		return read_some(s, p, n);
	while (s->ready.len == 0 && !s->ended)
		if (!fill(s))
			return -1;
	if (n > s->ready.len)
		n = s->ready.len;
	if (n > 0)
		memcpy(p, s->ready.p, n);
	buf_drop(&s->ready, n);
	return (ptrdiff_t)n;
}

static void stream_close(void *context)
{
	struct stream *s = context;

	assert(s->magic == MAGIC);
	s->magic = 0;
	close(s->fd);
	buf_free(&s->ready);
	free(s);
}

bool files_read(struct files_open *f, enum files_form form, struct buf *out)
{
	struct stream *s = stream_new(f, form);
	ptrdiff_t n;

	buf_reserve(out, (size_t)f->size + 1);
	do {
		n = stream_read(s, buf_reserve(out, PIECE), PIECE);
		if (n > 0)
			out->len += (size_t)n;
	} while (n > 0);
	stream_close(s);
	return n == 0;
}

void files_stream(struct files_open *f, enum files_form form, struct net_reply *r)
{
	r->size = f->size;
	r->source = (struct net_source){stream_read, stream_close, stream_new(f, form)};
}
