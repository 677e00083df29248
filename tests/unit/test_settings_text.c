/*
 * settings_text: every setting is in the help, in the sample and in the manual page, as the
 * table has it; and what the source tree has of them is what the program prints.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "serve/settings_file.h"
#include "serve/settings_source.h"
#include "serve/settings_table.h"
#include "serve/settings_text.h"

/* Where the generated part of the manual page begins and ends. */
#define BEGIN ".\\\" settings: what follows is printed by digestd serve --print-settings manual\n"
#define END ".\\\" settings: the end\n"

static struct buf read_source(const char *name)
{
	const char *source = getenv("DIGESTD_SOURCE");
	struct buf path = {0}, text = {0};
	size_t n;
	FILE *f;

	buf_printf(&path, "%s/%s", source ? source : ".", name);
	f = fopen(buf_z(&path), "r");
	if (!f)
		fail_msg("cannot open %s", buf_z(&path));
	while ((n = fread(buf_reserve(&text, 4096), 1, 4096, f)) > 0)
		text.len += n;
	fclose(f);
	buf_free(&path);
	return text;
}

static void every_setting_is_described(void **state)
{
	struct buf help = {0}, sample = {0}, manual = {0};
	size_t n;
	const struct setting *rows = settings_table_rows(&n);

	(void)state;
	settings_text_help(&help);
	settings_text_sample(&sample);
	settings_text_manual(&manual);
	for (size_t i = 0; i < n; i++) {
		struct buf in_help = {0}, in_sample = {0}, in_manual = {0};

		buf_printf(&in_help, "  %s ", rows[i].name);
		buf_printf(&in_sample, "\n#%s: ", rows[i].name);
		setting_default(&rows[i], &in_sample);
		buf_addc(&in_sample, '\n');
		buf_printf(&in_manual, "\n.It Ic %s\n", rows[i].name);
		check_row(strstr(buf_z(&help), buf_z(&in_help)), rows[i].name);
		check_row(strstr(buf_z(&sample), buf_z(&in_sample)), rows[i].name);
		check_row(strstr(buf_z(&manual), buf_z(&in_manual)), rows[i].name);
		buf_free(&in_help);
		buf_free(&in_sample);
		buf_free(&in_manual);
	}
	assert_non_null(
	    strstr(buf_z(&help), ": utf-8, latin1 or us-ascii\n                      (utf-8)\n"));
	buf_free(&help);
	buf_free(&sample);
	buf_free(&manual);
}

/* The sample with every # taken away from its settings says what is so without it. */
static void the_sample_is_a_configuration(void **state)
{
	struct settings_source *source = settings_source_new(), *none = settings_source_new();
	struct diag_list *diags = diag_new();
	struct buf sample = {0}, bare = {0}, path = {0}, text = {0};
	char directory[FOLDER_PATH];
	struct settings *written, *usual;
	struct str rest, line;

	(void)state;
	settings_text_sample(&sample);
	for (rest = buf_str(&sample); str_next_line(&rest, &line);) {
		assert_true(line.n < 400);
		if (str_starts(line, STR("#")) && !str_starts(line, STR("# ")))
			buf_printf(&bare, "%.*s\n", STR_ARGS(str_skip(line, 1)));
		else
			assert_true(line.n <= 80);
	}
	folder_make(directory, "test_settings_text");
	folder_write(directory, "digestd.yaml", buf_z(&bare));
	buf_printf(&path, "%s/digestd.yaml", directory);
	settings_source_file(source, buf_z(&path));
	written = settings_source_load(source, diags);
	usual = settings_source_load(none, diags);
	diag_print(diags, &text);
	if (!written)
		fail_msg("%s", buf_z(&text));
	assert_true(str_ends(written->content, STR("/content")));
	check_str(written->hosts[0], "localhost");
	assert_int_equal(written->naliases, 0);
	assert_int_equal(written->exempt.n, usual->exempt.n);
	assert_int_equal(written->listen[SETTINGS_GEMINI].n, usual->listen[SETTINGS_GEMINI].n);
	assert_memory_equal(&written->connections, &usual->connections,
	    offsetof(struct settings, arena) - offsetof(struct settings, connections));
	settings_unref(written);
	settings_unref(usual);
	settings_source_free(source);
	settings_source_free(none);
	diag_free(diags);
	folder_remove(directory);
	buf_free(&sample);
	buf_free(&bare);
	buf_free(&path);
	buf_free(&text);
}

/* make settings writes both anew. */
static void the_files_are_what_is_printed(void **state)
{
	struct buf file = read_source("src/serve/digestd.yaml"), text = {0};
	const char *begin, *end;

	(void)state;
	settings_text_sample(&text);
	assert_string_equal(buf_z(&file), buf_z(&text));
	buf_free(&file);
	buf_free(&text);

	file = read_source("src/serve/digestd.yaml.5");
	settings_text_manual(&text);
	begin = strstr(buf_z(&file), BEGIN);
	end = strstr(buf_z(&file), END);
	assert_true(begin && end && begin < end);
	begin += strlen(BEGIN);
	file.len = (size_t)(end - file.p);
	check_str(str_skip(buf_str(&file), (size_t)(begin - file.p)), buf_z(&text));
	buf_free(&file);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_setting_is_described),
	    cmocka_unit_test(the_sample_is_a_configuration),
	    cmocka_unit_test(the_files_are_what_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
