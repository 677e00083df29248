#include "config.h"

#include "content/entry.h"
#include "base/mem.h"
#include "base/slug.h"
#include "content/text.h"
#include "content/value.h"

/* An entry while it is read; then its parts go where they belong. */
struct reading {
	struct entry entry;
	struct entry_authors authors;
	struct list categories, tags, aliases;
	bool draft;
};

/* ------------------------------------------------------------------------- authors and links */

struct author {
	struct str name;
	struct str url;
};

static const struct fields_spec author_specs[] = {
    {"name", text_line, offsetof(struct author, name), 1, TEXT_LINE_MAX, true, "name: Jane Roe"},
    {"url", text_url, offsetof(struct author, url), 0, 0, false, "url: https://example.org/"},
};

static const struct fields_kind author_kind = {
    "an author", author_specs, sizeof author_specs / sizeof *author_specs, true};

/* Reads one author, a name or a mapping, to the end of the list. */
static void read_author(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, struct entry_authors *authors)
{
	const struct yaml_node *name = yaml_get(node, STR("name"));
	struct author a = {0};

	if (node->kind == YAML_SEQUENCE)
		fields_wrong_type(f, spec, node, "a name or a mapping of name and url");
	else if (node->kind == YAML_MAPPING)
		fields_read(f, &author_kind, node, &a);
	else
		text_line(f, spec, node, &a.name);
	if (a.name.n > 0)
		authors->items[authors->n++] =
		    (struct entry_author){{a.name, name ? name->pos : node->pos}, a.url};
}

/* struct entry_authors */
static void read_authors(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	/* Groups keep a copy of the names that are shown. */
	struct fields in_work = {f->work, f->work, f->diags, f->example};
	struct fields_spec line = *spec;
	struct entry_authors *authors = out;

	line.max = TEXT_LINE_MAX;
	if (node->kind != YAML_SEQUENCE) {
		authors->items = arena_array(f->work, 1, sizeof *authors->items);
		read_author(&in_work, &line, node, authors);
		return;
	}
	if (!list_check(f, spec, node))
		return;
	authors->items = arena_array(f->work, node->n, sizeof *authors->items);
	for (const struct yaml_node *v = node->first; v; v = v->next)
		read_author(&in_work, &line, v, authors);
}

static const struct fields_spec link_specs[] = {
    {"url", text_url, offsetof(struct entry_link, url), 0, 0, true, "url: https://example.org/"},
    {"label", text_line, offsetof(struct entry_link, label), 1, TEXT_LINE_MAX, true,
	"label: Discussion"},
};

static const struct fields_kind link_kind = {
    "a link", link_specs, sizeof link_specs / sizeof *link_specs, true};

/* struct entry: links and nlinks */
static void read_links(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct entry *e = out;
	struct entry_link *links;

	if (!list_check(f, spec, node))
		return;
	links = arena_array(f->keep, node->n, sizeof *links);
	e->links = links;
	for (const struct yaml_node *v = node->first; v; v = v->next)
		fields_read(f, &link_kind, v, &links[e->nlinks++]);
}

/* -------------------------------------------------------------------------------- the entry */

#define AT(field) offsetof(struct reading, field)

static const struct fields_spec specs[] = {
    {"title", text_line, AT(entry.title), 1, TEXT_LINE_MAX, true, "title: Porting a Gopher server"},
    {"url", text_url, AT(entry.url), 0, 0, true, "url: https://example.org/post"},
    {"author", read_authors, AT(authors), 1, ENTRY_AUTHORS_MAX, false, "author: Jane Roe"},
    {"date", value_date, AT(entry.date), 0, 0, true, "date: 2019-11-15"},
    {"categories", list_slugs, AT(categories), 1, ENTRY_CATEGORIES_MAX, true,
	"categories: [web-and-network-services]"},
    {"tags", list_lines, AT(tags), 0, ENTRY_TAGS_MAX, false, "tags: [async, tokio]"},
    {"slug", text_slug, AT(entry.slug), 0, 0, false, "slug: porting-a-gopher-server"},
    {"summary", text_gemtext, AT(entry.summary), 0, TEXT_GEMTEXT_MAX, false,
	"summary: What it says and why to read it."},
    {"language", text_language, AT(entry.language), 0, 0, false, "language: en"},
    {"updated", value_date, AT(entry.updated), 0, 0, false, "updated: 2020-01-03"},
    {"aliases", list_slugs, AT(aliases), 0, ENTRY_ALIASES_MAX, false, "aliases: [old-slug]"},
    {"links", read_links, AT(entry), 0, ENTRY_LINKS_MAX, false,
	"links: [{url: https://example.org/, label: Discussion}]"},
    {"draft", value_bool, AT(draft), 0, 0, false, "draft: true"},
    {"gone", value_bool, AT(entry.gone), 0, 0, false, "gone: true"},
};

static const struct fields_kind kind = {"an entry", specs, sizeof specs / sizeof *specs, false};

/* The slug of an entry that has none written: made from the title. */
static struct str make_slug(const struct fields *f, struct str title, struct diag_pos pos)
{
	struct buf slug = {0};
	struct str kept = {0};

	slug_make(&slug, title);
	if (slug.len > 0)
		kept = arena_str(f->keep, buf_str(&slug));
	else if (title.n > 0)
		diag_error(f->diags, pos,
		    "no slug can be made from this title: write a slug, for example "
		    "slug: porting-a-gopher-server");
	buf_free(&slug);
	return kept;
}

static struct diag_pos place(const struct yaml_node *node, struct str key)
{
	const struct yaml_node *value = yaml_get(node, key);

	return value ? value->pos : node->pos;
}

/* Of two days one is earlier; of two instants on one day, too. */
static void check_updated(
    const struct fields *f, const struct yaml_node *node, const struct entry *e)
{
	struct date updated = e->updated, date = e->date;
	struct buf day = {0};

	if (!date.timed || !updated.timed)
		updated.instant = date.instant = 0;
	if (date.year == 0 || updated.year == 0 || date_cmp(&updated, &date) >= 0)
		return;
	date_iso(&day, &e->date);
	diag_error(f->diags, place(node, STR("updated")),
	    "updated is before date, which is %s: write the later date here, or delete it",
	    buf_z(&day));
	buf_free(&day);
}

static void check_summary(
    const struct fields *f, const struct yaml_node *node, const struct entry *e)
{
	struct str rest = e->summary, line;
	unsigned lines = 0;

	while (str_next_line(&rest, &line))
		lines++;
	if (lines > ENTRY_SUMMARY_LINES_MAX)
		diag_error(f->diags, place(node, STR("summary")),
		    "the summary has %u lines, and %u at most: shorten it, or make a page or a "
		    "file of it",
		    lines, ENTRY_SUMMARY_LINES_MAX);
}

static void read_entry(const struct fields *f, const struct yaml_node *node, struct entry_source *s)
{
	const struct yaml_node *slug = yaml_get(node, STR("slug"));
	struct reading r = {0};

	fields_read(f, &kind, node, &r);
	check_updated(f, node, &r.entry);
	check_summary(f, node, &r.entry);
	*s = (struct entry_source){.authors = r.authors,
	    .categories = r.categories,
	    .tags = r.tags,
	    .aliases = r.aliases,
	    .draft = r.draft,
	    .url_pos = place(node, STR("url"))};
	s->slug_made = !slug || yaml_nothing(slug);
	s->slug_pos = s->slug_made ? place(node, STR("title")) : slug->pos;
	if (s->slug_made)
		r.entry.slug = make_slug(f, r.entry.title, s->slug_pos);
	r.entry.pos = node->pos;
	s->entry = arena_alloc(f->keep, sizeof *s->entry);
	*s->entry = r.entry;
}

static void append(const struct fields *f, const struct yaml_node *node, struct entry_list *list)
{
	list->items = mem_grow(list->items, &list->cap, list->n + 1, sizeof *list->items);
	read_entry(f, node, &list->items[list->n]);
	list->n++;
}

void entry_read(const struct fields *f, const struct yaml_node *root, struct entry_list *list)
{
	if (!root || yaml_nothing(root) || root->kind == YAML_BAD)
		return;
	if (root->kind == YAML_SCALAR) {
		diag_error(f->diags, root->pos,
		    "a file of entries holds a list, not text: begin each entry with '- title: '");
		return;
	}
	if (root->kind == YAML_MAPPING) {
		append(f, root, list);
		return;
	}
	for (const struct yaml_node *v = root->first; v; v = v->next)
		if (v->kind != YAML_BAD)
			append(f, v, list);
}
