/* SPDX-License-Identifier: MIT */
#include "report/units.h"

#include "base/bug.h"
#include "base/mem.h"
#include "core/maphow.h"
#include "engine/engine.h"

static const struct cost_info rows[] = {
#define COST(id, group, name, weight, reason) {#id, name, reason, GROUP_##group, weight},
#include "report/cost.def"
};

static const struct {
	const char *id, *name;
	char letter;
} groups[] = {
#define COST_GROUP(id, name, letter) {#id, name, letter},
#include "report/cost.def"
};

const struct cost_info *cost_info(enum cost_row row)
{
	BUG_ON((u32)row >= COST_ROWS);
	return &rows[row];
}

const char *cost_group_name(enum cost_group g)
{
	BUG_ON((u32)g >= COST_GROUPS);
	return groups[g].name;
}

const char *cost_group_id(enum cost_group g)
{
	BUG_ON((u32)g >= COST_GROUPS);
	return groups[g].id;
}

char cost_group_letter(enum cost_group g)
{
	BUG_ON((u32)g >= COST_GROUPS);
	return groups[g].letter;
}

/* Memory that the CPU reaches past its caches, from one event to another. */
struct bare {
	u64 pa, len;
	u32 from, to; /* to 0: to the end */
};

struct counting {
	const struct machine_config *cfg;
	const struct event_log *log;
	struct {
		VEC(struct bare)
	} bare;
};

/* The call that gives it out has filled it by the time it says so. */
static void find_bare(struct counting *c)
{
	u32 call = 1;

	for (u32 k = 1; k <= c->log->n; k++) {
		const struct event *e = event_get(c->log, k);

		if (e->kind == EV_CALL)
			call = k;
		else if (e->kind == EV_COHERENT_ALLOC && e->f[4])
			vec_push(&c->bare,
				 (struct bare){e->f[0], align_up(e->f[2], 4096), call, 0});
		for (u32 i = 0; e->kind == EV_COHERENT_FREE && i < c->bare.n; i++)
			if (c->bare.v[i].pa == e->f[0] && !c->bare.v[i].to)
				c->bare.v[i].to = k;
	}
}

static bool is_bare(const struct counting *c, u64 pa, u32 at)
{
	bool found = !c->cfg->hw.l1.sets;

	for (u32 i = 0; !found && i < c->bare.n; i++) {
		const struct bare *b = &c->bare.v[i];

		found = pa - b->pa < b->len && at >= b->from && (!b->to || at < b->to);
	}
	return found;
}

/* A device that looks into the caches makes a line go, right in front of its own write. */
static bool is_snoop(const struct counting *c, u32 k)
{
	u64 line = event_get(c->log, k)->f[0];

	for (u32 i = k + 1; i <= c->log->n; i++) {
		const struct event *e = event_get(c->log, i);

		if (e->kind == EV_DMA_WRITE)
			return align_down(e->f[1], c->cfg->hw.line) == line;
		if (e->kind != EV_WRITE_BACK && e->kind != EV_INVALIDATE)
			break;
	}
	return false;
}

static enum cost_row barrier(const struct counting *c, u32 kind)
{
	const struct barrier_info *b = barrier_info((enum barrier_kind)kind);

	if (b->stores == EFFECT_WAIT || b->loads == EFFECT_WAIT)
		return COST_WAIT;
	if (c->cfg->hw.order != ORDER_WEAK)
		return COST_ROWS;
	return COST_ORDER;
}

/* The row in which event number k counts; COST_ROWS: in none. */
static enum cost_row row_of(const struct counting *c, u32 k)
{
	const struct event *e = event_get(c->log, k);

	switch ((enum event_kind)e->kind) {
	case EV_LOAD_CACHE:
	case EV_LOAD_BUFFER:
	case EV_STORE_CACHE:
	case EV_STORE_BUFFERED:
		return COST_HIT;
	case EV_LOAD_EARLY:
		return is_bare(c, e->f[0], k) ? COST_UNCACHED_LOAD : COST_HIT;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		return is_bare(c, e->f[0], k) ? COST_UNCACHED_STORE : COST_ROWS;
	case EV_LOAD_MEMORY:
		return COST_UNCACHED_LOAD;
	case EV_STORE_MEMORY:
		return COST_UNCACHED_STORE;
	case EV_FILL:
		return !e->f[1] && c->cfg->hw.outer.sets ? COST_FILL_NEAR : COST_FILL;
	case EV_SPEC_FILL:
		return COST_FILL_ALONE;
	case EV_WRITE_BACK:
		return is_snoop(c, k) ? COST_ROWS : COST_WRITE_BACK;
	case EV_CLEAN:
		return e->f[1] ? COST_OUTER : COST_CLEAN;
	case EV_INVALIDATE:
		return is_snoop(c, k) ? COST_ROWS : e->f[1] ? COST_OUTER : COST_INVALIDATE;
	case EV_BARRIER:
		return barrier(c, (u32)e->f[0]);
	case EV_COPY_IN:
	case EV_COPY_OUT:
		return COST_COPY;
	case EV_IOTLB_FILL:
		return COST_IOTLB_FILL;
	case EV_IOTLB_FLUSH:
		return COST_IOTLB_FLUSH;
	case EV_MAP:
	case EV_UNMAP:
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE: /* of a scatterlist one for each entry or segment */
		return COST_DMA_CALL;
	case EV_COHERENT_ALLOC: /* of dma_alloc_pages() too, which are ordinary pages */
		return (e->f[5] & HOW_MASK) == HOW_NONCOHERENT ? COST_ALLOC : COST_COHERENT;
	case EV_COHERENT_FREE:
		return (e->f[4] & HOW_MASK) == HOW_NONCOHERENT ? COST_ALLOC : COST_COHERENT;
	case EV_ALLOC:
	case EV_FREE:
	case EV_POOL_ALLOC:
	case EV_POOL_FREE:
		return COST_ALLOC;
	case EV_MMIO_WRITE:
		return COST_MMIO_WRITE;
	case EV_MMIO_READ:
		return COST_MMIO_READ;
	case EV_IRQ_ENTER:
		return COST_IRQ;
	default:
		return COST_ROWS;
	}
}

void units_count(const struct machine_config *cfg, const struct event_log *log, struct units *out)
{
	struct counting c = {.cfg = cfg, .log = log};

	*out = (struct units){0};
	find_bare(&c);
	for (u32 k = 1; k <= log->n; k++) {
		enum cost_row row = row_of(&c, k);

		if (row != COST_ROWS)
			out->n[row]++;
	}
	vec_free(&c.bare);
}

u64 units_total(const struct units *u)
{
	u64 sum = 0;

	for (u32 i = 0; i < COST_ROWS; i++)
		sum += u->n[i] * rows[i].weight;
	return sum;
}

u64 units_of(const struct units *u, enum cost_group g)
{
	u64 sum = 0;

	for (u32 i = 0; i < COST_ROWS; i++)
		if (rows[i].group == g)
			sum += u->n[i] * rows[i].weight;
	return sum;
}
