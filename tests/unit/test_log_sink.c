/*
 * log_sink: that no line is left half written, whatever a disk, a reader or a
 * syslog daemon does, that none of them is waited for, and what syslog gets.
 */
#include "config.h"

#include "check.h"
#include "folder.h"

#include "base/clock.h"
#include "base/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* "line 00\n" */
#define LINE 8

static int make_folder(void **state)
{
	char *folder = malloc(FOLDER_PATH);

	folder_make(folder, "test_log_sink");
	*state = folder;
	return chdir(folder);
}

static int remove_folder(void **state)
{
	int failed = chdir("/") | folder_remove(*state);

	free(*state);
	return failed;
}

static struct log_sink opened(const char *where)
{
	struct log_sink s;
	struct buf why = {0};

	if (!log_sink_open(&s, str_of(where), &why))
		fail_msg("%s", buf_z(&why));
	return s;
}

static void reopen(struct log_sink *s)
{
	struct buf why = {0};

	if (!log_sink_reopen(s, &why))
		fail_msg("%s", buf_z(&why));
}

/* Lines of the access log, which begin with nothing, of those numbers. */
static void add_lines(struct log_sink *s, int from, int to)
{
	for (int i = from; i <= to; i++) {
		struct buf text = {0};

		buf_printf(&text, "line %02d", i % 100);
		log_sink_add(s, LOG_ACCESS, buf_str(&text));
		buf_free(&text);
	}
}

static void expect_lines(struct buf *want, int from, int to)
{
	for (int i = from; i <= to; i++)
		buf_printf(want, "line %02d\n", i % 100);
}

static void check_file(const char *path, struct buf *want)
{
	struct buf have = {0};
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf_reserve(&have, 65536), 1, 65536, f)) > 0)
		have.len += n;
	fclose(f);
	check_same(buf_str(&have), buf_str(want));
	buf_free(&have);
	buf_free(want);
}

/* Lets files grow to so many bytes while the sink is flushed: the disk is full there. */
static void flush_into(struct log_sink *s, rlim_t bytes, unsigned wait_ms)
{
	struct rlimit before, less;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	less = before;
	less.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	log_sink_flush(s, wait_ms);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void a_line_cut_by_a_full_disk_is_ended_later(void **state)
{
	struct log_sink s = opened("log");
	struct buf want = {0};

	(void)state;
	add_lines(&s, 0, 19);
	flush_into(&s, 10 * LINE + 3, 1);
	assert_int_equal(s.error, EFBIG);
	assert_int_equal(s.pending.len, 10 * LINE - 3);
	flush_into(&s, 10 * LINE + 3, 1);
	add_lines(&s, 20, 21);
	log_sink_flush(&s, 1);
	assert_int_equal(s.error, 0);
	assert_int_equal(s.lost, 0);
	expect_lines(&want, 0, 21);
	check_file("log", &want);
	log_sink_close(&s);
}

static void a_full_disk_is_asked_once_a_second(void **state)
{
	struct log_sink s = opened("log");

	(void)state;
	add_lines(&s, 0, 9);
	flush_into(&s, LINE, 0);
	log_sink_flush(&s, 0);
	assert_int_equal(s.pending.len, 9 * LINE);
	s.retry_us = clock_monotonic_us();
	log_sink_flush(&s, 0);
	assert_int_equal(s.pending.len, 0);
	log_sink_close(&s);
}

static void the_rest_of_a_line_does_not_go_to_another_file(void **state)
{
	struct log_sink s = opened("log");
	struct buf want = {0};

	(void)state;
	add_lines(&s, 0, 9);
	flush_into(&s, 5 * LINE + 3, 1);
	assert_int_equal(rename("log", "log.1"), 0);
	reopen(&s);
	log_sink_flush(&s, 1);
	assert_int_equal(s.lost, 1);
	expect_lines(&want, 6, 9);
	check_file("log", &want);
	log_sink_close(&s);
}

static void reopening_the_same_file_cuts_no_line(void **state)
{
	struct log_sink s = opened("log");
	struct buf want = {0};

	(void)state;
	add_lines(&s, 0, 9);
	flush_into(&s, 5 * LINE + 3, 1);
	reopen(&s);
	log_sink_flush(&s, 0);
	assert_int_equal(s.lost, 0);
	expect_lines(&want, 0, 9);
	check_file("log", &want);
	log_sink_close(&s);
}

static void half_a_line_of_another_run_is_ended_first(void **state)
{
	struct log_sink s;
	struct buf want = {0};

	(void)state;
	folder_write(".", "log", "line 00\nlin");
	s = opened("log");
	add_lines(&s, 1, 1);
	log_sink_flush(&s, 0);
	buf_addz(&want, "line 00\nlin\nline 01\n");
	check_file("log", &want);
	log_sink_close(&s);
}

static void what_waits_has_a_bound(void **state)
{
	struct log_sink s = opened("/dev/full");

	(void)state;
	add_lines(&s, 1, 1024 * 1024 / LINE + 3);
	log_sink_flush(&s, 0);
	assert_int_equal(s.error, ENOSPC);
	assert_int_equal(s.pending.len, 1024 * 1024);
	assert_int_equal(s.lost, 3);
	assert_false(log_sink_has_room(&s));
	log_sink_give_up(&s);
	assert_int_equal(s.lost, 1024 * 1024 / LINE + 3);
	log_sink_close(&s);
}

static void a_fifo_whose_reader_sleeps_is_not_waited_for(void **state)
{
	struct log_sink s;
	struct buf have = {0}, want = {0};
	int reader, lines = 20000;
	ssize_t n;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
	s = opened("fifo");
	log_sink_add(&s, LOG_ACCESS, STR("odd"));
	add_lines(&s, 1, lines);
	log_sink_flush(&s, 0);
	assert_int_equal(s.error, 0);
	assert_true(s.pending.len > 0 && s.pending.len % LINE == 0);
	while (have.len < (size_t)lines * LINE + 4 &&
	    (n = read(reader, buf_reserve(&have, 65536), 65536)) > 0) {
		have.len += (size_t)n;
		log_sink_flush(&s, 0);
	}
	buf_addz(&want, "odd\n");
	expect_lines(&want, 1, lines);
	check_same(buf_str(&have), buf_str(&want));
	buf_free(&have);
	buf_free(&want);
	close(reader);
	log_sink_close(&s);
}

/* ------------------------------------------------------------------------------------ syslog */

static int listen_at(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(a.sun_path, path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

/* The next datagram, or "". */
static const char *next(int fd, char text[1024])
{
	ssize_t n = recv(fd, text, 1023, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* As RFC 3164 has it: <PRI>Mmm dd hh:mm:ss TAG: CONTENT, the day padded with a space. */
static void check_datagram(int fd, const char *priority, const char *content)
{
	char text[1024], want[100], month[4];
	int day, hour, minute, second, length = 0;

	next(fd, text);
	snprintf(want, sizeof want, " digestd[%ld]: %s", (long)getpid(), content);
	assert_memory_equal(text, priority, 4);
	assert_int_equal(sscanf(text + 4, "%3s %2d %2d:%2d:%2d%n", month, &day, &hour, &minute,
			     &second, &length),
	    5);
	assert_int_equal(length, strlen("Nov 26 01:39:44"));
	assert_non_null(strstr("JanFebMarAprMayJunJulAugSepOctNovDec", month));
	assert_true(day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60);
	assert_string_equal(text + 4 + length, want);
}

static void syslog_gets_a_datagram_for_each_line(void **state)
{
	int fd = listen_at("socket");
	struct log_sink s = opened("syslog:socket");
	char text[1024];

	(void)state;
	log_sink_add(&s, LOG_MESSAGES, STR("a message"));
	log_sink_add(&s, LOG_ACCESS, STR("a request"));
	log_sink_flush(&s, 0);
	check_datagram(fd, "<29>", "a message");
	check_datagram(fd, "<30>", "a request");
	assert_string_equal(next(fd, text), "");
	log_sink_close(&s);
	close(fd);
}

static void syslog_that_is_gone_gets_the_lines_when_it_is_back(void **state)
{
	int fd = listen_at("socket");
	struct log_sink s = opened("syslog:socket");

	(void)state;
	close(fd);
	log_sink_add(&s, LOG_MESSAGES, STR("one"));
	log_sink_flush(&s, 0);
	assert_int_equal(s.error, ECONNREFUSED);
	unlink("socket");
	log_sink_flush(&s, 1);
	assert_int_equal(s.error, ENOENT);
	log_sink_add(&s, LOG_MESSAGES, STR("two"));
	fd = listen_at("socket");
	log_sink_flush(&s, 1);
	assert_int_equal(s.error, 0);
	check_datagram(fd, "<29>", "one");
	check_datagram(fd, "<29>", "two");
	log_sink_close(&s);
	close(fd);
}

static void a_restart_of_syslog_costs_no_line(void **state)
{
	int fd = listen_at("socket");
	struct log_sink s = opened("syslog:socket");

	(void)state;
	for (int i = 0; i < 2; i++) {
		close(fd);
		unlink("socket");
		fd = listen_at("socket");
		if (i == 1)
			reopen(&s);
		log_sink_add(&s, LOG_MESSAGES, STR("one"));
		log_sink_flush(&s, 0);
		check_datagram(fd, "<29>", "one");
	}
	log_sink_close(&s);
	close(fd);
}

static void syslog_that_sleeps_is_not_waited_for(void **state)
{
	int fd = listen_at("socket"), lines = 5000, read = 0;
	struct log_sink s = opened("syslog:socket");
	char text[1024];

	(void)state;
	add_lines(&s, 1, lines);
	log_sink_flush(&s, 0);
	assert_int_equal(s.error, 0);
	assert_true(s.pending.len > 0);
	for (; *next(fd, text); read++) {
		char want[16];

		snprintf(want, sizeof want, "line %02d", (read + 1) % 100);
		assert_true(str_ends(str_of(text), str_of(want)));
		log_sink_flush(&s, 0);
	}
	assert_int_equal(read, lines);
	assert_int_equal(s.lost, 0);
	log_sink_close(&s);
	close(fd);
}

static void a_line_that_no_datagram_holds_is_lost_alone(void **state)
{
	int fd = listen_at("socket");
	struct log_sink s = opened("syslog:socket");
	struct buf text = {0};

	(void)state;
	buf_fill(&text, 'x', 500000);
	log_sink_add(&s, LOG_ACCESS, buf_str(&text));
	log_sink_add(&s, LOG_ACCESS, STR("next"));
	log_sink_flush(&s, 0);
	assert_int_equal(s.lost, 1);
	check_datagram(fd, "<30>", "next");
	buf_free(&text);
	log_sink_close(&s);
	close(fd);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_line_cut_by_a_full_disk_is_ended_later),
	    IN_FOLDER(a_full_disk_is_asked_once_a_second),
	    IN_FOLDER(the_rest_of_a_line_does_not_go_to_another_file),
	    IN_FOLDER(reopening_the_same_file_cuts_no_line),
	    IN_FOLDER(half_a_line_of_another_run_is_ended_first),
	    IN_FOLDER(what_waits_has_a_bound),
	    IN_FOLDER(a_fifo_whose_reader_sleeps_is_not_waited_for),
	    IN_FOLDER(syslog_gets_a_datagram_for_each_line),
	    IN_FOLDER(syslog_that_is_gone_gets_the_lines_when_it_is_back),
	    IN_FOLDER(a_restart_of_syslog_costs_no_line),
	    IN_FOLDER(syslog_that_sleeps_is_not_waited_for),
	    IN_FOLDER(a_line_that_no_datagram_holds_is_lost_alone),
	};

	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
