#include "config.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX 1024

struct diag_list *diag_new(void)
{
	struct diag_list *d = mem_zalloc(1, sizeof *d);

	d->arena = arena_new(4096);
	return d;
}

void diag_free(struct diag_list *d)
{
	if (!d)
		return;
	arena_free(d->arena);
	free(d->items);
	free(d);
}

void diag_error(struct diag_list *d, struct diag_pos pos, const char *fmt, ...)
{
	char text[TEXT_MAX];
	struct buf line = {0}, file = {0};
	va_list ap;

	d->total++;
	if (d->n == DIAG_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	utf8_clean(&line, str_of(text));
	utf8_clean(&file, pos.file);
	pos.file = arena_str(d->arena, buf_str(&file));
	d->items = mem_grow(d->items, &d->cap, d->n + 1, sizeof *d->items);
	d->items[d->n++] = (struct diag){pos, arena_str(d->arena, buf_str(&line))};
	buf_free(&line);
	buf_free(&file);
}

static int by_place(const void *x, const void *y)
{
	const struct diag *const *a = x, *const *b = y;
	int c = str_cmp((*a)->pos.file, (*b)->pos.file);

	if (c)
		return c;
	if ((*a)->pos.line != (*b)->pos.line)
		return (*a)->pos.line < (*b)->pos.line ? -1 : 1;
	if ((*a)->pos.column != (*b)->pos.column)
		return (*a)->pos.column < (*b)->pos.column ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

static void print_one(const struct diag *d, struct buf *out)
{
	buf_add(out, d->pos.file);
	if (d->pos.line)
		buf_printf(out, ":%u", d->pos.line);
	if (d->pos.line && d->pos.column)
		buf_printf(out, ":%u", d->pos.column);
	buf_addz(out, ": error: ");
	buf_add(out, d->text);
	buf_addc(out, '\n');
}

void diag_print(const struct diag_list *d, struct buf *out)
{
	const struct diag **order = mem_zalloc(d->n, sizeof *order);

	for (size_t i = 0; i < d->n; i++)
		order[i] = &d->items[i];
	qsort(order, d->n, sizeof *order, by_place);
	for (size_t i = 0; i < d->n; i++)
		print_one(order[i], out);
	if (d->total > d->n)
		buf_printf(out, "and %zu more; mend these first\n", d->total - d->n);
	free(order);
}
