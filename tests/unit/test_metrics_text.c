/*
 * metrics_text: what is written is the format, strictly, and the numbers are the
 * counters'.
 */
#include "config.h"

#include "check.h"

#include "serve/metrics_text.h"

/* Two workers, and a process that has had a day. */
struct sample {
	struct counters one, two;
	const struct counters *workers[2];
	struct counters_process process;
	struct metrics_state states[2];
	struct metrics_certificate certificates[2];
	struct metrics_view view;
};

static void count(struct counters *c, enum counters_protocol p, int status, uint64_t n, int64_t us)
{
	struct net_reply r = {.status = status};
	struct net_outcome o = {.reason = NET_DONE, .bytes = n, .us = us};

	counters_done(c, p, &r, &o);
}

static void count_day(struct sample *s)
{
	count(&s->one, COUNTERS_GEMINI, 20, 2000, 400);
	count(&s->two, COUNTERS_GEMINI, 20, 300, 500);
	count(&s->two, COUNTERS_GEMINI, 51, 20, 501);
	count(&s->two, COUNTERS_GOPHER, 20, 100000000, 31000000);
	counters_ended(&s->one, NET_REQUEST_TIMEOUT);
	counters_handshake(&s->one, COUNTERS_FULL);
	counters_handshake(&s->two, COUNTERS_FULL);
	counters_limit(&s->two, COUNTERS_ADDRESS_REQUESTS);
	counters_started(&s->process, 1574847000, 41);
	counters_reloaded(&s->process, COUNTERS_RELOAD_OK, 1574847060, 42);
	counters_log_lost(&s->process, 5);
}

static void make(struct sample *s)
{
	*s = (struct sample){
	    .states = {{"handshake", 1}, {"response", 2}},
	    .certificates = {{STR("example.org"), 1606469400}, {STR("a\"b\\c\nd"), -1}},
	};
	count_day(s);
	s->workers[0] = &s->one;
	s->workers[1] = &s->two;
	s->view = (struct metrics_view){
	    .version = "1.2.3",
	    .workers = s->workers,
	    .nworkers = 2,
	    .process = &s->process,
	    .states = s->states,
	    .nstates = 2,
	    .certificates = s->certificates,
	    .ncertificates = 2,
	};
}

/* The lines that begin so. */
static struct buf lines(struct str text, const char *start)
{
	struct buf out = {0};
	struct str line;

	while (str_next_line(&text, &line)) {
		if (!str_starts(line, str_of(start)))
			continue;
		buf_add(&out, line);
		buf_addc(&out, '\n');
	}
	return out;
}

static const struct {
	const char *start;
	const char *want;
} rows[] = {
    {"digestd_requests_total",
	"digestd_requests_total{protocol=\"gopher\",status=\"20\"} 1\n"
	"digestd_requests_total{protocol=\"gemini\",status=\"20\"} 2\n"
	"digestd_requests_total{protocol=\"gemini\",status=\"51\"} 1\n"},
    {"digestd_request_duration_seconds_bucket{protocol=\"gopher\"",
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.0005\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.001\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.0025\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.005\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.01\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.025\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.05\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.1\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.25\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"0.5\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"1\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"2.5\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"5\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"10\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"30\"} 0\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gopher\",le=\"+Inf\"} 1\n"},
    {"digestd_request_duration_seconds_bucket{protocol=\"gemini\",le=\"0.00",
	"digestd_request_duration_seconds_bucket{protocol=\"gemini\",le=\"0.0005\"} 2\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gemini\",le=\"0.001\"} 3\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gemini\",le=\"0.0025\"} 3\n"
	"digestd_request_duration_seconds_bucket{protocol=\"gemini\",le=\"0.005\"} 3\n"},
    {"digestd_request_duration_seconds_sum",
	"digestd_request_duration_seconds_sum{protocol=\"gopher\"} 31\n"
	"digestd_request_duration_seconds_sum{protocol=\"gophers\"} 0\n"
	"digestd_request_duration_seconds_sum{protocol=\"gemini\"} 0.001401\n"},
    {"digestd_request_duration_seconds_count",
	"digestd_request_duration_seconds_count{protocol=\"gopher\"} 1\n"
	"digestd_request_duration_seconds_count{protocol=\"gophers\"} 0\n"
	"digestd_request_duration_seconds_count{protocol=\"gemini\"} 3\n"},
    {"digestd_response_size_bytes_bucket{protocol=\"gemini\"",
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"256\"} 1\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"1024\"} 2\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"4096\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"16384\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"65536\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"262144\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"1048576\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"4194304\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"16777216\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"67108864\"} 3\n"
	"digestd_response_size_bytes_bucket{protocol=\"gemini\",le=\"+Inf\"} 3\n"},
    {"digestd_response_size_bytes_sum{protocol=\"gemini\"}",
	"digestd_response_size_bytes_sum{protocol=\"gemini\"} 2320\n"},
    {"digestd_sent_bytes_total",
	"digestd_sent_bytes_total{protocol=\"gopher\"} 100000000\n"
	"digestd_sent_bytes_total{protocol=\"gophers\"} 0\n"
	"digestd_sent_bytes_total{protocol=\"gemini\"} 2320\n"},
    {"digestd_connections{",
	"digestd_connections{state=\"handshake\"} 1\n"
	"digestd_connections{state=\"response\"} 2\n"},
    {"digestd_connections_ended_total{reason=\"done\"}",
	"digestd_connections_ended_total{reason=\"done\"} 4\n"},
    {"digestd_connections_ended_total{reason=\"request-timeout\"}",
	"digestd_connections_ended_total{reason=\"request-timeout\"} 1\n"},
    {"digestd_tls_handshakes_total",
	"digestd_tls_handshakes_total{result=\"full\"} 2\n"
	"digestd_tls_handshakes_total{result=\"resumed\"} 0\n"
	"digestd_tls_handshakes_total{result=\"failed\"} 0\n"},
    {"digestd_limit_hits_total{limit=\"address-",
	"digestd_limit_hits_total{limit=\"address-connections\"} 0\n"
	"digestd_limit_hits_total{limit=\"address-requests\"} 1\n"},
    {"digestd_reloads_total",
	"digestd_reloads_total{result=\"ok\"} 1\n"
	"digestd_reloads_total{result=\"failed\"} 0\n"},
    {"digestd_loaded_timestamp_seconds", "digestd_loaded_timestamp_seconds 1574847060\n"},
    {"digestd_started_timestamp_seconds", "digestd_started_timestamp_seconds 1574847000\n"},
    {"digestd_upgrades_failed_total", "digestd_upgrades_failed_total 0\n"},
    {"digestd_log_lines_lost_total", "digestd_log_lines_lost_total 5\n"},
    {"digestd_entries", "digestd_entries 42\n"},
    {"digestd_build_info", "digestd_build_info{version=\"1.2.3\"} 1\n"},
};

static void the_numbers_are_those_of_all_workers(void **state)
{
	struct sample s;
	struct buf text = {0};

	(void)state;
	make(&s);
	metrics_text_write(&text, &s.view);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf have = lines(buf_str(&text), rows[i].start);

		check_buf(&have, rows[i].want);
	}
	buf_free(&text);
}

static void a_label_cannot_end_before_its_quotation_mark(void **state)
{
	struct sample s;
	struct buf text = {0}, have;

	(void)state;
	make(&s);
	metrics_text_write(&text, &s.view);
	have = lines(buf_str(&text), "digestd_certificate");
	check_buf(&have,
	    "digestd_certificate_expiry_timestamp_seconds{host=\"example.org\"} 1606469400\n"
	    "digestd_certificate_expiry_timestamp_seconds{host=\"a\\\"b\\\\c\\nd\"} -1\n");
	buf_free(&text);
}

/* What a reader of the format has taken in so far. */
struct reader {
	struct buf seen;      /* the metrics that have begun, each in a line */
	struct str name;      /* of the last one that began */
	struct str type;      /* its type; empty until TYPE came */
	unsigned samples;     /* of it */
	struct buf bucket_of; /* the labels but le of the buckets being read */
	uint64_t bucket;      /* the last one's value */
	bool infinite;        /* it was that of +Inf */
};

static bool take(struct str *s, const char *z)
{
	if (!str_starts(*s, str_of(z)))
		return false;
	*s = str_skip(*s, strlen(z));
	return true;
}

/* Only what this module writes: word characters, up to what ends a name. */
static struct str take_name(struct str *s)
{
	size_t n = 0;
	struct str name;

	while (n < s->n && strchr("abcdefghijklmnopqrstuvwxyz_", s->p[n]))
		n++;
	name = str_sub(*s, 0, n);
	*s = str_skip(*s, n);
	return name;
}

static void read_help(struct reader *r, struct str line)
{
	struct buf entry = {0};

	assert_true(r->name.n == 0 || r->type.n > 0);
	r->name = take_name(&line);
	assert_true(str_starts(r->name, STR("digestd_")));
	assert_true(take(&line, " ") && line.n > 10 && str_ends(line, STR(".")));
	buf_printf(&entry, "\n%.*s\n", STR_ARGS(r->name));
	assert_null(strstr(buf_z(&r->seen), buf_z(&entry)));
	buf_add(&r->seen, str_skip(buf_str(&entry), r->seen.len > 0));
	buf_free(&entry);
	r->type = (struct str){0};
	r->samples = 0;
}

static void read_type(struct reader *r, struct str line)
{
	bool total = str_ends(r->name, STR("_total"));

	assert_true(r->type.n == 0);
	assert_true(str_eq(take_name(&line), r->name) && take(&line, " "));
	r->type = line;
	assert_true(str_eq(line, STR("counter"))
		? total
		: str_eq(line, STR("gauge")) || str_eq(line, STR("histogram")));
	assert_true(str_eq(line, STR("counter")) == total);
}

/* The labels, with their braces; an escaped mark ends none of them. */
static struct str take_labels(struct str *s)
{
	struct str all = *s, labels;

	if (!take(s, "{"))
		return (struct str){0};
	do {
		assert_true(take_name(s).n > 0 && take(s, "=\""));
		while (s->n > 0 && s->p[0] != '"')
			*s = str_skip(*s, s->p[0] == '\\' ? 2 : 1);
		assert_true(take(s, "\""));
	} while (take(s, ","));
	assert_true(take(s, "}"));
	labels = str_sub(all, 0, all.n - s->n);
	return labels;
}

/* le comes last; the buckets of one histogram only grow, and end with that of +Inf. */
static void read_bucket(struct reader *r, struct str labels, uint64_t value)
{
	const char *le = strstr(labels.p, ",le=\"");
	struct str others = str_sub(labels, 0, (size_t)(le - labels.p));

	if (!str_eq(others, buf_str(&r->bucket_of))) {
		assert_true(r->bucket_of.len == 0 || r->infinite);
		buf_free(&r->bucket_of);
		buf_add(&r->bucket_of, others);
		r->bucket = 0;
	}
	assert_true(value >= r->bucket);
	r->bucket = value;
	r->infinite = str_ends(labels, STR("le=\"+Inf\"}"));
}

static void read_sample(struct reader *r, struct str line)
{
	struct str name = take_name(&line), labels = take_labels(&line), part = name;
	uint64_t value = 0;

	assert_true(str_starts(name, r->name) && r->type.n > 0 && take(&line, " "));
	part = str_skip(part, r->name.n);
	take(&line, "-");
	if (!str_eq(part, STR("_sum")))
		assert_true(str_to_uint(line, UINT64_MAX, &value));
	if (!str_eq(r->type, STR("histogram")))
		assert_int_equal(part.n, 0);
	else if (str_eq(part, STR("_bucket")))
		read_bucket(r, labels, value);
	else if (str_eq(part, STR("_count")))
		assert_true(r->infinite && value == r->bucket);
	else
		assert_true(str_eq(part, STR("_sum")));
	r->samples++;
}

static void read_strictly(struct str text)
{
	struct reader r = {0};
	struct str line;

	assert_true(str_ends(text, STR("\n")));
	while (str_next_line(&text, &line)) {
		if (take(&line, "# HELP "))
			read_help(&r, line);
		else if (take(&line, "# TYPE "))
			read_type(&r, line);
		else
			read_sample(&r, line);
	}
	assert_true(r.type.n > 0 && r.samples > 0);
	buf_free(&r.seen);
	buf_free(&r.bucket_of);
}

static void the_format_is_kept(void **state)
{
	struct sample s;
	struct buf text = {0};

	(void)state;
	make(&s);
	metrics_text_write(&text, &s.view);
	buf_z(&text);
	read_strictly(buf_str(&text));
	buf_free(&text);
}

static void it_is_kept_when_nothing_has_happened(void **state)
{
	struct counters_process process = {0};
	struct metrics_view nothing = {.version = "", .process = &process};
	struct buf text = {0}, have;

	(void)state;
	metrics_text_write(&text, &nothing);
	buf_z(&text);
	read_strictly(buf_str(&text));
	have = lines(buf_str(&text), "digestd_requests_total");
	check_buf(&have, "");
	have = lines(buf_str(&text), "digestd_connections_ended_total{reason=\"done\"}");
	check_buf(&have, "digestd_connections_ended_total{reason=\"done\"} 0\n");
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_numbers_are_those_of_all_workers),
	    cmocka_unit_test(a_label_cannot_end_before_its_quotation_mark),
	    cmocka_unit_test(the_format_is_kept),
	    cmocka_unit_test(it_is_kept_when_nothing_has_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
