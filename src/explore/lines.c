/* SPDX-License-Identifier: MIT */
#include "explore/lines.h"

/* Searches that found a later place for the same party. A driver and its devices need some twenty.
 */
enum { ENDLESS = 64 };

static u32 index_of(const struct lines *l, u64 line)
{
	u32 lo = 0, hi = l->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (l->v[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct line_use *lines_of(const struct lines *l, u64 line)
{
	u32 i = index_of(l, line);

	return i < l->n && l->v[i].line == line ? &l->v[i] : NULL;
}

static struct line_use *have(struct lines *l, u64 line)
{
	u32 i = index_of(l, line);

	if (i == l->n || l->v[i].line != line) {
		vec_push(l, (struct line_use){0});
		memmove(l->v + i + 1, l->v + i, (l->n - i - 1) * sizeof *l->v);
		l->v[i] = (struct line_use){.line = line};
	}
	return &l->v[i];
}

static enum engine_interest dma_line(const void *ctx, u64 line)
{
	const struct line_use *u = lines_of(ctx, line);

	return !u || !u->dma ? INTEREST_NEVER : u->wild ? INTEREST_ALWAYS : INTEREST_MAPPED;
}

static bool load_line(const void *ctx, u64 line)
{
	const struct line_use *u = lines_of(ctx, line);

	return u && u->loads;
}

void lines_ask(const struct lines *l, struct engine *e)
{
	e->line_matters = dma_line;
	e->line_ctx = l;
	e->hw.remembers = load_line;
	e->hw.remembers_ctx = l;
}

u32 lines_step(struct lines *l, const struct engine *e, const struct action *a)
{
	u32 party;

	l->maker = NOBODY_MADE;
	switch ((enum action_kind)a->kind) {
	case ACT_CPU:
		party = PARTY_CPU;
		break;
	case ACT_CORE:
		party = party_of_cpu(a->arg, e->cfg->hw.devs);
		break;
	case ACT_DEVICE:
		party = a->arg + 1u;
		break;
	default:
		return NOBODY_MADE;
	}
	if (engine_thread(e, party)->in_poll || (a->kind == ACT_DEVICE && !e->cfg->program[a->arg]))
		return NOBODY_MADE;
	l->maker = party;
	if (l->endless >> party & 1)
		return NOBODY_MADE;
	l->made[party]++;
	return party;
}

/* What is not counted, of a poll or a model, comes behind the last step that is. */
/* A device may touch what is mapped for it, coherent memory, and what a scenario placed. */
static bool allowed(const struct engine *e, u64 pa, u64 len)
{
	return !e->oracle.state || engine_reachable(e, pa, len);
}

static void touches(struct lines *l, const struct world *w, u32 party, u64 pa, u64 len, bool dma,
		    bool loads)
{
	for (u64 line = align_down(pa, w->line); len && line < pa + len; line += w->line) {
		struct line_use *u = have(l, line);
		u32 last = l->made[party] + (l->maker != party || l->endless >> party & 1);

		l->grew |= (dma && !u->dma) || (loads && !u->loads) || last > u->last[party];
		l->later |= last > u->last[party] ? 1u << party : 0;
		u->dma |= dma;
		u->loads |= loads;
		if (last > u->last[party])
			u->last[party] = last;
	}
}

/* A device that is driven by hand acts in the steps of the driver. */
static void by_hand(struct lines *l, const struct world *w, u64 pa, u64 len)
{
	for (u64 line = align_down(pa, w->line); line < pa + len; line += w->line) {
		struct line_use *u = have(l, line);

		l->grew |= !u->dma || l->made[PARTY_CPU] > u->by_hand;
		u->dma = true;
		if (l->made[PARTY_CPU] > u->by_hand)
			u->by_hand = l->made[PARTY_CPU];
	}
}

static void operated(struct lines *l, u64 line)
{
	struct line_use *u = have(l, line);

	l->grew |= l->made[PARTY_CPU] > u->operated;
	if (l->made[PARTY_CPU] > u->operated)
		u->operated = l->made[PARTY_CPU];
}

static void wild(struct lines *l, const struct engine *e, u64 pa, u64 len)
{
	if (allowed(e, pa, len))
		return;
	for (u64 line = align_down(pa, e->w->line); line < pa + len; line += e->w->line) {
		struct line_use *u = have(l, line);

		l->grew |= !u->wild;
		u->wild = true;
	}
}

void lines_saw(struct lines *l, const struct engine *e, u64 pa, u64 len)
{
	for (u64 line = align_down(pa, e->w->line); line < pa + len; line += e->w->line) {
		struct line_use *u = have(l, line);

		l->grew |= !u->seen;
		u->dma = u->wild = u->seen = true;
	}
}

void lines_event(struct lines *l, const struct engine *en, const struct event *e)
{
	const struct world *w = en->w;
	const u64 *f = e->f;

	switch (e->kind) {
	case EV_DMA_READ:
	case EV_DMA_WRITE:
		if (l->maker == PARTY_CPU)
			by_hand(l, w, f[1], f[2]);
		else
			touches(l, w, e->party, f[1], f[2], true, false);
		wild(l, en, f[1], f[2]);
		break;
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
	case EV_LOAD_EARLY:
		touches(l, w, e->party, f[0], f[1], false, true);
		break;
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
		touches(l, w, e->party, f[0], f[1], false, false);
		break;
	case EV_FILL:
	case EV_SPEC_FILL:
		have(l, f[0])->cached = true;
		break;
	case EV_CLEAN:
	case EV_INVALIDATE:
		touches(l, w, PARTY_CPU, f[0], 1, false, false);
		operated(l, f[0]);
		break;
	case EV_COPY_IN:
	case EV_COPY_OUT:
		touches(l, w, PARTY_CPU, f[0], f[2], false, true);
		touches(l, w, PARTY_CPU, f[1], f[2], false, true);
		break;
	default:
		break;
	}
}

void lines_again(struct lines *l)
{
	for (u32 p = 0; p < PARTIES_MAX; p++) {
		/* The driver is counted always: its loops end, or it waits. */
		if (p == PARTY_CPU || !(l->later >> p & 1) || ++l->moved[p] < ENDLESS)
			continue;
		l->endless |= 1u << p;
	}
	l->later = 0;
}

void lines_free(struct lines *l)
{
	vec_free(l);
}

static bool buffered(const struct engine *e, u64 line)
{
	for (u32 c = 0; c < e->w->cpus; c++) {
		const struct cpu_state *s = hw_core(&e->hw, c);

		for (u32 i = 0; i < s->entries; i++)
			if (align_down(s->sb[i].pa, e->w->line) == line)
				return true;
	}
	return false;
}

bool lines_cpu_needs(const struct lines *l, const struct engine *e, const struct line_use *u)
{
	u32 devs = e->cfg->hw.devs;

	if (u->seen)
		return true;
	for (u32 c = 0; c < e->w->cpus; c++) {
		u32 p = party_of_cpu(c, devs);

		if (l->made[p] < u->last[p])
			return true;
	}
	return buffered(e, u->line);
}

bool lines_device_needs(const struct lines *l, const struct engine *e, const struct line_use *u)
{
	if (l->made[PARTY_CPU] < u->by_hand)
		return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		const struct dev_state *s = hw_dev(&e->hw, d);

		if (e->cfg->program[d] ? l->made[d + 1] < u->last[d + 1] : u->last[d + 1] != 0)
			return true;
		for (u32 i = 0; i < s->inflight_n; i++)
			if (s->inflight[i].pa < u->line + e->w->line &&
			    u->line < s->inflight[i].pa + s->inflight[i].n)
				return true;
	}
	return false;
}
