/* SPDX-License-Identifier: MIT */
#include "cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/museum.h"
#include "cli/scenarios.h"

enum { MESSAGE_WIDTH = 80 };

static void bad_add(struct loads *l, const char *asked, const char *said)
{
	struct unloaded u = {mem_strdup(asked), mem_strdup(said)};

	vec_push(&l->bad, u);
}

/* Mistakes of what the user calls `asked`. all may be NULL. */
static void tell_errors(struct err_list *errs, const char *asked, struct loads *all)
{
	struct str s = {0};

	errs->apart = all && all->apart;
	err_print(errs, MESSAGE_WIDTH, &s);
	fputs(str_get(&s), stderr);
	if (all)
		bad_add(all, asked, str_get(&s));
	str_free(&s);
}

/* The path that a word means. False: why gets a message; long_why: it has several lines. */
static bool find_file(const char *word, struct str *path, struct str *why, bool *long_why)
{
	struct str near = {0};
	bool ok = true;

	if (strcmp(word, "-") == 0 || strchr(word, '/') || access(word, F_OK) == 0) {
		str_add(path, word);
	} else if (!lesson_file(word, path, &near)) {
		ok = false;
		*long_why = museum_left_out(word, why);
		if (!*long_why)
			str_printf(why, "there is no file and no lesson \"%s\"", word);
		if (near.n)
			str_printf(why, "; did you mean \"%s\"?", str_get(&near));
	}
	str_free(&near);
	return ok;
}

static bool load_one(const struct command *c, const char *word, struct loads *l)
{
	struct platform_dir dir = scenarios_dir();
	struct scenario_options opt = {.data_dir = dir.path};
	struct err_list errs = {.file = word};
	struct str path = {0}, why = {0};
	struct scenario *s = NULL;
	bool long_why = false;

	if (find_file(word, &path, &why, &long_why)) {
		s = scenario_load(str_get(&path), &opt, &errs);
		if (s)
			vec_push(l, (struct loaded){s, mem_strdup(str_get(&path)), word});
		else
			tell_errors(&errs, word, l);
	} else {
		if (long_why)
			usage_text(c, str_get(&why));
		else
			usage_error(c, "%s", str_get(&why));
		bad_add(l, word, str_get(&why));
	}
	err_free(&errs);
	str_free(&path);
	str_free(&why);
	return s != NULL;
}

bool loads_read(const struct command *c, char **words, int n, struct loads *l)
{
	bool ok = true;

	if (!n) {
		usage_error(c, "which scenario?");
		return false;
	}
	if (!data_dir()[0]) {
		usage_error(c, "the platforms are not found; set DMALAB_DATA to the folder that "
			       "holds scenarios/");
		return false;
	}
	for (int i = 0; i < n; i++)
		ok = load_one(c, words[i], l) && ok;
	return ok;
}

void loads_free(struct loads *l)
{
	for (u32 i = 0; i < l->n; i++) {
		scenario_free(l->v[i].s);
		mem_free(l->v[i].file);
	}
	vec_free(l);
	for (u32 i = 0; i < l->bad.n; i++) {
		mem_free(l->bad.v[i].asked);
		mem_free(l->bad.v[i].said);
	}
	vec_free(&l->bad);
}

bool sets_read(const struct command *c, const struct given *g, struct sets *out)
{
	*out = (struct sets){0};
	for (u32 i = 0; i < g->sets; i++) {
		const char *eq = strchr(g->set[i], '=');
		size_t len = eq ? (size_t)(eq - g->set[i]) : 0;
		char *end;
		long long v;

		if (!len || len >= sizeof out->name[0] || !eq[1]) {
			usage_error(c, "--set wants NAME=NUMBER, not \"%s\"", g->set[i]);
			return false;
		}
		errno = 0;
		v = strtoll(eq + 1, &end, 0);
		if (*end || (eq[1] == '0' && eq[2] >= '0' && eq[2] <= '9')) {
			usage_error(c, "\"%s\" is no number such as 64 or 0x40", eq + 1);
			return false;
		}
		if (errno) {
			usage_error(c, "\"%s\" does not fit in 64 bits", eq + 1);
			return false;
		}
		memcpy(out->name[i], g->set[i], len);
		for (u32 k = 0; k < i; k++)
			if (strcmp(out->name[k], out->name[i]) == 0) {
				usage_error(c, "--set %s comes twice", out->name[i]);
				return false;
			}
		out->v[i] = (struct param_set){out->name[i], v};
		str_printf(&out->words, " --set %s=%lld", out->name[i], v);
		out->n++;
	}
	return true;
}

void sets_free(struct sets *s)
{
	str_free(&s->words);
}

static bool compile(const struct loaded *l, const char *variant, const char *platform,
		    const struct sets *sets, struct ready *out, struct err_list *errs)
{
	const struct scenario_doc *doc = l->s->doc;
	struct param_sets values = {sets ? sets->v : NULL, sets ? sets->n : 0};
	bool ok;

	*out = (struct ready){.cfg = mem_zalloc(1, sizeof *out->cfg), .variant = variant};
	if (!variant && doc->variants)
		out->variant = doc->variant[0].name.text;
	ok = scenario_compile(l->s, out->variant, platform, &values, out->cfg, &out->prog, errs);
	if (ok)
		out->expect = scenario_expect(l->s, out->variant, out->cfg->platform);
	return ok;
}

bool ready_make(const struct loaded *l, const char *variant, const char *platform,
		const struct sets *sets, struct ready *out, struct loads *all)
{
	struct err_list errs = {.file = l->file};
	bool ok = compile(l, variant, platform, sets, out, &errs);

	if (!ok)
		tell_errors(&errs, l->asked, all);
	err_free(&errs);
	return ok;
}

bool ready_try(const struct loaded *l, const char *variant, const char *platform,
	       const struct sets *sets, struct ready *out, struct str *why)
{
	struct err_list errs = {.file = l->file};
	bool ok = compile(l, variant, platform, sets, out, &errs);

	if (!ok && errs.n) {
		if (errs.v[0].pos.line)
			str_printf(why, "line %u: ", errs.v[0].pos.line);
		str_safe(why, errs.v[0].message, strlen(errs.v[0].message));
	}
	err_free(&errs);
	return ok;
}

void ready_free(struct ready *r)
{
	if (r->prog)
		program_free(r->prog);
	mem_free(r->cfg);
}
