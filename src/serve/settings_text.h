/*
 * settings_text: the table of settings as people read it.
 *
 * One table, three forms: the list in `digestd serve --help`, a sample of
 * digestd.yaml that changes nothing, and the settings of digestd.yaml(5) in mdoc(7).
 */
#ifndef SERVE_SETTINGS_TEXT_H
#define SERVE_SETTINGS_TEXT_H

#include "base/buf.h"

/* Appends a line or two for each setting. */
void settings_text_help(struct buf *out);

/* Appends a configuration file in which every setting is a comment that says its default. */
void settings_text_sample(struct buf *out);

/* Appends the sections of the manual page, one for each part of the table. */
void settings_text_manual(struct buf *out);

#endif
