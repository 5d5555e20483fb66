/* SPDX-License-Identifier: MIT */
#include "scenario/scenario.h"

#include <string.h>

#include "scenario/compile.h"
#include "scenario/expectation.h"
#include "scenario/limits.h"
#include "scenario/platform.h"
#include "scenario/value.h"

/* ---- params -----------------------------------------------------------------------------------
 */

static void override(struct doc_params *all, const struct doc_params *with)
{
	u32 i, k;

	for (i = 0; i < with->n; i++)
		for (k = 0; k < all->n; k++)
			if (strcmp(all->v[k].name.text, with->v[i].name.text) == 0)
				all->v[k].value = with->v[i].value;
}

/* What may be meant by word, else all that there is: "this file has a, b". In errs' arena. */
static const char *choice_hint(struct err_list *errs, const char *word, const char *const *names)
{
	const char *hint = value_hint_near(errs, word, names, NULL);
	struct str s = {0};
	u32 i;

	if (hint || !names[0])
		return hint;
	for (i = 0; names[i]; i++)
		str_printf(&s, "%s%s", i ? ", " : "it has ", names[i]);
	hint = arena_strndup(&errs->arena, str_get(&s), s.n);
	str_free(&s);
	return hint;
}

static void set_param(struct doc_params *all, const struct param_set *set, struct err_list *errs)
{
	const char *names[LIMIT_PARAMS + 1];
	u32 i;

	for (i = 0; i < all->n; i++) {
		names[i] = all->v[i].name.text;
		if (strcmp(names[i], set->name) != 0)
			continue;
		all->v[i].value = set->value;
		return;
	}
	names[i] = NULL;
	err_add(errs, (struct pos){0}, choice_hint(errs, set->name, names),
		"this file has no param \"%s\"", set->name);
}

/* --set, else the variant, else the platform, else the file. In a. */
static struct doc_params param_values(const struct scenario_doc *doc, const struct doc_platform *p,
				      const struct doc_variant *v, const struct param_sets *sets,
				      struct arena *a, struct err_list *errs)
{
	struct doc_params all = {arena_alloc(a, doc->params.n, sizeof(*all.v)), doc->params.n};
	u32 i;

	if (all.n)
		memcpy(all.v, doc->params.v, all.n * sizeof(*all.v));
	override(&all, &p->params);
	if (v)
		override(&all, &v->params);
	for (i = 0; sets && i < sets->n; i++)
		set_param(&all, &sets->v[i], errs);
	return all;
}

/* ---- checking all of it -----------------------------------------------------------------------
 */

static const struct doc_variant *variant_at(const struct scenario_doc *doc, u32 i)
{
	return doc->variants ? &doc->variant[i] : NULL;
}

static u32 variant_count(const struct scenario_doc *doc)
{
	return doc->variants ? doc->variants : 1;
}

struct checker {
	struct scenario *s;
	struct err_list *errs;
	struct arena arena;
	struct arm_set taken;
	bool broken; /* the reader reported something */
};

/* Compiles one combination for its mistakes alone. False: its machine cannot be. */
static bool check_one(struct checker *k, u32 variant, u32 platform, bool dead_arms)
{
	const struct scenario_doc *doc = k->s->doc;
	const struct doc_variant *v = variant_at(doc, variant);
	const struct doc_platform *p = &doc->platform[platform];
	struct param_values values = {.variant = v ? v->name.text : NULL, .broken = k->broken};
	struct platform_dir dir = {k->s->data_dir};
	struct machine_config *cfg = arena_alloc(&k->arena, 1, sizeof(*cfg));
	struct err_list errs = {.file = k->errs->file};
	bool ok;

	values.params = param_values(doc, p, v, NULL, &k->arena, k->errs);
	ok = platform_machine(&dir, doc, p, v, &values.params, cfg, &errs);
	err_free(&errs); /* reported when all machines were made */
	if (ok)
		program_free(compile_program(doc, &values, cfg, dead_arms ? NULL : &k->taken,
					     dead_arms ? &k->taken : NULL, k->errs));
	return ok;
}

static bool is_reported(const struct err_list *errs, const struct err *e)
{
	u32 i;

	for (i = 0; i < errs->n; i++)
		if (errs->v[i].pos.line == e->pos.line && errs->v[i].pos.col == e->pos.col &&
		    strcmp(errs->v[i].message, e->message) == 0)
			return true;
	return false;
}

static void make_machine(struct checker *k, u32 platform, const struct doc_variant *v,
			 struct machine_config *cfg)
{
	const struct doc_platform *p = &k->s->doc->platform[platform];
	struct platform_dir dir = {k->s->data_dir};
	struct err_list errs = {.file = k->errs->file};
	struct doc_params params = param_values(k->s->doc, p, v, NULL, &k->arena, k->errs);
	u32 i;

	platform_machine(&dir, k->s->doc, p, v, &params, cfg, &errs);
	for (i = 0; i < errs.n; i++)
		if (!is_reported(k->errs, &errs.v[i]))
			err_add(k->errs, errs.v[i].pos, errs.v[i].hint, "%s", errs.v[i].message);
	err_free(&errs);
}

/* Every platform by itself and with every variant that changes it; each mistake once. */
static void make_machines(struct checker *k)
{
	const struct scenario_doc *doc = k->s->doc;
	struct machine_config *cfg = mem_zalloc(1, sizeof(*cfg));
	u32 v, p;

	for (p = 0; p < doc->platforms; p++) {
		make_machine(k, p, NULL, &k->s->machine[p]);
		for (v = 0; v < doc->variants; v++)
			if (doc->variant[v].machine || doc->variant[v].params.n)
				make_machine(k, p, &doc->variant[v], cfg);
	}
	mem_free(cfg);
}

/*
 * All variants on the first platform, and the first variant on platforms that bring values of
 * their own; then the branches that none of them took.
 */
static void check_code(struct checker *k)
{
	const struct scenario_doc *doc = k->s->doc;
	bool any = false;
	u32 i;

	for (i = 0; i < variant_count(doc); i++)
		any |= check_one(k, i, 0, false);
	for (i = 1; i < doc->platforms; i++)
		if (!any || doc->platform[i].params.n || doc->platform[i].fields)
			any |= check_one(k, 0, i, false);
	if (any)
		check_one(k, 0, 0, true);
}

static bool has_broken_step(const struct scenario_doc *doc)
{
	return !doc->root || !doc->platforms || !doc->devices;
}

static void check_all(struct scenario *s, struct err_list *errs)
{
	struct checker k = {.s = s, .errs = errs, .broken = errs->n > 0};
	u32 before;

	if (has_broken_step(s->doc))
		return;
	s->machine = mem_zalloc(s->doc->platforms, sizeof(*s->machine));
	expectation_check_ids(s->doc, errs);
	before = errs->n;
	make_machines(&k);
	if (errs->n == before)
		expectation_check(s->doc, s->machine, errs);
	check_code(&k);
	arm_set_free(&k.taken);
	arena_free(&k.arena);
}

/* ---- loading ----------------------------------------------------------------------------------
 */

static struct scenario *finish(struct scenario_doc *doc, const struct scenario_options *opt,
			       struct err_list *errs)
{
	struct scenario *s;

	if (!doc)
		return NULL;
	s = mem_zalloc(1, sizeof(*s));
	s->doc = doc;
	s->data_dir = mem_strdup(opt->data_dir);
	check_all(s, errs);
	if (!errs->n)
		return s;
	/* What is quoted must outlive the document. */
	errs->text = arena_strndup(&errs->arena, doc->text, doc->text_len);
	scenario_free(s);
	return NULL;
}

struct scenario *scenario_load(const char *file, const struct scenario_options *opt,
			       struct err_list *errs)
{
	return finish(doc_load(file, errs), opt, errs);
}

struct scenario *scenario_parse(const char *text, size_t len, const struct scenario_options *opt,
				struct err_list *errs)
{
	return finish(doc_parse(text, len, errs), opt, errs);
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	doc_free(s->doc);
	mem_free(s->data_dir);
	mem_free(s->machine);
	mem_free(s);
}

/* ---- compiling --------------------------------------------------------------------------------
 */

u32 scenario_platform(const struct scenario *s, const char *name)
{
	u32 i;

	if (!name)
		return 0;
	for (i = 0; i < s->doc->platforms; i++)
		if (strcmp(s->doc->platform[i].name.text, name) == 0)
			return i;
	return ~0u;
}

/* What may be meant by a name that no platform has. In errs' arena. */
static const char *platform_hint(const struct scenario *s, const char *name, struct err_list *errs)
{
	const char *names[LIMIT_PLATFORMS + 1], *hint;
	struct platform_dir dir = {s->data_dir};
	u32 i;

	for (i = 0; i < s->doc->platforms; i++)
		names[i] = s->doc->platform[i].name.text;
	names[i] = NULL;
	hint = value_hint_near(errs, name, names, NULL);
	if (!hint)
		hint = value_hint_near(errs, name, platform_names(&dir, &errs->arena), NULL);
	if (hint)
		return hint;
	return arena_printf(&errs->arena, "%s; dmalab list platforms has others",
			    choice_hint(errs, name, names));
}

/*
 * The file's platform of that name (NULL: its first), else one of the program, with no changes; for
 * that *shipped is filled, which borrows the name. NULL: there is none.
 */
static const struct doc_platform *find_platform(const struct scenario *s, const char *name,
						struct doc_platform *shipped, struct err_list *errs)
{
	struct platform_dir dir = {s->data_dir};
	u32 at = scenario_platform(s, name);

	if (at != ~0u)
		return &s->doc->platform[at];
	*shipped = (struct doc_platform){.name = {.text = name}};
	if (platform_is(&dir, name))
		return shipped;
	err_add(errs, (struct pos){0}, platform_hint(s, name, errs), "there is no platform \"%s\"",
		name);
	return NULL;
}

/* False: there is no such variant. *out is NULL where the file has none. */
static bool find_variant(const struct scenario *s, const char *name, const struct doc_variant **out,
			 struct err_list *errs)
{
	const char *names[LIMIT_VARIANTS + 1];
	u32 i;

	*out = name ? doc_find_variant(s->doc, name) : variant_at(s->doc, 0);
	if (!name || *out)
		return true;
	for (i = 0; i < s->doc->variants; i++)
		names[i] = s->doc->variant[i].name.text;
	names[i] = NULL;
	err_add(errs, (struct pos){0}, choice_hint(errs, name, names),
		"this file has no variant \"%s\"", name);
	return false;
}

bool scenario_compile(const struct scenario *s, const char *variant, const char *platform,
		      const struct param_sets *sets, struct machine_config *cfg,
		      struct program **prog, struct err_list *errs)
{
	struct platform_dir dir = {s->data_dir};
	struct doc_platform shipped;
	const struct doc_platform *p = find_platform(s, platform, &shipped, errs);
	const struct doc_variant *v = NULL;
	struct param_values values = {0};
	struct arena a = {0};
	bool ok = find_variant(s, variant, &v, errs) && p;

	*prog = NULL;
	errs->text = s->doc->text;
	errs->text_len = s->doc->text_len;
	if (ok) {
		values.variant = v ? v->name.text : NULL;
		values.params = param_values(s->doc, p, v, sets, &a, errs);
		ok = !errs->n && platform_machine(&dir, s->doc, p, v, &values.params, cfg, errs);
	}
	if (ok)
		*prog = compile_program(s->doc, &values, cfg, NULL, NULL, errs);
	arena_free(&a);
	return *prog != NULL;
}

struct doc_params scenario_params(const struct scenario *s, const char *variant,
				  const char *platform, const struct param_sets *sets,
				  struct arena *a)
{
	struct err_list errs = {.file = ""};
	struct doc_platform shipped;
	const struct doc_platform *p = find_platform(s, platform, &shipped, &errs);
	const struct doc_variant *v = NULL;
	struct doc_params all = {0};

	if (p && find_variant(s, variant, &v, &errs))
		all = param_values(s->doc, p, v, sets, a, &errs);
	err_free(&errs);
	return all;
}

const struct doc_expect *scenario_expect(const struct scenario *s, const char *variant,
					 const char *platform)
{
	u32 at = scenario_platform(s, platform);
	struct err_list errs = {.file = ""};
	const struct doc_expect *e = NULL;

	if (!variant && s->doc->variants)
		variant = s->doc->variant[0].name.text;
	if (at != ~0u)
		e = expectation_find(s->doc, variant, &s->machine[at], &errs);
	err_free(&errs);
	return e;
}
