/* SPDX-License-Identifier: MIT */
/* Kernel calls of the streaming API: what the oracle hears of them before they begin, and after. */
#include "base/bug.h"
#include "engine/call_int.h"

/* The oracle hears when a buffer begins to be given away: before the call's cache operations. */
static void handed_over(struct call *c, u64 pa, u64 len, u32 dir)
{
	if (c->rc == LX_OK && dir == DMA_FROM_DEVICE)
		oracle_hand_over(&c->e->oracle, pa, len);
}

/* Before the call: its event may come at once. */
static void asked(struct call *c, u64 pa, u64 len, u32 attrs)
{
	if (!(attrs & ATTR_SKIP_CPU_SYNC))
		oracle_port_asked(&c->e->oracle, c->level, pa, len);
}

static void map_call(struct call *c, u32 dev, u64 pa, bool page)
{
	u32 i = page ? 3 : 2; /* argument of the length */
	u64 len = call_arg(c, i);
	u32 dir = (u32)call_arg(c, i + 1), attrs = (u32)call_arg(c, i + 2);
	dma_addr_t h = {0};

	oracle_mapping(&c->e->oracle, page ? 0 : call_arg(c, 1), pa, len);
	asked(c, pa, len, attrs);
	if (page)
		c->rc =
		    lx_dma_map_page(&c->e->lx, c->level, dev, (phys_addr_t){call_arg(c, 1) & ~1ull},
				    call_arg(c, 2), len, dir, attrs, &h);
	else
		c->rc = lx_dma_map_single(&c->e->lx, c->level, dev, (cpu_addr_t){call_arg(c, 1)},
					  len, dir, attrs, &h);
	c->result = h.bus;
	if (h.bus != DMA_MAPPING_ERROR)
		handed_over(c, pa, len, dir);
}

static void map_phys_call(struct call *c, u32 id, u32 dev)
{
	u64 pa = call_arg(c, 1), len = call_arg(c, 2);
	u32 dir = (u32)call_arg(c, 3), attrs = (u32)call_arg(c, 4);
	bool memory = id == CALL_dma_map_phys && !(attrs & ATTR_MMIO);
	dma_addr_t h = {0};

	if (memory) {
		oracle_mapping(&c->e->oracle, 0, pa, len);
		asked(c, pa, len, attrs);
	}
	c->rc = (id == CALL_dma_map_phys ? lx_dma_map_phys : lx_dma_map_resource)(
	    &c->e->lx, c->level, dev, (phys_addr_t){pa}, len, dir, attrs, &h);
	c->result = h.bus;
	if (memory && h.bus != DMA_MAPPING_ERROR)
		handed_over(c, pa, len, dir);
}

static void unmap_call(struct call *c, u32 id, u32 dev, dma_addr_t h)
{
	struct lx *l = &c->e->lx;
	u64 len = call_arg(c, 2);
	u32 dir = (u32)call_arg(c, 3), attrs = (u32)call_arg(c, 4);

	c->e->oracle.handle = handle_stmt(&(struct value){.len = c->len[1]});
	oracle_unmapping(&c->e->oracle, dev, h.bus, len, dir);
	c->e->oracle.handle = 0;
	if (id == CALL_dma_unmap_phys)
		c->rc = lx_dma_unmap_phys(l, c->level, dev, h, len, dir, attrs);
	else if (id == CALL_dma_unmap_resource)
		c->rc = lx_dma_unmap_resource(l, c->level, dev, h, len, dir, attrs);
	else
		c->rc = lx_dma_unmap(l, c->level, dev, h, len, dir, attrs);
}

static void sync_cpu_call(struct call *c, u32 dev, dma_addr_t h, u64 len, u32 dir)
{
	oracle_syncing(&c->e->oracle, dev, h.bus, len);
	c->rc = lx_dma_sync_for_cpu(&c->e->lx, c->level, dev, h, len, dir);
}

static void sync_device_call(struct call *c, u32 dev, dma_addr_t h, u64 len, u32 dir)
{
	u64 pa, left;
	u32 mapped;
	bool known;

	oracle_syncing(&c->e->oracle, dev, h.bus, len);
	known = oracle_named(&c->e->oracle, dev, h.bus, &pa, &mapped, &left);
	if (known)
		asked(c, pa, len, 0);
	c->rc = lx_dma_sync_for_device(&c->e->lx, c->level, dev, h, len, dir);
	if (known)
		handed_over(c, pa, min_u64(len, left), mapped);
}

void calls_stream(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)call_arg(c, 0);
	dma_addr_t h = {call_arg(c, 1)};

	switch (id) {
	case CALL_dma_map_single:
	case CALL_dma_map_single_attrs:
		map_call(c, dev, lx_virt_to_phys(l, (cpu_addr_t){call_arg(c, 1)}).pa, false);
		break;
	case CALL_dma_map_page:
	case CALL_dma_map_page_attrs:
		map_call(c, dev, (call_arg(c, 1) & ~1ull) + call_arg(c, 2), true);
		break;
	case CALL_dma_map_phys:
	case CALL_dma_map_resource:
		map_phys_call(c, id, dev);
		break;
	case CALL_dma_unmap_single:
	case CALL_dma_unmap_page:
	case CALL_dma_unmap_single_attrs:
	case CALL_dma_unmap_page_attrs:
	case CALL_dma_unmap_phys:
	case CALL_dma_unmap_resource:
		unmap_call(c, id, dev, h);
		break;
	case CALL_dma_mapping_error:
		c->result = (u64)(s64)lx_dma_mapping_error(l, dev, h);
		break;
	case CALL_dma_sync_single_for_cpu:
		sync_cpu_call(c, dev, h, call_arg(c, 2), (u32)call_arg(c, 3));
		break;
	case CALL_dma_sync_single_for_device:
		sync_device_call(c, dev, h, call_arg(c, 2), (u32)call_arg(c, 3));
		break;
	case CALL_dma_sync_single_range_for_cpu:
		h.bus += call_arg(c, 2);
		sync_cpu_call(c, dev, h, call_arg(c, 3), (u32)call_arg(c, 4));
		break;
	case CALL_dma_sync_single_range_for_device:
		h.bus += call_arg(c, 2);
		sync_device_call(c, dev, h, call_arg(c, 3), (u32)call_arg(c, 4));
		break;
	default:
		BUG_ON(true);
	}
}
