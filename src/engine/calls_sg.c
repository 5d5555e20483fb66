/* SPDX-License-Identifier: MIT */
/* Kernel calls that map scatterlists: what the oracle hears of them, entry by entry. */
#include "base/bug.h"
#include "engine/call_int.h"

/* The list of a call: of n entries from sg on. */
struct list {
	u64 sg, n;
};

static u64 count(u64 n)
{
	return (int)n > 0 ? (u32)n : 0;
}

/* A list that is none is the kernel's to notice: it is empty here. */
static struct list list_of(const struct call *c, bool table)
{
	const struct lx_sgt *t;

	if (!table)
		return (struct list){call_arg(c, 1), count(call_arg(c, 2))};
	if (lx_sgt_table(&c->e->lx, call_arg(c, 1), &t) != LX_OK)
		return (struct list){0, 0};
	return (struct list){t->sgl, count(t->orig_nents)};
}

static bool entry(const struct call *c, const struct list *s, u64 i, u64 *pa, u64 *len)
{
	const struct lx_sg *e;

	if (lx_sg_entry(&c->e->lx, s->sg + i, &e) != LX_OK)
		return false;
	*pa = (e->page & ~1ull) + e->offset;
	*len = e->length;
	return true;
}

/* The CPU's older bytes of what is now the device's to write are anyone's: oracle_hand_over(). */
static void handed_over(struct call *c, const struct list *s)
{
	u64 pa, len;

	for (u64 i = 0; i < s->n && entry(c, s, i, &pa, &len); i++)
		oracle_hand_over(&c->e->oracle, pa, len);
}

static void map_call(struct call *c, bool table)
{
	struct list s = list_of(c, table);
	u32 dev = (u32)call_arg(c, 0), k = table ? 2 : 3; /* argument of the direction */
	u32 dir = (u32)call_arg(c, k), attrs = (u32)call_arg(c, k + 1), segments = 0;
	int result = 0;
	u64 pa, len;

	for (u64 i = 0; i < s.n && entry(c, &s, i, &pa, &len); i++)
		oracle_mapping(&c->e->oracle, 0, pa, len);
	if (table) {
		c->rc = lx_dma_map_sgtable(&c->e->lx, c->level, dev, call_arg(c, 1), dir, attrs,
					   &result);
		c->result = (u64)(s64)result;
	} else {
		c->rc = lx_dma_map_sg(&c->e->lx, c->level, dev, s.sg, s.n, dir, attrs, &segments);
		c->result = segments;
	}
	if (c->rc == LX_OK && dir == DMA_FROM_DEVICE && (table ? result == 0 : segments > 0))
		handed_over(c, &s);
}

void calls_sg_refused(struct call *c, bool table)
{
	struct list s = list_of(c, table);
	u32 k = table ? 2 : 3;
	u64 pa = 0, len = 0;

	entry(c, &s, 0, &pa, &len);
	c->result = table ? (u64)-LX_EIO : 0;
	EMIT(c->e->w, MAP_FAIL, hw_party(&c->e->hw), (u16)call_arg(c, 0), pa, len, call_arg(c, k),
	     call_arg(c, k + 1), HOW_SG);
}

static void sync_call(struct call *c, bool table, bool to_cpu)
{
	struct list s = list_of(c, table);
	u32 dev = (u32)call_arg(c, 0), dir = (u32)call_arg(c, table ? 2 : 3);
	struct lx *l = &c->e->lx;
	struct lx_sg_walk k = lx_sg_walk_begin(l, dev, s.sg);

	if (table)
		c->rc = lx_dma_sync_sgtable(l, c->level, dev, call_arg(c, 1), dir, to_cpu);
	else
		c->rc = lx_dma_sync_sg(l, c->level, dev, s.sg, s.n, dir, to_cpu);
	for (u64 i = 0; i < s.n && c->rc == LX_OK && !to_cpu; i++) {
		u64 len, pa, left, bus = lx_sg_walk_next(l, &k, &len);
		u32 mapped;

		if (oracle_named(&c->e->oracle, dev, bus, &pa, &mapped, &left) &&
		    mapped == DMA_FROM_DEVICE)
			oracle_hand_over(&c->e->oracle, pa, min_u64(len, left));
	}
}

static void unmap_call(struct call *c, bool table)
{
	u32 dev = (u32)call_arg(c, 0), k = table ? 2 : 3;
	u32 dir = (u32)call_arg(c, k), attrs = (u32)call_arg(c, k + 1);

	if (table)
		c->rc = lx_dma_unmap_sgtable(&c->e->lx, c->level, dev, call_arg(c, 1), dir, attrs);
	else
		c->rc = lx_dma_unmap_sg(&c->e->lx, c->level, dev, call_arg(c, 1), call_arg(c, 2),
					dir, attrs);
}

/* What the device is given of an entry. */
static void look(struct call *c, bool address)
{
	const struct lx_sg *e = NULL;

	c->rc = lx_sg_entry(&c->e->lx, call_arg(c, 0), &e);
	if (c->rc != LX_OK)
		return;
	c->result = address ? e->dma : lx_sg_dma_len(&c->e->lx, e);
	if (!c->looks && !lx_sg_is_given(e, address))
		oracle_entry_unmapped(&c->e->oracle, c->e->scratch.stmt, address, c->result);
}

static void get_sgtable(struct call *c)
{
	int result = 0;

	/* Model: the kernel finds the memory by the handle, or by the pointer; both are good here.
	 */
	c->rc = lx_dma_get_sgtable(&c->e->lx, (u32)call_arg(c, 0), call_arg(c, 1),
				   (dma_addr_t){call_arg(c, 3)}, call_arg(c, 4), &result);
	c->result = (u64)(s64)result;
}

void calls_sg(struct call *c, u32 id)
{
	switch (id) {
	case CALL_dma_map_sg:
	case CALL_dma_map_sg_attrs:
	case CALL_dma_map_sgtable:
		map_call(c, id == CALL_dma_map_sgtable);
		break;
	case CALL_dma_unmap_sg:
	case CALL_dma_unmap_sg_attrs:
	case CALL_dma_unmap_sgtable:
		unmap_call(c, id == CALL_dma_unmap_sgtable);
		break;
	case CALL_dma_sync_sg_for_cpu:
	case CALL_dma_sync_sgtable_for_cpu:
		sync_call(c, id == CALL_dma_sync_sgtable_for_cpu, true);
		break;
	case CALL_dma_sync_sg_for_device:
	case CALL_dma_sync_sgtable_for_device:
		sync_call(c, id == CALL_dma_sync_sgtable_for_device, false);
		break;
	case CALL_sg_dma_address:
	case CALL_sg_dma_len:
		look(c, id == CALL_sg_dma_address);
		break;
	case CALL_dma_get_sgtable:
		get_sgtable(c);
		break;
	default:
		BUG_ON(true);
	}
}
