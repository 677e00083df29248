/*
 * date: days and instants with every fault, the calendar over ten thousand
 * years, and the ways a date is written.
 */
#include "config.h"

#include "check.h"

#include "base/date.h"

static struct date parsed(const char *text)
{
	struct date d;
	const char *why = "";

	if (!date_parse(str_of(text), &d, &why))
		fail_msg("%s: %s", text, why);
	assert_null(why);
	return d;
}

static void check_rfc3339(const struct date *d, const char *want)
{
	struct buf out = {0};

	date_rfc3339(&out, d);
	check_buf(&out, want);
}

static void check_rfc822(const struct date *d, const char *want)
{
	struct buf out = {0};

	date_rfc822(&out, d);
	check_buf(&out, want);
}

static void a_day_is_its_midnight_in_utc(void **state)
{
	struct date d = parsed("2019-11-15");

	(void)state;
	assert_int_equal(d.instant, 1573776000);
	assert_int_equal(d.year, 2019);
	assert_int_equal(d.month, 11);
	assert_int_equal(d.day, 15);
	assert_int_equal(d.offset, 0);
	assert_false(d.timed);
	assert_int_equal(parsed("1970-01-01").instant, 0);
	assert_int_equal(parsed("1969-12-31").instant, -86400);
	assert_int_equal(parsed("0001-01-01").instant, -62135596800);
	assert_int_equal(parsed("9999-12-31").instant, 253402214400);
}

static void instants_have_their_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t instant;
		int offset;
		const char *written;
	} rows[] = {
	    {"2019-11-15T09:30:00+01:00", 1573806600, 60, "2019-11-15T09:30:00+01:00"},
	    {"2019-11-15T08:30:00Z", 1573806600, 0, "2019-11-15T08:30:00Z"},
	    {"2019-11-15t08:30:00z", 1573806600, 0, "2019-11-15T08:30:00Z"},
	    {"2019-11-15 08:30:00Z", 1573806600, 0, "2019-11-15T08:30:00Z"},
	    {"2019-11-15T08:30:00.999999999Z", 1573806600, 0, "2019-11-15T08:30:00Z"},
	    {"2019-11-15T08:30:00-00:00", 1573806600, 0, "2019-11-15T08:30:00Z"},
	    {"2019-11-14T23:00:00-09:30", 1573806600, -570, "2019-11-14T23:00:00-09:30"},
	    {"2019-11-16T00:15:00+15:45", 1573806600, 945, "2019-11-16T00:15:00+15:45"},
	    {"2020-01-01T00:30:00+01:00", 1577835000, 60, "2020-01-01T00:30:00+01:00"},
	    {"2019-12-31T23:59:59-23:59", 1577923139, -1439, "2019-12-31T23:59:59-23:59"},
	    {"1969-12-31T23:59:59Z", -1, 0, "1969-12-31T23:59:59Z"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = parsed(rows[i].text);

		check_row(d.instant == rows[i].instant, rows[i].text);
		check_row(d.offset == rows[i].offset && d.timed, rows[i].text);
		check_rfc3339(&d, rows[i].written);
	}
}

static void every_fault_is_named(void **state)
{
	static const char form[] =
	    "write a day as 2019-11-15, or an instant as 2019-11-15T09:30:00+01:00";
	static const char no_day[] = "that month has no such day";
	static const char no_month[] = "months are 01 to 12";
	static const char time[] = "write the time as 09:30:00";
	static const char no_time[] = "there is no such time of day";
	static const char offset[] = "end the time with its offset, Z or +01:00";
	static const char after[] = "after the day comes T and the time, or nothing";
	static const struct {
		const char *text, *why;
	} rows[] = {
	    {"", form},
	    {"yesterday", form},
	    {"19-11-15", form},
	    {"2019-1-15", form},
	    {"2019-11-5", form},
	    {"2019/11/15", form},
	    {"15.11.2019", form},
	    {"20191115", form},
	    {" 2019-11-15", form},
	    {"+2019-11-15", form},
	    {"-019-11-15", form},
	    {"0000-01-01", "years begin with 0001"},
	    {"2019-00-15", no_month},
	    {"2019-13-15", no_month},
	    {"2019-11-00", no_day},
	    {"2019-11-31", no_day},
	    {"2019-02-29", no_day},
	    {"1900-02-29", no_day},
	    {"2020-02-30", no_day},
	    {"2019-01-32", no_day},
	    {"2019-11-15 ", time},
	    {"2019-11-15x", after},
	    {"2019-11-150", after},
	    {"2019-11-15T", time},
	    {"2019-11-15T9:30:00Z", time},
	    {"2019-11-15T09:30Z", time},
	    {"2019-11-15T09:30:00.Z", time},
	    {"2019-11-15T24:00:00Z", no_time},
	    {"2019-11-15T23:60:00Z", no_time},
	    {"2016-12-31T23:59:60Z", no_time}, /* no leap seconds */
	    {"2019-11-15T09:30:00", offset},
	    {"2019-11-15T09:30:00+0100", offset},
	    {"2019-11-15T09:30:00+1:00", offset},
	    {"2019-11-15T09:30:00+24:00", offset},
	    {"2019-11-15T09:30:00+01:60", offset},
	    {"2019-11-15T09:30:00 Z", offset},
	    {"2019-11-15T09:30:00Zx", offset},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d;
		const char *why = NULL;

		check_row(!date_parse(str_of(rows[i].text), &d, &why), rows[i].text);
		assert_non_null(why);
		check_str(str_of(why), rows[i].why);
	}
	assert_false(date_parse((struct str){0}, &(struct date){0}, NULL));
}

static void leap_years_are_gregorian(void **state)
{
	static const struct {
		int year;
		bool leap;
	} rows[] = {{1600, true}, {1700, false}, {1900, false}, {2000, true}, {2019, false},
	    {2020, true}, {2100, false}, {2400, true}, {4, true}, {100, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d;
		char text[32];

		snprintf(text, sizeof text, "%04d-02-29", rows[i].year);
		check_row(date_parse(str_of(text), &d, NULL) == rows[i].leap, text);
	}
}

/* Every day from year 1 to 9999: the calendar there and back. */
static void every_day_goes_there_and_back(void **state)
{
	int64_t first = parsed("0001-01-01").instant, last = parsed("9999-12-31").instant;
	struct date before = {0};
	int64_t days = 0;

	(void)state;
	for (int64_t at = first; at <= last; at += 86400, days++) {
		struct date d = date_of_instant(at + 86399), again;
		char text[32];

		assert_true(days == 0 || date_cmp(&before, &d) < 0);
		if (days % 97 == 0) {
			snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
			again = parsed(text);
			assert_true(again.instant == at);
		}
		before = d;
	}
	assert_int_equal(days, 3652059);
	assert_int_equal(before.year, 9999);
}

static void an_instant_is_shown_in_utc(void **state)
{
	static const struct {
		int64_t instant;
		const char *written;
	} rows[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {-1, "1969-12-31T23:59:59Z"},
	    {951782399, "2000-02-28T23:59:59Z"},
	    {951782400, "2000-02-29T00:00:00Z"},
	    {1573806600, "2019-11-15T08:30:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = date_of_instant(rows[i].instant);

		assert_true(d.timed);
		assert_true(d.instant == rows[i].instant);
		check_rfc3339(&d, rows[i].written);
	}
}

static void order_is_by_day_written_then_instant(void **state)
{
	static const char *const ascending[] = {"0999-12-31", "2019-11-14T23:59:00-09:00",
	    "2019-11-15T00:30:00+14:00", "2019-11-15", "2019-11-15T09:30:00+01:00",
	    "2019-11-15T08:31:00Z", "2019-12-01", "2020-01-01"};

	(void)state;
	for (size_t i = 0; i < COUNT(ascending); i++) {
		for (size_t k = 0; k < COUNT(ascending); k++) {
			struct date a = parsed(ascending[i]), b = parsed(ascending[k]);
			int c = date_cmp(&a, &b);

			check_row(i < k ? c < 0 : i > k ? c > 0 : c == 0, ascending[i]);
		}
	}
}

/* F-01: a day is noon UTC in a feed. */
static void f01_dates_are_written_two_ways(void **state)
{
	struct date day = parsed("2019-11-05"), early = parsed("0031-03-01");
	struct buf out = {0};

	(void)state;
	date_iso(&out, &day);
	check_buf(&out, "2019-11-05");
	check_rfc3339(&day, "2019-11-05T12:00:00Z");
	check_rfc822(&day, "Tue, 05 Nov 2019 12:00:00 GMT");
	check_rfc822(&early, "Sat, 01 Mar 0031 12:00:00 GMT");
	date_iso(&out, &early);
	check_buf(&out, "0031-03-01");
}

/* F-06: English names in any locale, and the day and offset that were written. */
static void f06_rfc822_dates(void **state)
{
	static const char *const rows[][2] = {
	    {"1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {"1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
	    {"2026-03-05", "Thu, 05 Mar 2026 12:00:00 GMT"},
	    {"2024-02-29T09:30:05+05:30", "Thu, 29 Feb 2024 09:30:05 +0530"},
	    {"2024-03-01T00:30:00-01:00", "Fri, 01 Mar 2024 00:30:00 -0100"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = parsed(rows[i][0]);

		check_rfc822(&d, rows[i][1]);
	}
}

static void the_moment_of_a_day_is_its_noon(void **state)
{
	struct date day = parsed("2019-11-15"), timed = parsed("2019-11-15T01:00:00+01:00");

	(void)state;
	assert_int_equal(date_moment(&day), 1573776000 + 12 * 3600);
	assert_int_equal(date_moment(&timed), 1573776000);
}

/* The examples that ISO 8601 is usually told with, and the ends of the calendar. */
static void weeks_have_numbers(void **state)
{
	static const struct {
		const char *day;
		int year, week;
	} rows[] = {
	    {"2005-01-01", 2004, 53},
	    {"2005-01-02", 2004, 53},
	    {"2005-12-31", 2005, 52},
	    {"2006-01-01", 2005, 52},
	    {"2006-01-02", 2006, 1},
	    {"2006-12-31", 2006, 52},
	    {"2007-01-01", 2007, 1},
	    {"2007-12-30", 2007, 52},
	    {"2007-12-31", 2008, 1},
	    {"2008-12-28", 2008, 52},
	    {"2008-12-29", 2009, 1},
	    {"2009-12-31", 2009, 53},
	    {"2010-01-03", 2009, 53},
	    {"2019-11-15", 2019, 46},
	    {"2021-01-03", 2020, 53},
	    {"0001-01-01", 1, 1},
	    {"1969-12-31", 1970, 1},
	    {"9999-12-31", 9999, 52},
	    /* The day written counts, not the day in UTC. */
	    {"2019-11-18T01:00:00+14:00", 2019, 47},
	    {"2019-11-17T23:00:00-12:00", 2019, 46},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = parsed(rows[i].day);
		int year, week = date_week(&d, &year);

		check_row(week == rows[i].week && year == rows[i].year, rows[i].day);
	}
}

/*
 * Every day from year 1, whose first was a Monday, to 9999, by another rule than
 * date_week has: count the Mondays, and begin anew in the week with 4 January.
 */
static void every_day_is_in_one_week(void **state)
{
	int64_t first = parsed("0001-01-01").instant, last = parsed("9999-12-31").instant;
	int64_t monday = first;
	int year = 0, week = 0, its_year, its_week;

	(void)state;
	for (int64_t at = first; at <= last; at += 86400) {
		struct date d = date_of_instant(at);

		if ((at - first) % (7 * 86400) == 0) {
			bool new_year =
			    (d.month == 12 && d.day >= 29) || (d.month == 1 && d.day <= 4);

			monday = at;
			week = new_year ? 1 : week + 1;
			year += new_year;
		}
		its_week = date_week(&d, &its_year);
		if (its_week != week || its_year != year)
			fail_msg("%04d-%02d-%02d: week %d of %d, not %d of %d", d.year, d.month,
			    d.day, its_week, its_year, week, year);
		if ((at - first) / 86400 % 11 == 0) {
			struct date_span s = date_span(DATE_WEEK, &d);

			assert_true(s.first.instant == monday);
			assert_true(s.last.instant == monday + 6 * 86400);
			assert_true(date_within(&d, &s) && !s.first.timed && !s.last.timed);
		}
	}
}

static void periods_have_a_first_and_a_last_day(void **state)
{
	static const struct {
		enum date_period period;
		const char *day, *first, *last;
	} rows[] = {
	    {DATE_WEEK, "2019-11-15", "2019-11-11", "2019-11-17"},
	    {DATE_WEEK, "2019-11-11", "2019-11-11", "2019-11-17"},
	    {DATE_WEEK, "2019-11-17", "2019-11-11", "2019-11-17"},
	    {DATE_WEEK, "2020-01-01", "2019-12-30", "2020-01-05"},
	    {DATE_WEEK, "9999-12-31", "9999-12-27", "10000-01-02"},
	    {DATE_MONTH, "2019-11-15", "2019-11-01", "2019-11-30"},
	    {DATE_MONTH, "2020-02-29", "2020-02-01", "2020-02-29"},
	    {DATE_MONTH, "2019-12-01T00:30:00+14:00", "2019-12-01", "2019-12-31"},
	    {DATE_YEAR, "2019-11-15", "2019-01-01", "2019-12-31"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct date d = parsed(rows[i].day), early = parsed("0001-12-31");
		struct date_span s = date_span(rows[i].period, &d);
		struct buf out = {0};

		date_iso(&out, &s.first);
		check_buf(&out, rows[i].first);
		date_iso(&out, &s.last);
		check_buf(&out, rows[i].last);
		assert_true(date_within(&d, &s));
		assert_true(date_within(&s.first, &s) && date_within(&s.last, &s));
		assert_false(date_within(&early, &s));
	}
}

static void months_have_names(void **state)
{
	(void)state;
	assert_string_equal(date_month_name(1), "January");
	assert_string_equal(date_month_name(12), "December");
	assert_string_equal(date_month_name(0), "");
	assert_string_equal(date_month_name(13), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_day_is_its_midnight_in_utc),
	    cmocka_unit_test(instants_have_their_offset),
	    cmocka_unit_test(every_fault_is_named),
	    cmocka_unit_test(leap_years_are_gregorian),
	    cmocka_unit_test(every_day_goes_there_and_back),
	    cmocka_unit_test(an_instant_is_shown_in_utc),
	    cmocka_unit_test(order_is_by_day_written_then_instant),
	    cmocka_unit_test(f01_dates_are_written_two_ways),
	    cmocka_unit_test(f06_rfc822_dates),
	    cmocka_unit_test(the_moment_of_a_day_is_its_noon),
	    cmocka_unit_test(weeks_have_numbers),
	    cmocka_unit_test(every_day_is_in_one_week),
	    cmocka_unit_test(periods_have_a_first_and_a_last_day),
	    cmocka_unit_test(months_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
