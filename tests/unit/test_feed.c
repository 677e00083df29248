/*
 * feed: the same feed in each format, byte for byte; what is required of one
 * that has nothing to say; and ids that do not depend on who asks.
 */
#include "config.h"

#include "check.h"

#include "render/feed.h"

static const struct link_site site = {{"alias.example", 13}, 7070, 1965, {"digest.example", 14}};

static struct date day(const char *text)
{
	struct date d;

	assert_true(date_parse(str_of(text), &d, NULL));
	return d;
}

/* A feed with one item that has everything, and one that has nothing it need not have. */
static struct feed *sample(struct arena *a)
{
	static const struct feed_person authors[] = {
	    {{"Jane & Co", 9}, {"https://jane.example/ä", 23}, {0}}, {{"Ben", 3}, {0}, {0}}};
	static const struct feed_term terms[] = {{{"R&D", 3}, {"r-d", 3}, "/tags/"}};
	static const struct feed_link links[] = {{{"https://b.example/ö", 20}, {"Talk & more", 11}},
	    {{"gopher://c.example", 18}, {"Copy", 4}}};
	struct feed *f = feed_new(a, STR("A <Digest>"), STR("/latest/"));
	struct feed_item *i = feed_add(f, STR("/entries/one"), STR("One ]]>"));

	f->path = STR("/latest/atom.xml");
	f->subtitle = STR("of one");
	f->language = STR("en");
	f->rights = STR("CC0-1.0");
	f->author = (struct feed_person){STR("Ed"), STR(""), STR("ed@digest.example")};
	f->older = STR("/archive/2020/atom.xml");
	i->url = STR("https://a.example/?x=1&y=\"2\"");
	i->text = STR("A <b> & c.\n\n* d\n* e");
	i->language = STR("de");
	i->date = day("2020-01-02");
	i->updated = day("2020-02-03T04:05:06+01:00");
	i->authors = authors;
	i->nauthors = 2;
	i->terms = terms;
	i->nterms = 1;
	i->links = links;
	i->nlinks = 2;
	feed_add(f, STR("/entries/two"), STR("Two"))->date = day("2020-01-01");
	return f;
}

static void check_feed(
    const struct feed_format *format, const struct feed *f, feed_linker *link, const char *want)
{
	struct buf out = {0};

	feed_print(format, f, &site, link, &out);
	check_buf(&out, want);
}

static void f04_f05_atom(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_feed(&feed_atom, sample(a), link_gemini_url,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n"
	    "  <id>gemini://digest.example/latest/</id>\n"
	    "  <title>A &lt;Digest&gt;</title>\n"
	    "  <subtitle>of one</subtitle>\n"
	    "  <link rel=\"alternate\" href=\"gemini://alias.example/latest/\"/>\n"
	    "  <link rel=\"self\" type=\"application/atom+xml\" "
	    "href=\"gemini://alias.example/latest/atom.xml\"/>\n"
	    "  <link rel=\"prev-archive\" type=\"application/atom+xml\" "
	    "href=\"gemini://alias.example/archive/2020/atom.xml\"/>\n"
	    "  <updated>2020-02-03T04:05:06+01:00</updated>\n"
	    "  <author>\n"
	    "    <name>Ed</name>\n"
	    "    <email>ed@digest.example</email>\n"
	    "  </author>\n"
	    "  <rights>CC0-1.0</rights>\n"
	    "  <generator version=\"" PACKAGE_VERSION "\">digestd</generator>\n"
	    "  <entry xml:lang=\"de\">\n"
	    "    <id>gemini://digest.example/entries/one</id>\n"
	    "    <title>One ]]&gt;</title>\n"
	    "    <link rel=\"alternate\" href=\"gemini://alias.example/entries/one\"/>\n"
	    "    <link rel=\"related\" href=\"https://a.example/?x=1&amp;y=%222%22\"/>\n"
	    "    <link rel=\"related\" title=\"Talk &amp; more\" "
	    "href=\"https://b.example/%C3%B6\"/>\n"
	    "    <link rel=\"related\" title=\"Copy\" href=\"gopher://c.example\"/>\n"
	    "    <published>2020-01-02T12:00:00Z</published>\n"
	    "    <updated>2020-02-03T04:05:06+01:00</updated>\n"
	    "    <author>\n"
	    "      <name>Jane &amp; Co</name>\n"
	    "      <uri>https://jane.example/%C3%A4</uri>\n"
	    "    </author>\n"
	    "    <author>\n"
	    "      <name>Ben</name>\n"
	    "    </author>\n"
	    "    <category term=\"r-d\" scheme=\"gemini://digest.example/tags/\" "
	    "label=\"R&amp;D\"/>\n"
	    "    <summary>A &lt;b&gt; &amp; c.\n\n* d\n* e</summary>\n"
	    "  </entry>\n"
	    "  <entry>\n"
	    "    <id>gemini://digest.example/entries/two</id>\n"
	    "    <title>Two</title>\n"
	    "    <link rel=\"alternate\" href=\"gemini://alias.example/entries/two\"/>\n"
	    "    <published>2020-01-01T12:00:00Z</published>\n"
	    "    <updated>2020-01-01T12:00:00Z</updated>\n"
	    "  </entry>\n"
	    "</feed>\n");
	arena_free(a);
}

/* The links are those of Gopher, the ids what they are on Gemini (F-11). */
static void f06_f11_rss(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_feed(&feed_rss, sample(a), link_gopher_url,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
	    "  <channel>\n"
	    "    <title>A &lt;Digest&gt;</title>\n"
	    "    <link>gopher://alias.example:7070/1/latest/</link>\n"
	    "    <atom:link rel=\"self\" type=\"application/rss+xml\" "
	    "href=\"gopher://alias.example:7070/0/latest/atom.xml\"/>\n"
	    "    <description>of one</description>\n"
	    "    <language>en</language>\n"
	    "    <copyright>CC0-1.0</copyright>\n"
	    "    <managingEditor>ed@digest.example (Ed)</managingEditor>\n"
	    "    <lastBuildDate>Mon, 03 Feb 2020 04:05:06 +0100</lastBuildDate>\n"
	    "    <generator>digestd " PACKAGE_VERSION "</generator>\n"
	    "    <item>\n"
	    "      <title>One ]]&gt;</title>\n"
	    "      <link>gopher://alias.example:7070/1/entries/one</link>\n"
	    "      <guid isPermaLink=\"false\">gemini://digest.example/entries/one</guid>\n"
	    "      <atom:link rel=\"related\" href=\"https://a.example/?x=1&amp;y=%222%22\"/>\n"
	    "      <pubDate>Thu, 02 Jan 2020 12:00:00 GMT</pubDate>\n"
	    "      <dc:creator>Jane &amp; Co</dc:creator>\n"
	    "      <dc:creator>Ben</dc:creator>\n"
	    "      <category domain=\"gemini://digest.example/tags/\">R&amp;D</category>\n"
	    "      <dc:language>de</dc:language>\n"
	    "      <description>&lt;p&gt;A &amp;lt;b&amp;gt; &amp;amp; c.&lt;/p&gt;\n"
	    "&lt;p&gt;* d&lt;br&gt;\n* e&lt;/p&gt;\n"
	    "&lt;p&gt;Talk &amp;amp; more: https://b.example/ö&lt;br&gt;\n"
	    "Copy: gopher://c.example&lt;/p&gt;</description>\n"
	    "    </item>\n"
	    "    <item>\n"
	    "      <title>Two</title>\n"
	    "      <link>gopher://alias.example:7070/1/entries/two</link>\n"
	    "      <guid isPermaLink=\"false\">gemini://digest.example/entries/two</guid>\n"
	    "      <pubDate>Wed, 01 Jan 2020 12:00:00 GMT</pubDate>\n"
	    "    </item>\n"
	    "  </channel>\n"
	    "</rss>\n");
	arena_free(a);
}

/* Nothing has been built yet: Atom needs a date, RSS does not. */
static void an_empty_feed_of_rss_has_no_date(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	check_feed(&feed_rss, feed_new(a, STR("T <T>"), STR("/")), link_gemini_url,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
	    "  <channel>\n"
	    "    <title>T &lt;T&gt;</title>\n"
	    "    <link>gemini://alias.example/</link>\n"
	    "    <description>T &amp;lt;T&amp;gt;</description>\n"
	    "    <generator>digestd " PACKAGE_VERSION "</generator>\n"
	    "  </channel>\n"
	    "</rss>\n");
	arena_free(a);
}

/* With a prefix of its own, ids do not even name the host. */
static void f07_f11_json(void **state)
{
	struct arena *a = arena_new(0);
	struct feed *f = sample(a);

	(void)state;
	f->prefix = STR("tag:digest.example,2020:d");
	check_feed(&feed_json, f, link_gemini_url,
	    "{\n"
	    "  \"version\": \"https://jsonfeed.org/version/1.1\",\n"
	    "  \"title\": \"A <Digest>\",\n"
	    "  \"description\": \"of one\",\n"
	    "  \"home_page_url\": \"gemini://alias.example/latest/\",\n"
	    "  \"feed_url\": \"gemini://alias.example/latest/atom.xml\",\n"
	    "  \"language\": \"en\",\n"
	    "  \"authors\": [\n"
	    "    {\n"
	    "      \"name\": \"Ed\"\n"
	    "    }\n"
	    "  ],\n"
	    "  \"items\": [\n"
	    "    {\n"
	    "      \"id\": \"tag:digest.example,2020:d/entries/one\",\n"
	    "      \"url\": \"gemini://alias.example/entries/one\",\n"
	    "      \"external_url\": \"https://a.example/?x=1&y=%222%22\",\n"
	    "      \"title\": \"One ]]>\",\n"
	    "      \"content_text\": \"A <b> & c.\\n\\n* d\\n* e\\n\\nTalk & more: "
	    "https://b.example/ö\\nCopy: gopher://c.example\",\n"
	    "      \"date_published\": \"2020-01-02T12:00:00Z\",\n"
	    "      \"date_modified\": \"2020-02-03T04:05:06+01:00\",\n"
	    "      \"authors\": [\n"
	    "        {\n"
	    "          \"name\": \"Jane & Co\",\n"
	    "          \"url\": \"https://jane.example/%C3%A4\"\n"
	    "        },\n"
	    "        {\n"
	    "          \"name\": \"Ben\"\n"
	    "        }\n"
	    "      ],\n"
	    "      \"tags\": [\n"
	    "        \"R&D\"\n"
	    "      ],\n"
	    "      \"language\": \"de\"\n"
	    "    },\n"
	    "    {\n"
	    "      \"id\": \"tag:digest.example,2020:d/entries/two\",\n"
	    "      \"url\": \"gemini://alias.example/entries/two\",\n"
	    "      \"title\": \"Two\",\n"
	    "      \"content_text\": \"Two\",\n"
	    "      \"date_published\": \"2020-01-01T12:00:00Z\"\n"
	    "    }\n"
	    "  ]\n"
	    "}\n");
	arena_free(a);
}

static void f08_opml(void **state)
{
	struct arena *a = arena_new(0);
	struct feed *f = feed_new(a, STR("Feeds"), STR("/feeds/"));

	(void)state;
	feed_add(f, STR("/tags/x/"), STR("\"X\""))->text = STR("All of x.");
	check_feed(&feed_opml, f, link_gopher_url,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<opml version=\"2.0\">\n"
	    "  <head>\n"
	    "    <title>Feeds</title>\n"
	    "  </head>\n"
	    "  <body>\n"
	    "    <outline type=\"rss\" text=\"&quot;X&quot;\" description=\"All of x.\" "
	    "xmlUrl=\"gopher://alias.example:7070/0/tags/x/atom.xml\" "
	    "htmlUrl=\"gopher://alias.example:7070/1/tags/x/\"/>\n"
	    "  </body>\n"
	    "</opml>\n");
	arena_free(a);
}

static void an_archive_names_its_neighbours(void **state)
{
	struct arena *a = arena_new(0);
	struct feed *f = feed_new(a, STR("2020"), STR("/archive/2020/"));

	(void)state;
	f->path = STR("/archive/2020/atom.xml");
	f->id = STR("/latest/");
	f->archive = true;
	f->current = STR("/latest/atom.xml");
	f->newer = STR("/archive/2021/atom.xml");
	check_feed(&feed_atom, f, link_gemini_url,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
	    "xmlns:fh=\"http://purl.org/syndication/history/1.0\">\n"
	    "  <id>gemini://digest.example/latest/</id>\n"
	    "  <title>2020</title>\n"
	    "  <link rel=\"alternate\" href=\"gemini://alias.example/archive/2020/\"/>\n"
	    "  <link rel=\"self\" type=\"application/atom+xml\" "
	    "href=\"gemini://alias.example/archive/2020/atom.xml\"/>\n"
	    "  <fh:archive/>\n"
	    "  <link rel=\"current\" type=\"application/atom+xml\" "
	    "href=\"gemini://alias.example/latest/atom.xml\"/>\n"
	    "  <link rel=\"next-archive\" type=\"application/atom+xml\" "
	    "href=\"gemini://alias.example/archive/2021/atom.xml\"/>\n"
	    "  <updated>1970-01-01T00:00:00Z</updated>\n"
	    "  <generator version=\"" PACKAGE_VERSION "\">digestd</generator>\n"
	    "</feed>\n");
	arena_free(a);
}

/* F-11: by the instant, a day being its noon. */
static void f11_a_feed_is_as_new_as_its_newest_item(void **state)
{
	struct arena *a = arena_new(0);
	struct feed *f = feed_new(a, STR("T"), STR("/"));
	struct date updated = feed_updated(f);

	(void)state;
	assert_int_equal(updated.instant, 0);
	feed_add(f, STR("/a"), STR("A"))->date = day("1960-01-01");
	updated = feed_updated(f);
	assert_int_equal(updated.year, 1960);
	feed_add(f, STR("/b"), STR("B"))->date = day("2020-01-02");
	feed_add(f, STR("/c"), STR("C"))->date = day("2020-01-02T11:59:59Z");
	updated = feed_updated(f);
	assert_false(updated.timed);
	feed_add(f, STR("/d"), STR("D"))->date = day("2020-01-02T12:00:01Z");
	updated = feed_updated(f);
	assert_true(updated.timed);
	f->first->updated = day("2020-01-03");
	updated = feed_updated(f);
	assert_int_equal(updated.day, 3);
	arena_free(a);
}

static void formats_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(feed_format_named(STR("rss")), &feed_rss);
	assert_null(feed_format_named(STR("rss.xml")));
	assert_null(feed_format_named(STR("opml")));
	assert_ptr_equal(feed_format_of_file(STR("feed.json")), &feed_json);
	assert_null(feed_format_of_file(STR("json")));
	assert_null(feed_format_of_file(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(f04_f05_atom),
	    cmocka_unit_test(f06_f11_rss),
	    cmocka_unit_test(an_empty_feed_of_rss_has_no_date),
	    cmocka_unit_test(f07_f11_json),
	    cmocka_unit_test(f08_opml),
	    cmocka_unit_test(an_archive_names_its_neighbours),
	    cmocka_unit_test(f11_a_feed_is_as_new_as_its_newest_item),
	    cmocka_unit_test(formats_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
