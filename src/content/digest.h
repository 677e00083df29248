/*
 * digest: one immutable snapshot of the content, with its indexes.
 *
 * Made by load_digest and never changed after; whoever serves from it holds a
 * reference, and the last one to let go frees everything. All text lies in the
 * snapshot's arena, is valid UTF-8 and has no control characters (gemtext, which
 * is summaries, descriptions and pages, may have line feeds and tabs).
 *
 * Order: every list of entries is newest first, by the day written, then by
 * instant, and ties keep the order of the files (by path) and of the entries
 * in them.
 *
 * An entry dated in the future is in the snapshot but not yet due. Such
 * entries can only be among the first `waiting` ones of a list; a list is read
 * through digest_count and digest_at, which skip what is not due at the given
 * time, so every page costs what it shows.
 */
#ifndef CONTENT_DIGEST_H
#define CONTENT_DIGEST_H

#include "base/arena.h"
#include "base/date.h"
#include "base/diag.h"
#include "base/map.h"

struct group;

/* A link beside the entry's own: a discussion, an archive copy. */
struct entry_link {
	struct str url;
	struct str label;
};

struct entry {
	struct str title;
	struct str url;
	struct str slug;
	struct str summary;  /* gemtext; may be empty */
	struct str language; /* BCP 47; empty: the digest's */
	struct date date;
	struct date updated;    /* year 0 when not given; see digest_updated */
	struct group **authors; /* nauthors of them, in the order written; and so on */
	struct group **categories;
	struct group **tags;
	const struct entry_link *links;
	const struct str *aliases; /* the first is the slug it began with */
	uint16_t nauthors, ncategories, ntags, nlinks, naliases;
	bool gone;           /* withdrawn: found by its slug, in no list */
	uint32_t index;      /* place in digest->all.entries; of no meaning when gone */
	struct diag_pos pos; /* where it was read; for messages */
};

/* What an entry can be listed under: a category, a tag, an author, a month, or everything. */
struct group {
	struct str name;        /* of a period see periods.h; of everything: empty */
	struct str slug;        /* of everything: empty */
	struct str description; /* of a category, one line; else empty */
	struct str first_slug;  /* of a category, the one it began with; else empty */
	struct str url;         /* of an author, when one is known; else empty */
	bool gone;              /* a category that was withdrawn: in no list, see former */
	struct entry **entries; /* newest first */
	uint32_t n;
	uint32_t waiting; /* entries not due when loaded are among the first so many */
	uint32_t
	    parts; /* of an issue without any of those: its pages (issue.h); else of no meaning */
};

/*
 * A list of groups: in the order shown (categories), by slug, which is the name
 * folded (tags, authors), newest first (months, years, issues).
 */
struct group_list {
	struct group **items;
	size_t n;
	const struct map *by_slug; /* struct str -> struct group * */
};

/* A static page: content/pages/NAME.gmi, served at /NAME. */
struct static_page {
	struct str path; /* "/about" */
	struct str text; /* gemtext */
};

/* A file served as it is: content/files/PATH, at /files/PATH. */
struct static_file {
	struct str path; /* "/files/PATH" */
	struct str name; /* the path to open: the directory as it was given, and files/PATH */
};

/*
 * What crawlers say that they fetch pages for (C-01); each may be kept out of more than
 * others are.
 */
enum site_agent { SITE_INDEXER, SITE_ARCHIVER, SITE_RESEARCHER, SITE_WEBPROXY, SITE_AGENTS };

struct site_list {
	const struct str *items;
	uint16_t n;
};

/* What digest.yaml says. */
struct site {
	struct str title;
	struct str subtitle;
	struct str description; /* gemtext */
	struct str language;    /* BCP 47; default "en" */
	struct str id;          /* what all ids begin with, a URI; empty: made from the host */
	struct str licence;     /* SPDX name or words; may be empty */
	struct str favicon;     /* one emoji (C-06); empty: none */
	struct {
		struct str name, email, url; /* each may be empty */
	} editor;
	struct site_list robots[SITE_AGENTS]; /* beginnings of paths to keep out of */
	struct {                              /* RFC 9116 */
		struct site_list contacts;    /* URIs, the preferred one first */
		struct date expires;          /* year 0: there is no security.txt */
		struct str policy;            /* a URL; may be empty */
		struct site_list languages;
	} security;
	unsigned page_size;      /* entries on a list page; default 50 */
	unsigned latest;         /* entries on the front page; default 15 */
	enum date_period issues; /* what an issue covers: a week, the default, or a month */
};

struct digest {
	struct site site;
	struct group all;
	struct group_list categories;
	const struct map *former; /* what a category is called no more -> struct group * */
	struct group_list tags;
	struct group_list authors;
	struct group_list months;
	struct group_list years;
	struct group_list issues;
	const struct map *entries;       /* slug -> struct entry *, gone ones too */
	const struct map *aliases;       /* alias -> struct entry * */
	const struct static_page *pages; /* by path */
	size_t npages;
	const struct static_file *files; /* by path */
	size_t nfiles;
	const int64_t *updates; /* when entries are updated after loaded, the next one first */
	size_t nupdates;
	int64_t loaded;       /* when, seconds since 1970 */
	struct str directory; /* where it was read */
	struct arena *arena;  /* holds all of the above, and this struct */
	_Atomic unsigned refs;
};

/* Takes and lets go of a reference; the last unref frees the snapshot. NULL is allowed. */
struct digest *digest_ref(struct digest *d);
void digest_unref(struct digest *d);

/* The entries of g that are due at the time now (seconds since 1970). */
uint32_t digest_count(const struct group *g, int64_t now);

/* The i-th due entry of g, from 0; NULL when there are not so many. */
const struct entry *digest_at(const struct group *g, int64_t now, uint32_t i);

/*
 * The due entry next to e among all, that is newer (direction -1) or older (1);
 * NULL at the end.
 */
const struct entry *digest_neighbour(
    const struct digest *d, const struct entry *e, int direction, int64_t now);

/*
 * The entry with that slug if it may be shown at that time (gone ones count as shown);
 * NULL otherwise.
 */
const struct entry *digest_entry(const struct digest *d, struct str slug, int64_t now);

/* The entry that once had that slug, as above. */
const struct entry *digest_alias(const struct digest *d, struct str slug, int64_t now);

/*
 * When e was last updated; year 0: never, or not yet at that time, which is as if it was
 * not written.
 */
struct date digest_updated(const struct entry *e, int64_t now);

/* The group with that slug, or NULL. */
const struct group *digest_group(const struct group_list *l, struct str slug);

/*
 * The group next to g in the list that has due entries: before it (direction -1), which of
 * periods is the newer one, or after it (1); NULL at the end.
 */
const struct group *digest_beside(
    const struct group_list *l, const struct group *g, int direction, int64_t now);

/*
 * The category that once had that slug; or that has it but was withdrawn, which
 * is then said to be gone. NULL when there is none.
 */
const struct group *digest_former(const struct digest *d, struct str slug);

/*
 * How many groups of the list have entries that are due. Only a list with waiting entries
 * is gone through.
 */
size_t digest_group_count(const struct digest *d, const struct group_list *l, int64_t now);

/* The static page or file at that path, or NULL. */
const struct static_page *digest_page(const struct digest *d, struct str path);
const struct static_file *digest_file(const struct digest *d, struct str path);

/* The issue that e, which is not gone, is in. */
const struct group *digest_issue(const struct digest *d, const struct entry *e);

/* The first and the last day that the issue covers. */
struct date_span digest_issue_days(const struct digest *d, const struct group *issue);

/*
 * When the issue is complete: when its last day is over, in UTC, and everything
 * in it is due. Until then its page may grow.
 */
int64_t digest_issue_end(const struct digest *d, const struct group *issue);

/* The place in d->issues of the newest one that is complete; all that follow are, too. */
size_t digest_complete(const struct digest *d, int64_t now);

/*
 * When an entry falls due or is updated, an issue is complete or security.txt ends
 * for the next time after now: then what was rendered before is stale. INT64_MAX: never.
 */
int64_t digest_next_due(const struct digest *d, int64_t now);

#endif
