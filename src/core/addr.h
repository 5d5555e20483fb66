/* SPDX-License-Identifier: MIT */
/*
 * The three address spaces of a driver, as three types that the compiler keeps apart, as in the
 * kernel's Documentation/core-api/dma-api-howto.rst: what the CPU uses (virtual), where the bytes
 * are (physical), what a device puts on its bus. Conversions are functions with names: the page
 * tables of the CPU (hw/va.h), the device's range map and the bounce pool (linux/).
 */
#ifndef CORE_ADDR_H
#define CORE_ADDR_H

#include "base/types.h"

typedef struct {
	u64 va;
} cpu_addr_t;

typedef struct {
	u64 pa;
} phys_addr_t;

typedef struct {
	u64 bus;
} dma_addr_t;

/* What dma_map_*() returns when it fails (include/linux/dma-mapping.h). 0 is a good address. */
#define DMA_MAPPING_ERROR (~(u64)0)

/* enum dma_data_direction, include/linux/dma-direction.h: the kernel's numbers. */
enum dma_dir { DMA_BIDIRECTIONAL = 0, DMA_TO_DEVICE = 1, DMA_FROM_DEVICE = 2, DMA_NONE = 3 };

/*
 * A party of semantics: who acts, and who is entitled to know. The kernel runs on a CPU. The CPUs
 * beside CPU 0 stand behind the devices.
 */
enum { PARTY_CPU = 0, PARTY_DEVICE = 1 /* + index of the device */ };

static inline u8 party_of_cpu(u32 cpu, u32 devs)
{
	return (u8)(cpu ? devs + cpu : PARTY_CPU);
}

static inline bool party_is_cpu(u32 party, u32 devs)
{
	return party == PARTY_CPU || party > devs;
}

/* The number of a CPU; only for parties that are one. */
static inline u32 party_cpu(u32 party, u32 devs)
{
	return party ? party - devs : 0;
}

#endif
