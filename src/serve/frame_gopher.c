#include "config.h"

#include "serve/frame.h"
#include "protocol/gemini_reply.h"
#include "protocol/gopher_reply.h"
#include "render/feed.h"
#include "render/render.h"

#include <stdio.h>

static void add_text(struct buf *out, struct str text, bool stuffed)
{
	struct gopher_reply_text t = {.stuffed = stuffed};

	gopher_reply_text(&t, out, text);
	gopher_reply_text_end(&t, out);
}

static const int statuses[] = {
    [PAGES_NOT_FOUND] = GEMINI_NOT_FOUND,
    [PAGES_PAGE] = GEMINI_SUCCESS,
    [PAGES_TEXT] = GEMINI_SUCCESS,
    [PAGES_FEED] = GEMINI_SUCCESS,
    [PAGES_INPUT] = GEMINI_INPUT,
    [PAGES_MOVED] = GEMINI_MOVED,
    [PAGES_ELSEWHERE] = GEMINI_REDIRECT,
    [PAGES_GONE] = GEMINI_GONE,
    [PAGES_FAILED] = GEMINI_FAILURE,
};

/* A feed goes out as it is, whatever its lines begin with, for a program reads it (F-13). */
static int gopher_reply(const struct pages_answer *p, const struct link_site *site,
    const struct settings *s, struct buf *out)
{
	struct render_format menu = format_gopher;

	menu.charset = s->gopher_charset;
	if (p->page)
		render_page(&menu, p->page, site, out);
	else if (p->kind == PAGES_TEXT)
		add_text(out, p->text,
		    s->gopher_text_dots && str_starts(str_of(p->media), STR("text/plain")));
	else if (p->kind == PAGES_FEED)
		feed_print(p->format, p->feed, site, link_gopher_url, out);
	else
		gopher_reply_error(out, p->message, menu.charset);
	return statuses[p->kind];
}

/* Only text is changed on its way (G-07), and feeds and other markup go without dots (F-13). */
static enum files_form gopher_file(struct str path, const struct settings *s, struct buf *out)
{
	(void)out;
	if (link_item_type(path) != '0')
		return FILES_RAW;
	return s->gopher_text_dots ? FILES_GOPHER_STUFFED : FILES_GOPHER_TEXT;
}

static int gopher_failure(struct buf *out)
{
	gopher_reply_error(
	    out, STR("The server cannot read this just now: try again later"), CHARSET_US_ASCII);
	return GEMINI_FAILURE;
}

static int gopher_busy(unsigned seconds, struct buf *out)
{
	char text[80];

	snprintf(text, sizeof text, "Too much is asked for just now: try again in %u second%s",
	    seconds, seconds == 1 ? "" : "s");
	gopher_reply_error(out, str_of(text), CHARSET_US_ASCII);
	return GEMINI_SLOW_DOWN;
}

const struct frame frame_gopher = {gopher_reply, gopher_file, gopher_failure, gopher_busy};
