#include "config.h"

#include "serve/identity.h"
#include "base/log.h"
#include "net/certificate.h"
#include "serve/host.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool make(
    const struct settings *s, struct str host, const char *crt, const char *key, struct buf *why)
{
	if (mkdir(s->certs.p, 0755) != 0 && errno != EEXIST) {
		buf_printf(why, "cannot make the directory %s: %s; name another with -K",
		    s->certs.p, strerror(errno));
		return false;
	}
	if (!certificate_make(host, crt, key, why))
		return false;
	log_line("made a self-signed certificate for %.*s: %s", STR_ARGS(host), crt);
	return true;
}

/* Readers ask for the fingerprint before they trust what they see the first time. */
static bool log_fingerprint(struct str host, const char *crt, struct buf *why)
{
	struct buf fingerprint = {0};
	bool ok = certificate_fingerprint(crt, &fingerprint, why);

	if (ok)
		log_line("certificate for %.*s: %s, SHA-256 fingerprint %s", STR_ARGS(host), crt,
		    buf_z(&fingerprint));
	buf_free(&fingerprint);
	return ok;
}

static bool load_host(
    const struct settings *s, struct tls_store *store, struct str host, struct buf *why)
{
	struct buf crt = {0}, key = {0}, name = {0};
	bool ok = true;

	host_file_name(&name, host);
	buf_printf(&crt, "%.*s/%s.crt", STR_ARGS(s->certs), buf_z(&name));
	buf_printf(&key, "%.*s/%s.key", STR_ARGS(s->certs), buf_z(&name));
	if (!exists(buf_z(&crt)))
		ok = make(s, host, buf_z(&crt), buf_z(&key), why);
	ok = ok && tls_store_add(store, host, buf_z(&crt), buf_z(&key), why) &&
	    log_fingerprint(host, buf_z(&crt), why);
	buf_free(&crt);
	buf_free(&key);
	buf_free(&name);
	return ok;
}

/* False when one of the hosts has no certificate, having said so. */
static bool load_hosts(
    const struct settings *s, struct tls_store *store, const struct str *hosts, size_t n)
{
	struct buf why = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		ok = load_host(s, store, hosts[i], &why);
		if (!ok)
			log_line("certificate for %.*s: %s", STR_ARGS(hosts[i]), buf_z(&why));
	}
	buf_free(&why);
	return ok;
}

struct tls_store *identity_load(const struct settings *s)
{
	struct tls_store *store = tls_store_new();

	if (load_hosts(s, store, s->hosts, s->nhosts) &&
	    load_hosts(s, store, s->aliases, s->naliases))
		return store;
	tls_store_free(store);
	return NULL;
}
