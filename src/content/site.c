#include "config.h"

#include "content/site.h"
#include "base/slug.h"
#include "content/text.h"
#include "content/value.h"

/* --------------------------------------------------------------------------------- categories */

static const struct fields_spec category_specs[] = {
    {"name", text_line, offsetof(struct site_category, name), 1, TEXT_LINE_MAX, true,
	"name: Language"},
    {"slug", text_slug, offsetof(struct site_category, slug), 0, 0, false, "slug: language"},
    {"description", text_line, offsetof(struct site_category, description), 1, TEXT_LINE_MAX, false,
	"description: Its features and its design."},
    {"aliases", list_slugs, offsetof(struct site_category, aliases), 0, SITE_ALIASES_MAX, false,
	"aliases: [old-slug]"},
    {"gone", value_bool, offsetof(struct site_category, gone), 0, 0, false, "gone: true"},
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

	if (!list_check(f, spec, node))
		return;
	s->categories = arena_array(f->work, node->n, sizeof *s->categories);
	for (const struct yaml_node *v = node->first; v; v = v->next)
		read_category(f, v, &s->categories[s->ncategories++]);
}

/* ------------------------------------------------------------------------------------ editor */

#define EDITOR(field) (offsetof(struct site, editor.field) - offsetof(struct site, editor))

static const struct fields_spec editor_specs[] = {
    {"name", text_line, EDITOR(name), 1, TEXT_LINE_MAX, false, "name: Jane Roe"},
    {"email", text_line, EDITOR(email), 1, TEXT_LINE_MAX, false, "email: jane@example.org"},
    {"url", text_url, EDITOR(url), 0, 0, false, "url: https://example.org/"},
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

/* ------------------------------------------------------------------------------------ robots */

/*
 * What is wrong with a rule for crawlers that match by whatever means (C-02); NULL when
 * nothing is.
 */
static const char *path_fault(struct str path)
{
	if (!str_starts(path, STR("/")))
		return "it does not begin with a slash: write the path as in /files/";
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || strchr(":*$#", path.p[i]))
			return "crawlers read no spaces, no :, *, $ or #, and ASCII only: "
			       "write a shorter path that covers it";
	return path.n > SITE_PATH_MAX ? "it is too long: write a shorter path that covers it"
				      : NULL;
}

/* struct site_list */
static void read_paths(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct site_list *list = out;
	struct list read = {0};
	struct str *items;

	list_lines(f, spec, node, &read);
	items = arena_array(f->keep, read.n, sizeof *items);
	for (size_t i = 0; i < read.n; i++) {
		const char *fault = path_fault(read.items[i].text);

		if (fault)
			diag_error(f->diags, read.items[i].pos, "%s '%.*s': %s", spec->key,
			    SHOWN(read.items[i].text), fault);
		items[i] = arena_str(f->keep, read.items[i].text);
	}
	*list = (struct site_list){items, read.n};
}

#define ROBOT(agent) ((agent) * sizeof(struct site_list))

static const struct fields_spec robots_specs[] = {
    {"indexer", read_paths, ROBOT(SITE_INDEXER), 1, SITE_ROBOTS_MAX, false, "indexer: [/files/]"},
    {"archiver", read_paths, ROBOT(SITE_ARCHIVER), 1, SITE_ROBOTS_MAX, false, "archiver: [/]"},
    {"researcher", read_paths, ROBOT(SITE_RESEARCHER), 1, SITE_ROBOTS_MAX, false,
	"researcher: [/authors/]"},
    {"webproxy", read_paths, ROBOT(SITE_WEBPROXY), 1, SITE_ROBOTS_MAX, false, "webproxy: [/]"},
};

static const struct fields_kind robots_kind = {
    "robots", robots_specs, sizeof robots_specs / sizeof *robots_specs, false};

/* The robots of struct site. */
static void read_robots(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	(void)spec;
	fields_read(f, &robots_kind, node, out);
}

/* ---------------------------------------------------------------------------------- security */

/* Reads one text, or a list of texts, into struct site_list, each as read does. */
static void read_texts(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, fields_reader *read, struct site_list *list)
{
	bool several = node->kind == YAML_SEQUENCE;
	struct str *items;

	if (several && !list_check(f, spec, node))
		return;
	items = arena_array(f->keep, several ? node->n : 1, sizeof *items);
	if (!several)
		read(f, spec, node, &items[list->n++]);
	for (const struct yaml_node *v = several ? node->first : NULL; v; v = v->next)
		read(f, spec, v, &items[list->n++]);
	list->items = items;
}

static void read_contacts(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_texts(f, spec, node, text_url, out);
}

static void read_languages(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	read_texts(f, spec, node, text_language, out);
}

#define SECURITY(field) (offsetof(struct site, security.field) - offsetof(struct site, security))

static const struct fields_spec security_specs[] = {
    {"contact", read_contacts, SECURITY(contacts), 1, SITE_CONTACTS_MAX, true,
	"contact: mailto:security@example.org"},
    {"expires", value_date, SECURITY(expires), 0, 0, true, "expires: 2027-12-31"},
    {"policy", text_url, SECURITY(policy), 0, 0, false, "policy: gemini://example.org/policy"},
    {"languages", read_languages, SECURITY(languages), 1, SITE_LANGUAGES_MAX, false,
	"languages: [en, de]"},
};

static const struct fields_kind security_kind = {
    "security", security_specs, sizeof security_specs / sizeof *security_specs, true};

/* The security of struct site. */
static void read_security(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	(void)spec;
	fields_read(f, &security_kind, node, out);
}

/* ------------------------------------------------------------------------------ digest.yaml */

/* enum date_period */
static void read_issues(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	static const char *const words[] = {[DATE_WEEK] = "weekly", [DATE_MONTH] = "monthly", NULL};
	size_t i;

	if (value_word(f, spec, node, words, &i))
		*(enum date_period *)out = (enum date_period)i;
}

#define AT(field) offsetof(struct site_source, field)

static const struct fields_spec specs[] = {
    {"title", text_line, AT(site.title), 1, TEXT_LINE_MAX, true, "title: The Gopher Weekly"},
    {"subtitle", text_line, AT(site.subtitle), 1, TEXT_LINE_MAX, false,
	"subtitle: what was worth reading"},
    {"description", text_gemtext, AT(site.description), 0, TEXT_GEMTEXT_MAX, false,
	"description: What this digest collects, and for whom."},
    {"id", text_id, AT(site.id), 1, TEXT_LINE_MAX, false, "id: tag:example.org,2026:digest"},
    {"language", text_language, AT(site.language), 0, 0, false, "language: en"},
    {"editor", read_editor, AT(site.editor), 0, 0, false, "editor: {name: Jane Roe}"},
    {"licence", text_line, AT(site.licence), 1, TEXT_LINE_MAX, false, "licence: CC0-1.0"},
    {"favicon", text_emoji, AT(site.favicon), 0, 0, false, "favicon: \"\xf0\x9f\xa6\x80\""},
    {"page_size", value_unsigned, AT(site.page_size), 1, SITE_PAGE_SIZE_MAX, false,
	"page_size: 50"},
    {"latest", value_unsigned, AT(site.latest), 1, SITE_LATEST_MAX, false, "latest: 15"},
    {"issues", read_issues, AT(site.issues), 0, 0, false, "issues: weekly"},
    {"categories", read_categories, 0, 1, SITE_CATEGORIES_MAX, true,
	"categories: [{name: Language, slug: language}]"},
    {"robots", read_robots, AT(site.robots), 0, 0, false, "robots: {archiver: [/files/]}"},
    {"security", read_security, AT(site.security), 0, 0, false,
	"security: {contact: mailto:security@example.org, expires: 2027-12-31}"},
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

struct str site_some_category(const struct site_source *s)
{
	for (size_t i = 0; i < s->ncategories; i++)
		if (s->categories[i].slug.n > 0 && !s->categories[i].gone)
			return s->categories[i].slug;
	return STR("");
}
