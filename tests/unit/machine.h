/* SPDX-License-Identifier: MIT */
/*
 * A world with a machine in it and no kernel above: for tests of core/ and hw/. All of it is in
 * this header, so that only programs that use it pay for it. Random tests print their seed;
 * UNIT_SEED gives it back.
 */
#ifndef UNIT_MACHINE_H
#define UNIT_MACHINE_H

#include <string.h>

#include "base/mem.h"
#include "hw/hw.h"
#include "unit/unit.h"

struct machine {
	struct hw_config cfg;
	struct world *w;
	struct hw hw;
	bool blind;    /* without the truth */
	bool ignorant; /* without knowledge: nobody's clock is kept */
	bool doubled;  /* readers see a read-only mapping */
	u32 lost;      /* bytes lost so far, if machine_watch() was called */
	u64 lost_pa;   /* the first byte of the last report */
	u8 lost_was;
};

enum { MACHINE_RAM = 1 << 20, DEV_PLAIN = 0, DEV_SNOOPS = 1 };

#define UNUSED __attribute__((unused))

/* As ck_assert(), for loops: Check notes the place of each assert that passes in a file. */
#define HOLDS(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			ck_abort_msg("does not hold: %s", #cond);                                  \
	} while (0)

/* Weak core, 8 store-buffer entries, 4 sets of 2 ways, a plain device and one that snoops. */
UNUSED static void machine_config(struct machine *m)
{
	memset(m, 0, sizeof *m);
	m->cfg = (struct hw_config){
	    .line = 64,
	    .l1 = {.sets = 4, .ways = 2},
	    .store_entries = 8,
	    .order = ORDER_WEAK,
	    .speculates = true,
	    .early_loads = true,
	    .ram = {{0, MACHINE_RAM}},
	    .rams = 1,
	    .linear_base = 0xffff000000000000,
	    .vmap_base = 0xffff800000000000,
	    .dir_slots = 64,
	    .devs = 2,
	    .dev = {{.name = "plain", .address_bits = 64, .beat = 64},
		    {.name = "snoops",
		     .coherent = true,
		     .address_bits = 64,
		     .bus = BUS_PCI,
		     .beat = 64}},
	};
}

UNUSED static void machine_start(struct machine *m)
{
	m->w = world_new(m->doubled);
	world_set_cells(m->w, m->cfg.line, !m->blind, !m->ignorant, 1 + m->cfg.devs);
	hw_init(&m->hw, m->w, &m->cfg);
	hw_open(&m->hw);
	world_start(m->w);
	m->w->log = event_log_new();
}

UNUSED static void machine_stop(struct machine *m)
{
	world_free(m->w);
}

static void machine_lost(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who)
{
	struct machine *m = ctx;

	(void)w, (void)who;
	m->lost += n;
	m->lost_pa = pa;
	m->lost_was = was[0];
}

UNUSED static void machine_watch(struct machine *m)
{
	m->w->obs.ctx = m;
	m->w->obs.lost = machine_lost;
}

/* ---- acts of one byte or one word, that must succeed ---- */

UNUSED static cpu_addr_t va(const struct machine *m, u64 pa)
{
	return va_linear(&m->hw, (phys_addr_t){pa});
}

UNUSED static void store(struct machine *m, u64 pa, u8 value)
{
	HOLDS(cpu_store(&m->hw, va(m, pa), 1, &value, true) == ACCESS_OK);
}

UNUSED static struct view load_view(struct machine *m, u64 pa, u32 age)
{
	struct view v;
	u32 time;

	HOLDS(cpu_load(&m->hw, va(m, pa), 1, true, age, 0, &v, &time) == ACCESS_OK);
	return v;
}

UNUSED static u8 load(struct machine *m, u64 pa)
{
	return load_view(m, pa, 0).data[0];
}

UNUSED static void dev_write(struct machine *m, u32 dev, u64 pa, u8 value)
{
	HOLDS(dma_write(&m->hw, dev, (dma_addr_t){pa}, 1, &value, false));
}

UNUSED static struct view dev_view(struct machine *m, u32 dev, u64 pa)
{
	struct view v;

	HOLDS(dma_read(&m->hw, dev, (dma_addr_t){pa}, 1, &v));
	return v;
}

UNUSED static u8 dev_read(struct machine *m, u32 dev, u64 pa)
{
	return dev_view(m, dev, pa).data[0];
}

UNUSED static u8 memory(const struct machine *m, u64 pa)
{
	u8 x;

	memory_peek(&m->hw, pa, &x, 1);
	return x;
}

/* A read of the byte by party p that returned v: is it stale by the records? */
UNUSED static bool stale(const struct machine *m, u8 p, const struct view *v)
{
	return (v->old & 1) && (!m->w->knows || know_knows(m->w, p, v->sup[0]));
}

UNUSED static void drain_all(struct machine *m)
{
	while (hw_cpu(&m->hw)->entries)
		HOLDS(buffer_drain(&m->hw, 0) == ACCESS_OK);
}

UNUSED static void doorbell(struct machine *m, u32 dev)
{
	drain_all(m);
	mmio_write(&m->hw, dev, 0, 4, 1, false);
	mmio_arrive(&m->hw, dev);
}

UNUSED static u32 events_of(const struct machine *m, enum event_kind kind)
{
	u32 n = 0;

	for (u32 i = 1; i <= m->w->log->n; i++)
		n += event_get(m->w->log, i)->kind == kind;
	return n;
}

/* ---- chance ---- */

struct rng {
	u64 s;
};

UNUSED static u64 rng_next(struct rng *r)
{
	u64 z = (r->s += 0x9e3779b97f4a7c15ull); /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

UNUSED static u32 rng_below(struct rng *r, u32 n)
{
	return (u32)(rng_next(r) % n);
}

/* The seed of a test: UNIT_SEED if it is set, else the one given; printed in both cases. */
UNUSED static struct rng rng_seed(const char *test, u64 fallback)
{
	const char *s = getenv("UNIT_SEED");
	u64 seed = s ? strtoull(s, NULL, 0) : fallback;

	printf("%s: UNIT_SEED=%llu\n", test, (unsigned long long)seed);
	fflush(stdout);
	return (struct rng){seed};
}

/* ---- a random act of the machine: one transition, and one event at least ---- */

enum {
	WALK_BASE = 0x1000, /* 6 lines that compete for 4 sets */
	WALK_BYTES = 6 * 64,
	WALK_SLOTS = 0x3000, /* two bounce slots of a page each */
};

static u64 walk_pa(struct rng *r)
{
	u64 pa = WALK_BASE + rng_below(r, WALK_BYTES);

	return rng_below(r, 6) ? pa : WALK_SLOTS + (pa - WALK_BASE) + rng_below(r, 2) * 0x1000;
}

/* n bytes from pa that stay in their granule. */
static u32 walk_n(struct rng *r, u64 pa)
{
	return 1 + rng_below(r, 8 - (u32)(pa & 7));
}

static void walk_cpu(struct machine *m, struct rng *r)
{
	u64 pa = walk_pa(r), data = rng_next(r) & 0x0303030303030303;
	u32 n = walk_n(r, pa), ready = buffer_ready(&m->hw), i;
	struct view v;

	switch (rng_below(r, 6)) {
	case 0:
	case 1:
		if (cpu_store_blocked(&m->hw, va(m, pa)))
			break;
		cpu_store(&m->hw, va(m, pa), n, (const u8 *)&data, rng_below(r, 2));
		return;
	case 2:
	case 3:
		i = cpu_versions(&m->hw, va(m, pa), n, 0);
		cpu_load(&m->hw, va(m, pa), n, rng_below(r, 2), rng_below(r, i + 1), 0, &v, &i);
		return;
	case 4:
		i = rng_below(r, BARRIER_KINDS);
		if (barrier_blocked(&m->hw, (enum barrier_kind)i))
			break;
		know_compiler_barrier(m->w, PARTY_CPU);
		cpu_barrier(&m->hw, (enum barrier_kind)i);
		return;
	default:
		break;
	}
	for (i = rng_below(r, STORE_BUFFER_MAX); ready && !(ready >> i & 1);)
		i = (i + 1) % STORE_BUFFER_MAX;
	if (ready)
		buffer_drain(&m->hw, i);
}

static void walk_cache(struct machine *m, struct rng *r)
{
	u32 level = m->cfg.outer.sets ? rng_below(r, 2) : 0, cell;
	enum cache_level l = (enum cache_level)level;
	u64 line = align_down(walk_pa(r), m->cfg.line);
	struct line_info at = cache_line(&m->hw, l, line);

	switch (rng_below(r, 4)) {
	case 0:
		cache_fill(&m->hw, line, true, &cell);
		break;
	case 1:
		if (at.present && at.dirty)
			cache_write_back(&m->hw, l, line);
		else if (at.present)
			cache_drop(&m->hw, l, line);
		break;
	case 2:
		cache_clean(&m->hw, l, line);
		break;
	default:
		cache_invalidate(&m->hw, l, line);
		break;
	}
}

static void walk_dma(struct machine *m, struct rng *r)
{
	u32 dev = rng_below(r, m->cfg.devs), line = m->cfg.line < 64 ? m->cfg.line : 64;
	u64 pa = walk_pa(r);
	u32 n = 1 + rng_below(r, line - (u32)(pa % line));
	struct view v;
	u8 data[64];

	memset(data, (int)rng_below(r, 4), sizeof data);
	switch (rng_below(r, 4)) {
	case 0:
		dma_read(&m->hw, dev, (dma_addr_t){pa}, n, &v);
		break;
	case 1:
		if (hw_dev(&m->hw, dev)->inflight_n)
			dma_land(&m->hw, dev);
		break;
	default:
		dma_write(&m->hw, dev, (dma_addr_t){pa}, n, data, rng_below(r, 2));
		break;
	}
}

static void walk_bus(struct machine *m, struct rng *r)
{
	u32 dev = rng_below(r, m->cfg.devs), reg = 4 * rng_below(r, 3);
	bool relaxed = rng_below(r, 2);
	const struct dev_state *d = hw_dev(&m->hw, dev);

	switch (rng_below(r, 6)) {
	case 0:
		if (!mmio_write_blocked(&m->hw, dev, relaxed))
			mmio_write(&m->hw, dev, reg, 4, rng_below(r, 3), relaxed);
		break;
	case 1:
		if (d->posted_n)
			mmio_arrive(&m->hw, dev);
		break;
	case 2:
		if (!mmio_read_blocked(&m->hw, dev, relaxed))
			mmio_read(&m->hw, dev, reg, 4, relaxed);
		break;
	case 3:
		device_reg_set(&m->hw, dev, reg, rng_below(r, 3), true);
		break;
	case 4:
		W_SET(m->w, d->irq_handler, 1u);
		if (d->irq_raised < IRQ_PENDING_MAX)
			irq_raise(&m->hw, dev);
		break;
	default:
		if (hw_cpu(&m->hw)->handler)
			irq_exit(&m->hw);
		else if (irq_can_enter(&m->hw, dev))
			irq_enter(&m->hw, dev);
		break;
	}
}

/* Links 1 and 2: slot i takes a piece of the lines, at any offset. */
static void walk_link(struct machine *m, struct rng *r)
{
	u32 i = rng_below(r, 2);
	u64 home = WALK_BASE + rng_below(r, WALK_BYTES - 100), slot = WALK_SLOTS + i * 0x1000;
	const struct link *l = NULL;

	for (u32 k = 0; k < 2; k++) { /* the table lies behind two counters of four bytes */
		const struct link *at = world_at(m->w, m->hw.link + 8 + k * (u32)sizeof *at);

		if (at->len && at->slot >= slot && at->slot < slot + 0x1000)
			l = at, i = k;
	}
	if (!l)
		link_begin(&m->hw, (phys_addr_t){home}, (phys_addr_t){slot + rng_below(r, 64)},
			   1 + rng_below(r, 99));
	else if (rng_below(r, 8) == 0)
		link_end(&m->hw, (u16)(i + 1));
	else {
		u64 at = rng_below(r, (u32)l->len), to = l->slot + at;
		bool in = rng_below(r, 2);
		u32 n;

		if (!in)
			to = l->home + at;
		n = (u32)min_u64(walk_n(r, to), l->len - at);
		cpu_copy(&m->hw, (phys_addr_t){to}, (phys_addr_t){in ? l->home + at : l->slot + at},
			 n, in);
	}
}

static void walk_marks(struct machine *m, struct rng *r)
{
	u64 pa = WALK_BASE + rng_below(r, WALK_BYTES), n = 1 + rng_below(r, 80);

	switch (rng_below(r, 5)) {
	case 0:
		copies_reset(m->w, pa, n);
		break;
	case 1:
		copies_defined(m->w, pa, n);
		break;
	case 2:
		copies_handback(m->w, pa, n);
		break;
	default:
		copies_discard(m->w, pa, n);
		break;
	}
}

/* One act; emits nothing of its own, so the machine's events are all there are. */
UNUSED static void walk_act(struct machine *m, struct rng *r)
{
	switch (rng_below(r, 12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		walk_cpu(m, r);
		break;
	case 4:
	case 5:
	case 6:
		walk_cache(m, r);
		break;
	case 7:
	case 8:
		walk_dma(m, r);
		break;
	case 9:
		walk_bus(m, r);
		break;
	case 10:
		walk_link(m, r);
		break;
	default:
		walk_marks(m, r);
		break;
	}
}

/* The same, ended by an event of its own, so that all the act wrote lies before a boundary. */
UNUSED static void walk_step(struct machine *m, struct rng *r)
{
	walk_act(m, r);
	EMIT(m->w, LAB_PRESET, PARTY_CPU, 0, 0, 0);
}

#endif
