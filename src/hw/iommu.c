/* SPDX-License-Identifier: MIT */
/* Page tables and IOTLB: two arrays of runs, by device and then from high addresses to low ones, as
 * the kernel gives addresses out from the top: a new one mostly comes last. */
#include "hw/iommu.h"

#include "base/bug.h"
#include "hw/hw.h"

struct io_table {
	u32 n;
	/* Of the tables: an access was stopped, ever. The one whose report is being made: by 1 +
	 * device, where its next beat would go on, whether it wrote. */
	u32 faulted;
	u32 reported;
	u32 reported_write;
	u64 reported_end;
	u64 pad[5];
	struct io_run run[];
};

static const struct io_table *tables(const struct hw *h)
{
	return world_at(h->w, h->iopt);
}

static const struct io_table *iotlb(const struct hw *h)
{
	return world_at(h->w, h->iotlb);
}

bool iommu_translates(const struct hw *h, u32 dev)
{
	return h->cfg->iommu.kind != IOMMU_NONE && h->cfg->dev[dev].translated;
}

void iommu_claim(struct hw *h)
{
	u32 d = 0;

	while (d < h->cfg->devs && !iommu_translates(h, d))
		d++;
	if (d == h->cfg->devs)
		return;
	BUG_ON(!is_pow2(h->cfg->iommu.granule) || h->cfg->iommu.granule < 4096);
	h->iopt = world_region(h->w, "io page tables",
			       sizeof(struct io_table) + IO_RUNS_MAX * sizeof(struct io_run), CHUNK,
			       REGION_RAW, NULL);
	h->iotlb =
	    world_region(h->w, "iotlb", sizeof(struct io_table) + IOTLB_MAX * sizeof(struct io_run),
			 CHUNK, REGION_RAW, NULL);
}

u32 iommu_prot(const struct hw *h, u32 prot)
{
	bool reads = h->cfg->iommu.kind == IOMMU_VTD || h->cfg->iommu.kind == IOMMU_SMMU;

	return prot && reads ? prot | IO_READ : prot;
}

u8 iommu_no_data(const struct hw *h)
{
	return h->cfg->iommu.kind == IOMMU_AMD ? 0xff : 0;
}

bool iommu_faulted(const struct hw *h)
{
	return h->iopt && tables(h)->faulted;
}

void iommu_fault_handled(struct hw *h)
{
	if (h->iopt && tables(h)->reported)
		W_SET(h->w, tables(h)->reported, 0u);
}

/* ---- runs in order ---- */

/* The first run that does not lie wholly behind (dev, iova): higher addresses come first. */
static u32 place_of(const struct io_table *t, u32 dev, u64 iova)
{
	u32 lo = 0, hi = t->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;
		const struct io_run *r = &t->run[mid];

		if (r->dev < dev || (r->dev == dev && r->iova > iova))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The run that holds an address; NULL: none does. */
static const struct io_run *holds(const struct io_table *t, u32 dev, u64 iova)
{
	u32 i = place_of(t, dev, iova);
	const struct io_run *r = &t->run[i];

	return i < t->n && r->dev == dev && iova - r->iova < r->len ? r : NULL;
}

static void put_in(struct hw *h, const struct io_table *t, const struct io_run *r)
{
	u32 i = place_of(t, r->dev, r->iova), behind = t->n - i;
	struct io_run *at;

	at = world_mut(h->w, world_off(h->w, &t->run[i]), (behind + 1) * (u32)sizeof *at);
	memmove(at + 1, at, behind * sizeof *at);
	*at = *r;
	W_SET(h->w, t->n, t->n + 1);
}

static void take_out(struct hw *h, const struct io_table *t, u32 i)
{
	u32 behind = t->n - i - 1;
	struct io_run *at =
	    world_mut(h->w, world_off(h->w, &t->run[i]), (behind + 1) * (u32)sizeof *at);

	memmove(at, at + 1, behind * sizeof *at);
	memset(at + behind, 0, sizeof *at);
	W_SET(h->w, t->n, t->n - 1);
}

/* What of a run lies in [lo, hi), cut to that. */
static struct io_run cut(const struct io_run *r, u64 lo, u64 hi)
{
	struct io_run part = *r;
	u64 from = max_u64(lo, r->iova), to = min_u64(hi, r->iova + r->len);

	part.iova = from;
	part.pa = r->pa + (from - r->iova);
	part.len = to > from ? to - from : 0;
	return part;
}

/* Takes [lo, hi) out of all runs of a device; how many bytes there were. */
static u64 clear(struct hw *h, const struct io_table *t, u32 dev, u64 lo, u64 hi)
{
	u64 gone = 0;
	u32 i = place_of(t, dev, hi - 1);

	while (i < t->n && t->run[i].dev == dev && t->run[i].iova + t->run[i].len > lo) {
		struct io_run r = t->run[i], above = cut(&r, hi, ~0ull), below = cut(&r, 0, lo);

		take_out(h, t, i);
		gone += r.len - above.len - below.len;
		if (above.len) {
			put_in(h, t, &above);
			i++;
		}
		if (below.len) {
			put_in(h, t, &below);
			i++;
		}
	}
	return gone;
}

static bool nth(const struct io_table *t, u32 dev, u32 i, struct io_run *out)
{
	u32 first = place_of(t, dev, ~0ull);

	if (first + i >= t->n || t->run[first + i].dev != dev)
		return false;
	*out = t->run[first + i];
	return true;
}

static struct io_run page_of(const struct hw *h, const struct io_run *r, u64 iova)
{
	u64 granule = h->cfg->iommu.granule, page = align_down(iova, granule);

	return cut(r, page, page + granule);
}

/* ---- tables ---- */

bool iommu_map(struct hw *h, u32 dev, u64 iova, u64 pa, u64 len, u32 prot)
{
	const struct io_run r = {iova, pa, len, dev, iommu_prot(h, prot)};

	BUG_ON((iova | pa | len) & (h->cfg->iommu.granule - 1));
	if (!len)
		return true;
	if (tables(h)->n + 2 > IO_RUNS_MAX) {
		world_limit(h->w, LIMIT_MAPPINGS);
		return false;
	}
	clear(h, tables(h), dev, iova, iova + len);
	put_in(h, tables(h), &r);
	return true;
}

u64 iommu_unmap(struct hw *h, u32 dev, u64 iova, u64 len)
{
	if (!len)
		return 0;
	if (tables(h)->n + 2 > IO_RUNS_MAX) {
		world_limit(h->w, LIMIT_MAPPINGS);
		return len;
	}
	return clear(h, tables(h), dev, iova, iova + len);
}

bool iommu_walk(const struct hw *h, u32 dev, u64 iova, struct io_run *page)
{
	const struct io_run *r = holds(tables(h), dev, iova);

	if (r)
		*page = page_of(h, r, iova);
	return r != NULL;
}

bool iommu_run(const struct hw *h, u32 dev, u32 i, struct io_run *out)
{
	return iommu_translates(h, dev) && nth(tables(h), dev, i, out);
}

/* ---- IOTLB ---- */

bool iotlb_find(const struct hw *h, u32 dev, u64 iova, struct io_run *page)
{
	const struct io_run *r = holds(iotlb(h), dev, iova);

	if (r)
		*page = *r;
	return r != NULL;
}

bool iotlb_entry(const struct hw *h, u32 dev, u32 i, struct io_run *page)
{
	return iommu_translates(h, dev) && nth(iotlb(h), dev, i, page);
}

void iotlb_flush(struct hw *h, u32 dev, u64 iova, u64 len)
{
	if (len)
		clear(h, iotlb(h), dev, iova, iova + len);
	EMIT(h->w, IOTLB_FLUSH, hw_party(h), (u16)dev, iova, len);
}

void iotlb_flush_all(struct hw *h, u32 dev)
{
	clear(h, iotlb(h), dev, 0, ~0ull);
	EMIT(h->w, IOTLB_FLUSH, hw_party(h), (u16)dev, 0, 0);
}

bool iotlb_is_stale(const struct hw *h, u32 dev, u64 iova)
{
	struct io_run kept, said;

	if (!iommu_translates(h, dev) || !iotlb_find(h, dev, iova, &kept))
		return false;
	return !iommu_walk(h, dev, iova, &said) || said.pa != kept.pa || said.prot != kept.prot;
}

/* ---- accesses ---- */

static bool find(const struct hw *h, u32 dev, u64 bus, struct io_run *page, bool *kept)
{
	*kept = iotlb_find(h, dev, bus, page);
	return *kept || iommu_walk(h, dev, bus, page);
}

static enum iommu_why judge(const struct hw *h, u32 dev, u64 bus, bool write, struct io_run *page,
			    bool *kept)
{
	*kept = false;
	if (h->cfg->iommu.address_bits < 64 && bus >> h->cfg->iommu.address_bits)
		return FAULT_WIDTH;
	if (!find(h, dev, bus, page, kept))
		return FAULT_NOT_PRESENT;
	if (write)
		return page->prot & IO_WRITE ? FAULT_NONE : FAULT_WRITE;
	return page->prot & IO_READ ? FAULT_NONE : FAULT_READ;
}

enum iommu_why iommu_look(const struct hw *h, u32 dev, u64 bus, bool write, u64 *pa)
{
	struct io_run page = {.iova = bus, .pa = bus};
	bool kept;
	enum iommu_why why = judge(h, dev, bus, write, &page, &kept);

	*pa = page.pa + (bus - page.iova);
	return why;
}

enum iommu_why iommu_translate(struct hw *h, u32 dev, u64 bus, bool write, u64 *pa)
{
	struct io_run page = {.iova = bus, .pa = bus};
	bool kept;
	enum iommu_why why = judge(h, dev, bus, write, &page, &kept);

	*pa = page.pa + (bus - page.iova);
	if (why == FAULT_NONE && !kept) {
		if (iotlb(h)->n == IOTLB_MAX)
			take_out(h, iotlb(h), 0);
		put_in(h, iotlb(h), &page);
		EMIT(h->w, IOTLB_FILL, (u8)(PARTY_DEVICE + dev), (u16)dev, page.iova, page.pa);
	}
	return why;
}

void iommu_fault(struct hw *h, u32 dev, u64 bus, u32 n, bool write, enum iommu_why why)
{
	const struct io_table *t = tables(h);
	bool same = h->cfg->iommu.kind == IOMMU_VTD && t->reported == dev + 1 &&
		    t->reported_end == bus && t->reported_write == write;

	W_SET(h->w, t->faulted, 1u);
	W_SET(h->w, t->reported, dev + 1);
	W_SET(h->w, t->reported_end, bus + n);
	W_SET(h->w, t->reported_write, (u32)write);
	EMIT(h->w, IOMMU_FAULT, (u8)(PARTY_DEVICE + dev), (u16)dev, bus, n, write, why);
	if (h->faulted && !same)
		h->faulted(h->faulted_ctx, dev, bus, write, why);
}
