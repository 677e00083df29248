/*
 * names: which hosts and ports a request may name, and what its links carry.
 */
#include "config.h"

#include "check.h"
#include "serve/names.h"

static struct settings *some_names(void)
{
	static const char *const hosts[] = {
	    "digest.example.org", "café.x", "*.wild.example", "192.0.2.9", "[2001:DB8::9]"};
	static const char *const aliases[] = {
	    "www.wild.example", "old.example.org", "*.old.example"};
	struct settings *s = settings_new();
	struct buf why = {0};

	for (size_t i = 0; i < COUNT(hosts); i++)
		assert_true(settings_set(s, STR("hostname"), str_of(hosts[i]), &why));
	for (size_t i = 0; i < COUNT(aliases); i++)
		assert_true(settings_set(s, STR("alias"), str_of(aliases[i]), &why));
	assert_int_equal(why.len, 0);
	return s;
}

static struct net_address local_address(const char *text)
{
	struct net_address found[ADDRESS_MAX];

	assert_int_equal(address_parse(str_of(text), found, NULL), 1);
	return found[0];
}

static void m08_every_spelling_of_a_name_is_that_name(void **state)
{
	static const struct {
		const char *host;
		enum names_kind kind;
		const char *link; /* when it is ours */
	} rows[] = {
	    {"digest.example.org", NAMES_OURS, "digest.example.org"},
	    {"DIGEST.Example.Org", NAMES_OURS, "digest.example.org"},
	    {"digest.example.org.", NAMES_OURS, "digest.example.org"},
	    {"d%69gest.example%2Eorg%2e", NAMES_OURS, "digest.example.org"},
	    {"%44igest.example.org", NAMES_OURS, "digest.example.org"},
	    {"digest.example.org..", NAMES_FOREIGN, ""},
	    {"digest.example.org%00", NAMES_FOREIGN, ""},
	    {"digest.example.orgx", NAMES_FOREIGN, ""},
	    {"igest.example.org", NAMES_FOREIGN, ""},
	    {"www.digest.example.org", NAMES_FOREIGN, ""},
	    {"", NAMES_FOREIGN, ""},
	    {".", NAMES_FOREIGN, ""},
	    {"café.x", NAMES_OURS, "xn--caf-dma.x"},
	    {"CAFÉ.X.", NAMES_OURS, "xn--caf-dma.x"},
	    {"caf%C3%A9.x", NAMES_OURS, "xn--caf-dma.x"},
	    {"caf%c3%89.x%2E", NAMES_OURS, "xn--caf-dma.x"},
	    {"cafe%CC%81.x", NAMES_OURS, "xn--caf-dma.x"},
	    {"xn--caf-dma.x", NAMES_OURS, "xn--caf-dma.x"},
	    {"Xn--Caf-Dma.X", NAMES_OURS, "xn--caf-dma.x"},
	    {"cafe.x", NAMES_FOREIGN, ""},
	    {"caf%C3.x", NAMES_FOREIGN, ""},
	    {"any.wild.example", NAMES_OURS, "any.wild.example"},
	    {"Caf%C3%A9.wild.example.", NAMES_OURS, "xn--caf-dma.wild.example"},
	    {"wild.example", NAMES_FOREIGN, ""},
	    {"a.b.wild.example", NAMES_FOREIGN, ""},
	    {"*.wild.example", NAMES_FOREIGN, ""},
	    {"a%0d%0ab.wild.example", NAMES_FOREIGN, ""},
	    {"a%09b.wild.example", NAMES_FOREIGN, ""},
	    {"a%2fb.wild.example", NAMES_FOREIGN, ""},
	    {"www.wild.example", NAMES_ALIAS, ""},
	    {"OLD.example.org.", NAMES_ALIAS, ""},
	    {"x.old.example", NAMES_ALIAS, ""},
	    {"192.0.2.9", NAMES_OURS, "digest.example.org"},
	    {"2001:db8:0::9", NAMES_OURS, "digest.example.org"},
	    {"192.0.2.1", NAMES_OURS, "digest.example.org"}, /* the address it came to */
	    {"192.0.2.2", NAMES_FOREIGN, ""},
	    {"::1", NAMES_FOREIGN, ""},
	};
	struct settings *s = some_names();
	struct net_address local = local_address("192.0.2.1:1965");
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str link = STR("");

		check_row(names_find(s, &local, str_of(rows[i].host), a, &link) == rows[i].kind,
		    rows[i].host);
		check_str(link, rows[i].link);
	}
	arena_free(a);
	settings_unref(s);
}

static void without_an_address_only_names_count(void **state)
{
	struct settings *s = some_names();
	struct arena *a = arena_new(0);
	struct str link = STR("as before");

	(void)state;
	assert_int_equal(names_find(s, NULL, STR("192.0.2.1"), a, &link), NAMES_FOREIGN);
	check_str(link, "as before");
	assert_int_equal(names_find(s, NULL, STR("café.x"), a, &link), NAMES_OURS);
	check_str(link, "xn--caf-dma.x");
	arena_free(a);
	settings_unref(s);
}

static void m09_the_port_is_the_one_that_readers_see(void **state)
{
	static const struct {
		unsigned mapped; /* gemini_port of the settings */
		uint16_t seen, port;
		bool ours;
	} rows[] = {
	    {0, 1965, 0, true},
	    {0, 1965, 1965, true},
	    {0, 1965, 1966, false},
	    {0, 7000, 7000, true},
	    {0, 7000, 0, true}, /* it came to 1965 */
	    {7000, 7000, 7000, true},
	    {7000, 7000, 1965, false},
	    {7000, 7000, 0, false},
	};
	struct settings *s = some_names();
	struct net_address local = local_address("192.0.2.1:1965");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		s->gemini_port = rows[i].mapped;
		assert_int_equal(
		    names_port_is_ours(s, &local, rows[i].seen, rows[i].port), rows[i].ours);
	}
	settings_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m08_every_spelling_of_a_name_is_that_name),
	    cmocka_unit_test(without_an_address_only_names_count),
	    cmocka_unit_test(m09_the_port_is_the_one_that_readers_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
