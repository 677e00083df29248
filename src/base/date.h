/*
 * date: days and instants, as content writes them.
 *
 * Accepts a day (2019-11-15) or an RFC 3339 instant with its offset
 * (2019-11-15T09:30:00+01:00). The day shown is always the one written, so a
 * reader sees the date on the post; the instant serves for order and for "is it
 * due". The proleptic Gregorian calendar, years 1 to 9999, no leap seconds, no
 * locale, no time zone of the machine.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/buf.h"

#define DATE_DAY_SECONDS 86400

struct date {
	int64_t instant; /* seconds since 1970-01-01T00:00:00Z; a day's is its midnight UTC */
	int16_t year;    /* as written: the day in the offset it was written with */
	int8_t month;    /* 1 to 12 */
	int8_t day;      /* 1 to 31 */
	int16_t offset;  /* minutes east of UTC */
	bool timed;      /* an instant was written, not a day */
};

/* Reads all of s. On failure returns false and *why says what is wrong (static text). */
bool date_parse(struct str s, struct date *d, const char **why);

/* The day of an instant, in UTC, timed. */
struct date date_of_instant(int64_t instant);

/* By the day written, then by instant: <0 when a is older, 0, >0. */
int date_cmp(const struct date *a, const struct date *b);

/* "2019-11-15" */
void date_iso(struct buf *out, const struct date *d);

/* "2019-11-15T09:30:00+01:00"; a day is noon UTC (F-01): "2019-11-15T12:00:00Z". */
void date_rfc3339(struct buf *out, const struct date *d);

/*
 * "Fri, 15 Nov 2019 09:30:00 +0100", as RSS has it (RFC 822 with the year in full, RFC 2822
 * s3.3); a day is noon as above, and an offset of 0 is "GMT".
 */
void date_rfc822(struct buf *out, const struct date *d);

/* The instant that these two write, in seconds since 1970: noon UTC for a day. */
int64_t date_moment(const struct date *d);

/* What the calendar divides time into; a week is Monday to Sunday (ISO 8601). */
enum date_period {
	DATE_WEEK,
	DATE_MONTH,
	DATE_YEAR,
};

/* From one day to another, both included; neither is timed. */
struct date_span {
	struct date first, last;
};

/* The week, month or year that holds the day written. The last week has its end in year 10000. */
struct date_span date_span(enum date_period period, const struct date *d);

/* True when the day written lies in the span. */
bool date_within(const struct date *d, const struct date_span *span);

/*
 * The number of the week that holds the day written, 1 to 53, and in *year the
 * year it counts in, which near New Year is not always the day's own: week 1 has
 * the year's first Thursday (ISO 8601).
 */
int date_week(const struct date *d, int *year);

/* "November"; month 1 to 12. */
const char *date_month_name(int month);

#endif
