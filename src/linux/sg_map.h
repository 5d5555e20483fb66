/* SPDX-License-Identifier: MIT */
/* Mapping of scatterlists: what its files share (linux/sg_map.c, linux/sg_tell.c). */
#ifndef LINUX_SG_MAP_H
#define LINUX_SG_MAP_H

#include "linux/linux_int.h"

/* One call on n entries from sg on. */
struct sg_call {
	u32 dev;
	u64 sg, n;
	u32 dir, attrs;
};

/* ---- sg_tell.c: the entries of a list ---- */
/* Entry i; one of zeros if it is gone by now (another CPU may have freed the table). */
const struct lx_sg *sg_at(const struct lx *l, u64 sg, u64 i);
/* What the device is given: sg_dma_address(), sg_dma_len(). Its flag stays: a map has filled it. */
enum { SG_MAPPED = 32 };
void sg_set_dma(struct lx *l, u64 sg, u64 i, u64 dma, u32 len);
u64 sg_entry_phys(const struct lx_sg *entry); /* sg_phys() */

/* ---- sg_tell.c: the API events of a list, when all work on it is done ---- */
enum sg_told {
	SG_TOLD_MAP,	 /* u.from: segments */
	SG_TOLD_REFUSED, /* u.from: the entry that could not be mapped; u.f[2]: its slot, or 0 */
	SG_TOLD_UNMAP,
	SG_TOLD_SYNC_CPU,
	SG_TOLD_SYNC_DEVICE,
};
/* The end of the call: at once if nothing is queued before it. */
void sg_end(struct lx *l, enum lx_level level, enum sg_told told, const struct sg_call *c, u64 from,
	    const struct lx_piece *refused);

/* ---- iommu_sg.c: the backend dma-iommu; ends the call but for a map that went well ---- */
enum lx_rc dma_iommu_map_sg(struct lx *l, enum lx_level level, const struct sg_call *c, int *ents);
void dma_iommu_unmap_sg(struct lx *l, enum lx_level level, const struct sg_call *c);
void dma_iommu_sync_sg(struct lx *l, enum lx_level level, const struct sg_call *c, bool to_cpu);

#endif
