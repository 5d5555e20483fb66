/* SPDX-License-Identifier: MIT */
/*
 * YAML scalars as integers, truth values and names. In YAML fields an integer is decimal or 0x…,
 * with KiB, MiB, GiB or TiB; nothing else that some YAML reader takes for a number is one.
 */
#ifndef SCENARIO_VALUE_H
#define SCENARIO_VALUE_H

#include "base/err.h"
#include "scenario/ast.h"
#include "scenario/yaml.h"

/* Reports in errs and returns false if n is no integer, or not within min to max. */
bool value_read_int(const struct ynode *n, s64 min, s64 max, s64 *out, struct err_list *errs);
/* "0x10..0x1f": the first and the last of a range of integers. False: it is none. */
bool value_parse_range(const char *text, u64 *lo, u64 *hi);
bool value_read_u64(const struct ynode *n, u64 max, u64 *out, struct err_list *errs);

/* true or false, and no other word. */
bool value_read_bool(const struct ynode *n, bool *out, struct err_list *errs);

/* A C identifier that YAML readers leave alone and that is no word of C. */
bool value_read_name(const struct ynode *n, struct name *out, struct err_list *errs);

/* A name with dashes, as "arm64-soc": lower case letters, digits, '-'. */
bool value_read_slug(const struct ynode *n, struct name *out, struct err_list *errs);

/* Text of at most LIMIT_TEXT bytes; one_line: without a line break, and not empty. */
bool value_read_text(const struct ynode *n, bool one_line, const char **out, struct err_list *errs);

/* "did you mean "x"?" in errs' arena, or other if no name is near. names end with NULL. */
const char *value_hint_near(struct err_list *errs, const char *word, const char *const *names,
			    const char *other);

#endif
