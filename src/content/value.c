#include "config.h"

#include "content/value.h"
#include "base/date.h"
#include "content/text.h"

/*
 * How many days the month has that s names (2019-11-31...), when what ails s is
 * that there are fewer than its day; else 0.
 */
static int month_days(struct str s)
{
	static const char *const days[] = {"31", "30", "29", "28"};
	struct date d;
	uint64_t written;
	char day[11];

	if (s.n < 10 || !str_to_uint(str_sub(s, 8, 10), 31, &written))
		return 0;
	memcpy(day, s.p, 8);
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		memcpy(day + 8, days[i], 3);
		if (date_parse(str_of(day), &d, NULL))
			return written > (uint64_t)d.day ? d.day : 0;
	}
	return 0;
}

/* Reads the n or fewer numbers that s consists of, one sign between two. 0 when there is more. */
static size_t numbers_of(struct str s, unsigned v[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t digits = 0;
		uint64_t value;

		while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
			digits++;
		if (!str_to_uint(str_sub(s, 0, digits), 9999, &value))
			return 0;
		v[i] = (unsigned)value;
		if (digits == s.n)
			return i + 1;
		if (!strchr("-/.:T ", s.p[digits]))
			return 0;
		s = str_skip(s, digits + 1);
	}
	return 0;
}

/*
 * Writes s, a day or a time of it in a form that is not read, in one that is; false: it is
 * neither.
 */
static bool mend_date(struct str s, struct buf *out)
{
	unsigned v[6] = {0};
	size_t n = numbers_of(s, v, 6);
	struct buf instant = {0};
	bool good;

	if (n < 3 || n == 4 || v[0] < 1000)
		return false;
	buf_printf(out, "%04u-%02u-%02u", v[0], v[1], v[2]);
	buf_printf(&instant, "%.*sT%02u:%02u:%02u+01:00", STR_ARGS(buf_str(out)), v[3], v[4], v[5]);
	good = date_parse(buf_str(&instant), &(struct date){0}, NULL);
	if (good && n > 3)
		buf_printf(out, ", or %s", buf_z(&instant));
	buf_free(&instant);
	return good;
}

static void report_date(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, struct str s, const char *why)
{
	struct buf mended = {0};
	int days = month_days(s);

	if (days)
		diag_error(f->diags, node->pos, "%s '%.*s': %s %.4s has %d days", spec->key,
		    SHOWN(s), date_month_name((s.p[5] - '0') * 10 + s.p[6] - '0'), s.p, days);
	else if (mend_date(s, &mended))
		diag_error(f->diags, node->pos, "%s '%.*s': write %s", spec->key, SHOWN(s),
		    buf_z(&mended));
	else
		diag_error(f->diags, node->pos, "%s '%.*s': %s", spec->key, SHOWN(s), why);
	buf_free(&mended);
}

void value_date(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	struct str s = text_word(f, spec, node, TEXT_LINE_MAX);
	struct date d;
	const char *why;

	if (s.n == 0)
		return;
	if (date_parse(s, &d, &why))
		*(struct date *)out = d;
	else
		report_date(f, spec, node, s, why);
}

void value_bool(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (node->plain && str_eq_nocase(node->text, str_of(words[i].word))) {
			*(bool *)out = words[i].value;
			return;
		}
	}
	if (node->kind == YAML_SCALAR)
		diag_error(f->diags, node->pos,
		    "%s takes true or false without quotation marks, not '%.*s'", spec->key,
		    SHOWN(node->text));
	else
		fields_wrong_type(f, spec, node, "true or false");
}

void value_unsigned(
    const struct fields *f, const struct fields_spec *spec, const struct yaml_node *node, void *out)
{
	uint64_t v;

	if (node->kind != YAML_SCALAR)
		fields_wrong_type(f, spec, node, "a number");
	else if (node->plain && str_to_uint(node->text, spec->max, &v) && v >= spec->min)
		*(unsigned *)out = (unsigned)v;
	else
		diag_error(f->diags, node->pos,
		    "%s takes a whole number from %u to %u without quotation marks, not '%.*s'",
		    spec->key, spec->min, spec->max, SHOWN(node->text));
}

bool value_word(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *const words[], size_t *which)
{
	struct str s = text_word(f, spec, node, TEXT_LINE_MAX);
	struct buf all = {0};

	for (size_t i = 0; words[i]; i++) {
		if (str_eq(s, str_of(words[i]))) {
			*which = i;
			buf_free(&all);
			return true;
		}
		buf_printf(&all, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	}
	if (s.n > 0)
		diag_error(f->diags, node->pos, "%s takes %s, not '%.*s'", spec->key, buf_z(&all),
		    SHOWN(s));
	buf_free(&all);
	return false;
}
