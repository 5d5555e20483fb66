/* SPDX-License-Identifier: MIT */
#include "report/run.h"

void run_do(struct run *r, const struct run_input *in)
{
	struct engine_options opt = {.no_oracle = in->no_oracle, .max_accesses = in->max_accesses};

	*r = (struct run){.in = *in};
	r->e = engine_new(in->cfg, in->prog, &opt);
	if (!in->no_oracle)
		oracle_sink(&r->e->oracle, findings_add, &r->found);
	r->outcome = in->schedule ? engine_replay(r->e, in->schedule, &r->matched)
				  : engine_run(r->e, NULL, NULL);
	/* Going back and forth tells of the same findings again. */
	oracle_sink(&r->e->oracle, NULL, NULL);
	r->limit = world_now(r->e->w)->limit;
	findings_settle(&r->found);
	names_init(&r->names, in->prog, in->cfg, r->e->w->log);
	r->journal = event_log_hash(r->e->w->log);
	schedule_token(&r->e->schedule, &r->token);
	verdict_make(&r->verdict, &r->found, in->prog, r->outcome, in->expect, !in->schedule);
}

void run_free(struct run *r)
{
	verdict_free(&r->verdict);
	findings_free(&r->found);
	names_free(&r->names);
	str_free(&r->token);
	engine_free(r->e);
}
