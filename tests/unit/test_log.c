/*
 * log: what reaches standard error, in order and in whole lines, and that no
 * byte of a request can forge a line or a terminal escape.
 */
#include "config.h"

#include "check.h"

#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* Standard error goes to a file of its own while a test runs. */
struct catcher {
	FILE *file;
	int stderr_before;
};

static struct catcher catch_stderr(void)
{
	struct catcher c = {.file = tmpfile(), .stderr_before = dup(STDERR_FILENO)};

	assert_non_null(c.file);
	assert_true(dup2(fileno(c.file), STDERR_FILENO) >= 0);
	return c;
}

/* Puts standard error back and appends what went there. */
static void release_stderr(struct catcher *c, struct buf *out)
{
	size_t n;

	dup2(c->stderr_before, STDERR_FILENO);
	close(c->stderr_before);
	rewind(c->file);
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, c->file)) > 0)
		out->len += n;
	fclose(c->file);
}

static void lines_wait_for_the_flush(void **state)
{
	struct catcher c = catch_stderr();
	struct buf out = {0};

	(void)state;
	log_line("one %d", 1);
	log_text(STR("two"));
	log_flush(1000);
	log_line("three");
	release_stderr(&c, &out);
	check_buf(&out, "one 1\ntwo\n");
	c = catch_stderr();
	log_flush(1000);
	log_flush(1000);
	release_stderr(&c, &out);
	check_buf(&out, "three\n");
}

static void a_line_stays_one_line(void **state)
{
	struct catcher c = catch_stderr();
	struct buf out = {0};

	(void)state;
	log_line("a\nb\x1b[2Jc\r\xff");
	log_flush(1000);
	release_stderr(&c, &out);
	check_buf(&out, "a b [2Jc \xef\xbf\xbd\n");
}

static void a_long_line_is_cut(void **state)
{
	struct catcher c = catch_stderr();
	struct buf text = {0}, out = {0};

	(void)state;
	buf_fill(&text, 'x', 10000);
	log_line("%s", buf_z(&text));
	log_flush(1000);
	release_stderr(&c, &out);
	assert_int_equal(out.len, LOG_LINE_MAX);
	assert_int_equal(out.p[out.len - 1], '\n');
	buf_free(&text);
	buf_free(&out);
}

static void what_finds_no_room_is_counted(void **state)
{
	struct catcher c = catch_stderr();
	struct buf text = {0}, out = {0};

	(void)state;
	buf_fill(&text, 'x', 1023);
	for (int i = 0; i < 1024 + 5; i++)
		log_text(buf_str(&text));
	log_flush(1000);
	log_text(STR("room again"));
	log_flush(1000);
	release_stderr(&c, &out);
	assert_int_equal(out.len, 1024 * 1024 + strlen("5 log lines were lost\nroom again\n"));
	assert_true(str_ends(buf_str(&out), STR("x\n5 log lines were lost\nroom again\n")));
	buf_free(&text);
	buf_free(&out);
}

static void *write_lines(void *name)
{
	for (int i = 0; i < 1000; i++) {
		log_line("%s %d", (const char *)name, i);
		if (i % 100 == 0)
			log_flush(1000);
	}
	return NULL;
}

static void threads_do_not_mix_their_lines(void **state)
{
	static const char *const names[] = {"one", "two", "three"};
	struct catcher c = catch_stderr();
	pthread_t threads[COUNT(names)];
	struct buf out = {0};
	struct str rest, line;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_lines, (void *)(uintptr_t)names[i]), 0);
	for (size_t i = 0; i < COUNT(names); i++)
		pthread_join(threads[i], NULL);
	log_flush(1000);
	release_stderr(&c, &out);
	rest = buf_str(&out);
	for (; str_next_line(&rest, &line); n++) {
		size_t space = str_index(line, ' ');
		uint64_t value;

		assert_true(str_eq(str_sub(line, 0, space), STR("one")) ||
		    str_eq(str_sub(line, 0, space), STR("two")) ||
		    str_eq(str_sub(line, 0, space), STR("three")));
		assert_true(str_to_uint(str_skip(line, space + 1), 999, &value));
	}
	assert_int_equal(n, 3000);
	buf_free(&out);
}

static void escaping_forges_nothing(void **state)
{
	static const struct {
		struct str text;
		const char *want;
	} rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
	    {ROW("/latest/2"), "/latest/2"},
	    {ROW("a\r\n127.0.0.1 \"/\" 20"), "a\\x0D\\x0A127.0.0.1 \\\"/\\\" 20"},
	    {ROW("\x1b[31m\x07\x7f"), "\\x1B[31m\\x07\\x7F"},
	    {ROW("a\0b"), "a\\x00b"},
	    {ROW("\\x0A"), "\\\\x0A"},
	    {ROW("caf\xc3\xa9 \xe6\xbc\xa2"), "caf\xc3\xa9 \xe6\xbc\xa2"},
	    {ROW("\xdc"
		 "a\xe6\xbc"),
		"\\xDCa\\xE6\\xBC"},
	    {ROW("\xc2\x9b"
		 "31m"),
		"\\xC2\\x9B31m"}, /* C1: CSI */
	    {ROW("\xe2\x80\xa8"
		 "x"),
		"\\xE2\\x80\\xA8x"},         /* a line separator */
	    {ROW("\xc0\x8a"), "\\xC0\\x8A"}, /* an overlong LF */
	    {ROW(""), ""},
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		log_escape(&out, rows[i].text);
		check_buf(&out, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_wait_for_the_flush),
	    cmocka_unit_test(a_line_stays_one_line),
	    cmocka_unit_test(a_long_line_is_cut),
	    cmocka_unit_test(what_finds_no_room_is_counted),
	    cmocka_unit_test(threads_do_not_mix_their_lines),
	    cmocka_unit_test(escaping_forges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
