/*
 * site: from digest.yaml to what it says: the digest's name and settings, and
 * its categories in the order shown.
 */
#ifndef CONTENT_SITE_H
#define CONTENT_SITE_H

#include "content/digest.h"
#include "content/list.h"

/* Bounds and defaults. */
#define SITE_PAGE_SIZE 50u
#define SITE_PAGE_SIZE_MAX 100u /* such a page stays below 64 KB */
#define SITE_LATEST 15u
#define SITE_LATEST_MAX 100u
#define SITE_CATEGORIES_MAX 150u /* all are on one page, which is not over 64 KB */
#define SITE_ALIASES_MAX 16u     /* of a category */
#define SITE_ROBOTS_MAX 100u     /* paths for one kind of crawler */
#define SITE_PATH_MAX 200u       /* bytes of such a path */
#define SITE_CONTACTS_MAX 16u
#define SITE_LANGUAGES_MAX 16u

struct site_category {
	struct str name;
	struct str slug;        /* empty when a fault was reported */
	struct str description; /* gemtext; may be empty */
	struct list aliases;
	bool gone;
	struct diag_pos pos; /* of the slug, or of the name it was made from */
};

struct site_source {
	struct site site;                 /* texts in the keep arena, as those of the categories */
	struct site_category *categories; /* in the work arena, in the order written */
	uint16_t ncategories;
};

/* Reads digest.yaml; root is NULL for an empty file, and file its name for the message. */
struct site_source site_read(const struct fields *f, const struct yaml_node *root, struct str file);

/* The slug of the first category that an entry may name; empty when there is none. */
struct str site_some_category(const struct site_source *s);

#endif
