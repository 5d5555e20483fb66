/* SPDX-License-Identifier: MIT */
/* The machine of a run, composed by the engine, with a driver that does nothing. */
#include "bench/bench.h"

#include <string.h>

static void configure(struct rig *r)
{
	r->cfg.hw = (struct hw_config){
	    .line = LINE,
	    .l1 = {.sets = SETS, .ways = WAYS, .replacement = REPLACE_LRU},
	    .ram = {{0, 1ull << 30}},
	    .rams = 1,
	    .linear_base = 0xffff000000000000,
	    .vmap_base = 0xffff800000000000,
	    .dir_slots = 1 << 15,
	};
	r->cfg.lx = (struct linux_config){
	    .arch = arch_row(ARCH_ID_ARM64),
	    .version = LINUX_VERSION(7, 1),
	    .dma_minalign = 128,
	    .l1_cache_bytes = 64,
	    .cache_alignment = 64,
	    .zone_dma32_limit = (1ull << 32) - 1,
	    .reserved = 1 << 20,
	};
	r->end.op = OP_END;
	r->prog.code = &r->end;
	r->prog.codes = 1;
	r->prog.stmt = &r->stmt;
	r->prog.stmts = 1;
	r->prog.oracle = ORACLE_FULL;
}

void rig_start(struct rig *r, bool record)
{
	const struct engine_options opt = {.no_events = !record};
	struct world *w;

	memset(r, 0, sizeof *r);
	configure(r);
	r->e = engine_new(&r->cfg, &r->prog, &opt);
	w = r->e->w;
	if (!lx_place(&r->e->lx, BUFFER_BYTES, (phys_addr_t){BUFFER_PA}, &r->buffer))
		bench_fail("there is no room for the buffer");
	/* Memory is there before the first access on both sides. */
	w->jn.on = false;
	for (u64 at = 0; at < BUFFER_BYTES; at += LINE)
		if (!memory_cell(w, BUFFER_PA + at))
			bench_fail("the world is too small");
	w->jn.on = record;
	if (record)
		keyframes_start(&r->e->keys, w);
	r->first = world_now(w)->event;
}

void rig_stop(struct rig *r)
{
	engine_free(r->e);
}

static void store(struct rig *r, cpu_addr_t va, u64 value)
{
	u8 data[8];

	memcpy(data, &value, 8);
	if (cpu_store(&r->e->hw, va, 8, data, false) != ACCESS_OK)
		bench_fail("a store was not done");
}

static u64 load(struct rig *r, cpu_addr_t va)
{
	struct view v;
	u32 time;
	u64 x;

	if (cpu_load(&r->e->hw, va, 8, false, 0, 0, &v, &time) != ACCESS_OK)
		bench_fail("a load was not done");
	memcpy(&x, v.data, 8);
	return x;
}

u64 rig_run(struct rig *r, const u32 *trace, u32 n)
{
	bool record = r->e->w->log != NULL;
	u64 sum = 0;

	for (u32 i = 0; i < n; i++) {
		cpu_addr_t va = {r->buffer.va + (trace[i] >> 1) * 8ull};

		if (trace[i] & 1)
			store(r, va, trace_value(i));
		else
			sum += load(r, va);
		if (record)
			keyframes_tick(&r->e->keys, r->e->w);
	}
	return sum;
}
