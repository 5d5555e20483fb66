/* SPDX-License-Identifier: MIT */
/*
 * Kernel calls: from the values on a thread's stack to the functions of linux/, and back. What the
 * kernel has to do after its decision is queued there and goes on step by step.
 */
#include "engine/calls.h"

#include <string.h>

#include "base/bug.h"
#include "engine/vm_int.h"

/* SLEEP_STEPS: so much do other CPUs under calm while the driver sleeps. */
enum { EBUSY_VALUE = 16, SLEEP_STEPS = 1000 };

u32 calls_level(const struct engine *e)
{
	if (e->hw.self)
		return LX_WORK + e->hw.self - 1;
	return hw_cpu(&e->hw)->handler ? LX_HANDLER : LX_DRIVER;
}

/* The arguments of one call, and what it gives back. */
struct call {
	struct engine *e;
	enum lx_level level;
	u64 a[8];
	u32 len[8]; /* of texts */
	u32 n;
	enum lx_rc rc;
	u64 result, out;
	bool has_out;
};

static u64 arg(const struct call *c, u32 i)
{
	return i < c->n ? c->a[i] : 0;
}

static void memory_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	cpu_addr_t va = {0};
	phys_addr_t pa = {0};
	u32 gfp = (u32)arg(c, 1);

	switch (id) {
	case CALL_kmalloc:
	case CALL_kzalloc:
		c->rc = lx_kmalloc(l, c->level, arg(c, 0),
				   gfp | (id == CALL_kzalloc ? (u32)GFP_BIT_ZERO : 0), &va);
		c->result = va.va;
		break;
	case CALL_vmalloc:
	case CALL_vzalloc:
		c->rc = lx_vmalloc(l, c->level, arg(c, 0),
				   id == CALL_vzalloc ? (u32)GFP_BIT_ZERO : 0, &va);
		c->result = va.va;
		break;
	case CALL_alloc_page:
	case CALL_alloc_pages:
		/* A page is its physical address plus one, so that NULL differs from page 0. */
		if (lx_alloc_pages(l, c->level, (u32)arg(c, 0),
				   id == CALL_alloc_pages ? (u32)arg(c, 1) : 0, &pa))
			c->result = pa.pa | 1;
		break;
	case CALL_kfree:
		c->rc = lx_kfree(l, (cpu_addr_t){arg(c, 0)});
		break;
	case CALL_vfree:
		c->rc = lx_vfree(l, (cpu_addr_t){arg(c, 0)});
		break;
	case CALL_free_page:
		c->rc = lx_free_pages(l, lx_virt_to_page(l, (cpu_addr_t){arg(c, 0)}), 0);
		break;
	case CALL___free_page:
	case CALL___free_pages:
		c->rc = lx_free_pages(l, (phys_addr_t){arg(c, 0) & ~1ull},
				      id == CALL___free_pages ? (u32)arg(c, 1) : 0);
		break;
	default:
		BUG_ON(true);
	}
}

static void mask_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)arg(c, 0);

	switch (id) {
	case CALL_dma_set_mask:
		c->result = (u64)(s64)lx_dma_set_mask(l, dev, arg(c, 1));
		break;
	case CALL_dma_set_coherent_mask:
		c->result = (u64)(s64)lx_dma_set_coherent_mask(l, dev, arg(c, 1));
		break;
	case CALL_dma_set_mask_and_coherent:
		c->result = (u64)(s64)lx_dma_set_mask_and_coherent(l, dev, arg(c, 1));
		break;
	case CALL_dma_coerce_mask_and_coherent:
		c->result = (u64)(s64)lx_dma_coerce_mask_and_coherent(l, dev, arg(c, 1));
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
		lx_dma_set_max_seg_size(l, dev, (u32)arg(c, 1));
		break;
	case CALL_dma_get_max_seg_size:
		c->result = lx_dma_get_max_seg_size(l, dev);
		break;
	case CALL_dma_set_min_align_mask:
		lx_dma_set_min_align_mask(l, dev, (u32)arg(c, 1));
		break;
	case CALL_dma_get_min_align_mask:
		c->result = lx_dma_get_min_align_mask(l, dev);
		break;
	case CALL_dma_get_merge_boundary: /* dma-direct merges nothing */
		c->result = 0;
		break;
	default:
		BUG_ON(true);
	}
}

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
	u64 len = arg(c, i);
	u32 dir = (u32)arg(c, i + 1), attrs = (u32)arg(c, i + 2);
	dma_addr_t h = {0};

	oracle_mapping(&c->e->oracle, page ? 0 : arg(c, 1), pa, len);
	asked(c, pa, len, attrs);
	if (page)
		c->rc = lx_dma_map_page(&c->e->lx, c->level, dev, (phys_addr_t){arg(c, 1) & ~1ull},
					arg(c, 2), len, dir, attrs, &h);
	else
		c->rc = lx_dma_map_single(&c->e->lx, c->level, dev, (cpu_addr_t){arg(c, 1)}, len,
					  dir, attrs, &h);
	c->result = h.bus;
	if (h.bus != DMA_MAPPING_ERROR)
		handed_over(c, pa, len, dir);
}

static void sync_device_call(struct call *c, u32 dev, dma_addr_t h, u64 len, u32 dir)
{
	u64 pa, left;
	u32 mapped;
	bool known = oracle_named(&c->e->oracle, dev, h.bus, &pa, &mapped, &left);

	if (known)
		asked(c, pa, len, 0);
	c->rc = lx_dma_sync_for_device(&c->e->lx, c->level, dev, h, len, dir);
	if (known)
		handed_over(c, pa, min_u64(len, left), mapped);
}

static void coherent_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)arg(c, 0);
	dma_addr_t h = {0};
	cpu_addr_t va = {0};

	switch (id) {
	case CALL_dma_alloc_coherent:
	case CALL_dma_alloc_wc: /* Model: write combining is no kind of memory of its own */
	case CALL_dma_alloc_attrs:
		lx_dma_alloc_coherent(l, c->level, dev, arg(c, 1), &va, &h);
		c->result = va.va;
		c->out = h.bus;
		c->has_out = true;
		break;
	case CALL_dma_free_coherent:
	case CALL_dma_free_wc:
	case CALL_dma_free_attrs:
		oracle_frees_coherent(&c->e->oracle, dev, arg(c, 3));
		c->rc = lx_dma_free_coherent(l, dev, arg(c, 1), (cpu_addr_t){arg(c, 2)},
					     (dma_addr_t){arg(c, 3)});
		break;
	default:
		BUG_ON(true);
	}
}

/* What a driver asks before it maps. */
static void size_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)arg(c, 0);

	switch (id) {
	case CALL_dma_need_sync:
		c->result = lx_dma_need_sync(l, dev, (dma_addr_t){arg(c, 1)});
		break;
	case CALL_dma_max_mapping_size:
	case CALL_dma_opt_mapping_size: /* dma-direct has no better size than the largest */
		c->result = lx_dma_max_mapping_size(l, dev);
		break;
	default:
		BUG_ON(true);
	}
}

static void dma_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)arg(c, 0);
	dma_addr_t h = {arg(c, 1)};

	switch (id) {
	case CALL_dma_map_single:
	case CALL_dma_map_single_attrs:
		map_call(c, dev, lx_virt_to_phys(l, (cpu_addr_t){arg(c, 1)}).pa, false);
		break;
	case CALL_dma_map_page:
	case CALL_dma_map_page_attrs:
		map_call(c, dev, (arg(c, 1) & ~1ull) + arg(c, 2), true);
		break;
	case CALL_dma_unmap_single:
	case CALL_dma_unmap_page:
	case CALL_dma_unmap_single_attrs:
	case CALL_dma_unmap_page_attrs:
		oracle_unmapping(&c->e->oracle, dev, h.bus, arg(c, 2), (u32)arg(c, 3));
		c->rc =
		    lx_dma_unmap(l, c->level, dev, h, arg(c, 2), (u32)arg(c, 3), (u32)arg(c, 4));
		break;
	case CALL_dma_mapping_error:
		c->result = (u64)(s64)lx_dma_mapping_error(l, dev, h);
		break;
	case CALL_dma_sync_single_for_cpu:
		c->rc = lx_dma_sync_for_cpu(l, c->level, dev, h, arg(c, 2), (u32)arg(c, 3));
		break;
	case CALL_dma_sync_single_for_device:
		sync_device_call(c, dev, h, arg(c, 2), (u32)arg(c, 3));
		break;
	case CALL_dma_sync_single_range_for_cpu:
		h.bus += arg(c, 2);
		c->rc = lx_dma_sync_for_cpu(l, c->level, dev, h, arg(c, 3), (u32)arg(c, 4));
		break;
	case CALL_dma_sync_single_range_for_device:
		h.bus += arg(c, 2);
		sync_device_call(c, dev, h, arg(c, 3), (u32)arg(c, 4));
		break;
	default:
		BUG_ON(true);
	}
}

static void irq_call(struct call *c, u32 id)
{
	struct engine *e = c->e;
	const struct cpu_state *cpu = hw_cpu(&e->hw);
	u32 dev = (u32)arg(c, 0);

	switch (id) {
	case CALL_request_irq:
		W_SET(e->w, hw_dev(&e->hw, dev)->irq_handler, (u32)arg(c, 1) + 1);
		EMIT(e->w, REQUEST_IRQ, hw_party(&e->hw), (u16)dev, 0);
		break;
	case CALL_free_irq:
		W_SET(e->w, hw_dev(&e->hw, dev)->irq_handler, 0u);
		EMIT(e->w, FREE_IRQ, hw_party(&e->hw), (u16)dev, 0);
		break;
	case CALL_local_irq_disable:
		W_SET(e->w, cpu->irq_off, 1u);
		EMIT(e->w, IRQ_MASK, hw_party(&e->hw), 0, 1);
		break;
	case CALL_local_irq_enable:
		W_SET(e->w, cpu->irq_off, 0u);
		EMIT(e->w, IRQ_MASK, hw_party(&e->hw), 0, 0);
		break;
	case CALL_dev_err:
	case CALL_dev_info:
		lx_log_driver(&e->lx, dev, arg(c, 1) & ~BYTES_CONST, c->len[1]);
		break;
	case CALL_device_release_driver: /* remove's steps stand behind the call */
		break;
	default: /* msleep(), udelay(), cpu_relax(): time passes, which is choices; logs say it */
		actions_time_passes(e, id == CALL_msleep ? SLEEP_STEPS : 1);
		break;
	}
}

static void work_call(struct call *c, u32 id)
{
	u32 fn = (u32)arg(c, id == CALL_schedule_work_on ? 1 : 0);

	if (id == CALL_flush_work)
		work_flushed(c->e, fn);
	else if (!work_queue(c->e, arg(c, 0), fn))
		vm_bug(c->e, "work for a CPU that is not there, or that runs the driver");
}

static void address_call(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	phys_addr_t page;

	switch (id) {
	case CALL_virt_to_phys:
		c->result = lx_virt_to_phys(l, (cpu_addr_t){arg(c, 0)}).pa;
		break;
	case CALL_phys_to_virt:
		c->result = lx_phys_to_virt(l, (phys_addr_t){arg(c, 0)}).va;
		break;
	case CALL_virt_to_page:
		c->result = lx_virt_to_page(l, (cpu_addr_t){arg(c, 0)}).pa | 1;
		break;
	case CALL_page_address:
		c->result = lx_page_address(l, (phys_addr_t){arg(c, 0) & ~1ull}).va;
		break;
	case CALL_page_to_phys:
		c->result = arg(c, 0) & ~1ull;
		break;
	case CALL_vmalloc_to_page:
		if (lx_vmalloc_to_page(l, (cpu_addr_t){arg(c, 0)}, &page))
			c->result = page.pa | 1;
		break;
	case CALL_kmap_local_page: /* Model: no high memory, as on every 64-bit kernel */
		c->result = lx_page_address(l, (phys_addr_t){arg(c, 0) & ~1ull}).va;
		break;
	case CALL_kunmap_local:
		break;
	default:
		BUG_ON(true);
	}
}

static void scatterlist_call(struct call *c, u32 id)
{
	c->rc = sg_call(c->e, id, c->a, &c->result);
}

typedef void (*call_fn)(struct call *, u32 id);

static call_fn handler_of(const char *name)
{
	static const struct {
		const char *prefix;
		call_fn fn;
	} groups[] = {
	    {"dma_set_", mask_call},
	    {"dma_coerce_", mask_call},
	    {"dma_get_", mask_call},
	    {"dma_addressing_", mask_call},
	    {"dma_alloc_", coherent_call},
	    {"dma_free_", coherent_call},
	    {"dma_max_", size_call},
	    {"dma_opt_", size_call},
	    {"dma_need_", size_call},
	    {"dma_", dma_call},
	    {"virt_to_", address_call},
	    {"phys_to_", address_call},
	    {"page_", address_call},
	    {"vmalloc_", address_call},
	    {"kmap_", address_call},
	    {"kunmap_", address_call},
	    {"request_irq", irq_call},
	    {"free_irq", irq_call},
	    {"local_irq_", irq_call},
	    {"msleep", irq_call},
	    {"udelay", irq_call},
	    {"cpu_relax", irq_call},
	    {"dev_", irq_call},
	    {"device_release_", irq_call},
	    {"sg_", scatterlist_call},
	    {"schedule_work", work_call},
	    {"flush_work", work_call},
	    {"", memory_call},
	};
	u32 i = 0;

	while (strncmp(name, groups[i].prefix, strlen(groups[i].prefix)) != 0)
		i++;
	return groups[i].fn;
}

/* The laboratory lets it fail: what the kernel tells when it does so by itself. */
static void fail(struct call *c, u32 id)
{
	struct world *w = c->e->w;
	const char *name = call_info((enum call_id)id)->name;
	bool page = id == CALL_dma_map_page || id == CALL_dma_map_page_attrs;
	u64 at = arg(c, 1) & ~1ull;

	switch (calls_failure(id)) {
	case FAIL_NULL:
		c->has_out = strchr(call_info((enum call_id)id)->args, 'o') != NULL;
		EMIT(w, ALLOC_FAIL, hw_party(&c->e->hw), 0,
		     name[0] == 'a'   ? (u64)LX_PAGE << (arg(c, 1) & 31)
		     : name[0] == 'd' ? arg(c, 1)
				      : arg(c, 0));
		break;
	case FAIL_MAP:
		at = page ? at + arg(c, 2) : lx_virt_to_phys(&c->e->lx, (cpu_addr_t){arg(c, 1)}).pa;
		c->result = DMA_MAPPING_ERROR;
		EMIT(w, MAP_FAIL, hw_party(&c->e->hw), (u16)arg(c, 0), at, arg(c, page ? 3 : 2),
		     arg(c, page ? 4 : 3));
		break;
	case FAIL_MASK:
		c->result = (u64)-LX_EIO;
		EMIT(w, SET_MASK, hw_party(&c->e->hw), (u16)arg(c, 0), arg(c, 1),
		     id == CALL_dma_set_coherent_mask, c->result);
		break;
	case FAIL_IRQ:
		c->result = (u64)-EBUSY_VALUE;
		break;
	case FAIL_SG:
		c->rc = lx_sg_alloc_table(&c->e->lx, arg(c, 0), 0, &(int){0});
		c->result = (u64)-LX_ENOMEM;
		break;
	case FAIL_NOT:
		BUG_ON(true);
	}
}

/* Calls that may sleep: by their gfp, or always (might_sleep() in each, or in what they call). */
static bool may_sleep(const struct call *c, u32 id)
{
	static const u32 always[] = {CALL_vmalloc, CALL_vzalloc, CALL_msleep, CALL_request_irq,
				     CALL_free_irq};
	const char *gfp = strchr(call_info((enum call_id)id)->args, 'g');
	const char *out = strchr(call_info((enum call_id)id)->args, 'o');

	for (u32 k = 0; k < ARRAY_LEN(always); k++)
		if (always[k] == id)
			return true;
	if (!gfp)
		return false;
	/* An argument that is set takes no place on the stack. */
	return arg(c, (u32)(gfp - call_info((enum call_id)id)->args) - (out && out < gfp)) &
	       GFP_BIT_DIRECT_RECLAIM;
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
		handler_of(info->name)(&c, i->b);
	if (c.rc != LX_OK)
		vm_bug(e, lx_rc_text(c.rc));
	if (t->status == THREAD_BUG)
		return;
	if (info->result != RESULT_void)
		vm_push(e, c.result);
	if (c.has_out)
		vm_push(e, c.out);
	t->in_call = !lx_idle(&e->lx, c.level);
}

/* A pure call: only computes, so it may stand where one only looks. */
void calls_value(struct engine *e, const struct insn *i)
{
	struct call c = {.e = e, .n = i->a};
	const struct call_info *info = call_info((enum call_id)i->b);

	BUG_ON(info->state != CALL_PURE || i->a > ARRAY_LEN(c.a));
	for (u32 k = i->a; k-- > 0;)
		c.a[k] = vm_pop(e).v;
	handler_of(info->name)(&c, i->b);
	if (c.rc != LX_OK)
		vm_bug(e, lx_rc_text(c.rc));
	else
		vm_push(e, c.result);
}
