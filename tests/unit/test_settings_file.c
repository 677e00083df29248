/*
 * settings_file: what a digestd.yaml may say, which errors it gives and where, and how the
 * command line wins over it.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "serve/settings_file.h"
#include "serve/settings_source.h"

static char directory[FOLDER_PATH];

static int set_up(void **state)
{
	(void)state;
	folder_make(directory, "test_settings_file");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(directory);
}

static struct str path_of(struct buf *out)
{
	buf_printf(out, "%s/digestd.yaml", directory);
	return str_of(buf_z(out));
}

/* Loads that file under a command line of NAME=VALUE (NULL: none). */
static struct settings *load(const char *text, const char *pair, struct diag_list *diags)
{
	struct settings_source *source = settings_source_new();
	struct buf path = {0}, why = {0};
	struct settings *s;

	folder_write(directory, "digestd.yaml", text);
	settings_source_file(source, path_of(&path).p);
	if (pair)
		assert_true(settings_source_set_pair(source, str_of(pair), &why));
	s = settings_source_load(source, diags);
	settings_source_free(source);
	buf_free(&path);
	return s;
}

static void everything_may_be_in_the_file(void **state)
{
	static const char text[] = "hostname: [digest.example.org, '*.digest.example.org']\n"
				   "alias: old.example.org\n"
				   "content: content\n"
				   "certs: /var/lib/digestd/certs\n"
				   "gopher: ['*:7070', \"127.0.0.1:7071 proxy\"]\n"
				   "gemini: '*:1965'\n"
				   "proxy_from: [127.0.0.1, unix]\n"
				   "exempt: []\n"
				   "workers: 2\n"
				   "gopher_charset: latin1\n"
				   "gopher_tls: no\n"
				   "access_log: off\n"
				   "metrics: 127.0.0.1:9170\n"
				   "user: ~\n";
	struct diag_list *diags = diag_new();
	struct settings *s = load(text, NULL, diags);
	struct buf content = {0};

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->nhosts, 2);
	check_str(s->aliases[0], "old.example.org");
	/* Relative paths begin where the file is. */
	buf_printf(&content, "%s/content", directory);
	check_str(s->content, buf_z(&content));
	check_str(s->certs, "/var/lib/digestd/certs");
	assert_int_equal(s->listen[SETTINGS_GOPHER].n, 3);
	assert_int_equal(s->listen[SETTINGS_GEMINI].n, 2);
	assert_int_equal(s->listen[SETTINGS_METRICS].n, 1);
	assert_int_equal(s->proxy_from.n, 2);
	assert_int_equal(s->exempt.n, 0);
	assert_int_equal(s->workers, 2);
	assert_int_equal(s->gopher_tls, 0);
	check_str(s->access_log, "off");
	assert_int_equal(s->user.n, 0);
	buf_free(&content);
	settings_unref(s);
	diag_free(diags);
}

static void the_command_line_wins(void **state)
{
	struct diag_list *diags = diag_new();
	struct settings *s =
	    load("hostname: [a.example, b.example]\nworkers: 2\n", "hostname=c.example", diags);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->nhosts, 1);
	check_str(s->hosts[0], "c.example");
	assert_int_equal(s->workers, 2);
	settings_unref(s);
	s = load("hostname: [a.example, b.example]\nworkers: 2\n", "workers=3", diags);
	assert_non_null(s);
	assert_int_equal(s->nhosts, 2);
	assert_int_equal(s->workers, 3);
	settings_unref(s);
	diag_free(diags);
}

static void each_fault_has_its_place(void **state)
{
	static const struct {
		const char *text, *fault; /* behind "digestd.yaml:" */
	} rows[] = {
	    {"worker: 2\n", "1:1: error: unknown key 'worker': did you mean 'workers'?"},
	    {"colour: blue\n",
		"1:1: error: unknown key 'colour': digestd.yaml(5) lists all there are"},
	    {"workers: 2\nworkers: 3\n", "2:1: error: "},
	    {"\nworkers: many\n", "2:10: error: workers is 'many': write a number from 1 to 64"},
	    {"workers: 0\n", "1:10: error: workers is '0': write a number from 1 to 64"},
	    {"workers: [1, 2]\n", "1:10: error: workers takes one value, not a list"},
	    {"workers: {a: b}\n", "1:10: error: workers takes one value, not a mapping"},
	    {"hostname: [a.example, [b]]\n",
		"1:23: error: hostname takes a list of single values, not a list"},
	    {"hostname: [a.example, b c]\n", "1:23: error: 'b c' is no host name: "},
	    {"hostname: '*.example.org'\n", "1:11: error: the first host name is "},
	    {"gopher: '*:70 proxy'\n",
		"1:9: error: gopher: a listener with proxy needs proxy_from"},
	    {"gopher: []\ngemini: []\n", "1:9: error: gopher: there is no address to listen on"},
	    {"metrics: '*:9170'\n", "1:10: error: metrics is '*:9170': what it tells is for"},
	    {"exempt: 10.0.0.1/8\n", "1:9: error: "},
	    {"chroot: /srv\ncontent: /elsewhere\n",
		"2:10: error: content: with chroot this must be an absolute path below it"},
	    {"- workers\n", "1:1: error: a configuration is a mapping"},
	    {"workers: \xff\n", "1:10: error: "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct diag_list *diags = diag_new();
		struct buf text = {0}, wanted = {0};

		check_row(load(rows[i].text, NULL, diags) == NULL, rows[i].text);
		diag_print(diags, &text);
		buf_printf(&wanted, "digestd.yaml:%s", rows[i].fault);
		if (!strstr(buf_z(&text), buf_z(&wanted)))
			fail_msg("wanted %s\nfound %s", buf_z(&wanted), buf_z(&text));
		buf_free(&text);
		buf_free(&wanted);
		diag_free(diags);
	}
}

static void all_faults_are_told_in_one_run(void **state)
{
	struct diag_list *diags = diag_new();

	(void)state;
	assert_null(load("workers: many\ncache_size: -1\nworker: 1\n", NULL, diags));
	assert_int_equal(diags->total, 3);
	diag_free(diags);
}

static void no_file_and_no_end_of_a_file_are_errors(void **state)
{
	struct settings_source *source = settings_source_new();
	struct diag_list *diags = diag_new();
	struct buf text = {0};

	(void)state;
	settings_source_file(source, "/nowhere/digestd.yaml");
	assert_null(settings_source_load(source, diags));
	diag_print(diags, &text);
	assert_non_null(strstr(buf_z(&text), "/nowhere/digestd.yaml: error: cannot be read: "));
	buf_free(&text);
	settings_source_file(source, "/dev/zero");
	assert_null(settings_source_load(source, diags));
	diag_print(diags, &text);
	assert_non_null(strstr(buf_z(&text), "is larger than 262144 bytes"));
	buf_free(&text);
	settings_source_free(source);
	diag_free(diags);
}

static void an_empty_file_changes_nothing(void **state)
{
	struct diag_list *diags = diag_new();
	struct settings *s = load("# nothing yet\n", NULL, diags);

	(void)state;
	assert_non_null(s);
	assert_true(str_ends(s->content, STR("/content")));
	check_str(s->hosts[0], "localhost");
	settings_unref(s);
	diag_free(diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_may_be_in_the_file),
	    cmocka_unit_test(the_command_line_wins),
	    cmocka_unit_test(each_fault_has_its_place),
	    cmocka_unit_test(all_faults_are_told_in_one_run),
	    cmocka_unit_test(no_file_and_no_end_of_a_file_are_errors),
	    cmocka_unit_test(an_empty_file_changes_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
