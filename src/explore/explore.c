/* SPDX-License-Identifier: MIT */
#include "explore/explore.h"

#include "base/bug.h"
#include "explore/search.h"

const char *explore_end_text(enum explore_end end)
{
	static const char *const text[] = {
	    "every schedule was seen",
	    "the search ended at the first finding",
	    "the bound of deviations was reached",
	    "the bound of states was reached",
	    "the bound of memory was reached",
	    "the bound of transitions in one run was reached",
	    "the search was stopped",
	    "some run reached a limit of the engine",
	    "schedules were drawn by chance",
	};

	BUG_ON((u32)end >= ARRAY_LEN(text));
	return text[end];
}

double explore_collision(const struct explore_result *r)
{
	double n = (double)r->states;

	if (r->print == PRINT_EXACT)
		return 0;
	return n * n / (r->print == PRINT_128 ? 0x1p129 : 0x1p65);
}

struct explore_result *explore_run(const struct machine_config *cfg, const struct program *prog,
				   const struct explore_options *opt)
{
	struct search_options so = {.max_states = opt->max_states, .all_lines = opt->unreduced};
	struct search_result *s = search_run(cfg, prog, &so);
	struct explore_result *r = mem_zalloc(1, sizeof *r);

	r->end = s->complete ? EXPLORE_COMPLETE : EXPLORE_STATES;
	r->states = s->states;
	r->transitions = s->transitions;
	r->depth = s->depth;
	r->outcomes = s->outcomes;
	for (u32 i = 0; i < s->found.n; i++) {
		struct explore_find f = {.f = s->found.v[i].f, .count = s->found.v[i].f.count};

		f.witness = s->found.v[i].witness;
		s->found.v[i].witness = (struct schedule){0};
		f.deviations = f.witness.n;
		vec_push(&r->found, f);
	}
	search_free(s);
	return r;
}

void explore_free(struct explore_result *r)
{
	if (!r)
		return;
	for (u32 i = 0; i < r->found.n; i++)
		schedule_free(&r->found.v[i].witness);
	vec_free(&r->found);
	mem_free(r);
}
