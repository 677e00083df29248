/*
 * From the bytes of a request to the bytes of its reply, without a socket: the
 * verdicts of both protocols, what is kept and what is made anew.
 */
#include "config.h"

#include "folder.h"

#include "content/load.h"
#include "serve/answer.h"

struct fixture {
	char directory[FOLDER_PATH];
	struct settings *settings;
	struct answer answer;
	struct net_address local;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct net_address found[ADDRESS_MAX];
	struct diag_list *diags = diag_new();
	struct buf why = {0};
	struct digest *d;

	folder_make(f.directory, "test_answer");
	folder_write(
	    f.directory, "digest.yaml", "title: Small\ncategories: [{name: One, slug: one}]\n");
	folder_write(f.directory, "entries/a.yaml",
	    "- {title: Alpha, url: 'https://a.example/', author: Ann, date: 2019-12-31, "
	    "categories: [one]}\n");
	folder_write(f.directory, "files/note.txt", ".\nB");
	folder_write(f.directory, "pages/about-us.gmi", "# Émile — “Łódź”\n");
	d = load_digest(f.directory, 1600000000, diags);
	assert_non_null(d);
	f.settings = settings_new();
	assert_true(settings_set(f.settings, STR("hostname"), STR("digest.example.org"), &why));
	assert_true(settings_set(f.settings, STR("hostname"), STR("second.example.org"), &why));
	assert_true(settings_set(f.settings, STR("hostname"), STR("*.wild.example"), &why));
	assert_true(settings_set(f.settings, STR("alias"), STR("old.example.org"), &why));
	assert_true(settings_set(f.settings, STR("alias"), STR("a.b"), &why));
	assert_int_equal(address_parse(STR("192.0.2.1:1965"), found, NULL), 1);
	f.local = found[0];
	answer_init(&f.answer, f.settings, d, 70, 1965);
	digest_unref(d);
	diag_free(diags);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	answer_clear(&f->answer);
	settings_unref(f->settings);
	return folder_remove(f->directory);
}

static enum net_verdict ask(struct fixture *f, bool gemini, struct str bytes, struct net_reply *r)
{
	struct net_request q = {.bytes = bytes, .peer = &f->local, .local = &f->local};

	*r = (struct net_reply){0};
	return gemini ? answer_gemini(&f->answer, &q, r) : answer_gopher(&f->answer, &q, r);
}

/* The reply's bytes; what it holds is let go. */
static void take(struct net_reply *r, struct buf *out)
{
	char piece[4096];
	ptrdiff_t n;

	out->len = 0;
	buf_add(out, (struct str){r->head, r->head_len});
	if (r->body)
		buf_add(out, (struct str){r->body->p, r->body->n});
	while (r->source.read && (n = r->source.read(r->source.context, piece, sizeof piece)) > 0)
		buf_add(out, (struct str){piece, (size_t)n});
	if (r->source.close)
		r->source.close(r->source.context);
	blob_unref(r->body);
}

static void check(
    struct fixture *f, bool gemini, const char *request, int status, const char *start)
{
	struct net_reply r;
	struct buf out = {0};

	if (ask(f, gemini, str_of(request), &r) != NET_REPLY)
		fail_msg("no reply to %s", request);
	take(&r, &out);
	if (r.status != status || !str_starts(buf_str(&out), str_of(start)))
		fail_msg("%s: status %d, %s", request, r.status, buf_z(&out));
	buf_free(&out);
}

static void m07_m08_m09_m12_m14_gemini_requests_are_judged_in_order(void **state)
{
	check(*state, true, "gemini://digest.example.org\r\n", 20,
	    "20 text/gemini; charset=utf-8; lang=en\r\n# Small\n");
	check(*state, true, "gemini://SECOND.example.org.:1965/?q\r\n", 20, "20 text/gemini");
	check(*state, true, "gemini://192.0.2.1/\r\n", 20, "20 text/gemini");
	check(*state, true, "gemini://192.0.2.2/\r\n", 53, "53 ");
	check(*state, true, "gemini://digest.example.org:70/\r\n", 53, "53 ");
	check(*state, true, "gemini://other.example.org/\r\n", 53, "53 ");
	check(*state, true, "titan://digest.example.org/a;size=1\r\n", 53, "53 ");
	check(*state, true, "gemini://digest.example.org/#a\r\n", 59, "59 ");
	check(*state, true, "gemini://digest.example.org/latest\r\n", 31, "31 /latest/\r\n");
	check(*state, true, "gemini://digest.example.org/../x\r\n", 51, "51 ");
	check(*state, true, "gemini://digest.example.org/a%2Fb\r\n", 51, "51 ");
	check(
	    *state, true, "gemini://digest.example.org/%65ntries/alpha\r\n", 20, "20 text/gemini");
	check(*state, true, "gemini://digest.example.org/files/note.txt\r\n", 20,
	    "20 text/plain; charset=utf-8\r\n.\nB");
}

static void m15_an_alias_leads_to_the_canonical_name(void **state)
{
	struct fixture *f = *state;
	struct buf far = {0};

	check(f, true, "gemini://old.example.org/latest/?a%20b&c\r\n", 31,
	    "31 gemini://digest.example.org/latest/?a%20b&c\r\n");
	check(f, true, "gemini://OLD.example.org.:1965\r\n", 31,
	    "31 gemini://digest.example.org/\r\n");
	check(
	    f, true, "gemini://old.example.org/?\r\n", 31, "31 gemini://digest.example.org/?\r\n");
	check(f, true, "gemini://old.example.org/no%2Fsuch/./page/..\r\n", 31,
	    "31 gemini://digest.example.org/no%2Fsuch/./page/..\r\n");
	check(f, true, "gemini://old.example.org/caf\xc3\xa9\r\n", 31,
	    "31 gemini://digest.example.org/caf%C3%A9\r\n");
	check(f, true, "gemini://old.example.org:70/\r\n", 53, "53 ");
	buf_addz(&far, "gemini://a.b/");
	buf_fill(&far, 'x', 1024 - far.len);
	buf_addz(&far, "\r\n");
	check(f, true, buf_z(&far), 53, "53 Not served here: ask at digest.example.org\r\n");
	buf_free(&far);
	f->answer.site.gemini_port = 7965;
	check(f, true, "gemini://old.example.org:7965/x\r\n", 31,
	    "31 gemini://digest.example.org:7965/x\r\n");
	f->answer.site.gemini_port = 1965;
}

/* True when the answer has all of part in it. */
static bool answer_has(
    struct fixture *f, bool gemini, const char *request, const char *sni, const char *part)
{
	struct net_request q = {.bytes = str_of(request),
	    .peer = &f->local,
	    .local = &f->local,
	    .tls = sni != NULL,
	    .sni = sni};
	struct net_reply r = {0};
	struct buf out = {0};
	bool found;

	assert_int_equal(
	    gemini ? answer_gemini(&f->answer, &q, &r) : answer_gopher(&f->answer, &q, &r),
	    NET_REPLY);
	take(&r, &out);
	found = strstr(buf_z(&out), part);
	buf_free(&out);
	return found;
}

static void m08_links_carry_the_name_that_the_reader_used(void **state)
{
	static const struct {
		const char *host, *link;
	} rows[] = {
	    {"digest.example.org", "=> gopher://digest.example.org/1/about-us "},
	    {"SECOND.example.org.", "=> gopher://second.example.org/1/about-us "},
	    {"caf%C3%A9.wild.example", "=> gopher://xn--caf-dma.wild.example/1/about-us "},
	    {"digest.example.org", "=> gopher://digest.example.org/1/about-us "},
	    {"192.0.2.1", "=> gopher://digest.example.org/1/about-us "},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char request[128];

		snprintf(request, sizeof request, "gemini://%s/about-us\r\n", rows[i].host);
		if (!answer_has(f, true, request, NULL, rows[i].link))
			fail_msg("%s", rows[i].host);
	}
}

static void g20_menus_carry_the_name_that_tls_was_asked_for(void **state)
{
	static const struct {
		const char *sni, *item;
	} rows[] = {
	    {NULL, "\t/latest/\tdigest.example.org\t70\r\n"},
	    {"Second.example.org", "\t/latest/\tsecond.example.org\t70\r\n"},
	    {"x.wild.example", "\t/latest/\tx.wild.example\t70\r\n"},
	    {"old.example.org", "\t/latest/\tdigest.example.org\t70\r\n"},
	    {"other.example", "\t/latest/\tdigest.example.org\t70\r\n"},
	    {"*.wild.example", "\t/latest/\tdigest.example.org\t70\r\n"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!answer_has(*state, false, "/\r\n", rows[i].sni, rows[i].item))
			fail_msg("%s", rows[i].sni ? rows[i].sni : "no name");
}

static void g09_g16_gopher_is_in_the_charset_of_the_settings(void **state)
{
	static const struct {
		enum charset charset;
		const char *shown, *named;
	} rows[] = {
	    {CHARSET_UTF_8, "iÉmile — “Łódź”\t", "ServerDefaultEncoding=UTF-8\r\n"},
	    {CHARSET_LATIN1,
		"i\xc9mile -- \"L\xf3"
		"dz\"\t",
		"ServerDefaultEncoding=ISO-8859-1\r\n"},
	    {CHARSET_US_ASCII, "iEmile -- \"Lodz\"\t", "ServerDefaultEncoding=US-ASCII\r\n"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		f->settings->gopher_charset = rows[i].charset;
		cache_clear(f->answer.cache);
		assert_true(answer_has(f, false, "/about-us\r\n", NULL, rows[i].shown));
		assert_true(answer_has(f, false, "/caps.txt\r\n", NULL, rows[i].named));
		assert_true(answer_has(f, true, "gemini://digest.example.org/about-us\r\n", NULL,
		    "\n# Émile — “Łódź”\n"));
	}
	f->settings->gopher_charset = CHARSET_UTF_8;
	cache_clear(f->answer.cache);
}

static void g05_g06_g12_g15_g18_gopher_requests_are_answered(void **state)
{
	check(*state, false, "\r\n", 20, "iSmall\t");
	check(*state, false, "latest\n", 20, "iSmall: All entries\t");
	check(*state, false, "/latest/\t+\r\n", 20, "iSmall: All entries\t");
	check(*state, false, "/entries/none\r\n", 51, "3Not found");
	check(*state, false, "/../etc\r\n", 51, "3");
	check(*state, false, "URL:https://a.example/\r\n", 20, "<!DOCTYPE html>");
	check(*state, false, "URL:javascript:1\r\n", 53, "3");
	check(*state, false, "GET / HTTP/1.1\r\n", 53, "HTTP/1.0 400 Bad Request\r\n");
	check(*state, false, "/files/note.txt\r\n", 20, "..\r\nB\r\n");
}

static void g17_m11_what_is_not_whole_waits(void **state)
{
	struct net_reply r;

	assert_int_equal(ask(*state, true, STR("gemini://digest.example.org/\n"), &r), NET_MORE);
	assert_int_equal(ask(*state, false, STR("/latest"), &r), NET_MORE);
	assert_int_equal(ask(*state, false, STR("\x16\x03\x01"), &r), NET_DROP);
}

static void a_page_is_made_once(void **state)
{
	struct net_reply first, second;
	struct blob *blob;

	assert_int_equal(ask(*state, false, STR("/about-nothing\r\n"), &first), NET_REPLY);
	assert_null(first.body);
	assert_int_equal(ask(*state, false, STR("/categories/one/\r\n"), &first), NET_REPLY);
	assert_int_equal(ask(*state, false, STR("/categories/one/\r\n"), &second), NET_REPLY);
	blob = first.body;
	assert_non_null(blob);
	assert_ptr_equal(second.body, blob);
	assert_int_equal(second.status, 20);
	blob_unref(first.body);
	blob_unref(second.body);
	assert_int_equal(
	    ask(*state, true, STR("gemini://digest.example.org/categories/one/\r\n"), &second),
	    NET_REPLY);
	assert_ptr_not_equal(second.body, blob);
	blob_unref(second.body);
}

static void a_file_is_kept_once_for_all_names(void **state)
{
	struct net_reply first, second;

	assert_int_equal(
	    ask(*state, true, STR("gemini://digest.example.org/files/note.txt\r\n"), &first),
	    NET_REPLY);
	assert_int_equal(
	    ask(*state, true, STR("gemini://second.example.org/files/note.txt\r\n"), &second),
	    NET_REPLY);
	assert_non_null(first.body);
	assert_ptr_equal(first.body, second.body);
	blob_unref(first.body);
	blob_unref(second.body);
}

static void a_changed_file_is_served_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct net_reply first, second;

	assert_int_equal(ask(f, false, STR("/files/note.txt\r\n"), &first), NET_REPLY);
	assert_int_equal(ask(f, false, STR("/files/note.txt\r\n"), &second), NET_REPLY);
	assert_ptr_equal(first.body, second.body);
	blob_unref(second.body);
	folder_write(f->directory, "files/note.txt", "now longer\n");
	assert_int_equal(ask(f, false, STR("/files/note.txt\r\n"), &second), NET_REPLY);
	assert_ptr_not_equal(first.body, second.body);
	assert_int_equal(second.body->n, strlen("now longer\r\n"));
	blob_unref(first.body);
	blob_unref(second.body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m07_m08_m09_m12_m14_gemini_requests_are_judged_in_order),
	    cmocka_unit_test(g05_g06_g12_g15_g18_gopher_requests_are_answered),
	    cmocka_unit_test(g17_m11_what_is_not_whole_waits),
	    cmocka_unit_test(m15_an_alias_leads_to_the_canonical_name),
	    cmocka_unit_test(m08_links_carry_the_name_that_the_reader_used),
	    cmocka_unit_test(g20_menus_carry_the_name_that_tls_was_asked_for),
	    cmocka_unit_test(g09_g16_gopher_is_in_the_charset_of_the_settings),
	    cmocka_unit_test(a_page_is_made_once),
	    cmocka_unit_test(a_file_is_kept_once_for_all_names),
	    cmocka_unit_test(a_changed_file_is_served_as_it_is),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
