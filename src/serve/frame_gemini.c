#include "config.h"

#include "serve/frame.h"
#include "base/media.h"
#include "protocol/gemini_reply.h"
#include "render/feed.h"
#include "render/render.h"

#include <stdio.h>

static int add_head(struct buf *out, int status, struct str meta)
{
	char *p = buf_reserve(out, GEMINI_REPLY_MAX);

	out->len += gemini_reply_head(p, status, meta);
	return status;
}

/* M-21 */
static int add_page(const struct page *page, const struct link_site *site, struct buf *out)
{
	add_head(out, GEMINI_SUCCESS,
	    arena_printf(page->arena, "text/gemini; charset=utf-8%s%.*s",
		page->language.n ? "; lang=" : "", STR_ARGS(page->language)));
	render_page(&format_gemini, page, site, out);
	return GEMINI_SUCCESS;
}

/* M-15: clients do not carry a query over, so the target has it. */
static int add_redirect(const struct pages_answer *p, int status, struct buf *out)
{
	struct buf meta = {0};

	link_path(&meta, p->target, p->words);
	add_head(out, status, buf_str(&meta));
	buf_free(&meta);
	return status;
}

static int gemini_reply(const struct pages_answer *p, const struct link_site *site,
    const struct settings *s, struct buf *out)
{
	(void)s;
	switch (p->kind) {
	case PAGES_PAGE:
		return add_page(p->page, site, out);
	case PAGES_TEXT:
		add_head(out, GEMINI_SUCCESS, str_of(p->media));
		buf_add(out, p->text);
		return GEMINI_SUCCESS;
	case PAGES_FEED:
		add_head(out, GEMINI_SUCCESS, str_of(p->format->media));
		feed_print(p->format, p->feed, site, link_gemini_url, out);
		return GEMINI_SUCCESS;
	case PAGES_INPUT:
		return add_head(out, GEMINI_INPUT, p->message);
	case PAGES_MOVED:
		return add_redirect(p, GEMINI_MOVED, out);
	case PAGES_ELSEWHERE:
		return add_redirect(p, GEMINI_REDIRECT, out);
	case PAGES_FAILED:
		return add_head(out, GEMINI_FAILURE, p->message);
	case PAGES_GONE:
		return add_head(out, GEMINI_GONE, p->message);
	default:
		return add_head(out, GEMINI_NOT_FOUND, p->message);
	}
}

static enum files_form gemini_file(struct str path, const struct settings *s, struct buf *out)
{
	(void)s;
	add_head(out, GEMINI_SUCCESS, str_of(media_of(path)->type));
	return FILES_RAW;
}

static int gemini_failure(struct buf *out)
{
	return add_head(
	    out, GEMINI_FAILURE, STR("The server cannot read this just now: try again later"));
}

/* M-20: digits only, for the clients that read them. */
static int gemini_busy(unsigned seconds, struct buf *out)
{
	char digits[16];

	snprintf(digits, sizeof digits, "%u", seconds);
	return add_head(out, GEMINI_SLOW_DOWN, str_of(digits));
}

const struct frame frame_gemini = {gemini_reply, gemini_file, gemini_failure, gemini_busy};
