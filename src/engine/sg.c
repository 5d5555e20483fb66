/* SPDX-License-Identifier: MIT */
/* Scatterlists as variables of the program: entries, fields, and the kernel's helpers. */
#include "base/bug.h"
#include "engine/calls.h"
#include "engine/vm_int.h"

static void check(struct engine *e, enum lx_rc rc)
{
	if (rc != LX_OK)
		vm_bug(e, lx_rc_text(rc));
}

static void entry(struct engine *e, const struct insn *i)
{
	u64 index = vm_pop(e).v;

	if (index >= i->b)
		vm_bug(e, "an index is outside its array");
	else
		vm_push(e, i->imm + index);
}

static void get(struct engine *e, enum sg_place place)
{
	u64 at = vm_pop(e).v;
	const struct lx_sg *sg = NULL;
	const struct lx_sgt *t = NULL;
	enum lx_rc rc;

	if (place == PLACE_IOVA_ADDR) {
		vm_push(e, lx_iova_addr(&e->lx, at));
		return;
	}
	rc = place <= PLACE_DMA_ADDRESS ? lx_sg_entry(&e->lx, at, &sg)
					: lx_sgt_table(&e->lx, at, &t);

	check(e, rc);
	if (rc != LX_OK)
		return;
	vm_push(e, place == PLACE_LENGTH	? sg->length
		   : place == PLACE_OFFSET	? sg->offset
		   : place == PLACE_DMA_ADDRESS ? sg->dma
		   : place == PLACE_SGL		? t->sgl
		   : place == PLACE_NENTS	? t->nents
						: t->orig_nents);
}

static void put(struct engine *e, enum sg_place place)
{
	u64 v = vm_pop(e).v, at = vm_pop(e).v;

	switch (place) {
	case PLACE_LENGTH:
		check(e, lx_sg_set(&e->lx, at, SG_LENGTH, v));
		break;
	case PLACE_OFFSET:
		check(e, lx_sg_set(&e->lx, at, SG_OFFSET, v));
		break;
	case PLACE_DMA_ADDRESS:
		check(e, lx_sg_set(&e->lx, at, SG_DMA_ADDRESS, v));
		break;
	case PLACE_SGL:
		check(e, lx_sgt_set(&e->lx, at, SGT_SGL, v));
		break;
	case PLACE_NENTS:
		check(e, lx_sgt_set(&e->lx, at, SGT_NENTS, v));
		break;
	case PLACE_ORIG_NENTS:
		check(e, lx_sgt_set(&e->lx, at, SGT_ORIG_NENTS, v));
		break;
	case PLACE_IOVA_ADDR: /* only the kernel sets it */
		BUG_ON(true);
	}
}

bool sg_op(struct engine *e, const struct insn *i)
{
	switch ((enum opcode)i->op) {
	case OP_SG_DECLARE:
		if (i->a)
			lx_sgt_declare(&e->lx, i->imm);
		else
			lx_sg_declare(&e->lx, i->imm, i->b);
		return true;
	case OP_SG_ENTRY:
		entry(e, i);
		return true;
	case OP_SG_GET:
		get(e, (enum sg_place)i->a);
		return true;
	case OP_SG_PUT:
		put(e, (enum sg_place)i->a);
		return true;
	default:
		return false;
	}
}

/* The pages of an array of the program, as physical addresses. */
static enum lx_rc from_pages(struct engine *e, const u64 *a, int *result)
{
	u64 *page = mem_zalloc(a[2] && a[2] <= SG_HEAP_MAX ? a[2] : 1, sizeof *page);
	enum lx_rc rc = LX_OK;

	*result = -LX_ENOMEM;
	for (u64 i = 0; i < a[2] && a[2] <= SG_HEAP_MAX && rc == LX_OK; i++) {
		const struct value *v = vm_array(e, a[1], i);

		if (v && v->v)
			page[i] = v->v;
		else
			rc = LX_BUG_PAGES;
	}
	if (rc == LX_OK && a[2] <= SG_HEAP_MAX)
		rc = lx_sg_alloc_table_from_pages(&e->lx, a[0], page, a[2], a[3], a[4], result);
	mem_free(page);
	return rc;
}

enum lx_rc sg_call(struct engine *e, u32 id, const u64 *a, u64 *result)
{
	struct lx *l = &e->lx;
	const struct lx_sg *sg = NULL;
	enum lx_rc rc;
	int r = 0;

	switch (id) {
	case CALL_sg_init_table:
		return lx_sg_init_table(l, a[0], a[1]);
	case CALL_sg_init_one:
		return lx_sg_init_one(l, a[0], (cpu_addr_t){a[1]}, (u32)a[2]);
	case CALL_sg_set_page:
		return lx_sg_set_page(l, a[0], a[1], (u32)a[2], (u32)a[3]);
	case CALL_sg_set_buf:
		return lx_sg_set_buf(l, a[0], (cpu_addr_t){a[1]}, (u32)a[2]);
	case CALL_sg_free_table:
		return lx_sg_free_table(l, a[0]);
	case CALL_sg_next:
		return lx_sg_next(l, a[0], result);
	case CALL_sg_page:
		rc = lx_sg_entry(l, a[0], &sg);
		*result = rc == LX_OK ? sg->page : 0;
		return rc;
	case CALL_sg_alloc_table:
		rc = lx_sg_alloc_table(l, a[0], a[1], &r);
		break;
	default:
		BUG_ON(id != CALL_sg_alloc_table_from_pages);
		rc = from_pages(e, a, &r);
	}
	*result = (u64)(s64)r;
	return rc;
}
