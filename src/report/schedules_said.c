/* SPDX-License-Identifier: MIT */
/* What hardware does on a schedule that it does not do when it is calm, a sentence for each. */
#include "report/narrate.h"
#include "report/schedules.h"

/* Answers that were not calm's: the events of what was done instead. */
struct followed {
	const struct schedule *s;
	u32 at;
	struct {
		VEC(u32) /* the first event; one that belongs to the next action is cut below */
	} first;
	u32 open; /* the last of them waits for its end */
	struct {
		VEC(u32)
	} last;
};

static void end_last(struct followed *f, u32 events)
{
	if (f->open)
		vec_push(&f->last, events);
	f->open = 0;
}

static u32 follow(void *ctx, struct engine *e, const struct action_list *l)
{
	struct followed *f = ctx;
	u32 v = schedule_at(f->s, engine_choices(e) + 1, &f->at);

	end_last(f, engine_events(e));
	if (!v || v >= l->n)
		return 0;
	vec_push(&f->first, engine_events(e) + 1);
	f->open = 1;
	return v;
}

static void add(const struct run *r, u32 event, struct said *out)
{
	struct str text = {0};
	u32 line = names_line(&r->names, event_get(r->names.log, event)->stmt);

	if (line)
		str_printf(&text, "line %u: ", line);
	narrate_event(&r->names, &r->e->lx, event, &text);
	vec_push(out, mem_strdup(str_get(&text)));
	str_free(&text);
}

void said_make(struct said *s, const struct run *r, const struct schedule *schedule)
{
	struct engine_options opt = {.no_oracle = true, .max_accesses = r->in.max_accesses};
	struct followed f = {.s = schedule};
	struct engine *e = engine_new(r->in.cfg, r->in.prog, &opt);

	engine_run(e, follow, &f);
	end_last(&f, engine_events(e));
	for (u32 i = 0; i < f.first.n; i++)
		if (f.first.v[i] <= f.last.v[i])
			add(r, f.first.v[i], s);
	engine_free(e);
	vec_free(&f.first);
	vec_free(&f.last);
}

void said_free(struct said *s)
{
	for (u32 i = 0; i < s->n; i++)
		mem_free(s->v[i]);
	vec_free(s);
}
