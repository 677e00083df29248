/*
 * setting: one row of the table of settings, and the kinds of values.
 *
 * A kind reads one value from text, wherever that was written, and puts it into
 * struct settings where its row says. It knows neither files nor the command line.
 */
#ifndef SERVE_SETTING_H
#define SERVE_SETTING_H

#include "serve/settings.h"

/* When a changed setting takes effect. */
enum setting_when {
	SETTING_RELOAD,
	SETTING_START,
};

struct setting;

/*
 * Reads one value. Returns false, with nothing changed and the reason appended to why:
 * what is wrong, and what to write instead.
 */
typedef bool setting_kind(
    struct settings *s, const struct setting *t, struct str value, struct buf *why);

struct setting {
	const char *name;
	setting_kind *take;
	size_t offset;            /* in struct settings */
	size_t count;             /* offset of a list's size_t; 0: it is no list */
	unsigned usual;           /* of a number or a word: its default */
	unsigned least, most;     /* of a number; of a word: its first and last */
	const char *const *words; /* of a word: what is written for each value */
	bool optional;            /* of a text: it may be empty, which is none */
	enum setting_when when;
	const char *fallback; /* the default as it is written; NULL: usual */
	const char *part;     /* title of the part that begins with this row; NULL: it goes on */
	const char *brief;    /* what it is, with its unit, for one line; no full stop */
	const char *more;     /* whole sentences; NULL: brief says it all */
};

/* Into an unsigned, from least to most. */
setting_kind setting_number;

/* Into an unsigned, the index of one of words. */
setting_kind setting_word;

/* Into an unsigned: 1 for yes, 0 for no; also true and false, 1 and 0. */
setting_kind setting_flag;

/* Each into a struct str. */
setting_kind setting_path;        /* relative ones begin at settings.directory */
setting_kind setting_destination; /* of a log: stderr, syslog or a path */
setting_kind setting_access;      /* as setting_destination, or off */
setting_kind setting_text;        /* a word without spaces */

/* Each adds to a list. */
setting_kind setting_host;    /* struct str[]: a host of the digest's own; the first is a name */
setting_kind setting_alias;   /* struct str[] */
setting_kind setting_listen;  /* struct settings_listeners */
setting_kind setting_private; /* the same: of loopback or a unix socket, one */
setting_kind setting_network; /* struct settings_networks */

/* Appends "utf-8, latin1 or us-ascii" for a row with words. */
void setting_list_words(const struct setting *t, struct buf *out);

/* Appends the default as an operator would write it. */
void setting_default(const struct setting *t, struct buf *out);

#endif
