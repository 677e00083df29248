#include "config.h"

#include "content/site.h"
#include "base/slug.h"

/* --------------------------------------------------------------------------------- categories */

static const struct fields_spec category_specs[] = {
    {"name", fields_line, offsetof(struct site_category, name), 1, FIELDS_LINE_MAX, true,
	"name: Language"},
    {"slug", fields_slug, offsetof(struct site_category, slug), 0, 0, false, "slug: language"},
    {"description", fields_line, offsetof(struct site_category, description), 1, FIELDS_LINE_MAX,
	false, "description: Its features and its design."},
};

static const struct fields_kind category_kind = {
    "a category", category_specs, sizeof category_specs / sizeof *category_specs, true};

static void make_slug(const struct fields *f, struct site_category *c)
{
	struct buf slug = {0};

	slug_make(&slug, c->name);
	if (slug.len > 0)
		c->slug = arena_str(f->keep, buf_str(&slug));
	else if (c->name.n > 0)
		diag_error(f->diags, c->pos,
		    "no slug can be made from this name: write a slug, for example slug: language");
	buf_free(&slug);
}

static void read_category(
    const struct fields *f, const struct yaml_node *node, struct site_category *c)
{
	const struct yaml_node *name = yaml_get(node, STR("name")),
			       *slug = yaml_get(node, STR("slug"));

	fields_read(f, &category_kind, node, c);
	c->pos = slug ? slug->pos : name ? name->pos : node->pos;
	if (!slug || yaml_nothing(slug))
		make_slug(f, c);
}

/* struct site_source: categories and ncategories */
static void read_categories(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct site_source *s = out;

	if (!fields_is_list(f, spec, node))
		return;
	s->categories = arena_array(f->work, node->n, sizeof *s->categories);
	for (const struct yaml_node *v = node->first; v; v = v->next)
		read_category(f, v, &s->categories[s->ncategories++]);
}

/* ------------------------------------------------------------------------------------ editor */

#define EDITOR(field) (offsetof(struct site, editor.field) - offsetof(struct site, editor))

static const struct fields_spec editor_specs[] = {
    {"name", fields_line, EDITOR(name), 1, FIELDS_LINE_MAX, false, "name: Jane Roe"},
    {"email", fields_line, EDITOR(email), 1, FIELDS_LINE_MAX, false, "email: jane@example.org"},
    {"url", fields_url, EDITOR(url), 0, 0, false, "url: https://example.org/"},
};

static const struct fields_kind editor_kind = {
    "editor", editor_specs, sizeof editor_specs / sizeof *editor_specs, true};

/* The editor of struct site. */
static void read_editor(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	(void)spec;
	fields_read(f, &editor_kind, node, out);
}

/* ------------------------------------------------------------------------------ digest.yaml */

/* enum date_period */
static void read_issues(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	static const char *const words[] = {[DATE_WEEK] = "weekly", [DATE_MONTH] = "monthly", NULL};
	size_t i;

	if (fields_word(f, spec, node, words, &i))
		*(enum date_period *)out = (enum date_period)i;
}

#define AT(field) offsetof(struct site_source, field)

static const struct fields_spec specs[] = {
    {"title", fields_line, AT(site.title), 1, FIELDS_LINE_MAX, true, "title: The Gopher Weekly"},
    {"subtitle", fields_line, AT(site.subtitle), 1, FIELDS_LINE_MAX, false,
	"subtitle: what was worth reading"},
    {"description", fields_gemtext, AT(site.description), 0, FIELDS_GEMTEXT_MAX, false,
	"description: What this digest collects, and for whom."},
    {"language", fields_language, AT(site.language), 0, 0, false, "language: en"},
    {"editor", read_editor, AT(site.editor), 0, 0, false, "editor: {name: Jane Roe}"},
    {"licence", fields_line, AT(site.licence), 1, FIELDS_LINE_MAX, false, "licence: CC0-1.0"},
    {"favicon", fields_emoji, AT(site.favicon), 0, 0, false, "favicon: \"\xf0\x9f\xa6\x80\""},
    {"page_size", fields_unsigned, AT(site.page_size), 1, SITE_PAGE_SIZE_MAX, false,
	"page_size: 50"},
    {"latest", fields_unsigned, AT(site.latest), 1, SITE_LATEST_MAX, false, "latest: 15"},
    {"issues", read_issues, AT(site.issues), 0, 0, false, "issues: weekly"},
    {"categories", read_categories, 0, 1, SITE_CATEGORIES_MAX, true,
	"categories: [{name: Language, slug: language}]"},
};

static const struct fields_kind kind = {"digest.yaml", specs, sizeof specs / sizeof *specs, false};

struct site_source site_read(const struct fields *f, const struct yaml_node *root, struct str file)
{
	struct site_source s = {.site = {.language = STR("en"),
				    .page_size = SITE_PAGE_SIZE,
				    .latest = SITE_LATEST,
				    .issues = DATE_WEEK}};

	if (root && !yaml_nothing(root))
		fields_read(f, &kind, root, &s);
	else
		diag_error(f->diags, (struct diag_pos){.file = file},
		    "the file is empty: write at least title: and categories:");
	return s;
}
