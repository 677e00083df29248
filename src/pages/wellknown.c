#include "config.h"

#include "pages/wellknown.h"
#include "pages/reply.h"

/* Everything may be fetched: there is no endless space here yet. */
struct pages_answer wellknown_robots(const struct pages_request *q, const struct pages_match *m)
{
	(void)q;
	(void)m;
	return reply_text(STR("User-agent: *\nDisallow:\n"), REPLY_PLAIN);
}

struct pages_answer wellknown_caps(const struct pages_request *q, const struct pages_match *m)
{
	struct str admin = q->digest->site.editor.email;

	(void)m;
	return reply_text(arena_printf(q->arena,
			      "CAPS\n"
			      "\n"
			      "CapsVersion=1\n"
			      "ExpireCapsAfter=3600\n"
			      "PathDelimeter=/\n"
			      "PathIdentity=.\n"
			      "PathParent=..\n"
			      "PathParentDouble=FALSE\n"
			      "PathKeepPreDelimeter=FALSE\n"
			      "ServerDefaultEncoding=UTF-8\n"
			      "ServerSoftware=digestd\n"
			      "ServerSoftwareVersion=" PACKAGE_VERSION "\n"
			      "%s%.*s%s",
			      admin.n ? "ServerAdmin=" : "", STR_ARGS(admin), admin.n ? "\n" : ""),
	    REPLY_PLAIN);
}

struct pages_answer wellknown_favicon(const struct pages_request *q, const struct pages_match *m)
{
	struct str favicon = q->digest->site.favicon;

	(void)m;
	if (favicon.n == 0)
		return reply_not_found();
	return reply_text(arena_printf(q->arena, "%.*s\n", STR_ARGS(favicon)), REPLY_PLAIN);
}
