#include "config.h"

#include "pages/paging.h"
#include "pages/reply.h"

uint32_t paging_count(size_t things, size_t each)
{
	return things == 0 ? 1 : (uint32_t)((things - 1) / each + 1);
}

bool paging_number(struct str digits, uint32_t *number)
{
	uint64_t n;

	if (str_starts(digits, STR("0")) || !str_to_uint(digits, UINT32_MAX, &n))
		return false;
	*number = (uint32_t)n;
	return true;
}

struct str paging_path(struct arena *a, const struct paging *l, uint32_t number)
{
	if (number == 1)
		return l->first;
	return arena_printf(a, "%.*s%s%u", STR_ARGS(l->first), l->prefix, number);
}

struct str paging_title(struct arena *a, struct str title, uint32_t number)
{
	return number == 1 ? title : arena_printf(a, "%.*s, page %u", STR_ARGS(title), number);
}

struct str paging_position(struct arena *a, const struct paging *l)
{
	if (l->pages == 1)
		return STR("");
	return arena_printf(a, " This is page %u of %u.", l->number, l->pages);
}

static void add_turn(struct page *p, const struct paging *l, uint32_t to, const char *label)
{
	page_search(p, paging_path(p->arena, l, to), l->words,
	    page_printf(p, "%s: %u of %u", label, to, l->pages));
}

void paging_turns(struct page *p, const struct paging *l)
{
	if (l->number < l->pages)
		add_turn(p, l, l->number + 1, "Next page");
	if (l->number > 1)
		add_turn(p, l, l->number - 1, "Previous page");
	if (l->number > 2)
		add_turn(p, l, 1, "First page");
	if (l->number + 1 < l->pages)
		add_turn(p, l, l->pages, "Last page");
}

struct pages_answer paging_past_end(const struct pages_request *q, const struct paging *l)
{
	return reply_elsewhere(q, "No such page",
	    "This list ends before that page. Its last one is:", paging_path(q->arena, l, l->pages),
	    arena_printf(q->arena, "Page %u", l->pages));
}
