#include "config.h"

#include "content/rows.h"
#include "base/words.h"
#include "content/plan.h"
#include "content/tokenizer.h"

/* What an entry is indexed as. */
struct row {
	struct buf tags, summary, authors, categories;
};

/* The words of the text as a slug joins them. */
static bool is_slug_of(struct str slug, struct str text)
{
	struct words w;

	words_begin(&w, text);
	while (words_next(&w)) {
		if (!str_starts(slug, w.word))
			return false;
		slug = str_skip(slug, w.word.n);
		if (str_starts(slug, STR("-")))
			slug = str_skip(slug, 1);
	}
	return slug.n == 0;
}

/* Groups are found by their names, and by their slugs where those have other words. */
static void add_groups(struct buf *out, struct group *const *groups, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		buf_add(out, groups[i]->name);
		buf_addc(out, '\n');
		if (!is_slug_of(groups[i]->slug, groups[i]->name)) {
			buf_add(out, groups[i]->slug);
			buf_addc(out, '\n');
		}
	}
}

/* A summary without the targets of its links: nobody looks for "https". */
static void add_summary(struct buf *out, struct str text)
{
	struct str line, word;

	while (str_next_line(&text, &line)) {
		if (str_starts(line, STR("=>"))) {
			line = str_trim(str_skip(line, 2));
			str_next_field(&line, ' ', &word);
		}
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static void bind_text(sqlite3_stmt *s, int column, struct str text)
{
	sqlite3_bind_text(s, column + 2, text.p ? text.p : "", (int)text.n, SQLITE_STATIC);
}

static int insert(sqlite3_stmt *s, const struct entry *e, struct row *r)
{
	r->tags.len = r->summary.len = r->authors.len = r->categories.len = 0;
	add_groups(&r->tags, e->tags, e->ntags);
	add_summary(&r->summary, e->summary);
	add_groups(&r->authors, e->authors, e->nauthors);
	buf_addc(&r->categories, TOKENIZER_MARK);
	add_groups(&r->categories, e->categories, e->ncategories);
	sqlite3_bind_int64(s, 1, (sqlite3_int64)e->index + 1);
	bind_text(s, PLAN_TITLE, e->title);
	bind_text(s, PLAN_TAGS, buf_str(&r->tags));
	bind_text(s, PLAN_SUMMARY, buf_str(&r->summary));
	bind_text(s, PLAN_AUTHOR, buf_str(&r->authors));
	bind_text(s, PLAN_CATEGORY, buf_str(&r->categories));
	sqlite3_step(s);
	return sqlite3_reset(s);
}

int rows_insert(sqlite3 *db, const struct digest *d)
{
	struct row r = {0};
	sqlite3_stmt *statement;
	int rc = sqlite3_prepare_v2(db,
	    "INSERT INTO words (rowid, title, tags, summary, author, category)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	    -1, &statement, NULL);

	for (uint32_t i = 0; i < d->all.n && rc == SQLITE_OK; i++)
		rc = insert(statement, d->all.entries[i], &r);
	sqlite3_finalize(statement);
	buf_free(&r.tags);
	buf_free(&r.summary);
	buf_free(&r.authors);
	buf_free(&r.categories);
	return rc;
}
