/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU and dma-iommu: which addresses are given out, what the device reaches by them and for
 * how long, and what the kernel says. Addresses are those of a fresh PCI device with 4 KiB pages
 * (drivers/iommu/iova.c), and those that a recorded 6.12 gave.
 */
#include "unit/linux_fixture.h"

static struct box b;
static u64 page; /* physical */

static void setup(void)
{
	box_config(&b);
	b.hc.iommu.kind = IOMMU_VTD;
	b.hc.iommu.granule = 4096;
	b.hc.iommu.address_bits = 39;
	for (u32 i = 0; i < 2; i++) {
		b.hc.dev[i].translated = true;
		b.hc.dev[i].bus = BUS_PCI;
		b.hc.dev[i].coherent = true;
		b.lc.dev[i].mask = ~0ull;
		b.lc.dev[i].coherent_mask = ~0ull;
	}
	b.lc.arch = arch_row(ARCH_ID_X86);
}

static void teardown(void)
{
	box_stop(&b);
}

static void start(void)
{
	phys_addr_t first;

	box_start(&b);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 8, &first));
	box_run(&b, LX_DRIVER);
	page = first.pa;
	box_events(&b);
}

static u64 map_at(u64 pa, u64 size)
{
	return box_map(&b, 0, pa, size, DMA_BIDIRECTIONAL, 0);
}

static u64 map(u64 pages)
{
	return map_at(page, pages * 4096);
}

static void unmap(u64 h, u64 pages)
{
	box_unmap(&b, 0, h, pages * 4096, DMA_BIDIRECTIONAL, 0);
}

static bool reads(u32 dev, u64 bus)
{
	struct view v;

	return dma_read(&b.hw, dev, (dma_addr_t){bus}, 1, &v);
}

static bool writes(u32 dev, u64 bus)
{
	const u8 x = 0x55;

	return dma_write(&b.hw, dev, (dma_addr_t){bus}, 1, &x, false);
}

/* ---- addresses ---- */

START_TEST(top_down_aligned_and_next_fit)
{
	start();
	ck_assert_uint_eq(map(1), 0xfffff000);
	ck_assert_uint_eq(map(3), 0xffff8000);
	ck_assert_uint_eq(map(1), 0xffff7000);
	unmap(0xffff7000, 1);
	ck_assert_uint_eq(map(1), 0xffff7000);
}
END_TEST

START_TEST(lazy_gives_nothing_twice_before_the_flush)
{
	b.lc.iommu.lazy = true;
	start();
	ck_assert_uint_eq(map(1), 0xfffff000);
	ck_assert_uint_eq(map(3), 0xffff8000);
	ck_assert_uint_eq(map(1), 0xffff7000);
	unmap(0xffff7000, 1);
	ck_assert_uint_eq(map(1), 0xffff6000);
	ck_assert(lx_flush_waits(&b.lx, 0));
	lx_flush(&b.lx, 0);
	ck_assert(!lx_flush_waits(&b.lx, 0));
	ck_assert_uint_eq(map(1), 0xffff7000);
}
END_TEST

START_TEST(freed_last_comes_first)
{
	u64 h[3];

	start();
	for (u32 i = 0; i < 3; i++)
		h[i] = map(1);
	for (u32 i = 0; i < 3; i++)
		unmap(h[i], 1);
	ck_assert_uint_eq(map(1), h[2]);
	ck_assert_uint_eq(map(1), h[1]);
	ck_assert_uint_eq(map(1), h[0]);
	ck_assert_uint_eq(map(1), 0xffffc000);
}
END_TEST

/* 300 freed pages: two magazines of 127 and one in the depot; all come back before new ones. */
START_TEST(magazines_go_to_the_depot)
{
	u64 h[300], low = ~0ull;

	start();
	for (u32 i = 0; i < 300; i++) {
		h[i] = map(1);
		low = h[i] < low ? h[i] : low;
	}
	for (u32 i = 0; i < 300; i++)
		unmap(h[i], 1);
	for (u32 i = 0; i < 300; i++)
		ck_assert_uint_ge(map(1), low);
	ck_assert_uint_eq(map(1), low - 4096);
}
END_TEST

START_TEST(offset_in_the_page_is_kept)
{
	start();
	ck_assert_uint_eq(map_at(page + 0x567, 0x10), 0xfffff567);
	ck_assert(writes(0, 0xfffff000));
	ck_assert(writes(0, 0xffffffff));
	ck_assert_uint_eq(box_memory(&b, page), 0x55);
	ck_assert(!writes(0, 0xffffe000));
}
END_TEST

/* 200 bytes over two pages, 16 KiB: two pages aligned to two, four to four. */
START_TEST(sizes_align)
{
	start();
	ck_assert_uint_eq(map_at(page + 4000, 200) & ~0xfffull, 0xffffe000);
	ck_assert_uint_eq(map(4), 0xffff8000);
}
END_TEST

/* 1 MiB of addresses, the first page kept out, and a window that a bridge decodes: 255 - 32. */
START_TEST(small_mask_with_a_window_runs_out)
{
	u32 n = 0;

	b.lc.dev[0].mask = 0xfffff;
	b.lc.iommu.reserve[0] = (struct iommu_reserve){{0xa0000, 0x20000}, true};
	b.lc.iommu.reserved = 1;
	start();
	ck_assert_uint_eq(map(1), 0xff000);
	for (n = 1; map(1) != DMA_MAPPING_ERROR; n++)
		;
	ck_assert_uint_eq(n, 223);
	ck_assert_uint_eq(map(1), DMA_MAPPING_ERROR);
	unmap(0xc0000, 1);
	ck_assert_uint_eq(map(1), 0xc0000);
}
END_TEST

/* What waits in magazines of another size is given back to the tree before a map fails. */
START_TEST(magazines_are_emptied_before_a_map_fails)
{
	u64 h[16];

	b.lc.dev[0].mask = 0xffff;
	start();
	for (u32 i = 0; i < 15; i++)
		h[i] = map(1);
	ck_assert_uint_eq(h[14], 0x1000);
	ck_assert_uint_eq(map(1), DMA_MAPPING_ERROR);
	for (u32 i = 0; i < 4; i++)
		unmap(h[i], 1);
	ck_assert_uint_eq(map(4), 0xc000);
}
END_TEST

START_TEST(pci_goes_above_4_gib_when_the_rest_is_full)
{
	b.lc.iommu.reserve[0] = (struct iommu_reserve){{0x2000, 0xffffe000}, false};
	b.lc.iommu.reserved = 1;
	b.lc.dev[0].mask = (1ull << 39) - 1;
	start();
	ck_assert_uint_eq(map(1), 0x1000);
	ck_assert_uint_eq(map(1), 0x7ffffff000);
	ck_assert_str_eq(box_log(&b, 0), "nic 0000:00:01.0: Using 39-bit DMA addresses");
	unmap(0x1000, 1);
	ck_assert_uint_eq(map(1), 0x1000); /* out of the magazine, which asks for no range */
	ck_assert_uint_eq(map(1), 0x7fffffe000);
	ck_assert_str_eq(box_log(&b, 1), "");
}
END_TEST

START_TEST(forcedac_begins_at_the_top)
{
	b.lc.iommu.forcedac = true;
	b.lc.iommu.aperture_last = (1ull << 39) - 1;
	start();
	ck_assert_uint_eq(map(1), 0x7ffffff000);
	ck_assert_uint_eq(map(3), 0x7fffff8000);
}
END_TEST

START_TEST(large_granule)
{
	b.hc.iommu.granule = 65536;
	start();
	ck_assert_uint_eq(map_at(page + 0x1234, 16), 0xffff1234);
	ck_assert(writes(0, 0xffff0000));
	ck_assert(writes(0, 0xffffffff));
}
END_TEST

START_TEST(taken_by_the_laboratory)
{
	b.lc.dev[0].mask = 0xffff;
	start();
	ck_assert(lx_iova_take(&b.lx, 0, 14));
	ck_assert_uint_eq(map(1), 0x1000);
	ck_assert(!lx_iova_take(&b.lx, 0, 1));
}
END_TEST

/* Those that are taken are the ones that a map would get: none above the aperture. */
START_TEST(taken_of_the_aperture)
{
	b.lc.iommu.aperture_last = 0xffff;
	start();
	ck_assert(!lx_iova_take(&b.lx, 0, 1000));
	ck_assert_uint_eq(map(1), ~0ull);
}
END_TEST

/* ---- who reaches what ---- */

START_TEST(each_device_has_its_own_tables)
{
	u64 h;

	start();
	h = map(1);
	ck_assert(writes(0, h));
	ck_assert(!writes(1, h));
	ck_assert(iommu_faulted(&b.hw));
}
END_TEST

struct perm {
	enum iommu_kind kind;
	u32 dir;
	bool reads, writes;
};

static const struct perm perms[] = {
    {IOMMU_VTD, DMA_TO_DEVICE, true, false},	 {IOMMU_VTD, DMA_FROM_DEVICE, true, true},
    {IOMMU_SMMU, DMA_TO_DEVICE, true, false},	 {IOMMU_SMMU, DMA_FROM_DEVICE, true, true},
    {IOMMU_SMMU_S2, DMA_TO_DEVICE, true, false}, {IOMMU_SMMU_S2, DMA_FROM_DEVICE, false, true},
    {IOMMU_AMD, DMA_TO_DEVICE, true, false},	 {IOMMU_AMD, DMA_FROM_DEVICE, false, true},
    {IOMMU_AMD, DMA_BIDIRECTIONAL, true, true},
};

START_TEST(permissions)
{
	const struct perm *p = &perms[_i];
	u64 h;

	b.hc.iommu.kind = p->kind;
	start();
	h = box_map(&b, 0, page, 64, p->dir, 0);
	ck_assert_int_eq(reads(0, h), p->reads);
	ck_assert_int_eq(writes(0, h), p->writes);
	ck_assert_uint_eq(box_memory(&b, page), p->writes ? 0x55 : 0);
}
END_TEST

START_TEST(what_a_stopped_read_gives)
{
	struct view v;

	b.hc.iommu.kind = _i ? IOMMU_AMD : IOMMU_VTD;
	start();
	ck_assert(!dma_read(&b.hw, 0, (dma_addr_t){0x5000}, 4, &v));
	ck_assert_uint_eq(v.data[0], _i ? 0xff : 0);
	ck_assert_uint_eq(v.data[3], _i ? 0xff : 0);
	ck_assert_uint_eq(box_count(&b, EV_IOMMU_FAULT), 1);
	ck_assert_uint_eq(box_count(&b, EV_DMA_ABORT), 0);
}
END_TEST

/* After the unmap: strict stops at once; lazy lets pass what the IOTLB knows, and nothing else. */
START_TEST(after_unmap)
{
	bool lazy = _i & 1, warm = _i & 2;
	u64 h;

	b.lc.iommu.lazy = lazy;
	start();
	h = map(1);
	if (warm)
		ck_assert(writes(0, h));
	ck_assert_uint_eq(box_count(&b, EV_IOTLB_FILL), warm);
	unmap(h, 1);
	ck_assert_int_eq(iotlb_is_stale(&b.hw, 0, h), lazy && warm);
	ck_assert_int_eq(writes(0, h), lazy && warm);
	ck_assert_int_eq(writes(0, h + 4095), lazy && warm);
	if (lazy)
		lx_flush(&b.lx, 0);
	ck_assert(!writes(0, h));
}
END_TEST

/* A peek comes out where an access would, and leaves nothing behind. */
START_TEST(looking_changes_nothing)
{
	phys_addr_t pa;
	u64 h;

	start();
	h = map(2);
	ck_assert(bus_to_phys(&b.hw, 0, (dma_addr_t){h + 4100}, &pa));
	ck_assert_uint_eq(pa.pa, page + 4100);
	ck_assert_int_eq(bus_stops(&b.hw, 0, (dma_addr_t){h + 8192}, false), FAULT_NOT_PRESENT);
	ck_assert_uint_eq(box_count(&b, EV_IOTLB_FILL), 0);
	ck_assert_uint_eq(box_count(&b, EV_IOMMU_FAULT), 0);
}
END_TEST

/* 256 KiB pages of one mapping are many entries of the IOTLB and one run of the tables. */
START_TEST(tables_are_the_same_however_they_came_about)
{
	struct io_run r;
	u64 h, g;

	start();
	h = map(4);
	g = map(4);
	ck_assert(iommu_run(&b.hw, 0, 0, &r));
	ck_assert_uint_eq(r.iova, h);
	ck_assert_uint_eq(r.len, 4 * 4096);
	ck_assert(iommu_run(&b.hw, 0, 1, &r));
	ck_assert_uint_eq(r.iova, g);
	ck_assert(!iommu_run(&b.hw, 0, 2, &r));
	ck_assert_uint_eq(iommu_unmap(&b.hw, 0, h + 4096, 4096), 4096);
	ck_assert(iommu_run(&b.hw, 0, 0, &r));
	ck_assert_uint_eq(r.iova, h + 8192);
	ck_assert(iommu_run(&b.hw, 0, 1, &r));
	ck_assert_uint_eq(r.iova, h);
	ck_assert_uint_eq(r.len, 4096);
	ck_assert_uint_eq(iommu_unmap(&b.hw, 0, h, 4 * 4096), 3 * 4096);
}
END_TEST

/* A relaxed write comes to the IOMMU when it lands: by then its page may be gone. */
START_TEST(write_on_its_way_is_stopped_where_it_lands)
{
	const u8 x = 0x77;
	u64 h;

	start();
	h = map(1);
	ck_assert(dma_write(&b.hw, 0, (dma_addr_t){h}, 1, &x, true));
	unmap(h, 1);
	dma_land(&b.hw, 0);
	ck_assert_uint_eq(box_count(&b, EV_IOMMU_FAULT), 1);
	ck_assert_uint_eq(box_memory(&b, page), 0);
}
END_TEST

START_TEST(queue_is_flushed_when_it_is_full)
{
	u64 first = 0, h;

	b.lc.iommu.lazy = true;
	start();
	for (u32 i = 0; i < 255; i++) {
		h = map(1);
		first = first ? first : h;
		unmap(h, 1);
	}
	ck_assert_uint_eq(box_count(&b, EV_IOTLB_FLUSH), 0);
	h = map(1);
	unmap(h, 1);
	ck_assert_uint_eq(box_count(&b, EV_IOTLB_FLUSH), 1);
	ck_assert_uint_ne(map(1), h); /* it was queued behind the flush */
}
END_TEST

START_TEST(untrusted_is_strict)
{
	u64 h;

	b.lc.iommu.lazy = true;
	b.hc.dev[0].untrusted = true;
	start();
	h = map(1);
	ck_assert(writes(0, h));
	unmap(h, 1);
	ck_assert(!writes(0, h));
}
END_TEST

/* ---- untrusted devices bounce what is not whole pages ---- */

START_TEST(untrusted_bounces_with_zeroed_padding)
{
	u64 h, slot;

	b.lc.swiotlb.base = 0x10000000;
	b.lc.swiotlb.slots = 256;
	b.hc.dev[0].untrusted = true;
	start();
	for (u64 i = 0; i < 4096; i++) /* what was in the slots before */
		box_store(&b, 0x10000000 + i, 0xee, 1);
	box_store(&b, page + 0x123, 0xab, 16);
	h = map_at(page + 0x123, 16);
	ck_assert_uint_eq(h, 0xfffff000);
	slot = 0x10000000;
	ck_assert_uint_eq(box_dma_read(&b, 0, h), 0xab);
	ck_assert_uint_eq(box_dma_read(&b, 0, h + 15), 0xab);
	ck_assert_uint_eq(box_dma_read(&b, 0, h + 16), 0);
	ck_assert_uint_eq(box_dma_read(&b, 0, h + 4095), 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 2);
	ck_assert(writes(0, h));
	box_unmap(&b, 0, h, 16, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(box_load(&b, lx_phys_to_virt(&b.lx, (phys_addr_t){page + 0x123})), 0x55);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert(slot);
	ck_assert_uint_eq(map(1), 0xfffff000);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0); /* whole pages go as they are */
}
END_TEST

START_TEST(untrusted_without_a_pool)
{
	b.hc.dev[0].untrusted = true;
	start();
	ck_assert_uint_eq(map_at(page, 64), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0), "nic 0000:00:01.0: DMA bounce buffers are inactive, "
					 "unable to map unaligned transaction.");
	ck_assert_uint_eq(map_at(page, 4096), 0xfffff000);
	ck_assert(klog_is_of_boot(b.w, 0));
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), 262144); /* nobody asked for a pool */
}
END_TEST

/* ---- caches ---- */

START_TEST(not_coherent_sees_to_the_memory_behind_the_address)
{
	u64 h;

	b.hc.dev[0].coherent = false;
	b.lc.arch = arch_row(ARCH_ID_RISCV);
	start();
	box_store(&b, page, 1, 1);
	h = box_map(&b, 0, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(box_dma_read(&b, 0, h), 1);
	box_store(&b, page, 2, 1);
	box_events(&b);
	box_sync_device(&b, 0, h, 64, DMA_TO_DEVICE);
	ck_assert_str_eq(box_events(&b), "clean(100000 0) barrier(5) "
					 "sync-for-device(100000 40 fffff000 1)");
	ck_assert_uint_eq(box_dma_read(&b, 0, h), 2);
}
END_TEST

/* The pages leave the tables after the cache operations, and before the copy out of a slot. */
START_TEST(order_of_an_unmap)
{
	u64 h;

	b.hc.dev[0].coherent = false;
	b.lc.arch = arch_row(ARCH_ID_RISCV);
	b.hc.dev[0].untrusted = true;
	b.lc.swiotlb.base = 0x10000000;
	b.lc.swiotlb.slots = 256;
	start();
	h = box_map(&b, 0, page, 8, DMA_FROM_DEVICE, 0);
	box_events(&b);
	box_unmap(&b, 0, h, 8, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "invalidate(10000000 0 0) barrier(5) "
					 "iotlb-flush(fffff000 1000) copy-out(10000000 100000 8 0) "
					 "unmap(100000 8 fffff000 2 0)");
}
END_TEST

/* ---- wrong calls ---- */

START_TEST(unmap_twice_and_never_mapped)
{
	u64 h;

	start();
	h = map(1);
	unmap(h, 1);
	unmap(h, 1);
	ck_assert_str_eq(box_log(&b, 0),
			 "WARNING: drivers/iommu/dma-iommu.c iommu_dma_unmap_phys()");
	unmap(0x12345000, 1);
	ck_assert_str_eq(box_log(&b, 1), box_log(&b, 0));
	ck_assert_uint_eq(map(1), h); /* the address was given back once */
	ck_assert_uint_ne(map(1), h);
}
END_TEST

/* A short one leaves the second page open, a long one takes the neighbour's away. */
START_TEST(unmap_of_another_size)
{
	u64 h, above;

	start();
	above = map(2);
	h = map(2);
	ck_assert_uint_eq(h + 2 * 4096, above);
	unmap(h, 1);
	ck_assert(!writes(0, h));
	ck_assert(writes(0, h + 4096));
	unmap(h + 4096, 2);
	ck_assert(!writes(0, above));
	ck_assert(writes(0, above + 4096));
}
END_TEST

START_TEST(short_run_warns_where_the_format_notices)
{
	u64 h;

	b.hc.iommu.kind = IOMMU_SMMU;
	start();
	h = map(1);
	unmap(h, 2);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: drivers/iommu/dma-iommu.c __iommu_dma_unmap()");
}
END_TEST

START_TEST(nothing_is_mapped_with_size_0)
{
	u64 h;

	start();
	h = map_at(page, 0);
	ck_assert_uint_eq(h, 0xfffff000);
	ck_assert(!writes(0, h));
	box_unmap(&b, 0, h, 0, DMA_BIDIRECTIONAL, 0);
	ck_assert_str_eq(box_log(&b, 2),
			 "WARNING: drivers/iommu/dma-iommu.c iommu_dma_unmap_phys()");
}
END_TEST

START_TEST(alignment_beyond_the_granule_is_refused)
{
	start();
	lx_dma_set_min_align_mask(&b.lx, 0, 0x1fff);
	ck_assert_uint_eq(map(1), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0), "nic 0000:00:01.0: Unsupported alignment constraint\n"
					 "WARNING: drivers/iommu/dma-iommu.c __iommu_dma_map()");
}
END_TEST

/* ---- what the kernel says of a fault ---- */

START_TEST(fault_lines_of_vtd)
{
	start();
	writes(0, 0xfffff123);
	ck_assert_str_eq(box_log(&b, 0), "DMAR: DRHD: handling fault status reg 2");
	ck_assert_str_eq(box_log(&b, 1),
			 "DMAR: [DMA Write NO_PASID] Request device [00:01.0] fault addr "
			 "0xfffff000 [fault reason 0x05] PTE Write access is not set");
	reads(1, 0xfffff123);
	ck_assert_str_eq(box_log(&b, 3),
			 "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr "
			 "0xfffff000 [fault reason 0x06] PTE Read access is not set");
	writes(0, ~0ull);
	ck_assert_str_eq(box_log(&b, 5),
			 "DMAR: [DMA Write NO_PASID] Request device [00:01.0] fault addr "
			 "0xfffffffffffff000 [fault reason 0x04] Access beyond MGAW");
}
END_TEST

START_TEST(beats_of_one_transfer_are_one_report)
{
	u8 byte[64] = {0};

	start();
	for (u32 i = 0; i < 3; i++)
		dma_write(&b.hw, 0, (dma_addr_t){0xfffff000 + 64 * i}, 64, byte, false);
	ck_assert_uint_eq(klog_entries(b.w), 2);
	writes(0, 0xfffff000); /* not where it would go on */
	ck_assert_uint_eq(klog_entries(b.w), 4);
	dma_write(&b.hw, 1, (dma_addr_t){0xfffff001}, 1, byte, false);
	ck_assert_uint_eq(klog_entries(b.w), 6); /* another requester */
	iommu_fault_handled(&b.hw);
	dma_write(&b.hw, 1, (dma_addr_t){0xfffff002}, 1, byte, false);
	ck_assert_uint_eq(klog_entries(b.w), 8);
}
END_TEST

START_TEST(fault_lines_of_others)
{
	b.hc.iommu.kind = _i ? IOMMU_SMMU : IOMMU_AMD;
	start();
	writes(0, box_map(&b, 0, page, 64, DMA_TO_DEVICE, 0) + 8);
	ck_assert_str_eq(box_log(&b, 0),
			 _i ? "arm-smmu: Unhandled context fault: fsr=0x408, iova=0xfffff008, "
			      "fsynr=0x13, cbfrsynra=0x1, cb=0"
			    : "nic 0000:00:01.0: AMD-Vi: Event logged [IO_PAGE_FAULT "
			      "domain=0x0001 address=0xfffff008 flags=0x0030]");
}
END_TEST

/* ---- masks, sizes ---- */

START_TEST(limits)
{
	start();
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, 0), 0);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, ~0ull), 0);
	ck_assert_uint_eq(lx_dma_get_required_mask(&b.lx, 0), 0xffffffff);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), ~0ull);
	ck_assert_uint_eq(lx_dma_opt_mapping_size(&b.lx, 0), 131072);
	ck_assert_uint_eq(lx_dma_get_merge_boundary(&b.lx, 0), 4095);
}
END_TEST

/* ---- coherent memory ---- */

START_TEST(coherent_memory_has_an_address_of_its_own)
{
	cpu_addr_t va;
	dma_addr_t h;
	phys_addr_t pa;

	b.hc.dev[0].coherent = !_i;
	start();
	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, 0, 5000, GFP_BIT_DIRECT_RECLAIM, 0, &va, &h);
	box_run(&b, LX_DRIVER);
	ck_assert_uint_eq(h.bus, 0xffffe000);
	ck_assert(!va_is_linear(&b.hw, va));
	ck_assert(bus_to_phys(&b.hw, 0, h, &pa));
	ck_assert_uint_ne(lx_virt_to_phys(&b.lx, va).pa, pa.pa);
	ck_assert_uint_eq(box_load(&b, va), 0);
	ck_assert(writes(0, h.bus + 4999));
	ck_assert_uint_eq(box_load(&b, (cpu_addr_t){va.va + 4999}), 0x55);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, 0, 5000, va, h, 0), LX_OK);
	ck_assert(!writes(0, h.bus));
}
END_TEST

/* 8 MiB: more than the page allocator gives at once, not more than the IOMMU puts in a row. */
START_TEST(coherent_memory_larger_than_a_block)
{
	cpu_addr_t va;
	dma_addr_t h;

	b.blind = true;
	start();
	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, 0, 8 << 20, GFP_BIT_DIRECT_RECLAIM, 0, &va, &h);
	ck_assert_uint_ne(va.va, 0);
	ck_assert_uint_eq(h.bus, 0xff800000);
}
END_TEST

/* More than there is in the machine is refused, and is not said to be beyond the model. */
START_TEST(coherent_memory_larger_than_the_machine)
{
	static const u64 sizes[] = {1ull << 40, 0x7fffffffffffffff, ~0ull - 4095, ~0ull};
	cpu_addr_t va;
	dma_addr_t h;

	b.blind = true;
	start();
	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, 0, sizes[_i], GFP_BIT_DIRECT_RECLAIM, 0, &va, &h);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
}
END_TEST

static Suite *linux_iommu_suite(void)
{
	Suite *s = suite_create("linux_iommu");
	TCase *t = tcase_create("iommu");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, top_down_aligned_and_next_fit);
	tcase_add_test(t, lazy_gives_nothing_twice_before_the_flush);
	tcase_add_test(t, freed_last_comes_first);
	tcase_add_test(t, magazines_go_to_the_depot);
	tcase_add_test(t, offset_in_the_page_is_kept);
	tcase_add_test(t, sizes_align);
	tcase_add_test(t, small_mask_with_a_window_runs_out);
	tcase_add_test(t, magazines_are_emptied_before_a_map_fails);
	tcase_add_test(t, pci_goes_above_4_gib_when_the_rest_is_full);
	tcase_add_test(t, forcedac_begins_at_the_top);
	tcase_add_test(t, large_granule);
	tcase_add_test(t, taken_by_the_laboratory);
	tcase_add_test(t, taken_of_the_aperture);
	tcase_add_test(t, each_device_has_its_own_tables);
	tcase_add_test(t, looking_changes_nothing);
	tcase_add_test(t, tables_are_the_same_however_they_came_about);
	tcase_add_test(t, write_on_its_way_is_stopped_where_it_lands);
	tcase_add_test(t, queue_is_flushed_when_it_is_full);
	tcase_add_test(t, untrusted_is_strict);
	tcase_add_test(t, untrusted_bounces_with_zeroed_padding);
	tcase_add_test(t, untrusted_without_a_pool);
	tcase_add_test(t, not_coherent_sees_to_the_memory_behind_the_address);
	tcase_add_test(t, order_of_an_unmap);
	tcase_add_test(t, unmap_twice_and_never_mapped);
	tcase_add_test(t, unmap_of_another_size);
	tcase_add_test(t, short_run_warns_where_the_format_notices);
	tcase_add_test(t, nothing_is_mapped_with_size_0);
	tcase_add_test(t, alignment_beyond_the_granule_is_refused);
	tcase_add_test(t, fault_lines_of_vtd);
	tcase_add_test(t, beats_of_one_transfer_are_one_report);
	tcase_add_test(t, limits);
	tcase_add_test(t, coherent_memory_larger_than_a_block);
	tcase_add_loop_test(t, coherent_memory_larger_than_the_machine, 0, 4);
	tcase_add_loop_test(t, permissions, 0, ARRAY_LEN(perms));
	tcase_add_loop_test(t, what_a_stopped_read_gives, 0, 2);
	tcase_add_loop_test(t, after_unmap, 0, 4);
	tcase_add_loop_test(t, fault_lines_of_others, 0, 2);
	tcase_add_loop_test(t, coherent_memory_has_an_address_of_its_own, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_iommu_suite)
