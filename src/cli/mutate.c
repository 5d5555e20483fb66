/* SPDX-License-Identifier: MIT */
/* dmalab mutate: single faults of a correct driver, as exercises and as a test of the checker. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/prng.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/scenarios.h"
#include "report/mutants.h"

const struct option_row mutate_options[] = {
    {0, "list", NULL, "all faults that can be put in, and no file"},
    {0, "answer", NULL, "what was changed and where it shows, and no file"},
    {0, "test", NULL, "run all of them: on every platform, over every schedule"},
    {0, "seed", "N", "which fault; the same seed gives the same file (1)"},
    {0, "number", "N", "that one of the list"},
    {0, "operator", "NAME", "only faults of that kind, see `dmalab list operators`"},
    {0, "variant", "NAME", "of that variant, else of those that are correct"},
    {'p', "platform", "NAME", "test only on that platform, else on all that there are"},
    {0, "states", "N", "of a test: search a platform to so many states, else 200000"},
    {0, "json", NULL, "JSON Lines: of a list, an answer, a test"},
    {'q', "quiet", NULL, "of a test: only what was not killed, and the sums"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

enum { SEARCHED_STATES = 200000 };

struct job {
	const struct command *self;
	const char *variant, *platform;
	bool list, answer, test, json, quiet;
	u32 only; /* enum mutation_id, or MUTATIONS */
	u64 seed, number, states;
	struct output out;
	struct style style;
	struct mutant_sums sums;
	const char *const *names; /* of all platforms */
	struct arena arena;
};

/* One variant of one file. */
struct subject {
	const struct loaded *l;
	struct mutants m;
	struct court court;
};

static struct told_mutants told(struct subject *x, bool tried)
{
	return (struct told_mutants){
	    .file = x->l->file, .doc = x->l->s->doc, .m = &x->m, .court = tried ? &x->court : NULL};
}

static void put(struct job *j, struct str *s)
{
	output_write(&j->out, str_get(s), s->n);
	fflush(j->out.f);
	str_free(s);
}

/* ---- list and test ---- */

static void list(struct job *j, struct subject *x)
{
	struct told_mutants t = told(x, false);
	struct str s = {0};

	if (!j->json)
		mutants_head(&t, &j->style, &s);
	for (u32 i = 0; i < x->m.all.n; i++)
		if (j->json)
			mutant_json(&t, i, 0, NULL, &s);
		else
			mutant_listed(&t, i, &j->style, &s);
	put(j, &s);
}

static void test(struct job *j, struct subject *x)
{
	struct told_mutants t = told(x, true);
	struct str s = {0};

	if (!j->json && !j->quiet)
		mutants_head(&t, &j->style, &s);
	put(j, &s);
	for (u32 i = 0; i < x->m.all.n; i++) {
		struct trial v;

		str_printf(&s, "%s, mutant %u", x->l->file, i + 1);
		bug_context(str_get(&s));
		str_clear(&s);
		court_try(&x->court, i, &v);
		mutant_sums_add(&j->sums, &v);
		if (j->json)
			mutant_json(&t, i, 0, &v, &s);
		else if (!j->quiet || v.end != TRIAL_KILLED)
			mutant_tried(&t, i, &v, &j->style, &s);
		put(j, &s);
		trial_free(&v);
	}
	bug_context(NULL);
}

/* ---- exercises ---- */

/* All mutants in an order that the seed draws: of each kind one first, then the rest. */
static void draw(const struct job *j, const struct mutants *m, u32 *order)
{
	struct prng chance = {j->seed};
	u32 n = 0;

	for (u32 i = 0; i < m->all.n; i++)
		order[i] = i;
	for (u32 i = m->all.n; i > 1; i--) {
		u32 k = prng_below(&chance, i), other = order[k];

		order[k] = order[i - 1];
		order[i - 1] = other;
	}
	for (u32 i = 0; i < m->all.n; i++) {
		u32 at = order[i], kind = m->all.v[at].id;
		bool again = false;

		for (u32 k = 0; k < n; k++)
			again |= m->all.v[order[k]].id == kind;
		if (again)
			continue;
		memmove(order + n + 1, order + n, (i - n) * sizeof *order);
		order[n++] = at;
	}
}

/* The fault of the exercise: the first drawn that shows on a platform of the file. */
static u32 choose(struct job *j, struct subject *x, struct trial *out)
{
	u32 *order = mem_zalloc(x->m.all.n, sizeof *order), at = 0;

	draw(j, &x->m, order);
	if (j->number)
		order[0] = (u32)j->number - 1;
	for (u32 i = 0; i < x->m.all.n; i++) {
		court_try(&x->court, order[i], out);
		at = order[i];
		if (j->number || out->end == TRIAL_KILLED)
			break;
		if (i + 1 < x->m.all.n)
			trial_free(out);
	}
	mem_free(order);
	return at;
}

static void exercise(struct job *j, struct subject *x)
{
	struct told_mutants t = told(x, true);
	struct str text = {0}, s = {0};
	struct trial v;
	u32 at = choose(j, x, &v), line;

	mutant_text(&x->m, at, &text, &line);
	if (j->answer && j->json)
		mutant_json(&t, at, line, &v, &s);
	else if (j->answer)
		mutant_answer(&t, at, line, &v, &j->style, &s);
	put(j, j->answer ? &s : &text);
	str_free(&text);
	trial_free(&v);
}

/* ---- files ---- */

/* Messages of a file that has no mutants. */
static int none(const struct job *j, const struct loaded *l, const char *why)
{
	return usage_error(j->self, "%s: %s", l->asked, why);
}

static int cannot(const struct job *j, const struct loaded *l, const struct alone_why *why)
{
	if (!why->at.line)
		return none(j, l, why->what);
	return usage_error(j->self, "%s:%u:%u: %s", l->asked, why->at.line, why->at.col, why->what);
}

static int with_court(struct job *j, struct subject *x)
{
	static const char *const no_others[] = {NULL};

	if (j->number > x->m.all.n)
		return usage_error(j->self, "there is no mutant %llu: there are %u",
				   (unsigned long long)j->number, x->m.all.n);
	if (!court_open(&x->court, &x->m, x->l->s, j->test ? j->names : no_others, j->platform,
			j->states)) {
		court_close(&x->court);
		return usage_error(j->self, "there is no platform \"%s\"", j->platform);
	}
	x->court.own = !j->test;
	if (j->test)
		test(j, x);
	else
		exercise(j, x);
	court_close(&x->court);
	return EXIT_EXPECTED;
}

static int one_variant(struct job *j, const struct loaded *l, const char *variant)
{
	struct subject x = {.l = l};
	struct alone_why why = {0};
	int status;

	if (!mutants_make(&x.m, l->s, variant, j->only, &why))
		status = cannot(j, l, &why);
	else if (!x.m.all.n && !j->test)
		status = none(j, l, "no statement of it can be changed into a fault of that kind");
	else if (j->list)
		list(j, &x), status = EXIT_EXPECTED;
	else
		status = with_court(j, &x);
	mutants_free(&x.m);
	return status;
}

static int one_file(struct job *j, const struct loaded *l)
{
	const struct scenario_doc *doc = l->s->doc;
	int status = EXIT_EXPECTED;
	u32 n = 0;

	if (j->variant && !doc_find_variant(doc, j->variant))
		return usage_error(j->self, "%s has no variant \"%s\"", l->asked, j->variant);
	for (u32 v = 0; v < (doc->variants ? doc->variants : 1); v++) {
		const char *name = doc->variants ? doc->variant[v].name.text : NULL;

		if (j->variant ? !name || strcmp(name, j->variant) != 0
			       : !mutants_is_correct(l->s, v))
			continue;
		/* An exercise is of one variant. */
		if (n++ && !j->list && !j->test)
			break;
		status = one_variant(j, l, name);
		if (status != EXIT_EXPECTED)
			return status;
	}
	j->sums.files += n > 0;
	if (!n && j->test) /* of many files some have none */
		fprintf(stderr, "dmalab mutate: %s has no correct variant\n", l->asked);
	else if (!n)
		return none(j, l, "which variant is correct? name it with --variant");
	return status;
}

static int all_files(struct job *j, const struct loads *l)
{
	int status = EXIT_EXPECTED, one;
	struct str s = {0};

	for (u32 i = 0; i < l->n; i++) {
		one = one_file(j, &l->v[i]);
		status = one > status ? one : status;
	}
	if (!j->test || status != EXIT_EXPECTED)
		return status;
	if (j->json)
		mutants_sums_json(&j->sums, &s);
	else
		mutants_sums(&j->sums, &s);
	put(j, &s);
	return j->sums.ends[TRIAL_SURVIVED] ? EXIT_LIMIT : EXIT_EXPECTED;
}

/* ---- options ---- */

static bool read_number(const struct job *j, const struct given *g, const char *name, u64 *out)
{
	const char *v = given_value(j->self, g, name);
	char *end;

	if (!v)
		return true;
	errno = 0;
	*out = strtoull(v, &end, 10);
	if (errno || *end || v[0] < '0' || v[0] > '9' || (!*out && strcmp(name, "seed") != 0)) {
		usage_error(j->self, "--%s wants a number, not \"%s\"", name, v);
		return false;
	}
	return true;
}

static bool read_operator(struct job *j, const char *name)
{
	const char *names[MUTATIONS + 1] = {0}, *near;

	j->only = name ? mutation_find(name) : MUTATIONS;
	if (!name || j->only != MUTATIONS)
		return true;
	for (u32 i = 0; i < MUTATIONS; i++)
		names[i] = mutation_info(i)->name;
	near = str_nearest(name, names);
	if (near)
		usage_error(j->self, "there is no operator \"%s\"; did you mean \"%s\"?", name,
			    near);
	else
		usage_error(j->self, "there is no operator \"%s\"; see dmalab list operators",
			    name);
	return false;
}

/* Options that go with one way to use it only. */
static const char *misfit(const struct job *j, const struct given *g)
{
	if (j->list + j->answer + j->test > 1)
		return "--list, --answer and --test exclude each other";
	if (j->number && given_value(j->self, g, "seed"))
		return "--seed and --number exclude each other";
	if (j->number && (j->list || j->test))
		return "--number is for exercises";
	if (j->json && !j->list && !j->answer && !j->test)
		return "--json goes with --list, --answer or --test";
	if (g->words > 1 && !j->list && !j->test)
		return "an exercise is of one file";
	if (j->test)
		return NULL;
	if (j->platform || j->quiet || given_value(j->self, g, "states"))
		return "--platform, --states and --quiet go with --test";
	return NULL;
}

static bool read_job(struct job *j, const struct given *g)
{
	const struct command *c = j->self;
	const char *why;

	j->seed = 1;
	j->states = SEARCHED_STATES;
	j->variant = given_value(c, g, "variant");
	j->platform = given_value(c, g, "platform");
	j->list = given_value(c, g, "list") != NULL;
	j->answer = given_value(c, g, "answer") != NULL;
	j->test = given_value(c, g, "test") != NULL;
	j->json = given_value(c, g, "json") != NULL;
	j->quiet = given_value(c, g, "quiet") != NULL;
	if (!read_operator(j, given_value(c, g, "operator")) ||
	    !read_number(j, g, "seed", &j->seed) || !read_number(j, g, "number", &j->number) ||
	    !read_number(j, g, "states", &j->states))
		return false;
	why = misfit(j, g);
	if (why)
		usage_error(c, "%s", why);
	return !why;
}

static int run_job(struct job *j, const struct given *g)
{
	struct platform_dir dir = scenarios_dir();
	struct loads loads = {0};
	int status = EXIT_USAGE, written;

	if (loads_read(j->self, g->word, g->words, &loads) &&
	    output_open(&j->out, given_value(j->self, g, "output"))) {
		j->names = platform_names(&dir, &j->arena);
		j->style = output_style(&j->out, false);
		status = all_files(j, &loads);
		written = output_close(&j->out);
		status = written == EXIT_EXPECTED ? status : written;
	}
	arena_free(&j->arena);
	loads_free(&loads);
	return status;
}

int cmd_mutate(const struct command *self, int argc, char **argv)
{
	struct job j = {.self = self};
	struct str s = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (!g.help)
		return read_job(&j, &g) ? run_job(&j, &g) : EXIT_USAGE;
	help_command(self, &s);
	status = output_text(&s);
	str_free(&s);
	return status;
}
