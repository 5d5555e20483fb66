/* SPDX-License-Identifier: MIT */
/*
 * What a weak core may still answer: versions of 8-byte granules that were replaced by somebody
 * else since the last point that orders loads. Oldest first. They carry bits and names and become
 * old as copies do, but are no copies for the question whether a write is lost.
 *
 * Model: when the list is full the oldest version is forgotten.
 */
#include "hw/cpu_int.h"

#include "base/bug.h"

static u32 name_off(const struct hw *h, u32 cpu, u32 i)
{
	return cpu_name_off(h, cpu, STORE_BUFFER_MAX + i);
}

struct copyref past_copy(const struct hw *h, u32 cpu, u32 i, u32 at, u32 n)
{
	u32 off = world_off(h->w, &hw_core(h, cpu)->past[i]);
	bool knows = h->w->knows;

	return (struct copyref){
	    .obj = world_object(h->w, off),
	    .data = off + (u32)offsetof(struct past, data) + at,
	    .old = off + (u32)offsetof(struct past, old),
	    .und = off + (u32)offsetof(struct past, und),
	    .wid = knows ? name_off(h, cpu, i) + 2 * at : 0,
	    .sup = knows ? name_off(h, cpu, i) + 16 + 2 * at : 0,
	    .bit = (u8)at,
	    .n = (u8)n,
	    .kind = COPY_PAST,
	};
}

static void forget(struct hw *h, u32 cpu, u32 i)
{
	const struct cpu_state *c = hw_core(h, cpu);
	u32 after = c->pasts - i - 1;
	struct copyref all = past_copy(h, cpu, i, 0, 8);
	struct past *p;

	copies_forget(h->w, &all);
	p = world_mut(h->w, world_off(h->w, &c->past[i]), (after + 1) * (u32)sizeof *p);
	memmove(p, p + 1, after * sizeof *p);
	memset(p + after, 0, sizeof *p);
	if (h->w->knows) {
		u8 *names = world_mut(h->w, name_off(h, cpu, i), (after + 1) * 32);

		memmove(names, names + 32, after * 32);
		memset(names + after * 32, 0, 32);
	}
	W_SET(h->w, c->pasts, c->pasts - 1);
}

static void remember(struct hw *h, u32 cpu, bool by_cpu, u64 granule, u32 at,
		     const struct copyref *from)
{
	const struct cpu_state *c = hw_core(h, cpu);
	struct view v = {.n = from->n};
	struct copyref to;
	struct past *p;

	for (u32 i = c->pasts; i-- > 0;) { /* a version that comes again only lives longer */
		struct copyref same = past_copy(h, cpu, i, at, from->n);
		u8 mask = (u8)(((1u << from->n) - 1) << at);

		if (c->past[i].pa == granule && c->past[i].mask == mask &&
		    copies_same(h->w, &same, from)) {
			by_cpu &= c->past[i].by_cpu;
			forget(h, cpu, i);
		}
	}
	if (c->pasts == PAST_MAX)
		forget(h, cpu, 0);
	p = world_mut(h->w, world_off(h->w, &c->past[c->pasts]), sizeof *p);
	*p = (struct past){.pa = granule,
			   .mask = (u8)(((1u << from->n) - 1) << at),
			   .by_cpu = by_cpu,
			   .until = c->load_clock + 1};
	W_SET(h->w, c->load_clock, c->load_clock + 1);
	W_SET(h->w, c->pasts, c->pasts + 1);
	to = past_copy(h, cpu, c->pasts - 1, at, from->n);
	copies_view(h->w, from, &v, 0);
	copies_move_fresh(h->w, &to, &v);
}

static bool uncached_alias(const struct hw *h, u64 pa)
{
	const struct vmap *v = world_at(h->w, h->vmap + 8);

	for (u32 i = 0; i < VMAPS_MAX; i++)
		if (v[i].len && v[i].type == MEM_UNCACHED && pa >= v[i].pa &&
		    pa - v[i].pa < v[i].len)
			return true;
	return false;
}

/* Bytes of a granule that the store buffer holds: the CPU sees its own stores there. */
static u8 buffered_bytes(const struct hw *h, u32 cpu, u64 granule)
{
	const struct cpu_state *c = hw_core(h, cpu);
	u8 have = 0;

	for (u32 i = 0; i < c->entries; i++)
		if (c->sb[i].pa == granule)
			have |= c->sb[i].mask;
	return have;
}

static bool buffered(const struct hw *h, u32 cpu, u64 pa, u32 n)
{
	u8 need = (u8)(((1u << n) - 1) << (pa & 7));

	return (buffered_bytes(h, cpu, align_down(pa, 8)) & need) != 0;
}

/* What one CPU saw at [pa, pa+k), within a granule, before somebody changes it. */
static void remember_piece(struct hw *h, u32 cpu, bool by_cpu, u64 pa, u32 k)
{
	struct copyref c;

	memory_cell(h->w, align_down(pa, h->w->line)); /* untouched, it is a version too */
	c = cpu_backing(h, pa, k, uncached_alias(h, pa) ? MEM_UNCACHED : MEM_CACHED);

	if (h->remembers && !h->remembers(h->remembers_ctx, align_down(pa, h->w->line)))
		return;
	if (buffered(h, cpu, pa, k)) /* the CPU sees its own stores there, not memory */
		return;
	/* Without snooping, a line in the cache hides the change from the CPU. */
	if (c.n)
		remember(h, cpu, by_cpu, align_down(pa, 8), (u32)(pa & 7), &c);
}

static void remember_all(struct hw *h, u32 but, u64 pa, u32 n)
{
	for (u64 at = pa; at < pa + n;) {
		u32 k = (u32)(min_u64(align_down(at, 8) + 8, pa + n) - at);

		for (u32 cpu = 0; cpu < h->cpus; cpu++)
			if (cpu != but)
				remember_piece(h, cpu, but < h->cpus, at, k);
		at += k;
	}
}

void cpu_remember(struct hw *h, u64 pa, u32 n)
{
	if (h->cfg->early_loads)
		remember_all(h, CPUS_MAX, pa, n);
}

void past_of_others(struct hw *h, u64 pa, u32 n)
{
	if (h->cfg->early_loads && h->cpus > 1)
		remember_all(h, h->self, pa, n);
}

/* One granule of a line that goes: what the CPU saw there, its own stores apart. */
static void remember_granule(struct hw *h, u32 cpu, u64 granule, u32 cell, u32 next, u32 pos)
{
	u8 own = buffered_bytes(h, cpu, granule);

	for (u32 at = 0, n; at < 8; at += n ? n : 1) {
		struct copyref c, m;

		for (n = 0; at + n < 8 && !(own >> (at + n) & 1); n++)
			;
		if (!n)
			continue;
		c = copies_cell(h->w, cell, pos + at, n, COPY_CACHE);
		m = copies_cell(h->w, next, pos + at, n, COPY_MEMORY);
		if (!copies_same(h->w, &c, &m))
			remember(h, cpu, false, granule, at, &c);
	}
}

void cpu_remember_drop(struct hw *h, u64 line_pa, u32 cell)
{
	struct line_info outer = {0};
	u32 next = memory_cell_at(h->w, line_pa);

	if (!h->cfg->early_loads || (h->remembers && !h->remembers(h->remembers_ctx, line_pa)))
		return;
	if (uncached_alias(h, line_pa)) /* loads go past the caches: they never saw this line */
		return;
	if (h->cfg->outer.sets)
		outer = cache_line(h, LEVEL_OUTER, line_pa);
	if (outer.present)
		next = outer.cell; /* what the CPU would see then */
	for (u32 cpu = 0; cpu < h->cpus; cpu++)
		for (u32 pos = 0; next && pos < h->w->line; pos += 8)
			remember_granule(h, cpu, line_pa + pos, cell, next, pos);
}

void cpu_renumber_pasts(struct hw *h, u32 cpu)
{
	const struct cpu_state *c = hw_core(h, cpu);

	for (u32 i = 0; i < c->pasts; i++)
		W_SET(h->w, c->past[i].until, i + 1);
	W_SET(h->w, c->load_clock, c->pasts);
}

void cpu_order_loads(struct hw *h)
{
	const struct cpu_state *c = hw_cpu(h);

	while (c->pasts)
		forget(h, h->self, c->pasts - 1);
	W_SET(h->w, c->load_clock, 0u);
}

void past_order_smp(struct hw *h)
{
	const struct cpu_state *c = hw_cpu(h);

	for (u32 i = c->pasts; i-- > 0;)
		if (c->past[i].by_cpu)
			forget(h, h->self, i);
}

/* The age-th newest past that covers bytes [pa, pa+n) and was replaced after dep; -1: none. */
static s32 pick(const struct hw *h, u64 pa, u32 n, u32 age, u32 dep)
{
	const struct cpu_state *c = hw_cpu(h);
	u8 need = (u8)(((1u << n) - 1) << (pa & 7));

	for (u32 i = c->pasts; i-- > 0;) {
		const struct past *p = &c->past[i];

		if (p->pa != align_down(pa, 8) || (p->mask & need) != need || p->until <= dep)
			continue;
		if (--age == 0)
			return (s32)i;
	}
	return -1;
}

u32 cpu_versions(const struct hw *h, cpu_addr_t va, u32 n, u32 dep)
{
	enum memtype type;
	phys_addr_t pa;
	u32 k = 0;

	if (!h->cfg->early_loads || !hw_cpu(h)->pasts || !va_translate(h, va, &pa, &type))
		return 0;
	while (pick(h, pa.pa, n, k + 1, dep) >= 0)
		k++;
	return k;
}

void past_view(const struct hw *h, u64 pa, u32 n, u32 age, u32 dep, struct view *v, u32 *time)
{
	s32 i = pick(h, pa, n, age, dep), older = pick(h, pa, n, age + 1, dep);
	struct copyref c;

	BUG_ON(i < 0);
	c = past_copy(h, h->self, (u32)i, (u32)(pa & 7), n);
	v->n = (u8)n;
	v->from = COPY_PAST;
	copies_view(h->w, &c, v, 0);
	*time = older < 0 ? dep : hw_cpu(h)->past[older].until;
}

/* After a load, the bytes loaded can no longer be seen older: what lies behind is forgotten. */
void past_loaded_far(struct hw *h, u64 pa, u32 n, u32 age, u32 dep, u32 *time)
{
	u32 keep_after;

	if (age == 0) {
		s32 newest = pick(h, pa, n, 1, dep);

		*time = newest < 0 ? dep : hw_cpu(h)->past[newest].until;
		keep_after = ~0u;
	} else {
		keep_after = hw_cpu(h)->past[pick(h, pa, n, age, dep)].until;
	}
	for (u32 i = hw_cpu(h)->pasts; i-- > 0;) {
		const struct past *p = &hw_cpu(h)->past[i];
		u8 need = (u8)(((1u << n) - 1) << (pa & 7));

		if (p->pa != align_down(pa, 8) || !(p->mask & need) || p->until >= keep_after)
			continue;
		if (p->mask & ~need)
			W_SET(h->w, p->mask, (u8)(p->mask & ~need));
		else
			forget(h, h->self, i);
	}
}
