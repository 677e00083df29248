#include "config.h"

#include "serve/host.h"
#include "base/idn.h"
#include "base/utf8.h"
#include "net/address.h"

/* Bounds of RFC 1035 s2.3.4, in the form that people write. */
#define NAME_MAX_BYTES 253
#define LABEL_MAX_BYTES 63

#define STAR STR("*.")

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 1123 s2.1, with the underscore that some names have. */
static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX_BYTES || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alphanumeric(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool is_name(struct str s)
{
	struct str label;

	if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[s.n - 1] == '.')
		return false;
	while (str_next_field(&s, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

/* Appends the address that s is the text of, if it is one. */
static bool add_address(struct buf *out, struct str s)
{
	bool colons = str_index(s, ':') < s.n;
	bool bare = colons && !str_starts(s, STR("["));
	struct net_address found[ADDRESS_MAX];
	struct buf text = {0};
	bool is_one;

	buf_printf(&text, "%s%.*s%s:0", bare ? "[" : "", STR_ARGS(s), bare ? "]" : "");
	is_one = address_parse(buf_str(&text), found, &(const char *){NULL}) == 1;
	buf_free(&text);
	if (is_one)
		address_format_host(out, &found[0]);
	return is_one;
}

/* Why there can be no such name, or NULL. The files of "_.x" would be those of "*.x". */
static const char *find_fault(struct str name, bool wildcard)
{
	if (!is_name(name))
		return "write letters, digits and hyphens, as in gopher.example.org";
	if (!wildcard && str_eq(str_sub(name, 0, str_index(name, '.')), STR("_")))
		return "an underscore alone stands for a wildcard's star in names of files";
	return NULL;
}

static bool add_name(struct buf *out, struct str written, const char **why)
{
	struct buf form = {0};
	bool wildcard = str_starts(written, STAR), ok;

	ok = idn_to_ascii(&form, str_skip(written, wildcard ? STAR.n : 0), why);
	if (ok && str_ends(buf_str(&form), STR(".")))
		form.len--;
	if (ok) {
		*why = find_fault(buf_str(&form), wildcard);
		ok = !*why;
	}
	if (ok) {
		buf_add(out, wildcard ? STAR : STR(""));
		buf_add(out, buf_str(&form));
	}
	buf_free(&form);
	return ok;
}

bool host_form(struct buf *out, struct str written, const char **why)
{
	const char *fault = "it holds a control character";

	/* A NUL would end it too early for those who read it as a string. */
	if (utf8_find_control(written) == written.n &&
	    (add_address(out, written) || add_name(out, written, &fault)))
		return true;
	if (why)
		*why = fault;
	return false;
}

bool host_is_address(struct str host)
{
	struct buf same = {0};
	bool is_one = add_address(&same, host);

	buf_free(&same);
	return is_one;
}

bool host_is_wildcard(struct str host)
{
	return str_starts(host, STAR);
}

bool host_is_below(struct str host, struct str wildcard)
{
	size_t dot = str_index(host, '.');

	return host_is_wildcard(wildcard) && dot > 0 &&
	    str_eq(str_skip(host, dot), str_skip(wildcard, 1)) && !host_is_address(host);
}

void host_file_name(struct buf *out, struct str host)
{
	bool wildcard = host_is_wildcard(host);

	buf_addz(out, wildcard ? "_" : "");
	buf_add(out, str_skip(host, wildcard ? 1 : 0));
}
