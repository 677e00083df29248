#include "config.h"

#include "content/tokenizer.h"
#include "base/mem.h"
#include "base/words.h"

#include <stdlib.h>

/* Passes a word on to the porter as it is. */
#define WORD_NAME "digest_word"

/* What FTS5 hands out as the type of a tokenizer. */
struct tokenizer {
	struct vocabulary *vocabulary;
	fts5_tokenizer porter;   /* its functions */
	Fts5Tokenizer *stemming; /* an instance of it, over WORD_NAME */
	char stem[WORDS_BYTES_MAX + 8];
	size_t nstem;
};

typedef int token_fn(void *arg, int flags, const char *token, int n, int from, int to);

/* ----------------------------------------------------------------------------------- stems */

static int word_create(void *arg, const char **words, int n, Fts5Tokenizer **made)
{
	(void)words;
	(void)n;
	*made = arg;
	return SQLITE_OK;
}

static void word_delete(Fts5Tokenizer *tokenizer)
{
	(void)tokenizer;
}

static int word_tokenize(
    Fts5Tokenizer *tokenizer, void *arg, int flags, const char *text, int n, token_fn *token)
{
	(void)tokenizer;
	(void)flags;
	return token(arg, 0, text, n, 0, n);
}

static int take_stem(void *arg, int flags, const char *token, int n, int from, int to)
{
	struct tokenizer *t = arg;

	(void)flags;
	(void)from;
	(void)to;
	if (n > 0 && (size_t)n <= sizeof t->stem - t->nstem) {
		memcpy(t->stem + t->nstem, token, (size_t)n);
		t->nstem += (size_t)n;
	}
	return SQLITE_OK;
}

/* A vocabulary_stemmer. */
static void find_stem(void *arg, struct str word, struct str *stem)
{
	struct tokenizer *t = arg;

	t->nstem = 0;
	if (str_starts(word, (struct str){(const char[]){TOKENIZER_MARK}, 1})) {
		t->stem[t->nstem++] = TOKENIZER_MARK;
		word = str_skip(word, 1);
	}
	if (word.n > 0)
		t->porter.xTokenize(
		    t->stemming, t, FTS5_TOKENIZE_AUX, word.p, (int)word.n, take_stem);
	*stem = (struct str){t->stem, t->nstem};
}

struct str tokenizer_stem(struct tokenizer *t, struct str word)
{
	const struct vocabulary_word *known = vocabulary_find(t->vocabulary, word);
	struct str stem;

	if (known)
		return known->stem->text;
	find_stem(t, word, &stem);
	return stem;
}

/* ------------------------------------------------------------------------- FTS5's tokenizer */

/* One run over a text. */
struct run {
	struct tokenizer *tokenizer;
	token_fn *token; /* FTS5's, with its arg */
	void *arg;
	bool document; /* a text to index, not one to look for */
	bool prefix;   /* the last word is the beginning of one */
	bool marked;
};

/* What the word is known by; the beginning of one is only itself. */
static struct str token_of(const struct run *r, struct str word, bool last)
{
	if (r->document)
		return vocabulary_add(r->tokenizer->vocabulary, word)->stem->text;
	return r->prefix && last ? word : tokenizer_stem(r->tokenizer, word);
}

static int emit(const struct run *r, struct str word, bool last, size_t from, size_t to)
{
	struct str token = token_of(r, word, last);

	return r->token(r->arg, 0, token.p, (int)token.n, (int)from, (int)to);
}

/* True when no word comes after the one at which w stands. */
static bool is_last(const struct words *w)
{
	struct words next = *w;

	return !words_next(&next);
}

static int emit_words(const struct run *r, struct str text)
{
	char marked[1 + WORDS_BYTES_MAX] = {TOKENIZER_MARK};
	int rc = SQLITE_OK;
	struct words w;

	words_begin(&w, text);
	while (rc == SQLITE_OK && words_next(&w)) {
		struct str word = w.word;

		if (r->marked) {
			memcpy(marked + 1, word.p, word.n);
			word = (struct str){marked, word.n + 1};
		}
		rc = emit(r, word, r->prefix && is_last(&w), w.from, w.to);
	}
	return rc;
}

static int tokenize(
    Fts5Tokenizer *tokenizer, void *arg, int flags, const char *text, int n, token_fn *token)
{
	struct str s = {text, n > 0 ? (size_t)n : 0};
	struct run r = {.tokenizer = (struct tokenizer *)tokenizer,
	    .token = token,
	    .arg = arg,
	    .document = (flags & FTS5_TOKENIZE_DOCUMENT) != 0,
	    .prefix = (flags & FTS5_TOKENIZE_PREFIX) != 0,
	    .marked = s.n > 0 && s.p[0] == TOKENIZER_MARK};

	/* To look for, the mark alone is everything; before words it is only their kind. */
	if (r.marked && (r.document || s.n == 1)) {
		int rc = emit(&r, str_sub(s, 0, 1), false, 0, 1);

		if (rc != SQLITE_OK)
			return rc;
	}
	return emit_words(&r, s);
}

/* ------------------------------------------------------------------------------ registering */

static fts5_api *find_api(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &s, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(s, 1, &api, "fts5_api_ptr", NULL);
		sqlite3_step(s);
	}
	sqlite3_finalize(s);
	return api;
}

static int set_up(struct tokenizer *t, fts5_api *api)
{
	fts5_tokenizer word = {word_create, word_delete, word_tokenize};
	fts5_tokenizer own = {word_create, word_delete, tokenize};
	const char *base[] = {WORD_NAME};
	void *context = NULL;
	int rc = api->xCreateTokenizer(api, WORD_NAME, t, &word, NULL);

	if (rc == SQLITE_OK)
		rc = api->xCreateTokenizer(api, TOKENIZER_NAME, t, &own, NULL);
	if (rc == SQLITE_OK)
		rc = api->xFindTokenizer(api, "porter", &context, &t->porter);
	if (rc == SQLITE_OK)
		rc = t->porter.xCreate(context, base, 1, &t->stemming);
	return rc;
}

struct tokenizer *tokenizer_new(sqlite3 *db, struct buf *why)
{
	fts5_api *api = find_api(db);
	struct tokenizer *t;
	int rc;

	if (!api) {
		buf_addz(why, "this SQLite has no FTS5");
		return NULL;
	}
	t = mem_zalloc(1, sizeof *t);
	t->vocabulary = vocabulary_new(find_stem, t);
	rc = set_up(t, api);
	if (rc != SQLITE_OK) {
		buf_printf(why, "FTS5 takes no tokenizer: %s", sqlite3_errstr(rc));
		tokenizer_free(t);
		return NULL;
	}
	return t;
}

int tokenizer_function(sqlite3 *db, const char *name, fts5_extension_function function, void *arg)
{
	fts5_api *api = find_api(db);

	return api ? api->xCreateFunction(api, name, arg, function, NULL) : SQLITE_ERROR;
}

void tokenizer_free(struct tokenizer *t)
{
	if (!t)
		return;
	if (t->stemming)
		t->porter.xDelete(t->stemming);
	vocabulary_free(t->vocabulary);
	free(t);
}

struct vocabulary *tokenizer_vocabulary(struct tokenizer *t)
{
	return t->vocabulary;
}
