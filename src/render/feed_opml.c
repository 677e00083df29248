#include "config.h"

#include "render/feed.h"
#include "render/xml.h"

/* The type is called rss for every kind of feed (OPML 2.0); the one named is Atom. */
static void add_outline(struct feed_print *p, const struct feed_item *i)
{
	struct str atom = arena_printf(p->feed->arena, "%.*s%s", STR_ARGS(i->path), feed_atom.file);

	buf_addz(p->out, "    <outline type=\"rss\"");
	xml_attribute(p->out, "text", i->title);
	xml_attribute(p->out, "description", i->text);
	xml_attribute(p->out, "xmlUrl", feed_url(p, atom));
	xml_attribute(p->out, "htmlUrl", feed_url(p, i->path));
	buf_addz(p->out, "/>\n");
}

static void print(struct feed_print *p)
{
	const struct feed *f = p->feed;

	buf_addz(p->out, XML_DECLARATION "<opml version=\"2.0\">\n  <head>\n");
	xml_element(p->out, 2, "title", f->title);
	xml_element(p->out, 2, "ownerName", f->author.name);
	xml_element(p->out, 2, "ownerEmail", f->author.email);
	buf_addz(p->out, "  </head>\n  <body>\n");
	for (const struct feed_item *i = f->first; i; i = i->next)
		add_outline(p, i);
	buf_addz(p->out, "  </body>\n</opml>\n");
}

const struct feed_format feed_opml = {
    "opml", "OPML", "categories.opml", "text/x-opml; charset=utf-8", print};
