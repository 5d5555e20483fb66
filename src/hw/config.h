/* SPDX-License-Identifier: MIT */
/*
 * What a machine is made of: filled from a platform file, constant during a run. What is not
 * modelled: caches of several cores that differ (hardware keeps them alike), DDIO, caches inside
 * devices, transaction layers of PCI.
 */
#ifndef HW_CONFIG_H
#define HW_CONFIG_H

#include "base/types.h"
#include "core/limits.h"

enum { WAYS_MAX = 64, RAM_MAX = 8, RANGES_MAX = 4, NAME_MAX_LEN = 63 };

enum replacement { REPLACE_LRU, REPLACE_CHOICE };
enum store_order { ORDER_TSO, ORDER_WEAK };
enum bus_kind { BUS_PLATFORM, BUS_PCI };
/* VTD: second level, as the kernel uses it without scalable mode; SMMU: stage 1; SMMU_S2: stage 2;
 * AMD: v1 tables. */
enum iommu_kind { IOMMU_NONE, IOMMU_VTD, IOMMU_SMMU, IOMMU_SMMU_S2, IOMMU_AMD };

struct cache_config {
	u32 sets, ways; /* 0 sets: there is no such cache */
	enum replacement replacement;
	bool write_through;
};

struct range {
	u64 base, size; /* bytes */
};

/* One for all devices that are behind one; each has tables of its own (a domain). */
struct iommu_config {
	enum iommu_kind kind;
	u32 granule;	  /* bytes of its smallest page: a power of two, at least 4096 */
	u32 address_bits; /* of the addresses that it takes */
};

/* One dma-ranges entry: the device's bus address cpu_base appears at bus_base. */
struct range_map {
	u64 cpu_base, bus_base, size;
};

struct device_config {
	char name[NAME_MAX_LEN + 1];
	bool coherent;	 /* its accesses look into the CPU's caches */
	bool untrusted;	 /* it came from outside, over a cable: the kernel trusts it in nothing */
	bool translated; /* the IOMMU translates what it says; else it is 1:1 */
	u32 address_bits;
	enum bus_kind bus; /* pci: message interrupts, ordered after its writes; else a wire */
	u32 beat;	   /* bytes it moves at a time: a power of two, at most 64 */
	struct range_map map[RANGES_MAX]; /* its bus addresses; none: bus = physical */
	u32 maps;
	u32 ring; /* descriptors of each ring of its model, if that has rings */
	/* Of a model with segments: the longest one, and what none may cross; powers of two. */
	u32 max_segment;
	u64 boundary;
	/* Ranges of registers with no order between them; none: all are one, from 0 on. */
	struct window {
		u32 lo, hi; /* offsets of the first and the last byte */
	} window[WINDOWS_MAX];
	u32 windows;
};

struct hw_config {
	u32 cpus; /* of the platform; 0 is 1. How many a run uses is the world's to say */
	u32 line; /* bytes; of all caches */
	struct cache_config l1, outer;
	u32 store_entries; /* 0: stores go straight to the cache */
	enum store_order order;
	bool mmio_passes; /* a relaxed register write may pass older stores */
	bool speculates;  /* fills lines that nobody asked for */
	bool early_loads; /* a weak core may load earlier than written */
	bool big_endian;
	struct range ram[RAM_MAX];
	u32 rams;
	u64 linear_base; /* virtual address of physical 0 */
	u64 vmap_base;	 /* where remapped and vmalloc memory is */
	u32 dir_slots;	 /* power of two: pages of memory that may be touched, times 4/3 */
	struct iommu_config iommu;
	struct device_config dev[DEVICES_MAX];
	u32 devs;
};

/*
 * The physical address where a device's registers begin: of a window of 64 KiB, where there is no
 * memory. Model: nothing answers a device there: no root complex of these machines passes on what
 * one device sends to another.
 */
u64 hw_mmio_base(const struct hw_config *c, u32 dev);

#endif
