/* SPDX-License-Identifier: MIT */
/* Kernel calls that tell or ask what a device can reach. */
#include "base/bug.h"
#include "engine/call_int.h"

void calls_mask(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)call_arg(c, 0);

	switch (id) {
	case CALL_dma_set_mask:
		c->result = (u64)(s64)lx_dma_set_mask(l, dev, call_arg(c, 1));
		break;
	case CALL_dma_set_coherent_mask:
		c->result = (u64)(s64)lx_dma_set_coherent_mask(l, dev, call_arg(c, 1));
		break;
	case CALL_dma_set_mask_and_coherent:
		c->result = (u64)(s64)lx_dma_set_mask_and_coherent(l, dev, call_arg(c, 1));
		break;
	case CALL_dma_coerce_mask_and_coherent:
		c->result = (u64)(s64)lx_dma_coerce_mask_and_coherent(l, dev, call_arg(c, 1));
		break;
	case CALL_dma_get_mask:
		c->result = lx_dma_get_mask(l, dev);
		break;
	case CALL_dma_get_required_mask:
		c->result = lx_dma_get_required_mask(l, dev);
		break;
	case CALL_dma_addressing_limited:
		c->result = lx_dma_addressing_limited(l, dev);
		break;
	case CALL_dma_get_cache_alignment:
		c->result = lx_dma_get_cache_alignment(l);
		break;
	case CALL_dma_set_max_seg_size:
		lx_dma_set_max_seg_size(l, dev, (u32)call_arg(c, 1));
		break;
	case CALL_dma_get_max_seg_size:
		c->result = lx_dma_get_max_seg_size(l, dev);
		break;
	case CALL_dma_set_seg_boundary:
		lx_dma_set_seg_boundary(l, dev, call_arg(c, 1));
		break;
	case CALL_dma_get_seg_boundary:
		c->result = lx_dma_get_seg_boundary(l, dev);
		break;
	case CALL_dma_set_min_align_mask:
		lx_dma_set_min_align_mask(l, dev, (u32)call_arg(c, 1));
		break;
	case CALL_dma_get_min_align_mask:
		c->result = lx_dma_get_min_align_mask(l, dev);
		break;
	case CALL_dma_get_merge_boundary:
		c->result = lx_dma_get_merge_boundary(l, dev);
		break;
	case CALL_dma_can_mmap: /* each port here has DMA_NONCOHERENT_MMAP */
		c->result = 1;
		break;
	case CALL_dma_need_sync:
		c->result = lx_dma_need_sync(l, dev, (dma_addr_t){call_arg(c, 1)});
		break;
	case CALL_dma_opt_mapping_size:
		c->result = lx_dma_opt_mapping_size(l, dev);
		break;
	case CALL_dma_max_mapping_size:
		c->result = lx_dma_max_mapping_size(l, dev);
		break;
	default:
		BUG_ON(true);
	}
}
