/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU: page tables of each device behind it, the cache of translations (IOTLB), permissions.
 * The kernel writes the tables and invalidates the cache; devices come through both, beat by beat
 * (hw/bus.c). A translation that was used is kept until it is invalidated, whatever the tables say
 * by then: that is what the lazy mode of the kernel lives with.
 *
 * Tables are kept as runs of pages, in order, so that what they say is one state however it came
 * about. Model: the IOTLB has room for all that is used, and forgets nothing by itself; the levels
 * of the tables and their memory are not there; an absent translation is never cached (VT-d with
 * caching mode off, SMMU).
 */
#ifndef HW_IOMMU_H
#define HW_IOMMU_H

#include "core/addr.h"
#include "core/maphow.h"
#include "hw/config.h"

struct hw;

enum { IO_READ = 1, IO_WRITE = 2 };

/* A run of pages: bytes [iova, iova + len) of a device are [pa, pa + len). */
struct io_run {
	u64 iova, pa, len;
	u32 dev, prot; /* prot: IO_READ | IO_WRITE */
};

/* Whether a device's addresses are translated: it is behind an IOMMU, and not in an identity
 * domain. */
bool iommu_translates(const struct hw *h, u32 dev);
void iommu_claim(struct hw *h); /* its regions, if a device needs them; for hw_init() */

/*
 * What the format of the tables can say of permissions prot: VT-d, second level, has one bit for
 * present and read, and the SMMU's stage 1 no way to forbid reading what may be written
 * (io-pgtable-arm.c, arm_lpae_prot_to_pte()); AMD's v1 tables and stage 2 have both bits.
 */
u32 iommu_prot(const struct hw *h, u32 prot);

/* ---- the tables, as the kernel writes them: whole pages of the granule ---- */
/* What was mapped in the range before is mapped no more. False: there is no room (a limit). */
bool iommu_map(struct hw *h, u32 dev, u64 iova, u64 pa, u64 len, u32 prot);
/* Takes out what is mapped in the range: how many bytes that was. */
u64 iommu_unmap(struct hw *h, u32 dev, u64 iova, u64 len);
/* iommu_iova_to_phys(): what the tables say. False: nothing is mapped there. */
bool iommu_walk(const struct hw *h, u32 dev, u64 iova, struct io_run *page);
/* The i-th run of a device, the highest address first; false: there are no more. For views. */
bool iommu_run(const struct hw *h, u32 dev, u32 i, struct io_run *out);

/* ---- the IOTLB ---- */
/* Forgets the translations of the range; of all pages of the device. Both are events. */
void iotlb_flush(struct hw *h, u32 dev, u64 iova, u64 len);
void iotlb_flush_all(struct hw *h, u32 dev);
/* The translation that is kept of a page; false: none is. The i-th of a device, for views. */
bool iotlb_find(const struct hw *h, u32 dev, u64 iova, struct io_run *page);
bool iotlb_entry(const struct hw *h, u32 dev, u32 i, struct io_run *page);
/* Whether what is kept of that address is not, or no longer, what the tables say. */
bool iotlb_is_stale(const struct hw *h, u32 dev, u64 iova);

/* ---- the way of an access ---- */
/* Where an access of a translated device to bus would come out now, through the IOTLB, else the
 * tables. Changes nothing. */
enum iommu_why iommu_look(const struct hw *h, u32 dev, u64 bus, bool write, u64 *pa);
/* The same for an access that is made: a translation from the tables is kept from now on. */
enum iommu_why iommu_translate(struct hw *h, u32 dev, u64 bus, bool write, u64 *pa);
/*
 * The access was stopped: the event, then whoever stands for the kernel's fault interrupt is told
 * (struct hw, faulted). The world remembers that there was a fault (iommu_faulted()). VT-d
 * collapses the faults of one requester while the first one's report is being made: those of the
 * further beats of a transfer are not told (Intel VT-d specification, Fault Recording, "collapse").
 */
void iommu_fault(struct hw *h, u32 dev, u64 bus, u32 n, bool write, enum iommu_why why);
bool iommu_faulted(const struct hw *h);
/* The kernel has made its report: the next fault is one of its own. */
void iommu_fault_handled(struct hw *h);
/* What a device finds in place of the bytes that it could not read. The VT-d machine on which the
 * recorded runs were made answers zeros, as does an SMMU that terminates; AMD aborts: all ones. */
u8 iommu_no_data(const struct hw *h);

#endif
