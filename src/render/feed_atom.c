#include "config.h"

#include "render/feed.h"
#include "render/xml.h"

static void add_person(struct feed_print *p, unsigned depth, const struct feed_person *person)
{
	if (person->name.n == 0)
		return;
	xml_indent(p->out, depth);
	buf_addz(p->out, "<author>\n");
	xml_element(p->out, depth + 1, "name", person->name);
	xml_element(p->out, depth + 1, "uri", feed_outside(p, person->url));
	xml_element(p->out, depth + 1, "email", person->email);
	xml_indent(p->out, depth);
	buf_addz(p->out, "</author>\n");
}

static void add_term(struct feed_print *p, const struct feed_term *t)
{
	buf_addz(p->out, "    <category");
	xml_attribute(p->out, "term", t->slug);
	xml_attribute(p->out, "scheme", feed_id(p, str_of(t->of)));
	xml_attribute(p->out, "label", t->name);
	buf_addz(p->out, "/>\n");
}

static void add_link(struct feed_print *p, const struct feed_link *l)
{
	buf_addz(p->out, "    <link rel=\"related\"");
	xml_attribute(p->out, "title", l->label);
	xml_attribute(p->out, "href", feed_outside(p, l->url));
	buf_addz(p->out, "/>\n");
}

/*
 * The permalink stands before the post itself: of the links it knows, Lagrange takes the
 * first (F-05).
 */
static void add_item(struct feed_print *p, const struct feed_item *i)
{
	buf_addz(p->out, "  <entry");
	xml_attribute(p->out, "xml:lang", i->language);
	buf_addz(p->out, ">\n");
	xml_element(p->out, 2, "id", feed_id(p, i->id));
	xml_element(p->out, 2, "title", i->title);
	xml_link(p->out, 2, "link", "alternate", NULL, feed_url(p, i->path));
	xml_link(p->out, 2, "link", "related", NULL, feed_outside(p, i->url));
	for (size_t k = 0; k < i->nlinks; k++)
		add_link(p, &i->links[k]);
	xml_element(p->out, 2, "published", feed_date(p, &i->date));
	xml_element(p->out, 2, "updated", feed_date(p, i->updated.year ? &i->updated : &i->date));
	for (size_t k = 0; k < i->nauthors; k++)
		add_person(p, 2, &i->authors[k]);
	for (size_t k = 0; k < i->nterms; k++)
		add_term(p, &i->terms[k]);
	xml_element(p->out, 2, "summary", i->text);
	buf_addz(p->out, "  </entry>\n");
}

/* RFC 5005 s4 */
static void add_archive(struct feed_print *p)
{
	const struct feed *f = p->feed;

	if (f->archive)
		buf_addz(p->out, "  <fh:archive/>\n");
	xml_link(p->out, 1, "link", "current", feed_atom.media, feed_url(p, f->current));
	xml_link(p->out, 1, "link", "prev-archive", feed_atom.media, feed_url(p, f->older));
	xml_link(p->out, 1, "link", "next-archive", feed_atom.media, feed_url(p, f->newer));
}

static void print(struct feed_print *p)
{
	const struct feed *f = p->feed;
	struct date updated = feed_updated(f);

	buf_addz(p->out, XML_DECLARATION "<feed xmlns=\"http://www.w3.org/2005/Atom\"");
	if (f->archive)
		buf_addz(p->out, " xmlns:fh=\"http://purl.org/syndication/history/1.0\"");
	xml_attribute(p->out, "xml:lang", f->language);
	buf_addz(p->out, ">\n");
	xml_element(p->out, 1, "id", feed_id(p, f->id));
	xml_element(p->out, 1, "title", f->title);
	xml_element(p->out, 1, "subtitle", f->subtitle);
	xml_link(p->out, 1, "link", "alternate", NULL, feed_url(p, f->list));
	xml_link(p->out, 1, "link", "self", feed_atom.media, feed_url(p, f->path));
	add_archive(p);
	xml_element(p->out, 1, "updated", feed_date(p, &updated));
	add_person(p, 1, &f->author);
	xml_element(p->out, 1, "rights", f->rights);
	buf_addz(
	    p->out, "  <generator version=\"" PACKAGE_VERSION "\">" PACKAGE_NAME "</generator>\n");
	for (const struct feed_item *i = f->first; i; i = i->next)
		add_item(p, i);
	buf_addz(p->out, "</feed>\n");
}

const struct feed_format feed_atom = {"atom", "Atom", "atom.xml", "application/atom+xml", print};
