#include "config.h"

#include "serve/signals.h"

#include <stddef.h>

void signals_asking(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGHUP);
	sigaddset(out, SIGUSR1);
	sigaddset(out, SIGUSR2);
}

void signals_hold(void)
{
	sigset_t asking;

	signals_asking(&asking);
	pthread_sigmask(SIG_BLOCK, &asking, NULL);
}

const char *signals_name(int number)
{
	switch (number) {
	case SIGHUP:
		return "SIGHUP";
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGUSR1:
		return "SIGUSR1";
	case SIGUSR2:
		return "SIGUSR2";
	default:
		return "a signal";
	}
}
