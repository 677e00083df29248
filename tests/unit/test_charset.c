/*
 * charset: how text reads where there is no Unicode.
 */
#include "config.h"

#include "base/charset.h"
#include "base/utf8.h"
#include "check.h"

static void g09_text_is_folded_to_what_reads_well(void **state)
{
	static const struct {
		const char *text, *ascii, *latin1; /* latin1 NULL: as ascii; both in UTF-8 */
	} rows[] = {
	    {"plain ~ text", "plain ~ text", NULL},
	    {"", "", NULL},
	    /* Names and titles */
	    {"Émile", "Emile", "Émile"},
	    {"E\xcc\x81mile", "Emile", "Émile"},
	    {"Łukasz Jagiełło", "Lukasz Jagiello", NULL},
	    {"naïve façade", "naive facade", "naïve façade"},
	    {"Dvořák Ţepeș", "Dvorak Tepes", "Dvorák Tepes"},
	    {"Jürgen Müller-Groß", "Jurgen Muller-Gross", "Jürgen Müller-Groß"},
	    {"Søren Ærø Þór Đorđe", "Soren Aero Thor Dorde", "Søren Ærø Þór Dorde"},
	    {"ÆTHER Æther ẞ", "AETHER Aether Ss", "ÆTHER Æther Ss"},
	    {"œuvre ﬁn ﬄ ĳ", "oeuvre fin ffl ij", NULL},
	    /* Punctuation */
	    {"“quotes” ‘it’s’ „so“ ‚a‘", "\"quotes\" 'it's' \"so\" 'a'", NULL},
	    {"«oui» ‹si›", "\"oui\" 'si'", "«oui» 'si'"},
	    {"a – b — c ― d‑e −1", "a - b -- c -- d-e -1", NULL},
	    {"wait… ‥", "wait... ..", NULL},
	    {"• one ‣ two · three", "* one * two . three", "* one * two · three"},
	    {"a → b ← c ⇒ d ↔ e ⟶ f", "a -> b <- c => d <-> e --> f", NULL},
	    {"3 × 4 ÷ 2 ≤ 6 ≠ 5 ≈ 6", "3 x 4 / 2 <= 6 != 5 ~ 6", "3 × 4 ÷ 2 <= 6 != 5 ~ 6"},
	    {"½ 1½ ⅓", "1/2 1 1/2 1/3", "½ 1½ 1/3"},
	    {"x² ③ ª 20°C", "x2 3 a 20degC", "x² 3 ª 20°C"},
	    {"€5 £6 ©2020 Rust™ ®", "EUR5 GBP6 (C)2020 Rust(TM) (R)", "EUR5 £6 ©2020 Rust(TM) ®"},
	    {"a\xc2\xa0 b\xe2\x80\x83"
	     "c\xe2\x80\x89"
	     "d\xe3\x80\x80"
	     "e",
		"a  b c d e", NULL},
	    {"so\xc2\xad"
	     "ft ze\xe2\x80\x8bro",
		"soft zero", NULL},
	    {"Ｆｕｌｌ ｗｉｄｔｈ！", "Full width!", NULL},
	    /* Other scripts */
	    {"Привет, мир! Ёж Щука ЖУК подъезд", "Privet, mir! Yozh Shchuka ZHUK podezd", NULL},
	    {"Київ, Україна, її ґанок", "Kiyiv, Ukrayina, yiyi ganok", NULL},
	    {"Ελληνικά Θεσσαλονίκη ψάχω", "Ellinika Thessaloniki psacho", NULL},
	    {"日本語", "?", NULL},
	    {"Rust 日本語 の本", "Rust ? ?", NULL},
	    {"「漢字」、終。", "\"?\",?.", NULL},
	    {"עברית العربية 한국어", "? ? ?", NULL},
	    /* Pictures */
	    {"🦀", "", NULL},
	    {"🦀 Rust 🦀 1.0 🎉", "Rust 1.0 ", NULL},
	    {"👩‍👩‍👧‍👦👍🏽🇩🇪 x", "x", NULL},
	    {"I ❤️ Rust ★ ✓", "I <3 Rust * x", NULL},
	    {"┌─┬─┐│║╬ ▓", "+-+-+||+ #", NULL},
	    {"bad \xef\xbf\xbd", "bad ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = str_of(rows[i].text);
		struct buf out = {0};

		charset_fold(&out, text, CHARSET_US_ASCII);
		check_buf(&out, rows[i].ascii);
		charset_fold(&out, text, CHARSET_LATIN1);
		check_buf(&out, rows[i].latin1 ? rows[i].latin1 : rows[i].ascii);
		charset_fold(&out, text, CHARSET_UTF_8);
		check_same(buf_str(&out), text);
		buf_free(&out);
	}
}

/* Letters of the alphabets that are transliterated, each of which has to leave something. */
static void g09_alphabets_are_whole(void **state)
{
	static const char *const alphabets[] = {
	    "абвгдеёжзийклмнопрстуфхцчшщыэюяєіїґўђѓѕјљњћќџ",
	    "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯЄІЇҐЎЂЃЅЈЉЊЋЌЏ",
	    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
	    ("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿßāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįıĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭ"
	     "ů"
	     "űųŵŷźżž"),
	};
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < COUNT(alphabets); i++) {
		for (struct str s = str_of(alphabets[i]); s.n > 0;) {
			size_t n = utf8_decode(s, &c, NULL);
			struct buf out = {0};

			charset_fold(&out, str_sub(s, 0, n), CHARSET_US_ASCII);
			if (out.len == 0 || out.p[0] == '?' || (unsigned char)out.p[0] >= 0x80)
				fail_msg("U+%04X becomes '%s'", (unsigned)c, buf_z(&out));
			buf_free(&out);
			s = str_skip(s, n);
		}
	}
}

/* Whatever is folded has only what the charset has, and what is measured is what is sent. */
static void g09_any_character_ends_up_in_the_charset(void **state)
{
	(void)state;
	for (uint32_t c = 0x20; c < 0x30000; c++) {
		struct buf text = {0}, out = {0};
		size_t width;

		if (utf8_is_control(c) || (c >= 0xd800 && c < 0xe000))
			continue;
		buf_addc(&text, 'a');
		utf8_encode(&text, c);
		charset_fold(&out, buf_str(&text), CHARSET_US_ASCII);
		for (size_t i = 0; i < out.len; i++)
			assert_true(out.p[i] >= 0x20 && out.p[i] < 0x7f);
		assert_true(out.len >= 1 && out.len <= 40);
		out.len = 0;
		charset_fold(&out, buf_str(&text), CHARSET_LATIN1);
		width = utf8_width(buf_str(&out));
		charset_encode(&out, 0, CHARSET_LATIN1);
		assert_int_equal(out.len, width);
		buf_free(&text);
		buf_free(&out);
	}
}

static void a_label_is_cut_to_columns_that_are_shown(void **state)
{
	struct buf out = {0};

	(void)state;
	charset_clean_cut(&out, STR("Łódź → Kraków → Gdańsk"), 16, CHARSET_US_ASCII);
	check_buf(&out, "Lodz -> Krako...");
	charset_clean_cut(&out, STR("Łódź → Kraków"), 14, CHARSET_US_ASCII);
	check_buf(&out, "Lodz -> Krakow");
	charset_clean_cut(&out, STR("Łódź → Kraków"), 12, CHARSET_UTF_8);
	check_buf(&out, "Łódź →…");
	charset_clean_cut(&out, STR("a\x1b\x07z"), 12, CHARSET_LATIN1);
	check_buf(&out, "a z");
}

static void encoding_leaves_alone_what_is_before(void **state)
{
	struct buf out = {0};

	(void)state;
	buf_addz(&out, "éé naïve");
	charset_encode(&out, 5, CHARSET_LATIN1);
	check_buf(&out, "éé na\xefve");
	buf_addz(&out, "Łé\xff");
	charset_encode(&out, 0, CHARSET_LATIN1);
	check_buf(&out, "?\xe9?");
	buf_addz(&out, "é");
	charset_encode(&out, 0, CHARSET_US_ASCII);
	check_buf(&out, "?");
	buf_addz(&out, "Łé");
	charset_encode(&out, 0, CHARSET_UTF_8);
	check_buf(&out, "Łé");
}

static void g16_names_are_those_of_the_iana(void **state)
{
	(void)state;
	assert_string_equal(charset_name(CHARSET_UTF_8), "UTF-8");
	assert_string_equal(charset_name(CHARSET_LATIN1), "ISO-8859-1");
	assert_string_equal(charset_name(CHARSET_US_ASCII), "US-ASCII");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(g09_text_is_folded_to_what_reads_well),
	    cmocka_unit_test(g09_alphabets_are_whole),
	    cmocka_unit_test(g09_any_character_ends_up_in_the_charset),
	    cmocka_unit_test(a_label_is_cut_to_columns_that_are_shown),
	    cmocka_unit_test(encoding_leaves_alone_what_is_before),
	    cmocka_unit_test(g16_names_are_those_of_the_iana),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
