#include "config.h"

#include "content/plan.h"

/*
 * From one entry to the next that is wanted FTS5 jumps to the right leaf of its
 * index, and looks at about so many places in it.
 */
#define JUMP 700u
/* To gather the words of a beginning takes so much for each place, needed or not. */
#define GATHER_COST 3u
/* Beside each other is harder to see than there; so many choices are as much as a place. */
#define PHRASE_COST 2u
#define CHOICES_AT_ONCE 4u

/* What a term is before it is written: its choices, and what they cost. */
struct term {
	const struct query_term *source;
	const struct vocabulary_stem *
	    *last; /* choices for the last word; none: it stands as it is */
	size_t nlast;
	bool begins;       /* one choice more: whatever stem begins so */
	uint64_t entries;  /* that it finds, at most */
	uint64_t places;   /* that all of its words are at */
	uint64_t begin;    /* of them, those of words that begin so */
	uint64_t gathered; /* of them, before anything else can be done */
};

struct planner {
	const struct query *query;
	struct tokenizer *tokenizer; /* borrowed */
	struct arena *arena;         /* borrowed */
	struct plan *plan;
	struct term terms[QUERY_TERMS_MAX];
	uint32_t entries; /* in the digest */
	size_t choices;   /* that each beginning of a word may have */
};

/* ------------------------------------------------------------------------------- estimating */

/* The word as it is in the index: with the mark, where it is looked for among categories. */
static struct str indexed(const struct planner *p, const struct query_term *t, size_t i)
{
	if (t->field != QUERY_CATEGORY)
		return t->words[i];
	return arena_printf(p->arena, "%c%.*s", TOKENIZER_MARK, STR_ARGS(t->words[i]));
}

static uint32_t uses(const struct planner *p, struct str word)
{
	const struct vocabulary_stem *s =
	    vocabulary_stem(tokenizer_vocabulary(p->tokenizer), tokenizer_stem(p->tokenizer, word));

	return s ? s->uses : 0;
}

/* Shares out among the beginnings of words what the other terms leave; at least two each. */
static size_t share_choices(const struct query *q)
{
	size_t beginnings = 0, share;

	for (size_t i = 0; i < q->nterms; i++)
		beginnings += q->terms[i].prefix;
	if (beginnings == 0)
		return 0;
	share = (PLAN_PHRASES_MAX - (q->nterms - beginnings)) / beginnings;
	return share < PLAN_CHOICES_MAX ? share : PLAN_CHOICES_MAX;
}

static size_t count_characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* All the stems where that saves gathering; else what FTS5 finds, and the stems that it cannot. */
static void complete(struct planner *p, struct term *t, struct str beginning)
{
	const struct vocabulary *v = tokenizer_vocabulary(p->tokenizer);
	bool gather = count_characters(beginning) > PLAN_PREFIX_INDEXED;

	t->last = arena_array(p->arena, p->choices, sizeof *t->last);
	if (gather) {
		t->nlast = vocabulary_complete(v, beginning, t->last, p->choices);
		if (t->nlast <= p->choices)
			return;
	}
	t->begins = true;
	t->begin = vocabulary_uses(v, beginning);
	t->gathered = gather ? t->begin : 0;
	t->nlast = vocabulary_shortened(v, beginning, t->last, p->choices - 1);
	if (t->nlast == p->choices) {
		t->nlast--;
		p->plan->cut = true;
	}
}

/* For the last word; 0: it stands as it is. */
static size_t count_choices(const struct term *t)
{
	return t->nlast + t->begins;
}

static size_t count_phrases(const struct term *t)
{
	size_t n = count_choices(t);

	return n > 0 ? n : 1;
}

static void add_word(struct term *t, uint64_t places)
{
	t->places += places;
	if (places < t->entries)
		t->entries = places;
}

static void estimate(struct planner *p, struct term *t)
{
	const struct query_term *q = t->source;
	size_t n = q->nwords - q->prefix;
	uint64_t places;

	t->entries = p->entries;
	for (size_t i = 0; i < n; i++)
		add_word(t, uses(p, indexed(p, q, i)));
	if (!q->prefix)
		return;
	complete(p, t, indexed(p, q, n));
	places = t->begin;
	for (size_t i = 0; i < t->nlast; i++)
		places += t->last[i]->uses;
	add_word(t, places);
}

/* 1 for what every entry has, and one more each time that half as many have it. */
static uint32_t weigh(const struct planner *p, const struct term *t)
{
	uint32_t weight = 1;

	for (uint64_t n = t->entries; n < p->entries && weight < PLAN_WEIGHT_MAX; n += n + 1)
		weight++;
	return weight;
}

/* How many entries the rarest term that is wanted finds, at most; *wanted: how many terms are. */
static uint64_t find_rarest(const struct planner *p, size_t *wanted)
{
	uint64_t rarest = p->entries;

	for (size_t i = 0; i < p->query->nterms; i++) {
		if (p->terms[i].source->without)
			continue;
		++*wanted;
		if (p->terms[i].entries < rarest)
			rarest = p->terms[i].entries;
	}
	return rarest;
}

/*
 * All terms are gone through side by side, and none further than the rarest one
 * that is wanted makes necessary.
 */
static uint64_t estimate_work(const struct planner *p)
{
	size_t wanted = 0;
	uint64_t rarest = find_rarest(p, &wanted);
	/* Where none is wanted every entry is one to look at. */
	uint64_t work = wanted > 0 ? 0 : p->entries;

	for (size_t i = 0; i < p->query->nterms; i++) {
		const struct term *t = &p->terms[i];
		uint64_t jumps = rarest * JUMP * (t->source->nwords + count_choices(t));
		uint64_t places = t->source->nwords > 1 ? t->places * PHRASE_COST : t->places;

		work += places < jumps ? places : jumps;
		/* Which of the choices comes next is asked of each for each entry. */
		work += rarest * count_choices(t) / CHOICES_AT_ONCE + t->gathered * GATHER_COST;
	}
	return work;
}

/* ---------------------------------------------------------------------------------- writing */

static const char *columns(const struct query_term *t, bool heads)
{
	switch (t->field) {
	case QUERY_TITLE:
		return "{title} : ";
	case QUERY_TAG:
		return "{tags} : ";
	case QUERY_AUTHOR:
		return "{author} : ";
	case QUERY_ANY:
		return heads && !t->without ? "{title tags} : " : "";
	case QUERY_CATEGORY: /* the mark sees to it */
		break;
	}
	return "";
}

/* One phrase: the words but the last, then last, which is FTS5's to split and stem. */
static void write_phrase(const struct query_term *t, struct str last, struct buf *out)
{
	buf_addc(out, '"');
	if (t->field == QUERY_CATEGORY)
		buf_addc(out, TOKENIZER_MARK);
	for (size_t i = 0; i + 1 < t->nwords; i++) {
		buf_add(out, t->words[i]);
		buf_addc(out, ' ');
	}
	buf_add(out, last);
	buf_addc(out, '"');
}

static int write_term(const struct term *t, bool heads, struct buf *out)
{
	const struct query_term *q = t->source;

	buf_addz(out, columns(q, heads));
	buf_addc(out, '(');
	if (t->begins || t->nlast == 0)
		write_phrase(q, q->words[q->nwords - 1], out);
	if (t->begins)
		buf_addz(out, " *");
	for (size_t i = 0; i < t->nlast; i++) {
		if (i > 0 || t->begins)
			buf_addz(out, " OR ");
		/* Of a category, the mark already stands before the first word. */
		write_phrase(q, str_skip(t->last[i]->word, q->field == QUERY_CATEGORY), out);
	}
	buf_addc(out, ')');
	return (int)count_phrases(t);
}

/* Writes the terms that are wanted, or those that are not; returns how many there were. */
static size_t write_terms(struct planner *p, bool without, bool heads, struct buf *out)
{
	struct plan *plan = p->plan;
	int phrase = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->query->nterms; i++) {
		const struct term *t = &p->terms[i];
		int nphrases;

		if (t->source->without != without)
			continue;
		if (n > 0)
			buf_addz(out, without ? " OR " : " AND ");
		nphrases = write_term(t, heads, out);
		if (!without)
			plan->terms[n] = (struct plan_term){
			    phrase, nphrases, weigh(p, t), (uint32_t)t->source->nwords};
		phrase += nphrases;
		n++;
	}
	return n;
}

static struct str write_expression(struct planner *p, bool heads)
{
	struct buf out = {0}, others = {0};
	struct str s;

	buf_addc(&out, '(');
	p->plan->nterms = write_terms(p, false, heads, &out);
	if (p->plan->nterms == 0)
		buf_printf(&out, "\"%c\"", TOKENIZER_MARK);
	buf_addc(&out, ')');
	if (write_terms(p, true, heads, &others) > 0)
		buf_printf(&out, " NOT (%s)", buf_z(&others));
	s = arena_str(p->arena, buf_str(&out));
	buf_free(&out);
	buf_free(&others);
	return s;
}

const struct plan *plan_make(
    const struct query *q, struct tokenizer *t, uint32_t entries, struct arena *a)
{
	struct planner *p = arena_alloc(a, sizeof *p);

	p->query = q;
	p->tokenizer = t;
	p->arena = a;
	p->entries = entries;
	p->choices = share_choices(q);
	p->plan = arena_alloc(a, sizeof *p->plan);
	for (size_t i = 0; i < q->nterms; i++) {
		p->terms[i].source = &q->terms[i];
		estimate(p, &p->terms[i]);
		p->plan->nphrases += count_phrases(&p->terms[i]);
	}
	p->plan->work = estimate_work(p);
	p->plan->heads = write_expression(p, true);
	p->plan->all = write_expression(p, false);
	for (size_t i = 0; i < p->plan->nterms; i++)
		p->plan->weight += p->plan->terms[i].weight;
	return p->plan;
}
