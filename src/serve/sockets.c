#include "config.h"

#include "serve/sockets.h"
#include "base/log.h"
#include "net/socket.h"
#include "serve/inherited.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

/* How often a port that both kinds of address can have is looked for. */
#define PORT_TRIES 16

/* Everybody may be a reader; what counters tell is for the group. */
#define MODE_PUBLIC 0666
#define MODE_PRIVATE 0660

static const char *const words[SETTINGS_PROTOCOLS] = {
    [SETTINGS_GOPHER] = "gopher",
    [SETTINGS_GEMINI] = "gemini",
    [SETTINGS_METRICS] = "metrics",
};

/* The ports that readers take where an address says nothing else (G-01, M-01). */
static const uint16_t usual_ports[SETTINGS_PROTOCOLS] = {
    [SETTINGS_GOPHER] = 70,
    [SETTINGS_GEMINI] = 1965,
};

/* While they are gathered. */
struct gathering {
	struct sockets *out;
	const struct settings *settings;
	const struct user *user; /* whose unix sockets are to be; uid 0: as they are */
	struct inherited inherited;
};

/* ------------------------------------------------------------------------- what is said */

/* What is to be done about an address that cannot be had; "" when the error says it all. */
static const char *hint_for(const struct gathering *g, const struct net_address *a, int error)
{
	switch (error) {
	case EADDRINUSE:
		return "another server has this port, or this one listens there twice: choose "
		       "another port";
	case EACCES:
		if (a->ss.ss_family == AF_UNIX)
			return "this user has to be allowed to write in its directory";
		return g->inherited.n == 0
		    ? user_low_port_hint()
		    : "a confined server, and the one that takes over from it, bind nothing new: "
		      "restart";
	case EAFNOSUPPORT:
		return "this machine has no such sockets, or this process may not make them, as "
		       "under "
		       "systemd's unit: there let systemd make it, with digestd-metrics.socket";
	case EADDRNOTAVAIL:
		return "this machine has no such address";
	default:
		return "";
	}
}

static bool fail(const struct gathering *g, enum settings_protocol protocol,
    const struct net_address *a, int error)
{
	struct buf at = {0};
	struct str hint = str_of(hint_for(g, a, error)), line;

	address_format(&at, a);
	log_line("cannot listen on %s://%s: %s", words[protocol], buf_z(&at), strerror(error));
	while (str_next_line(&hint, &line))
		log_line("%.*s", STR_ARGS(line));
	buf_free(&at);
	return false;
}

static void announce(const struct sockets_item *i)
{
	struct buf at = {0};

	address_format(&at, &i->address);
	log_line("listening on %s://%s%s", words[i->protocol], buf_z(&at),
	    i->proxy ? " (PROXY header)" : "");
	buf_free(&at);
}

const char *sockets_name(const struct sockets_item *i)
{
	static const char *const names[SETTINGS_PROTOCOLS][2][2] = {
	    {{"gopher", "gopher-proxy"}, {"gopher-bound", "gopher-bound-proxy"}},
	    {{"gemini", "gemini-proxy"}, {"gemini-bound", "gemini-bound-proxy"}},
	    {{"metrics", "metrics"}, {"metrics-bound", "metrics-bound"}},
	};

	return names[i->protocol][i->bound][i->proxy];
}

/* -------------------------------------------------------------------------- one socket */

static bool add(struct gathering *g, const struct sockets_item *i)
{
	struct sockets *s = g->out;

	if (s->n == SOCKETS_MAX) {
		close(i->fd);
		log_line("more than %d sockets to listen on: use fewer addresses or workers",
		    SOCKETS_MAX);
		return false;
	}
	if (g->settings->send_buffer > 0)
		socket_bound_sending(i->fd, g->settings->send_buffer * 1024);
	s->items[s->n++] = *i;
	return true;
}

/* How many workers listen at an address. */
static unsigned workers_at(const struct gathering *g, const struct sockets_item *like)
{
	return like->protocol == SETTINGS_METRICS ? 1 : g->settings->workers;
}

/*
 * Gives every worker at least one of the n sockets at one address; what there
 * is too little of is shared.
 */
static bool spread(struct gathering *g, const int fds[], size_t n, struct sockets_item like)
{
	unsigned workers = workers_at(g, &like);

	assert(n > 0);

	for (size_t i = 0; i < n || i < workers; i++) {
		like.fd = i < n ? fds[i] : fcntl(fds[i % n], F_DUPFD_CLOEXEC, 0);
		like.worker = (unsigned)(i % workers);
		like.again = i > 0;
		if (like.fd < 0)
			return fail(g, like.protocol, &like.address, errno);
		if (!add(g, &like))
			return false;
	}
	return true;
}

/* ----------------------------------------------------------------------- handed over */

static bool says(const struct inherited_socket *i, const char *word)
{
	return strstr(i->name, word) != NULL;
}

static bool same_address(const struct net_address *a, const struct net_address *b)
{
	return a->len == b->len && memcmp(&a->ss, &b->ss, a->len) == 0;
}

/*
 * The address as configured is that of the socket; port 0 stands for the one that the system chose
 * then.
 */
static bool is_for(const struct inherited_socket *i, const struct settings_listener *l)
{
	struct net_address wanted = l->address;

	if (address_port(&wanted) == 0)
		address_set_port(&wanted, address_port(&i->address));
	return same_address(&wanted, &i->address) && says(i, "proxy") == l->proxy;
}

/* Takes those sockets of the protocol that are at the same address as first. */
static bool adopt(struct gathering *g, enum settings_protocol p, struct inherited_socket *first)
{
	struct sockets_item like = {.protocol = p,
	    .proxy = says(first, "proxy"),
	    .bound = says(first, "bound"),
	    .address = first->address};
	int fds[INHERITED_MAX];
	size_t n = 0;

	for (size_t k = 0; k < g->inherited.n; k++) {
		struct inherited_socket *i = &g->inherited.sockets[k];

		if (i->used || !says(i, words[p]) || !same_address(&i->address, &first->address))
			continue;
		i->used = true;
		fds[n++] = i->fd;
	}
	return spread(g, fds, n, like);
}

/* Takes all that a supervisor gave for the protocol; *some: there were any. */
static bool adopt_given(struct gathering *g, enum settings_protocol p, bool *some)
{
	for (size_t k = 0; k < g->inherited.n; k++) {
		struct inherited_socket *i = &g->inherited.sockets[k];

		if (i->used || !says(i, words[p]) || says(i, "bound"))
			continue;
		*some = true;
		if (!adopt(g, p, i))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------- bound */

/* "*" means both kinds of address; a machine may lack one of them. */
static bool may_do_without(const struct settings_listener *l, int error)
{
	return l->any && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL);
}

/* A proxy that is in the user's group may connect then, or anybody, as the mode has it. */
static void give_away(const struct net_address *a, const struct user *user)
{
	struct sockaddr_un sa;

	memcpy(&sa, &a->ss, sizeof sa);
	if (user->uid > 0 && lchown(sa.sun_path, user->uid, user->gid) != 0)
		log_line("%s: cannot be given to %s: %s", sa.sun_path, user->name, strerror(errno));
}

/* Binds the address for the first worker, then for the others at the same port. */
static bool bind_for_all(
    struct gathering *g, enum settings_protocol p, const struct settings_listener *l)
{
	struct sockets_item i = {
	    .protocol = p, .proxy = l->proxy, .bound = true, .address = l->address};
	mode_t mode = p == SETTINGS_METRICS ? MODE_PRIVATE : MODE_PUBLIC;
	unsigned workers = workers_at(g, &i);
	bool shared = workers > 1 && l->address.ss.ss_family != AF_UNIX;

	i.fd = socket_listen(&i.address, shared ? SOCKET_FIRST : SOCKET_ALONE, mode);
	if (i.fd < 0 && may_do_without(l, errno))
		return true;
	if (i.fd < 0 || !socket_address(i.fd, &i.address))
		return fail(g, p, &l->address, errno);
	if (i.address.ss.ss_family == AF_UNIX)
		give_away(&i.address, g->user);
	if (!shared)
		return spread(g, &i.fd, 1, i);
	for (; i.worker < workers; i.worker++) {
		if (i.again)
			i.fd = socket_listen(&i.address, SOCKET_JOIN, mode);
		if (i.fd < 0)
			return fail(g, p, &i.address, errno);
		if (!add(g, &i))
			return false;
		i.again = true;
	}
	return true;
}

/* Uses again what was bound for that address, or binds it. */
static bool listen_at(
    struct gathering *g, enum settings_protocol p, const struct settings_listener *l)
{
	for (size_t k = 0; k < g->inherited.n; k++) {
		struct inherited_socket *i = &g->inherited.sockets[k];

		if (!i->used && says(i, words[p]) && says(i, "bound") && is_for(i, l))
			return adopt(g, p, i);
	}
	return bind_for_all(g, p, l);
}

/* A port that the system has free for both kinds of address; 0: none was found. */
static uint16_t free_for_both(struct net_address a, struct net_address b)
{
	uint16_t port = 0;

	for (int tries = 0; port == 0 && tries < PORT_TRIES; tries++) {
		int first = socket_listen(&a, SOCKET_ALONE, MODE_PUBLIC), second = -1;
		struct net_address found;

		if (first >= 0 && socket_address(first, &found)) {
			address_set_port(&b, address_port(&found));
			second = socket_listen(&b, SOCKET_ALONE, MODE_PUBLIC);
			port = second >= 0 ? address_port(&found) : 0;
		}
		if (first >= 0)
			close(first);
		if (second >= 0)
			close(second);
	}
	return port;
}

/* Of a "*" that leaves its port to the system: one that its second address can have, too. */
static void choose_port(const struct gathering *g, const struct settings_listeners *list, size_t i,
    struct net_address *a)
{
	bool pair = i + 1 < list->n && list->items[i + 1].second;

	if (pair && address_port(a) == 0 && g->inherited.n == 0)
		address_set_port(a, free_for_both(*a, list->items[i + 1].address));
}

/* The second address of a "*" has the port that the first one got. */
static bool listen_on(struct gathering *g, enum settings_protocol p)
{
	const struct settings_listeners *list = &g->settings->listen[p];
	size_t before = g->out->n;

	for (size_t i = 0; i < list->n; i++) {
		struct settings_listener l = list->items[i];

		if (!l.second) {
			before = g->out->n;
			choose_port(g, list, i, &l.address);
		}
		if (l.second && g->out->n > before && address_port(&l.address) == 0)
			address_set_port(&l.address, address_port(&g->out->items[before].address));
		if (!listen_at(g, p, &l))
			return false;
	}
	return true;
}

/* What the process before had bound, and this one has no use for. */
static void drop_bound(struct gathering *g, bool serves)
{
	for (size_t k = 0; k < g->inherited.n; k++) {
		struct inherited_socket *i = &g->inherited.sockets[k];
		struct buf at = {0};

		if (i->used || !says(i, "bound"))
			continue;
		address_format(&at, &i->address);
		/* Several workers have one each. */
		if (serves && !(k > 0 && same_address(&i->address, &i[-1].address)))
			log_line("no longer listening on %s", buf_z(&at));
		close(i->fd);
		i->used = true;
		buf_free(&at);
	}
}

static bool gather(struct gathering *g)
{
	for (int p = 0; p < SETTINGS_PROTOCOLS; p++) {
		bool given = false;

		if (!adopt_given(g, (enum settings_protocol)p, &given) ||
		    (!given && !listen_on(g, (enum settings_protocol)p)))
			return false;
	}
	if (sockets_has(g->out, SETTINGS_GOPHER) || sockets_has(g->out, SETTINGS_GEMINI))
		return true;
	log_line("there is nothing to listen on: this machine has neither kind of address");
	return false;
}

bool sockets_open(struct sockets *out, const struct settings *s, const struct user *user)
{
	struct gathering g = {.out = out, .settings = s, .user = user};
	struct buf why = {0};
	bool ok = inherited_take(&g.inherited, &why);

	out->n = 0;
	ok = ok && gather(&g);
	drop_bound(&g, ok);
	inherited_close_unused(&g.inherited, &why);
	if (why.len > 0)
		log_line("%s", buf_z(&why));
	if (!ok)
		sockets_close(out);
	buf_free(&why);
	return ok;
}

bool sockets_has(const struct sockets *s, enum settings_protocol protocol)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].protocol == protocol)
			return true;
	return false;
}

uint16_t sockets_port(const struct sockets *s, enum settings_protocol protocol)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].protocol == protocol && address_port(&s->items[i].address))
			return address_port(&s->items[i].address);
	return sockets_has(s, protocol) ? usual_ports[protocol] : 0;
}

void sockets_announce(const struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->items[i].again)
			announce(&s->items[i]);
}

void sockets_close(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->items[i].taken)
			close(s->items[i].fd);
	s->n = 0;
}
