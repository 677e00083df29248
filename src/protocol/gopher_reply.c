#include "config.h"

#include "protocol/gopher_reply.h"
#include "base/uri.h"

#define WIDTH 66 /* as of every label (G-08) */

void gopher_reply_error(struct buf *out, struct str message, enum charset charset)
{
	size_t start = out->len;

	buf_addc(out, '3');
	charset_clean_cut(out, message, WIDTH, charset);
	charset_encode(out, start, charset);
	buf_addz(out, "\t\terror.host\t1\r\n.\r\n");
}

static void add_html(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			buf_addz(out, "&amp;");
			break;
		case '<':
			buf_addz(out, "&lt;");
			break;
		case '>':
			buf_addz(out, "&gt;");
			break;
		case '"':
			buf_addz(out, "&quot;");
			break;
		case '\'':
			buf_addz(out, "&#39;");
			break;
		default:
			buf_addc(out, s.p[i]);
			break;
		}
	}
}

static void add_html_link(struct buf *out, struct str url)
{
	buf_addz(out, "<p><a href=\"");
	add_html(out, url);
	buf_addz(out, "\">");
	add_html(out, url);
	buf_addz(out, "</a></p>\n");
}

bool gopher_reply_url(struct buf *out, struct str url)
{
	struct uri u;

	if (!uri_parse(url, true, &u, NULL) || uri_leads_nowhere(&u))
		return false;
	buf_addz(out,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>A link out of Gopher</title>\n"
	    "<meta http-equiv=\"refresh\" content=\"1;url=");
	add_html(out, url);
	buf_addz(out, "\"></head><body>\n<p>This link leads out of Gopher, to:</p>\n");
	add_html_link(out, url);
	buf_addz(out, "</body></html>\n");
	return true;
}

void gopher_reply_http(
    struct buf *out, bool head, struct str title, struct str gopher_url, struct str gemini_url)
{
	buf_addz(out,
	    "HTTP/1.0 400 Bad Request\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Connection: close\r\n"
	    "\r\n");
	if (head)
		return;
	buf_addz(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
	add_html(out, title);
	buf_addz(out, "</title></head><body>\n<h1>");
	add_html(out, title);
	buf_addz(out,
	    "</h1>\n<p>This port speaks Gopher, not HTTP. With a Gopher or a Gemini client, "
	    "you find it at:</p>\n");
	if (gopher_url.n > 0)
		add_html_link(out, gopher_url);
	if (gemini_url.n > 0)
		add_html_link(out, gemini_url);
	buf_addz(out, "</body></html>\n");
}

static void end_line(struct gopher_reply_text *t, struct buf *out)
{
	/* Kristall ends a text at the first line that is a single dot. */
	if (t->held_dot)
		buf_addz(out, "..");
	buf_addz(out, "\r\n");
	t->held_dot = false;
	t->in_line = false;
}

static void add_byte(struct gopher_reply_text *t, struct buf *out, char c)
{
	if (t->held_dot)
		buf_addc(out, '.');
	if (c == '.' && !t->in_line) {
		t->held_dot = !t->stuffed;
		if (t->stuffed)
			buf_addz(out, "..");
	} else {
		t->held_dot = false;
		buf_addc(out, c);
	}
	t->in_line = true;
}

void gopher_reply_text(struct gopher_reply_text *t, struct buf *out, struct str piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		char c = piece.p[i];

		if (t->held_cr && c != '\n')
			add_byte(t, out, '\r');
		t->held_cr = c == '\r';
		if (c == '\n')
			end_line(t, out);
		else if (c != '\r')
			add_byte(t, out, c);
	}
}

void gopher_reply_text_end(struct gopher_reply_text *t, struct buf *out)
{
	if (t->in_line || t->held_cr)
		end_line(t, out);
	if (t->stuffed)
		buf_addz(out, ".\r\n");
}
