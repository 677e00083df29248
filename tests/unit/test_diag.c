/*
 * diag: faults sorted by place, those beyond the limit counted, and no control
 * character passed on.
 */
#include "config.h"

#include "check.h"

#include "base/diag.h"

static void report(
    struct diag_list *d, const char *file, unsigned line, unsigned column, const char *text)
{
	diag_error(d, (struct diag_pos){str_of(file), line, column}, "%s", text);
}

static void check_printed(const struct diag_list *d, const char *want)
{
	struct buf out = {0};

	diag_print(d, &out);
	check_buf(&out, want);
}

static void an_empty_list_prints_nothing(void **state)
{
	struct diag_list *d = diag_new();

	(void)state;
	check_printed(d, "");
	assert_int_equal(d->total, 0);
	diag_free(d);
	diag_free(NULL);
}

static void faults_are_sorted_by_file_and_place(void **state)
{
	struct diag_list *d = diag_new();

	(void)state;
	report(d, "b.yaml", 2, 1, "fifth");
	report(d, "a.yaml", 10, 2, "fourth");
	report(d, "a.yaml", 9, 30, "second");
	report(d, "a.yaml", 10, 1, "third");
	report(d, "a.yaml", 0, 0, "first: of the whole file");
	report(d, "b.yaml", 2, 1, "sixth: as reported");
	report(d, "b.yaml", 3, 0, "seventh: of the whole line");
	check_printed(d,
	    "a.yaml: error: first: of the whole file\n"
	    "a.yaml:9:30: error: second\n"
	    "a.yaml:10:1: error: third\n"
	    "a.yaml:10:2: error: fourth\n"
	    "b.yaml:2:1: error: fifth\n"
	    "b.yaml:2:1: error: sixth: as reported\n"
	    "b.yaml:3: error: seventh: of the whole line\n");
	check_str(d->items[0].text, "fifth"); /* the list keeps its order */
	diag_free(d);
}

static void the_file_name_is_copied(void **state)
{
	struct diag_list *d = diag_new();
	char name[] = "a.yaml";

	(void)state;
	report(d, name, 1, 1, "x");
	name[0] = 'b';
	check_printed(d, "a.yaml:1:1: error: x\n");
	diag_free(d);
}

static void controls_in_the_text_are_replaced(void **state)
{
	struct diag_list *d = diag_new();

	(void)state;
	report(d, "a", 1, 1, "a\nb\x1b[31m\xff");
	check_printed(d, "a:1:1: error: a b [31m\xef\xbf\xbd\n");
	diag_free(d);
}

static void a_long_text_is_cut(void **state)
{
	struct diag_list *d = diag_new();
	struct buf text = {0};

	(void)state;
	buf_fill(&text, 'x', 5000);
	report(d, "a", 1, 1, buf_z(&text));
	assert_int_equal(d->items[0].text.n, 1023);
	buf_free(&text);
	diag_free(d);
}

static void past_the_limit_they_are_only_counted(void **state)
{
	struct diag_list *d = diag_new();
	struct buf out = {0};

	(void)state;
	for (unsigned i = 1; i <= DIAG_MAX; i++)
		report(d, "a", i, 1, "x");
	diag_print(d, &out);
	assert_true(str_ends(buf_str(&out), STR("a:1000:1: error: x\n")));
	out.len = 0;
	for (unsigned i = 0; i < 3; i++)
		report(d, "a", 1, 1, "lost");
	assert_int_equal(d->n, DIAG_MAX);
	assert_int_equal(d->total, DIAG_MAX + 3);
	diag_print(d, &out);
	assert_true(
	    str_ends(buf_str(&out), STR("a:1000:1: error: x\nand 3 more; mend these first\n")));
	assert_null(strstr(buf_z(&out), "lost"));
	buf_free(&out);
	diag_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_list_prints_nothing),
	    cmocka_unit_test(faults_are_sorted_by_file_and_place),
	    cmocka_unit_test(the_file_name_is_copied),
	    cmocka_unit_test(controls_in_the_text_are_replaced),
	    cmocka_unit_test(a_long_text_is_cut),
	    cmocka_unit_test(past_the_limit_they_are_only_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
