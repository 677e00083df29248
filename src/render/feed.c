#include "config.h"

#include "render/feed.h"
#include "base/uri.h"

const struct feed_format *const feed_formats[] = {
    &feed_atom,
    &feed_rss,
    &feed_json,
    NULL,
};

struct feed *feed_new(struct arena *a, struct str title, struct str list)
{
	struct feed *f = arena_alloc(a, sizeof *f);

	f->arena = a;
	f->title = title;
	f->list = f->id = list;
	f->end = &f->first;
	return f;
}

struct feed_item *feed_add(struct feed *f, struct str path, struct str title)
{
	struct feed_item *item = arena_alloc(f->arena, sizeof *item);

	item->path = item->id = path;
	item->title = title;
	*f->end = item;
	f->end = &item->next;
	return item;
}

struct date feed_updated(const struct feed *f)
{
	struct date newest = date_of_instant(0);

	for (const struct feed_item *i = f->first; i; i = i->next) {
		const struct date *d = i->updated.year ? &i->updated : &i->date;

		if (i == f->first || date_moment(d) > date_moment(&newest))
			newest = *d;
	}
	return newest;
}

struct str feed_url(struct feed_print *p, struct str path)
{
	p->scratch.len = 0;
	if (path.n > 0)
		p->link(&p->scratch, p->site, path, STR(""));
	return buf_str(&p->scratch);
}

struct str feed_id(struct feed_print *p, struct str path)
{
	p->scratch.len = 0;
	if (p->feed->prefix.n > 0) {
		buf_add(&p->scratch, p->feed->prefix);
	} else {
		buf_addz(&p->scratch, "gemini://");
		buf_add(&p->scratch, p->site->canonical);
	}
	uri_escape_path(&p->scratch, path);
	return buf_str(&p->scratch);
}

struct str feed_outside(struct feed_print *p, struct str url)
{
	p->scratch.len = 0;
	uri_escape_link(&p->scratch, url);
	return buf_str(&p->scratch);
}

struct str feed_text(struct feed_print *p, const struct feed_item *i)
{
	p->scratch.len = 0;
	buf_add(&p->scratch, i->text);
	for (size_t k = 0; k < i->nlinks; k++) {
		if (p->scratch.len > 0)
			buf_addz(&p->scratch, k > 0 ? "\n" : "\n\n");
		buf_printf(&p->scratch, "%.*s: %.*s", STR_ARGS(i->links[k].label),
		    STR_ARGS(i->links[k].url));
	}
	return buf_str(&p->scratch);
}

struct str feed_date(struct feed_print *p, const struct date *d)
{
	p->scratch.len = 0;
	date_rfc3339(&p->scratch, d);
	return buf_str(&p->scratch);
}

const struct feed_format *feed_format_named(struct str name)
{
	for (size_t i = 0; feed_formats[i]; i++)
		if (str_eq(str_of(feed_formats[i]->name), name))
			return feed_formats[i];
	return NULL;
}

const struct feed_format *feed_format_of_file(struct str file)
{
	for (size_t i = 0; feed_formats[i]; i++)
		if (str_eq(str_of(feed_formats[i]->file), file))
			return feed_formats[i];
	return NULL;
}

void feed_print(const struct feed_format *f, const struct feed *feed, const struct link_site *site,
    feed_linker *link, struct buf *out)
{
	struct feed_print p = {.feed = feed, .site = site, .link = link, .out = out};

	f->print(&p);
	buf_free(&p.scratch);
}
