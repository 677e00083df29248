/*
 * idn: names in Unicode and in A-labels become one.
 */
#include "config.h"

#include "base/idn.h"
#include "check.h"

static void m08_u_labels_become_a_labels(void **state)
{
	static const struct {
		const char *name, *ascii; /* NULL: refused */
	} rows[] = {
	    {"example.org", "example.org"},
	    {"Example.ORG.", "example.org."},
	    {"XN--CAF-DMA.x", "xn--caf-dma.x"},
	    {"café.x", "xn--caf-dma.x"},
	    {"CAFÉ.X", "xn--caf-dma.x"},
	    {"cafe\xcc\x81.x", "xn--caf-dma.x"}, /* é as two characters */
	    {"café.x.", "xn--caf-dma.x."},
	    {"www.café.x", "www.xn--caf-dma.x"},
	    {"münchen.example", "xn--mnchen-3ya.example"},
	    {"faß.example", "xn--fa-hia.example"}, /* not fass.example */
	    {"пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"},
	    {"例え。テスト", "xn--r8jz45g.xn--zckzah"}, /* U+3002 is a dot */
	    {"ｅｘａｍｐｌｅ.org", "example.org"},
	    {"", ""},
	    {"\xff.x", NULL},
	    {"caf\xc3", NULL},
	    {"é\x01.x", NULL},
	    {"é\xe2\x80\x8e.x", NULL}, /* a mark that turns the direction */
	    {"-é.x", NULL},
	    {"🦀.x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};
		const char *why = NULL;
		bool ok = idn_to_ascii(&out, str_of(rows[i].name), &why);

		check_row(ok == !!rows[i].ascii, rows[i].name);
		check_row(ok == !why, rows[i].name);
		check_buf(&out, rows[i].ascii ? rows[i].ascii : "");
	}
}

static void what_is_too_long_is_refused(void **state)
{
	struct buf name = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 64; i++)
		buf_addz(&name, "é");
	assert_false(idn_to_ascii(&out, buf_str(&name), NULL));
	for (int i = 0; i < 10000; i++)
		buf_addz(&name, ".é");
	assert_false(idn_to_ascii(&out, buf_str(&name), NULL));
	assert_false(idn_to_ascii(&out, (struct str){"é\0x", 4}, NULL));
	assert_int_equal(out.len, 0);
	buf_free(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m08_u_labels_become_a_labels),
	    cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
