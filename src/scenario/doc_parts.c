/* SPDX-License-Identifier: MIT */
/* The keys that hold lists of named things: platforms, params, variants, devices, functions. */
#include <string.h>

#include "scenario/doc_read.h"
#include "scenario/fields.h"
#include "scenario/limits.h"

/* ---- params -------------------------------------------------------------------------------- */

void doc_read_param_map(struct doc_reader *r, const struct ynode *value, struct doc_params *out)
{
	u32 n, i;

	if (value->kind == YNODE_MAP && !value->n)
		return;
	n = doc_count(r, value, YNODE_MAP, LIMIT_PARAMS, "params");
	out->v = arena_alloc(&r->doc->arena, n, sizeof(*out->v));
	for (i = 0; i < n; i++) {
		struct doc_param p = {0};
		bool ok = value_read_name(value->pair[i].key, &p.name, r->errs);

		ok &= value_read_int(value->pair[i].value, INT64_MIN, INT64_MAX, &p.value, r->errs);
		if (ok)
			out->v[out->n++] = p;
	}
}

void doc_read_params(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	(void)key;
	doc_read_param_map(r, value, &r->doc->params);
}

/* A platform or a variant gives a param another value; it cannot bring a new one. */
static void check_known_params(struct doc_reader *r, const struct doc_params *params)
{
	const char *names[LIMIT_PARAMS + 1];
	u32 i;

	for (i = 0; i < r->doc->params.n; i++)
		names[i] = r->doc->params.v[i].name.text;
	names[i] = NULL;
	for (i = 0; i < params->n; i++) {
		const struct name *n = &params->v[i].name;

		if (!doc_find_param(&r->doc->params, n->text))
			err_add(r->errs, n->at,
				value_hint_near(r->errs, n->text, names,
						"give it a value in params: first"),
				"there is no param \"%s\"", n->text);
	}
}

/* ---- platforms ----------------------------------------------------------------------------- */

static bool read_own_platform(struct doc_reader *r, const struct ynode *item,
			      struct doc_platform *out)
{
	const struct ynode *fields, *like, *params;

	if (item->n != 1) {
		err_add(r->errs, item->at, "as in '- big-pc: {like: x86-64, memory: 8GiB}'",
			"an own platform is a map of one name to its fields");
		return false;
	}
	fields = item->pair[0].value;
	if (!value_read_slug(item->pair[0].key, &out->name, r->errs))
		return false;
	if (fields->kind != YNODE_MAP) {
		err_add(r->errs, fields->at, "as in '- big-pc: {like: x86-64, memory: 8GiB}'",
			"the fields of a platform are a map");
		return false;
	}
	out->fields = fields;
	like = ynode_get(fields, "like");
	if (!like)
		err_add(r->errs, out->name.at, "name the platform that it changes",
			"the platform '%s' has no 'like'", out->name.text);
	if (!like || !value_read_slug(like, &out->like, r->errs))
		return false;
	params = ynode_get(fields, "params");
	if (params) {
		doc_read_param_map(r, params, &out->params);
		check_known_params(r, &out->params);
	}
	return true;
}

void doc_read_platforms(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	struct scenario_doc *doc = r->doc;
	u32 n = doc_count(r, value, YNODE_SEQ, LIMIT_PLATFORMS, "platforms"), i, j;

	(void)key;
	doc->platform = arena_alloc(&doc->arena, n, sizeof(*doc->platform));
	for (i = 0; i < n; i++) {
		struct doc_platform p = {0};
		bool ok = value->item[i]->kind == YNODE_MAP
			      ? read_own_platform(r, value->item[i], &p)
			      : value_read_slug(value->item[i], &p.name, r->errs);

		for (j = 0; ok && j < doc->platforms; j++) {
			if (strcmp(doc->platform[j].name.text, p.name.text) != 0)
				continue;
			err_add(r->errs, p.name.at, NULL, "the platform '%s' is here twice",
				p.name.text);
			ok = false;
		}
		if (ok)
			doc->platform[doc->platforms++] = p;
	}
}

/* ---- variants ------------------------------------------------------------------------------ */

static void add_variant(struct doc_reader *r, const struct doc_variant *v)
{
	if (doc_find_variant(r->doc, v->name.text))
		err_add(r->errs, v->name.at, NULL, "the variant '%s' is here twice", v->name.text);
	else
		r->doc->variant[r->doc->variants++] = *v;
}

static void read_variant_fields(struct doc_reader *r, const struct ynode *fields,
				struct doc_variant *out)
{
	u32 i;

	if (fields->kind != YNODE_MAP) {
		err_add(r->errs, fields->at, "as in 'fixed: {}', or 'fixed: {params: {N: 4}}'",
			"a variant is a map");
		return;
	}
	for (i = 0; i < fields->n; i++) {
		const struct ynode *key = fields->pair[i].key, *value = fields->pair[i].value;

		if (strcmp(key->text, "params") == 0) {
			doc_read_param_map(r, value, &out->params);
			check_known_params(r, &out->params);
		} else if (strcmp(key->text, "machine") != 0) {
			err_add(r->errs, key->at,
				field_hint(FIELDS_VARIANT, key->text,
					   "a variant has params and machine", r->errs),
				"there is no key \"%s\" here", key->text);
		} else if (value->kind != YNODE_MAP) {
			err_add(r->errs, value->at, NULL, "the fields of a machine are a map");
		} else {
			out->machine = value;
		}
	}
}

void doc_read_variants(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	bool map = value->kind == YNODE_MAP;
	u32 n = doc_count(r, value, map ? YNODE_MAP : YNODE_SEQ, LIMIT_VARIANTS, "variants"), i;

	(void)key;
	r->doc->variant = arena_alloc(&r->doc->arena, n, sizeof(*r->doc->variant));
	for (i = 0; i < n; i++) {
		const struct ynode *name = map ? value->pair[i].key : value->item[i];
		struct doc_variant v = {0};

		if (!value_read_name(name, &v.name, r->errs))
			continue;
		if (map)
			read_variant_fields(r, value->pair[i].value, &v);
		add_variant(r, &v);
	}
}

/* ---- devices ------------------------------------------------------------------------------- */

/* After all devices have names. */
static void read_programs(struct doc_reader *r)
{
	static const struct ynode empty = {.kind = YNODE_MAP};
	u32 i;

	for (i = 0; i < r->doc->devices; i++) {
		struct doc_device *d = &r->doc->device[i];
		const struct ynode *program;

		if (!d->fields)
			d->fields = &empty;
		program = ynode_get(d->fields, "program");
		if (!program)
			continue;
		d->has_program = true;
		d->program = parse_steps(&r->steps, program);
	}
}

void doc_read_devices(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	struct scenario_doc *doc = r->doc;
	u32 n = doc_count(r, value, YNODE_MAP, LIMIT_DEVICES, "devices"), i;
	const char **names = arena_alloc(&doc->arena, n + 1, sizeof(*names));

	(void)key;
	doc->device = arena_alloc(&doc->arena, n, sizeof(*doc->device));
	for (i = 0; i < n; i++) {
		struct doc_device d = {.fields = value->pair[i].value};

		if (!value_read_name(value->pair[i].key, &d.name, r->errs))
			continue;
		if (field_find(FIELDS_STEP, d.name.text)) {
			err_add(r->errs, d.name.at, NULL, "'%s' is a key of steps, not a device",
				d.name.text);
			continue;
		}
		names[doc->devices] = d.name.text;
		if (d.fields->kind != YNODE_MAP) {
			err_add(r->errs, d.fields->at, "as in 'nic: {address_bits: 32}'",
				"a device is a map");
			d.fields = NULL;
		}
		doc->device[doc->devices++] = d;
	}
	r->steps.devices = names;
	read_programs(r);
}

/* ---- functions ----------------------------------------------------------------------------- */

static bool check_function_name(struct doc_reader *r, const struct name *name)
{
	const struct function *other = doc_find_function(r->doc, name->text);

	if (other)
		err_add(
		    r->errs, name->at,
		    arena_printf(&r->errs->arena, "the first is on line %u", other->name.at.line),
		    "a second function '%s'", name->text);
	return !other;
}

void doc_read_functions(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	struct scenario_doc *doc = r->doc;
	u32 n = doc_count(r, value, YNODE_MAP, LIMIT_FUNCTIONS, "functions"), i;

	(void)key;
	doc->function = arena_alloc(&doc->arena, n, sizeof(*doc->function));
	for (i = 0; i < n; i++) {
		struct function f = {0};
		struct source src;
		bool ok = parse_open_scalar(&r->steps, value->pair[i].key, "a signature", &src) &&
			  parse_signature(&src, &f);

		f.body = parse_steps(&r->steps, value->pair[i].value);
		if (ok && check_function_name(r, &f.name))
			doc->function[doc->functions++] = f;
	}
}
