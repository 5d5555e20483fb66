/* SPDX-License-Identifier: MIT */
#include "unit/linux_fixture.h"

#include <string.h>

void box_config(struct box *b)
{
	memset(b, 0, sizeof *b);
	b->hc = (struct hw_config){
	    .line = 64,
	    .l1 = {.sets = 64, .ways = 8},
	    .ram = {{0, GIB}},
	    .rams = 1,
	    .linear_base = 0xffff000000000000,
	    .vmap_base = 0xffff800000000000,
	    .dir_slots = 1024,
	    .devs = 2,
	    .dev = {{.name = "nic", .address_bits = 64, .beat = 64},
		    {.name = "coh", .coherent = true, .address_bits = 64, .beat = 64}},
	};
	b->lc = (struct linux_config){
	    .arch = arch_row(ARCH_ID_ARM64),
	    .version = LINUX_VERSION(7, 1),
	    .dma_minalign = 128,
	    .l1_cache_bytes = 64,
	    .cache_alignment = 64,
	    .zone_dma32_limit = 4 * GIB - 1,
	    .reserved = MIB,
	};
}

void box_start(struct box *b)
{
	ck_assert_ptr_null(linux_config_problem(&b->lc, &b->hc));
	b->w = world_new(false);
	world_set_cells(b->w, b->hc.line, !b->blind, !b->blind, 1 + b->hc.devs);
	hw_init(&b->hw, b->w, &b->hc);
	lx_init(&b->lx, &b->hw, &b->lc);
	lx_sg_claim(&b->lx, b->lists, b->tables);
	hw_open(&b->hw);
	world_start(b->w);
	b->w->log = event_log_new();
}

void box_stop(struct box *b)
{
	world_free(b->w);
	str_free(&b->text);
}

static void drain_one(struct box *b)
{
	u32 ready = buffer_ready(&b->hw), i = 0;

	ck_assert_msg(ready, "blocked, and nothing can drain");
	while (!(ready >> i & 1))
		i++;
	ck_assert_int_eq(buffer_drain(&b->hw, i), ACCESS_OK);
}

u32 box_run(struct box *b, enum lx_level level)
{
	u32 steps = 0;

	for (;;) {
		bool blocked = lx_blocked(&b->lx, level);
		enum lx_step r = lx_step(&b->lx, level);

		ck_assert_int_ne(r, LX_OOPS);
		ck_assert_int_eq(r == LX_BLOCKED, blocked);
		if (r == LX_IDLE)
			return steps;
		if (r == LX_BLOCKED) {
			b->blocked++;
			drain_one(b);
		} else {
			steps++;
		}
		ck_assert_uint_lt(steps, 100000);
	}
}

static bool is_told(u32 kind)
{
	switch (kind) {
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
	case EV_DRAIN:
	case EV_FILL:
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_DMA_READ:
	case EV_DMA_WRITE:
		return false;
	default:
		return true;
	}
}

/* How a driver asked stands last; attributes are told of an unmap alone, which does as they say,
 * and where more follows them. */
static bool is_how(const struct event *e, const struct event_field *f)
{
	return (f->type_len == 3 && memcmp(f->type, "how", 3) == 0) ||
	       (f->type_len == 5 && memcmp(f->type, "attrs", 5) == 0 && e->kind != EV_UNMAP &&
		e->kind != EV_SG_MAP && e->kind != EV_SG_UNMAP);
}

const char *box_events(struct box *b)
{
	str_clear(&b->text);
	for (; b->seen < b->w->log->n; b->seen++) {
		const struct event *e = event_get(b->w->log, b->seen + 1);
		struct event_field f;

		if (!is_told(e->kind))
			continue;
		str_printf(&b->text, "%s%s(", b->text.n ? " " : "", event_info(e->kind)->name);
		for (u32 i = 0; event_field(e->kind, i, &f) && !is_how(e, &f); i++)
			str_printf(&b->text, "%s%llx", i ? " " : "", (unsigned long long)e->f[i]);
		str_add(&b->text, ")");
	}
	return str_get(&b->text);
}

u32 box_count(const struct box *b, enum event_kind kind)
{
	u32 n = 0;

	for (u32 i = 1; i <= b->w->log->n; i++)
		n += event_get(b->w->log, i)->kind == kind;
	return n;
}

void box_store(struct box *b, u64 pa, u8 value, u32 n)
{
	for (u32 i = 0; i < n; i++)
		ck_assert_int_eq(
		    cpu_store(&b->hw, va_linear(&b->hw, (phys_addr_t){pa + i}), 1, &value, false),
		    ACCESS_OK);
}

u8 box_load(struct box *b, cpu_addr_t va)
{
	struct view v;
	u32 time;

	ck_assert_int_eq(cpu_load(&b->hw, va, 1, false, 0, 0, &v, &time), ACCESS_OK);
	return v.data[0];
}

u8 box_memory(const struct box *b, u64 pa)
{
	u8 x;

	memory_peek(&b->hw, pa, &x, 1);
	return x;
}

void box_dma_write(struct box *b, u32 dev, u64 bus, u8 value, u32 n)
{
	for (u32 i = 0; i < n; i++)
		ck_assert(dma_write(&b->hw, dev, (dma_addr_t){bus + i}, 1, &value, false));
}

u8 box_dma_read(struct box *b, u32 dev, u64 bus)
{
	struct view v;

	ck_assert(dma_read(&b->hw, dev, (dma_addr_t){bus}, 1, &v));
	return v.data[0];
}

u64 box_kmalloc(struct box *b, u64 size)
{
	cpu_addr_t va;

	ck_assert_int_eq(lx_kmalloc(&b->lx, LX_DRIVER, size, 0, &va), LX_OK);
	ck_assert_uint_ne(va.va, 0);
	box_run(b, LX_DRIVER);
	return lx_virt_to_phys(&b->lx, va).pa;
}

u64 box_map(struct box *b, u32 dev, u64 pa, u64 size, u32 dir, u32 attrs)
{
	dma_addr_t h;

	ck_assert_int_eq(lx_dma_map_single(&b->lx, LX_DRIVER, dev,
					   lx_phys_to_virt(&b->lx, (phys_addr_t){pa}), size, dir,
					   attrs, &h),
			 LX_OK);
	box_run(b, LX_DRIVER);
	return h.bus;
}

void box_unmap(struct box *b, u32 dev, u64 h, u64 size, u32 dir, u32 attrs)
{
	ck_assert_int_eq(lx_dma_unmap(&b->lx, LX_DRIVER, dev, (dma_addr_t){h}, size, dir, attrs),
			 LX_OK);
	box_run(b, LX_DRIVER);
}

void box_sync_cpu(struct box *b, u32 dev, u64 h, u64 size, u32 dir)
{
	ck_assert_int_eq(lx_dma_sync_for_cpu(&b->lx, LX_DRIVER, dev, (dma_addr_t){h}, size, dir),
			 LX_OK);
	box_run(b, LX_DRIVER);
}

void box_sync_device(struct box *b, u32 dev, u64 h, u64 size, u32 dir)
{
	ck_assert_int_eq(lx_dma_sync_for_device(&b->lx, LX_DRIVER, dev, (dma_addr_t){h}, size, dir),
			 LX_OK);
	box_run(b, LX_DRIVER);
}

const char *box_log(struct box *b, u32 line)
{
	str_clear(&b->text);
	lx_log_line(&b->lx, line, &b->text);
	return str_get(&b->text);
}
