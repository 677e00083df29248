#include "config.h"

#include "base/media.h"

#define UTF8 "; charset=utf-8"

static const struct media table[] = {
    {".asc", "text/plain" UTF8, '0'},
    {".atom", "application/atom+xml", '0'},
    {".avif", "image/avif", 'I'},
    {".c", "text/plain" UTF8, '0'},
    {".conf", "text/plain" UTF8, '0'},
    {".css", "text/css" UTF8, '0'},
    {".csv", "text/csv" UTF8, '0'},
    {".diff", "text/plain" UTF8, '0'},
    {".epub", "application/epub+zip", '9'},
    {".flac", "audio/flac", '9'},
    {".gif", "image/gif", 'g'},
    {".gmi", "text/gemini" UTF8, '0'},
    {".gz", "application/gzip", '9'},
    {".h", "text/plain" UTF8, '0'},
    {".htm", "text/html" UTF8, 'h'},
    {".html", "text/html" UTF8, 'h'},
    {".jpeg", "image/jpeg", 'I'},
    {".jpg", "image/jpeg", 'I'},
    {".json", "application/json", '0'},
    {".log", "text/plain" UTF8, '0'},
    {".md", "text/markdown" UTF8, '0'},
    {".mp3", "audio/mpeg", '9'},
    {".mp4", "video/mp4", '9'},
    {".ogg", "audio/ogg", '9'},
    {".opml", "text/x-opml" UTF8, '0'},
    {".opus", "audio/ogg", '9'},
    {".patch", "text/plain" UTF8, '0'},
    {".pdf", "application/pdf", '9'},
    {".pgp", "application/pgp-keys", '0'},
    {".png", "image/png", 'I'},
    {".ps", "application/postscript", '9'},
    {".rs", "text/plain" UTF8, '0'},
    {".rss", "application/rss+xml", '0'},
    {".sh", "text/plain" UTF8, '0'},
    {".svg", "image/svg+xml", 'I'},
    {".tar", "application/x-tar", '9'},
    {".toml", "text/plain" UTF8, '0'},
    {".txt", "text/plain" UTF8, '0'},
    {".wav", "audio/wav", '9'},
    {".webm", "video/webm", '9'},
    {".webp", "image/webp", 'I'},
    {".xml", "text/xml" UTF8, '0'},
    {".xz", "application/x-xz", '9'},
    {".yaml", "text/plain" UTF8, '0'},
    {".yml", "text/plain" UTF8, '0'},
    {".zip", "application/zip", '9'},
    {".zst", "application/zstd", '9'},
};

static const struct media unknown = {"", "application/octet-stream", '9'};

const struct media *media_of(struct str name)
{
	size_t dot = name.n;

	while (dot > 0 && name.p[dot - 1] != '.' && name.p[dot - 1] != '/')
		dot--;
	if (dot == 0 || name.p[dot - 1] != '.')
		return &unknown;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq_nocase(str_skip(name, dot - 1), str_of(table[i].ending)))
			return &table[i];
	return &unknown;
}
