/*
 * log: what reaches standard error or a file, in order and in whole lines, what
 * is lost and told, and that no byte of a request can forge a line or a terminal escape.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
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

/* ------------------------------------------------------------------------- other places */

static void go(enum log_channel channel, const char *where)
{
	struct buf why = {0};

	if (!log_open(channel, str_of(where), &why))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static void refused(enum log_channel channel, const char *where, const char *says)
{
	struct buf why = {0};

	assert_false(log_open(channel, str_of(where), &why));
	if (!strstr(buf_z(&why), says))
		fail_msg("%s", buf_z(&why));
	buf_free(&why);
}

static int make_folder(void **state)
{
	char *folder = malloc(FOLDER_PATH);

	folder_make(folder, "test_log");
	*state = folder;
	return chdir(folder);
}

/* The next test finds the log as it is at the start. */
static int remove_folder(void **state)
{
	struct catcher c = catch_stderr();
	struct buf out = {0};
	int failed;

	go(LOG_MESSAGES, "stderr");
	go(LOG_ACCESS, "stderr");
	log_flush(0);
	release_stderr(&c, &out);
	buf_free(&out);
	failed = chdir("/") | folder_remove(*state);
	free(*state);
	return failed;
}

/* All of a file, with "T" for every time in front of a line. */
static void read_log(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char line[LOG_LINE_MAX + 100];

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct str s = str_of(line);

		if (s.n > 20 && s.p[10] == 'T' && s.p[19] == 'Z') {
			buf_addc(out, 'T');
			s = str_skip(s, 20);
		}
		buf_add(out, s);
	}
	fclose(f);
}

static void check_log(const char *path, const char *want)
{
	struct buf have = {0};

	read_log(path, &have);
	check_buf(&have, want);
}

static void messages_in_a_file_begin_with_their_time(void **state)
{
	struct stat st;

	(void)state;
	go(LOG_MESSAGES, "messages");
	log_line("one\ntwo");
	log_text(STR("three"));
	log_flush(0);
	check_log("messages", "T one two\nT three\n");
	assert_int_equal(stat("messages", &st), 0);
	assert_int_equal(st.st_mode & 0137, 0);
}

static void channels_that_share_a_file_keep_their_order(void **state)
{
	(void)state;
	go(LOG_ACCESS, "both");
	go(LOG_MESSAGES, "both");
	for (int i = 0; i < 2; i++) {
		log_line("message");
		log_access(STR("access"));
	}
	log_flush(0);
	check_log("both", "T message\naccess\nT message\naccess\n");
}

static void each_channel_has_its_place(void **state)
{
	struct catcher c = catch_stderr();
	struct buf out = {0};

	(void)state;
	go(LOG_ACCESS, "access");
	log_access(STR("one"));
	log_line("two");
	log_flush(0);
	go(LOG_ACCESS, "off");
	log_access(STR("nowhere"));
	go(LOG_MESSAGES, "messages");
	go(LOG_ACCESS, "stderr");
	log_access(STR("three"));
	log_line("four");
	log_flush(0);
	release_stderr(&c, &out);
	check_log("access", "one\n");
	check_log("messages", "T four\n");
	check_buf(&out, "two\nthree\n");
}

static void what_cannot_be_opened_changes_nothing(void **state)
{
	(void)state;
	go(LOG_MESSAGES, "messages");
	refused(LOG_MESSAGES, "absent/log", "absent/log: No such file or directory; its directory");
	refused(LOG_MESSAGES, ".", "Is a directory");
	refused(LOG_MESSAGES, "syslog:absent", "is a syslog daemon running?");
	refused(LOG_MESSAGES, "off", "stderr, syslog or a file");
	refused(LOG_MESSAGES, "", "stderr, syslog or a file");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	refused(LOG_MESSAGES, "fifo", "fifo: ");
	log_line("still here");
	log_flush(0);
	check_log("messages", "T still here\n");
}

static void lines_go_to_the_new_file_after_reopening(void **state)
{
	(void)state;
	go(LOG_MESSAGES, "log");
	go(LOG_ACCESS, "log");
	log_line("one");
	log_flush(0);
	assert_int_equal(rename("log", "log.1"), 0);
	log_line("two");
	log_flush(0);
	log_line("three");
	log_reopen();
	log_access(STR("four"));
	log_flush(0);
	check_log("log.1", "T one\nT two\nT three\n");
	check_log("log", "four\n");
}

static void reopening_that_fails_goes_on_with_the_old_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir("logs", 0755), 0);
	go(LOG_MESSAGES, "logs/log");
	log_line("one");
	log_flush(0);
	assert_int_equal(rename("logs", "moved"), 0);
	log_reopen();
	log_line("two");
	log_flush(0);
	check_log("moved/log",
	    "T one\n"
	    "T the log cannot go to logs/log: No such file or directory; its directory has to be "
	    "there, and this user has to be allowed to write; it goes on where it was\n"
	    "T two\n");
}

/* A full disk, as far as one can be had without being root. */
static void a_full_disk_loses_lines_and_counts_them(void **state)
{
	uint64_t before = log_lost();
	struct buf text = {0};

	(void)state;
	buf_fill(&text, 'x', 1023);
	go(LOG_MESSAGES, "messages");
	go(LOG_ACCESS, "/dev/full");
	for (int i = 0; i < 1024 + 7; i++) {
		log_access(buf_str(&text));
		if (i % 100 == 0)
			log_flush(0);
	}
	log_flush(0);
	assert_int_equal(log_lost(), before + 7);
	go(LOG_ACCESS, "off");
	assert_int_equal(log_lost(), before + 1024 + 7);
	log_flush(0);
	check_log("messages",
	    "T log: /dev/full takes no lines: No space left on device; they wait in memory while "
	    "there is room\n"
	    "T 1031 log lines for /dev/full were lost\n");
	buf_free(&text);
}

/* Flushes while no file may grow. */
static void flush_into_nothing(void)
{
	struct rlimit before, none;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	log_flush(1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void messages_tell_of_their_own_gap(void **state)
{
	(void)state;
	go(LOG_MESSAGES, "messages");
	log_line("one");
	flush_into_nothing();
	log_line("two");
	log_flush(1);
	log_flush(1);
	check_log("messages",
	    "T one\n"
	    "T log: messages takes no lines: File too large; they wait in memory while there is "
	    "room\n"
	    "T two\n"
	    "T log: messages takes lines again\n");
}

/* What was said at the start stands in the file too, with the time of when it was opened. */
static void what_was_not_written_yet_goes_to_both_places(void **state)
{
	struct catcher c = catch_stderr();
	struct buf out = {0};

	(void)state;
	log_line("before");
	go(LOG_MESSAGES, "messages");
	log_line("after");
	log_flush(1);
	release_stderr(&c, &out);
	check_buf(&out, "before\n");
	check_log("messages", "T before\nT after\n");
}

static void what_nobody_can_be_told_is_counted_still(void **state)
{
	uint64_t before = log_lost();
	struct buf text = {0};

	(void)state;
	buf_fill(&text, 'x', 1024 * 1024 - 50);
	go(LOG_MESSAGES, "/dev/full");
	log_text(buf_str(&text));
	go(LOG_ACCESS, "/dev/./full");
	log_access(STR("one"));
	log_access(STR("two"));
	go(LOG_ACCESS, "off");
	assert_int_equal(log_lost(), before + 2);
	buf_free(&text);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_wait_for_the_flush),
	    cmocka_unit_test(a_line_stays_one_line),
	    cmocka_unit_test(a_long_line_is_cut),
	    cmocka_unit_test(what_finds_no_room_is_counted),
	    cmocka_unit_test(threads_do_not_mix_their_lines),
	    cmocka_unit_test(escaping_forges_nothing),
	    IN_FOLDER(messages_in_a_file_begin_with_their_time),
	    IN_FOLDER(channels_that_share_a_file_keep_their_order),
	    IN_FOLDER(each_channel_has_its_place),
	    IN_FOLDER(what_cannot_be_opened_changes_nothing),
	    IN_FOLDER(lines_go_to_the_new_file_after_reopening),
	    IN_FOLDER(reopening_that_fails_goes_on_with_the_old_file),
	    IN_FOLDER(a_full_disk_loses_lines_and_counts_them),
	    IN_FOLDER(messages_tell_of_their_own_gap),
	    IN_FOLDER(what_was_not_written_yet_goes_to_both_places),
	    IN_FOLDER(what_nobody_can_be_told_is_counted_still),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
