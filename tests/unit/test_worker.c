/*
 * worker: what others tell it through the pipe while it is busy, and how it ends.
 */
#include "config.h"

#include "check.h"
#include "made.h"

#include "net/conn.h"
#include "serve/worker.h"

#include <event2/event.h>
#include <unistd.h>

#define SITE "title: Small\ncategories: [{name: One, slug: one}]\n"
#define ENTRY                                                                                      \
	"- {title: Alpha, url: 'https://a.example/', author: Ann, date: 2019-12-31, "              \
	"categories: [one]}\n"

/* A worker, a client of it, and what is done between the worker's turns. */
struct fixture {
	struct state_cell cell;
	struct aside *aside;
	struct peers *peers;
	struct veil veil;
	struct sockets sockets;
	struct worker *worker;
	int client;
	struct event *timer;
	void (*then)(struct fixture *f); /* once the client's request has begun */
	bool told_ended;
};

static void set(struct settings *s, const char *name, const char *value)
{
	struct buf why = {0};

	assert_true(settings_set(s, str_of(name), str_of(value), &why));
}

static struct state *made_state(void)
{
	struct state *s = state_new();

	s->settings = settings_new();
	set(s->settings, "gopher", "127.0.0.1:0");
	set(s->settings, "drain_timeout", "3600000");
	set(s->settings, "request_timeout", "20000");
	settings_complete(s->settings);
	s->digest = made_digest(SITE, ENTRY, 1600000000);
	assert_non_null(s->digest);
	s->gopher_port = 70;
	s->searchless = true;
	return s;
}

static int dialled(const struct sockets *sockets)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(getsockname(sockets->items[0].fd, (struct sockaddr *)&ss, &len), 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static void on_ended(void *context)
{
	struct fixture *f = context;

	f->told_ended = true;
}

static int set_up(void **state)
{
	static struct fixture f;
	struct worker_env env = {.cell = &f.cell, .veil = &f.veil, .workers = 1};
	struct peers_limits limits = {.connections = 10, .rate = 10, .burst = 10};
	struct state *s;
	struct buf why = {0};

	f = (struct fixture){0};
	state_cell_init(&f.cell);
	s = made_state();
	assert_true(sockets_open(&f.sockets, s->settings, &(struct user){0}));
	state_cell_put(&f.cell, s);
	env.aside = f.aside = aside_new(&f.cell);
	env.peers = f.peers = peers_new(&limits);
	env.ended = on_ended;
	env.context = &f;
	assert_true(veil_init(&f.veil, VEIL_NONE, &why));
	f.worker = worker_new(&env, 0, &f.sockets);
	assert_non_null(f.worker);
	f.client = dialled(&f.sockets);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->timer)
		event_free(f->timer);
	close(f->client);
	aside_free(f->aside);
	worker_free(f->worker);
	sockets_close(&f->sockets);
	peers_free(f->peers);
	veil_clear(&f->veil);
	state_cell_clear(&f->cell);
	return 0;
}

static void say(const struct fixture *f, const char *text)
{
	assert_int_equal(write(f->client, text, strlen(text)), strlen(text));
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct fixture *f = context;

	(void)fd;
	(void)what;
	if (worker_connections(f->worker, CONN_REQUEST) == 0)
		return;
	event_del(f->timer);
	f->then(f);
}

/* Runs the worker in this thread, with half a request of the client's at hand when then is called. */
static void run_until(struct fixture *f, void (*then)(struct fixture *f))
{
	const struct timeval each = {0, 1000};

	f->then = then;
	say(f, "/abo");
	f->timer = event_new(worker_base(f->worker), -1, EV_PERSIST, on_timer, f);
	assert_int_equal(event_add(f->timer, &each), 0);
	worker_run(f->worker);
}

static uint64_t ended(const struct fixture *f, enum net_reason reason)
{
	return worker_counters(f->worker)->ended[reason];
}

static void drain_and_go_on(struct fixture *f)
{
	worker_drain(f->worker);
	say(f, "ut\r\n");
}

static void a_drain_lets_what_is_in_flight_end(void **state)
{
	struct fixture *f = *state;

	run_until(f, drain_and_go_on);
	assert_int_equal(ended(f, NET_DONE), 1);
	assert_int_equal(ended(f, NET_SHUTDOWN), 0);
}

static void drain_twice(struct fixture *f)
{
	worker_drain(f->worker);
	worker_drain(f->worker);
}

/* However long the worker was busy with something else. */
static void two_drains_that_come_together_are_two(void **state)
{
	struct fixture *f = *state;

	run_until(f, drain_twice);
	assert_int_equal(ended(f, NET_SHUTDOWN), 1);
	assert_int_equal(ended(f, NET_REQUEST_TIMEOUT), 0);
}

static void a_thread_says_when_it_ends(void **state)
{
	struct fixture *f = *state;

	assert_true(worker_has_ended(f->worker));
	assert_int_equal(worker_start(f->worker), 0);
	assert_false(worker_has_ended(f->worker));
	worker_drain(f->worker);
	while (!worker_has_ended(f->worker))
		usleep(1000);
	worker_join(f->worker);
	assert_true(f->told_ended);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_drain_lets_what_is_in_flight_end),
	    TEST(two_drains_that_come_together_are_two),
	    TEST(a_thread_says_when_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
