#include "config.h"

#include "base/date.h"

#include <stdlib.h>

static const char *const months[] = {
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
};

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01; a year here begins in March, so the leap day ends it. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct date *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	d->day = (int8_t)(doy - (153 * mp + 2) / 5 + 1);
	d->month = (int8_t)month;
	d->year = (int16_t)(yoe + era * 400 + (month <= 2));
}

/* Takes n digits off *s. */
static bool digits(struct str *s, size_t n, int *value)
{
	uint64_t v;

	if (s->n < n || !str_to_uint(str_sub(*s, 0, n), 9999, &v))
		return false;
	*value = (int)v;
	*s = str_skip(*s, n);
	return true;
}

static bool literal(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool parse_offset(struct str *s, int *minutes)
{
	int hour, minute, sign;

	*minutes = 0;
	if (literal(s, 'Z') || literal(s, 'z'))
		return true;
	if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	sign = s->p[0] == '-' ? -1 : 1;
	*s = str_skip(*s, 1);
	if (!digits(s, 2, &hour) || !literal(s, ':') || !digits(s, 2, &minute) || hour > 23 ||
	    minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

/* A fraction of a second is read and dropped. */
static bool parse_fraction(struct str *s)
{
	size_t n = 0;

	if (!literal(s, '.'))
		return true;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	*s = str_skip(*s, n);
	return n > 0;
}

static const char *parse_time(struct str s, struct date *d)
{
	int hour, minute, second, offset;

	if (!digits(&s, 2, &hour) || !literal(&s, ':') || !digits(&s, 2, &minute) ||
	    !literal(&s, ':') || !digits(&s, 2, &second) || !parse_fraction(&s))
		return "write the time as 09:30:00";
	if (hour > 23 || minute > 59 || second > 59)
		return "there is no such time of day";
	if (!parse_offset(&s, &offset) || s.n > 0)
		return "end the time with its offset, Z or +01:00";
	d->instant += hour * 3600 + minute * 60 + second - offset * 60;
	d->offset = (int16_t)offset;
	d->timed = true;
	return NULL;
}

static const char *parse(struct str s, struct date *d)
{
	int year, month, day;

	*d = (struct date){0};
	if (!digits(&s, 4, &year) || !literal(&s, '-') || !digits(&s, 2, &month) ||
	    !literal(&s, '-') || !digits(&s, 2, &day))
		return "write a day as 2019-11-15, or an instant as 2019-11-15T09:30:00+01:00";
	if (year < 1)
		return "years begin with 0001";
	if (month < 1 || month > 12)
		return "months are 01 to 12";
	if (day < 1 || day > month_days(year, month))
		return "that month has no such day";
	d->year = (int16_t)year;
	d->month = (int8_t)month;
	d->day = (int8_t)day;
	d->instant = days_from_civil(year, month, day) * DATE_DAY_SECONDS;
	if (s.n == 0)
		return NULL;
	if (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' '))
		return "after the day comes T and the time, or nothing";
	return parse_time(s, d);
}

bool date_parse(struct str s, struct date *d, const char **why)
{
	const char *fault = parse(s, d);

	if (why)
		*why = fault;
	return !fault;
}

struct date date_of_instant(int64_t instant)
{
	struct date d = {.instant = instant, .timed = true};
	int64_t days = instant / DATE_DAY_SECONDS - (instant % DATE_DAY_SECONDS < 0);

	civil_from_days(days, &d);
	return d;
}

static struct date day_of(int64_t days)
{
	struct date d = {.instant = days * DATE_DAY_SECONDS};

	civil_from_days(days, &d);
	return d;
}

/* 0 on a Monday, 6 on a Sunday; 1970-01-01 was a Thursday. */
static int weekday(int64_t days)
{
	int64_t n = (days + 3) % 7;

	return (int)(n < 0 ? n + 7 : n);
}

struct date_span date_span(enum date_period period, const struct date *d)
{
	int64_t day = days_from_civil(d->year, d->month, d->day);
	int64_t monday = day - weekday(day);

	switch (period) {
	case DATE_WEEK:
		return (struct date_span){day_of(monday), day_of(monday + 6)};
	case DATE_MONTH:
		return (struct date_span){day_of(days_from_civil(d->year, d->month, 1)),
		    day_of(days_from_civil(d->year, d->month, month_days(d->year, d->month)))};
	case DATE_YEAR:
		break;
	}
	return (struct date_span){
	    day_of(days_from_civil(d->year, 1, 1)), day_of(days_from_civil(d->year, 12, 31))};
}

int date_week(const struct date *d, int *year)
{
	int64_t day = days_from_civil(d->year, d->month, d->day);
	int64_t thursday = day - weekday(day) + 3;

	*year = day_of(thursday).year;
	return (int)((thursday - days_from_civil(*year, 1, 1)) / 7 + 1);
}

/* A number that grows with the day written. */
static int written(const struct date *d)
{
	return (d->year * 16 + d->month) * 32 + d->day;
}

bool date_within(const struct date *d, const struct date_span *span)
{
	return written(d) >= written(&span->first) && written(d) <= written(&span->last);
}

int date_cmp(const struct date *a, const struct date *b)
{
	int x = written(a), y = written(b);

	if (x != y)
		return x < y ? -1 : 1;
	return (a->instant > b->instant) - (a->instant < b->instant);
}

void date_iso(struct buf *out, const struct date *d)
{
	buf_printf(out, "%04d-%02d-%02d", d->year, d->month, d->day);
}

int64_t date_moment(const struct date *d)
{
	return d->timed ? d->instant : d->instant + DATE_DAY_SECONDS / 2;
}

/* "09:30:00", in the offset it was written with. */
static void add_time(struct buf *out, const struct date *d)
{
	int second = (int)(date_moment(d) + (int64_t)d->offset * 60 -
	    days_from_civil(d->year, d->month, d->day) * DATE_DAY_SECONDS);

	buf_printf(out, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
}

/* "+01:00", with that between hours and minutes; zero where there is no offset. */
static void add_offset(struct buf *out, int offset, const char *between, const char *zero)
{
	if (offset == 0)
		buf_addz(out, zero);
	else
		buf_printf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', abs(offset) / 60, between,
		    abs(offset) % 60);
}

void date_rfc3339(struct buf *out, const struct date *d)
{
	date_iso(out, d);
	buf_addc(out, 'T');
	add_time(out, d);
	add_offset(out, d->offset, ":", "Z");
}

void date_rfc822(struct buf *out, const struct date *d)
{
	static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	int64_t day = days_from_civil(d->year, d->month, d->day);

	buf_printf(
	    out, "%s, %02d %.3s %04d ", names[weekday(day)], d->day, months[d->month - 1], d->year);
	add_time(out, d);
	buf_addc(out, ' ');
	add_offset(out, d->offset, "", "GMT");
}

const char *date_month_name(int month)
{
	return month >= 1 && month <= 12 ? months[month - 1] : "";
}
