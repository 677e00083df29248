#include "config.h"

#include "cmd.h"
#include "options.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "net/certificate.h"
#include "net/certificate_facts.h"
#include "net/tls.h"
#include "serve/app.h"
#include "serve/host.h"
#include "serve/identity.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* One run of the command. */
struct job {
	struct arena *arena; /* owned: names and facts */
	struct str certs;    /* directory; borrowed from the settings */
	unsigned how;        /* enum certificate_how */
	struct str *hosts;   /* owned; in their one form */
	size_t n;
	size_t cap;
};

/* One host's pair. */
struct pair {
	struct str host;
	struct buf crt, key; /* files */
};

static void help(void)
{
	puts("usage: digestd cert show [-c FILE] [-K CERTS] [NAME...]\n"
	     "       digestd cert make [-c FILE] [-K CERTS] NAME...\n"
	     "       digestd cert renew [-c FILE] [-K CERTS] [--new-key] [--force] NAME...\n"
	     "\n"
	     "  show       tell what each certificate says and what is wrong with it; without\n"
	     "             a name, all of them\n"
	     "  make       make a self-signed certificate and its key, as serve would\n"
	     "  renew      make a new self-signed certificate in the place of the old one, for\n"
	     "             the same names and the same key\n"
	     "\n"
	     "  -c FILE    the configuration, see digestd.yaml(5)\n"
	     "  -K CERTS   where NAME.crt and NAME.key are (certs)\n"
	     "  --new-key  make a new key too: every reader who was here before is warned\n"
	     "  --force    replace even one that somebody has issued, or a symbolic link\n"
	     "\n"
	     "A running server shows a new certificate once it has loaded it.\n"
	     "\n"
	     "Exit status: 0 fine, 1 a certificate is wrong or cannot be made, 2 the command\n"
	     "line is wrong.");
}

static struct pair pair_of(const struct job *j, struct str host)
{
	struct pair p = {.host = host};

	identity_files(j->certs, host, &p.crt, &p.key);
	return p;
}

static void pair_clear(struct pair *p)
{
	buf_free(&p->crt);
	buf_free(&p->key);
}

static bool complain(struct buf *why)
{
	fprintf(stderr, "digestd cert: %s\n", buf_z(why));
	buf_free(why);
	return false;
}

/* -------------------------------------------------------------------- show */

static void print_day(const char *before, int64_t instant)
{
	struct date d = date_of_instant(instant);
	struct buf day = {0};

	date_iso(&day, &d);
	printf("%s%s", before, buf_z(&day));
	buf_free(&day);
}

static void print_validity(const struct certificate_facts *f)
{
	int64_t left = f->not_after - clock_wall();

	print_day("  valid from       ", f->not_before);
	print_day(" to ", f->not_after);
	if (left < 0)
		puts(", which is over");
	else
		printf(", %lld days left\n", (long long)(left / DATE_DAY_SECONDS));
}

static void print_facts(const struct certificate_facts *f)
{
	printf("  names            %.*s\n", STR_ARGS(f->names));
	print_validity(f);
	if (f->self_signed)
		puts("  issued by        itself (self-signed)");
	else
		printf("  issued by        %.*s\n", STR_ARGS(f->issuer));
	printf("  key              %.*s\n", STR_ARGS(f->key));
	printf("  SHA-256          %.*s\n", STR_ARGS(f->fingerprint));
	printf("  SHA-256 of key   %.*s\n", STR_ARGS(f->key_fingerprint));
}

/* What serve would say of it. */
static bool print_fault(struct pair *p)
{
	struct tls_store *store = tls_store_new();
	struct buf why = {0};
	bool fine = tls_store_add(store, p->host, buf_z(&p->crt), buf_z(&p->key), &why);

	if (!fine)
		printf("  refused          %s\n", buf_z(&why));
	buf_free(&why);
	tls_store_unref(store);
	return fine;
}

static bool show(const struct job *j, struct pair *p)
{
	struct certificate_facts f;
	struct buf why = {0};

	if (!certificate_facts_read(buf_z(&p->crt), j->arena, &f, &why))
		return complain(&why);
	puts(buf_z(&p->crt));
	print_facts(&f);
	return print_fault(p);
}

/* ------------------------------------------------------------- make, renew */

static bool make(const struct job *j, struct pair *p)
{
	struct buf why = {0};

	if (mkdir(j->certs.p, 0755) != 0 && errno != EEXIST) {
		buf_printf(&why, "cannot make the directory %s: %s; name another with -K",
		    j->certs.p, strerror(errno));
		return complain(&why);
	}
	if (!certificate_make(p->host, buf_z(&p->crt), buf_z(&p->key), &why))
		return complain(&why);
	return show(j, p);
}

/* What clients make of it: some remember the key, some the whole certificate. */
static void print_consequences(bool same_key)
{
	static const char *const texts[] = {
	    "  The key is new: every reader who has been here before is warned, and asked to\n"
	    "  trust it. Tell them the fingerprints.",
	    "  The key is the same: readers whose client remembers the key (Lagrange, Amfora)\n"
	    "  notice nothing; those whose client remembers the certificate (Bombadillo,\n"
	    "  Kristall, gmni) are asked to trust the new one. Tell them its fingerprint.",
	};

	puts(texts[same_key]);
}

static void print_renewal(
    struct pair *p, const struct certificate_facts *old, const struct certificate_facts *new)
{
	printf("%s: renewed\n", buf_z(&p->crt));
	print_day("  old: ends on ", old->not_after);
	printf(", SHA-256 %.*s\n", STR_ARGS(old->fingerprint));
	print_day("  new: ends on ", new->not_after);
	printf(", SHA-256 %.*s\n", STR_ARGS(new->fingerprint));
	printf("  SHA-256 of key: %.*s\n", STR_ARGS(new->key_fingerprint));
	print_consequences(str_eq(old->key_fingerprint, new->key_fingerprint));
}

static bool renew(const struct job *j, struct pair *p)
{
	const char *crt = buf_z(&p->crt);
	struct certificate_facts old, new;
	struct buf why = {0};

	if (certificate_facts_read(crt, j->arena, &old, &why) &&
	    certificate_renew(p->host, crt, buf_z(&p->key), j->how, &why) &&
	    certificate_facts_read(crt, j->arena, &new, &why)) {
		print_renewal(p, &old, &new);
		return true;
	}
	return complain(&why);
}

/* ------------------------------------------------------------- the arguments */

static const struct verb {
	const char *name;
	bool (*run)(const struct job *j, struct pair *p);
	unsigned how;     /* what --new-key and --force may add to it */
	bool needs_names; /* else all that are there */
} verbs[] = {
    {"show", show, 0, false},
    {"make", make, 0, true},
    {"renew", renew, CERTIFICATE_NEW_KEY | CERTIFICATE_FORCE, true},
};

enum {
	OPTION_NEW_KEY = OPTIONS_NEXT,
	OPTION_FORCE,
};

static const struct option options[] = {
    {"new-key", no_argument, NULL, OPTION_NEW_KEY},
    {"force", no_argument, NULL, OPTION_FORCE},
    OPTIONS_LONG,
};

static bool add_host(struct job *j, struct str written, struct buf *why)
{
	struct buf form = {0};
	const char *fault;

	if (!host_form(&form, written, &fault)) {
		buf_printf(why, "'%.*s' is no host: %s", STR_ARGS(written), fault);
		return false;
	}
	j->hosts = mem_grow(j->hosts, &j->cap, j->n + 1, sizeof *j->hosts);
	j->hosts[j->n++] = arena_str(j->arena, buf_str(&form));
	buf_free(&form);
	return true;
}

/* The host of a file's name: HOST.crt, with "_" for the star of a wildcard. */
static void add_file(struct job *j, struct str name)
{
	struct buf host = {0}, why = {0};

	if (!str_ends(name, STR(".crt")))
		return;
	name = str_sub(name, 0, name.n - 4);
	buf_addz(&host, str_starts(name, STR("_.")) ? "*" : "");
	buf_add(&host, str_skip(name, str_starts(name, STR("_.")) ? 1 : 0));
	add_host(j, buf_str(&host), &why);
	buf_free(&host);
	buf_free(&why);
}

static int compare_hosts(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool add_all(struct job *j, struct buf *why)
{
	DIR *directory = opendir(j->certs.p);
	const struct dirent *e;

	if (!directory) {
		buf_printf(
		    why, "%s: %s; name another directory with -K", j->certs.p, strerror(errno));
		return false;
	}
	while ((e = readdir(directory)))
		add_file(j, str_of(e->d_name));
	closedir(directory);
	if (j->n > 0)
		qsort(j->hosts, j->n, sizeof *j->hosts, compare_hosts);
	else
		printf("no certificates in %s\n", j->certs.p);
	return true;
}

/* Goes on after a failure, so that one run tells all. */
static int run(const struct job *j, const struct verb *v)
{
	bool fine = true;

	for (size_t i = 0; i < j->n; i++) {
		struct pair p = pair_of(j, j->hosts[i]);

		fine &= v->run(j, &p);
		pair_clear(&p);
	}
	if (fflush(stdout) != 0) {
		perror("digestd cert");
		return APP_SYSTEM;
	}
	return fine ? APP_OK : APP_BAD_INPUT;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

/* What comes after the options: the verb and its names. */
static int run_arguments(struct job *j, int argc, char **argv)
{
	const struct verb *v = argc > 0 ? find_verb(argv[0]) : NULL;
	struct buf why = {0};

	if (!v)
		buf_printf(&why, argc > 0 ? "there is no 'cert %s'" : "show, make or renew?",
		    argc > 0 ? argv[0] : "");
	else if (j->how & ~v->how)
		buf_printf(&why, "--new-key and --force are for renew");
	else if (v->needs_names && argc == 1)
		buf_printf(&why, "%s needs the name of a host", v->name);
	for (int i = 1; i < argc && why.len == 0; i++)
		add_host(j, str_of(argv[i]), &why);
	if (why.len > 0)
		return options_wrong("cert", &why);
	if (argc == 1 && !add_all(j, &why)) {
		complain(&why);
		return APP_BAD_INPUT;
	}
	return run(j, v);
}

/* Runs the verb where the settings have their certificates. */
static int run_with_settings(
    struct job *j, const struct settings_source *source, int argc, char **argv)
{
	struct settings *s = options_load(source, stderr);
	int status = APP_BAD_INPUT;

	if (s) {
		j->certs = s->certs;
		status = run_arguments(j, argc, argv);
	}
	settings_unref(s);
	return status;
}

static int run_command(struct job *j, struct settings_source *source, int argc, char **argv)
{
	struct buf why = {0};
	int option;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return APP_OK;
		}
		if (option == OPTION_NEW_KEY)
			j->how |= CERTIFICATE_NEW_KEY;
		else if (option == OPTION_FORCE)
			j->how |= CERTIFICATE_FORCE;
		else if (!options_take(source, option, optarg, &why))
			return options_wrong("cert", &why);
	}
	return run_with_settings(j, source, argc - optind, argv + optind);
}

int cmd_cert(const char *program, int argc, char **argv)
{
	struct settings_source *source = settings_source_new();
	struct job j = {.arena = arena_new(0)};
	int status = run_command(&j, source, argc, argv);

	(void)program;
	settings_source_free(source);
	free(j.hosts);
	arena_free(j.arena);
	return status;
}
