/*
 * loader: what is loaded again after the first load, and when.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "serve/loader.h"

#include <poll.h>
#include <unistd.h>

/* What a test waits for at most, and for how long nothing is to come. */
#define PATIENCE_MS 20000
#define SILENCE_MS 1000

#define SITE "title: Small\ncategories: [{name: One, slug: one}]\n"
#define ENTRY(title)                                                                               \
	"- {title: " title ", url: 'https://" title                                                \
	".example/', author: Ann, date: 2019-12-31, categories: [one]}\n"

struct fixture {
	char folder[FOLDER_PATH];
	struct settings_source *source;
	struct state_cell cell;
	struct counters_process counters;
	struct loader *loader;
	int published[2]; /* 'w' for a whole state, 'i' for one that only has an index more */
};

static void on_published(void *context, bool whole)
{
	struct fixture *f = context;

	assert_int_equal(write(f->published[1], whole ? "w" : "i", 1), 1);
}

/* The first load, as the server does it, from the configuration file. */
static void load_first(struct fixture *f)
{
	struct diag_list *diags = diag_new();
	struct settings *s = settings_source_load(f->source, diags);
	struct state *state;

	assert_non_null(s);
	diag_free(diags);
	state = loader_load(s, &(struct loader_ports){.gopher = 70}, NULL);
	assert_non_null(state);
	state_cell_put(&f->cell, state);
}

static void start(struct fixture *f)
{
	struct loader_env env = {
	    .source = f->source,
	    .cell = &f->cell,
	    .ports = {.gopher = 70},
	    .counters = &f->counters,
	    .published = on_published,
	    .context = f,
	};

	f->loader = loader_new(&env);
	assert_non_null(f->loader);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){0};
	folder_make(f.folder, "test_loader");
	assert_int_equal(chdir(f.folder), 0);
	folder_write(f.folder, "digestd.yaml", "hostname: a.example\n");
	folder_write(f.folder, "content/digest.yaml", SITE);
	folder_write(f.folder, "content/entries/2019/all.yaml", ENTRY("Alpha"));
	f.source = settings_source_new();
	settings_source_file(f.source, "digestd.yaml");
	state_cell_init(&f.cell);
	assert_int_equal(pipe(f.published), 0);
	load_first(&f);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	loader_free(f->loader);
	state_cell_clear(&f->cell);
	settings_source_free(f->source);
	close(f->published[0]);
	close(f->published[1]);
	return chdir("/") || folder_remove(f->folder);
}

/* What is published next, as in struct fixture; '\0': nothing. */
static char published(const struct fixture *f, int wait_ms)
{
	struct pollfd p = {.fd = f->published[0], .events = POLLIN};
	char what = '\0';

	if (poll(&p, 1, wait_ms) == 1)
		assert_int_equal(read(p.fd, &what, 1), 1);
	return what;
}

/* Entries that are served. */
static unsigned served(struct fixture *f)
{
	struct state *s = state_cell_get(&f->cell);
	unsigned n = s->digest->all.n;

	state_unref(s);
	return n;
}

static void the_index_comes_and_no_more(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	assert_int_equal(published(f, SILENCE_MS), '\0');
	assert_int_equal(f->counters.reloads[COUNTERS_RELOAD_OK], 0);
}

/* Between the first load and the watch, which the loader's thread makes. */
static void content_that_changed_before_there_was_a_watch(void **state)
{
	struct fixture *f = *state;

	folder_write(f->folder, "content/entries/2020/all.yaml", ENTRY("Beta"));
	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	assert_int_equal(published(f, PATIENCE_MS), 'w');
	assert_int_equal(served(f), 2);
	assert_int_equal(published(f, SILENCE_MS), '\0');
}

static void a_configuration_that_changed_before_there_was_a_watch(void **state)
{
	struct fixture *f = *state;
	struct state *s;

	usleep(FOLDER_TICK_US);
	folder_write(f->folder, "digestd.yaml", "hostname: b.example\n");
	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	assert_int_equal(published(f, PATIENCE_MS), 'w');
	s = state_cell_get(&f->cell);
	check_str(s->settings->hosts[0], "b.example");
	state_unref(s);
}

/* SIGHUP is all that it heeds then. */
static void nobody_wants_to_be_told(void **state)
{
	struct fixture *f = *state;

	folder_write(f->folder, "digestd.yaml", "hostname: a.example\nwatch: no\n");
	load_first(f);
	folder_write(f->folder, "content/entries/2020/all.yaml", ENTRY("Beta"));
	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	assert_int_equal(published(f, SILENCE_MS), '\0');
	loader_ask(f->loader);
	assert_int_equal(published(f, PATIENCE_MS), 'w');
	assert_int_equal(served(f), 2);
}

static void what_is_wrong_leaves_what_was_served(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	folder_write(f->folder, "content/entries/2020/all.yaml", "- {title: Beta}\n");
	loader_ask(f->loader);
	for (int ms = 0; f->counters.reloads[COUNTERS_RELOAD_FAILED] == 0; ms += 10) {
		assert_true(ms < PATIENCE_MS);
		assert_int_equal(published(f, 10), '\0');
	}
	assert_int_equal(served(f), 1);
}

static void one_that_was_stopped_loads_no_more(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(published(f, PATIENCE_MS), 'i');
	loader_stop(f->loader);
	loader_ask(f->loader);
	assert_int_equal(published(f, SILENCE_MS), '\0');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_index_comes_and_no_more),
	    TEST(content_that_changed_before_there_was_a_watch),
	    TEST(a_configuration_that_changed_before_there_was_a_watch),
	    TEST(nobody_wants_to_be_told),
	    TEST(what_is_wrong_leaves_what_was_served),
	    TEST(one_that_was_stopped_loads_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
