/* SPDX-License-Identifier: MIT */
/*
 * Kernel calls: from the values on a thread's stack to the functions of linux/, and back. What the
 * kernel has to do after its decision is queued there and goes on step by step.
 */
#include "engine/calls.h"

#include <string.h>

#include "base/bug.h"
#include "engine/call_int.h"

enum { EBUSY_VALUE = 16 };

u32 calls_level_of(const struct engine *e, u32 cpu)
{
	if (cpu)
		return LX_WORK + cpu - 1;
	return hw_core(&e->hw, 0)->handler ? LX_HANDLER : LX_DRIVER;
}

u32 calls_level(const struct engine *e)
{
	return calls_level_of(e, e->hw.self);
}

static call_fn handler_of(u32 id)
{
	enum group { MASK, COHERENT, STREAM, SG, SGLIST, POOL, IOVA, MEMORY, ADDRESS, IRQ, WORK };
	static const call_fn function[] = {
	    [MASK] = calls_mask, [COHERENT] = calls_coherent, [STREAM] = calls_stream,
	    [SG] = calls_sg,	 [SGLIST] = calls_sglist,     [POOL] = calls_pool,
	    [IOVA] = calls_iova, [MEMORY] = calls_memory,     [ADDRESS] = calls_address,
	    [IRQ] = calls_irq,	 [WORK] = calls_work,
	};
	static const u8 of[CALL_COUNT] = {
#define CALL(name, result, args, state, group) group,
#include "engine/calls.def"
#undef CALL
	};

	return function[of[id]];
}

/* Bytes that an allocation asks for. */
static u64 failed_bytes(const struct call *c, u32 id)
{
	switch (id) {
	case CALL_alloc_page:
		return LX_PAGE;
	case CALL_alloc_pages:
		return (u64)LX_PAGE << (call_arg(c, 1) & 31);
	case CALL_dma_pool_create:
	case CALL_dmam_pool_create:
		return call_arg(c, 2);
	case CALL_dma_pool_alloc:
	case CALL_dma_pool_zalloc:
		return lx_dma_pool_block(&c->e->lx, call_arg(c, 0));
	default:
		return call_info((enum call_id)id)->args[0] == 'd' ? call_arg(c, 1)
								   : call_arg(c, 0);
	}
}

/* The laboratory lets it fail: what the kernel tells when it does so by itself. */
static void fail(struct call *c, u32 id)
{
	struct world *w = c->e->w;
	bool page = id == CALL_dma_map_page || id == CALL_dma_map_page_attrs;
	u64 at = call_arg(c, 1) & ~1ull;

	switch (calls_failure(id)) {
	case FAIL_NULL:
		c->has_out = strchr(call_info((enum call_id)id)->args, 'o') != NULL;
		EMIT(w, ALLOC_FAIL, hw_party(&c->e->hw), 0, failed_bytes(c, id));
		break;
	case FAIL_MAP:
		if (page)
			at += call_arg(c, 2);
		else if (id != CALL_dma_map_phys && id != CALL_dma_map_resource)
			at = lx_virt_to_phys(&c->e->lx, (cpu_addr_t){call_arg(c, 1)}).pa;
		else
			at = call_arg(c, 1);
		c->result = DMA_MAPPING_ERROR;
		EMIT(w, MAP_FAIL, hw_party(&c->e->hw), (u16)call_arg(c, 0), at,
		     call_arg(c, page ? 3 : 2), call_arg(c, page ? 4 : 3), 0,
		     id == CALL_dma_map_resource ? HOW_RESOURCE : HOW_SINGLE);
		break;
	case FAIL_MASK:
		c->result = (u64)-LX_EIO;
		EMIT(w, SET_MASK, hw_party(&c->e->hw), (u16)call_arg(c, 0), call_arg(c, 1),
		     id == CALL_dma_set_coherent_mask, c->result);
		break;
	case FAIL_IRQ:
		c->result = (u64)-EBUSY_VALUE;
		break;
	case FAIL_SG:
		c->rc = lx_sg_alloc_table(&c->e->lx, call_arg(c, id == CALL_dma_get_sgtable), 0,
					  &(int){0});
		c->result = (u64)-LX_ENOMEM;
		break;
	case FAIL_LIST:
	case FAIL_TABLE:
		calls_sg_refused(c, id == CALL_dma_map_sgtable);
		break;
	case FAIL_NOT:
		BUG_ON(true);
	}
}

/* Calls that may sleep: by their gfp, or always (might_sleep() in each, or in what they call). */
static bool may_sleep(const struct call *c, u32 id)
{
	static const u32 always[] = {CALL_vmalloc,
				     CALL_vzalloc,
				     CALL_msleep,
				     CALL_request_irq,
				     CALL_free_irq,
				     CALL_dma_pool_create,
				     CALL_dmam_pool_create,
				     CALL_dma_pool_destroy,
				     CALL_dmam_pool_destroy,
				     CALL_device_release_driver,
				     CALL_dma_get_sgtable};
	const char *gfp = strchr(call_info((enum call_id)id)->args, 'g');
	const char *out = strchr(call_info((enum call_id)id)->args, 'o');

	for (u32 k = 0; k < ARRAY_LEN(always); k++)
		if (always[k] == id)
			return true;
	if (!gfp)
		return false;
	/* An argument that is set takes no place on the stack. */
	return call_arg(c, (u32)(gfp - call_info((enum call_id)id)->args) - (out && out < gfp)) &
	       GFP_BIT_DIRECT_RECLAIM;
}

/* What is kept beside a result that is a handle: program.h. */
static u32 handle_tag(const struct call *c, const struct call_info *info)
{
	if (info->result != RESULT_dma || info->args[0] != 'd' || c->result == DMA_MAPPING_ERROR ||
	    !iommu_translates(&c->e->hw, (u32)c->a[0]))
		return 0;
	return HANDLE_TAG | world_now(c->e->w)->stmt;
}

void calls_begin(struct engine *e, const struct insn *i)
{
	struct call c = {.e = e, .level = (enum lx_level)calls_level(e), .n = i->a};
	const struct call_info *info = call_info((enum call_id)i->b);
	struct thread *t = &e->scratch;

	BUG_ON(info->state != CALL_HERE || i->a > ARRAY_LEN(c.a));
	for (u32 k = i->a; k-- > 0;) {
		struct value v = vm_pop(e);

		c.a[k] = v.v;
		c.len[k] = v.len;
	}
	t->pc++; /* the call has begun: what is queued belongs to the next instruction's thread */
	EMIT(e->w, CALL, hw_party(&e->hw),
	     (info->args[0] == 'd' || info->args[0] == 'i') ? (u16)c.a[0] : 0, i->b, c.a[0], c.a[1],
	     c.a[2], c.a[3]);
	if (may_sleep(&c, i->b))
		oracle_may_sleep(&e->oracle, t->stmt);
	if (lab_fails(e, i->b))
		fail(&c, i->b);
	else
		handler_of(i->b)(&c, i->b);
	if (c.rc != LX_OK)
		vm_bug(e, lx_rc_text(c.rc));
	if (t->status == THREAD_BUG)
		return;
	if (info->result != RESULT_void)
		vm_push_value(e, (struct value){c.result, handle_tag(&c, info), 0});
	if (c.has_out)
		vm_push(e, c.out);
	t->in_call = lx_idle(&e->lx, c.level) ? IN_NO_CALL : c.late ? IN_LATE_CALL : IN_CALL;
	if (c.late && !t->in_call)
		calls_result(e);
}

void calls_result(struct engine *e)
{
	struct thread *t = &e->scratch;
	cpu_addr_t va;
	dma_addr_t h;

	BUG_ON(t->sp < 2);
	lx_result(&e->lx, (enum lx_level)calls_level(e), &va, &h);
	t->stack[t->sp - 2].v = va.va;
	t->stack[t->sp - 1].v = h.bus;
}

/* A pure call: only computes, so it may stand where one only looks. */
void calls_value(struct engine *e, const struct insn *i)
{
	struct call c = {.e = e, .n = i->a, .looks = i->imm};
	const struct call_info *info = call_info((enum call_id)i->b);

	BUG_ON(info->state != CALL_PURE || i->a > ARRAY_LEN(c.a));
	for (u32 k = i->a; k-- > 0;)
		c.a[k] = vm_pop(e).v;
	handler_of(i->b)(&c, i->b);
	if (c.rc != LX_OK)
		vm_bug(e, lx_rc_text(c.rc));
	else
		vm_push(e, c.result);
}
