/* SPDX-License-Identifier: MIT */
/*
 * One device of a model on a small machine, driven by hand: its registers, its steps, and memory as
 * the CPU sees it. The test program holds one at a time.
 */
#ifndef UNIT_DEVICE_RIG_H
#define UNIT_DEVICE_RIG_H

#include "unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "device/device.h"

enum { MIB = 1 << 20 };

static struct world *w;
static struct hw hw;
static struct hw_config cfg;
static const struct device_info *model;

/* A machine with that device alone, after its reset. */
static inline void rig_start(const struct device_info *of, struct device_config dev)
{
	model = of;
	cfg = (struct hw_config){
	    .line = 64,
	    .l1 = {.sets = 16, .ways = 2},
	    .ram = {{0, 512 * MIB}},
	    .rams = 1,
	    .linear_base = 0xffff000000000000,
	    .vmap_base = 0xffff800000000000,
	    .dir_slots = 64,
	    .devs = 1,
	    .dev = {dev},
	};
	w = world_new(false);
	world_set_cells(w, cfg.line, true, true, 2);
	hw_init(&hw, w, &cfg);
	model->claim(&hw, 0);
	hw_open(&hw);
	world_start(w);
	w->log = event_log_new();
	w->jn.on = false;
	model->reset(&hw, 0);
	w->jn.on = true;
}

static inline void stop(void)
{
	world_free(w);
}

/* What the CPU reads in a register of 32 bits. */
static inline u32 reg(u32 r)
{
	return (u32)mmio_read(&hw, 0, r, 4, false);
}

/* The CPU's oldest register write arrives. */
static inline void arrive(void)
{
	struct posted p = mmio_arrive(&hw, 0);

	model->written(&hw, 0, &p);
}

static inline void put_sized(u32 r, u64 v, u32 size)
{
	mmio_write(&hw, 0, r, size, v, false);
	arrive();
}

/* Steps of the device until it has nothing to do; their number. */
static inline u32 run(void)
{
	u32 steps = 0;

	for (; model->ready(&hw, 0); steps++) {
		ck_assert_uint_lt(steps, 10000);
		model->step(&hw, 0);
	}
	return steps;
}

/* The CPU stores bytes, and the device may look again. */
static inline void store(u64 pa, const void *data, u32 n)
{
	for (u32 i = 0; i < n; i++)
		ck_assert_int_eq(cpu_store(&hw, va_linear(&hw, (phys_addr_t){pa + i}), 1,
					   (const u8 *)data + i, STORE_PLAIN),
				 ACCESS_OK);
	if (model->changed)
		model->changed(&hw, 0);
}

/* What the CPU loads, n bytes from the lowest on. */
static inline u64 load(u64 pa, u32 n)
{
	u8 bytes[8];

	for (u32 i = 0; i < n; i++) {
		struct view v;
		u32 time;

		ck_assert_int_eq(
		    cpu_load(&hw, va_linear(&hw, (phys_addr_t){pa + i}), 1, false, 0, 0, &v, &time),
		    ACCESS_OK);
		bytes[i] = v.data[0];
	}
	return get_le(bytes, n);
}

/* An act of the author's; NULL: done, else why not. */
static inline const char *act(const char *name, const struct act_args *a)
{
	return device_act_find(model, name)->run(&hw, 0, a);
}

/* The device shall misbehave at the next occasion: enum misbehaviour. */
static inline void misbehave(u32 what)
{
	ck_assert_ptr_null(act("misbehave", &(struct act_args){.v = {what}}));
}

/* Every step of what it now has to do, at least so many, is taken back byte by byte. */
static inline void undo_all(u32 at_least)
{
	u8 *copy[64];
	struct mark m[64];
	u32 n = 0;

	while (n < ARRAY_LEN(m) && model->ready(&hw, 0)) {
		m[n] = world_mark(w);
		copy[n] = mem_zalloc(m[n].used, 1);
		memcpy(copy[n], w->rd, m[n].used);
		n++;
		model->step(&hw, 0);
	}
	ck_assert_uint_ge(n, at_least);
	while (n--) {
		world_undo(w, &m[n]);
		ck_assert_int_eq(memcmp(copy[n], w->rd, m[n].used), 0);
		mem_free(copy[n]);
	}
}

/* Events of a kind so far. */
static inline u32 count(enum event_kind kind)
{
	u32 n = 0;

	for (u32 i = 1; i <= w->log->n; i++)
		n += event_get(w->log, i)->kind == kind;
	return n;
}

#endif
