/*
 * host: every way to write a host, and the one form of each.
 */
#include "config.h"

#include "check.h"
#include "serve/host.h"

static void m08_a_host_has_one_form(void **state)
{
	static const struct {
		const char *written, *form; /* NULL: refused */
	} rows[] = {
	    {"localhost", "localhost"},
	    {"Gopher.Example.ORG", "gopher.example.org"},
	    {"example.org.", "example.org"},
	    {"a_b.example", "a_b.example"},
	    {"XN--caf-dma.x", "xn--caf-dma.x"},
	    {"café.x", "xn--caf-dma.x"},
	    {"CAFÉ.x.", "xn--caf-dma.x"},
	    {"*.Example.org", "*.example.org"},
	    {"*.café.x.", "*.xn--caf-dma.x"},
	    {"127.0.0.1", "127.0.0.1"},
	    {"[::1]", "::1"},
	    {"::1", "::1"},
	    {"[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"},
	    {"", NULL},
	    {".", NULL},
	    {"*", NULL},
	    {"*.", NULL},
	    {"*.*.x", NULL},
	    {"a.*.x", NULL},
	    {"a*.x", NULL},
	    {"a..b", NULL},
	    {".a", NULL},
	    {"a..", NULL},
	    {"-a", NULL},
	    {"a-", NULL},
	    {"a-.b", NULL},
	    {"a.-b", NULL},
	    {"a b", NULL},
	    {"a/b", NULL},
	    {"a:70", NULL},
	    {"[::1", NULL},
	    {"[127.0.0.1]", NULL},
	    {"[::1]:70", NULL},
	    {"a\tb", NULL},
	    {"caf\xc3.x", NULL},
	    {"a.0123456789012345678901234567890123456789012345678901234567890123", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf form = {0};
		const char *why = NULL;
		bool ok = host_form(&form, str_of(rows[i].written), &why);

		check_row(ok == !!rows[i].form, rows[i].written);
		check_row(ok || (why && *why), rows[i].written);
		check_buf(&form, rows[i].form ? rows[i].form : "");
	}
}

static void a_nul_ends_no_host(void **state)
{
	struct buf form = {0};

	(void)state;
	assert_false(host_form(&form, (struct str){"127.0.0.1\0x", 11}, NULL));
	assert_false(host_form(&form, (struct str){"a.org\0", 6}, NULL));
	assert_int_equal(form.len, 0);
}

static void a_host_name_has_253_bytes_at_most(void **state)
{
	struct buf name = {0}, form = {0};

	(void)state;
	for (int i = 0; i < 126; i++)
		buf_addz(&name, "a.");
	buf_addc(&name, 'b');
	assert_int_equal(name.len, 253);
	assert_true(host_form(&form, buf_str(&name), NULL));
	buf_addc(&name, 'b');
	assert_false(host_form(&form, buf_str(&name), NULL));
	buf_free(&name);
	buf_free(&form);
}

static void a_wildcard_is_one_label(void **state)
{
	static const struct {
		const char *host, *wildcard;
		bool below;
	} rows[] = {
	    {"a.example.org", "*.example.org", true},
	    {"xn--caf-dma.example.org", "*.example.org", true},
	    {"example.org", "*.example.org", false},
	    {"b.a.example.org", "*.example.org", false},
	    {"aexample.org", "*.example.org", false},
	    {"a.example.org", "a.example.org", false},
	    {"a.example.com", "*.example.org", false},
	    {"127.0.0.1", "*.0.0.1", false},
	    {"", "*.example.org", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(
		    host_is_below(str_of(rows[i].host), str_of(rows[i].wildcard)) == rows[i].below,
		    rows[i].host);
	assert_true(host_is_wildcard(STR("*.example.org")));
	assert_false(host_is_wildcard(STR("example.org")));
	assert_true(host_is_address(STR("::1")) && host_is_address(STR("192.0.2.1")));
	assert_false(host_is_address(STR("example.org")));
}

static void a_file_has_no_star_in_its_name(void **state)
{
	struct buf out = {0};

	(void)state;
	host_file_name(&out, STR("*.example.org"));
	check_buf(&out, "_.example.org");
	host_file_name(&out, STR("example.org"));
	check_buf(&out, "example.org");
}

static void a_wildcard_shares_its_files_with_no_host(void **state)
{
	static const struct {
		const char *written;
		bool ok;
	} rows[] = {
	    {"_.example.org", false},
	    {"_.Example.ORG.", false},
	    {"_", false},
	    {"__.example.org", true},
	    {"_gemini._tcp.example.org", true},
	    {"a._.example.org", true},
	    {"*._.example.org", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf form = {0};
		const char *why = "";

		check_row(
		    host_form(&form, str_of(rows[i].written), &why) == rows[i].ok, rows[i].written);
		check_row(rows[i].ok || strstr(why, "underscore"), rows[i].written);
		buf_free(&form);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m08_a_host_has_one_form),
	    cmocka_unit_test(a_nul_ends_no_host),
	    cmocka_unit_test(a_host_name_has_253_bytes_at_most),
	    cmocka_unit_test(a_wildcard_is_one_label),
	    cmocka_unit_test(a_file_has_no_star_in_its_name),
	    cmocka_unit_test(a_wildcard_shares_its_files_with_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
