/* SPDX-License-Identifier: MIT */
/* Kernel calls around DMA: interrupts, time, other CPUs, the log, scatterlists as such. */
#include "base/bug.h"
#include "engine/call_int.h"

enum {
	EBUSY_VALUE = 16,
	SLEEP_STEPS = 1000, /* so much do other CPUs while the driver sleeps */
	FLUSH_MS = 10,	    /* IOVA_DEFAULT_FQ_TIMEOUT: drivers/iommu/dma-iommu.c */
};

void calls_irq(struct call *c, u32 id)
{
	struct engine *e = c->e;
	const struct cpu_state *cpu = hw_cpu(&e->hw);
	u32 dev = (u32)call_arg(c, 0);

	switch (id) {
	case CALL_request_irq:
		W_SET(e->w, hw_dev(&e->hw, dev)->irq_handler, (u32)call_arg(c, 1) + 1);
		EMIT(e->w, REQUEST_IRQ, hw_party(&e->hw), (u16)dev, 0);
		break;
	case CALL_free_irq:
		W_SET(e->w, hw_dev(&e->hw, dev)->irq_handler, 0u);
		EMIT(e->w, FREE_IRQ, hw_party(&e->hw), (u16)dev, 0);
		break;
	case CALL_local_irq_disable:
		W_SET(e->w, cpu->irq_off, cpu->irq_off | 1);
		EMIT(e->w, IRQ_MASK, hw_party(&e->hw), 0, 1);
		break;
	case CALL_local_irq_enable:
		W_SET(e->w, cpu->irq_off, cpu->irq_off & ~1u);
		EMIT(e->w, IRQ_MASK, hw_party(&e->hw), 0, 0);
		break;
	case CALL_dev_err:
	case CALL_dev_info:
		KLOG(e->w, DRIVER, hw_party(&e->hw), dev, call_arg(c, 1) & ~BYTES_CONST, c->len[1]);
		break;
	case CALL_device_release_driver: /* remove's steps stand behind the call */
		break;
	case CALL_msleep:
		actions_time_passes(e, SLEEP_STEPS);
		lx_atomic_refill(&e->lx);
		lx_slots_grow(&e->lx);
		for (u32 d = 0; d < e->cfg->hw.devs && call_arg(c, 0) >= FLUSH_MS; d++)
			if (lx_flush_waits(&e->lx, d) && !hw_is_held(&e->hw, HELD_IOTLB, 0))
				lx_flush(&e->lx, d);
		break;
	default: /* udelay(), cpu_relax(): time passes, which is choices; logs say it */
		actions_time_passes(e, 1);
		break;
	}
}

/* What is managed of a device is released, the youngest first. False: the kernel has died. */
static bool release(struct engine *e, u32 dev)
{
	struct lx_managed next = {0};
	enum lx_rc rc = LX_OK;

	while (rc == LX_OK && lx_devres_next(&e->lx, dev, &next)) {
		if (next.pool)
			oracle_pool_destroying(&e->oracle, next.pool);
		rc = lx_devres_release(&e->lx, dev);
	}
	if (rc != LX_OK && next.destroyed)
		vm_bug_at(e, next.destroyed,
			  "dma_pool_destroy() leaves a managed pool with devres, which destroys it "
			  "again as the driver goes: dmam_pool_destroy() belongs here");
	else if (rc != LX_OK)
		vm_bug(e, lx_rc_text(rc));
	return rc == LX_OK;
}

void calls_unbind(struct engine *e, const struct insn *i)
{
	u32 one = i->a == 0 ? (u32)vm_pop(e).v : ~0u;

	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		if (one != ~0u && d != one)
			continue;
		if (!release(e, d))
			return;
		if (i->a != 2) /* after a failed probe there was no driver that could leave */
			lx_unbind(&e->lx, d);
	}
	vm_advance(e);
}

void calls_work(struct call *c, u32 id)
{
	u32 fn = (u32)call_arg(c, id == CALL_schedule_work_on ? 1 : 0);

	if (id == CALL_flush_work)
		work_flushed(c->e, fn);
	else if (!work_queue(c->e, call_arg(c, 0), fn))
		vm_bug(c->e, "work for a CPU that is not there, or that runs the driver");
}

void calls_sglist(struct call *c, u32 id)
{
	c->rc = sg_call(c->e, id, c->a, &c->result);
}
