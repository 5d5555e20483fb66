/* SPDX-License-Identifier: MIT */
/*
 * Warnings of the kernel that are about a mistake of its own kind: those of which no other
 * diagnosis says more, and which do not tell of a machine that is too small.
 */
#include "core/klog.h"
#include "oracle/oracle_int.h"

void warn_logged(struct oracle *o, const struct event *e)
{
	static const u8 told[KLOG_IDS] = {
	    [KLOG_NO_COHERENT_MASK] = 1, [KLOG_NO_DMA_MASK] = 1,  [KLOG_ALLOC_COMP] = 1,
	    [KLOG_PAGES_NO_MASK] = 1,	 [KLOG_PAGES_ZONE] = 1,	  [KLOG_PAGES_COMP] = 1,
	    [KLOG_PAGE_ORDER] = 1,	 [KLOG_PAGE_ORDER_7] = 1, [KLOG_ATOMIC_EMPTY] = 1,
	    [KLOG_DMAM_FREE] = 1,	 [KLOG_DMAM_MATCH] = 1,	  [KLOG_DMAM_POOL] = 1,
	};
	struct finding f;

	if (e->f[0] >= KLOG_MAX || !told[klog_id(o->w, (u32)e->f[0])])
		return;
	f = finding_at(o, DIAG_KERNEL_WARN, ~0ull, 0);
	f.index = klog_id(o->w, (u32)e->f[0]);
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	report_now(o, &f);
}
