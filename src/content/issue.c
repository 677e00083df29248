#include "config.h"

#include "content/issue.h"

/*
 * What an entry takes of a page, in bytes, in a menu, which for most is the largest
 * form. There each line of text brings its fields, each link the name of the server
 * too, and a line that is wrapped before long words is half empty.
 */
#define LINE_FIELDS ((size_t)20) /* with the mark of a list item */
#define LINE_TEXT 34
#define LINK_FIELDS 40 /* a type, "URL:" or the folder of a relative path, tabs, a port */
#define HOST_NAME 253  /* RFC 1035 s2.3.4 */
#define TAB 8          /* columns that one may stand for */
#define ESCAPE 3       /* bytes that one of a URL may take */
#define BLANK_LINES 5  /* around and in an entry */

static size_t weigh_text(struct str s)
{
	size_t n = s.n;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\t')
			n += TAB - 1;
	return n + (n / LINE_TEXT + 1) * LINE_FIELDS;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '/' || c == '-' || c == '.';
}

static size_t weigh_url(struct str s)
{
	size_t n = LINK_FIELDS + HOST_NAME;

	for (size_t i = 0; i < s.n; i++)
		n += is_plain(s.p[i]) ? 1 : ESCAPE;
	return n;
}

/* Also the names that are shown with a link. */
static size_t weigh_links(const struct entry *e)
{
	size_t n = weigh_url(e->url) + e->title.n;

	for (size_t i = 0; i < e->nlinks; i++)
		n += weigh_url(e->links[i].url) + e->links[i].url.n + e->links[i].label.n;
	return n;
}

static size_t weigh_summary(struct str summary)
{
	size_t n = 0;
	struct str line;

	while (str_next_line(&summary, &line))
		n += str_starts(line, STR("=>")) ? weigh_url(line) : weigh_text(line);
	return n;
}

static size_t weigh_authors(const struct entry *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->nauthors; i++)
		n += weigh_text(e->authors[i]->name);
	return n;
}

/*
 * With the name of its category as a heading and the line below that, if it stands below
 * that first.
 */
static size_t weigh(const struct entry *e, const struct entry *before)
{
	size_t n = BLANK_LINES * LINE_FIELDS + weigh_links(e) + weigh_authors(e) +
	    weigh_summary(e->summary);

	if (!before || before->categories[0] != e->categories[0])
		n += 2 * weigh_text(e->categories[0]->name);
	return n;
}

static void gather(
    struct issue *s, const struct digest *d, const struct group *g, int64_t now, struct arena *a)
{
	const struct entry *e;

	s->entries = arena_array(a, digest_count(g, now), sizeof *s->entries);
	for (size_t k = 0; k < d->categories.n; k++)
		for (uint32_t i = 0; (e = digest_at(g, now, i)); i++)
			if (e->categories[0] == d->categories.items[k])
				s->entries[s->n++] = e;
}

/* Counts the parts, and finds where the one of that number begins and ends. */
static void part(struct issue *s)
{
	size_t size = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		size_t more = weigh(s->entries[i], i > 0 ? s->entries[i - 1] : NULL);

		if (i == 0 || size + more > ISSUE_PART) {
			size = 0;
			more = weigh(s->entries[i], NULL);
			if (++s->parts == s->number)
				s->first = i;
		}
		size += more;
		if (s->parts == s->number)
			s->end = i + 1;
	}
}

struct issue issue_read(const struct digest *d, const struct group *issue, int64_t now,
    uint32_t number, struct arena *a)
{
	struct issue s = {.number = number};

	gather(&s, d, issue, now, a);
	part(&s);
	return s;
}

uint32_t issue_parts(const struct digest *d, const struct group *issue, int64_t now)
{
	struct arena *a;
	uint32_t parts;

	if (issue->waiting == 0 && issue->parts > 0)
		return issue->parts;
	a = arena_new(0);
	parts = issue_read(d, issue, now, 0, a).parts;
	arena_free(a);
	return parts;
}

void issue_count_parts(struct digest *d)
{
	for (size_t i = 0; i < d->issues.n; i++)
		d->issues.items[i]->parts = issue_parts(d, d->issues.items[i], d->loaded);
}
