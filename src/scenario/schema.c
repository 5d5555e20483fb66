/* SPDX-License-Identifier: MIT */
/* The schema as a whole, and the maps and forms of scenario/fields.def in it. */
#include "scenario/schema.h"

#include <string.h>

#include "base/bug.h"
#include "engine/config.h"
#include "scenario/limits.h"
#include "scenario/schema_int.h"

/* ---- jansson ------------------------------------------------------------------------------- */

json_t *schema_made(json_t *v)
{
	BUG_ON(!v);
	return v;
}

void schema_set(json_t *o, const char *key, json_t *v)
{
	BUG_ON(!v || json_object_set_new(o, key, v) != 0);
}

void schema_push(json_t *list, json_t *v)
{
	BUG_ON(!v || json_array_append_new(list, v) != 0);
}

json_t *schema_ref(const char *definition)
{
	return schema_made(json_pack("{s:s+}", "$ref", "#/definitions/", definition));
}

json_t *schema_either(json_t *a, json_t *b)
{
	return schema_made(json_pack("{s:[o,o]}", "anyOf", a, b));
}

json_t *schema_by_type(const char *type, json_t *a, json_t *b)
{
	return schema_made(
	    json_pack("{s:{s:s}, s:o, s:o}", "if", "type", type, "then", a, "else", b));
}

/* ---- forms --------------------------------------------------------------------------------- */

u32 schema_word(const char **s)
{
	u32 n = 0;

	while (**s == ' ')
		(*s)++;
	while ((*s)[n] && (*s)[n] != ' ' && (*s)[n] != '|')
		n++;
	return n;
}

/* Takes a number with its unit off a form; "max" is 2^64 - 1. */
static u64 take_number(const char **s)
{
	static const char units[] = "KMGTP";
	u64 v = 0;

	schema_word(s);
	if (strncmp(*s, "max", 3) == 0) {
		*s += 3;
		return UINT64_MAX;
	}
	for (; **s >= '0' && **s <= '9'; (*s)++)
		v = v * 10 + (u64)(**s - '0');
	if (**s && strchr(units, **s)) {
		v <<= 10 * (strchr(units, **s) - units + 1);
		*s += 3;
	}
	return v;
}

static json_t *integer_form(const char **s, bool pow2)
{
	u64 min = take_number(s), max = take_number(s), v;
	json_t *o = schema_made(json_object()), *list;

	if (pow2) {
		list = schema_made(json_array());
		for (v = min; v <= max; v *= 2)
			schema_push(list, json_integer((json_int_t)v));
		schema_set(o, "enum", list);
	} else {
		schema_set(o, "type", json_string("integer"));
		schema_set(o, "minimum", json_integer((json_int_t)min));
		if (max <= INT64_MAX)
			schema_set(o, "maximum", json_integer((json_int_t)max));
	}
	return max < 1024 ? o : schema_either(o, schema_ref("size"));
}

/* A word that is a whole number is one for every reader of YAML. */
static json_t *words_form(const char **s)
{
	json_t *list = schema_made(json_array());
	u32 n;

	while ((n = schema_word(s)) > 0) {
		if (strspn(*s, "0123456789") == n)
			schema_push(list, json_integer(**s - '0'));
		else
			schema_push(list, json_stringn(*s, n));
		*s += n;
	}
	return schema_made(json_pack("{s:o}", "enum", list));
}

static json_t *arch_form(void)
{
	json_t *list = schema_made(json_array());
	u32 i;

	for (i = 0; i < ARCH_IDS; i++)
		schema_push(list, json_string(arch_name((enum arch_id)i)));
	return schema_made(json_pack("{s:o}", "enum", list));
}

static json_t *quirk_form(void)
{
	json_t *list = schema_made(json_array());
	u32 i;

	for (i = 0; i < QUIRKS; i++)
		schema_push(list, json_string(quirk_info((enum quirk)i)->name));
	return schema_made(json_pack("{s:o}", "enum", list));
}

static bool take(const char **s, const char *word)
{
	if (schema_word(s) != strlen(word) || memcmp(*s, word, strlen(word)) != 0)
		return false;
	*s += strlen(word);
	return true;
}

static json_t *one_form(const char **s, bool *number);

static json_t *list_form(const char **s)
{
	u64 min = take_number(s), max = take_number(s);
	bool number;

	return schema_made(json_pack("{s:s, s:I, s:I, s:o}", "type", "array", "minItems",
				     (json_int_t)min, "maxItems", (json_int_t)max, "items",
				     one_form(s, &number)));
}

/* Sets *number if the name of a param may stand there. */
static json_t *one_form(const char **s, bool *number)
{
	char name[LIMIT_NAME + 1];
	bool map = false;
	u32 n;

	*number = false;
	if (take(s, "list"))
		return list_form(s);
	if (take(s, "word"))
		return words_form(s);
	if (take(s, "arch"))
		return arch_form();
	if (take(s, "quirk"))
		return quirk_form();
	if (take(s, "bool")) {
		*number = true;
		return schema_made(json_pack("{s:s}", "type", "boolean"));
	}
	if (take(s, "int") || take(s, "pow2")) {
		*number = true;
		return integer_form(s, (*s)[-1] == '2');
	}
	map = take(s, "map");
	if (!map)
		take(s, "ref");
	n = schema_word(s);
	BUG_ON(!n || n > LIMIT_NAME || (map && field_map_find(*s, n) == FIELD_MAPS));
	memcpy(name, *s, n);
	name[n] = '\0';
	*s += n;
	return schema_ref(name);
}

json_t *schema_form(const struct schema *s, const char *form, bool may_param)
{
	bool number, any_number = false;
	json_t *o = NULL, *one;

	for (;;) {
		one = one_form(&form, &number);
		any_number |= number;
		o = o ? schema_either(o, one) : one;
		if (*form != '|')
			break;
		form++;
	}
	BUG_ON(*form);
	if (any_number && may_param && s->of == SCHEMA_SCENARIO)
		o = schema_either(o, schema_ref("param"));
	return o;
}

/* ---- maps ---------------------------------------------------------------------------------- */

/* A description beside $ref is not seen in draft 7: the form goes into allOf. */
static json_t *described(json_t *form, const char *text)
{
	if (json_object_get(form, "$ref"))
		form = schema_made(json_pack("{s:[o]}", "allOf", form));
	schema_set(form, "description", json_string(text));
	return form;
}

static void add_fields(const struct schema *s, enum field_map map, bool may_param,
		       json_t *properties, json_t *required)
{
	const struct field_info *f;
	u32 i;

	for (i = 0; map != FIELD_MAPS && (f = field_at(map, i)) != NULL; i++) {
		if (field_is_later(f))
			continue;
		schema_set(properties, f->name,
			   described(schema_form(s, f->form, may_param), f->text));
		if (f->required)
			schema_push(required, json_string(f->name));
	}
}

json_t *schema_map(const struct schema *s, enum field_map map, enum field_map more, bool may_param)
{
	json_t *properties = schema_made(json_object()), *required = schema_made(json_array());
	json_t *o =
	    schema_made(json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 0));

	add_fields(s, more, may_param, properties, required);
	add_fields(s, map, may_param, properties, required);
	schema_set(o, "properties", properties);
	if (json_array_size(required))
		schema_set(o, "required", required);
	else
		json_decref(required);
	return o;
}

static void define_maps(const struct schema *s, json_t *definitions)
{
	u32 i;

	for (i = FIELDS_MACHINE; i < FIELD_MAPS; i++)
		if (i != FIELDS_OWN && i != FIELDS_FILE)
			schema_set(definitions, field_map_name((enum field_map)i),
				   schema_map(s, (enum field_map)i, FIELD_MAPS, true));
	if (s->of == SCHEMA_PLATFORM)
		return;
	schema_set(definitions, "OWN", schema_map(s, FIELDS_MACHINE, FIELDS_OWN, true));
	schema_set(definitions, "DEVICE", schema_map(s, FIELDS_DEVICE, FIELD_MAPS, true));
	for (i = FIELDS_PREDICT; i <= FIELDS_SEARCH; i++)
		schema_set(definitions, field_map_name((enum field_map)i),
			   schema_map(s, (enum field_map)i, FIELD_MAPS, false));
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* `expect` begins with variants only where the file has some. */
static void add_expect(json_t *root)
{
	schema_set(root, "if", json_pack("{s:[s]}", "required", "variants"));
	schema_set(root, "then",
		   json_pack("{s:{s:o}}", "properties", "expect", schema_ref("expect_variants")));
	schema_set(root, "else",
		   json_pack("{s:{s:o}}", "properties", "expect", schema_ref("expect_platforms")));
}

static json_t *make(const struct schema *s)
{
	bool scenario = s->of == SCHEMA_SCENARIO;
	json_t *root = schema_made(
	    json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#", "title",
		      scenario ? "A scenario of dmalab" : "A platform of dmalab"));
	json_t *map = scenario ? schema_map(s, FIELDS_SCENARIO, FIELD_MAPS, false)
			       : schema_map(s, FIELDS_MACHINE, FIELDS_FILE, false);
	json_t *definitions = schema_made(json_object());

	BUG_ON(json_object_update(root, map) != 0);
	json_decref(map);
	if (scenario)
		add_expect(root);
	schema_define_refs(s, definitions);
	define_maps(s, definitions);
	schema_set(root, "definitions", definitions);
	return root;
}

void schema_print(enum schema_of of, const struct schema_names *names, struct str *out)
{
	struct schema s = {names, of};
	json_t *root = make(&s);
	size_t n = json_dumpb(root, NULL, 0, JSON_INDENT(2)), from = out->n;
	char *text = mem_zalloc(n + 1, 1);

	BUG_ON(json_dumpb(root, text, n, JSON_INDENT(2)) != n);
	str_addn(out, text, n);
	str_add(out, "\n");
	BUG_ON(out->n != from + n + 1);
	mem_free(text);
	json_decref(root);
}

/* ---- words --------------------------------------------------------------------------------- */

/* "a, b or c" of the words up to the end of the alternative. */
static void print_words(const char **s, struct str *out)
{
	bool first = true;
	const char *next;
	u32 n;

	while ((n = schema_word(s)) > 0) {
		next = *s + n;
		if (!first)
			str_add(out, schema_word(&next) ? ", " : " or ");
		str_addn(out, *s, n);
		*s += n;
		first = false;
	}
}

static void print_range(const char **s, struct str *out)
{
	u32 n = schema_word(s);

	str_addn(out, *s, n);
	*s += n;
	n = schema_word(s);
	str_add(out, " to ");
	if (n == 3 && memcmp(*s, "max", 3) == 0)
		str_add(out, "2^64 - 1");
	else
		str_addn(out, *s, n);
	*s += n;
}

static void print_archs(struct str *out)
{
	u32 i;

	for (i = 0; i < ARCH_IDS; i++)
		str_printf(out, "%s%s",
			   !i		      ? ""
			   : i + 1 < ARCH_IDS ? ", "
					      : " or ",
			   arch_name((enum arch_id)i));
}

static void print_one(const char **s, struct str *out)
{
	u32 n;

	if (take(s, "word")) {
		print_words(s, out);
	} else if (take(s, "int")) {
		print_range(s, out);
	} else if (take(s, "pow2")) {
		str_add(out, "a power of two, ");
		print_range(s, out);
	} else if (take(s, "bool")) {
		str_add(out, "true or false");
	} else if (take(s, "arch")) {
		print_archs(out);
	} else if (take(s, "quirk")) {
		str_add(out, "the name of a quirk");
	} else if (take(s, "slug")) {
		str_add(out, "a name");
	} else if (take(s, "line")) {
		str_add(out, "one line");
	} else if (take(s, "list")) {
		str_add(out, "a list, each ");
		take_number(s);
		take_number(s);
		print_one(s, out);
	} else {
		if (take(s, "map"))
			str_add(out, "a map ");
		else
			take(s, "ref");
		n = schema_word(s);
		str_addn(out, *s, n);
		*s += n;
	}
}

void schema_form_words(const char *form, struct str *out)
{
	for (;;) {
		print_one(&form, out);
		while (*form == ' ')
			form++;
		if (*form != '|')
			break;
		form++;
		str_add(out, "; or ");
	}
}
