/* SPDX-License-Identifier: MIT */
/*
 * DMA pools as their driver sees them (linux-dma: pool-*): a block that is out is memory of its
 * own, coherent; one that is back belongs to the kernel, with the list of free blocks in it. Which
 * block is out is what the kernel said, not what its list holds.
 */
#include "base/bug.h"
#include "core/memkind.h"
#include "oracle/oracle_int.h"

u32 pools_chunk(const struct oracle *o, u64 pa)
{
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && a->chunk && pa - a->pa < align_up(a->len, 4096))
			return i + 1;
	}
	return 0;
}

u32 pools_freed_block(const struct oracle *o, u64 pa)
{
	u32 best = 0;

	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->kind != KIND_POOL || a->open || pa - a->pa >= a->len)
			continue;
		if (!best || a->turn > oracle_alloc(o, best - 1)->turn)
			best = i + 1;
	}
	return best;
}

void pools_about(const struct oracle *o, struct finding *f)
{
	u32 i = pools_freed_block(o, f->pa);

	if (!i)
		return;
	f->alloc = i;
	f->off = (u32)(f->pa - oracle_alloc(o, i - 1)->pa);
}

/* The block whose first byte is there, for the CPU: open, or the one that went last. */
static const struct oalloc *block_at(const struct oracle *o, u64 va, bool open)
{
	const struct oalloc *best = NULL;

	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->kind != KIND_POOL || a->va != va || a->open != open)
			continue;
		if (!best || a->turn > best->turn)
			best = a;
	}
	return best;
}

/* ---- what the calls break by themselves ---- */

static void tell(struct oracle *o, enum diag_id id, const struct oalloc *a, u32 dev)
{
	struct finding f = finding_at(o, id, a ? a->pa : ~0ull, a ? (u32)a->len : 0);

	if (a && !a->open)
		pools_about(o, &f);
	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.dev = dev + 1;
	report(o, &f);
}

static const struct known_pool *known(const struct oracle *o, u64 number)
{
	for (u32 i = 0; number && i < POOLS_KNOWN; i++)
		if (orules(o)->pool[i].number == number)
			return &orules(o)->pool[i];
	return NULL;
}

void oracle_pool_made(struct oracle *o, u64 pool, u32 dev)
{
	struct known_pool p = {(u32)pool, world_now(o->w)->stmt, dev, 0};

	if (!o->rules || !pool)
		return;
	for (u32 i = 0; i < POOLS_KNOWN; i++)
		if (!orules(o)->pool[i].number) {
			world_write(o->w, &orules(o)->pool[i], &p, sizeof p);
			return;
		}
}

void oracle_pool_freeing(struct oracle *o, u64 pool, u64 va, u64 bus)
{
	const struct oalloc *a = o->state ? block_at(o, va, true) : NULL, *gone;
	const struct known_pool *p = o->rules ? known(o, pool) : NULL;

	if (a) {
		if (p && (a->pool != pool || a->bus != bus))
			tell(o, DIAG_COHERENT_FREE_MISMATCH, a, p->dev);
		if (a->given > 1) {
			W_SET(o->w, a->given, a->given - 1);
			return;
		}
		track_close(o, a, a->dev, true);
		return;
	}
	if (!p)
		return;
	gone = block_at(o, va, false);
	if (gone && gone->pool == pool) {
		tell(o, DIAG_POOL_DOUBLE_FREE, gone, p->dev);
		W_SET(o->w, gone->twice, world_now(o->w)->stmt);
	} else {
		tell(o, DIAG_COHERENT_FREE_MISMATCH, NULL, p->dev);
	}
}

void oracle_pool_destroying(struct oracle *o, u64 pool)
{
	const struct known_pool *p = o->rules ? known(o, pool) : NULL;

	if (!p)
		return;
	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->kind == KIND_POOL && a->open && a->pool == pool) {
			tell(o, DIAG_POOL_BUSY_DESTROY, a, p->dev);
			break;
		}
	}
	W_SET(o->w, *p, (struct known_pool){0});
}

void pools_left(struct oracle *o, u32 dev)
{
	for (u32 i = 0; i < POOLS_KNOWN; i++) {
		const struct known_pool *p = &orules(o)->pool[i];

		for (u32 k = 0; p->number && p->dev == dev && k < oracle_allocs(o); k++) {
			const struct oalloc *a = oracle_alloc(o, k);
			struct finding f;

			if (!a->open || !a->chunk || a->pool != p->number)
				continue;
			f = finding_at(o, DIAG_MAPPING_LEAK, a->pa, (u32)a->len);
			f.party = hw_party(o->hw);
			f.stmt = f.at_stmt = p->stmt;
			f.map = f.map_stmt = 0; /* what is mapped of it is another leak */
			f.dev = p->dev + 1;
			report_now(o, &f);
			break;
		}
	}
}

/* ---- blocks that come and go ---- */

/* A list that has the block twice gives it to two owners. */
static void given_twice(struct oracle *o, const struct oalloc *a, const struct event *e)
{
	struct finding f = finding_at(o, DIAG_POOL_DOUBLE_FREE, a->pa, (u32)a->len);

	W_SET(o->w, a->given, a->given + 1);
	if (!o->rules || !a->twice)
		return; /* what broke the list was told when it happened */
	f.severity = SEVERITY_CORRUPTION;
	f.stmt = a->twice;
	f.party = e->party;
	f.dev = e->arg + 1u;
	report(o, &f);
}

static void block_out(struct oracle *o, const struct event *e)
{
	u32 chunk = pools_chunk(o, e->f[0]);
	const struct oalloc *c = chunk ? oracle_alloc(o, chunk - 1) : NULL;
	const struct oalloc *a = block_at(o, e->f[1], true), *was;

	o->w->obs.quiet = 0; /* a touch of a freed block is worth a look */
	if (a && a->pa == e->f[0]) {
		given_twice(o, a, e);
		return;
	}
	if (!c) /* the list was overwritten: this is no memory of the pool's */
		return;
	if (!c->pool)
		W_SET(o->w, c->pool, (u32)e->f[4]);
	was = block_at(o, e->f[1], false);
	track_add_alloc(o, &(struct oalloc){.pa = e->f[0],
					    .va = e->f[1],
					    .len = e->f[2],
					    .bus = e->f[3],
					    .uncached = c->uncached,
					    .kind = KIND_POOL,
					    .pool = (u32)e->f[4],
					    .twice = was ? was->twice : 0,
					    .given = 1,
					    .born = ostate(o)->turns,
					    .dev = (u8)e->arg,
					    .open = 1,
					    .stmt = e->stmt});
}

/* The checks of DMAPOOL_DEBUG did not take it: it is out as it was. */
static void block_refused(struct oracle *o, const struct event *e)
{
	const struct oalloc *a = block_at(o, e->f[1], false);

	if (!a || a->end != e->stmt || block_at(o, e->f[1], true))
		return;
	if (a->twice == e->stmt) {
		W_SET(o->w, a->twice, 0u); /* it was free, and is so once */
		return;
	}
	W_SET(o->w, a->open, (u8)1);
	W_SET(o->w, a->end, 0u);
	W_SET(o->w, a->posted, 0u);
	W_SET(o->w, a->was_posted, (u8)0);
}

void pools_event(struct oracle *o, const struct event *e)
{
	if (e->kind == EV_POOL_ALLOC)
		block_out(o, e);
	else if (!e->f[5])
		block_refused(o, e);
}

void pools_cpu(struct oracle *o, const struct event *e, bool write)
{
	u64 home = e->f[0];
	struct finding f;
	u32 block;

	if (o->hw->kernel || oracle_alloc_at(o, home) || !pools_chunk(o, home))
		return;
	block = pools_freed_block(o, home);
	if (!block)
		return;
	f = finding_at(o, DIAG_POOL_USE_AFTER_FREE, home, (u32)e->f[1]);
	if (!write)
		f.severity = SEVERITY_VIOLATION;
	pools_about(o, &f);
	f.party = e->party;
	f.dev = oracle_alloc(o, block - 1)->dev + 1u;
	report(o, &f);
}
