/*
 * feed: what a feed says, as data, and the formats that print it.
 *
 * A feed is a head and its items, newest first: entries, or any other pages with
 * a title, a day and a text. Whoever builds it names paths of ours; a format
 * makes absolute URLs of them, those of the protocol that the reader asked on,
 * and ids, which are the same on both and for all time (F-11). Text may hold
 * anything. The feed, its items and all their text lie in one arena, which the
 * builder's caller owns.
 *
 * A new format is one new file and one row in feed_formats.
 */
#ifndef RENDER_FEED_H
#define RENDER_FEED_H

#include "base/arena.h"
#include "base/date.h"
#include "render/link.h"

/* Empty where not known; without a name there is nobody. */
struct feed_person {
	struct str name;
	struct str url;
	struct str email;
};

/* What an item is filed under. */
struct feed_term {
	struct str name; /* as shown */
	struct str slug; /* as in its path */
	const char *of;  /* the path of all terms of its kind: "/tags/" */
};

/* A link beside an item's own: a discussion of it. */
struct feed_link {
	struct str url;
	struct str label;
};

struct feed_item {
	struct str path; /* its page here */
	struct str id;   /* a path, usually the same; with the feed's prefix its id */
	struct str title;
	struct str url;      /* what it is about, somewhere else; empty: nothing */
	struct str text;     /* plain, a blank line between paragraphs; may be empty */
	struct str language; /* BCP 47, where it is not the feed's; else empty */
	struct date date;
	struct date updated; /* year 0: never */
	const struct feed_person *authors;
	const struct feed_term *terms;
	const struct feed_link *links;
	size_t nauthors, nterms, nlinks;
	struct feed_item *next;
};

struct feed {
	struct arena *arena; /* borrowed */
	struct str prefix;   /* of every id: a URI; empty: gemini:// and our first name */
	struct str path;     /* its own */
	struct str list;     /* the page that shows the same */
	struct str id;       /* a path, usually that of the list; with the prefix its id */
	struct str title;
	struct str subtitle; /* may be empty */
	struct str language; /* BCP 47 */
	struct str rights;   /* may be empty */
	struct feed_person author;
	bool archive;       /* it is a document of an archive (RFC 5005 s4) */
	struct str current; /* path of the feed to subscribe to instead; empty: it is this one */
	struct str older;   /* paths of the documents before and after it in the archive; */
	struct str newer;   /* empty: none */
	struct feed_item *first;
	struct feed_item **end; /* where the next item goes */
};

/* An empty feed in the arena; the rest of its head is for its maker to fill. */
struct feed *feed_new(struct arena *a, struct str title, struct str list);

/* A new last item; the rest of it is for its maker to fill. */
struct feed_item *feed_add(struct feed *f, struct str path, struct str title);

/* When the newest item was last changed (F-11); where there is none, the beginning of 1970. */
struct date feed_updated(const struct feed *f);

/* How a protocol writes the URL of a path of ours: link_gemini_url, link_gopher_url. */
typedef void feed_linker(
    struct buf *out, const struct link_site *site, struct str path, struct str words);

/* One feed on its way into one output. */
struct feed_print {
	const struct feed *feed;
	const struct link_site *site;
	feed_linker *link;
	struct buf *out;
	struct buf scratch; /* where what the functions below return lies, until the next one */
};

/* The URL of a path, an id, a URL of elsewhere as a URI; empty where what is given is. */
struct str feed_url(struct feed_print *p, struct str path);
struct str feed_id(struct feed_print *p, struct str path);
struct str feed_outside(struct feed_print *p, struct str url);

/* The text of an item, and its links, for formats that have no place of their own for these. */
struct str feed_text(struct feed_print *p, const struct feed_item *i);

/* A date as RFC 3339 has it. */
struct str feed_date(struct feed_print *p, const struct date *d);

struct feed_format {
	const char *name;  /* as `digestd render` takes it */
	const char *label; /* as a page calls it */
	const char *file;  /* what it is called in the path of the list (F-07, F-13) */
	const char *media; /* its media type */
	void (*print)(struct feed_print *p);
};

extern const struct feed_format feed_atom; /* RFC 4287, RFC 5005 */
extern const struct feed_format feed_rss;  /* RSS 2.0 */
extern const struct feed_format feed_json; /* JSON Feed 1.1 */

/* The formats that a list has, the one that readers know best first; ends with NULL. */
extern const struct feed_format *const feed_formats[];

/*
 * OPML 2.0, which is no feed but a list of them: an item is a list that has feeds,
 * its text says what is in it.
 */
extern const struct feed_format feed_opml;

/* The format of that name, or of that file, among feed_formats; or NULL. */
const struct feed_format *feed_format_named(struct str name);
const struct feed_format *feed_format_of_file(struct str file);

/* Appends the feed. Its links name the site's host and ports; all is borrowed for the call. */
void feed_print(const struct feed_format *f, const struct feed *feed, const struct link_site *site,
    feed_linker *link, struct buf *out);

#endif
