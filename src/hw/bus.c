/* SPDX-License-Identifier: MIT */
/*
 * The bus: DMA in beats, registers, interrupts. A coherent device looks into the caches, any other
 * goes to memory. Register writes are posted, in order per device or per window of it; a read
 * pushes what is before it on both ways. A message interrupt travels behind the function's writes.
 *
 * Model: a device's ordinary write is in memory when its beat is over; only one marked relaxed is
 * on its way for a while. A device with an interrupt wire has waited for its writes to be answered
 * before it raises the wire. A scenario that holds DMA keeps all writes on their way, in order;
 * then a wire overtakes them, a message and the device's own reads push them.
 */
#include "base/bug.h"
#include "hw/hw.h"

u64 hw_mmio_base(const struct hw_config *c, u32 dev)
{
	static const u64 places[] = {0xfe000000, 0x10000000};
	u64 window = 1 << 16, all = DEVICES_MAX * window, end = 0;
	u32 i, r;

	for (r = 0; r < c->rams; r++)
		end = max_u64(end, c->ram[r].base + c->ram[r].size);
	for (i = 0; i < ARRAY_LEN(places); i++) {
		for (r = 0; r < c->rams; r++)
			if (places[i] < c->ram[r].base + c->ram[r].size &&
			    c->ram[r].base < places[i] + all)
				break;
		if (r == c->rams)
			return places[i] + dev * window;
	}
	return align_up(end, all) + dev * window;
}

const struct dev_state *hw_dev(const struct hw *h, u32 dev)
{
	BUG_ON(dev >= h->cfg->devs);
	return (const struct dev_state *)world_at(h->w, h->dev) + dev;
}

static u8 party(u32 dev)
{
	return (u8)(PARTY_DEVICE + dev);
}

/* What of an address a device's wires carry. */
static u64 on_wires(const struct hw *h, u32 dev, dma_addr_t bus)
{
	u32 bits = h->cfg->dev[dev].address_bits;

	return bits < 64 ? bus.bus & ((1ull << bits) - 1) : bus.bus;
}

enum iommu_why bus_stops(const struct hw *h, u32 dev, dma_addr_t bus, bool write)
{
	u64 pa;

	if (!iommu_translates(h, dev))
		return FAULT_NONE;
	return iommu_look(h, dev, on_wires(h, dev, bus), write, &pa);
}

bool bus_to_phys(const struct hw *h, u32 dev, dma_addr_t bus, phys_addr_t *pa)
{
	const struct device_config *d = &h->cfg->dev[dev];
	u64 a = on_wires(h, dev, bus);

	if (iommu_translates(h, dev)) {
		enum iommu_why why = iommu_look(h, dev, a, false, &pa->pa);

		return why == FAULT_NONE || why == FAULT_READ;
	}
	pa->pa = a;
	for (u32 i = 0; i < d->maps; i++) {
		const struct range_map *m = &d->map[i];

		if (a >= m->bus_base && a - m->bus_base < m->size) {
			pa->pa = m->cpu_base + (a - m->bus_base);
			return true;
		}
	}
	return d->maps == 0;
}

/* What a snooping access gets: the innermost cache that has the line, else memory. */
static struct copyref point(const struct hw *h, u32 dev, u64 pa, u32 n)
{
	u64 line = align_down(pa, h->w->line);
	u32 pos = (u32)(pa - line), cell;

	for (u32 l = 0; h->cfg->dev[dev].coherent && l < 2; l++) {
		struct line_info i;

		if (!(l ? h->cfg->outer.sets : h->cfg->l1.sets))
			continue;
		i = cache_line(h, (enum cache_level)l, line);
		if (i.present)
			return copies_cell(h->w, i.cell, pos, n, l ? COPY_OUTER : COPY_CACHE);
	}
	cell = memory_cell_at(h->w, line);
	if (!cell)
		return (struct copyref){.n = 0, .kind = COPY_MEMORY};
	return copies_cell(h->w, cell, pos, n, COPY_MEMORY);
}

/*
 * What a device that has not the key makes of bytes, and what its bytes are with the key: nonsense.
 * Model: one that is the same in every run, and the same both ways.
 */
static void seal(const struct hw *h, u64 pa, u32 n, u8 *data)
{
	if (!h->sealed || !h->sealed(h->sealed_ctx, pa)) /* a line lies in one page */
		return;
	for (u32 i = 0; i < n; i++)
		data[i] ^= (u8)(((pa + i) * 0x9e3779b97f4a7c15ull) >> 56) | 1;
}

void dma_peek(const struct hw *h, u32 dev, u64 pa, u32 n, struct view *v)
{
	struct copyref c = point(h, dev, pa, n);

	memset(v, 0, sizeof *v);
	v->n = (u8)n;
	v->from = c.kind;
	if (c.n)
		copies_view(h->w, &c, v, 0);
	seal(h, pa, n, v->data);
}

/* How an access comes out: at memory, nowhere, or not past the IOMMU. */
enum reach { REACH_OK, REACH_NOTHING, REACH_STOPPED };

/* An access that is made now, its event included if it fails. */
static enum reach reach(struct hw *h, u32 dev, dma_addr_t bus, u32 n, bool write, phys_addr_t *pa)
{
	bool there = true;

	if (iommu_translates(h, dev)) {
		u64 a = on_wires(h, dev, bus);
		enum iommu_why why = iommu_translate(h, dev, a, write, &pa->pa);

		if (why != FAULT_NONE) {
			iommu_fault(h, dev, a, n, write, why);
			return REACH_STOPPED;
		}
	} else {
		there = bus_to_phys(h, dev, bus, pa);
	}
	if (!there || !memory_is_ram(h, pa->pa, n)) {
		EMIT(h->w, DMA_ABORT, party(dev), (u16)dev, bus.bus, n, write);
		return REACH_NOTHING;
	}
	BUG_ON(n == 0 || n > 64 || pa->pa % h->w->line + n > h->w->line);
	return REACH_OK;
}

static u64 first8(const u8 *data, u32 n)
{
	u64 x = 0;

	memcpy(&x, data, n < 8 ? n : 8);
	return x;
}

/* Whether one of the device's writes that are under way is an ordinary one. */
static bool ordered_inflight(const struct dev_state *d)
{
	for (u32 i = 0; i < d->inflight_n; i++)
		if (!d->inflight[i].relaxed)
			return true;
	return false;
}

/* The reader learns of the writes that bytes [from, to) of a view hold. */
static void learn(struct hw *h, u32 dev, const struct view *v, u32 from, u32 to)
{
	u16 last = 0;

	for (u32 i = from; h->w->knows && i < to; i++)
		if (v->wid[i] != last) {
			last = v->wid[i];
			know_learn_read(h->w, party(dev), last, true);
		}
}

/*
 * latch: 1 + the latch that keeps what is read, 0: none. What the lead says is learned before the
 * rest is judged, and is all that is learned of it: bytes that are not looked at give no leave.
 */
static bool read_beat(struct hw *h, u32 dev, u32 latch, dma_addr_t bus, u32 n, u32 lead, u32 lead_n,
		      struct view *v)
{
	enum reach how;
	phys_addr_t pa;

	while (ordered_inflight(hw_dev(h, dev)))
		dma_land(h, dev);
	how = reach(h, dev, bus, n, false, &pa);
	if (how != REACH_OK) {
		memset(v, 0, sizeof *v);
		v->n = (u8)n;
		memset(v->data, how == REACH_STOPPED ? iommu_no_data(h) : 0xff, n);
		return false;
	}
	dma_peek(h, dev, pa.pa, n, v);
	v->latch = (u8)latch;
	learn(h, dev, v, lead, lead + lead_n);
	EMIT_SEEN(h->w, DMA_READ, party(dev), (u16)dev, v, bus.bus, pa.pa, n, first8(v->data, n));
	if (!latch)
		learn(h, dev, v, 0, n);
	return true;
}

bool dma_read(struct hw *h, u32 dev, dma_addr_t bus, u32 n, struct view *v)
{
	return read_beat(h, dev, 0, bus, n, 0, 0, v);
}

bool dma_fetch(struct hw *h, u32 dev, u32 latch, dma_addr_t bus, u32 n, u32 lead, u32 lead_n,
	       struct view *v)
{
	BUG_ON(latch >= LATCHES_MAX || lead + lead_n > n);
	return read_beat(h, dev, latch + 1, bus, n, lead, lead_n, v);
}

void dma_use(struct hw *h, u32 dev, u32 latch, dma_addr_t bus, u32 n)
{
	EMIT(h->w, LATCH_USE, party(dev), (u16)dev, bus.bus, n, latch);
}

static void write_memory(struct hw *h, u32 dev, dma_addr_t bus, u64 pa, u32 n, const u8 *data)
{
	u64 line = align_down(pa, h->w->line);
	struct copyref c;
	u8 put[64];
	u32 cell;

	cpu_remember(h, pa, n);
	for (u32 l = 0; h->cfg->dev[dev].coherent && l < 2; l++) {
		struct line_info i;

		if (!(l ? h->cfg->outer.sets : h->cfg->l1.sets))
			continue;
		i = cache_line(h, (enum cache_level)l, line);
		if (!i.present)
			continue;
		if (i.dirty)
			cache_write_back(h, (enum cache_level)l, line);
		cache_invalidate(h, (enum cache_level)l, line);
	}
	cell = memory_cell(h->w, line);
	if (!cell)
		return;
	c = copies_cell(h->w, cell, (u32)(pa - line), n, COPY_MEMORY);
	memcpy(put, data, n);
	seal(h, pa, n, put);
	copies_write(h->w, party(dev), pa, &c, put, WRITE_PLAIN);
	EMIT(h->w, DMA_WRITE, party(dev), (u16)dev, bus.bus, pa, n, first8(data, n));
}

/* The write is on its way: behind those that were sent before. */
static void send(struct hw *h, u32 dev, dma_addr_t bus, u64 pa, u32 n, const u8 *data, bool relaxed)
{
	const struct dev_state *d = hw_dev(h, dev);
	struct inflight *f =
	    world_mut(h->w, world_off(h->w, &d->inflight[d->inflight_n]), sizeof *f);

	memset(f, 0, sizeof *f);
	f->bus = bus.bus;
	f->pa = pa;
	f->n = n;
	f->stmt = world_now(h->w)->stmt;
	f->relaxed = relaxed;
	memcpy(f->data, data, n);
	know_send(h->w, dev, CLOCK_INFLIGHT + d->inflight_n, party(dev));
	W_SET(h->w, d->inflight_n, d->inflight_n + 1);
	EMIT(h->w, DMA_POSTED, party(dev), (u16)dev, bus.bus, pa, n, first8(data, n));
}

/* Whether a write that is sent now would come out at memory: else it is answered at once. */
static bool passes(const struct hw *h, u32 dev, dma_addr_t bus, u32 n, phys_addr_t *pa)
{
	if (bus_stops(h, dev, bus, true) != FAULT_NONE || !bus_to_phys(h, dev, bus, pa) ||
	    !memory_is_ram(h, pa->pa, n))
		return false;
	BUG_ON(n == 0 || n > 64 || pa->pa % h->w->line + n > h->w->line);
	return true;
}

bool dma_write(struct hw *h, u32 dev, dma_addr_t bus, u32 n, const u8 *data, bool relaxed)
{
	const struct dev_state *d = hw_dev(h, dev);
	bool behind = hw_is_held(h, HELD_DMA, 0) || d->inflight_n;
	phys_addr_t pa;

	if (behind && d->inflight_n == INFLIGHT_MAX)
		dma_land(h, dev); /* there is no room to wait in */
	if ((behind || relaxed) && passes(h, dev, bus, n, &pa)) {
		send(h, dev, bus, pa.pa, n, data, relaxed);
		return true;
	}
	if (reach(h, dev, bus, n, true, &pa) != REACH_OK)
		return false;
	write_memory(h, dev, bus, pa.pa, n, data);
	return true;
}

bool dma_may_land(const struct hw *h, u32 dev, u32 place)
{
	const struct dev_state *d = hw_dev(h, dev);
	const struct inflight *f = &d->inflight[place];

	for (u32 i = 0; i < place; i++)
		if (!f->relaxed || (d->inflight[i].pa < f->pa + f->n &&
				    f->pa < d->inflight[i].pa + d->inflight[i].n))
			return false;
	return true;
}

void dma_land_at(struct hw *h, u32 dev, u32 place)
{
	const struct dev_state *d = hw_dev(h, dev);
	u32 behind = d->inflight_n - place; /* it, and what was sent later */
	struct inflight f, *q;
	const struct now *now = world_now(h->w);
	phys_addr_t pa;
	u32 stmt = now->stmt;

	BUG_ON(place >= d->inflight_n);
	f = d->inflight[place];
	pa.pa = f.pa;
	q = world_mut(h->w, world_off(h->w, &d->inflight[place]), behind * (u32)sizeof *q);
	memmove(q, q + 1, (behind - 1) * sizeof *q);
	memset(q + behind - 1, 0, sizeof *q);
	know_shift(h->w, dev, CLOCK_INFLIGHT + place, behind);
	W_SET(h->w, d->inflight_n, d->inflight_n - 1);
	W_SET(h->w, now->stmt, f.stmt); /* the write is the device's, whatever is done meanwhile */
	h->landing = place + 1;
	if (!iommu_translates(h, dev) ||
	    reach(h, dev, (dma_addr_t){f.bus}, f.n, true, &pa) == REACH_OK)
		write_memory(h, dev, (dma_addr_t){f.bus}, pa.pa, f.n, f.data);
	h->landing = 0;
	W_SET(h->w, now->stmt, stmt);
}

/* ---- registers ---- */

bool mmio_write_blocked(const struct hw *h, u32 dev, bool relaxed)
{
	if (hw_dev(h, dev)->posted_n == POSTED_MAX)
		return true;
	return hw_cpu(h)->entries > 0 && !(relaxed && h->cfg->mmio_passes);
}

u32 mmio_windows(const struct hw *h, u32 dev)
{
	u32 n = h->cfg->dev[dev].windows;

	return n ? n : 1;
}

u32 mmio_window(const struct hw *h, u32 dev, u32 reg)
{
	const struct device_config *d = &h->cfg->dev[dev];
	u32 i = 0;

	while (i < d->windows && (reg < d->window[i].lo || reg > d->window[i].hi))
		i++;
	return i < d->windows ? i : 0;
}

u32 mmio_reg_slot(const struct hw *h, u32 dev, u64 reg)
{
	const struct device_config *d = &h->cfg->dev[dev];
	u32 each = REGS_MAX / mmio_windows(h, dev);

	if (!d->windows)
		return reg / 4 < REGS_MAX ? (u32)reg / 4 : (u32)REGS_MAX;
	for (u32 i = 0; i < d->windows; i++)
		if (reg >= d->window[i].lo && reg <= d->window[i].hi)
			return (reg - d->window[i].lo) / 4 < each
				   ? i * each + (u32)(reg - d->window[i].lo) / 4
				   : (u32)REGS_MAX;
	return REGS_MAX;
}

static u32 reg_index(const struct hw *h, u32 dev, u32 reg)
{
	u32 slot = mmio_reg_slot(h, dev, reg);

	BUG_ON(slot == REGS_MAX);
	return slot;
}

u32 mmio_posted_at(const struct hw *h, u32 dev, u32 window)
{
	const struct dev_state *d = hw_dev(h, dev);
	u32 i = 0;

	while (i < d->posted_n && mmio_window(h, dev, d->posted[i].reg) != window)
		i++;
	return i;
}

const struct posted *mmio_passed(const struct hw *h, u32 dev, u32 reg)
{
	const struct dev_state *d = hw_dev(h, dev);

	for (u32 i = 0; i < d->posted_n; i++)
		if (d->posted[i].reg == reg && d->posted[i].passed)
			return &d->posted[i];
	return NULL;
}

void mmio_write(struct hw *h, u32 dev, u32 reg, u32 size, u64 value, bool relaxed)
{
	const struct dev_state *d = hw_dev(h, dev);
	struct posted *p;

	BUG_ON(mmio_write_blocked(h, dev, relaxed));
	p = world_mut(h->w, world_off(h->w, &d->posted[d->posted_n]), sizeof *p);
	*p = (struct posted){
	    .reg = reg,
	    .size = size,
	    .value = value,
	    .relaxed = relaxed,
	    .stmt = world_now(h->w)->stmt,
	    .party = hw_party(h),
	};
	know_send(h->w, dev, CLOCK_POSTED + d->posted_n, hw_party(h));
	W_SET(h->w, d->posted_n, d->posted_n + 1);
	EMIT(h->w, MMIO_WRITE, hw_party(h), (u16)dev, reg, value, relaxed);
}

/* The i-th posted write arrives: those of other windows may still be on their way. */
static struct posted arrive(struct hw *h, u32 dev, u32 i)
{
	const struct dev_state *d = hw_dev(h, dev);
	u32 behind = d->posted_n - i;
	struct posted p, *q;

	BUG_ON(i >= d->posted_n);
	p = d->posted[i];
	for (u32 k = 0; k < i; k++)
		if (d->posted[k].party == p.party && !d->posted[k].passed)
			W_SET(h->w, d->posted[k].passed, p.stmt);
	know_receive(h->w, dev, CLOCK_POSTED + i, party(dev),
		     p.relaxed ? EDGE_RELAXED_DOORBELL : EDGE_DOORBELL, p.stmt);
	q = world_mut(h->w, world_off(h->w, &d->posted[i]), behind * (u32)sizeof *q);
	memmove(q, q + 1, (behind - 1) * sizeof *q);
	memset(q + behind - 1, 0, sizeof *q);
	know_shift(h->w, dev, CLOCK_POSTED + i, behind);
	W_SET(h->w, d->posted_n, d->posted_n - 1);
	device_reg_set(h, dev, p.reg, p.value, false);
	EMIT(h->w, MMIO_ARRIVE, party(dev), (u16)dev, p.reg, p.value);
	return p;
}

struct posted mmio_arrive(struct hw *h, u32 dev)
{
	return arrive(h, dev, 0);
}

struct posted mmio_arrive_at(struct hw *h, u32 dev, u32 window)
{
	return arrive(h, dev, mmio_posted_at(h, dev, window));
}

/* readl_relaxed() pushes too: the two differ in what later loads may do. */
bool mmio_read_blocked(const struct hw *h, u32 dev, u32 reg)
{
	const struct dev_state *d = hw_dev(h, dev);

	return mmio_posted_at(h, dev, mmio_window(h, dev, reg)) < d->posted_n || d->inflight_n > 0;
}

u64 mmio_read(struct hw *h, u32 dev, u32 reg, u32 size, bool relaxed)
{
	u64 value = hw_dev(h, dev)->reg[reg_index(h, dev, reg)];

	BUG_ON(mmio_read_blocked(h, dev, reg));
	if (size < 8)
		value &= (1ull << (8 * size)) - 1;
	know_receive(h->w, dev, CLOCK_REG + reg_index(h, dev, reg), hw_party(h),
		     relaxed ? EDGE_RELAXED_REGISTER : EDGE_REGISTER, world_now(h->w)->stmt);
	if (!relaxed)
		cpu_order_loads(h);
	EMIT(h->w, MMIO_READ, hw_party(h), (u16)dev, reg, value, relaxed);
	return value;
}

void device_reg_set(struct hw *h, u32 dev, u32 reg, u64 value, bool event)
{
	W_SET(h->w, hw_dev(h, dev)->reg[reg_index(h, dev, reg)], value);
	if (!event)
		return;
	know_send(h->w, dev, CLOCK_REG + reg_index(h, dev, reg), party(dev));
	EMIT(h->w, DEVICE_REG, party(dev), (u16)dev, reg, value);
}

/* ---- interrupts ---- */

void irq_raise(struct hw *h, u32 dev)
{
	const struct dev_state *d = hw_dev(h, dev);
	bool msi = h->cfg->dev[dev].bus == BUS_PCI;

	while (msi && d->inflight_n) /* a message does not overtake the function's writes */
		dma_land(h, dev);
	if (d->irq_raised == IRQ_PENDING_MAX) {
		world_limit(h->w, LIMIT_IRQS);
		return;
	}
	know_send(h->w, dev, CLOCK_IRQ + d->irq_raised, party(dev));
	W_SET(h->w, d->irq_raised, d->irq_raised + 1);
	EMIT(h->w, IRQ_RAISE, party(dev), (u16)dev, msi);
}

bool irq_can_enter(const struct hw *h, u32 dev)
{
	const struct cpu_state *c = hw_core(h, 0);
	const struct dev_state *d = hw_dev(h, dev);

	return d->irq_raised && d->irq_handler && !c->irq_off && !c->handler;
}

void irq_enter(struct hw *h, u32 dev)
{
	const struct dev_state *d = hw_dev(h, dev);

	BUG_ON(!irq_can_enter(h, dev) || h->self);
	/* No access of the CPU gave leave: what it happens to do just then must be no state. */
	know_receive(h->w, dev, CLOCK_IRQ, PARTY_CPU, EDGE_IRQ, 0);
	know_shift(h->w, dev, CLOCK_IRQ, d->irq_raised);
	W_SET(h->w, d->irq_raised, d->irq_raised - 1);
	W_SET(h->w, hw_cpu(h)->handler, dev + 1);
	cpu_order_loads(h);
	EMIT(h->w, IRQ_ENTER, PARTY_CPU, (u16)dev, 0);
}

void irq_exit(struct hw *h)
{
	u32 dev = hw_cpu(h)->handler - 1;

	W_SET(h->w, hw_cpu(h)->handler, 0u);
	EMIT(h->w, IRQ_EXIT, PARTY_CPU, (u16)dev, 0);
}

/* ---- what a scenario holds back ---- */

void hw_hold(struct hw *h, enum hw_held what)
{
	const struct cpu_state *c = hw_core(h, what == HELD_STORES ? h->self : 0);

	W_SET(h->w, c->held, c->held | what);
	EMIT(h->w, HOLD, hw_party(h), 0, what);
}

void hw_release(struct hw *h, enum hw_held what)
{
	const struct cpu_state *c = hw_core(h, what == HELD_STORES ? h->self : 0);

	W_SET(h->w, c->held, c->held & ~(u32)what);
	EMIT(h->w, RELEASE, hw_party(h), 0, what);
}

void hw_release_all(struct hw *h)
{
	for (u32 cpu = 0; cpu < h->cpus; cpu++) {
		const struct cpu_state *c = hw_core(h, cpu);
		u32 was = c->held;

		if (!was)
			continue;
		W_SET(h->w, c->held, 0u);
		EMIT(h->w, RELEASE, party_of_cpu(cpu, h->cfg->devs), 0, was);
	}
}
