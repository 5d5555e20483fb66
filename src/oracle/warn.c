/* SPDX-License-Identifier: MIT */
/*
 * Warnings of the kernel that are about a mistake of its own kind: those of which no other
 * diagnosis says more, and which do not tell of a machine that is too small.
 */
#include "core/klog.h"
#include "oracle/oracle_int.h"

/* Of a coherent mask that nobody has set: what the kernel means has a name. */
static bool no_mask(enum klog_id id)
{
	return id == KLOG_NO_COHERENT_MASK || id == KLOG_PAGES_NO_MASK;
}

void warn_logged(struct oracle *o, const struct event *e)
{
	static const u8 told[KLOG_IDS] = {
	    [KLOG_NO_COHERENT_MASK] = 1, [KLOG_NO_DMA_MASK] = 1,
	    [KLOG_NO_DMA_MASK_7] = 1,	 [KLOG_ALLOC_COMP] = 1,
	    [KLOG_PAGES_NO_MASK] = 1,	 [KLOG_PAGES_ZONE] = 1,
	    [KLOG_PAGES_COMP] = 1,	 [KLOG_PAGE_ORDER] = 1,
	    [KLOG_PAGE_ORDER_7] = 1,	 [KLOG_ATOMIC_EMPTY] = 1,
	    [KLOG_DMAM_FREE] = 1,	 [KLOG_DMAM_MATCH] = 1,
	    [KLOG_DMAM_POOL] = 1,	 [KLOG_SG_NO_MASK] = 1,
	    [KLOG_SG_RESULT] = 1,	 [KLOG_IOMMU_UNKNOWN] = 1,
	    [KLOG_IOMMU_UNKNOWN_7] = 1,	 [KLOG_NO_DMA_MASK_RESOURCE] = 1,
	};
	enum klog_id id;
	bool more = true;
	struct finding f;

	if (e->f[0] >= KLOG_MAX)
		return;
	id = klog_id(o->w, (u32)e->f[0]);
	if (id == KLOG_IOMMU_UNKNOWN || id == KLOG_IOMMU_UNKNOWN_7)
		more = calls_unmapping_known(o, e->stmt); /* else it was no handle: that is told */
	if (!told[id] || !more)
		return;
	f = finding_at(o, no_mask(id) ? DIAG_MASK_NOT_SET : DIAG_KERNEL_WARN, ~0ull, 0);
	f.index = id;
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	report_now(o, &f);
}
