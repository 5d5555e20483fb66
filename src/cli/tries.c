/* SPDX-License-Identifier: MIT */
#include "cli/tries.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/scenarios.h"
#include "core/diag.h"
#include "scenario/expectation.h"
#include "scenario/scenario.h"

/* A column "file:variant" of the table, loaded. */
struct tried {
	struct str file;
	const char *variant; /* "": the file has none, or its first */
	struct scenario *s;
	struct err_list errs;
};

static bool tried_load(struct tried *t, const char *column)
{
	struct platform_dir dir = scenarios_dir();
	struct scenario_options opt = {.data_dir = dir.path};
	const char *colon = strrchr(column, ':');
	size_t n = colon ? (size_t)(colon - column) : strlen(column);

	*t = (struct tried){.variant = colon ? colon + 1 : ""};
	str_printf(&t->file, "%s/%.*s", data_dir(), (int)n, column);
	t->errs.file = str_get(&t->file);
	t->s = scenario_load(str_get(&t->file), &opt, &t->errs);
	if (t->s && !t->variant[0] && t->s->doc->variants)
		t->variant = t->s->doc->variant[0].name.text;
	return t->s != NULL;
}

static void tried_free(struct tried *t)
{
	if (t->s)
		scenario_free(t->s);
	err_free(&t->errs);
	str_free(&t->file);
}

static bool names(const struct doc_ids *ids, const char *name)
{
	for (u32 i = 0; i < ids->n; i++)
		if (expectation_matches(&ids->v[i], name, NULL, ids->v[i].severity))
			return true;
	return false;
}

/* The first platform that expects the id: in a calm run, else in a search. NULL: none does. */
static const char *shown_on(const struct tried *t, const char *name, bool search)
{
	const struct scenario_doc *d = t->s->doc;

	for (u32 i = 0; i < d->platforms; i++) {
		const char *platform = d->platform[i].name.text;
		const struct doc_expect *e =
		    scenario_expect(t->s, t->variant[0] ? t->variant : NULL, platform);

		if (e && names(search ? &e->some : &e->calm, name))
			return platform;
	}
	return NULL;
}

/* A lesson is called by its id, other files by their path; what is the default is not said. */
static void command(const struct tried *t, bool search, const char *platform, struct str *out)
{
	const struct scenario_doc *d = t->s->doc;
	struct str path = {0}, near = {0};

	str_printf(out, "dmalab %s ", search ? "explore" : "run");
	if (lesson_file(d->id.text, &path, &near))
		str_add(out, d->id.text);
	else
		str_add(out, str_get(&t->file));
	if (t->variant[0] && strcmp(t->variant, d->variant[0].name.text) != 0)
		str_printf(out, " --variant %s", t->variant);
	if (strcmp(platform, d->platform[0].name.text) != 0)
		str_printf(out, " --platform %s", platform);
	str_free(&path);
	str_free(&near);
}

void tries_of(u32 diag, struct str *fires, struct str *near)
{
	const struct diag_info *d = diag_info(diag);
	struct tried a = {0}, b = {0};
	const char *on = NULL;
	bool search = false;

	if (!data_dir()[0])
		return;
	if (tried_load(&a, d->fires) && tried_load(&b, d->near)) {
		on = shown_on(&a, d->name, false);
		search = !on;
		if (search)
			on = shown_on(&a, d->name, true);
	}
	if (on) {
		command(&a, search, on, fires);
		command(&b, search,
			scenario_platform(b.s, on) == ~0u ? b.s->doc->platform[0].name.text : on,
			near);
	}
	tried_free(&a);
	tried_free(&b);
}
