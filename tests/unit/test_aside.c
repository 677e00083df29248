/*
 * The thread that searches: what is asked at a desk is answered there, in order,
 * to the desk that asked; so many may wait; and it ends whatever still waits.
 */
#include "config.h"

#include "made.h"
#include "serve/aside.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

#define PATIENCE_MS 20000

struct fixture {
	struct state_cell cell;
	struct aside *aside;
	struct aside_desk desks[2];
	int pipes[2][2];
};

#define SITE "title: Small\ncategories: [{name: One, slug: one}]\n"
#define ENTRY(title)                                                                               \
	"- {title: " title ", url: 'https://" title                                                \
	".example/', author: Ann, date: 2019-12-31, categories: [one]}\n"

/* Publishes a state of these entries, with its index or still without. */
static void publish(struct fixture *f, const char *entries, bool indexed)
{
	struct state *s = state_new();
	struct buf why = {0};

	s->settings = settings_new();
	settings_complete(s->settings);
	s->digest = made_digest(SITE, entries, 1600000000);
	assert_non_null(s->digest);
	s->gopher_port = 70;
	s->gemini_port = 1965;
	if (indexed)
		s->search = search_new(s->digest, NULL, &why);
	state_cell_put(&f->cell, s);
	if (f->aside)
		aside_look(f->aside);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){0};
	state_cell_init(&f.cell);
	publish(&f, ENTRY("Alpha") ENTRY("Beta"), true);
	f.aside = aside_new(&f.cell);
	assert_non_null(f.aside);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(f.pipes[i]), 0);
		assert_int_equal(fcntl(f.pipes[i][1], F_SETFL, O_NONBLOCK), 0);
		aside_desk_init(&f.desks[i], f.aside, f.pipes[i][1]);
	}
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	aside_free(f->aside);
	for (int i = 0; i < 2; i++) {
		aside_desk_clear(&f->desks[i]);
		close(f->pipes[i][0]);
		close(f->pipes[i][1]);
	}
	state_cell_clear(&f->cell);
	return 0;
}

static bool ask(struct fixture *f, int desk, uint64_t ticket, const char *words)
{
	struct answer_request q = {
	    .protocol = PAGES_GEMINI,
	    .path = STR("/search"),
	    .words = str_of(words),
	    .ticket = ticket,
	};

	return aside_ask(&f->desks[desk], &q);
}

/* Waits for the bell, then for the next reply; returns its ticket. The reply is the caller's. */
static uint64_t collect(struct fixture *f, int desk, struct net_reply *r)
{
	struct pollfd p = {.fd = f->pipes[desk][0], .events = POLLIN};
	uint64_t ticket = 0;
	char byte;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(read(p.fd, &byte, 1), 1);
	assert_true(aside_collect(&f->desks[desk], &ticket, r));
	return ticket;
}

static bool holds(const struct net_reply *r, const char *text)
{
	return r->body && memmem(r->body->p, r->body->n, text, strlen(text)) != NULL;
}

static void test_m27_an_answer_comes_to_the_desk_that_asked(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	assert_true(ask(f, 0, 11, "alpha"));
	assert_true(ask(f, 1, 22, "beta"));
	assert_int_equal(collect(f, 1, &r), 22);
	assert_int_equal(r.status, 20);
	assert_true(holds(&r, "/entries/beta") && !holds(&r, "/entries/alpha"));
	blob_unref(r.body);
	assert_int_equal(collect(f, 0, &r), 11);
	assert_true(holds(&r, "/entries/alpha"));
	blob_unref(r.body);
	assert_false(aside_collect(&f->desks[0], &(uint64_t){0}, &r));
}

static void test_answers_come_in_order(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	for (uint64_t i = 1; i <= 20; i++)
		assert_true(ask(f, 0, i, "alpha"));
	for (uint64_t i = 1; i <= 20; i++) {
		assert_int_equal(collect(f, 0, &r), i);
		blob_unref(r.body);
	}
}

/* What is not collected counts as waiting, so that a worker that sleeps is not buried. */
static void test_so_many_may_wait(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	for (uint64_t i = 0; i < ASIDE_WAITING_MAX; i++)
		assert_true(ask(f, (int)(i % 2), i, "beta"));
	assert_false(ask(f, 0, 999, "beta"));
	collect(f, 0, &r);
	blob_unref(r.body);
	assert_true(ask(f, 0, 999, "beta"));
}

/* Another's request of that number is. */
static void test_what_is_forgotten_is_not_done(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	publish(f, ENTRY("Alpha"), false);
	assert_true(ask(f, 0, 5, "alpha"));
	assert_true(ask(f, 0, 6, "alpha"));
	assert_true(ask(f, 1, 5, "alpha"));
	aside_forget(&f->desks[0], 5);
	aside_forget(&f->desks[0], 6);
	aside_forget(&f->desks[0], 7);
	publish(f, ENTRY("Alpha"), true);
	assert_int_equal(collect(f, 1, &r), 5);
	blob_unref(r.body);
	assert_false(aside_collect(&f->desks[0], &(uint64_t){0}, &r));
}

/* Even where the thread waits for the index, and looks at nothing before that. */
static void test_what_is_forgotten_takes_no_room(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	publish(f, ENTRY("Alpha"), false);
	assert_true(ask(f, 1, 7, "alpha"));
	for (uint64_t i = 1; i < ASIDE_WAITING_MAX; i++)
		assert_true(ask(f, 0, i, "alpha"));
	assert_false(ask(f, 0, 999, "alpha"));
	for (uint64_t i = ASIDE_WAITING_MAX - 1; i > 1; i--)
		aside_forget(&f->desks[0], i);
	for (uint64_t i = 2; i < ASIDE_WAITING_MAX; i++)
		assert_true(ask(f, 0, i, "alpha"));
	assert_false(ask(f, 0, 999, "alpha"));
	publish(f, ENTRY("Alpha"), true);
	assert_int_equal(collect(f, 1, &r), 7);
	blob_unref(r.body);
}

/* What is asked while there is no index waits for it, and is answered from what is published then. */
static void test_another_state_is_followed(void **state)
{
	struct fixture *f = *state;
	struct net_reply r;

	assert_true(ask(f, 0, 1, "gamma"));
	assert_int_equal(collect(f, 0, &r), 1);
	assert_false(holds(&r, "/entries/gamma"));
	blob_unref(r.body);
	publish(f, ENTRY("Gamma"), false);
	assert_true(ask(f, 0, 2, "gamma"));
	usleep(20000);
	assert_false(aside_collect(&f->desks[0], &(uint64_t){0}, &r));
	publish(f, ENTRY("Gamma"), true);
	assert_int_equal(collect(f, 0, &r), 2);
	assert_true(holds(&r, "/entries/gamma"));
	blob_unref(r.body);
}

static void test_it_ends_with_some_waiting(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 40; i++)
		assert_true(ask(f, 0, i, "alpha beta"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_m27_an_answer_comes_to_the_desk_that_asked, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_answers_come_in_order, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_so_many_may_wait, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_is_forgotten_is_not_done, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_what_is_forgotten_takes_no_room, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_another_state_is_followed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_it_ends_with_some_waiting, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
