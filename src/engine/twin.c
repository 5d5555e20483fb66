/* SPDX-License-Identifier: MIT */
/*
 * dma-debug beside the kernel: composed here, as it knows neither hardware nor the kernel, and
 * asked through debugfs. A search runs without it, unless the program looks at what it says.
 */
#include "engine/vm_int.h"

#include "base/bug.h"
#include "dmadebug/dmadebug.h"

_Static_assert(FILE_DEBUG_DUMP - FILE_DEBUG_DISABLED == (int)DEBUG_FILE_DUMP &&
		   FILE_DEBUG_NUM_ERRORS - FILE_DEBUG_DISABLED == (int)DEBUG_FILE_NUM_ERRORS,
	       "files of dma-api/ stand in one order");

static u32 max_seg(const void *ctx, u32 dev)
{
	return lx_dma_get_max_seg_size(ctx, dev);
}

static u64 boundary(const void *ctx, u32 dev)
{
	return lx_dma_get_seg_boundary(ctx, dev);
}

void twin_claim(struct engine *e)
{
	const struct linux_config *lx = &e->cfg->lx;
	struct dmadebug_config c = {
	    .is_7 = lx->version >= LINUX_VERSION(7, 1),
	    .sg = lx->dma_debug_sg,
	    .off = lx->boot.off,
	    .asked = lx->boot.asked,
	    .entries = lx->boot.entries,
	    .driver = lx->boot.driver,
	    .l1_cache_bytes = lx->l1_cache_bytes,
	    .cache_alignment = lx->cache_alignment,
	    .kmalloc_bounce = lx->kmalloc_bounce,
	    .pool_active = lx->swiotlb.slots != 0,
	    .devs = e->cfg->hw.devs,
	    .ctx = &e->lx,
	    .max_seg = max_seg,
	    .boundary = boundary,
	};

	e->has_twin =
	    lx->dma_debug && !e->opt.no_dmadebug && (!e->opt.no_events || e->prog->looks_at_log);
	if (!e->has_twin)
		return;
	for (u32 d = 0; d < c.devs; d++) {
		c.dev[d].driver = e->cfg->hw.dev[d].name;
		c.dev[d].reports_leaks = e->cfg->hw.dev[d].bus == BUS_PCI;
	}
	dmadebug_init(&e->twin, e->w, &c, e->prog->looks_at_log);
	e->w->twin.ctx = &e->twin;
	e->w->twin.event = dmadebug_event;
}

void twin_boot(struct engine *e)
{
	if (e->has_twin)
		dmadebug_boot(&e->twin);
}

u64 twin_number(const struct engine *e, enum debugfs_file f)
{
	return e->has_twin
		   ? dmadebug_number(&e->twin, (enum dmadebug_file)(f - FILE_DEBUG_DISABLED))
		   : 0;
}

/* As a shell has it in $(cat FILE): without the newlines at the end. */
void twin_text(const struct engine *e, enum debugfs_file f, struct str *out)
{
	struct klog_words words = lx_words(&e->lx);

	if (e->has_twin)
		dmadebug_text(&e->twin, (enum dmadebug_file)(f - FILE_DEBUG_DISABLED), &words, out);
	while (out->n && out->s[out->n - 1] == '\n')
		out->s[--out->n] = 0;
}

/* kstrtoull() with base 0: the compiler has seen that it is one. */
static u64 number_of(const u8 *s, u32 n)
{
	bool hex = n > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	u64 v = 0;

	for (u32 i = hex ? 2 : 0; i < n; i++)
		v = v * (hex ? 16 : 10) + (u64)str_hex_digit((char)s[i]);
	return v;
}

void twin_echo(struct engine *e, enum debugfs_file f, const u8 *text, u32 n)
{
	enum dmadebug_file file = (enum dmadebug_file)(f - FILE_DEBUG_DISABLED);

	if (!e->has_twin)
		return;
	if (file == DEBUG_FILE_DRIVER_FILTER)
		dmadebug_filter(&e->twin, hw_party(&e->hw), text, n);
	else
		dmadebug_set(&e->twin, file, (u32)number_of(text, n));
}

bool engine_debug_on(const struct engine *e)
{
	return e->has_twin && !dmadebug_number(&e->twin, DEBUG_FILE_DISABLED);
}

u32 engine_debug_errors(const struct engine *e)
{
	return e->has_twin ? dmadebug_errors(&e->twin) : 0;
}

struct engine_debug engine_debug_error(const struct engine *e, u32 i)
{
	const struct dmadebug_error *x = dmadebug_error(&e->twin, i);

	_Static_assert((int)ENGINE_DEBUG_FILTERED == DEBUG_FILTERED &&
			   (int)ENGINE_DEBUG_ONLY_FIRST == DEBUG_ONLY_FIRST,
		       "the same reasons");
	return (struct engine_debug){x->id, x->why, x->event, x->stmt, x->step, x->line};
}
