#include "config.h"

#include "options.h"
#include "serve/app.h"

/* What an option sets. */
static const struct {
	int option;
	const char *setting;
} table[] = {
    {'C', "content"},
    {'K', "certs"},
    {OPTIONS_HOSTNAME, "hostname"},
    {OPTIONS_ALIAS, "alias"},
    {OPTIONS_GOPHER, "gopher"},
    {OPTIONS_GEMINI, "gemini"},
};

bool options_take(struct settings_source *source, int option, const char *argument, struct buf *why)
{
	if (option == 'c') {
		settings_source_file(source, argument);
		return true;
	}
	if (option == 'o')
		return settings_source_set_pair(source, str_of(argument), why);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].option == option)
			return settings_source_set(
			    source, str_of(table[i].setting), str_of(argument), why);
	return false;
}

int options_wrong(const char *command, struct buf *why)
{
	if (why->len > 0)
		fprintf(stderr, "digestd %s: %s\n", command, buf_z(why));
	fprintf(stderr, "digestd %s --help says how it is used\n", command);
	buf_free(why);
	return APP_BAD_USAGE;
}

struct settings *options_load(const struct settings_source *source, FILE *to)
{
	struct diag_list *diags = diag_new();
	struct settings *s = settings_source_load(source, diags);
	struct buf text = {0};

	if (!s) {
		diag_print(diags, &text);
		fputs(buf_z(&text), to);
	}
	buf_free(&text);
	diag_free(diags);
	return s;
}
