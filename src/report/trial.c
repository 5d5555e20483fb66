/* SPDX-License-Identifier: MIT */
#include "report/trial.h"

#include <string.h>

#include "base/bug.h"
#include "explore/explore.h"
#include "explore/policy.h"

/* States on each platform, before any platform is searched further. */
enum { FIRST_STATES = 3000, MOST_ACCESSES = 100000 };

const char *trial_end_name(enum trial_end end)
{
	static const char *const name[] = {"killed", "equivalent", "survived"};

	return name[end];
}

const char *trial_how_name(enum trial_how how)
{
	static const char *const name[] = {"calm", "hostile", "search"};

	return name[how];
}

void trial_free(struct trial *t)
{
	id_list_free(&t->found);
	str_free(&t->token);
}

/* ---- programs ------------------------------------------------------------------------------ */

struct subject {
	struct scenario *s;
	struct program **prog; /* one for each platform; NULL: not compiled so far */
	struct machine_config *cfg;
};

static void subject_free(struct court *c, struct subject *x)
{
	for (u32 p = 0; p < c->platforms && x->prog; p++)
		if (x->prog[p])
			program_free(x->prog[p]);
	mem_free(x->prog);
	mem_free(x->cfg);
	scenario_free(x->s);
	*x = (struct subject){0};
}

static bool subject_make(struct court *c, const struct str *text, struct subject *x)
{
	struct scenario_options opt = {.data_dir = c->data_dir};
	struct err_list errs = {.file = ""};
	struct str all = {0};

	*x = (struct subject){0};
	mutants_platforms(str_get(text), text->n, c->names, &all);
	x->s = scenario_parse(str_get(&all), all.n, &opt, &errs);
	if (x->s) {
		x->prog = mem_zalloc(c->platforms ? c->platforms : 1, sizeof *x->prog);
		x->cfg = mem_zalloc(c->platforms ? c->platforms : 1, sizeof *x->cfg);
	}
	str_free(&all);
	err_free(&errs);
	return x->s != NULL;
}

/* False: it is no program there. */
static bool subject_ready(struct court *c, struct subject *x, u32 p)
{
	struct err_list errs = {.file = ""};

	if (!x->prog[p])
		scenario_compile(x->s, NULL, c->names[p], NULL, &x->cfg[p], &x->prog[p], &errs);
	err_free(&errs);
	return x->prog[p] != NULL;
}

/* ---- one look ------------------------------------------------------------------------------ */

struct look {
	struct findings found;
	u32 outcomes;
	bool complete; /* all schedules */
	u32 limit;
	enum explore_end end;
	u64 states;
	struct explore_result *r; /* of a search */
};

static void look_free(struct look *l)
{
	findings_free(&l->found);
	explore_free(l->r);
}

static void look_run(struct subject *x, u32 p, enum policy hw, struct look *l)
{
	struct engine_options opt = {.no_events = true, .max_accesses = MOST_ACCESSES};
	struct engine *e = engine_new(&x->cfg[p], x->prog[p], &opt);

	*l = (struct look){0};
	oracle_sink(&e->oracle, findings_add, &l->found);
	l->outcomes = 1u << policy_run(e, hw, 1);
	oracle_sink(&e->oracle, NULL, NULL);
	l->limit = world_now(e->w)->limit;
	engine_free(e);
}

static void look_search(struct subject *x, u32 p, u64 states, struct look *l)
{
	struct explore_options opt = {
	    .max_states = states,
	    .max_accesses = MOST_ACCESSES,
	    .max_deviations = EXPLORE_NO_BOUND,
	    .no_witnesses = true,
	};

	*l = (struct look){0};
	l->r = explore_run(&x->cfg[p], x->prog[p], &opt);
	for (u32 i = 0; i < l->r->found.n; i++)
		findings_add(&l->found, &l->r->found.v[i].f);
	l->outcomes = l->r->outcomes;
	l->complete = l->r->end == EXPLORE_COMPLETE;
	l->end = l->r->end;
	l->limit = l->r->limit;
	l->states = l->r->states;
}

/* ---- the correct program ------------------------------------------------------------------- */

/* All that is more than a cost: diagnoses first, the worst and the most telling before the others;
 * then asserts. */
static void ids_of(const struct findings *f, const struct program *prog, struct id_list *out)
{
	struct str s = {0};

	for (u32 severity = SEVERITY_CORRUPTION; severity > SEVERITY_COST; severity--)
		for (u32 id = 0; id <= DIAG_ASSERT; id++)
			for (u32 i = 0; i < f->n; i++) {
				const struct finding *g = &f->v[i].f;

				/* An assert stands behind all others. */
				if (g->id != id || (id == DIAG_ASSERT ? SEVERITY_VIOLATION
								      : g->severity) != severity)
					continue;
				str_clear(&s);
				finding_id(prog, g, &s);
				id_list_add(out, str_get(&s));
			}
	str_free(&s);
}

/* All that it shows there, on any schedule. */
static const struct trial_before *before(struct court *c, u32 p)
{
	struct trial_before *b = &c->before[p];
	struct subject x;
	struct str text = {0};
	struct look l;

	if (b->known)
		return b;
	b->known = true;
	rows_join(&c->m->alone, &text);
	if (subject_make(c, &text, &x) && subject_ready(c, &x, p)) {
		look_search(&x, p, c->max_states, &l);
		b->complete = l.complete;
		b->outcomes = l.outcomes;
		b->states = l.states;
		ids_of(&l.found, x.prog[p], &b->ids);
		look_free(&l);
		look_run(&x, p, POLICY_CALM, &l);
		b->outcomes |= l.outcomes;
		ids_of(&l.found, x.prog[p], &b->ids);
		look_free(&l);
	}
	subject_free(c, &x);
	str_free(&text);
	return b;
}

/* ---- the verdict --------------------------------------------------------------------------- */

static bool brings(u32 id, const char *found)
{
	const char *all = mutation_info(id)->brings, *at = all;
	size_t n = strlen(found);

	for (; (at = strstr(at, found)) != NULL; at++)
		if ((at == all || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

/* Schedule of the first that is new; of a search. */
static void token_of(const struct look *l, const struct program *prog, const struct id_list *new,
		     struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; l->r && i < l->r->found.n && !out->n; i++) {
		str_clear(&s);
		finding_id(prog, &l->r->found.v[i].f, &s);
		if (new->n && strcmp(str_get(&s), new->v[0]) == 0)
			schedule_token(&l->r->found.v[i].witness, out);
	}
	str_free(&s);
}

/* Whether a look shows what the correct program does not. */
static bool kills(struct court *c, u32 i, const struct subject *x, u32 p, const struct look *l,
		  struct trial *out)
{
	const u32 ends = ~(1u << OUTCOME_LIMIT | 1u << OUTCOME_RUNNING);
	struct id_list ids = {0};
	const struct trial_before *b;
	u32 new;

	ids_of(&l->found, x->prog[p], &ids);
	/* The correct program is asked only where it matters. */
	if (!ids.n && !(l->outcomes & ends & ~(1u << OUTCOME_ENDED))) {
		id_list_free(&ids);
		return false;
	}
	b = before(c, p);
	id_list_minus(&ids, &b->ids, &out->found);
	new = l->outcomes &ends & ~b->outcomes;
	id_list_free(&ids);
	if (!out->found.n && !new)
		return false;
	for (enum outcome o = OUTCOME_ENDED; o <= OUTCOME_LIMIT && new; o++)
		if (new & 1u << o && out->outcome == OUTCOME_RUNNING)
			out->outcome = o;
	for (u32 k = 0; k < out->found.n; k++)
		out->named |= brings(c->m->all.v[i].id, out->found.v[k]);
	out->end = TRIAL_KILLED;
	out->platform = c->names[p];
	token_of(l, x->prog[p], &out->found, &out->token);
	return true;
}

static bool try_runs(struct court *c, u32 i, struct subject *x, enum trial_how how,
		     struct trial *out)
{
	for (u32 p = 0; p < c->platforms; p++) {
		struct look l;
		bool killed;

		if (!subject_ready(c, x, p))
			continue;
		look_run(x, p, how == TRIAL_CALM ? POLICY_CALM : POLICY_HOSTILE, &l);
		out->how = how;
		killed = kills(c, i, x, p, &l, out);
		look_free(&l);
		if (killed)
			return true;
	}
	return false;
}

/* done: platforms that need no further search. */
static bool try_search(struct court *c, u32 i, struct subject *x, u64 states, bool *done,
		       struct trial *out)
{
	out->cut = out->bound = NULL;
	for (u32 p = 0; p < c->platforms; p++) {
		struct look l;
		bool killed;

		if (done[p] || !subject_ready(c, x, p))
			continue;
		look_search(x, p, states, &l);
		out->how = TRIAL_SEARCH;
		out->states += l.states;
		killed = kills(c, i, x, p, &l, out);
		done[p] = l.complete;
		out->complete += l.complete;
		if (!l.complete && !out->cut) {
			out->cut = c->names[p];
			out->bound = l.limit ? limit_text((enum limit_kind)l.limit)
					     : explore_end_text(l.end);
		}
		look_free(&l);
		if (killed)
			return true;
	}
	return false;
}

void court_try(struct court *c, u32 i, struct trial *out)
{
	u64 first = c->max_states < FIRST_STATES ? c->max_states : FIRST_STATES;
	bool *done = mem_zalloc(c->platforms ? c->platforms : 1, sizeof *done);
	struct str text = {0};
	struct subject x;
	u32 line;

	*out = (struct trial){.end = TRIAL_SURVIVED};
	mutant_text(c->m, i, &text, &line);
	BUG_ON(!subject_make(c, &text, &x));
	if (!try_runs(c, i, &x, TRIAL_CALM, out) &&
	    !try_search(c, i, &x, first, done, out) && out->cut && !c->own)
		try_search(c, i, &x, c->max_states, done, out);
	if (out->end != TRIAL_KILLED && !out->cut)
		out->end = TRIAL_EQUIVALENT;
	subject_free(c, &x);
	str_free(&text);
	mem_free(done);
}

/* ---- the court ----------------------------------------------------------------------------- */

/* Whether the correct program is one with these platforms added. */
static bool goes_with(struct court *c, const char *const *names)
{
	struct scenario_options opt = {.data_dir = c->data_dir};
	struct err_list errs = {.file = ""};
	struct str text = {0}, all = {0};
	struct scenario *s;

	rows_join(&c->m->alone, &text);
	mutants_platforms(str_get(&text), text.n, names, &all);
	s = scenario_parse(str_get(&all), all.n, &opt, &errs);
	scenario_free(s);
	err_free(&errs);
	str_free(&text);
	str_free(&all);
	return s != NULL;
}

static bool has(const char *const *names, u32 n, const char *name)
{
	for (u32 i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool court_open(struct court *c, struct mutants *m, const struct scenario *s,
		const char *const *others, const char *platform, u64 max_states)
{
	const char **names;
	u32 n = 0;

	*c = (struct court){.m = m, .data_dir = s->data_dir, .max_states = max_states};
	while (others[n])
		n++;
	names = arena_alloc(&c->arena, s->doc->platforms + n + 1, sizeof *names);
	for (u32 i = 0; i < s->doc->platforms + n; i++) {
		const char *const one[] = {i < s->doc->platforms ? s->doc->platform[i].name.text
								 : others[i - s->doc->platforms],
					   NULL};

		if (has(names, c->platforms, one[0]) || (platform && strcmp(platform, one[0]) != 0))
			continue;
		if (i < s->doc->platforms || goes_with(c, one))
			names[c->platforms++] = arena_strndup(&c->arena, one[0], strlen(one[0]));
	}
	c->names = names;
	c->before = mem_zalloc(c->platforms ? c->platforms : 1, sizeof *c->before);
	return c->platforms > 0;
}

void court_close(struct court *c)
{
	for (u32 p = 0; p < c->platforms && c->before; p++)
		id_list_free(&c->before[p].ids);
	mem_free(c->before);
	arena_free(&c->arena);
}
