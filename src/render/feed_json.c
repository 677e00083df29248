#include "config.h"

#include "render/feed.h"
#include "render/json.h"

static void add_persons(
    struct feed_print *p, struct json *j, const struct feed_person *persons, size_t n)
{
	if (n == 0)
		return;
	json_open(j, "authors", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_string(j, "name", persons[i].name);
		json_optional(j, "url", feed_outside(p, persons[i].url));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void add_terms(struct json *j, const struct feed_item *i)
{
	if (i->nterms == 0)
		return;
	json_open(j, "tags", '[');
	for (size_t k = 0; k < i->nterms; k++)
		json_string(j, NULL, i->terms[k].name);
	json_close(j, ']');
}

/* An item must have content: one without a text says its title. */
static void add_item(struct feed_print *p, struct json *j, const struct feed_item *i)
{
	struct str text;

	json_open(j, NULL, '{');
	json_string(j, "id", feed_id(p, i->id));
	json_string(j, "url", feed_url(p, i->path));
	json_optional(j, "external_url", feed_outside(p, i->url));
	json_string(j, "title", i->title);
	text = feed_text(p, i);
	json_string(j, "content_text", text.n ? text : i->title);
	json_string(j, "date_published", feed_date(p, &i->date));
	if (i->updated.year)
		json_string(j, "date_modified", feed_date(p, &i->updated));
	add_persons(p, j, i->authors, i->nauthors);
	add_terms(j, i);
	json_optional(j, "language", i->language);
	json_close(j, '}');
}

static void print(struct feed_print *p)
{
	const struct feed *f = p->feed;
	struct json j = {.out = p->out};

	json_open(&j, NULL, '{');
	json_string(&j, "version", STR("https://jsonfeed.org/version/1.1"));
	json_string(&j, "title", f->title);
	json_optional(&j, "description", f->subtitle);
	json_string(&j, "home_page_url", feed_url(p, f->list));
	json_string(&j, "feed_url", feed_url(p, f->path));
	json_string(&j, "language", f->language);
	add_persons(p, &j, &f->author, f->author.name.n > 0);
	json_open(&j, "items", '[');
	for (const struct feed_item *i = f->first; i; i = i->next)
		add_item(p, &j, i);
	json_close(&j, ']');
	json_close(&j, '}');
}

/*
 * Amfora knows another media type, but goes by the name as well (F-07), so this one is the
 * standard's.
 */
const struct feed_format feed_json = {
    "json", "JSON Feed", "feed.json", "application/feed+json", print};
