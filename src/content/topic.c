#include "config.h"

#include "content/topic.h"
#include "base/slug.h"

struct topic_set topic_set(struct arena *work, const char *word)
{
	return (struct topic_set){work, word, map_new(work, 0), map_new(work, 0), 0};
}

static struct topic *topic_of(struct topic_set *t, struct str slug)
{
	struct topic *topic = map_get(t->by_slug, slug);

	if (!topic) {
		topic = arena_alloc(t->work, sizeof *topic);
		topic->slug = arena_str(t->work, slug);
		map_add(t->by_slug, topic->slug, topic);
		t->n++;
	}
	return topic;
}

struct topic_spelling *topic_spelling(struct topic_set *t, struct str name)
{
	struct topic_spelling *s = map_get(t->by_name, name);
	struct buf slug = {0};

	if (s)
		return s;
	s = arena_alloc(t->work, sizeof *s);
	s->name = name;
	map_add(t->by_name, name, s);
	slug_make(&slug, name);
	if (slug.len > 0) {
		s->topic = topic_of(t, buf_str(&slug));
		s->next = s->topic->spellings;
		s->topic->spellings = s;
	}
	buf_free(&slug);
	return s;
}

struct str topic_name(const struct topic *t)
{
	const struct topic_spelling *best = t->spellings;

	for (const struct topic_spelling *s = best->next; s; s = s->next)
		if (s->uses > best->uses || (s->uses == best->uses && s->first < best->first))
			best = s;
	return best->name;
}
