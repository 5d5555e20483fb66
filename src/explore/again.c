/* SPDX-License-Identifier: MIT */
#include "explore/again.h"

#include "base/bug.h"

/* Of the lines only those that some mapping has covered: nobody sees what becomes of others. */
static enum engine_interest any_line(const void *ctx, u64 line)
{
	(void)ctx;
	(void)line;
	return INTEREST_REACHED;
}

void again_lines(struct again *a)
{
	a->e->line_matters = any_line;
}

static void make(struct again *a)
{
	struct engine_options opt = {.no_events = true, .max_accesses = a->max_accesses};

	a->e = engine_new(a->cfg, a->prog, &opt);
	again_lines(a);
	oracle_sink(&a->e->oracle, a->found, a->ctx);
	if (a->hashed)
		world_hash_on(a->e->w);
	a->start = world_mark(a->e->w);
}

void again_init(struct again *a, const struct machine_config *cfg, const struct program *prog,
		u64 max_accesses, bool hashed)
{
	a->cfg = cfg;
	a->prog = prog;
	a->max_accesses = max_accesses;
	a->hashed = hashed;
	make(a);
}

void again_free(struct again *a)
{
	engine_free(a->e);
	schedule_free(&a->done);
	vec_free(&a->list);
}

void again_begin(struct again *a)
{
	/* What a long run has pushed out of the journal's window cannot be undone. */
	if (a->e->w->jn.tail > 0) {
		engine_free(a->e);
		make(a);
	}
	world_undo(a->e->w, &a->start);
	schedule_free(&a->done);
	a->cost = (struct cost){0};
	a->runs++;
	engine_start(a->e);
}

u32 again_actions(struct again *a)
{
	engine_actions(a->e, &a->list);
	return a->list.n;
}

void again_do(struct again *a, const struct action *did, const struct action *calm)
{
	cost_add(&a->cost, did, calm);
	schedule_add(&a->done, engine_choices(a->e) + 1, did->index);
	a->transitions++;
	engine_apply(a->e, did);
}

enum outcome again_end(struct again *a)
{
	enum outcome o = engine_outcome(a->e);

	if (o == OUTCOME_HANG)
		oracle_hang(&a->e->oracle, a->e->w, engine_hang_stmt(a->e));
	return o;
}
