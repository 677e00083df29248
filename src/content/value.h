/*
 * value: the readers of fields whose value is no text: a date, a number, a yes or
 * no, one of a few words.
 */
#ifndef CONTENT_VALUE_H
#define CONTENT_VALUE_H

#include "content/fields.h"

fields_reader
    value_date; /* struct date; of one in another form, the message says how to write it */
fields_reader value_bool;     /* bool */
fields_reader value_unsigned; /* unsigned, from the row's min to its max */

/*
 * True when node is one of the words, which end with NULL: *which is its index. Else
 * reports what they are.
 */
bool value_word(const struct fields *f, const struct fields_spec *spec,
    const struct yaml_node *node, const char *const words[], size_t *which);

#endif
