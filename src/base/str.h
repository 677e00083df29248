/*
 * str: a borrowed slice of bytes, the currency of every module.
 *
 * A struct str owns nothing and need not end in NUL; whoever made the bytes
 * says how long they live. The empty slice may have p == NULL. Bytes are
 * compared as bytes; only the functions that say so fold ASCII case, and none
 * looks at the locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p; /* first byte; NULL only when n is 0 */
	size_t n;      /* bytes */
};

/* A slice of a string literal. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* For printf: "%.*s", STR_ARGS(s). Lengths past INT_MAX are cut. */
#define STR_ARGS(s) ((s).n > 0x7fffffff ? 0x7fffffff : (int)(s).n), ((s).p ? (s).p : "")

/* A slice of a NUL-terminated string; NULL gives the empty slice. */
static inline struct str str_of(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

/* The bytes from..to (to not included) of s; both are clamped to its length. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){from ? s.p + from : s.p, to - from};
}

/* s without its first n bytes. */
static inline struct str str_skip(struct str s, size_t n)
{
	return str_sub(s, n, s.n);
}

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII case folded */
int str_cmp(struct str a, struct str b);        /* <0, 0, >0, as memcmp, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Index of the first byte c, or s.n. */
size_t str_index(struct str s, char c);

/* s without leading and trailing spaces, tabs, CR and LF. */
struct str str_trim(struct str s);

/*
 * Takes the next line off *rest: *line gets it without its LF or CRLF. Returns
 * false when nothing was left. A last line without LF counts.
 */
bool str_next_line(struct str *rest, struct str *line);

/*
 * Takes the text up to the next sep off *rest, without the separator. Returns
 * false when nothing was left. Empty fields are returned as empty slices.
 */
bool str_next_field(struct str *rest, char sep, struct str *field);

/* Decimal digits only, at most max; false for anything else, an empty slice included. */
bool str_to_uint(struct str s, uint64_t max, uint64_t *value);

/* FNV-1a, for tables whose keys no stranger chooses. */
uint64_t str_hash(struct str s);

/*
 * Edits (insert, delete, replace) that turn a into b; for "did you mean". Words
 * over 64 bytes are reported as SIZE_MAX apart.
 */
size_t str_distance(struct str a, struct str b);

#endif
