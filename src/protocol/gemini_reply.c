#include "config.h"

#include "protocol/gemini_reply.h"
#include "base/utf8.h"

#include <assert.h>

size_t gemini_reply_head(char out[GEMINI_REPLY_MAX], int status, struct str meta)
{
	size_t at = 0, end;
	uint32_t c;

	assert(status >= 10 && status <= 69 && meta.n > 0);
	out[at++] = (char)('0' + status / 10);
	out[at++] = (char)('0' + status % 10);
	out[at++] = ' ';
	end = at + GEMINI_REPLY_META_MAX;
	for (size_t i = 0, n; i < meta.n; i += n) {
		bool bad;

		n = utf8_decode(str_skip(meta, i), &c, &bad);
		if (at + n > end)
			break;
		if (bad || utf8_is_control(c))
			out[at++] = ' ';
		else
			for (size_t k = 0; k < n; k++)
				out[at++] = meta.p[i + k];
	}
	out[at++] = '\r';
	out[at++] = '\n';
	return at;
}
