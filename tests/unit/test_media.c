/*
 * media: media and item types by the ending of a name (M-22, G-10, F-13).
 */
#include "config.h"

#include "check.h"

#include "base/media.h"

static void m22_g10_endings_say_what_a_file_is(void **state)
{
	static const struct {
		const char *name, *type;
		char item;
	} rows[] = {
	    {"/files/a.txt", "text/plain; charset=utf-8", '0'},
	    {"/files/a.gmi", "text/gemini; charset=utf-8", '0'},
	    {"a.png", "image/png", 'I'},
	    {"a.gif", "image/gif", 'g'},
	    {"a.html", "text/html; charset=utf-8", 'h'},
	    {"a.pdf", "application/pdf", '9'},
	    {"a.tar.gz", "application/gzip", '9'},
	    {"A.TXT", "text/plain; charset=utf-8", '0'},
	    {"a.JpEg", "image/jpeg", 'I'},
	    {".txt", "text/plain; charset=utf-8", '0'},
	    /* F-13 */
	    {"atom.atom", "application/atom+xml", '0'},
	    {"rss.rss", "application/rss+xml", '0'},
	    {"feeds.opml", "text/x-opml; charset=utf-8", '0'},
	    /* nothing known */
	    {"", "application/octet-stream", '9'},
	    {"txt", "application/octet-stream", '9'},
	    {"a.", "application/octet-stream", '9'},
	    {"a.unknown", "application/octet-stream", '9'},
	    {"a.txt/b", "application/octet-stream", '9'},
	    {"a.txt/", "application/octet-stream", '9'},
	    {"a.txt~", "application/octet-stream", '9'},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct media *m = media_of(str_of(rows[i].name));

		check_str(str_of(m->type), rows[i].type);
		check_row(m->item == rows[i].item, rows[i].name);
	}
	assert_int_equal(media_of((struct str){0})->item, '9');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(m22_g10_endings_say_what_a_file_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
