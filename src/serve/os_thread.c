#include "config.h"

#include "serve/os_thread.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Beyond that of the threads that serve, which may have some already. */
#define NICENESS 10

int os_thread_start(pthread_t *thread, void *(*run)(void *context), void *context)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* Only on Linux is this a property of the one thread; elsewhere it would be the process's. */
void os_thread_give_way(void)
{
#ifdef __linux__
	errno = 0;
	if (nice(NICENESS) == -1 && errno != 0)
		log_line("a thread keeps the priority of the rest: %s", strerror(errno));
#endif
}
