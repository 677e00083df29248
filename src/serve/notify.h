/*
 * notify: tells the service manager how the server is (the protocol of sd_notify(3)).
 *
 * One datagram for each thing said, to the socket that NOTIFY_SOCKET names. Needs no
 * library of systemd's; other managers speak it too. The socket is connected when
 * it is opened, so that it works on after the process has confined itself. Sending never
 * waits and never fails loudly: a server does not depend on who watches it. May be used
 * from any thread; where there is no manager, struct notify * is NULL and
 * everything here does nothing.
 */
#ifndef SERVE_NOTIFY_H
#define SERVE_NOTIFY_H

#include "base/buf.h"

#include <sys/types.h>

struct notify;

/*
 * Connects to NOTIFY_SOCKET: an absolute path, or "@NAME" for an abstract socket. NULL when
 * it is not set; or, with the reason appended to why, when it cannot be used, which is no
 * reason not to serve. The variable stays, for the process that succeeds this one.
 */
struct notify *notify_open(struct buf *why);

/* NULL is allowed, here and below. */
void notify_close(struct notify *n);

/* It serves; said again, that a reload has ended. */
void notify_ready(struct notify *n);

/* A reload begins; notify_ready says its end, however it went. */
void notify_reloading(struct notify *n);

/* It finishes what is in flight and ends. */
void notify_stopping(struct notify *n);

/* One line for people (systemctl status); a control character in it becomes a space. */
void notify_status(struct notify *n, struct str text);

/*
 * From now on that process is the service and speaks for it: said by the old one, once its
 * successor serves. A reload that the old one has told of is over with that, and nothing more is
 * said here.
 */
void notify_hand_over(struct notify *n, pid_t pid);

/* It is alive: to be said about twice in each notify_watchdog_us. */
void notify_alive(struct notify *n);

/*
 * The manager restarts a service that has not said notify_alive for so many
 * microseconds; 0: it does not mind (WATCHDOG_USEC, and WATCHDOG_PID if another process is meant).
 */
uint64_t notify_watchdog_us(void);

#endif
