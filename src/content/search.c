#include "config.h"

#include "content/search.h"
#include "base/mem.h"
#include "base/words.h"
#include "content/excerpt.h"
#include "content/hint.h"
#include "content/plan.h"
#include "content/rows.h"
#include "content/tokenizer.h"

#include <sqlite3.h>
#include <stdlib.h>

/*
 * Scores are whole numbers below SCORES, so that few steps put thousands of entries in order:
 * what the columns tell that have the words, and what a title adds that says nothing else.
 * The second is less than one column of the least weight tells of a word alone.
 */
#define SCORE_COLUMNS 900u
#define SCORE_TITLE 59u
#define SCORES (SCORE_COLUMNS + SCORE_TITLE + 1)
/* The columns of a word that is everywhere, as a number. */
#define COLUMNS_ALL 15u

/*
 * FTS5 keeps what is inserted in memory of its own up to so many bytes, then
 * writes a segment; the fewer segments, the faster everything.
 */
#define GATHER_BYTES "67108864"

/* SQLite's steps after which a building looks whether to stop: some hundreds of entries. */
#define STOP_STEPS 8192

/*
 * What FTS5 does before it has a row is seen only by the pages that it reads. Each has about a
 * thousand rows to pass over, and any phrase may be asked about each; that is what SEARCH_PAGES
 * counts. To read a page takes as long as so many phrases.
 */
#define PAGE_PHRASES 2u
/* After so many of SQLite's steps it is looked at; a page is read in three. */
#define CHECK_STEPS 64

enum {
	STATEMENT_SCORED, /* row and score */
	STATEMENT_ROWS,
	STATEMENT_COUNT,
	STATEMENTS
};

/* The beginnings that have an index of their own: those of 1 to PLAN_PREFIX_INDEXED characters. */
#define PREFIXES "1 2 3"

#define MATCHES " FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid"

static const char *const statements[STATEMENTS] = {
    "SELECT rowid, score(words)" MATCHES,
    "SELECT rowid" MATCHES,
    "SELECT count(*)" MATCHES,
};

/* Pages that a search may read; see SEARCH_PAGES. */
struct budget {
	uint64_t spent, most; /* most: 0 while nothing is counted */
	uint64_t page;        /* what each counts for */
};

struct search {
	struct digest *digest; /* a reference */
	sqlite3 *db;
	struct tokenizer *tokenizer;
	sqlite3_stmt *statements[STATEMENTS];
	uint16_t *title_words;   /* of each entry, how many */
	const struct plan *plan; /* while searching: what the scores are about */
	struct budget budget;    /* of the search under way */
	uint64_t faults;         /* statements that failed */
	const atomic_bool *stop; /* borrowed while the index is built; may be NULL */
};

/* A row is an entry's index and 1, so rows go from the newest to the oldest. */
struct range {
	uint32_t from, to; /* both included; empty when from > to */
};

struct hit {
	uint32_t row;
	uint32_t score;
};

/* One search under way. */
struct finding {
	struct search *search;
	const struct plan *plan;
	struct arena *arena;
	int64_t now;
	struct range range; /* what is looked at */
	uint32_t waiting;   /* rows up to here may not be due */
	struct hit *hits;   /* those that are ranked */
	uint32_t nhits;     /* the newest matches, then the heads */
	uint32_t nnewest;   /* of them; up to row .newest every match is among them */
	uint32_t newest;
	bool exhausted; /* the budget: a statement did not come to its end */
};

/* --------------------------------------------------------------------------------- scoring */

/*
 * A column as a bit, so that the columns of a word, read as a number, tell how well it is there:
 * the title (8) more than all others together (7), and so on down to the author (1).
 */
static uint32_t column_bit(int column)
{
	return 8u >> column;
}

/* The columns in which any phrase of the term is. */
static uint32_t columns_of(const Fts5ExtensionApi *api, Fts5Context *c, const struct plan_term *t)
{
	uint32_t columns = 0;

	for (int i = t->phrase; i < t->phrase + t->nphrases; i++) {
		Fts5PhraseIter at;
		int column;

		if (api->xPhraseFirstColumn(c, i, &at, &column) != SQLITE_OK)
			continue;
		for (; column >= 0; api->xPhraseNextColumn(c, &at, &column))
			columns |= column_bit(column);
	}
	return columns;
}

/* As much of the most as share is of the whole. */
static uint32_t part(uint32_t most, uint32_t share, uint32_t whole)
{
	if (whole == 0)
		return 0;
	return (share < whole ? share : whole) * most / whole;
}

/* FTS5's auxiliary function score(words). */
static void score(const Fts5ExtensionApi *api, Fts5Context *c, sqlite3_context *result, int nargs,
    sqlite3_value **args)
{
	const struct search *s = api->xUserData(c);
	const struct plan *p = s->plan;
	uint32_t told = 0, in_title = 0;

	(void)nargs;
	(void)args;
	for (size_t i = 0; i < p->nterms; i++) {
		uint32_t columns = columns_of(api, c, &p->terms[i]);

		told += p->terms[i].weight * columns;
		if (columns & column_bit(PLAN_TITLE))
			in_title += p->terms[i].nwords;
	}
	sqlite3_result_int(result,
	    (int)(part(SCORE_COLUMNS, told, p->weight * COLUMNS_ALL) +
		part(SCORE_TITLE, in_title, s->title_words[api->xRowid(c) - 1])));
}

/* -------------------------------------------------------------------------------- building */

static void count_title_words(struct search *s)
{
	s->title_words = mem_zalloc(s->digest->all.n, sizeof *s->title_words);
	for (uint32_t i = 0; i < s->digest->all.n; i++) {
		struct words w;

		words_begin(&w, s->digest->all.entries[i]->title);
		while (s->title_words[i] < UINT16_MAX && words_next(&w))
			s->title_words[i]++;
	}
}

static int run(struct search *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

/* Nothing in the database is ever a file, is ever rolled back, or is a stranger's SQL. */
static void limit(sqlite3 *db)
{
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
	sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 4096);
	sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, 16);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
}

static int fill(struct search *s)
{
	int rc = run(s,
	    "PRAGMA journal_mode = OFF;"
	    "CREATE VIRTUAL TABLE words USING fts5(title, tags, summary, author, category,"
	    " prefix = '" PREFIXES "', content = '', columnsize = 0, tokenize = '" TOKENIZER_NAME
	    "');"
	    "INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1000),"
	    " ('hashsize', " GATHER_BYTES ");"
	    "BEGIN");

	if (rc == SQLITE_OK)
		rc = rows_insert(s->db, s->digest);
	if (rc == SQLITE_OK)
		rc = run(s, "COMMIT; INSERT INTO words (words) VALUES ('optimize')");
	vocabulary_close(tokenizer_vocabulary(s->tokenizer));
	return rc;
}

static int prepare(struct search *s)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < STATEMENTS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(
		    s->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL);
	return rc;
}

/* SQLite's progress handler while the index is built. */
static int is_stopped(void *arg)
{
	const struct search *s = arg;

	return atomic_load_explicit(s->stop, memory_order_relaxed);
}

/* Pages read since this was asked last. */
static uint32_t pages_read(sqlite3 *db)
{
	int pages = 0, most;

	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_HIT, &pages, &most, 1);
	return (uint32_t)pages;
}

static void spend(struct search *s)
{
	s->budget.spent += pages_read(s->db) * s->budget.page;
}

/* SQLite's progress handler from then on. */
static int is_exhausted(void *arg)
{
	struct search *s = arg;

	if (s->budget.most == 0)
		return 0;
	spend(s);
	return s->budget.spent > s->budget.most;
}

static bool build(struct search *s, struct buf *why)
{
	int rc = sqlite3_open_v2(":memory:", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
	    NULL);

	if (rc == SQLITE_OK) {
		limit(s->db);
		if (s->stop)
			sqlite3_progress_handler(s->db, STOP_STEPS, is_stopped, s);
		s->tokenizer = tokenizer_new(s->db, why);
		if (!s->tokenizer)
			return false;
		rc = tokenizer_function(s->db, "score", score, s);
	}
	if (rc == SQLITE_OK)
		rc = fill(s);
	if (rc == SQLITE_OK)
		rc = prepare(s);
	if (rc == SQLITE_OK)
		sqlite3_progress_handler(s->db, CHECK_STEPS, is_exhausted, s);
	s->stop = NULL;
	if (rc == SQLITE_INTERRUPT)
		buf_addz(why, "stopped");
	else if (rc != SQLITE_OK)
		buf_printf(why, "SQLite: %s", s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
	return rc == SQLITE_OK;
}

struct search *search_new(struct digest *d, const atomic_bool *stop, struct buf *why)
{
	struct search *s;

	if (!sqlite3_threadsafe()) {
		buf_addz(why, "this SQLite cannot be used by threads");
		return NULL;
	}
	s = mem_zalloc(1, sizeof *s);
	s->digest = digest_ref(d);
	s->stop = stop;
	count_title_words(s);
	if (!build(s, why)) {
		search_free(s);
		return NULL;
	}
	return s;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	tokenizer_free(s->tokenizer);
	digest_unref(s->digest);
	free(s->title_words);
	free(s);
}

const struct digest *search_digest(const struct search *s)
{
	return s->digest;
}

uint64_t search_faults(const struct search *s)
{
	return s->faults;
}

uint64_t search_pages(const struct search *s)
{
	return s->budget.spent;
}

size_t search_size(const struct search *s)
{
	int now = 0, most;

	sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_USED, &now, &most, 0);
	return (size_t)now + vocabulary_size(tokenizer_vocabulary(s->tokenizer));
}

/* --------------------------------------------------------------------------------- finding */

static bool is_due(const struct finding *f, uint32_t row)
{
	return row > f->waiting || f->search->digest->all.entries[row - 1]->date.instant <= f->now;
}

/* A statement over a range of rows, ready to be stepped through. */
static sqlite3_stmt *start(const struct finding *f, int statement, struct str match, struct range r)
{
	sqlite3_stmt *s = f->search->statements[statement];

	/* Counted from 0, so that the same search always comes to the same end. */
	sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 1);
	sqlite3_bind_text(s, 1, match.p, (int)match.n, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, r.from);
	sqlite3_bind_int64(s, 3, r.to);
	return s;
}

/* The next row that is due; false at the end. */
static bool next_row(const struct finding *f, sqlite3_stmt *s, uint32_t *row)
{
	do {
		if (sqlite3_step(s) != SQLITE_ROW)
			return false;
		*row = (uint32_t)sqlite3_column_int64(s, 0);
	} while (!is_due(f, *row));
	return true;
}

/* Ends a statement, and lets go of what start bound, which is the caller's. */
static void stop(struct finding *f, sqlite3_stmt *s)
{
	int rc = sqlite3_reset(s);

	if (rc == SQLITE_INTERRUPT)
		f->exhausted = true;
	else if (rc != SQLITE_OK)
		f->search->faults++;
	sqlite3_clear_bindings(s);
}

/* Ranks the first SEARCH_RANKED matches of a range; *last: the last row that was looked at. */
static void rank(struct finding *f, struct str match, struct range r, uint32_t *last)
{
	sqlite3_stmt *s = start(f, STATEMENT_SCORED, match, r);
	uint32_t row = r.from - 1, n = 0;

	f->search->plan = f->plan;
	*last = r.to;
	while (n < SEARCH_RANKED && next_row(f, s, &row)) {
		int points = sqlite3_column_int(s, 1);

		f->hits[f->nhits++] = (struct hit){row, points > 0 ? (uint32_t)points : 0};
		if (++n == SEARCH_RANKED)
			*last = row;
	}
	stop(f, s);
	if (f->exhausted)
		*last = row;
	f->search->plan = NULL;
}

/* The newest matches, and of those behind them the ones that have the words in title and tags. */
static void rank_all(struct finding *f)
{
	uint32_t last;

	f->hits = arena_array(f->arena, (size_t)2 * SEARCH_RANKED, sizeof *f->hits);
	rank(f, f->plan->all, f->range, &f->newest);
	f->nnewest = f->nhits;
	if (!f->exhausted && f->newest < f->range.to && f->plan->nterms > 0)
		rank(f, f->plan->heads, (struct range){f->newest + 1, f->range.to}, &last);
}

/* The matches in best order; of equals the newest is first, as they come in that order. */
static struct hit *sort_hits(const struct finding *f)
{
	struct hit *sorted = arena_array(f->arena, f->nhits, sizeof *sorted);
	uint32_t place[SCORES] = {0};

	/* Counted by how much is missing, so that the best comes first. */
	for (uint32_t i = 0; i < f->nhits; i++)
		place[SCORES - 1 - f->hits[i].score]++;
	for (uint32_t i = 1; i < SCORES; i++)
		place[i] += place[i - 1];
	for (uint32_t i = f->nhits; i-- > 0;)
		sorted[--place[SCORES - 1 - f->hits[i].score]] = f->hits[i];
	return sorted;
}

/* How many matches are behind those that rank_all looked at one by one. */
static uint32_t count_rest(struct finding *f)
{
	struct range rest = {f->newest + 1, f->range.to};
	uint32_t n = 0, row;
	sqlite3_stmt *s;

	if (rest.from <= f->waiting && rest.from <= rest.to) {
		uint32_t to = f->waiting < rest.to ? f->waiting : rest.to;

		s = start(f, STATEMENT_ROWS, f->plan->all, (struct range){rest.from, to});
		while (next_row(f, s, &row))
			n++;
		stop(f, s);
		rest.from = to + 1;
	}
	if (rest.from > rest.to)
		return n;
	s = start(f, STATEMENT_COUNT, f->plan->all, rest);
	if (sqlite3_step(s) == SQLITE_ROW)
		n += (uint32_t)sqlite3_column_int64(s, 0);
	stop(f, s);
	return n;
}

/* The same, but when the budget is spent only what was ranked by then is known of. */
static uint32_t count_or_end(struct finding *f, bool *more)
{
	uint32_t n = f->exhausted ? 0 : count_rest(f);

	if (!f->exhausted)
		return n;
	f->range.to = f->newest;
	f->nhits = f->nnewest;
	*more = true;
	return 0;
}

static void add_entry(struct search_result *r, const struct finding *f, uint32_t row)
{
	r->entries[r->n++] = f->search->digest->all.entries[row - 1];
}

/* Fills the page with what comes behind the ranked matches, of which skip are passed over. */
static void add_unranked(struct search_result *r, struct finding *f, uint32_t skip, uint32_t count)
{
	struct range rest = {f->newest + 1, f->range.to};
	sqlite3_stmt *s = start(f, STATEMENT_ROWS, f->plan->all, rest);
	const struct hit *head = f->hits + f->nnewest, *end = f->hits + f->nhits;
	uint32_t row;

	while (r->n < count && next_row(f, s, &row)) {
		while (head < end && head->row < row)
			head++;
		if (head < end && head->row == row)
			continue;
		if (skip > 0)
			skip--;
		else
			add_entry(r, f, row);
	}
	stop(f, s);
}

static void add_page(struct search_result *r, struct finding *f, uint32_t first, uint32_t count)
{
	const struct hit *sorted = sort_hits(f);

	if (first >= r->total)
		return;
	if (count > r->total - first)
		count = r->total - first;
	r->entries = arena_array(f->arena, count, sizeof *r->entries);
	for (uint32_t i = first; i < f->nhits && r->n < count; i++)
		add_entry(r, f, sorted[i].row);
	if (r->n < count)
		add_unranked(r, f, first > f->nhits ? first - f->nhits : 0, count);
}

/* How many entries are of that day or later. */
static uint32_t count_since(const struct digest *d, const struct date *day)
{
	uint32_t from = 0, to = d->all.n;
	/* Before any instant of the day. */
	struct date start = *day;

	start.instant = INT64_MIN;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (date_cmp(&d->all.entries[middle]->date, &start) > 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The rows of the days asked for. */
static struct range range_of(const struct digest *d, const struct query *q)
{
	struct range r = {1, d->all.n};

	if (q->before.year != 0)
		r.from = count_since(d, &q->before) + 1;
	if (q->after.year != 0)
		r.to = count_since(d, &q->after);
	return r;
}

/* Keeps the newest part of the range when all of it would be too much work; true when it did. */
static bool cut_work(struct finding *f, uint64_t limit)
{
	uint64_t all = f->search->digest->all.n, n, most;

	if (f->range.from > f->range.to)
		return false;
	n = f->range.to - f->range.from + 1;
	/* So many entries come to limit places, if they are spread evenly. */
	most = f->plan->work > 0 ? limit * all / f->plan->work + 1 : all;
	if (n <= most)
		return false;
	f->range.to = f->range.from + (uint32_t)most - 1;
	return true;
}

/* Rows up to this may not be due at now; all behind it are. */
static uint32_t last_waiting(const struct digest *d, int64_t now)
{
	uint32_t n = d->all.waiting;

	while (n > 0 && d->all.entries[n - 1]->date.instant <= now)
		n--;
	return n;
}

/* From now on what is read is counted, and ends a statement once it is too much. */
static void begin_budget(const struct finding *f, uint64_t pages)
{
	f->search->budget =
	    (struct budget){.most = pages, .page = PAGE_PHRASES + f->plan->nphrases};
	pages_read(f->search->db);
}

/* What comes after is bounded by what was: a page has no more to go through than was counted. */
static void end_budget(const struct finding *f)
{
	spend(f->search);
	f->search->budget.most = 0;
}

/* A search under way; one with a part of the bounds when part is more than 1. */
static struct finding begin(struct search *s, const struct query *q, int64_t now, struct arena *a,
    bool *more, uint32_t part)
{
	struct finding f = {.search = s, .arena = a, .now = now};

	f.plan = plan_make(q, s->tokenizer, s->digest->all.n, a);
	f.range = range_of(s->digest, q);
	f.newest = f.range.from - 1;
	f.waiting = last_waiting(s->digest, now);
	begin_budget(&f, SEARCH_PAGES / part);
	*more = cut_work(&f, SEARCH_WORK / part) || f.plan->cut;
	return f;
}

struct search_result search_find(struct search *s, struct str typed, int64_t now, uint32_t first,
    uint32_t count, struct arena *a)
{
	struct search_result r = {.query = query_parse(typed, a)};
	uint64_t faults = s->faults;
	struct finding f;

	r.words = r.query->typed;
	if (query_is_empty(r.query))
		return r;
	f = begin(s, r.query, now, a, &r.more, 1);
	rank_all(&f);
	r.total = f.nnewest + count_or_end(&f, &r.more);
	end_budget(&f);
	add_page(&r, &f, first, count);
	r.failed = s->faults > faults;
	return r;
}

/* ----------------------------------------------------------------------------------- hints */

/* Makes a hint of what was tried, if it finds anything. */
static bool try_hint(
    struct search *s, struct str words, int64_t now, struct search_hint *hint, struct arena *a)
{
	const struct query *q = query_parse(words, a);
	struct finding f;

	if (query_is_empty(q))
		return false;
	f = begin(s, q, now, a, &hint->more, SEARCH_HINTS_MAX);
	hint->words = q->typed;
	hint->total = count_rest(&f);
	hint->more |= f.exhausted;
	end_budget(&f);
	return hint->total > 0;
}

size_t search_near(struct search *s, struct str typed, int64_t now, struct search_hint *hints,
    size_t max, struct arena *a)
{
	struct str tried[SEARCH_HINTS_MAX];
	size_t ntried = hint_collect(
	    query_parse(typed, a), tokenizer_vocabulary(s->tokenizer), tried, SEARCH_HINTS_MAX, a);
	size_t n = 0;

	for (size_t i = 0; i < ntried && n < max; i++)
		n += try_hint(s, tried[i], now, &hints[n], a);
	return n;
}

/* -------------------------------------------------------------------------------- excerpts */

void search_excerpt(
    struct search *s, const struct query *q, struct str text, size_t columns, struct buf *out)
{
	excerpt_write(q, s->tokenizer, text, columns, out);
}
