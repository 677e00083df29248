#include "config.h"

#include "serve/frame.h"
#include "protocol/gemini_reply.h"
#include "protocol/gopher_reply.h"
#include "render/render.h"

static void add_text(struct buf *out, struct str text, bool stuffed)
{
	struct gopher_reply_text t = {.stuffed = stuffed};

	gopher_reply_text(&t, out, text);
	gopher_reply_text_end(&t, out);
}

static int gopher_reply(
    const struct pages_answer *p, const struct link_site *site, bool stuffed, struct buf *out)
{
	switch (p->kind) {
	case PAGES_PAGE:
		render_page(&format_gopher, p->page, site, out);
		return GEMINI_SUCCESS;
	case PAGES_TEXT:
		add_text(out, p->text, stuffed);
		return GEMINI_SUCCESS;
	case PAGES_MOVED:
		render_page(&format_gopher, p->page, site, out);
		return GEMINI_MOVED;
	case PAGES_GONE:
		gopher_reply_error(out, p->message);
		return GEMINI_GONE;
	default:
		gopher_reply_error(out, p->message);
		return GEMINI_NOT_FOUND;
	}
}

/* Only text is changed on its way (G-07), and feeds and other markup go without dots (F-13). */
static enum files_form gopher_file(struct str path, bool stuffed, struct buf *out)
{
	(void)out;
	if (link_item_type(path) != '0')
		return FILES_RAW;
	return stuffed ? FILES_GOPHER_STUFFED : FILES_GOPHER_TEXT;
}

static int gopher_failure(struct buf *out)
{
	gopher_reply_error(out, STR("The server cannot read this just now: try again later"));
	return GEMINI_FAILURE;
}

const struct frame frame_gopher = {gopher_reply, gopher_file, gopher_failure};
