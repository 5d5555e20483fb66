/* SPDX-License-Identifier: MIT */
/*
 * Following a recorded schedule, and noticing where it is of another program: a schedule is numbers
 * of answers at numbers of choice points, and after an edit of the file the same numbers may mean
 * something else.
 */
#include "base/bug.h"
#include "base/prng.h"
#include "engine/vm_int.h"

static void mix(struct prng *h, u64 x)
{
	h->s = prng_next(h) ^ x;
}

/* An address as the program would name it: which memory in use, and where in it. */
static void mix_place(struct prng *h, const struct engine *e, u64 at)
{
	u64 pa, len;

	for (u32 i = 0; lx_open_memory(&e->lx, i, &pa, &len); i++)
		if (at < pa + len && at + e->w->line > pa) {
			mix(h, i);
			mix(h, at - align_down(pa, e->w->line));
			return;
		}
	mix(h, ~0ull);
}

/* What a thread is about to do, without what an edit moves: positions, slots, texts. */
static void mix_next(struct prng *h, const struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i;

	mix(h, t->status);
	if (t->status == THREAD_DONE || t->status == THREAD_BUG)
		return;
	i = vm_insn(e, t);
	mix(h, i->op);
	mix(h, i->size);
	mix(h, i->op == OP_API || i->op == OP_BARRIER ? (u64)i->a << 32 | i->b : 0);
}

u32 engine_mark(const struct engine *e, const struct action *a)
{
	struct prng h = {a->kind};

	mix(&h, a->age);
	mix_next(&h, e, 0);
	if (a->kind == ACT_DRAIN) {
		u32 cpu = a->arg / STORE_BUFFER_MAX;

		mix(&h, cpu);
		mix_place(&h, e, hw_core(&e->hw, cpu)->sb[a->arg % STORE_BUFFER_MAX].pa);
	} else {
		mix(&h, a->arg);
	}
	if (a->kind == ACT_WRITE_BACK || a->kind == ACT_DROP || a->kind == ACT_FILL)
		mix_place(&h, e, a->line);
	if (a->kind == ACT_DEVICE && e->cfg->program[a->arg])
		mix_next(&h, e, a->arg + 1u);
	return 1 + (u32)(prng_next(&h) >> (64 - MARK_BITS));
}

/* ---- following ---- */

struct follow {
	const struct schedule *s;
	u32 at, check;
	struct stray stray;
};

static u32 stray(struct follow *f, struct engine *e, enum stray_why why, u32 choices)
{
	u32 stride = schedule_stride(f->s->n);
	struct stray *x = &f->stray;

	x->why = why;
	x->first = why == STRAY_OTHER ? f->at / stride * stride + 1 : f->at + 1;
	x->last = f->at + 1;
	x->point = f->s->v[f->at].point;
	x->value = f->s->v[f->at].value;
	x->choices = choices;
	x->points = engine_choices(e);
	x->stmt = engine_thread(e, 0)->stmt;
	return 0;
}

/* The check of this answer and those before it that share the digit: false, another one. */
static bool agrees(struct follow *f, const struct engine *e, const struct action *a)
{
	u32 n = f->s->n, stride = schedule_stride(n);

	if (!f->s->checks)
		return true;
	if (f->at % stride == 0)
		f->check = 0;
	f->check = schedule_fold(f->check, engine_mark(e, a));
	return ((f->at + 1) % stride && f->at + 1 < n) || f->check == f->s->check[f->at / stride];
}

static u32 answer(void *ctx, struct engine *e, const struct action_list *l)
{
	struct follow *f = ctx;
	u32 v;

	if (f->stray.why)
		return 0;
	v = schedule_at(f->s, engine_choices(e) + 1, &f->at);
	if (!v)
		return 0;
	if (v >= l->n)
		return stray(f, e, STRAY_FEWER, l->n);
	if (!agrees(f, e, &l->v[v]))
		return stray(f, e, STRAY_OTHER, l->n);
	f->stray.matched++;
	return v;
}

enum outcome engine_follow(struct engine *e, const struct schedule *s, struct stray *where)
{
	struct follow f = {.s = s};
	enum outcome o = engine_run(e, answer, &f);

	if (!f.stray.why && f.stray.matched < s->n) {
		f.at = f.stray.matched;
		stray(&f, e, STRAY_ENDED, 0);
	}
	if (where)
		*where = f.stray;
	return o;
}

enum outcome engine_replay(struct engine *e, const struct schedule *s, u32 *matched)
{
	struct stray where;
	enum outcome o = engine_follow(e, s, &where);

	if (matched)
		*matched = where.matched;
	return o;
}

void engine_sign(const struct machine_config *cfg, const struct program *prog, struct schedule *s)
{
	struct engine_options opt = {.no_events = true};
	struct engine *e = engine_new(cfg, prog, &opt);

	engine_replay(e, s, NULL);
	/* What cannot be followed keeps its answers, unsigned. */
	for (u32 i = 0; i < s->n && e->schedule.n == s->n; i++)
		s->v[i].mark = e->schedule.v[i].mark;
	engine_free(e);
}
