/* SPDX-License-Identifier: MIT */
/* What writers of JSON share: jansson without its ways to fail unnoticed. Internal to report/. */
#ifndef REPORT_JSON_INT_H
#define REPORT_JSON_INT_H

#include <jansson.h>

#include "report/run.h"

/* Sets a key; takes v. */
void js_set(json_t *o, const char *key, json_t *v);
/* Appends to a list; takes v. */
void js_add(json_t *list, json_t *v);
/* Text that may come from a file: what is not UTF-8 is written as \xNN. NULL: null. */
json_t *js_text(const char *s);
json_t *js_number(u64 n);
json_t *js_ids(const struct id_list *l);
/* An object with `schema` and `type`. */
json_t *js_line(const char *type);
/* Appends it as a line, and releases it. */
void js_put(json_t *o, struct str *out);
/* The changes of a fix: [{"action":"insert-before","line":20,"text":"..."}]. */
struct fix;
json_t *js_edits(const struct names *n, const struct fix *x);
/* What is told of how to mend a finding: {"text", "where", "call", "edits"}. */
json_t *js_fix(const struct run *r, const struct finding *f);
/* The line of a finding of that run. */
json_t *js_finding(const struct run *r, const struct finding *f);

#endif
