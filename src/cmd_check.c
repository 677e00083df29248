#include "config.h"

#include "cmd.h"
#include "options.h"
#include "base/clock.h"
#include "content/load.h"
#include "pages/wording.h"
#include "serve/app.h"
#include "serve/identity.h"
#include "serve/user.h"

#include <errno.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: digestd check [-c FILE] [-C CONTENT] [-K CERTS] [--hostname NAME]...\n"
	     "                     [-o NAME=VALUE]...\n"
	     "\n"
	     "Reads all that serve would: the configuration, the whole content directory, and,\n"
	     "with -c or -K, certificates and keys. Makes nothing. Reports every error on\n"
	     "standard output, one a line:\n"
	     "\n"
	     "  FILE:LINE:COLUMN: error: what is wrong, and what to write instead\n"
	     "\n"
	     "and before them what is right but should be known, as certificates that end soon.\n"
	     "The options are those of serve.\n"
	     "\n"
	     "Exit status: 0 no error, 1 errors, 2 the command line is wrong.");
}

/* "1 entry, " and so on */
static void add_count(
    struct buf *out, struct arena *a, uint64_t n, const char *one, const char *many)
{
	buf_printf(out, "%.*s, ", STR_ARGS(wording_count(a, n, one, many)));
}

static void describe(struct buf *out, const struct digest *d)
{
	struct arena *a = arena_new(0);
	uint32_t due = digest_count(&d->all, d->loaded);

	buf_printf(out, "%.*s: no errors; ", STR_ARGS(d->directory));
	add_count(out, a, due, "entry", "entries");
	if (due < d->all.n)
		add_count(out, a, d->all.n - due, "entry that waits for its date",
		    "entries that wait for their dates");
	add_count(out, a, d->categories.n, "category", "categories");
	add_count(out, a, d->tags.n, "tag", "tags");
	add_count(out, a, d->authors.n, "author", "authors");
	add_count(out, a, d->npages, "page", "pages");
	buf_printf(out, "%.*s\n", STR_ARGS(wording_count(a, d->nfiles, "file", "files")));
	arena_free(a);
}

/* The content. What is wrong goes to diags, what it holds to notes. */
static void check_content(const struct settings *s, struct diag_list *diags, struct buf *notes)
{
	struct digest *d = load_digest(s->content.p, clock_wall(), diags);

	if (d)
		describe(notes, d);
	digest_unref(d);
}

/* A log in a directory that is not there. */
static void note_log(
    const struct settings *s, const char *name, struct str where, struct buf *notes)
{
	size_t n = where.n;
	struct buf directory = {0};

	if (str_starts(where, STR("syslog:")))
		return;
	while (n > 0 && where.p[n - 1] != '/')
		n--;
	if (n == 0)
		return;
	buf_add(&directory, str_sub(where, 0, n));
	if (access(buf_z(&directory), F_OK) != 0)
		buf_printf(notes, "%.*s: warning: %s: %s: %s\n", STR_ARGS(s->file), name,
		    buf_z(&directory), strerror(errno));
	buf_free(&directory);
}

/* What may be otherwise on the machine that serves: worth knowing on that one. */
static void note_machine(const struct settings *s, struct buf *notes)
{
	struct user user = {0};
	struct buf why = {0};

	note_log(s, "log", s->log, notes);
	note_log(s, "access_log", s->access_log, notes);
	if (s->user.n > 0 && !user_find(s->user, &user, &why))
		buf_printf(notes, "%.*s: warning: user: %s\n", STR_ARGS(s->file), buf_z(&why));
	user_clear(&user);
	buf_free(&why);
}

/* Certificates belong to a server, so an editor who checks the content is not asked for them. */
static void check_all(
    const struct settings *s, bool certificates, struct diag_list *diags, struct buf *notes)
{
	/* Where the configuration is at fault, its content is meant, or none. */
	if (diags->total == 0 || settings_has(s, "content"))
		check_content(s, diags, notes);
	if (certificates && s->listen[SETTINGS_GEMINI].n > 0 &&
	    (diags->total == 0 || settings_has(s, "hostname")))
		identity_check(
		    s, s->ticket_keys.n > 0 ? s->ticket_keys.p : NULL, clock_wall(), diags, notes);
	if (s->file.n > 0)
		note_machine(s, notes);
	if (diags->total == 0 && s->file.n > 0)
		buf_printf(notes, "%.*s: no errors\n", STR_ARGS(s->file));
}

static int check(const struct settings_source *source, bool certificates)
{
	struct diag_list *diags = diag_new();
	struct settings *s = settings_source_try(source, diags);
	struct buf text = {0}, notes = {0};
	bool ok;

	check_all(s, certificates, diags, &notes);
	ok = diags->total == 0;
	/* What is wrong comes last. */
	buf_add(&text, buf_str(&notes));
	diag_print(diags, &text);
	if (diags->total > 1)
		buf_printf(&text, "%zu errors\n", diags->total);
	fputs(buf_z(&text), stdout);
	buf_free(&text);
	buf_free(&notes);
	diag_free(diags);
	settings_unref(s);
	if (fflush(stdout) != 0) {
		perror("digestd check");
		return APP_SYSTEM;
	}
	return ok ? APP_OK : APP_BAD_INPUT;
}

static int read_options(struct settings_source *source, int argc, char **argv)
{
	static const struct option options[] = {OPTIONS_LONG};
	struct buf why = {0};
	bool certificates = false;
	int option;

	while ((option = getopt_long(argc, argv, OPTIONS_SHORT, options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return APP_OK;
		}
		certificates = certificates || option == 'c' || option == 'K';
		if (!options_take(source, option, optarg, &why))
			return options_wrong("check", &why);
	}
	if (optind < argc) {
		buf_printf(&why, "'%s' is no option: write -C %s", argv[optind], argv[optind]);
		return options_wrong("check", &why);
	}
	return check(source, certificates);
}

int cmd_check(const char *program, int argc, char **argv)
{
	struct settings_source *source = settings_source_new();
	int status = read_options(source, argc, argv);

	(void)program;
	settings_source_free(source);
	return status;
}
