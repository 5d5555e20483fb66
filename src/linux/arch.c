/* SPDX-License-Identifier: MIT */
/*
 * The cache operations of a kernel port (linux/arch.def) as micro-operations on lines. They see a
 * range and a direction, never what a cache holds.
 */
#include "linux/linux_int.h"

#include <string.h>

enum { NONE, C, I, CI };
enum { RAW, KEEP, WHOLE };
enum { OUTER = ARCH_OUTER, WAIT = ARCH_WAIT, BATCH = ARCH_BATCH };
enum { ZERO_FIRST = ARCH_ZERO_FIRST, BIG_CI = ARCH_BIG_CI, IMAGE_LINEAR = ARCH_IMAGE_LINEAR };
enum { REMAP = ARCH_REMAP };
_Static_assert(C == (int)OP_C && I == (int)OP_I && CI == (int)OP_CI, "columns of arch.def");
_Static_assert(KEEP == (int)EDGES_KEEP && WHOLE == (int)EDGES_WHOLE, "columns of arch.def");

struct row {
	const char *name;
	struct arch_ops ops;
};

static const struct row rows[ARCH_IDS] = {
#define ARCH(id, name, dt, df, db, ct, cf, cb, edges, prep, flags)                                 \
	[ARCH_ID_##id] = {name, {{db, dt, df}, {cb, ct, cf}, edges, prep, flags}},
#include "linux/arch.def"
#undef ARCH
};
_Static_assert(DMA_BIDIRECTIONAL == 0 && DMA_TO_DEVICE == 1 && DMA_FROM_DEVICE == 2,
	       "rows are indexed by direction");

const char *arch_name(enum arch_id id)
{
	BUG_ON((u32)id >= ARCH_IDS);
	return rows[id].name;
}

bool arch_find(const char *name, enum arch_id *id)
{
	for (u32 i = 0; i < ARCH_IDS; i++)
		if (strcmp(rows[i].name, name) == 0) {
			*id = (enum arch_id)i;
			return true;
		}
	return false;
}

struct arch_ops arch_row(enum arch_id id)
{
	BUG_ON((u32)id >= ARCH_IDS);
	return rows[id].ops;
}

static bool drops(u32 op)
{
	return op == OP_I || op == OP_CI;
}

const char *arch_defect(const struct arch_ops *a, const struct hw_config *hw)
{
	bool back = hw->l1.sets && !hw->l1.write_through;

	if (!hw->l1.sets)
		return NULL;
	if (back && (a->for_device[DMA_TO_DEVICE] == OP_NONE ||
		     a->for_device[DMA_BIDIRECTIONAL] == OP_NONE))
		return "A map to the device leaves lines dirty: it may read old memory.";
	if (back && a->for_device[DMA_FROM_DEVICE] == OP_NONE)
		return "A map from the device leaves lines dirty: they may be written back later, "
		       "over what it has written.";
	if (a->for_device[DMA_TO_DEVICE] == OP_I || a->for_device[DMA_BIDIRECTIONAL] == OP_I)
		return "A map to the device drops what the CPU has stored.";
	for (u32 d = 0; d < 3; d++)
		if (d != DMA_TO_DEVICE && !drops(a->for_cpu[d]) &&
		    (hw->speculates || !drops(a->for_device[d])))
			return "An unmap leaves lines in the cache that were fetched before the "
			       "device wrote.";
	return NULL;
}

static void push_lines(struct lx *l, enum lx_level level, enum cache_level cache, u64 pa, u64 len,
		       enum cache_op op, enum edge_rule edges)
{
	const struct hw_config *hw = l->hw->cfg;
	const struct cache_config *c = cache == LEVEL_OUTER ? &hw->outer : &hw->l1;

	if (!len || op == OP_NONE || !c->sets)
		return;
	uop_push(l, level,
		 &(struct uop){.kind = UOP_LINE,
			       .op = (u8)op,
			       .edges = (u8)edges,
			       .level = (u8)cache,
			       .at = pa,
			       .len = len});
}

/* The operation that the port does when asked for op on the range. */
static enum cache_op whole_op(const struct lx *l, u64 pa, u64 len, enum cache_op op)
{
	const struct hw_config *hw = l->hw->cfg;
	const struct arch_ops *a = &l->cfg->arch;

	if (op != OP_I)
		return op;
	if (a->edges == EDGES_WHOLE && ((pa | len) & (hw->line - 1)))
		return OP_CI;
	/* Model: of the whole cache only the range; hardware may write the rest back by itself. */
	if ((a->flags & ARCH_BIG_CI) && len >= (u64)hw->l1.sets * hw->l1.ways * hw->line)
		return OP_CI;
	return op;
}

static void range_op(struct lx *l, enum lx_level level, u64 pa, u64 len, enum cache_op asked,
		     bool for_device)
{
	const struct arch_ops *a = &l->cfg->arch;
	enum cache_op op = whole_op(l, pa, len, asked);
	enum edge_rule edges = (enum edge_rule)a->edges;
	bool outer = a->flags & ARCH_OUTER;
	bool outer_first = !for_device && !lx_has_quirk(l, QUIRK_OUTER_CACHE_LATE);

	if (outer && outer_first)
		push_lines(l, level, LEVEL_OUTER, pa, len, op, edges);
	push_lines(l, level, LEVEL_L1, pa, len, op, edges);
	if (outer && !outer_first)
		push_lines(l, level, LEVEL_OUTER, pa, len, op, edges);
}

/* CONFIG_ARCH_HAS_BATCHED_DMA_SYNC */
static bool batched(const struct lx *l)
{
	return (l->cfg->arch.flags & ARCH_BATCH) && l->cfg->version >= LINUX_VERSION(7, 1);
}

void arch_flush(struct lx *l, enum lx_level level)
{
	if (batched(l) && (l->cfg->arch.flags & ARCH_WAIT))
		uop_barrier(l, level);
}

/* list: the flush comes at its end. */
static void wait_after(struct lx *l, enum lx_level level, enum cache_op op, bool list)
{
	if (batched(l) && !list)
		arch_flush(l, level);
	else if (!batched(l) && (l->cfg->arch.flags & ARCH_WAIT) && op != OP_NONE)
		uop_barrier(l, level);
}

void arch_for_device(struct lx *l, enum lx_level level, u64 pa, u64 len, u32 dir, bool list)
{
	enum cache_op op = (enum cache_op)l->cfg->arch.for_device[dir];

	range_op(l, level, pa, len, op, true);
	wait_after(l, level, op, list);
}

void arch_for_cpu(struct lx *l, enum lx_level level, u64 pa, u64 len, u32 dir, bool list)
{
	enum cache_op op = (enum cache_op)l->cfg->arch.for_cpu[dir];

	range_op(l, level, pa, len, op, false);
	wait_after(l, level, op, list);
}

void arch_prep_coherent(struct lx *l, enum lx_level level, u64 pa, u64 len)
{
	enum cache_op op = (enum cache_op)l->cfg->arch.prep;

	range_op(l, level, pa, len, op, true);
	if ((l->cfg->arch.flags & ARCH_WAIT) && op != OP_NONE)
		uop_barrier(l, level);
}

void lx_dcache_op(struct lx *l, enum lx_level level, phys_addr_t pa, u64 len, enum cache_op op)
{
	bool outer_first = op == OP_I && !lx_has_quirk(l, QUIRK_OUTER_CACHE_LATE);

	uop_begin(l, level);
	if (outer_first)
		push_lines(l, level, LEVEL_OUTER, pa.pa, len, op, EDGES_KEEP);
	push_lines(l, level, LEVEL_L1, pa.pa, len, op, EDGES_KEEP);
	if (!outer_first)
		push_lines(l, level, LEVEL_OUTER, pa.pa, len, op, EDGES_KEEP);
	uop_barrier(l, level);
}
