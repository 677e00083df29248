#include "config.h"

#include "pages/wellknown.h"
#include "base/uri.h"
#include "pages/reply.h"
#include "render/link.h"

/*
 * One rule. A Gopher selector may lack its first slash (G-13), so the rule is
 * there without it, too; but an empty one would allow everything.
 */
static void add_rule(const struct pages_request *q, struct buf *out, struct str path)
{
	buf_printf(out, "Disallow: %.*s\n", STR_ARGS(path));
	if (q->protocol == PAGES_GOPHER && path.n > 1)
		buf_printf(out, "Disallow: %.*s\n", STR_ARGS(str_skip(path, 1)));
}

/*
 * The rules for one kind of crawler. Not every crawler that finds a group of its
 * own reads the one for all, so each repeats the rules for all (C-04): to keep
 * out of what is different each time, and without end.
 */
static void add_agent(const struct pages_request *q, struct buf *out, const char *agent,
    const struct site_list *paths)
{
	static const char *const endless[] = {LINK_SEARCH, LINK_SEARCH "/", "/random"};

	buf_printf(out, "%sUser-agent: %s\n", out->len ? "\n" : "", agent);
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
		add_rule(q, out, str_of(endless[i]));
	for (size_t i = 0; i < paths->n; i++)
		add_rule(q, out, paths->items[i]);
}

struct pages_answer wellknown_robots(const struct pages_request *q, const struct pages_match *m)
{
	static const char *const agents[SITE_AGENTS] = {
	    [SITE_INDEXER] = "indexer",
	    [SITE_ARCHIVER] = "archiver",
	    [SITE_RESEARCHER] = "researcher",
	    [SITE_WEBPROXY] = "webproxy",
	};
	struct buf out = {0};
	struct str text;

	(void)m;
	add_agent(q, &out, "*", &(struct site_list){0});
	for (size_t i = 0; i < SITE_AGENTS; i++)
		if (q->digest->site.robots[i].n > 0)
			add_agent(q, &out, agents[i], &q->digest->site.robots[i]);
	text = arena_str(q->arena, buf_str(&out));
	buf_free(&out);
	return reply_text(text, REPLY_PLAIN);
}

struct pages_answer wellknown_caps(const struct pages_request *q, const struct pages_match *m)
{
	struct str admin = q->digest->site.editor.email, port = STR("");

	(void)m;
	if (q->gophers_port)
		port = arena_printf(q->arena, "ServerTLSPort=%u\n", q->gophers_port);
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
			      "ServerDefaultEncoding=%s\n"
			      "ServerSoftware=digestd\n"
			      "ServerSoftwareVersion=" PACKAGE_VERSION "\n"
			      "%.*s%s%.*s%s",
			      charset_name(q->charset), STR_ARGS(port),
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

static bool has_security(const struct pages_request *q)
{
	const struct date *expires = &q->digest->site.security.expires;

	return expires->year && expires->instant > q->now;
}

static void add_uri(struct buf *out, const char *field, struct str uri)
{
	buf_printf(out, "%s: ", field);
	uri_escape_link(out, uri);
	buf_addc(out, '\n');
}

static void add_languages(struct buf *out, const struct site_list *languages)
{
	for (size_t i = 0; i < languages->n; i++)
		buf_printf(out, "%s%.*s",
		    i ? ", " : "Preferred-Languages: ", STR_ARGS(languages->items[i]));
	if (languages->n > 0)
		buf_addc(out, '\n');
}

struct pages_answer wellknown_security(const struct pages_request *q, const struct pages_match *m)
{
	const struct site *s = &q->digest->site;
	/* With its time, since a day alone is noon in feeds, and here its first second. */
	struct date expires = date_of_instant(s->security.expires.instant);
	struct buf out = {0};
	struct str text;

	(void)m;
	if (!has_security(q))
		return reply_not_found();
	for (size_t i = 0; i < s->security.contacts.n; i++)
		add_uri(&out, "Contact", s->security.contacts.items[i]);
	buf_addz(&out, "Expires: ");
	date_rfc3339(&out, &expires);
	buf_addc(&out, '\n');
	if (s->security.policy.n > 0)
		add_uri(&out, "Policy", s->security.policy);
	add_languages(&out, &s->security.languages);
	text = arena_str(q->arena, buf_str(&out));
	buf_free(&out);
	return reply_text(text, REPLY_PLAIN);
}

struct pages_answer wellknown_folder(const struct pages_request *q, const struct pages_match *m)
{
	(void)m;
	return has_security(q) ? reply_moved(q, STR("/sitemap/"), STR("Sitemap"))
			       : reply_not_found();
}
