#include "config.h"

#include "render/feed.h"
#include "render/xml.h"

static void add_date(struct feed_print *p, unsigned depth, const char *name, const struct date *d)
{
	p->scratch.len = 0;
	date_rfc822(&p->scratch, d);
	xml_element(p->out, depth, name, buf_str(&p->scratch));
}

static void add_term(struct feed_print *p, const struct feed_term *t)
{
	buf_addz(p->out, "      <category");
	xml_attribute(p->out, "domain", feed_id(p, str_of(t->of)));
	buf_addc(p->out, '>');
	xml_text(p->out, t->name);
	buf_addz(p->out, "</category>\n");
}

/* Appends text as HTML: a paragraph ends at a blank line. */
static void add_paragraphs(struct buf *out, struct str text)
{
	struct str line;
	bool open = false;

	while (str_next_line(&text, &line)) {
		bool blank = str_trim(line).n == 0;

		if (!blank) {
			buf_addz(out, open ? "<br>\n" : "<p>");
			xml_text(out, line);
		} else if (open) {
			buf_addz(out, "</p>\n");
		}
		open = !blank;
	}
	if (open)
		buf_addz(out, "</p>");
}

/* Readers take a description for HTML, and what is HTML is then text of the XML. */
static void add_description(struct feed_print *p, const struct feed_item *i)
{
	struct buf text = {0};

	add_paragraphs(&text, feed_text(p, i));
	xml_element(p->out, 3, "description", buf_str(&text));
	buf_free(&text);
}

/* That of the channel is HTML as well, but a line, which some show as it is. */
static void add_subtitle(struct feed_print *p, struct str line)
{
	p->scratch.len = 0;
	xml_text(&p->scratch, line);
	xml_element(p->out, 2, "description", buf_str(&p->scratch));
}

/*
 * An item leads to its page here, as in the other formats: there stand the words
 * of the digest, and the link on to the post, which RSS itself has no place for.
 * The guid is no address to go to (F-06): it stays when the address changes, and
 * names the same thing on both protocols. RSS wants e-mail addresses for authors,
 * which nobody has given us for this, so they are dc:creator.
 */
static void add_item(struct feed_print *p, const struct feed_item *i)
{
	buf_addz(p->out, "    <item>\n");
	xml_element(p->out, 3, "title", i->title);
	xml_element(p->out, 3, "link", feed_url(p, i->path));
	buf_addz(p->out, "      <guid isPermaLink=\"false\">");
	xml_text(p->out, feed_id(p, i->id));
	buf_addz(p->out, "</guid>\n");
	xml_link(p->out, 3, "atom:link", "related", NULL, feed_outside(p, i->url));
	add_date(p, 3, "pubDate", &i->date);
	for (size_t k = 0; k < i->nauthors; k++)
		xml_element(p->out, 3, "dc:creator", i->authors[k].name);
	for (size_t k = 0; k < i->nterms; k++)
		add_term(p, &i->terms[k]);
	xml_element(p->out, 3, "dc:language", i->language);
	add_description(p, i);
	buf_addz(p->out, "    </item>\n");
}

/* "jane@example.org (Jane Roe)": the address is what RSS wants, the name may go with it. */
static void add_editor(struct feed_print *p, const struct feed_person *editor)
{
	if (editor->email.n == 0)
		return;
	p->scratch.len = 0;
	buf_add(&p->scratch, editor->email);
	if (editor->name.n > 0)
		buf_printf(&p->scratch, " (%.*s)", STR_ARGS(editor->name));
	xml_element(p->out, 2, "managingEditor", buf_str(&p->scratch));
}

static void print(struct feed_print *p)
{
	const struct feed *f = p->feed;
	struct date updated = feed_updated(f);

	buf_addz(p->out,
	    XML_DECLARATION "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\""
			    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
			    "  <channel>\n");
	xml_element(p->out, 2, "title", f->title);
	xml_element(p->out, 2, "link", feed_url(p, f->list));
	xml_link(p->out, 2, "atom:link", "self", feed_rss.media, feed_url(p, f->path));
	add_subtitle(p, f->subtitle.n ? f->subtitle : f->title);
	xml_element(p->out, 2, "language", f->language);
	xml_element(p->out, 2, "copyright", f->rights);
	add_editor(p, &f->author);
	if (f->first)
		add_date(p, 2, "lastBuildDate", &updated);
	buf_addz(p->out, "    <generator>" PACKAGE_NAME " " PACKAGE_VERSION "</generator>\n");
	for (const struct feed_item *i = f->first; i; i = i->next)
		add_item(p, i);
	buf_addz(p->out, "  </channel>\n</rss>\n");
}

const struct feed_format feed_rss = {"rss", "RSS", "rss.xml", "application/rss+xml", print};
