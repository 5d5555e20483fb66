/* SPDX-License-Identifier: MIT */
/*
 * Addresses that a device should never have had: what kind of wrong one it is, and who made it, by
 * the list of oracle/decisions.def.
 *
 * Only values are seen, never where they come from. An address that is both a handle and a physical
 * address (one range map for CPU and bus, and no bounce) is a good one, even if the driver took it
 * from virt_to_phys(): that mistake shows on platforms where the two differ, and only there.
 */
#include "base/bug.h"
#include "core/memkind.h"
#include "hw/iommu.h"
#include "oracle/decide.h"

static u64 ones(u32 bits)
{
	return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

u64 address_wires(const struct oracle *o, u32 dev)
{
	return ones(o->hw->cfg->dev[dev].address_bits);
}

/* ---- masks ---- */

/* The last address that the kernel gives to a device that says mask. */
static u64 reach(const struct oracle *o, u32 dev, u64 mask)
{
	u64 limit = o->kernel.bus_limit[dev];

	return limit ? min_u64(mask, limit) : mask;
}

void address_masked(struct oracle *o, const struct event *e)
{
	const struct device_rules *d = &orules(o)->dev[e->arg];
	struct finding f;

	if (e->f[2]) {
		W_SET(o->w, d->refused, e->stmt);
		return;
	}
	W_SET(o->w, d->refused, 0u);
	W_SET(o->w, d->mask_stmt, e->stmt);
	if (e->f[1])
		W_SET(o->w, d->coherent, e->f[0]);
	else
		W_SET(o->w, d->mask, e->f[0]);
	if (reach(o, e->arg, e->f[0]) <= address_wires(o, e->arg))
		return;
	f = finding_at(o, DIAG_MASK_TRUNCATION, ~0ull, 0);
	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	report_now(o, &f);
}

/* The bus address of home byte pa without a bounce; ~0: the device has none for it. */
static u64 direct_bus(const struct oracle *o, u32 dev, u64 pa)
{
	const struct device_config *c = &o->hw->cfg->dev[dev];

	for (u32 i = 0; i < c->maps; i++)
		if (pa - c->map[i].cpu_base < c->map[i].size)
			return c->map[i].bus_base + (pa - c->map[i].cpu_base);
	return c->maps ? ~0ull : pa;
}

void address_reach(struct oracle *o, const struct event *e, bool bounced)
{
	const struct device_rules *d = &orules(o)->dev[e->arg];
	u64 mask = o->kernel.mask[e->arg] ? o->kernel.mask[e->arg] : 0xffffffff, last;
	struct finding f;

	f = finding_at(o, DIAG_MASK_NOT_SET, e->f[0],
		       (u32)e->f[e->kind == EV_COHERENT_ALLOC ? 2 : 1]);
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	if (d->refused) {
		f.severity = SEVERITY_VIOLATION;
		f.stmt = d->refused;
		f.map = f.map_stmt = 0;
		report_now(o, &f);
		return;
	}
	if (iommu_translates(o->hw, e->arg)) /* the handle's bits are not those of the memory */
		return;
	last = direct_bus(o, e->arg, e->f[0]);
	if (!bounced || d->mask || o->kernel.bounce_all || last == ~0ull ||
	    !memory_is_ram(o->hw, e->f[0], 1))
		return;
	last += e->f[1] - 1;
	if (last <= mask || last > reach(o, e->arg, address_wires(o, e->arg)))
		return;
	f.severity = SEVERITY_COST;
	report_now(o, &f);
}

u64 oracle_lowest_bus(const struct hw_config *hw, u32 dev)
{
	static const struct range_map all = {.size = ~0ull};
	const struct device_config *c = &hw->dev[dev];
	u64 lowest = ~0ull;

	for (u32 r = 0; r < hw->rams; r++)
		for (u32 i = 0; i < max_u32(c->maps, 1); i++) {
			const struct range_map *m = c->maps ? &c->map[i] : &all;
			u64 lo = max_u64(hw->ram[r].base, m->cpu_base);

			if (lo - hw->ram[r].base < hw->ram[r].size && lo - m->cpu_base < m->size)
				lowest = min_u64(lowest, m->bus_base + (lo - m->cpu_base));
		}
	return lowest;
}

/*
 * Memory may abound: none lies where the coherent mask lets the kernel look, and the device would
 * reach some. An unset mask is told of by the kernel itself.
 */
void address_no_memory(struct oracle *o, const struct event *e)
{
	const struct device_rules *d = &orules(o)->dev[e->arg];
	u64 mask = d->coherent ? d->coherent : o->kernel.coherent_mask[e->arg];
	u64 last = oracle_lowest_bus(o->hw->cfg, e->arg) + e->f[0] - 1;
	struct finding f;

	if (!mask || iommu_translates(o->hw, e->arg) || last <= reach(o, e->arg, mask) ||
	    last > reach(o, e->arg, address_wires(o, e->arg)))
		return;
	f = finding_at(o, DIAG_MASK_NOT_SET, ~0ull, 0);
	f.severity = d->refused ? SEVERITY_VIOLATION : SEVERITY_COST;
	f.stmt = d->refused ? d->refused : e->stmt;
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	report_now(o, &f);
}

/* ---- who gave the device that address ---- */

u32 address_told(const struct oracle *o, u32 dev, u64 lo, u64 len)
{
	const struct dev_state *s = hw_dev(o->hw, dev);

	for (u32 i = 0; i < REGS_MAX; i++) {
		u32 stmt = orules(o)->dev[dev].reg[i];

		if (stmt && (s->reg[i] - lo < len ||
			     (s->reg[i] <= 0xffffffff && s->reg[i] - (u32)lo < len)))
			return stmt;
	}
	return 0;
}

/* Whose fault a stray access is, and which mapping was meant (1 + index). */
struct name {
	u32 stmt, map;
	bool own;  /* it is the driver's own buffer, which no handle stands for */
	u64 field; /* home of the field that the address is from, if it is known */
};

static bool by_failed_map(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	const struct device_rules *d = &orules(o)->dev[dev];
	u64 error[3] = {DMA_MAPPING_ERROR, address_wires(o, dev), 0xffffffff};

	for (u32 i = 0; d->fail_stmt && i < ARRAY_LEN(error); i++)
		if (s->a - error[i] < max_u64(d->fail_len, 1)) {
			*out = (struct name){.stmt = d->fail_stmt};
			return true;
		}
	return false;
}

/*
 * The address that the entries of a list have which an IOMMU joined to others: none
 * (__finalise_sg() of drivers/iommu/dma-iommu.c).
 */
static bool by_joined_entry(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	u64 none[3] = {DMA_MAPPING_ERROR, address_wires(o, dev), 0xffffffff};

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->dev != dev || m->segments >= m->ents)
			continue;
		for (u32 k = 0; k < ARRAY_LEN(none); k++)
			if (s->a - none[k] < max_u64(m->len, 1)) {
				*out = (struct name){.stmt = address_told(o, dev, none[k], 1),
						     .map = i + 1};
				return true;
			}
	}
	return false;
}

/* sg_init_table() clears the entries: what no map has filled has address 0. */
static bool by_unmapped_entry(const struct question *q)
{
	enum { ENTRY_MAX = 64 << 10 };
	u32 stmt = orules(q->o)->unmapped;

	if (!stmt || q->s->a >= ENTRY_MAX)
		return false;
	*q->name = (struct name){stmt, 0, false, 0};
	return true;
}

/*
 * Whether a is the address of one of the bytes from bus on, without its bits above cut: because the
 * wires have no more, or because a has none.
 */
static bool cut_to(u64 a, u64 bus, u64 len, u64 cut, bool by_wires)
{
	u64 off = (a & cut) - (bus & cut), whole = bus + off;

	if (off >= len || !(whole & ~cut))
		return false;
	return by_wires ? a == whole : a == (whole & cut);
}

static bool truncated(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	const struct device_rules *d = &orules(o)->dev[dev];
	u64 w = address_wires(o, dev);

	for (u32 i = oracle_maps(o) + oracle_allocs(o); i-- > 0;) {
		bool map = i < oracle_maps(o);
		const struct oalloc *c = map ? NULL : oracle_alloc(o, i - oracle_maps(o));
		const struct omap *m = map ? oracle_map(o, i) : NULL;
		u64 bus = map ? m->bus : c->bus, len = map ? m->len : c->len;

		if ((map ? m->dev : c->dev) != dev || (c && !alloc_is_coherent(c)))
			continue;
		*out = (struct name){.map = map ? i + 1 : 0};
		if (cut_to(s->a, bus, len, w, !s->stopped)) {
			u64 said = reach(o, dev, map ? d->mask : d->coherent);

			out->stmt = said > w	 ? d->mask_stmt
				    : d->refused ? d->refused
				    : map	 ? m->stmt
						 : c->stmt;
			return true;
		}
		if (cut_to(s->a, bus, len, 0xffffffff, false)) {
			out->stmt = address_told(o, dev, bus, len);
			return true;
		}
	}
	return false;
}

/* The address that the CPU uses for the bytes of a mapping or of coherent memory. */
static bool by_cpu_address(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && m->bus != m->pa && s->a - m->pa < m->len) {
			*out = (struct name){address_told(o, dev, m->pa, m->len), i + 1, false, 0};
			return true;
		}
	}
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);
		bool phys = alloc_is_coherent(a) && a->dev == dev && a->bus != a->pa &&
			    s->a - a->pa < a->len;

		u64 lo = phys ? a->pa : a->va, linear = a->va - o->hw->cfg->linear_base;

		/* virt_to_phys() of a pointer that is not of the linear map. */
		if (!phys && alloc_is_coherent(a) &&
		    s->a - (linear & address_wires(o, dev)) < a->len)
			lo = linear & address_wires(o, dev);
		if (a->open && !a->chunk && s->a - lo < a->len) {
			*out = (struct name){address_told(o, dev, lo, a->len),
					     track_live(o, a->pa, oracle_maps(o)), false, 0};
			return true;
		}
	}
	return false;
}

/*
 * A device that was never given an address, neither by a map nor with coherent memory, and comes to
 * memory of the driver's all the same: the driver took the CPU's word for it.
 */
static bool never_given(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	/* What an IOMMU stops may have been meant as a physical address. */
	u32 a = s->aborted && !s->stopped ? 0 : oracle_alloc_at(o, s->stopped ? s->a : s->pa);
	const struct oalloc *of = a ? oracle_alloc(o, a - 1) : NULL;

	if (!a || s->a - of->pa >= of->len)
		return false;
	for (u32 i = 0; i < oracle_maps(o); i++)
		if (oracle_map(o, i)->dev == dev)
			return false;
	for (u32 i = 0; i < oracle_allocs(o); i++)
		if (alloc_is_coherent(oracle_alloc(o, i)) && oracle_alloc(o, i)->dev == dev)
			return false;
	*out = (struct name){address_told(o, dev, of->pa, of->len), 0, true, 0};
	return true;
}

/* The handle of a buffer that is mapped for another device. */
static bool by_other_handle(const struct question *q)
{
	const struct oracle *o = q->o;
	const struct stray *s = q->s;
	struct name *out = q->name;
	u32 dev = q->dev;
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev != dev && s->a - m->bus < m->len) {
			*out = (struct name){address_told(o, dev, m->bus, m->len), i + 1, false, 0};
			return true;
		}
	}
	return false;
}

enum { OVERRUN_MAX = 64 << 10 };

/* Whether a stopped access may be what ran on behind the end of a mapping. */
static bool overran(const struct oracle *o, u32 dev, u64 a)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && a - (m->bus + m->len) < OVERRUN_MAX)
			return true;
	}
	return false;
}

/* What the device has fetched and nobody had stored: whoever started it is to blame. */
static bool by_empty_field(const struct question *q)
{
	u64 field = fetched_empty(q->o, q->dev, q->s->a);

	*q->name = (struct name){.stmt = orules(q->o)->dev[q->dev].last, .field = field};
	return field != ~0ull;
}

static bool ended_any(const struct question *q)
{
	*q->name = (struct name){.stmt = q->s->end, .map = q->s->dead};
	return q->s->end != 0;
}

static bool ended_unheard(const struct question *q)
{
	return ended_any(q) && q->s->behind;
}

static bool ended_block(const struct question *q)
{
	return ended_any(q) && q->s->block;
}

static bool ended_stale(const struct question *q)
{
	return ended_any(q) && q->s->stale;
}

static bool in_granule(const struct question *q)
{
	*q->name = (struct name){.map = q->s->granule};
	return q->s->granule != 0;
}

static bool stopped_there(const struct question *q)
{
	const struct stray *s = q->s;

	*q->name = (struct name){.map = s->dead};
	return s->stopped && (s->dead || !overran(q->o, q->dev, s->a));
}

static bool anything(const struct question *q)
{
	*q->name = (struct name){0};
	return true;
}

static const struct decision stray_list[] = {
#define DECIDE_STRAY(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

/* A byte that the driver meant: its own buffer, come to by another way than the handle. */
static bool meant(const struct oracle *o, enum diag_id id, const struct name *n, u64 home)
{
	const struct omap *m = n->map ? oracle_map(o, n->map - 1) : NULL;
	u32 a = oracle_alloc_at(o, home);

	if (id == DIAG_HANDLE_WRONG_DEVICE)
		return home - m->pa < m->len;
	if (id != DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION || n->own)
		return n->own;
	return m ? home - m->pa < m->len : a && alloc_is_coherent(oracle_alloc(o, a - 1));
}

/*
 * What fills up the granules of a bounced mapping: the kernel's own, which it has taken for this
 * mapping alone (iommu_dma_map_swiotlb(), drivers/iommu/dma-iommu.c).
 */
static bool padding(const struct oracle *o, enum diag_id id, const struct name *n, u64 pa)
{
	const struct omap *m = n->map ? oracle_map(o, n->map - 1) : NULL;
	u64 size = o->hw->cfg->iommu.granule;

	return id == DIAG_GRANULE_EXPOSURE && m->slot && pa >= align_down(m->slot, size) &&
	       pa < align_up(m->slot + m->len, size);
}

/* The driver's newest write to a register of the device: the one to read back. */
static u32 last_register(const struct oracle *o, u32 dev)
{
	const struct dev_state *d = hw_dev(o->hw, dev);

	return d->posted_n ? d->posted[0].stmt : orules(o)->dev[dev].last;
}

/* The finding tells of the field, not of where it led to. */
static void about_field(const struct oracle *o, u64 field, struct finding *f)
{
	struct finding at = finding_at(o, DIAG_DESCRIPTOR_UNINITIALISED_ADDRESS, field, 8);

	f->pa = field;
	f->n = 8;
	f->alloc = at.alloc;
	f->off = at.off;
}

void address_stray(struct oracle *o, const struct event *e, const struct stray *s)
{
	struct name n = {.field = ~0ull};
	struct question q = {.o = o, .dev = e->arg, .s = s, .name = &n};
	enum diag_id id = decide(stray_list, ARRAY_LEN(stray_list), &q);
	struct finding f = finding_at(o, id, s->aborted ? ~0ull : s->pa, s->n);

	/* Of a private page comes nonsense, whoever was meant. */
	if (!s->aborted && o->hw->sealed && o->hw->sealed(o->hw->sealed_ctx, s->pa))
		f.index = id == DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION;
	else if (s->aborted || meant(o, id, &n, s->pa) || padding(o, id, &n, s->pa))
		f.severity = SEVERITY_VIOLATION;
	f.party = e->party;
	f.dev = e->arg + 1u;
	if (s->block)
		pools_about(o, &f);
	f.map = n.map;
	f.map_stmt = n.map ? oracle_map(o, n.map - 1)->stmt : 0;
	if (n.stmt)
		f.stmt = n.stmt;
	if (id == DIAG_DESCRIPTOR_UNINITIALISED_ADDRESS)
		about_field(o, n.field, &f);
	if (id == DIAG_MISSING_MMIO_READBACK)
		f.writer_stmt = last_register(o, e->arg);
	if (!s->end && !s->dead &&
	    (n.own || id == DIAG_DEVICE_ACCESS_OUTSIDE || id == DIAG_IOMMU_FAULT) &&
	    !overran(o, e->arg, s->a))
		fetched_early(o, &f, s->a);
	report(o, &f);
}
