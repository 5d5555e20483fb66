/* SPDX-License-Identifier: MIT */
/* A scenario file: reading it, and the keys of its first level. */
#include "scenario/doc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenario/doc_read.h"
#include "scenario/fields.h"
#include "scenario/limits.h"

u32 doc_count(struct doc_reader *r, const struct ynode *value, enum ynode_kind kind, u32 limit,
	      const char *what)
{
	if (value->kind != kind) {
		err_add(r->errs, value->at, kind == YNODE_MAP ? NULL : "as in [a, b]",
			"%s are a %s", what, kind == YNODE_MAP ? "map" : "list");
		return 0;
	}
	if (!value->n) {
		err_add(r->errs, value->at, "leave the key out if there are none", "no %s", what);
		return 0;
	}
	if (value->n > limit) {
		const struct ynode *over =
		    kind == YNODE_MAP ? value->pair[limit].key : value->item[limit];

		err_add(r->errs, over->at, NULL, "more than %u %s", limit, what);
		return 0;
	}
	return value->n;
}

/* ---- keys of one value --------------------------------------------------------------------- */

static void doc_read_schema(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	s64 schema;

	(void)key;
	if (value_read_int(value, INT64_MIN, INT64_MAX, &schema, r->errs) && schema != 1)
		err_add(r->errs, value->at, "this program reads schema 1",
			"schema %lld is not known", (long long)schema);
}

static void doc_read_id(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	(void)key;
	value_read_slug(value, &r->doc->id, r->errs);
}

static void doc_read_title(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	(void)key;
	value_read_text(value, true, &r->doc->title, r->errs);
}

static void doc_read_level(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	s64 level;

	(void)key;
	if (value_read_int(value, 1, 5, &level, r->errs))
		r->doc->level = (u32)level;
}

static void doc_read_source(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	(void)key;
	value_read_text(value, false, &r->doc->source, r->errs);
}

static void doc_read_summary(struct doc_reader *r, const struct ynode *key,
			     const struct ynode *value)
{
	(void)key;
	value_read_text(value, false, &r->doc->summary, r->errs);
}

static void doc_read_lesson(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	(void)key;
	value_read_text(value, false, &r->doc->lesson, r->errs);
}

static void read_texts(struct doc_reader *r, const struct ynode *value, bool one_line,
		       const char *what, struct doc_texts *out)
{
	u32 n, i;

	if (value->kind == YNODE_SEQ && !value->n)
		return;
	n = doc_count(r, value, YNODE_SEQ, LIMIT_WORDS, what);
	out->v = arena_alloc(&r->doc->arena, n, sizeof(*out->v));
	for (i = 0; i < n; i++) {
		struct doc_text t = {.at = value->item[i]->at};

		if (value_read_text(value->item[i], one_line, &t.text, r->errs))
			out->v[out->n++] = t;
	}
}

static void doc_read_tags(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	(void)key;
	read_texts(r, value, true, "tags", &r->doc->tags);
}

static void doc_read_hints(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	(void)key;
	read_texts(r, value, false, "hints", &r->doc->hints);
}

static void doc_read_oracle(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	static const char *const words[] = {"full", "data", "asserts", NULL};
	u32 i;

	(void)key;
	for (i = 0; words[i] && value->kind == YNODE_SCALAR; i++) {
		if (strcmp(value->text, words[i]) != 0)
			continue;
		r->doc->oracle = (enum doc_oracle)i;
		return;
	}
	err_add(r->errs, value->at, NULL, "full, data or asserts belongs here");
}

static void doc_read_header(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	struct srcmap map = {0};
	struct source src;
	const char *text;

	(void)key;
	if (!value_read_text(value, false, &text, r->errs))
		return;
	ynode_map(r->doc->text, value, &map);
	src = (struct source){&r->doc->arena, r->errs, text, value->len, &map};
	parse_c_header(&src, &r->doc->header);
	vec_free(&map);
}

static void doc_read_driver(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	(void)key;
	r->doc->driver = parse_steps(&r->steps, value);
}

static void doc_read_remove(struct doc_reader *r, const struct ynode *key,
			    const struct ynode *value)
{
	(void)key;
	r->doc->has_remove = true;
	r->doc->remove = parse_steps(&r->steps, value);
}

/* ---- the map of keys ----------------------------------------------------------------------- */

/*
 * In the order of reading, which is not that of the file: platforms need the names of the params,
 * steps those of the devices, expectations those of variants.
 */
static doc_read_fn *const readers[] = {
#define SCENARIO_KEY(name, form, text) doc_read_##name,
#include "scenario/fields.def"
};

static void refuse_unknown_keys(struct doc_reader *r, const struct ynode *root)
{
	u32 i;

	for (i = 0; i < root->n; i++) {
		const struct ynode *key = root->pair[i].key;

		if (!field_find(FIELDS_SCENARIO, key->text))
			err_add(r->errs, key->at,
				field_hint(FIELDS_SCENARIO, key->text, NULL, r->errs),
				"there is no key \"%s\" here", key->text);
	}
}

/* Is it missing only because its name is not well written? That is told already. */
static bool is_misspelt(const struct ynode *root, const char *name)
{
	const char *names[ARRAY_LEN(readers) + 1];
	u32 i;

	for (i = 0; i < ARRAY_LEN(readers); i++)
		names[i] = field_at(FIELDS_SCENARIO, i)->name;
	names[i] = NULL;
	for (i = 0; i < root->n; i++) {
		const char *key = root->pair[i].key->text, *close = NULL;

		if (!field_find(FIELDS_SCENARIO, key))
			close = str_nearest(key, names);
		if (close && strcmp(close, name) == 0)
			return true;
	}
	return false;
}

static void read_keys(struct doc_reader *r, const struct ynode *root)
{
	u32 k, i;

	refuse_unknown_keys(r, root);
	for (k = 0; k < ARRAY_LEN(readers); k++) {
		const struct field_info *f = field_at(FIELDS_SCENARIO, k);

		for (i = 0; i < root->n; i++)
			if (strcmp(root->pair[i].key->text, f->name) == 0)
				break;
		if (i < root->n)
			readers[k](r, root->pair[i].key, root->pair[i].value);
		else if (f->required && !is_misspelt(root, f->name))
			err_add(r->errs, (struct pos){0}, NULL, "the key \"%s\" is missing",
				f->name);
	}
}

static void read_root(struct scenario_doc *doc, struct err_list *errs)
{
	struct doc_reader r = {.doc = doc, .errs = errs};
	static const char *const none[] = {NULL};

	r.steps = (struct step_context){
	    .arena = &doc->arena, .errs = errs, .text = doc->text, .devices = none};
	if (doc->root->kind == YNODE_MAP)
		read_keys(&r, doc->root);
	else
		err_add(errs, doc->root->at, "as in 'id: rx-missing-sync'",
			"a scenario is a map of keys");
	vec_free(&r.steps.map);
}

struct scenario_doc *doc_parse(const char *text, size_t len, struct err_list *errs)
{
	struct scenario_doc *doc = mem_zalloc(1, sizeof(*doc));

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	doc->text = arena_strndup(&doc->arena, text, len);
	doc->text_len = len;
	doc->search.deviations = DOC_NO_BOUND;
	errs->text = doc->text;
	errs->text_len = len;
	if (len > LIMIT_FILE_BYTES) {
		err_add(errs, (struct pos){0}, NULL, "a scenario file has at most 1 MiB");
		return doc;
	}
	doc->root = ynode_parse(&doc->arena, doc->text, len, errs);
	if (doc->root)
		read_root(doc, errs);
	return doc;
}

/* Up to one byte more than allowed, so that a longer file is noticed. False if reading failed. */
static bool read_all(FILE *f, struct str *out)
{
	char buf[16384];
	size_t n;

	while (out->n <= LIMIT_FILE_BYTES) {
		n = fread(buf, 1, sizeof buf, f);
		if (!n)
			break;
		str_addn(out, buf, n);
	}
	return !ferror(f);
}

struct scenario_doc *doc_load(const char *file, struct err_list *errs)
{
	bool standard_input = strcmp(file, "-") == 0, ok;
	struct scenario_doc *doc = NULL;
	struct str text = {0};
	FILE *f;

	errs->file = standard_input ? "<stdin>" : file;
	f = standard_input ? stdin : fopen(file, "rb");
	ok = f && read_all(f, &text);
	if (ok)
		doc = doc_parse(str_get(&text), text.n, errs);
	else
		err_add(errs, (struct pos){0}, NULL, "cannot be read: %s", strerror(errno));
	if (f && !standard_input)
		fclose(f);
	str_free(&text);
	return doc;
}

void doc_free(struct scenario_doc *doc)
{
	struct arena arena;

	if (!doc)
		return;
	arena = doc->arena;
	mem_free(doc);
	arena_free(&arena);
}

/* ---- finding ------------------------------------------------------------------------------- */

const struct doc_device *doc_find_device(const struct scenario_doc *doc, const char *name)
{
	u32 i;

	for (i = 0; i < doc->devices; i++)
		if (strcmp(doc->device[i].name.text, name) == 0)
			return &doc->device[i];
	return NULL;
}

const struct doc_variant *doc_find_variant(const struct scenario_doc *doc, const char *name)
{
	u32 i;

	for (i = 0; i < doc->variants; i++)
		if (strcmp(doc->variant[i].name.text, name) == 0)
			return &doc->variant[i];
	return NULL;
}

const struct function *doc_find_function(const struct scenario_doc *doc, const char *name)
{
	u32 i;

	for (i = 0; i < doc->functions; i++)
		if (strcmp(doc->function[i].name.text, name) == 0)
			return &doc->function[i];
	return NULL;
}

const struct doc_param *doc_find_param(const struct doc_params *params, const char *name)
{
	u32 i;

	for (i = 0; i < params->n; i++)
		if (strcmp(params->v[i].name.text, name) == 0)
			return &params->v[i];
	return NULL;
}
