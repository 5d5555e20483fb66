/* SPDX-License-Identifier: MIT */
#include "scenario/expectation.h"

#include <string.h>

#include "core/diag.h"
#include "scenario/limits.h"
#include "scenario/platform.h"
#include "scenario/value.h"

enum rank { RANK_NONE, RANK_ALL, RANK_TAG, RANK_NAME };

static enum rank rank_of(const struct doc_expect *e, const struct machine_config *cfg)
{
	if (strcmp(e->platform.text, cfg->platform) == 0)
		return RANK_NAME;
	if (strcmp(e->platform.text, "all") == 0)
		return RANK_ALL;
	return platform_has_tag(cfg, e->platform.text) ? RANK_TAG : RANK_NONE;
}

static bool is_variant(const struct doc_expect *e, const char *variant)
{
	if (!variant || !e->variant.text)
		return !variant && !e->variant.text;
	return strcmp(e->variant.text, variant) == 0;
}

const struct doc_expect *expectation_find(const struct scenario_doc *doc, const char *variant,
					  const struct machine_config *cfg, struct err_list *errs)
{
	const struct doc_expect *best = NULL, *second = NULL;
	enum rank rank = RANK_NONE;
	u32 i;

	for (i = 0; i < doc->expects; i++) {
		const struct doc_expect *e = &doc->expect[i];
		enum rank r = is_variant(e, variant) ? rank_of(e, cfg) : RANK_NONE;

		if (r == RANK_TAG && rank == RANK_TAG)
			second = e;
		if (r <= rank)
			continue;
		best = e;
		rank = r;
	}
	if (rank == RANK_TAG && second)
		err_add(errs, second->platform.at, "name the platform itself",
			"'%s' has the tags '%s' and '%s': which of them counts?", cfg->platform,
			best->platform.text, second->platform.text);
	return best;
}

bool expectation_matches(const struct doc_id *want, const char *id, const char *assert_name,
			 enum doc_severity severity)
{
	if (strcmp(want->id, id) != 0)
		return false;
	if (want->assert_name && (!assert_name || strcmp(want->assert_name, assert_name) != 0))
		return false;
	return want->severity == DOC_ANY || want->severity == severity;
}

/* ---- checking ---------------------------------------------------------------------------------
 */

static const char *platform_hint(const struct scenario_doc *doc, struct err_list *errs)
{
	struct str s = {0};
	const char *hint;
	u32 i;

	for (i = 0; i < doc->platforms; i++)
		str_printf(&s, "%s%s", i ? ", " : "", doc->platform[i].name.text);
	hint =
	    arena_printf(&errs->arena, "platforms of this file: %s; add it, or 'all'", str_get(&s));
	str_free(&s);
	return hint;
}

/* Where expect speaks of a variant: its first entry, or expect itself if there is none. */
static struct pos variant_place(const struct scenario_doc *doc, const char *variant)
{
	u32 i;

	for (i = 0; i < doc->expects; i++)
		if (is_variant(&doc->expect[i], variant))
			return variant ? doc->expect[i].variant.at : doc->expect[i].platform.at;
	for (i = 0; i < doc->root->n; i++)
		if (strcmp(doc->root->pair[i].key->text, "expect") == 0)
			return doc->root->pair[i].key->at;
	return (struct pos){0};
}

/* Has expect an entry for the variant, or one that was refused and may be it? */
static bool has_entry(const struct scenario_doc *doc, const char *variant)
{
	const struct ynode *expect = ynode_get(doc->root, "expect");
	const char *const names[] = {variant, NULL};
	u32 i;

	if (expect->kind != YNODE_MAP)
		return true;
	for (i = 0; i < expect->n; i++) {
		const char *key = expect->pair[i].key->text;

		if (!variant || strcmp(key, variant) == 0 ||
		    (!doc_find_variant(doc, key) && str_nearest(key, names)))
			return true;
	}
	return false;
}

/* False: nothing is to be said about its platforms. */
static bool check_variant(const struct scenario_doc *doc, const char *variant,
			  struct err_list *errs)
{
	u32 i;

	for (i = 0; i < doc->expects; i++)
		if (is_variant(&doc->expect[i], variant))
			return true;
	if (variant && !has_entry(doc, variant))
		err_add(
		    errs, variant_place(doc, NULL),
		    arena_printf(&errs->arena, "add '%s: {all: []}', or what it finds", variant),
		    "expect says nothing about the variant '%s'", variant);
	return !variant && !has_entry(doc, NULL);
}

static void check_answer(const struct scenario_doc *doc, const char *variant,
			 const struct machine_config *cfg, struct err_list *errs)
{
	struct pos at = variant_place(doc, variant);

	if (expectation_find(doc, variant, cfg, errs))
		return;
	if (variant)
		err_add(errs, at, platform_hint(doc, errs),
			"expect.%s says nothing about platform '%s'", variant, cfg->platform);
	else
		err_add(errs, at, platform_hint(doc, errs),
			"expect says nothing about platform '%s'", cfg->platform);
}

static void check_key(const struct scenario_doc *doc, const struct doc_expect *e,
		      const struct machine_config *cfg, struct err_list *errs)
{
	const char *names[LIMIT_PLATFORMS + 2];
	u32 i;

	for (i = 0; i < doc->platforms; i++) {
		if (rank_of(e, &cfg[i]) != RANK_NONE)
			return;
		names[i] = doc->platform[i].name.text;
	}
	names[i++] = "all";
	names[i] = NULL;
	err_add(errs, e->platform.at,
		value_hint_near(errs, e->platform.text, names, platform_hint(doc, errs)),
		"no platform of this file is named or tagged '%s'", e->platform.text);
}

/* ---- asserts that are expected ----------------------------------------------------------------
 */

struct assert_names {
	VEC(const char *)
	struct arena arena;
};

static void collect_list(struct assert_names *out, const struct stmt_list *list);

static void collect_call(struct assert_names *out, const struct expr *e)
{
	if (strcmp(e->text, "assert") != 0)
		return;
	if (e->n == 2 && e->arg[1]->kind == EXPR_STRING)
		vec_push(out, e->arg[1]->text);
	else
		vec_push(out, arena_printf(&out->arena, "line %u", e->at.line));
}

static void collect_stmt(struct assert_names *out, const struct stmt *s)
{
	u32 i;

	switch (s->kind) {
	case STMT_CALL:
		collect_call(out, s->expr);
		break;
	case STMT_IF:
		for (i = 0; i < s->arms; i++)
			collect_list(out, &s->arm[i].body);
		break;
	case STMT_WHILE:
	case STMT_FOR:
	case STMT_FOR_EACH:
	case STMT_ACTOR:
		collect_list(out, &s->body);
		break;
	default:
		break;
	}
}

static void collect_list(struct assert_names *out, const struct stmt_list *list)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		collect_stmt(out, list->v[i]);
}

static void collect(struct assert_names *out, const struct scenario_doc *doc)
{
	u32 i;

	collect_list(out, &doc->driver);
	collect_list(out, &doc->remove);
	for (i = 0; i < doc->functions; i++)
		collect_list(out, &doc->function[i].body);
	for (i = 0; i < doc->devices; i++)
		collect_list(out, &doc->device[i].program);
	vec_push(out, NULL);
}

static void check_diagnosis(const struct doc_id *want, struct err_list *errs)
{
	const char *names[DIAG_ASSERT + 1];
	u32 i;

	if (want->assert_name || diag_find(want->id) != DIAGS)
		return;
	for (i = 0; i < DIAG_ASSERT; i++)
		names[i] = diag_info(i)->name;
	names[i] = NULL;
	err_add(errs, want->at, value_hint_near(errs, want->id, names, "see dmalab list diagnoses"),
		"there is no diagnosis '%s'", want->id);
}

static void check_ids(const struct assert_names *names, const struct doc_ids *ids,
		      struct err_list *errs)
{
	u32 i, k;

	for (i = 0; i < ids->n; i++) {
		const char *want = ids->v[i].assert_name;

		check_diagnosis(&ids->v[i], errs);
		for (k = 0; want && names->v[k]; k++)
			if (strcmp(names->v[k], want) == 0)
				break;
		if (want && !names->v[k])
			err_add(errs, ids->v[i].at, value_hint_near(errs, want, names->v, NULL),
				"no assert is named \"%s\"", want);
	}
}

void expectation_check_ids(const struct scenario_doc *doc, struct err_list *errs)
{
	struct assert_names names = {0};
	u32 i;

	collect(&names, doc);
	for (i = 0; i < doc->expects; i++) {
		check_ids(&names, &doc->expect[i].calm, errs);
		check_ids(&names, &doc->expect[i].some, errs);
	}
	vec_free(&names);
	arena_free(&names.arena);
}

void expectation_check(const struct scenario_doc *doc, const struct machine_config *cfg,
		       struct err_list *errs)
{
	u32 i, k;

	if (!doc->has_expect)
		return;
	for (i = 0; i < doc->expects; i++)
		check_key(doc, &doc->expect[i], cfg, errs);
	for (i = 0; i < (doc->variants ? doc->variants : 1); i++) {
		const char *variant = doc->variants ? doc->variant[i].name.text : NULL;
		bool told = !check_variant(doc, variant, errs);

		for (k = 0; k < doc->platforms && !told; k++)
			check_answer(doc, variant, &cfg[k], errs);
	}
}
