/*
 * check: what every unit test needs beside cmocka: comparing slices byte by
 * byte, with both sides shown so that no control character hides.
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline void check_show(const char *what, struct str s)
{
	struct buf out = {0};

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= ' ' && s.p[i] <= '~')
			buf_addc(&out, s.p[i]);
		else
			buf_printf(&out, "\\x%02x", (unsigned char)s.p[i]);
	}
	print_error("%s: %zu bytes: %s\n", what, s.n, buf_z(&out));
	buf_free(&out);
}

static inline void check_slices(struct str have, struct str want, const char *file, int line)
{
	if (str_eq(have, want))
		return;
	check_show("have", have);
	check_show("want", want);
	_fail(file, line);
}

/* The slice is exactly those bytes; want is text without NUL, or a slice. */
#define check_str(have, want) check_slices(have, str_of(want), __FILE__, __LINE__)
#define check_same(have, want) check_slices(have, want, __FILE__, __LINE__)

/* The same of a buffer, which is freed. */
static inline void check_buffer(struct buf *have, const char *want, const char *file, int line)
{
	check_slices(buf_str(have), str_of(want), file, line);
	buf_free(have);
}
#define check_buf(have, want) check_buffer(have, want, __FILE__, __LINE__)

/* Names the row of a table that failed. */
#define check_row(condition, name)                                                                 \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_error("row '%s': %s\n", name, #condition);                           \
			_fail(__FILE__, __LINE__);                                                 \
		}                                                                                  \
	} while (0)

/* A number that looks random and is the same in every run. */
static inline uint32_t check_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

#endif
