#include "config.h"

#include "serve/access_log.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "render/json.h"

#include <stdio.h>

/* What came, up to the end of the line, and not more than a request may have. */
#define REQUEST_SHOWN 1100

/* An exchange in the words of the log, which both forms share. */
struct entry {
	const char *protocol;
	struct buf time, address, request; /* owned */
	char status[16];                   /* empty: there was no reply */
	char bytes[24];
	char ms[32];
	const char *reason, *note; /* NULL: there is none */
};

static struct str request_line(struct str bytes)
{
	struct str line = str_sub(bytes, 0, str_index(bytes, '\n'));

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return str_sub(line, 0, REQUEST_SHOWN);
}

static void describe(struct entry *e, const struct veil *veil, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o)
{
	int64_t now = clock_wall();
	struct date date = date_of_instant(now);

	date_rfc3339(&e->time, &date);
	veil_format(&e->address, veil, q->peer, now);
	log_escape(&e->request, request_line(q->bytes));
	if (reply)
		snprintf(e->status, sizeof e->status, "%d", reply->status);
	snprintf(e->bytes, sizeof e->bytes, "%llu", (unsigned long long)o->bytes);
	snprintf(e->ms, sizeof e->ms, "%lld.%03lld", (long long)(o->us / 1000),
	    (long long)(o->us % 1000));
	e->reason = o->reason != NET_DONE ? net_reason_name(o->reason) : NULL;
	e->note = o->note;
}

static void entry_free(struct entry *e)
{
	buf_free(&e->time);
	buf_free(&e->address);
	buf_free(&e->request);
}

static void add_field(struct buf *line, struct str value)
{
	if (line->len > 0)
		buf_addc(line, ' ');
	buf_add(line, value);
}

static void as_text(struct buf *line, const struct entry *e)
{
	add_field(line, buf_str(&e->time));
	add_field(line, str_of(e->protocol));
	add_field(line, buf_str(&e->address));
	add_field(line, STR("\""));
	buf_add(line, buf_str(&e->request));
	buf_addc(line, '"');
	add_field(line, *e->status ? str_of(e->status) : STR("-"));
	add_field(line, str_of(e->bytes));
	add_field(line, str_of(e->ms));
	if (e->reason)
		add_field(line, str_of(e->reason));
	if (e->note)
		buf_printf(line, " (%s)", e->note);
}

static void as_json(struct buf *line, const struct entry *e)
{
	struct json j = {.out = line, .compact = true};

	json_open(&j, NULL, '{');
	json_string(&j, "time", buf_str(&e->time));
	json_string(&j, "protocol", str_of(e->protocol));
	json_string(&j, "address", buf_str(&e->address));
	json_string(&j, "request", buf_str(&e->request));
	json_bare(&j, "status", *e->status ? str_of(e->status) : STR("null"));
	json_bare(&j, "bytes", str_of(e->bytes));
	json_bare(&j, "ms", str_of(e->ms));
	json_optional(&j, "reason", str_of(e->reason));
	json_optional(&j, "note", str_of(e->note));
	json_close(&j, '}');
}

void access_log_write(const struct access_log *l, const char *protocol, const struct net_request *q,
    const struct net_reply *reply, const struct net_outcome *o)
{
	struct entry e = {.protocol = protocol};
	struct buf line = {0};

	if (l->format == ACCESS_LOG_OFF)
		return;
	describe(&e, l->veil, q, reply, o);
	if (l->format == ACCESS_LOG_JSON)
		as_json(&line, &e);
	else
		as_text(&line, &e);
	log_access(buf_str(&line));
	buf_free(&line);
	entry_free(&e);
}
