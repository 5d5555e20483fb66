/* SPDX-License-Identifier: MIT */
/*
 * JSON Schema (draft 7) of the files that this program reads, made of its own tables, so that an
 * editor can complete and check them. It knows the YAML around the statements; C is text to it.
 *
 * What a schema accepts the reader may still refuse: a name that is not there, a statement that is
 * no C. What it refuses the reader refuses as well, but for texts that look like a number or a
 * truth value to YAML (`title: 2024`), and for keys whose only value says that they are not used.
 */
#ifndef SCENARIO_SCHEMA_H
#define SCENARIO_SCHEMA_H

#include "base/str.h"

enum schema_of { SCHEMA_SCENARIO, SCHEMA_PLATFORM };

struct schema_names {
	const char *const *platforms; /* of the program, ended by NULL; none at all: any name */
	const char *const *calls;     /* "kfree(p)": offered where a statement begins */
};

/* Appends the schema, indented, with a final newline. */
void schema_print(enum schema_of of, const struct schema_names *names, struct str *out);

/* "int 0 64MiB" as words: "0 to 64MiB". For the manual. */
void schema_form_words(const char *form, struct str *out);

#endif
