/* SPDX-License-Identifier: MIT */
#include "cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scenarios.h"

enum { MESSAGE_WIDTH = 80 };

static void print_errors(struct err_list *errs)
{
	struct str s = {0};

	err_print(errs, MESSAGE_WIDTH, &s);
	fputs(str_get(&s), stderr);
	str_free(&s);
}

/* The path that a word means. False: a message was printed. */
static bool find_file(const struct command *c, const char *word, struct str *path)
{
	struct str near = {0};
	bool ok = true;

	if (strcmp(word, "-") == 0 || strchr(word, '/') || access(word, F_OK) == 0) {
		str_add(path, word);
	} else if (!lesson_file(word, path, &near)) {
		ok = false;
		if (near.n)
			usage_error(c,
				    "there is no file and no lesson \"%s\"; did you mean \"%s\"?",
				    word, str_get(&near));
		else
			usage_error(c, "there is no file and no lesson \"%s\"", word);
	}
	str_free(&near);
	return ok;
}

static bool load_one(const struct command *c, const char *word, struct loads *l)
{
	struct platform_dir dir = scenarios_dir();
	struct scenario_options opt = {.data_dir = dir.path};
	struct err_list errs = {.file = word};
	struct str path = {0};
	struct scenario *s = NULL;

	if (find_file(c, word, &path)) {
		s = scenario_load(str_get(&path), &opt, &errs);
		if (s)
			vec_push(l, (struct loaded){s, mem_strdup(str_get(&path)), word});
		else
			print_errors(&errs);
	}
	err_free(&errs);
	str_free(&path);
	return s != NULL;
}

bool loads_read(const struct command *c, char **words, int n, struct loads *l)
{
	bool ok = true;

	*l = (struct loads){0};
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
		if (*end || errno) {
			usage_error(c, "\"%s\" is no number", eq + 1);
			return false;
		}
		memcpy(out->name[i], g->set[i], len);
		out->v[i] = (struct param_set){out->name[i], v};
		out->n++;
	}
	return true;
}

bool ready_make(const struct loaded *l, const char *variant, const char *platform,
		const struct sets *sets, struct ready *out)
{
	const struct scenario_doc *doc = l->s->doc;
	struct param_sets values = {sets ? sets->v : NULL, sets ? sets->n : 0};
	struct err_list errs = {.file = l->file};
	bool ok;

	*out = (struct ready){.cfg = mem_zalloc(1, sizeof *out->cfg), .variant = variant};
	if (!variant && doc->variants)
		out->variant = doc->variant[0].name.text;
	ok = scenario_compile(l->s, out->variant, platform, &values, out->cfg, &out->prog, &errs);
	if (ok)
		out->expect = scenario_expect(l->s, out->variant, out->cfg->platform);
	else
		print_errors(&errs);
	err_free(&errs);
	return ok;
}

void ready_free(struct ready *r)
{
	if (r->prog)
		program_free(r->prog);
	mem_free(r->cfg);
}
