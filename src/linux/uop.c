/* SPDX-License-Identifier: MIT */
/*
 * Micro-operations: what a call of the kernel has still to do, one transition at a time. What was
 * done leaves no trace in the queue, so that equal states are equal bytes.
 *
 * The queue moves on before the hardware acts, as an event closes what belongs to it.
 */
#include "linux/linux_int.h"

static const struct uopq *queue(const struct lx *l, enum lx_level level)
{
	BUG_ON((u32)level >= LX_LEVELS);
	return &lx_state(l)->q[level];
}

const struct uop *uop_head(const struct lx *l, enum lx_level level)
{
	const struct uopq *q = queue(l, level);

	return q->n ? &q->u[q->head] : NULL;
}

bool lx_idle(const struct lx *l, enum lx_level level)
{
	return queue(l, level)->n == 0;
}

void uop_begin(const struct lx *l, enum lx_level level)
{
	BUG_ON(!lx_idle(l, level));
}

void uop_push(struct lx *l, enum lx_level level, const struct uop *u)
{
	const struct uopq *q = queue(l, level);

	if (q->head + q->n == UOPS_MAX) {
		world_limit(l->w, LIMIT_UOPS);
		return;
	}
	world_write(l->w, &q->u[q->head + q->n], u, sizeof *u);
	W_SET(l->w, q->n, q->n + 1);
}

void uop_pop(struct lx *l, enum lx_level level)
{
	const struct uopq *q = queue(l, level);

	W_SET(l->w, q->u[q->head], (struct uop){0});
	W_SET(l->w, q->n, q->n - 1);
	W_SET(l->w, q->head, q->n ? q->head + 1 : 0);
}

static void drop_all(struct lx *l, enum lx_level level)
{
	while (!lx_idle(l, level))
		uop_pop(l, level);
}

void uop_fill(struct lx *l, enum lx_level level, cpu_addr_t va, u64 len)
{
	uop_fill_with(l, level, va, len, 0);
}

void uop_fill_with(struct lx *l, enum lx_level level, cpu_addr_t va, u64 len, u8 byte)
{
	if (len)
		uop_push(l, level,
			 &(struct uop){.kind = UOP_FILL, .at = va.va, .from = byte, .len = len});
}

void uop_copy(struct lx *l, enum lx_level level, u64 dst, u64 src, u64 len, bool in)
{
	if (len)
		uop_push(l, level,
			 &(struct uop){
			     .kind = UOP_COPY, .edges = in, .at = dst, .from = src, .len = len});
}

void uop_barrier(struct lx *l, enum lx_level level)
{
	uop_push(l, level, &(struct uop){.kind = UOP_BARRIER});
}

void uop_iommu(struct lx *l, enum lx_level level, const struct uop *u)
{
	if (lx_idle(l, level))
		iommu_do(l, u);
	else
		uop_push(l, level, u);
}

/* ---- the end of a call ---- */

static void finish(struct lx *l, const struct uop *u)
{
	u16 arg = (u16)u->dev;

	if (u->at)
		pool_release(l, u->dev, u->at);
	event_emit(l->w, (enum event_kind)u->op, hw_party(l->hw), arg, NULL, u->f);
}

void uop_done(struct lx *l, enum lx_level level, enum event_kind kind, u32 dev, u64 slot,
	      const u64 f[EVENT_FIELDS])
{
	struct uop u = {.kind = UOP_DONE, .op = (u8)kind, .dev = dev, .at = slot};

	memcpy(u.f, f, sizeof u.f);
	if (lx_idle(l, level))
		finish(l, &u);
	else
		uop_push(l, level, &u);
}

/* ---- one transition ---- */

static u32 granule_left(u64 addr, u64 len)
{
	return (u32)min_u64(8 - (addr & 7), len);
}

struct lx_next lx_next(const struct lx *l, enum lx_level level)
{
	const struct uop *u = uop_head(l, level);
	struct lx_next n = {.kind = UOP_NONE};
	enum memtype type;
	phys_addr_t pa;

	if (!u)
		return n;
	n.kind = (enum uop_kind)u->kind;
	switch (n.kind) {
	case UOP_LINE:
		n.len = l->w->line;
		n.pa = align_down(u->at, n.len) + u->pos;
		n.keeps = u->op == OP_C || u->level != LEVEL_L1;
		break;
	case UOP_COPY:
		n.pa = u->at + u->pos;
		n.from = u->from + u->pos;
		/* One line of the source, so that one line is what hardware may have to fetch. */
		n.len = granule_left(
		    n.pa, min_u64(u->len - u->pos, l->w->line - (n.from & (l->w->line - 1))));
		n.write = true;
		break;
	case UOP_FILL:
		n.len = granule_left(u->at + u->pos, u->len - u->pos);
		if (va_translate(l->hw, (cpu_addr_t){u->at + u->pos}, &pa, &type))
			n.pa = pa.pa;
		n.write = true;
		break;
	case UOP_STORE:
	case UOP_READ:
		if (va_translate(l->hw, block_access(l, u), &pa, &type)) {
			n.pa = pa.pa;
			n.len = block_piece(l, u);
		}
		n.write = n.kind == UOP_STORE;
		break;
	default:
		break;
	}
	return n;
}

/* An operation on a line stays behind the core's older stores to that line. */
static bool line_blocked(const struct lx *l, u64 line)
{
	const struct cpu_state *c = hw_cpu(l->hw);

	for (u32 i = 0; i < c->entries; i++)
		if (align_down(c->sb[i].pa, l->w->line) == line)
			return true;
	return false;
}

static bool copy_blocked(const struct lx *l, const struct lx_next *n)
{
	cpu_addr_t dst = va_linear(l->hw, (phys_addr_t){n->pa});
	cpu_addr_t src = va_linear(l->hw, (phys_addr_t){n->from});

	return cpu_store_blocked(l->hw, dst) || cpu_load_blocked(l->hw, src);
}

bool lx_blocked(const struct lx *l, enum lx_level level)
{
	const struct uop *u = uop_head(l, level);
	struct lx_next n;

	if (!u)
		return false;
	n = lx_next(l, level);
	switch (n.kind) {
	case UOP_LINE:
		return line_blocked(l, n.pa);
	case UOP_COPY:
		return copy_blocked(l, &n);
	case UOP_FILL:
		return cpu_store_blocked(l->hw, (cpu_addr_t){u->at + u->pos});
	case UOP_STORE:
		return cpu_store_blocked(l->hw, block_access(l, u));
	case UOP_READ:
		return n.len && cpu_load_blocked(l->hw, block_access(l, u));
	case UOP_BARRIER:
		return barrier_blocked(l->hw, BARRIER_MB);
	case UOP_UNLOCK:
		return hw_cpu(l->hw)->entries != 0;
	default:
		return false;
	}
}

/* The queue moves on: the head is done up to pos, or altogether. */
static void advance(struct lx *l, enum lx_level level, u64 pos, bool last)
{
	const struct uop *u = uop_head(l, level);

	if (last)
		uop_pop(l, level);
	else
		W_SET(l->w, u->pos, pos);
}

static enum lx_step step_line(struct lx *l, enum lx_level level, const struct uop *u, u64 line)
{
	u64 end = line + l->w->line;
	bool part = line < u->at || end > u->at + u->len;
	enum cache_op op = (enum cache_op)u->op;
	enum cache_level cache = (enum cache_level)u->level;

	if (!memory_is_ram(l->hw, line, l->w->line))
		return LX_OOPS;
	if (op == OP_I && part && u->edges == EDGES_KEEP)
		op = OP_CI;
	advance(l, level, u->pos + l->w->line, end >= u->at + u->len);
	if (op == OP_C || op == OP_CI)
		cache_clean(l->hw, cache, line);
	if (op == OP_I || op == OP_CI)
		cache_invalidate(l->hw, cache, line);
	return LX_RAN;
}

static enum lx_step step_access(struct lx *l, enum lx_level level, const struct uop *u,
				const struct lx_next *n)
{
	u8 byte[8];
	enum access a;

	if (u->kind == UOP_COPY &&
	    (!memory_is_ram(l->hw, n->pa, n->len) || !memory_is_ram(l->hw, n->from, n->len)))
		return LX_OOPS;
	advance(l, level, u->pos + n->len, u->pos + n->len >= u->len);
	if (u->kind == UOP_COPY)
		a = cpu_copy(l->hw, (phys_addr_t){n->pa}, (phys_addr_t){n->from}, (u32)n->len,
			     u->edges);
	else
		a = cpu_store(l->hw, (cpu_addr_t){u->at + u->pos}, (u32)n->len,
			      memset(byte, (int)u->from, sizeof byte), STORE_KERNEL);
	if (a == ACCESS_FAULT)
		return LX_OOPS;
	return a == ACCESS_OK ? LX_RAN : LX_BLOCKED;
}

/* A word of a pool's list: only when the access is done is it known what comes next. */
static enum lx_step step_block(struct lx *l, enum lx_level level, const struct uop *u)
{
	u32 n = block_piece(l, u), time;
	cpu_addr_t va = block_access(l, u);
	struct view v;
	u8 data[8];
	enum access a;

	if (n && u->kind == UOP_READ)
		a = cpu_load(l->hw, va, n, true, 0, 0, &v, &time);
	else if (n)
		a = cpu_store(l->hw, va, n, block_word(l, u, data), STORE_KERNEL);
	else
		a = ACCESS_OK;
	if (a != ACCESS_OK)
		return a == ACCESS_BLOCKED ? LX_BLOCKED : LX_OOPS;
	if (u->kind == UOP_READ)
		block_got(l, level, u, v.data, n);
	else
		block_stored(l, level, u, n);
	return LX_RAN;
}

/* Puts the head back as it was: hardware said no after all. */
static void put_back(struct lx *l, enum lx_level level, const struct uop *u, u32 at, u32 n)
{
	const struct uopq *q = queue(l, level);

	world_write(l->w, &q->u[at], u, sizeof *u);
	W_SET(l->w, q->head, at);
	W_SET(l->w, q->n, n);
}

enum lx_step lx_step(struct lx *l, enum lx_level level)
{
	const struct uopq *q = queue(l, level);
	u32 at = q->head, queued = q->n;
	enum lx_step r = LX_RAN;
	struct lx_next n;
	struct uop u;

	if (lx_idle(l, level))
		return LX_IDLE;
	if (lx_blocked(l, level))
		return LX_BLOCKED;
	u = *uop_head(l, level);
	n = lx_next(l, level);
	l->hw->kernel = true;
	switch ((enum uop_kind)u.kind) {
	case UOP_LINE:
		r = step_line(l, level, &u, n.pa);
		break;
	case UOP_COPY:
	case UOP_FILL:
		r = step_access(l, level, &u, &n);
		break;
	case UOP_STORE:
	case UOP_READ:
		r = step_block(l, level, &u);
		break;
	case UOP_BARRIER:
		uop_pop(l, level);
		cpu_barrier(l->hw, BARRIER_MB);
		break;
	case UOP_UNLOCK:
		uop_pop(l, level);
		block_unlocks(l, &u);
		break;
	case UOP_IOMMU:
		uop_pop(l, level);
		iommu_do(l, &u);
		break;
	case UOP_DONE:
		uop_pop(l, level);
		finish(l, &u);
		break;
	case UOP_SG:
		uop_pop(l, level);
		sg_tell(l, &u);
		break;
	case UOP_NONE:
		BUG_ON(true);
	}
	l->hw->kernel = false;
	if (r == LX_BLOCKED)
		put_back(l, level, &u, at, queued);
	if (r == LX_OOPS)
		drop_all(l, level);
	return r;
}
