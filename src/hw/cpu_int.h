/* SPDX-License-Identifier: MIT */
/* What the files of the core share: never included outside hw/. */
#ifndef HW_CPU_INT_H
#define HW_CPU_INT_H

#include "hw/hw.h"

/* hw/cpu.c: where a store of n bytes at pa lands (fills on a miss), and what follows it. */
enum access cpu_place(struct hw *h, u64 pa, enum memtype type, u32 n, struct copyref *out);
void cpu_placed(struct hw *h, u64 pa, const struct copyref *c);
/* The copy behind the store buffer; n 0 where memory was never touched. */
struct copyref cpu_backing(const struct hw *h, u64 pa, u32 n, enum memtype type);

/* What core is to know of a store. */
static inline enum write_kind store_write(enum store_how how)
{
	return how == STORE_KERNEL ? WRITE_KNOWN : how == STORE_ONCE ? WRITE_MARKED : WRITE_PLAIN;
}

/* Where the names of a CPU's copies are: entries of the store buffer, then past versions. */
static inline u32 cpu_name_off(const struct hw *h, u32 cpu, u32 i)
{
	return h->names + (cpu * (STORE_BUFFER_MAX + PAST_MAX) + i) * 32;
}

/* hw/buffer.c */
struct copyref buffer_copy(const struct hw *h, u32 cpu, u32 entry, u32 at, u32 n);
enum access buffer_store(struct hw *h, u64 pa, enum memtype type, u32 n, const u8 *data,
			 enum store_how how);
void buffer_move(struct hw *h, u64 pa, const struct view *v);

/* hw/past.c: older versions that early loads may return. */
struct copyref past_copy(const struct hw *h, u32 cpu, u32 i, u32 at, u32 n);
/* The CPU that acts is about to change what the others would load at [pa, pa+n). */
void past_of_others(struct hw *h, u64 pa, u32 n);
/* The CPU's loads do not move across this point, as far as other CPUs are concerned. */
void past_order_smp(struct hw *h);
void past_view(const struct hw *h, u64 pa, u32 n, u32 age, u32 dep, struct view *v, u32 *time);
void past_loaded_far(struct hw *h, u64 pa, u32 n, u32 age, u32 dep, u32 *time);
static inline void past_loaded(struct hw *h, u64 pa, u32 n, u32 age, u32 dep, u32 *time)
{
	if (hw_cpu(h)->pasts)
		past_loaded_far(h, pa, n, age, dep, time);
}
static inline void past_stored(struct hw *h, u64 pa, u32 n)
{
	u32 time;

	past_loaded(h, pa, n, 0, 0, &time);
}

#endif
