/* SPDX-License-Identifier: MIT */
/*
 * Mapping where an IOMMU translates for the device: drivers/iommu/dma-iommu.c. Each mapping gets
 * pages of I/O virtual addresses of its own, and the device reaches those pages, whole. An unmap
 * takes them out of the tables; the IOMMU's cache of translations is seen to at once (strict), or
 * later for many at a time (lazy): until then the addresses wait in a queue and are not used again.
 *
 * Model: a queue is flushed when it is full or by its timer, which runs when the engine says so;
 * the pages of coherent memory lie in a row.
 */
#include "linux/linux_int.h"

enum { FQ_MAX = 255 }; /* IOVA_DEFAULT_FQ_SIZE 256, a ring that keeps one place free */

struct fq_entry {
	u64 iova;
	u64 size : 63;
	u64 flushed : 1; /* another CPU's flush has passed since: it may be used again */
};

struct flush_queue {
	u64 n;
	struct fq_entry e[FQ_MAX];
};

struct dev_queues {
	u32 timer; /* it runs */
	u32 pad;
	struct flush_queue cpu[CPUS_MAX];
};

static const struct dev_queues *queues(const struct lx *l, u32 dev)
{
	BUG_ON(!l->fqs);
	return (const struct dev_queues *)world_at(l->w, l->fqs) + dev;
}

bool use_dma_iommu(const struct lx *l, u32 dev)
{
	return iommu_translates(l->hw, dev);
}

/* iommu_dma_init_domain(): untrusted devices are always strict (iommu_get_dma_strict()). */
static bool is_lazy(const struct lx *l, u32 dev)
{
	return l->cfg->iommu.lazy && (!l->hw->cfg->dev[dev].untrusted ||
				      lx_has_quirk(l, QUIRK_IOMMU_LAZY_UNTRUSTED));
}

u64 iommu_granule(const struct lx *l)
{
	return l->hw->cfg->iommu.granule;
}

static u64 in_granule(const struct lx *l, u64 addr)
{
	return addr & (iommu_granule(l) - 1);
}

/* ---- faults: the IOMMU's driver logs and does nothing else ---- */

static void log_vtd(struct lx *l, u32 dev, u64 bus, bool write, enum iommu_why why)
{
	u64 page = align_down(bus, 4096), slot = hw_pci_slot(dev);

	LOG_LINE(l, VTD_STATUS, dev, 2);
	if (why == FAULT_WIDTH && write)
		LOG_LINE(l, VTD_WIDTH_WRITE, dev, slot, page);
	else if (why == FAULT_WIDTH)
		LOG_LINE(l, VTD_WIDTH_READ, dev, slot, page);
	else if (write)
		LOG_LINE(l, VTD_WRITE, dev, slot, page);
	else
		LOG_LINE(l, VTD_READ, dev, slot, page);
}

static void log_fault(void *ctx, u32 dev, u64 bus, bool write, enum iommu_why why)
{
	struct lx *l = ctx;
	bool denied = why == FAULT_WRITE || why == FAULT_READ;

	switch (l->hw->cfg->iommu.kind) {
	case IOMMU_VTD:
		log_vtd(l, dev, bus, write, why);
		break;
	case IOMMU_AMD: /* EVENT_FLAG_PR, EVENT_FLAG_RW */
		LOG_LINE(l, AMD_FAULT, dev, dev + 1, bus, (denied ? 0x10 : 0) | (write ? 0x20 : 0));
		break;
	case IOMMU_SMMU:
	case IOMMU_SMMU_S2: /* ARM_SMMU_CB_FSR_PF or _TF, FORMAT; ARM_SMMU_CB_FSYNR0_WNR, level */
		LOG_LINE(l, SMMU_FAULT, dev, denied ? 0x408 : 0x402, bus, write ? 0x13 : 0x3,
			 dev + 1, dev);
		break;
	case IOMMU_NONE:
		BUG_ON(true);
	}
}

void iommu_init(struct lx *l)
{
	u32 devs = 0;

	iova_init(l);
	for (u32 i = 0; i < l->hw->cfg->devs; i++)
		if (use_dma_iommu(l, i))
			devs = i + 1;
	if (!devs)
		return;
	l->fqs = world_region(l->w, "flush queues", (u64)devs * sizeof(struct dev_queues), CHUNK,
			      REGION_RAW, NULL);
	l->hw->faulted = log_fault;
	l->hw->faulted_ctx = l;
}

/* ---- the flush queue ---- */

/* fq_ring_free_locked(): what was flushed may be used again; the oldest first. */
static void fq_free(struct lx *l, u32 dev, const struct flush_queue *q)
{
	u64 n = 0;

	while (n < q->n && q->e[n].flushed) {
		iova_free(l, dev, q->e[n].iova, q->e[n].size);
		n++;
	}
	if (n) {
		struct fq_entry *e =
		    world_mut(l->w, world_off(l->w, q->e), (u32)(q->n * sizeof *e));

		memmove(e, e + n, (q->n - n) * sizeof *e);
		memset(e + (q->n - n), 0, n * sizeof *e);
		W_SET(l->w, q->n, q->n - n);
	}
}

/* fq_flush_iotlb() */
static void fq_flush(struct lx *l, u32 dev)
{
	iotlb_flush_all(l->hw, dev);
	for (u32 cpu = 0; cpu < l->w->cpus; cpu++) {
		const struct flush_queue *q = &queues(l, dev)->cpu[cpu];

		for (u64 i = 0; i < q->n; i++)
			W_SET(l->w, q->e[i], ((struct fq_entry){q->e[i].iova, q->e[i].size, 1}));
	}
}

/* queue_iova() */
static void fq_add(struct lx *l, u32 dev, u64 iova, u64 size)
{
	const struct flush_queue *q = &queues(l, dev)->cpu[l->hw->self];

	fq_free(l, dev, q);
	if (q->n == FQ_MAX) {
		fq_flush(l, dev);
		fq_free(l, dev, q);
	}
	W_SET(l->w, q->e[q->n], ((struct fq_entry){iova, size, 0}));
	W_SET(l->w, q->n, q->n + 1);
	W_SET(l->w, queues(l, dev)->timer, 1u);
}

bool lx_flush_waits(const struct lx *l, u32 dev)
{
	return l->fqs && use_dma_iommu(l, dev) && queues(l, dev)->timer;
}

void lx_flush(struct lx *l, u32 dev)
{
	W_SET(l->w, queues(l, dev)->timer, 0u);
	fq_flush(l, dev);
	for (u32 cpu = 0; cpu < l->w->cpus; cpu++)
		fq_free(l, dev, &queues(l, dev)->cpu[cpu]);
}

/* ---- tables ---- */

u32 iommu_dir_prot(u32 dir)
{
	return dir == DMA_TO_DEVICE	? IO_READ
	       : dir == DMA_FROM_DEVICE ? IO_WRITE
					: IO_READ | IO_WRITE;
}

/* The bytes from iova on that are mapped without a gap, at most len. */
static u64 mapped_run(const struct lx *l, u32 dev, u64 iova, u64 len)
{
	struct io_run page;
	u64 n = 0;

	while (n < len && iommu_walk(l->hw, dev, iova + n, &page))
		n += page.len;
	return n;
}

/*
 * iommu_unmap(): VT-d clears what there is in the range and says that it was all there
 * (intel_iommu_unmap()), the others stop at the first page that is not mapped.
 */
static void clear_pages(struct lx *l, u32 dev, u64 iova, u64 size)
{
	u64 n = size;

	if (l->hw->cfg->iommu.kind != IOMMU_VTD)
		n = mapped_run(l, dev, iova, size);
	iommu_unmap(l->hw, dev, iova, n);
	if (n != size)
		LOG_LINE(l, IOMMU_SHORT, dev, 0);
}

void iommu_do(struct lx *l, const struct uop *u)
{
	u32 dev = u->dev;

	switch ((enum iommu_op)u->op) {
	case IOMMU_OP_MAP:
		iommu_map(l->hw, dev, u->at, u->from, u->len, u->edges);
		break;
	case IOMMU_OP_UNMAP:
		clear_pages(l, dev, u->at, u->len);
		if (is_lazy(l, dev)) {
			fq_add(l, dev, u->at, u->len);
			break;
		}
		iotlb_flush(l->hw, dev, u->at, u->len);
		iova_free(l, dev, u->at, u->len);
		break;
	case IOMMU_OP_UNLINK: /* the addresses stay taken */
		clear_pages(l, dev, u->at, u->len);
		iotlb_flush(l->hw, dev, u->at, u->len);
		break;
	}
}

void iommu_map_pages(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 pa, u64 len,
		     u32 prot)
{
	uop_iommu(l, level,
		  &(struct uop){.kind = UOP_IOMMU,
				.op = IOMMU_OP_MAP,
				.edges = (u8)prot,
				.dev = dev,
				.at = iova,
				.from = pa,
				.len = len});
}

static struct uop release_op(const struct lx *l, u32 dev, u64 iova, u64 len)
{
	u64 off = in_granule(l, iova);

	return (struct uop){.kind = UOP_IOMMU,
			    .op = IOMMU_OP_UNMAP,
			    .dev = dev,
			    .at = iova - off,
			    .len = align_up(len + off, iommu_granule(l))};
}

void iommu_release(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 len)
{
	struct uop u = release_op(l, dev, iova, len);

	uop_iommu(l, level, &u);
}

void iommu_release_now(struct lx *l, u32 dev, u64 iova, u64 len)
{
	struct uop u = release_op(l, dev, iova, len);

	iommu_do(l, &u);
}

void iommu_unlink(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 len, bool give)
{
	struct uop u = release_op(l, dev, iova, len);

	if (!give)
		u.op = IOMMU_OP_UNLINK;
	uop_iommu(l, level, &u);
}

bool iommu_phys(const struct lx *l, u32 dev, u64 iova, u64 *pa)
{
	struct io_run page;

	*pa = 0;
	if (!iommu_walk(l->hw, dev, iova, &page))
		return false;
	*pa = page.pa + (iova - page.iova);
	return true;
}

/* ---- __iommu_dma_map() ---- */

bool iommu_give(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 prot, u64 mask,
		u64 *iova)
{
	u64 off = in_granule(l, pa), room = align_up(size + off, iommu_granule(l));

	if (lx_dma_get_min_align_mask(l, dev) > iommu_granule(l) - 1) {
		LOG_LINE(l, IOMMU_ALIGN, dev, 0);
		return false;
	}
	*iova = iova_alloc(l, dev, room, mask);
	if (!*iova)
		return false;
	iommu_map_pages(l, level, dev, *iova, pa - off, room, prot);
	*iova += off;
	return true;
}

/* ---- bouncing: dev_use_swiotlb() ---- */

bool iommu_may_bounce(const struct lx *l, u32 dev, u64 size, u32 dir)
{
	bool untrusted = l->hw->cfg->dev[dev].untrusted &&
			 !lx_has_quirk(l, QUIRK_IOMMU_UNTRUSTED_UNBOUNCED);

	return untrusted || kmalloc_needs_bounce(l, dev, size, dir);
}

/* The slots become what is mapped. What else lies in their pages is not for the device. */
bool iommu_bounce(struct lx *l, enum lx_level level, const struct lx_map *m, struct lx_piece *out)
{
	u64 start, end;

	if (!pool_active(l, m->dev)) {
		LOG_LINE(l, IOMMU_NO_POOL, m->dev, 0);
		return false;
	}
	if (pool_take(l, level, m, iommu_granule(l) - 1, out) != LX_OK || !out->slot)
		return false;
	start = align_down(out->slot, iommu_granule(l));
	end = align_up(out->slot + m->size, iommu_granule(l));
	if (l->hw->cfg->dev[m->dev].untrusted) {
		uop_fill(l, level, lx_phys_to_virt(l, (phys_addr_t){start}), out->slot - start);
		uop_fill(l, level, lx_phys_to_virt(l, (phys_addr_t){out->slot + m->size}),
			 end - out->slot - m->size);
	}
	return true;
}

/* ---- iommu_dma_map_page(), iommu_dma_unmap_page() ---- */

enum lx_rc dma_iommu_place(struct lx *l, enum lx_level level, const struct lx_map *m,
			   struct lx_piece *out)
{
	bool mmio = map_is_mmio(m->attrs, m->how);
	u64 pa = m->pa;

	*out = (struct lx_piece){.bus = {DMA_MAPPING_ERROR}};
	if (m->attrs & ATTR_CC_SHARED)
		return LX_OK;
	if (iommu_may_bounce(l, m->dev, m->size, m->dir) && in_granule(l, pa | m->size) &&
	    (lx_is_7(l) || !mmio)) {
		if (m->attrs & ATTR_REQUIRE_COHERENT)
			out->why = REFUSED_COHERENT;
		if (mmio || out->why)
			return LX_OK;
		if (!m->size && pool_active(l, m->dev)) {
			LOG_LINE(l, BUG_SLOTS, m->dev, 0);
			return LX_BUG_SIZE;
		}
		if (!iommu_bounce(l, level, m, out))
			return LX_OK;
		pa = out->slot;
	}
	if (!dev_is_coherent(l, m->dev) && !mmio && !(m->attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, level, pa, m->size, m->dir, false);
	if (!iommu_give(l, level, m->dev, pa, m->size, iommu_dir_prot(m->dir),
			lx_dma_get_mask(l, m->dev), &out->bus.bus))
		out->bus.bus = DMA_MAPPING_ERROR;
	return LX_OK;
}

void dma_iommu_unmap(struct lx *l, enum lx_level level, const struct lx_unmap *m)
{
	bool skip = m->attrs & ATTR_SKIP_CPU_SYNC, slot;
	u64 pa;

	if (map_is_mmio(m->attrs, m->how) || (m->attrs & ATTR_REQUIRE_COHERENT)) {
		iommu_phys(l, m->dev, m->h.bus, &pa);
		iommu_release(l, level, m->dev, m->h.bus, m->size);
		DONE(l, level, UNMAP, m->dev, 0, pa, m->size, m->h.bus, m->dir, m->attrs, m->how);
		return;
	}

	if (!iommu_phys(l, m->dev, m->h.bus, &pa)) {
		LOG_LINE_7(l, IOMMU_UNKNOWN, m->dev, 0);
		DONE(l, level, UNMAP, m->dev, 0, 0, m->size, m->h.bus, m->dir, m->attrs, m->how);
		return;
	}
	slot = lx_in_pool(l, (phys_addr_t){pa});
	if (!skip && !dev_is_coherent(l, m->dev))
		arch_for_cpu(l, level, pa, m->size, m->dir, false);
	iommu_release(l, level, m->dev, m->h.bus, m->size);
	if (slot && !skip && m->dir != DMA_TO_DEVICE)
		pool_copy(l, level, m->dev, pa, m->size, false);
	DONE(l, level, UNMAP, m->dev, slot ? pa : 0, pool_home(l, m->dev, pa), m->size, m->h.bus,
	     m->dir, m->attrs, m->how);
}

/* iommu_dma_sync_single_for_cpu(), _for_device(): nothing where caches are snooped and nothing can
 * have bounced. */
void dma_iommu_sync(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size, u32 dir,
		    bool to_cpu)
{
	bool works = !dev_is_coherent(l, dev) || iommu_may_bounce(l, dev, size, dir);
	struct lx_give g = {dev, HOW_SINGLE, 0, size, dir};
	u64 pa;

	iommu_phys(l, dev, h.bus, &pa);
	g.pa = pa;
	if (works && to_cpu)
		give_to_cpu(l, level, &g);
	else if (works)
		give_to_device(l, level, &g);
	uop_done(l, level, to_cpu ? EV_SYNC_CPU : EV_SYNC_DEVICE, dev, 0,
		 (const u64[EVENT_FIELDS]){pool_home(l, dev, pa), size, h.bus, dir, HOW_SINGLE});
}

/* ---- iommu_dma_alloc(), iommu_dma_free() ---- */

bool dma_iommu_alloc(struct lx *l, enum lx_level level, const struct lx_ask *ask, cpu_addr_t *va,
		     dma_addr_t *h)
{
	u32 dev = ask->dev;
	bool uncached = !dev_is_coherent(l, dev);
	u64 size = ask->size, room = align_up(size, max_u64(LX_PAGE, iommu_granule(l))), pa, iova;
	const struct lx_alloc *a;

	if (room < size || !page_take_run(l, room / LX_PAGE, &pa))
		return false;
	iova = iova_alloc(l, dev, room, lx_dma_get_coherent_mask(l, dev));
	if (!iova ||
	    !va_map(l->hw, (phys_addr_t){pa}, room, uncached ? MEM_UNCACHED : MEM_CACHED, va)) {
		if (iova)
			iova_free(l, dev, iova, room);
		page_give_run(l, pa, room / LX_PAGE);
		va->va = 0;
		return false;
	}
	uop_fill(l, level, lx_phys_to_virt(l, (phys_addr_t){pa}), room);
	if (uncached)
		arch_prep_coherent(l, level, pa, room);
	iommu_map_pages(l, level, dev, iova, pa, room, IO_READ | IO_WRITE);
	h->bus = iova;
	a = alloc_add(l, KIND_COHERENT, va->va, pa, size, room);
	if (a)
		W_SET(l->w, a->pages, uncached ? ALLOC_UNCACHED : ALLOC_REMAPPED);
	DONE(l, level, COHERENT_ALLOC, dev, 0, pa, va->va, size, iova, uncached, coherent_how(ask),
	     DMA_BIDIRECTIONAL);
	return true;
}
