/* SPDX-License-Identifier: MIT */
/*
 * Which rules look at which event, and in which order; how a finding is told, at once or when a
 * poll's look or a device's latch turns out to count; findings that the engine says: asserts, bugs
 * of the kernel, mixed byte orders, hangs.
 */
#include "oracle/oracle_int.h"

#include "base/bug.h"
#include "core/know.h"

static bool data_rules(const struct oracle *o)
{
	return o->mode == 0 || o->mode == 1; /* full, data */
}

static bool rights_rules(const struct oracle *o)
{
	return o->mode == 0; /* full */
}

static void on_load(struct oracle *o, const struct event *e, const struct view *seen)
{
	const struct oracle_numbers *n = world_at(o->w, o->numbers);

	u32 cpu = cpu_of(o, e->party);

	if (ostate(o)->polling >> cpu & 1) {
		W_SET(o->w, n->polled[cpu].home, link_home(o->w, e->f[0]));
		W_SET(o->w, n->polled[cpu].n, (u32)e->f[1]);
		W_SET(o->w, n->polled[cpu].stmt, e->stmt);
	}
	if (rights_rules(o) && ostate(o)->maps)
		rights_cpu(o, e, false);
	if (rights_rules(o)) {
		rights_alias(o, e);
		pools_cpu(o, e, false);
		refetch_load(o, e, seen);
	}
	flight_load(o, e, seen);
	if (seen->old || o->w->knows || copies_leftover(o->w, link_home(o->w, e->f[0]), seen->n))
		stale_cpu(o, e, seen);
}

static void on_store(struct oracle *o, const struct event *e)
{
	handed_store(o, e);
	if (!rights_rules(o))
		return;
	if (ostate(o)->maps)
		rights_cpu(o, e, true);
	torn_store(o, e);
	refetch_forget(o, cpu_of(o, e->party), link_home(o->w, e->f[0]), e->f[1]);
	rights_alias(o, e);
	pools_cpu(o, e, true);
}

static void on_dma_read(struct oracle *o, const struct event *e, const struct view *seen)
{
	if (seen->latch)
		latch_begin(o, e->arg, seen->latch - 1u);
	if (rights_rules(o)) {
		o->access = true;
		rights_device(o, e, false, seen);
		o->access = false;
		torn_read(o, e, seen);
		fetched_read(o, e, seen);
	}
	stale_device(o, e, seen);
	latch_end(o);
	handed_dma(o, e, false);
}

/* From the event of a call to that of what it has done. */
static void note_call(struct oracle *o, const struct event *e)
{
	u32 calling = e->kind == EV_CALL ? e->stmt : 0;

	if (event_info(e->kind)->class == CLASS_API && ostate(o)->calling != calling)
		W_SET(o->w, ostate(o)->calling, calling);
}

static void on_event(void *ctx, struct world *w, const struct event *e, const struct view *seen)
{
	struct oracle *o = ctx;

	(void)w;
	note_call(o, e);
	if (event_info(e->kind)->class == CLASS_HW && rights_rules(o))
		refetch_event(o, e);
	if (o->losts)
		lost_judge(o, e);
	switch (e->kind) {
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
	case EV_LOAD_EARLY:
		on_load(o, e, seen);
		return; /* looking changes nothing that is tracked */
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
		on_store(o, e);
		break;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		if (rights_rules(o))
			torn_store(o, e);
		break;
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		if (rights_rules(o))
			handed_sync_rules(o, e);
		break;
	case EV_DMA_READ:
		on_dma_read(o, e, seen);
		break;
	case EV_DMA_WRITE:
		if (rights_rules(o))
			rights_device(o, e, true, NULL);
		handed_dma(o, e, true);
		flight_event(o, e);
		break;
	case EV_DMA_POSTED:
	case EV_IRQ_RAISE:
	case EV_IRQ_ENTER:
		flight_event(o, e);
		break;
	case EV_IOMMU_FAULT:
		if (rights_rules(o))
			rights_fault(o, e);
		break;
	case EV_DMA_ABORT:
		if (rights_rules(o))
			rights_abort(o, e);
		break;
	case EV_LATCH_USE:
		latch_use(o, e->arg, (u32)e->f[2]);
		break;
	default:
		if (rights_rules(o))
			calls_event(o, e);
		break;
	}
	track_event(o, e);
}

void oracle_init(struct oracle *o, struct world *w, const struct hw *hw, u32 mode)
{
	*o = (struct oracle){.w = w, .hw = hw, .mode = mode};
	if (!data_rules(o))
		return;
	o->state = world_region(w, "oracle", sizeof(struct oracle_state), CHUNK, REGION_RAW, NULL);
	o->maps = world_region(w, "oracle maps", (u64)MAPPINGS_MAX * sizeof(struct omap), CHUNK,
			       REGION_RAW, NULL);
	o->allocs = world_region(w, "oracle allocations", (u64)ALLOCS_MAX * sizeof(struct oalloc),
				 CHUNK, REGION_RAW, NULL);
	o->dirty =
	    world_region(w, "oracle dirty lines", (u64)DIRTY_SLOTS * sizeof(struct dirty_line),
			 CHUNK, REGION_RAW, NULL);
	if (rights_rules(o))
		o->rules = world_region(w, "oracle rules", sizeof(struct oracle_rules), CHUNK,
					REGION_RAW, NULL);
	o->flights = world_region(w, "oracle flights", DEVICES_MAX * sizeof(struct flights), CHUNK,
				  REGION_RAW, NULL);
	o->numbers = world_region(w, "oracle numbers",
				  sizeof(struct oracle_numbers) + CPUS_MAX * sizeof(struct pending),
				  CHUNK, REGION_UNHASHED, NULL);
	latch_claim(o);
	w->obs = (struct observer){.ctx = o, .event = on_event, .lost = lost_told};
	w->obs.deaf = EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL) | EVENT_BIT(DROP);
	/* Until there is a mapping, an access is worth a look only for what is old. */
	if (!w->knows)
		w->obs.quiet = EVENT_BIT(LOAD_CACHE) | EVENT_BIT(STORE_CACHE);
}

void oracle_kernel(struct oracle *o, const struct oracle_kernel *k)
{
	o->kernel = *k;
}

void oracle_fini(struct oracle *o)
{
	o->sink = NULL;
}

void oracle_sink(struct oracle *o, void (*sink)(void *, const struct finding *), void *ctx)
{
	o->sink = sink;
	o->ctx = ctx;
}

/* ---- findings ---- */

static const struct pending *pending(const struct oracle *o, u32 cpu)
{
	return world_at(
	    o->w, o->numbers + (u32)(sizeof(struct oracle_numbers) + cpu * sizeof(struct pending)));
}

struct finding finding_at(const struct oracle *o, enum diag_id id, u64 home, u32 n)
{
	const struct now *now = world_now(o->w);
	u32 alloc = oracle_alloc_at(o, home), map;
	struct finding f = {
	    .id = (u8)id,
	    .severity = (u8)diag_info(id)->severity,
	    .stmt = now->stmt,
	    .at_stmt = now->stmt,
	    .event = now->event,
	    .step = now->step,
	    .pa = home,
	    .n = n,
	    .alloc = alloc,
	    .count = 1,
	};

	if (alloc)
		f.off = (u32)(home - oracle_alloc(o, alloc - 1)->pa);
	map = track_live(o, home, oracle_maps(o));
	if (map) {
		f.map = map;
		f.map_stmt = oracle_map(o, map - 1)->stmt;
		f.dev = oracle_map(o, map - 1)->dev + 1u;
	}
	return f;
}

void report_now(struct oracle *o, const struct finding *f)
{
	if (o->sink)
		o->sink(o->ctx, f);
}

void report(struct oracle *o, struct finding *f)
{
	bool cpu = is_cpu(o, f->party);
	u32 which = cpu ? cpu_of(o, f->party) : 0;
	const struct pending *p = pending(o, which);

	if (o->latch && (!o->access || f->id == DIAG_INFO_LEAK_TO_DEVICE)) {
		latch_keep(o, f);
		return;
	}
	if (cpu && (ostate(o)->polling >> which & 1) && p->n < PENDING_MAX) {
		world_write(o->w, &p->f[p->n], f, sizeof *f);
		W_SET(o->w, p->n, p->n + 1);
		return;
	}
	report_now(o, f);
}

void oracle_poll_begin(struct oracle *o, struct world *w, u32 cpu)
{
	if (!data_rules(o))
		return;
	if (rights_rules(o))
		refetch_forget(o, cpu, 0, 0);
	W_SET(w, ostate(o)->polling, ostate(o)->polling | 1u << cpu);
	W_SET(w, pending(o, cpu)->n, 0u);
}

void oracle_poll(struct oracle *o, struct world *w, u32 cpu, bool over)
{
	const struct pending *p;

	if (!data_rules(o))
		return;
	p = pending(o, cpu);
	for (u32 i = 0; over && o->sink && i < p->n; i++)
		o->sink(o->ctx, &p->f[i]);
	W_SET(w, p->n, 0u);
	W_SET(w, ostate(o)->polling, ostate(o)->polling & ~(1u << cpu));
}

void oracle_assert(struct oracle *o, struct world *w, u32 index, u32 stmt, bool ok)
{
	const struct now *now = world_now(w);
	struct finding f = {.id = DIAG_ASSERT,
			    .severity = SEVERITY_VIOLATION,
			    .index = index,
			    .stmt = stmt,
			    .at_stmt = stmt,
			    .event = now->event,
			    .step = now->step,
			    .count = 1};

	if (!ok && o->sink)
		o->sink(o->ctx, &f);
}

void oracle_kernel_bug(struct oracle *o, struct world *w, u32 stmt, const char *reason)
{
	const struct now *now = world_now(w);
	struct finding f = {.id = DIAG_KERNEL_BUG,
			    .severity = SEVERITY_CORRUPTION,
			    .stmt = stmt,
			    .at_stmt = stmt,
			    .event = now->event,
			    .step = now->step,
			    .reason = reason,
			    .count = 1};

	if (o->sink)
		o->sink(o->ctx, &f);
}

void oracle_endian(struct oracle *o, struct world *w, u32 stmt, u32 mix, u64 meant, u64 seen,
		   u32 len, bool other)
{
	const struct now *now = world_now(w);
	struct finding f = {.id = DIAG_ENDIANNESS,
			    .severity = meant != seen ? SEVERITY_CORRUPTION : SEVERITY_VIOLATION,
			    .lucky = other && meant == seen,
			    .party = PARTY_CPU,
			    .index = mix,
			    .stmt = stmt,
			    .at_stmt = stmt,
			    .event = now->event,
			    .step = now->step,
			    .shown = meant != seen ? (u8)len : 0,
			    .count = 1};

	if (!data_rules(o) || !o->sink || (!rights_rules(o) && meant == seen))
		return;
	put_le(f.got, seen, len);
	put_le(f.want, meant, len);
	report_now(o, &f);
}

void oracle_register(struct oracle *o, struct world *w, const struct oracle_register *r)
{
	const struct now *now = world_now(w);
	bool differ = r->value != r->want;
	struct finding f = {.id = DIAG_MISSING_MMIO_READBACK,
			    .severity = differ ? SEVERITY_CORRUPTION : SEVERITY_VIOLATION,
			    .lucky = !differ,
			    .party = (u8)(PARTY_DEVICE + r->dev),
			    .index = 1,
			    .off = r->reg,
			    .stmt = r->passed,
			    .at_stmt = now->stmt,
			    .event = now->event,
			    .step = now->step,
			    .dev = 1 + r->dev,
			    .writer_stmt = r->late,
			    .shown = (u8)r->size,
			    .count = 1};

	if (!data_rules(o) || !o->sink)
		return;
	put_le(f.got, r->value, r->size);
	put_le(f.want, r->want, r->size);
	report_now(o, &f);
}

/* The first byte that the poll of stmt looked at and of which a newer version exists; 0: none. */
static u64 polled_old(const struct oracle *o, u32 stmt)
{
	const struct oracle_numbers *k = world_at(o->w, o->numbers);
	u32 cpu = 0;
	u64 home;

	while (o->state && cpu < o->w->cpus && k->polled[cpu].stmt != stmt)
		cpu++;
	if (!o->state || cpu == o->w->cpus)
		return 0;
	home = k->polled[cpu].home;
	for (u32 i = 0; i < k->polled[cpu].n; i++) {
		struct truths t;
		u8 value;
		u16 rec;

		oracle_truths(o, home + i, ~0u, &t);
		if ((t.cpu.mark == '~' || t.cpu.mark == '!') &&
		    copies_newest(o->w, home + i, &value, &rec))
			return home + i;
	}
	return 0;
}

void oracle_hang(struct oracle *o, struct world *w, u32 stmt)
{
	u64 byte = polled_old(o, stmt);
	struct finding f = {.id = DIAG_HANG, .severity = SEVERITY_CORRUPTION, .count = 1};

	if (o->mode == ORACLE_OFF || !o->sink)
		return;
	if (byte) {
		struct view v;
		u16 rec;

		f = finding_at(o, DIAG_HANG, byte, 1);
		cpu_peek(o->hw, byte, MEM_CACHED, 1, &v);
		f.got[0] = v.data[0];
		f.source = v.from;
		copies_newest(w, byte, &f.want[0], &rec);
		f.shown = 1;
		if (rec && w->knows)
			f.writer_stmt = know_record(w, rec)->stmt;
	}
	f.stmt = f.at_stmt = stmt;
	f.event = world_now(w)->event;
	f.step = world_now(w)->step;
	report_now(o, &f);
}
