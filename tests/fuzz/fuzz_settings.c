/*
 * Fuzz target: digestd.yaml (serve/settings_file.c, serve/setting.c, net/network.c and
 * what they read names and addresses with).
 *
 * The input is a configuration file. A faulty one gives errors that can be printed and no
 * settings; a good one gives settings within the bounds of their table, and the same ones when
 * it is read again.
 */
#include "config.h"

#include "base/utf8.h"
#include "serve/settings_source.h"
#include "serve/settings_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* A file with these bytes, which has no name but that of its descriptor. */
static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);

	demand(fd >= 0, "no file");
	while (size > 0) {
		ssize_t n = write(fd, data, size);

		demand(n > 0, "no room");
		data += n;
		size -= (size_t)n;
	}
	return fd;
}

static struct settings *load(int fd, struct diag_list *diags)
{
	struct settings_source *source = settings_source_new();
	struct settings *s;
	char name[sizeof "/proc/self/fd/-2147483648"];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	settings_source_file(source, name);
	s = settings_source_load(source, diags);
	settings_source_free(source);
	return s;
}

static void check_number(const struct settings *s, const struct setting *t)
{
	unsigned value;

	memcpy(&value, (const char *)s + t->offset, sizeof value);
	demand(value >= t->least && value <= t->most, t->name);
}

static void check_text(const struct settings *s, const struct setting *t)
{
	struct str text;

	memcpy(&text, (const char *)s + t->offset, sizeof text);
	/* An empty text need not be one. */
	demand(text.n == 0 || strlen(text.p) == text.n, t->name);
	demand(text.n > 0 || strcmp(t->fallback, "\"\"") == 0, t->name);
	demand(utf8_valid(text, NULL), t->name);
}

static void check(const struct settings *s)
{
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (!rows[i].count && !rows[i].fallback)
			check_number(s, &rows[i]);
		else if (!rows[i].count)
			check_text(s, &rows[i]);
	demand(s->nhosts >= 1 && s->nhosts <= SETTINGS_HOSTS_MAX, "hostname");
	demand(s->naliases <= SETTINGS_HOSTS_MAX, "alias");
	demand(s->listen[SETTINGS_GOPHER].n + s->listen[SETTINGS_GEMINI].n > 0, "no listener");
	demand(s->listen[SETTINGS_METRICS].n <= 1, "metrics");
}

static void check_again(int fd, const struct settings *s)
{
	struct diag_list *diags = diag_new();
	struct settings *again = load(fd, diags);
	struct buf differs = {0};

	demand(again && diags->total == 0, "not good when read again");
	settings_need_start(s, again, &differs);
	demand(differs.len == 0, "another when read again");
	buf_free(&differs);
	settings_unref(again);
	diag_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag_list *diags = diag_new();
	int fd = file_of(data, size);
	struct settings *s = load(fd, diags);
	struct buf said = {0};

	demand((s != NULL) == (diags->total == 0), "settings and errors, or neither");
	diag_print(diags, &said);
	demand(utf8_valid(buf_str(&said), NULL), "an error that is not UTF-8");
	buf_free(&said);
	if (s) {
		check(s);
		check_again(fd, s);
	}
	settings_unref(s);
	diag_free(diags);
	close(fd);
	return 0;
}
