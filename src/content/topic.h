/*
 * topic: tags and authors, which are written as people write them.
 *
 * What has the same slug is the same topic, and each way to write it is a
 * spelling. The checker makes topics of the names that entries have, and sees by them what is
 * written twice; the builder counts who uses which, and lists entries under them.
 */
#ifndef CONTENT_TOPIC_H
#define CONTENT_TOPIC_H

#include "base/map.h"
#include "content/digest.h"

struct topic {
	struct str slug;
	struct topic_spelling *spellings; /* in the reverse order of their first use */
	struct group *group;              /* NULL until an entry is listed under it */
};

struct topic_spelling {
	struct str name;
	struct topic *topic;         /* NULL: the name makes no slug */
	struct topic_spelling *next; /* of the same topic */
	uint32_t uses;               /* by listed entries; the builder's to count */
	uint32_t first;              /* the newest entry that uses it; the builder's to set */
};

/* The tags of all entries, or their authors. */
struct topic_set {
	struct arena *work; /* borrowed; what is in the set lies there */
	const char *word;   /* "tag"; for messages */
	struct map *by_name;
	struct map *by_slug;
	size_t n; /* topics */
};

/* An empty set. word is borrowed. */
struct topic_set topic_set(struct arena *work, const char *word);

/* The spelling that name is, added if it is new; name must live as long as the work arena. */
struct topic_spelling *topic_spelling(struct topic_set *t, struct str name);

/*
 * The name that most entries use; of two used alike, the newest entry's. Borrowed from its
 * spelling.
 */
struct str topic_name(const struct topic *t);

#endif
