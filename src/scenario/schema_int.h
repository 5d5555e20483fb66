/* SPDX-License-Identifier: MIT */
/* What the files that make the JSON Schema share. Internal to scenario/. */
#ifndef SCENARIO_SCHEMA_INT_H
#define SCENARIO_SCHEMA_INT_H

#include <jansson.h>

#include "scenario/fields.h"
#include "scenario/schema.h"

struct schema {
	const struct schema_names *names;
	enum schema_of of;
};

/* jansson, without its ways to fail unnoticed: BUG_ON out of memory. They take over v. */
void schema_set(json_t *o, const char *key, json_t *v);
void schema_push(json_t *list, json_t *v);
json_t *schema_made(json_t *v); /* v, which must be there */
json_t *schema_ref(const char *definition);
/* What matches one of two. */
json_t *schema_either(json_t *a, json_t *b);
/* a for values of that type, else b: a mistake is then told as one in a, or in b. */
json_t *schema_by_type(const char *type, json_t *a, json_t *b);

/* The next word of a form: its length, from *s, which is moved to it; 0 at the end or before '|'.
 */
u32 schema_word(const char **s);

/* The form of a field (scenario/fields.def). may_param: the name of a param can stand for it. */
json_t *schema_form(const struct schema *s, const char *form, bool may_param);

/* A map of one or two groups of fields (FIELD_MAPS: none), with their descriptions. */
json_t *schema_map(const struct schema *s, enum field_map map, enum field_map more, bool may_param);

/* What forms name with `ref`: steps, params, expect and so on. Sets them in definitions. */
void schema_define_refs(const struct schema *s, json_t *definitions);

#endif
