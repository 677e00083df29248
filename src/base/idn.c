#include "config.h"

#include "base/idn.h"
#include "base/utf8.h"

#include <idn2.h>

/* More than any name has in UTF-8: 253 characters of at most four bytes. */
#define NAME_MAX_BYTES 1012

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static void add_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]));
}

/* Converts a name of which the library need not fear anything: valid, bounded, ended by NUL. */
static bool convert(struct buf *out, const char *name, const char **why)
{
	char *ascii = NULL;
	int fault = idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	if (fault != IDN2_OK) {
		*why = idn2_strerror(fault);
		return false;
	}
	buf_addz(out, ascii);
	idn2_free(ascii);
	return true;
}

bool idn_to_ascii(struct buf *out, struct str name, const char **why)
{
	struct buf text = {0};
	const char *fault = NULL;
	bool ok = true;

	if (is_ascii(name)) {
		add_lower(out, name);
		return true;
	}
	if (name.n > NAME_MAX_BYTES)
		fault = "it is too long";
	else if (!utf8_valid(name, NULL) || utf8_find_control(name) < name.n)
		fault = "it is not text in UTF-8";
	if (!fault) {
		buf_add(&text, name);
		ok = convert(out, buf_z(&text), &fault);
	}
	buf_free(&text);
	if (why)
		*why = fault;
	return ok && !fault;
}
