/*
 * loader: the thread that makes what is served.
 *
 * Loading runs beside the threads that serve. The first state comes without its
 * search index, so that the server is ready at once: making that is the thread's
 * first work. Then it waits for a word (loader_ask, on SIGHUP) or for files to
 * change, also since the first load began, and makes a new state of configuration, content
 * and certificates: all of it, or, where anything is wrong, nothing, and the log says what.
 */
#ifndef SERVE_LOADER_H
#define SERVE_LOADER_H

#include "serve/counters.h"
#include "serve/notify.h"
#include "serve/settings_source.h"
#include "serve/sockets.h"
#include "serve/state.h"

/* Ports that the sockets have; 0: there is none. */
struct loader_ports {
	uint16_t gopher, gemini;
};

/* What it works with; all borrowed. */
struct loader_env {
	const struct settings_source *source;
	struct state_cell *cell;
	struct loader_ports ports;
	struct counters_process *counters;
	struct notify *notify; /* NULL: no supervisor wants to know */
	bool confined; /* only the directories of the start are within reach (os_confine.h) */
	/* Called in the loader's thread when the cell has another state; whole: not only an index. */
	void (*published)(void *context, bool whole);
	void *context;
};

struct loader;

/*
 * A state of these settings, whose reference it takes over, without its index. before
 * (NULL: none) is the state whose place it will take: certificates that have not changed are
 * taken from it. Returns NULL with what is wrong in the log.
 */
struct state *loader_load(
    struct settings *s, const struct loader_ports *ports, const struct state *before);

/* Starts the thread; the cell has a state. NULL, with errno set, when the system refuses. */
struct loader *loader_new(const struct loader_env *env);

/* Ends the thread: gives up an index that it makes, but reads content to its end. NULL is allowed. */
void loader_free(struct loader *l);

/* From any thread: load nothing more, for the server finishes; what is under way is finished. */
void loader_stop(struct loader *l);

/* From any thread: load now, whether anything changed or not. */
void loader_ask(struct loader *l);

#endif
