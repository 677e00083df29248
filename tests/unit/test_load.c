/*
 * load, and walk below it: from a directory to a snapshot, what is passed over,
 * what is refused, and the shipped content.
 */
#include "config.h"

#include "check.h"

#include "content/load.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1577836800 /* 2020-01-01T00:00:00Z */
#define SITE "title: T\ncategories: [{name: Web}]\n"
#define ENTRY(slug)                                                                                \
	"- {title: " slug ", url: 'https://e/" slug "', date: 2019-01-01, categories: [web]}\n"

/* Each test has a directory of its own, which is the working directory while it runs. */
static int make_directory(void **state)
{
	static const char pattern[] = "/tmp/test_load.XXXXXX";
	char *name = malloc(sizeof pattern);

	memcpy(name, pattern, sizeof pattern);
	*state = name;
	return mkdtemp(name) && chdir(name) == 0 && mkdir("c", 0755) == 0 &&
		mkdir("c/entries", 0755) == 0
	    ? 0
	    : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_directory(void **state)
{
	int result = chdir("/") || nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return result;
}

static void write_bytes(const char *path, struct str bytes)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

static void write_text(const char *path, const char *text)
{
	write_bytes(path, str_of(text));
}

static struct digest *load(const char *directory)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(directory, NOW, diags);
	struct buf out = {0};

	diag_print(diags, &out);
	check_buf(&out, "");
	diag_free(diags);
	assert_non_null(d);
	return d;
}

static void check_errors(const char *directory, const char *errors, int line)
{
	struct diag_list *diags = diag_new();
	struct digest *d = load_digest(directory, NOW, diags);
	struct buf out = {0};

	diag_print(diags, &out);
	check_slices(buf_str(&out), str_of(errors), __FILE__, line);
	assert_null(d);
	buf_free(&out);
	diag_free(diags);
}
#define fails(errors) check_errors("c", errors, __LINE__)
#define ERROR(file, text) "c/" file ": error: " text "\n"

static void a_directory_becomes_a_snapshot(void **state)
{
	struct digest *d;

	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/entries/2019", 0755), 0);
	write_text("c/entries/2019.yaml", ENTRY("first") ENTRY("second"));
	write_text("c/entries/2019/11.yaml", ENTRY("third"));
	write_text("c/entries/2019-a.yaml", ENTRY("zeroth"));
	assert_int_equal(mkdir("c/pages", 0755), 0);
	write_text("c/pages/about.gmi", "\xef\xbb\xbf# About\r\n\ttab\r\n");
	write_text("c/pages/about-us.gmi", "# us\n");
	assert_int_equal(mkdir("c/files", 0755) + mkdir("c/files/a", 0755), 0);
	write_text("c/files/a/\xc3\xa9 1.txt", "x");
	write_text("c/files/a.png", "");
	write_text("c/README", "not ours");
	d = load("c//");
	check_str(d->directory, "c");
	check_str(d->site.title, "T");
	assert_int_equal(d->loaded, NOW);
	assert_int_equal(d->all.n, 4);
	/* In the order of the paths: - is before . and . before /. */
	check_str(d->all.entries[0]->slug, "zeroth");
	check_str(d->all.entries[1]->slug, "first");
	check_str(d->all.entries[2]->slug, "second");
	check_str(d->all.entries[3]->slug, "third");
	check_str(d->all.entries[3]->pos.file, "c/entries/2019/11.yaml");
	assert_int_equal(d->npages, 2);
	check_str(digest_page(d, STR("/about"))->text, "# About\n\ttab\n");
	check_str(digest_page(d, STR("/about-us"))->text, "# us\n");
	assert_null(digest_page(d, STR("/abou")));
	assert_int_equal(d->nfiles, 2);
	check_str(digest_file(d, STR("/files/a/\xc3\xa9 1.txt"))->name, "c/files/a/\xc3\xa9 1.txt");
	check_str(digest_file(d, STR("/files/a.png"))->path, "/files/a.png");
	assert_null(digest_file(d, STR("/files/a")));
	digest_unref(d);
}

static void pages_and_files_need_not_be(void **state)
{
	struct digest *d;

	(void)state;
	write_text("c/digest.yaml", SITE);
	d = load("c");
	assert_int_equal(d->all.n + d->npages + d->nfiles, 0);
	digest_unref(d);
}

static void a_directory_that_is_not_there_is_named(void **state)
{
	(void)state;
	check_errors("nowhere",
	    "nowhere: error: the content directory cannot be opened: No such file or directory: "
	    "write the "
	    "right name, or make it\n",
	    __LINE__);
	write_text("file", "");
	check_errors("file/",
	    "file: error: the content directory cannot be opened: Not a directory: name a folder\n",
	    __LINE__);
}

static void digest_yaml_and_entries_must_be(void **state)
{
	(void)state;
	assert_int_equal(rmdir("c/entries"), 0);
	fails(ERROR("digest.yaml", "there is no such file: make it, with title: and categories:")
		ERROR("entries",
		    "there is no such folder: make it, and put the entries into *.yaml files "
		    "there"));
	write_text("c/digest.yaml", "");
	write_text("c/entries", "");
	fails(ERROR("digest.yaml", "the file is empty: write at least title: and categories:")
		ERROR("entries", "the folder cannot be opened: Not a directory: name a folder"));
	assert_int_equal(unlink("c/digest.yaml"), 0);
	assert_int_equal(mkdir("c/digest.yaml", 0755), 0);
	fails(ERROR("digest.yaml", "it cannot be read: Is a directory: put a file in its place")
		ERROR("entries", "the folder cannot be opened: Not a directory: name a folder"));
}

static void faults_of_all_files_are_reported_in_one_run(void **state)
{
	(void)state;
	write_text("c/digest.yaml", "title: T\ncategories: [{name: Web, slg: web}]\n");
	write_text("c/entries/a.yaml", ENTRY("a") "- {title: b}\n");
	write_text("c/entries/b.yaml", ENTRY("a") "- title: 'x\n");
	assert_int_equal(mkdir("c/pages", 0755), 0);
	write_text("c/pages/search.gmi", "");
	fails(ERROR("digest.yaml:2:26", "unknown key 'slg': did you mean 'slug'?") ERROR(
	    "entries/a.yaml:2:3",
	    "an entry needs the key url: for example url: https://example.org/post")
		ERROR("entries/a.yaml:2:3",
		    "an entry needs the key date: for example date: 2019-11-15")
		    ERROR("entries/a.yaml:2:3",
			"an entry needs the key categories: for example categories: [web]")
			ERROR("entries/b.yaml:1:11",
			    "the slug 'a', made from this title, is already used at "
			    "c/entries/a.yaml:1; write another slug") ERROR("entries/b.yaml:1:19",
			    "url 'https://e/a' is already used at c/entries/a.yaml:1; delete "
			    "one of the two entries") ERROR("entries/b.yaml:2:10",
			    "this quotation mark is never closed") ERROR("pages/search.gmi",
			    "/search is a page of the digest's own: choose another name"));
}

static void hidden_files_and_backups_are_passed_over(void **state)
{
	static const char *const names[] = {"c/entries/.hidden.yaml", "c/entries/a.yaml~",
	    "c/entries/.a.yaml.swp", "c/entries/a.swp", "c/entries/#a.yaml#"};
	struct digest *d;

	(void)state;
	write_text("c/digest.yaml", SITE);
	for (size_t i = 0; i < COUNT(names); i++)
		write_text(names[i], "][");
	assert_int_equal(mkdir("c/entries/.git", 0755), 0);
	write_text("c/entries/.git/x", "");
	d = load("c");
	assert_int_equal(d->all.n, 0);
	digest_unref(d);
}

static void other_endings_among_entries_are_refused(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/entries/2019", 0755), 0);
	write_text("c/entries/2019/11.yml", ENTRY("a"));
	write_text("c/entries/notes", "");
	fails(
	    ERROR("entries/2019/11.yml", "not read: entries are *.yaml; rename it to 2019/11.yaml")
		ERROR("entries/notes", "not read: entries are *.yaml; move it away"));
}

static void links_and_devices_are_refused(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/files", 0755), 0);
	assert_int_equal(symlink("/etc/passwd", "c/files/passwd"), 0);
	assert_int_equal(symlink("..", "c/entries/loop"), 0);
	assert_int_equal(mkfifo("c/files/pipe", 0644), 0);
	assert_int_equal(symlink("/", "c/pages"), 0);
	fails(ERROR("entries/loop",
	    "a symbolic link, which is not followed: put the file or folder "
	    "itself here") ERROR("files/passwd",
	    "a symbolic link, which is not followed: put the file or folder itself "
	    "here") ERROR("files/pipe", "neither a file nor a folder: delete it")
		ERROR("pages", "the folder cannot be opened: Not a directory: name a folder"));
}

static void the_directory_itself_may_be_a_link(void **state)
{
	struct digest *d;

	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(symlink("c", "current"), 0);
	d = load("current");
	check_str(d->directory, "current");
	digest_unref(d);
}

static void names_of_pages_are_slugs(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/pages", 0755) + mkdir("c/pages/sub", 0755), 0);
	write_text("c/pages/About.gmi", "");
	write_text("c/pages/.gmi", "");
	write_text("c/pages/files.gmi", "");
	write_text("c/pages/logo.png", "");
	write_text("c/pages/sub/x.gmi", "");
	fails(ERROR("pages/About.gmi",
	    "a page's name is lower-case letters, digits and single hyphens, "
	    "as in about.gmi") ERROR("pages/files.gmi",
	    "/files is a page of the digest's own: choose another name") ERROR("pages/logo.png",
	    "not read: pages are *.gmi; rename it, or move it to files") ERROR("pages/sub/x.gmi",
	    "not read: pages stand in pages itself, not in folders; move it "
	    "there"));
}

static void pages_are_text(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/pages", 0755), 0);
	write_text("c/pages/a.gmi", "# ok\n\xc3\xa9\x1b[1m \xe9\n");
	write_text("c/pages/b.gmi", "\xff\xfe#");
	fails(ERROR("pages/a.gmi:2:2", "the control character U+001B: delete it")
		ERROR("pages/a.gmi:2:7", "the byte 0xE9 is not UTF-8 here: save the file as UTF-8")
		    ERROR("pages/b.gmi:1:1", "the file looks like UTF-16: save it as UTF-8"));
}

static void pages_have_titles_and_closed_blocks(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/pages", 0755), 0);
	write_text("c/pages/a.gmi", "");
	write_text("c/pages/b.gmi", "\n\ntext\n# A\n");
	write_text("c/pages/c.gmi", "## A\n");
	write_text("c/pages/d.gmi", "#\n");
	write_text("c/pages/e.gmi", "# A\n```\n```\n``` c\n");
	write_text("c/pages/f.gmi", "\n#A\n```\n```\n");
#define NO_TITLE "a page begins with its title: write # and the title"
	fails(ERROR("pages/a.gmi:1:1", NO_TITLE) ERROR("pages/b.gmi:3:1", NO_TITLE) ERROR(
	    "pages/c.gmi:1:1", NO_TITLE) ERROR("pages/d.gmi:1:1", NO_TITLE) ERROR("pages/e.gmi:4:1",
	    "this ``` is never closed: write ``` in a line behind the block"));
}

static void names_near_those_read_are_refused(void **state)
{
	static const char *const others[] = {"c/README.md", "c/LICENSE", "c/Makefile",
	    "c/digest.yaml~", "c/.digest.yaml.swp", "c/notes"};

	(void)state;
	write_text("c/digest.yaml", SITE);
	for (size_t i = 0; i < COUNT(others); i++)
		write_text(others[i], "");
	assert_int_equal(mkdir("c/page", 0755) + mkdir("c/Files", 0755), 0);
	write_text("c/digest.yml", SITE);
	fails(ERROR("Files", "not read: did you mean files/? If not, rename it")
		ERROR("digest.yml", "not read: did you mean digest.yaml? If not, rename it")
		    ERROR("page", "not read: did you mean pages/? If not, rename it"));
}

static void examples_name_a_category_there_is(void **state)
{
	(void)state;
	write_text("c/digest.yaml", SITE);
	write_text("c/entries/a.yaml",
	    "- {title: a, url: 'https://e/', date: 2019-01-01}\n"
	    "- {title: b, url: 'https://f/', date: 2019-01-01, categories: [zzz]}\n");
	fails(ERROR("entries/a.yaml:1:3",
	    "an entry needs the key categories: for example categories: [web]")
		ERROR("entries/a.yaml:2:64",
		    "unknown category 'zzz': write a slug of those in digest.yaml, for example "
		    "web, or add it there"));
}

static void names_of_files_fit_a_path(void **state)
{
	char name[256] = "c/files/", error[512];

	(void)state;
	write_text("c/digest.yaml", SITE);
	assert_int_equal(mkdir("c/files", 0755), 0);
	write_text("c/files/a\\b", "");
	write_text("c/files/\xff", "");
	write_text("c/files/a\tb", "");
	memset(name + 8, 'x', 194);
	write_text(name, "");
	snprintf(error, sizeof error,
	    ERROR("files/a b", "the name holds a control character: rename it") ERROR("files/a\\b",
		"the name holds a backslash: rename it") "%s: error: the path is longer than 200 "
							 "bytes: shorten it\n" ERROR("files/"
										     "\xef\xbf\xbd",
							     "the name is not UTF-8: rename it"),
	    name);
	fails(error);
}

static void what_cannot_be_read_says_why(void **state)
{
	(void)state;
	if (geteuid() == 0) /* whom no mode keeps out */
		skip();
	write_text("c/digest.yaml", SITE);
	write_text("c/entries/a.yaml", ENTRY("a"));
	assert_int_equal(chmod("c/entries/a.yaml", 0), 0);
	assert_int_equal(mkdir("c/files", 0), 0);
	fails(ERROR("entries/a.yaml",
	    "it cannot be read: Permission denied: let the user who runs "
	    "digestd read it") ERROR("files",
	    "the folder cannot be opened: Permission denied: let the user who runs digestd "
	    "read it"));
}

static void large_files_and_deep_folders_are_refused(void **state)
{
	struct buf path = {0};

	(void)state;
	write_text("c/digest.yaml", SITE);
	write_text("c/entries/big.yaml", "# \n");
	assert_int_equal(truncate("c/entries/big.yaml", (off_t)LOAD_FILE_MAX + 1), 0);
	buf_addz(&path, "c/files");
	assert_int_equal(mkdir(buf_z(&path), 0755), 0);
	for (unsigned i = 0; i <= LOAD_DEPTH_MAX; i++) {
		buf_addz(&path, "/d");
		assert_int_equal(mkdir(buf_z(&path), 0755), 0);
	}
	buf_free(&path);
	fails(ERROR("entries/big.yaml", "larger than 8 MiB: divide it")
		ERROR("files/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d",
		    "folders nested more than 16 deep: move it up"));
}

static void faults_reported_before_do_not_count(void **state)
{
	struct diag_list *diags = diag_new();
	struct digest *d;

	(void)state;
	write_text("c/digest.yaml", SITE);
	diag_error(diags, (struct diag_pos){.file = STR("other")}, "before");
	d = load_digest("c", NOW, diags);
	assert_non_null(d);
	digest_unref(d);
	diag_free(diags);
}

/* The shipped content, where it is known: no fault, and not too much memory. */
static void the_shipped_content_loads(void **state)
{
	const char *content = getenv("DIGESTD_CONTENT");
	struct digest *d;

	(void)state;
	if (!content)
		skip();
	d = load(content);
	assert_int_equal(d->all.n, 2224);
	assert_int_equal(d->categories.n, 16);
	assert_non_null(digest_page(d, STR("/about")));
	assert_true(arena_size(d->arena) < (size_t)6 * 1024 * 1024);
	digest_unref(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_directory_becomes_a_snapshot),
	    TEST(pages_and_files_need_not_be),
	    TEST(a_directory_that_is_not_there_is_named),
	    TEST(digest_yaml_and_entries_must_be),
	    TEST(faults_of_all_files_are_reported_in_one_run),
	    TEST(hidden_files_and_backups_are_passed_over),
	    TEST(other_endings_among_entries_are_refused),
	    TEST(links_and_devices_are_refused),
	    TEST(the_directory_itself_may_be_a_link),
	    TEST(names_of_pages_are_slugs),
	    TEST(pages_are_text),
	    TEST(pages_have_titles_and_closed_blocks),
	    TEST(names_near_those_read_are_refused),
	    TEST(examples_name_a_category_there_is),
	    TEST(names_of_files_fit_a_path),
	    TEST(what_cannot_be_read_says_why),
	    TEST(large_files_and_deep_folders_are_refused),
	    TEST(faults_reported_before_do_not_count),
	    TEST(the_shipped_content_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
