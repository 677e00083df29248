#include "config.h"

#include "serve/access_log.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"

/* What came, up to the end of the line, and not more than a request may have. */
#define REQUEST_SHOWN 1100

static struct str request_line(struct str bytes)
{
	struct str line = str_sub(bytes, 0, str_index(bytes, '\n'));

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return str_sub(line, 0, REQUEST_SHOWN);
}

void access_log_write(const char *protocol, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o)
{
	struct date now = date_of_instant(clock_wall());
	struct buf line = {0};

	date_rfc3339(&line, &now);
	buf_printf(&line, " %s ", protocol);
	address_format_host(&line, q->peer);
	buf_addz(&line, " \"");
	log_escape(&line, request_line(q->bytes));
	if (reply)
		buf_printf(&line, "\" %d", reply->status);
	else
		buf_addz(&line, "\" -");
	buf_printf(&line, " %llu %lld.%03lld", (unsigned long long)o->bytes,
	    (long long)(o->us / 1000), (long long)(o->us % 1000));
	if (o->reason != NET_DONE)
		buf_printf(&line, " %s", net_reason_name(o->reason));
	if (o->note)
		buf_printf(&line, " (%s)", o->note);
	log_text(buf_str(&line));
	buf_free(&line);
}
