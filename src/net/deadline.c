#include "config.h"

#include "net/deadline.h"

const struct timeval *deadline_common(struct event_base *base, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000 * 1000)};

	return event_base_init_common_timeout(base, &tv);
}

void deadline_set(struct deadline *d, const struct timeval *common)
{
	d->common = common;
	d->armed = false;
}

void deadline_set_ms(struct deadline *d, unsigned long ms)
{
	deadline_set(d, NULL);
	d->ms = ms;
}

void deadline_arm(
    struct deadline *d, struct event_base *base, event_callback_fn callback, void *arg)
{
	struct timeval own = {(time_t)(d->ms / 1000), (suseconds_t)(d->ms % 1000 * 1000)};

	if (d->armed)
		return;
	if (!d->assigned)
		event_assign(&d->timer, base, -1, 0, callback, arg);
	d->assigned = true;
	d->armed = true;
	event_add(&d->timer, d->common ? d->common : &own);
}

void deadline_end(struct deadline *d)
{
	if (d->assigned)
		event_del(&d->timer);
}
