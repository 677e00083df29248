/*
 * yaml, and bytes below it: what is read, what is refused, and where exactly;
 * that a fault of syntax hides nothing behind it; and that every bound holds.
 */
#include "config.h"

#include "check.h"

#include "content/yaml.h"

#define FILE_NAME "f.yaml"

/* Prints a tree on one line: plain 'quoted' [item] {key: value}, ! for a bad node. */
static void print(struct buf *out, const struct yaml_node *n)
{
	static const char *const open[] = {"", "[", "{", "!"}, *const close[] = {"", "]", "}", ""};

	if (n->kind == YAML_SCALAR)
		buf_printf(out, n->plain ? "%s" : "'%s'", n->text.p);
	buf_addz(out, open[n->kind]);
	for (const struct yaml_node *v = n->kind == YAML_SCALAR ? NULL : n->first; v; v = v->next) {
		if (v->key)
			buf_printf(out, "%s: ", v->key->text.p);
		print(out, v);
		if (v->next)
			buf_addz(out, ", ");
	}
	buf_addz(out, close[n->kind]);
}

/* Reads the bytes; they give that tree (NULL: none) and those errors. */
static void check_read(struct str bytes, const char *tree, const char *errors, int line)
{
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	const struct yaml_node *root = yaml_read(arena, STR(FILE_NAME), bytes, diags);
	struct buf out = {0};

	diag_print(diags, &out);
	check_slices(buf_str(&out), str_of(errors), __FILE__, line);
	out.len = 0;
	if (root)
		print(&out, root);
	if (tree)
		check_slices(buf_str(&out), str_of(tree), __FILE__, line);
	else if (root)
		_fail(__FILE__, line);
	buf_free(&out);
	diag_free(diags);
	arena_free(arena);
}

#define reads(text, tree) check_read(STR(text), tree, "", __LINE__)
#define fails(text, tree, errors) check_read(STR(text), tree, errors, __LINE__)
#define ERROR(place, text) FILE_NAME ":" place ": error: " text "\n"

static void trees_are_read(void **state)
{
	(void)state;
	reads("a: b\n", "{a: b}");
	reads("- a\n- 'b'\n- \"c\"\n- |\n  d\n", "[a, 'b', 'c', 'd\n']");
	reads("- {a: [b, {c: d}], e: }\n- []\n- {}\n", "[{a: [b, {c: d}], e: }, [], {}]");
	reads("---\na: b\n...\n", "{a: b}");
	reads("a: >\n  one\n  two\n\n  three\n", "{a: 'one two\nthree\n'}");
	reads("- !!str yes\n- !!bool yes\n- !!seq [a]\n- !!map {}\n- ! no\n",
	    "['yes', yes, [a], {}, no]");
}

static void nothing_is_no_node(void **state)
{
	(void)state;
	reads("", NULL);
	reads("\n\n", NULL);
	reads("# only a remark\n", NULL);
	reads("\xef\xbb\xbf", NULL);
}

static void places_count_characters_from_one(void **state)
{
	static const char text[] = "- \xc3\xa9\xe6\x97\xa5: {b: [1, x]}\r\n- \xf0\x9f\xa6\x80\r\n";
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	const struct yaml_node *root = yaml_read(arena, STR("f"), str_of(text), diags), *inner;

	(void)state;
	assert_int_equal(diags->total, 0);
	inner = root->first->first->first;
	check_str(inner->key->text, "b");
	assert_int_equal(inner->key->pos.line, 1);
	assert_int_equal(inner->key->pos.column, 8);
	assert_int_equal(inner->first->next->pos.column, 15);
	assert_int_equal(root->first->next->pos.line, 2);
	assert_int_equal(root->first->next->pos.column, 3);
	diag_free(diags);
	arena_free(arena);
}

static void only_plain_scalars_can_be_nothing(void **state)
{
	static const bool want[] = {true, true, true, true, false, false, false, false, false};
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	const struct yaml_node *root =
	    yaml_read(arena, STR("f"), STR("[~, null, Null, NULL, '', '~', nULL, x, []]"), diags);
	size_t i = 0;

	(void)state;
	for (const struct yaml_node *n = root->first; n; n = n->next, i++)
		check_row(yaml_nothing(n) == want[i], n->text.p ? n->text.p : "[]");
	assert_int_equal(i, COUNT(want));
	root = yaml_read(arena, STR("f"), STR("a:\n"), diags);
	assert_true(yaml_nothing(root->first));
	diag_free(diags);
	arena_free(arena);
}

static void values_are_found_by_key(void **state)
{
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	const struct yaml_node *root = yaml_read(arena, STR("f"), STR("{a: 1, b: 2}"), diags);

	(void)state;
	check_str(yaml_get(root, STR("b"))->text, "2");
	assert_null(yaml_get(root, STR("c")));
	assert_null(yaml_get(yaml_get(root, STR("a")), STR("a")));
	diag_free(diags);
	arena_free(arena);
}

static void keys_are_single_words_written_once(void **state)
{
	(void)state;
	fails("a: 1\nb: 2\na: 3\n", "{a: 1, b: 2}",
	    ERROR("3:1", "key 'a' is already at f.yaml:1: delete one of the two"));
	fails("a: 1\n'a': [2, 3]\nc: 4\n", "{a: 1, c: 4}",
	    ERROR("2:1", "key 'a' is already at f.yaml:1: delete one of the two"));
	/* A second entry without its hyphen repeats all keys; one error says it. */
	fails("- a: 1\n  b: 2\n\n  a: 3\n  b: 4\n", "[{a: 1, b: 2}]",
	    ERROR("4:3",
		"key 'a' is already at f.yaml:1: delete one of the two, or begin a new entry here: "
		"'- a: ...'"));
	fails("a: 1\n? [b, c]\n: d\ne: 2\n", "{a: 1, e: 2}",
	    ERROR("2:3", "a list or a mapping is no key: write one word"));
	fails("{? {b: c} : d, e: 2}\n", "{e: 2}",
	    ERROR("1:4", "a list or a mapping is no key: write one word"));
}

static void aliases_stand_for_what_they_name(void **state)
{
	(void)state;
	reads("- &a [x, y]\n- *a\n- &b z\n- {k: *b}\n", "[[x, y], [x, y], z, {k: z}]");
	reads("- &a x\n- &a y\n- *a\n", "[x, y, y]");
	fails("- *b\n- &b x\n", "[!, x]",
	    ERROR("1:3", "the alias *b has no anchor: write &b before what it stands for"));
	fails("- &a [x, *a]\n- *a\n", "[[x, !], [x, !]]",
	    ERROR("1:10", "the alias *a stands inside what it stands for: write it out"));
}

static void aliases_cannot_explode(void **state)
{
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	struct buf text = {0};

	(void)state;
	buf_addz(&text, "- &a0 [xxxxxxxxxxxxxxxx]\n");
	for (int i = 1; i < 9; i++) {
		buf_printf(&text, "- &a%d [", i);
		for (int k = 0; k < 10; k++)
			buf_printf(&text, "%s*a%d", k ? ", " : "", i - 1);
		buf_addz(&text, "]\n");
	}
	yaml_read(arena, STR("f"), buf_str(&text), diags);
	/* 80 bytes, ten times more with each line: the seventh does not fit into 64 MiB. */
	assert_true(diags->total > 0);
	assert_int_equal(diags->items[0].pos.line, 7);
	check_str(diags->items[0].text,
	    "with the alias *a5 the file would grow beyond 64 MiB: write out what is needed");
	assert_true(arena_size(arena) < (size_t)1024 * 1024);
	diag_free(diags);
	arena_free(arena);
	buf_free(&text);
}

static void aliases_cannot_nest_deeper_than_what_is_written(void **state)
{
	(void)state;
	reads("- &a [[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]\n- [[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]\n",
	    "[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]], "
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	fails("- &a [[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]\n- &b [[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]\n- "
	      "[*b]\n",
	    "[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]], "
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]], [!]]",
	    ERROR("3:4",
		"with the alias *b lists and mappings are nested more than 32 deep: write it "
		"flatter"));
}

static void a_file_is_one_document(void **state)
{
	(void)state;
	fails("a: b\n---\nc: d\n", "{a: b}",
	    ERROR("2:1",
		"one file is one document: delete this line, and begin each entry with '- '"));
	fails("---\n- a\n---\n- b\n", "[a, b]",
	    ERROR("3:1",
		"one file is one document: delete this line, and begin each entry with '- '"));
}

static void foreign_tags_are_refused(void **state)
{
	(void)state;
	fails("- !foo bar\n- !!seq x\n- !!binary x\n- !important [a]\n- b\n", "[!, !, !, !a, b]",
	    ERROR("1:3",
		"the tag '!foo' is of no use here: delete it, or put text that begins with ! in "
		"quotation marks") ERROR("2:3",
		"the tag 'tag:yaml.org,2002:seq' is of no use here: delete it, or put text that "
		"begins with ! in quotation marks") ERROR("3:3",
		"the tag 'tag:yaml.org,2002:binary' is of no use here: delete it, or put text "
		"that begins with ! in quotation marks") ERROR("4:3",
		"the tag '!important' is of no use here: delete it, or put text that begins with "
		"! in quotation marks"));
}

#define NO_KEY "this is no key: write ': ' after a key, and indent text deeper than its key"
#define AFTER_QUOTE                                                                                \
	"text after the closing quotation mark: write '' for an apostrophe inside '...', \\\" "    \
	"for a "                                                                                   \
	"mark inside \"...\""
#define LEFT_BLOCK                                                                                 \
	"this is no key, and no more of the text of 'a': indent the text deeper than its key"

/* Each row is one slip that editors make, and the one error it gives. */
static void faults_of_syntax_are_told_in_plain_words(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"title: Tide: the present\n",
		ERROR("1:12",
		    "': ' inside text: put the text in quotation marks, or begin it with 'title: "
		    "|' and go on in the next line, indented")},
	    {"a: b\n    c: d\n",
		ERROR("2:6",
		    "this line goes on with the text of 'a': begin a key in column 1, or the text "
		    "with 'a: |' if it holds ': '")},
	    {"- a:b\n  c: d\n", ERROR("1:3", NO_KEY)},
	    {"a: \"b\" c\n", ERROR("1:8", AFTER_QUOTE)},
	    {"a: 'It's fine'\n", ERROR("1:8", AFTER_QUOTE)},
	    {"a: 'It's: fine'\n", ERROR("1:8", AFTER_QUOTE)},
	    {"a: [\"b \"c\" d\"]\n", ERROR("1:9", AFTER_QUOTE)},
	    {"a: [b] c\n", ERROR("1:4", "put text that begins with [ in quotation marks")},
	    {"a: {b}: c\n", ERROR("1:4", "put text that begins with { in quotation marks")},
	    {"-a: b\n", ERROR("1:1", "write '- a:', with a space after the hyphen")},
	    {"-a: b\n  c: d\n", ERROR("1:1", "write '- a:', with a space after the hyphen")},
	    {"- a: b\n-c: d\n", ERROR("2:1", "write '- c:', with a space after the hyphen")},
	    {"a:\n-b\n-c\n", ERROR("2:1", "write '- b', with a space after the hyphen")},
	    {"a: |\nb\n", ERROR("2:1", LEFT_BLOCK)},
	    {"a: >\nb\n", ERROR("2:1", LEFT_BLOCK)},
	    {"a: |\n  b\n\n* c\n", ERROR("4:1", LEFT_BLOCK)},
	    {"- a: b\n c: d\n",
		ERROR("2:2",
		    "this line is indented less than the key above it: begin it in column 3")},
	    {"- a: b\nc: d\n",
		ERROR("2:1",
		    "this line is indented less than the key above it: begin it in column 3, or a "
		    "new entry with '- '")},
	    {"a:\n- b:\n    c: d\n   e: f\n",
		ERROR("4:4",
		    "this line is indented less than the key above it: begin it in column 5")},
	    {"a: {b: c}\n d: e\n",
		ERROR("2:2", "a key should stand here: indent the keys of a mapping alike")},
	    {"- a\nb: c\n",
		ERROR("2:1",
		    "an item that begins with '- ' should stand here: indent the items of a "
		    "list alike")},
	    {"a: b\nlone\nc: d\n", ERROR("2:1", NO_KEY)},
	    {"a: \"b\nc: d\n", ERROR("1:4", "this quotation mark is never closed")},
	    {"a: 'b\n---\n",
		ERROR("1:4", "this quotation mark is not closed before a line with --- or ...")},
	    {"a: [b, c\nd: e\n",
		ERROR("1:4", "this list lacks a ',' between items or its closing ']'")},
	    {"a: {b: c\nd: e\n",
		ERROR("1:4", "this mapping lacks a ',' between keys or its closing '}'")},
	    {"a: - b\n",
		ERROR("1:4",
		    "no list can begin here: put text that begins with '- ' in quotation "
		    "marks, and begin a list on a line of its own")},
	    {"a: ? b\n",
		ERROR("1:4",
		    "no key can begin here: put text that begins with '? ' in quotation marks")},
	    {"a: \"\\q\"\n",
		ERROR("1:5",
		    "no escape begins so: in double quotation marks write \\\\ for a backslash")},
	    {"a: \"\\xZZ\"\n",
		ERROR("1:7", "this escape lacks digits: write \\xHH, \\uHHHH or \\UHHHHHHHH")},
	    {"a: \"\\ud800\"\n", ERROR("1:7", "this escape stands for no character")},
	    {"a: & b\n", ERROR("1:4", "put text that begins with & or * in quotation marks")},
	    {"a: **b**\n", ERROR("1:4", "put text that begins with & or * in quotation marks")},
	    {"a: @b\n", ERROR("1:4", "put text that begins with @ in quotation marks")},
	    {"\xc3\xa9: `b\n", ERROR("1:4", "put text that begins with ` in quotation marks")},
	    {"a: %b\n", ERROR("1:4", "put text that begins with % in quotation marks")},
	    {"a: !x!y z\n", ERROR("1:4", "put text that begins with ! in quotation marks")},
	    {"a:\n\tb: c\n", ERROR("2:1", "a TAB: indent with spaces")},
	    {"a: |\n\tb\n", ERROR("2:1", "a TAB: indent with spaces")},
	    {"a: | b\n", ERROR("1:6", "after | or > comes a line break, then the text, indented")},
	    {"a: |0\n  b\n",
		ERROR("1:5", "after | or > comes a line break, then the text, indented")},
	    {"a: ]\n",
		ERROR("1:4",
		    "a value should stand here: put text that begins with a mark of "
		    "YAML in quotation marks")},
	    {"[a]\nb\n",
		ERROR("2:1",
		    "the file should end here: indent this like what stands above, "
		    "or delete it")},
	    {"%YAML 2.0\n---\na\n",
		ERROR("1:1", "this version of YAML is not known: delete the %YAML line")},
	    {"%FOO\n---\na\n", ERROR("1:5", "this is not YAML: found unknown directive name")},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(0);
		struct diag_list *diags = diag_new();
		struct buf out = {0};

		yaml_read(arena, STR(FILE_NAME), str_of(rows[i].text), diags);
		diag_print(diags, &out);
		check_buf(&out, rows[i].error);
		diag_free(diags);
		arena_free(arena);
	}
}

static void a_fault_hides_nothing_behind_it(void **state)
{
	(void)state;
	fails("- a: 1\n  b: c: d\n- e: 2\n- f: [\n- g: 3\n",
	    "[{a: 1, b: !}, {e: 2}, {f: !}, {g: 3}]",
	    ERROR("2:7",
		"': ' inside text: put the text in quotation marks, or begin it with 'b: |' and go "
		"on in the next line, indented") ERROR("5:1",
		"a value should stand here, or the closing bracket of what began above"));
	/* The quotation swallows the second item; it is read again from there. */
	fails("- a: \"x\n  b: y\n- a: \"z\"\n- a: w\n", "[{a: !}, {a: 'z'}, {a: w}]",
	    ERROR("1:6",
		"this quotation mark is closed only in line 3: close it where the text ends"));
	fails("- a: 'x\n- b\n- c\n", "[{}, b, c]",
	    ERROR("1:6", "this quotation mark is never closed"));
}

static void what_a_fault_ended_is_marked_as_cut(void **state)
{
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	const struct yaml_node *root =
	    yaml_read(arena, STR("f"), STR("- a: 1\n- a: 1\n  b: @\n- a: 1\n"), diags);

	(void)state;
	assert_int_equal(root->n, 3);
	assert_false(root->first->cut);
	assert_true(root->first->next->cut);
	assert_false(root->first->next->next->cut);
	/* A key too far to the left cuts off the mapping before it. */
	root = yaml_read(arena, STR("f"), STR("- a: 1\n- a: 1\n b: 2\n- a: 1\n"), diags);
	assert_int_equal(root->n, 3);
	assert_false(root->first->cut);
	assert_true(root->first->next->cut);
	assert_false(root->first->next->next->cut);
	diag_free(diags);
	arena_free(arena);
}

static void files_that_are_no_text_are_refused(void **state)
{
	(void)state;
	fails("\xff\xfe"
	      "a\0",
	    NULL, ERROR("1:1", "the file looks like UTF-16: save it as UTF-8"));
	fails("\xfe\xff\0a", NULL, ERROR("1:1", "the file looks like UTF-16: save it as UTF-8"));
	fails("a\0:\0 \0b\0", NULL, ERROR("1:1", "the file looks like UTF-16: save it as UTF-8"));
	fails("\0a\0:", NULL, ERROR("1:1", "the file looks like UTF-16: save it as UTF-8"));
	fails("a: b\rc: d\r", NULL,
	    ERROR("1:1", "lines end in CR alone: save the file with LF or CRLF"));
	fails("a: \xc3\xa9\xe9\n", "{a: \xc3\xa9\xef\xbf\xbd}",
	    ERROR("1:5", "the byte 0xE9 is not UTF-8 here: save the file as UTF-8"));
	fails("a: b\0c\n",
	    "{a: b\xef\xbf\xbd"
	    "c}",
	    ERROR("1:5", "a NUL byte: delete it, or save the file as UTF-8"));
	fails("a: b\n\xc3\xa9: \x1b[1m\n", "{a: b, \xc3\xa9: \xef\xbf\xbd[1m}",
	    ERROR("2:4", "the control character U+001B: delete it"));
	fails("a: \xc2\x85\x7f\n", "{a: \xef\xbf\xbd\xef\xbf\xbd}",
	    ERROR("1:4", "the control character U+0085: delete it")
		ERROR("1:5", "the control character U+007F: delete it"));
	fails("a: b\rc\r\n",
	    "{a: b\xef\xbf\xbd"
	    "c}",
	    ERROR("1:5", "a carriage return without its line feed: end lines with LF or CRLF"));
	fails("a: \xe2\x80\xa8\n", "{a: \xef\xbf\xbd}",
	    ERROR("1:4", "the separator U+2028: write an ordinary line feed"));
	fails("a: b\xef\xbb\xbf\n", "{a: b\xef\xbf\xbd}",
	    ERROR("1:5", "a byte order mark (U+FEFF) inside the text: delete it"));
	fails("a: b\xef\xbf\xbe\n", "{a: b\xef\xbf\xbd}",
	    ERROR("1:5", "U+FFFE is no character: delete it"));
}

static void text_may_have_a_byte_order_mark_crlf_and_tabs(void **state)
{
	(void)state;
	reads("\xef\xbb\xbf"
	      "a: b\n",
	    "{a: b}");
	reads("a: |\r\n  b\r\n  c\tc\r\n", "{a: 'b\nc\tc\n'}");
}

static void a_binary_file_gives_few_errors(void **state)
{
	char bytes[4096];
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();

	(void)state;
	memset(bytes, 0x80, sizeof bytes);
	assert_null(yaml_read(arena, STR("f"), (struct str){bytes, sizeof bytes}, diags));
	assert_int_equal(diags->total, 21);
	check_str(
	    diags->items[20].text, "too many characters that are no text: the rest is not read");
	diag_free(diags);
	arena_free(arena);
}

/* Reads head, then n times body, then tail; the first error is that one (NULL: no error). */
static void check_bound(
    const char *head, const char *body, size_t n, const char *tail, const char *error)
{
	struct arena *arena = arena_new(0);
	struct diag_list *diags = diag_new();
	struct buf text = {0};

	buf_addz(&text, head);
	for (size_t i = 0; i < n; i++)
		buf_addz(&text, body);
	buf_addz(&text, tail);
	yaml_read(arena, STR("f"), buf_str(&text), diags);
	assert_int_equal(diags->total, error ? 1 : 0);
	if (error)
		check_str(diags->items[0].text, error);
	buf_free(&text);
	diag_free(diags);
	arena_free(arena);
}

static void bounds_hold(void **state)
{
	(void)state;
	check_bound("", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", NULL);
	check_bound(
	    "", "[", 33, "", "lists and mappings nested more than 32 deep: write it flatter");
	check_bound(
	    "", "[", 1000000, "", "lists and mappings nested more than 32 deep: write it flatter");
	check_bound("a: ", "x", 65536, "\n", NULL);
	check_bound("a: ", "x", 65537, "\n", "text of more than 65536 bytes: shorten it");
	check_bound("", "- a\n", 999999, "", NULL);
	check_bound("", "- a\n", 1000000, "", "more than 1000000 nodes in one file: divide it");
}

static void a_mapping_has_a_bounded_number_of_keys(void **state)
{
	struct buf text = {0};

	(void)state;
	for (int i = 0; i < 64; i++)
		buf_printf(&text, "k%d: v\n", i);
	check_bound(buf_z(&text), "", 0, "", NULL);
	check_bound(
	    buf_z(&text), "k: v\n", 1, "", "more than 64 keys in one mapping: delete this one");
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trees_are_read),
	    cmocka_unit_test(nothing_is_no_node),
	    cmocka_unit_test(places_count_characters_from_one),
	    cmocka_unit_test(only_plain_scalars_can_be_nothing),
	    cmocka_unit_test(values_are_found_by_key),
	    cmocka_unit_test(keys_are_single_words_written_once),
	    cmocka_unit_test(aliases_stand_for_what_they_name),
	    cmocka_unit_test(aliases_cannot_explode),
	    cmocka_unit_test(aliases_cannot_nest_deeper_than_what_is_written),
	    cmocka_unit_test(a_file_is_one_document),
	    cmocka_unit_test(foreign_tags_are_refused),
	    cmocka_unit_test(faults_of_syntax_are_told_in_plain_words),
	    cmocka_unit_test(a_fault_hides_nothing_behind_it),
	    cmocka_unit_test(what_a_fault_ended_is_marked_as_cut),
	    cmocka_unit_test(files_that_are_no_text_are_refused),
	    cmocka_unit_test(text_may_have_a_byte_order_mark_crlf_and_tabs),
	    cmocka_unit_test(a_binary_file_gives_few_errors),
	    cmocka_unit_test(bounds_hold),
	    cmocka_unit_test(a_mapping_has_a_bounded_number_of_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
