/* SPDX-License-Identifier: MIT */
/* Composes the world of a run: every layer claims its part, memory last. */
#include "base/bug.h"
#include "engine/calls.h"
#include "engine/vm_int.h"

static const void *thread_state(const struct world *w, u32 off, u64 *room, u32 *n)
{
	const struct thread *t = world_at(w, off);

	(void)room;
	*n = (u32)((const u8 *)&t->stack[t->sp] - (const u8 *)&t->pc);
	return &t->pc;
}

static void place_threads(struct engine *e)
{
	for (u32 i = 0; i < engine_threads(e); i++) {
		struct thread *t = &e->scratch;
		u32 entry = ~0u; /* a CPU that has nothing to do yet */

		if (i <= e->cfg->hw.devs)
			entry = i ? e->prog->device[i - 1].entry : e->prog->driver_entry;
		memset(t, 0, sizeof *t);
		t->fn = NO_FUNCTION;
		t->pc = entry == ~0u ? 0 : entry;
		t->status = entry == ~0u ? THREAD_DONE : THREAD_RUN;
		vm_store(e, i);
	}
}

void engine_start(struct engine *e)
{
	if (vm_sched(e)->started)
		return;
	W_SET(e->w, vm_sched(e)->started, 1u);
	twin_boot(e);
	for (u32 i = 0; i < engine_threads(e); i++) {
		vm_load(e, i);
		vm_settle(e, i);
		vm_store(e, i);
	}
}

static void start_variables(struct engine *e)
{
	u32 slots = e->prog->global_slots;

	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		e->var_base[d] = slots;
		slots += e->prog->device[d].slots;
	}
	e->vars = world_region(e->w, "variables", (u64)slots * sizeof(struct value), CHUNK,
			       REGION_RAW, NULL);
	for (u32 i = 0; i < slots; i++)
		((struct value *)(e->w->wr + e->vars))[i].len = VALUE_UNSET;
}

static u32 max_segment(const void *lx, u32 dev)
{
	return lx_dma_get_max_seg_size(lx, dev);
}

static u64 boundary(const void *lx, u32 dev)
{
	return lx_dma_get_seg_boundary(lx, dev);
}

static u64 or_32_bits(u64 mask)
{
	return mask ? mask : 0xffffffff;
}

/* What the oracle has to know of the kernel besides its calls. */
static void tell_kernel(struct engine *e)
{
	struct oracle_kernel k = {.bounce_all = e->cfg->lx.swiotlb.force,
				  .flawed = e->cfg->lx.quirks != 0,
				  .max_segment = max_segment,
				  .boundary = boundary,
				  .ctx = &e->lx};

	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		k.mask[d] = e->cfg->lx.dev[d].mask;
		if (!e->cfg->lx.dev[d].no_coherent_mask)
			k.coherent_mask[d] = or_32_bits(e->cfg->lx.dev[d].coherent_mask);
		k.bus_limit[d] = e->cfg->lx.dev[d].bus_dma_limit;
	}
	oracle_kernel(&e->oracle, &k);
}

static bool sealed(const void *ctx, u64 pa)
{
	return lx_is_private(ctx, (phys_addr_t){pa});
}

struct engine *engine_new(const struct machine_config *cfg, const struct program *prog,
			  const struct engine_options *opt)
{
	struct engine *e = mem_zalloc(1, sizeof *e);
	enum oracle_level level = prog->oracle;
	bool truth;

	e->cfg = cfg;
	e->prog = prog;
	if (opt)
		e->opt = *opt;
	if (!e->opt.max_accesses)
		e->opt.max_accesses = 10000000;
#ifdef DMALAB_DEBUG
	e->opt.doubled = true; /* a write around the accessors ends at the guilty line */
#endif
	truth = !e->opt.no_oracle && level != ORACLE_ASSERTS;
	e->w = world_new(e->opt.doubled);
	e->w->cpus = prog->cpus > 1 ? prog->cpus : 1;
	e->w->log_is_state = prog->looks_at_log;
	e->w->clocks = e->w->cpus > 1 ? work_clocks(prog) : 0;
	world_set_cells(e->w, cfg->hw.line, truth, true, cfg->hw.devs + e->w->cpus);
	hw_init(&e->hw, e->w, &cfg->hw);
	lx_init(&e->lx, &e->hw, &cfg->lx);
	if (cfg->lx.encrypted) {
		e->hw.sealed = sealed;
		e->hw.sealed_ctx = &e->lx;
	}
	oracle_init(&e->oracle, e->w, &e->hw, e->opt.no_oracle ? ORACLE_OFF : level);
	tell_kernel(e);
	twin_claim(e);
	e->thread = world_region(e->w, "threads", (u64)engine_threads(e) * sizeof(struct thread),
				 sizeof(struct thread), REGION_CUSTOM, thread_state);
	work_claim(e);
	start_variables(e);
	e->pool = world_region(e->w, "bytes", sizeof(struct pool), CHUNK, REGION_RAW, NULL);
	e->sched = world_region(e->w, "calm", sizeof(struct sched), CHUNK, REGION_UNHASHED, NULL);
	e->lab =
	    world_region(e->w, "laboratory", CALL_COUNT * sizeof(u16), CHUNK, REGION_RAW, NULL);
	e->lx.texts = prog->pool;
	lx_sg_claim(&e->lx, prog->sg_entries, prog->sg_tables);
	lx_iova_claim(&e->lx, prog->iova_states);
	models_claim(e);
	hw_open(&e->hw);
	if (!e->opt.no_events)
		e->w->log = event_log_new();
	e->w->jn.on = false;
	models_reset(e);
	place_threads(e);
	e->w->jn.on = true;
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	oracle_fini(&e->oracle);
	keyframes_free(&e->keys);
	schedule_free(&e->schedule);
	world_free(e->w);
	mem_free(e);
}
