/* SPDX-License-Identifier: MIT */
/*
 * What a call of the driver's breaks by itself, whatever comes of it: an unmap that does not fit
 * its map, a handle that is used unseen, memory that goes while it is mapped, what is left at the
 * end. The checks are those of kernel/dma/debug.c, check_unmap() and its like, where it has them.
 *
 * A handle is used when the device first comes through it, or when it is unmapped; to write it into
 * a register or a descriptor is no use that can be seen: values carry no trace of where they come
 * from. So a handle that is never used is not missed here; if it stays mapped it is a leak.
 *
 * Model: of the maps of a device that failed, the newest is remembered.
 */
#include "base/bug.h"
#include "core/maphow.h"
#include "core/memkind.h"
#include "oracle/decide.h"

/* Bit of DMA_ATTR_SKIP_CPU_SYNC, include/linux/dma-mapping.h. */
enum { SKIP_CPU_SYNC = 1 << 5 };

static const struct device_rules *rules_of(const struct oracle *o, u32 dev)
{
	BUG_ON(dev >= DEVICES_MAX);
	return &orules(o)->dev[dev];
}

/* A finding about mapping map (1 + index), told of statement stmt. */
static void about_map(struct oracle *o, enum diag_id id, u32 map, u32 stmt)
{
	const struct omap *m = oracle_map(o, map - 1);
	struct finding f = finding_at(o, id, m->pa, (u32)m->len);

	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.stmt = stmt;
	f.map = map;
	f.map_stmt = m->stmt;
	f.dev = m->dev + 1u;
	report(o, &f);
}

/* ---- the handle ---- */

void calls_handle_used(struct oracle *o, u32 map, u8 party)
{
	const struct omap *m = oracle_map(o, map - 1);
	struct finding f;

	if (m->flags & (OMAP_CHECKED | OMAP_UNSEEN))
		return;
	W_SET(o->w, m->flags, m->flags | OMAP_UNSEEN);
	f = finding_at(o, DIAG_MAP_ERROR_UNCHECKED, m->pa, (u32)m->len);
	f.severity = SEVERITY_VIOLATION;
	f.party = party;
	f.stmt = f.map_stmt = m->stmt;
	f.map = map;
	f.dev = m->dev + 1u;
	report(o, &f);
}

static void map_failed(struct oracle *o, const struct event *e)
{
	const struct device_rules *d = rules_of(o, e->arg);

	W_SET(o->w, d->fail_pa, e->f[0]);
	W_SET(o->w, d->fail_len, e->f[1]);
	W_SET(o->w, d->fail_stmt, e->stmt);
}

/* dma_mapping_error(): debug_dma_mapping_error() takes the first of that address that waits. */
static void map_checked(struct oracle *o, const struct event *e)
{
	const struct omap *first = NULL;

	if (e->f[1]) {
		W_SET(o->w, rules_of(o, e->arg)->fail_stmt, 0u);
		return;
	}
	/* Most often the newest is the only one. */
	for (u32 i = oracle_maps(o), left = ostate(o)->unasked; left && i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || (m->flags & OMAP_CHECKED))
			continue;
		left--;
		if (m->dev == e->arg && m->bus == e->f[0])
			first = m;
	}
	if (!first)
		return;
	W_SET(o->w, first->flags, first->flags | OMAP_CHECKED);
	W_SET(o->w, ostate(o)->unasked, ostate(o)->unasked - 1);
}

/* ---- unmap ---- */

/* A mapping of that handle that has ended: 1 + index of the newest, 0 = none. */
u32 calls_ended_map(const struct oracle *o, u32 dev, u64 bus)
{
	u32 best = 0;

	for (u32 i = 0; i < oracle_maps(o); i++) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live && m->dev == dev && m->bus == bus &&
		    (!best || m->turn > oracle_map(o, best - 1)->turn))
			best = i + 1;
	}
	return best;
}

static bool of_error(const struct question *q)
{
	return q->bus == DMA_MAPPING_ERROR;
}

static bool of_ended(const struct question *q)
{
	return !q->handle && calls_ended_map(q->o, q->dev, q->bus);
}

static bool of_anything(const struct question *q)
{
	(void)q;
	return true;
}

static const struct decision unmap_list[] = {
#define DECIDE_UNMAP(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

/* What is wrong with an unmap that has no live mapping of that very handle. */
enum diag_id calls_nothing_mapped(const struct oracle *o, u32 dev, u64 bus, u32 inside)
{
	struct question q = {.o = o, .dev = dev, .bus = bus, .handle = inside};

	return decide(unmap_list, ARRAY_LEN(unmap_list), &q);
}

static const struct unmapping *unmapping(const struct oracle *o)
{
	return &orules(o)->unmap[o->hw->self ? 1 + o->hw->self : hw_cpu(o->hw)->handler != 0];
}

void calls_unmapping(struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir)
{
	u32 map = track_ends(o, dev, bus, len, dir);
	const struct omap *m = map ? oracle_map(o, map - 1) : NULL;
	struct unmapping u = {.stmt = world_now(o->w)->stmt, .dir = (u8)dir};

	if (m && m->bus == bus) {
		u.pa = m->pa;
		u.len = m->len;
		u.done = len;
		u.map_dir = m->dir;
	} else {
		u.id = (u8)calls_nothing_mapped(o, dev, bus, map);
	}
	world_write(o->w, unmapping(o), &u, sizeof u);
}

bool calls_unmapping_known(const struct oracle *o, u32 stmt)
{
	const struct unmapping *u = unmapping(o);

	return u->stmt == stmt && !u->list && !u->id && !u->sync;
}

void calls_unmapping_list(struct oracle *o, u32 ents, u32 dir)
{
	struct unmapping u = {.stmt = world_now(o->w)->stmt, .dir = (u8)dir, .list = ents};

	world_write(o->w, unmapping(o), &u, sizeof u);
}

void calls_syncing(struct oracle *o, u32 map)
{
	struct unmapping u = {.stmt = world_now(o->w)->stmt, .sync = map};

	world_write(o->w, unmapping(o), &u, sizeof u);
}

u32 calls_sync_leaves(const struct oracle *o, u32 stmt)
{
	return o->rules && unmapping(o)->stmt == stmt ? unmapping(o)->sync : 0;
}

/* It is over. */
static void synced(struct oracle *o)
{
	if (unmapping(o)->sync)
		W_SET(o->w, unmapping(o)->stmt, 0u);
}

/* The byte lies in a line that no right sync of the mapping would have touched. */
static bool beyond_lines(const struct oracle *o, const struct omap *m, u64 home)
{
	return home < align_down(m->pa, o->w->line) ||
	       home >= align_up(m->pa + m->len, o->w->line);
}

/* What a call does to caches and slots. */
static bool works(const struct event *e)
{
	return e->kind == EV_COPY_OUT || e->kind == EV_INVALIDATE || e->kind == EV_CLEAN ||
	       e->kind == EV_DROP;
}

/* The entry of the list that is being unmapped which has home byte pa: what a call for it alone
 * would have been. */
static bool of_list(const struct oracle *o, u64 home, struct unmapping *u)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (!m->ending || m->end != u->stmt || home - m->pa >= m->len)
			continue;
		u->pa = m->pa;
		u->len = u->done = m->len;
		u->map_dir = m->dir;
		return true;
	}
	return false;
}

enum diag_id calls_blame(const struct oracle *o, const struct event *e, u64 home)
{
	struct unmapping now = o->rules ? *unmapping(o) : (struct unmapping){0}, *u = &now;
	bool inside, over = e->kind == EV_UNMAP;

	if (!u->stmt || u->stmt != e->stmt)
		return DIAGS;
	if (u->sync)
		return works(e) && beyond_lines(o, oracle_map(o, u->sync - 1), home)
			   ? DIAG_SYNC_WRONG_RANGE
			   : DIAGS;
	if (u->list && !of_list(o, home, u))
		return DIAGS;
	if (!u->len)
		return (enum diag_id)u->id; /* by hardware too: one of two levels is empty by now */
	inside = home - u->pa < u->len;
	if (!over && !works(e))
		return DIAGS;
	if (u->done > u->len && !inside && home - u->pa < align_up(u->done, o->w->line))
		return DIAG_UNMAP_SIZE_MISMATCH;
	if (over && (e->f[4] & SKIP_CPU_SYNC))
		return DIAGS;
	if (over && inside && home - u->pa >= u->done)
		return DIAG_UNMAP_SIZE_MISMATCH;
	if (u->dir != u->map_dir && inside && (over || u->map_dir == DMA_TO_DEVICE))
		return DIAG_UNMAP_DIRECTION_MISMATCH;
	return DIAGS;
}

/* Calls of one kind may end each other's mappings: dma_unmap_single() is dma_unmap_page(). */
static enum map_how map_kind(u32 how)
{
	how &= HOW_MASK;
	return how == HOW_PAGE || how == HOW_PHYS ? HOW_SINGLE : (enum map_how)how;
}

bool calls_other_function(const struct omap *m, u32 how)
{
	return map_kind(m->how) != map_kind(how);
}

static void unmapped(struct oracle *o, const struct event *e)
{
	u32 map = track_ends(o, e->arg, e->f[2], e->f[1], (u32)e->f[3]), dead;
	const struct omap *m = map ? oracle_map(o, map - 1) : NULL;
	struct finding f;

	if (e->f[5] == HOW_SG) { /* lists.c tells of the list as a whole */
		W_SET(o->w, unmapping(o)->list, unmapping(o)->list - (unmapping(o)->list > 0));
		if (!unmapping(o)->list)
			W_SET(o->w, unmapping(o)->stmt, 0u);
		return;
	}
	W_SET(o->w, unmapping(o)->stmt, 0u);
	if (m && m->bus == e->f[2]) {
		calls_handle_used(o, map, hw_party(o->hw));
		if (calls_other_function(m, (u32)e->f[5]))
			about_map(o, DIAG_UNMAP_WRONG_FUNCTION, map, e->stmt);
		if (e->f[1] != m->len)
			about_map(o, DIAG_UNMAP_SIZE_MISMATCH, map, e->stmt);
		if (e->f[3] != m->dir)
			about_map(o, DIAG_UNMAP_DIRECTION_MISMATCH, map, e->stmt);
		return;
	}
	dead = map ? map : calls_ended_map(o, e->arg, e->f[2]);
	f = finding_at(o, calls_nothing_mapped(o, e->arg, e->f[2], map),
		       dead ? oracle_map(o, dead - 1)->pa : e->f[0], (u32)e->f[1]);
	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	f.map = dead;
	f.map_stmt = dead ? oracle_map(o, dead - 1)->stmt : 0;
	report(o, &f);
}

/* ---- memory that goes, memory that should never be mapped ---- */

static void freed(struct oracle *o, const struct event *e)
{
	for (u32 i = 0; i < oracle_maps(o); i++) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || m->freed || m->shorted || m->pa >= e->f[0] + e->f[2] ||
		    e->f[0] >= m->pa + m->len)
			continue;
		about_map(o, DIAG_FREE_WHILE_MAPPED, i + 1, e->stmt);
		W_SET(o->w, m->freed, e->stmt);
	}
}

/*
 * dma_free_coherent() of what the allocator gave: check_unmap() compares size, pointer, handle. If
 * it is not there any more when managed memory goes, whoever freed it by hand is to blame.
 */
static void coherent_freed(struct oracle *o, const struct event *e)
{
	const struct oalloc *open = NULL, *gone = NULL;
	struct finding f;

	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->kind != KIND_COHERENT || (a->pa != e->f[0] && a->va != e->f[1]))
			continue;
		if (a->open)
			open = a;
		else if (!gone || a->turn > gone->turn)
			gone = a;
	}
	if (open && open->len == e->f[2] && open->bus == e->f[3] && open->dev == e->arg)
		return;
	f = finding_at(o, DIAG_COHERENT_FREE_MISMATCH, open ? open->pa : e->f[0],
		       (u32)(open ? open->len : e->f[2]));
	if (!open && gone && (e->f[4] & FOR_MASK) == FOR_DEVRES)
		f.stmt = gone->end;
	f.party = PARTY_CPU;
	f.dev = (open ? open->dev : e->arg) + 1u;
	report(o, &f);
}

/* dma_free_pages() is the end of a mapping. */
static void pages_freed(struct oracle *o, const struct event *e)
{
	unmapped(o, &(struct event){.kind = EV_UNMAP,
				    .party = e->party,
				    .arg = e->arg,
				    .stmt = e->stmt,
				    .f = {e->f[0], e->f[2], e->f[3], e->f[5]}});
}

static u32 alloc_at_va(const struct oracle *o, u64 va)
{
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && va - a->va < a->len)
			return i + 1;
	}
	return 0;
}

/* What memory of that kind is called when it is mapped; DIAGS: it may be. */
static enum diag_id illegal(u8 kind, bool by_page)
{
	switch ((enum mem_kind)kind) {
	case KIND_STACK:
		return DIAG_MAP_ILLEGAL_MEMORY_STACK;
	case KIND_VMALLOC:
		return by_page ? DIAGS : DIAG_MAP_ILLEGAL_MEMORY_VMALLOC;
	case KIND_TEXT:
	case KIND_RODATA:
		return DIAG_MAP_ILLEGAL_MEMORY_TEXT;
	case KIND_MODULE:
		return DIAG_MAP_ILLEGAL_STATIC_OR_KMAP;
	case KIND_COHERENT:
	case KIND_POOL:
		return DIAG_MAP_COHERENT_AS_STREAMING;
	default:
		return DIAGS;
	}
}

/* Neither RAM nor anything that was given out: virt_addr_valid() and pfn_valid() say no. */
static void no_memory(struct oracle *o, u64 pa, u64 len)
{
	struct finding f = finding_at(o, DIAG_MAP_ILLEGAL_STATIC_OR_KMAP, pa, (u32)len);

	f.party = hw_party(o->hw);
	report(o, &f);
}

void oracle_mapping(struct oracle *o, u64 va, u64 pa, u64 len)
{
	bool ram = memory_is_ram(o->hw, pa, 1) && (!va || va_is_linear(o->hw, (cpu_addr_t){va}));
	u32 i = !o->rules ? 0 : va ? alloc_at_va(o, va) : oracle_alloc_at(o, pa);
	const struct oalloc *a;
	struct finding f;
	enum diag_id id;

	if (!o->rules)
		return;
	if (!i && va)
		i = oracle_alloc_at(o, pa);
	if (!i && !va && !ram) { /* virt_to_page() of what is not in the linear map */
		va = va_linear(o->hw, (phys_addr_t){pa}).va;
		i = alloc_at_va(o, va);
	}
	if (!i) {
		if (!ram)
			no_memory(o, pa, len);
		return;
	}
	a = oracle_alloc(o, i - 1);
	id = illegal(a->kind, !va);
	if (id == DIAGS)
		return;
	f = finding_at(o, id, va ? a->pa + (va - a->va) : pa, (u32)len);
	if (va && va - a->va >= a->len)
		f = finding_at(o, id, pa, (u32)len); /* by another address of it */
	f.party = hw_party(o->hw);
	report(o, &f);
}

/* ---- context ---- */

static bool atomic(const struct oracle *o)
{
	const struct cpu_state *c = hw_cpu(o->hw);

	return o->rules && (c->irq_off || c->handler);
}

void oracle_may_sleep(struct oracle *o, u32 stmt)
{
	struct finding f;

	if (!atomic(o))
		return;
	f = finding_at(o, DIAG_ALLOC_SLEEP_IN_ATOMIC, ~0ull, 0);
	f.stmt = f.at_stmt = stmt;
	f.party = hw_party(o->hw);
	report_now(o, &f);
}

void oracle_frees_coherent(struct oracle *o, u32 dev, u64 bus)
{
	struct finding f;

	if (!atomic(o))
		return;
	f = finding_at(o, DIAG_FREE_COHERENT_ATOMIC, ~0ull, 0);
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && a->kind == KIND_COHERENT && a->dev == dev && a->bus == bus) {
			f = finding_at(o, DIAG_FREE_COHERENT_ATOMIC, a->pa, (u32)a->len);
			break;
		}
	}
	f.dev = dev + 1;
	f.party = hw_party(o->hw);
	report_now(o, &f);
}

/* ---- the end ---- */

static void coherent_left(struct oracle *o, const struct oalloc *a)
{
	struct finding f = finding_at(o, DIAG_MAPPING_LEAK, a->pa, (u32)a->len);

	f.party = hw_party(o->hw);
	f.stmt = f.at_stmt = a->stmt;
	f.map = f.map_stmt = 0; /* what is mapped of it is another leak */
	f.dev = a->dev + 1u;
	report_now(o, &f);
}

/* What a device has left: nobody will come for it any more. */
static void left(struct oracle *o, u32 dev)
{
	if (rules_of(o, dev)->left) /* by its unbind */
		return;
	W_SET(o->w, rules_of(o, dev)->left, 1u);
	for (u32 i = 0; i < oracle_maps(o); i++) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && !m->shorted)
			about_map(o, DIAG_MAPPING_LEAK, i + 1, m->stmt);
	}
	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && a->dev == dev && a->kind == KIND_COHERENT && !a->chunk)
			coherent_left(o, a);
	}
	pools_left(o, dev);
}

void oracle_end(struct oracle *o)
{
	for (u32 dev = 0; o->rules && dev < o->hw->cfg->devs; dev++)
		left(o, dev);
}

/* ---- what events say ---- */

/* A register write came to its device: what ended while it was under way waits for one less. */
static void arrived(struct oracle *o, u32 dev)
{
	for (u32 i = 0; i < oracle_maps(o); i++) {
		const struct omap *m = oracle_map(o, i);

		if (m->posted && m->dev == dev)
			W_SET(o->w, m->posted, m->posted - 1);
	}
	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->posted && a->dev == dev)
			W_SET(o->w, a->posted, a->posted - 1);
	}
}

/* The driver of the device got something that it may leave. */
static void comes(struct oracle *o, u32 dev)
{
	if (rules_of(o, dev)->left)
		W_SET(o->w, rules_of(o, dev)->left, 0u);
}

bool calls_owing(const struct oracle *o, u32 dev)
{
	return o->rules && orules(o)->dev[dev].owing;
}

void oracle_owing(struct oracle *o, u32 dev, bool owing)
{
	if (o->rules && orules(o)->dev[dev].owing != owing)
		W_SET(o->w, orules(o)->dev[dev].owing, (u32)owing);
}

void calls_event(struct oracle *o, const struct event *e)
{
	switch (e->kind) {
	case EV_MAP:
		comes(o, e->arg);
		address_reach(o, e, e->f[4] != 0);
		maps_added(o, e);
		fetched_mapped(o, e);
		break;
	case EV_MAP_FAIL:
		address_reach(o, e, true);
		map_failed(o, e);
		maps_refused(o, e);
		break;
	case EV_COHERENT_ALLOC:
		comes(o, e->arg);
		address_reach(o, e, false);
		break;
	case EV_ALLOC_FAIL:
		if (e->f[1])
			address_no_memory(o, e);
		break;
	case EV_MAP_CHECK:
		map_checked(o, e);
		break;
	case EV_UNMAP:
		unmapped(o, e);
		break;
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		synced(o);
		break;
	case EV_SG_MAP:
	case EV_SG_UNMAP:
	case EV_SG_SYNC:
		lists_event(o, e);
		break;
	case EV_FREE:
		freed(o, e);
		break;
	case EV_COHERENT_FREE:
		if ((e->f[4] & HOW_MASK) == HOW_NONCOHERENT)
			pages_freed(o, e);
		else
			coherent_freed(o, e);
		break;
	case EV_KERNEL_LOG:
		warn_logged(o, e);
		break;
	case EV_UNBIND:
		left(o, e->arg);
		break;
	case EV_SET_MASK:
		address_masked(o, e);
		break;
	case EV_MMIO_WRITE:
		W_SET(o->w, rules_of(o, e->arg)->reg[(e->f[0] / 4) % REGS_MAX], e->stmt);
		W_SET(o->w, rules_of(o, e->arg)->last, e->stmt);
		break;
	case EV_MMIO_ARRIVE:
		arrived(o, e->arg);
		break;
	default:
		break;
	}
}
