/* SPDX-License-Identifier: MIT */
/* One line, an adversary, and what the kernels' operations do to it. */
#include "unit/property_theory.h"

#include <string.h>

#include "base/bug.h"
#include "base/mem.h"

#define C			       TH_C
#define I			       TH_I
#define CI			       TH_CI
#define NO			       TH_NONE
#define ROW(db, dt, df, cb, ct, cf, e) .dev = {db, dt, df}, .cpu = {cb, ct, cf}, .edges = e
#define SHIPPED(n)		       .name = n, .shipped = true, .own = "like: " n
#define NO_POOL			       "swiotlb: none, kernel_options: {DMA_BOUNCE_UNALIGNED_KMALLOC: false}"

/* Order of directions: both, to the device, from the device. */
const struct theory_platform theory_platform[THEORY_PLATFORMS] = {
    {SHIPPED("x86-64"), .coherent = true, .line = 64, ROW(NO, NO, NO, NO, NO, NO, TH_RAW)},
    {SHIPPED("x86-64-swiotlb-force"), .coherent = true, .force = true, .line = 64,
     ROW(NO, NO, NO, NO, NO, NO, TH_RAW)},
    {SHIPPED("x86-64-sev"), .coherent = true, .force = true, .line = 64,
     ROW(NO, NO, NO, NO, NO, NO, TH_RAW)},
    /* What kmalloc() gives lies above the first GiB, which is all that its devices reach. */
    {SHIPPED("rpi4"), .force = true, .speculates = true, .line = 64,
     ROW(C, C, C, I, NO, I, TH_KEEP)},
    {SHIPPED("arm64-server"), .coherent = true, .line = 64, ROW(C, C, C, I, NO, I, TH_KEEP)},
    /* Without its SMMU memory lies above what a device of 32 bits can reach. */
    {.name = "server-far",
     .own = "like: arm64-server, iommu: none",
     .coherent = true,
     .force = true,
     .line = 64,
     ROW(C, C, C, I, NO, I, TH_KEEP)},
    {.name = "server-direct",
     .own = "like: arm64-server, memory: 2GiB, iommu: none",
     .coherent = true,
     .line = 64,
     ROW(C, C, C, I, NO, I, TH_KEEP)},
    {SHIPPED("arm64-soc"), .small_bounce = true, .speculates = true, .line = 64, .minalign = 128,
     .alignment = 64, ROW(C, C, C, I, NO, I, TH_KEEP)},
    {SHIPPED("armv7-pl310"), .outer = true, .speculates = true, .line = 32,
     ROW(C, C, I, I, NO, I, TH_KEEP)},
    {SHIPPED("classroom"), .line = 16, ROW(C, C, C, I, NO, I, TH_KEEP)},
    {.name = "arm64-612",
     .own = "like: arm64-soc, kernel: \"6.12\"",
     .small_bounce = true,
     .speculates = true,
     .line = 64,
     .minalign = 128,
     .alignment = 64,
     ROW(C, C, C, I, NO, I, TH_KEEP)},
    {.name = "soc-force",
     .own = "like: arm64-soc, swiotlb: {size: 2MiB, force: true}",
     .force = true,
     .speculates = true,
     .line = 64,
     ROW(C, C, C, I, NO, I, TH_KEEP)},
    {SHIPPED("riscv-zicbom"), .small_bounce = true, .speculates = true, .line = 64, .minalign = 64,
     .alignment = 64, ROW(C, C, C, I, NO, I, TH_RAW)},
    {SHIPPED("mips-24k"), .line = 32, ROW(CI, C, I, NO, NO, NO, TH_RAW)},
    {SHIPPED("mips-r10k"), .speculates = true, .line = 128, ROW(CI, C, I, I, NO, I, TH_RAW)},
    {SHIPPED("powerpc-44x"), .speculates = true, .line = 32, ROW(CI, C, I, CI, C, I, TH_WHOLE)},
    {SHIPPED("xtensa"), .defect = true, .line = 32, ROW(C, C, NO, I, NO, I, TH_RAW)},
    {SHIPPED("x86-64-vtd"), .coherent = true, .line = 64, ROW(NO, NO, NO, NO, NO, NO, TH_RAW)},
    {SHIPPED("x86-64-vtd-strict"), .coherent = true, .line = 64,
     ROW(NO, NO, NO, NO, NO, NO, TH_RAW)},
    {SHIPPED("arm64-soc-smmu"), .small_bounce = true, .speculates = true, .line = 64,
     .minalign = 128, .alignment = 64, ROW(C, C, C, I, NO, I, TH_KEEP)},
    {.name = "powerpc-calm",
     .own = "like: arm64-soc, arch: powerpc, speculates: false, " NO_POOL,
     .line = 64,
     ROW(CI, C, I, CI, C, I, TH_WHOLE)},
};

static u32 kmalloc_bucket(u32 size)
{
	static const u32 buckets[] = {8, 16, 32, 64, 96, 128, 192, 256, 512};

	for (u32 i = 0; i < sizeof buckets / sizeof *buckets; i++)
		if (size <= buckets[i])
			return buckets[i];
	BUG_ON(true);
}

bool theory_bounces(const struct theory_platform *p, u32 size, u32 dir)
{
	if (p->force)
		return true;
	return p->small_bounce && !p->coherent && dir != GEN_TO && size < 2 * p->minalign &&
	       kmalloc_bucket(size) % p->alignment;
}

static bool drops(u32 op)
{
	return op == TH_I || op == TH_CI;
}

bool theory_effect(const struct theory_platform *p, enum gen_fault f, u32 dir, bool bounced)
{
	if (p->coherent && !bounced)
		return false;
	switch (f) {
	case GEN_NO_SYNC_CPU:
	case GEN_LATE_UNMAP:
		if (bounced)
			return dir != GEN_TO;
		/* Dropped on the way out, a line comes back if the core fetches it by itself or,
		 * from the device, if a reader was lazy. */
		return drops(p->cpu[dir]) &&
		       (p->speculates || !drops(p->dev[dir]) || dir == GEN_FROM);
	case GEN_NO_SYNC_DEV:
		if (bounced)
			return dir != GEN_FROM;
		/* What the CPU has only read must go only where nothing drops it later. */
		if (dir == GEN_FROM)
			return p->cpu[dir] == TH_NONE && drops(p->dev[dir]);
		return p->dev[dir] != TH_NONE;
	default:
		return bounced || p->dev[dir] != TH_NONE;
	}
}

bool theory_forbids_lazy(const struct theory_platform *p)
{
	return !p->coherent && p->cpu[GEN_FROM] == TH_NONE;
}

/* ---- one line ---- */

struct line_state {
	bool present, dirty;
	u8 cache[GEN_LINE], memory[GEN_LINE]; /* of the slot, if it bounces */
	u8 buffer[GEN_LINE];		      /* if it bounces: what the CPU alone sees */
};

enum { STATES_MAX = 256 };

struct line_world {
	const struct theory_platform *p;
	u32 base; /* of the line, in the buffer */
	bool bounced, live;
	u8 newest[GEN_LINE];
	bool judged[GEN_LINE]; /* it means something, or once did to its writer */
	struct line_state s[STATES_MAX];
	u32 n;
	bool corrupt;
};

static bool cached(const struct line_world *w)
{
	return !w->p->coherent;
}

static void add(struct line_world *w, const struct line_state *s)
{
	struct line_state t = *s;

	if (!t.present)
		memset(t.cache, 0, sizeof t.cache);
	for (u32 i = 0; i < w->n; i++)
		if (memcmp(&w->s[i], &t, sizeof t) == 0)
			return;
	BUG_ON(w->n == STATES_MAX);
	w->s[w->n++] = t;
}

static void fetch(struct line_state *s)
{
	if (!s->present)
		memcpy(s->cache, s->memory, sizeof s->cache);
	s->present = true;
}

static void write_back(struct line_state *s)
{
	if (s->dirty)
		memcpy(s->memory, s->cache, sizeof s->memory);
	s->dirty = false;
}

/* Everything that the adversary can make of the states there are. */
static void close_states(struct line_world *w)
{
	for (u32 i = 0; cached(w) && i < w->n; i++) {
		struct line_state t = w->s[i];

		if (t.dirty)
			write_back(&t);
		else if (t.present)
			t.present = false;
		else if (w->p->speculates)
			fetch(&t);
		add(w, &t);
	}
}

static void cache_op(const struct line_world *w, struct line_state *s, u32 op,
		     const struct gen_op *o)
{
	u32 size = w->p->line, lo = o->off, hi = lo + o->n;
	bool part = lo > w->base || hi < w->base + size;

	if (op == TH_I && ((w->p->edges == TH_KEEP && part) ||
			   (w->p->edges == TH_WHOLE && (lo % size || hi % size))))
		op = TH_CI;
	if (op == TH_C || op == TH_CI)
		write_back(s);
	if (drops(op))
		s->present = s->dirty = false;
}

static void store(const struct line_world *w, struct line_state *s, u32 i, u8 v)
{
	if (!cached(w)) {
		s->memory[i] = v;
		return;
	}
	fetch(s);
	s->cache[i] = v;
	s->dirty = true;
}

static u8 load(const struct line_world *w, struct line_state *s, u32 i)
{
	if (!cached(w))
		return s->memory[i];
	fetch(s);
	return s->cache[i];
}

static void to_device(struct line_world *w, struct line_state *s, const struct gen_op *o, u32 lo,
		      u32 hi)
{
	if (w->bounced && o->kind == GEN_MAP) { /* a slot: whatever it held */
		memset(s->memory, 0, sizeof s->memory);
		s->present = s->dirty = false;
	}
	if (w->bounced && (o->kind == GEN_MAP || o->dir != GEN_FROM))
		for (u32 i = lo; i < hi; i++)
			store(w, s, i, s->buffer[i]);
	if (cached(w))
		cache_op(w, s, w->p->dev[o->dir], o);
}

static void to_cpu(struct line_world *w, struct line_state *s, const struct gen_op *o, u32 lo,
		   u32 hi)
{
	if (cached(w))
		cache_op(w, s, w->p->cpu[o->dir], o);
	if (w->bounced && o->dir != GEN_TO)
		for (u32 i = lo; i < hi; i++)
			s->buffer[i] = load(w, s, i);
}

static void look(struct line_world *w, u32 i, u8 got)
{
	if (w->judged[i] && got != w->newest[i])
		w->corrupt = true;
}

static void act(struct line_world *w, struct line_state *s, const struct gen_op *o, u32 lo, u32 hi)
{
	switch ((enum gen_kind)o->kind) {
	case GEN_MAP:
	case GEN_SYNC_DEV:
		to_device(w, s, o, lo, hi);
		return;
	case GEN_UNMAP:
	case GEN_SYNC_CPU:
		to_cpu(w, s, o, lo, hi);
		return;
	default:
		break;
	}
	for (u32 i = lo; i < hi; i++) {
		if (o->kind == GEN_DEV_READ)
			look(w, i, s->memory[i]);
		else if (o->kind == GEN_DEV_WRITE)
			s->memory[i] = o->val;
		else if (o->kind == GEN_CPU_READ)
			look(w, i, w->bounced ? s->buffer[i] : load(w, s, i));
		else if (o->kind == GEN_CPU_WRITE && w->bounced)
			s->buffer[i] = o->val;
		else if (o->kind == GEN_CPU_WRITE)
			store(w, s, i, o->val);
	}
}

/* What the operation says about the bytes, before anything happens to them. */
static void declare(struct line_world *w, const struct gen_op *o, u32 lo, u32 hi)
{
	for (u32 i = lo; i < hi; i++) {
		if (o->dir == GEN_FROM && (o->kind == GEN_MAP || o->kind == GEN_SYNC_DEV))
			w->judged[i] = false; /* the CPU's older bytes may go */
		if (o->kind != GEN_CPU_WRITE && o->kind != GEN_DEV_WRITE)
			continue;
		w->judged[i] = true;
		w->newest[i] = o->val;
	}
	if (o->kind == GEN_MAP || o->kind == GEN_UNMAP)
		w->live = o->kind == GEN_MAP;
}

static bool has_newest(const struct line_world *w, const struct line_state *s, u32 i)
{
	u8 v = w->newest[i];

	if (w->bounced && s->buffer[i] == v)
		return true;
	if (w->bounced && !w->live)
		return false;
	return s->memory[i] == v || (s->present && s->cache[i] == v);
}

static void step_at_once(struct line_world *w, const struct gen_op *o)
{
	struct line_state old[STATES_MAX];
	u32 n = w->n, end = w->base + w->p->line;
	u32 lo = o->off > w->base ? o->off : w->base;
	u32 hi = (u32)o->off + o->n < end ? (u32)o->off + o->n : end;

	if (lo >= hi)
		return;
	memcpy(old, w->s, n * sizeof old[0]);
	declare(w, o, lo - w->base, hi - w->base);
	w->n = 0;
	for (u32 k = 0; k < n; k++) {
		act(w, &old[k], o, lo - w->base, hi - w->base);
		add(w, &old[k]);
	}
	close_states(w);
	for (u32 k = 0; k < w->n; k++)
		for (u32 i = 0; i < w->p->line; i++)
			w->corrupt |= w->judged[i] && !has_newest(w, &w->s[k], i);
}

/* A store longer than eight bytes is several, with the adversary between them. */
static void step(struct line_world *w, const struct gen_op *o)
{
	struct gen_op piece = *o;
	u32 end = (u32)o->off + o->n;

	if (o->kind != GEN_CPU_WRITE) {
		step_at_once(w, o);
		return;
	}
	for (u32 at = o->off; at < end; at = piece.off + (u32)piece.n) {
		u32 stop = (at & ~7u) + 8;

		piece.off = (u16)at;
		piece.n = (u16)((stop < end ? stop : end) - at);
		step_at_once(w, &piece);
	}
}

bool theory_corrupts(const struct theory_platform *p, const struct gen_driver *d)
{
	bool bounced = false, corrupt = false;

	BUG_ON(d->bufs != 1 || p->line > GEN_LINE);
	for (u32 i = 0; i < d->n; i++)
		if (d->op[i].kind == GEN_MAP)
			bounced = theory_bounces(p, d->op[i].n, d->op[i].dir);
	for (u32 base = 0; base < d->buf[0].size; base += p->line) {
		struct line_world *w = mem_zalloc(1, sizeof *w);

		w->p = p;
		w->base = base;
		w->bounced = bounced;
		w->n = 1;
		for (u32 i = 0; i < d->n; i++)
			step(w, &d->op[i]);
		corrupt |= w->corrupt;
		mem_free(w);
	}
	return corrupt;
}
