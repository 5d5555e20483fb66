/* SPDX-License-Identifier: MIT */
/* What is no table of keys in a scenario file: names, steps, platforms, expectations. */
#include <string.h>

#include "core/diag.h"
#include "core/limits.h"
#include "scenario/doc.h"
#include "scenario/limits.h"
#include "scenario/parse.h"
#include "scenario/schema_int.h"

#define WORD_CHARS "[A-Za-z_][A-Za-z0-9_]*"

/* ---- names --------------------------------------------------------------------------------- */

/* "(?!(?:[oO][nN]|...)$)": these words are values to some readers of YAML. */
static void refuse_yaml_words(struct str *out)
{
	const char *const *w;
	const char *c;

	str_add(out, "(?!(?:");
	for (w = parse_yaml_words(); *w; w++) {
		str_add(out, w == parse_yaml_words() ? "" : "|");
		for (c = *w; *c; c++)
			str_printf(out, "[%c%c]", *c, *c - 'a' + 'A');
	}
	str_add(out, ")$)");
}

static json_t *name(const char *pattern, const char *text)
{
	struct str s = {0};
	json_t *o;

	str_add(&s, "^");
	refuse_yaml_words(&s);
	str_add(&s, pattern);
	o = json_pack("{s:s, s:s, s:i, s:s}", "type", "string", "pattern", str_get(&s), "maxLength",
		      LIMIT_NAME, "description", text);
	str_free(&s);
	return schema_made(o);
}

static void define_names(const struct schema *s, json_t *d)
{
	json_t *platforms = schema_made(json_array());
	u32 i;

	schema_set(d, "slug", name("[a-z0-9][a-z0-9-]*$", "Lower case letters, digits and '-'."));
	schema_set(d, "name", name(WORD_CHARS "$", "A C identifier."));
	for (i = 0; s->names->platforms[i]; i++)
		schema_push(platforms, json_string(s->names->platforms[i]));
	schema_set(d, "platform", i ? json_pack("{s:O}", "enum", platforms) : schema_ref("slug"));
	json_decref(platforms);
}

static void define_scalars(json_t *d)
{
	schema_set(d, "line",
		   json_pack("{s:s, s:s, s:i}", "type", "string", "pattern", "^[^\\n]+$",
			     "maxLength", LIMIT_TEXT));
	schema_set(d, "text", json_pack("{s:s, s:i}", "type", "string", "maxLength", LIMIT_TEXT));
	schema_set(d, "size",
		   json_pack("{s:s, s:s, s:s}", "type", "string", "pattern",
			     "^(0x[0-9a-fA-F]+|0|[1-9][0-9]*)[KMGT]iB$", "description",
			     "A number with KiB, MiB, GiB or TiB."));
	schema_set(d, "param",
		   json_pack("{s:s, s:s, s:s}", "type", "string", "pattern", "^" WORD_CHARS "$",
			     "description", "The name of a param of the file."));
}

/* ---- steps --------------------------------------------------------------------------------- */

/* What a key of a step is, besides the words of STEP: a device, a label, the header of control
 * flow. */
static void step_patterns(json_t *o)
{
	const struct field_info *f;
	struct str s = {0};
	u32 i;

	str_add(&s, "^(?!(?:");
	for (i = 0; (f = field_at(FIELDS_STEP, i)) != NULL; i++)
		str_printf(&s, "%s%s", i ? "|" : "", f->name);
	str_add(&s, "|else)$)" WORD_CHARS "$");
	schema_set(o, str_get(&s),
		   schema_either(schema_ref("steps"), json_pack("{s:s}", "type", "null")));
	str_free(&s);
	schema_set(o, "^" WORD_CHARS "\\s*\\(.*\\)$", schema_ref("steps"));
	schema_set(o, "^else(\\s+if\\s*\\(.*\\))?$", schema_ref("steps"));
}

static json_t *step(const struct schema *s)
{
	json_t *o = schema_map(s, FIELDS_STEP, FIELD_MAPS, false);
	json_t *patterns = schema_made(json_object()), *calls = schema_made(json_array());
	u32 i;

	for (i = 0; s->names->calls[i]; i++)
		schema_push(calls, json_string(s->names->calls[i]));
	step_patterns(patterns);
	schema_set(o, "type", json_pack("[s,s]", "string", "object"));
	schema_set(
	    o, "description",
	    json_string("A statement, or a map with one key: who acts (a device, hw, lab), a "
			"note, a question, a label, or control flow with its body."));
	schema_set(o, "minLength", json_integer(1));
	schema_set(o, "maxLength", json_integer(LIMIT_STATEMENT));
	schema_set(o, "minProperties", json_integer(1));
	schema_set(o, "patternProperties", patterns);
	schema_set(o, "examples", calls);
	schema_set(o, "anyOf",
		   json_pack("[{s:i}, {s:{s:s}}]", "maxProperties", 1, "propertyNames", "pattern",
			     "^(if|else)\\b"));
	return o;
}

static void define_steps(const struct schema *s, json_t *d)
{
	schema_set(d, "step", step(s));
	schema_set(d, "steps",
		   json_pack("{s:[s,s], s:i, s:i, s:i, s:i, s:o}", "type", "string", "array",
			     "minLength", 1, "maxLength", LIMIT_STATEMENT, "minItems", 1,
			     "maxItems", LIMIT_STEPS, "items", schema_ref("step")));
	schema_set(d, "expression",
		   json_pack("{s:[s,s], s:i, s:i}", "type", "string", "integer", "minLength", 1,
			     "maxLength", LIMIT_STATEMENT));
	schema_set(d, "choices",
		   json_pack("{s:s, s:i, s:i, s:o}", "type", "object", "minProperties", 1,
			     "maxProperties", LIMIT_CHOICES, "additionalProperties",
			     schema_ref("expression")));
	schema_set(d, "functions",
		   json_pack("{s:s, s:i, s:i, s:{s:s}, s:o}", "type", "object", "minProperties", 1,
			     "maxProperties", LIMIT_FUNCTIONS, "propertyNames", "pattern",
			     "^" WORD_CHARS "\\s*\\(.*\\)$", "additionalProperties",
			     schema_ref("steps")));
}

/* ---- maps of names ------------------------------------------------------------------------- */

static json_t *map_of(const char *key, u32 min, u32 max, json_t *value)
{
	return schema_made(json_pack("{s:s, s:i, s:i, s:o, s:o}", "type", "object", "minProperties",
				     (int)min, "maxProperties", (int)max, "propertyNames",
				     schema_ref(key), "additionalProperties", value));
}

static json_t *list_of(u32 min, u32 max, json_t *item)
{
	return schema_made(json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", (int)min,
				     "maxItems", (int)max, "items", item));
}

static void define_parts(json_t *d)
{
	schema_set(
	    d, "params",
	    map_of("name", 0, LIMIT_PARAMS,
		   schema_either(json_pack("{s:s}", "type", "integer"), schema_ref("size"))));
	schema_set(d, "devices", map_of("name", 1, LIMIT_DEVICES, schema_ref("DEVICE")));
	schema_set(d, "windows",
		   map_of("name", 1, WINDOWS_MAX,
			  json_pack("{s:s, s:s}", "type", "string", "pattern",
				    "^(0x[0-9a-fA-F]+|[0-9]+)\\.\\.(0x[0-9a-fA-F]+|[0-9]+)$")));
	schema_set(d, "platforms",
		   list_of(1, LIMIT_PLATFORMS,
			   schema_by_type("string", schema_ref("platform"),
					  map_of("slug", 1, 1, schema_ref("OWN")))));
	schema_set(d, "variants",
		   schema_by_type("array", list_of(1, LIMIT_VARIANTS, schema_ref("name")),
				  map_of("name", 1, LIMIT_VARIANTS, schema_ref("VARIANT"))));
}

/* ---- expectations -------------------------------------------------------------------------- */

static json_t *finding(void)
{
	json_t *ids = schema_made(json_array());
	struct str s = {0};
	json_t *o;
	u32 i;

	str_add(&s, "^(assert:.+|(?:");
	for (i = 0; i < DIAG_ASSERT; i++) {
		schema_push(ids, json_string(diag_info(i)->name));
		str_printf(&s, "%s%s", i ? "|" : "", diag_info(i)->name);
	}
	str_add(&s, ")/(");
	for (i = 0; i <= SEVERITY_CORRUPTION; i++)
		str_printf(&s, "%s%s", i ? "|" : "", severity_name((enum severity)i));
	str_add(&s, "))$");
	o = schema_either(json_pack("{s:o}", "enum", ids),
			  json_pack("{s:s, s:s}", "type", "string", "pattern", str_get(&s)));
	schema_set(o, "description",
		   json_string("The id of a diagnosis, perhaps with /corruption, /violation or "
			       "/cost; or assert:NAME."));
	str_free(&s);
	return o;
}

static void define_expect(json_t *d)
{
	json_t *findings = list_of(0, LIMIT_WORDS, schema_ref("finding"));

	schema_set(findings, "uniqueItems", json_true());
	schema_set(d, "finding", finding());
	schema_set(d, "findings", findings);
	schema_set(d, "answer",
		   schema_by_type("array", schema_ref("findings"), schema_ref("EXPECT")));
	schema_set(d, "expect", json_pack("{s:s}", "type", "object"));
	schema_set(d, "expect_platforms", map_of("slug", 0, LIMIT_PLATFORMS, schema_ref("answer")));
	schema_set(d, "expect_variants",
		   map_of("name", 0, LIMIT_VARIANTS, schema_ref("expect_platforms")));
}

void schema_define_refs(const struct schema *s, json_t *definitions)
{
	define_names(s, definitions);
	define_scalars(definitions);
	if (s->of == SCHEMA_PLATFORM)
		return;
	define_steps(s, definitions);
	define_parts(definitions);
	define_expect(definitions);
}
