#include "config.h"

#include "serve/identity.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "net/certificate.h"
#include "net/certificate_facts.h"
#include "serve/host.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Symbolic links followed from one file. */
#define LINKS_MAX 8

/* ----------------------------------------------------------------- the files */

void identity_files(struct str certs, struct str host, struct buf *crt, struct buf *key)
{
	struct buf name = {0};

	host_file_name(&name, host);
	buf_printf(crt, "%.*s/%s.crt", STR_ARGS(certs), buf_z(&name));
	buf_printf(key, "%.*s/%s.key", STR_ARGS(certs), buf_z(&name));
	buf_free(&name);
}

/* One host and its files. */
struct pair {
	struct str host; /* borrowed from the settings */
	struct buf crt_path, key_path;
	const char *crt, *key; /* the same, NUL-terminated */
};

static void pair_clear(struct pair *p)
{
	buf_free(&p->crt_path);
	buf_free(&p->key_path);
}

/* Gets the i-th pair, hosts before aliases; *p is all zeros, or the one before. */
static bool pair_next(const struct settings *s, size_t i, struct pair *p)
{
	pair_clear(p);
	if (i >= s->nhosts + s->naliases)
		return false;
	p->host = i < s->nhosts ? s->hosts[i] : s->aliases[i - s->nhosts];
	identity_files(s->certs, p->host, &p->crt_path, &p->key_path);
	p->crt = buf_z(&p->crt_path);
	p->key = buf_z(&p->key_path);
	return true;
}

/*
 * False when a file may be made there. A symbolic link that leads nowhere is no reason to
 * make one, nor is a directory that may not be searched.
 */
static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno == EACCES;
}

/* ---------------------------------------------------------------- the words */

/* "digestd cert VERB HOST", as a shell takes it. */
static void add_command(
    struct buf *out, const struct settings *s, const char *verb, struct str host)
{
	const char *quote = host_is_wildcard(host) ? "'" : "";

	buf_printf(out, "digestd cert %s ", verb);
	if (!str_eq(s->certs, STR("certs")))
		buf_printf(out, "-K %.*s ", STR_ARGS(s->certs));
	buf_printf(out, "%s%.*s%s", quote, STR_ARGS(host), quote);
}

/* Appends what there is to say of a certificate that ends soon; else nothing. */
static void add_ending(
    struct buf *out, const struct settings *s, const struct tls_host_facts *f, int64_t now)
{
	int64_t days = (f->not_after - now) / DATE_DAY_SECONDS;
	struct date end = date_of_instant(f->not_after);

	if (days >= IDENTITY_WARN_DAYS)
		return;
	buf_printf(out, "the certificate for %s ", f->name);
	buf_addz(out, f->not_after < now ? "has ended on " : "ends on ");
	date_iso(out, &end);
	if (f->not_after >= now)
		buf_printf(out, ", in %lld %s", (long long)days, days == 1 ? "day" : "days");
	if (f->self_signed) {
		buf_addz(out, ": renew it with ");
		add_command(out, s, "renew", str_of(f->name));
	} else {
		buf_addz(out, ": renew it where it was issued");
	}
}

void identity_warn(const struct settings *s, const struct tls_store *store, int64_t now)
{
	struct tls_host_facts f;

	for (size_t i = 0; tls_store_host(store, i, &f); i++) {
		struct buf text = {0};

		add_ending(&text, s, &f, now);
		if (text.len > 0)
			log_line("warning: %s", buf_z(&text));
		buf_free(&text);
	}
}

/* -------------------------------------------------------------------- load */

static bool make(const struct settings *s, const struct pair *p, struct buf *why)
{
	if (mkdir(s->certs.p, 0755) != 0 && errno != EEXIST) {
		buf_printf(why, "cannot make the directory %s: %s; name another with -K",
		    s->certs.p, strerror(errno));
		return false;
	}
	if (certificate_make(p->host, p->crt, p->key, why)) {
		log_line("made a self-signed certificate for %.*s: %s", STR_ARGS(p->host), p->crt);
		return true;
	}
	buf_addz(why, "; a running, confined server only reads there: make it with ");
	add_command(why, s, "make", p->host);
	return false;
}

/* Readers ask for the fingerprint before they trust what they see the first time. */
static bool log_fingerprint(const struct pair *p, struct buf *why)
{
	struct arena *a = arena_new(0);
	struct certificate_facts f;
	bool ok = certificate_facts_read(p->crt, a, &f, why);

	if (ok)
		log_line("certificate for %.*s: %s, SHA-256 fingerprint %.*s", STR_ARGS(p->host),
		    p->crt, STR_ARGS(f.fingerprint));
	arena_free(a);
	return ok;
}

/* False when it cannot be loaded, having said so. */
static bool load_pair(const struct settings *s, struct tls_store *store, const struct pair *p)
{
	struct buf why = {0};
	bool ok = (exists(p->crt) || make(s, p, &why)) &&
	    tls_store_add(store, p->host, p->crt, p->key, &why) && log_fingerprint(p, &why);

	if (!ok)
		log_line("certificate for %.*s: %s", STR_ARGS(p->host), buf_z(&why));
	buf_free(&why);
	return ok;
}

static bool load_tickets(
    struct tls_store *store, const char *tickets, const struct tls_store *before)
{
	struct buf why = {0};
	bool ok = true;

	if (tickets)
		ok = tls_store_tickets(store, tickets, &why);
	else if (before)
		tls_store_tickets_of(store, before);
	if (!ok)
		log_line("ticket keys: %s", buf_z(&why));
	buf_free(&why);
	return ok;
}

struct tls_store *identity_load(
    const struct settings *s, const char *tickets, const struct tls_store *before)
{
	struct tls_store *store = tls_store_new();
	bool ok = load_tickets(store, tickets, before);
	struct pair p = {0};

	for (size_t i = 0; ok && pair_next(s, i, &p); i++)
		ok = load_pair(s, store, &p);
	pair_clear(&p);
	if (ok) {
		identity_warn(s, store, clock_wall());
		return store;
	}
	tls_store_unref(store);
	return NULL;
}

/* ------------------------------------------------------------------- check */

/* The reason begins with the file that it is about. */
static void report(struct diag_list *errors, struct buf *why)
{
	struct str text = buf_str(why);
	size_t colon = 0;

	while (colon < text.n && !str_starts(str_skip(text, colon), STR(": ")))
		colon++;
	text = str_skip(text, colon + 2);
	diag_error(errors, (struct diag_pos){.file = str_sub(buf_str(why), 0, colon)}, "%.*s",
	    STR_ARGS(text));
	buf_free(why);
}

static void check_pair(
    struct tls_store *store, const struct pair *p, struct diag_list *errors, struct buf *notes)
{
	struct buf why = {0};

	if (!exists(p->crt))
		buf_printf(notes, "%s: note: serve makes this certificate, self-signed%s\n", p->crt,
		    exists(p->key) ? ", for the key that is there" : "");
	else if (!tls_store_add(store, p->host, p->crt, p->key, &why))
		report(errors, &why);
}

static void note_endings(
    const struct settings *s, const struct tls_store *store, int64_t now, struct buf *notes)
{
	struct tls_host_facts f;

	for (size_t i = 0; tls_store_host(store, i, &f); i++) {
		struct buf crt = {0}, key = {0}, text = {0};

		add_ending(&text, s, &f, now);
		identity_files(s->certs, str_of(f.name), &crt, &key);
		if (text.len > 0)
			buf_printf(notes, "%s: warning: %s\n", buf_z(&crt), buf_z(&text));
		buf_free(&crt);
		buf_free(&key);
		buf_free(&text);
	}
}

void identity_check(const struct settings *s, const char *tickets, int64_t now,
    struct diag_list *errors, struct buf *notes)
{
	struct tls_store *store = tls_store_new();
	struct pair p = {0};
	struct buf why = {0};

	if (tickets && !tls_store_tickets(store, tickets, &why))
		report(errors, &why);
	for (size_t i = 0; pair_next(s, i, &p); i++)
		check_pair(store, &p, errors, notes);
	note_endings(s, store, now, notes);
	tls_store_unref(store);
}

/* ------------------------------------------------------- stamp, directories */

static enum identity_sight look_at(const char *file, struct buf *facts)
{
	struct stat st = {0};
	int error = stat(file, &st) == 0 ? 0 : errno;

	buf_printf(facts, "%s %d %llu %llu %lld", file, error, (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino, (long long)st.st_size);
	buf_printf(facts, " %lld.%ld %lld.%ld\n", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	return error == 0 ? IDENTITY_WHOLE : error == EACCES ? IDENTITY_HIDDEN : IDENTITY_MISSING;
}

enum identity_sight identity_look(const struct settings *s, const char *tickets, uint64_t *stamp)
{
	unsigned seen = 0; /* a bit for each sight */
	struct pair p = {0};
	struct buf facts = {0};

	for (size_t i = 0; pair_next(s, i, &p); i++)
		seen |= 1u << look_at(p.crt, &facts) | 1u << look_at(p.key, &facts);
	if (tickets)
		seen |= 1u << look_at(tickets, &facts);
	*stamp = str_hash(buf_str(&facts));
	buf_free(&facts);
	if (seen & 1u << IDENTITY_HIDDEN)
		return IDENTITY_HIDDEN;
	return seen & 1u << IDENTITY_MISSING ? IDENTITY_MISSING : IDENTITY_WHOLE;
}

static void warn_if_unreadable(const char *file)
{
	if (access(file, R_OK) != 0 && errno == EACCES)
		log_line(
		    "warning: %s cannot be read any more by the user that this process is now, "
		    "and so not be loaded again: give it to that user's group, with chgrp and "
		    "chmod 640",
		    file);
}

void identity_warn_unreadable(const struct settings *s)
{
	struct pair p = {0};

	for (size_t i = 0; pair_next(s, i, &p); i++) {
		warn_if_unreadable(p.crt);
		warn_if_unreadable(p.key);
	}
	if (s->ticket_keys.n > 0)
		warn_if_unreadable(s->ticket_keys.p);
}

static bool is_listed(struct str list, struct str path)
{
	struct str one;

	while (str_next_field(&list, '\0', &one))
		if (str_eq(one, path))
			return true;
	return false;
}

static void add_directory(struct buf *out, const char *path)
{
	char *real = realpath(path, NULL);

	if (real && !is_listed(buf_str(out), str_of(real))) {
		buf_addz(out, real);
		buf_addc(out, '\0');
	}
	free(real);
}

/* What comes before the last slash, and the slash; empty when there is none. */
static struct str parent(struct str path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

/* The directories of a file and of each file that a symbolic link leads to from there. */
static void add_directories_of(struct buf *out, const char *file)
{
	struct buf path = {0}, directory = {0};
	char target[PATH_MAX];
	ssize_t n = 0;

	buf_addz(&path, file);
	for (int i = 0; i < LINKS_MAX && n >= 0; i++) {
		directory.len = 0;
		buf_add(&directory, parent(buf_str(&path)));
		add_directory(out, directory.len > 0 ? buf_z(&directory) : ".");
		n = readlink(buf_z(&path), target, sizeof target);
		path.len = 0;
		if (n > 0 && target[0] != '/')
			buf_add(&path, buf_str(&directory));
		buf_add(&path, (struct str){target, n > 0 ? (size_t)n : 0});
	}
	buf_free(&path);
	buf_free(&directory);
}

void identity_directories(const struct settings *s, const char *tickets, struct buf *out)
{
	struct pair p = {0};

	add_directory(out, s->certs.p);
	for (size_t i = 0; pair_next(s, i, &p); i++) {
		add_directories_of(out, p.crt);
		add_directories_of(out, p.key);
	}
	if (tickets)
		add_directories_of(out, tickets);
}
